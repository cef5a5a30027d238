from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("平台")

    def ready(self) -> None:
        from portal import navigation, wording
        from portal.access import ALL_ROLES
        from portal.roles import Role

        wording.speak_plainly()
        navigation.register_public(
            _("管理办法"),
            "regulation",
            "book",
            _("逐条查看申报条件、认定程序、建设管理和考核评价的规定，以及每一条与谁有关。"),
            "5 7 8 15",
            30,
        )
        navigation.register(_("待办"), "home", "inbox", ALL_ROLES, 0)
        navigation.register(_("工作日历"), "calendar", "calendar3", frozenset({Role.DEPT_OFFICER}), 90)
