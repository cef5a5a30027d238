from django.contrib.auth import views as auth_views

from portal.access import EVERYONE, open_to

login = open_to(EVERYONE)(auth_views.LoginView.as_view(redirect_authenticated_user=True))
logout = open_to(EVERYONE, signed_in=True)(auth_views.LogoutView.as_view())
