"""评分表: kept while an expert scores, handed in and locked, opened again by the department with its reason (第八条（三）)."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import Assignment, Criterion, Panel, Score, ScoreSheet, SheetUnlock
from applications.services import all_in, panels
from bases.lifecycle import State
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

# What the applicant is told has to be of use to them; a practice, no article.
COMMENT_MIN = 20


class SheetOvertaken(Overtaken):
    """The sheet was saved from another window since this one read it; ``revision`` is what it has come to."""

    def __init__(self, reason: str, revision: int) -> None:
        super().__init__(reason)
        self.revision = revision


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def what_names_the_expert(comment: str, expert: User) -> str:
    """Why a comment cannot go to the applicant because it names its writer or where they work; empty when it does not."""
    profile = getattr(expert, "expert_profile", None)
    said = _plain(comment)
    if expert.full_name and _plain(expert.full_name) in said:
        return _("意见会原文转给申报单位，其中出现了您的姓名，请删去。")
    if profile is not None:
        employers = (
            _plain(str(each)) for each in (profile.employer, profile.training_unit, profile.partner_unit) if each
        )
        if any(employer in said for employer in employers if employer):
            return _("意见会原文转给申报单位，其中出现了您的工作单位，请删去。")
    return ""


def too_short(comment: str) -> str:
    """Why a comment says too little to the applicant to be handed in; empty when it says enough."""
    written = len(_plain(comment))
    if written >= COMMENT_MIN:
        return ""
    return _("给申报单位的意见至少 %(min)s 个字，现在 %(n)s 个字。") % {"min": COMMENT_MIN, "n": written}


def why_not(criterion: Criterion, points: Decimal) -> str:
    """Why a criterion cannot be scored so, by its limits and its step; empty when it can."""
    name, step = criterion.name, criterion.step
    if not criterion.floor <= points <= criterion.points:
        limits = {"name": name, "min": f"{criterion.floor.normalize():f}", "max": f"{criterion.points.normalize():f}"}
        return _("“%(name)s”应在 %(min)s 到 %(max)s 分之间。") % limits
    if (points - criterion.floor) % step:
        return _("“%(name)s”以 %(step)s 分为一档。") % {"name": name, "step": f"{step.normalize():f}"}
    return ""


def _writable(assignment: Assignment, by: Acting) -> Assignment:
    """The expert's own open assignment, once they have declared that nothing speaks against their scoring (回避)."""
    locked = panels.own_open(assignment, by)
    if locked.declared_on is None:
        raise Refused(_("请先声明与本基地及双方单位有无利害关系，再评分。"))
    return locked


@transaction.atomic
def save_sheet(
    *,
    assignment: Assignment,
    points: Mapping[str, Decimal | None],
    comment: str | None,
    by: Acting,
    committee_comment: str | None = None,
    seen: int | None = None,
) -> ScoreSheet:
    """Keep what the expert has scored so far.

    ``points`` by criterion key, None to take them back; what is not named, and a comment that is None, stays as it was.
    ``seen`` is the revision that the page had read: SheetOvertaken if another window has saved since.
    """
    locked = _writable(assignment, by)
    sheet, _created = ScoreSheet.objects.get_or_create(assignment=locked)
    if seen is not None and seen != sheet.revision:
        raise SheetOvertaken(_("这份评分表在别的窗口保存过，本页的内容没有保存。"), sheet.revision)
    if comment is not None:
        sheet.comment = comment
    if committee_comment is not None:
        sheet.committee_comment = committee_comment
    sheet.revision += 1
    sheet.save()
    criteria = {criterion.key: criterion for criterion in locked.panel.rubric.criteria.all()}
    given = {criteria[key]: value for key, value in points.items() if key in criteria}
    wrong = [
        reason for criterion, value in given.items() if value is not None and (reason := why_not(criterion, value))
    ]
    if wrong:
        raise Refused(wrong)
    sheet.scores.filter(criterion__in=[each for each, value in given.items() if value is None]).delete()
    Score.objects.bulk_create(
        [Score(sheet=sheet, criterion=each, points=value) for each, value in given.items() if value is not None],
        update_conflicts=True, unique_fields=["sheet", "criterion"], update_fields=["points"],
    )  # fmt: skip
    return sheet


