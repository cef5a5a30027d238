"""A form on a page of its own within the cooperation of a base: filled in, refused beside the field, or carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from bases.models import Base
from portal.errors import Refused
from portal.http import Request

Text = str | Promise


@dataclass(frozen=True)
class Step:
    """One thing to do: its heading, its button, the article, what follows from it, and who is told.

    With a ``consequence`` the page is one before an act; ``area`` is the url name of the base's page to which it returns.
    """

    title: Text
    button: Text
    articles: str
    area: str
    done: Text
    consequence: Text = ""
    told: Text = ""
    danger: bool = False


def fill_in(
    request: Request, step: Step, base: Base, form: BaseForm, perform: Callable[[], Any], back: str = ""
) -> HttpResponse:
    """Show the form, or carry out what was sent: a refusal stands on the form, what is done leads back."""
    if request.method == "POST" and form.is_valid():
        try:
            perform()
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, str(step.done))
            return redirect(back) if back else redirect(step.area, base.pk)
    context = {"step": step, "base": base, "form": form, "back": back}
    return render(request, "agreements/step.html", context, status=422 if form.errors else 200)
