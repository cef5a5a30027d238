"""The conditions of 第七条, as arithmetic: no database, no clock."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

PASS, FAIL, JUDGE = "pass", "fail", "judge"


@dataclass(frozen=True)
class Facts:
    """What an application says that 第七条 asks about; amounts in yuan, ``on`` the day of the check.

    ``students`` are those of the application's category (None while it is not chosen), ``unclear_students`` those of an old category that may mean it.
    ``construction_ends_on`` is when construction would end if it began at the end of the round.
    """

    on: date
    category_authorised: bool | None
    has_partner: bool
    cooperation_started_on: date | None
    unit_investment: Decimal | int
    partner_investment: Decimal | int
    students: int | None
    unclear_students: int = 0
    signed_on: date | None = None
    agreement_expires_on: date | None = None
    has_agreement_scan: bool = False
    other_partners: int = 0
    several_partners_reason: str = ""
    incidents: tuple[str, ...] | None = ()
    kinds_invested: frozenset[str] = frozenset({"funds", "site", "equipment"})
    has_partner_rules: bool = True
    has_licence: bool = True
    construction_ends_on: date | None = None
    changed_after_sealing: bool = False


@dataclass(frozen=True)
class Check:
    """One check: its article, what was found, what is required, whether it holds or needs a person's judgement, and how to mend it."""

    key: str
    label: str
    article: str
    found: str
    required: str
    verdict: str
    mend: str = ""

    @property
    def passed(self) -> bool:
        """Whether it holds without anybody's judgement."""
        return self.verdict == PASS

    @property
    def failed(self) -> bool:
        """Whether it forbids declaring."""
        return self.verdict == FAIL

    def as_json(self) -> dict[str, Any]:
        """For keeping the report as it stood when the base was declared."""
        return asdict(self)


def cooperation_years(started_on: date, on: date) -> int:
    """Whole years of cooperation on a day (29 February counts on 28 February)."""
    return relativedelta(on, started_on).years


def report(facts: Facts, *, min_years: int, min_students: int) -> list[Check]:
    """The checks in the order of the article: the hard ones pass or fail, the others are laid before the reviewers."""
    return [
        *_hard(facts, min_years=min_years, min_students=min_students),
        _one_partner(facts),
        _standing(facts),
        _conditions(facts),
        _kinds_of_investment(facts),
        _agreement_covers(facts),
        _sealed(facts),
    ]


def _hard(facts: Facts, *, min_years: int, min_students: int) -> Iterable[Check]:
    started = facts.cooperation_started_on
    years = cooperation_years(started, facts.on) if started and started <= facts.on else None
    yield Check(
        "category", _("专业学位类别已获授权"), "7(1)",
        found=_yes_no(facts.category_authorised), required=_("属于本单位授权类别"), verdict=_holds(facts.category_authorised),
        mend=_("请选择本单位已获授权的专业学位类别。"),
    )  # fmt: skip
    yield Check(
        "partner", _("依托校外合作单位"), "7(2)",
        found=_("已选定") if facts.has_partner else _("未选定"), required=_("选定一个合作单位"), verdict=_holds(facts.has_partner),
        mend=_("请选定合作单位；名单中没有时先登记。"),
    )  # fmt: skip
    yield Check(
        "cooperation", _("产学研合作年限"), "7(3)",
        found=_("%(n)s 年") % {"n": years} if years is not None else _("未填") if started is None else _("尚未开始"),
        required=_("%(n)s 年及以上") % {"n": min_years}, verdict=_holds(years is not None and years >= min_years),
        mend=_mend_cooperation(started, min_years),
    )  # fmt: skip
    signed = facts.signed_on is not None and facts.signed_on <= facts.on
    yield Check(
        "agreement", _("已签署联合培养协议"), "7(3)",
        found=_agreement_found(facts), required=_("已签署，并上传扫描件"), verdict=_holds(signed and facts.has_agreement_scan),
        mend=_("请在“附件”中上传双方已签署的联合培养协议扫描件。") if signed else _("请在“前期合作”中填写已签署的协议及签署日。"),
    )  # fmt: skip
    yield Check(
        "investment", _("双方实质性投入"), "7(3)",
        found=_("培养单位 %(u)s，合作单位 %(p)s") % {"u": _money(facts.unit_investment), "p": _money(facts.partner_investment)},
        required=_("双方均大于 0"), verdict=_holds(facts.unit_investment > 0 and facts.partner_investment > 0),
        mend=_("请在“前期合作”中逐项填写双方已实际投入的经费、场地、设备（折算为金额）。"),
    )  # fmt: skip
    yield _students(facts, min_students)


def _students(facts: Facts, least: int) -> Check:
    label, required = _("已联合培养本类别研究生"), _("%(n)s 人及以上") % {"n": least}
    if facts.students is None:
        return Check("students", label, "7(3)", _("未选类别，不能统计"), required, FAIL, _("请先选定专业学位类别。"))
    found = _("%(n)s 人") % {"n": facts.students}
    if facts.unclear_students:
        found = _("%(n)s 人，另有 %(m)s 人所填为旧类别名称") % {"n": facts.students, "m": facts.unclear_students}
    if facts.students >= least:
        verdict, mend = PASS, ""
    elif facts.students + facts.unclear_students >= least:
        verdict, mend = JUDGE, _("旧类别是否属于本类别，由研究生院和专家判断；能改填现行类别的请改填。")
    else:
        verdict, mend = FAIL, _("名单中本专业学位类别的研究生达到 %(n)s 人后方可申报。") % {"n": least}
    return Check("students", label, "7(3)", found, required, verdict, mend)


