from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import paper
from applications.models import Application, TrainedStudent
from applications.roster_forms import RosterFileForm, RosterPasteForm, StudentForm
from applications.services import roster
from applications.services.drafting import why_closed
from applications.views.declaring import draft_of, section_context
from bases.services.catalogue import Catalogue
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, excel
from portal.models import ImportCheck
from portal.roles import Role

SECTION = paper.STUDENTS.key
PAGE_SIZE = 50


@open_to(Role.APPLICANT)
@require_safe
def application_roster(request: Request, pk: int) -> HttpResponse:
    """The roster: who is on it, how many count for 第七条（三）, and the ways in which it is filled."""
    application = draft_of(request, pk)
    closed = why_closed(application, request.today)
    if closed:
        messages.info(request, closed)
        return redirect("base", pk=application.base_id)
    return render(request, "applications/roster.html", _page(request, application))


def _page(request: Request, application: Application, **forms: Any) -> dict[str, Any]:
    context = section_context(request, application, SECTION)
    students = TrainedStudent.objects.filter(application=application).select_related("category")
    trained = context["read"].trained
    context |= {
        "page_obj": Paginator(students, PAGE_SIZE).get_page(request.GET.get("page")),
        "trained": trained,
        "of_others": trained.total - trained.of_category - trained.unclear,
        "required": context["application"].round.policy.min_trained_students,
        "most": roster.TABLE.most,
        "file_form": RosterFileForm(),
        "paste_form": RosterPasteForm(),
    }
    return context | forms


@open_to(Role.APPLICANT)
@require_safe
def roster_template(request: Request, pk: int) -> HttpResponse:
    """The empty sheet."""
    draft_of(request, pk)
    return excel(roster.template(request.today), _("培养研究生名单模板.xlsx"))


@open_to(Role.APPLICANT)
@require_safe
def roster_export(request: Request, pk: int) -> HttpResponse:
    """The roster as it stands, to be mended in Excel and taken back."""
    application = draft_of(request, pk)
    return excel(roster.export(application), _("培养研究生名单.xlsx"))


@open_to(Role.APPLICANT)
@require_POST
def roster_check(request: Request, pk: int) -> HttpResponse:
    """Look a file or a paste through; nothing of it is written."""
    application = _open_draft(request, pk)
    pasted = "text" in request.POST
    form = RosterPasteForm(request.POST) if pasted else RosterFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            check = roster.check(
                application=application, by=request.acting, on=request.today, upload=form.cleaned_data.get("file"),
                text=form.cleaned_data.get("text", ""),
            )  # fmt: skip
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error("text" if pasted else "file", list(refusal.reasons))
        else:
            return redirect("roster-import", pk=pk, check_pk=check.pk)
    context = _page(request, application, form=form, **{"paste_form" if pasted else "file_form": form})
    return render(request, "applications/roster.html", context, status=422)


@open_to(Role.APPLICANT)
@require_safe
def roster_import(request: Request, pk: int, check_pk: int) -> HttpResponse:
    """What the dry run of a roster found: every mistake, or what writing it would do."""
    application = draft_of(request, pk)
    check = _check_of(application, check_pk)
    context = section_context(request, application, SECTION) | {
        "check": check,
        "run": roster.DryRun.of(check),
        "required": application.round.policy.min_trained_students,
        "file_form": RosterFileForm(),
        "closed": why_closed(application, request.today),
    }
    context["of_others"] = check.rows - context["run"].of_category - context["run"].unclear
    return render(request, "applications/roster_import.html", context)


@open_to(Role.APPLICANT)
@require_POST
def roster_apply(request: Request, pk: int, check_pk: int) -> HttpResponse:
    """Write a faultless roster instead of the present one."""
    application = _open_draft(request, pk)
    count = roster.apply(
        application=application, check=_check_of(application, check_pk), by=request.acting, on=request.today
    )
    messages.success(request, _("名单已写入，共 %(n)s 人，原有名单已替换。") % {"n": count})
    return redirect("application-roster", pk=pk)


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def roster_student(request: Request, pk: int, student_pk: int | None = None) -> HttpResponse:
    """Add one student, or change one."""
    application = _open_draft(request, pk)
    student = get_object_or_404(TrainedStudent, application=application, pk=student_pk) if student_pk else None
    catalogue = Catalogue()
    form = StudentForm(request.POST or None, instance=student, on=request.today, catalogue=catalogue)
    if request.method == "POST" and form.is_valid():
        try:
            saved = roster.save_student(
                application=application, by=request.acting, on=request.today, student=student, **form.cleaned_data
            )
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("%(name)s已保存在名单中。") % {"name": saved.name})
            return redirect("roster-student-add" if "another" in request.POST else "application-roster", pk=pk)
    context = section_context(request, application, SECTION)
    context |= {"form": form, "student": student, "categories": catalogue.categories}
    return render(request, "applications/roster_student.html", context, status=422 if form.errors else 200)


@open_to(Role.APPLICANT)
@require_POST
def roster_student_remove(request: Request, pk: int, student_pk: int) -> HttpResponse:
    """Take one student off the roster."""
    application = _open_draft(request, pk)
    student = get_object_or_404(TrainedStudent, application=application, pk=student_pk)
    removed = roster.remove_student(application=application, student=student, by=request.acting, on=request.today)
    messages.success(request, _("%(name)s已从名单中移除。") % {"name": removed.name})
    return redirect("application-roster", pk=pk)


def _open_draft(request: Request, pk: int) -> Application:
    """A draft that may be changed today; the refusal says why it may not."""
    application = draft_of(request, pk)
    closed = why_closed(application, request.today)
    if closed:
        raise Refused(closed)
    return application


def _check_of(application: Application, check_pk: int) -> ImportCheck:
    return get_object_or_404(roster.checks_of(application), pk=check_pk)
