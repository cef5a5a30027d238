"""推荐报送 (第八条（二）): the unit's report to the department, in one act, and the papers that go with it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements.money import YUAN_PER_WAN, in_wan
from applications.models import Application, Objection, PublicNotice, Recommendation, RecommendationEntry, Round
from applications.office_texts import NOTICE_PERIOD, NOTICE_RESULT
from applications.services import listing, rounds
from applications.services.declaring import newest_applications
from applications.services.notice_lists import in_units_order
from applications.services.notice_standing import newest_notices
from bases import office_texts
from bases.lifecycle import Evidence, NoticeFacts, State
from bases.models import Base, Department, OfficialDocument, TrainingUnit
from bases.services.documents import record_of, register_document, set_by
from bases.services.lifecycle import advance, lock, refusals
from bases.services.office_texts import wording
from portal import jobs, spreadsheets, typesetting, uploads, verification
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import OutboxJob, StoredFile
from portal.roles import Role
from portal.spreadsheets import Column
from portal.typesetting import chinese_date

FILES_JOB = "recommendation_files"
LETTER, SUMMARY, PROOF = "recommendation_letter", "recommendation_summary", "recommendation_proof"

# The 申报汇总表: key, heading, share of the page's width, width in Excel.
SUMMARY_COLUMNS = (
    ("position", _lazy("序号"), 3.0, 6),
    ("unit", _lazy("培养单位"), 7.5, 18),
    ("name", _lazy("基地名称"), 12.0, 36),
    ("category", _lazy("类别（代码）"), 7.0, 18),
    ("field", _lazy("领域"), 5.0, 14),
    ("partner", _lazy("合作单位"), 9.0, 28),
    ("credit_code", _lazy("统一社会信用代码"), 12.3, 22),
    ("partner_kind", _lazy("性质"), 4.5, 12),
    ("division", _lazy("所在盟市、旗县区"), 6.5, 20),
    ("industry", _lazy("优先产业"), 6.0, 16),
    ("cooperation_started_on", _lazy("合作起始日"), 6.8, 14),
    ("unit_invested", _lazy("校方投入（万元）"), 5.2, 12),
    ("partner_invested", _lazy("合作方投入（万元）"), 5.2, 12),
    ("trained", _lazy("已培养人数"), 4.8, 10),
    ("leader", _lazy("校方负责人"), 5.2, 12),
)
_MONEY = ("unit_invested", "partner_invested")


def candidates(round: Round, unit_id: int, on: date, by: Acting) -> list[tuple[Application, PublicNotice | None, tuple[str, ...]]]:  # fmt: skip
    """A unit's bases whose list is or was out, in its order: each with its notice and why it cannot be reported now."""
    found = list(
        in_units_order(
            newest_applications().filter(
                round=round, base__training_unit_id=unit_id, base__state=State.UNIT_NOTICE
            )
        ).select_related("base", "base__training_unit", "base__category", "base__partner", "round")
    )  # fmt: skip
    noticed = newest_notices([application.base_id for application in found], PublicNotice.Kind.RECOMMENDATION)
    lines = []
    for application in found:
        notice, facts = noticed.get(application.base_id, (None, None))
        lines.append(
            (application, notice, refusals(application.base, "recommend", by=by, evidence=_evidence(facts, on)))
        )
    return lines


def newest_reportable(unit_id: int) -> Round | None:
    """The newest round in which a unit has bases on a list that is not reported yet."""
    waiting = newest_applications().filter(base__training_unit_id=unit_id, base__state=State.UNIT_NOTICE)
    return Round.objects.filter(applications__in=waiting).select_related("policy").order_by("-year").first()


def _evidence(facts: NoticeFacts | None, on: date) -> Evidence:
    return Evidence(on=on, notice=facts)


def notice_address(notice: PublicNotice) -> str:
    """Where the portal itself shows a notice."""
    return reverse("public-notice", args=[notice.pk])


