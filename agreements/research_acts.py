"""What both sides do with topics (many at once), requests and results: whose it is, what follows, what stands against it (协议：知识产权)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements import research_forms as forms
from agreements.models import PublicationRequest, Result, ThesisTopic
from agreements.services import publications, results, topics
from portal.acting import Acting
from portal.roles import Role

Text = str | Promise
_OTHER_SIDE = _("对方")


@dataclass(frozen=True, kw_only=True)
class ThingAct:
    """One act on one or many things; ``why_not(thing, side)`` says why it cannot be done now, empty when it can.

    ``articles`` is 第十条 throughout: 知识产权 and what belongs to it are matters of the agreement.
    """

    name: str
    label: Text
    consequence: Text
    done: Text
    form: type[django_forms.Form]
    perform: Callable[..., Any]
    why_not: Callable[[Any, str], str]
    told: Text = _OTHER_SIDE
    fixed: dict[str, Any] | None = None
    danger: bool = False
    articles: str = "10"


def side_of(acting: Acting) -> str:
    """The side in whose name a role acts; empty for whoever only reads."""
    return {Role.UNIT_OFFICER.value: "unit", Role.PARTNER_OFFICER.value: "partner"}.get(str(acting.role), "")


@dataclass(frozen=True, kw_only=True)
class TopicAct(ThingAct):
    """An act on chosen topics of a base by one side."""

    side: str

    def judge(self, topic: ThesisTopic) -> str:
        """Why it cannot be done to this topic; empty when it can."""
        return self.why_not(topic, self.side)


TOPIC_ACTS = (
    TopicAct(
        name="clear", side="partner", label=_("涉密确认"), form=forms.ClearanceForm, perform=topics.clear,
        why_not=lambda topic, side: topics.why_not_clear(topic), done=_("已确认 %(n)s 个选题。"), told=_("培养单位"),
        consequence=_("所选选题记下同一结论。不涉密和部分内容不得公开的可以开题；涉密的须改题。题目、项目改动后须重新确认；开题之前可以再次确认，以最后一次为准。"),
    ),
    TopicAct(
        name="approve", side="unit", label=_("登记开题"), form=forms.ApproveForm, perform=topics.approve,
        why_not=lambda topic, side: topics.why_not_approve(topic), done=_("已登记 %(n)s 个选题的开题。"), told="",
        consequence=_("所选选题记为已开题。使用实践内容的，须已经合作单位确认，且确认不晚于开题日期。"),
    ),
    TopicAct(
        name="withdraw", side="unit", label=_("撤回选题"), form=forms.ReasonForm, perform=topics.withdraw, danger=True,
        why_not=lambda topic, side: topics.why_not_withdraw(topic), done=_("已撤回 %(n)s 个选题。"), told=_("合作单位"),
        consequence=_("所选选题不再办理，涉密确认和办理记录保留；研究生可以另行登记选题。"),
    ),
)  # fmt: skip


def topic_act(name: str, side: str) -> TopicAct | None:
    """The act of that name that belongs to a side."""
    return next((act for act in TOPIC_ACTS if act.name == name and act.side == side), None)


def _why_not_decide(request: PublicationRequest, side: str) -> str:
    if request.status != PublicationRequest.Status.WAITING:
        return _t("当前为“%(state)s”。") % {"state": request.get_status_display()}
    if side not in request.sides:
        return _t("由立项方决定。")
    return _t("本方已经决定。") if any(each.side == side for each in request.decisions.all()) else ""


def _why_not_take_back(request: PublicationRequest, side: str) -> str:
    if request.status != PublicationRequest.Status.WAITING:
        return _t("当前为“%(state)s”。") % {"state": request.get_status_display()}
    return "" if request.entered_side == side else _t("由提交的一方撤回。")


PUBLICATION_ACTS = {
    act.name: act
    for act in (
        ThingAct(
            name="agree", label=_("同意公开"), form=forms.AgreeForm, perform=publications.decide, fixed={"agreed": True},
            why_not=_why_not_decide, done=_("已同意公开。"),
            consequence=_("决定不能更改。双方立项的，双方都同意之后批准；文稿有改动的须提交新的一版。"),
        ),
        ThingAct(
            name="refuse", label=_("不同意公开"), form=forms.ReasonForm, perform=publications.decide, fixed={"agreed": False},
            why_not=_why_not_decide, done=_("已答复不同意公开。"), danger=True,
            consequence=_("申请不予批准，项目内容不得公开，申请人可以看到理由；决定不能更改，改稿后可以提交新的一版。"),
        ),
        ThingAct(
            name="withdraw", label=_("撤回申请"), form=forms.ReasonForm, perform=publications.withdraw, danger=True,
            why_not=_why_not_take_back, done=_("申请已撤回。"),
            consequence=_("立项方不再需要决定，申请和文稿保留可查；需要时提交新的一版。"),
        ),
    )
}  # fmt: skip


def _why_not_confirm(result: Result, side: str) -> str:
    if result.status in (Result.Status.CONFIRMED, Result.Status.VOID):
        return _t("当前为“%(state)s”。") % {"state": result.get_status_display()}
    return "" if result.other_side == side else _t("由对方确认。")


def _why_not_object(result: Result, side: str) -> str:
    if result.status != Result.Status.WAITING:
        return _t("当前为“%(state)s”。") % {"state": result.get_status_display()}
    return "" if result.other_side == side else _t("由对方提出。")


def _why_not_commend(result: Result, side: str) -> str:
    if side != "partner":
        return _t("由合作单位推荐。")
    if result.commended_on is not None:
        return _t("已经推荐过。")
    return "" if result.status == Result.Status.CONFIRMED else _t("双方确认之后才能推荐表彰。")


def _why_not_void(result: Result, side: str) -> str:
    if result.status == Result.Status.VOID:
        return _t("已经作废。")
    return "" if result.entered_side == side else _t("由登记的一方作废。")


RESULT_ACTS = {
    act.name: act
    for act in (
        ThingAct(
            name="confirm", label=_("确认成果"), form=forms.ConfirmForm, perform=results.confirm, why_not=_why_not_confirm,
            done=_("已确认。"), consequence=_("表示名称、完成人和归属与双方商定的一致；以后登记方更正的，须再次确认。"),
        ),
        ThingAct(
            name="object", label=_("提出异议"), form=forms.ReasonForm, perform=results.object_to, why_not=_why_not_object,
            done=_("已提出异议，对方协商后更正。"), consequence=_("成果标为有异议；署名、归属由双方和导师协商，登记方更正后再请您确认。"),
        ),
        ThingAct(
            name="commend", label=_("推荐表彰"), form=forms.ReasonForm, perform=results.commend, why_not=_why_not_commend,
            done=_("已推荐表彰。"), consequence=_("成果标为推荐表彰，理由双方和教育厅可以看到；不能撤销。"),
        ),
        ThingAct(
            name="void", label=_("作废"), form=forms.ReasonForm, perform=results.void, why_not=_why_not_void, danger=True,
            done=_("成果已作废。"), consequence=_("成果不再计入，连同作废原因保留可查；不能恢复，需要时重新登记。"),
        ),
    )
}  # fmt: skip
