import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=40, verbose_name="用途")),
                ("subject", models.CharField(max_length=60, verbose_name="对象")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("wrong", models.PositiveIntegerField(default=0, verbose_name="错误数")),
                ("errors", models.JSONField(blank=True, default=list, verbose_name="错误")),
                ("preview", models.JSONField(blank=True, default=list, verbose_name="预览")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="写入时间")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                        verbose_name="文件",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "导入检查",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["purpose", "subject"], name="import_check_by_subject")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("applied_at", None), ("wrong", 0), _connector="OR"),
                        name="only_a_faultless_import_is_applied",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_at", None), ("applied_at__gte", models.F("made_at")), _connector="OR"
                        ),
                        name="import_applied_after_its_check",
                    ),
                ],
            },
        ),
    ]
