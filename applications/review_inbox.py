"""What waits for the department from 推荐 to 认定: one item a round for what is done to its bases together; constant queries."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    Assignment,
    AssignmentPlan,
    Deliberation,
    MeetingItem,
    Panel,
    PreliminaryEntry,
    PreliminaryList,
    PublicNotice,
    ReviewMeeting,
    Round,
    Rubric,
)
from applications.services import recusals, rubrics
from applications.services.declaring import newest_applications
from applications.services.meetings import ARTICLES, Kind, held_without_conclusion
from applications.services.panels import GONE
from bases.lifecycle import State
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

NOT_AGREED = (MeetingItem.Conclusion.REFUSED, MeetingItem.Conclusion.POSTPONED)


def source(acting: Acting, on: date) -> Iterator[Item]:
    """For the officer the review of each round, its meetings and what follows; for the leader the rubrics to put in force."""
    if acting.role == Role.DEPT_OFFICER:
        yield from _meetings(on)
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
    """Drafts that somebody else has brought to 100 points."""
    drafts = Rubric.objects.filter(state=Rubric.State.DRAFT).exclude(drafted_by=acting.user)
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
    plans = AssignmentPlan.objects.filter(round=OuterRef("round")).exclude(state=AssignmentPlan.State.DISCARDED)
    gone = Q(panel__assignments__replaces__status__in=GONE)
    return (
        newest_applications()
        .filter(base__state__in=[State.RECOMMENDED, State.IN_REVIEW, State.SHORTLISTED, State.RECOGNISED])
        .filter(declared_on__isnull=False)
        .annotate(left_out=Exists(left_out))
        .annotate(deliberated=Exists(Deliberation.objects.filter(**own)))
        .annotate(deliberated_as=Subquery(said))
        .annotate(on_an_agenda=Exists(deliberations.filter(meeting__state=ReviewMeeting.State.DRAFT)))
        .annotate(drafted=Exists(PublicNotice.objects.filter(state__in=PublicNotice.PREPARED, chosen=OuterRef("base"))))
        .annotate(sat=Count("panel__assignments"))
        .annotate(live=Count("panel__assignments", filter=Q(panel__assignments__status__in=Assignment.LIVE)))
        .annotate(waiting=Count("panel__assignments", filter=Q(panel__assignments__status=Assignment.Status.ASSIGNED)))
        .annotate(replaced=Count("panel__assignments__replaces", filter=gone, distinct=True))
        .annotate(least=Coalesce(F("panel__required"), F("round__policy__min_experts")))
        .annotate(size=Coalesce(Subquery(plans.order_by("-pk").values("size")[:1]), F("round__policy__panel_size")))
        .annotate(fixed=Q(panel__aggregate__isnull=False))
        .select_related("base", "round")
        .order_by("base_id")
    )


def _is_short(a: Application) -> bool:
    """Whether somebody who left the panel is to be replaced, by the count of 补派: it began with so many and stays odd."""
    began = min(a.size, a.sat - a.replaced)  # type: ignore[attr-defined]
    return not a.fixed and a.live < max(a.least, began if began % 2 else began - 1)  # type: ignore[attr-defined]


def _step(a: Application) -> str:
    """The step that a whole round takes with it; empty where the base has an item of its own, or none."""
    state = a.base.state
    if state == State.RECOMMENDED:
        return "assign" if a.live < a.least else "start"  # type: ignore[attr-defined]
    if state == State.IN_REVIEW and not a.left_out:  # type: ignore[attr-defined]
        return "replace" if _is_short(a) else "" if a.waiting else "rank"  # type: ignore[attr-defined]
    heard = a.deliberated or a.deliberated_as in NOT_AGREED or a.on_an_agenda  # type: ignore[attr-defined]
    return "deliberate" if state == State.SHORTLISTED and not heard else ""


def _round_item(round_: Round, step: str, n: int) -> Item:
    group, why, article, page, button = {
        "assign": (_("评审"), _("已推荐到厅，请分配评审专家。"), "8(3)", "round-review", _("分配专家")),
        "start": (_("评审"), _("专家已配齐，可以启动评审。"), "8(3)", "round-review-start", _("启动评审")),
        "replace": (_("评审"), _("有专家回避、谢绝或者撤换，请补派。"), "8(3)", "round-propose", _("补派专家")),
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
    return Item(group, title, why, article, reverse(page, args=[round_.pk]) + query, button)


def _own_item(a: Application) -> Item | None:
    """What waits for one base: what a deliberation did not agree to, the notice, the document."""
    state, name, said = a.base.state, a.base.name, a.deliberated_as  # type: ignore[attr-defined]
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
