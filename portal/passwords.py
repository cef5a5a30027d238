"""What a password must be, said in Chinese as the portal speaks: Django's own sentences are stiff, one is not translated."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class LongEnough(password_validation.MinimumLengthValidator):
    """At least so many characters."""

    def get_error_message(self) -> str:
        """Beside the field."""
        return _("密码太短，至少要有 %(n)s 位。") % {"n": self.min_length}

    def get_help_text(self) -> str:
        """Below the field."""
        return _("至少 %(n)s 位。") % {"n": self.min_length}


class NotOneself(password_validation.UserAttributeSimilarityValidator):
    """Not the person's own name in another form."""

    def get_error_message(self) -> str:
        """Beside the field."""
        return _("密码与您的姓名、登录名、手机或邮箱太相近，请换一个。")

    def get_help_text(self) -> str:
        """Below the field."""
        return _("不要与您的姓名、登录名、手机或邮箱相近。")


class NotCommon(password_validation.CommonPasswordValidator):
    """None of those that everybody tries first."""

    def get_error_message(self) -> str:
        """Beside the field."""
        return _("这个密码太常见，请换一个。")

    def get_help_text(self) -> str:
        """Below the field."""
        return _("不要用常见的密码。")


class NotNumeric(password_validation.NumericPasswordValidator):
    """Not figures alone."""

    def get_error_message(self) -> str:
        """Beside the field."""
        return _("密码不能全是数字。")

    def get_help_text(self) -> str:
        """Below the field."""
        return _("不能全是数字。")
