"""公示: lists that go out, are withdrawn, and concluded after their end (第八条（二）（四）), and their official PDF."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import NoticeEntry, Objection, PublicNotice
from applications.services import notice_kinds, notice_words
from applications.services.notice_drafts import lock_notice, refuse_overtaken, word_reasons
from applications.services.notice_kinds import Candidate, KindRules
from bases.models import Base
from bases.services.lifecycle import lock
from portal import calendar, jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import role_label

PDF_JOB = "notice_pdf"
State = PublicNotice.State


def period_end(published_on: date, working_days: int) -> date:
    """The last day of a notice, counted in working days from the day after; raises CalendarNotLoaded for an unknown year."""
    return calendar.load().after(published_on, working_days)


@transaction.atomic
def publish(*, notice: PublicNotice, by: Acting, on: date, seen: int | None = None) -> PublicNotice:
    """Let a notice go out: a unit's draft, or what was submitted to the leader; all its bases move or none.

    Its period is worked out from today. Bases that are listed anew after a withdrawal stay in their state. Raises NotYours, Overtaken
    when the notice is no longer what the person saw, CalendarNotLoaded, and Refused with all that stands against it.
    """
    locked = lock_notice(notice)
    rules = notice_kinds.get(locked.kind)
    _refuse_publishing(locked, rules, by)
    refuse_overtaken(locked, seen)
    chosen = {pk: lock(pk) for pk in sorted(locked.chosen.values_list("pk", flat=True))}
    reasons = (*word_reasons(locked), *(() if chosen else (_("请至少选择一个基地列入公示名单。"),)))
    if reasons:
        raise Refused(reasons)
    candidates = notice_kinds.named(rules.candidates(locked.round, locked.issuer_unit_id))
    bases = [chosen[pk] for pk in candidates if pk in chosen] + [b for pk, b in chosen.items() if pk not in candidates]
    named = notice_words.offices(locked.issuer_unit)
    locked.published_on, locked.ends_on = on, period_end(on, locked.working_days)
    locked.office, locked.supervision_office, locked.contact = named.office, named.supervision, named.contact
    rules.move(locked, bases, by, on)
    NoticeEntry.objects.bulk_create(entries_of(locked, bases, candidates))
    locked.state, locked.published_by, locked.published_at = State.PUBLISHED, by.user, timezone.now()
    locked.save()
    locked.chosen.clear()
    jobs.enqueue(PDF_JOB, key=f"{PDF_JOB}:{locked.pk}", notice_id=locked.pk)
    return locked


def _refuse_publishing(notice: PublicNotice, rules: KindRules, by: Acting) -> None:
    if by.role != rules.published_by or not notice_kinds.belongs_to(notice, by) or by.user is None:
        words = {"kind": rules.label, "role": role_label(rules.published_by)}
        raise NotYours(_("%(kind)s由%(role)s发布。") % words)
    if notice.state != (State.DRAFT if rules.by_unit else State.SUBMITTED):
        raise Overtaken(_("公示当前为“%(state)s”，不能发布。请刷新后再看。") % {"state": notice.get_state_display()})
    if notice.submitted_by_id is not None and notice.submitted_by_id == by.user_id:
        raise Refused(_("拟办与决定不能是同一人，请由其他审批人办理。"))


def entries_of(notice: PublicNotice, bases: list[Base], candidates: dict[int, Candidate]) -> list[NoticeEntry]:
    """The lines of a list as they would go out now; nothing is saved."""
    return [
        NoticeEntry(
            notice=notice,
            base=base,
            position=position,
            unit_name=base.training_unit.name,
            base_name=base.name,
            category=str(base.category or ""),
            partner_name=base.partner.name if base.partner else "",
            division=league(base),
            industry=base.get_priority_industry_display() if base.priority_industry else "",
            note=candidates[base.pk].note if base.pk in candidates else "",
        )
        for position, base in enumerate(bases, start=1)
    ]


def league(base: Base) -> str:
    """The 盟市 in which the partner lies, also where it is registered in a county of it."""
    division = base.partner.division if base.partner else None
    return (division.parent or division).name if division else ""


def withdraw_reasons(notice: PublicNotice) -> tuple[str, ...]:
    """Why a notice cannot be withdrawn any more; empty when it can."""
    if notice.state != State.PUBLISHED:
        return (_("公示当前为“%(state)s”，不能撤回。") % {"state": notice.get_state_display()},)
    gone = notice_kinds.get(notice.kind).gone_further(notice)
    if not gone:
        return ()
    return (_("名单中的%(bases)s已经据此办理下一步，公示不能再撤回。") % {"bases": "、".join(gone)},)


@transaction.atomic
def withdraw_notice(*, notice: PublicNotice, reason: str, by: Acting, on: date) -> PublicNotice:
    """Withdraw a notice because of a substantial change, with the reason; it stays to be read, and its bases wait for another.

    Raises Refused once a base has gone on because of it.
    """
    locked = lock_notice(notice)
    rules = notice_kinds.get(locked.kind)
    if by.role != rules.published_by or not notice_kinds.belongs_to(locked, by) or by.user is None:
        raise NotYours(_("公示由发布它的%(role)s撤回。") % {"role": role_label(rules.published_by)})
    for base_id in sorted(locked.entries.values_list("base_id", flat=True)):
        lock(base_id)  # a recommendation or recognition at the same moment comes before, or sees the withdrawal
    reasons = withdraw_reasons(locked)
    if reasons:
        raise Overtaken(reasons)
    if not reason.strip():
        raise Refused(_("请写明撤回的理由，将与公示一并公开。"))
    locked.state, locked.withdrawn_because = State.WITHDRAWN, reason.strip()
    locked.withdrawn_by, locked.withdrawn_on = by.user, on
    locked.save(update_fields=["state", "withdrawn_because", "withdrawn_by", "withdrawn_on"])
    _withdraw_record(locked)
    return locked


def _withdraw_record(notice: PublicNotice) -> None:
    """Say on the verification page of a withdrawn notice's PDF that it counts no more."""
    if notice.record is not None and notice.withdrawn_on is not None:
        verification.withdraw(notice.record, on=notice.withdrawn_on, reason=notice.withdrawn_because)


