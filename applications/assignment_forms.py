"""What the office enters when it divides a round's applications among experts (第八条（三）)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import PANEL_SIZES, AssignmentPlan, Round
from applications.services import assigning, sheet_deadline
from applications.services.planning import Offer, Planned
from applications.services.review_board import Line
from portal.forms import DateInput
from portal.models import User

MOST = 1000


def _number(label: Any, most: int, unit: Any, help_text: Any, least: int = 1) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"data-unit": unit, "inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget, help_text=help_text)


class ProposeForm(forms.Form):
    """What a proposal is to reach."""

    scope = forms.ChoiceField(label=_("范围"), choices=AssignmentPlan.Scope.choices, widget=forms.RadioSelect)
    size = _number(_("每项专家"), PANEL_SIZES[-1], _("名"), _("应为单数，不少于政策参数规定的下限。"))
    industry_min = _number(_("其中行业专家至少"), PANEL_SIZES[-1], _("名"), _("单位性质为“行业企业”的专家。"), 0)
    load_limit = _number(_("每名专家最多评审"), MOST, _("项"), _("专家本人定有更低上限的，按本人的上限。"))

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = least

    def clean_size(self) -> int:
        """A panel is odd, and not below the policy's least number."""
        size: int = self.cleaned_data["size"]
        reasons = assigning.size_reasons(size, self.least)
        if reasons:
            raise forms.ValidationError(reasons)
        return size

    def clean(self) -> dict[str, Any]:
        """There are no more experts of industry than experts."""
        cleaned = super().clean() or {}
        size, industry = cleaned.get("size"), cleaned.get("industry_min")
        if size is not None and industry is not None and industry > size:
            self.add_error("industry_min", assigning.too_much_industry(size))
        return cleaned


class ChangeForm(forms.Form):
    """One change of a plan by hand: whom to take out, whom to put in, or both."""

    out = forms.ModelChoiceField(
        label=_("换下"), queryset=User.objects.none(), required=False, empty_label=_("不换下，只增加")
    )
    into = forms.ModelChoiceField(
        label=_("换上"), queryset=User.objects.none(), required=False, empty_label=_("不换上，只去掉")
    )

    def __init__(
        self, *args: Any, row: Planned, able: Iterable[Offer], closed: Iterable[tuple[User, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = list(able)
        out: Any = self.fields["out"]
        into: Any = self.fields["into"]
        out.queryset = User.objects.filter(pk__in=[entry.expert_id for entry in row.entries]).order_by("full_name")
        # Who must not is no choice, but one who is sent all the same hears the reason from the service.
        known = [offer.user.pk for offer in offered] + [user.pk for user, _reason in closed]
        into.queryset = User.objects.filter(pk__in=known)
        into.choices = [("", into.empty_label), *((offer.user.pk, offer_words(offer)) for offer in offered)]

    def clean(self) -> dict[str, Any]:
        """Something must be chosen."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("out") and not cleaned.get("into"):
            self.add_error("into", _t("请选择要换下或者换上的专家。"))
        return cleaned


def offer_words(offer: Offer) -> str:
    """An expert with what speaks for and against choosing them."""
    profile = getattr(offer.user, "expert_profile", None)
    words = {"who": profile or offer.user.full_name, "fit": offer.fit.label, "load": offer.load, "limit": offer.limit}
    text = _t("%(who)s，%(fit)s，已有 %(load)s 项（上限 %(limit)s 项）") % words
    return text + (_t("，行业专家") if offer.industry else "")


class StartForm(forms.Form):
    """Which applications go to their experts now."""

    applications = forms.TypedMultipleChoiceField(
        label=_("启动评审的申请书"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一份申请书。")},
    )
    sheets_due_on = forms.DateField(
        label=_("评分表提交截止"),
        widget=DateInput(),
        help_text=_("本批次没有交的评分表都以这一天为准；到期只提醒，不关闭评分页面，以后可以改期。"),
    )

    def __init__(self, *args: Any, round_: Round, on: date, ready: Iterable[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round, self.on = round_, on
        shown = list(ready)
        field: Any = self.fields["applications"]
        field.choices = [(line.application.pk, line_words(line)) for line in shown]
        field.initial = [line.application.pk for line in shown]

    def clean_sheets_due_on(self) -> date:
        """The last day lies ahead, within a year."""
        due_on: date = self.cleaned_data["sheets_due_on"]
        reasons = sheet_deadline.reasons(self.round, due_on, self.on)
        if reasons:
            raise forms.ValidationError(reasons)
        return due_on


class SheetsDueForm(forms.Form):
    """The last day for the sheets of a round."""

    due_on = forms.DateField(label=_("评分表提交截止"), widget=DateInput())


def line_words(line: Line) -> str:
    """An application with its experts."""
    application: Any = line.application
    words = {
        "unit": application.base.training_unit.name,
        "name": application.shown_name,
        "n": len(line.live),
        "experts": "、".join(each.expert.full_name for each in line.live),
    }
    return _t("%(unit)s　%(name)s：%(n)s 名专家（%(experts)s）") % words
