"""What both sides do with placements, each act on one or many students of a base at once (协议：培养过程、权责划分、其他事项)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements import placement_forms as forms
from agreements.models import Mentor, Placement, PlacementChange
from agreements.services import placement_changes, placement_starts, placements
from agreements.services.placement_starts import Ground
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role

Status = Placement.Status
Text = str | Promise


def _nothing(placement: Placement, ground: Ground, side: str, on: date) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class PlacementAct:
    """One act: whose it is (``unit``, ``partner``, ``both``), for placements that stand how, and what stands against it for one of them.

    ``perform(base=, placements=, acting=, on=, **entered)`` is the service, for a ``single`` act with one key as ``placement``.
    ``listed``: offered for many in the list; ``in_checklist``: offered beside its line of the checklist.
    """

    name: str
    label: Text
    side: str
    states: frozenset[str]
    consequence: Text
    perform: Callable[..., Any]
    done: Text
    articles: str = "10"
    form: type[forms.ChosenForm] = forms.ChosenForm
    fixed: dict[str, Any] | None = None
    obstacle: Callable[[Placement, Ground, str, date], str] = _nothing
    told: Text = ""
    danger: bool = False
    single: bool = False
    listed: bool = True
    in_checklist: bool = False

    def is_for(self, side: str) -> bool:
        """Whether the act belongs to a side at all."""
        return self.side in ("both", side)

    def why_not(self, placement: Placement, ground: Ground, side: str, on: date) -> str:
        """Why the act cannot be done for a placement now; empty when it can."""
        if placement.status not in self.states:
            return _t("当前为“%(state)s”。") % {"state": placement.get_status_display()}
        return self.obstacle(placement, ground, side, on)

    def carry_out(self, *, base: Base, keys: list[int], acting: Acting, on: date, entered: dict[str, Any]) -> None:
        """Call the service for the chosen placements; raises what it raises."""
        which: dict[str, Any] = {"placement": keys[0]} if self.single else {"placements": keys}
        self.perform(base=base, acting=acting, on=on, **which, **(self.fixed or {}), **entered)


def side_of(acting: Acting) -> str:
    """The side in whose name a role acts on placements; empty for whoever only reads."""
    return {Role.UNIT_OFFICER.value: "unit", Role.PARTNER_OFFICER.value: "partner"}.get(str(acting.role), "")


def _not_my_insurance(placement: Placement, ground: Ground, side: str, on: date) -> str:
    buyer = ground.insurer(placement.base_id)
    if buyer in ("either", side):
        return ""
    return _t("按协议由%(who)s购买。") % {"who": _("培养单位") if buyer == "unit" else _("合作单位")}


def _checklist_open(placement: Placement, ground: Ground, side: str, on: date) -> str:
    return placement_starts.why_not_start(placement, ground, on)


def _not_over(placement: Placement, ground: Ground, side: str, on: date) -> str:
    if placement.ends_on <= on:
        return ""
    return _t("%(day)s 才到结束日期；要提前结束，请办理“变更”。") % {"day": placement.ends_on.isoformat()}


def _waiting(placement: Placement) -> PlacementChange | None:
    found: list[PlacementChange] = getattr(placement, "waiting", [])
    return found[0] if found else None


def _change_waits(placement: Placement, ground: Ground, side: str, on: date) -> str:
    return _t("已有一项变更在等待答复。") if _waiting(placement) else ""


def _not_mine_to_answer(placement: Placement, ground: Ground, side: str, on: date) -> str:
    change = _waiting(placement)
    if change is None:
        return _t("没有等待答复的变更。")
    return _t("由对方答复。") if change.side == side else ""


def _not_mine_to_take_back(placement: Placement, ground: Ground, side: str, on: date) -> str:
    change = _waiting(placement)
    if change is None:
        return _t("没有等待答复的变更。")
    return "" if change.side == side else _t("由提出的一方撤回。")


_COMING = frozenset({Status.ACCEPTED, Status.RUNNING})
ACTS = (
    PlacementAct(
        name="accept", label=_("接收"), side="partner", states=frozenset({Status.PROPOSED}), form=forms.AcceptForm,
        perform=placements.accept, done=_("已接收 %(n)s 人。请在进入基地之前完成清单。"),
        consequence=_("所选研究生进入“待进入基地”，双方按清单准备；非全日制或定向研究生的接收即视为双方协商同意。"),
    ),
    PlacementAct(
        name="decline", label=_("不接收"), side="partner", states=frozenset({Status.PROPOSED}), form=forms.ChosenReasonForm,
        perform=placements.decline, done=_("已答复不接收 %(n)s 人。"), danger=True,
        consequence=_("所选研究生不进入这个岗位，名额空出，培养单位可以看到原因并另行遴选。"),
    ),
    PlacementAct(
        name="withdraw", label=_("撤回遴选"), side="unit", states=frozenset({Status.PROPOSED}), form=forms.ChosenReasonForm,
        perform=placements.withdraw, done=_("已撤回 %(n)s 人的遴选。"), danger=True,
        consequence=_("所选研究生不再等待合作单位答复，名额空出；要进入基地须重新遴选。"),
    ),
    PlacementAct(
        name="safety", label=_("登记安全协议"), side="partner", states=_COMING, form=forms.SafetyForm, in_checklist=True,
        perform=placement_starts.record_safety, done=_("已登记 %(n)s 人的实践安全协议。"),
        consequence=_("保存与研究生及其校内导师签订的实践安全协议；几个人签在一份文件上的可以一起登记。重新登记的，原来的文件留在办理记录中。"),
    ),
    PlacementAct(
        name="insurance", label=_("登记保险"), side="both", states=_COMING, form=forms.InsuranceForm, in_checklist=True,
        perform=placement_starts.record_insurance, obstacle=_not_my_insurance, done=_("已登记 %(n)s 人的保险。"),
        consequence=_("保单应覆盖整个实践期间；没有覆盖的会标出，补齐之前不能进入基地。"),
    ),
    PlacementAct(
        name="lodging", label=_("登记食宿"), side="partner", states=_COMING, form=forms.LodgingForm, in_checklist=True,
        perform=placement_starts.record_lodging, done=_("已登记 %(n)s 人的食宿。"),
        consequence=_("说明研究生在基地期间的食宿由谁安排。"),
    ),
    PlacementAct(
        name="campus-mentor", label=_("指定校内导师"), side="unit", states=_COMING, form=forms.CampusMentorForm, in_checklist=True,
        perform=placement_starts.name_mentor, fixed={"kind": Mentor.Kind.CAMPUS.value}, articles="11",
        done=_("已指定 %(n)s 人的校内导师。"), consequence=_("每名基地研究生有一名校内导师，须有本基地的有效聘任。"),
    ),
    PlacementAct(
        name="industry-mentor", label=_("指定行业产业导师"), side="partner", states=_COMING, form=forms.IndustryMentorForm,
        in_checklist=True, perform=placement_starts.name_mentor, fixed={"kind": Mentor.Kind.INDUSTRY.value}, articles="11",
        done=_("已指定 %(n)s 人的行业产业导师。"), consequence=_("每名基地研究生有一名行业产业导师，须由培养单位聘任并在聘期内。"),
    ),
    PlacementAct(
        name="start", label=_("办理进入基地"), side="partner", states=frozenset({Status.ACCEPTED}), form=forms.StartForm,
        perform=placement_starts.start, obstacle=_checklist_open, done=_("%(n)s 人已进入基地，开始专业实践。"),
        consequence=_("到达日期记为实践开始日期，阶段变为“专业实践”；从这时起按月考核和发放生活补贴。清单有一项未完成的不能办理。"),
    ),
    PlacementAct(
        name="end", label=_("结束实践"), side="partner", states=frozenset({Status.RUNNING}), form=forms.EndForm,
        perform=placements.end, obstacle=_not_over, done=_("%(n)s 人的专业实践已结束。"),
        consequence=_("专业实践结束，阶段变为“学位论文”。还没有答复的变更失效。"),
    ),
    PlacementAct(
        name="change", label=_("变更：延期、提前结束"), side="both", states=frozenset({Status.RUNNING}), form=forms.ChangeForm,
        perform=placement_changes.ask, obstacle=_change_waits, told=_("对方"), done=_("变更已提出。"), single=True, listed=False,
        consequence=_("提前或推后结束须提前一个月通知对方：满通知期的提交即生效；不满的等待对方同意，对方不同意则不变。因不可抗力的须双方协商，一律等待对方同意。"),
    ),
    PlacementAct(
        name="cancel", label=_("不再进入基地"), side="both", states=frozenset({Status.ACCEPTED}), form=forms.CancelForm,
        perform=placement_changes.ask, fixed={"kind": PlacementChange.Kind.CANCEL.value}, obstacle=_change_waits, told=_("对方"),
        done=_("已提出。"), single=True, listed=False, danger=True,
        consequence=_("距进入基地满一个月的，提交即生效，名额空出；不满一个月的须对方同意。"),
    ),
    PlacementAct(
        name="answer", label=_("答复变更"), side="both", states=_COMING, form=forms.AnswerForm, perform=placement_changes.answer,
        obstacle=_not_mine_to_answer, done=_("已答复。"), single=True, listed=False,
        consequence=_("同意的，变更立即生效；不同意的，原来的安排不变，对方可以看到原因。"),
    ),
    PlacementAct(
        name="take-back", label=_("撤回变更"), side="both", states=_COMING, perform=placement_changes.take_back,
        obstacle=_not_mine_to_take_back, done=_("变更已撤回，原来的安排不变。"), single=True, listed=False,
        consequence=_("变更不再等待对方答复，原来的安排不变。"),
    ),
    PlacementAct(
        name="illness", label=_("因病终止"), side="both", states=frozenset({Status.RUNNING}), form=forms.IllnessForm,
        perform=placement_changes.end_for_illness, done=_("实践已终止，研究生返回培养单位。"), single=True,
        listed=False, danger=True,
        consequence=_("研究生因患病不能继续的，在基地的各项活动终止并返回培养单位；立即生效，不需要通知期和对方同意，不能撤销。"),
    ),
)  # fmt: skip
_BY_NAME = {act.name: act for act in ACTS}


def get(name: str) -> PlacementAct | None:
    """The act of that name."""
    return _BY_NAME.get(name)
