"""What waits for each role between 申报 and 认定: a constant number of queries each."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import (
    NoticeEntry,
    Objection,
    Panel,
    PublicNotice,
    Round,
    UnitReview,
)
from applications.queries import desk_notices, waiting_sheets
from applications.services import notice_kinds
from applications.services.declaring import declare_window, newest_applications, with_own_deadline
from applications.services.rounds import current_round
from bases.lifecycle import State
from bases.queries import visible_bases
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Everything of this stretch of the life that waits for the role."""
    by_role = {
        Role.APPLICANT: _applicant,
        Role.UNIT_OFFICER: _unit_officer,
        Role.DEPT_OFFICER: _dept_officer,
        Role.DEPT_LEADER: _dept_leader,
        Role.EXPERT: _expert,
    }
    handler = by_role.get(Role(acting.role)) if acting.role in Role.values else None
    if handler:
        yield from handler(acting, on)
    if acting.role in {Role.UNIT_OFFICER, Role.DEPT_OFFICER}:
        yield from _notices(acting, on)


def _applicant(acting: Acting, on: date) -> Iterator[Item]:
    open_round = current_round(on)
    drafts = newest_applications().filter(base__in=visible_bases(acting).values("pk"), base__state=State.DRAFTING)
    for draft in with_own_deadline(drafts).select_related("base", "round"):
        why = (
            _("被退回：%(reason)s") % {"reason": draft.returned_reason}
            if draft.returned_reason
            else _("申请书尚未提交。")
        )
        page = reverse("base", args=[draft.base_id])
        if draft.window.closes_on < on:
            if open_round is not None and draft.round_id != open_round.pk:
                why = _("没有赶上 %(last)s 年度批次，可以转入 %(year)s 年度批次，已填写的内容保留。")
                words = {"last": draft.round.year, "year": open_round.year}
                url = _act(draft.base_id, "renew")
                yield Item(_("申报"), draft.base.name, why % words, "5", url, _("转入新的批次"), open_round.closes_on)
        else:
            url = reverse("application-edit", args=[draft.pk])
            closes = declare_window(draft).closes_on
            yield Item(_("申报"), draft.base.name, why, "8(1)", url, _("继续填写"), closes, page)


def _act(base_id: int, name: str) -> str:
    return reverse("act", args=[base_id, name])


def _unit_officer(acting: Acting, on: date) -> Iterator[Item]:
    declared = (
        newest_applications()
        .filter(base__training_unit_id=acting.unit_id, base__state=State.DECLARED, declared_on__isnull=False)
        .annotate(reviewed=Exists(UnitReview.objects.filter(application=OuterRef("pk"), reviewed_on__isnull=False)))
        .annotate(agreed=F("review__agreed"))
    )
    for application in declared.select_related("base", "round").order_by("round__year"):
        if application.reviewed and not application.agreed:
            why = _("审核结论为不同意推荐，请退回修改或者不予推荐。")
            url, button = reverse("base", args=[application.base_id]), _("作出处理")
        elif application.reviewed:
            why, url, button = (
                _("六项审核已完成，可以发布推荐公示。"),
                reverse("recommendation-list"),
                _("发布推荐公示"),
            )
        else:
            why, url, button = _("申请书已提交，请作六项审核。"), _act(application.base_id, "review"), _("填写审核意见")
        yield Item(_("推荐"), application.base.name, why, "8(2)", url, button, application.round.recommend_by)
    for entry in _ended(PublicNotice.Kind.RECOMMENDATION, State.UNIT_NOTICE, on).filter(
        notice__issuer_unit_id=acting.unit_id
    ):
        yield _after_notice(entry, _("推荐"), "8(2)", "recommend", _("推荐至教育厅"), "decline", _("不予推荐"))


def _dept_officer(acting: Acting, on: date) -> Iterator[Item]:
    for round_ in Round.objects.filter(quotas_published_on=None, recommend_by__gte=on):
        why = _("名额已测算，核对后请下达；下达之前各单位不能发布推荐公示。")
        url = reverse("quota-list", args=[round_.pk])
        yield Item(_("名额"), str(round_), why, "6", url, _("核对并下达名额"), round_.opens_on)


