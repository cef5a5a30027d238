"""The area 成果: how it stands in a few words, and what waits for both sides; a constant number of queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import ExchangeEvent, PublicationDecision, PublicationRequest, Result, ThesisTopic
from agreements.queries import training_bases
from agreements.research_queries import FREE, LIVE, REFUSED, WAITS_FOR_CLEARANCE, unapproved
from agreements.training import Standing
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

# 惯例: from this month of the year on, a base without an activity in it is reminded of.
REMIND_FROM_MONTH = 10


@dataclass
class Facts:
    """What is counted in one base."""

    topics: int = 0
    rested: int = 0
    to_clear: int = 0
    requests: int = 0
    late: int = 0
    results: int = 0
    to_confirm: int = 0
    unapproved: int = 0
    exchanges: int = 0


def facts(pks: Sequence[int], on: date) -> dict[int, Facts]:
    """What is counted in each base; four queries."""
    found = {pk: Facts() for pk in pks}
    topics = ThesisTopic.objects.filter(LIVE, placement__base__in=pks).order_by().values_list("placement__base")
    for pk, n, rested, waits in topics.annotate(
        n=Count("pk"),
        rested=Count("pk", filter=Q(project__isnull=False)),
        waits=Count("pk", filter=WAITS_FOR_CLEARANCE),
    ):
        found[pk].topics, found[pk].rested, found[pk].to_clear = n, rested, waits
    asked = PublicationRequest.objects.filter(project__base__in=pks, status="waiting").order_by()
    for pk, n, late in asked.values_list("project__base").annotate(
        n=Count("pk"), late=Count("pk", filter=Q(answer_by__lt=on))
    ):
        found[pk].requests, found[pk].late = n, late
    results = Result.objects.filter(base__in=pks).exclude(status="void").order_by().values_list("base")
    for pk, n, waits, wrong in results.annotate(
        n=Count("pk"), waits=Count("pk", filter=~Q(status="confirmed")), wrong=Count("pk", filter=unapproved())
    ):
        found[pk].results, found[pk].to_confirm, found[pk].unapproved = n, waits, wrong
    held = ExchangeEvent.objects.filter(base__in=pks, withdrawn_on=None, held_on__year=on.year).order_by()
    for pk, n in held.values_list("base").annotate(n=Count("pk")):
        found[pk].exchanges = n
    return found


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """Results, topics on projects and this year's activities of each base, and what is amiss; four queries."""
    return {pk: _said(each, on) for pk, each in facts([base.pk for base in bases], on).items()}


def _said(each: Facts, on: date) -> Standing:
    words = [_("成果 %(n)s 项") % {"n": each.results}]
    if each.topics:
        words.append(_("选题 %(n)s 个，其中依托项目 %(of)s 个") % {"n": each.topics, "of": each.rested})
    words.append(_("%(year)s 年交流活动 %(n)s 次") % {"year": on.year, "n": each.exchanges})
    waits = (
        (each.to_clear, _("待涉密确认 %(n)s 个")),
        (each.requests, _("公开申请待决定 %(n)s 项")),
        (each.to_confirm, _("成果待确认 %(n)s 项")),
    )
    words += [text % {"n": n} for n, text in waits if n]
    wrong = ((each.late, _("公开申请逾期 %(n)s 项")), (each.unapproved, _("未经批准公开 %(n)s 项")))
    words += [text % {"n": n} for n, text in wrong if n]
    tone = "missing" if each.late or each.unapproved else "soon" if any(n for n, _text in waits) else "ok"
    return Standing(_("，").join(words), tone)


def source(acting: Acting, on: date) -> Iterator[Item]:
    """What a side has to clear, to decide, to confirm and to mend in its bases that go on; one item a base and matter."""
    side = {Role.UNIT_OFFICER.value: "unit", Role.PARTNER_OFFICER.value: "partner"}.get(str(acting.role), "")
    if not side:
        return
    bases = {base.pk: base for base in training_bases(acting).filter(state__in=LIVING)}
    yield from _topics(bases, side)
    yield from _requests(bases, side)
    yield from _results(bases, side)
    if side == "unit" and on.month >= REMIND_FROM_MONTH:
        yield from _exchanges(bases, on)


