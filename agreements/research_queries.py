"""What is seen of projects, topics, requests, results and exchanges of bases, filtered by who looks (协议：知识产权、其他事项 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When

from agreements.models import (
    BaseProject,
    ExchangeEvent,
    Placement,
    PublicationDecision,
    PublicationRequest,
    Result,
    ResultAuthor,
    SecrecyClearance,
    ThesisTopic,
)
from agreements.queries import training_bases
from agreements.services.topics import PLACED
from bases.models import Base
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import UNIT_ROLES, Role

_TEXT = 60
Verdict = SecrecyClearance.Verdict
LIVE = ~Q(status=ThesisTopic.Status.WITHDRAWN)
WAITS_FOR_CLEARANCE = Q(status="proposed", uses_practice=True, clearance=None)
REFUSED = Q(status="proposed", uses_practice=True, clearance__verdict=Verdict.REFUSED)
FREE = Q(status="proposed") & (Q(uses_practice=False) | Q(clearance__verdict__in=[Verdict.CLEAR, Verdict.CONDITIONS]))
# How a topic stands, as the list asks for it.
STANDINGS: dict[str, Q] = {
    "waiting": WAITS_FOR_CLEARANCE,
    "free": FREE,
    "refused": REFUSED,
    "approved": Q(status="approved"),
    "withdrawn": Q(status="withdrawn"),
}


def may_read_content(acting: Acting) -> bool:
    """Whether this person reads what must not leave the two sides (协议：其他事项 2): contents of secret projects and unpublished texts."""
    return acting.role in {*UNIT_ROLES, Role.PARTNER_OFFICER}


def visible_projects(acting: Acting) -> QuerySet[BaseProject]:
    """The projects of the bases whose cooperation this person may look at."""
    found = BaseProject.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base__training_unit", "base__partner")


def counted(found: QuerySet[BaseProject]) -> QuerySet[BaseProject]:
    """Projects with how many placements, live topics and results rest on each."""
    return found.annotate(
        n_placements=Count("placements", filter=Q(placements__status__in=PLACED), distinct=True),
        n_topics=Count("topics", filter=~Q(topics__status="withdrawn"), distinct=True),
        n_results=Count("results", filter=~Q(results__status="void"), distinct=True),
    )


def visible_topics(acting: Acting) -> QuerySet[ThesisTopic]:
    """The topics of the students of these bases."""
    found = ThesisTopic.objects.filter(placement__base__in=training_bases(acting).values("pk"))
    return found.select_related("placement__student", "placement__base", "placement__post", "project", "clearance")


def visible_requests(acting: Acting) -> QuerySet[PublicationRequest]:
    """The requests on projects of these bases, with what was decided."""
    found = PublicationRequest.objects.filter(project__base__in=training_bases(acting).values("pk"))
    decided = Prefetch("decisions", queryset=PublicationDecision.objects.select_related("decided_by").order_by("pk"))
    return found.select_related("project__base", "placement__student", "file").prefetch_related(decided)


def visible_results(acting: Acting) -> QuerySet[Result]:
    """The results of these bases with their authors, each marked (``unapproved``) where content was made public without leave."""
    found = Result.objects.filter(base__in=training_bases(acting).values("pk"))
    return (
        found.annotate(unapproved=Case(When(unapproved(), then=True), default=False, output_field=BooleanField()))
        .select_related("base", "project", "request", "evidence")
        .prefetch_related("authors")
    )


def unapproved() -> Any:
    """A result that makes content of a project public, by a student, without a request that was approved before (协议：知识产权)."""
    by_a_student = Exists(ResultAuthor.objects.filter(result=OuterRef("pk"), role=ResultAuthor.Role.STUDENT))
    without = Q(request=None) | ~Q(request__status="approved") | Q(request__closed_on__gt=F("achieved_on"))
    return Q(project__isnull=False, kind__in=sorted(Result.DISCLOSING)) & without & ~Q(status="void") & Q(by_a_student)


def visible_exchanges(acting: Acting) -> QuerySet[ExchangeEvent]:
    """The 学术交流活动 of these bases."""
    found = ExchangeEvent.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base", "file")


def placed_in(base: Base) -> QuerySet[Placement]:
    """Who is or was in the base."""
    found = Placement.objects.filter(base=base, status__in=PLACED).select_related("student", "post", "project")
    return found.order_by("-starts_on", "student__number", "pk")


def without_topic(base: Base) -> QuerySet[Placement]:
    """Who is or was in the base and has no topic yet."""
    topics = ThesisTopic.objects.filter(LIVE, placement__student=OuterRef("student"))
    return placed_in(base).filter(~Exists(topics))


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:_TEXT]


def _year(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


@dataclass(frozen=True)
class TopicFilters:
    """What the address of the list of topics asks for; what makes no sense there filters nothing."""

    q: str = ""
    state: str = ""
    year: int | None = None

    @classmethod
    def of(cls, given: dict[str, str]) -> TopicFilters:
        """The filters of an address."""
        state = given.get("state", "")
        return cls(_clean(given.get("q", "")), state if state in STANDINGS else "", _year(given.get("year", "")))

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.state or self.year)


def topics(acting: Acting, base: Base, wanted: TopicFilters) -> QuerySet[ThesisTopic]:
    """The topics of a base as the filters leave them; ``year`` is the cohort, by the year of the post."""
    found = visible_topics(acting).filter(placement__base=base)
    for word in wanted.q.split():
        found = found.filter(
            Q(title__icontains=word)
            | Q(placement__student__name__icontains=word)
            | Q(placement__student__number__icontains=word)
        )
    if wanted.state:
        found = found.filter(STANDINGS[wanted.state])
    if wanted.year:
        found = found.filter(placement__post__year=wanted.year)
    return found.order_by("-placement__starts_on", "placement__student__number", "-pk")


@dataclass(frozen=True)
class RequestFilters:
    """What the address of the list of requests asks for."""

    q: str = ""
    state: str = ""

    @classmethod
    def of(cls, given: dict[str, str]) -> RequestFilters:
        """The filters of an address."""
        state = given.get("state", "")
        return cls(_clean(given.get("q", "")), state if state in PublicationRequest.Status.values else "")

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.state)


def requests(acting: Acting, base: Base, wanted: RequestFilters) -> QuerySet[PublicationRequest]:
    """The requests of a base as the filters leave them, what waits first."""
    found = visible_requests(acting).filter(project__base=base)
    for word in wanted.q.split():
        found = found.filter(
            Q(title__icontains=word) | Q(placement__student__name__icontains=word) | Q(project__name__icontains=word)
        )
    if wanted.state:
        found = found.filter(status=wanted.state)
    waits_first = Case(When(status="waiting", then=Value(0)), default=Value(1))
    return found.order_by(waits_first, "-asked_on", "-pk")


@dataclass(frozen=True)
class ResultFilters:
    """What the address of a list of results asks for; ``mark``: confirmed, waiting, commended, unapproved."""

    q: str = ""
    kind: str = ""
    year: int | None = None
    mark: str = ""

    @classmethod
    def of(cls, given: dict[str, str]) -> ResultFilters:
        """The filters of an address."""
        kind, mark = given.get("kind", ""), given.get("mark", "")
        return cls(
            _clean(given.get("q", "")),
            kind if kind in Result.Kind.values else "",
            _year(given.get("year", "")),
            mark if mark in MARKS else "",
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.kind or self.year or self.mark)


MARKS: dict[str, Q] = {
    "confirmed": Q(status="confirmed"),
    "waiting": Q(status__in=["waiting", "objected"]),
    "commended": Q(commended_on__isnull=False) & ~Q(status="void"),
    "unapproved": Q(unapproved=True),
    "void": Q(status="void"),
}


def results(acting: Acting, wanted: ResultFilters, base: Base | None = None) -> QuerySet[Result]:
    """The results of a base, or of all that one may look at, as the filters leave them; void ones only where they are asked for."""
    found = visible_results(acting)
    if base is not None:
        found = found.filter(base=base)
    for word in wanted.q.split():
        signed = ResultAuthor.objects.filter(result=OuterRef("pk"), name__icontains=word)
        found = found.filter(
            Q(title__icontains=word) | Q(number__icontains=word) | Q(base__name__icontains=word) | Exists(signed)
        )
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.year:
        found = found.filter(achieved_on__year=wanted.year)
    found = found.filter(MARKS[wanted.mark]) if wanted.mark else found.exclude(status="void")
    return found.order_by("-achieved_on", "-pk")


def may_download_request(acting: Acting, stored: StoredFile) -> bool:
    """A text that is to be published: both sides alone; it may be refused, or hold what must stay secret (协议：其他事项 2)."""
    return may_read_content(acting) and visible_requests(acting).filter(file=stored).exists()


def may_download_result(acting: Acting, stored: StoredFile) -> bool:
    """What proves a result, also a paper that was replaced: whoever may look at the cooperation of the base."""
    found = visible_results(acting)
    return found.filter(Q(evidence=stored) | Q(events__file=stored)).exists()


def may_download_exchange(acting: Acting, stored: StoredFile) -> bool:
    """Material of an activity: whoever may look at the cooperation of the base."""
    return visible_exchanges(acting).filter(file=stored).exists()
