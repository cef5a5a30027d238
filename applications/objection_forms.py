"""What the public and the handling office enter about an objection, checked in Chinese beside the field."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator, RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text, textarea
from applications.models import NoticeEntry, Objection, ObjectionRecord, PublicNotice
from applications.services.objections import letter_date_reason, record_date_reason
from bases.models import Base
from bases.validators import validate_no_id_card
from portal import human_check
from portal.forms import DateInput
from portal.human_check import HumanField
from portal.uploads import CheckedFilesField
from portal.wording import CHOOSE

MOBILE = RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，以便核实并答复，请核对。"))
_KINDS = ("pdf", "png", "jpg")
Status = Objection.Status


class _Objector(forms.Form):
    """Who objects, to which base of a notice, and why."""

    base = forms.ModelChoiceField(label=_("涉及的基地"), queryset=Base.objects.none(), empty_label=CHOOSE)
    kind = forms.ChoiceField(
        label=_("以什么身份提出"),
        choices=Objection.Kind.choices,
        initial=Objection.Kind.PERSON,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("真实姓名或单位名称"), max_length=60,
        validators=[MinLengthValidator(2, _("请填写真实姓名或单位全称；匿名异议不予受理。")), validate_no_id_card],
    )  # fmt: skip
    contact_person = forms.CharField(
        label=_("联系人"), max_length=30, required=False, validators=[validate_no_id_card],
        help_text=_("以单位名义提出的，请填写联系人，证明材料应当加盖单位公章。"),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("手机"), max_length=20, validators=[MOBILE], help_text=_("仅受理部门可见，用于核实和答复。")
    )
    email = forms.EmailField(label=_("邮箱"), required=False)
    address = forms.CharField(label=_("通信地址"), max_length=120, required=False, validators=[validate_no_id_card])
    grounds = forms.CharField(
        label=_("事实与理由"), max_length=2000, widget=textarea(6),
        validators=[MinLengthValidator(10, _("请具体写明事实与理由，至少 10 个字。")), validate_no_id_card],
    )  # fmt: skip
    evidence = CheckedFilesField(label=_("证明材料"), required=False, kinds=_KINDS)

    def __init__(self, *args: Any, notice: PublicNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = NoticeEntry.objects.filter(notice=notice).values("base_id")
        self.fields["base"].queryset = Base.objects.filter(pk__in=listed).order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        by_unit = cleaned.get("kind") == Objection.Kind.UNIT
        if by_unit and "contact_person" not in self.errors and not cleaned.get("contact_person"):
            self.add_error("contact_person", _t("以单位名义提出的，请填写联系人。"))
        if cleaned.get("kind") == Objection.Kind.PERSON:
            cleaned["contact_person"] = ""
        return cleaned


class ObjectionForm(_Objector):
    """An objection from the public, with real name."""

    consent = forms.BooleanField(
        label=_("我已知悉：以上个人信息仅用于核实和答复这件异议，只有受理部门可以查看，每次查看都有记录"),
        error_messages={"required": _("请勾选后提交；不同意的，可以用信函向受理部门提出。")},
    )
    human = HumanField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # A solution serves once; it is used up only when the rest of the form is right.
        if not self.errors and not human_check.use_up(cleaned["human"]):
            self.add_error("human", human_check.HumanField.default_error_messages["unsolved"])
        return cleaned

    def objection(self) -> dict[str, Any]:
        """What was entered, without what only guards the form."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"consent", "human"}}


class LetterForm(_Objector):
    """An objection that came as a letter, entered by the office; what the letter does not say stays empty."""

    field_order = ("base", "received_on", "received_by")

    received_on = forms.DateField(label=_("收到日期"), widget=DateInput())
    received_by = forms.CharField(label=_("收件人"), max_length=30, help_text=_("本部门收下这封信的人员姓名。"))

    def __init__(self, *args: Any, notice: PublicNotice, on: date, **kwargs: Any) -> None:
        super().__init__(*args, notice=notice, **kwargs)
        self.notice, self.on = notice, on
        for name, hint in (
            ("name", _("信上没有署名的，可以不填；这样的异议只能不予受理。")),
            ("phone", _("信上没有写的，可以不填；没有手机的异议只能不予受理。")),
        ):
            self.fields[name].required, self.fields[name].help_text = False, hint
        self.fields["evidence"].label = _("信函扫描件和证明材料")

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if reason := letter_date_reason(self.notice, day, self.on):
            raise forms.ValidationError(reason)
        return day


