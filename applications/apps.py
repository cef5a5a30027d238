from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("申报与认定")

    def ready(self) -> None:
        from applications import acts, letter_inbox, objection_inbox, office_texts, review_inbox, sections
        from applications import inbox as own_inbox
        from applications import opendata as own_data
        from applications.services import notice_lists
        from applications.sitemaps import Notices
        from bases import sections as base_sections
        from portal import inbox, jobs, navigation, opendata, sitemaps, uploads
        from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

        acts.register_all()
        notice_lists.register_all()
        office_texts.register_all()
        inbox.register(own_inbox.source)
        inbox.register(review_inbox.source)
        inbox.register(objection_inbox.source)
        inbox.register(letter_inbox.source)
        base_sections.register(sections.source)
        base_sections.register_public(sections.public_source)
        jobs.handle("notice_pdf", "applications.services.notices.make_pdf")
        jobs.handle("objection_answer", "applications.services.objection_answers.make_answer")
        jobs.handle("recommendation_files", "applications.services.reporting.make_files")
        jobs.handle("meeting_papers", "applications.services.meeting_papers.make_papers")
        jobs.handle("application_print", "applications.services.printing.make")
        jobs.handle("assignment_plan", "applications.services.assigning.make")
        for purpose, predicate in {
            "application_attachment": "may_download_attachment",
            "notice_pdf": "may_download_notice",
            "minutes": "may_download_minutes",
            "meeting_minutes": "may_download_meeting_papers",
            "meeting_summary": "may_download_meeting_papers",
            "meeting_scan": "may_download_meeting_papers",
            "round_guide": "may_download_guide",
            "application_print": "may_download_print",
            "roster_import": "may_download_roster",
            "recommendation_letter": "may_download_recommendation",
            "recommendation_summary": "may_download_recommendation",
            "recommendation_proof": "may_download_recommendation",
        }.items():
            uploads.guard(purpose, f"applications.queries.{predicate}")
        for purpose in ("evidence", "record", "answer"):
            uploads.guard(f"objection_{purpose}", f"applications.objection_queries.may_download_{purpose}")
        uploads.guard("unit_facts_import", "portal.imports.may_download")
        uploads.guard("expert_import", "portal.imports.may_download")
        navigation.register_public(
            _("公示公告"),
            "public-notices",
            "megaphone",
            _("推荐名单和拟认定名单都要公示。公示期内，单位和个人可以用真实姓名提出异议，并凭查询码了解办理情况。"),
            "8(2) 8(4)",
            10,
        )
        navigation.register_feed(_("公示公告"), "public-notices-feed")
        opendata.register(own_data.NOTICES)
        sitemaps.register("notices", Notices)
        navigation.register_shortcut("base-list", _("新建申报"), "application-new", frozenset({Role.APPLICANT}))
        navigation.register(
            _("申报批次"),
            "round-list",
            "calendar-event",
            frozenset({*UNIT_ROLES, *DEPARTMENT_BUSINESS}),
            20,
            within=("rubric-list",),
        )
        navigation.register(_("推荐工作"), "recommendation-list", "list-ol", frozenset({Role.UNIT_OFFICER}), 30)
        navigation.register(
            _("公示与异议"),
            "desk-notices",
            "megaphone",
            frozenset({Role.UNIT_OFFICER, *DEPARTMENT_BUSINESS}),
            35,
            within=("objection-list",),
        )
        navigation.register(_("异议查看记录"), "objection-looks", "eye", frozenset({Role.AUDITOR}), 40)
        navigation.register_shortcut(
            "document-list", _("登记认定文件"), "recognition-document", frozenset({Role.DEPT_OFFICER})
        )
        navigation.register(_("我的评审"), "sheet-list", "clipboard-check", frozenset({Role.EXPERT}), 10)
        navigation.register(_("我的资料"), "expert-me", "person-vcard", frozenset({Role.EXPERT}), 30)
        navigation.register(_("专家库"), "expert-list", "person-lines-fill", DEPARTMENT_BUSINESS, 40)
