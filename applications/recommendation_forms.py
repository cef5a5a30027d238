"""What the unit enters between an application and its report to the department: reviews, order, notice, 报送函."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.models import Application
from applications.services.recommending import ASPECTS
from bases.acts import ActForm
from bases.models import Base
from portal.forms import DateInput
from portal.uploads import CheckedFileField

AGREED, REFUSED = "yes", "no"
PROOF_KINDS = ("pdf", "png", "jpg")


class UnitReviewForm(ActForm):
    """The six aspects of 第八条（二） and the conclusion."""

    category_opinion = long_text(_("专业学位类别情况"), 500, rows=4)
    partner_opinion = long_text(_("合作单位情况"), 500, rows=4)
    reason_opinion = long_text(_("申报理由"), 500, rows=4)
    results_opinion = long_text(_("前期基地建设成效"), 500, rows=4)
    prospects_opinion = long_text(_("发展前景"), 500, rows=4)
    contribution_opinion = long_text(_("对人才培养作用"), 500, rows=4)
    agreed = forms.ChoiceField(
        label=_("审核结论"),
        choices=[(AGREED, _("同意推荐")), (REFUSED, _("不同意推荐"))],
        widget=forms.RadioSelect,
        help_text=_("不同意推荐的不能列入公示名单，请随后退回修改，或者作不予推荐处理。"),
        error_messages={"required": _("请选择同意推荐或者不同意推荐。")},
    )

    def prepare(self) -> None:
        application = self.base.applications.select_related("review").order_by("-round__year").first()
        review = getattr(application, "review", None)
        if review is not None:
            self.initial = {name: getattr(review, name) for name in ASPECTS}
            if review.reviewed_on is not None:  # of what the application says now
                self.initial["agreed"] = AGREED if review.agreed else REFUSED

    def entered(self) -> dict[str, Any]:
        values = super().entered()
        return values | {"agreed": values["agreed"] == AGREED}


class OrderForm(forms.Form):
    """The unit's order: one number for each application of a page."""

    def __init__(self, *args: Any, applications: Iterable[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = _("%(base)s：排序请填 1 至 999 的整数，或者留空。")
        for application in applications:
            words = wrong % {"base": application.name}
            field = forms.IntegerField(
                label=_t("%(base)s的排序") % {"base": application.name},
                required=False,
                min_value=1,
                max_value=999,
                initial=application.rank,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), words),
                widget=forms.NumberInput(attrs={"class": "form-control form-control-sm rank-field"}),
            )
            field.widget.attrs["aria-label"] = field.label
            self.fields[self.name_of(application)] = field

    @staticmethod
    def name_of(application: Application) -> str:
        """The name of the field of one application."""
        return f"rank_{application.pk}"

    def wanted(self) -> dict[int, int | None]:
        """The numbers by application."""
        return {int(name.removeprefix("rank_")): number for name, number in self.cleaned_data.items()}

    @classmethod
    def sent(cls, data: Mapping[str, Any], own: Iterable[Application]) -> "OrderForm":
        """The form as it was sent, for those of the unit's applications that stood on the page."""
        return cls(data, applications=[each for each in own if f"rank_{each.pk}" in data])


class ReportForm(forms.Form):
    """The report to the department: which bases, the 报送函, and the proofs that go with it."""

    bases = forms.ModelMultipleChoiceField(
        label=_("报送的基地"), queryset=Base.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("请至少选择一个公示期满无异议的基地。"),
            "invalid_choice": _("所选基地中有的已经不能报送，请刷新后重新选择。"),
        },
    )  # fmt: skip
    text = long_text(
        _("报送函正文"),
        3000,
        rows=8,
        help_text=_("须写明批次年度、公示起止日期和公示结果；标题、主送机关、附件说明、落款和文号由系统排在函中。"),
    )
    document_date = forms.DateField(
        label=_("成文日期"), widget=DateInput(), help_text=_("在公示期满之后，不晚于今天。")
    )
    # Not a URLField: it refuses the plain host names of an inner network, and with them the portal's own address.
    notice_link = forms.CharField(
        label=_("公示链接"),
        required=False,
        max_length=300,
        widget=forms.URLInput,
        validators=[
            RegexValidator(
                r"^https?://[^\s<>\"']+$",
                _("网址不完整，请从浏览器地址栏复制，例如 https://www.example.edu.cn/gs/1.html。"),
            )
        ],
        help_text=_("已填本平台的公示地址；同时在本单位网站公示的，可以改填网站地址。"),
    )
    notice_proof = CheckedFileField(label=_("公示截图"), required=False, kinds=PROOF_KINDS)
    no_objection_proof = CheckedFileField(label=_("无异议证明"), required=False, kinds=PROOF_KINDS)

    def __init__(self, *args: Any, bases: QuerySet[Base], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bases"].queryset = bases  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        proofs = ("notice_link", "notice_proof")
        if not any(cleaned.get(name) or name in self.errors for name in proofs):
            self.add_error("notice_link", _t("公示链接和公示截图至少提供一项，用来证明已经公示。"))
        return cleaned
