import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.utils import timezone

from applications.services import recognising
from bases.lifecycle import CONDITIONS, LIVING, RULES, STAGE_OF, Grade, Ground, NoticeFacts, PanelFacts, Places, State
from bases.lifecycle import Window as Dates
from bases.models import Base, LifecycleEvent, Policy
from bases.services.documents import register_document
from bases.services.history import first_flaw, seal
from bases.services.lifecycle import advance, refusals
from bases.services.people import new_policy_version
from evaluations.services import daily, revoking
from portal import regulation
from portal.acting import ANYBODY, THE_DAILY_JOB, Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role, role_label
from tests.bases import table
from tests.bases.walking import START, Walk, in_state, new_base, record
from tests.factories import World, person

DAY = timedelta(days=1)
FOUR_EYES = {
    *("publish_recognition_notice", "grade_excellent", "grade_qualified", "grade_failed"),
    *("pass_reassessment", "revoke"),
}
CLOSED = {"revoked", "withdrawn"}


def printed(form: str) -> str:
    out = StringIO()
    call_command("lifecycle", format=form, stdout=out)
    return out.getvalue()


def refusal(base: Base, name: str, by: Acting, evidence: Any) -> Refused:
    """What the person is told; whatever it is, it must have changed nothing."""
    before = record(base)
    with pytest.raises(Refused) as refused:
        advance(base, name, by=by, evidence=evidence)
    assert record(base) == before
    return refused.value


def ready(world: World, name: str, source: str = "") -> Walk:
    """A base on which the move is possible."""
    source = source or table.SOURCES[name][0]
    if (name, source) == ("withdraw", "constructing"):
        return in_state(world, State.ASSESSING).go("grade_qualified")
    return in_state(world, source)


# The table


def test_the_code_prints_every_cell_of_the_table():
    head = list(table.ROWS[0])
    rows = [head, ["---"] * len(head), *(list(row.values()) for row in table.ROWS)]
    assert printed("markdown").splitlines() == [f"| {' | '.join(row)} |" for row in rows]


def test_the_table_as_json_has_every_cell_and_the_machine_names():
    life = json.loads(printed("json"))
    assert [move["row"] for move in life["transitions"]] == table.ROWS
    assert {move["transition"]: move["from"] for move in life["transitions"]} == table.SOURCES
    assert {move["transition"]: sorted(move["to"]) for move in life["transitions"]} == {
        name: sorted(targets) for name, targets in table.TARGETS.items()
    }
    assert {move["transition"]: set(move["by"]) for move in life["transitions"]} == {
        name: {role for source in sources for role in table.roles(name, source)}
        for name, sources in table.SOURCES.items()
    }
    assert {move["transition"]: ", ".join(move["basis"]) for move in life["transitions"]} == {
        name: row["basis"] for name, row in table.ROW.items()
    }
    assert {move["transition"] for move in life["transitions"] if move["four_eyes"]} == FOUR_EYES
    assert [(state["state"], state["label"], state["stage"]) for state in life["states"]] == [
        (state.value, state.label, STAGE_OF[state].label) for state in State
    ]


def test_the_drawing_has_every_state_and_every_edge_of_the_table():
    first, *lines = [line.strip() for line in printed("mermaid").splitlines()]
    states = {f"{state.value} : {state.label}" for state in State}
    edges = {
        f"{source} --> {target} : {RULES[name].label}"
        for name in table.ROW
        for source in table.SOURCES[name]
        for target in table.TARGETS[name]
    }
    assert first == "stateDiagram-v2"
    assert sorted(lines) == sorted({*states, *edges, "[*] --> drafting"})


def test_every_state_stands_in_the_table_and_can_be_reached_from_a_draft():
    reached, new = set(), {"drafting"}
    while new:
        reached |= new
        new = {target for source, target in table.EDGES if source in reached} - reached
    assert reached == set(State.values) == table.STATES == set(STAGE_OF)


@pytest.mark.article("19")
@pytest.mark.article("21")
def test_only_a_revoked_or_withdrawn_base_has_come_to_its_end():
    assert set(State.values) - {source for source, _target in table.EDGES} == CLOSED


@pytest.mark.parametrize("name", table.ROW)
def test_every_transition_names_articles_of_the_regulation(name: str):
    assert [regulation.article(key).key for key in RULES[name].articles.split()] == table.ROW[name]["basis"].split(", ")


