"""What a password must be, said in Chinese: Django's own sentence about the length is not translated."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """At least so many characters."""

    def get_error_message(self) -> str:
        """Beside the field."""
        return _("密码太短，至少要有 %(n)s 位。") % {"n": self.min_length}

    def get_help_text(self) -> str:
        """Below the field."""
        return _("至少 %(n)s 位。") % {"n": self.min_length}
