"""管委会与制度 of a base: the page, the next term and its members, meetings, the partner's person, the rules."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import committee_forms, committee_inbox, committee_queries, mentor_forms
from agreements.mentor_queries import masks_contacts
from agreements.models import CommitteeMember, CommitteeTerm, ResponsibleOffice
from agreements.queries import training_bases
from agreements.services import base_rules, committees
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.http import Request
from portal.masking import masked_email, masked_phone
from portal.roles import Role

AREA = "base-committee"
SIDES = frozenset({Role.UNIT_OFFICER, Role.PARTNER_OFFICER})

TERM = Step(_("管委会任期和办公室"), _("保存"), "9 11", AREA, _("任期和办公室已保存，请双方登记成员并确认。"))
MEMBER = Step(_("登记本方成员"), _("登记"), "9 11", AREA, _("成员已登记。"))
REMOVE = Step(
    _("成员退出"), _("办理退出"), "9 11", AREA, _("已办理。"),
    consequence=_("名单还没有确认时直接移除；管委会已经组成的，记下退出日期和原因，名字保留在名单中。"), told=_("对方"),
)  # fmt: skip
CONFIRM = Step(
    _("确认管委会名单"), _("确认"), "9 11", AREA, _("您方已确认。"),
    consequence=_("双方都确认之后管委会组成，上一届随之结束；确认之后名单有变动的，双方重新确认。"), told=_("对方"),
)  # fmt: skip
MEETING = Step(_("登记管委会会议"), _("登记"), "11", AREA, _("会议已登记。"))
WITHDRAW_MEETING = Step(
    _("作废会议记录"), _("作废这条记录"), "11", AREA, _("会议记录已作废。"),
    consequence=_("记录连同作废原因保留在页面上，不再计入每年的通报。"), told=_("对方"), danger=True,
)  # fmt: skip
OFFICE = Step(_("登记管理机构和专人"), _("登记"), "11", AREA, _("管理机构和专人已登记。"))
RULE = Step(_("上传规章制度"), _("上传"), "9 11", AREA, _("制度已上传。"))
VERSION = Step(_("上传新版本"), _("上传"), "9 11", AREA, _("新版本已上传，原来的版本保留。"))
REPEAL = Step(
    _("废止制度"), _("废止"), "9 11", AREA, _("制度已废止。"),
    consequence=_("制度不再有效，各版本和废止原因保留，双方和教育厅仍可查看。"), told=_("对方"), danger=True,
)  # fmt: skip


def _base(request: Request, pk: int) -> Base:
    return get_object_or_404(training_bases(request.acting), pk=pk)


def _by(request: Request) -> dict[str, Any]:
    return {"by": request.acting, "on": request.today}


@open_to(TRAINING_ROLES)
@require_safe
def base_committee(request: Request, pk: int) -> HttpResponse:
    """The committee in office and the one in preparation, earlier terms, meetings, the partner's person, the rules."""
    base, acting = _base(request, pk), request.acting
    own = committee_inbox.facts([base], request.today)[base.pk]
    terms = list(committee_queries.visible_terms(acting).filter(base=base).prefetch_related("members"))
    offices = list(ResponsibleOffice.objects.filter(base=base))
    for office in offices if masks_contacts(acting) else ():
        office.phone, office.email = masked_phone(office.phone), masked_email(office.email)
    living = base.state in LIVING
    side = {Role.UNIT_OFFICER: "unit", Role.PARTNER_OFFICER: "partner"}.get(Role(acting.role), "") if living else ""
    rules = list(committee_queries.visible_rules(acting).filter(base=base))
    context = {
        "base": base,
        "facts": own,
        "current": next((term for term in terms if term.holds(request.today)), None),
        "draft": next((term for term in terms if not term.is_confirmed), None),
        "ahead": [term for term in terms if term.is_confirmed and term.starts_on > request.today],
        "past": [term for term in terms if term.is_confirmed and term.last_day < request.today],
        "meetings": committee_queries.visible_meetings(acting).filter(base=base),
        "office": next((office for office in offices if office.until is None), None),
        "offices_before": [office for office in offices if office.until is not None],
        "rules": [rule for rule in rules if rule.repealed_on is None],
        "repealed": [rule for rule in rules if rule.repealed_on is not None],
        "side": side,
        "confirmed": side and bool(own.draft and getattr(own.draft, f"{side}_confirmed_on")),
    }
    return render(request, "agreements/committee.html", context)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def term(request: Request, pk: int) -> HttpResponse:
    """Either side begins the next term or changes the one in preparation."""
    base = _base(request, pk)
    draft = committees.in_preparation(base)
    names = list(committee_forms.CommitteeTermForm.base_fields)
    initial = {name: getattr(draft, name) for name in names} if draft else {"starts_on": request.today}
    form = committee_forms.CommitteeTermForm(request.POST or None, initial=initial)
    return fill_in(
        request, TERM, base, form, lambda: committees.prepare_term(base=base, **_by(request), **form.cleaned_data)
    )