@pytest.mark.parametrize("state", State.values)
def test_every_state_is_reached_by_the_real_services(world: World, today: date, state: str):
    base = world.in_state(state, today)
    assert base.state == state
    assert first_flaw() is None


# The one move and what it writes


@pytest.mark.parametrize(("name", "source"), table.MOVES)
def test_a_move_changes_the_state_as_the_table_says_and_writes_one_event(world: World, name: str, source: str):
    walk = ready(world, name, source)
    before, events = record(walk.base)
    by, evidence = walk.doer(name), walk.evidence(name)
    document = register_document(
        kind="recognition", title="通知", document_date=START, published_on=START, bases=[walk.base], by=world.officer
    )
    began = timezone.now()
    moved = advance(walk.base, name, by=by, evidence=evidence, document=document)
    after, written = record(walk.base)
    assert moved.state == after["state"] == table.TARGETS[name][0]
    assert written[:-1] == events
    event = LifecycleEvent.objects.get(pk=written[-1]["id"])
    assert began <= event.at <= timezone.now()
    assert {key: value for key, value in written[-1].items() if key not in {"id", "at", "transaction", "hash"}} == {
        "base_id": walk.base.pk,
        "sequence": before["events_count"] + 1,
        "transition": name,
        "source": source,
        "target": after["state"],
        "actor_id": by.user_id,
        "actor_name": by.name,
        "role": by.role,
        "organisation": by.organisation_name,
        "on": evidence.on,
        "articles": table.ROW[name]["basis"].replace(",", ""),
        "reason": evidence.reason,
        "document_id": document.pk,
        "evidence": evidence.shown(),
        "previous_hash": events[-1]["hash"] if events else "",
    }
    assert event.hash == seal(event)
    assert after["events_count"] == before["events_count"] + 1


def test_the_event_keeps_the_facts_that_were_shown(world: World):
    walk = in_state(world, State.UNIT_NOTICE).go("recommend")
    assert walk.base.events.last().evidence == {
        "notice": {
            "published_on": "2023-02-19",
            "ends_on": "2023-02-28",
            "open_objections": 0,
            "upheld_objections": 0,
        }
    }
    assert walk.to("open_review", "shortlist").base.events.last().evidence == {
        "panel": {"required": 3, "assigned": 3, "conflicts": 0, "submitted": 3, "aggregate": "88.00", "gaps": 0}
    }


# Needs: each one, when it does not hold


@dataclass(frozen=True)
class Lack:
    """A need that is made not to hold while all others do, and the sentence of the refusal."""

    name: str
    need: str
    sentence: str
    changes: dict[str, Any] = field(default_factory=dict)
    come: Callable[[Walk], Walk] | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


WINDOW, PANEL = Dates(START - 10 * DAY, START + 10 * DAY), PanelFacts(3, 3, 0, 3, Decimal(88))
NOTICE = NoticeFacts(START - 10 * DAY, START - DAY)
A_GROUND = "a ground: reassessment failed · two assessments failed in a row · absent · incident"
LOST = "title, if any, lost"
DUE = START + relativedelta(years=3)
NO_NOTICE = "没有有效的公示：公示尚未发布，或者已撤回，须重新公示。"


def without_period(name: str) -> Callable[[Walk], Walk]:
    return lambda walk: walk.go(name, period_ends_on=None)


def second_failure(walk: Walk) -> Walk:
    return walk.to("grade_failed", "open_reassessment", "pass_reassessment", "open_assessment")


def with_title(walk: Walk) -> Walk:
    return walk.to("grade_excellent", "open_assessment")


def round_lacks(name: str, need: str) -> list[Lack]:
    return [
        Lack(
            name,
            need,
            "新的申报批次尚未开放；同一个批次不能再次申报。" if name == "redeclare" else "本年度申报批次尚未开放。",
            {"window": None},
        ),
        Lack(
            name, need, "申报自 2023-03-02 开始，今天是 2023-03-01，尚未开放。", {"window": Dates(START + DAY, START + DAY)}
        ),
        Lack(
            name, need, "申报已于 2023-02-28 截止，今天是 2023-03-01，不再受理。", {"window": Dates(START - DAY, START - DAY)}
        ),
    ]  # fmt: skip


def objection_lacks(name: str) -> list[Lack]:
    need, upheld = "no open or upheld objection", "针对本基地的异议已查证成立，不能继续，请作不予推荐（认定）处理。"
    return [
        Lack(name, need, "本基地有 2 件异议尚未办结，办结前不能继续。", {"notice": replace(NOTICE, open_objections=2)}),
        Lack(name, need, upheld, {"notice": replace(NOTICE, upheld_objections=1)}),
        Lack(
            name,
            "notice ended",
            "公示期至 2023-03-01 24 时，尚未结束。",
            {"notice": NoticeFacts(START - 10 * DAY, START)},
        ),
    ]