def _dept_leader(acting: Acting, on: date) -> Iterator[Item]:
    submitted = PublicNotice.objects.filter(state=PublicNotice.State.SUBMITTED).select_related("submitted_by")
    for notice in submitted.exclude(submitted_by=acting.user):
        why = _("%(name)s 已提交公示稿，请审批发布或者退回。") % {
            "name": notice.submitted_by.full_name if notice.submitted_by else ""
        }
        url = reverse("desk-notice", args=[notice.pk])
        yield Item(_("公示"), notice.title, why, notice_kinds.get(notice.kind).articles, url, _("审批公示"))
    for entry in _ended(PublicNotice.Kind.RECOGNITION, State.RECOGNITION_NOTICE, on):
        yield _after_notice(entry, _("认定"), "8(4)", "recognise", _("予以认定"), "reject", _("不予认定"))


def _notices(acting: Acting, on: date) -> Iterator[Item]:
    """What waits for the office that drafts notices: those sent back, those withdrawn, and those that are over."""
    own = desk_notices(acting)
    for notice in own.filter(state=PublicNotice.State.DRAFT).exclude(returned_reason=""):
        why = _("公示稿被退回：%(reason)s") % {"reason": notice.returned_reason}
        yield _notice_item(notice, why, reverse("notice-edit", args=[notice.pk]), _("修改公示稿"))
    withdrawn = own.filter(state=PublicNotice.State.WITHDRAWN).annotate(replaced_by=F("replacement"))
    not_drafted = Q(replacement=None) | ~Q(replacement__state__in=PublicNotice.PREPARED)
    for notice, left in _waiting_again(list(withdrawn.filter(not_drafted))):
        if notice.replaced_by is not None:  # type: ignore[attr-defined]
            yield from (_left_out(notice, entry) for entry in left)
            continue
        url = f"{reverse('notice-new')}?replaces={notice.pk}"
        yield _notice_item(notice, _("公示已撤回，名单中的基地等待重新公示。"), url, _("重新起草"))
    still_open = Objection.objects.filter(notice=OuterRef("pk"), status__in=Objection.OPEN)
    over = own.filter(state=PublicNotice.State.PUBLISHED, ends_on__lt=on).exclude(Exists(still_open))
    upheld = Objection.objects.filter(notice=OuterRef("pk"), status=Objection.Status.UPHELD)
    for notice in over.annotate(upheld=Exists(upheld)):
        why, url, button = (
            _("公示已于 %(day)s 结束，没有未办结的异议，请办结公示。"),
            reverse("notice-conclude", args=[notice.pk]),
            _("办结公示"),
        )
        if notice.upheld and not notice_kinds.get(notice.kind).in_round:
            why = _("公示已于 %(day)s 结束，有异议成立：请提请审批人撤回；其他基地已据此决定、不能撤回的，办结公示。")
            url, button = reverse("desk-notice", args=[notice.pk]), _("查看公示")
        yield _notice_item(notice, why % {"day": notice.ends_on.isoformat()}, url, button)


def _waiting_again(withdrawn: list[PublicNotice]) -> Iterator[tuple[PublicNotice, list[NoticeEntry]]]:
    """Those of the withdrawn notices that still have bases which wait for another, with the lines of these bases.

    A base that a later notice of the kind lists, or a draft of it, waits no more; nor does a result that was proposed later.
    """
    newer = NoticeEntry.objects.filter(
        base=OuterRef("base"), notice__kind=OuterRef("notice__kind"), notice_id__gt=OuterRef("notice_id")
    )
    drafted = PublicNotice.objects.filter(
        kind=OuterRef("notice__kind"), state__in=PublicNotice.PREPARED, chosen=OuterRef("base")
    )
    entries = NoticeEntry.objects.filter(notice__in=withdrawn).exclude(Exists(newer)).exclude(Exists(drafted))
    by_notice: dict[int, list[NoticeEntry]] = {}
    for entry in entries.select_related("base"):
        by_notice.setdefault(entry.notice_id, []).append(entry)
    results: dict[str, dict[int, notice_kinds.Candidate]] = {}
    for notice in withdrawn:
        rules, left = notice_kinds.get(notice.kind), by_notice.get(notice.pk, [])
        if not rules.state and rules.key not in results:
            results[rules.key] = notice_kinds.named(rules.candidates(None, None))
        proposed = results.get(rules.key, {})
        still = [e for e in left if e.base.state == rules.state or _still_proposed(proposed.get(e.base_id), notice)]
        if still:
            yield notice, still


