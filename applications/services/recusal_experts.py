"""What ties experts to organisations and people (回避, 第八条（三）), indexed so that a base looks up only those whom it can concern."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import ExpertProfile, ExpertRelation, RecusalRule
from applications.recusal import plain, still_counts
from bases.models import Membership
from portal.models import User
from portal.roles import DEPARTMENT_BUSINESS

Kind = ExpertRelation.Kind
# Between persons, not with their organisations, and never past (亲属、师生).
_PERSONAL = frozenset({Kind.FAMILY, Kind.TEACHER_STUDENT})


@dataclass(frozen=True)
class Conflict:
    """Why an expert must not score a base: the rule's key, stored with the recusal, and the reason in Chinese."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Tie:
    """What ties an expert to an organisation or person; ``ended_on`` None goes on, ``for_life`` never lapses."""

    expert: int
    rule: str
    words: str
    ended_on: date | None = None
    for_life: bool = False

    def counts(self, years: int, on: date) -> bool:
        return self.for_life or self.ended_on is None or still_counts(self.ended_on, years, on)

    def said_of(self, side: str, name: str, years: int) -> Conflict:
        told = {"side": side, "name": name, "years": years, "day": self.ended_on.isoformat() if self.ended_on else ""}
        return Conflict(self.rule, self.words % told)


@dataclass
class Experts:
    """The experts by what a base can ask for."""

    keys: set[int]
    units: dict[int, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    partners: dict[int, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    # Relations to a person, with the organisation that was named with them (plain, or empty).
    persons: dict[str, list[tuple[Tie, str]]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    employers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    deciding: list[int] = field(default_factory=list)


def index_of(experts: Iterable[User], on: date) -> Experts:
    """Everything that ties these experts to somebody on a day; the queries do not grow with them."""
    users = {user.pk: user for user in experts}
    index = Experts(set(users))
    names: dict[int, set[str]] = {key: {plain(user.full_name)} for key, user in users.items()}
    profiles = ExpertProfile.objects.filter(user__in=users).select_related("training_unit", "partner_unit")
    for profile in profiles:
        key = profile.user_id or 0
        names[key].add(plain(profile.name))
        index.employers[key].update(
            plain(str(each)) for each in (profile.employer, profile.training_unit, profile.partner_unit) if each
        )
        of_unit = Tie(key, RecusalRule.SAME_UNIT, _("与申报单位同属一个单位"))
        of_partner = Tie(key, RecusalRule.SAME_PARTNER, _("在%(side)s任职"))
        if profile.training_unit_id:
            index.units[profile.training_unit_id].append(of_unit)
        if profile.partner_unit_id:
            index.partners[profile.partner_unit_id].append(of_partner)
        # Whose name it is, a unit's or a partner's, is known only when it is met.
        index.organisations[plain(profile.employer)].extend((of_unit, of_partner))
    for key, own in names.items():
        for name in own - {""}:
            index.by_name[name].append(key)
    _index_memberships(index)
    _index_relations(index)
    return index


def _index_memberships(index: Experts) -> None:
    held = Membership.objects.filter(user__in=index.keys).order_by("withdrawn_at", "pk").values_list(
        "user_id", "role", "training_unit_id", "partner_unit_id", "training_unit__name", "partner_unit__name",
        "withdrawn_at",
    )  # fmt: skip
    for user, role, unit_id, partner_id, unit, partner, withdrawn_at in sorted(
        held, key=lambda row: row[6] is not None
    ):
        ended = timezone.localdate(withdrawn_at) if withdrawn_at else None
        words = _("%(day)s 之前在%(side)s任职，未满 %(years)s 年") if ended else _("在%(side)s任职")
        if unit_id:
            index.units[unit_id].append(Tie(user, RecusalRule.SAME_UNIT, words, ended))
        if partner_id:
            index.partners[partner_id].append(Tie(user, RecusalRule.SAME_PARTNER, words, ended))
        if ended is None and (unit or partner):
            index.employers[user].add(plain(unit or partner))
        if ended is None and role in DEPARTMENT_BUSINESS:
            index.deciding.append(user)


def _index_relations(index: Experts) -> None:
    related = ExpertRelation.objects.filter(profile__user__in=index.keys).select_related(
        "profile", "training_unit", "partner_unit"
    )
    for relation in related.order_by("pk"):
        tie = Tie(
            relation.profile.user_id or 0,
            RecusalRule.RELATION,
            _relation_words(relation),
            relation.ended_on,
            relation.kind in _PERSONAL,
        )
        named = relation.training_unit or relation.partner_unit or relation.organisation
        if relation.person:
            index.persons[plain(relation.person)].append((tie, plain(str(named or ""))))
            if relation.kind in _PERSONAL:
                continue
        if relation.training_unit_id:
            index.units[relation.training_unit_id].append(tie)
        if relation.partner_unit_id:
            index.partners[relation.partner_unit_id].append(tie)
        if relation.organisation:
            index.organisations[plain(relation.organisation)].append(tie)


def _relation_words(relation: ExpertRelation) -> str:
    """The relation with its years; side and name of the other are filled in where it is met."""
    began, ended = relation.began_on, relation.ended_on
    if relation.kind in _PERSONAL:
        when = ""
    elif began:
        last = _("%(year)s 年") % {"year": ended.year} if ended else _("今")
        when = _("%(from)s 年至%(to)s") % {"from": began.year, "to": last}
    else:
        when = _("至 %(year)s 年") % {"year": ended.year} if ended else ""
    words = {
        Kind.EMPLOYMENT: _("%(when)s在{side}{name}任职"),
        Kind.PART_TIME: _("%(when)s在{side}{name}任兼职或顾问"),
        Kind.JOINT_RESULT: _("%(when)s与{side}{name}有合作成果"),
        Kind.JOINT_PROJECT: _("%(when)s与{side}{name}有合作项目"),
        Kind.FAMILY: _("%(when)s与{side}{name}有亲属关系"),
        Kind.TEACHER_STUDENT: _("%(when)s与{side}{name}有师生关系"),
        Kind.OTHER: _("%(when)s与{side}{name}有其他利害关系"),
    }[Kind(relation.kind)]
    return (words % {"when": when}).replace("%", "%%").replace("{side}", "%(side)s").replace("{name}", "%(name)s")
