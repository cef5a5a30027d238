"""Agreements get their whole text and life; what was handed in as a file of the task 修订协议 becomes an agreement of its own."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.models import Max

from portal.migrating import Together

OLD_PURPOSE, NEW_PURPOSE = "revised_agreement", "agreement_scan"


def carry_over(apps, schema_editor):
    """A file that was handed in becomes an agreement known by its scan alone; one that was confirmed is effective and has done the task."""
    at_once(schema_editor)
    task_model, agreement_model = (apps.get_model("agreements", name) for name in ("AgreementRevision", "Agreement"))
    step_model = apps.get_model("agreements", "AgreementStep")
    _know_by_their_scans(agreement_model)
    for task in task_model.objects.exclude(file=None).select_related("file").order_by("pk"):
        agreement = agreement_model.objects.filter(base_id=task.base_id, scan_id=task.file_id).first()
        agreement = agreement or _agreement_of(task, agreement_model)
        steps = [("signed", "unit", task.submitted_by_id, task.submitted_on)]
        steps += [("effective", "partner", task.confirmed_by_id, task.confirmed_on)]
        for kind, side, by, on in steps:
            if on is not None:
                step_model.objects.create(agreement=agreement, kind=kind, side=side, by_id=by, on=on)
        if task.confirmed_on:
            task_model.objects.filter(pk=task.pk).update(agreement=agreement, done_on=task.confirmed_on)
    rename_purpose(apps, OLD_PURPOSE, NEW_PURPOSE)
    later_again(schema_editor)


def _know_by_their_scans(agreement_model):
    """Of what stands already no text was kept; a draft without one is given up."""
    agreement_model.objects.update(origin="scan")
    agreement_model.objects.filter(scan=None).update(status="discarded")
    agreement_model.objects.filter(status="terminated").update(status="superseded")


def _agreement_of(task, agreement_model):
    status = "effective" if task.confirmed_on else "signed" if task.submitted_on else "agreed"
    last = agreement_model.objects.filter(base_id=task.base_id).aggregate(last=Max("version"))["last"] or 0
    return agreement_model.objects.create(
        base_id=task.base_id, version=last + 1, kind="revision", origin="scan", status=status, changes=task.changes,
        signed_on=task.signed_on, effective_on=task.signed_on, expires_on=task.expires_on, scan_id=task.file_id,
        returned_reason=task.returned_reason, drafted_by_id=task.submitted_by_id or task.file.uploaded_by_id,
        drafted_on=task.submitted_on or task.asked_on,
    )  # fmt: skip


def take_back(apps, schema_editor):
    """The scan of the agreement that did a task, or that waits for the partner, goes back into the task; the texts have no place there."""
    at_once(schema_editor)
    task_model, agreement_model = (apps.get_model("agreements", name) for name in ("AgreementRevision", "Agreement"))
    step_model = apps.get_model("agreements", "AgreementStep")
    for task in task_model.objects.order_by("pk"):
        waiting = agreement_model.objects.filter(base_id=task.base_id, status__in=["signed", "agreed"]).exclude(
            scan=None
        )
        agreement = agreement_model.objects.filter(pk=task.agreement_id).first() or waiting.order_by("version").last()
        if agreement is None:
            continue
        steps = {step.kind: step for step in step_model.objects.filter(agreement=agreement).order_by("pk")}
        task.file_id, task.changes = agreement.scan_id, agreement.changes
        task.signed_on, task.expires_on = agreement.signed_on, agreement.expires_on
        if agreement.status == "agreed":
            task.returned_reason = agreement.returned_reason
        else:
            signed, effective = steps.get("signed"), steps.get("effective")
            task.submitted_by_id = signed.by_id if signed else agreement.drafted_by_id
            task.submitted_on = signed.on if signed else agreement.drafted_on
            if task.done_on:
                task.confirmed_on, task.confirmed_by_id = task.done_on, effective.by_id if effective else None
        task.save()
    task_model.objects.update(agreement=None, done_on=None)
    rename_purpose(apps, NEW_PURPOSE, OLD_PURPOSE)
    later_again(schema_editor)


def rename_purpose(apps, old, new):
    apps.get_model("portal", "StoredFile").objects.filter(purpose=old).update(purpose=new)


def at_once(schema_editor):
    # Rows that still wait for their foreign keys to be checked would keep the tables from being altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def later_again(schema_editor):
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0004_funds"),
        ("bases", "0010_review_result_document"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="AgreementStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("drafted", "开始起草"),
                                    ("proposed", "送合作单位确认文本"),
                                    ("taken_back", "收回修改"),
                                    ("returned", "退回文本"),
                                    ("agreed", "同意文本"),
                                    ("signed", "上传签署件"),
                                    ("scan_returned", "退回签署件"),
                                    ("effective", "核对签署件，协议生效"),
                                    ("superseded", "由新协议接替"),
                                    ("terminated", "登记终止"),
                                    ("read", "知悉终止"),
                                    ("discarded", "作废草稿"),
                                ],
                                max_length=14,
                                verbose_name="办理",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("unit", "培养单位"), ("partner", "合作单位")],
                                max_length=8,
                                verbose_name="哪一方",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="agreements.agreement",
                                verbose_name="协议",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办理人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "协议办理记录",
                        "ordering": ["agreement_id", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Clause",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "matter",
                            models.CharField(
                                choices=[
                                    ("way", "联合培养方式"),
                                    ("period", "培养期限"),
                                    ("content", "培养内容"),
                                    ("conditions", "学习或科研条件"),
                                    ("practice", "实践训练"),
                                    ("exchange", "学术交流"),
                                    ("property", "知识产权和技术保密"),
                                    ("treatment", "研究生待遇"),
                                    ("safety", "人身安全"),
                                ],
                                max_length=12,
                                verbose_name="事项",
                            ),
                        ),
                        ("text", models.TextField(blank=True, verbose_name="约定")),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clauses",
                                to="agreements.agreement",
                                verbose_name="协议",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "协议条款",
                        "ordering": ["agreement_id", "pk"],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="agreement",
                    name="agreement_in_force_has_its_dates",
                ),
                migrations.RemoveConstraint(
                    model_name="agreement",
                    name="agreement_dates_in_order",
                ),
                migrations.RemoveConstraint(
                    model_name="agreementrevision",
                    name="revised_agreement_dates_in_order",
                ),
                migrations.RemoveConstraint(
                    model_name="agreementrevision",
                    name="revision_handed_in_whole",
                ),
                migrations.RemoveConstraint(
                    model_name="agreementrevision",
                    name="revision_confirmed_after_it_came",
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="agreed_on",
                    field=models.DateField(blank=True, null=True, verbose_name="文本确认日期"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="changes",
                    field=models.CharField(blank=True, max_length=500, verbose_name="与前一份相比的改动"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="committee_office",
                    field=models.CharField(blank=True, max_length=60, verbose_name="管理委员会办公室设在"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="copies_each",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="双方各执几份"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="copies_total",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="一式几份"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="ended_reason",
                    field=models.CharField(blank=True, max_length=500, verbose_name="终止说明"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="ended_side",
                    field=models.CharField(
                        blank=True,
                        choices=[("unit", "培养单位"), ("partner", "合作单位")],
                        max_length=8,
                        verbose_name="登记终止的一方",
                    ),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="ending",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("mutual", "双方协商一致"),
                            ("violation", "对方违反国家法律、侵害国家利益或者损害我方权益（其他事项 1）"),
                            ("breach", "对方违反本协议约定"),
                            ("force_majeure", "不可抗力，经双方协商终止（其他事项 4）"),
                        ],
                        max_length=16,
                        verbose_name="终止原因",
                    ),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="ending_read_on",
                    field=models.DateField(blank=True, null=True, verbose_name="对方知悉日期"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="goals",
                    field=models.TextField(blank=True, verbose_name="合作目标"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="kind",
                    field=models.CharField(
                        choices=[("first", "签订"), ("revision", "修订"), ("renewal", "续签")],
                        default="first",
                        max_length=10,
                        verbose_name="性质",
                    ),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="origin",
                    field=models.CharField(
                        choices=[("portal", "平台起草"), ("scan", "登记签署件")],
                        default="portal",
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="partner_representative",
                    field=models.CharField(blank=True, max_length=30, verbose_name="乙方授权代表"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="pay_standard",
                    field=models.CharField(blank=True, max_length=200, verbose_name="甲方付给乙方人员的报酬：额度"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="pay_way",
                    field=models.CharField(blank=True, max_length=200, verbose_name="甲方付给乙方人员的报酬：支付方式"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="pdf",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                        verbose_name="签署文本",
                    ),
                ),
                migrations.AddField(
                    model_name="agreement",
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
                    model_name="agreement",
                    name="returned_reason",
                    field=models.CharField(blank=True, max_length=300, verbose_name="退回原因"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="revision",
                    field=models.PositiveIntegerField(default=0, editable=False),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="supplement",
                    field=models.TextField(blank=True, verbose_name="补充条款"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="term_years",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="有效期（年）"),
                ),
                migrations.AddField(
                    model_name="agreement",
                    name="unit_representative",
                    field=models.CharField(blank=True, max_length=30, verbose_name="甲方授权代表"),
                ),
                migrations.AddField(
                    model_name="agreementrevision",
                    name="agreement",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agreements.agreement",
                        verbose_name="完成任务的协议",
                    ),
                ),
                migrations.AddField(
                    model_name="agreementrevision",
                    name="done_on",
                    field=models.DateField(blank=True, null=True, verbose_name="完成日期"),
                ),
            ]
        ),
        migrations.RunPython(carry_over, take_back),
        Together(
            [
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="changes",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="confirmed_by",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="confirmed_on",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="expires_on",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="file",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="returned_by",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="returned_reason",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="signed_on",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="submitted_by",
                ),
                migrations.RemoveField(
                    model_name="agreementrevision",
                    name="submitted_on",
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("status__in", ["drafting", "proposed", "agreed", "signed"])),
                        fields=("base",),
                        name="one_agreement_in_progress_per_base",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("status", "effective")),
                        fields=("base",),
                        name="one_effective_agreement_per_base",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["first", "revision", "renewal"]), ("origin__in", ["portal", "scan"])
                        ),
                        name="agreement_kind_and_origin_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("term_years", None), ("term_years__range", (1, 20)), _connector="OR"),
                            models.Q(("posts_per_year", None), ("posts_per_year__range", (1, 500)), _connector="OR"),
                        ),
                        name="agreement_term_and_posts_within_reason",
                        violation_error_message="有效期应为 1 到 20 年，每年提供岗位应为 1 到 500 个。",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("copies_total", None),
                            ("copies_each", None),
                            models.Q(
                                ("copies_each__gte", 1),
                                (
                                    "copies_total__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("copies_each"), "*", models.Value(2)
                                    ),
                                ),
                                ("copies_total__lte", 50),
                            ),
                            _connector="OR",
                        ),
                        name="agreement_copies_go_round",
                        violation_error_message="一式几份不能少于双方各执份数之和，也不能超过 50 份。",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["drafting", "discarded"]),
                            ("origin", "scan"),
                            models.Q(
                                ("posts_per_year__isnull", False),
                                ("term_years__isnull", False),
                                ("copies_each__isnull", False),
                                ("copies_total__isnull", False),
                                models.Q(("insurance_by", ""), _negated=True),
                                models.Q(("goals", ""), _negated=True),
                                models.Q(("unit_representative", ""), _negated=True),
                                models.Q(("partner_representative", ""), _negated=True),
                                models.Q(("committee_office", ""), _negated=True),
                                models.Q(("pay_standard", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="agreement_that_is_sent_is_whole",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["signed", "effective", "superseded", "terminated"]), _negated=True
                            ),
                            models.Q(
                                ("effective_on__isnull", False),
                                ("expires_on__isnull", False),
                                ("scan__isnull", False),
                                ("signed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="agreement_in_force_has_its_dates",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("effective_on", None),
                                ("expires_on", None),
                                ("expires_on__gt", models.F("effective_on")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("effective_on", None),
                                ("signed_on", None),
                                ("effective_on__gte", models.F("signed_on")),
                                _connector="OR",
                            ),
                        ),
                        name="agreement_dates_in_order",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            models.Q(
                                ("ended_on__gte", models.F("effective_on")), ("ended_on__lte", models.F("expires_on"))
                            ),
                            _connector="OR",
                        ),
                        name="agreement_ends_within_its_term",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on__isnull", False),
                                ("status", "terminated"),
                                models.Q(("ended_reason", ""), _negated=True),
                                models.Q(("ending", ""), _negated=True),
                                models.Q(("ended_side", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status", "terminated"), _negated=True),
                                ("ended_reason", ""),
                                ("ended_side", ""),
                                ("ending", ""),
                                ("ending_read_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="terminated_agreement_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ending__in", ["", "mutual", "violation", "breach", "force_majeure"]),
                            ("ended_side__in", ["", "unit", "partner"]),
                        ),
                        name="agreement_ending_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreementrevision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreement", None), ("done_on", None)),
                            models.Q(("agreement__isnull", False), ("done_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="revision_done_by_an_agreement",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="agreement",
                    name="agreement_floors_not_negative",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stipend_floor_master", None), ("stipend_floor_master__gte", 0), _connector="OR"),
                            models.Q(("stipend_floor_doctor", None), ("stipend_floor_doctor__gte", 0), _connector="OR"),
                        ),
                        name="agreement_floors_not_negative",
                        violation_error_message="生活补贴下限不能为负数。",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreementstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "drafted",
                                    "proposed",
                                    "taken_back",
                                    "returned",
                                    "agreed",
                                    "signed",
                                    "scan_returned",
                                    "effective",
                                    "superseded",
                                    "terminated",
                                    "read",
                                    "discarded",
                                ],
                            )
                        ),
                        name="agreement_step_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreementstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("side__in", ["unit", "partner"])), name="agreement_step_side_known"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="clause",
                    constraint=models.UniqueConstraint(fields=("agreement", "matter"), name="one_clause_per_matter"),
                ),
                migrations.AddConstraint(
                    model_name="clause",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "matter__in",
                                [
                                    "way",
                                    "period",
                                    "content",
                                    "conditions",
                                    "practice",
                                    "exchange",
                                    "property",
                                    "treatment",
                                    "safety",
                                ],
                            )
                        ),
                        name="clause_matter_known",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreement_leaves_no_matter_open",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF NEW.origin = 'portal' AND NEW.status NOT IN ('drafting', 'discarded') AND (\n    SELECT count(*) FROM agreements_clause c WHERE c.agreement_id = NEW.id AND btrim(c.text, E' \\t\\n\\r') <> ''\n) < 9 THEN\n    RAISE EXCEPTION 'agreement % leaves a matter of article 10 open and cannot be %', NEW.id, NEW.status\n        USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n",
                            hash="4c7a80ea77b798805543aec5cdd6a5297c59479c",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_agreement_leaves_no_matter_open_9b008",
                            table="agreements_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreement_text_is_frozen_once_sent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.status <> 'drafting' AND (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.changes IS DISTINCT FROM NEW.changes OR OLD.goals IS DISTINCT FROM NEW.goals OR OLD.term_years IS DISTINCT FROM NEW.term_years OR OLD.unit_representative IS DISTINCT FROM NEW.unit_representative OR OLD.partner_representative IS DISTINCT FROM NEW.partner_representative OR OLD.committee_office IS DISTINCT FROM NEW.committee_office OR OLD.posts_per_year IS DISTINCT FROM NEW.posts_per_year OR OLD.insurance_by IS DISTINCT FROM NEW.insurance_by OR OLD.stipend_floor_master IS DISTINCT FROM NEW.stipend_floor_master OR OLD.stipend_floor_doctor IS DISTINCT FROM NEW.stipend_floor_doctor OR OLD.pay_standard IS DISTINCT FROM NEW.pay_standard OR OLD.pay_way IS DISTINCT FROM NEW.pay_way OR OLD.copies_total IS DISTINCT FROM NEW.copies_total OR OLD.copies_each IS DISTINCT FROM NEW.copies_each OR OLD.supplement IS DISTINCT FROM NEW.supplement))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="022d1e0277b484aad402879939ee6e44934fbbd1",
                            operation="UPDATE",
                            pgid="pgtrigger_agreement_text_is_frozen_once_sent_24770",
                            table="agreements_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreement_in_force_keeps_its_dates",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.status IN ('effective', 'superseded', 'terminated') AND (OLD.signed_on IS DISTINCT FROM NEW.signed_on OR OLD.effective_on IS DISTINCT FROM NEW.effective_on OR OLD.expires_on IS DISTINCT FROM NEW.expires_on OR OLD.scan_id IS DISTINCT FROM NEW.scan_id))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="356594123966bb1e65841eddb92ac35156578ffa",
                            operation="UPDATE",
                            pgid="pgtrigger_agreement_in_force_keeps_its_dates_59b8a",
                            table="agreements_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreement_over_stays_over",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.status IN ('superseded', 'terminated', 'discarded') AND OLD.status IS DISTINCT FROM NEW.status)",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="7bdad5d7cf5a19e54415fba81e97a765cf5fc84c",
                            operation="UPDATE",
                            pgid="pgtrigger_agreement_over_stays_over_b60c0",
                            table="agreements_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreements_are_not_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="533857c51bd82f79a4b547b389e2a9a28b039c44",
                            operation="DELETE",
                            pgid="pgtrigger_agreements_are_not_deleted_69557",
                            table="agreements_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreementstep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="agreement_steps_append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="83a3cc97509d7a61e18d6483db3b4ea20c79acd9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_agreement_steps_append_only_61916",
                            table="agreements_agreementstep",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="clause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="clauses_change_only_in_a_draft",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\nIF NOT EXISTS (\n    SELECT 1 FROM agreements_agreement a WHERE a.id = NEW.agreement_id AND a.status = 'drafting' FOR SHARE\n) THEN\n    RAISE EXCEPTION 'the clauses of agreement % are frozen', NEW.agreement_id USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NEW;\n",
                            hash="d930738a8f0491d9e04043f9fb76bfc774e0f60f",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_clauses_change_only_in_a_draft_224fc",
                            table="agreements_clause",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="clause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="clauses_are_not_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="23e17eee72fabee6fb3aec36c4a5bedfc35159ee",
                            operation="DELETE",
                            pgid="pgtrigger_clauses_are_not_deleted_4cb92",
                            table="agreements_clause",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
