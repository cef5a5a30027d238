"""公示与异议: lists that go out, and what is objected to them (第八条（二）（四）)."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application, Deliberation, NoticeEntry, PublicNotice, Round
from applications.services import quotas
from applications.services.declaring import newest_applications
from applications.services.notice_lists import in_units_order, is_reviewed
from applications.services.rounds import places_used, report_reasons
from bases.lifecycle import Evidence, NoticeFacts, Places
from bases.models import Base, Department, LifecycleEvent, TrainingUnit
from bases.services.lifecycle import advance, lock
from portal import calendar, jobs, typesetting, uploads
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role

PDF_JOB = "notice_pdf"
CONTACT_NEEDED = _("请先在单位信息中补全受理部门的电话或邮箱，公示必须写明联系方式。")


def period_end(published_on: date, working_days: int) -> date:
    """The last day of a notice, counted in working days from the day after; raises CalendarNotLoaded for an unknown year."""
    return calendar.load().after(published_on, working_days)


@transaction.atomic
def publish_unit_notice(
    *, round: Round, bases: Iterable[Base], title: str, text: str, by: Acting, on: date
) -> PublicNotice:
    """Publish a unit's recommendation list (第八条（二）): all its bases or none, within the quota (第六条)."""
    if by.role != Role.UNIT_OFFICER or by.unit_id is None:
        raise NotYours(_("推荐公示由研究生院发布。"))
    late = report_reasons(round, on)
    if late:
        raise Refused(late)
    unit = TrainingUnit.objects.get(pk=by.unit_id)
    quota = quotas.places_for(round, by.unit_id)
    chosen = _chosen(bases)
    used = places_used(quota) if quota else 0
    places = Places(used=used + len(chosen), limit=quota.places) if quota else None
    current = newest_applications().filter(round=round, base__in=chosen, base__training_unit=unit)
    listed = list(in_units_order(current.select_related("base", "review")))
    refused = [reason for application in listed if (reason := _not_agreed(application))]
    if refused:
        raise Refused(refused)
    by_base = {base.pk: base for base in chosen}
    ordered = [by_base.pop(application.base_id) for application in listed] + list(by_base.values())
    notice = _create_notice(
        PublicNotice.Kind.RECOMMENDATION, round, unit, ordered, title=title, text=text, by=by, on=on
    )  # fmt: skip
    reviewed = {application.base_id for application in listed if is_reviewed(application)}
    for base in ordered:
        evidence = Evidence(
            on=on,
            review_done=base.pk in reviewed,
            places=places,
            notice=NoticeFacts(notice.published_on, notice.ends_on),
        )
        _advance_naming(base, "publish_unit_notice", by=by, evidence=evidence)
    return notice


def _not_agreed(application: Application) -> str:
    if not is_reviewed(application) or application.review.agreed:
        return ""
    return _("%(base)s：六项审核的结论是不同意推荐，不能列入公示名单，请退回修改或作不予推荐处理。") % {
        "base": application.base.name
    }


@transaction.atomic
def publish_recognition_notice(
    *, round: Round, bases: Iterable[Base], title: str, text: str, by: Acting, on: date
) -> PublicNotice:
    """Publish the department's recognition list (第八条（四）), after deliberation and by another person than who prepared it."""
    if by.role != Role.DEPT_LEADER:
        raise NotYours(_("认定公示由教育厅审批人发布。"))
    chosen = sorted(_chosen(bases), key=_rank)
    shortlisted_by = who_shortlisted(chosen)
    notice = _create_notice(PublicNotice.Kind.RECOGNITION, round, None, chosen, title=title, text=text, by=by, on=on)
    current = newest_applications().filter(round=round, base__in=chosen)
    minutes = {
        d.application.base_id: d
        for d in Deliberation.objects.filter(application__in=current).select_related("application")
    }
    for base in chosen:
        deliberation = minutes.get(base.pk)
        preparer = deliberation.prepared_by_id if deliberation else None
        evidence = Evidence(
            on=on,
            minutes=deliberation is not None,
            prepared_by=by.user_id if preparer and shortlisted_by.get(base.pk) == by.user_id else preparer,
            prepared_by_system=deliberation is None,
            notice=NoticeFacts(notice.published_on, notice.ends_on),
        )
        _advance_naming(base, "publish_recognition_notice", by=by, evidence=evidence)
    return notice


def who_shortlisted(bases: Iterable[Base]) -> dict[int, int | None]:
    """By base, who put it on the preliminary list the last time: with whoever recorded the deliberation, its preparer."""
    moves = LifecycleEvent.objects.filter(base__in=list(bases), transition="shortlist").order_by("sequence")
    return dict(moves.values_list("base_id", "actor_id"))


def _chosen(bases: Iterable[Base]) -> list[Base]:
    chosen = [lock(pk) for pk in sorted({base.pk for base in bases})]
    if not chosen:
        raise Refused(_("请至少选择一个基地列入公示名单。"))
    return chosen


