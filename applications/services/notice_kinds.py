"""The kinds of 公示: who drafts and publishes each, which bases can be listed, what publication does. Floors above add theirs in ``ready()``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise

from applications.models import Application, PublicNotice, Round
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role

Text = str | Promise


@dataclass(frozen=True)
class Candidate:
    """A base that a notice may list: why not yet (empty: it can), and what its line says in a results' notice.

    ``application`` is that of the round, for the kinds that belong to one; ``since`` the day on which a result was proposed.
    """

    base: Base
    reasons: tuple[str, ...] = ()
    note: str = ""
    application: Application | None = None
    since: date | None = None


def _nothing_moves(notice: PublicNotice, bases: list[Base], by: Acting, on: date) -> None:
    return None


def _no_rounds(unit_id: int | None) -> Round | None:
    return None


def _nobody(notice: PublicNotice) -> list[str]:
    return []


@dataclass(frozen=True)
class KindRules:
    """One kind of notice.

    ``candidates(round, unit_id)`` gives the bases in the order of the list; ``newest_round(unit_id)`` the round to draft for;
    ``move(notice, bases, by, on)`` checks what the regulation asks of the bases and moves them, all or none, raising Refused;
    ``gone_further(notice)`` names the bases that have gone on because of the notice. The words proposed
    are the office text of the key ``wording``.
    """

    key: str
    label: Text
    articles: str
    list_label: Text
    candidates: Callable[[Round | None, int | None], list[Candidate]]
    order: int
    by_unit: bool = False
    in_round: bool = False
    note_label: Text = ""
    state: str = ""
    consequence: Text = ""
    newest_round: Callable[[int | None], Round | None] = _no_rounds
    move: Callable[[PublicNotice, list[Base], Acting, date], None] = _nothing_moves
    gone_further: Callable[[PublicNotice], list[str]] = _nobody
    drafted_by: str = field(init=False)
    published_by: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "drafted_by", str(Role.UNIT_OFFICER if self.by_unit else Role.DEPT_OFFICER))
        object.__setattr__(self, "published_by", str(Role.UNIT_OFFICER if self.by_unit else Role.DEPT_LEADER))

    @property
    def wording(self) -> str:
        """The key of the office text that a draft begins with."""
        return f"{self.key}_notice"


_kinds: dict[str, KindRules] = {}


def register(rules: KindRules) -> None:
    """Add a kind under its key."""
    _kinds[rules.key] = rules


def get(key: str) -> KindRules:
    """The rules of a kind; raises KeyError for an unknown one."""
    return _kinds[key]


def all_kinds() -> list[KindRules]:
    """Every kind in the order of a base's life."""
    return sorted(_kinds.values(), key=lambda rules: rules.order)


def kinds_of(role: str) -> list[KindRules]:
    """The kinds that this role drafts."""
    return [rules for rules in all_kinds() if rules.drafted_by == role]


def belongs_to(notice: PublicNotice, by: Acting) -> bool:
    """Whether a notice is this person's office's: the unit's or the department's."""
    if notice.issuer_unit_id is None:
        return by.role in {Role.DEPT_OFFICER, Role.DEPT_LEADER}
    return by.role == Role.UNIT_OFFICER and by.unit_id == notice.issuer_unit_id


def named(candidates: Iterable[Candidate]) -> dict[int, Candidate]:
    """Candidates by the key of their base."""
    return {candidate.base.pk: candidate for candidate in candidates}
