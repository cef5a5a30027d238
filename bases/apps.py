from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BasesConfig(AppConfig):
    name = "bases"
    verbose_name = _("基地")

    def ready(self) -> None:
        from bases import inbox as own_inbox
        from bases import opendata as own_data
        from bases import rules
        from bases.sitemaps import Bases
        from portal import inbox, jobs, navigation, opendata, sitemaps, uploads
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

        insiders = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})
        inbox.register(own_inbox.source)
        uploads.guard("partner_code", "bases.services.people.may_see_code_scan")
        uploads.guard("authorisations", "portal.imports.may_download")
        uploads.guard("document", "bases.queries.may_download_document")
        uploads.guard("document_pdf", "bases.queries.may_download_document")
        jobs.handle("document_pdf", "bases.services.documents.make_pdf")
        navigation.register_role_page("choose-role")
        navigation.register_public(
            _("基地名单"),
            "public-bases",
            "buildings",
            _("经发文认定的基地，可以按单位、类别、盟市、产业、年度和状态查找，查看建设期、称号和相关文件。"),
            "8(4) 12",
            20,
        )
        navigation.register_public(
            _("统计"),
            "public-statistics",
            "bar-chart",
            _("全区基地的数字：按状态、年度、培养单位、类别、盟市、产业统计，每个数字都能点开看是哪些基地。"),
            "4",
            25,
        )
        opendata.register(own_data.BASES)
        opendata.register(own_data.STATISTICS)
        sitemaps.register("bases", Bases)
        navigation.register(_("基地"), "base-list", "buildings", insiders, 10)
        offices = frozenset({Role.UNIT_OFFICER, *DEPARTMENT_BUSINESS})
        navigation.register(_("公文"), "document-list", "file-earmark-text", offices, 50, within=("text-list",))
        navigation.register(_("合作单位"), "partners", "building", frozenset({Role.APPLICANT}), 60)
        # Seven places are enough for a side navigation; the offices find the partners on the list of bases.
        navigation.register_shortcut("base-list", _("合作单位"), "partners", offices, 60)
        navigation.register(_("本单位"), "own-unit", "bank", frozenset({Role.APPLICANT}), 65)
        navigation.register_shortcut("base-list", _("本单位"), "own-unit", frozenset({Role.UNIT_OFFICER}), 65)
        navigation.register(_("类别目录"), "catalogue", "journal-text", frozenset({Role.SYSADMIN}), 70)
        navigation.register(_("账号"), "accounts", "people", frozenset({Role.SYSADMIN}), 10)
        navigation.register(_("单位"), "organisations", "bank", frozenset({Role.SYSADMIN}), 20)
        navigation.register(_("角色授权"), "memberships", "person-badge", frozenset({Role.SECURITY_ADMIN}), 10)
        navigation.register(_("政策参数"), "policies", "sliders", frozenset({Role.SECURITY_ADMIN}), 20)
        navigation.register(_("流转记录"), "history", "clock-history", frozenset({Role.AUDITOR}), 10)
        assert rules.insider  # noqa: S101 - importing registers the predicates
