from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from bases.models import Department, Membership
from bases.services.people import create_account, grant_membership
from portal.errors import Refused
from portal.roles import Role


class Command(BaseCommand):
    help = gettext_noop("建立最初的系统管理员和安全管理员（两人）；已有其中之一时拒绝。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--department", required=True, help=gettext("教育厅名称"))
        parser.add_argument("--sysadmin", required=True, help=gettext("系统管理员的登录名"))
        parser.add_argument("--security-admin", required=True, help=gettext("安全管理员的登录名"))

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        first = (Role.SYSADMIN, Role.SECURITY_ADMIN)
        if Membership.objects.filter(role__in=first, withdrawn_at=None).exists():
            raise CommandError("已有系统管理员或安全管理员，请在页面上办理后续授权。")
        defaults = {
            "office": "学位管理与研究生教育处",
            "supervision_office": "机关纪委",
            "phone": "",
            "email": "",
            "address": "",
        }
        department, _created = Department.objects.get_or_create(name=options["department"], defaults=defaults)
        try:
            for role, option in zip(first, ("sysadmin", "security_admin"), strict=True):
                password = getpass(f"{Role(role).label} {options[option]} 的初始密码：")
                validate_password(password)
                user = create_account(username=options[option], full_name=str(Role(role).label), password=password)
                grant_membership(user=user, role=role, by=None, department=department)
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        except Refused as refusal:
            raise CommandError("；".join(refusal.reasons)) from refusal
        self.stdout.write("已建立系统管理员和安全管理员各一名。")