def conclude_reasons(notice: PublicNotice, on: date) -> tuple[str, ...]:
    """Why a notice cannot be concluded on that day; empty when it can.

    An upheld objection takes a base of 推荐 or 认定 off its list; a proposed result it does not change. Such a notice is withdrawn,
    and only where that cannot be any more, because another base has gone on, it is concluded.
    """
    if notice.state != State.PUBLISHED:
        return (_("公示当前为“%(state)s”，不能办结。") % {"state": notice.get_state_display()},)
    if on <= notice.ends_on:
        return (_("公示期至 %(ends)s 24 时，尚未结束。") % {"ends": notice.ends_on.isoformat()},)
    waiting = Objection.objects.filter(notice=notice, status__in=Objection.OPEN).count()
    if waiting:
        return (_("还有 %(n)s 件异议没有办结，请先办结。") % {"n": waiting},)
    upheld = Objection.objects.filter(notice=notice, status=Objection.Status.UPHELD)
    if not notice_kinds.get(notice.kind).in_round and upheld.exists() and not withdraw_reasons(notice):
        return (_("有异议成立，拟定的结果不能照此决定：请撤回公示，核实后重新公示。"),)
    return ()


@transaction.atomic
def conclude(*, notice: PublicNotice, by: Acting, on: date) -> PublicNotice:
    """Close a notice after its end, when every objection to it is settled; ``results`` then says how it ended for each base."""
    locked = lock_notice(notice)
    rules = notice_kinds.get(locked.kind)
    if by.role != rules.drafted_by or not notice_kinds.belongs_to(locked, by) or by.user is None:
        raise NotYours(_("公示由起草它的%(role)s办结。") % {"role": role_label(rules.drafted_by)})
    reasons = conclude_reasons(locked, on)
    if reasons:
        raise Overtaken(reasons) if locked.state != State.PUBLISHED else Refused(reasons)
    locked.state, locked.concluded_by, locked.concluded_on = State.CONCLUDED, by.user, on
    locked.save(update_fields=["state", "concluded_by", "concluded_on"])
    return locked


