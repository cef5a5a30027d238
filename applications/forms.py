"""The boundary: what people enter, checked in Chinese beside the field."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import Assignment, Panel
from applications.services import declaring, drafting, panels
from bases.acts import ActForm
from bases.lifecycle import State
from bases.models import Base, Policy
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.models import User
from portal.uploads import CheckedFileField


def textarea(rows: int, **attrs: Any) -> forms.Textarea:
    """A box for text of several lines."""
    return forms.Textarea(attrs={"rows": rows, **attrs})


def number(unit: Any, **attrs: Any) -> forms.NumberInput:
    """A number with its unit inside the field."""
    return forms.NumberInput(attrs={"data-unit": unit, **attrs})


def long_text(label: Any, limit: int, *, rows: int = 4, required: bool = True, **kwargs: Any) -> forms.CharField:
    """Limited text, with a counter, refusing ID-card numbers."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        widget=textarea(rows),
        validators=[validate_no_id_card],
        **kwargs,
    )


def ticked(bases: forms.BoundField) -> set[int]:
    """The bases that are ticked on a list, as the form was sent or as it is proposed."""
    return {int(each) for each in map(str, bases.value() or []) if each.isdecimal()}


class ReasonForm(ActForm):
    """An act that needs its reason."""

    reason = long_text(_("理由"), 500, help_text=_("将写入流转记录并告知对方。"))


class DeclareForm(ActForm):
    """Handing in; it knows how the application stood when the page was opened, so that nobody declares what they have not seen."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.fields["revision"].initial = drafting.revision(declaring.current_application(self.base))


class NewApplicationForm(forms.Form):
    """The first line of an application: the base's name."""

    name = forms.CharField(
        label=_("基地名称"),
        max_length=60,
        validators=[validate_no_id_card],
        help_text=_("例如：某某大学—某某公司机械类研究生联合培养基地。"),
    )


class ExpertsForm(ActForm):
    """Experts for a panel; those in conflict, those who have withdrawn and those who are on it already are not offered."""

    experts = forms.ModelMultipleChoiceField(
        label=_("评审专家"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        in_review = self.base.state in {State.RECOMMENDED, State.IN_REVIEW}
        of_this = Panel.objects.filter(base=self.base, fixed_on=None).order_by("-pk")
        if in_review:
            application = declaring.current_application(self.base)
            panel, least = of_this.filter(application=application).first(), application.round.policy.min_experts
        else:
            panel = of_this.exclude(purpose=Panel.Purpose.APPLICATION).first()
            least = Policy.in_force(self.on).min_experts
        on_it = list(Assignment.objects.filter(panel=panel).select_related("expert").order_by("expert__full_name"))
        taken = {assignment.expert_id for assignment in on_it}
        eligible = [expert.pk for expert in panels.eligible_experts(self.base, self.on) if expert.pk not in taken]
        field = self.fields["experts"]
        field.queryset = User.objects.filter(pk__in=eligible).select_related("expert_profile").order_by("full_name")  # type: ignore[attr-defined]
        field.label_from_instance = _expert_label  # type: ignore[attr-defined]
        words = [_t("应当回避的专家没有列出；至少 %(n)s 名。") % {"n": panel.required if panel else least}]
        sitting = "、".join(a.expert.full_name for a in on_it if a.is_live)
        gone = "、".join(a.expert.full_name for a in on_it if not a.is_live)
        if sitting:
            words.append(_t("已分配：%(names)s。") % {"names": sitting})
        if gone:
            words.append(_t("已回避、谢绝或者撤换：%(names)s。") % {"names": gone})
        avoided = list(application.avoided_experts.all()) if in_review else []
        if avoided:
            words.append(_t("申报人申请回避：%(names)s。") % {"names": "、".join(map(str, avoided))})
        field.help_text = "".join(words)


def _expert_label(user: Any) -> str:
    profile = getattr(user, "expert_profile", None)
    return str(profile) if profile else user.full_name


class DeliberationForm(ActForm):
    """The minutes of the deliberation."""

    held_on = forms.DateField(label=_("审议日期"), widget=DateInput())
    conclusion = long_text(_("审议结论"), 1000)
    minutes = CheckedFileField(label=_("审议纪要扫描件"), required=False)


class RecognitionDocumentForm(forms.Form):
    """The recognition document; the number is given by the register."""

    bases = forms.ModelMultipleChoiceField(
        label=_("立项的基地"), queryset=Base.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个已认定的基地。")},
    )  # fmt: skip
    title = forms.CharField(label=_("文件标题"), max_length=200)
    document_date = forms.DateField(label=_("成文日期"), widget=DateInput())
    published_on = forms.DateField(
        label=_("公布日期"), widget=DateInput(), help_text=_("建设期自公布日期起算（第八条（四））。")
    )
    file = CheckedFileField(label=_("盖章扫描件"), required=False)

    def __init__(self, *args: Any, bases: QuerySet[Base], on: date, **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **kwargs)
        self.fields["bases"].queryset = bases  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        dated, published = cleaned.get("document_date"), cleaned.get("published_on")
        if dated and published and published < dated:
            self.add_error("published_on", _t("公布日期不能早于成文日期 %(day)s。") % {"day": dated.isoformat()})
        if published and published > self.on:
            self.add_error(
                "published_on", _t("公布日期 %(day)s 还没有到，请在文件公布后登记。") % {"day": published.isoformat()}
            )
        return cleaned


class RecusalForm(forms.Form):
    """Why an expert withdraws."""

    reason = forms.CharField(label=_("回避原因"), max_length=300)
