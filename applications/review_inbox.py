"""What waits for the department from 推荐 to 认定: one item a round for what is done to its bases together; constant queries."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    Assignment,
    AssignmentPlan,
    AssignmentPlanEntry,
    Deliberation,
    ExpertInvitation,
    ExpertProfile,
    MeetingItem,
    Panel,
    PreliminaryEntry,
    PreliminaryList,
    PublicNotice,
    ReviewMeeting,
    Round,
    Rubric,
    RubricDrafter,
)
from applications.services import recusals, rubrics, sheet_deadline
from applications.services.declaring import newest_applications
from applications.services.meetings import ARTICLES, Kind, held_without_conclusion
from applications.services.panels import running_size
from bases.lifecycle import State
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

# An answer to an invitation asks for nothing: it is told for a week. So many people are named before the others are only counted.
ANSWER_DAYS, NAMED = 7, 5
NOT_AGREED = (MeetingItem.Conclusion.REFUSED, MeetingItem.Conclusion.POSTPONED)


def source(acting: Acting, on: date) -> Iterator[Item]:
    """For the officer the review of each round, its meetings and what follows; for the leader the rubrics to put in force."""
    if acting.role == Role.DEPT_OFFICER:
        yield from _meetings(on)
        yield from _late_sheets(on)
        yield from _answers(on)
        yield from _in_conflict(on)
        yield from _applications()
    if acting.role == Role.DEPT_LEADER:
        yield from _rubrics(acting)


def _meetings(on: date) -> Iterator[Item]:
    """Meetings that were held and whose outcome is not entered."""
    for meeting in held_without_conclusion(on):
        why = _("会议已于 %(day)s 召开，请登记出席、表决和结论，结束会议。") % {"day": meeting.held_on.isoformat()}
        url = reverse("meeting", args=[meeting.pk])
        yield Item(_("评审"), meeting.title, why, ARTICLES[Kind(meeting.kind)], url, _("登记结论"), meeting.held_on)


def _named(people: Sequence[str]) -> str:
    """The first of some people by name, the others by their number."""
    told = "、".join(people[:NAMED])
    return _("%(names)s等 %(n)s 人") % {"names": told, "n": len(people)} if len(people) > NAMED else told


def _late_sheets(on: date) -> Iterator[Item]:
    """Rounds whose last day for sheets is over while some are missing: how many, and whose."""
    for late in sheet_deadline.late(on):
        who = [_("%(name)s %(n)s 份") % {"name": name, "n": n} for name, n in late.of.most_common()]
        words = {"n": late.sheets, "who": _named(who)}
        why = _("有 %(n)s 份评分表逾期没有提交：%(who)s。请催交，或者改期、补派。") % words
        url = reverse("round-review-experts", args=[late.round.pk]) + "?sort=-waiting"
        yield Item(_("评审"), str(late.round), why, "8(3)", url, _("查看未交的专家"), late.round.sheets_due_on)


def _answers(on: date) -> Iterator[Item]:
    """Who answered an invitation in the last days, those who accepted and those who declined apart."""
    since = timezone.make_aware(datetime.combine(on - timedelta(days=ANSWER_DAYS), time()))
    answered = ExpertInvitation.objects.filter(Q(accepted_at__gte=since) | Q(declined_at__gte=since))
    accepted: list[ExpertProfile] = []
    declined: list[ExpertProfile] = []
    for each in answered.select_related("profile").order_by("pk"):
        (accepted if each.accepted_at else declined).append(each.profile)
    for people, title, why in (
        (accepted, _("%(n)s 名专家接受了邀请"), _("%(who)s已有账号，可以分配评审。")),
        (declined, _("%(n)s 名专家谢绝了邀请"), _("%(who)s不参加评审，原因见专家页面；人手不够的，请另行邀请。")),
    ):
        if people:
            alone = reverse("expert", args=[people[0].pk]) if len(people) == 1 else reverse("expert-list")
            told = why % {"who": _named([each.name for each in people])}
            yield Item(_("专家库"), title % {"n": len(people)}, told, "8(3)", alone, _("查看专家"))


def _in_conflict(on: date) -> Iterator[Item]:
    """Experts who have come into conflict since they were assigned, as the nightly check found."""
    for assignment, conflict in recusals.found_and_open(on):
        panel: Panel = assignment.panel
        why = _("专家%(name)s应当回避：%(why)s。请移出评审组，并补充专家。")
        article = "8(3)" if panel.purpose == Panel.Purpose.APPLICATION else "16"
        url, page = reverse("assignment-conflict", args=[assignment.pk]), reverse("base", args=[panel.base_id])
        told = {"name": assignment.expert.full_name, "why": conflict.reason}
        yield Item(_("回避"), panel.base.name, why % told, article, url, _("办理回避"), page=page, pressing=True)


def _rubrics(acting: Acting) -> Iterator[Item]:
    """Drafts with 100 points on which others have drafted alone."""
    own = RubricDrafter.objects.filter(rubric=OuterRef("pk"), user=acting.user)
    drafts = Rubric.objects.filter(~Exists(own), state=Rubric.State.DRAFT)
    for rubric in drafts.annotate(total=Sum("criteria__points")).filter(total=rubrics.FULL):
        why = _("指标体系草稿合计 100 分，请核对并启用。")
        article = "8(3)" if rubric.purpose == Rubric.Purpose.APPLICATION else "16"
        url, page = reverse("rubric-put-in-force", args=[rubric.pk]), reverse("rubric", args=[rubric.pk])
        yield Item(_("指标体系"), str(rubric), why, article, url, _("核对并启用"), page=page)


def _applications() -> Iterator[Item]:
    steps: Counter[tuple[Round, str]] = Counter()
    for application in _with_figures():
        step = _step(application)
        if step:
            steps[application.round, step] += 1
        elif item := _own_item(application):
            yield item
    for (round_, step), n in steps.items():
        yield _round_item(round_, step, n)


def _with_figures() -> QuerySet[Application]:
    """The newest applications between 推荐 and 认定 with what their next step depends on."""
    own = {"application": OuterRef("pk")}
    left_out = PreliminaryEntry.objects.filter(
        **own, chosen=False, preliminary_list__state=PreliminaryList.State.ADOPTED
    )
    deliberations = MeetingItem.objects.filter(**own, meeting__kind=Kind.DELIBERATION)
    concluded = deliberations.filter(meeting__state=ReviewMeeting.State.CONCLUDED)
    said = concluded.order_by("-meeting__held_on", "-meeting_id").values("conclusion")[:1]
    gaps = Assignment.objects.filter(panel__application=OuterRef("pk")).gaps().order_by().values("panel")
    return (
        newest_applications()
        .filter(base__state__in=[State.RECOMMENDED, State.IN_REVIEW, State.SHORTLISTED, State.RECOGNISED])
        .filter(declared_on__isnull=False)
        .annotate(left_out=Exists(left_out))
        .annotate(deliberated=Exists(Deliberation.objects.filter(**own)))
        .annotate(deliberated_as=Subquery(said))
        .annotate(on_an_agenda=Exists(deliberations.filter(meeting__state=ReviewMeeting.State.DRAFT)))
        .annotate(drafted=Exists(PublicNotice.objects.filter(state__in=PublicNotice.PREPARED, chosen=OuterRef("base"))))
        .annotate(live=Count("panel__assignments", filter=Q(panel__assignments__status__in=Assignment.LIVE)))
        .annotate(waiting=Count("panel__assignments", filter=Q(panel__assignments__status=Assignment.Status.ASSIGNED)))
        .annotate(gaps=Coalesce(Subquery(gaps.annotate(n=Count("pk")).values("n")), 0))
        .annotate(least=Coalesce(F("panel__required"), F("round__policy__min_experts")))
        .annotate(planned=Exists(AssignmentPlanEntry.objects.filter(**own, plan__state=AssignmentPlan.State.DRAFT)))
        .annotate(fixed=Q(panel__aggregate__isnull=False))
        .select_related("base", "round", "panel")
        .order_by("base_id")
    )


def _is_short(a: Application) -> bool:
    """Whether experts are to be found for a panel that has begun, as many as 补派 would."""
    return not a.fixed and running_size(a.live, a.gaps, a.least) > a.live  # type: ignore[attr-defined]


def _step(a: Application) -> str:
    """The step that a whole round takes with it; empty where the base has an item of its own, or none."""
    state = a.base.state
    if state == State.RECOMMENDED:
        if a.planned:  # type: ignore[attr-defined]
            return "plan"
        return "assign" if a.live < a.least else "start"  # type: ignore[attr-defined]
    if state == State.IN_REVIEW and not a.left_out:  # type: ignore[attr-defined]
        if _is_short(a):
            return "replace"
        return "" if a.waiting or a.gaps else "rank"  # type: ignore[attr-defined]
    heard = a.deliberated or a.deliberated_as in NOT_AGREED or a.on_an_agenda  # type: ignore[attr-defined]
    return "deliberate" if state == State.SHORTLISTED and not heard else ""


def _round_item(round_: Round, step: str, n: int) -> Item:
    group, why, article, page, button = {
        "assign": (_("评审"), _("已推荐到厅，请分配评审专家。"), "8(3)", "round-review", _("分配专家")),
        "plan": (_("评审"), _("专家分配方案已经拟定，请核对后确认。"), "8(3)", "round-plan", _("核对分配方案")),
        "start": (_("评审"), _("专家已配齐，可以启动评审。"), "8(3)", "round-review-start", _("启动评审")),
        "replace": (
            _("评审"), _("%(n)s 个评审组有空缺待补派（专家回避、谢绝或者撤换），补派并收齐评分表之前不显示得分。"), "8(3)", "round-propose",
            _("补派专家"),
        ),
        "rank": (
            _("评审"), _("评分表已收齐，请在本批次排序后确定初步名单。"), "8(3)", "round-ranking", _("排序与初步名单")
        ),
        "deliberate": (
            _("认定"), _("已列入初步名单，请召开认定审议会；也可以在基地页面单独登记审议纪要。"), "8(4)", "round-meetings",
            _("安排会议"),
        ),
    }[step]  # fmt: skip
    title = _("%(round)s：%(n)s 个基地") % {"round": round_, "n": n}
    query = f"?scope={AssignmentPlan.Scope.GAPS}" if step == "replace" else ""
    return Item(group, title, why % {"n": n}, article, reverse(page, args=[round_.pk]) + query, button)


def _own_item(a: Application) -> Item | None:
    """What waits for one base: what a deliberation did not agree to, the notice, the document."""
    state, name, said = a.base.state, a.base.name, a.deliberated_as  # type: ignore[attr-defined]
    if state == State.IN_REVIEW and not a.left_out:  # type: ignore[attr-defined]
        return _gap_item(a)
    if state == State.SHORTLISTED and not a.deliberated:  # type: ignore[attr-defined]
        if said == MeetingItem.Conclusion.REFUSED and not a.on_an_agenda:  # type: ignore[attr-defined]
            why = _("认定审议会的结论为不同意，请作不予认定处理。")
            return Item(_("认定"), name, why, "8(4)", reverse("act", args=[a.base_id, "reject"]), _("不予认定"))
        if said == MeetingItem.Conclusion.POSTPONED and not a.on_an_agenda:  # type: ignore[attr-defined]
            why, url = _("认定审议会暂缓，请列入下一次会议。"), reverse("round-meetings", args=[a.round_id])
            return Item(_("认定"), name, why, "8(4)", url, _("安排会议"))
    elif state == State.SHORTLISTED and not a.drafted:  # type: ignore[attr-defined]
        url = f"{reverse('notice-new')}?kind={PublicNotice.Kind.RECOGNITION}"
        return Item(_("认定"), name, _("审议纪要已登记，请起草认定公示。"), "8(4)", url, _("起草认定公示"))
    elif state == State.RECOGNISED:
        why, url = _("已认定，请登记认定文件的公布日期。"), reverse("recognition-document")
        return Item(_("认定"), name, why, "8(4) 12", url, _("登记文件"))
    return None


def _gap_item(a: Application) -> Item | None:
    """A gap that 补派 of the round leaves, since the panel would be even again: one more by hand, or nobody."""
    gaps: int = a.gaps  # type: ignore[attr-defined]
    if not gaps or a.panel.fixed_on is not None or _is_short(a):
        return None
    why = _("评审组有 %(n)s 个空缺待补派，或者决定不再补派。") % {"n": gaps}
    url, page = reverse("panel-go-on", args=[a.panel.pk]), reverse("base", args=[a.base_id])
    return Item(_("评审"), a.base.name, why, "8(3)", url, _("办理空缺"), page=page)
