"""岗位需求 of a base: what the partner offers, and the selection of students into a post."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import placement_queries, training
from agreements.models import Post
from agreements.placement_acts import side_of
from agreements.placement_forms import PeriodForm, PostForm, ReasonForm, SelectForm
from agreements.queries import training_bases
from agreements.services import placements, posts
from bases.lifecycle import LIVING
from bases.models import Base, Policy
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request
from portal.roles import Role


def base_of(request: Request, pk: int) -> Base:
    """The base, for whoever may look at its cooperation."""
    return get_object_or_404(training_bases(request.acting), pk=pk)


@open_to(training.TRAINING_ROLES)
@require_safe
def base_posts(request: Request, pk: int) -> HttpResponse:
    """The posts of a base, newest year first, against the number that the agreement promises."""
    base = base_of(request, pk)
    context = {
        "base": base,
        "posts": placement_queries.posts_of(base),
        "offer": posts.offers([base.pk], request.today)[base.pk],
        "side": side_of(request.acting) if base.state in LIVING else "",
        "today": request.today,
    }
    return render(request, "agreements/placement_posts.html", context)


def _form_page(
    request: Request, base: Base, form: object, title: str, button: str, articles: str = "10"
) -> HttpResponse:
    context = {"base": base, "form": form, "title": title, "button": button, "articles": articles}
    context["back"] = reverse("base-posts", args=[base.pk])
    return render(request, "bases/form_page.html", context, status=422 if getattr(form, "errors", None) else 200)


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def post_edit(request: Request, pk: int, post_pk: int | None = None) -> HttpResponse:
    """Offer a post, or alter one that nobody has been selected for."""
    base = base_of(request, pk)
    post = get_object_or_404(Post, base=base, pk=post_pk) if post_pk else None
    form = PostForm(request.POST or None, instance=post, on=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            saved = posts.save(base=base, acting=request.acting, on=request.today, post=post, **form.cleaned_data)
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("岗位“%(post)s”已保存，培养单位可以遴选。") % {"post": saved.title})
            return redirect("base-posts", pk=pk)
    title = _("修改岗位：%(post)s") % {"post": post.title} if post else _("发布岗位")
    return _form_page(request, base, form, title, _("保存") if post else _("发布"))


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def post_close(request: Request, pk: int, post_pk: int) -> HttpResponse:
    """Take nobody else into a post; who was selected stays."""
    base = base_of(request, pk)
    post = get_object_or_404(Post, base=base, pk=post_pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            posts.close(base=base, post=post, acting=request.acting, on=request.today, **form.cleaned_data)
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("岗位“%(post)s”已停止接收。") % {"post": post.title})
            return redirect("base-posts", pk=pk)
    context = {
        "base": base, "post": post, "form": form, "title": _("停止接收：%(post)s") % {"post": post.title},
        "consequence": _("这个岗位不再接收研究生，已入选的不受影响；计入年度岗位数的只是已占用的名额。不能恢复，需要时另发布新岗位。"),
        "button": _("停止接收"), "back": reverse("base-posts", args=[pk]),
    }  # fmt: skip
    return render(request, "agreements/placement_confirm.html", context, status=422 if form.errors else 200)


def _period(request: Request, post: Post) -> PeriodForm:
    """The time in the address, by default the next month's beginning and the shortest length of the policy."""
    start = date(request.today.year, request.today.month, 1) + relativedelta(months=1)
    start = max(start, date(post.year, 1, 1))
    months = Policy.in_force(request.today).practice_months_min
    first = {
        "starts_on": start.isoformat(),
        "ends_on": (start + relativedelta(months=months) - timedelta(days=1)).isoformat(),
    }
    return PeriodForm({name: request.GET.get(name) or first.get(name, "") for name in ("q", "starts_on", "ends_on")})


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def post_select(request: Request, pk: int, post_pk: int) -> HttpResponse:
    """Select students who are free for a time into a post, many at once."""
    base = base_of(request, pk)
    post = get_object_or_404(placement_queries.posts_of(base), pk=post_pk)
    period = _period(request, post)
    valid = period.is_valid()
    found = placement_queries.selectable(
        base, post, period.cleaned_data["starts_on"], period.cleaned_data["ends_on"], period.cleaned_data["q"]
    ) if valid else None  # fmt: skip
    day = max(period.cleaned_data["starts_on"], request.today) if valid else request.today
    form = SelectForm(request.POST or None, base=base, day=day, initial=period.cleaned_data)
    ticked = [
        int(each) for each in request.POST.getlist("student") if each.isascii() and each.isdigit() and len(each) < 10
    ]
    if request.method == "POST" and form.is_valid():
        try:
            made = placements.select(
                base=base, post=post, students=ticked, acting=request.acting, on=request.today, **form.cleaned_data
            )
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已选送 %(n)s 人，等待合作单位答复。") % {"n": len(made)})
            return redirect("base-placements", pk=pk)
    context = {
        "base": base, "post": post, "period": period, "form": form, "ticked": ticked,
        "left": max(post.places - post.taken, 0),  # type: ignore[attr-defined]
        "students": list(found[: placement_queries.SELECTABLE]) if found is not None else [],
        "total": found.count() if found is not None else 0,
        "most": placement_queries.SELECTABLE,
    }  # fmt: skip
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "agreements/placement_select.html", context, status=status)