def lacks(sheet: ScoreSheet) -> list[str]:
    """What a sheet still lacks to be handed in, as sentences."""
    scored = set(sheet.scores.values_list("criterion_id", flat=True))
    left = [each.name for each in sheet.assignment.panel.rubric.criteria.all() if each.pk not in scored]
    out = [_("还有指标没有评分：%(names)s。") % {"names": "、".join(left)}] if left else []
    comment = sheet.comment
    return out + [
        each for each in (too_short(comment), what_names_the_expert(comment, sheet.assignment.expert)) if each
    ]


@transaction.atomic
def hand_in(*, assignment: Assignment, by: Acting, on: date, seen: int | None = None) -> ScoreSheet:
    """Hand in the sheet as it is kept; from then on it is locked. ``seen`` as in ``save_sheet``.

    Raises Refused for who is in conflict by now (回避), and for what the sheet lacks: a comment that names its writer among it.
    """
    locked = _writable(assignment, by)
    panels.refuse_who_is_barred(locked, on)
    sheet = ScoreSheet.objects.filter(assignment=locked).first()
    if sheet is None:
        raise Refused(_("还没有评分，请逐项评分后提交。"))
    sheet.assignment = locked
    if seen is not None and seen != sheet.revision:
        raise SheetOvertaken(_("这份评分表在别的窗口改动过，请核对现在的内容后再提交。"), sheet.revision)
    left = lacks(sheet)
    if left:
        raise Refused(left)
    sheet.submitted_on, sheet.submitted_at = on, timezone.now()
    sheet.save(update_fields=["submitted_on", "submitted_at"])
    locked.status = Assignment.Status.SUBMITTED
    locked.save(update_fields=["status"])
    return sheet


@transaction.atomic
def submit_sheet(
    *,
    assignment: Assignment,
    points: Mapping[str, Decimal | None],
    comment: str,
    by: Acting,
    on: date,
    committee_comment: str | None = None,
) -> ScoreSheet:
    """Keep a whole sheet and hand it in."""
    save_sheet(assignment=assignment, points=points, comment=comment, committee_comment=committee_comment, by=by)
    return hand_in(assignment=assignment, by=by, on=on)


def unlock_reasons(assignment: Assignment) -> tuple[str, ...]:
    """Why the department cannot open this sheet again; empty when it can."""
    panel = assignment.panel
    if assignment.status != Assignment.Status.SUBMITTED:
        return (_("这份评分表现在是“%(status)s”，不用解锁。") % {"status": assignment.get_status_display()},)
    if panel.fixed_on is not None:
        return (_("综合得分已于 %(day)s 确定，评分表不能再解锁。") % {"day": panel.fixed_on.isoformat()},)
    newer = Panel.objects.filter(base_id=panel.base_id, pk__gt=panel.pk)
    if panel.base.state != panels.SCORED_IN[Panel.Purpose(panel.purpose)] or newer.exists():
        label = State(panel.base.state).label
        return (_("这次评审已经结束，基地当前状态为“%(state)s”，评分表不能再解锁。") % {"state": label},)
    return ()


@transaction.atomic
def unlock(*, assignment: Assignment, reason: str, by: Acting, on: date) -> SheetUnlock:
    """Open a submitted sheet for its expert again, with the reason; what it said before is kept (第八条（三）).

    Raises Refused once the aggregate is fixed, and for a sheet that is not handed in.
    """
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("评分表由教育厅经办解锁。"))
    if not reason.strip():
        raise Refused(_("请写明解锁原因。"))
    # Whoever fixes the aggregate locks the panel, so it is not fixed while a sheet is being opened.
    panel = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=assignment.panel_id)
    locked = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    locked.panel = panel
    refused = unlock_reasons(locked)
    if refused:
        raise Overtaken(refused)
    all_in.before_closing(panel)
    sheet = ScoreSheet.objects.get(assignment=locked)
    points = dict(sheet.scores.values_list("criterion__key", "points"))
    before = {
        "points": {key: f"{value:f}" for key, value in points.items()},
        "comment": sheet.comment,
        "committee_comment": sheet.committee_comment,
        "submitted_on": sheet.submitted_on.isoformat() if sheet.submitted_on else "",
    }
    made = SheetUnlock.objects.create(
        sheet=sheet, reason=reason.strip(), unlocked_by=by.user, unlocked_on=on, before=before
    )
    sheet.submitted_on, sheet.submitted_at, sheet.revision = None, None, sheet.revision + 1
    sheet.save(update_fields=["submitted_on", "submitted_at", "revision"])
    locked.status = Assignment.Status.ASSIGNED
    locked.save(update_fields=["status"])
    return made
