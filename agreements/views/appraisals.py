"""年度考核 of all mentors of a base on one page (第十一条；协议：导师队伍)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import mentor_queries
from agreements.mentor_forms import AppraisalRowForm
from agreements.services import mentor_records
from agreements.services.mentor_records import Grading
from agreements.views.posts import base_of
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

# How many years back an appraisal may still be entered here; an older one is entered for one mentor.
YEARS_BACK = 2


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def appraise_all(request: Request, pk: int) -> HttpResponse:
    """The unit appraises the mentors of a base for a year, a line each; who has no grade yet is left out."""
    base = base_of(request, pk)
    years = [request.today.year - back for back in range(YEARS_BACK + 1)]
    asked = whole_number(request.POST.get("year", "") or request.GET.get("year", ""), 4)
    year = asked if asked in years else years[0]
    sent = request.POST if request.method == "POST" else None
    lines = [
        (each, AppraisalRowForm(sent, prefix=f"a{each.pk}"))
        for each in mentor_queries.to_appraise(request.acting, base, year)
    ]
    refused: list[str] = []
    if sent is not None and all(form.is_valid() for _each, form in lines):
        given = [Grading(each, **form.cleaned_data) for each, form in lines if form.cleaned_data["grade"]]
        try:
            made = mentor_records.appraise_many(
                base=base, by=request.acting, on=request.today, year=year, gradings=given
            )
        except Overtaken:
            raise
        except Refused as refusal:
            refused = list(refusal.reasons)
        else:
            messages.success(request, _("已登记 %(n)s 名导师 %(year)s 年的考核。") % {"n": len(made), "year": year})
            return redirect("base-mentors", pk=pk)
    wrong = [(each, form) for each, form in lines if form.errors]
    context = {"base": base, "lines": lines, "year": year, "years": years, "wrong": wrong, "refused": refused}
    return render(request, "agreements/mentor_appraise.html", context, status=422 if wrong or refused else 200)
