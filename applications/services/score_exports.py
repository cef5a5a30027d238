"""The score sheets of a round as Excel and CSV, so that anybody who has them can work the ranking out again (第八条（三）).

Only panels whose sheets are all in. Experts are named: the file is the department's, which answers for every single sheet and
reads the names on the base's page too; nobody else can fetch it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter, quote_sheetname

from applications.models import Criterion, Round, Score
from applications.services import results
from applications.services.results import Ranked, Read
from bases.models import Policy
from portal.spreadsheets import Column, Formula, Tab, book, comma_separated

# The columns of the first sheet before the points.
_WHOSE = 4


def rules_in_words(policy: Policy) -> list[str]:
    """How sheets become a ranking, a sentence each, as the round's policy has it."""
    words = {
        "trim": policy.trim_from,
        "range": f"{policy.disagreement_range.normalize():f}",
        "deviations": f"{policy.disagreement_deviations.normalize():f}",
    }
    return [
        _("总分是一份评分表各项指标得分之和，满分 100 分。"),
        _(
            "综合得分：评分表在 %(trim)s 份及以上时去掉一个最高总分和一个最低总分再取平均，不足 %(trim)s 份时直接取平均。"
        )
        % words,
        _("各项平均、中位数都保留两位小数，四舍五入。"),
        _("名次依次比较综合得分、“前期合作与成效”各份平均分（不去掉高低分）、总分中位数，均以两位小数为准。"),
        _("以上全部相同的，属于优先产业的在前；仍相同的，申请书编号小的在前。优先产业不加分。"),
        _("分歧提示：总分的分差超过 %(range)s 分；或者一份总分偏离本项平均分超过 %(deviations)s 倍标准差。") % words,
        _("标准差取本批次各项评分离差的合并样本标准差：各份总分与本项平均分之差的平方和，除以份数之和减项数，再开方。"),
        _("专家宽严度：专家的总分与同一份申请书其他专家平均总分之差的平均，只供参考，不修正任何得分。"),
    ]


def _criteria(found: Sequence[Read]) -> list[Criterion]:
    """The criteria of all rubrics that the panels use, each key once, in the order of their sheets."""
    rubrics = {each.panel.rubric_id for each in found}
    known: dict[str, Criterion] = {}
    for criterion in Criterion.objects.filter(rubric__in=rubrics).order_by("rubric__version", "position"):
        known.setdefault(criterion.key, criterion)
    return list(known.values())


def _open(round_: Round) -> tuple[list[Read], list[Ranked]]:
    """The panels whose sheets may be seen, in the order of the ranking, and the ranking of them."""
    found = results.read(results.panels_of(round_))
    ranking = [each for each in results.ranked(found) if each.place is not None]
    by_application = {each.panel.application_id: each for each in found}
    return [by_application[each.application.pk] for each in ranking], ranking


def _columns(criteria: Iterable[Criterion]) -> list[Column]:
    return [
        Column(key="number", label=_("申请书编号"), kind="int", width=12),
        Column(key="name", label=_("基地名称"), width=36),
        Column(key="unit", label=_("培养单位"), width=24),
        Column(key="expert", label=_("专家"), width=12),
        *(Column(key=f"points_{each.key}", label=str(each), kind="decimal", width=14) for each in criteria),
        Column(key="total", label=_("总分"), kind="decimal", width=10),
        Column(key="portal_total", label=_("平台总分"), kind="decimal", width=10),
    ]


def _sheet_rows(found: Sequence[Read]) -> list[dict[str, Any]]:
    """A row for each sheet, panel by panel."""
    points: dict[int, dict[str, Decimal]] = {}
    shown = [sheet.assignment for each in found for sheet in each.sheets]
    given = Score.objects.filter(sheet__assignment__in=shown).values_list(
        "sheet__assignment_id", "criterion__key", "points"
    )
    for assignment, key, value in given:
        points.setdefault(assignment, {})[f"points_{key}"] = value
    return [
        {
            "number": each.panel.application_id,
            "name": each.panel.application.name,
            "unit": each.panel.base.training_unit.name,
            "expert": sheet.name,
            "total": sheet.total,
            "portal_total": sheet.total,
            **points.get(sheet.assignment, {}),
        }
        for each in found
        if each.panel.application
        for sheet in each.sheets
    ]


def as_csv(round_: Round) -> bytes:
    """A row for each sheet of the panels whose sheets are all in, and beside it what the portal made of its application."""
    found, ranking = _open(round_)
    columns = [each for each in _columns(_criteria(found)) if each.key != "portal_total"]
    columns += [
        Column(key="aggregate", label=_("综合得分"), kind="decimal"),
        Column(key="results_mean", label=_("前期成效平均分"), kind="decimal"),
        Column(key="median", label=_("中位数"), kind="decimal"),
        Column(key="priority", label=_("优先产业"), kind="bool"),
        Column(key="place", label=_("名次"), kind="int"),
    ]
    of = {each.application.pk: each for each in ranking}
    figures = ("aggregate", "results_mean", "median", "priority", "place")
    rows = [row | {key: getattr(of[row["number"]], key) for key in figures} for row in _sheet_rows(found)]
    return comma_separated(columns, rows)


