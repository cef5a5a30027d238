"""岗位需求: the places that the partner offers each year, against what the agreement promises (协议：培养过程 1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, When
from django.utils.translation import gettext as _

from agreements.models import Placement, Post
from agreements.services.standing import living, must_be
from agreements.services.terms import terms_of
from bases.models import Base
from portal.acting import Acting
from portal.errors import Overtaken, Refused

FIELDS = ("year", "title", "department", "places", "level", "work", "requirements", "location", "stipend")
# 惯例: from this month on the posts of the year are missed; by then a year's students have ended their courses.
MISSED_FROM_MONTH = 9
HELD = Q(placements__status__in=Placement.HELD)


@dataclass(frozen=True)
class Offer:
    """How many places a partner offers in a year, and how many it has promised at least (None: the agreement sets no number)."""

    year: int
    promised: int | None
    offered: int

    @property
    def short(self) -> int:
        """How many places are missing from the promised number."""
        return max((self.promised or 0) - self.offered, 0)

    def is_missed(self, on: date) -> bool:
        """Whether places are missing although the time for them has come."""
        return self.short > 0 and (on.year, on.month) >= (self.year, MISSED_FROM_MONTH)


def offers(base_pks: Iterable[int], on: date, year: int | None = None) -> dict[int, Offer]:
    """The offer of each base in a year (by default that of ``on``), by the base's key; two queries. A closed post counts with the places that were filled."""
    pks = list(base_pks)
    wanted = year or on.year
    promised = terms_of(pks, on)
    counted = (
        Post.objects.filter(base__in=pks, year=wanted)
        .annotate(taken=Count("placements", filter=HELD))
        .annotate(counts=Case(When(closed_on=None, then=F("places")), default=F("taken"), output_field=IntegerField()))
        .values_list("base", "counts")
    )
    offered: dict[int, int] = {}
    for base_pk, places in counted:
        offered[base_pk] = offered.get(base_pk, 0) + places
    return {
        pk: Offer(wanted, promised[pk].posts_per_year if pk in promised else None, offered.get(pk, 0)) for pk in pks
    }


def taken(post: Post) -> int:
    """How many places of a post are held by somebody."""
    return post.placements.filter(status__in=Placement.HELD).count()


def places_left(base_pks: Iterable[int], on: date) -> dict[int, int]:
    """How many places of open posts of this and the last year nobody holds yet, by the base's key; one query."""
    found = (
        Post.objects.filter(base__in=list(base_pks), closed_on=None, year__in=[on.year - 1, on.year])
        .annotate(taken=Count("placements", filter=HELD))
        .values_list("base", "places", "taken")
    )
    left: dict[int, int] = {}
    for base_pk, places, held in found:
        left[base_pk] = left.get(base_pk, 0) + max(places - held, 0)
    return left


@transaction.atomic
def save(*, base: Base, acting: Acting, on: date, post: Post | None = None, **values: Any) -> Post:
    """The partner offers a post, or alters one that nobody has been selected for; ``values`` by the names of its fields.

    Raises NotYours for anybody but the partner, Overtaken for a base that does not go on and a post that was closed or selected for.
    """
    locked = living(base)
    must_be(locked, acting, "partner")
    if post is None:
        row = Post(base=locked)
        if not may_offer_for(values.get("year"), on):
            raise Refused(_("岗位按年度提供，请填写 %(year)s 年或下一年。") % {"year": on.year})
    else:
        row = _open(locked, post)
        if taken(row):
            raise Overtaken(
                _("“%(post)s”已有研究生入选，内容不再修改。可以停止接收，另发布新岗位。") % {"post": row.title}
            )
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.offered_by, row.offered_on = acting.user, on
    row.save()
    return row


def may_offer_for(year: Any, on: date) -> bool:
    """Whether posts of a year may be offered on a day: those of this and of the next one."""
    return year in (on.year, on.year + 1)


def _open(base: Base, post: Post) -> Post:
    row = Post.objects.select_for_update().filter(base=base, pk=post.pk).first()
    if row is None:
        raise Overtaken(_("没有找到这个岗位，没有办理。"))
    if row.closed_on is not None:
        raise Overtaken(_("“%(post)s”已停止接收，没有办理。") % {"post": row.title})
    return row


@transaction.atomic
def close(*, base: Base, post: Post, acting: Acting, on: date, reason: str) -> Post:
    """The partner takes nobody else into a post; who was selected stays. Raises Refused without a reason."""
    locked = living(base)
    must_be(locked, acting, "partner")
    row = _open(locked, post)
    if not reason.strip():
        raise Refused(_("请写明停止接收的原因。"))
    row.closed_on, row.closed_reason, row.closed_by = on, reason.strip(), acting.user
    row.save(update_fields=["closed_on", "closed_reason", "closed_by"])
    return row