def published_lacks(name: str) -> list[Lack]:
    return [
        Lack(name, "notice published", "公示尚未发布。", {"notice": None}),
        Lack(name, "notice published", "公示尚未发布。", {"notice": NoticeFacts(START + DAY, START + 8 * DAY)}),
    ]


def grade_lacks(name: str, need: str, other: Grade) -> list[Lack]:
    wrong = f"考核等级为“{other.label}”，与本步骤不符。"
    return [
        Lack(name, need, "考核等级尚未决定。", {"grade": ""}),
        Lack(name, need, wrong, {"grade": other}),
    ]


def four_eyes_lacks(name: str) -> list[Lack]:
    nobody = "没有经办人的拟办记录，不能直接决定。"
    return [Lack(name, "four eyes", nobody, {"prepared_by": None})]


LACKS = [
    *round_lacks("declare", "round open"),
    Lack("declare", "form complete", "没有可提交的申请书。", {"missing": None}),
    Lack("declare", "form complete", "申请书还缺：合作单位、申报理由。", {"missing": ("合作单位", "申报理由")}),
    Lack("declare", "attachments", "没有可提交的附件。", {"missing_attachments": None}),
    Lack("declare", "attachments", "还缺附件：联合培养协议。", {"missing_attachments": ("联合培养协议",)}),
    Lack("declare", "no failed hard check", "尚未核验申报条件。", {"failed_checks": None}),
    Lack("declare", "no failed hard check", "不符合申报条件：\n合作不满 2 年", {"failed_checks": ("合作不满 2 年",)}),
    Lack("return_for_revision", "reason", "请写明理由。", {"reason": " "}),
    Lack(
        "return_for_revision",
        "before the round's deadline for that step",
        "本批次该环节已于 2023-02-28 截止，退回后无法再提交，因此不能退回修改。",
        {"window": Dates(START - 10 * DAY, START - DAY)},
    ),
    Lack(
        "return_for_revision",
        "before the round's deadline for that step",
        "本批次该环节已于 （无批次） 截止，退回后无法再提交，因此不能退回修改。",
        {"window": None},
    ),
    Lack("decline", "reason (an upheld objection is one)", "请写明理由。", {"reason": ""}),
    Lack(
        "publish_unit_notice", "six-aspect review done", "六项审核尚未完成，请先填写审核意见。", {"review_done": False}
    ),
    Lack("publish_unit_notice", "within quota", "本单位本年度申报名额尚未下达。", {"places": None}),
    Lack(
        "publish_unit_notice",
        "within quota",
        "申报名额为 3 个，本次推荐后将达到 4 个，超出名额。",
        {"places": Places(used=4, limit=3)},
    ),
    *published_lacks("publish_unit_notice"),
    *objection_lacks("recommend"),
    Lack(
        "open_review",
        "enough experts assigned",
        "已分配 2 名专家，至少需要 3 名。",
        {"panel": replace(PANEL, assigned=2)},
    ),
    Lack("open_review", "enough experts assigned", "尚未分配评审专家。", {"panel": None}),
    Lack("open_review", "none in conflict", "有 1 名专家应当回避，请更换。", {"panel": replace(PANEL, conflicts=1)}),
    Lack(
        "shortlist",
        "all sheets in",
        "3 名专家中还有 1 名没有提交评分表。",
        {"panel": replace(PANEL, submitted=2)},
    ),
    Lack(
        "shortlist",
        "all sheets in",
        "评审组人数不足，请先补齐专家。",
        {"panel": replace(PANEL, assigned=2, submitted=2)},
    ),
    Lack("shortlist", "aggregate fixed", "综合得分尚未确定。", {"panel": replace(PANEL, aggregate=None)}),
    Lack("publish_recognition_notice", "deliberation minutes", "审议纪要尚未登记。", {"minutes": False}),
    *published_lacks("publish_recognition_notice"),
    *four_eyes_lacks("publish_recognition_notice"),
    *objection_lacks("recognise"),
    Lack("reject", "reason", "请写明理由。", {"reason": "\n"}),
    Lack(
        "start_construction",
        "document number and publication date",
        "认定文件的文号和公布日期尚未登记。",
        {"document_number": ""},
    ),
    Lack(
        "start_construction",
        "document number and publication date",
        "文件公布日期 2023-03-02 还没有到，建设期自公布之日起算。",
        {"document_published_on": START + DAY},
    ),
    Lack(
        "start_construction",
        "period = that date + policy years",
        "建设期尚未按公布日期算出。",
        {"period_ends_on": None},
    ),
    Lack(
        "start_construction",
        "period = that date + policy years",
        "建设期截止日应晚于公布日期。",
        {"period_ends_on": START},
    ),
    Lack("open_assessment", "due by date", "考核应于 2026-03-01 启动，尚未到期。", {"on": DUE - DAY}),
    Lack(
        "open_assessment",
        "due by date",
        "尚未确定考核时间。",
        come=lambda walk: without_period("grade_qualified")(walk.to("open_assessment")),
    ),
    *grade_lacks("grade_excellent", "grade decided", Grade.QUALIFIED),
    Lack(
        "grade_excellent",
        "title and grant recorded",
        "示范基地称号编号尚未登记。",
        {"title_number": ""},
    ),
    Lack("grade_excellent", "title and grant recorded", "支持经费尚未登记。", {"grant": None}),
    *four_eyes_lacks("grade_excellent"),
    *grade_lacks("grade_qualified", "grade decided", Grade.FAILED),
    *four_eyes_lacks("grade_qualified"),
    Lack(
        "grade_failed",
        "first failure",
        "上一次考核也不合格，连续两次不合格应转入撤销程序。",
        come=second_failure,
    ),
    Lack("grade_failed", LOST, "示范基地称号尚未办理撤销。", {"title_lost": False}, with_title),
    *grade_lacks("grade_failed", "circulated", Grade.QUALIFIED),
    Lack("grade_failed", "circulated", "通报尚未印发。", {"circulated": False}),
    *four_eyes_lacks("grade_failed"),
    Lack(
        "open_reassessment",
        "rectification period over",
        "整改期 2028-03-01 届满，尚未到期。",
        {"on": date(2028, 2, 29)},
    ),
    Lack(
        "open_reassessment",
        "rectification period over",
        "没有整改期限记录。",
        come=lambda walk: without_period("grade_failed")(in_state(walk.world, State.ASSESSING)),
    ),
    *grade_lacks("pass_reassessment", "grade decided", Grade.FAILED),
    *four_eyes_lacks("pass_reassessment"),
    Lack("revoke", A_GROUND, "没有撤销事由。", {"ground": ""}),
    Lack(
        "revoke",
        A_GROUND,
        "事由“整改期满复评不合格”不适用于当前状态。",
        {"ground": Ground.REASSESSMENT_FAILED},
    ),
    Lack(
        "revoke",
        A_GROUND,
        "事由“合作单位发生重大事项，无法继续联合培养”没有查实的记录。",
        {"ground_shown": False},
    ),
    Lack(
        "revoke",
        A_GROUND,
        "上一次考核并非不合格，不构成连续两次不合格。",
        {"ground": Ground.TWO_FAILURES},
    ),
    Lack("revoke", LOST, "示范基地称号尚未办理撤销。", {"title_lost": False}, with_title),
    *four_eyes_lacks("revoke"),
    Lack("withdraw", "three years over", "建设期 2026-03-01 届满，期满后方可申请自主撤销。", {"on": DUE - DAY}),
    Lack(
        "withdraw",
        "last grade a pass",
        "期满考核合格后方可申请自主撤销，当前没有合格的考核结果。",
        come=lambda walk: in_state(walk.world, State.CONSTRUCTING),
    ),
    Lack("withdraw", "joint written request", "没有双方签章的书面申请。", {"joint_request": False}),
    *round_lacks("redeclare", "a new round is open"),
]


