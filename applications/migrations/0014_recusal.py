import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def declared_with_the_sheet(apps, schema_editor):
    """Who handed a sheet in before pledged on it that nothing spoke against their scoring: that is their declaration."""
    assignment = apps.get_model("applications", "Assignment")
    for each in assignment.objects.filter(status="submitted", declared_on=None).select_related("sheet"):
        sheet = getattr(each, "sheet", None)
        each.declared_on = sheet.submitted_on if sheet and sheet.submitted_on else each.assigned_on
        each.save(update_fields=["declared_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0013_expert_pool"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecusalRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("free", "声明无利害关系"),
                            ("recused", "专家回避"),
                            ("declined", "专家谢绝"),
                            ("released", "撤换"),
                            ("found", "平台发现应当回避"),
                            ("removed", "查实利害关系，移出评审组"),
                            ("restored", "恢复"),
                        ],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
                ("rule", models.SlugField(blank=True, max_length=20, verbose_name="回避规则")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                ("with_sheet", models.BooleanField(default=False, verbose_name="当时已提交评分表")),
                ("recorded_on", models.DateField(verbose_name="日期")),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusal_records",
                        to="applications.assignment",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "回避与更换记录",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("act__in", ["free", "recused", "declined", "released", "found", "removed", "restored"])
                        ),
                        name="recusal_act_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("act", "free"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="recusal_record_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("act", "found"), ("recorded_by__isnull", False), _connector="OR"),
                        name="recusal_recorded_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunPython(declared_with_the_sheet, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "submitted"), _negated=True), ("declared_on__isnull", False), _connector="OR"
                ),
                name="sheet_after_declaring_no_conflict",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recusalrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="recusal_records_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4e5731a5efb91ccbb80c4525778111e84c441ea1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_recusal_records_stay_d2a26",
                    table="applications_recusalrecord",
                    when="BEFORE",
                ),
            ),
        ),
    ]
