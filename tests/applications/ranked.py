"""Applications in review with the scores that a test needs: bases by the one door, their sheets straight into the tables."""

from collections.abc import Sequence
from decimal import Decimal

from applications.models import Application, Assignment, Panel, Score, ScoreSheet
from applications.services import recusals, rubrics
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role
from tests.bases.walking import TO_RECOGNISED, Walk
from tests.conftest import TODAY
from tests.factories import World, person

COMMENT, TO_COMMITTEE = "给申报单位的话", "给会议的话"


def experts(world: World, count: int) -> list[Acting]:
    """So many experts, the world's own first."""
    while len(world.experts) < count:
        world.experts.append(person(Role.EXPERT, f"专家{len(world.experts)}"))
    return world.experts[:count]


def application(world: World, name: str, priority: str = "none") -> Application:
    """An application in review, without a panel."""
    walk = Walk(world, TODAY)
    for move in TO_RECOGNISED[:4]:
        walk.go(move)
    Base.objects.filter(pk=walk.base.pk).update(name=name)
    return Application.objects.create(
        base=walk.base, round=world.round(TODAY), name=name, category=world.category, partner=world.partner,
        priority_industry=priority, declare_by=TODAY, declared_on=TODAY,
    )  # fmt: skip


def hand_in(assignment: Assignment, total: Decimal, results: Decimal) -> ScoreSheet:
    """A submitted sheet of that total, so many of its points on 前期成效."""
    recusals.declare_free(assignment=assignment, by=_acting(assignment), on=TODAY)
    keep_sheet(assignment, total, results)
    sheet = assignment.sheet
    sheet.submitted_on = TODAY
    sheet.save()
    Assignment.objects.filter(pk=assignment.pk).update(status=Assignment.Status.SUBMITTED)
    return sheet


def _acting(assignment: Assignment) -> Acting:
    return Acting(Role.EXPERT, assignment.expert)


def keep_sheet(assignment: Assignment, total: Decimal, results: Decimal) -> None:
    """What an expert has scored so far, with both comments."""
    sheet, _made = ScoreSheet.objects.update_or_create(
        assignment=assignment, defaults={"comment": COMMENT, "committee_comment": TO_COMMITTEE}
    )
    sheet.scores.all().delete()
    keys = {criterion.key: criterion for criterion in assignment.panel.rubric.criteria.all()}
    share = min(results, total)
    given = {"results": share, "fit": total - share}
    Score.objects.bulk_create(
        Score(sheet=sheet, criterion=criterion, points=given.get(key, 0)) for key, criterion in keys.items()
    )


def scored(
    world: World,
    name: str,
    totals: Sequence[str | None],
    *,
    results: str | Sequence[str] = "20",
    priority: str = "none",
) -> Application:
    """An application with a sheet of each total, one expert after the other; None for one who has not handed in."""
    found = application(world, name, priority)
    panel = Panel.objects.create(
        base=found.base, purpose=Panel.Purpose.APPLICATION, application=found, required=3, opened_on=TODAY, started=True,
        rubric=rubrics.in_force("application"), opened_by=world.officer.user,
    )  # fmt: skip
    shares = [results] * len(totals) if isinstance(results, str) else results
    for expert, total, share in zip(experts(world, len(totals)), totals, shares, strict=True):
        made = Assignment.objects.create(panel=panel, expert=expert.user, assigned_on=TODAY)
        if total is not None:
            hand_in(made, Decimal(total), Decimal(share))
    return Application.objects.select_related("round", "base").get(pk=found.pk)
