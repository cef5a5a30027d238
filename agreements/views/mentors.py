"""导师队伍 of a base: the page, nominating, naming, appointing, and what is done with one appointment."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import mentor_forms, mentor_queries
from agreements.models import Appointment, Mentor, MentorTraining
from agreements.queries import training_bases
from agreements.services import appointment_letters, mentor_records, mentors
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.http import Request
from portal.masking import masked_email, masked_phone
from portal.roles import Role

AREA = "base-mentors"
Status, Kind = Appointment.Status, Mentor.Kind
HISTORY_SIZE = 20
_UNIT, _PARTNER = Role.UNIT_OFFICER, Role.PARTNER_OFFICER

NOMINATE = Step(_("推荐行业产业导师"), _("推荐"), "11", AREA, _("已推荐，等待培养单位聘任。"))
NAME = Step(_("聘任校内导师"), _("聘任"), "11", AREA, _("已聘任，聘书随后生成。"))
APPOINT = Step(
    _("聘任行业产业导师"), _("聘任所选导师"), "11", AREA, _("已聘任，聘书随后生成。"),
    consequence=_("所选导师从聘期第一天起可以指导进入基地的研究生，每人生成一份聘书；没有选的继续等待。"), told=_("合作单位"),
)  # fmt: skip
TRAINING = Step(_("登记导师培训"), _("登记"), "11", AREA, _("培训已登记。"))
WITHDRAW_TRAINING = Step(
    _("作废培训记录"), _("作废这条记录"), "11", AREA, _("培训记录已作废。"),
    consequence=_("记录连同作废原因保留在页面上，不再计入导师的培训。"), danger=True,
)  # fmt: skip


def _base(request: Request, pk: int) -> Base:
    return get_object_or_404(training_bases(request.acting), pk=pk)


@open_to(TRAINING_ROLES)
@require_safe
def base_mentors(request: Request, pk: int) -> HttpResponse:
    """The mentors of a base: both kinds in office, who waits, who was, and the trainings; filtered by name."""
    base, on = _base(request, pk), request.today
    words = request.GET.get("q", "").replace("\x00", "").strip()[:30]
    found = mentor_queries.visible_appointments(request.acting).filter(base=base)
    if words:
        found = found.filter(mentor__name__icontains=words)
    rows = list(
        mentor_queries.with_load(found)
        .annotate(goes_on=mentor_queries.renewed())
        .prefetch_related("appraisals")
        .order_by("mentor__name", "pk")
    )
    letters = appointment_letters.states(rows)
    for row in rows:
        _describe(row, base, on, letters)
    running = [row for row in rows if row.current]  # type: ignore[attr-defined]
    past = [row for row in rows if not row.current and row.status != Status.NOMINATED]  # type: ignore[attr-defined]
    past.sort(key=lambda row: row.pk, reverse=True)
    context = {
        "base": base,
        "q": words,
        "industry": [row for row in running if row.mentor.kind == Kind.INDUSTRY],
        "campus": [row for row in running if row.mentor.kind == Kind.CAMPUS],
        "waiting": [row for row in rows if row.status == Status.NOMINATED],
        "page_obj": Paginator(past, HISTORY_SIZE).get_page(request.GET.get("page")),
        "trainings": mentor_queries.visible_trainings(request.acting).filter(base=base),
        "living": base.state in LIVING,
        "role": request.acting.role,
    }
    return render(request, "agreements/mentors.html", context)


def _describe(row: Any, base: Base, on: date, letters: dict[int, str]) -> None:
    """What the page says of an appointment: whether it is in office or still to begin, ends soon, was left to end with students."""
    row.letter_state = letters[row.pk]
    ends_on = row.ends_on
    ahead = row.status == Status.APPOINTED and ends_on is not None and ends_on >= on
    row.over = row.status == Status.APPOINTED and not ahead and bool(row.running) and not row.goes_on
    row.current = ahead or row.over
    row.begins = ahead and row.starts_on > on
    row.soon = ahead and not row.goes_on and (ends_on - on).days <= mentor_queries.horizon(base)
    row.newest_appraisal = next((each for each in row.appraisals.all() if each.replaced_on is None), None)


@open_to(_PARTNER)
@require_http_methods(["GET", "POST"])
def nominate(request: Request, pk: int) -> HttpResponse:
    """The partner nominates one of its people."""
    base = _base(request, pk)
    form = mentor_forms.NominationForm(request.POST or None, base=base, kind=Kind.INDUSTRY)
    return fill_in(
        request, NOMINATE, base, form,
        lambda: mentors.nominate(base=base, by=request.acting, on=request.today, **form.entered()),
    )  # fmt: skip


@open_to(_UNIT)
@require_http_methods(["GET", "POST"])
def name_campus(request: Request, pk: int) -> HttpResponse:
    """The unit names one of its teachers."""
    base = _base(request, pk)
    form = mentor_forms.CampusMentorForm(request.POST or None, base=base, kind=Kind.CAMPUS, on=request.today)
    return fill_in(
        request, NAME, base, form,
        lambda: mentors.name_campus_mentor(base=base, by=request.acting, on=request.today, **form.entered()),
    )  # fmt: skip


@open_to(_UNIT)
@require_http_methods(["GET", "POST"])
def appoint(request: Request, pk: int) -> HttpResponse:
    """The unit appoints those of the nominated whom it chooses, for one term."""
    base = _base(request, pk)
    found = mentor_queries.visible_appointments(request.acting).filter(base=base, status=Status.NOMINATED)
    form = mentor_forms.AppointForm(request.POST or None, waiting=found.order_by("pk"), on=request.today)
    return fill_in(
        request, APPOINT, base, form,
        lambda: mentors.appoint(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


@open_to(_UNIT)
@require_http_methods(["GET", "POST"])
def training(request: Request, pk: int) -> HttpResponse:
    """The unit records a training of this base's mentors."""
    base = _base(request, pk)
    own = Mentor.objects.filter(appointments__base=base, appointments__status__in=[Status.APPOINTED, Status.ENDED])
    form = mentor_forms.TrainingForm(request.POST or None, request.FILES or None, mentors=own.distinct())
    return fill_in(
        request, TRAINING, base, form,
        lambda: mentor_records.record_training(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


@open_to(_UNIT)
@require_http_methods(["GET", "POST"])
def withdraw_training(request: Request, pk: int) -> HttpResponse:
    """The unit says of a recorded training that it is wrong."""
    found: MentorTraining = get_object_or_404(mentor_queries.visible_trainings(request.acting), pk=pk)
    form = mentor_forms.ReasonForm(request.POST or None)
    return fill_in(
        request, WITHDRAW_TRAINING, found.base, form,
        lambda: mentor_records.withdraw_training(
            training=found, by=request.acting, on=request.today, **form.cleaned_data
        ),
    )  # fmt: skip


@open_to(TRAINING_ROLES)
@require_safe
def mentor(request: Request, pk: int) -> HttpResponse:
    """A mentor: the person, the terms, trainings, appraisals and students in the bases that one may look at."""
    found = get_object_or_404(mentor_queries.visible_mentors(request.acting), pk=pk)
    terms = list(
        mentor_queries.visible_appointments(request.acting)
        .filter(mentor=found)
        .select_related("renews")
        .annotate(goes_on=mentor_queries.renewed())
        .prefetch_related("appraisals__appraised_by")
        .order_by("-pk")
    )
    letters = appointment_letters.states(terms)
    for term in terms:
        term.letter_state = letters[term.pk]  # type: ignore[attr-defined]
    masks = mentor_queries.masks_contacts(request.acting)
    context = {
        "mentor": found,
        "today": request.today,
        "phone": masked_phone(found.phone) if masks else found.phone,
        "email": masked_email(found.email) if masks else found.email,
        "terms": terms,
        "appraisals": [(term, each) for term in terms for each in term.appraisals.all()],
        "trainings": mentor_queries.visible_trainings(request.acting).filter(mentors=found),
        "placements": Paginator(mentor_queries.placements_of(found, request.acting), 50).get_page(
            request.GET.get("page")
        ),
        "role": request.acting.role,
        "may_update": mentors.may_update(found, request.acting),
    }
    return render(request, "agreements/mentor.html", context)


@open_to(_UNIT, _PARTNER)
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """The side to which a mentor belongs corrects the entry."""
    own = [
        each.pk
        for each in mentor_queries.visible_mentors(request.acting).filter(pk=pk)
        if mentors.may_update(each, request.acting)
    ]
    found = get_object_or_404(Mentor, pk__in=own)
    base = mentor_queries.visible_appointments(request.acting).filter(mentor=found).order_by("-pk")[0].base
    form = mentor_forms.MentorFactsForm(request.POST or None, instance=found, kind=found.kind)
    step = Step(_("更正导师信息"), _("保存"), "11", AREA, _("导师信息已保存。"))
    return fill_in(
        request, step, base, form,
        lambda: mentors.update_mentor(mentor=found, by=request.acting, on=request.today, **form.facts()),
        reverse("mentor", args=[pk]),
    )  # fmt: skip
