"""Going on without a successor for who has left a panel (不再补派): decided before any figure shows, or not at all (第八条（三）)."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Assignment, Panel
from applications.services import panels
from applications.services.all_in import sheets_open
from applications.services.recusal_trail import leave_unfilled
from applications.services.recusals import department_reasons
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

# The act on a base that fills the gaps of its panel.
FILL = {
    Panel.Purpose.APPLICATION: "assign-experts",
    Panel.Purpose.ASSESSMENT: "assign-assessors",
    Panel.Purpose.REASSESSMENT: "assign-assessors",
}


def consequence(panel: Panel) -> str:
    """What follows from going on: of how many sheets the aggregate is made, and by which rule."""
    n, trim = panels.live(panel).count(), panels.policy_of(panel).trim_from
    how = (
        _("去掉一个最高总分和一个最低总分再取平均（%(trim)s 份及以上）")
        if n >= trim
        else _("直接取各份总分的平均（不足 %(trim)s 份，不去掉最高、最低总分）")
    ) % {"trim": trim}
    words = _(
        "评审组的 %(gaps)s 个空缺不再补派，由现有 %(n)s 名专家评审：综合得分由 %(n)s 份评分表计算，%(how)s。"
        "评分表收齐后即显示得分。决定和原因留在评审组记录中，不能撤回。"
    )
    return words % {"gaps": panel.assignments.gaps().count(), "n": n, "how": how}


def reasons_against(panel: Panel) -> tuple[str, ...]:
    """Why a panel cannot go on without the experts who have left it; empty when it can.

    Only an odd number of experts, not below the least number, goes on, and only where nobody can have read a figure.
    """
    if panel.fixed_on is not None:
        return (_("综合得分已于 %(day)s 确定，评审组不再变动。") % {"day": panel.fixed_on.isoformat()},)
    closed = department_reasons(panel)
    if closed:
        return closed
    if not panel.assignments.gaps().exists():
        return (_("评审组没有待补派的空缺。"),)
    if panel.was_open or sheets_open(panel):
        return (_("评分表收齐过、得分已经显示过，不能再决定不补派：请补派专家，收齐新的评分表。"),)
    found = panels.size_reasons(panels.live(panel).count(), panel.required)
    return tuple(_("%(why)s，不能不再补派：请补派专家。") % {"why": reason} for reason in found)


@transaction.atomic
def go_on(*, panel: Panel, reason: str, by: Acting, on: date) -> list[Assignment]:
    """The officer decides that the open gaps (空缺) of a panel are not filled; the assignments that left them, settled, are returned.

    Raises Refused for an even number of experts, for too few, and once figures have shown; Overtaken where no gap is open any more.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("空缺是否补派由教育厅经办决定。"))
    lock(panel.base_id)
    locked = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=panel.pk)
    # Experts who withdraw lock their own row alone: with all of them held, nobody leaves while they are counted.
    list(Assignment.objects.select_for_update().filter(panel=locked).order_by("pk"))
    gaps = list(locked.assignments.gaps().select_related("expert"))
    refused = reasons_against(locked)
    if refused:
        raise Refused(refused) if gaps else Overtaken(refused)
    if not reason.strip():
        raise Refused(_("请写明原因。"))
    for gap in gaps:
        leave_unfilled(gap, reason=reason.strip(), by=by, on=on)
    return gaps
