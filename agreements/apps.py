from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "agreements"
    verbose_name = _("协议与培养")

    def ready(self) -> None:
        from agreements import acts, sections
        from agreements import inbox as own_inbox
        from agreements.services import revisions
        from bases import sections as base_sections
        from portal import inbox, uploads

        acts.register_all()
        inbox.register(own_inbox.source)
        base_sections.register(sections.source)
        uploads.guard(revisions.FILE, "agreements.queries.may_download_revision")