def as_excel(round_: Round) -> bytes:
    """The sheets, what live formulas make of them beside what the portal made of them, and the rule in words."""
    found, ranking = _open(round_)
    criteria = _criteria(found)
    columns, rows = _columns(criteria), _sheet_rows(found)
    first, last = get_column_letter(_WHOSE + 1), get_column_letter(_WHOSE + len(criteria))
    for number, row in enumerate(rows, start=2):
        row["total"] = Formula(f"=SUM({first}{number}:{last}{number})")
    places = {column.key: get_column_letter(place) for place, column in enumerate(columns, start=1)}
    sheets, summary = _("评分表"), _("汇总")
    policy = round_.policy
    notes = [{"note": _("本文件含专家姓名和单份评分，只供教育厅内部使用。")}]
    notes += [{"note": each} for each in rules_in_words(policy)]
    notes.append({"note": _("“汇总”中的公式由“评分表”重新计算，右侧是平台的数值；两者不同的，“核对”一列写明不一致。")})
    tabs = [
        Tab(sheets, columns, rows),
        Tab(summary, _summary_columns(), _summary_rows(found, ranking, sheets, places, policy)),
        Tab(_("说明"), [Column(key="note", label=_("汇总和排序规则"), width=110)], notes),
    ]
    return book(_("%(year)s年度评分表与汇总") % {"year": round_.year}, tabs)


def _summary_columns() -> list[Column]:
    def figure(key: str, label: str) -> Column:
        return Column(key=key, label=label, kind="decimal", width=12)

    def whole(key: str, label: str) -> Column:
        return Column(key=key, label=label, kind="int", width=10)

    return [
        whole("number", _("申请书编号")),
        Column(key="name", label=_("基地名称"), width=36),
        whole("priority", _("优先产业（1 为属于）")),
        whole("sheets", _("评分表（份）")),
        figure("aggregate", _("综合得分")),
        figure("results_mean", _("前期成效平均分")),
        figure("median", _("中位数")),
        figure("spread", _("分差")),
        whole("place", _("名次")),
        figure("portal_aggregate", _("平台综合得分")),
        figure("portal_results", _("平台前期成效平均分")),
        figure("portal_median", _("平台中位数")),
        whole("portal_place", _("平台名次")),
        Column(key="agrees", label=_("核对"), width=10),
    ]


def _summary_rows(
    found: Sequence[Read], ranking: Sequence[Ranked], sheets: str, places: dict[str, str], policy: Policy
) -> list[dict[str, Any]]:
    """A row for each application. Sums are counted in whole hundredths before they are divided: a spreadsheet reckons in binary
    fractions, and 88.055 is none."""
    out, start, end = [], 2, len(ranking) + 1
    for number, (each, line) in enumerate(zip(found, ranking, strict=True), start=2):
        stop = start + len(each.sheets) - 1
        totals = f"{quote_sheetname(sheets)}!${places['total']}${start}:${places['total']}${stop}"
        column = places.get(f"points_{results.RESULTS}")
        points = f"{quote_sheetname(sheets)}!${column}${start}:${column}${stop}" if column else "0"
        n, trim = f"D{number}", policy.trim_from
        kept = f"IF({n}>={trim},SUM({totals})-MAX({totals})-MIN({totals}),SUM({totals}))"
        middle = f"LARGE({totals},INT(({n}+1)/2))+SMALL({totals},INT(({n}+1)/2))"
        out.append(
            {
                "number": line.application.pk,
                "name": line.application.name,
                "priority": int(line.priority),
                "sheets": Formula(f"=COUNT({totals})"),
                "aggregate": Formula(f"=ROUND(ROUND({kept}*100,0)/IF({n}>={trim},{n}-2,{n}),0)/100"),
                "results_mean": Formula(f"=ROUND(ROUND(SUM({points})*100,0)/{n},0)/100"),
                "median": Formula(f"=ROUND(ROUND(({middle})*100,0)/2,0)/100"),
                "spread": Formula(f"=ROUND(MAX({totals})-MIN({totals}),2)"),
                "place": Formula(_place(number, end)),
                "portal_aggregate": line.aggregate,
                "portal_results": line.results_mean,
                "portal_median": line.median,
                "portal_place": line.place,
                "agrees": Formula(_agrees(number)),
            }
        )
        start = stop + 1
    return out


def _place(row: int, end: int) -> str:
    """One more than those that go before: by 综合得分, 前期成效, 中位数, 优先产业, and the smaller number at last."""

    def all_of(column: str) -> str:
        return f"${column}$2:${column}${end}"

    before = f"({all_of('A')}<A{row})"
    for column in ("C", "G", "F", "E"):
        before = f"(({all_of(column)}>{column}{row})+({all_of(column)}={column}{row})*{before})"
    return f"=1+SUMPRODUCT({before}*1)"


def _agrees(row: int) -> str:
    same = ",".join(f"{own}{row}={portal}{row}" for own, portal in (("E", "J"), ("F", "K"), ("G", "L"), ("I", "M")))
    return f'=IF(AND({same}),"{_("一致")}","{_("不一致")}")'
