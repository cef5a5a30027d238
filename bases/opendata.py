"""Public bases for programs: the fields of a record and what they mean, from what ``bases.published`` lets out."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from bases.figures import Statistics
from bases.published import PublicBase, PublicDocument
from portal.opendata import DataSet, Named

FILTERS: tuple[Named, ...] = (
    ("q", _("基地、培养单位或合作单位名称中的文字，多个词用空格隔开")),
    ("unit", _("培养单位的五位院校代码")),
    ("partner", _("合作单位名称中的文字")),
    ("category", _("专业学位类别的四位代码")),
    ("division", _("合作单位所在盟市的六位行政区划代码")),
    ("industry", _("优先产业的代号；any 为属于任一优先产业，none 为不属于")),
    ("year", _("认定年度，即认定文件公布的年份")),
    (
        "state",
        _(
            "constructing 建设中、assessing 考核中、demonstration 示范基地、rectifying 整改或复评中、ended 已撤销；不填时不含已撤销的"
        ),
    ),
    ("title", _("held 为现持有示范基地称号，四位年份为该年授予且现仍持有")),
    ("sort", _("name、recognised、-recognised、ends；不填时按培养单位")),
    ("page", _("第几页，从 1 起，每页 100 条")),
)
FIELDS: tuple[Named, ...] = (
    ("id", _("编号，长期不变")),
    ("url", _("基地页面的地址")),
    ("name", _("基地名称")),
    ("unit.code, unit.name", _("培养单位的院校代码、名称")),
    ("partner.name, partner.kind", _("合作单位的名称、性质")),
    ("category.code, category.name, field", _("专业学位类别的代码、名称，领域")),
    ("division.code, division.name", _("合作单位所在盟市的代码、名称")),
    ("industry.key, industry.name", _("优先产业的代号、名称；不属于优先产业的为 null")),
    ("state, state_group, state_label", _("状态、所属的状态分组（同筛选条件）、中文名称")),
    ("recognised_on", _("认定日期，即认定文件公布之日，建设期自此起算")),
    ("recognised_by.number, recognised_by.title", _("认定文件的文号、标题")),
    ("construction_ends_on", _("建设期截止日期")),
    ("title.number, title.granted_on", _("示范基地称号的编号、授予日期；未持有的为 null")),
    ("ended.on, ended.number, ended.title", _("撤销的日期、文号、文件标题；未撤销的为 null")),
)
STATISTICS_FIELDS: tuple[Named, ...] = (
    ("recognised, living, titled, ended", _("历年认定总数、现有、现持有示范基地称号、已撤销的数量")),
    ("tables.filter", _("按哪一项统计，与筛选条件同名")),
    ("tables.rows.value, tables.rows.label, tables.rows.count", _("筛选值、中文名称、基地数量")),
)


def record(base: PublicBase, url: str) -> dict[str, Any]:
    """A base as a program reads it (``FIELDS``)."""
    return {
        "id": base.pk,
        "url": url,
        "name": base.name,
        "unit": {"code": base.unit_code, "name": base.unit},
        "partner": {"name": base.partner, "kind": base.partner_kind},
        "category": {"code": base.category_code, "name": base.category},
        "field": base.field,
        "division": {"code": base.league_code, "name": base.league},
        "industry": {"key": base.industry_key, "name": base.industry} if base.industry_key else None,
        "state": base.state,
        "state_group": base.group,
        "state_label": base.state_label,
        "recognised_on": base.recognised_on,
        "recognised_by": _document(base.recognised_by),
        "construction_ends_on": base.ends_on,
        "title": {"number": base.title_number, "granted_on": base.title_granted_on} if base.title_number else None,
        "ended": {"on": base.ended_on, **(_document(base.ended_by) or {"number": "", "title": ""})}
        if base.ended_on
        else None,
    }


def _document(document: PublicDocument | None) -> dict[str, str] | None:
    return {"number": document.number, "title": document.title} if document else None


def figures(counted: Statistics) -> dict[str, Any]:
    """The figures as a program reads them (``STATISTICS_FIELDS``)."""
    return {
        "recognised": counted.recognised,
        "living": counted.living,
        "titled": counted.titled,
        "ended": counted.ended,
        "tables": [
            {
                "filter": table.filter,
                "title": table.title,
                "rows": [{"value": row.value, "label": row.label, "count": row.count} for row in table.rows],
            }
            for table in counted.tables
        ],
    }


BASES = DataSet(
    url_name="public-bases-json",
    title=_("基地"),
    text=_("经教育厅发文认定的研究生联合培养基地，一个基地一条。"),
    filters=FILTERS,
    fields=FIELDS,
    example="state=demonstration",
    order=10,
)
STATISTICS = DataSet(
    url_name="public-statistics-json",
    title=_("基地统计"),
    text=_("与“统计”页面相同的数字，可以先用筛选条件缩小范围，不分页。"),
    filters=tuple(each for each in FILTERS if each[0] not in {"sort", "page"}),
    fields=STATISTICS_FIELDS,
    example="industry=modern_energy",
    order=30,
)
