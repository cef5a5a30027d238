from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("考核与结果")

    def ready(self) -> None:
        from applications import dossiers
        from applications.models import Panel
        from bases import sections as base_sections
        from evaluations import acts, office_texts, sections
        from evaluations import inbox as own_inbox
        from evaluations.services import result_notices
        from portal import inbox, jobs, uploads

        acts.register_all()
        result_notices.register_all()
        office_texts.register_all()
        inbox.register(own_inbox.source)
        base_sections.register(sections.source)
        dossiers.register(Panel.Purpose.ASSESSMENT, sections.dossier)
        dossiers.register(Panel.Purpose.REASSESSMENT, sections.dossier)
        uploads.guard("self_report", "evaluations.queries.may_download_report")
        uploads.guard("incident", "evaluations.queries.may_download_incident")
        uploads.guard("withdrawal", "evaluations.queries.may_download_withdrawal")
        uploads.guard("title_certificate", "evaluations.queries.may_download_certificate")
        jobs.handle("title_certificate", "evaluations.services.titles.make_certificate")
