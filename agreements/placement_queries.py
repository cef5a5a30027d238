"""What is seen of posts, students and placements, filtered by who looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, IntegerField, Max, OuterRef, Prefetch, Q, QuerySet, When
from django.db.models.functions import Coalesce

from agreements.models import Appointment, Mentor, Placement, PlacementChange, Post, Student
from agreements.queries import training_bases
from agreements.services.posts import HELD
from bases.models import Base
from bases.people_terms import StudyLevel, StudyMode
from portal.acting import Acting
from portal.masking import masked_phone
from portal.models import StoredFile
from portal.roles import Role

SELECTABLE = 200
_TEXT = 60
_EVER_HELD = [Appointment.Status.APPOINTED, Appointment.Status.ENDED]


def visible_placements(acting: Acting) -> QuerySet[Placement]:
    """The placements in the bases whose cooperation this person may look at, with their people and what waits for an answer."""
    waiting = PlacementChange.objects.filter(status=PlacementChange.Status.WAITING)
    return (
        Placement.objects.filter(base__in=training_bases(acting).values("pk"))
        .select_related("student__category", "post", "campus_mentor", "industry_mentor", "base__category", "project")
        .prefetch_related(Prefetch("changes", queryset=waiting, to_attr="waiting"))
    )


def may_download_safety(acting: Acting, stored: StoredFile) -> bool:
    """The 实践安全协议, also one that was replaced: both sides and the department."""
    named = Q(safety_file=stored) | Q(events__file=stored)
    return visible_placements(acting).filter(named).exists()


def phone_for(acting: Acting, placement: Placement) -> str:
    """The student's telephone number: whole for the graduate office, for the partner once the student is coming, masked for all others."""
    coming = placement.status in {Placement.Status.ACCEPTED, Placement.Status.RUNNING}
    whole = acting.role == Role.UNIT_OFFICER or (acting.role == Role.PARTNER_OFFICER and coming)
    return placement.student.phone if whole else masked_phone(placement.student.phone)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:_TEXT]


@dataclass(frozen=True)
class PlacementFilters:
    """What the address of a base's list asks for; what makes no sense there filters nothing."""

    q: str = ""
    state: str = ""
    year: int | None = None

    @classmethod
    def of(cls, given: dict[str, str]) -> PlacementFilters:
        """The filters of an address."""
        state, year = given.get("state", ""), given.get("year", "")
        return cls(
            q=_clean(given.get("q", "")),
            state=state if state in Placement.Status.values else "",
            year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.state or self.year)


def listed(acting: Acting, base: Base, wanted: PlacementFilters) -> QuerySet[Placement]:
    """The placements of a base as the filters leave them, who came or comes last first."""
    found = visible_placements(acting).filter(base=base)
    for word in wanted.q.split():
        found = found.filter(Q(student__name__icontains=word) | Q(student__number__icontains=word))
    if wanted.state:
        found = found.filter(status=wanted.state)
    if wanted.year:
        found = found.filter(post__year=wanted.year)
    return found.order_by("-starts_on", "student__number", "pk")


