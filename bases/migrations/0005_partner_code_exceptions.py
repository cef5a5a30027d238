import django.db.models.deletion
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [("bases", "0004_category_aliases")]

    operations = [
        Together(
            [
                migrations.AlterField(
                    model_name="partnerunit",
                    name="credit_code",
                    field=models.CharField(max_length=18, unique=True, verbose_name="统一社会信用代码"),
                ),
                migrations.AddField(
                    model_name="partnerunit",
                    name="code_exception_reason",
                    field=models.CharField(blank=True, max_length=300, verbose_name="校验码不符仍予登记的理由"),
                ),
                migrations.AddField(
                    model_name="partnerunit",
                    name="code_exception_scan",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                        verbose_name="证照扫描件",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="partnerunit",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("code_exception_reason", ""),
                            ("code_exception_scan", None),
                        )
                        | models.Q(
                            models.Q(("code_exception_reason", ""), _negated=True),
                            ("code_exception_scan__isnull", False),
                        ),
                        name="code_exception_has_reason_and_scan",
                    ),
                ),
            ]
        ),
    ]
