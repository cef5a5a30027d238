from django.urls import include, path

from portal.views import accounts, calendar, files, home, regulation

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password, name="password"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("files/<uuid:key>/", files.download, name="file"),
    path("regulation/", regulation.regulation, name="regulation"),
    path("", include("bases.urls")),
    path("", include("applications.urls")),
]
