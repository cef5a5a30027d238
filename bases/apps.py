from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BasesConfig(AppConfig):
    name = "bases"
    verbose_name = _("基地")

    def ready(self) -> None:
        from bases import rules
        from portal import navigation
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

        insiders = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})
        navigation.register(_("基地"), "base-list", "buildings", insiders, 10)
        navigation.register(_("账号"), "accounts", "people", frozenset({Role.SYSADMIN}), 10)
        navigation.register(_("单位"), "organisations", "bank", frozenset({Role.SYSADMIN}), 20)
        navigation.register(_("角色授权"), "memberships", "person-badge", frozenset({Role.SECURITY_ADMIN}), 10)
        navigation.register(_("政策参数"), "policies", "sliders", frozenset({Role.SECURITY_ADMIN}), 20)
        navigation.register(_("流转记录"), "history", "clock-history", frozenset({Role.AUDITOR}), 10)
        assert rules.insider  # noqa: S101 - importing registers the predicates
