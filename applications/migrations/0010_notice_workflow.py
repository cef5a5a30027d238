import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

from portal.migrating import Together

NOW = "SET CONSTRAINTS ALL IMMEDIATE"  # rows with checks still to come cannot be followed by a change of their table


def carry_over(apps, schema_editor):
    """Every notice of before is out: whoever published it had drafted it, on the same day."""
    notices = apps.get_model("applications", "PublicNotice").objects
    notices.update(drafted_by_id=F("published_by_id"), drafted_on=F("published_on"))
    schema_editor.execute(NOW)


def bring_back(apps, schema_editor):
    """Before, there were neither drafts nor notices of results; drafts go, results that the public has read cannot."""
    notices = apps.get_model("applications", "PublicNotice").objects
    out = notices.exclude(state__in=["draft", "submitted"]).exclude(kind__in=["recommendation", "recognition"])
    if out.exists():
        raise RuntimeError("notices of results are out; the earlier tables have no place for them")
    notices.filter(state__in=["draft", "submitted"]).delete()
    schema_editor.execute(NOW)


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0009_objection_walls"),
        ("bases", "0007_objection_days"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AlterModelOptions(
                    name="publicnotice",
                    options={
                        "ordering": [
                            models.OrderBy(models.F("published_on"), descending=True, nulls_first=True),
                            "-id",
                        ],
                        "verbose_name": "公示",
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="publicnotice",
                    name="notice_issuer_fits_kind",
                ),
                migrations.AddField(
                    model_name="noticeentry",
                    name="note",
                    field=models.CharField(blank=True, max_length=200, verbose_name="公示事项"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="chosen",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to="bases.base", verbose_name="拟列入的基地"
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="concluded_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="concluded_on",
                    field=models.DateField(blank=True, null=True, verbose_name="办结日期"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="drafted_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="drafted_on",
                    field=models.DateField(null=True, verbose_name="起草日期"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="replaces",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacement",
                        to="applications.publicnotice",
                        verbose_name="重新公示",
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="returned_reason",
                    field=models.CharField(blank=True, max_length=500, verbose_name="退回理由"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待审批"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                            ("concluded", "已办结"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="submitted_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="submitted_on",
                    field=models.DateField(blank=True, null=True, verbose_name="提交审批日期"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="version",
                    field=models.PositiveIntegerField(default=0, verbose_name="草稿版次"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="withdrawn_because",
                    field=models.CharField(blank=True, max_length=500, verbose_name="撤回理由"),
                ),
                migrations.AddField(
                    model_name="publicnotice",
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
                    model_name="publicnotice",
                    name="withdrawn_on",
                    field=models.DateField(blank=True, null=True, verbose_name="撤回日期"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="contact",
                    field=models.CharField(blank=True, max_length=200, verbose_name="联系方式"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="ends_on",
                    field=models.DateField(blank=True, null=True, verbose_name="截止日期"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("recommendation", "推荐公示"),
                            ("recognition", "认定公示"),
                            ("assessment", "考核结果公示"),
                            ("title", "示范基地称号公示"),
                            ("revocation", "撤销公示"),
                        ],
                        max_length=20,
                        verbose_name="类型",
                    ),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="office",
                    field=models.CharField(blank=True, max_length=60, verbose_name="受理部门"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="published_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="发布时间"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="published_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="published_on",
                    field=models.DateField(blank=True, null=True, verbose_name="发布日期"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="round",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="applications.round",
                    ),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="supervision_office",
                    field=models.CharField(blank=True, max_length=60, verbose_name="监督部门"),
                ),
            ]
        ),
        migrations.RunPython(carry_over, bring_back),
        Together(
            [
                migrations.AlterField(
                    model_name="publicnotice",
                    name="drafted_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="drafted_on",
                    field=models.DateField(verbose_name="起草日期"),
                ),
                migrations.AlterField(
                    model_name="publicnotice",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待审批"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                            ("concluded", "已办结"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="noticeentry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="list_of_a_notice_is_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF TG_OP <> 'INSERT' AND (SELECT state FROM applications_publicnotice WHERE id = OLD.notice_id) NOT IN ('draft', 'submitted')\n    OR TG_OP <> 'DELETE' AND (SELECT state FROM applications_publicnotice WHERE id = NEW.notice_id) NOT IN ('draft', 'submitted')\n    THEN\n        RAISE EXCEPTION 'The list of a notice that has gone out is frozen: %', COALESCE(NEW.notice_id, OLD.notice_id)\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN COALESCE(NEW, OLD);\n",
                            hash="15578df491e9668132372a140ba6a13a43b9b25b",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_list_of_a_notice_is_frozen_c0f66",
                            table="applications_noticeentry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="publicnotice",
                    trigger=pgtrigger.compiler.Trigger(
                        name="notice_that_is_out_is_frozen",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.state IN ('published', 'withdrawn', 'concluded') AND (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.round_id IS DISTINCT FROM NEW.round_id OR OLD.issuer_unit_id IS DISTINCT FROM NEW.issuer_unit_id OR OLD.replaces_id IS DISTINCT FROM NEW.replaces_id OR OLD.title IS DISTINCT FROM NEW.title OR OLD.text IS DISTINCT FROM NEW.text OR OLD.published_on IS DISTINCT FROM NEW.published_on OR OLD.working_days IS DISTINCT FROM NEW.working_days OR OLD.ends_on IS DISTINCT FROM NEW.ends_on OR OLD.office IS DISTINCT FROM NEW.office OR OLD.supervision_office IS DISTINCT FROM NEW.supervision_office OR OLD.contact IS DISTINCT FROM NEW.contact OR OLD.drafted_by_id IS DISTINCT FROM NEW.drafted_by_id OR OLD.submitted_by_id IS DISTINCT FROM NEW.submitted_by_id OR OLD.published_by_id IS DISTINCT FROM NEW.published_by_id OR OLD.published_at IS DISTINCT FROM NEW.published_at))",
                            func="RAISE EXCEPTION 'A notice that has gone out is frozen: %', OLD.id USING ERRCODE = 'check_violation';",
                            hash="1c653867e7d6b5ebf0df949167d04383b320eb67",
                            operation="UPDATE",
                            pgid="pgtrigger_notice_that_is_out_is_frozen_0cb15",
                            table="applications_publicnotice",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="publicnotice",
                    trigger=pgtrigger.compiler.Trigger(
                        name="notice_goes_forward_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.state IN ('published', 'withdrawn', 'concluded') AND OLD.state <> NEW.state AND (OLD.state <> 'published' OR NEW.state IN ('draft', 'submitted')))",
                            func="RAISE EXCEPTION 'A notice does not go back: %', OLD.id USING ERRCODE = 'check_violation';",
                            hash="8d48d117284cd2814a44548e3267ba062f2d3944",
                            operation="UPDATE",
                            pgid="pgtrigger_notice_goes_forward_only_63bdf",
                            table="applications_publicnotice",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="publicnotice",
                    trigger=pgtrigger.compiler.Trigger(
                        name="notice_that_is_out_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.state IN ('published', 'withdrawn', 'concluded'))",
                            func="RAISE EXCEPTION 'A notice that has gone out is frozen: %', OLD.id USING ERRCODE = 'check_violation';",
                            hash="06f31434ec4c867d25b803c83b9058fbe6607e7e",
                            operation="DELETE",
                            pgid="pgtrigger_notice_that_is_out_stays_fce37",
                            table="applications_publicnotice",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["recommendation", "recognition", "assessment", "title", "revocation"])
                        ),
                        name="notice_kind_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "submitted", "published", "withdrawn", "concluded"])
                        ),
                        name="notice_state_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("issuer_unit__isnull", False), ("kind", "recommendation")),
                            models.Q(models.Q(("kind", "recommendation"), _negated=True), ("issuer_unit", None)),
                            _connector="OR",
                        ),
                        name="notice_issuer_fits_kind",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["recommendation", "recognition"]), ("round__isnull", False)),
                            models.Q(
                                models.Q(("kind__in", ["recommendation", "recognition"]), _negated=True),
                                ("round", None),
                            ),
                            _connector="OR",
                        ),
                        name="notice_round_fits_kind",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_on", None),
                                ("published_at", None),
                                ("published_by", None),
                                ("published_on", None),
                                ("state__in", ["draft", "submitted"]),
                            ),
                            models.Q(
                                ("state__in", ["published", "withdrawn", "concluded"]),
                                ("ends_on__isnull", False),
                                ("published_on__isnull", False),
                                ("published_at__isnull", False),
                                ("published_by__isnull", False),
                                models.Q(("contact", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notice_that_is_out_has_its_dates",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            models.Q(
                                ("submitted_by__isnull", False),
                                ("submitted_on__isnull", False),
                                models.Q(("kind", "recommendation"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_notice_names_who_submitted_it",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "withdrawn"),
                                ("withdrawn_by__isnull", False),
                                ("withdrawn_on__gte", models.F("published_on")),
                                models.Q(("withdrawn_because", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "withdrawn"), _negated=True),
                                ("withdrawn_because", ""),
                                ("withdrawn_by", None),
                                ("withdrawn_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_notice_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("concluded_by__isnull", False),
                                ("concluded_on__gt", models.F("ends_on")),
                                ("state", "concluded"),
                            ),
                            models.Q(
                                models.Q(("state", "concluded"), _negated=True),
                                ("concluded_by", None),
                                ("concluded_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="notice_concluded_after_its_end",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publicnotice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("submitted_by", None),
                            ("published_by", None),
                            models.Q(("published_by", models.F("submitted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="notice_four_eyes",
                    ),
                ),
            ]
        ),
        migrations.AddConstraint(
            model_name="publicnotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "submitted"])),
                fields=("issuer_unit", "kind", "round"),
                name="one_draft_per_issuer_kind_and_round",
                nulls_distinct=False,
            ),
        ),
    ]