def _advance_naming(base: Base, name: str, *, by: Acting, evidence: Evidence) -> None:
    try:
        advance(base, name, by=by, evidence=evidence)
    except Refused as refusal:
        raise type(refusal)([f"{base.name}：{reason}" for reason in refusal.reasons]) from refusal


def _create_notice(
    kind: str,
    round: Round,
    unit: TrainingUnit | None,
    bases: list[Base],
    *,
    title: str,
    text: str,
    by: Acting,
    on: date,
) -> PublicNotice:
    issuer = unit or Department.objects.first()
    contact = "，".join(filter(None, (issuer.phone, issuer.email, issuer.address))) if issuer else ""
    if issuer is None or not contact or by.user is None:
        raise Refused(CONTACT_NEEDED)
    days = round.policy.notice_working_days
    notice = PublicNotice.objects.create(
        kind=kind,
        round=round,
        issuer_unit=unit,
        title=title,
        text=text,
        published_on=on,
        working_days=days,
        ends_on=period_end(on, days),
        office=issuer.office,
        supervision_office=issuer.supervision_office,
        contact=contact,
        published_by=by.user,
    )
    NoticeEntry.objects.bulk_create(
        NoticeEntry(
            notice=notice,
            base=base,
            position=position,
            unit_name=base.training_unit.name,
            base_name=base.name,
            category=str(base.category or ""),
            partner_name=base.partner.name if base.partner else "",
            division=_league(base),
            industry=base.get_priority_industry_display() if base.priority_industry else "",
        )
        for position, base in enumerate(bases, start=1)
    )
    jobs.enqueue(PDF_JOB, key=f"{PDF_JOB}:{notice.pk}", notice_id=notice.pk)
    return notice


def _league(base: Base) -> str:
    """The 盟市 in which the partner lies, also where it is registered in a county of it."""
    division = base.partner.division if base.partner else None
    return (division.parent or division).name if division else ""


def _rank(base: Base) -> tuple[bool, str, str]:
    """The order of the department's list: 优先产业 first (第七条（一）), then by unit and name."""
    return (not base.priority_industry, base.training_unit.code, base.name)


@transaction.atomic
def make_pdf(notice_id: int) -> PublicNotice:
    """Set a notice as a PDF in the form of GB/T 9704; safe to repeat, the file is made once."""
    notice = (
        PublicNotice.objects.select_for_update(of=("self",)).select_related("issuer_unit", "round").get(pk=notice_id)
    )
    if notice.pdf_id is not None:
        return notice
    issuer = notice.issuer_unit.name if notice.issuer_unit else str(Department.objects.first() or "")
    listed = _("推荐名单") if notice.kind == PublicNotice.Kind.RECOMMENDATION else _("拟认定名单")
    annex = _("%(year)s年度研究生联合培养基地%(listed)s") % {"year": notice.round.year, "listed": listed}
    rows = [
        [str(e.position), e.unit_name, e.base_name, e.category, e.partner_name, e.division, e.industry or "—"]
        for e in notice.entries.all()
    ]
    content = typesetting.render_pdf(
        "portal/documents/notice.html",
        {
            "issuer": issuer,
            "number": "",
            "title": notice.title,
            "addressee": "",
            "paragraphs": notice_paragraphs(notice),
            "attachments": [annex],
            "signatory": issuer,
            "document_date": notice.published_on,
            "annex_title": annex,
            "columns": [
                (_("序号"), 7), (_("培养单位"), 17), (_("基地名称"), 22), (_("类别（代码）"), 15),
                (_("合作单位"), 18), (_("所在盟市"), 10), (_("优先产业"), 11),
            ],
            "rows": rows,
            "signed": False,
        },
    )  # fmt: skip
    notice.pdf = uploads.store_bytes(content, name=f"{notice.title}.pdf", purpose="notice_pdf")
    notice.save(update_fields=["pdf"])
    return notice


def notice_paragraphs(notice: PublicNotice) -> list[str]:
    """The text of a notice with the parts that it must have: basis and body, both dates, how to object, the offices and contact."""
    days = _("公示时间：%(start)s至%(end)s（%(n)s个工作日，自发布次日起算）。") % {
        "start": typesetting.chinese_date(notice.published_on),
        "end": typesetting.chinese_date(notice.ends_on),
        "n": notice.working_days,
    }
    how = _(
        "公示期内如有异议，请以真实姓名或单位名称书面提出，写明事实与理由并附证明材料；匿名、逾期或者没有事实依据的不予受理。"
    )
    offices = _("受理部门：%(office)s；监督部门：%(supervision)s。联系方式：%(contact)s。") % {
        "office": notice.office,
        "supervision": notice.supervision_office,
        "contact": notice.contact,
    }
    return [*[line for line in notice.text.splitlines() if line.strip()], days, how, offices]
