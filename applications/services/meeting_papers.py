"""The papers of a meeting: the 会议纪要 as PDF, the 评分汇总表 as PDF and Excel; inner papers of the department."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application, Assignment, MeetingItem, MeetingMember, Panel, ReviewMeeting, ScoreSheet
from applications.services import all_in, results
from applications.services.meeting_conclusion import PAPERS_JOB
from applications.services.meeting_members import quorum_of
from applications.services.meeting_votes import Line, lines
from applications.services.results import Ranked
from bases.models import Department
from portal import jobs, spreadsheets, typesetting, uploads, verification
from portal.models import OutboxJob
from portal.spreadsheets import Column
from portal.typesetting import Annex, chinese_date

MINUTES, SUMMARY = "meeting_minutes", "meeting_summary"
Duty = MeetingMember.Duty
# How people number the items of an agenda: 一、 or （一） or 1.
_NUMBERED = re.compile(
    r"^(?:[（(]?[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]+(?:[）)]、?|、)|\d{1,2}[.．、])\s*"
)


@dataclass(frozen=True)
class SummaryRow:
    """An application in the 评分汇总表; figures are None and totals empty while its sheets are not open.

    ``unfilled`` is how many experts left during the review without whom it was decided to go on (不再补派).
    """

    item: MeetingItem
    ranked: Ranked | None
    totals: tuple[Decimal, ...]
    unfilled: int = 0

    @property
    def is_open(self) -> bool:
        """Whether its scores may be seen."""
        return bool(self.totals)

    @property
    def aggregate(self) -> Decimal | None:
        """The aggregate score, once all sheets are in."""
        return self.ranked.aggregate if self.ranked and self.is_open else None


def papers_state(meeting: ReviewMeeting) -> str:
    """Where the papers of a concluded meeting are: ready, pending, late (still tried) or failed (not tried any more)."""
    if meeting.summary_xlsx_id is not None:
        return "ready"
    if OutboxJob.objects.filter(key=f"{PAPERS_JOB}:{meeting.pk}", state=OutboxJob.State.FAILED).exists():
        return "failed"
    return "late" if jobs.is_late(meeting.concluded_at) else "pending"


def summary_rows(meeting: ReviewMeeting) -> list[SummaryRow]:
    """The applications of a meeting with the totals of their sheets, highest first; only where all sheets are in.

    The totals are in order of points, so that the place of a column says nothing of who the expert is.
    """
    items = list(
        meeting.items.select_related("application__base__training_unit", "application__base__partner", "application__base__category")
    )  # fmt: skip
    applications = [item.application_id for item in items]
    ranked = {each.application.pk: each for each in results.ranking(meeting.round)}
    open_panels = all_in.with_all_sheets(Panel.objects.filter(application__in=applications))
    totals: dict[int, list[Decimal]] = {}
    sheets = ScoreSheet.objects.filter(
        assignment__panel__in=open_panels.values("pk"), assignment__status=Assignment.Status.SUBMITTED
    ).prefetch_related("scores")
    for sheet in sheets.select_related("assignment__panel"):
        points = sum((score.points for score in sheet.scores.all()), Decimal(0))
        totals.setdefault(sheet.assignment.panel.application_id or 0, []).append(points)
    left = Assignment.objects.filter(panel__application__in=applications, unfilled_on__isnull=False)
    unfilled = Counter(left.values_list("panel__application_id", flat=True))
    return [
        SummaryRow(
            item,
            ranked.get(item.application_id),
            tuple(sorted(totals.get(item.application_id, ()), reverse=True)),
            unfilled[item.application_id],
        )
        for item in items
    ]


def early_summary(meeting: ReviewMeeting, rows: list[SummaryRow]) -> str:
    """Why the summary cannot be seen: a sheet is missing and the meeting is not concluded, or there is nothing in it; empty when it can."""
    missing = sum(not row.is_open for row in rows)
    if meeting.state != ReviewMeeting.State.CONCLUDED and missing:
        return _("还有 %(n)s 份申请书的评分表没有收齐，收齐之前不能看评分汇总。") % {"n": missing}
    return "" if rows else _("会议还没有议题，没有评分汇总可看。")


@transaction.atomic
def make_papers(meeting_id: int) -> ReviewMeeting:
    """Set the minutes and the summary of a concluded meeting; safe to repeat, each is made once."""
    meeting = (
        ReviewMeeting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round__policy", "concluded_by")
        .get(pk=meeting_id)
    )
    if meeting.summary_xlsx_id is not None or meeting.concluded_on is None:
        return meeting
    issuer = str(Department.objects.first() or _("教育厅"))
    rows = summary_rows(meeting)
    title, table_title = minutes_title(meeting), summary_title(meeting)
    minutes = typesetting.render_pdf("portal/documents/official.html", _minutes(meeting, issuer, title))
    table = typesetting.render_table(_summary_table(meeting, rows), author=issuer)
    issued: dict[str, Any] = {"issuer": issuer, "issued_on": meeting.concluded_on, "public": False}
    meeting.minutes_record = verification.open_record(kind=_("会议纪要"), title=title, **issued)
    meeting.summary_record = verification.open_record(kind=_("评分汇总表"), title=table_title, **issued)
    keep = verification.keep_generated
    meeting.minutes_pdf = keep(meeting.minutes_record, minutes, name=f"{title}.pdf", purpose=MINUTES)
    meeting.summary_pdf = keep(meeting.summary_record, table, name=f"{table_title}.pdf", purpose=SUMMARY)
    meeting.summary_xlsx = uploads.store_bytes(
        summary_workbook(meeting, rows), name=f"{table_title}.xlsx", purpose=SUMMARY
    )
    made = ["minutes_record", "summary_record", "minutes_pdf", "summary_pdf", "summary_xlsx"]
    meeting.save(update_fields=made)
    if meeting.signed_scan is not None:
        verification.keep_scan(meeting.minutes_record, meeting.signed_scan)
    return meeting


def ask_again(meeting: ReviewMeeting) -> OutboxJob:
    """Give papers that failed a new start."""
    return jobs.enqueue(PAPERS_JOB, key=f"{PAPERS_JOB}:{meeting.pk}", meeting_id=meeting.pk)


def minutes_title(meeting: ReviewMeeting) -> str:
    """The title of the minutes."""
    return _("%(title)s纪要") % {"title": meeting.title}


def summary_title(meeting: ReviewMeeting) -> str:
    """The title of the 评分汇总表."""
    return _("%(title)s评分汇总表") % {"title": meeting.title}


def _minutes(meeting: ReviewMeeting, issuer: str, title: str) -> dict[str, Any]:
    members, found = list(meeting.members.all()), lines(meeting)
    return {
        "issuer": issuer,
        "number": "",
        "title": title,
        "addressee": "",
        "paragraphs": minutes_paragraphs(meeting, members, found),
        "signatory": issuer,
        "document_date": meeting.concluded_on,
        "annexes": [_votes_table(found), _members_table(members)],
        "signed": False,
    }


def minutes_paragraphs(meeting: ReviewMeeting, members: list[MeetingMember], found: list[Line]) -> list[str]:
    """The text of the minutes: when and where, who, the quorum, the agenda, the conclusions, the lines to sign on."""
    said = [
        _("一、会议基本情况"),
        _("时间：%(day)s") % {"day": chinese_date(meeting.held_on)},
        _("地点：%(place)s") % {"place": meeting.place},
        _("主持：%(names)s") % {"names": _named(members, Duty.CHAIR)},
        _("记录：%(names)s") % {"names": _named(members, Duty.RECORDER)},
        _("出席成员：%(names)s") % {"names": _names(m for m in members if m.votes and m.present)},
    ]
    absent = [member for member in members if member.votes and not member.present]
    if absent:
        said.append(_("缺席成员：%(names)s") % {"names": _names(absent)})
    observers = [member for member in members if member.duty == Duty.OBSERVER and member.present]
    if observers:
        said.append(_("列席：%(names)s") % {"names": _names(observers)})
    said += [_quorum_sentence(meeting, members), _("二、会议议程")]
    said += _agenda(meeting)
    said += [_("三、审议与表决情况"), _voted_sentence(found)]
    said += _recused_sentences(found)
    said += [_("四、会议结论"), *(line.strip() for line in meeting.conclusion.splitlines() if line.strip())]
    return [*said, _("主持人（签字）：＿＿＿＿＿＿＿＿"), _("记录人（签字）：＿＿＿＿＿＿＿＿")]


def _named(members: list[MeetingMember], duty: str) -> str:
    return _names(member for member in members if member.duty == duty and member.present)


def _names(members: Any) -> str:
    return _("、").join(f"{member.name}（{member.employer}）" for member in members) or _("无")


def _quorum_sentence(meeting: ReviewMeeting, members: list[MeetingMember]) -> str:
    counted = quorum_of(meeting, members)
    words = {"n": counted.voting, "present": counted.present, "rule": counted.rule}
    return _("有表决权的成员应到 %(n)s 人，实到 %(present)s 人，达到%(rule)s以上，会议有效。") % words


def _voted_sentence(found: list[Line]) -> str:
    counted = {key: sum(line.item.conclusion == key for line in found) for key in MeetingItem.Conclusion.values}
    return _(
        "会议逐项审议 %(n)s 份申请书并表决，同意 %(agreed)s 份，不同意 %(refused)s 份，暂缓 %(postponed)s 份；同意须经有权表决的成员过半数。各项表决结果见附件1。"
    ) % {"n": len(found), **counted}


def _recused_sentences(found: list[Line]) -> list[str]:
    """Who stayed out of what, one sentence for the items from which the same members stayed out."""
    together: dict[str, list[str]] = {}
    for line in found:
        if line.recused:
            names = _("、").join(member.name for member in line.recused)
            together.setdefault(names, []).append(_("“%(base)s”") % {"base": line.item.application.base.name})
    return [
        _("审议%(bases)s时，%(names)s回避，未参加评议和表决。") % {"bases": "".join(bases), "names": names}
        for names, bases in together.items()
    ]


def _agenda(meeting: ReviewMeeting) -> list[str]:
    """The agenda under numbers of its own: 一、 would make each item a heading of the minutes."""
    listed = [_NUMBERED.sub("", line.strip()) for line in meeting.agenda.splitlines() if line.strip()]
    return [f"{position}. {line}" for position, line in enumerate(listed, start=1)]


def _votes_table(found: list[Line]) -> Annex:
    rows = [
        [
            str(position), line.item.application.base.training_unit.name, line.item.application.base.name,
            _partner(line.item.application), _("、").join(member.name for member in line.recused) or "—", str(line.eligible),
            str(line.item.votes_for), str(line.item.votes_against), str(line.item.votes_abstained),
            line.item.get_conclusion_display(), line.item.note or "—",
        ]
        for position, line in enumerate(found, start=1)
    ]  # fmt: skip
    return {
        "title": _("议题表决结果"),
        "columns": [
            (_("序号"), 4), (_("培养单位"), 14), (_("基地名称"), 19), (_("合作单位"), 15), (_("回避"), 9), (_("应表决"), 5),
            (_("同意"), 4), (_("反对"), 4), (_("弃权"), 4), (_("结论"), 6), (_("说明"), 16),
        ],
        "rows": rows,
        "wide": True,
    }  # fmt: skip


def _partner(application: Application) -> str:
    return application.base.partner.name if application.base.partner else "—"


def _members_table(members: list[MeetingMember]) -> Annex:
    rows = [
        [str(n), m.name, m.employer, m.get_duty_display(), _("出席") if m.present else _("缺席"), ""]
        for n, m in enumerate(members, start=1)
    ]
    return {
        "title": _("会议成员签到表"),
        "columns": [
            (_("序号"), 8), (_("姓名"), 14), (_("工作单位"), 36), (_("职责"), 10), (_("到会"), 10), (_("签字"), 22),
        ],
        "rows": rows,
    }  # fmt: skip


def _widest(rows: list[SummaryRow]) -> int:
    return max((len(row.totals) for row in rows), default=0)


def _figure(value: Decimal | None) -> str:
    return f"{value:.2f}" if value is not None else "—"


def _summary_table(meeting: ReviewMeeting, rows: list[SummaryRow]) -> Annex:
    experts = _widest(rows)
    printed = []
    for position, row in enumerate(rows, start=1):
        base = row.item.application.base
        scores = [*(_figure(total) for total in row.totals), *["—"] * (experts - len(row.totals))]
        printed.append(
            [
                str(position), base.training_unit.name, base.name, base.get_priority_industry_display() or "—",
                *scores, _figure(row.aggregate), _figure(_spread(row)), _place(row), row.item.get_conclusion_display() or "—",
            ]
        )  # fmt: skip
    return {
        "title": summary_title(meeting),
        "paragraphs": [_note(), *filter(None, (_unfilled(row) for row in rows))],
        "columns": [
            (_("序号"), 4), (_("培养单位"), 15), (_("基地名称"), 22), (_("优先产业"), 11),
            *((_("专家%(n)s") % {"n": n}, 6) for n in range(1, experts + 1)),
            (_("综合得分"), 7), (_("分差"), 5), (_("名次"), 4), (_("会议结论"), 7),
        ],
        "rows": printed,
        "wide": True,
    }  # fmt: skip


def _note() -> str:
    return _(
        "专家以编号代替姓名；编号按每一项内得分由高到低排列，不同行的同一编号不代表同一名专家。评分表没有收齐的不列分数。"
    )


def _unfilled(row: SummaryRow) -> str:
    """That a row rests on fewer experts than began; empty where it does not. The reason names people and stays with the panel."""
    if not row.unfilled or not row.is_open:
        return ""
    words = {"base": row.item.application.base.name, "gaps": row.unfilled, "n": len(row.totals)}
    return _("“%(base)s”评审中有 %(gaps)s 名专家离开，经教育厅决定不再补派，得分由 %(n)s 份评分表计算。") % words


def _place(row: SummaryRow) -> str:
    return str(row.ranked.place) if row.ranked and row.is_open and row.ranked.place else "—"


def _spread(row: SummaryRow) -> Decimal | None:
    return row.totals[0] - row.totals[-1] if row.totals else None


def summary_workbook(meeting: ReviewMeeting, rows: list[SummaryRow]) -> bytes:
    """The 评分汇总表 as Excel, with the same figures as the printed one."""
    experts = range(1, _widest(rows) + 1)
    figures = {"kind": "decimal", "places": 2, "width": 9}
    columns = [
        Column(key="position", label=_("序号"), kind="int", width=6),
        Column(key="unit", label=_("培养单位"), width=22),
        Column(key="base", label=_("基地名称"), width=34),
        Column(key="industry", label=_("优先产业"), width=16),
        *(Column(key=f"expert_{n}", label=_("专家%(n)s") % {"n": n}, **figures) for n in experts),  # type: ignore[arg-type]
        Column(key="aggregate", label=_("综合得分"), **figures),  # type: ignore[arg-type]
        Column(key="spread", label=_("分差"), **figures),  # type: ignore[arg-type]
        Column(key="place", label=_("名次"), kind="int", width=6),
        Column(key="conclusion", label=_("会议结论"), width=10),
        Column(key="note", label=_("说明"), width=30),
    ]
    filled = []
    for position, row in enumerate(rows, start=1):
        base = row.item.application.base
        filled.append(
            {
                "position": position, "unit": base.training_unit.name, "base": base.name,
                "industry": base.get_priority_industry_display() or "",
                **{f"expert_{n}": total for n, total in enumerate(row.totals, start=1)},
                "aggregate": row.aggregate, "spread": _spread(row),
                "place": row.ranked.place if row.ranked and row.is_open else None,
                "conclusion": row.item.get_conclusion_display(), "note": " ".join(filter(None, (row.item.note, _unfilled(row)))),
            }
        )  # fmt: skip
    return spreadsheets.workbook(summary_title(meeting), columns, filled, foot={"base": _note()})
