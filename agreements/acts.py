"""The acts of both sides on the revised agreement of a base (第十条)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from agreements import forms
from agreements.models import AgreementRevision
from agreements.services import revisions
from bases.acts import Act, register
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role

STATES = frozenset(str(state) for state in LIVING)


def _open(base: Base, acting: Acting, on: date) -> bool:
    return AgreementRevision.objects.filter(base=base, confirmed_on=None).exists()


def _handed_in(base: Base, acting: Acting, on: date) -> bool:
    return AgreementRevision.objects.filter(base=base, confirmed_on=None, submitted_on__isnull=False).exists()


def register_all() -> None:
    """Hand the acts down to the base's page."""
    unit, partner = frozenset({str(Role.UNIT_OFFICER)}), frozenset({str(Role.PARTNER_OFFICER)})
    for act in (
        Act(
            "submit-revised-agreement", _("提交修订后的协议"), unit, STATES, "10",
            _("提交双方签署的协议之后，由合作单位确认；确认之前可以重新提交，确认之后不再改动。"),
            perform=revisions.submit_revision, form=forms.RevisionForm, offered=_open, told=_("合作单位"), order=8,
            done=_("修订后的协议已提交。下一步由合作单位确认。"),
        ),
        Act(
            "confirm-revised-agreement", _("确认修订后的协议"), partner, STATES, "10",
            _("确认所提交的就是双方签署的协议；确认之后修订协议的任务完成，协议不再改动。请先在基地页面打开协议看过。"),
            perform=revisions.confirm_revision, form=forms.ConfirmRevisionForm, offered=_handed_in, told=_("培养单位"), order=8,
            done=_("已确认。修订协议的任务完成。"),
        ),
        Act(
            "return-revised-agreement", _("退回修订后的协议"), partner, STATES, "10",
            _("协议退回培养单位重新提交，退回原因对方可以看到；完成期限不变。"),
            perform=revisions.return_revision, form=forms.ReturnRevisionForm, offered=_handed_in, told=_("培养单位"), order=9,
            done=_("已退回培养单位，原因已告知对方。"),
        ),
    ):  # fmt: skip
        register(act)
