"""评审与认定 (第八条（三）（四）): what the department decides on a recommended base."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from agreements.services import mentors
from agreements.services.contributions import plan_from_budget
from agreements.services.revisions import ask_for_revision, due_date
from applications.models import Application, BudgetLine, Deliberation, MeetingItem, Panel, PublicNotice, ReviewMeeting
from applications.office_texts import REVISE_BY
from applications.services import panels
from applications.services.declaring import current_application
from applications.services.notice_lists import who_shortlisted
from applications.services.notice_standing import notice_facts
from applications.services.notices import league
from bases import office_texts
from bases.lifecycle import Evidence, PanelFacts, State
from bases.models import Base, LifecycleEvent, OfficialDocument, Policy
from bases.services.documents import register_document
from bases.services.lifecycle import advance, lock, refusals
from bases.services.office_texts import wording
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role
from portal.typesetting import chinese_date

PREPARED_BY_THE_SAME = gettext_noop("拟办与决定不能是同一人，请由其他审批人办理。")


def review_panel(base: Base) -> Panel | None:
    """The panel of the base's current application."""
    return Panel.objects.filter(application=current_application(base)).select_related("base", "rubric").first()


@transaction.atomic
def assign_experts(*, base: Base, acting: Acting, on: date, experts: Iterable[User]) -> Panel:
    """Put experts on the review of the current application; allowed before and during the review."""
    locked = lock(base.pk)
    if locked.state not in {State.RECOMMENDED, State.IN_REVIEW}:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有分配专家。") % {"state": locked.state_label})
    application = current_application(locked)
    panel = review_panel(locked) or panels.ensure_panel(
        base=locked,
        purpose=Panel.Purpose.APPLICATION,
        required=application.round.policy.min_experts,
        by=acting,
        on=on,
        application=application,
    )
    return panels.assign(panel=panel, experts=experts, by=acting, on=on)


def assign_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why no expert can be put on the base's panel now."""
    panel = review_panel(base)
    fixed = panel is not None and panel.fixed_on is not None
    return (_("综合得分已确定，不能再增加专家。"),) if fixed else ()


def open_review_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the review cannot begin now."""
    facts = panels.facts(review_panel(base), on)
    return (*refusals(base, "open_review", by=acting, evidence=Evidence(on=on, panel=facts)), *_even(facts))


def _even(facts: PanelFacts | None) -> list[str]:
    """That a panel has an even number of experts; that it has too few the machine says itself."""
    if facts is None or facts.assigned < facts.required:
        return []
    return [f"{reason}。" for reason in panels.size_reasons(facts.assigned, facts.required)]


@transaction.atomic
def open_review(*, base: Base, acting: Acting, on: date) -> Base:
    """Hand the dossier to the experts, of whom there is an odd number."""
    locked = lock(base.pk)
    panel = review_panel(locked)
    facts = panels.facts(panel, on)
    moved = advance(base, "open_review", by=acting, evidence=Evidence(on=on, panel=facts))
    if even := _even(facts):
        raise Refused(even)
    if panel is not None:
        panels.start(panel)
    return moved


def shortlist_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the base cannot be put on the preliminary list now (the aggregate is fixed in the act itself)."""
    panel = review_panel(base)
    try:
        with transaction.atomic():
            fixed = panels.fix_aggregate(panel=panel, on=on) if panel else None
            reasons = refusals(base, "shortlist", by=acting, evidence=Evidence(on=on, panel=panels.facts(fixed, on)))
            transaction.set_rollback(True)
    except Refused as refusal:
        return refusal.reasons
    return reasons


@transaction.atomic
def shortlist(
    *, base: Base, acting: Acting, on: date, fixed: Panel | None = None, barred: panels.Barred | None = None
) -> Base:
    """Fix the aggregate and put the base on the preliminary list (第八条（三）), in one act.

    A list hands down the panel of its own round that it has ``fixed`` in the same transaction, and the conflicts it has looked up.
    """
    if fixed is None:
        panel = review_panel(lock(base.pk))
        if panel is None:
            raise Refused(_("尚未分配评审专家。"))
        fixed = panels.fix_aggregate(panel=panel, on=on)
    return advance(base, "shortlist", by=acting, evidence=Evidence(on=on, panel=panels.facts(fixed, on, barred=barred)))


