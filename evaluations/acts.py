"""The acts of 考核, 整改, 示范 and 撤销 on one base."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from applications.acts import roles
from applications.forms import ExpertsForm
from bases.acts import Act, register
from bases.lifecycle import GROUND_STATES, Ground, State
from bases.models import Base
from evaluations import forms
from evaluations.models import Assessment
from evaluations.services import assessing, revoking, titles
from portal.acting import Acting
from portal.roles import Role

UNDER = roles(*assessing.UNDER_ASSESSMENT)
LIVING_OR_RECOGNISED = roles(*GROUND_STATES[Ground.INCIDENT])


def _no_panel(base: Base, acting: Acting, on: date) -> bool:
    return Assessment.objects.filter(base=base, closed_on=None, panel=None).exists()


def _undecided(base: Base, acting: Acting, on: date) -> bool:
    return Assessment.objects.filter(base=base, closed_on=None, grade="").exists()


def _proposed(base: Base, acting: Acting, on: date) -> bool:
    return revoking.open_proposal(base) is not None


def _may_dismiss(base: Base, acting: Acting, on: date) -> bool:
    proposal = revoking.open_proposal(base)
    return proposal is not None and proposal.ground in {Ground.ABSENT, Ground.INCIDENT}


def _not_told(base: Base, acting: Acting, on: date) -> bool:
    return assessing.reassessment_notice(base) is None


def _certificate_lacks(base: Base, acting: Acting, on: date) -> bool:
    return titles.certificate_lacks(base)


def _incident_waits(base: Base, acting: Acting, on: date) -> bool:
    return revoking.waiting_incident(base) is not None


def _withdrawal_waits(base: Base, acting: Acting, on: date) -> bool:
    return revoking.waiting_withdrawal(base) is not None


def register_all() -> None:
    """Hand the acts down to the base's page."""
    for act in (
        Act(
            "submit-report", _("提交自评报告"), roles(Role.APPLICANT), UNDER, "15 16",
            _("提交后由教育厅分配专家评审；专家开始评审前可以修改。逾期不交按未参加考核处理。"),
            perform=assessing.submit_report, form=forms.ReportForm, offered=_no_panel, told=_("教育厅经办"), order=10,
            done=_("自评报告已提交。下一步由教育厅分配专家评审。"),
        ),
        Act(
            "assign-assessors", _("分配考核专家"), roles(Role.DEPT_OFFICER), UNDER, "16",
            _("材料随即送达所选专家，由其独立评分。"),
            perform=assessing.assign_assessors, form=ExpertsForm, reasons=assessing.assign_reasons, offered=_undecided,
            told=_("所选专家"), order=10,
            done=_("考核专家已分配，材料已送达专家。"),
        ),
        Act(
            "propose-grade", _("拟定考核等级"), roles(Role.DEPT_OFFICER), UNDER, "16",
            _("综合得分随之确定；拟定后由教育厅审批人决定，拟定人与决定人不能是同一人。"),
            perform=assessing.propose_grade, form=forms.ProposeGradeForm, reasons=assessing.propose_reasons, offered=_undecided,
            told=_("教育厅审批"), order=20,
            done=_("考核等级已拟定。下一步由教育厅审批决定。"),
        ),
        Act(
            "decide-grade", _("决定考核等级"), roles(Role.DEPT_LEADER), UNDER, "16 17 19",
            _(
                "优秀：授予示范基地称号并给予经费支持；合格：继续建设，已有称号保留；不合格：予以通报、撤销称号、限期两年整改；"
                "连续两次考核不合格或者复评不合格：转入撤销程序，另行决定。文件随即编号登记。"
            ),
            perform=assessing.decide_grade, form=forms.DecideGradeForm, reasons=assessing.decide_reasons, offered=_undecided,
            told=_("培养单位、合作单位"), danger=True, order=10,
            done=_("考核等级已决定，结果和后续办理见本页。"),
        ),
        Act(
            "submit-plan", _("提交整改方案"), roles(Role.APPLICANT), roles(State.RECTIFYING), "19",
            _("整改期满后启动复评，复评不合格的基地予以撤销。"),
            perform=assessing.submit_plan, form=forms.PlanForm, told=_("教育厅经办"), order=10,
            done=_("整改方案已提交。"),
        ),
        Act(
            "notify-reassessment", _("下发复评通知"), roles(Role.DEPT_OFFICER), roles(State.REASSESSING), "19",
            _("复评通知按文稿拟写，随即编号登记；写明自评报告的提交期限。登记后内容不能更改。"),
            perform=assessing.send_reassessment_notice, offered=_not_told, told=_("培养单位、合作单位"), order=5,
            done=_("复评通知已编号登记，正式文本正在生成。"),
        ),
        Act(
            "make-certificate", _("生成示范基地证书"), roles(Role.DEPT_OFFICER), roles(State.DEMONSTRATION, State.ASSESSING), "17",
            _("证书按授予时的编号和日期生成，带核验码；称号取消后，核验时显示已撤回。"),
            perform=titles.ask_for_certificate, offered=_certificate_lacks, order=30,
            done=_("证书正在生成，稍后可以在本页下载。"),
        ),
        Act(
            "report-incident", _("报告重大事项"), roles(Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER), LIVING_OR_RECOGNISED, "20",
            _("教育厅收到后组织研判，确无法继续联合培养的基地将被撤销。"),
            perform=revoking.report_incident, form=forms.IncidentForm, told=_("教育厅经办"), order=60,
            done=_("已报告教育厅。请先落实对研究生的安排。"),
        ),
        Act(
            "study-incident", _("研判重大事项"), roles(Role.DEPT_OFFICER), LIVING_OR_RECOGNISED, "20",
            _("结论为无法继续的，提出撤销建议，由教育厅审批人决定。"),
            perform=revoking.study_incident, form=forms.StudyForm, offered=_incident_waits, told=_("教育厅审批"), order=5,
            done=_("研判结论已登记；结论为无法继续的，由教育厅审批决定是否撤销。"),
        ),
        Act(
            "revoke", _("撤销基地"), roles(Role.DEPT_LEADER), LIVING_OR_RECOGNISED, "17 19 20",
            _("基地资格和示范基地称号（如有）一并终止，撤销决定随即编号登记。撤销后不能恢复。"),
            perform=revoking.revoke, form=forms.DecisionReasonForm, reasons=revoking.revoke_reasons, offered=_proposed,
            told=_("培养单位、合作单位"), danger=True, order=5,
            done=_("基地已撤销，撤销决定已编号登记。"),
        ),
        Act(
            "dismiss-proposal", _("不予撤销"), roles(Role.DEPT_LEADER), LIVING_OR_RECOGNISED, "19 20",
            _("撤销建议就此办结，基地保持当前状态。"),
            perform=revoking.dismiss_proposal, form=forms.DismissForm, offered=_may_dismiss, told=_("培养单位"), order=6,
            done=_("已决定不予撤销，撤销建议已办结。"),
        ),
        Act(
            "request-withdrawal", _("申请自主撤销"), roles(Role.UNIT_OFFICER), roles(State.CONSTRUCTING, State.DEMONSTRATION), "21",
            _("教育厅备案后基地资格终止，不能恢复。须由双方共同书面提出。"),
            perform=revoking.request_withdrawal, form=forms.WithdrawalForm,
            reasons=lambda base, acting, on: revoking.withdrawal_obstacles(base, on), told=_("教育厅经办"), danger=True, order=80,
            done=_("自主撤销申请已提交。下一步由教育厅审核备案。"),
        ),
        Act(
            "file-withdrawal", _("自主撤销备案"), roles(Role.DEPT_OFFICER), roles(State.CONSTRUCTING, State.DEMONSTRATION), "21",
            _("基地资格和示范基地称号（如有）终止，备案函随即编号登记，不能恢复。"),
            perform=revoking.file_withdrawal, reasons=revoking.file_withdrawal_reasons, offered=_withdrawal_waits,
            told=_("培养单位、合作单位"), danger=True, order=10,
            done=_("已备案，备案函已编号登记，基地资格终止。"),
        ),
    ):  # fmt: skip
        register(act)
