"""基地研究生 of a training unit: the list, one student, and the import from Excel, for the graduate office."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import placement_queries
from agreements.models import Student
from agreements.placement_forms import StudentForm, StudentListForm
from agreements.placement_queries import StudentFilters
from agreements.services import student_imports, students
from bases.models import DegreeCategory
from bases.people_terms import StudyLevel, StudyMode
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, excel
from portal.roles import Role

PAGE = 50


@open_to(Role.UNIT_OFFICER)
@require_safe
def student_list(request: Request) -> HttpResponse:
    """The unit's students who may enter bases: found by name and 学号, filtered in the address, with where they are now."""
    wanted = StudentFilters.of(request.GET.dict())
    found = placement_queries.students(request.acting, wanted, request.today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    taught = placement_queries.unit_students(request.acting).order_by().values("category").distinct()
    context = {
        "page_obj": page,
        "filters": wanted,
        "levels": StudyLevel.choices,
        "modes": StudyMode.choices,
        "categories": DegreeCategory.objects.filter(pk__in=taught).order_by("code"),
        "today": request.today,
    }
    return render(request, "agreements/placement_students.html", context)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def student_edit(request: Request, student_pk: int | None = None) -> HttpResponse:
    """Add a student, or correct one."""
    own = placement_queries.unit_students(request.acting)
    student: Student | None = get_object_or_404(own, pk=student_pk) if student_pk else None
    form = StudentForm(request.POST or None, instance=student)
    if request.method == "POST" and form.is_valid():
        try:
            saved = students.save(by=request.acting, on=request.today, student=student, **form.cleaned_data)
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("%(who)s已保存。") % {"who": saved.name})
            return redirect("student-list")
    context = {
        "form": form,
        "title": _("修改：%(who)s") % {"who": student.name} if student else _("添加研究生"),
        "button": _("保存"),
        "back": reverse("student-list"),
        "articles": "10",
    }
    return render(request, "bases/form_page.html", context, status=422 if form.errors else 200)


@open_to(Role.UNIT_OFFICER)
@require_safe
def student_template(request: Request) -> HttpResponse:
    """The empty list."""
    return excel(student_imports.template(), _("基地研究生名单模板.xlsx"))


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def student_import(request: Request) -> HttpResponse:
    """Upload a list and have it looked through; nothing of it is written."""
    form = StudentListForm(request.POST, request.FILES) if request.method == "POST" else StudentListForm()
    if request.method == "POST" and form.is_valid():
        checked = student_imports.check_file(upload=form.cleaned_data["file"], by=request.acting)
        return redirect("student-import-check", check_pk=checked.pk)
    context = {"form": form, "most": student_imports.MAX_ROWS}
    return render(request, "agreements/placement_student_import.html", context, status=422 if form.errors else 200)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def student_import_check(request: Request, check_pk: int) -> HttpResponse:
    """What the dry run of a list found; a faultless one is written from here as a whole."""
    checked = get_object_or_404(student_imports.checks_of(request.acting), pk=check_pk)
    if request.method == "POST":
        count = student_imports.apply(check=checked, by=request.acting, on=request.today, at=timezone.now())
        messages.success(request, _("名单已写入，共 %(n)s 人。") % {"n": count})
        return redirect("student-list")
    context = {
        "check": checked,
        "run": student_imports.DryRun.of(checked),
        "form": StudentListForm(),
        "most": student_imports.MAX_ROWS,
    }
    return render(request, "agreements/placement_student_import.html", context)
