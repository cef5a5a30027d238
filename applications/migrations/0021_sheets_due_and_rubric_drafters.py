import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


def keep_who_drafted(apps, schema_editor):
    """Who saved a version last is known; who saved it before them was not kept."""
    drafters = apps.get_model("applications", "RubricDrafter")
    known = apps.get_model("applications", "Rubric").objects.exclude(drafted_by=None)
    drafters.objects.bulk_create(
        drafters(rubric_id=rubric, user_id=user) for rubric, user in known.values_list("pk", "drafted_by_id")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0020_unfilled_gaps"),
        ("bases", "0010_review_result_document"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="RubricDrafter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "rubric",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafters",
                                to="applications.rubric",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "指标体系起草人",
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("rubric", "user"), name="rubric_drafter_once"),
                        ],
                    },
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="rubric",
                    name="rubric_is_frozen",
                ),
                migrations.AddField(
                    model_name="round",
                    name="sheets_due_on",
                    field=models.DateField(blank=True, null=True, verbose_name="评分表提交截止"),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="rubric",
                    trigger=pgtrigger.compiler.Trigger(
                        name="rubric_is_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF OLD.state = 'draft' THEN\n    IF TG_OP = 'UPDATE' AND NEW.state = 'in_force' AND (\n        SELECT COALESCE(sum(points), 0) FROM applications_criterion WHERE rubric_id = NEW.id\n    ) <> 100 THEN\n        RAISE EXCEPTION 'rubric_is_frozen: the points of a rubric in force come to 100';\n    END IF;\n    IF TG_OP = 'UPDATE' AND NEW.put_in_force_by_id IS NOT NULL AND EXISTS (\n        SELECT FROM applications_rubricdrafter WHERE rubric_id = NEW.id AND user_id = NEW.put_in_force_by_id\n    ) THEN\n        RAISE EXCEPTION 'rubric_is_frozen: nobody puts a rubric in force on which they drafted';\n    END IF;\n    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\nEND IF;\nIF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')\n    OR (NEW.purpose, NEW.version, NEW.name, NEW.note) IS DISTINCT FROM (OLD.purpose, OLD.version, OLD.name, OLD.note)\n    OR (NEW.drafted_by_id, NEW.put_in_force_by_id, NEW.in_force_from)\n        IS DISTINCT FROM (OLD.drafted_by_id, OLD.put_in_force_by_id, OLD.in_force_from)\nTHEN\n    RAISE EXCEPTION 'rubric_is_frozen: a rubric that was put in force does not change';\nEND IF;\nRETURN NEW;\n",
                            hash="a3074cdace41322335c519a4d8e5a27a86945dc0",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_rubric_is_frozen_52071",
                            table="applications_rubric",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="round",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("sheets_due_on", None), ("sheets_due_on__gte", models.F("opens_on")), _connector="OR"
                        ),
                        name="sheets_due_after_it_opens",
                    ),
                ),
            ]
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rubricdrafter",
            trigger=pgtrigger.compiler.Trigger(
                name="drafters_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM applications_rubric WHERE id = OLD.rubric_id AND state <> 'draft') THEN\n    RAISE EXCEPTION 'drafters_stay: who drafted on a rubric stays with it';\nEND IF;\nRETURN OLD;\n",
                    hash="bda04f1748e46aaff23f9aa65791a6fc846b0ae7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_drafters_stay_9d106",
                    table="applications_rubricdrafter",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(keep_who_drafted, migrations.RunPython.noop),
    ]
