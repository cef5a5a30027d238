from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "agreements"
    verbose_name = _("协议与培养")

    def ready(self) -> None:
        from agreements import acts, agreement_area, sections, training
        from agreements import inbox as own_inbox
        from agreements.services import agreement_papers, agreement_signing, agreements
        from bases import sections as base_sections
        from portal import inbox, jobs, navigation, uploads
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

        acts.register_all()
        inbox.register(own_inbox.source)
        base_sections.register(sections.source)
        # 协议
        training.register(training.Area("base-agreements", _("协议"), "10", agreement_area.standing, 10))
        uploads.guard(agreement_signing.SCAN, "agreements.queries.may_download_agreement")
        uploads.guard(agreement_papers.PDF, "agreements.queries.may_download_agreement")
        jobs.handle(agreements.PDF_JOB, "agreements.services.agreement_papers.make_pdf")
        sides = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER})
        navigation.register(
            _("培养管理"),
            "training",
            "mortarboard",
            sides,
            15,
            within=("months", "student-list", "mentor-list", "funds", "result-list"),
        )
        # The department has its seven places already.
        navigation.register_shortcut("base-list", _("培养管理"), "training", DEPARTMENT_BUSINESS, 55)
        self._register_committee_and_mentors()
        self._register_funds()
        self._register_placements()
        self._register_months()
        self._register_certificates()
        self._register_results()

    def _register_funds(self) -> None:
        """经费 (第十二条 to 第十四条, 第十七条, 第十八条)."""
        from agreements import funds_inbox, training
        from agreements.services import contributions, expenses, statements
        from portal import inbox, jobs, navigation, uploads
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES

        training.register(training.Area("base-funds", _("经费"), "12 13 14 17 18", funds_inbox.standing, 70))
        inbox.register(funds_inbox.source)
        uploads.guard(expenses.VOUCHER, "agreements.funds_queries.may_download_expense_voucher")
        uploads.guard(contributions.VOUCHER, "agreements.funds_queries.may_download_contribution_voucher")
        uploads.guard(statements.PDF, "agreements.funds_queries.may_download_statement")
        jobs.handle(statements.JOB, "agreements.services.statements.make_pdf")
        keepers = frozenset({*UNIT_ROLES, *DEPARTMENT_BUSINESS})
        navigation.register_shortcut("training", _("经费总览"), "funds", keepers, 70)

    def _register_placements(self) -> None:
        """岗位、研究生和专业实践 (协议：培养过程)."""
        from agreements import placement_area, placement_inbox, training
        from agreements.services import placement_starts, student_imports
        from portal import inbox, navigation, uploads
        from portal.roles import Role

        training.register(training.Area("base-placements", _("岗位与实践"), "10 11", placement_area.standing, 40))
        inbox.register(placement_inbox.source)
        uploads.guard(placement_starts.FILE, "agreements.placement_queries.may_download_safety")
        uploads.guard(student_imports.PURPOSE, "portal.imports.may_download")
        navigation.register_shortcut("training", _("基地研究生"), "student-list", frozenset({Role.UNIT_OFFICER}), 10)

    def _register_months(self) -> None:
        """月度考核与生活补贴 (协议：权责划分（二）5)."""
        from agreements import month_inbox, training
        from agreements.services import month_imports, months
        from portal import inbox, navigation, uploads

        training.register(training.Area("base-months", _("月度考核"), "11", month_inbox.standing, 50))
        inbox.register(month_inbox.source)
        uploads.guard(months.VOUCHER, "agreements.month_queries.may_download_voucher")
        uploads.guard(month_imports.PURPOSE, "portal.imports.may_download")
        navigation.register_shortcut("training", _("各月考核与补贴"), "months", training.TRAINING_ROLES, 5)

    def _register_certificates(self) -> None:
        """专业实践鉴定 (协议：权责划分（二）5) and 导师报酬 (权责划分（一）2)."""
        from agreements import certificate_inbox
        from agreements.services import certificates, remuneration
        from portal import inbox, jobs, uploads

        inbox.register(certificate_inbox.source)
        jobs.handle(certificates.JOB, "agreements.services.certificates.make_pdf")
        uploads.guard(certificates.PURPOSE, "agreements.certificate_queries.may_download_certificate")
        uploads.guard(remuneration.VOUCHER, "agreements.remuneration_queries.may_download_remuneration_voucher")

    def _register_committee_and_mentors(self) -> None:
        """管委会、制度和导师 (第九条, 第十一条)."""
        from agreements import committee_inbox, mentor_inbox, training
        from agreements.services import appointment_letters, base_rules, committees, mentor_records
        from portal import inbox, jobs, navigation, uploads

        training.register(training.Area("base-committee", _("管委会与制度"), "9 11", committee_inbox.standing, 20))
        training.register(training.Area("base-mentors", _("导师"), "11", mentor_inbox.standing, 30))
        inbox.register(committee_inbox.source)
        inbox.register(mentor_inbox.source)
        jobs.handle(appointment_letters.JOB, "agreements.services.appointment_letters.make_letter")
        uploads.guard(appointment_letters.PURPOSE, "agreements.mentor_queries.may_download_letter")
        uploads.guard(mentor_records.FILE, "agreements.mentor_queries.may_download_training")
        uploads.guard(committees.MINUTES, "agreements.committee_queries.may_download_minutes")
        uploads.guard(base_rules.FILE, "agreements.committee_queries.may_download_rule")
        navigation.register_shortcut("training", _("导师名单"), "mentor-list", training.TRAINING_ROLES, 20)

    def _register_results(self) -> None:
        """项目、选题、公开申请、成果和交流活动 (协议：知识产权、培养过程 2、权责划分)."""
        from agreements import research_inbox, training
        from agreements.services import exchanges, publications, results
        from portal import inbox, navigation, uploads

        training.register(training.Area("base-results", _("成果"), "10", research_inbox.standing, 60))
        inbox.register(research_inbox.source)
        uploads.guard(publications.FILE, "agreements.research_queries.may_download_request")
        uploads.guard(results.FILE, "agreements.research_queries.may_download_result")
        uploads.guard(exchanges.FILE, "agreements.research_queries.may_download_exchange")
        navigation.register_shortcut("training", _("成果清单"), "result-list", training.TRAINING_ROLES, 30)
