from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import queries
from applications.forms import ticked
from applications.models import Application, Quota, Round
from applications.recommendation_forms import NoticeForm
from applications.services import notice_lists, notices, quotas, rounds
from bases.models import Base
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.UNIT_OFFICER, Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def notice_new(request: Request) -> HttpResponse:
    """Publish a list: the page states the period and what follows before it goes out."""
    unit_id = request.acting.unit_id
    newest = notice_lists.newest_list(unit_id)
    if newest is None:
        waiting = queries.waiting_for_review(request.acting) if unit_id else 0
        return render(request, "applications/notice_new.html", {"round": None, "waiting": waiting})
    round_, ready = newest
    candidates = Base.objects.filter(pk__in=[application.base_id for application in ready])
    quota, left = _places(request, round_)
    form = NoticeForm(request.POST or None, bases=candidates, initial=_proposal(request, round_, ready, left))
    publish = notices.publish_unit_notice if unit_id else notices.publish_recognition_notice
    if request.method == "POST" and form.is_valid():
        try:
            notice = publish(round=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(
                request, _("公示已发布，截止 %(day)s。正式文本正在生成。") % {"day": notice.ends_on.isoformat()}
            )
            return redirect("public-notice", pk=notice.pk)
    context: dict[str, Any] = {
        "round": round_,
        "form": form,
        "rows": [(application, application.base_id in ticked(form["bases"])) for application in ready],
        "quota": quota,
        "left": left,
        "days": round_.policy.notice_working_days,
    }
    try:
        context["ends_on"] = notices.period_end(request.today, round_.policy.notice_working_days)
    except Refused as refusal:
        context["calendar_problem"] = refusal.reasons[0]
    return render(request, "applications/notice_new.html", context, status=422 if form.errors else 200)


def _places(request: Request, round_: Round) -> tuple[Quota | None, int]:
    """The unit's published quota and how many of its places are left."""
    if request.acting.unit_id is None:
        return None, 0
    quota = quotas.places_for(round_, request.acting.unit_id, lock=False)
    return quota, max(0, quota.places - rounds.places_used(quota)) if quota else 0


def _proposal(request: Request, round_: Round, ready: list[Application], left: int) -> dict[str, Any]:
    asked = {int(each) for each in request.GET.getlist("bases") if each.isascii() and each.isdecimal()}
    bases = [application.base_id for application in ready]
    if asked & set(bases):
        bases = [base_id for base_id in bases if base_id in asked]
    elif request.acting.unit_id:
        bases = bases[:left]
    if request.acting.unit_id:
        title = _("关于%(unit)s%(year)s年度研究生联合培养基地推荐名单的公示")
        text = _(
            "根据自治区研究生联合培养基地建设管理办法第八条和%(year)s年度申报工作安排，经各专业学位授权点申报、研究生院六项审核，"
            "拟推荐下列基地参加认定，现予公示，名单附后。"
        )
    else:
        title = _("关于%(year)s年度研究生联合培养基地拟认定名单的公示")
        text = _(
            "根据自治区研究生联合培养基地建设管理办法第八条，经培养单位推荐、专家评审和厅内审议，拟认定下列研究生联合培养基地，"
            "现予公示，名单附后。"
        )
    words = {"unit": request.acting.organisation_name, "year": round_.year}
    return {"title": (title % words)[:120], "text": text % words, "bases": bases}