def _still_proposed(candidate: notice_kinds.Candidate | None, notice: PublicNotice) -> bool:
    """Whether what is proposed for a base is what the withdrawn notice announced, not the result of a later year."""
    return candidate is not None and (candidate.since is None or candidate.since <= notice.published_on)


def _left_out(notice: PublicNotice, entry: NoticeEntry) -> Item:
    """A base of a withdrawn notice that the one in its place does not list."""
    why = {
        PublicNotice.Kind.RECOMMENDATION: _("《%(title)s》撤回后没有再列入公示：请另行起草公示，或者不予推荐。"),
        PublicNotice.Kind.RECOGNITION: _("《%(title)s》撤回后没有再列入公示：请另行起草公示，或者不予认定。"),
    }.get(PublicNotice.Kind(notice.kind), _("《%(title)s》撤回后没有再列入公示：请另行起草公示，期满后再作决定。"))
    articles = notice_kinds.get(notice.kind).articles
    url = f"{reverse('notice-new')}?kind={notice.kind}&bases={entry.base_id}"
    page, title = reverse("base", args=[entry.base_id]), {"title": notice.title}
    return Item(_("公示"), entry.base.name, why % title, articles, url, _("另行起草"), page=page)


def _notice_item(notice: PublicNotice, why: str, url: str, button: str) -> Item:
    page = reverse("desk-notice", args=[notice.pk])
    articles = notice_kinds.get(notice.kind).articles
    return Item(_("公示"), notice.title, why, articles, url, button, page=page)


def _ended(kind: str, state: str, on: date):  # type: ignore[no-untyped-def]
    # An upheld objection settles the matter; the notice need not end first.
    newer = NoticeEntry.objects.filter(base=OuterRef("base"), notice__kind=kind, notice_id__gt=OuterRef("notice_id"))
    # What was objected to a list that was withdrawn goes on with the one that took its place.
    before = Q(notice__state=PublicNotice.State.WITHDRAWN, notice__kind=kind, notice__round=OuterRef("notice__round"))
    about = Objection.objects.filter(Q(notice=OuterRef("notice")) | before, base=OuterRef("base"))
    return (
        NoticeEntry.objects.filter(notice__kind=kind, base__state=state)
        .annotate(upheld=Exists(about.filter(status=Objection.Status.UPHELD)))
        .filter(Q(notice__ends_on__lt=on) | Q(upheld=True))
        .exclude(Exists(newer))
        .exclude(notice__state=PublicNotice.State.WITHDRAWN)
        .exclude(Exists(about.filter(Objection.BLOCKING)))
        .select_related("base", "notice__round")
    )


def _after_notice(
    entry: NoticeEntry, group: str, article: str, forward: str, forward_label: str, stop: str, stop_label: str
) -> Item:
    if entry.upheld:  # type: ignore[attr-defined]
        return Item(
            group, entry.base.name, _("异议已查证成立，请作出处理。"), article, _act(entry.base_id, stop), stop_label
        )
    due = entry.notice.round.recommend_by if entry.notice.issuer_unit_id and entry.notice.round else None
    url = _act(entry.base_id, forward)
    return Item(group, entry.base.name, _("公示已结束且无异议。"), article, url, forward_label, due)


def _expert(acting: Acting, on: date) -> Iterator[Item]:
    for assignment in waiting_sheets(acting).prefetch_related("sheet__unlocks"):
        panel: Panel = assignment.panel
        unlocks = list(assignment.sheet.unlocks.all()) if hasattr(assignment, "sheet") else []
        url, button = reverse("sheet", args=[assignment.pk]), _("去评分")
        why = _("请审阅材料并独立评分。")
        if assignment.declared_on is None:
            why = _("请先声明有无利害关系，再审阅材料、独立评分。")
            url, button = reverse("review-declare", args=[assignment.pk]), _("去声明")
        elif unlocks:
            why = _("教育厅解锁了您的评分表，请修改后重新提交。原因：%(reason)s") % {"reason": unlocks[-1].reason}
        article = "8(3)" if panel.purpose == Panel.Purpose.APPLICATION else "16"
        due = panel.application.round.sheets_due_on if panel.application else None
        yield Item(panel.get_purpose_display(), panel.base.name, why, article, url, button, due)
