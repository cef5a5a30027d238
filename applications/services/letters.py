"""What those hear who are not recognised (第八条（三）（四）): the decision on all that the list left out, and a letter each.

A letter carries what the experts wrote for the applicant, without their names and in an order that says nothing of who wrote it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    ApplicationVersion,
    Assignment,
    MeetingItem,
    Panel,
    PreliminaryEntry,
    PreliminaryList,
    ResultLetter,
    ReviewMeeting,
    Round,
)
from applications.office_texts import COMMENTS, REASON
from applications.services import all_in, panels
from applications.services.declaring import newest_applications
from applications.services.recognising import reject
from bases import office_texts
from bases.lifecycle import State
from bases.models import Base, LifecycleEvent, OfficialDocument
from bases.services.documents import register_document
from bases.services.lifecycle import lock
from bases.services.office_texts import wording
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

_WITH = ("base__training_unit", "base__partner", "base__category", "round")


def left_out(round_: Round) -> QuerySet[Application]:
    """Applications that stood before the experts and that no preliminary list took up, once a list of the round is adopted.

    Not those that the last 评审会议 on them postponed (暂缓): they wait for the next one.
    """
    return _not_listed(round_, postponed=False)


def postponed(round_: Round) -> QuerySet[Application]:
    """Applications that no preliminary list took up because the last 评审会议 on them postponed them."""
    return _not_listed(round_, postponed=True)


def _not_listed(round_: Round, *, postponed: bool) -> QuerySet[Application]:
    lists = PreliminaryList.objects.filter(round=round_, state=PreliminaryList.State.ADOPTED)
    entries = PreliminaryEntry.objects.filter(preliminary_list__in=lists.values("pk"), application=OuterRef("pk"))
    said = MeetingItem.objects.filter(
        application=OuterRef("pk"), meeting__round=round_, meeting__kind=ReviewMeeting.Kind.REVIEW,
        meeting__state=ReviewMeeting.State.CONCLUDED,
    ).order_by("-meeting__held_on", "-meeting_id")  # fmt: skip
    found = newest_applications().filter(round=round_, base__state=State.IN_REVIEW)
    waits = Q(said_last=MeetingItem.Conclusion.POSTPONED)
    return (
        found.filter(Exists(entries.filter(chosen=False)))
        .alias(said_last=Coalesce(Subquery(said.values("conclusion")[:1]), Value("")))
        .filter(waits if postponed else ~waits)
        .select_related(*_WITH)
        .order_by("base__training_unit__code", "base__name", "pk")
    )


def with_rejection(found: QuerySet[Application]) -> QuerySet[Application]:
    """Those of these applications that were not recognised, each with the key of the decision as ``rejection``.

    It is the base's decision after the application was last declared and before any later application was; so one whose base has
    begun again since is among them.
    """
    own = ApplicationVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    newer = Q(application__base=OuterRef("base"), application__round__year__gt=OuterRef("round__year"))
    later = ApplicationVersion.objects.filter(newer).order_by("declared_on")
    decided = LifecycleEvent.objects.filter(
        base=OuterRef("base"),
        transition="reject",
        on__gte=OuterRef("declared_last"),
        on__lte=OuterRef("declared_again"),
    )
    return (
        found.annotate(
            declared_last=Subquery(own.values("declared_on")[:1]),
            declared_again=Coalesce(Subquery(later.values("declared_on")[:1]), date.max),
        )
        .annotate(rejection=Subquery(decided.order_by("-sequence").values("pk")[:1]))
        .filter(rejection__isnull=False)
        .exclude(~Q(base__state=State.NOT_RECOGNISED), pk__in=newest_applications().values("pk"))
    )


def not_recognised(round_: Round) -> QuerySet[Application]:
    """The applications of a round that were not recognised, with their letter if it is out."""
    found = with_rejection(Application.objects.filter(round=round_))
    related = (*_WITH, "result_letter__document__pdf")
    return found.select_related(*related).order_by("base__training_unit__code", "base__name", "pk")


def awaiting_letter(round_: Round) -> QuerySet[Application]:
    """Those of them whose letter is not out yet."""
    return not_recognised(round_).filter(result_letter=None)


def rejections(applications: Iterable[Application]) -> dict[int, LifecycleEvent]:
    """The decision not to recognise each of these applications, by its key; those that were not rejected are left out."""
    keys = [application.pk for application in applications]
    decided: dict[int, int] = {
        each.pk: each.rejection  # type: ignore[attr-defined]
        for each in with_rejection(Application.objects.filter(pk__in=keys))
    }
    moves = LifecycleEvent.objects.in_bulk(decided.values())
    return {application: moves[move] for application, move in decided.items()}


@transaction.atomic
def reject_left_out(*, round_: Round, count: int, reason: str, by: Acting, on: date) -> list[Base]:
    """Decide not to recognise whatever the preliminary list left out (第八条（三）), in one act: all of them or none.

    ``count`` is how many the person saw. Raises Overtaken when there are others by now, NotYours, Refused without a reason.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("不予认定由教育厅经办办理。"))
    if not reason.strip():
        raise Refused(_("请写明不予认定的理由。"))
    for pk in sorted(left_out(round_).values_list("base", flat=True)):
        lock(pk)
    bases = [application.base for application in left_out(round_)]
    if len(bases) != count:
        raise Overtaken(
            _("没有办理：您打开本页之后，未列入名单的基地由 %(was)s 个变为 %(now)s 个，请看过再办理。")
            % {"was": count, "now": len(bases)}
        )
    if not bases:
        raise Refused(_("没有未列入初步名单的基地。"))
    return [reject(base=base, acting=by, on=on, reason=reason.strip()) for base in bases]


