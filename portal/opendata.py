"""Public data for programs: data sets that the floors hand up to one page that explains them, and the form of their answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import InvalidPage, Paginator
from django.http import JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.http import Request, absolute, whole_number

Text = str | Promise
# A name as the data has it, and what it means.
Named = tuple[str, Text]
PAGE_SIZE = 100


@dataclass(frozen=True)
class DataSet:
    """One address that answers in JSON: what it holds, how it is narrowed down, what its fields mean."""

    url_name: str
    title: Text
    text: Text
    filters: tuple[Named, ...]
    fields: tuple[Named, ...]
    example: str
    order: int
    url: str = ""


_data_sets: list[DataSet] = []


def register(data_set: DataSet) -> None:
    """Add a data set to the page that explains them."""
    if data_set not in _data_sets:
        _data_sets.append(data_set)


def data_sets(root: str) -> list[DataSet]:
    """The data sets in their order with their whole addresses; ``root`` is the portal's own."""
    return [
        replace(each, url=absolute(root, reverse(each.url_name)))
        for each in sorted(_data_sets, key=lambda data_set: data_set.order)
    ]


def answer(content: Mapping[str, Any], status: int = 200) -> JsonResponse:
    """Data as JSON, Chinese as it is; any site may show it."""
    response = JsonResponse(dict(content), status=status, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    return response


def pages(
    request: Request,
    found: Any,
    write: Callable[[Sequence[Any]], list[dict[str, Any]]],
    filters: Mapping[str, str],
    root: str,
) -> JsonResponse:
    """One page of a list: how many there are, the filters that were understood, the records, the address of the next page.

    ``found`` is a queryset or list, ``write`` makes records of one page of it. A page that does not exist answers 404.
    """
    paginator = Paginator(found, PAGE_SIZE)
    number = whole_number(request.GET.get("page", "1"), 6)
    try:
        page = paginator.page(number or 0)
    except InvalidPage:
        return answer({"error": _("没有这一页，共 %(n)s 页。") % {"n": paginator.num_pages}}, status=404)

    def address(of: int) -> str:
        return f"{absolute(root, request.path)}?{urlencode({**filters, 'page': of})}"

    return answer(
        {
            "count": paginator.count,
            "page": page.number,
            "pages": paginator.num_pages,
            "next": address(page.next_page_number()) if page.has_next() else None,
            "previous": address(page.previous_page_number()) if page.has_previous() else None,
            "filters": dict(filters),
            "results": write(list(page)),
        }
    )
