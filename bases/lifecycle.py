"""The life of a base: every state, every transition, and beside each its role, its needs and its article.

This is the only place where a state is named as the target of a move, and ``bases.services.lifecycle.advance`` is the only door to it.
A need looks at the base and at the evidence that the door has laid beside it; its answer is empty when it holds, and
otherwise the Chinese sentence that says why it does not. Evidence that was not brought counts as a need that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, FSMModelMixin, transition

from portal.roles import DAILY_JOB, Role


class State(models.TextChoices):
    """Where a base is in its life."""

    DRAFTING = "drafting", _("申报填报")
    DECLARED = "declared", _("已申报（待单位审核）")
    UNIT_NOTICE = "unit_notice", _("推荐公示")
    RECOMMENDED = "recommended", _("已推荐（报教育厅）")
    IN_REVIEW = "in_review", _("专家评审")
    SHORTLISTED = "shortlisted", _("初步名单")
    RECOGNITION_NOTICE = "recognition_notice", _("认定公示")
    RECOGNISED = "recognised", _("已认定（待发文）")
    CONSTRUCTING = "constructing", _("建设中")
    ASSESSING = "assessing", _("考核中")
    DEMONSTRATION = "demonstration", _("示范基地")
    RECTIFYING = "rectifying", _("整改中")
    REASSESSING = "reassessing", _("复评中")
    REVOKED = "revoked", _("已撤销")
    WITHDRAWN = "withdrawn", _("自主撤销")
    NOT_RECOMMENDED = "not_recommended", _("未获推荐")
    NOT_RECOGNISED = "not_recognised", _("未获认定")


class Stage(models.TextChoices):
    """The phase of the life that a state belongs to, as the card shows it."""

    DECLARE = "declare", _("申报")
    RECOMMEND = "recommend", _("推荐")
    REVIEW = "review", _("评审")
    RECOGNISE = "recognise", _("认定")
    CONSTRUCT = "construct", _("建设")
    ASSESS = "assess", _("考核")
    DEMONSTRATE = "demonstrate", _("示范")
    RECTIFY = "rectify", _("整改")
    REVOKE = "revoke", _("撤销")
    CLOSED = "closed", _("已结束，可再次申报")


STAGE_OF: dict[str, Stage] = {
    State.DRAFTING: Stage.DECLARE,
    State.DECLARED: Stage.DECLARE,
    State.UNIT_NOTICE: Stage.RECOMMEND,
    State.RECOMMENDED: Stage.RECOMMEND,
    State.IN_REVIEW: Stage.REVIEW,
    State.SHORTLISTED: Stage.REVIEW,
    State.RECOGNITION_NOTICE: Stage.RECOGNISE,
    State.RECOGNISED: Stage.RECOGNISE,
    State.CONSTRUCTING: Stage.CONSTRUCT,
    State.ASSESSING: Stage.ASSESS,
    State.DEMONSTRATION: Stage.DEMONSTRATE,
    State.RECTIFYING: Stage.RECTIFY,
    State.REASSESSING: Stage.RECTIFY,
    State.REVOKED: Stage.REVOKE,
    State.WITHDRAWN: Stage.REVOKE,
    State.NOT_RECOMMENDED: Stage.CLOSED,
    State.NOT_RECOGNISED: Stage.CLOSED,
}

# States in which a recognised base is alive and known to the public.
LIVING = frozenset({State.CONSTRUCTING, State.ASSESSING, State.DEMONSTRATION, State.RECTIFYING, State.REASSESSING})


class Grade(models.TextChoices):
    """The three grades of 第十六条."""

    EXCELLENT = "excellent", _("优秀")
    QUALIFIED = "qualified", _("合格")
    FAILED = "failed", _("不合格")


class Ground(models.TextChoices):
    """The grounds on which a base is revoked (第十九条, 第二十条)."""

    REASSESSMENT_FAILED = "reassessment_failed", _("整改期满复评不合格")
    TWO_FAILURES = "two_failures", _("连续两次考核不合格")
    ABSENT = "absent", _("未按规定参加考核")
    INCIDENT = "incident", _("合作单位发生重大事项，无法继续联合培养")


GROUND_STATES: dict[str, frozenset[str]] = {
    Ground.REASSESSMENT_FAILED: frozenset({State.REASSESSING}),
    Ground.TWO_FAILURES: frozenset({State.ASSESSING}),
    Ground.ABSENT: frozenset({State.ASSESSING, State.REASSESSING}),
    Ground.INCIDENT: frozenset({State.RECOGNISED, *LIVING}),
}


@dataclass(frozen=True)
class Window:
    """Dates of an application round; both belong to it."""

    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class Places:
    """Quota of a unit in a round: the limit, and how many the act would make it use."""

    used: int
    limit: int


@dataclass(frozen=True)
class NoticeFacts:
    """A public notice on which the base stands: its dates and the objections to this base."""

    published_on: date
    ends_on: date
    open_objections: int = 0
    upheld_objections: int = 0


@dataclass(frozen=True)
class PanelFacts:
    """Experts of a review: how many are needed, assigned, in conflict, have handed in, and have left a gap; the fixed aggregate."""

    required: int
    assigned: int
    conflicts: int = 0
    submitted: int = 0
    aggregate: Decimal | None = None
    gaps: int = 0


@dataclass(frozen=True)
class Evidence:
    """What the service above has seen under the lock and lays before the machine.

    ``on`` is the calendar date of the act, ``reason`` the person's own words. Whatever stays None was not shown.
    """

    on: date
    reason: str = ""
    prepared_by: int | None = None
    prepared_by_system: bool = False
    window: Window | None = None
    missing: tuple[str, ...] | None = None
    missing_attachments: tuple[str, ...] | None = None
    failed_checks: tuple[str, ...] | None = None
    review_done: bool | None = None
    places: Places | None = None
    notice: NoticeFacts | None = None
    panel: PanelFacts | None = None
    minutes: bool | None = None
    document_number: str = ""
    document_published_on: date | None = None
    grade: str = ""
    ground: str = ""
    ground_shown: bool | None = None
    title_number: str = ""
    grant: Decimal | None = None
    title_lost: bool | None = None
    circulated: bool | None = None
    joint_request: bool | None = None
    period_ends_on: date | None = None
    break_row: bool = False
    actor_id: int | None = field(default=None, repr=False)

    def shown(self) -> dict[str, Any]:
        """The facts that were brought, ready for JSON: dates in ISO form, amounts as text."""
        out: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in {"on", "reason", "actor_id"} and value not in (None, "", False):
                out[item.name] = _plain(value)
        return out


def _plain(value: Any) -> Any:
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


class Need:
    """One condition of a transition: its words in the table, and the reason in Chinese when it does not hold."""

    def __init__(self, text: str, why: Callable[[Lifecycle, Evidence], str]) -> None:
        self.text = text
        self.why = why
        self.__name__ = text

    def reason(self, base: Lifecycle) -> str:
        """Why the condition does not hold; empty when it holds."""
        if base.evidence is None:
            return _t("状态流转只能经由统一办理入口进行。")
        return self.why(base, base.evidence)

    def __call__(self, base: Lifecycle) -> bool:
        return not self.reason(base)


@dataclass(frozen=True)
class Rule:
    """A transition as the table declares it."""

    name: str
    label: str | Promise
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    by: tuple[str, ...]
    needs: tuple[Need, ...]
    articles: str
    four_eyes: bool = False
    by_source: dict[str, str] = field(default_factory=dict)
    join: str = ", "
    by_words: str = ""
    target_words: str = ""

    def roles_in(self, state: str) -> tuple[str, ...]:
        """The roles that may act when the base is in ``state``."""
        return (self.by_source[state],) if state in self.by_source else self.by

    def row(self) -> tuple[str, str, str, str, str, str]:
        """The line of the table: transition, from, to, by, needs, basis."""
        by = self.by_words or " / ".join(ROLE_WORDS[role] for role in self.by)
        return (
            self.name,
            ", ".join(self.sources),
            self.target_words or ", ".join(self.targets),
            by,
            self.join.join(need.text for need in self.needs),
            ", ".join(self.articles.split()),
        )


ROLE_WORDS = {
    Role.APPLICANT: "applicant",
    Role.UNIT_OFFICER: "unit officer",
    Role.DEPT_OFFICER: "department officer",
    Role.DEPT_LEADER: "department leader",
    DAILY_JOB: "daily job",
}


def _day(value: date) -> str:
    return value.isoformat()


def _reason(base: Lifecycle, e: Evidence) -> str:
    return "" if e.reason.strip() else _t("请写明理由。")


def _round_open(base: Lifecycle, e: Evidence) -> str:
    if e.window is None and STAGE_OF[base.state] == Stage.CLOSED:
        return _t("新的申报批次尚未开放；同一个批次不能再次申报。")
    if e.window is None:
        return _t("本年度申报批次尚未开放。")
    if e.on < e.window.opens_on:
        return _t("申报自 %(opens)s 开始，今天是 %(on)s，尚未开放。") % {
            "opens": _day(e.window.opens_on),
            "on": _day(e.on),
        }
    if e.on > e.window.closes_on:
        return _t("申报已于 %(closes)s 截止，今天是 %(on)s，不再受理。") % {
            "closes": _day(e.window.closes_on),
            "on": _day(e.on),
        }
    return ""


def _before_deadline(base: Lifecycle, e: Evidence) -> str:
    if e.window is None or e.on > e.window.closes_on:
        closes = _day(e.window.closes_on) if e.window else _t("（无批次）")
        return _t("本批次该环节已于 %(closes)s 截止，退回后无法再提交，因此不能退回修改。") % {"closes": closes}
    return ""


def _form_complete(base: Lifecycle, e: Evidence) -> str:
    if e.missing is None:
        return _t("没有可提交的申请书。")
    return _t("申请书还缺：%(items)s。") % {"items": "、".join(e.missing)} if e.missing else ""


def _attachments(base: Lifecycle, e: Evidence) -> str:
    if e.missing_attachments is None:
        return _t("没有可提交的附件。")
    return _t("还缺附件：%(items)s。") % {"items": "、".join(e.missing_attachments)} if e.missing_attachments else ""


def _no_failed_check(base: Lifecycle, e: Evidence) -> str:
    if e.failed_checks is None:
        return _t("尚未核验申报条件。")
    return _t("不符合申报条件：\n%(items)s") % {"items": "\n".join(e.failed_checks)} if e.failed_checks else ""


def _review_done(base: Lifecycle, e: Evidence) -> str:
    return "" if e.review_done else _t("六项审核尚未完成，请先填写审核意见。")


def _within_quota(base: Lifecycle, e: Evidence) -> str:
    if e.places is None:
        return _t("本单位本年度申报名额尚未下达。")
    if e.places.used > e.places.limit:
        return _t("申报名额为 %(limit)s 个，本次推荐后将达到 %(used)s 个，超出名额。") % {
            "limit": e.places.limit,
            "used": e.places.used,
        }
    return ""


def _notice_published(base: Lifecycle, e: Evidence) -> str:
    return "" if e.notice and e.notice.published_on <= e.on else _t("公示尚未发布。")


def _notice_ended(base: Lifecycle, e: Evidence) -> str:
    if e.notice is None:
        return _t("没有有效的公示：公示尚未发布，或者已撤回，须重新公示。")
    if e.on <= e.notice.ends_on:
        return _t("公示期至 %(ends)s 24 时，尚未结束。") % {"ends": _day(e.notice.ends_on)}
    return ""


def _no_objection(base: Lifecycle, e: Evidence) -> str:
    if e.notice is None:
        return _t("没有有效的公示：公示尚未发布，或者已撤回，须重新公示。")
    if e.notice.open_objections:
        return _t("本基地有 %(n)s 件异议尚未办结，办结前不能继续。") % {"n": e.notice.open_objections}
    if e.notice.upheld_objections:
        return _t("针对本基地的异议已查证成立，不能继续，请作不予推荐（认定）处理。")
    return ""


def _enough_experts(base: Lifecycle, e: Evidence) -> str:
    if e.panel is None:
        return _t("尚未分配评审专家。")
    if e.panel.assigned < e.panel.required:
        return _t("已分配 %(n)s 名专家，至少需要 %(min)s 名。") % {"n": e.panel.assigned, "min": e.panel.required}
    return ""


def _no_conflict(base: Lifecycle, e: Evidence) -> str:
    return _t("有 %(n)s 名专家应当回避，请更换。") % {"n": e.panel.conflicts} if e.panel and e.panel.conflicts else ""


def _sheets_in(base: Lifecycle, e: Evidence) -> str:
    if e.panel is None or e.panel.assigned < e.panel.required:
        return _t("评审组人数不足，请先补齐专家。")
    if e.panel.gaps and e.panel.aggregate is None:
        return _t("评审组有 %(n)s 个空缺，请先补派，或者决定不再补派。") % {"n": e.panel.gaps}
    if e.panel.submitted < e.panel.assigned:
        return _t("%(n)s 名专家中还有 %(left)s 名没有提交评分表。") % {
            "n": e.panel.assigned,
            "left": e.panel.assigned - e.panel.submitted,
        }
    return ""


def _aggregate_fixed(base: Lifecycle, e: Evidence) -> str:
    return "" if e.panel and e.panel.aggregate is not None else _t("综合得分尚未确定。")


def _minutes(base: Lifecycle, e: Evidence) -> str:
    return "" if e.minutes else _t("审议纪要尚未登记。")


def _document(base: Lifecycle, e: Evidence) -> str:
    if not e.document_number or e.document_published_on is None:
        return _t("认定文件的文号和公布日期尚未登记。")
    if e.document_published_on > e.on:
        return _t("文件公布日期 %(day)s 还没有到，建设期自公布之日起算。") % {"day": _day(e.document_published_on)}
    return ""


def _period_from_publication(base: Lifecycle, e: Evidence) -> str:
    if e.document_published_on is None or e.period_ends_on is None:
        return _t("建设期尚未按公布日期算出。")
    return "" if e.period_ends_on > e.document_published_on else _t("建设期截止日应晚于公布日期。")


def _due(base: Lifecycle, e: Evidence) -> str:
    if base.assessment_due_on is None:
        return _t("尚未确定考核时间。")
    return (
        _t("考核应于 %(day)s 启动，尚未到期。") % {"day": _day(base.assessment_due_on)}
        if e.on < base.assessment_due_on
        else ""
    )


def _rectification_over(base: Lifecycle, e: Evidence) -> str:
    if base.rectification_ends_on is None:
        return _t("没有整改期限记录。")
    if e.on < base.rectification_ends_on:
        return _t("整改期 %(day)s 届满，尚未到期。") % {"day": _day(base.rectification_ends_on)}
    return ""


def _graded(*grades: str) -> Callable[[Lifecycle, Evidence], str]:
    def why(base: Lifecycle, e: Evidence) -> str:
        if not e.grade:
            return _t("考核等级尚未决定。")
        if e.grade not in grades:
            return _t("考核等级为“%(grade)s”，与本步骤不符。") % {"grade": Grade(e.grade).label}
        return ""

    return why


def _title_and_grant(base: Lifecycle, e: Evidence) -> str:
    if not (e.title_number or base.title_number):
        return _t("示范基地称号编号尚未登记。")
    return "" if e.grant is not None else _t("支持经费尚未登记。")


def _first_failure(base: Lifecycle, e: Evidence) -> str:
    return _t("上一次考核也不合格，连续两次不合格应转入撤销程序。") if base.consecutive_failures else ""


def _title_lost(base: Lifecycle, e: Evidence) -> str:
    return _t("示范基地称号尚未办理撤销。") if base.title_number and not e.title_lost else ""


def _circulated(base: Lifecycle, e: Evidence) -> str:
    return "" if e.circulated else _t("通报尚未印发。")


def _ground(base: Lifecycle, e: Evidence) -> str:
    if e.ground not in GROUND_STATES:
        return _t("没有撤销事由。")
    if base.state not in GROUND_STATES[e.ground]:
        return _t("事由“%(ground)s”不适用于当前状态。") % {"ground": Ground(e.ground).label}
    if not e.ground_shown:
        return _t("事由“%(ground)s”没有查实的记录。") % {"ground": Ground(e.ground).label}
    if e.ground == Ground.TWO_FAILURES and not base.consecutive_failures:
        return _t("上一次考核并非不合格，不构成连续两次不合格。")
    return ""


def _three_years_over(base: Lifecycle, e: Evidence) -> str:
    if base.construction_ends_on is None or e.on < base.construction_ends_on:
        ends = _day(base.construction_ends_on) if base.construction_ends_on else _t("（未定）")
        return _t("建设期 %(ends)s 届满，期满后方可申请自主撤销。") % {"ends": ends}
    return ""


def _last_grade_passed(base: Lifecycle, e: Evidence) -> str:
    if base.last_grade in {Grade.EXCELLENT, Grade.QUALIFIED}:
        return ""
    return _t("期满考核合格后方可申请自主撤销，当前没有合格的考核结果。")


def _joint_request(base: Lifecycle, e: Evidence) -> str:
    return "" if e.joint_request else _t("没有双方签章的书面申请。")


def _four_eyes(base: Lifecycle, e: Evidence) -> str:
    if e.prepared_by is None:
        return "" if e.prepared_by_system else _t("没有经办人的拟办记录，不能直接决定。")
    return _t("拟办与决定不能是同一人，请由其他审批人办理。") if e.prepared_by == e.actor_id else ""


FOUR_EYES = Need("four eyes", _four_eyes)
_TITLE_LOST = Need("title, if any, lost", _title_lost)


def moves(
    *,
    label: str | Promise,
    sources: tuple[str, ...],
    target: str | GET_STATE,
    by: tuple[str, ...],
    needs: tuple[Need, ...],
    articles: str,
    four_eyes: bool = False,
    by_source: dict[str, str] | None = None,
    join: str = ", ",
    by_words: str = "",
    target_words: str = "",
) -> Callable[[Callable[[Any], None]], Any]:
    """Declare a transition with everything that the table says of it."""

    def decorate(method: Callable[[Any], None]) -> Any:
        targets = tuple(target.allowed_states) if isinstance(target, GET_STATE) else (target,)
        rule = Rule(
            method.__name__, label, tuple(str(s) for s in sources), tuple(str(s) for s in targets), by, needs, articles,
            four_eyes, by_source or {}, join, by_words, target_words,
        )  # fmt: skip
        conditions = [*needs, FOUR_EYES] if four_eyes else list(needs)
        return transition(
            field="state",
            source=list(sources),
            target=target,
            conditions=cast(list[Callable[[models.Model], bool]], conditions),
            custom={"rule": rule, "conditions": conditions},
        )(method)

    return decorate


class Lifecycle(FSMModelMixin, models.Model):
    """The state of a base and what the machine itself remembers of its life. ``evidence`` is laid here by the door."""

    state = FSMField(_("状态"), default=State.DRAFTING, choices=State.choices, protected=True, db_index=True)
    events_count = models.PositiveIntegerField(_("流转次数"), default=0, editable=False)
    construction_started_on = models.DateField(_("建设期开始"), null=True, blank=True)
    construction_ends_on = models.DateField(_("建设期截止"), null=True, blank=True)
    assessment_due_on = models.DateField(_("下次考核启动"), null=True, blank=True)
    rectification_ends_on = models.DateField(_("整改期截止"), null=True, blank=True)
    last_grade = models.CharField(_("最近考核等级"), max_length=10, choices=Grade, blank=True)
    consecutive_failures = models.PositiveSmallIntegerField(_("连续不合格次数"), default=0)
    title_number = models.CharField(_("示范基地称号编号"), max_length=60, blank=True)
    title_granted_on = models.DateField(_("称号授予日期"), null=True, blank=True)

    class Meta:
        abstract = True

    evidence: Evidence | None = None

    @property
    def shown(self) -> Evidence:
        """The evidence of the move under way."""
        if self.evidence is None:
            raise ValueError("no move is under way")
        return self.evidence

    @moves(
        label=_("提交申报"),
        sources=(State.DRAFTING,),
        target=State.DECLARED,
        by=(Role.APPLICANT,),
        needs=(
            Need("round open", _round_open),
            Need("form complete", _form_complete),
            Need("attachments", _attachments),
            Need("no failed hard check", _no_failed_check),
        ),
        articles="5 7 8(1)",
    )
    def declare(self) -> None:
        """第八条（一）: the applicant hands the application to the unit; the partner that it names sees the base from now on."""
        self.declared_partner_id = self.partner_id  # type: ignore[attr-defined]

    @moves(
        label=_("退回修改"),
        sources=(State.DECLARED, State.RECOMMENDED),
        target=State.DRAFTING,
        by=(Role.UNIT_OFFICER, Role.DEPT_OFFICER),
        by_source={State.DECLARED: Role.UNIT_OFFICER, State.RECOMMENDED: Role.DEPT_OFFICER},
        needs=(Need("reason", _reason), Need("before the round's deadline for that step", _before_deadline)),
        articles="8(2)",
        join="; ",
    )
    def return_for_revision(self) -> None:
        """第八条（二）: sent back with a reason while there is still time to mend it."""

    @moves(
        label=_("不予推荐"),
        sources=(State.DECLARED, State.UNIT_NOTICE),
        target=State.NOT_RECOMMENDED,
        by=(Role.UNIT_OFFICER,),
        needs=(Need("reason (an upheld objection is one)", _reason),),
        articles="8(2)",
    )
    def decline(self) -> None:
        """第八条（二）: the unit does not recommend the base this year."""

    @moves(
        label=_("发布推荐公示"),
        sources=(State.DECLARED,),
        target=State.UNIT_NOTICE,
        by=(Role.UNIT_OFFICER,),
        needs=(
            Need("six-aspect review done", _review_done),
            Need("within quota", _within_quota),
            Need("notice published", _notice_published),
        ),
        articles="6 8(2)",
    )
    def publish_unit_notice(self) -> None:
        """第八条（二）: the unit's list goes out for objection."""

    @moves(
        label=_("推荐至教育厅"),
        sources=(State.UNIT_NOTICE,),
        target=State.RECOMMENDED,
        by=(Role.UNIT_OFFICER,),
        needs=(Need("notice ended", _notice_ended), Need("no open or upheld objection", _no_objection)),
        articles="8(2)",
    )
    def recommend(self) -> None:
        """第八条（二）: reported to the department after a notice without objection."""

    @moves(
        label=_("启动专家评审"),
        sources=(State.RECOMMENDED,),
        target=State.IN_REVIEW,
        by=(Role.DEPT_OFFICER,),
        needs=(Need("enough experts assigned", _enough_experts), Need("none in conflict", _no_conflict)),
        articles="8(3)",
    )
    def open_review(self) -> None:
        """第八条（三）: handed to the experts."""

    @moves(
        label=_("列入初步名单"),
        sources=(State.IN_REVIEW,),
        target=State.SHORTLISTED,
        by=(Role.DEPT_OFFICER,),
        needs=(Need("all sheets in", _sheets_in), Need("aggregate fixed", _aggregate_fixed)),
        articles="8(3)",
    )
    def shortlist(self) -> None:
        """第八条（三）: on the preliminary list."""

    @moves(
        label=_("发布认定公示"),
        sources=(State.SHORTLISTED,),
        target=State.RECOGNITION_NOTICE,
        by=(Role.DEPT_LEADER,),
        needs=(Need("deliberation minutes", _minutes), Need("notice published", _notice_published)),
        articles="8(4)",
        four_eyes=True,
    )
    def publish_recognition_notice(self) -> None:
        """第八条（四）: deliberated, and out for objection."""

    @moves(
        label=_("予以认定"),
        sources=(State.RECOGNITION_NOTICE,),
        target=State.RECOGNISED,
        by=(Role.DEPT_LEADER,),
        needs=(Need("notice ended", _notice_ended), Need("no open or upheld objection", _no_objection)),
        articles="8(4)",
    )
    def recognise(self) -> None:
        """第八条（四）: recognised after a notice without objection."""

    @moves(
        label=_("不予认定"),
        sources=(State.RECOMMENDED, State.IN_REVIEW, State.SHORTLISTED, State.RECOGNITION_NOTICE),
        target=State.NOT_RECOGNISED,
        by=(Role.DEPT_OFFICER, Role.DEPT_LEADER),
        by_words="department",
        needs=(Need("reason", _reason),),
        articles="8(3) 8(4)",
    )
    def reject(self) -> None:
        """第八条（三）（四）: not recognised this year."""

    @moves(
        label=_("发文立项，进入建设期"),
        sources=(State.RECOGNISED,),
        target=State.CONSTRUCTING,
        by=(Role.DEPT_OFFICER,),
        needs=(
            Need("document number and publication date", _document),
            Need("period = that date + policy years", _period_from_publication),
        ),
        articles="8(4) 12",
        join="; ",
    )
    def start_construction(self) -> None:
        """第八条（四）, 第十二条: the period counts from the publication of the document."""
        self.construction_started_on = self.shown.document_published_on
        self.construction_ends_on = self.shown.period_ends_on
        self.assessment_due_on = self.shown.period_ends_on

    @moves(
        label=_("启动考核"),
        sources=(State.CONSTRUCTING, State.DEMONSTRATION),
        target=State.ASSESSING,
        by=(DAILY_JOB,),
        needs=(Need("due by date", _due),),
        articles="15",
    )
    def open_assessment(self) -> None:
        """第十五条: the period is over, the assessment opens."""

    @moves(
        label=_("评定为优秀"),
        sources=(State.ASSESSING,),
        target=State.DEMONSTRATION,
        by=(Role.DEPT_LEADER,),
        needs=(Need("grade decided", _graded(Grade.EXCELLENT)), Need("title and grant recorded", _title_and_grant)),
        articles="16 17",
        join="; ",
        four_eyes=True,
    )
    def grade_excellent(self) -> None:
        """第十七条: commended, with title and grant."""
        if not self.title_number:
            self.title_number = self.shown.title_number
            self.title_granted_on = self.shown.on
        self._graded(Grade.EXCELLENT, failures=0)

    @moves(
        label=_("评定为合格"),
        sources=(State.ASSESSING,),
        target=GET_STATE(
            lambda base: State.DEMONSTRATION if base.title_number else State.CONSTRUCTING,
            states=[State.CONSTRUCTING, State.DEMONSTRATION],
        ),
        target_words="constructing, or demonstration where the title is held",
        by=(Role.DEPT_LEADER,),
        needs=(Need("grade decided", _graded(Grade.QUALIFIED)),),
        articles="16 17",
        four_eyes=True,
    )
    def grade_qualified(self) -> None:
        """第十六条, 第十七条: goes on; a title that is held stays."""
        self._graded(Grade.QUALIFIED, failures=0)

    @moves(
        label=_("评定为不合格"),
        sources=(State.ASSESSING,),
        target=State.RECTIFYING,
        by=(Role.DEPT_LEADER,),
        needs=(
            Need("first failure", _first_failure),
            _TITLE_LOST,
            Need("circulated", lambda base, e: _graded(Grade.FAILED)(base, e) or _circulated(base, e)),
        ),
        articles="17 19",
        join="; ",
        four_eyes=True,
    )
    def grade_failed(self) -> None:
        """第十九条: circulated, the title lost, time to rectify."""
        self._lose_title()
        self.rectification_ends_on = self.shown.period_ends_on
        self.assessment_due_on = None
        self.last_grade, self.consecutive_failures = Grade.FAILED, 1

    @moves(
        label=_("启动复评"),
        sources=(State.RECTIFYING,),
        target=State.REASSESSING,
        by=(DAILY_JOB,),
        needs=(Need("rectification period over", _rectification_over),),
        articles="19",
    )
    def open_reassessment(self) -> None:
        """第十九条: the rectification period is over."""

    @moves(
        label=_("复评合格"),
        sources=(State.REASSESSING,),
        target=State.CONSTRUCTING,
        by=(Role.DEPT_LEADER,),
        needs=(Need("grade decided", _graded(Grade.QUALIFIED, Grade.EXCELLENT)),),
        articles="19",
        four_eyes=True,
    )
    def pass_reassessment(self) -> None:
        """第十九条: passed; the failure still counts as the first of two in a row unless the policy reads otherwise."""
        self.rectification_ends_on = None
        self._graded(Grade.QUALIFIED, failures=0 if self.shown.break_row else self.consecutive_failures)

    @moves(
        label=_("撤销基地"),
        sources=(
            State.ASSESSING,
            State.REASSESSING,
            State.CONSTRUCTING,
            State.DEMONSTRATION,
            State.RECTIFYING,
            State.RECOGNISED,
        ),
        target=State.REVOKED,
        by=(Role.DEPT_LEADER,),
        needs=(
            Need("a ground: reassessment failed · two assessments failed in a row · absent · incident", _ground),
            _TITLE_LOST,
        ),
        articles="17 19 20",
        join="; ",
        four_eyes=True,
    )
    def revoke(self) -> None:
        """第十九条, 第二十条: revoked on one of the grounds; the title goes with it."""
        self._lose_title()
        self._end_of_life()

    @moves(
        label=_("自主撤销备案"),
        sources=(State.CONSTRUCTING, State.DEMONSTRATION),
        target=State.WITHDRAWN,
        by=(Role.DEPT_OFFICER,),
        by_words="department officer files",
        needs=(
            Need("three years over", _three_years_over),
            Need("last grade a pass", _last_grade_passed),
            Need("joint written request", _joint_request),
        ),
        articles="21",
    )
    def withdraw(self) -> None:
        """第二十一条: both sides asked in writing, the department files it."""
        self._lose_title()
        self._end_of_life()

    @moves(
        label=_("再次申报"),
        sources=(State.NOT_RECOMMENDED, State.NOT_RECOGNISED),
        target=State.DRAFTING,
        by=(Role.APPLICANT,),
        needs=(Need("a new round is open", _round_open),),
        articles="5",
    )
    def redeclare(self) -> None:
        """第五条: the base stays, its application is new."""

    def _graded(self, grade: str, *, failures: int) -> None:
        self.last_grade, self.consecutive_failures = grade, failures
        self.assessment_due_on = self.shown.period_ends_on

    def _lose_title(self) -> None:
        self.title_number, self.title_granted_on = "", None

    def _end_of_life(self) -> None:
        self.assessment_due_on = self.rectification_ends_on = None


def _rules() -> Iterator[tuple[str, Rule, list[Need]]]:
    for name, attribute in vars(Lifecycle).items():
        fsm = getattr(attribute, "_django_fsm", None)
        if fsm is not None:
            custom = next(iter(fsm.transitions.values())).custom
            yield name, custom["rule"], custom["conditions"]


RULES: dict[str, Rule] = {name: rule for name, rule, _conditions in _rules()}
CONDITIONS: dict[str, list[Need]] = {name: conditions for name, _rule, conditions in _rules()}
