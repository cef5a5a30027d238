import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together

# What the register as it was before calls the kinds that it did not know.
BEFORE = {
    "project_notice": "recognition",
    "rectification": "criticism",
    "reassessment_notice": "reassessment",
    "other": "recognition",
}


def publish_the_departments(apps, schema_editor):
    """What the department had registered stood on the public pages."""
    apps.get_model("bases", "OfficialDocument").objects.filter(issuer_unit=None).update(is_public=True)


def forget_new_kinds(apps, schema_editor):
    """The kinds fall together again; what was withdrawn, or is not public, has no place in the register as it was."""
    kept = apps.get_model("bases", "OfficialDocument").objects.filter(issuer_unit=None)
    if kept.exclude(withdrawn_on=None).exists() or kept.filter(is_public=False).exists():
        raise RuntimeError("documents are withdrawn or not public; the earlier register would show them as in force")
    for kind, before in BEFORE.items():
        apps.get_model("bases", "OfficialDocument").objects.filter(kind=kind).update(kind=before)


class Migration(migrations.Migration):
    dependencies = [
        ("bases", "0007_objection_days"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="OfficeText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=40, verbose_name="文稿")),
                        ("version", models.PositiveIntegerField(verbose_name="版本")),
                        ("title", models.CharField(blank=True, max_length=200, verbose_name="标题")),
                        ("text", models.TextField(blank=True, verbose_name="正文")),
                        ("saved_on", models.DateField(verbose_name="保存日期")),
                        ("saved_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "verbose_name": "文稿",
                        "ordering": ["kind", "-version"],
                    },
                ),
                migrations.AlterModelOptions(
                    name="officialdocument",
                    options={"ordering": ["-year", "-serial"], "verbose_name": "公文"},
                ),
                migrations.RemoveConstraint(
                    model_name="officialdocument",
                    name="document_kind_known",
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="addressee",
                    field=models.CharField(blank=True, max_length=120, verbose_name="主送机关"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="annexes",
                    field=models.JSONField(blank=True, default=list, verbose_name="附件"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="is_public",
                    field=models.BooleanField(default=False, verbose_name="向社会公开"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="pdf",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                        verbose_name="正式文本",
                    ),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="pdf_job",
                    field=models.CharField(blank=True, max_length=200),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="record",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.issuedrecord",
                        verbose_name="核验记录",
                    ),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="scanned_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="scanned_on",
                    field=models.DateField(blank=True, null=True, verbose_name="扫描件登记日期"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="text",
                    field=models.TextField(blank=True, verbose_name="正文"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="withdrawn_because",
                    field=models.CharField(blank=True, max_length=300, verbose_name="撤回理由"),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="withdrawn_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="officialdocument",
                    name="withdrawn_on",
                    field=models.DateField(blank=True, null=True, verbose_name="撤回日期"),
                ),
                migrations.AlterField(
                    model_name="officialdocument",
                    name="file",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                        verbose_name="盖章扫描件",
                    ),
                ),
                migrations.AlterField(
                    model_name="officialdocument",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("cover_letter", "报送函"),
                            ("recognition", "认定文件"),
                            ("project_notice", "立项通知"),
                            ("commendation", "表彰与称号授予文件"),
                            ("criticism", "通报"),
                            ("rectification", "整改通知"),
                            ("reassessment_notice", "复评通知"),
                            ("reassessment", "复评结果通知"),
                            ("assessment", "考核结果通知"),
                            ("revocation", "撤销决定"),
                            ("withdrawal", "自主撤销备案"),
                            ("other", "其他公文"),
                        ],
                        max_length=20,
                        verbose_name="文种",
                    ),
                ),
            ]
        ),
        migrations.RunPython(publish_the_departments, forget_new_kinds),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="officialdocument",
                    trigger=pgtrigger.compiler.Trigger(
                        name="registered_document_is_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."issuer_unit_id" IS DISTINCT FROM (NEW."issuer_unit_id") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."serial" IS DISTINCT FROM (NEW."serial") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."addressee" IS DISTINCT FROM (NEW."addressee") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."annexes" IS DISTINCT FROM (NEW."annexes") OR OLD."document_date" IS DISTINCT FROM (NEW."document_date") OR OLD."published_on" IS DISTINCT FROM (NEW."published_on") OR OLD."registered_by_id" IS DISTINCT FROM (NEW."registered_by_id") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="3378254b97638e3c2755f835b5648d9c9cecd41d",
                            operation="UPDATE",
                            pgid="pgtrigger_registered_document_is_frozen_48fef",
                            table="bases_officialdocument",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="officialdocument",
                    trigger=pgtrigger.compiler.Trigger(
                        name="documents_are_not_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="6a44b229a4a0bb1476b354ffa5628050f7319318",
                            operation="DELETE",
                            pgid="pgtrigger_documents_are_not_deleted_15163",
                            table="bases_officialdocument",
                            when="BEFORE",
                        ),
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
                                    "project_notice",
                                    "commendation",
                                    "criticism",
                                    "rectification",
                                    "reassessment_notice",
                                    "reassessment",
                                    "assessment",
                                    "revocation",
                                    "withdrawal",
                                    "other",
                                ],
                            )
                        ),
                        name="document_kind_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officialdocument",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_because", ""), ("withdrawn_on", None)),
                            models.Q(
                                ("withdrawn_on__gte", models.F("document_date")),
                                models.Q(("withdrawn_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_document_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officialdocument",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("scanned_on", None), ("file__isnull", False), _connector="OR"),
                        name="scan_of_a_document_has_its_file",
                    ),
                ),
                migrations.AddField(
                    model_name="officetext",
                    name="issuer_unit",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.trainingunit",
                        verbose_name="发文单位",
                    ),
                ),
                migrations.AddField(
                    model_name="officetext",
                    name="saved_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officetext",
                    constraint=models.UniqueConstraint(
                        fields=("kind", "issuer_unit", "version"),
                        name="office_text_version_unique",
                        nulls_distinct=False,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officetext",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="office_text_counts_from_one"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="officetext",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), ("title", "")),
                            models.Q(models.Q(("title", ""), _negated=True), models.Q(("text", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="office_text_is_whole",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="officetext",
                    trigger=pgtrigger.compiler.Trigger(
                        name="office_texts_append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="0511e4a1567b895224864efa324c9f15476c4578",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_office_texts_append_only_645d2",
                            table="bases_officetext",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
