"""Public notices for programs: the fields of a record and what they mean, from what ``applications.published`` lets out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications import published
from applications.models import NoticeEntry, PublicNotice
from bases.models import Department
from portal.http import absolute
from portal.opendata import DataSet, Named

FILTERS: tuple[Named, ...] = (
    ("q", _("标题、基地、培养单位或合作单位名称中的文字，多个词用空格隔开")),
    ("state", _("running 公示中，ended 已结束，withdrawn 已撤回；不填时全部")),
    ("kind", _("公示类型的代号，如 recommendation 推荐公示、recognition 认定公示、revocation 撤销公示")),
    ("issuer", _("发布单位：培养单位的五位院校代码，教育厅为 department")),
    ("year", _("发布年份")),
    ("page", _("第几页，从 1 起，每页 100 条")),
)
FIELDS: tuple[Named, ...] = (
    ("id", _("编号，长期不变")),
    ("url", _("公示页面的地址")),
    ("kind, kind_label", _("公示类型的代号、中文名称")),
    ("title", _("标题")),
    ("issuer.code, issuer.name", _("发布单位的院校代码、名称；教育厅的代码为 department")),
    ("published_on, ends_on, working_days", _("发布日期、截止日期（当日 24 时止）、公示期工作日数")),
    ("state, state_label", _("状态的代号、中文名称")),
    ("withdrawn_on, withdrawn_because", _("撤回的日期和理由；没有撤回的为 null 和空")),
    ("office, supervision_office, contact", _("受理部门、监督部门、联系方式")),
    ("text", _("公示正文，不含公示期和受理方式")),
    ("pdf", _("正式文本的地址；还没有生成的为 null")),
    ("entries", _("公示名单，一个基地一条")),
    ("entries.position, entries.name, entries.unit", _("序号、基地名称、培养单位")),
    ("entries.category, entries.partner, entries.division, entries.industry", _("类别（代码）、合作单位、所在盟市、优先产业")),
    ("entries.note", _("考核结果、称号、撤销公示中拟定的等级、称号或者撤销事由；其他公示为空")),
    ("entries.base", _("认定后的基地页面地址；未认定的为 null")),
)  # fmt: skip
NOTICES = DataSet(
    url_name="public-notices-json",
    title=_("公示"),
    text=_("正在进行和已经结束的公示，一份公示一条，最近发布的在前。"),
    filters=FILTERS,
    fields=FIELDS,
    example="state=running",
    order=20,
)


def writer(root: str, on: date) -> Callable[[Sequence[PublicNotice]], list[dict[str, Any]]]:
    """Makes records (``FIELDS``) of notices; three queries however many there are. ``root`` is the portal's own address."""

    def write(notices: Sequence[PublicNotice]) -> list[dict[str, Any]]:
        prefetch_related_objects(notices, "entries")
        department = str(Department.objects.first() or "")
        known = published.with_page(entry for notice in notices for entry in notice.entries.all())
        return [_record(notice, department, known, root, on) for notice in notices]

    return write


def _record(notice: PublicNotice, department: str, known: set[int], root: str, on: date) -> dict[str, Any]:
    state = published.state_of(notice, on)
    unit = notice.issuer_unit
    return {
        "id": notice.pk,
        "url": absolute(root, reverse("public-notice", args=[notice.pk])),
        "kind": notice.kind,
        "kind_label": notice.get_kind_display(),
        "title": notice.title,
        "issuer": {"code": unit.code, "name": unit.name}
        if unit
        else {"code": published.DEPARTMENT, "name": department},
        "published_on": notice.published_on,
        "ends_on": notice.ends_on,
        "working_days": notice.working_days,
        "state": state,
        "state_label": str(published.STATES[state]),
        "withdrawn_on": notice.withdrawn_on,
        "withdrawn_because": notice.withdrawn_because,
        "office": notice.office,
        "supervision_office": notice.supervision_office,
        "contact": notice.contact,
        "text": notice.text,
        "pdf": absolute(root, reverse("file", args=[notice.pdf.key])) if notice.pdf else None,
        "entries": list(_entries(notice.entries.all(), known, root)),
    }


def _entries(entries: Iterable[NoticeEntry], known: set[int], root: str) -> Iterable[dict[str, Any]]:
    for entry in entries:
        page = absolute(root, reverse("public-base", args=[entry.base_id])) if entry.base_id in known else None
        yield {
            "position": entry.position,
            "name": entry.base_name,
            "unit": entry.unit_name,
            "category": entry.category,
            "partner": entry.partner_name,
            "division": entry.division,
            "industry": entry.industry,
            "note": entry.note,
            "base": page,
        }