def _one_partner(facts: Facts) -> Check:
    if not facts.other_partners:
        return Check("one_partner", _("原则上依托一个合作单位"), "7(2)", _("一个"), _("一个"), PASS)
    reason = facts.several_partners_reason or _("尚未写明理由")
    return Check(
        "one_partner", _("原则上依托一个合作单位"), "7(2)",
        _("%(n)s 个；理由：%(reason)s") % {"n": facts.other_partners + 1, "reason": reason}, _("一个"), JUDGE,
        _("一个以上的，由研究生院和专家判断理由是否成立。"),
    )  # fmt: skip


def _standing(facts: Facts) -> Check:
    label, required = _("合作单位近三年信誉与安全"), _("无重大安全事故、失信记录和行政处罚")
    if facts.incidents is None:
        return Check("standing", label, "7(2)", _("未填"), required, JUDGE, _("请在“合作单位”中逐项选择。"))
    if not facts.incidents:
        return Check("standing", label, "7(2)", _("无"), required, PASS)
    found = "、".join(facts.incidents)
    return Check("standing", label, "7(2)", found, required, JUDGE, _("由研究生院和专家根据说明判断是否影响联合培养。"))


def _conditions(facts: Facts) -> Check:
    lacking = [
        name
        for name, there in ((_("单位证照"), facts.has_licence), (_("管理与安全制度"), facts.has_partner_rules))
        if not there
    ]
    found = _("尚缺%(names)s") % {"names": "、".join(lacking)} if lacking else _("证明材料已上传")
    return Check(
        "conditions", _("合作单位的规模、专家、场地和安全条件"), "7(2)", found, _("具备相应条件"), JUDGE,
        _("由研究生院和专家对照“合作单位”所填情况和证明材料判断。"),
    )  # fmt: skip


def _kinds_of_investment(facts: Facts) -> Check:
    names = {"funds": _("经费"), "site": _("场地"), "equipment": _("设备")}
    lacking = [name for key, name in names.items() if key not in facts.kinds_invested]
    label, required = _("投入含经费、场地、设备"), _("经费、场地、设备等")
    if not lacking:
        return Check("kinds", label, "7(3)", _("三类都有"), required, PASS)
    return Check(
        "kinds", label, "7(3)", _("没有%(names)s投入") % {"names": "、".join(lacking)}, required, JUDGE,
        _("由研究生院和专家判断投入是否充分；有而未填的请补填。"),
    )  # fmt: skip


def _agreement_covers(facts: Facts) -> Check:
    label, required = _("协议覆盖建设期"), _("有效期覆盖三年建设期，或到期续签")
    until, end = facts.agreement_expires_on, facts.construction_ends_on
    if until is None or end is None:
        return Check("covers", label, "7(3) 10", _("未填有效期"), required, JUDGE, _("请填写协议的有效期。"))
    if until >= end:
        return Check("covers", label, "7(3) 10", _("有效期至 %(day)s") % {"day": until.isoformat()}, required, PASS)
    if until < facts.on:
        found = _("已于 %(day)s 到期，未见续签") % {"day": until.isoformat()}
        mend = _("已续签的请补填并上传；没有续签的由研究生院和专家判断合作是否仍在继续。")
        return Check("covers", label, "7(3) 10", found, required, JUDGE, mend)
    return Check(
        "covers", label, "7(3) 10", _("有效期至 %(day)s") % {"day": until.isoformat()}, required, JUDGE,
        _("认定后按第十条修订协议时一并续签。"),
    )  # fmt: skip


def _sealed(facts: Facts) -> Check:
    label, required = _("盖章件与内容一致"), _("盖章后内容没有改动")
    if not facts.changed_after_sealing:
        return Check("sealed", label, "8(1)", _("没有改动"), required, PASS)
    return Check(
        "sealed",
        label,
        "8(1)",
        _("盖章件上传后内容又有改动"),
        required,
        JUDGE,
        _("请重新打印盖章并替换盖章件；未替换的由研究生院核对。"),
    )


def failures(checks: Iterable[Check]) -> tuple[str, ...]:
    """The failed checks as sentences: what was found, what is required, how to mend it."""
    return tuple(
        _("%(label)s——现为：%(found)s；要求：%(required)s。%(mend)s")
        % {"label": check.label, "found": check.found, "required": check.required, "mend": check.mend}
        for check in checks
        if check.failed
    )


def _holds(value: bool | None) -> str:
    return PASS if value else FAIL


def _mend_cooperation(started: date | None, min_years: int) -> str:
    if started is None:
        return _("请在“前期合作”中填写合作起始日。")
    from_day = (started + relativedelta(years=min_years)).isoformat()
    return _("按所填起始日，自 %(day)s 起满足年限。") % {"day": from_day}


def _agreement_found(facts: Facts) -> str:
    if facts.signed_on is None:
        return _("未填")
    if facts.signed_on > facts.on:
        return _("签署日 %(day)s 还没有到") % {"day": facts.signed_on.isoformat()}
    scan = _("已上传扫描件") if facts.has_agreement_scan else _("未上传扫描件")
    return _("%(day)s 签署，%(scan)s") % {"day": facts.signed_on.isoformat(), "scan": scan}


def _yes_no(value: bool | None) -> str:
    if value is None:
        return _("未选")
    return _("是") if value else _("否")


def _money(value: Decimal | int) -> str:
    return _("%(amount)s 元") % {"amount": f"{value:,.2f}"} if value else _("未填")