@transaction.atomic
def record_deliberation(
    *,
    base: Base,
    acting: Acting,
    on: date,
    held_on: date,
    conclusion: str,
    minutes: UploadedFile | None = None,
    meeting: ReviewMeeting | None = None,
) -> Deliberation:
    """Record the department's deliberation (第八条（四）); whoever records it cannot decide on it.

    Alone for a base that no meeting has deliberated on; what a ``meeting`` said comes from its conclusion and is not changed afterwards.
    """
    locked = lock(base.pk)
    if acting.role != Role.DEPT_OFFICER or acting.user is None:
        raise NotYours(_("审议纪要由教育厅经办登记。"))
    if locked.state != State.SHORTLISTED:
        raise Overtaken(_("基地当前状态为“%(state)s”，审议纪要没有登记。") % {"state": locked.state_label})
    if held_on > on:
        raise Refused(_("审议日期 %(day)s 还没有到，请填写实际开会日期。") % {"day": held_on.isoformat()})
    listed_on = shortlisted_on([locked]).get(locked.pk)
    if listed_on is not None and held_on < listed_on:
        words = {"day": held_on.isoformat(), "listed": listed_on.isoformat()}
        raise Refused(_("审议日期 %(day)s 早于列入初步名单的日期 %(listed)s，请填写实际开会日期。") % words)
    beside = _beside_a_meeting(locked) if meeting is None else ()
    if beside:
        raise Refused(beside)
    stored = uploads.store(minutes, purpose="minutes", by=acting.user) if minutes else None
    defaults = {"held_on": held_on, "conclusion": conclusion, "prepared_by": acting.user, "prepared_on": on}
    if stored:
        defaults["minutes"] = stored
    saved, _created = Deliberation.objects.update_or_create(application=current_application(locked), defaults=defaults)
    return saved


def shortlisted_on(bases: Iterable[Base]) -> dict[int, date]:
    """By base, the day on which it was put on the preliminary list the last time."""
    moves = LifecycleEvent.objects.filter(base__in=[base.pk for base in bases], transition="shortlist")
    return dict(moves.order_by("sequence").values_list("base_id", "on"))


def deliberate_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why a deliberation cannot be recorded for the base alone: a meeting has spoken, or is going to."""
    return _beside_a_meeting(base)


def _beside_a_meeting(base: Base) -> tuple[str, ...]:
    found = (
        MeetingItem.objects.filter(application=current_application(base), meeting__kind=ReviewMeeting.Kind.DELIBERATION)
        .select_related("meeting")
        .order_by("meeting__held_on", "meeting_id")
    )
    items = list(found)
    draft = next((item for item in items if item.meeting.state == ReviewMeeting.State.DRAFT), None)
    if draft is not None:
        words = {"title": draft.meeting.title}
        return (_("本基地已列入“%(title)s”的议题，不能单独登记；请在会议中登记结论，或者先移出议题。") % words,)
    if not items:
        return ()
    said = items[-1]
    words = {"title": said.meeting.title, "conclusion": said.get_conclusion_display()}
    if said.conclusion == MeetingItem.Conclusion.AGREED:
        return (_("“%(title)s”已对本基地作出结论（%(conclusion)s），审议纪要已随会议登记，不能单独登记。") % words,)
    return (
        _("“%(title)s”已对本基地作出结论（%(conclusion)s），不能单独登记；需要再议的，请列入下一次认定审议会。")
        % words,
    )


def recognise_evidence(base: Base, on: date) -> Evidence:
    """What the machine wants to see before a base is recognised."""
    return Evidence(on=on, notice=notice_facts(base, PublicNotice.Kind.RECOGNITION))


def _prepared_by(base: Base, acting: Acting) -> bool:
    """Whether the leader is who put the base on the preliminary list or recorded its deliberation."""
    if acting.role != Role.DEPT_LEADER:
        return False
    deliberation = Deliberation.objects.filter(application=current_application(base)).first()
    preparers = {who_shortlisted([base]).get(base.pk), deliberation.prepared_by_id if deliberation else None}
    return acting.user_id in preparers - {None}


def recognise_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the base cannot be recognised now by this person."""
    reasons = refusals(base, "recognise", by=acting, evidence=recognise_evidence(base, on))
    return (*reasons, _(PREPARED_BY_THE_SAME)) if _prepared_by(base, acting) else reasons


