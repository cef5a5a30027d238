"""What waits for each role after recognition: a constant number of queries each."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Assignment, PublicNotice
from bases.lifecycle import GROUND_STATES, Ground, State
from bases.models import Base, OfficialDocument
from bases.queries import visible_bases
from evaluations.models import Assessment, Incident, Rectification, Reminder, RevocationProposal, Withdrawal
from evaluations.services.result_notices import GRADE_KINDS, REVOCATION_KINDS, refuted, waiting
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import UNIT_ROLES, Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Everything of this stretch of the life that waits for the role."""
    if acting.role == Role.APPLICANT:
        yield from _applicant(acting)
    elif acting.role == Role.DEPT_OFFICER:
        yield from _dept_officer()
        yield from _refuted(on)
    elif acting.role == Role.DEPT_LEADER:
        yield from _dept_leader(acting, on)
    if acting.role in {*UNIT_ROLES, Role.PARTNER_OFFICER}:
        yield from _reminders(acting, on)


def _act(base: Base, name: str) -> str:
    return reverse("act", args=[base.pk, name])


def _applicant(acting: Acting) -> Iterator[Item]:
    own = visible_bases(acting).values("pk")
    for a in Assessment.objects.filter(base__in=own, closed_on=None, submitted_on=None).select_related("base"):
        article = "15 16" if a.kind == Assessment.Kind.ASSESSMENT else "19"
        why = _("%(kind)s已启动，请提交自评报告；逾期按未参加考核处理。") % {"kind": a.get_kind_display()}
        yield Item(
            _("考核"), a.base.name, why, article, _act(a.base, "submit-report"), _("提交自评报告"), a.report_due_on
        )
    rows = Rectification.objects.filter(
        base__in=own, base__state=State.RECTIFYING, plan="", base__rectification_ends_on=F("ends_on")
    )
    for r in rows.select_related("base"):
        yield Item(
            _("整改"),
            r.base.name,
            _("请提交整改方案。"),
            "19",
            _act(r.base, "submit-plan"),
            _("提交整改方案"),
        )


def _dept_officer() -> Iterator[Item]:
    status = Assignment.Status
    gaps = Assignment.objects.filter(panel=OuterRef("panel")).gaps().order_by().values("panel").annotate(n=Count("pk"))
    running = (
        Assessment.objects.filter(closed_on=None, proposed_grade="", submitted_on__isnull=False)
        .annotate(out=Count("panel__assignments", filter=Q(panel__assignments__status=status.ASSIGNED)))
        .annotate(came=Count("panel__assignments", filter=Q(panel__assignments__status=status.SUBMITTED)))
        .annotate(gaps=Subquery(gaps.values("n")))
        .select_related("base", "panel")
    )
    for a in running:
        group = a.get_kind_display()
        article = "16" if a.kind == Assessment.Kind.ASSESSMENT else "16 19"
        if a.gaps:
            why = _("评审组有 %(n)s 个空缺待补派，或者决定不再补派。") % {"n": a.gaps}
            yield Item(group, a.base.name, why, article, _act(a.base, "assign-assessors"), _("补派专家"))
        elif a.panel is None or a.out + a.came < a.panel.required:
            yield Item(
                group,
                a.base.name,
                _("自评报告已提交，请分配考核专家。"),
                article,
                _act(a.base, "assign-assessors"),
                _("分配专家"),
            )
        elif not a.out:
            yield Item(
                group,
                a.base.name,
                _("评分表已收齐，请拟定等级。"),
                article,
                _act(a.base, "propose-grade"),
                _("拟定等级"),
            )
    told = OfficialDocument.objects.filter(
        kind=OfficialDocument.Kind.REASSESSMENT_NOTICE, withdrawn_on=None, bases=OuterRef("base"),
        document_date__gte=OuterRef("opened_on"),
    )  # fmt: skip
    opened = Assessment.objects.filter(kind=Assessment.Kind.REASSESSMENT, closed_on=None, base__state=State.REASSESSING)
    for again in opened.exclude(Exists(told)).select_related("base"):
        why = _("复评已于 %(day)s 启动，请下发复评通知。") % {"day": again.opened_on.isoformat()}
        page = _act(again.base, "notify-reassessment")
        yield Item(again.get_kind_display(), again.base.name, why, "19", page, _("下发复评通知"))
    waiting = Incident.objects.filter(studied_on=None, base__state__in=GROUND_STATES[Ground.INCIDENT])
    for incident in waiting.select_related("base"):
        why = _("%(day)s 报告重大事项，请组织研判。") % {"day": incident.reported_on.isoformat()}
        yield Item(
            _("重大事项"),
            incident.base.name,
            why,
            "20",
            _act(incident.base, "study-incident"),
            _("研判"),
            pressing=True,
        )
    asked = Withdrawal.objects.filter(filed_on=None, base__state__in=[State.CONSTRUCTING, State.DEMONSTRATION])
    for w in asked.select_related("base"):
        yield Item(
            _("自主撤销"),
            w.base.name,
            _("双方已提出书面申请，请审核备案。"),
            "21",
            _act(w.base, "file-withdrawal"),
            _("备案"),
        )


