"""The steps of a base's life, each carried out on a given day by the services and people of the portal."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pypdf import PdfWriter

from agreements.models import Agreement
from agreements.services import agreement_signing, agreements
from applications import paper
from applications.models import Application, Assignment, Objection, Panel, PublicNotice, Quota, Round, Rubric
from applications.services import (
    declaring,
    drafting,
    notice_drafts,
    notices,
    objection_answers,
    objections,
    quotas,
    recognising,
    recommending,
    recusals,
    rounds,
    sheets,
)
from bases.lifecycle import Grade, State
from bases.models import Base, DegreeCategory, PartnerUnit, TrainingUnit
from evaluations.demo import agreement_text, paperwork
from evaluations.models import Assessment
from evaluations.services import assessing, daily, revoking
from portal.acting import Acting
from portal.models import User

SCORES = {Grade.EXCELLENT: 92, Grade.QUALIFIED: 75, Grade.FAILED: 45}
OPINIONS = {
    "category_opinion": "属于本单位授权的专业学位类别，培养方案中设有专门的实践环节。",
    "partner_opinion": "合作单位的规模、专家队伍、实践场地和安全条件符合要求。",
    "reason_opinion": "申报理由充分，与本类别的培养目标一致。",
    "results_opinion": "前期合作有协议和投入凭证，培养研究生的名单经核对属实。",
    "prospects_opinion": "合作单位每年能够提供稳定的岗位和课题，发展前景良好。",
    "contribution_opinion": "对提高研究生解决实际问题的能力有明显作用，同意推荐。",
}
REPORT = (
    "一、研究生实践情况：三年来共有四十名研究生进入基地，专业实践时间均在六至十二个月之间，逐月考核并发放生活补贴。\n"
    "二、导师指导：校内导师十二名、行业产业导师十五名，全部实行双导师，每学期共同检查一次。\n"
    "三、产教融合工作：围绕{topic}共建课程两门、案例库一个，学位论文选题七成以上来自基地项目。\n"
    "四、实践成果：形成专利、标准和应用方案十一项，毕业研究生九成在本行业就业。\n"
    "五、经费投入和制度保障：双方投入按协议到位，设有联合管理机构和专人，协议九项内容齐全并在有效期内。"
)
COMMENTS = (
    "材料扎实，双方投入和培养过程都有记录可查，建议继续完善导师互聘。",
    "合作基础较好，实践项目来自真实需求；过程考核的记录还可以更细。",
    "学位点与产业结合紧密，建议明确成果归属和安全管理的责任人。",
)


def pdf_upload(name: str = "材料.pdf") -> SimpleUploadedFile:
    """A real PDF of one empty page, as it comes from a form."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


