"""培养管理: the areas of a base's cooperation after its recognition, each with a page of the base and a word on how it stands (第九条 to 第十四条)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from bases.models import Base
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

# Who looks at the cooperation of a base: both sides and the department.
TRAINING_ROLES = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})


@dataclass(frozen=True)
class Standing:
    """How an area of one base stands, in a few words; ``tone`` is ok, soon, or missing, and is said by the words too."""

    text: str
    tone: str = "ok"


@dataclass(frozen=True)
class Area:
    """One area: a tab of the base's training pages and a column of the overview.

    ``standing(bases, acting, on)`` gives a word for each base by its key, in a constant number of queries.
    """

    url_name: str
    label: str | Promise
    articles: str
    standing: Callable[[Sequence[Base], Acting, date], Mapping[int, Standing]]
    order: int


_areas: list[Area] = []


def register(area: Area) -> None:
    """Add an area."""
    if area not in _areas:
        _areas.append(area)


def areas() -> list[Area]:
    """All areas in the order in which the pages show them."""
    return sorted(_areas, key=lambda area: area.order)
