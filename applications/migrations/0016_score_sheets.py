import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0015_assignment_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # One wall for the three: what is below 0 would be refused by either of the two before.
        Together(
            [
                migrations.RemoveConstraint(model_name="criterion", name="criterion_points_positive"),
                migrations.RemoveConstraint(model_name="criterion", name="criterion_limits_in_order"),
                migrations.AddConstraint(
                    model_name="criterion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("floor__gte", 0), ("floor__lt", models.F("points")), ("points__gt", 0)),
                        name="criterion_limits_in_order",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="criterion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="criteria_are_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF EXISTS (\n    SELECT FROM applications_rubric WHERE state <> 'draft'\n    AND (TG_OP <> 'INSERT' AND id = OLD.rubric_id OR TG_OP <> 'DELETE' AND id = NEW.rubric_id)\n) THEN\n    RAISE EXCEPTION 'criteria_are_frozen: the criteria of a rubric that was put in force do not change';\nEND IF;\nRETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n",
                            hash="204023be1b64f1a97186a9ecbbb1c49fc2881bab",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_criteria_are_frozen_a75b5",
                            table="applications_criterion",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="rubric",
                    trigger=pgtrigger.compiler.Trigger(
                        name="rubric_is_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF OLD.state = 'draft' THEN\n    IF TG_OP = 'UPDATE' AND NEW.state = 'in_force' AND (\n        SELECT COALESCE(sum(points), 0) FROM applications_criterion WHERE rubric_id = NEW.id\n    ) <> 100 THEN\n        RAISE EXCEPTION 'rubric_is_frozen: the points of a rubric in force come to 100';\n    END IF;\n    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\nEND IF;\nIF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')\n    OR (NEW.purpose, NEW.version, NEW.name, NEW.note) IS DISTINCT FROM (OLD.purpose, OLD.version, OLD.name, OLD.note)\n    OR (NEW.drafted_by_id, NEW.put_in_force_by_id, NEW.in_force_from)\n        IS DISTINCT FROM (OLD.drafted_by_id, OLD.put_in_force_by_id, OLD.in_force_from)\nTHEN\n    RAISE EXCEPTION 'rubric_is_frozen: a rubric that was put in force does not change';\nEND IF;\nRETURN NEW;\n",
                            hash="7578ea56e8fef25c5d631ee87bc12bb9a02e1e64",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_rubric_is_frozen_52071",
                            table="applications_rubric",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="score",
                    trigger=pgtrigger.compiler.Trigger(
                        name="scores_are_locked",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF EXISTS (\n    SELECT FROM applications_scoresheet WHERE submitted_on IS NOT NULL\n    AND (TG_OP <> 'INSERT' AND id = OLD.sheet_id OR TG_OP <> 'DELETE' AND id = NEW.sheet_id)\n) THEN\n    RAISE EXCEPTION 'scores_are_locked: the points of a sheet that was handed in do not change';\nEND IF;\nRETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n",
                            hash="774a65634853668fdc9d6b5617d8ae5a7f53b087",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_scores_are_locked_ead87",
                            table="applications_score",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="scoresheet",
                    trigger=pgtrigger.compiler.Trigger(
                        name="sheet_is_locked",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF OLD.submitted_on IS NULL THEN\n    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\nEND IF;\nIF TG_OP = 'DELETE'\n    OR (NEW.assignment_id, NEW.comment, NEW.committee_comment)\n        IS DISTINCT FROM (OLD.assignment_id, OLD.comment, OLD.committee_comment)\n    OR (NEW.submitted_on IS NOT NULL AND (NEW.submitted_on, NEW.submitted_at, NEW.revision)\n        IS DISTINCT FROM (OLD.submitted_on, OLD.submitted_at, OLD.revision))\nTHEN\n    RAISE EXCEPTION 'sheet_is_locked: a sheet that was handed in does not change';\nEND IF;\nRETURN NEW;\n",
                            hash="cc9fb18b013a11b6aa80d8e1050e5b39a94aaaac",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_sheet_is_locked_a1472",
                            table="applications_scoresheet",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="sheetunlock",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unlocks_append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="70661e314395ec7dbf326bf594451a051d31739a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_unlocks_append_only_03e9d",
                            table="applications_sheetunlock",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("put_in_force_by", None),
                            ("drafted_by", None),
                            models.Q(("put_in_force_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="rubric_four_eyes",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "draft"), _negated=True),
                            models.Q(("in_force_from", None), ("put_in_force_by", None)),
                            _connector="OR",
                        ),
                        name="rubric_draft_is_not_in_force",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("retired_on", None), ("state", "retired"), _connector="OR"),
                        name="rubric_with_an_end_is_retired",
                    ),
                ),
            ]
        ),
    ]
