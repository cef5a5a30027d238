from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BasesConfig(AppConfig):
    name = "bases"
    verbose_name = _("基地")

    def ready(self) -> None:
        from bases import inbox as own_inbox
        from bases import rules
        from portal import inbox, navigation, uploads
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

        insiders = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})
        inbox.register(own_inbox.source)
        uploads.guard("partner_code", "bases.services.people.may_see_code_scan")
        uploads.guard("authorisations", "portal.imports.may_download")
        navigation.register_role_page("choose-role")
        navigation.register_public(
            _("基地名单"),
            "public-bases",
            "buildings",
            _("已经认定、正在建设的基地，可以按名称、单位和状态查找，查看建设期和相关文件。"),
            "8(4) 12",
            20,
        )
        navigation.register(_("基地"), "base-list", "buildings", insiders, 10)
        navigation.register(_("合作单位"), "partners", "building", frozenset({*UNIT_ROLES, *DEPARTMENT_BUSINESS}), 60)
        navigation.register(_("本单位"), "own-unit", "bank", UNIT_ROLES, 65)
        navigation.register(_("类别目录"), "catalogue", "journal-text", frozenset({Role.SYSADMIN}), 70)
        navigation.register(_("账号"), "accounts", "people", frozenset({Role.SYSADMIN}), 10)
        navigation.register(_("单位"), "organisations", "bank", frozenset({Role.SYSADMIN}), 20)
        navigation.register(_("角色授权"), "memberships", "person-badge", frozenset({Role.SECURITY_ADMIN}), 10)
        navigation.register(_("政策参数"), "policies", "sliders", frozenset({Role.SECURITY_ADMIN}), 20)
        navigation.register(_("流转记录"), "history", "clock-history", frozenset({Role.AUDITOR}), 10)
        assert rules.insider  # noqa: S101 - importing registers the predicates