def proposed_letter(
    round: Round, notices: Iterable[PublicNotice], bases: Iterable[Base], unit: TrainingUnit
) -> tuple[str, str]:
    """Title and text of the 报送函 in the unit's wording: on what basis, when the list was out, with what result for the bases reported."""
    listed = list(notices)
    periods = _("、").join(
        _("%(start)s至%(end)s") % {"start": chinese_date(notice.published_on), "end": chinese_date(notice.ends_on)}
        for notice in listed
    )
    objected = set(_objections_to(round, bases).values_list("status", flat=True))
    if Objection.Status.PARTLY_UPHELD in objected:
        result = _("所推荐的基地在公示期间收到的异议均已查核办结，部分成立的已明确处理措施，不影响推荐")
    elif objected:
        result = _("所推荐的基地在公示期间收到的异议均已查核办结，没有成立的异议")
    else:
        result = _("所推荐的基地在公示期间没有收到异议")
    values = {office_texts.YEAR: str(round.year), NOTICE_PERIOD: periods, NOTICE_RESULT: result}
    title, paragraphs = wording("cover_letter", unit, values)
    return title, "\n".join(paragraphs)


def _objections_to(round: Round, bases: Iterable[Base]) -> QuerySet[Objection]:
    """Those that were filed in time to these bases on any list of the round, also on one that was withdrawn."""
    kind = PublicNotice.Kind.RECOMMENDATION
    found = Objection.objects.filter(notice__kind=kind, notice__round=round, base__in=list(bases))
    return found.exclude(filed_on__gt=F("notice__ends_on"))


def text_reasons(text: str, round: Round, notices: Iterable[PublicNotice]) -> tuple[str, ...]:
    """What the letter must say and does not: the round, the dates of every notice, and its result."""
    lacking = [] if str(round.year) in text else [_("批次年度（%(year)s）") % {"year": round.year}]
    for day in sorted({day for notice in notices for day in (notice.published_on, notice.ends_on)}):
        if day.isoformat() not in text and chinese_date(day) not in text:
            lacking.append(_("公示日期 %(day)s") % {"day": chinese_date(day)})
    if _("异议") not in text:
        lacking.append(_("公示结果（有无异议）"))
    return (_("报送函正文还要写明：%(what)s。") % {"what": _("、").join(lacking)},) if lacking else ()


@transaction.atomic
def report(
    *,
    round: Round,
    bases: Iterable[Base],
    text: str,
    document_date: date,
    by: Acting,
    on: date,
    notice_link: str = "",
    notice_proof: UploadedFile | None = None,
    no_objection_proof: UploadedFile | None = None,
) -> Recommendation:
    """Report bases whose notice ended without an open or upheld objection to the department: all of them or none.

    Registers the 报送函, moves every base, freezes the 申报汇总表 and asks for the files. Raises Refused outside the round's dates
    (第五条), without proof of the notice, or with every base that cannot go; NotYours; Overtaken when a base was moved meanwhile.
    """
    if by.role != Role.UNIT_OFFICER or by.unit_id is None or by.user is None:
        raise NotYours(_("推荐由研究生院报送教育厅。"))
    unit = TrainingUnit.objects.get(pk=by.unit_id)
    seen = {base.pk: base for base in bases}
    locked = {pk: lock(pk) for pk in sorted(seen)}
    current = newest_applications().filter(round=round, base__in=locked).select_related(
        "base__training_unit", "partner", "category", "division__parent", "basics"
    )  # fmt: skip
    listed = list(in_units_order(listing.with_figures(current)))
    noticed = newest_notices(locked, PublicNotice.Kind.RECOMMENDATION)
    notices = {notice.pk: notice for notice, _facts in noticed.values()}
    last_day = max((notice.ends_on for notice in notices.values()), default=None)
    _check_report(round, document_date, on, last_day, has_proof=bool(notice_link or notice_proof), bases=seen.values())
    _check_bases(round, locked, {a.base_id for a in listed}, noticed, by, on)
    reasons = text_reasons(text, round, notices.values())
    if reasons:
        raise Refused(reasons)
    title, _text = proposed_letter(round, notices.values(), locked.values(), unit)
    document = register_document(
        kind=OfficialDocument.Kind.COVER_LETTER,
        title=title,
        document_date=document_date,
        published_on=on,
        bases=locked.values(),
        by=by,
        issuer_unit=unit,
        addressee=str(Department.objects.first() or ""),
        text=text,
        annexes=[summary_annex(round, [(n, listing.summary_line(a)) for n, a in enumerate(listed, start=1)])],
        pdf_made_elsewhere=True,
    )
    new = Recommendation.objects.create(
        round=round,
        training_unit=unit,
        document=document,
        text=text,
        notice_link=notice_link,
        notice_proof=_kept(notice_proof, by),
        no_objection_proof=_kept(no_objection_proof, by),
        reported_on=on,
        reported_by=by.user,
    )
    for application in listed:
        evidence = _evidence(noticed[application.base_id][1], on)
        advance(seen[application.base_id], "recommend", by=by, evidence=evidence, document=document)
    RecommendationEntry.objects.bulk_create(
        RecommendationEntry(
            recommendation=new,
            application=application,
            notice=noticed[application.base_id][0],
            position=position,
            line=listing.summary_line(application),
        )
        for position, application in enumerate(listed, start=1)
    )
    set_by(document, jobs.enqueue(FILES_JOB, key=job_key(new), recommendation_id=new.pk))
    return new


