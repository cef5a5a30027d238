"""Acts: what a person can do to a base. Each floor registers its own; the base's page offers them and one page carries them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bases.models import Base
from portal.acting import Acting

Text = str | Promise


class ActForm(forms.Form):
    """A form of an act; it knows the base, the person and the date, so that its choices can fit them.

    ``seen`` says how far the base had come when the page was opened: nobody decides on what has changed behind their back.
    """

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, base: Base, acting: Acting, on: date, **kwargs: Any) -> None:
        self.base, self.acting, self.on = base, acting, on
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = base.events_count
        self.prepare()

    def clean_seen(self) -> int | None:
        seen: int | None = self.cleaned_data["seen"]
        if seen is not None and seen != self.base.events_count:
            raise forms.ValidationError(
                _("没有办理：您打开本页之后，基地状态已变为“%(state)s”。请重新打开基地页面，看过最新情况再办理。")
                % {"state": self.base.state_label}
            )
        return seen

    def entered(self) -> dict[str, Any]:
        """What the person entered, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def prepare(self) -> None:
        """Fill in choices and first values that depend on the base."""


@dataclass(frozen=True)
class Act:
    """One thing that can be done to a base.

    ``perform(base=, acting=, on=, **cleaned_data)`` is the service; ``reasons(base, acting, on)`` says in Chinese why it cannot be
    done now (empty: it can). ``link`` leads to a page of its own, for acts on several bases at once. ``consequence`` and ``told`` stand on the confirm page before anything irreversible.
    """

    name: str
    label: Text
    roles: frozenset[str]
    states: frozenset[str]
    articles: str
    consequence: Text
    perform: Callable[..., Any] = lambda **_: None
    told: Text = ""
    form: type[ActForm] = ActForm
    reasons: Callable[[Base, Acting, date], tuple[str, ...]] = lambda base, acting, on: ()
    offered: Callable[[Base, Acting, date], bool] = lambda base, acting, on: True
    done: Text = ""
    link: Callable[[Base], str] | None = None
    danger: bool = False
    order: int = 50

    def fits(self, base: Base, acting: Acting, on: date) -> bool:
        """Whether the act belongs to this role, state and moment at all."""
        return acting.role in self.roles and base.state in self.states and self.offered(base, acting, on)


_acts: dict[str, Act] = {}


def register(act: Act) -> None:
    """Add an act under its name."""
    _acts[act.name] = act


def get(name: str) -> Act | None:
    """The act of that name."""
    return _acts.get(name)


def all_acts() -> list[Act]:
    """Every act, in the order in which a page shows them."""
    return sorted(_acts.values(), key=lambda act: act.order)


def offered(base: Base, acting: Acting, on: date) -> list[tuple[Act, tuple[str, ...]]]:
    """The acts that belong to this role and state, each with the reasons why it cannot be done now."""
    return [(act, act.reasons(base, acting, on)) for act in all_acts() if act.fits(base, acting, on)]