@pytest.mark.parametrize("lack", LACKS, ids=str)
def test_a_need_that_does_not_hold_is_the_one_reason_of_the_refusal(world: World, lack: Lack):
    walk = ready(world, lack.name)
    walk = lack.come(walk) if lack.come else walk
    by, evidence = walk.doer(lack.name), walk.evidence(lack.name, **lack.changes)
    refused = refusal(walk.base, lack.name, by, evidence)
    assert type(refused) is Refused
    assert refused.reasons == refusals(walk.base, lack.name, by=by, evidence=evidence) == (lack.sentence,)


def test_every_need_of_the_machine_was_left_out_once():
    assert {(lack.name, lack.need) for lack in LACKS} == {
        (name, need.text) for name, needs in CONDITIONS.items() for need in needs
    }
    assert {name: [need.text for need in needs if need.text != "four eyes"] for name, needs in CONDITIONS.items()} == {
        name: [need.text for need in rule.needs] for name, rule in RULES.items()
    }


def test_a_refusal_names_everything_that_is_missing_at_once(world: World):
    walk = in_state(world, State.DRAFTING)
    evidence = walk.evidence(
        "declare", missing=("合作单位",), missing_attachments=("联合培养协议",), failed_checks=None
    )
    assert refusal(walk.base, "declare", world.applicant, evidence).reasons == (
        "申请书还缺：合作单位。",
        "还缺附件：联合培养协议。",
        "尚未核验申报条件。",
    )