def _item(base: Base, why: str, button: str, url: str, page: str, due: date | None = None) -> Item:
    return Item(_("成果"), base.name, why, "10", url, button, due, reverse(page, args=[base.pk]))


def _topics(bases: Mapping[int, Base], side: str) -> Iterator[Item]:
    rows = ThesisTopic.objects.filter(placement__base__in=bases, status="proposed").order_by("placement__base")
    for pk, waits, first, free, refused in rows.values_list("placement__base").annotate(
        waits=Count("pk", filter=WAITS_FOR_CLEARANCE), first=Min("planned_on", filter=WAITS_FOR_CLEARANCE),
        free=Count("pk", filter=FREE), refused=Count("pk", filter=REFUSED),
    ):  # fmt: skip
        page = reverse("base-topics", args=[pk])
        if side == "partner" and waits:
            why = _("%(n)s 个学位论文选题等待涉密确认，论文开题前应先确认。") % {"n": waits}
            yield _item(bases[pk], why, _("涉密确认"), f"{page}?state=waiting", "base-topics", first)
        if side == "unit" and free:
            why = _("%(n)s 个选题可以开题，开题后请登记日期。") % {"n": free}
            yield _item(bases[pk], why, _("登记开题"), f"{page}?state=free", "base-topics")
        if side == "unit" and refused:
            why = _("%(n)s 个选题经合作单位确认涉密，请改题后重新送确认。") % {"n": refused}
            yield _item(bases[pk], why, _("改题"), f"{page}?state=refused", "base-topics")


def _requests(bases: Mapping[int, Base], side: str) -> Iterator[Item]:
    answered = PublicationDecision.objects.filter(request=OuterRef("pk"), side=side)
    rows = PublicationRequest.objects.filter(
        ~Exists(answered), project__base__in=bases, status="waiting", **{f"asks_{side}": True}
    )
    for pk, n, first in rows.order_by("project__base").values_list("project__base").annotate(
        n=Count("pk"), first=Min("answer_by")
    ):  # fmt: skip
        url = f"{reverse('base-publications', args=[pk])}?state=waiting"
        why = _("%(n)s 项成果公开申请等待立项方决定。") % {"n": n}
        yield _item(bases[pk], why, _("决定"), url, "base-publications", first)


def _results(bases: Mapping[int, Base], side: str) -> Iterator[Item]:
    rows = Result.objects.filter(base__in=bases, status__in=["waiting", "objected"]).order_by("base")
    for pk, waits, objected in rows.values_list("base").annotate(
        waits=Count("pk", filter=Q(status="waiting") & ~Q(entered_side=side)),
        objected=Count("pk", filter=Q(status="objected", entered_side=side)),
    ):
        url = f"{reverse('base-results', args=[pk])}?mark=waiting"
        if waits:
            why = _("对方登记了 %(n)s 项成果，请核对名称、完成人和归属后确认。") % {"n": waits}
            yield _item(bases[pk], why, _("确认成果"), url, "base-results")
        if objected:
            why = _("对方对 %(n)s 项成果有异议，请协商后更正。") % {"n": objected}
            yield _item(bases[pk], why, _("更正成果"), url, "base-results")


def _exchanges(bases: Mapping[int, Base], on: date) -> Iterator[Item]:
    """Bases that have gone on since last year, without an activity in this one."""
    since = {pk: base for pk, base in bases.items() if base.construction_started_on.year < on.year}  # type: ignore[union-attr]
    held = ExchangeEvent.objects.filter(base__in=since, withdrawn_on=None, held_on__year=on.year)
    done = set(held.order_by().values_list("base", flat=True))
    for pk, base in since.items():
        if pk not in done:
            why = _("%(year)s 年还没有登记与合作单位联合举办的学术交流活动。") % {"year": on.year}
            url = reverse("base-exchanges", args=[pk])
            yield _item(base, why, _("登记活动"), url, "base-exchanges", date(on.year, 12, 31))