def spread_over(rubric: Rubric, total: Decimal) -> dict[str, Decimal]:
    """A total (0–100) over the criteria by their weight, every one on its step; the last steps go where most is left off."""
    criteria = list(rubric.criteria.all())
    wanted = {c.key: c.points * total / 100 for c in criteria}
    points = {c.key: wanted[c.key] // c.step * c.step for c in criteria}
    for each in sorted(criteria, key=lambda c: points[c.key] - wanted[c.key]):
        if sum(points.values()) + each.step <= total:
            points[each.key] += each.step
    return points


@dataclass
class Play:
    """The people whom one base meets, the steps that they take, and builders that bring a base anywhere in its life on one day."""

    unit: TrainingUnit
    partner: PartnerUnit
    category: DegreeCategory
    applicant: Acting
    unit_officer: Acting
    partner_officer: Acting
    officer: Acting
    leader: Acting
    experts: list[Acting] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    made: int = 0
    topic: str = "现代能源"
    industry: str = "modern_energy"
    paper: Callable[[str], SimpleUploadedFile] = pdf_upload
    one_file_for_all: bool = True

    def round(self, on: date, places: int = 10) -> Round:
        """The round of the year, open from that day to the end of the year."""
        found = Round.objects.filter(year=on.year).first()
        if found is not None:
            return found
        end = date(on.year, 12, 31)
        return self.opened(places, year=on.year, opens_on=on, closes_on=end, recommend_by=end, on=on)

    def opened(self, places: int, *, on: date, **dates: Any) -> Round:
        """A round with so many places for every unit, which are out at once."""
        weights = {"base_places": places, "per_category": 0, "per_hundred_students": 0, "first_class_bonus": 0}
        formula = weights | {"minimum": 0, "maximum": 200}
        opened = rounds.open_round(**dates, formula=formula, by=self.officer, on=on)
        quotas.publish(round=opened, by=self.officer, on=on, accept_missing=True)
        return opened

    def expert_users(self, count: int) -> list[User]:
        """The accounts of the first experts."""
        return [expert.user for expert in self.experts[:count] if expert.user is not None]

    def quota(self, on: date) -> Quota:
        """The unit's quota in the year's round."""
        return Quota.objects.get(round=self.round(on), training_unit=self.unit)

    def application(self, base: Base) -> Application:
        """The newest application of a base."""
        return declaring.current_application(base)

    # Steps: one act on one day.

    def begin(self, on: date, **values: Any) -> Base:
        """A base whose application holds just these values: fields by their name, and what ``complete`` names besides."""
        self.round(on)
        self.made += 1
        application = drafting.start_application(
            name=self.names.pop(0) if self.names else f"联合培养基地{self.made}", by=self.applicant, on=on
        )
        self.fill(application, on, values)
        return Base.objects.get(pk=application.base_id)

    def fill(self, application: Application, on: date, values: dict[str, Any]) -> None:
        """Fill an application in section by section."""
        left = dict(values)
        students, files = left.pop("students_trained", 0), left.pop("files", ())
        money = {name: left.pop(name, None) for name in ("unit_investment", "partner_investment")}
        whole = left.pop("whole", False)
        partner = left.get("partner")
        pages = paperwork.pages(on=on, partner=partner, topic=self.topic, **money)
        for section in paper.SECTIONS:
            fields, rows = pages.get(section.key, ({}, {}))
            if not whole:
                fields = {}
                rows = {name: entries for name, entries in rows.items() if name == "contributions" and entries}
            fields = fields | {each.name: left.pop(each.name) for each in section.fields if each.name in left}
            if fields or rows:
                drafting.save_section(
                    application=application, section=section.key, by=self.applicant, on=on, values=fields, rows=rows
                )
        if left:
            raise TypeError(f"an application has no {sorted(left)}")
        application.refresh_from_db()
        if whole:
            paperwork.fill_in_targets(application, self.applicant, on)
        paperwork.students(application, students or 0, on)
        paperwork.attach(application, self.applicant, files, self.paper, one_for_all=self.one_file_for_all)

    def complete(self, on: date) -> dict[str, Any]:
        """The values of a complete application that fulfils 第七条: ``whole`` fills in every section besides what is named."""
        return {
            "whole": True,
            "partner": self.partner,
            "category": self.category,
            "division": self.partner.division,
            "priority_industry": self.industry,
            "unit_investment": Decimal("200000.00"),
            "partner_investment": Decimal("300000.00"),
            "students_trained": 8,
            "files": paperwork.NEEDED_FILES,
        }

    def draft(self, on: date, **changes: Any) -> Base:
        """A base whose application is complete, but for what is changed."""
        return self.begin(on, **self.complete(on) | changes)

    def declare(self, base: Base, on: date) -> Base:
        """The applicant declares; an application that was carried over is sealed anew first."""
        application = self.application(base)
        if application.files.exists() and not application.files.filter(kind="sealed_form", removed_at=None).exists():
            paperwork.bring_up_to_date(application, self.applicant, on)
            paperwork.attach(application, self.applicant, ["sealed_form"], self.paper, one_for_all=True)
        return declaring.declare(base=base, acting=self.applicant, on=on)

    def review(self, base: Base, on: date) -> Base:
        """The unit gives its opinion in all six aspects."""
        application = self.application(base)
        recommending.review(
            base=base, acting=self.unit_officer, on=on, agreed=True, application=application, **OPINIONS
        )
        return base

    def publish_list(self, bases: Sequence[Base], on: date, **changes: Any) -> PublicNotice:
        """The unit drafts its recommendation list and publishes it, all on that day."""
        by = changes.pop("by", self.unit_officer)
        given = {"kind": PublicNotice.Kind.RECOMMENDATION, "round": self.round(on), "by": by} | changes
        with transaction.atomic():
            drafted = notice_drafts.draft_notice(bases=bases, on=on, **given)
            return notices.publish(notice=drafted, by=by, on=on)

    def publish_recognition_list(
        self, bases: Sequence[Base], on: date, by: Acting | None = None, **changes: Any
    ) -> PublicNotice:
        """The department's officer drafts and submits the recognition list, the leader (or ``by``) publishes it, all on that day."""
        drafted_by = changes.pop("drafted_by", self.officer)
        given = {"kind": PublicNotice.Kind.RECOGNITION, "round": self.round(on), "by": drafted_by} | changes
        with transaction.atomic():
            drafted = notice_drafts.draft_notice(bases=bases, on=on, **given)
            submitted = notice_drafts.submit(notice=drafted, by=drafted_by, on=on)
            return notices.publish(notice=submitted, by=by or self.leader, on=on)

    def publish_unit_notice(self, base: Base, on: date) -> Base:
        """The unit's list goes out."""
        self.publish_list([base], on, round=self.application(base).round)
        return Base.objects.get(pk=base.pk)

    def correct_notice(self, base: Base, on: date, reason: str) -> Base:
        """The unit withdraws the list on which the base stands and publishes it anew for a full period."""
        notice = PublicNotice.objects.filter(entries__base=base).latest("published_on", "pk")
        withdrawn = notices.withdraw_notice(notice=notice, reason=reason, by=self.unit_officer, on=on)
        drafted = notice_drafts.draft_notice(
            kind=notice.kind, round=notice.round, replaces=withdrawn, by=self.unit_officer, on=on
        )
        notices.publish(notice=drafted, by=self.unit_officer, on=on)
        return Base.objects.get(pk=base.pk)

    def object(self, base: Base, on: date) -> Objection:
        """Somebody objects to the base on its newest notice."""
        notice = PublicNotice.objects.filter(entries__base=base).order_by("-published_on", "-id")[0]
        return objections.file_objection(
            notice=notice,
            base=base,
            name="贺青川",
            phone="13900000000",
            grounds="申请书所列实践场地与本人了解的情况不一致，请核实场地归属和可用面积。",
            on=on,
        )

    def _objections_office(self, objection: Objection) -> Acting:
        return self.unit_officer if objection.notice.issuer_unit_id else self.officer

    def accept_objection(self, objection: Objection, on: date) -> Objection:
        """The office that published the notice takes the objection up."""
        return objections.accept(objection=objection, by=self._objections_office(objection), on=on)

    def decline_objection(self, objection: Objection, on: date) -> Objection:
        """The office does not take it up."""
        reason = "来信只陈述推测，没有写明时间、地点和具体事实，也没有附证明材料。"
        ground = Objection.DeclineGround.GROUNDLESS
        by = self._objections_office(objection)
        return objections.decline(objection=objection, ground=ground, reason=reason, by=by, on=on)

    def investigate_objection(self, objection: Objection, on: date) -> None:
        """The office goes and looks, and takes it down."""
        objections.record_step(
            objection=objection,
            kind="site",
            held_on=on,
            people="研究生教育管理人员两名，合作单位设备科负责人",
            content="现场核对实践场地的租赁合同和平面图，逐间测量可用面积，与申请书所列数字比对，并拍照留存。",
            by=self._objections_office(objection),
            on=on,
        )

    def conclude_objection(self, objection: Objection, outcome: str, on: date) -> Objection:
        """The office concludes; an upheld one takes the base off the list."""
        findings = {
            Objection.Status.UPHELD: "经现场核查，申请书所列实践场地的租赁合同已于上年到期，可用面积不足所列的三分之一，情况属实。",
            Objection.Status.PARTLY_UPHELD: "经现场核查，场地归属无误，可用面积比申请书所列少一成，系计算口径不同。",
            Objection.Status.DISMISSED: "经现场核查，实践场地的权属证明齐全，可用面积与申请书所列一致，反映的情况不属实。",
        }[Objection.Status(outcome)]
        remedy = "由申报单位在三个工作日内更正面积并书面说明。" if outcome == Objection.Status.PARTLY_UPHELD else ""
        by = self._objections_office(objection)
        return objections.conclude(objection=objection, outcome=outcome, findings=findings, remedy=remedy, by=by, on=on)

    def answer_objection(self, objection: Objection, on: date) -> Objection:
        """The office answers in writing, as it is proposed."""
        text = objection_answers.proposed_answer(objection)
        return objection_answers.answer(objection=objection, text=text, by=self._objections_office(objection), on=on)

    def recommend(self, base: Base, on: date) -> Base:
        """The unit reports the base to the department, and closes its notice."""
        moved = recommending.recommend(base=base, acting=self.unit_officer, on=on)
        self._conclude(base, PublicNotice.Kind.RECOMMENDATION, self.unit_officer, on)
        return moved

    def open_review(self, base: Base, on: date, experts: int = 3) -> Base:
        """The dossier goes to the first experts."""
        chosen = self.expert_users(experts)
        recognising.assign_experts(base=base, acting=self.officer, on=on, experts=chosen)
        return recognising.open_review(base=base, acting=self.officer, on=on)

    def declare_free(self, panel: Panel, on: date) -> Panel:
        """Every expert of a panel declares that nothing speaks against their scoring (回避)."""
        by_user = {expert.user_id: expert for expert in self.experts}
        for assignment in panel.assignments.filter(status=Assignment.Status.ASSIGNED):
            recusals.declare_free(assignment=assignment, by=by_user[assignment.expert_id], on=on)
        return panel

    def score(
        self, panel: Panel, total: Decimal | int, on: date, *, spread: Sequence[int] = (), count: int | None = None
    ) -> None:
        """Every expert, or the first ``count``, hands in a sheet with that total (0–100), spread over the criteria by their weight.

        ``spread`` is added to the totals in turn, as people differ.
        """
        by_user = {expert.user_id: expert for expert in self.experts}
        waiting = panel.assignments.filter(status=Assignment.Status.ASSIGNED)
        for number, assignment in enumerate(waiting[:count]):
            wanted = Decimal(total + (spread[number % len(spread)] if spread else 0))
            expert = by_user[assignment.expert_id]
            recusals.declare_free(assignment=assignment, by=expert, on=on)
            sheets.submit_sheet(
                assignment=assignment,
                points=spread_over(panel.rubric, wanted),
                comment=COMMENTS[number % len(COMMENTS)],
                by=expert,
                on=on,
            )

    def shortlist(self, base: Base, on: date) -> Base:
        """On the preliminary list."""
        return recognising.shortlist(base=base, acting=self.officer, on=on)

    def deliberate(self, base: Base, on: date) -> Base:
        """The minutes are recorded."""
        recognising.record_deliberation(
            base=base, acting=self.officer, on=on, held_on=on, conclusion="同意列入拟认定名单。"
        )
        return base

    def publish_recognition_notice(self, base: Base, on: date) -> Base:
        """The department's list goes out."""
        self.publish_recognition_list([base], on, round=self.application(base).round)
        return Base.objects.get(pk=base.pk)

    def recognise(self, base: Base, on: date) -> Base:
        """The leader recognises the base; the officer closes its notice."""
        moved = recognising.recognise(base=base, acting=self.leader, on=on)
        self._conclude(base, PublicNotice.Kind.RECOGNITION, self.officer, on)
        return moved

    def _conclude(self, base: Base, kind: str, by: Acting, on: date) -> None:
        """Close the notice that the base was on, unless something still stands against it."""
        notice = PublicNotice.objects.filter(kind=kind, entries__base=base).latest("published_on", "pk")
        if not notices.conclude_reasons(notice, on):
            notices.conclude(notice=notice, by=by, on=on)

    def publish_document(self, base: Base, on: date) -> Base:
        """The recognition document is published; the construction begins."""
        year = self.application(base).round.year
        title = f"关于公布 {year} 年度研究生联合培养基地名单的通知"
        recognising.publish_recognition_document(
            bases=[base], title=title, document_date=on, published_on=on, by=self.officer, on=on
        )
        return Base.objects.get(pk=base.pk)

    def draft_agreement(self, base: Base, on: date, kind: str = "", **changes: Any) -> Agreement:
        """The unit drafts an agreement with every term and matter filled in; ``changes`` are fields of it by their name."""
        drafted = agreements.start(
            base=base, by=self.unit_officer, on=on, kind=kind or agreements.possible_kinds(base)[0],
            changes=changes.pop("changes", "明确了每月生活补贴标准、保险的购买方和知识产权归属。"),
        )  # fmt: skip
        values = agreement_text.terms(self.topic, base) | changes
        return agreements.save_draft(
            agreement=drafted, by=self.unit_officer, on=on, seen=drafted.revision, values=values,
            clauses=agreement_text.clauses(base),
        )  # fmt: skip

    def propose_agreement(self, base: Base, on: date, **changes: Any) -> Agreement:
        """The unit drafts an agreement and sends its text to the partner."""
        drafted = self.draft_agreement(base, on, **changes)
        return agreements.propose(agreement=drafted, by=self.unit_officer, on=on, seen=drafted.revision)

    def hand_in_agreement(self, base: Base, on: date, **changes: Any) -> Agreement:
        """Both sides agree on a text and sign it; the unit hands the scan in, which waits for the partner."""
        proposed = self.propose_agreement(base, on, **changes)
        agreed = agreements.agree(agreement=proposed, by=self.partner_officer, on=on, seen=proposed.revision)
        file = self.paper("联合培养协议（签署件）.pdf")
        return agreement_signing.sign(agreement=agreed, by=self.unit_officer, on=on, file=file, signed_on=on)

    def revise_agreement(self, base: Base, on: date, **changes: Any) -> Agreement:
        """Both sides revise or renew their agreement, sign it, and the partner confirms the scan: it is effective."""
        handed_in = self.hand_in_agreement(base, on, **changes)
        return agreement_signing.confirm(
            agreement=handed_in, by=self.partner_officer, on=on, seen_file=handed_in.scan_id
        )  # fmt: skip

    def report(self, base: Base, on: date) -> Assessment:
        """The applicant hands in the self-assessment."""
        return assessing.submit_report(base=base, acting=self.applicant, on=on, report=REPORT.format(topic=self.topic))

    def assign_assessors(self, base: Base, on: date, experts: int = 3) -> Panel:
        """The self-assessment goes to the first experts."""
        return assessing.assign_assessors(base=base, acting=self.officer, on=on, experts=self.expert_users(experts))

    def propose(self, base: Base, grade: str, on: date) -> Base:
        """The officer proposes a grade."""
        assessing.propose_grade(base=base, acting=self.officer, on=on, grade=grade)
        return base

    def decide(self, base: Base, grade: str, on: date) -> Base:
        """The leader decides the grade."""
        return assessing.decide_grade(base=base, acting=self.leader, on=on, grade=grade)

    def report_incident(self, base: Base, on: date) -> None:
        """The unit reports a major matter at the partner."""
        revoking.report_incident(
            base=base,
            acting=self.unit_officer,
            on=on,
            happened_on=on,
            description="合作单位主要生产线发生安全生产事故，已全面停产整顿，暂无法安排研究生实践，无研究生伤亡。",
            measures="在基地的六名研究生已于当日全部返校，由校内导师负责，实践任务改在校内平台继续。",
        )

    def study_incident(self, base: Base, on: date, *, can_continue: bool = False) -> None:
        """The department studies it."""
        finding = (
            "经现场核查，合作单位已整改到位并恢复生产，可以继续联合培养。"
            if can_continue
            else "经现场核查，合作单位停产期限无法确定，不再具备实践条件，无法继续联合培养。"
        )
        revoking.study_incident(base=base, acting=self.officer, on=on, can_continue=can_continue, finding=finding)

    def revoke(self, base: Base, on: date, reason: str = "经研判确无法继续联合培养，依第二十条予以撤销。") -> Base:
        """The leader revokes the base on the proposed ground."""
        return revoking.revoke(base=base, acting=self.leader, on=on, reason=reason)

    def request_withdrawal(self, base: Base, on: date) -> None:
        """Both sides ask in writing."""
        revoking.request_withdrawal(
            base=base, acting=self.unit_officer, on=on, reason="合作单位业务方向调整，双方协商一致，不再继续联合培养；在读研究生已妥善安排。",
            unit_signatory="校方代表", partner_signatory="合作单位代表",
            signed_on=on, request_file=self.paper("自主撤销申请.pdf"),
        )  # fmt: skip

    def file_withdrawal(self, base: Base, on: date) -> Base:
        """The department files the request."""
        return revoking.file_withdrawal(base=base, acting=self.officer, on=on)

    # Builders: all the steps up to a state, on as few days as the periods allow.

    def declared(self, on: date, **changes: Any) -> Base:
        """Declared on that day."""
        return self.declare(self.draft(on, **changes), on)

    def reviewed(self, on: date) -> Base:
        """Declared, with the unit's opinion in all six aspects."""
        return self.review(self.declared(on), on)

    def in_unit_notice(self, on: date) -> Base:
        """On the unit's list that goes out on that day."""
        return self.publish_unit_notice(self.reviewed(on), on)

    def recommended(self, on: date) -> Base:
        """Recommended on ``on``; the notice went out ten days before."""
        return self.recommend(self.in_unit_notice(on - timedelta(days=10)), on)

    def in_review(self, on: date, experts: int = 3) -> Base:
        """With so many experts, all still to score."""
        return self.open_review(self.recommended(on), on, experts)

    def shortlisted(self, on: date) -> Base:
        """On the preliminary list, scored 88."""
        base = self.in_review(on)
        self.score(Panel.objects.get(application__base=base), 88, on)
        return self.shortlist(base, on)

    def deliberated(self, on: date) -> Base:
        """Shortlisted, the minutes recorded."""
        return self.deliberate(self.shortlisted(on), on)

    def in_recognition_notice(self, on: date) -> Base:
        """On the department's list that goes out on that day."""
        return self.publish_recognition_notice(self.deliberated(on), on)

    def recognised(self, on: date) -> Base:
        """Recognised on ``on``; the notice went out ten days before."""
        return self.recognise(self.in_recognition_notice(on - timedelta(days=10)), on)

    def constructing(self, on: date) -> Base:
        """In construction; the recognition document was published on ``on``."""
        return self.publish_document(self.recognised(on), on)

    def assessing(self, on: date) -> Base:
        """Its period was over on ``on``, and the daily job opened the assessment."""
        base = self.constructing(on - relativedelta(years=3))
        daily.run(on=on)
        return Base.objects.get(pk=base.pk)

    def proposed(self, base: Base, grade: str, on: date) -> Base:
        """Reported and scored; the officer proposes the grade that the score stands for."""
        self.report(base, on)
        self.score(self.assign_assessors(base, on), SCORES[Grade(grade)], on)
        return self.propose(base, grade, on)

    def graded(self, base: Base, grade: str, on: date) -> Base:
        """Reported, scored, proposed and decided with that grade on ``on``."""
        return self.decide(self.proposed(base, grade, on), grade, on)

    def demonstration(self, on: date) -> Base:
        """Assessed as 优秀 on that day."""
        return self.graded(self.assessing(on), Grade.EXCELLENT, on)

    def rectifying(self, on: date) -> Base:
        """Assessed as 不合格 on that day for the first time."""
        return self.graded(self.assessing(on), Grade.FAILED, on)

    def reassessing(self, on: date) -> Base:
        """Its two years to rectify were over on ``on``."""
        base = self.rectifying(on - relativedelta(years=2))
        daily.run(on=on)
        return Base.objects.get(pk=base.pk)

    def incident(self, base: Base, on: date, *, can_continue: bool = False) -> None:
        """An incident reported by the unit and studied by the department."""
        self.report_incident(base, on)
        self.study_incident(base, on, can_continue=can_continue)

    def revoked(self, on: date) -> Base:
        """Revoked because of an incident."""
        base = self.constructing(on)
        self.incident(base, on)
        return self.revoke(base, on)

    def withdrawn(self, on: date) -> Base:
        """Assessed as 合格 and withdrawn on that day."""
        base = self.graded(self.assessing(on), Grade.QUALIFIED, on)
        self.request_withdrawal(base, on)
        return self.file_withdrawal(base, on)

    def in_state(self, state: str, on: date) -> Base:
        """A base in any state of the machine, brought there by the real services."""
        closed: dict[str, Callable[[], Base]] = {
            State.NOT_RECOMMENDED: lambda: recommending.decline(
                base=self.declared(on), acting=self.unit_officer, on=on, reason="布局重复。"
            ),
            State.NOT_RECOGNISED: lambda: recognising.reject(
                base=self.recommended(on), acting=self.officer, on=on, reason="材料不足。"
            ),
        }
        builders: dict[str, Callable[[date], Base]] = {
            State.DRAFTING: self.draft,
            State.DECLARED: self.declared,
            State.UNIT_NOTICE: self.in_unit_notice,
            State.RECOMMENDED: self.recommended,
            State.IN_REVIEW: self.in_review,
            State.SHORTLISTED: self.deliberated,
            State.RECOGNITION_NOTICE: self.in_recognition_notice,
            State.RECOGNISED: self.recognised,
            State.CONSTRUCTING: self.constructing,
            State.ASSESSING: self.assessing,
            State.DEMONSTRATION: self.demonstration,
            State.RECTIFYING: self.rectifying,
            State.REASSESSING: self.reassessing,
            State.REVOKED: self.revoked,
            State.WITHDRAWN: self.withdrawn,
        }
        wanted = State(state)
        return closed[wanted]() if wanted in closed else builders[wanted](on)
