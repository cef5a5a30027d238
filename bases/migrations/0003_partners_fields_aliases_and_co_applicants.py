import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


def stay(apps, schema_editor):
    """Nothing to carry forward."""


def find_the_nearest_kind(apps, schema_editor):
    """Before there were 事业单位 and 报送函, their rows had these kinds, or would have had."""
    apps.get_model("bases", "PartnerUnit").objects.filter(kind="public_institution").update(kind="enterprise")
    apps.get_model("bases", "OfficialDocument").objects.filter(kind="cover_letter").update(kind="recognition")


class Migration(migrations.Migration):
    dependencies = [
        ("bases", "0002_reference_data"),
        ("portal", "0002_import_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="CategoryAlias",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                blank=True,
                                max_length=4,
                                validators=[django.core.validators.RegexValidator("^[0-9]{4}$")],
                                verbose_name="旧代码",
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="旧名称")),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="aliases",
                                to="bases.degreecategory",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专业学位类别旧称",
                        "ordering": ["code", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("category", "code", "name"), name="alias_once_per_category"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^([0-9]{4})?$")), name="alias_code_four_digits"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True), name="alias_has_a_name"
                            ),
                        ],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="officialdocument",
                    name="document_kind_known",
                ),
                migrations.RemoveConstraint(
                    model_name="partnerunit",
                    name="partner_unit_kind_of_article_7_2",
                ),
                migrations.AddField(
                    model_name="base",
                    name="co_applicants",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="共同填报人"
                    ),
                ),
                migrations.AddField(
                    model_name="categoryauthorisation",
                    name="fields",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="领域",
                    ),
                ),
                migrations.AlterField(
                    model_name="officialdocument",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("cover_letter", "报送函"),
                            ("recognition", "认定文件"),
                            ("commendation", "表彰与称号授予文件"),
                            ("criticism", "通报"),
                            ("reassessment", "复评结果通知"),
                            ("assessment", "考核结果通知"),
                            ("revocation", "撤销决定"),
                            ("withdrawal", "自主撤销备案"),
                        ],
                        max_length=20,
                        verbose_name="文种",
                    ),
                ),
                migrations.AlterField(
                    model_name="partnerunit",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("government", "地方政府及职能部门"),
                            ("enterprise", "企业"),
                            ("public_institution", "事业单位"),
                            ("institute", "科研院所"),
                            ("social", "其他社会组织"),
                        ],
                        max_length=20,
                        verbose_name="性质",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officialdocument",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "cover_letter",
                                    "recognition",
                                    "commendation",
                                    "criticism",
                                    "reassessment",
                                    "assessment",
                                    "revocation",
                                    "withdrawal",
                                ],
                            )
                        ),
                        name="document_kind_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="partnerunit",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["government", "enterprise", "public_institution", "institute", "social"])
                        ),
                        name="partner_unit_kind_of_article_7_2",
                    ),
                ),
            ]
        ),
        # Last, so that it is first on the way back, while the walls of now still stand.
        migrations.RunPython(stay, find_the_nearest_kind),
    ]
