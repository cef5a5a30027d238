"""The acts of both sides on the agreement of a base (第十条): each leads to the page of the agreement."""

from collections.abc import Callable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, AgreementRevision
from bases.acts import Act, register
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role

STATES = frozenset(str(state) for state in LIVING)
Status = Agreement.Status


def _asked(base: Base, acting: Acting, on: date) -> bool:
    return AgreementRevision.objects.filter(base=base, done_on=None).exists()


def _in(*states: str) -> Callable[[Base, Acting, date], bool]:
    def offered(base: Base, acting: Acting, on: date) -> bool:
        return Agreement.objects.filter(base=base, status__in=states).exists()

    return offered


def _page(base: Base) -> str:
    return reverse("base-agreements", args=[base.pk])


def register_all() -> None:
    """Hand the acts down to the base's page."""
    unit, partner = frozenset({str(Role.UNIT_OFFICER)}), frozenset({str(Role.PARTNER_OFFICER)})
    for act in (
        Act(
            "revise-agreement", _("修订协议"), unit, STATES, "10",
            _("起草修订后的协议，九项内容齐全后送合作单位确认文本，双方签署生效后任务完成。"),
            link=_page, offered=_asked, told=_("合作单位"), order=8,
        ),
        Act(
            "answer-agreement", _("答复协议文本"), partner, STATES, "10",
            _("看过培养单位送来的协议文本，同意或者退回。"),
            link=_page, offered=_in(Status.PROPOSED), told=_("培养单位"), order=8,
        ),
        Act(
            "check-signed-agreement", _("核对协议签署件"), partner, STATES, "10",
            _("确认签署件就是双方签署的协议，确认后协议生效；不是的退回。"),
            link=_page, offered=_in(Status.SIGNED), told=_("培养单位"), order=9,
        ),
    ):  # fmt: skip
        register(act)
