import unicodedata
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bases.models import Base, Membership
from evaluations.demo import cast, loading
from portal import clock, jobs


class Command(BaseCommand):
    help = gettext_noop("载入演示数据并列出演示账号；已经载入的不改动。")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the demo into an empty database, or leave everything as it is, and print the accounts.

        Raises CommandError outside a demo.
        """
        if not settings.DEMO:
            raise CommandError(_("这不是演示环境（PORTAL_DEMO 未开启），没有载入演示数据。"))
        if loading.is_loaded():
            self.stdout.write(_("演示数据已在，没有改动。"))
        elif loading.is_occupied():
            self.stdout.write(_("数据库中已有单位或账号，不是演示数据；没有载入，也没有改动。"))
            return
        else:
            today = clock.today()
            with jobs.unhurried():  # a newcomer's own documents come before those of the stories
                loading.load(today)
            self.stdout.write(
                _("已载入演示数据：%(bases)s 个基地，覆盖全部状态，以 %(day)s 为今天。单位、人员和数字均为虚构。")
                % {"bases": Base.objects.count(), "day": today.isoformat()}
            )
        self.stdout.write(f"\n{accounts()}\n")


def accounts() -> str:
    """The demo's accounts with their present roles, as a table aligned for wide characters."""
    unchanged = cast.password_hash()
    order = {person.username: number for number, person in enumerate(cast.PEOPLE)}
    held = Membership.objects.filter(user__username__in=order, user__is_active=True, withdrawn_at=None)
    found = held.select_related("user", "training_unit", "partner_unit", "department").order_by("pk")
    rows: list[tuple[str, ...]] = [(_("登录名"), _("密码"), _("姓名"), _("角色"), _("单位"))]
    for member in sorted(found, key=lambda each: order[each.user.username]):
        password = cast.PASSWORD if member.user.password == unchanged else _("（已修改）")
        role = str(member.get_role_display())
        rows.append((member.user.username, password, member.user.full_name, role, member.organisation_name))
    widths = [max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("─" * width for width in widths))
    return "\n".join(
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