def test_evidence_that_is_not_brought_counts_as_a_need_that_does_not_hold(world: World):
    for name in table.ROW.keys() - {"open_assessment", "open_reassessment"}:
        walk = ready(world, name)
        bare = replace(walk.evidence("open_assessment"), on=walk.evidence(name).on)
        assert refusal(walk.base, name, walk.doer(name), bare).reasons != ()


@pytest.mark.parametrize("name", sorted(FOUR_EYES))
def test_who_prepared_a_decision_does_not_make_it(world: World, name: str):
    walk = ready(world, name)
    own = walk.evidence(name, prepared_by=world.leader.user_id)
    assert refusal(walk.base, name, world.leader, own).reasons == ("拟办与决定不能是同一人，请由其他审批人办理。",)
    other = person(Role.DEPT_LEADER, department=world.department)
    assert advance(walk.base, name, by=other, evidence=own).state in table.TARGETS[name]


@pytest.mark.article("19")
def test_a_revocation_that_the_daily_job_prepared_is_decided_by_a_person(world: World):
    walk = in_state(world, State.ASSESSING)
    evidence = walk.evidence("revoke", ground=Ground.ABSENT, prepared_by=None, prepared_by_system=True)
    assert refusal(walk.base, "revoke", THE_DAILY_JOB, evidence).reasons == (
        "“撤销基地”由教育厅审批办理，您当前的角色是系统每日任务。",
    )
    assert walk.go("revoke", ground=Ground.ABSENT, prepared_by=None, prepared_by_system=True).state == "revoked"


# Who may


@pytest.mark.parametrize(("name", "source"), table.MOVES)
def test_another_role_is_refused_with_the_role_that_may(world: World, name: str, source: str):
    walk = in_state(world, source)
    allowed = table.roles(name, source)
    people = [*world.everybody().values(), ANYBODY, THE_DAILY_JOB]
    others = [by for by in people if by.role not in allowed]
    assert {by.role for by in people} - {by.role for by in others} == allowed
    told = {by.role: refusal(walk.base, name, by, walk.evidence(name)) for by in others}
    may = "、".join(role_label(role) for role in (*Role.values, "daily_job") if role in allowed)
    assert {role: (type(refused), refused.reasons) for role, refused in told.items()} == {
        by.role: (NotYours, (f"“{RULES[name].label}”由{may}办理，您当前的角色是{role_label(by.role)}。",))
        for by in others
    }


@pytest.mark.parametrize(
    ("name", "source"), [move for move in table.MOVES if table.roles(*move) & {Role.APPLICANT, Role.UNIT_OFFICER}]
)
def test_another_units_person_is_refused(world: World, name: str, source: str):
    walk = in_state(world, source)
    strangers = {Role.APPLICANT: world.other_applicant, Role.UNIT_OFFICER: world.other_unit_officer}
    (role,) = table.roles(name, source)
    refused = refusal(walk.base, name, strangers[Role(role)], walk.evidence(name))
    assert (type(refused), refused.reasons) == (NotYours, ("这个基地不属于您当前所在的单位，不能办理。",))


@pytest.mark.parametrize(
    ("name", "source"), [move for move in table.MOVES if table.roles(*move) == {str(Role.APPLICANT)}]
)
def test_another_applicant_of_the_same_unit_is_refused(world: World, name: str, source: str):
    walk = in_state(world, source)
    colleague = person(Role.APPLICANT, training_unit=world.unit)
    refused = refusal(walk.base, name, colleague, walk.evidence(name))
    assert (type(refused), refused.reasons) == (NotYours, ("这个基地不属于您当前所在的单位，不能办理。",))


