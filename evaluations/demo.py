"""A play of the whole life: invented people and bases, moved by the real services. It feeds the demo, and the tests build on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from applications.models import Application, Assignment, Panel, Quota, Round
from applications.services import declaring, notices, panels, recognising, recommending, rounds
from bases.lifecycle import Grade, State
from bases.models import Base, DegreeCategory, PartnerUnit, TrainingUnit
from evaluations.services import assessing, daily, revoking
from portal.acting import Acting
from portal.models import User


def pdf_upload(name: str = "材料.pdf") -> SimpleUploadedFile:
    """A real PDF of one empty page, as it comes from a form."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


@dataclass
class Play:
    """The people whom one base meets, and the steps by which they bring it anywhere in its life on a given day."""

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

    def round(self, on: date, places: int = 10) -> Round:
        """The round of the year, open from that day to the end of the year."""
        found = Round.objects.filter(year=on.year).first()
        if found is not None:
            return found
        end = date(on.year, 12, 31)
        return rounds.open_round(
            year=on.year, opens_on=on, closes_on=end, recommend_by=end, default_places=places, by=self.officer, on=on
        )

    def expert_users(self, count: int) -> list[User]:
        """The accounts of the first experts."""
        return [expert.user for expert in self.experts[:count] if expert.user is not None]

    def quota(self, on: date) -> Quota:
        """The unit's quota in the year's round."""
        return Quota.objects.get(round=self.round(on), training_unit=self.unit)

    def draft(self, on: date, **changes: Any) -> Base:
        """A base whose application is complete and fulfils 第七条."""
        self.round(on)
        self.made += 1
        application = declaring.start_application(
            name=self.names.pop(0) if self.names else f"联合培养基地{self.made}", by=self.applicant, on=on
        )
        values: dict[str, Any] = {
            "partner": self.partner,
            "category": self.category,
            "priority_industry": "modern_energy",
            "cooperation_started_on": on - relativedelta(years=3),
            "unit_investment": Decimal("200000.00"),
            "partner_investment": Decimal("300000.00"),
            "students_trained": 8,
            "reason": "双方合作多年，围绕现代能源培养研究生。",
        } | changes
        agreement = values.pop("agreement", pdf_upload("协议.pdf"))
        declaring.save_draft(application=application, by=self.applicant, values=values, agreement=agreement)
        return Base.objects.get(pk=application.base_id)

    def application(self, base: Base) -> Application:
        """The newest application of a base."""
        return declaring.current_application(base)

    def declared(self, on: date, **changes: Any) -> Base:
        """Declared on that day."""
        return declaring.declare(base=self.draft(on, **changes), acting=self.applicant, on=on)

    def reviewed(self, on: date) -> Base:
        """Declared, with the unit's opinion in all six aspects."""
        base = self.declared(on)
        opinions = dict.fromkeys(recommending.ASPECTS, "情况属实，同意。")
        recommending.review(base=base, acting=self.unit_officer, on=on, **opinions)
        return base

    def in_unit_notice(self, on: date) -> Base:
        """On the unit's list that goes out on that day."""
        base = self.reviewed(on)
        notices.publish_unit_notice(
            round=self.round(on),
            bases=[base],
            title="关于推荐名单的公示",
            text="根据第八条，现予公示。",
            by=self.unit_officer,
            on=on,
        )
        return Base.objects.get(pk=base.pk)

    def recommended(self, on: date) -> Base:
        """Recommended on ``on``; the notice went out ten days before."""
        base = self.in_unit_notice(on - timedelta(days=10))
        return recommending.recommend(base=base, acting=self.unit_officer, on=on)

    def in_review(self, on: date, experts: int = 3) -> Base:
        """With so many experts, all still to score."""
        base = self.recommended(on)
        chosen = self.expert_users(experts)
        recognising.assign_experts(base=base, acting=self.officer, on=on, experts=chosen)
        return recognising.open_review(base=base, acting=self.officer, on=on)

    def score(self, panel: Panel, total: Decimal | int, on: date) -> None:
        """Every expert hands in a sheet with that total (0–100), spread over the criteria by their weight."""
        by_user = {expert.user_id: expert for expert in self.experts}
        share = Decimal(total) / 100
        for assignment in panel.assignments.filter(status=Assignment.Status.ASSIGNED):
            points = {c.key: (c.points * share).quantize(Decimal("0.01")) for c in panel.rubric.criteria.all()}
            panels.submit_sheet(
                assignment=assignment, points=points, comment="材料扎实。", by=by_user[assignment.expert_id], on=on
            )

    def shortlisted(self, on: date) -> Base:
        """On the preliminary list, scored 88."""
        base = self.in_review(on)
        self.score(Panel.objects.get(application__base=base), 88, on)
        return recognising.shortlist(base=base, acting=self.officer, on=on)

    def deliberated(self, on: date) -> Base:
        """Shortlisted, the minutes recorded."""
        base = self.shortlisted(on)
        recognising.record_deliberation(
            base=base, acting=self.officer, on=on, held_on=on, conclusion="同意列入拟认定名单。"
        )
        return base

    def in_recognition_notice(self, on: date) -> Base:
        """On the department's list that goes out on that day."""
        base = self.deliberated(on)
        notices.publish_recognition_notice(
            round=self.application(base).round,
            bases=[base],
            title="关于拟认定名单的公示",
            text="根据第八条，现予公示。",
            by=self.leader,
            on=on,
        )
        return Base.objects.get(pk=base.pk)

    def recognised(self, on: date) -> Base:
        """Recognised on ``on``; the notice went out ten days before."""
        base = self.in_recognition_notice(on - timedelta(days=10))
        return recognising.recognise(base=base, acting=self.leader, on=on)

    def constructing(self, on: date) -> Base:
        """In construction; the recognition document was published on ``on``."""
        base = self.recognised(on)
        recognising.publish_recognition_document(
            bases=[base], title="关于公布名单的通知", document_date=on, published_on=on, by=self.officer, on=on
        )
        return Base.objects.get(pk=base.pk)

    def assessing(self, on: date) -> Base:
        """Its period was over on ``on``, and the daily job opened the assessment."""
        base = self.constructing(on - relativedelta(years=3))
        daily.run(on=on)
        return Base.objects.get(pk=base.pk)

    def graded(self, base: Base, grade: str, on: date) -> Base:
        """Reported, scored, proposed and decided with that grade on ``on``."""
        self.proposed(base, grade, on)
        return assessing.decide_grade(base=base, acting=self.leader, on=on, grade=grade)

    def proposed(self, base: Base, grade: str, on: date) -> Base:
        """Reported and scored; the officer proposes the grade that the score stands for."""
        assessing.submit_report(base=base, acting=self.applicant, on=on, report="三年来共培养研究生四十名。")
        panel = assessing.assign_assessors(base=base, acting=self.officer, on=on, experts=self.expert_users(3))
        self.score(panel, {Grade.EXCELLENT: 92, Grade.QUALIFIED: 75, Grade.FAILED: 45}[Grade(grade)], on)
        assessing.propose_grade(base=base, acting=self.officer, on=on, grade=grade)
        return base

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

    def revoked(self, on: date) -> Base:
        """Revoked because of an incident."""
        base = self.constructing(on)
        self.incident(base, on)
        return revoking.revoke(base=base, acting=self.leader, on=on, reason="经研判确无法继续。")

    def incident(self, base: Base, on: date, *, can_continue: bool = False) -> None:
        """An incident reported by the unit and studied by the department."""
        revoking.report_incident(
            base=base,
            acting=self.unit_officer,
            on=on,
            happened_on=on,
            description="合作单位发生重大安全生产事故。",
            measures="研究生已返校。",
        )
        revoking.study_incident(
            base=base, acting=self.officer, on=on, can_continue=can_continue, finding="已停产，无法继续接收研究生。"
        )

    def withdrawn(self, on: date) -> Base:
        """Assessed as 合格 and withdrawn on that day."""
        base = self.graded(self.assessing(on), Grade.QUALIFIED, on)
        self.request_withdrawal(base, on)
        return revoking.file_withdrawal(base=base, acting=self.officer, on=on)

    def request_withdrawal(self, base: Base, on: date) -> None:
        """Both sides ask in writing."""
        revoking.request_withdrawal(
            base=base, acting=self.unit_officer, on=on, reason="合作方向调整。", unit_signatory="校方代表", partner_signatory="企业代表",
            signed_on=on, request_file=pdf_upload("申请.pdf"),
        )  # fmt: skip

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
