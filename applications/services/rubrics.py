"""指标体系: drafted by the department's officer, put in force by its leader, never changed afterwards."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.models import Criterion, Rubric, RubricDrafter
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

FULL = Decimal(100)
DRAFTED_BY_THE_SAME = gettext_noop("起草过这一版的人不能启用它，请由另一位审批人启用。")
# What a rule names by its key: equal scores are told apart by 前期成效.
KEPT = {Rubric.Purpose.APPLICATION: frozenset({"results"}), Rubric.Purpose.ASSESSMENT: frozenset[str]()}


@dataclass(frozen=True)
class Row:
    """A criterion as it is drafted; an empty ``key`` is a new one."""

    key: str
    name: str
    descriptor: str
    points: Decimal
    floor: Decimal
    step: Decimal


@dataclass(frozen=True)
class Difference:
    """A criterion of one version beside the same of another; None where a version does not have it."""

    before: Criterion | None
    after: Criterion | None

    @property
    def changed(self) -> bool:
        """Whether anything of it is different."""
        if self.before is None or self.after is None:
            return True
        return any(
            getattr(self.before, name) != getattr(self.after, name)
            for name in ("name", "descriptor", "points", "floor", "step", "position")
        )


def versions() -> QuerySet[Rubric]:
    """All versions, newest first within a purpose, with their criteria and the number of panels that keep them."""
    people = ("put_in_force_by",)
    criteria = Prefetch("criteria", queryset=Criterion.objects.order_by("position"))
    found = Rubric.objects.select_related(*people).prefetch_related(criteria, "drafters__user")
    # Counting would forget the table's own order.
    return found.annotate(kept_by=Count("panels", distinct=True)).order_by("purpose", "-version")


def in_force(purpose: str) -> Rubric:
    """The version in force for 评审 or 考核."""
    return Rubric.objects.get(purpose=purpose, state=Rubric.State.IN_FORCE)


def fingerprint(rubric: Rubric) -> str:
    """A short sum of all that a draft says, by which a page knows whether it was changed meanwhile."""
    rows = [
        (each.key, each.name, each.descriptor, f"{each.points:.2f}", f"{each.floor:.2f}", f"{each.step:.2f}")
        for each in rubric.criteria.order_by("position")
    ]
    return hashlib.sha256(repr((rubric.name, rubric.note, rows)).encode()).hexdigest()[:16]


def differences(before: Rubric, after: Rubric) -> list[Difference]:
    """Two versions side by side, in the order of the later one; what it no longer has comes last."""
    old = {each.key: each for each in before.criteria.all()}
    out = [Difference(old.pop(each.key, None), each) for each in after.criteria.all()]
    return out + [Difference(each, None) for each in old.values()]


def _officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("指标体系由教育厅经办起草。"))
    return by.user


def _locked(purpose: str) -> dict[int, Rubric]:
    """All versions of a purpose, locked: whoever drafts or puts one in force waits for the other."""
    found = Rubric.objects.filter(purpose=purpose).order_by("pk")
    list(found.select_for_update())
    # What the other has written while this one waited is seen by asking once more.
    return {each.pk: each for each in found.all()}


def _locked_draft(rubric: Rubric) -> Rubric:
    found = _locked(rubric.purpose).get(rubric.pk)
    if found is None:
        raise Overtaken(_("这份草稿已被删除，没有改动。"))
    if found.state != Rubric.State.DRAFT:
        raise Overtaken(_("第 %(n)s 版已经启用，不能再改动；需要修改请起草新版本。") % {"n": found.version})
    return found


@transaction.atomic
def draft(*, purpose: str, by: Acting) -> Rubric:
    """A new version as a copy of the one in force; the draft that there is already, if there is one."""
    user = _officer(by)
    known = _locked(purpose).values()
    existing = next((each for each in known if each.state == Rubric.State.DRAFT), None)
    if existing is not None:
        return existing
    model = in_force(purpose)
    made = Rubric.objects.create(
        purpose=purpose, version=max(each.version for each in known) + 1, name=model.name, drafted_by=user
    )
    RubricDrafter.objects.create(rubric=made, user=user)
    for each in model.criteria.all():
        each.pk, each.rubric = None, made
        each.save(force_insert=True)
    return made


def _new_keys(rubric: Rubric) -> list[str]:
    """Keys that no version of this purpose has used, so that one key never means two things."""
    used = set(Criterion.objects.filter(rubric__purpose=rubric.purpose).values_list("key", flat=True))
    return [key for number in range(1, 1000) if (key := f"added-{number}") not in used]


@transaction.atomic
def save_draft(*, rubric: Rubric, name: str, note: str, rows: Sequence[Row], seen: str | None, by: Acting) -> Rubric:
    """Keep a draft as it stands; its points need not come to 100 until it is put in force.

    Raises Overtaken if it was changed since the page read it (``seen``, a fingerprint), Refused for what breaks a rule.
    """
    user = _officer(by)
    locked = _locked_draft(rubric)
    if seen is not None and seen != fingerprint(locked):
        raise Overtaken(_("这份草稿在别的窗口或由他人改动过，没有保存。请重新打开草稿，再填入您的修改。"))
    missing = [each.name for each in locked.criteria.all() if each.key in KEPT[Rubric.Purpose(locked.purpose)] - {row.key for row in rows}]  # fmt: skip
    if missing:
        raise Refused(_("“%(names)s”决定同分时的排序，不能删除。") % {"names": "、".join(missing)})
    fresh = iter(_new_keys(locked))
    known = set(locked.criteria.values_list("key", flat=True))
    locked.criteria.all().delete()
    Criterion.objects.bulk_create(
        Criterion(
            rubric=locked, key=row.key if row.key in known else next(fresh), name=row.name, descriptor=row.descriptor,
            points=row.points, floor=row.floor, step=row.step, position=position,
        )
        for position, row in enumerate(rows, start=1)
    )  # fmt: skip
    locked.name, locked.note, locked.drafted_by = name, note, user
    locked.save(update_fields=["name", "note", "drafted_by"])
    RubricDrafter.objects.get_or_create(rubric=locked, user=user)
    return locked


def what_is_wrong(rubric: Rubric) -> list[str]:
    """Why a draft cannot be put in force, as sentences."""
    total = sum((each.points for each in rubric.criteria.all()), Decimal(0))
    if total == FULL:
        return []
    return [_("各项指标合计 %(total)s 分，必须正好 100 分才能启用。") % {"total": f"{total.normalize():f}"}]


def drafted_on(rubric: Rubric, by: Acting) -> bool:
    """Whether this person has begun or saved the draft, whoever saved it last: such a one does not put it in force."""
    return rubric.drafters.filter(user=by.user).exists()


@transaction.atomic
def put_in_force(*, rubric: Rubric, seen: str | None, by: Acting, on: date) -> Rubric:
    """Put a draft in force and retire the version before it; panels that are open keep theirs.

    By the leader, who has never drafted on it, whoever saved it last; ``seen`` as in ``save_draft``.
    """
    if by.role != Role.DEPT_LEADER or by.user is None:
        raise NotYours(_("指标体系由教育厅审批启用。"))
    locked = _locked_draft(rubric)
    if drafted_on(locked, by):
        raise NotYours(_(DRAFTED_BY_THE_SAME))
    if seen is not None and seen != fingerprint(locked):
        raise Overtaken(_("这份草稿在您打开之后改动过，没有启用。请核对现在的内容。"))
    wrong = what_is_wrong(locked)
    if wrong:
        raise Refused(wrong)
    for former in Rubric.objects.select_for_update().filter(purpose=locked.purpose, state=Rubric.State.IN_FORCE):
        former.state, former.retired_on = Rubric.State.RETIRED, on
        former.save(update_fields=["state", "retired_on"])
    locked.state, locked.put_in_force_by, locked.in_force_from = Rubric.State.IN_FORCE, by.user, on
    locked.save(update_fields=["state", "put_in_force_by", "in_force_from"])
    return locked


@transaction.atomic
def discard(*, rubric: Rubric, by: Acting) -> None:
    """Throw a draft away."""
    _officer(by)
    _locked_draft(rubric).delete()
