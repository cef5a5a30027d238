"""How both sides of a demo base organise their work once it is under construction: committee, person in charge, rules, mentors."""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from agreements.models import Appointment, CommitteeTerm
from agreements.services import base_rules, committees, mentors
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, Membership
from evaluations.demo.play import Play
from portal.acting import Acting
from portal.roles import Role

UNIT_MEMBERS = (("苏日娜", "研究生院副院长", "教授", "chair"), ("韩立新", "学院副院长", "教授", "member"))
PARTNER_MEMBERS = (
    ("贾启明", "副总经理", "正高级工程师", "vice_chair"),
    ("田野", "创新管理办公室主任", "高级工程师", "office_head"),
)
# Letters take the worker time: only bases that began not long ago appoint whom their application left open.
RECENTLY = timedelta(days=500)
CARRIED_ON = 2


def organise(play: Play, base: Base, on: date, today: date) -> None:
    """Everything that the agreement asks for at the beginning, on one day, by the people of both sides."""
    unit, partner = play.unit_officer, play.partner_officer
    _found_committee(base, unit, partner, on)
    base_rules.name_office(
        base=base, by=partner, on=on, institution="创新管理办公室", person="田野", phone="13800005005", email="tianye@example.invalid",
        since=on,
    )  # fmt: skip
    title = "研究生专业实践管理办法"
    base_rules.enter_rule(
        base=base, by=partner, on=on, kind="practice", title=title, file=play.paper(f"{title}.pdf"), effective_on=on
    )
    waiting = list(Appointment.objects.filter(base=base, status=Appointment.Status.NOMINATED))
    if waiting and today - on <= RECENTLY:
        mentors.appoint(base=base, appointments=waiting, by=unit, on=on, starts_on=on, ends_on=mentors.usual_end(on))


def carry_on(on: date) -> None:
    """What the sides of the first bases that outlived their first terms have done since: a new committee, mentors for another term.

    The others show what a lapsed term looks like.
    """
    older = Base.objects.filter(state=State.DEMONSTRATION).order_by("pk")[:CARRIED_ON]
    for base in older.select_related("training_unit", "partner"):
        unit, partner = (
            _officer(Role.UNIT_OFFICER, training_unit=base.training_unit),
            _officer(Role.PARTNER_OFFICER, partner_unit=base.partner),
        )
        if CommitteeTerm.objects.filter(base=base, ends_on__lt=on).exists():
            _found_committee(base, unit, partner, on)
        lapsed = Appointment.objects.filter(base=base, status=Appointment.Status.APPOINTED, ends_on__lt=on)
        for appointment in lapsed.order_by("pk"):
            mentors.renew(appointment=appointment, by=unit, on=on, ends_on=mentors.usual_end(on))


def _officer(role: str, **organisation: Any) -> Acting:
    return as_acting(Membership.objects.filter(role=role, withdrawn_at=None, **organisation).order_by("pk")[0])


def _found_committee(base: Base, unit: Acting, partner: Acting, on: date) -> None:
    term = committees.prepare_term(
        base=base, by=unit, on=on, starts_on=on, ends_on=on + relativedelta(years=3) - timedelta(days=1),
        office="创新管理办公室", office_place="研发楼 305 室", office_phone="0471-5550305",
    )  # fmt: skip
    for side, members in ((unit, UNIT_MEMBERS), (partner, PARTNER_MEMBERS)):
        for name, duty, title, position in members:
            committees.add_member(term=term, by=side, on=on, name=name, duty=duty, title=title, position=position)
    for side in (unit, partner):
        committees.confirm(term=term, by=side, on=on)