def state_counts(base_pks: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many placements of each base stand how; one query."""
    found: dict[int, dict[str, int]] = {}
    rows = Placement.objects.filter(base__in=list(base_pks)).order_by().values_list("base", "status")
    for base_pk, status, number in rows.annotate(n=Count("pk")):
        found.setdefault(base_pk, {})[status] = number
    return found


def posts_of(base: Base, year: int | None = None) -> QuerySet[Post]:
    """The posts of a base, newest year first, with how many places are taken (``taken``)."""
    found = Post.objects.filter(base=base)
    if year:
        found = found.filter(year=year)
    return found.annotate(taken=Count("placements", filter=HELD)).order_by("-year", "closed_on", "title", "pk")


def appointed_mentors(base: Base, kind: str, day: date) -> list[Mentor]:
    """The mentors of a kind who are appointed for the base on a day (第十一条), by name; one query."""
    terms = Appointment.objects.filter(
        base=base, mentor__kind=kind, starts_on__lte=day, ends_on__gte=day
    ).select_related("mentor")
    found = {each.mentor_id: each.mentor for each in terms if each.holds(day)}
    return sorted(found.values(), key=lambda mentor: (mentor.name, mentor.pk))


@dataclass(frozen=True)
class Lapse:
    """A mentor of a running practice whose appointment for the base ends before the practice; ``until`` is its last day."""

    mentor: Mentor
    until: date


def lapsing() -> Q:
    """The placements for which ``lapses`` finds a mentor, for the database."""
    held = Appointment.objects.filter(base=OuterRef("base"), status__in=_EVER_HELD)
    found = Q()
    for side in ("campus_mentor", "industry_mentor"):
        own = held.filter(mentor=OuterRef(side)).annotate(until=Coalesce("ended_on", "ends_on"))
        found |= Q(Exists(own)) & ~Q(Exists(own.filter(until__gte=OuterRef("ends_on"))))
    return found


def lapses(placements: Iterable[Placement]) -> dict[int, list[Lapse]]:
    """By placement the mentors whose appointment, renewals counted, ends before the practice does (第十一条); one query."""
    running = [each for each in placements if each.status == Placement.Status.RUNNING]
    mentors = {pk for each in running for pk in (each.campus_mentor_id, each.industry_mentor_id)}
    held = Appointment.objects.filter(
        base__in={each.base_id for each in running}, mentor__in=mentors, status__in=_EVER_HELD
    )  # fmt: skip
    ends = held.order_by().values_list("base", "mentor").annotate(until=Max(Coalesce("ended_on", "ends_on")))
    until = {(base, mentor): day for base, mentor, day in ends}
    found: dict[int, list[Lapse]] = {}
    for each in running:
        for mentor in filter(None, (each.campus_mentor, each.industry_mentor)):
            last = until.get((each.base_id, mentor.pk))
            if last is not None and last < each.ends_on:
                found.setdefault(each.pk, []).append(Lapse(mentor, last))
    return found


@dataclass(frozen=True)
class StudentFilters:
    """What the address of the unit's list of students asks for."""

    q: str = ""
    level: str = ""
    mode: str = ""
    category: str = ""
    place: str = ""

    @classmethod
    def of(cls, given: dict[str, str]) -> StudentFilters:
        """The filters of an address."""
        level, mode, place = (given.get(name, "") for name in ("level", "mode", "place"))
        return cls(
            q=_clean(given.get("q", "")),
            level=level if level in StudyLevel.values else "",
            mode=mode if mode in StudyMode.values else "",
            category=_clean(given.get("category", ""))[:4],
            place=place if place in ("in", "free", "left") else "",
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.level or self.mode or self.category or self.place)


def unit_students(acting: Acting) -> QuerySet[Student]:
    """The students of the unit whose graduate office this person works in."""
    if acting.role != Role.UNIT_OFFICER:
        return Student.objects.none()
    return Student.objects.filter(training_unit=acting.unit_id).select_related("category")


def students(acting: Acting, wanted: StudentFilters, on: date) -> QuerySet[Student]:
    """The unit's students as the filters leave them, each with where they are now (``now``: placements that run or come)."""
    here = Placement.objects.filter(status__in=["proposed", "accepted", "running"]).select_related("base")
    found = named(unit_students(acting), wanted.q).prefetch_related(
        Prefetch("placements", queryset=here, to_attr="now")
    )
    if wanted.level:
        found = found.filter(level=wanted.level)
    if wanted.mode:
        found = found.filter(mode=wanted.mode)
    if wanted.category:
        found = found.filter(category__code=wanted.category)
    placed = Exists(here.filter(student=OuterRef("pk")))
    if wanted.place == "in":
        found = found.filter(placed)
    elif wanted.place == "free":
        found = found.filter(~placed).exclude(left_on__lte=on)
    elif wanted.place == "left":
        found = found.filter(left_on__lte=on)
    return found.order_by("-entry_year", "number", "pk")


def named(found: QuerySet[Student], words: str) -> QuerySet[Student]:
    """Students in whose name or 学号 every word occurs."""
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(number__icontains=word))
    return found


def selectable(base: Base, post: Post, starts_on: date, ends_on: date, words: str = "") -> QuerySet[Student]:
    """The unit's students who are free in that time and fit the post (协议：培养过程 1): the base's category first, then full-time
    students who are not bound to an employer."""
    elsewhere = Placement.objects.filter(
        student=OuterRef("pk"), status__in=Placement.HELD, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    found = Student.objects.filter(training_unit=base.training_unit_id).exclude(left_on__lt=ends_on)
    if post.level:
        found = found.filter(level=post.level)
    found = named(found.filter(~Exists(elsewhere)), words).select_related("category")
    ours = Case(When(category=base.category_id, then=0), default=1, output_field=IntegerField())
    first = Case(When(mode=StudyMode.FULL_TIME, bound=False, then=0), default=1, output_field=IntegerField())
    return found.annotate(ours=ours, first=first).order_by("ours", "first", "-entry_year", "number", "pk")
