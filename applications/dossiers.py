"""What an expert reads beside the sheet; floors above add the dossiers of their own purposes."""

from collections.abc import Callable

from applications.content import masked
from applications.models import ApplicationVersion, Panel
from bases.sections import Section

Source = Callable[[Panel], list[Section]]
_sources: dict[str, Source] = {}


def register(purpose: str, source: Source) -> None:
    """Say what experts read for a purpose."""
    _sources[purpose] = source


def for_panel(panel: Panel) -> list[Section]:
    """The sections of a panel's dossier: always the application, then what the purpose adds."""
    declared = ApplicationVersion.objects.filter(application__base=panel.base)
    if panel.application_id:
        declared = declared.filter(application_id=panel.application_id)
    version = declared.select_related("application__round").order_by("-application__round__year", "-number").first()
    own = []
    if version is not None:
        # Experts judge the paper; they have no need to reach the people in it.
        context = {
            "version": version,
            "application": version.application,
            "content": masked(version.paper),
            "files": version.files.select_related("stored").order_by("kind", "pk"),
            "checks": version.eligibility,
        }
        own = [Section("applications/_dossier.html", context)]
    extra = _sources.get(panel.purpose)
    return own + (extra(panel) if extra else [])
