"""The acts of 申报, 推荐, 评审 and 认定 on one base."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications import forms
from applications.models import Deliberation, PublicNotice
from applications.services import declaring, recognising, recommending
from bases.acts import Act, register
from bases.lifecycle import State
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role


def roles(*names: str) -> frozenset[str]:
    """A set of roles, written shortly."""
    return frozenset(str(name) for name in names)


def _edit_page(base: Base) -> str:
    return reverse("application-edit", args=[declaring.current_application(base).pk])


def _review_page(base: Base) -> str:
    return reverse("application-review", args=[declaring.current_application(base).pk])


def _ranking_page(base: Base) -> str:
    return reverse("round-ranking", args=[declaring.current_application(base).round_id])


def _report_page(base: Base) -> str:
    return f"{reverse('recommendation-report')}?bases={base.pk}"


def _offers_return(base: Base, acting: Acting, on: object) -> bool:
    return (base.state == State.DECLARED) == (acting.role == Role.UNIT_OFFICER)


def _not_agreed(base: Base, acting: Acting, on: object) -> tuple[str, ...]:
    return recommending.listing_reasons(base)


def _not_deliberated(base: Base, acting: Acting, on: object) -> tuple[str, ...]:
    minutes = Deliberation.objects.filter(application=declaring.current_application(base))
    return () if minutes.exists() else (_t("审议纪要尚未登记，请先由教育厅经办登记。"),)


def _submitted(base: Base) -> PublicNotice | None:
    kind, state = PublicNotice.Kind.RECOGNITION, PublicNotice.State.SUBMITTED
    return PublicNotice.objects.filter(kind=kind, state=state, chosen=base).first()


def _not_submitted(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    if _submitted(base) is not None:
        return ()
    return _not_deliberated(base, acting, on) or (_t("认定公示还没有提交审批，请由教育厅经办起草并提交。"),)


def _notice_page(base: Base) -> str:
    """The draft in which the base is, or where one is begun."""
    found = PublicNotice.objects.filter(state__in=PublicNotice.PREPARED, chosen=base).first()
    if found is not None:
        return reverse("desk-notice", args=[found.pk])
    kind = PublicNotice.Kind.RECOMMENDATION if base.state == State.DECLARED else PublicNotice.Kind.RECOGNITION
    return f"{reverse('notice-new')}?kind={kind}"


def _missed_its_round(base: Base, acting: Acting, on: date) -> bool:
    return declaring.missed_its_round(base, on)


def register_all() -> None:
    """Hand the acts down to the base's page."""
    for act in (
        Act(
            "edit", _("填写申请书"), roles(Role.APPLICANT), roles(State.DRAFTING), "8(1)", "", link=_edit_page, order=5,
        ),
        Act(
            "declare", _("提交申报"), roles(Role.APPLICANT), roles(State.DRAFTING), "5 7 8(1)",
            _("申请书和条件核验结果将按现在的内容固定，提交后不能自行修改；研究生院可以退回修改。"),
            perform=declaring.declare, form=forms.DeclareForm, reasons=declaring.declare_reasons, told=_("本单位研究生院"), order=10,
            done=_("已提交申报。下一步由研究生院作六项审核。"),
        ),
        Act(
            "redeclare", _("再次申报"), roles(Role.APPLICANT), roles(State.NOT_RECOMMENDED, State.NOT_RECOGNISED), "5",
            _("将在本年度批次中新建一份申请书，沿用上次填写的内容，由您核对更新。"),
            perform=declaring.redeclare, reasons=declaring.redeclare_reasons, order=10,
            done=_("已新建本年度的申请书，上次的内容已带入。下一步：核对更新后提交申报。"),
        ),
        Act(
            "renew", _("转入新的批次"), roles(Role.APPLICANT), roles(State.DRAFTING), "5",
            _("在现在开放的年度批次中新建一份申请书，已填写的内容和协议全部带入；原批次的草稿就此停用。"),
            perform=declaring.renew_draft, reasons=declaring.renew_reasons, offered=_missed_its_round, order=4,
            done=_("已转入新的批次，已填写的内容已带入。下一步：核对更新后提交申报。"),
        ),
        Act(
            "review", _("填写六项审核意见"), roles(Role.UNIT_OFFICER), roles(State.DECLARED), "8(2)",
            _("六项意见填齐、结论为同意推荐，才能列入推荐公示；公示发布前可以修改。"), link=_review_page, order=10,
        ),
        Act(
            "publish-unit-notice", _("发布推荐公示"), roles(Role.UNIT_OFFICER), roles(State.DECLARED), "6 8(2)", "",
            link=_notice_page, reasons=_not_agreed, order=20,
        ),
        Act(
            "return", _("退回修改"), roles(Role.UNIT_OFFICER, Role.DEPT_OFFICER), roles(State.DECLARED, State.RECOMMENDED), "8(2)",
            _("申请书退回申报人修改，修改后须重新提交并重走审核、公示。"),
            perform=declaring.return_for_revision, form=forms.ReasonForm, reasons=declaring.return_reasons,
            offered=_offers_return, told=_("申报人"), order=60,
            done=_("已退回申报人修改，理由已告知申报人。"),
        ),
        Act(
            "decline", _("不予推荐"), roles(Role.UNIT_OFFICER), roles(State.DECLARED, State.UNIT_NOTICE), "8(2)",
            _("本年度不再推荐这个基地，申请书就此结束；以后批次可以再次申报。"),
            perform=recommending.decline, form=forms.ReasonForm, told=_("申报人"), danger=True, order=70,
            done=_("已作不予推荐处理，申报人可以看到理由。"),
        ),
        Act(
            "recommend", _("推荐至教育厅"), roles(Role.UNIT_OFFICER), roles(State.UNIT_NOTICE), "8(2)",
            _("公示无异议的基地报送教育厅，报送后由教育厅组织专家评审。"),
            link=_report_page, reasons=recommending.recommend_reasons, told=_("教育厅经办"), order=10,
        ),
        Act(
            "assign-experts", _("分配评审专家"), roles(Role.DEPT_OFFICER), roles(State.RECOMMENDED, State.IN_REVIEW), "8(3)",
            _("启动评审后，所选专家声明无利害关系，才能看到材料并独立评分；应当回避的专家不能选。"),
            perform=recognising.assign_experts, form=forms.ExpertsForm, reasons=recognising.assign_reasons, told=_("所选专家"), order=10,
            done=_("专家已分配。"),
        ),
        Act(
            "open-review", _("启动专家评审"), roles(Role.DEPT_OFFICER), roles(State.RECOMMENDED), "8(3)",
            _("材料送达专家，开始评审，此后不能再退回修改。"),
            perform=recognising.open_review, reasons=recognising.open_review_reasons, told=_("已分配的专家"), order=20,
            done=_("专家评审已启动，材料已送达专家。"),
        ),
        Act(
            "shortlist", _("列入初步名单"), roles(Role.DEPT_OFFICER), roles(State.IN_REVIEW), "8(3)",
            _("按本批次排序统一确定初步名单，一次办理；综合得分随之确定，不再变动。"),
            link=_ranking_page, reasons=recognising.shortlist_reasons, order=20,
        ),
        Act(
            "deliberate", _("登记审议纪要"), roles(Role.DEPT_OFFICER), roles(State.SHORTLISTED), "8(4)",
            _("登记后由经办起草认定公示、审批人发布；登记人与审批人不能是同一人。"),
            perform=recognising.record_deliberation, form=forms.DeliberationForm, reasons=recognising.deliberate_reasons, told=_("教育厅审批"), order=10,
            done=_("审议纪要已登记。下一步：起草认定公示，提交审批。"),
        ),
        Act(
            "draft-recognition-notice", _("起草认定公示"), roles(Role.DEPT_OFFICER), roles(State.SHORTLISTED), "8(4)", "",
            link=_notice_page, reasons=_not_deliberated, order=20,
        ),
        Act(
            "publish-recognition-notice", _("审批认定公示"), roles(Role.DEPT_LEADER), roles(State.SHORTLISTED), "8(4)", "",
            link=_notice_page, reasons=_not_submitted, order=10,
        ),
        Act(
            "recognise", _("予以认定"), roles(Role.DEPT_LEADER), roles(State.RECOGNITION_NOTICE), "8(4)",
            _("公示无异议，认定该基地；随后由经办登记认定文件，建设期自文件公布之日起算。"),
            perform=recognising.recognise, reasons=recognising.recognise_reasons, told=_("培养单位、合作单位"), order=10,
            done=_("已认定。下一步由教育厅经办登记认定文件。"),
        ),
        Act(
            "reject", _("不予认定"), roles(Role.DEPT_OFFICER, Role.DEPT_LEADER),
            roles(State.RECOMMENDED, State.IN_REVIEW, State.SHORTLISTED, State.RECOGNITION_NOTICE), "8(3) 8(4)",
            _("本年度不认定这个基地，评审就此结束；以后批次可以再次申报。"),
            perform=recognising.reject, form=forms.ReasonForm, told=_("培养单位"), danger=True, order=70,
            done=_("已作不予认定处理，培养单位可以看到理由。下一步：在批次的“结果通知”里发评审结果通知。"),
        ),
        Act(
            "start-construction", _("登记认定文件"), roles(Role.DEPT_OFFICER), roles(State.RECOGNISED), "8(4) 12", "",
            link=lambda base: reverse("recognition-document"), order=10,
        ),
    ):  # fmt: skip
        register(act)