def summary_annex(round: Round, lines: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    """The 申报汇总表 as an annex of the registered letter."""
    rows = [{"position": position} | line for position, line in lines]
    return {
        "title": summary_title(round),
        "columns": [[str(heading), share] for _key, heading, share, _width in SUMMARY_COLUMNS],
        "rows": [[printed_cell(key, row[key]) for key, *_more in SUMMARY_COLUMNS] for row in rows],
    }


def _kept(upload: UploadedFile | None, by: Acting) -> StoredFile | None:
    return uploads.store(upload, purpose=PROOF, by=by.user) if upload else None


def _check_report(
    round: Round, document_date: date, on: date, last_day: date | None, *, has_proof: bool, bases: Iterable[Base]
) -> None:
    reasons = list(rounds.report_reasons(round, on))
    if not list(bases):
        reasons.append(_("请至少选择一个公示期满无异议的基地。"))
    if not has_proof:
        reasons.append(_("请填写公示链接，或者上传公示截图，用来证明已经公示。"))
    if document_date > on:
        reasons.append(
            _("成文日期 %(day)s 还没有到，请核对。") % {"day": document_date.isoformat()},
        )
    if last_day and document_date <= last_day < on:
        reasons.append(
            _("成文日期 %(day)s 不晚于公示截止日 %(end)s，公示结果还写不进函中，请核对。")
            % {"day": document_date.isoformat(), "end": last_day.isoformat()}
        )
    if reasons:
        raise Refused(reasons)


def _check_bases(
    round: Round,
    locked: dict[int, Base],
    of_round: set[int],
    noticed: dict[int, tuple[PublicNotice, NoticeFacts]],
    by: Acting,
    on: date,
) -> None:
    """All that keeps any of the bases back, each named; what was moved or is somebody else's is left to the door to refuse."""
    named = len(locked) > 1
    reasons = []
    for base in locked.values():
        if base.state != State.UNIT_NOTICE or base.training_unit_id != by.unit_id:
            advance(base, "recommend", by=by, evidence=_evidence(None, on))
        facts = noticed[base.pk][1] if base.pk in noticed else None
        own = list(refusals(base, "recommend", by=by, evidence=_evidence(facts, on)))
        if base.pk not in of_round:
            own.append(_("不是 %(year)s 年度批次的申报。") % {"year": round.year})
        reasons += [f"{base.name}：{reason}" if named else reason for reason in own]
    if reasons:
        raise Refused(reasons)


def job_key(recommendation: Recommendation) -> str:
    """The key of the job that makes the files of a report."""
    return f"{FILES_JOB}:{recommendation.pk}"


def files_state(recommendation: Recommendation) -> str:
    """Where the files of a report are: done, pending or failed (not tried any more)."""
    if recommendation.summary_xlsx_id is not None:
        return "done"
    failed = OutboxJob.objects.filter(key=job_key(recommendation), state=OutboxJob.State.FAILED).exists()
    return "failed" if failed else "pending"


@transaction.atomic
def make_files(recommendation_id: int) -> Recommendation:
    """Set the 报送函 and the 申报汇总表 as PDF and the table as Excel; safe to repeat, each file is made once."""
    found = (
        Recommendation.objects.select_for_update(of=("self",))
        .select_related("round", "training_unit", "document")
        .get(pk=recommendation_id)
    )
    if found.summary_xlsx_id is not None:
        return found
    title = summary_title(found.round)
    rows = [{"position": entry.position} | entry.line for entry in found.entries.all()]
    printed = [[printed_cell(key, row[key]) for key, *_more in SUMMARY_COLUMNS] for row in rows]
    table: typesetting.Annex = {
        "title": title,
        "columns": [(heading, share) for _key, heading, share, _width in SUMMARY_COLUMNS],
        "rows": printed,
        "foot": _foot(rows),
        "wide": True,
    }
    unit = found.training_unit.name
    letter = typesetting.render_pdf(
        "portal/documents/official.html",
        {
            "issuer": unit,
            "number": found.document.number,
            "title": found.document.title,
            "addressee": str(Department.objects.first() or ""),
            "paragraphs": [line for line in found.text.splitlines() if line.strip()],
            "annexes": [table],
            "signatory": unit,
            "document_date": found.document.document_date,
            "signed": False,
        },
    )
    summary = typesetting.render_table(table, author=unit)
    _keep_issued(found, letter, summary)
    found.summary_xlsx = uploads.store_bytes(_workbook(title, rows), name=f"{title}.xlsx", purpose=SUMMARY)
    made = ["letter_pdf", "letter_record", "summary_pdf", "summary_record", "summary_xlsx"]
    found.save(update_fields=made)
    OfficialDocument.objects.filter(pk=found.document_id).update(pdf=found.letter_pdf)
    return found


def _keep_issued(found: Recommendation, letter: bytes, summary: bytes) -> None:
    """Open the records of both PDFs and keep them, each under its own code."""
    document, issuer, title = found.document, found.training_unit.name, summary_title(found.round)
    found.letter_record = record_of(document)
    found.summary_record = verification.open_record(
        kind=_("申报汇总表"), title=title, issuer=issuer, issued_on=document.document_date, public=False
    )
    keep = verification.keep_generated
    found.letter_pdf = keep(found.letter_record, letter, name=f"{document.title}.pdf", purpose=LETTER)
    found.summary_pdf = keep(found.summary_record, summary, name=f"{title}.pdf", purpose=SUMMARY)


def summary_title(round: Round) -> str:
    """The title of the 申报汇总表."""
    return _("%(year)s年度研究生联合培养基地申报汇总表") % {"year": round.year}


def printed_cell(key: str, value: Any) -> str:
    """A cell of the 申报汇总表 as people read it: money in 万元, a dash where there is nothing."""
    return in_wan(Decimal(value)) if key in _MONEY else str(value) if value not in (None, "") else "—"


def _sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: sum((Decimal(row[key]) for row in rows), Decimal(0)) for key in _MONEY} | {
        "trained": sum(row["trained"] for row in rows)
    }


