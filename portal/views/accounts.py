from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.access import EVERYONE, open_to


class NewPassword(PasswordChangeForm):
    """Django's form in the portal's words."""

    error_messages = {
        "password_incorrect": _lazy("现在的密码不对，请重新输入。"),
        "password_mismatch": _lazy("两次输入的新密码不一样，请重新输入。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _lazy("现在的密码")
        self.fields["new_password2"].label = _lazy("再输入一遍新密码")
        self.fields["new_password2"].help_text = ""


class PasswordChange(auth_views.PasswordChangeView):
    """A person changes their own password; the initial one was known to the administrator."""

    template_name = "registration/password.html"
    form_class = NewPassword
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("密码已修改，下次登录请用新密码。"))
        return response


login = open_to(EVERYONE)(auth_views.LoginView.as_view(redirect_authenticated_user=True))
logout = open_to(EVERYONE, signed_in=True)(auth_views.LogoutView.as_view())
password = open_to(signed_in=True)(PasswordChange.as_view())