@transaction.atomic
def recognise(*, base: Base, acting: Acting, on: date) -> Base:
    """Recognise a base whose notice ended without an open or upheld objection; not by who prepared the recognition."""
    locked = lock(base.pk)
    if _prepared_by(locked, acting):
        raise Refused(_(PREPARED_BY_THE_SAME))
    return advance(base, "recognise", by=acting, evidence=recognise_evidence(locked, on))


def reject(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Do not recognise the base this year, with the reason."""
    return advance(base, "reject", by=acting, evidence=Evidence(on=on, reason=reason))


@transaction.atomic
def publish_recognition_document(
    *,
    bases: Iterable[Base],
    title: str,
    document_date: date,
    published_on: date,
    by: Acting,
    on: date,
    file: UploadedFile | None = None,
) -> OfficialDocument:
    """Register the recognition document and start the construction of its bases from its publication date (第八条（四）, 第十二条).

    Its text is the office's wording with the list of the bases as annex; each training unit's 立项通知 takes the numbers after it.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("认定文件由教育厅经办登记。"))
    chosen = [lock(pk) for pk in sorted({base.pk for base in bases})]
    if not chosen:
        raise Refused(_("请至少选择一个已认定的基地。"))
    stored = uploads.store(file, purpose="document", by=by.user) if file else None
    policy = Policy.in_force(published_on)
    ends_on = published_on + relativedelta(years=policy.construction_years)
    listed = sorted(chosen, key=lambda base: (base.training_unit.code, base.name))
    values = recognition_values(listed, published_on, ends_on, due_date(policy, published_on))
    _title, paragraphs = wording(OfficialDocument.Kind.RECOGNITION, None, values)
    document = register_document(
        kind=OfficialDocument.Kind.RECOGNITION,
        title=title,
        document_date=document_date,
        published_on=published_on,
        bases=listed,
        by=by,
        file=stored,
        addressee=_("各研究生培养单位"),
        text="\n".join(paragraphs),
        annexes=[recognised_list(listed, values[office_texts.YEAR])],
    )
    _refuse_before_recognition(chosen, published_on)
    evidence = Evidence(
        on=on,
        document_number=document.number,
        document_published_on=published_on,
        period_ends_on=ends_on,
    )
    Base.objects.filter(pk__in=[base.pk for base in chosen]).update(policy=policy)
    for base in chosen:
        moved = advance(base, "start_construction", by=by, evidence=evidence, document=document)
        ask_for_revision(base=base, policy=policy, on=published_on, document=document)
        plan_from_budget(base=moved, lines=_budget(moved), on=published_on)
        _hand_mentors_over(moved, published_on, by)
    for _code, own in groupby(listed, key=lambda base: base.training_unit.code):
        _tell_unit(list(own), document, values, by)
    return document


def _budget(base: Base) -> list[tuple[str, list[Decimal | None]]]:
    """What each side planned to spend in the three years when it applied (第十二条): the lines of the recognised application."""
    lines = BudgetLine.objects.filter(application=current_application(base)).order_by("pk")
    return [(line.side, [line.year_1, line.year_2, line.year_3]) for line in lines]


def _hand_mentors_over(base: Base, on: date, by: Acting) -> None:
    """Make the mentors whom the recognised application names the first mentors of the base (第十一条)."""
    application = current_application(base)
    campus = [
        mentors.CampusPerson(row.name, row.department, row.title, row.direction)
        for row in application.campus_mentors.all()
    ]
    industry = [
        mentors.IndustryPerson(
            row.name, row.employer, row.post, row.title, row.degree, row.years, row.appointment, row.appointed_until
        )
        for row in application.industry_mentors.all()
    ]
    mentors.take_over(base=base, campus=campus, industry=industry, on=on, by=by)


