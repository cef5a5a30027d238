"""All mentors that one may see, over the bases: the list and its Excel."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from agreements import mentor_queries
from agreements.mentor_queries import Filters
from agreements.models import Mentor
from agreements.training import TRAINING_ROLES
from portal.access import open_to
from portal.http import Request, excel
from portal.masking import masked_email, masked_phone
from portal.spreadsheets import Column, workbook

PAGE_SIZE = 50
_EXPORTED = (
    Column(key="name", label=_lazy("姓名"), width=12),
    Column(key="kind", label=_lazy("类型"), width=14),
    Column(key="side", label=_lazy("单位"), width=28),
    Column(key="department", label=_lazy("院系或部门"), width=20),
    Column(key="post", label=_lazy("职务"), width=16),
    Column(key="title", label=_lazy("职称"), width=10),
    Column(key="phone", label=_lazy("手机"), width=14),
    Column(key="email", label=_lazy("邮箱"), width=22),
    Column(key="bases", label=_lazy("受聘基地（个）"), kind="int", width=14),
    Column(key="running", label=_lazy("正在指导（人）"), kind="int", width=14),
    Column(key="guided", label=_lazy("累计指导（人）"), kind="int", width=14),
    Column(key="until", label=_lazy("聘期至"), kind="date", width=12),
)


@open_to(TRAINING_ROLES)
@require_safe
def mentor_list(request: Request) -> HttpResponse:
    """The mentors of all bases that one may look at, with load and end of term."""
    wanted = Filters.of(request.GET.dict())
    found = mentor_queries.listed(request.acting, request.today, wanted)
    context = {
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "kinds": Mentor.Kind.choices,
        "standings": mentor_queries.Standing.choices,
    }
    return render(request, "agreements/mentor_list.html", context)


@open_to(TRAINING_ROLES)
@require_safe
def mentor_export(request: Request) -> HttpResponse:
    """The list as the address filters and sorts it, all pages; phones and addresses masked for whom the pages mask them."""
    wanted = Filters.of(request.GET.dict())
    masks = mentor_queries.masks_contacts(request.acting)
    rows = [
        {column.key: getattr(each, column.key, None) for column in _EXPORTED}
        | {
            "kind": each.get_kind_display(),
            "side": str(each.partner_unit or each.training_unit),
            "title": each.get_title_display(),
            "phone": masked_phone(each.phone) if masks else each.phone,
            "email": masked_email(each.email) if masks else each.email,
        }
        for each in mentor_queries.listed(request.acting, request.today, wanted)
    ]
    name = _("导师名单（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(_("导师名单"), _EXPORTED, rows), name)