def comments_for_applicant(application: Application, on: date) -> list[str]:
    """What the experts wrote for the applicant, as ``comments_of`` gives it."""
    return comments_of(Panel.objects.filter(application=application), on)


def comments_of(found: QuerySet[Panel], on: date) -> list[str]:
    """What the experts of these panels wrote for the applicant, without names, in an order that is neither theirs nor that of time.

    Only of panels whose sheets are all in, and while the aggregate is open of nobody who is in conflict on that day (回避).
    """
    complete = all_in.with_all_sheets(found).values("pk")
    handed_in = Assignment.objects.filter(panel__in=complete, status=Assignment.Status.SUBMITTED)
    sheets = list(handed_in.select_related("expert", "panel__base", "sheet"))
    barred = panels.standing_conflicts([each for each in sheets if each.panel.aggregate is None], on)
    written = [(each.panel_id, each.sheet.comment.strip()) for each in sheets if each.pk not in barred]
    told = [(panel, text) for panel, text in written if text]
    return [
        text for _, text in sorted(told, key=lambda each: hashlib.sha256(f"{each[0]}:{each[1]}".encode()).hexdigest())
    ]


@transaction.atomic
def send_letters(
    *, applications: Iterable[Application], document_date: date, by: Acting, on: date
) -> list[OfficialDocument]:
    """Register the 评审结果通知 on each of these applications, addressed to its training unit: all of them or none.

    Raises NotYours, and Refused for one that is not rejected or has its letter already.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审结果通知由教育厅经办登记。"))
    chosen = sorted({application.pk for application in applications})
    if not chosen:
        raise Refused(_("请至少选择一个未获认定的基地。"))
    if document_date > on:
        raise Refused(_("成文日期 %(day)s 还没有到。") % {"day": document_date.isoformat()})
    locked = Application.objects.select_for_update(of=("self",)).filter(pk__in=chosen).select_related(*_WITH)
    listed = sorted(locked.order_by("pk"), key=lambda a: (a.base.training_unit.code, a.base.name, a.pk))
    decided = rejections(listed)
    _refuse_wrong(listed, decided)
    return [_send(application, decided[application.pk].reason, document_date, by, on) for application in listed]


def _refuse_wrong(listed: list[Application], decided: Mapping[int, LifecycleEvent]) -> None:
    told = set(ResultLetter.objects.filter(application__in=listed).values_list("application", flat=True))
    reasons = []
    for application in listed:
        if application.pk not in decided:
            words = {"base": application.base.name, "state": application.base.state_label}
            reasons.append(_("“%(base)s”当前状态为“%(state)s”，不发评审结果通知。") % words)
        elif application.pk in told:
            reasons.append(_("“%(base)s”的评审结果通知已经发出，没有重复登记。") % {"base": application.base.name})
    if reasons:
        raise Refused(reasons)


def _send(application: Application, reason: str, document_date: date, by: Acting, on: date) -> OfficialDocument:
    base, unit = application.base, application.base.training_unit
    annexes = _annexes(application, on)
    values = {
        office_texts.YEAR: str(application.round.year),
        office_texts.TRAINING_UNIT: unit.name,
        # The base may bear another name since it began again.
        office_texts.BASE: application.name,
        REASON: reason,
        COMMENTS: _("评审专家对申报材料的意见见附件，请转达申报人，供改进建设时参考。") if annexes else "",
    }
    title, paragraphs = wording(OfficialDocument.Kind.REVIEW_RESULT, None, values)
    document = register_document(
        kind=OfficialDocument.Kind.REVIEW_RESULT,
        title=title,
        document_date=document_date,
        published_on=on,
        bases=[base],
        by=by,
        addressee=unit.name,
        text="\n".join(paragraphs),
        annexes=annexes,
    )
    ResultLetter.objects.create(application=application, document=document)
    return document


def _annexes(application: Application, on: date) -> list[dict[str, Any]]:
    """What the experts wrote, as the annex of a letter; none where no review was begun."""
    begun = Panel.objects.filter(application=application, started=True)
    if not begun.exists():
        return []
    comments = comments_for_applicant(application, on)
    told = [_("意见%(n)s：%(text)s") % {"n": n, "text": text} for n, text in enumerate(comments, start=1)]
    if not told and all_in.with_all_sheets(begun).exists():
        told = [_("评审专家没有另写意见。")]
    return [{"title": _("专家评审意见"), "paragraphs": told or [_("评审没有全部完成，没有可以转达的专家意见。")]}]
