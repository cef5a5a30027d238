from django.urls import include, path

from portal.views import accounts, calendar, files, home, human, public, regulation, verification

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password, name="password"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("files/<uuid:key>/", files.download, name="file"),
    path("human-check/", human.challenge, name="human-check"),
    path("regulation/", regulation.regulation, name="regulation"),
    path("verify/", verification.verify, name="verify"),
    path("verify/<str:code>/", verification.verify_code, name="verify-code"),
    path("public/data/", public.data, name="public-data"),
    path("sitemap.xml", public.sitemap, name="sitemap"),
    path("robots.txt", public.robots, name="robots"),
    path("", include("bases.urls")),
    path("", include("agreements.urls")),
    path("", include("applications.urls")),
]