def recognition_values(bases: list[Base], published_on: date, ends_on: date, revise_by: date) -> dict[str, str]:
    """What the wordings of the recognition document and of the 立项通知 are filled with."""
    return {
        office_texts.YEAR: str(recognition_year(bases) or published_on.year),
        office_texts.BASES_COUNT: str(len(bases)),
        office_texts.PUBLISHED_ON: chinese_date(published_on),
        office_texts.PERIOD_END: chinese_date(ends_on),
        REVISE_BY: chinese_date(revise_by),
    }


def recognition_year(bases: Iterable[Base]) -> int | None:
    """The newest round in which these bases were declared: a document may come out in the year after its round."""
    rounds = Application.objects.filter(base__in=[base.pk for base in bases]).order_by("-round__year")
    return rounds.values_list("round__year", flat=True).first()


def recognised_list(bases: list[Base], year: str) -> dict[str, Any]:
    """The annex of the recognition document: what 第八条（四） makes public of a base, and no person."""
    return {
        "title": _("%(year)s年度研究生联合培养基地名单") % {"year": year},
        "columns": [
            [_("序号"), 7], [_("培养单位"), 17], [_("基地名称"), 22], [_("类别（代码）"), 15],
            [_("合作单位"), 18], [_("所在盟市"), 10], [_("优先产业"), 11],
        ],
        "rows": [
            [str(position), base.training_unit.name, *_line(base)] for position, base in enumerate(bases, start=1)
        ],
    }  # fmt: skip


def _line(base: Base) -> list[str]:
    return [
        base.name,
        str(base.category or "—"),
        base.partner.name if base.partner else "—",
        league(base) or "—",
        base.get_priority_industry_display() if base.priority_industry else "—",
    ]


def _tell_unit(own: list[Base], recognition: OfficialDocument, values: dict[str, str], by: Acting) -> OfficialDocument:
    """The 立项通知 to one unit with all its bases: construction period, agreement to revise (第十条), what comes after."""
    unit = own[0].training_unit
    filled = values | {
        office_texts.NUMBER: recognition.number,
        office_texts.TRAINING_UNIT: unit.name,
        office_texts.BASES_COUNT: str(len(own)),
    }
    title, paragraphs = wording(OfficialDocument.Kind.PROJECT_NOTICE, None, filled)
    year = values[office_texts.YEAR]
    annex = {
        "title": _("%(unit)s%(year)s年度立项建设基地名单") % {"unit": unit.name, "year": year},
        "columns": [
            [_("序号"), 8], [_("基地名称"), 30], [_("类别（代码）"), 18],
            [_("合作单位"), 22], [_("所在盟市"), 11], [_("优先产业"), 11],
        ],
        "rows": [[str(position), *_line(base)] for position, base in enumerate(own, start=1)],
    }  # fmt: skip
    return register_document(
        kind=OfficialDocument.Kind.PROJECT_NOTICE,
        title=title,
        document_date=recognition.document_date,
        published_on=recognition.published_on,
        bases=own,
        by=by,
        addressee=unit.name,
        text="\n".join(paragraphs),
        annexes=[annex],
    )


def _refuse_before_recognition(bases: list[Base], published_on: date) -> None:
    """A base is recognised first and announced then; an earlier date would begin, or even end, its period before its time."""
    moves = LifecycleEvent.objects.filter(base__in=bases, transition="recognise").order_by("sequence")
    recognised = dict(moves.values_list("base_id", "on"))
    reasons = [
        _("公布日期 %(day)s 早于“%(base)s”的认定日期 %(on)s，请核对。")
        % {"day": published_on.isoformat(), "base": base.name, "on": recognised[base.pk].isoformat()}
        for base in bases
        if base.pk in recognised and published_on < recognised[base.pk]
    ]
    if reasons:
        raise Refused(reasons)


def waiting_for_document() -> QuerySet[Base]:
    """Recognised bases whose document is not out yet."""
    return (
        Base.objects.filter(state=State.RECOGNISED)
        .select_related("training_unit", "partner", "category")
        .order_by("name")
    )