class LookupForm(forms.Form):
    """Find one's own objection again, by its number and its code."""

    number = forms.CharField(label=_("编号"), max_length=30, help_text=_("例如：异〔2026〕12号，也可以只写 2026-12。"))
    code = forms.CharField(label=_("查询码"), max_length=12, help_text=_("10 位字母和数字，不区分大小写。"))

    def clean_number(self) -> tuple[int, int]:
        digits = "".join(c if c.isascii() and c.isdigit() else " " for c in self.cleaned_data["number"]).split()
        if len(digits) != 2 or len(digits[0]) != 4 or len(digits[1]) > 9:
            raise forms.ValidationError(_t("编号由年份和序号组成，例如：异〔2026〕12号。"))
        return int(digits[0]), int(digits[1])

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip().upper()


class NoticeForm(forms.Form):
    """Which of the office's notices a letter objects to."""

    notice = forms.ModelChoiceField(label=_("公示"), queryset=PublicNotice.objects.none(), empty_label=CHOOSE)

    def __init__(self, *args: Any, notices: QuerySet[PublicNotice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notice"].queryset = notices  # type: ignore[attr-defined]


class ActOnObjection(forms.Form):
    """What an act on an objection needs; it knows which one, and the day."""

    def __init__(self, *args: Any, objection: Objection, on: date, **kwargs: Any) -> None:
        self.objection, self.on = objection, on
        super().__init__(*args, **kwargs)


class AcceptForm(ActOnObjection):
    """Taking it up needs no words."""


class DeclineForm(ActOnObjection):
    """Why it is not taken up."""

    ground = forms.ChoiceField(label=_("情形"), choices=Objection.DeclineGround.choices, widget=forms.RadioSelect)
    reason = long_text(_("理由"), 2000, help_text=_("将据此答复异议人，请不要写出异议人的姓名和联系方式。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        late = Objection.DeclineGround.LATE
        chosen = [pair for pair in Objection.DeclineGround.choices if (pair[0] == late) == self.objection.is_late]
        self.fields["ground"].choices = chosen  # type: ignore[attr-defined]


class RecordForm(ActOnObjection):
    """One step of the investigation."""

    kind = forms.ChoiceField(label=_("方式"), choices=ObjectionRecord.Kind.choices, widget=forms.RadioSelect)
    held_on = forms.DateField(label=_("日期"), widget=DateInput())
    people = forms.CharField(
        label=_("参加人员"), max_length=200, validators=[validate_no_id_card],
        help_text=_("本部门的调查人员和被谈话、陪同核查的人员，写姓名和单位。"),
    )  # fmt: skip
    content = long_text(_("内容"), 2000, rows=6, help_text=_("问了什么、看了什么、查明了什么。登记后不能修改。"))
    papers = CheckedFilesField(label=_("附件"), required=False, kinds=_KINDS)

    def clean_held_on(self) -> date:
        day: date = self.cleaned_data["held_on"]
        if reason := record_date_reason(self.objection, day, self.on):
            raise forms.ValidationError(reason)
        return day


class ExtendForm(ActOnObjection):
    """Why the conclusion takes longer."""

    reason = long_text(_("延长的理由"), 500, help_text=_("异议人查询时可以看到，请不要写出异议人的姓名和联系方式。"))


class ConcludeForm(ActOnObjection):
    """The conclusion on the ground of the investigation."""

    outcome = forms.ChoiceField(
        label=_("结论"), widget=forms.RadioSelect,
        choices=[
            (Status.UPHELD, _("异议成立，该基地退出公示名单")),
            (Status.PARTLY_UPHELD, _("异议部分成立，采取措施后可以继续")),
            (Status.DISMISSED, _("异议不成立")),
        ],
    )  # fmt: skip
    findings = long_text(
        _("查明的事实和处理意见"), 2000, rows=6,
        help_text=_("将据此答复异议人；异议成立的，还会写入基地的流转记录，请不要写出异议人的姓名和联系方式。"),
    )  # fmt: skip
    remedy = long_text(
        _("处理措施"), 1000, rows=3, required=False, help_text=_("部分成立的必须填写：由谁、在什么时候之前做什么。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.objection.notice.round_id is None:
            upheld = (Status.UPHELD, _("异议成立，不能照公示的结果作出决定"))
            field = self.fields["outcome"]
            field.choices = [upheld, *field.choices[1:]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        partly = cleaned.get("outcome") == Status.PARTLY_UPHELD
        if partly and "remedy" not in self.errors and not cleaned.get("remedy", "").strip():
            self.add_error("remedy", _t("部分成立的，请写明要采取的处理措施。"))
        return cleaned


class AnswerForm(ActOnObjection):
    """The text of the written answer."""

    text = long_text(
        _("答复正文"), 3000, rows=12, help_text=_("一行一段。已按处理意见拟好，可以修改；不要写出异议人的姓名。")
    )
