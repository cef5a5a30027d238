"""What both sides do with one nomination or appointment of a mentor, each on a page that says what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from agreements import mentor_forms, mentor_queries
from agreements.models import Appointment
from agreements.services import appointment_letters, mentor_records, mentors
from agreements.services.mentors import usual_end
from agreements.views.parts import Step, fill_in
from portal.access import open_to
from portal.http import Request
from portal.roles import Role

AREA = "base-mentors"


@dataclass(frozen=True)
class Doing:
    """An act on an appointment: whose it is, its page, its form, the service, and the first values of the form."""

    role: str
    step: Step
    form: type[forms.Form]
    perform: Callable[..., Any]
    initial: Callable[[Appointment, date], dict[str, Any]] = lambda appointment, on: {}


def _next_end(appointment: Appointment, on: date) -> dict[str, Any]:
    ends_on = appointment.ends_on or on
    return {"ends_on": usual_end(max(ends_on, on))}


DOINGS = {
    "decline": Doing(
        Role.UNIT_OFFICER,
        Step(
            _("不予聘任"), _("不予聘任"), "11", AREA, _("已记为未聘任，原因已告知合作单位。"),
            consequence=_("这项推荐办结，合作单位可以看到原因，需要时可以另行推荐。"), told=_("合作单位"), danger=True,
        ),
        mentor_forms.ReasonForm, mentors.decline,
    ),
    "withdraw": Doing(
        Role.PARTNER_OFFICER,
        Step(
            _("撤回推荐"), _("撤回推荐"), "11", AREA, _("推荐已撤回。"),
            consequence=_("培养单位不再看到这项待办；需要时可以重新推荐。"), told=_("培养单位"),
        ),
        mentor_forms.WithdrawNominationForm, mentors.withdraw,
    ),
    "renew": Doing(
        Role.UNIT_OFFICER,
        Step(
            _("续聘"), _("续聘"), "11", AREA, _("已续聘，新的聘书随后生成。"),
            consequence=_("新聘期接在原聘期之后，生成新的聘书；原来的聘任和聘书保留。"), told=_("合作单位"),
        ),
        mentor_forms.RenewForm, mentors.renew, _next_end,
    ),
    "end": Doing(
        Role.UNIT_OFFICER,
        Step(
            _("提前解聘"), _("解聘"), "11", AREA, _("已解聘。"),
            consequence=_("导师从次日起不再指导本基地的研究生，聘书在核验页面显示为已撤回。"), told=_("合作单位"), danger=True,
        ),
        mentor_forms.EndForm, mentors.end, lambda appointment, on: {"ended_on": on},
    ),
    "appraise": Doing(
        Role.UNIT_OFFICER,
        Step(_("年度考核"), _("保存考核"), "11", AREA, _("考核已登记。")),
        mentor_forms.AppraisalForm, mentor_records.appraise, lambda appointment, on: {"year": on.year},
    ),
    "letter": Doing(
        Role.UNIT_OFFICER,
        Step(
            _("生成聘书"), _("生成聘书"), "11", AREA, _("聘书正在生成，稍后刷新本页。"),
            consequence=_("按聘任信息生成一份带核验码的聘书，印发单位为培养单位。"),
        ),
        forms.Form, appointment_letters.ask_again,
    ),
}  # fmt: skip


@open_to(Role.UNIT_OFFICER, Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def act(request: Request, pk: int, name: str) -> HttpResponse:
    """One of the acts above; the other side's does not exist for this one."""
    doing = DOINGS.get(name)
    if doing is None or doing.role != request.acting.role:
        raise Http404
    found = get_object_or_404(mentor_queries.visible_appointments(request.acting), pk=pk)
    form = doing.form(request.POST if request.method == "POST" else None, initial=doing.initial(found, request.today))
    back = reverse("mentor", args=[found.mentor_id]) if name == "appraise" else ""
    return fill_in(
        request, doing.step, found.base, form,
        lambda: doing.perform(appointment=found, by=request.acting, on=request.today, **form.cleaned_data), back,
    )  # fmt: skip
