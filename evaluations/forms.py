"""The boundary of 考核, 整改 and 撤销."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from bases.acts import ActForm
from bases.lifecycle import Grade, Ground
from evaluations.models import Assessment
from evaluations.services import assessing, revoking
from portal.errors import Refused
from portal.forms import DateInput
from portal.uploads import CheckedFileField


class ReportForm(ActForm):
    """The self-assessment."""

    report = long_text(
        _("自评报告"), 5000, rows=12, help_text=_("围绕研究生实践、导师指导、产教融合、实践成果、经费和制度六个方面。")
    )
    report_file = CheckedFileField(label=_("报告及佐证材料"), required=False)

    def prepare(self) -> None:
        current = Assessment.objects.filter(base=self.base, closed_on=None).first()
        if current is not None:
            self.initial = {"report": current.report}


class PlanForm(ActForm):
    """The rectification plan."""

    plan = long_text(_("整改方案"), 3000, rows=10, help_text=_("针对考核指出的问题，写明措施、责任人和完成时间。"))

    def prepare(self) -> None:
        current = self.base.rectifications.first()
        if current is not None:
            self.initial = {"plan": current.plan}


class GradeForm(ActForm):
    """A grade, with the reason where it differs from what was proposed."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices, widget=forms.RadioSelect)
    reason = long_text(_("说明"), 1000, rows=3, required=False)

    def prepare(self) -> None:
        current = Assessment.objects.filter(base=self.base, closed_on=None).first()
        if current is None:
            return
        if current.kind == Assessment.Kind.REASSESSMENT:
            self.fields["grade"].choices = [c for c in Grade.choices if c[0] != Grade.EXCELLENT]  # type: ignore[attr-defined]
        self.suggest(current)

    def suggest(self, current: Assessment) -> None:
        """Set the first value and say where it comes from."""


class ProposeGradeForm(GradeForm):
    """The officer's proposal; the thresholds suggest."""

    def suggest(self, current: Assessment) -> None:
        try:
            score, suggested = assessing.suggestion(current, self.on)
        except Refused:
            return
        self.initial = {"grade": current.proposed_grade or suggested, "reason": current.proposal_reason}
        self.fields["grade"].help_text = _t("综合得分 %(score)s，按分数线对应“%(grade)s”；拟定其他等级须写明理由。") % {
            "score": score,
            "grade": suggested.label,
        }


class DecideGradeForm(GradeForm):
    """The leader's decision; the proposal suggests."""

    def suggest(self, current: Assessment) -> None:
        if not current.proposed_grade:
            return
        self.initial = {"grade": current.proposed_grade}
        score = current.panel.aggregate if current.panel else "—"
        self.fields["grade"].help_text = _t(
            "综合得分 %(score)s，经办拟定“%(grade)s”。%(reason)s 决定其他等级须写明理由。"
        ) % {
            "score": score,
            "grade": current.get_proposed_grade_display(),
            "reason": current.proposal_reason,
        }


class DecisionReasonForm(ActForm):
    """The reason of a decision on a proposed revocation, beside the facts that were proposed."""

    reason = long_text(_("决定理由"), 500)

    def prepare(self) -> None:
        proposal = revoking.open_proposal(self.base)
        if proposal is not None:
            self.fields["reason"].help_text = _t("事由：%(ground)s。%(facts)s") % {
                "ground": proposal.get_ground_display(),
                "facts": proposal.facts,
            }


class DismissForm(DecisionReasonForm):
    """Not to revoke; an absence needs a new date."""

    extend_to = forms.DateField(label=_("新的自评报告提交期限"), widget=DateInput(), required=False)

    def prepare(self) -> None:
        super().prepare()
        proposal = revoking.open_proposal(self.base)
        if proposal is None or proposal.ground != Ground.ABSENT:
            del self.fields["extend_to"]


class IncidentForm(ActForm):
    """A report of a major matter at the partner; short, so that it can be filed from a phone."""

    happened_on = forms.DateField(label=_("发生日期"), widget=DateInput())
    description = long_text(_("情况说明"), 2000, help_text=_("发生了什么、影响多大、是否有人员伤亡。"))
    measures = long_text(_("对在基地研究生的安排"), 1000, rows=3, help_text=_("研究生是否安全、现在何处、谁负责。"))
    file = CheckedFileField(label=_("证明材料"), required=False, kinds=("pdf", "png", "jpg"))

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > self.on:
            raise forms.ValidationError(_t("发生日期 %(day)s 还没有到，请核对。") % {"day": day.isoformat()})
        return day


class StudyForm(ActForm):
    """The department's study of an incident."""

    can_continue = forms.TypedChoiceField(
        label=_("研判结论"),
        choices=[("yes", _("可以继续联合培养")), ("no", _("确无法继续，提出撤销建议"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    finding = long_text(_("研判意见"), 2000)

    def prepare(self) -> None:
        incident = revoking.waiting_incident(self.base)
        if incident is not None:
            self.fields["finding"].help_text = _t("%(day)s 发生：%(text)s") % {
                "day": incident.happened_on.isoformat(),
                "text": incident.description,
            }


class WithdrawalForm(ActForm):
    """The joint written request of 第二十一条."""

    reason = long_text(_("申请理由"), 1000)
    unit_signatory = forms.CharField(label=_("培养单位签字人"), max_length=30)
    partner_signatory = forms.CharField(label=_("合作单位签字人"), max_length=30)
    signed_on = forms.DateField(label=_("签署日期"), widget=DateInput())
    request_file = CheckedFileField(label=_("双方签章的书面申请"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        signed = cleaned.get("signed_on")
        if signed and signed > self.on:
            self.add_error("signed_on", _t("签署日期 %(day)s 还没有到，请核对。") % {"day": signed.isoformat()})
        return cleaned
