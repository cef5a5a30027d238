"""学位论文选题 of a base: the list, one topic, entering and changing it, clearing and approving many at once (协议：知识产权)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import research_acts, research_forms, research_queries
from agreements.models import ThesisTopic
from agreements.research_queries import TopicFilters
from agreements.services import topics
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from agreements.views.research import PAGE, SIDES, Fact, base_of, show, side_in
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

LIST = "base-topics"
NAMED = 30
NEW = Step(_("登记学位论文选题"), _("登记"), "10", LIST, _("选题已登记；使用实践内容的，等待合作单位涉密确认。"))
EDIT = Step(
    _("更正选题"), _("保存"), "10", LIST, _("选题已更正，改动留在办理记录中。"),
    consequence=_("题目、依托项目或者是否使用实践内容有改动的，原来的涉密确认和开题不再有效，须重新确认。"), told=_("合作单位"),
)  # fmt: skip
STATES = {
    "waiting": _("待涉密确认"),
    "free": _("可以开题"),
    "refused": _("涉密，须改题"),
    "approved": _("已开题"),
    "withdrawn": _("已撤回"),
}


def state_of(topic: ThesisTopic) -> str:
    """How a topic stands, by the keys of STATES."""
    if topic.status != ThesisTopic.Status.PROPOSED:
        return str(topic.status)
    if topic.needs_clearance:
        return "waiting"
    return "free" if topic.is_free else "refused"


@open_to(TRAINING_ROLES)
@require_safe
def base_topics(request: Request, pk: int) -> HttpResponse:
    """The topics of a base, filtered by how they stand and by cohort, with what can be done for many at once, and who has none yet."""
    base = base_of(request, pk)
    wanted = TopicFilters.of(request.GET.dict())
    page = Paginator(research_queries.topics(request.acting, base, wanted), PAGE).get_page(request.GET.get("page"))
    rows = [(each, state_of(each)) for each in page]
    side = side_in(request, base)
    missing = research_queries.without_topic(base)
    context: dict[str, Any] = {
        "base": base,
        "page_obj": page,
        "rows": [(each, state, STATES[state]) for each, state in rows],
        "filters": wanted,
        "states": STATES.items(),
        "years": research_queries.placed_in(base).order_by("-post__year").values_list("post__year", flat=True).distinct(),
        "side": side,
        "acts": [
            act for act in research_acts.TOPIC_ACTS
            if act.side == side and any(not act.judge(each) for each, _state in rows)
        ],
        "missing": missing[:NAMED],
        "n_missing": missing.count(),
    }  # fmt: skip
    return render(request, "agreements/research_topics.html", context)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def topic_new(request: Request, pk: int) -> HttpResponse:
    """The graduate office enters the topic of a student; ``placement`` in the address chooses whose."""
    base = base_of(request, pk)
    chosen = research_queries.placed_in(base).filter(pk=whole_number(request.GET.get("placement", ""), 18) or 0).first()
    initial = {"placement": chosen, "project": chosen.project if chosen else None}
    form = research_forms.TopicForm(request.POST or None, base=base, initial=initial)
    return fill_in(
        request, NEW, base, form,
        lambda: topics.propose(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


def _topic(request: Request, pk: int) -> ThesisTopic:
    return get_object_or_404(research_queries.visible_topics(request.acting), pk=pk)


@open_to(TRAINING_ROLES)
@require_safe
def topic_page(request: Request, pk: int) -> HttpResponse:
    """A topic with every answer of the partner."""
    found = _topic(request, pk)
    placement, base, state = found.placement, found.placement.base, state_of(found)
    facts = [
        Fact(_("研究生"), str(placement.student), reverse("placement", args=[base.pk, placement.pk])),
        Fact(_("依托项目"), found.project or _("不依托基地项目"), reverse("project", args=[found.project_id]) if found.project_id else ""),
        Fact(_("不依托的理由"), found.no_project_reason),
        Fact(_("使用实践内容"), _("是，论文开题前由合作单位确认是否涉密") if found.uses_practice else _("否，不需要涉密确认")),
        Fact(_("登记日期"), found.proposed_on),
        Fact(_("计划开题日期"), found.planned_on),
        Fact(_("开题日期"), found.approved_on),
    ]  # fmt: skip
    side = side_in(request, base)
    context: dict[str, Any] = {
        "state": state,
        "state_label": STATES[state],
        "clearances": found.clearances.select_related("decided_by").order_by("-pk"),
        "acts": [act for act in research_acts.TOPIC_ACTS if act.side == side and not act.judge(found)],
        "may_edit": side == "unit" and found.status != ThesisTopic.Status.WITHDRAWN,
    }
    return show(request, "agreements/research_topic.html", base, found, facts, LIST, **context)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def topic_edit(request: Request, pk: int) -> HttpResponse:
    """The graduate office changes a topic."""
    found = _topic(request, pk)
    names = ("title", "project", "no_project_reason", "uses_practice", "planned_on")
    form = research_forms.TopicForm(
        request.POST or None, base=found.placement.base, topic=found, initial={name: getattr(found, name) for name in names}
    )  # fmt: skip
    return fill_in(
        request, EDIT, found.placement.base, form,
        lambda: topics.change(topic=found, by=request.acting, on=request.today, **form.cleaned_data),
        reverse("topic", args=[pk]),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def topic_act(request: Request, pk: int, name: str) -> HttpResponse:
    """One act on the topics that the address names: which can be done and which cannot and why, what follows, what it needs."""
    base = base_of(request, pk)
    act = research_acts.topic_act(name, research_acts.side_of(request.acting))
    if act is None:
        raise Http404
    sent = (request.POST if request.method == "POST" else request.GET).getlist("topic")
    keys = [key for key in (whole_number(each, 18) for each in sent) if key is not None]
    chosen = list(research_queries.topics(request.acting, base, TopicFilters()).filter(pk__in=keys))
    if not chosen:
        messages.warning(request, _t("没有办理：请先在列表中勾选选题。"))
        return redirect(LIST, pk)
    judged = [(each, act.judge(each)) for each in chosen]
    able = [each for each, why in judged if not why]
    form = act.form(request.POST if request.method == "POST" else None, initial={"approved_on": request.today})
    if isinstance(form, research_forms.DatedForm):
        form.on = request.today
    if request.method == "POST" and form.is_valid():
        try:
            act.perform(base=base, topics=keys, by=request.acting, on=request.today, **form.cleaned_data)
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, str(act.done) % {"n": len(set(keys))})
            return redirect(LIST, pk)
    context: dict[str, Any] = {
        "base": base,
        "act": act,
        "form": form,
        "judged": judged,
        "able": able,
        "left_out": len(judged) - len(able),
    }
    return render(request, "agreements/research_topic_act.html", context, status=422 if form.errors else 200)