def _proposed_grades() -> list[Assessment]:
    proposed = Assessment.objects.filter(closed_on=None, grade="").exclude(proposed_grade="")
    return list(proposed.exclude(base__revocation_proposals__status="open").select_related("base"))


def _proposed_revocations() -> list[RevocationProposal]:
    return list(RevocationProposal.objects.filter(status=RevocationProposal.Status.OPEN).select_related("base"))


def _days(proposed: Iterable[Assessment | RevocationProposal]) -> dict[int, date | None]:
    return {each.base_id: each.prepared_on for each in proposed}


def _refuted(on: date) -> Iterator[Item]:
    """For the officer: results that cannot be decided as they were announced, because an objection was upheld."""
    grades, revocations = _proposed_grades(), _proposed_revocations()
    upheld = refuted(_days(grades), GRADE_KINDS)
    for a in grades:
        if (notice := upheld.get(a.base_id)) is None:
            continue
        why = _("《%(title)s》有异议成立，不能照此决定：请核实后重新拟定等级，或者提请审批人撤回公示、重新公示。")
        url, button = _act(a.base, "propose-grade"), _("重新拟定等级")
        if on <= notice.ends_on:  # nothing else is proposed while it runs
            why = _("《%(title)s》有异议成立，不能照此决定：请提请审批人撤回公示，或者等期满后重新拟定等级。")
            url, button = _notice(notice), _("查看公示")
        yield Item(a.get_kind_display(), a.base.name, why % {"title": notice.title}, "16 17 19", url, button)
    upheld = refuted(_days(revocations), REVOCATION_KINDS)
    for p in revocations:
        if (notice := upheld.get(p.base_id)) is None:
            continue
        why = _("《%(title)s》有异议成立，不能照此决定：请提请审批人撤回公示，核实后重新公示。")
        url, button = _notice(notice), _("查看公示")
        if notice.state == PublicNotice.State.CONCLUDED:
            why = _("《%(title)s》有异议成立，不能照此决定：请核实后重新公示。")
            url, button = f"{reverse('notice-new')}?kind={notice.kind}", _("起草公示")
        yield Item(_("撤销"), p.base.name, why % {"title": notice.title}, "19 20", url, button)


def _notice(notice: PublicNotice) -> str:
    return reverse("desk-notice", args=[notice.pk])


def _dept_leader(acting: Acting, on: date) -> Iterator[Item]:
    """Decisions that nothing stands against any more; where an objection was upheld, the notice that is to be withdrawn."""
    grades, revocations = _proposed_grades(), _proposed_revocations()
    held, upheld = waiting(_days(grades), GRADE_KINDS, on), refuted(_days(grades), GRADE_KINDS)
    for a in grades:
        if a.base_id in upheld:
            yield from _to_withdraw(a.get_kind_display(), a.base, upheld[a.base_id], "16 17 19")
        elif a.base_id not in held and a.prepared_by_id != acting.user_id:
            why = _("经办拟定“%(grade)s”，请决定。") % {"grade": a.get_proposed_grade_display()}
            yield Item(a.get_kind_display(), a.base.name, why, "16 17 19", _act(a.base, "decide-grade"), _("决定等级"))
    held, upheld = waiting(_days(revocations), REVOCATION_KINDS, on), refuted(_days(revocations), REVOCATION_KINDS)
    for p in revocations:
        if p.base_id in upheld:
            yield from _to_withdraw(_("撤销"), p.base, upheld[p.base_id], "19 20")
        elif p.base_id not in held:
            why = _("撤销建议：%(ground)s。") % {"ground": p.get_ground_display()}
            yield Item(_("撤销"), p.base.name, why, "19 20", _act(p.base, "revoke"), _("决定是否撤销"), pressing=True)


def _to_withdraw(group: str, base: Base, notice: PublicNotice, articles: str) -> Iterator[Item]:
    if notice.state == PublicNotice.State.PUBLISHED:
        why = _("《%(title)s》有异议成立，不能照此决定：请撤回公示，或者由经办核实后重新办理。")
        yield Item(group, base.name, why % {"title": notice.title}, articles, _notice(notice), _("查看公示"))


def _reminders(acting: Acting, on: date) -> Iterator[Item]:
    seen: set[tuple[int, str]] = set()
    rows = Reminder.objects.filter(base__in=visible_bases(acting).values("pk"), due_on__gte=on, on__lte=on)
    current = rows.filter(
        Q(
            kind=Reminder.Kind.ASSESSMENT,
            due_on=F("base__assessment_due_on"),
            base__state__in=[State.CONSTRUCTING, State.DEMONSTRATION],
        )
        | Q(kind=Reminder.Kind.REASSESSMENT, due_on=F("base__rectification_ends_on"), base__state=State.RECTIFYING)
    )
    for r in current.select_related("base").order_by("due_on", "days_before"):
        if (r.base_id, r.kind) in seen:
            continue
        seen.add((r.base_id, r.kind))
        why = _("%(what)s，请提前准备材料。") % {"what": r.get_kind_display()}
        article = Reminder.ARTICLES[Reminder.Kind(r.kind)]
        yield Item(_("提醒"), r.base.name, why, article, reverse("base", args=[r.base_id]), _("查看基地"), r.due_on)
