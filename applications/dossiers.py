"""What an expert reads beside the sheet; floors above add the dossiers of their own purposes."""

from collections.abc import Callable

from applications.models import Application, Panel
from bases.sections import Section

Source = Callable[[Panel], list[Section]]
_sources: dict[str, Source] = {}


def register(purpose: str, source: Source) -> None:
    """Say what experts read for a purpose."""
    _sources[purpose] = source


def for_panel(panel: Panel) -> list[Section]:
    """The sections of a panel's dossier: always the application, then what the purpose adds."""
    application = panel.application or Application.objects.filter(base=panel.base).exclude(declared_on=None).first()
    own = [Section("applications/_application.html", {"application": application})] if application else []
    extra = _sources.get(panel.purpose)
    return own + (extra(panel) if extra else [])