def test_no_partner_moves_a_base():
    assert [move for move in table.MOVES if Role.PARTNER_OFFICER in table.roles(*move)] == []


# Too late


@pytest.mark.parametrize("state", State.values)
def test_a_move_from_another_state_is_overtaken_with_who_did_what_when(world: World, state: str):
    walk = in_state(world, state)
    last = walk.base.events.last()
    done = "" if last is None else f"{last.actor_name}（{role_label(last.role)}） 已于 %s 办理“{last.label}”，"
    if last is not None:
        done %= timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M")
    again = "" if last is None else "请刷新后再看。"
    label = State(state).label
    wrong = [name for name in table.ROW if state not in table.SOURCES[name]]
    told = {}
    for name in wrong:
        evidence = walk.evidence("decline", reason="理由")
        told[name] = refusal(walk.base, name, walk_doer(world, name), evidence)
    assert {name: (type(refused), refused.reasons) for name, refused in told.items()} == {
        name: (Overtaken, (f"“{RULES[name].label}”没有办理：{done}基地当前状态为“{label}”。{again}",)) for name in wrong
    }


def walk_doer(world: World, name: str) -> Acting:
    people = (world.applicant, world.unit_officer, world.officer, world.leader, THE_DAILY_JOB)
    return next(by for by in people if by.role in table.roles(name, table.SOURCES[name][0]))


def test_who_saw_the_base_before_somebody_else_moved_it_is_overtaken_also_where_the_move_is_still_open(world: World):
    walk = in_state(world, State.DECLARED)
    seen = Base.objects.get(pk=walk.base.pk)
    walk.go("publish_unit_notice")
    refused = refusal(seen, "decline", world.unit_officer, walk.evidence("decline"))
    moment = timezone.localtime(walk.base.events.last().at).strftime("%Y-%m-%d %H:%M")
    assert type(refused) is Overtaken
    assert refused.reasons == (
        f"“不予推荐”没有办理：研院老师（研究生院） 已于 {moment} 办理“发布推荐公示”，基地当前状态为“推荐公示”。请刷新后再看。",
    )


def test_a_base_that_came_back_to_the_same_state_is_not_the_one_that_was_seen(world: World):
    walk = in_state(world, State.DECLARED)
    seen = Base.objects.get(pk=walk.base.pk)
    walk.to("return_for_revision", "declare")
    assert type(refusal(seen, "decline", world.unit_officer, walk.evidence("decline"))) is Overtaken


def test_looking_at_what_is_missing_changes_nothing(world: World):
    walk = in_state(world, State.DECLARED)
    before = record(walk.base)
    looked = refusals(walk.base, "recommend", by=world.unit_officer, evidence=walk.evidence("decline"))
    assert looked == ("当前状态为“已申报（待单位审核）”，不能办理“推荐至教育厅”。",)
    assert refusals(walk.base, "decline", by=world.unit_officer, evidence=walk.evidence("decline")) == ()
    assert (record(walk.base), walk.base.evidence) == (before, None)


# Dates


def constructing(world: World, published: date) -> Base:
    """In construction by the real services; recognised well before, so that no Spring Festival stands in a notice."""
    base = world.recognised(published - 35 * DAY)
    recognising.publish_recognition_document(
        bases=[base], title="通知", document_date=published, published_on=published, by=world.officer, on=published
    )
    return Base.objects.get(pk=base.pk)


@pytest.mark.article("8(4)")
@pytest.mark.article("12")
@pytest.mark.parametrize(
    ("published", "ends"),
    [
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2023, 12, 31), date(2026, 12, 31)),
        (date(2024, 3, 1), date(2027, 3, 1)),
    ],
    ids=str,
)
def test_the_period_is_three_calendar_years_from_publication(world: World, published: date, ends: date):
    base = constructing(world, published)
    assert (base.construction_started_on, base.construction_ends_on, base.assessment_due_on) == (published, ends, ends)


@pytest.mark.article("12")
@pytest.mark.article("15")
def test_the_assessment_opens_on_the_day_on_which_the_period_ends_and_not_before(world: World):
    base = constructing(world, date(2024, 2, 29))
    daily.run(on=date(2027, 2, 27))
    assert Base.objects.get(pk=base.pk).state == "constructing"
    daily.run(on=date(2027, 2, 28))
    event = LifecycleEvent.objects.filter(base=base).latest("sequence")
    assert (event.target, event.on, event.role) == ("assessing", date(2027, 2, 28), "daily_job")


