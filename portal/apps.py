from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("平台")

    def ready(self) -> None:
        from portal import checks as _checks  # noqa: F401 - registers itself
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
        navigation.register_public(
            _("文书核验"),
            "verify",
            "qr-code-scan",
            _("核对平台签发的公示、公文和申请书是否真实、是否已撤回：扫文书上的二维码，输入核验码，或者上传文件比对。"),
            "8(2) 8(4)",
            40,
        )
        navigation.register_public(
            _("开放数据"),
            "public-data",
            "braces",
            _("与网页相同的公开数据，供程序读取和再利用：基地、公示、统计，附字段说明。"),
            "",
            90,
        )
        navigation.register(_("待办"), "home", "inbox", ALL_ROLES, 0)
        navigation.register(_("工作日历"), "calendar", "calendar3", frozenset({Role.DEPT_OFFICER}), 90)
