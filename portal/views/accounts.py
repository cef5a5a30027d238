from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from portal.access import EVERYONE, open_to


class PasswordChange(auth_views.PasswordChangeView):
    """A person changes their own password; the initial one was known to the administrator."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("密码已修改，下次登录请用新密码。"))
        return response


login = open_to(EVERYONE)(auth_views.LoginView.as_view(redirect_authenticated_user=True))
logout = open_to(EVERYONE, signed_in=True)(auth_views.LogoutView.as_view())
password = open_to(signed_in=True)(PasswordChange.as_view())
