"""The assignment of a round as Excel, one line for each expert on each application. The names of experts are for the department alone."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Assignment, Round
from applications.services.review_board import Line
from portal import spreadsheets
from portal.spreadsheets import Column

COLUMNS = (
    Column(key="position", label=gettext_lazy("序号"), kind="int", width=8),
    Column(key="unit", label=gettext_lazy("培养单位"), width=26),
    Column(key="base", label=gettext_lazy("基地名称"), width=40),
    Column(key="category", label=gettext_lazy("专业学位类别"), width=20),
    Column(key="expert", label=gettext_lazy("专家"), width=12),
    Column(key="employer", label=gettext_lazy("工作单位"), width=30),
    Column(key="sector", label=gettext_lazy("单位性质"), width=12),
    Column(key="assigned_on", label=gettext_lazy("分配日期"), kind="date", width=14),
    Column(key="declared_on", label=gettext_lazy("声明日期"), kind="date", width=14),
    Column(key="status", label=gettext_lazy("状态"), width=12),
    Column(key="reason", label=gettext_lazy("回避、谢绝或撤换原因"), width=40),
    Column(key="gap", label=gettext_lazy("空缺"), width=30),
)


def assignment_workbook(round_: Round, lines: Iterable[Line]) -> bytes:
    """Who reviews what in a round, also those who left and why; no points."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        application: Any = line.application
        for each in (*line.live, *line.ended):
            profile = getattr(each.expert, "expert_profile", None)
            rows.append(
                {
                    "position": len(rows) + 1,
                    "unit": application.base.training_unit.name,
                    "base": application.shown_name,
                    "category": application.shown_category or "",
                    "expert": each.expert.full_name,
                    "employer": profile.employer if profile else "",
                    "sector": str(profile.get_sector_display()) if profile else "",
                    "assigned_on": each.assigned_on,
                    "declared_on": each.declared_on,
                    "status": str(each.get_status_display()),
                    "reason": each.ended_reason,
                    "gap": _gap(line, each),
                }
            )
    return spreadsheets.workbook(_("%(year)s 年度评审专家分配表") % {"year": round_.year}, COLUMNS, rows)


def _gap(line: Line, each: Assignment) -> str:
    """What has become of the place of an expert who left."""
    if each.unfilled_on:
        return _("不再补派：%(reason)s") % {"reason": each.unfilled_reason}
    return _("待补派") if each in line.gaps else ""
