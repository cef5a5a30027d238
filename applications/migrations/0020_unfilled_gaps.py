import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from portal.migrating import Together

SCORED_IN = {"application": "in_review", "assessment": "assessing", "reassessment": "reassessing"}
OVER = "本规则启用前评审已经结束，空缺不再补派。"
SEEN = "本规则启用前评分表已按当时的专家收齐、得分已经显示，空缺不再补派。"


def settle_what_was_decided(apps, schema_editor):
    """Of the panels that began before: what is over, and what has been read, stays as it came out; the others wait for their gaps."""
    assignments = apps.get_model("applications", "Assignment").objects
    followed: set[int] = set()
    for each in assignments.exclude(replaces=None).order_by("pk").only("replaces_id"):
        if each.replaces_id in followed:
            assignments.filter(pk=each.pk).update(replaces=None)
        followed.add(each.replaces_id)
    ended = assignments.filter(panel__started=True, status__in=["recused", "declined", "released"])
    vacant = ended.exclude(pk__in=followed)
    panels = (
        apps.get_model("applications", "Panel").objects.filter(pk__in=vacant.values("panel")).select_related("base")
    )
    for panel in panels:
        reason = ""
        newer = apps.get_model("applications", "Panel").objects.filter(base=panel.base_id, pk__gt=panel.pk)
        if panel.aggregate is not None or panel.base.state != SCORED_IN[panel.purpose] or newer.exists():
            reason = OVER
        else:
            statuses = list(assignments.filter(panel=panel).values_list("status", flat=True))
            if "assigned" not in statuses and statuses.count("submitted") >= max(panel.required, 1):
                reason = SEEN
        if reason:
            mine = list(vacant.filter(panel=panel).values_list("pk", flat=True))
            assignments.filter(pk__in=mine).update(unfilled_reason=reason, unfilled_on=timezone.localdate())


# Before this step nobody could record that a gap stays unfilled; a record that is never changed goes only with its kind.
FORGET_DECISIONS = [
    "ALTER TABLE applications_recusalrecord DISABLE TRIGGER USER",
    "DELETE FROM applications_recusalrecord WHERE act = 'unfilled'",
    "ALTER TABLE applications_recusalrecord ENABLE TRIGGER USER",
]


def nothing(apps, schema_editor):
    """What was settled goes with its columns."""


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0019_result_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.RemoveConstraint(model_name="recusalrecord", name="recusal_act_known"),
                migrations.AddField(
                    model_name="assignment",
                    name="needs_nobody",
                    field=models.BooleanField(default=False, verbose_name="不需要接替"),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="unfilled_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="unfilled_on",
                    field=models.DateField(blank=True, null=True, verbose_name="决定不再补派日期"),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="unfilled_reason",
                    field=models.CharField(blank=True, max_length=300, verbose_name="不再补派的原因"),
                ),
                migrations.AddField(
                    model_name="panel",
                    name="was_open",
                    field=models.BooleanField(default=False, verbose_name="得分显示过"),
                ),
                migrations.AlterField(
                    model_name="recusalrecord",
                    name="act",
                    field=models.CharField(
                        choices=[
                            ("free", "声明无利害关系"),
                            ("recused", "专家回避"),
                            ("declined", "专家谢绝"),
                            ("released", "撤换"),
                            ("found", "平台发现应当回避"),
                            ("removed", "查实利害关系，移出评审组"),
                            ("restored", "恢复"),
                            ("unfilled", "不再补派"),
                        ],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
            ]
        ),
        migrations.RunPython(settle_what_was_decided, nothing),
        # Deferred checks of the rows above are done before their tables are altered again.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        Together(
            [
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(fields=("replaces",), name="gap_filled_once"),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("unfilled_by", None), ("unfilled_on", None), ("unfilled_reason", "")),
                            models.Q(("unfilled_on__isnull", False), models.Q(("unfilled_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="unfilled_with_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("unfilled_on", None),
                            models.Q(("status__in", ["assigned", "submitted"]), _negated=True),
                            _connector="OR",
                        ),
                        name="unfilled_is_who_has_left",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="recusalrecord",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "act__in",
                                ["free", "recused", "declined", "released", "found", "removed", "restored", "unfilled"],
                            )
                        ),
                        name="recusal_act_known",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET_DECISIONS),
    ]