@pytest.mark.article("19")
def test_two_years_to_rectify_from_29_february_end_on_28_february(world: World):
    base = constructing(world, date(2021, 2, 28))
    daily.run(on=date(2024, 2, 28))
    base = world.graded(Base.objects.get(pk=base.pk), Grade.FAILED, date(2024, 2, 29))
    assert base.rectification_ends_on == date(2026, 2, 28)
    daily.run(on=date(2026, 2, 27))
    assert Base.objects.get(pk=base.pk).state == "rectifying"
    daily.run(on=date(2026, 2, 28))
    assert Base.objects.get(pk=base.pk).state == "reassessing"


# Grades and the title


@pytest.mark.article("17")
def test_excellent_gives_the_title_and_the_next_assessment(world: World):
    base = in_state(world, State.ASSESSING).go("grade_excellent").base
    assert (base.state, base.title_number, base.title_granted_on) == ("demonstration", "SF-1", date(2026, 3, 1))
    assert (base.last_grade, base.consecutive_failures, base.assessment_due_on) == ("excellent", 0, date(2029, 3, 1))


@pytest.mark.article("17")
def test_excellent_again_keeps_the_number_and_the_day_of_the_title(world: World):
    walk = with_title(in_state(world, State.ASSESSING)).go("grade_excellent", title_number="SF-2")
    assert (walk.state, walk.base.title_number, walk.base.title_granted_on) == (
        "demonstration",
        "SF-1",
        date(2026, 3, 1),
    )


@pytest.mark.article("16")
def test_qualified_goes_on_in_construction(world: World):
    base = in_state(world, State.ASSESSING).go("grade_qualified").base
    assert (base.state, base.title_number, base.last_grade) == ("constructing", "", "qualified")
    assert base.assessment_due_on == date(2029, 3, 1)


@pytest.mark.article("17")
def test_qualified_keeps_a_title_that_is_held(world: World):
    base = with_title(in_state(world, State.ASSESSING)).go("grade_qualified").base
    assert (base.state, base.title_number, base.title_granted_on) == ("demonstration", "SF-1", date(2026, 3, 1))
    assert (base.last_grade, base.events.last().target) == ("qualified", "demonstration")


@pytest.mark.article("17")
@pytest.mark.article("19")
def test_failed_takes_the_title_and_gives_time_to_rectify(world: World):
    base = with_title(in_state(world, State.ASSESSING)).go("grade_failed").base
    assert (base.state, base.title_number, base.title_granted_on) == ("rectifying", "", None)
    assert (base.last_grade, base.consecutive_failures) == ("failed", 1)
    assert (base.rectification_ends_on, base.assessment_due_on) == (date(2031, 3, 1), None)


@pytest.mark.article("17")
@pytest.mark.article("20")
@pytest.mark.parametrize("name", ["revoke", "withdraw"])
def test_the_title_ends_with_the_life_of_the_base(world: World, name: str):
    base = in_state(world, State.DEMONSTRATION).go(name).base
    assert (base.state in CLOSED, base.title_number, base.title_granted_on, base.assessment_due_on) == (
        True,
        "",
        None,
        None,
    )


@pytest.mark.article("20")
def test_an_incident_can_end_a_base_in_every_state_after_recognition(world: World):
    assert set(table.SOURCES["revoke"]) == {State.RECOGNISED, *LIVING}
    ended = {
        state: in_state(world, state).go("revoke", ground=Ground.INCIDENT).state for state in table.SOURCES["revoke"]
    }
    assert set(ended.values()) == {"revoked"}


@pytest.mark.article("19")
@pytest.mark.parametrize(
    ("ground", "states"),
    [
        (Ground.REASSESSMENT_FAILED, {"reassessing"}),
        (Ground.ABSENT, {"assessing", "reassessing"}),
        (Ground.TWO_FAILURES, set()),
    ],
)
def test_the_other_grounds_hold_only_where_they_can_arise(world: World, ground: Ground, states: set[str]):
    open_in = set()
    for state in table.SOURCES["revoke"]:
        walk = in_state(world, state)
        if not refusals(walk.base, "revoke", by=world.leader, evidence=walk.evidence("revoke", ground=ground)):
            open_in.add(state)
    assert open_in == states


@pytest.mark.article("19")
def test_a_second_failure_in_a_row_is_a_ground_although_the_reassessment_was_passed(world: World):
    walk = second_failure(in_state(world, State.ASSESSING))
    assert (walk.state, walk.base.consecutive_failures, walk.base.last_grade) == ("assessing", 1, "qualified")
    assert walk.go("revoke", ground=Ground.TWO_FAILURES).state == "revoked"