def _foot(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """The foot of the printed table: cells with the number of columns that they reach over."""
    sums = _sums(rows)
    before = [key for key, *_more in SUMMARY_COLUMNS].index("unit_invested")
    words = _("合计 %(n)s 个") % {"n": len(rows)}
    return [(before, words), *((1, printed_cell(key, sums[key])) for key in (*_MONEY, "trained")), (1, "")]


def _workbook(title: str, rows: list[dict[str, Any]]) -> bytes:
    def typed(key: str, value: Any) -> Any:
        if key in _MONEY:
            return Decimal(value) / YUAN_PER_WAN
        return date.fromisoformat(value) if key == "cooperation_started_on" and value else value

    kinds = {"position": "int", "trained": "int", "cooperation_started_on": "date", **dict.fromkeys(_MONEY, "decimal")}
    columns = [
        Column(key=key, label=heading, kind=kinds.get(key, "text"), places=2, width=width)  # type: ignore[arg-type]
        for key, heading, _share, width in SUMMARY_COLUMNS
    ]
    filled = [{key: typed(key, value) for key, value in row.items()} for row in rows]
    sums = _sums(rows)
    foot = {"unit": _("合计 %(n)s 个") % {"n": len(rows)}} | {key: typed(key, value) for key, value in sums.items()}
    return spreadsheets.workbook(title, columns, filled, foot=foot)