def _term(request: Request, pk: int) -> CommitteeTerm:
    return get_object_or_404(committee_queries.visible_terms(request.acting), pk=pk)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def add_member(request: Request, pk: int) -> HttpResponse:
    """A side enters one of its own members."""
    found = _term(request, pk)
    wanted = committee_forms.JoiningMemberForm if found.is_confirmed else committee_forms.CommitteeMemberForm
    form = wanted(request.POST or None, initial={"joined_on": request.today})
    return fill_in(
        request, MEMBER, found.base, form,
        lambda: committees.add_member(term=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def remove_member(request: Request, pk: int) -> HttpResponse:
    """A side takes one of its members off."""
    own = {Role.UNIT_OFFICER: CommitteeMember.Side.UNIT, Role.PARTNER_OFFICER: CommitteeMember.Side.PARTNER}
    found = get_object_or_404(
        committee_queries.visible_members(request.acting), pk=pk, side=own[Role(request.acting.role)]
    )
    form = committee_forms.LeaveForm(request.POST or None, initial={"left_on": request.today})
    if not found.term.is_confirmed:
        for field in form.fields.values():
            field.required, field.widget, field.initial = False, field.hidden_widget(), ""
    return fill_in(
        request, REMOVE, found.term.base, form,
        lambda: committees.remove_member(member=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def confirm(request: Request, pk: int) -> HttpResponse:
    """A side confirms the term that it has before it."""
    found = _term(request, pk)
    form = committee_forms.ConfirmCommitteeForm(request.POST or None, initial={"seen": committees.fingerprint(found)})
    return fill_in(
        request, CONFIRM, found.base, form,
        lambda: committees.confirm(term=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def meeting(request: Request, pk: int) -> HttpResponse:
    """Either side records a meeting."""
    base = _base(request, pk)
    form = committee_forms.MeetingForm(request.POST or None, request.FILES or None)
    return fill_in(
        request, MEETING, base, form,
        lambda: committees.record_meeting(base=base, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def withdraw_meeting(request: Request, pk: int) -> HttpResponse:
    """Either side says of a recorded meeting that it is wrong."""
    found = get_object_or_404(committee_queries.visible_meetings(request.acting), pk=pk)
    form = mentor_forms.ReasonForm(request.POST or None)
    return fill_in(
        request, WITHDRAW_MEETING, found.base, form,
        lambda: committees.withdraw_meeting(meeting=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def office(request: Request, pk: int) -> HttpResponse:
    """The partner names institution and person."""
    base = _base(request, pk)
    form = committee_forms.OfficeForm(request.POST or None, initial={"since": request.today})
    return fill_in(
        request, OFFICE, base, form, lambda: base_rules.name_office(base=base, **_by(request), **form.cleaned_data)
    )


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def rule(request: Request, pk: int) -> HttpResponse:
    """A side uploads one of its 规章制度."""
    base = _base(request, pk)
    form = committee_forms.RuleForm(request.POST or None, request.FILES or None)
    return fill_in(
        request, RULE, base, form, lambda: base_rules.enter_rule(base=base, **_by(request), **form.cleaned_data)
    )


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def rule_version(request: Request, pk: int) -> HttpResponse:
    """The side that made a 制度 uploads its next version."""
    found = get_object_or_404(committee_queries.visible_rules(request.acting), pk=pk)
    form = committee_forms.RuleVersionForm(request.POST or None, request.FILES or None)
    return fill_in(
        request, VERSION, found.base, form,
        lambda: base_rules.new_version(rule=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def rule_repeal(request: Request, pk: int) -> HttpResponse:
    """The side that made a 制度 says that it no longer holds."""
    found = get_object_or_404(committee_queries.visible_rules(request.acting), pk=pk)
    form = mentor_forms.ReasonForm(request.POST or None)
    return fill_in(
        request, REPEAL, found.base, form,
        lambda: base_rules.repeal(rule=found, **_by(request), **form.cleaned_data),
    )  # fmt: skip