@pytest.mark.article("19")
@pytest.mark.parametrize("name", ["grade_qualified", "grade_excellent"])
def test_a_passed_assessment_breaks_the_row(world: World, name: str):
    walk = second_failure(in_state(world, State.ASSESSING)).to(name, "open_assessment")
    assert walk.base.consecutive_failures == 0
    evidence = walk.evidence("revoke", ground=Ground.TWO_FAILURES)
    assert refusal(walk.base, "revoke", world.leader, evidence).reasons == (
        "上一次考核并非不合格，不构成连续两次不合格。",
    )
    assert walk.go("grade_failed").state == "rectifying"


@pytest.mark.article("19")
def test_the_policy_can_let_a_passed_reassessment_break_the_row(world: World):
    walk = in_state(world, State.REASSESSING).go("pass_reassessment", break_row=True).go("open_assessment")
    assert walk.base.consecutive_failures == 0
    assert walk.go("grade_failed").state == "rectifying"


def failed_passed_and_failed_again(world: World, today: date) -> Base:
    """By the real services: failed, rectified, reassessment passed, and three years later failed."""
    base = world.graded(world.reassessing(today), Grade.QUALIFIED, today)
    later = today + relativedelta(years=3)
    daily.run(on=later)
    return world.graded(Base.objects.get(pk=base.pk), Grade.FAILED, later)


@pytest.mark.article("19")
def test_the_second_failed_assessment_proposes_a_revocation_that_the_leader_decides(world: World, today: date):
    base = failed_passed_and_failed_again(world, today)
    later = today + relativedelta(years=3)
    assert (base.state, revoking.open_proposal(base).ground) == ("assessing", Ground.TWO_FAILURES)
    assert revoking.revoke(base=base, acting=world.leader, on=later, reason="连续两次不合格。").state == "revoked"
    assert first_flaw() is None


@pytest.mark.article("19")
def test_under_the_other_reading_of_the_policy_the_second_failure_is_a_first_one(world: World, today: date):
    values = {f.name: getattr(Policy.in_force(today), f.name) for f in Policy._meta.concrete_fields}
    skip = {"id", "version", "effective_from", "created_by", "created_at", "reassessment_pass_breaks_row"}
    changed = {name: value for name, value in values.items() if name not in skip}
    # Between the first version and everything that happens here, so that all of it begins under the new version.
    begins = date(2021, 6, 1)
    new_policy_version(effective_from=begins, by=None, on=begins - DAY, reassessment_pass_breaks_row=True, **changed)
    base = failed_passed_and_failed_again(world, today)
    assert (base.state, base.consecutive_failures, revoking.open_proposal(base)) == ("rectifying", 1, None)


# Leaving and coming again


@pytest.mark.article("21")
def test_a_base_withdraws_after_its_period_with_a_pass_and_a_joint_request(world: World):
    walk = in_state(world, State.ASSESSING).go("grade_qualified")
    assert walk.evidence("withdraw").on == walk.base.construction_ends_on
    assert walk.go("withdraw").state == "withdrawn"


@pytest.mark.article("21")
def test_after_a_passed_reassessment_a_base_may_withdraw_too(world: World):
    assert in_state(world, State.REASSESSING).to("pass_reassessment", "withdraw").state == "withdrawn"


@pytest.mark.article("5")
@pytest.mark.parametrize("state", ["not_recommended", "not_recognised"])
def test_a_base_that_was_turned_down_declares_again_and_keeps_its_history(world: World, state: str):
    walk = in_state(world, state)
    past = record(walk.base)[1]
    walk.to("redeclare", "declare")
    assert walk.state == "declared"
    assert record(walk.base)[1][:-2] == past


@pytest.mark.article("8(2)")
def test_the_unit_returns_what_was_declared_and_the_department_what_was_recommended(world: World):
    returned = {}
    for state in ("declared", "recommended"):
        event = in_state(world, state).go("return_for_revision").base.events.last()
        returned[state] = (event.role, event.target, event.reason)
    assert returned == {
        "declared": ("unit_officer", "drafting", "请补充材料。"),
        "recommended": ("dept_officer", "drafting", "请补充材料。"),
    }


def test_a_new_base_begins_as_a_draft_without_history(world: World):
    base = new_base(world)
    assert (base.state, base.events_count, base.events.count()) == ("drafting", 0, 0)
