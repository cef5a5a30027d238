"""The hard conditions of 第七条, as arithmetic: no database, no clock."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Facts:
    """What an application says of its early cooperation; amounts in yuan, ``on`` the day of the check."""

    on: date
    category_authorised: bool | None
    has_partner: bool
    cooperation_started_on: date | None
    unit_investment: Decimal | None
    partner_investment: Decimal | None
    students_trained: int | None
    has_agreement: bool


@dataclass(frozen=True)
class Check:
    """One check: its article, what was found, what is required, whether it holds, and how to mend it."""

    key: str
    label: str
    article: str
    found: str
    required: str
    passed: bool
    mend: str

    def as_json(self) -> dict[str, Any]:
        """For keeping the report as it stood when the base was declared."""
        return asdict(self)


def cooperation_years(started_on: date, on: date) -> int:
    """Whole years of cooperation on a day (29 February counts on 28 February)."""
    return relativedelta(on, started_on).years


def report(facts: Facts, *, min_years: int, min_students: int) -> list[Check]:
    """The checks in the order of the article; ``passed`` is False also where the figure is missing."""
    started = facts.cooperation_started_on
    years = cooperation_years(started, facts.on) if started and started <= facts.on else None
    both_invest = bool(facts.unit_investment and facts.partner_investment)
    return [
        Check(
            "category", _("专业学位类别已获授权"), "7(1)",
            found=_yes_no(facts.category_authorised), required=_("属于本单位授权类别"), passed=bool(facts.category_authorised),
            mend=_("请选择本单位已获授权的专业学位类别。"),
        ),
        Check(
            "partner", _("依托一个校外合作单位"), "7(2)",
            found=_("已选定") if facts.has_partner else _("未选定"), required=_("一个合作单位"), passed=facts.has_partner,
            mend=_("请选定合作单位；名单中没有时先登记。"),
        ),
        Check(
            "cooperation", _("产学研合作年限"), "7(3)",
            found=_("%(n)s 年") % {"n": years} if years is not None else _("未填"),
            required=_("%(n)s 年及以上") % {"n": min_years}, passed=years is not None and years >= min_years,
            mend=_mend_cooperation(started, min_years),
        ),
        Check(
            "agreement", _("已签署联合培养协议"), "7(3)",
            found=_("已上传") if facts.has_agreement else _("未上传"), required=_("协议扫描件"), passed=facts.has_agreement,
            mend=_("请上传双方已签署的联合培养协议扫描件。"),
        ),
        Check(
            "investment", _("双方实质性投入"), "7(3)",
            found=_("培养单位 %(u)s，合作单位 %(p)s")
            % {"u": _money(facts.unit_investment), "p": _money(facts.partner_investment)},
            required=_("双方均大于 0"), passed=both_invest, mend=_("请填写双方已实际投入的金额（经费、场地、设备等折算为元）。"),
        ),
        Check(
            "students", _("已联合培养本类别研究生"), "7(3)",
            found=_("%(n)s 人") % {"n": facts.students_trained} if facts.students_trained is not None else _("未填"),
            required=_("%(n)s 人及以上") % {"n": min_students},
            passed=facts.students_trained is not None and facts.students_trained >= min_students,
            mend=_("培养人数达到 %(n)s 人后方可申报；只计本专业学位类别。") % {"n": min_students},
        ),
    ]  # fmt: skip


def failures(checks: Iterable[Check]) -> tuple[str, ...]:
    """The failed checks as sentences: what was found, what is required, how to mend it."""
    return tuple(
        _("%(label)s——现为：%(found)s；要求：%(required)s。%(mend)s")
        % {"label": check.label, "found": check.found, "required": check.required, "mend": check.mend}
        for check in checks
        if not check.passed
    )


def _mend_cooperation(started: date | None, min_years: int) -> str:
    if started is None:
        return _("请填写合作起始日。")
    from_day = (started + relativedelta(years=min_years)).isoformat()
    return _("按所填起始日，自 %(day)s 起满足年限。") % {"day": from_day}


def _yes_no(value: bool | None) -> str:
    if value is None:
        return _("未选")
    return _("是") if value else _("否")


def _money(value: Decimal | None) -> str:
    return _("未填") if value is None else _("%(amount)s 元") % {"amount": f"{value:,.2f}"}
