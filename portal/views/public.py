from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal import navigation, opendata, sitemaps
from portal.access import EVERYONE, open_to
from portal.caching import SHARED_SECONDS, public_data, public_page
from portal.http import Request, absolute, site_root


@open_to(EVERYONE)
@require_safe
@public_page
def data(request: Request) -> HttpResponse:
    """What the public data holds, field by field, and how to read it."""
    context = {
        "data_sets": opendata.data_sets(site_root()),
        "feeds": navigation.feeds(),
        "page_size": opendata.PAGE_SIZE,
        "minutes": SHARED_SECONDS // 60,
    }
    return render(request, "portal/data.html", context)


@open_to(EVERYONE)
@require_safe
@public_data
def sitemap(request: Request) -> HttpResponse:
    """The addresses of all public pages, for search engines."""
    drawn = sitemap_view(request, sitemaps=sitemaps.parts(site_root())).render()
    return HttpResponse(drawn.content, content_type=drawn["Content-Type"])


@open_to(EVERYONE)
@require_safe
@public_data
def robots(request: Request) -> HttpResponse:
    """What search engines may read: the public pages alone, none on which one enters something or looks up one's own."""
    root = site_root()
    lines = [
        "User-agent: *",
        "Allow: /$",
        "Allow: /static/",
        *(f"Allow: {page.url}" for page in navigation.public_pages("")),
        "Disallow: /public/objections/",
        "Disallow: /public/notices/*/objections/",
        "Disallow: /",
        f"Sitemap: {absolute(root, reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