def results(notice: PublicNotice) -> list[tuple[NoticeEntry, str]]:
    """How the notice ended for each base of its list, in words: 无异议, 异议不成立, 异议成立; or how many are still open."""
    by_base: dict[int, set[str]] = {}
    for base_id, status in Objection.objects.filter(notice=notice).values_list("base_id", "status"):
        by_base.setdefault(base_id, set()).add(status)
    return [(entry, _result(by_base.get(entry.base_id, set()))) for entry in notice.entries.select_related("base")]


def _result(found: set[str]) -> str:
    if found & set(Objection.OPEN):
        return _("异议办理中")
    if Objection.Status.UPHELD in found:
        return _("异议成立")
    if Objection.Status.PARTLY_UPHELD in found:
        return _("异议部分成立")
    return _("异议不成立") if Objection.Status.DISMISSED in found else _("无异议")


@transaction.atomic
def make_pdf(notice_id: int) -> PublicNotice:
    """Set a notice as a PDF in the form of GB/T 9704; safe to repeat, the file is made once."""
    notice = (
        # Typesetting takes seconds; whoever objects meanwhile need not wait for it.
        PublicNotice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("issuer_unit", "round", "record")
        .get(pk=notice_id)
    )
    if notice.pdf_id is not None:
        return notice
    rules = notice_kinds.get(notice.kind)
    issuer = notice_words.offices(notice.issuer_unit).issuer
    annex = notice_words.annex_title(notice, rules, notice.published_on)
    columns, rows = _table(notice, rules)
    content = typesetting.render_pdf(
        "portal/documents/official.html",
        {
            "issuer": issuer,
            "number": "",
            "title": notice.title,
            "addressee": "",
            "paragraphs": notice_paragraphs(notice),
            "signatory": issuer,
            "document_date": notice.published_on,
            "annexes": [{"title": annex, "columns": columns, "rows": rows}],
            "signed": False,
        },
    )
    notice.record = verification.open_record(
        kind=notice.get_kind_display(), title=notice.title, issuer=issuer, issued_on=notice.published_on
    )
    notice.pdf = verification.keep_generated(notice.record, content, name=f"{notice.title}.pdf", purpose="notice_pdf")
    notice.save(update_fields=["pdf", "record"])
    _withdraw_record(notice)
    return notice


def notice_paragraphs(notice: PublicNotice) -> list[str]:
    """The text of a notice that is out, with its required parts."""
    return notice_words.paragraphs(
        notice.text, notice.published_on, notice.ends_on, notice.working_days,
        office=notice.office, supervision=notice.supervision_office, contact=notice.contact,
    )  # fmt: skip


def _table(notice: PublicNotice, rules: KindRules) -> tuple[list[tuple[str, int]], list[list[str]]]:
    """The list's columns with their widths in percent, and its rows; the results' notices say in the last one what is announced."""
    last = str(rules.note_label) or _("优先产业")
    columns = [
        (_("序号"), 7), (_("培养单位"), 17), (_("基地名称"), 22), (_("类别（代码）"), 15),
        (_("合作单位"), 18), (_("所在盟市"), 10), (last, 11),
    ]  # fmt: skip
    rows = [
        [
            *(str(e.position), e.unit_name, e.base_name, e.category, e.partner_name, e.division),
            (e.note if rules.note_label else e.industry) or "—",
        ]
        for e in notice.entries.all()
    ]
    return columns, rows
