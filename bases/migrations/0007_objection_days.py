import django.core.validators
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("bases", "0006_applicant_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="policy",
                    name="notice_working_days_max",
                    field=models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="公示期上限（工作日，惯例）",
                    ),
                ),
                migrations.AddField(
                    model_name="policy",
                    name="objection_accept_days",
                    field=models.PositiveSmallIntegerField(
                        default=3,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="异议受理期限（工作日，惯例）",
                    ),
                ),
                migrations.AddField(
                    model_name="policy",
                    name="objection_conclude_days",
                    field=models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="异议办结期限（工作日，惯例）",
                    ),
                ),
                migrations.AddField(
                    model_name="policy",
                    name="objection_extension_days",
                    field=models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="异议办结延期（工作日，惯例）",
                    ),
                ),
            ]
        ),
        # Versions are never edited, which a trigger guards; one with a longer period keeps it as its own upper bound.
        migrations.RunSQL(
            [
                "ALTER TABLE bases_policy DISABLE TRIGGER USER",
                "UPDATE bases_policy SET notice_working_days_max = notice_working_days"
                " WHERE notice_working_days > notice_working_days_max",
                "ALTER TABLE bases_policy ENABLE TRIGGER USER",
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notice_working_days__lte", models.F("notice_working_days_max")),
                    ("notice_working_days_max__range", (1, 60)),
                ),
                name="policy_notice_days_in_order",
                violation_error_message="公示期不能超过公示期上限，上限不能超过 60 个工作日。",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("objection_accept_days__range", (1, 60)),
                    ("objection_conclude_days__range", (1, 60)),
                    ("objection_extension_days__range", (1, 60)),
                ),
                name="policy_objection_days_within_reason",
                violation_error_message="异议的受理、办结和延期期限都应在 1 到 60 个工作日之间。",
            ),
        ),
    ]
