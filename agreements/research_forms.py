"""The boundary of projects, topics, requests, results and exchanges: what both sides enter."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements import research_queries
from agreements.committee_forms import short_text
from agreements.mentor_forms import long_text
from agreements.models import BaseProject, Placement, PublicationRequest, Result, SecrecyClearance, ThesisTopic
from agreements.services import publications, result_authors
from bases.models import Base
from portal.errors import Refused
from portal.forms import DateInput
from portal.uploads import CheckedFileField

OTHER_OWNER = {"unit": "partner", "partner": "unit"}


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DateInput(), help_text=help_text)


def _label_students(choice: Any) -> None:
    choice.label_from_instance = lambda placement: f"{placement.student.name}（{placement.student.number}）"


class ProjectForm(forms.Form):
    """A project of the base; the other side's alone is entered by that side."""

    name = short_text(_("项目名称"), 100)
    number = short_text(_("项目编号"), 40, required=False)
    source = short_text(_("项目来源"), 60, required=False, help_text=_("例如国家自然科学基金、企业自立课题。"))
    owner = forms.ChoiceField(
        label=_("立项方"),
        choices=BaseProject.Owner.choices,
        widget=forms.RadioSelect,
        help_text=_("成果公开由立项方决定；双方立项的，双方都同意才能公开。"),
    )
    unit_leader = short_text(_("培养单位负责人"), 30, required=False)
    partner_leader = short_text(_("合作单位负责人"), 30, required=False)
    starts_on = _day(_("开始日期"), required=False)
    ends_on = _day(_("结束日期"), required=False)
    funds = forms.DecimalField(
        label=_("项目经费"), min_value=0, max_digits=12, decimal_places=2, required=False,
        widget=forms.NumberInput(attrs={"data-unit": _("元"), "step": "0.01"}),
    )  # fmt: skip
    is_secret = forms.BooleanField(
        label=_("涉及商业或技术秘密"),
        required=False,
        help_text=_("主要内容只有双方可以看到。涉及国家秘密的内容不得录入本系统。"),
    )
    secret_note = long_text(_("保密范围"), 300, required=False, rows=2, help_text=_("涉及秘密的必填：哪些内容须保密。"))
    summary = long_text(_("主要内容"), 500, required=False)

    def __init__(self, *args: Any, side: str, project: BaseProject | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if project is None:
            owner: Any = self.fields["owner"]
            owner.choices = [each for each in BaseProject.Owner.choices if each[0] != OTHER_OWNER[side]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _t("结束日期不能早于开始日期。"))
        if cleaned.get("is_secret") and not cleaned.get("secret_note") and "secret_note" not in self.errors:
            self.add_error("secret_note", _t("请写明哪些内容须保密。"))
        return cleaned


class EndProjectForm(forms.Form):
    """When and how a project ended."""

    ended_on = _day(_("结题或终止日期"))
    note = long_text(_("结题或终止情况"), 300)


class TopicForm(forms.Form):
    """The topic of a student's thesis (协议：培养过程 2)."""

    placement = forms.ModelChoiceField(
        label=_("研究生"), queryset=Placement.objects.none(), empty_label=_("请选择"),
        help_text=_("进入过本基地、还没有选题的研究生。"),
    )  # fmt: skip
    title = short_text(_("论文题目"), 150)
    project = forms.ModelChoiceField(
        label=_("依托项目"), queryset=BaseProject.objects.none(), required=False, empty_label=_("不依托基地项目"),
        help_text=_("选题原则上与基地实践研究的项目相结合。"),
    )  # fmt: skip
    no_project_reason = long_text(_("不依托基地项目的理由"), 300, required=False, rows=2)
    uses_practice = forms.BooleanField(
        label=_("使用实践期间的研究内容和成果"), required=False, initial=True,
        help_text=_("使用的，论文开题前由合作单位确认是否涉密。"),
    )  # fmt: skip
    planned_on = _day(_("计划开题日期"), required=False, help_text=_("合作单位按这个日期安排确认。"))

    def __init__(self, *args: Any, base: Base, topic: ThesisTopic | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project: Any = self.fields["project"]
        project.queryset = BaseProject.objects.filter(base=base)
        if topic is None:
            placement: Any = self.fields["placement"]
            placement.queryset = research_queries.without_topic(base)
            _label_students(placement)
        else:
            del self.fields["placement"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "project" in self.errors:
            return cleaned
        if cleaned.get("project") is None:
            if not cleaned.get("no_project_reason") and "no_project_reason" not in self.errors:
                self.add_error("no_project_reason", _t("没有依托项目的，请写明理由。"))
        elif not cleaned.get("uses_practice"):
            self.add_error("uses_practice", _t("依托基地项目的选题使用实践期间的研究内容，请勾选。"))
        return cleaned


class DatedForm(forms.Form):
    """What is entered on a day, which the page says before it looks at what was entered."""

    on: date | None = None

    def not_ahead(self, name: str) -> date:
        """A day that is over or is today."""
        day: date = self.cleaned_data[name]
        if self.on is not None and day > self.on:
            raise forms.ValidationError(_t("这一天还没有到，请在此之后登记。"))
        return day


class ClearanceForm(DatedForm):
    """The partner's answer, for all chosen topics (协议：知识产权)."""

    verdict = forms.ChoiceField(label=_("结论"), choices=SecrecyClearance.Verdict.choices, widget=forms.RadioSelect)
    conditions = long_text(_("不得公开的内容"), 500, required=False, help_text=_("结论为“部分内容不得公开”时填写。"))
    closed_until = _day(_("不公开至"), required=False, help_text=_("没有期限的不填。"))
    reason = long_text(_("说明"), 300, required=False, rows=2, help_text=_("涉密、不能作为选题的，必须写明原因。"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        verdict = cleaned.get("verdict")
        if verdict == "conditions" and not cleaned.get("conditions") and "conditions" not in self.errors:
            self.add_error("conditions", _t("请写明论文中不得公开的内容。"))
        if verdict == "refused" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _t("请写明为什么不能作为选题。"))
        return cleaned

    def clean_closed_until(self) -> date | None:
        day: date | None = self.cleaned_data["closed_until"]
        if day is not None and self.on is not None and day <= self.on:
            raise forms.ValidationError(_t("不公开的截止日期应在今天之后。"))
        return day


class ApproveForm(DatedForm):
    """The day of the 开题."""

    approved_on = _day(_("开题日期"))

    def clean_approved_on(self) -> date:
        return self.not_ahead("approved_on")


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = long_text(_("原因"), 300)


class ConfirmForm(forms.Form):
    """Nothing but the button."""


class PublicationForm(forms.Form):
    """What is to be made public, where, and by whom (协议：知识产权)."""

    placement = forms.ModelChoiceField(
        label=_("申请人（研究生）"), queryset=Placement.objects.none(), empty_label=_("请选择")
    )
    project = forms.ModelChoiceField(
        label=_("涉及的项目"), queryset=BaseProject.objects.none(), empty_label=_("请选择"),
        help_text=_("由这个项目的立项方决定；双方立项的，双方都要同意。"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("公开方式"), choices=PublicationRequest.Kind.choices)
    title = short_text(_("题目"), 200)
    venue = short_text(_("刊物、会议或受理机构"), 120)
    abstract = long_text(_("公开的内容"), 1500, rows=6, help_text=_("摘要，以及涉及项目的哪些方法、数据和结果。"))
    file = CheckedFileField(label=_("拟公开的文稿"), required=False, help_text=_("只有双方可以打开。"))
    answer_by = _day(_("请于此前决定"), help_text=_("按投稿或会议的期限填写，通常留 15 天。"))

    def __init__(
        self, *args: Any, base: Base, on: date, follows: PublicationRequest | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        placement: Any = self.fields["placement"]
        placement.queryset = research_queries.placed_in(base)
        if follows is not None:
            placement.queryset = placement.queryset.filter(pk=follows.placement_id)
        _label_students(placement)
        project: Any = self.fields["project"]
        project.queryset = BaseProject.objects.filter(base=base)
        project.label_from_instance = lambda each: f"{each.name}（{each.get_owner_display()}）"
        self.fields["answer_by"].initial = on + publications.ANSWER_WITHIN

    def clean_answer_by(self) -> date:
        day: date = self.cleaned_data["answer_by"]
        if day < self.on:
            raise forms.ValidationError(_t("不能早于今天。"))
        return day


class AgreeForm(forms.Form):
    """Under what conditions the content may be made public."""

    conditions = long_text(
        _("公开的条件"), 500, required=False, help_text=_("例如删去的数据、须注明的出处；没有条件的不填。")
    )
    reason = long_text(_("说明"), 300, required=False, rows=2)


class ResultForm(DatedForm):
    """A result with its authors and owners (协议：知识产权)."""

    kind = forms.ChoiceField(label=_("成果类型"), choices=Result.Kind.choices)
    title = short_text(_("成果名称"), 200)
    achieved_on = _day(_("取得日期"), help_text=_("发表、授权、登记或获奖的日期。"))
    venue = short_text(_("刊物、授予或登记机构"), 120, required=False)
    number = short_text(_("编号"), 80, required=False, help_text=_("例如刊期、专利号、标准号、登记号。"))
    authors = long_text(
        _("完成人"), 3000, rows=5,
        help_text=_("按署名次序，一行一人。本基地的研究生和导师写姓名即可；同名的在逗号后写学号或身份；其他人写“姓名，其他，单位”。"),
    )  # fmt: skip
    owner = forms.ChoiceField(label=_("成果归属"), choices=Result.Owner.choices, widget=forms.RadioSelect)
    owner_note = long_text(
        _("归属约定"),
        300,
        required=False,
        rows=2,
        help_text=_("双方和导师商定的份额、使用方式；归第三方或多方的必填。"),
    )
    project = forms.ModelChoiceField(
        label=_("依托项目"), queryset=BaseProject.objects.none(), required=False, empty_label=_("没有依托项目")
    )
    request = forms.ModelChoiceField(
        label=_("公开申请"), queryset=PublicationRequest.objects.none(), required=False, empty_label=_("没有"),
        help_text=_("研究生公开项目内容的，选择立项方已批准的申请；没有的会标出。"),
    )  # fmt: skip
    evidence = CheckedFileField(label=_("证明材料"), required=False, help_text=_("证书、录用或收录证明等。"))

    def __init__(self, *args: Any, base: Base, on: date, result: Result | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base, self.on = base, on
        project: Any = self.fields["project"]
        project.queryset = BaseProject.objects.filter(base=base)
        request: Any = self.fields["request"]
        request.queryset = PublicationRequest.objects.filter(project__base=base, status="approved")
        if result is not None:
            self.fields["reason"] = long_text(_("更正原因"), 300, rows=2)
            self.fields["evidence"].help_text = _("不更换的不选。")

    def clean_achieved_on(self) -> date:
        return self.not_ahead("achieved_on")

    def clean_authors(self) -> str:
        text: str = self.cleaned_data["authors"]
        try:
            result_authors.read(self.base, text)
        except Refused as refusal:
            raise forms.ValidationError(list(refusal.reasons)) from refusal
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        third = cleaned.get("owner") == Result.Owner.THIRD
        if third and not cleaned.get("owner_note") and "owner_note" not in self.errors:
            self.add_error("owner_note", _t("归第三方或多方的，请写明归属约定。"))
        return cleaned


def result_as_entered(result: Result) -> dict[str, Any]:
    """The first values of the form of a result that is there."""
    names = ("kind", "title", "achieved_on", "venue", "number", "owner", "owner_note", "project", "request")
    return {name: getattr(result, name) for name in names} | {
        "authors": result_authors.as_text(result.authors.select_related("student"))
    }


class ExchangeForm(DatedForm):
    """An activity that both sides held (协议：权责划分（一）1)."""

    title = short_text(_("活动名称"), 100)
    held_on = _day(_("活动日期"))
    place = short_text(_("地点"), 120)
    participants = forms.IntegerField(
        label=_("参加人数"), min_value=1, max_value=100_000, widget=forms.NumberInput(attrs={"data-unit": _("人")})
    )
    content = long_text(_("主要内容"), 500, required=False)
    file = CheckedFileField(label=_("活动材料"), required=False, help_text=_("通知、议程、签到表等。"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_held_on(self) -> date:
        return self.not_ahead("held_on")
