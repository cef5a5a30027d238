"""Every rule that a form or a field states stands in the database too; and every word on the screen stands in the catalogue."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command, get_commands, load_command_class
from django.core.validators import BaseValidator, RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from agreements.models import (
    Account,
    AccountStatement,
    Agreement,
    AgreementRevision,
    AgreementStep,
    Appointment,
    BaseProject,
    Clause,
    CommitteeMeeting,
    CommitteeMember,
    CommitteeTerm,
    Contribution,
    ContributionPlan,
    ContributionReversal,
    ExchangeEvent,
    Expense,
    Grant,
    LedgerEntry,
    Mentor,
    MentorAppraisal,
    MentorTraining,
    MonthClosing,
    MonthlyRecord,
    MonthReview,
    Placement,
    PlacementChange,
    PlacementEvent,
    Post,
    PracticeCertificate,
    PublicationDecision,
    PublicationRequest,
    Receipt,
    RegulationDocument,
    RemunerationPayment,
    RemunerationReversal,
    ResearchEvent,
    ResponsibleOffice,
    Result,
    ResultAuthor,
    RuleVersion,
    SecrecyClearance,
    StipendLink,
    Student,
    ThesisTopic,
)
from agreements.services import base_rules, contributions, months, receipts, remuneration, statements
from applications.models import (
    Application,
    ApplicationBasics,
    ApplicationFile,
    ApplicationVersion,
    Assignment,
    AssignmentPlan,
    AssignmentPlanEntry,
    AvoidedExpert,
    BudgetLine,
    CampusMentor,
    Criterion,
    Equipment,
    ExpertAbsence,
    ExpertChange,
    ExpertInvitation,
    ExpertProfile,
    ExpertRelation,
    IndustryMentor,
    MeetingItem,
    MeetingMember,
    Objection,
    ObjectionRecord,
    Panel,
    PartnerProfile,
    Platform,
    PreliminaryEntry,
    PreliminaryList,
    PriorContribution,
    PriorResult,
    Project,
    PublicNotice,
    Quota,
    QuotaFormula,
    Recommendation,
    RecusalRecord,
    ReviewMeeting,
    Round,
    RoundExtension,
    Rubric,
    Score,
    SheetUnlock,
    TrainedStudent,
    UnitFacts,
    YearTarget,
)
from applications.services import avoiding, experts, invitations, meetings, objections, quotas, rounds, rubrics, sheets
from bases.lifecycle import State
from bases.models import (
    ApplicantChange,
    Base,
    CategoryAlias,
    CategoryAuthorisation,
    DegreeCategory,
    Division,
    LifecycleEvent,
    Membership,
    OfficeText,
    OfficialDocument,
    PartnerUnit,
    Policy,
    TrainingUnit,
)
from bases.services import applicants, people
from evaluations.models import (
    Assessment,
    DemonstrationTitle,
    Incident,
    Rectification,
    Reminder,
    RevocationProposal,
    Withdrawal,
)
from portal import clock, services, verification
from portal.models import (
    CalendarYear,
    ClockShift,
    ImportCheck,
    IssuedCopy,
    IssuedRecord,
    OutboxJob,
    RegulationText,
    StoredFile,
    User,
)
from tests.agreements import certified, mentoring, placing, research
from tests.agreements import months as cooperating
from tests.agreements.funds import own_account, paid_in, spent
from tests.factories import World, pdf_upload

ROOT = Path(__file__).resolve().parents[2]
APPS = ["portal", "bases", "agreements", "applications", "evaluations"]

# The thirteen industries of 第七条（一） are a list that the department extends; growing code lists get no wall.
CHOICES_WITHOUT_A_WALL = {"bases.Base.priority_industry"}
# The username of Django's own account model; our form for accounts is stricter.
VALIDATORS_WITHOUT_A_WALL = {"portal.User.username"}
# Parts that have no life of their own go with their whole; everything else is protected, so that no record is lost.
PARTS_OF_A_WHOLE = {
    "agreements.ResultAuthor.result",
    *(
        f"applications.{part}.application"
        for part in (
            "ApplicationBasics",
            "ApplicationFile",
            "BudgetLine",
            "CampusMentor",
            "ConstructionPlan",
            "Equipment",
            "IndustryMentor",
            "OtherPartner",
            "PartnerProfile",
            "Platform",
            "PriorContribution",
            "PriorResult",
            "Project",
            "SectionState",
            "SectionVisit",
            "SignedAgreement",
            "TrainedStudent",
            "YearTarget",
        )
    ),
    "applications.AssignmentPlanEntry.plan",
    "applications.MeetingItem.meeting",
    "applications.MeetingMember.meeting",
    "applications.QuotaFormula.round",
    "applications.SectionVisit.user",
    "bases.CategoryAlias.category",
    "applications.Criterion.rubric",
    "applications.RubricDrafter.rubric",
    "applications.ExpertAbsence.profile",
    "applications.PreliminaryEntry.preliminary_list",
    "applications.Score.sheet",
    "bases.CategoryAuthorisation.training_unit",
}
# What there is once only, beside the primary keys.
UNIQUE = {
    "agreements.Account": {"grant", "base (live)"},
    "agreements.AccountStatement": {"record", "account from_on to_on last_number"},
    "agreements.Agreement": {"base version", "base (live)", "record"},
    "agreements.AgreementRevision": {"base", "agreement"},
    "agreements.Clause": {"agreement matter"},
    "agreements.ContributionPlan": {"base year side kind number"},
    "agreements.ContributionReversal": {"contribution"},
    "agreements.Expense": {"replaces"},
    "agreements.BaseProject": {"base name"},
    "agreements.Appointment": {"base mentor (live)", "renews", "record"},
    "agreements.CommitteeMember": {"term side name duty (live)"},
    "agreements.CommitteeTerm": {"base (live)"},
    "agreements.MentorAppraisal": {"appointment year (live)"},
    "agreements.RegulationDocument": {"base side title (live)"},
    "agreements.ResponsibleOffice": {"base (live)"},
    "agreements.RuleVersion": {"rule number"},
    "agreements.Grant": {"base source"},
    "agreements.PracticeCertificate": {"placement (live)", "number (live)", "replaces", "record"},
    "agreements.RemunerationReversal": {"payment"},
    "agreements.LedgerEntry": {"grant", "contribution", "expense", "reversal_of", "account number"},
    "agreements.PlacementChange": {"placement (live)"},
    "agreements.Student": {"training_unit number"},
    "agreements.MonthClosing": {"base month"},
    "agreements.MonthlyRecord": {"placement month entry", "placement month (live)"},
    "agreements.Receipt": {"record (live)"},
    "agreements.StipendLink": {"secret_hash", "base student (live)"},
    "agreements.PublicationDecision": {"request side"},
    "agreements.PublicationRequest": {"follows"},
    "agreements.Result": {"base kind title (live)"},
    "agreements.ResultAuthor": {"result place"},
    "agreements.ThesisTopic": {"placement (live)"},
    "applications.Application": {"base round"},
    "applications.ApplicationBasics": {"application"},
    "applications.ApplicationFile": {"replaces"},
    "applications.ApplicationVersion": {"application number"},
    "applications.ConstructionPlan": {"application"},
    "applications.PartnerProfile": {"application"},
    "applications.PrintedApplication": {"application version content_sha256"},
    "applications.QuotaFormula": {"round"},
    "applications.Recommendation": {"document"},
    "applications.RecommendationEntry": {"recommendation application", "recommendation position"},
    "applications.SectionState": {"application section"},
    "applications.SectionVisit": {"application section window"},
    "applications.TrainedStudent": {"application key", "application number"},
    "applications.UnitDeadline": {"round training_unit"},
    "applications.UnitFacts": {"training_unit year"},
    "applications.BudgetLine": {"application key"},
    "applications.CampusMentor": {"application key"},
    "applications.Equipment": {"application key"},
    "applications.IndustryMentor": {"application key"},
    "applications.OtherPartner": {"application key"},
    "applications.Platform": {"application key"},
    "applications.PriorContribution": {"application key"},
    "applications.PriorResult": {"application key"},
    "applications.Project": {"application key"},
    "applications.SignedAgreement": {"application key"},
    "applications.YearTarget": {"application key"},
    "bases.CategoryAlias": {"category code name"},
    "applications.Assignment": {"panel expert", "replaces"},
    "applications.AvoidedExpert": {"application position", "application name employer"},
    "applications.AssignmentPlan": {"round (live)"},
    "applications.AssignmentPlanEntry": {"plan application expert"},
    "applications.Criterion": {"rubric key"},
    "applications.RubricDrafter": {"rubric user"},
    "applications.Deliberation": {"application"},
    "applications.ExpertInvitation": {"secret_hash", "profile (live)"},
    "applications.ExpertProfile": {"user", "name employer", "phone (live)"},
    "applications.MeetingItem": {"meeting application"},
    "applications.MeetingMember": {"meeting name employer", "meeting (live)"},
    "applications.NoticeEntry": {"notice base", "notice position"},
    "applications.Objection": {"code", "issuer_unit year serial"},
    "applications.ObjectionCounter": {"issuer_unit year"},
    "applications.PreliminaryEntry": {"preliminary_list application", "preliminary_list place"},
    "applications.PreliminaryList": {"round (live)"},
    "applications.PublicNotice": {"replaces", "issuer_unit kind round (live)"},
    "applications.Panel": {"application"},
    "applications.Quota": {"round training_unit"},
    "applications.Round": {"year"},
    "applications.ResultLetter": {"application", "document"},
    "applications.Rubric": {"purpose version", "purpose (live)"},
    "applications.Score": {"sheet criterion"},
    "applications.ScoreSheet": {"assignment"},
    "applications.UnitReview": {"application"},
    "bases.Base": {"training_unit name"},
    "bases.CategoryAuthorisation": {"training_unit category"},
    "bases.DegreeCategory": {"code"},
    "bases.Department": {"name"},
    "bases.Division": {"code"},
    "bases.DocumentCounter": {"issuer_unit year"},
    "bases.LifecycleEvent": {"base sequence"},
    "bases.Membership": {"user role training_unit partner_unit department (live)", "user (live)"},
    "bases.OfficeText": {"kind issuer_unit version"},
    "bases.OfficialDocument": {"issuer_unit year serial", "record"},
    "bases.PartnerUnit": {"credit_code", "name"},
    "bases.Policy": {"version", "effective_from"},
    "bases.TrainingUnit": {"code", "name"},
    "evaluations.Assessment": {"panel", "base (live)", "base kind opened_on"},
    "evaluations.DemonstrationTitle": {"number", "base (live)"},
    "evaluations.Rectification": {"assessment"},
    "evaluations.Reminder": {"base kind due_on days_before"},
    "evaluations.RevocationProposal": {"incident", "base (live)"},
    "evaluations.Withdrawal": {"base (live)"},
    "portal.CalendarDay": {"day"},
    "portal.IssuedCopy": {"record sha256", "record (live)"},
    "portal.IssuedRecord": {"code"},
    "portal.CalendarYear": {"year"},
    "portal.ClockShift": {"singleton"},
    "portal.OutboxJob": {"key"},
    "portal.RegulationText": {"edition article"},
    "portal.StoredFile": {"key"},
    "portal.Submission": {"key"},
    "portal.User": {"username"},
}


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def our_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in our_models():
        for each in model._meta.local_concrete_fields:
            yield model, each


def checks(model: type[models.Model]) -> list[models.CheckConstraint]:
    return [constraint for constraint in model._meta.constraints if isinstance(constraint, models.CheckConstraint)]


def leaves(condition: Q, negated: bool = False) -> Iterator[tuple[str, Any]]:
    """The (lookup, value) pairs of a condition that are not denied."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from leaves(child, negated ^ condition.negated)
        elif not negated ^ condition.negated:
            yield child


def values_allowed(constraint: models.CheckConstraint, name: str) -> set[Any]:
    found: set[Any] = set()
    for lookup, value in leaves(constraint.condition):
        if lookup == f"{name}__in":
            found |= {str(each) for each in value}
        elif lookup == name and isinstance(value, str):
            found.add(str(value))
    return found


def test_every_field_with_choices_has_a_wall_that_knows_exactly_these_choices() -> None:
    open_fields = set()
    for model, each in our_fields():
        if not each.choices:
            continue
        wanted = {str(value) for value, _label in each.flatchoices} | ({""} if each.blank else set())
        if wanted not in [values_allowed(constraint, each.name) for constraint in checks(model)]:
            open_fields.add(f"{model._meta.label}.{each.name}")
    assert open_fields == CHOICES_WITHOUT_A_WALL


def test_no_amount_and_no_score_can_be_negative() -> None:
    def has_floor(model: type[models.Model], name: str) -> bool:
        bounds = {
            f"{name}__gte": (0,),
            f"{name}__gt": (0,),
            # The higher of two scores stands above the lower one, which stands above nothing.
            "qualified_score__lt": (F(name),),
        }
        return any(
            value in bounds.get(lookup, ()) or (lookup == f"{name}__range" and value[0] == 0)
            for c in checks(model)
            for lookup, value in leaves(c.condition)
        )

    without = [
        f"{model._meta.label}.{each.name}"
        for model, each in our_fields()
        if isinstance(each, models.DecimalField) and not has_floor(model, each.name)
    ]
    assert without == []


def test_every_validator_of_a_field_has_a_wall() -> None:
    without = {
        f"{model._meta.label}.{each.name}"
        for model, each in our_fields()
        for validator in each._validators
        if isinstance(validator, RegexValidator | BaseValidator) or callable(validator)
        if not any(
            lookup.split("__")[0] == each.name and "__" in lookup
            for constraint in checks(model)
            for lookup, _value in leaves(constraint.condition)
        )
    }
    assert without == VALIDATORS_WITHOUT_A_WALL


def test_what_is_there_once_only() -> None:
    found: dict[str, set[str]] = {}
    for model in our_models():
        own = {each.name for each in model._meta.local_concrete_fields if each.unique and not each.primary_key}
        own |= {
            " ".join(constraint.fields) + (" (live)" if constraint.condition else "")
            for constraint in model._meta.constraints
            if isinstance(constraint, models.UniqueConstraint)
        }
        if own:
            found[model._meta.label] = own
    assert found == UNIQUE


def test_no_record_is_lost_with_another() -> None:
    deleted_with = {
        f"{model._meta.label}.{each.name}"
        for model, each in our_fields()
        if isinstance(each, models.ForeignKey) and each.remote_field.on_delete is not models.PROTECT
    }
    assert deleted_with == PARTS_OF_A_WHOLE


@dataclass(frozen=True)
class Break:
    """A row like one that stands, with changes that the wall of this name must refuse."""

    model: type[models.Model]
    changes: dict[str, Any]
    like: dict[str, Any] = field(default_factory=dict)


LONG_AGO = date(1900, 1, 1)
DRAFTED = {"status": "drafting"}


LATER = datetime(2026, 11, 24, 3, tzinfo=UTC)
FRESH_EXPERT = {"user_id": None, "name": "另一位", "phone": ""}
UNFINISHED, CLOSED = {"state": "draft"}, {"closing__isnull": False}
ENDED_INVITATION = {"secret_hash": "f" * 64, "withdrawn_at": LATER}

FAR_TERM = {"starts_on": date(2050, 1, 1), "ends_on": date(2051, 1, 1)}

CERTIFIED = {"status": "issued"}
NEXT_CERTIFICATE = {"number": "鉴〔2026〕9号"}

BREAKS: dict[str, Break] = {
    # the ground floor
    "calendar_year_within_sight": Break(CalendarYear, {"year": 2019}),
    "clock_shift_is_one_row": Break(ClockShift, {"singleton": False}),
    "stored_file_is_not_empty": Break(StoredFile, {"size": 0}),
    "only_a_faultless_import_is_applied": Break(
        ImportCheck, {"wrong": 1, "applied_at": datetime(2100, 1, 1, tzinfo=UTC)}
    ),
    "import_applied_after_its_check": Break(ImportCheck, {"applied_at": datetime(1990, 1, 1, tzinfo=UTC)}),
    "issued_code_well_formed": Break(IssuedRecord, {"code": "O0I1L2Z5S8B"}),
    "issued_record_says_what_and_by_whom": Break(IssuedRecord, {"title": ""}),
    "withdrawn_record_has_a_reason": Break(IssuedRecord, {"withdrawn_on": date(2100, 1, 1)}),
    "withdrawn_after_it_was_issued": Break(IssuedRecord, {"withdrawn_on": LONG_AGO, "withdrawn_reason": "误发。"}),
    "copy_kind_known": Break(IssuedCopy, {"kind": "photo"}),
    "copy_has_its_hash": Break(IssuedCopy, {"sha256": "x" * 64}),
    "signed_copy_names_its_certificate": Break(IssuedCopy, {"signed_by": "某某"}),
    "outbox_job_state_known": Break(OutboxJob, {"state": "lost"}),
    "regulation_text_edition_counts_from_one": Break(RegulationText, {"edition": 0}),
    "regulation_text_article_is_a_key": Break(RegulationText, {"article": "八"}),
    "regulation_text_is_not_empty": Break(RegulationText, {"wording": ""}),
    "regulation_text_sha256_is_a_hash": Break(RegulationText, {"sha256": "x" * 64}),
    # bases
    "degree_category_code_four_digits": Break(DegreeCategory, {"code": "85A5"}),
    "alias_code_four_digits": Break(CategoryAlias, {"code": "85A5"}),
    "alias_has_a_name": Break(CategoryAlias, {"name": ""}),
    "division_code_six_digits": Break(Division, {"code": "15010"}),
    "authorisation_level_known": Break(CategoryAuthorisation, {"level": "bachelor"}),
    "authorisation_year_plausible": Break(CategoryAuthorisation, {"year": 1889}),
    "training_unit_kind_known": Break(TrainingUnit, {"kind": "school"}),
    "training_unit_code_five_digits": Break(TrainingUnit, {"code": "1012"}),
    "partner_unit_kind_of_article_7_2": Break(PartnerUnit, {"kind": "person"}),
    "partner_unit_credit_code_form": Break(PartnerUnit, {"credit_code": "91150100MA00000IOZ"}),
    "code_exception_has_reason_and_scan": Break(PartnerUnit, {"code_exception_reason": "证照如此。"}),
    "membership_organisation_fits_role": Break(Membership, {"role": "dept_leader"}, like={"role": "applicant"}),
    "document_published_after_its_date": Break(OfficialDocument, {"published_on": LONG_AGO}),
    "document_year_within_sight": Break(OfficialDocument, {"year": 1}),
    "document_kind_known": Break(OfficialDocument, {"kind": "letter"}),
    "withdrawn_document_says_why": Break(OfficialDocument, {"withdrawn_on": date(2100, 1, 1)}),
    "scan_of_a_document_has_its_file": Break(OfficialDocument, {"scanned_on": date(2026, 11, 24), "file_id": None}),
    "office_text_counts_from_one": Break(OfficeText, {"version": 0}),
    "office_text_is_whole": Break(OfficeText, {"title": ""}),
    "policy_periods_positive": Break(Policy, {"construction_years": 0}),
    "policy_periods_within_reason": Break(Policy, {"construction_years": 51}),
    "policy_notice_days_in_order": Break(Policy, {"notice_working_days": 11}),
    "policy_objection_days_within_reason": Break(Policy, {"objection_accept_days": 61}),
    "policy_panel_in_order": Break(Policy, {"panel_size": 2}),
    "policy_review_within_reason": Break(Policy, {"recusal_years": 51}),
    "policy_monthly_day_within_reason": Break(Policy, {"monthly_due_day": 29}),
    "policy_practice_in_order": Break(Policy, {"practice_months_min": 13}),
    "policy_scores_in_order": Break(Policy, {"qualified_score": Decimal(86)}),
    "policy_scores_of_a_hundred": Break(Policy, {"excellent_score": Decimal(101)}),
    "policy_money_not_negative": Break(Policy, {"demonstration_grant": Decimal("-0.01")}),
    "base_state_known": Break(Base, {"state": "sleeping", "title_number": ""}),
    "base_grade_known": Break(Base, {"last_grade": "good"}),
    "applicant_change_between_two_people": Break(ApplicantChange, {"to_user_id": F("from_user_id")}),
    "applicant_change_has_a_reason": Break(ApplicantChange, {"reason": ""}),
    "base_construction_in_order": Break(
        Base, {"construction_ends_on": LONG_AGO}, like={"construction_started_on__isnull": False}
    ),
    "base_rectification_date_only_while_rectifying": Break(
        Base, {"rectification_ends_on": LONG_AGO}, like={"state": "demonstration"}
    ),
    "living_base_has_its_policy_and_period": Break(Base, {"policy_id": None}, like={"state": "demonstration"}),
    "demonstration_base_holds_a_title": Break(Base, {"title_number": ""}, like={"state": "demonstration"}),
    "title_lost_with_the_standing": Break(Base, {"title_number": "示范 1 号"}, like={"state": "revoked"}),
    "event_counts_from_one": Break(LifecycleEvent, {"sequence": 0}),
    "event_moves_the_base": Break(LifecycleEvent, {"source": "declared", "target": "declared"}),
    "event_states_known": Break(LifecycleEvent, {"target": "sleeping"}),
    # agreements
    "revision_due_after_it_was_asked": Break(AgreementRevision, {"due_on": LONG_AGO}),
    "revision_done_by_an_agreement": Break(
        AgreementRevision, {"done_on": date(2026, 1, 2)}, like={"done_on__isnull": True}
    ),
    "agreement_counts_from_one": Break(Agreement, {"version": 0}, like=DRAFTED),
    "agreement_status_known": Break(Agreement, {"status": "sleeping"}, like=DRAFTED),
    "agreement_kind_and_origin_known": Break(Agreement, {"kind": "gift"}, like=DRAFTED),
    "agreement_insurer_known": Break(Agreement, {"insurance_by": "nobody"}, like=DRAFTED),
    "agreement_floors_not_negative": Break(Agreement, {"stipend_floor_master": Decimal("-0.01")}, like=DRAFTED),
    "agreement_term_and_posts_within_reason": Break(Agreement, {"term_years": 21}, like=DRAFTED),
    "agreement_copies_go_round": Break(Agreement, {"copies_each": 3}, like=DRAFTED),
    "agreement_that_is_sent_is_whole": Break(Agreement, {"status": "proposed", "goals": ""}, like=DRAFTED),
    "agreement_in_force_has_its_dates": Break(Agreement, {"status": "signed"}, like=DRAFTED),
    "agreement_dates_in_order": Break(Agreement, {"effective_on": LONG_AGO}, like={"status": "effective"}),
    "agreement_ends_within_its_term": Break(Agreement, {"ended_on": LONG_AGO}, like={"status": "effective"}),
    "terminated_agreement_says_why": Break(Agreement, {"ending": "mutual"}, like=DRAFTED),
    "agreement_ending_known": Break(Agreement, {"ended_side": "both"}, like=DRAFTED),
    "clause_matter_known": Break(Clause, {"matter": "weather"}, like={"agreement__status": "drafting"}),
    "agreement_step_known": Break(AgreementStep, {"kind": "danced"}),
    "agreement_step_side_known": Break(AgreementStep, {"side": "both"}),
    "grant_amount_positive": Break(Grant, {"amount": Decimal(0)}),
    "grant_source_known": Break(Grant, {"source": "lottery"}),
    # 月度考核与生活补贴
    "closed_month_is_its_first_day": Break(MonthClosing, {"month": date(2026, 9, 2)}),
    "closed_amount_not_negative": Break(MonthClosing, {"amount": Decimal("-0.01")}),
    "month_closed_after_it_began": Break(MonthClosing, {"closed_on": LONG_AGO}),
    "record_month_is_its_first_day": Break(MonthlyRecord, {"month": date(2026, 10, 2)}, like=UNFINISHED),
    "record_counts_from_one": Break(MonthlyRecord, {"entry": 0, "correction_reason": "补登。"}, like=CLOSED),
    "record_state_known": Break(MonthlyRecord, {"state": "lost"}, like=UNFINISHED),
    "record_grade_known": Break(MonthlyRecord, {"grade": "good"}, like=UNFINISHED),
    "record_days_of_a_month": Break(MonthlyRecord, {"days": 32}, like=UNFINISHED),
    "record_amount_plausible": Break(MonthlyRecord, {"amount": Decimal("-0.01")}, like=UNFINISHED),
    "record_floor_not_negative": Break(MonthlyRecord, {"floor": Decimal("-0.01")}, like=UNFINISHED),
    "done_record_is_whole": Break(MonthlyRecord, {"state": "done"}, like=UNFINISHED),
    "record_below_the_floor_says_why": Break(
        MonthlyRecord, {"amount": Decimal(1), "floor": Decimal(2), "below_reason": ""}, like=CLOSED
    ),
    "payment_has_its_amount": Break(MonthlyRecord, {"paid_on": date(2026, 11, 5)}, like=UNFINISHED),
    "closed_record_is_done": Break(MonthlyRecord, {"state": "draft"}, like=CLOSED),
    "correction_says_why": Break(MonthlyRecord, {"entry": 2}, like=UNFINISHED),
    "reviewed_month_is_its_first_day": Break(MonthReview, {"month": date(2026, 10, 2)}),
    "review_side_known": Break(MonthReview, {"side": "moon"}),
    "review_says_what_was_found": Break(MonthReview, {"note": ""}),
    "stipend_link_in_order": Break(StipendLink, {"expires_on": LONG_AGO}),
    "receipt_answer_known": Break(Receipt, {"answer": "maybe"}),
    "receipt_amount_not_negative": Break(Receipt, {"amount": Decimal("-0.01")}),
    "denied_receipt_says_what_is_missing": Break(Receipt, {"note": ""}),
    "handled_denial_has_its_answer": Break(Receipt, {"handling": "已重发。"}),
    # mentors and committees
    "mentor_belongs_to_the_side_of_the_kind": Break(Mentor, {"kind": "industry"}, like={"kind": "campus"}),
    "mentor_title_known": Break(Mentor, {"title": "king"}),
    "mentor_degree_known": Break(Mentor, {"degree": "guru"}),
    "mentor_years_plausible": Break(Mentor, {"years": 71}),
    "mentor_phone_can_be_called": Break(Mentor, {"phone": "12345"}),
    "appointment_status_known": Break(Appointment, {"status": "asleep"}, like={"status": "nominated"}),
    "appointment_has_its_term": Break(Appointment, FAR_TERM | {"decided_on": None}, like={"status": "appointed"}),
    "appointment_term_in_order": Break(
        Appointment, {"ends_on": LONG_AGO, "starts_on": LONG_AGO, "status": "withdrawn"}
    ),
    "ended_appointment_says_why": Break(
        Appointment, FAR_TERM | {"status": "ended", "ended_on": FAR_TERM["ends_on"]}, like={"status": "appointed"}
    ),
    "ended_appointment_has_its_last_day": Break(
        Appointment, FAR_TERM | {"status": "ended"}, like={"status": "appointed"}
    ),
    "declined_nomination_says_why": Break(Appointment, {"status": "declined"}, like={"status": "nominated"}),
    "appointment_letter_is_on_record": Break(Appointment, FAR_TERM | {"letter_id": 1}, like={"status": "appointed"}),
    "mentor_training_hours_plausible": Break(MentorTraining, {"hours": Decimal(0)}),
    "mentor_training_recorded_after_it_was_held": Break(MentorTraining, {"recorded_on": LONG_AGO}),
    "withdrawn_mentor_training_says_why": Break(MentorTraining, {"withdrawn_on": date(2100, 1, 1)}),
    "mentor_appraisal_grade_known": Break(MentorAppraisal, {"year": 2030, "grade": "good"}),
    "mentor_appraisal_year_within_sight": Break(MentorAppraisal, {"year": 1999}),
    "failed_mentor_appraisal_says_why": Break(MentorAppraisal, {"year": 2030, "grade": "failed"}),
    "replaced_mentor_appraisal_says_why": Break(MentorAppraisal, {"replaced_on": date(2100, 1, 1)}),
    "committee_term_in_order": Break(CommitteeTerm, {"ends_on": F("starts_on"), "unit_confirmed_on": None}),
    "committee_has_an_office": Break(CommitteeTerm, {"office": "", "unit_confirmed_on": None}),
    "only_a_confirmed_committee_term_ends": Break(
        CommitteeTerm, {"unit_confirmed_on": None, "ended_on": F("starts_on")}
    ),
    "committee_member_side_known": Break(CommitteeMember, {"name": "另一人", "side": "heaven"}),
    "committee_member_position_known": Break(CommitteeMember, {"name": "另一人", "position": "king"}),
    "committee_member_leaves_with_a_reason": Break(CommitteeMember, {"left_on": date(2100, 1, 1)}),
    "committee_meeting_recorded_after_it_was_held": Break(CommitteeMeeting, {"recorded_on": LONG_AGO}),
    "withdrawn_committee_meeting_says_why": Break(CommitteeMeeting, {"withdrawn_on": date(2100, 1, 1)}),
    "responsible_office_dates_in_order": Break(ResponsibleOffice, {"until": LONG_AGO}),
    "base_rule_kind_known": Break(RegulationDocument, {"title": "另一个", "kind": "joy"}),
    "base_rule_side_known": Break(RegulationDocument, {"title": "另一个", "side": "heaven"}),
    "repealed_base_rule_says_why": Break(RegulationDocument, {"repealed_on": date(2100, 1, 1)}),
    "rule_version_counts_from_one": Break(RuleVersion, {"number": 0}),
    # projects, topics, requests and results
    "secret_project_says_what": Break(BaseProject, {"name": "另一项目", "is_secret": True, "secret_note": ""}),
    "project_funds_not_negative": Break(BaseProject, {"name": "另一项目", "funds": Decimal(-1)}),
    "ended_project_says_how": Break(BaseProject, {"name": "另一项目", "ended_on": LONG_AGO}),
    "topic_status_known": Break(ThesisTopic, {"status": "dreamt"}),
    "topic_has_a_project_or_says_why_not": Break(ThesisTopic, {"project_id": None}),
    "approved_topic_has_its_day": Break(ThesisTopic, {"approved_on": LONG_AGO}),
    "approved_topic_was_cleared": Break(ThesisTopic, {"status": "approved", "approved_on": LONG_AGO}),
    "clearance_verdict_known": Break(SecrecyClearance, {"verdict": "perhaps"}),
    "clearance_with_conditions_names_them": Break(SecrecyClearance, {"verdict": "conditions"}),
    "refused_clearance_says_why": Break(SecrecyClearance, {"verdict": "refused"}),
    "clearance_closes_ahead": Break(
        SecrecyClearance, {"verdict": "conditions", "conditions": "数据。", "closed_until": LONG_AGO}
    ),
    "publication_request_kind_known": Break(PublicationRequest, {"kind": "shout"}),
    "publication_request_status_known": Break(PublicationRequest, {"status": "lost", "closed_on": date(2100, 1, 1)}),
    "publication_request_side_known": Break(PublicationRequest, {"entered_side": "heaven"}),
    "publication_request_asks_somebody": Break(PublicationRequest, {"asks_unit": False, "asks_partner": False}),
    "publication_request_is_answered_after_it_was_asked": Break(PublicationRequest, {"answer_by": LONG_AGO}),
    "closed_publication_request_has_its_day": Break(PublicationRequest, {"closed_on": date(2100, 1, 1)}),
    "withdrawn_publication_request_says_why": Break(PublicationRequest, {"withdrawn_reason": "无。"}),
    "publication_decision_side_known": Break(PublicationDecision, {"side": "heaven"}),
    "refused_publication_says_why": Break(PublicationDecision, {"agreed": False}),
    "base_result_kind_known": Break(Result, {"title": "另一个", "kind": "joy"}),
    "result_owner_known": Break(Result, {"title": "另一个", "owner": "heaven"}),
    "result_status_known": Break(Result, {"title": "另一个", "status": "lost"}),
    "result_side_known": Break(Result, {"title": "另一个", "entered_side": "heaven"}),
    "result_entered_after_it_was_achieved": Break(Result, {"title": "另一个", "achieved_on": date(2100, 1, 1)}),
    "result_of_third_parties_says_whose": Break(Result, {"title": "另一个", "owner": "third"}),
    "confirmed_result_has_its_day": Break(Result, {"title": "另一个", "status": "confirmed"}),
    "objected_result_says_why": Break(Result, {"title": "另一个", "status": "objected"}),
    "commended_result_says_why": Break(Result, {"title": "另一个", "commended_on": LONG_AGO}),
    "result_author_counts_from_one": Break(ResultAuthor, {"place": 51}),
    "result_author_role_known": Break(ResultAuthor, {"place": 2, "role": "ghost", "student_id": None}),
    "result_author_is_who_the_role_says": Break(ResultAuthor, {"place": 2, "role": "campus"}),
    "research_event_kind_known": Break(ResearchEvent, {"kind": "dreamt"}),
    "research_event_is_about_one_thing": Break(ResearchEvent, {"result_id": None}),
    "exchange_side_known": Break(ExchangeEvent, {"side": "heaven"}),
    "exchange_has_participants": Break(ExchangeEvent, {"participants": 0}),
    "exchange_recorded_after_it_was_held": Break(ExchangeEvent, {"recorded_on": LONG_AGO}),
    "withdrawn_exchange_says_why": Break(ExchangeEvent, {"withdrawn_on": date(2100, 1, 1)}),
    # applications
    "round_dates_in_order": Break(Round, {"closes_on": LONG_AGO}),
    "round_year_within_sight": Break(Round, {"year": 2019}),
    "sheets_due_after_it_opens": Break(Round, {"sheets_due_on": LONG_AGO}),
    "quota_within_reason": Break(Quota, {"places": 201, "proposed": 201}),
    "published_quotas_have_their_publisher": Break(Round, {"quotas_published_by_id": None}),
    "round_is_extended_and_not_shortened": Break(RoundExtension, {"new_closes_on": LONG_AGO}),
    "round_extension_dates_in_order": Break(RoundExtension, {"new_closes_on": date(2100, 1, 1)}),
    "round_extension_has_a_reason": Break(RoundExtension, {"reason": ""}),
    "unit_facts_year_within_sight": Break(UnitFacts, {"year": 2019}),
    "unit_facts_plausible": Break(UnitFacts, {"categories": 101}),
    "quota_weights_within_reason": Break(QuotaFormula, {"per_category": Decimal("-0.01")}),
    "quota_bounds_in_order": Break(QuotaFormula, {"minimum": 200, "maximum": 199}),
    "overridden_quota_has_a_reason": Break(Quota, {"places": 7, "proposed": 8, "override_reason": ""}),
    "application_industry_known": Break(Application, {"priority_industry": "magic"}),
    "application_rank_counts_from_one": Break(Application, {"rank": 0}),
    "basics_phones_can_be_called": Break(ApplicationBasics, {"contact_phone": "12345"}),
    "basics_authorised_year_plausible": Break(ApplicationBasics, {"authorised_year": 1889}),
    "basics_level_known": Break(ApplicationBasics, {"level": "bachelor"}),
    "basics_titles_known": Break(ApplicationBasics, {"unit_leader_title": "king"}),
    "basics_students_plausible": Break(ApplicationBasics, {"enrolled_1": 100_001}),
    "partner_size_known": Break(PartnerProfile, {"size": "giant"}),
    "partner_sector_two_digits": Break(PartnerProfile, {"sector": "C3"}),
    "partner_figures_not_negative": Break(PartnerProfile, {"revenue_1": Decimal("-0.01")}),
    "partner_people_plausible": Break(PartnerProfile, {"staff": 10_000_001}),
    "platform_level_known": Break(Platform, {"level": "cosmic"}),
    "platform_year_plausible": Break(Platform, {"year": 1949}),
    "equipment_value_not_negative": Break(Equipment, {"value": Decimal("-0.01")}),
    "equipment_quantity_plausible": Break(Equipment, {"quantity": 100_001}),
    "project_places_plausible": Break(Project, {"places": 100_001}),
    "contribution_not_negative": Break(PriorContribution, {"amount": Decimal("-0.01")}),
    "contribution_side_known": Break(PriorContribution, {"side": "heaven"}),
    "contribution_kind_known": Break(PriorContribution, {"kind": "prayer"}),
    "contribution_year_plausible": Break(PriorContribution, {"year": 1949}),
    "result_kind_known": Break(PriorResult, {"kind": "song"}),
    "result_year_plausible": Break(PriorResult, {"year": 1949}),
    "campus_mentor_title_known": Break(CampusMentor, {"title": "king"}),
    "campus_mentor_students_plausible": Break(CampusMentor, {"students": 1001}),
    "industry_mentor_title_known": Break(IndustryMentor, {"title": "king"}),
    "industry_mentor_degree_known": Break(IndustryMentor, {"degree": "honorary"}),
    "industry_mentor_years_plausible": Break(IndustryMentor, {"years": 71}),
    "year_target_of_three_years": Break(YearTarget, {"year": 4}),
    "year_target_plausible": Break(YearTarget, {"students": 100_001}),
    "budget_subject_known": Break(BudgetLine, {"subject": "feast"}),
    "budget_side_known": Break(BudgetLine, {"side": "heaven"}),
    "budget_not_negative": Break(BudgetLine, {"year_1": Decimal("-0.01")}),
    "student_level_known": Break(TrainedStudent, {"level": "bachelor"}),
    "student_mode_known": Break(TrainedStudent, {"mode": "asleep"}),
    "student_leaves_after_entering": Break(TrainedStudent, {"left_on": LONG_AGO}),
    "student_graduation_plausible": Break(TrainedStudent, {"graduation_year": 1949}),
    "application_file_kind_known": Break(ApplicationFile, {"kind": "poem"}),
    "removed_file_has_its_remover": Break(ApplicationFile, {"removed_at": datetime(2026, 11, 24, tzinfo=UTC)}),
    "version_counts_from_one": Break(ApplicationVersion, {"number": 0}),
    "returned_version_has_a_reason": Break(ApplicationVersion, {"returned_on": date(2026, 11, 24)}),
    "recommendation_proves_its_notice": Break(Recommendation, {"notice_link": "", "notice_proof_id": None}),
    "cooperation_start_plausible": Break(Application, {"cooperation_started_on": date(1979, 12, 31)}),
    "notice_ends_after_its_publication": Break(PublicNotice, {"ends_on": LONG_AGO}),
    "notice_issuer_fits_kind": Break(PublicNotice, {"kind": "recognition"}, like={"kind": "recommendation"}),
    **{
        name: Break(Objection, {"serial": 99, "code": "ZZZZZZZZZZ"} | changes, like={"status": "submitted"})
        for name, changes in {
            "concluded_objection_has_a_conclusion": {"status": "declined", "decline_ground": "late"},
            "objection_kind_known": {"kind": "angel", "contact_person": "甲"},
            "objection_decline_ground_known": {"status": "declined", "conclusion": "无", "decline_ground": "mood"},
            "declined_objection_has_its_ground": {"status": "declined", "conclusion": "无"},
            "objection_phone_can_be_called": {"phone": "12345"},
            "objection_has_a_real_name": {"name": ""},
            "objecting_unit_names_its_contact": {"kind": "unit"},
            "objection_letter_says_who_received_it": {"received_by": "收发室"},
            "objection_number_counts_from_one": {"serial": 0},
            "accepted_objection_has_its_dates": {"status": "accepted"},
            "objection_accepted_after_it_came": {"accepted_on": LONG_AGO},
            "objection_handled_after_it_came": {"handled_on": LONG_AGO},
            "objection_extended_once_with_a_reason": {"extended_on": date(2026, 11, 24)},
            "objection_answered_after_its_conclusion": {"answer_text": "答复。"},
        }.items()
    },
    "objection_status_known": Break(
        Objection,
        {"serial": 99, "code": "ZZZZZZZZZZ", "status": "forgotten", "conclusion": "无"},
        like={"status": "accepted"},
    ),
    "partly_upheld_objection_has_a_remedy": Break(
        Objection,
        {"serial": 99, "code": "ZZZZZZZZZZ", "status": "partly_upheld", "conclusion": "属实。"},
        like={"status": "accepted"},
    ),
    "objection_record_kind_known": Break(ObjectionRecord, {"kind": "seance"}),
    "objection_record_says_who_and_what": Break(ObjectionRecord, {"people": ""}),
    "objection_recorded_after_it_happened": Break(ObjectionRecord, {"recorded_on": LONG_AGO}),
    "meeting_kind_known": Break(ReviewMeeting, {"kind": "feast"}),
    "meeting_state_known": Break(
        ReviewMeeting,
        {
            "state": "lost",
            "concluded_on": date(2100, 1, 1),
            "concluded_by_id": F("drafted_by_id"),
            "conclusion": "同意。",
        },
    ),
    "meeting_concluded_with_a_conclusion": Break(ReviewMeeting, {"state": "concluded"}),
    "meeting_concluded_after_it_was_held": Break(ReviewMeeting, {"concluded_on": LONG_AGO}),
    "member_duty_known": Break(MeetingMember, {"duty": "king", "name": "另一委员"}),
    "meeting_conclusion_known": Break(MeetingItem, {"conclusion": "perhaps", "application_id": 0}),
    "notice_kind_known": Break(PublicNotice, {"kind": "poem", "round_id": None}, like={"kind": "recognition"}),
    "notice_state_known": Break(PublicNotice, {"state": "lost"}, like={"state": "published"}),
    "notice_round_fits_kind": Break(PublicNotice, {"round_id": None}),
    "notice_that_is_out_has_its_dates": Break(PublicNotice, {"contact": ""}),
    "submitted_notice_names_who_submitted_it": Break(
        PublicNotice,
        {
            "state": "submitted",
            "published_on": None,
            "ends_on": None,
            "published_by_id": None,
            "published_at": None,
            "submitted_by_id": None,
            "concluded_on": None,
            "concluded_by_id": None,
        },
        like={"kind": "recognition"},
    ),
    "withdrawn_notice_says_why": Break(PublicNotice, {"state": "withdrawn"}, like={"state": "published"}),
    "notice_concluded_after_its_end": Break(PublicNotice, {"state": "concluded"}, like={"state": "published"}),
    "notice_four_eyes": Break(PublicNotice, {"published_by_id": F("submitted_by_id")}, like={"kind": "recognition"}),
    "rubric_purpose_known": Break(Rubric, {"purpose": "beauty"}),
    "rubric_state_known": Break(Rubric, {"state": "lost"}, like={"state": "in_force"}),
    "rubric_four_eyes": Break(
        Rubric, {"state": "retired", "version": 90, "put_in_force_by_id": F("drafted_by_id")}, like={"state": "draft"}
    ),
    "rubric_draft_is_not_in_force": Break(Rubric, {"in_force_from": LONG_AGO}, like={"state": "draft"}),
    "rubric_with_an_end_is_retired": Break(Rubric, {"retired_on": LONG_AGO}, like={"state": "in_force"}),
    "criterion_limits_in_order": Break(Criterion, {"floor": F("points")}, like={"rubric__state": "draft"}),
    "criterion_step_positive": Break(Criterion, {"step": Decimal(0)}, like={"rubric__state": "draft"}),
    "unlock_has_a_reason": Break(SheetUnlock, {"reason": ""}),
    "aggregate_between_0_and_100": Break(Panel, {"aggregate": Decimal("100.01")}),
    "expert_sector_known": Break(ExpertProfile, FRESH_EXPERT | {"sector": "moon"}),
    "expert_removed_with_a_reason": Break(ExpertProfile, FRESH_EXPERT | {"removed_on": date(2026, 11, 24)}),
    "expert_load_positive": Break(ExpertProfile, FRESH_EXPERT | {"max_load": 0}),
    "expert_phone_can_be_called": Break(ExpertProfile, FRESH_EXPERT | {"phone": "12345"}),
    "expert_absence_in_order": Break(ExpertAbsence, {"to_on": LONG_AGO}),
    "expert_relation_kind_known": Break(ExpertRelation, {"kind": "rumour"}),
    "expert_relation_to_somebody": Break(ExpertRelation, {"person": ""}),
    "expert_relation_in_order": Break(ExpertRelation, {"began_on": date(2026, 1, 2), "ended_on": date(2026, 1, 1)}),
    "expert_change_says_what": Break(ExpertChange, {"words": ""}),
    "invitation_in_order": Break(ExpertInvitation, ENDED_INVITATION | {"expires_on": LONG_AGO}),
    "invitation_ends_once": Break(ExpertInvitation, ENDED_INVITATION | {"accepted_at": LATER}),
    "declined_invitation_says_why": Break(
        ExpertInvitation, ENDED_INVITATION | {"withdrawn_at": None, "declined_at": LATER}
    ),
    "panel_application_fits_purpose": Break(Panel, {"purpose": "assessment"}, like={"purpose": "application"}),
    "panel_purpose_known": Break(Panel, {"purpose": "beauty"}, like={"purpose": "assessment"}),
    "panel_fixed_after_it_opened": Break(Panel, {"fixed_on": LONG_AGO}),
    "panel_referred_by_somebody": Break(Panel, {"referred_on": date(2100, 1, 1)}),
    "list_state_known": Break(
        PreliminaryList, {"state": "lost", "adopted_on": date(2100, 1, 1), "adopted_by_id": F("drafted_by_id")}
    ),
    "list_cutoff_known": Break(PreliminaryList, {"cutoff_by": "mood"}),
    "list_cutoff_not_negative": Break(PreliminaryList, {"cutoff": Decimal("-0.01")}),
    "list_adopted_by_somebody": Break(PreliminaryList, {"state": "adopted"}),
    "change_by_hand_has_a_reason": Break(PreliminaryEntry, {"by_cutoff": None, "reason": ""}),
    "listed_aggregate_between_0_and_100": Break(PreliminaryEntry, {"aggregate": Decimal("100.01")}),
    "assignment_ends_with_a_reason": Break(Assignment, {"status": "recused"}),
    "unfilled_with_a_reason": Break(
        Assignment, {"status": "declined", "ended_reason": "出国。", "unfilled_on": date(2100, 1, 1)}
    ),
    "unfilled_is_who_has_left": Break(
        Assignment, {"unfilled_on": date(2100, 1, 1), "unfilled_reason": "没有其他专家。"}
    ),
    "assignment_status_known": Break(Assignment, {"status": "asleep", "ended_reason": "睡着了"}),
    "sheet_after_declaring_no_conflict": Break(Assignment, {"declared_on": None}, like={"status": "submitted"}),
    "at_most_three_avoided_experts": Break(AvoidedExpert, {"position": 4}),
    "avoided_with_a_reason": Break(AvoidedExpert, {"position": 2, "name": "另一人", "reason": ""}),
    "recusal_act_known": Break(RecusalRecord, {"act": "lost", "reason": "师生关系"}),
    "recusal_record_has_a_reason": Break(RecusalRecord, {"act": "recused", "reason": ""}),
    "recusal_recorded_by_somebody": Break(RecusalRecord, {"recorded_by_id": None}),
    "assignment_plan_scope_known": Break(AssignmentPlan, {"scope": "some"}),
    "assignment_plan_state_known": Break(AssignmentPlan, {"state": "asleep"}, like={"state": "applied"}),
    "assignment_plan_size_odd": Break(AssignmentPlan, {"size": 4}),
    "assignment_plan_in_order": Break(AssignmentPlan, {"load_limit": 0}),
    "assignment_plan_closed_by_somebody": Break(AssignmentPlan, {"closed_on": None}, like={"state": "applied"}),
    "assignment_plan_closed_after_made": Break(AssignmentPlan, {"closed_on": LONG_AGO}, like={"state": "applied"}),
    "planned_fit_known": Break(AssignmentPlanEntry, {"fit": "perfect"}),
    "score_not_negative": Break(Score, {"points": Decimal("-0.5")}, like={"sheet__submitted_on": None}),
    # the money
    "account_kind_known": Break(Account, {"kind": "cash"}, like={"kind": "own"}),
    "account_of_a_grant_names_it": Break(Account, {"kind": "grant"}, like={"kind": "own"}),
    "plan_side_known": Break(ContributionPlan, {"side": "moon"}),
    "plan_kind_known": Break(ContributionPlan, {"kind": "gold"}),
    "planned_amount_not_negative": Break(ContributionPlan, {"amount": Decimal("-0.01")}),
    "plan_counts_from_one": Break(ContributionPlan, {"year": 0}),
    "changed_plan_has_a_reason": Break(ContributionPlan, {"number": 2, "reason": ""}),
    "received_side_known": Break(Contribution, {"side": "moon"}),
    "received_kind_known": Break(Contribution, {"kind": "gold", "into_account": False}),
    "contribution_amount_positive": Break(Contribution, {"amount": Decimal(0)}),
    "contribution_year_counts_from_one": Break(Contribution, {"year": 0}),
    "contribution_says_what": Break(Contribution, {"what": ""}),
    "only_funds_into_the_account": Break(Contribution, {"kind": "site", "into_account": True}),
    "funds_have_a_voucher": Break(Contribution, {"voucher_id": None}),
    "contribution_entered_after_it_came": Break(Contribution, {"received_on": date(2100, 1, 1)}),
    "contribution_reversal_has_a_reason": Break(ContributionReversal, {"reason": ""}),
    "expense_kind_known": Break(Expense, {"kind": "gift"}),
    "expense_state_known": Break(Expense, {"state": "lost"}, like={"state": "approved"}),
    "other_expense_has_a_reason": Break(Expense, {"kind": "other", "kind_reason": ""}),
    "expense_amount_positive": Break(Expense, {"amount": Decimal(0)}),
    "expense_says_to_whom_and_what_for": Break(Expense, {"payee": ""}),
    "expense_entered_after_it_was_spent": Break(Expense, {"spent_on": date(2100, 1, 1)}),
    "expense_decided_by_somebody": Break(Expense, {"decided_on": None}, like={"state": "approved"}),
    "expense_four_eyes": Break(Expense, {"decided_by_id": F("entered_by_id")}, like={"state": "approved"}),
    "rejected_expense_has_a_reason": Break(Expense, {"state": "rejected"}, like={"state": "approved"}),
    "entry_rests_on_one_voucher": Break(LedgerEntry, {"kind": "grant"}, like={"kind": "expense"}),
    "entry_kind_known": Break(LedgerEntry, {"kind": "gift"}, like={"kind": "expense"}),
    "entry_comes_in_or_goes_out": Break(LedgerEntry, {"incoming": Decimal(0), "outgoing": Decimal(0)}),
    "account_never_overdrawn": Break(LedgerEntry, {"balance": Decimal("-0.01")}),
    "entry_counts_from_one": Break(LedgerEntry, {"number": 0}),
    "reversal_has_a_reason": Break(LedgerEntry, {"reason": ""}, like={"kind": "reversal"}),
    "entry_booked_by_somebody": Break(LedgerEntry, {"booked_by_id": None}, like={"kind": "expense"}),
    "statement_period_in_order": Break(AccountStatement, {"from_on": date(2100, 1, 1)}),
    "statement_has_its_record": Break(AccountStatement, {"pdf_id": 1}),
    # posts, students, placements
    "post_year_within_sight": Break(Post, {"year": 1999}),
    "post_offers_places": Break(Post, {"places": 0}),
    "post_level_known": Break(Post, {"level": "bachelor"}),
    "post_stipend_not_negative": Break(Post, {"stipend": Decimal("-0.01")}),
    "closed_post_says_why": Break(Post, {"closed_on": date(2100, 1, 1)}),
    "base_student_level_known": Break(Student, {"level": "bachelor"}),
    "base_student_mode_known": Break(Student, {"mode": "evening"}),
    "student_entry_year_plausible": Break(Student, {"entry_year": 1989}),
    "project_owner_known": Break(BaseProject, {"owner": "nobody"}),
    "project_dates_in_order": Break(BaseProject, {"starts_on": date(2100, 1, 1), "ends_on": LONG_AGO}),
    "placement_status_known": Break(Placement, {"status": "lost"}),
    "placement_stage_known": Break(Placement, {"stage": "holidays"}),
    "placement_lodging_known": Break(Placement, {"lodging": "tent"}),
    "placement_ending_known": Break(Placement, {"ending": "mood"}),
    "placement_dates_in_order": Break(Placement, {"ends_on": LONG_AGO}),
    "placement_insurance_in_order": Break(Placement, {"insured_from": date(2100, 1, 1), "insured_until": LONG_AGO}),
    "placement_starts_with_a_complete_checklist": Break(Placement, {"status": "running"}),
    "ended_placement_says_how": Break(Placement, {"status": "ended"}),
    "placement_change_kind_known": Break(PlacementChange, {"kind": "mood"}),
    "placement_change_status_known": Break(PlacementChange, {"status": "lost"}),
    "placement_change_side_known": Break(PlacementChange, {"side": "public"}),
    "placement_change_says_why": Break(PlacementChange, {"reason": ""}),
    "refused_change_says_why": Break(PlacementChange, {"status": "refused"}),
    "placement_change_answered_after_asked": Break(PlacementChange, {"answered_on": LONG_AGO}),
    "placement_event_kind_known": Break(PlacementEvent, {"kind": "birthday"}),
    # certificates of practice, remuneration of mentors
    "certificate_status_known": Break(PracticeCertificate, {"status": "lost"}, like=CERTIFIED),
    "certificate_grade_known": Break(PracticeCertificate, NEXT_CERTIFICATE | {"grade": "king"}, like=CERTIFIED),
    "certificate_proposal_known": Break(PracticeCertificate, NEXT_CERTIFICATE | {"proposed": "king"}, like=CERTIFIED),
    "certificate_reward_known": Break(
        PracticeCertificate, NEXT_CERTIFICATE | {"reward": "joy", "reward_text": "奖状"}, like=CERTIFIED
    ),
    "certificate_period_in_order": Break(
        PracticeCertificate, NEXT_CERTIFICATE | {"starts_on": date(2100, 1, 1)}, like=CERTIFIED
    ),
    "issued_certificate_is_whole": Break(PracticeCertificate, NEXT_CERTIFICATE | {"comment": ""}, like=CERTIFIED),
    "only_a_withdrawn_certificate_says_why": Break(
        PracticeCertificate, NEXT_CERTIFICATE | {"withdrawn_reason": "写错。"}, like=CERTIFIED
    ),
    "withdrawn_certificate_has_its_day": Break(
        PracticeCertificate, NEXT_CERTIFICATE | {"status": "withdrawn"}, like=CERTIFIED
    ),
    "money_reward_has_its_amount": Break(PracticeCertificate, NEXT_CERTIFICATE | {"reward": "money"}, like=CERTIFIED),
    "reward_says_what": Break(PracticeCertificate, NEXT_CERTIFICATE | {"reward": "honour"}, like=CERTIFIED),
    "certificate_paper_has_its_record": Break(PracticeCertificate, NEXT_CERTIFICATE | {"pdf_id": 1}, like=CERTIFIED),
    "remuneration_amount_positive": Break(RemunerationPayment, {"amount": Decimal(0)}),
    "remuneration_period_in_order": Break(RemunerationPayment, {"to_on": LONG_AGO}),
    "remuneration_entered_after_it_was_paid": Break(RemunerationPayment, {"entered_on": LONG_AGO}),
    "remuneration_paid_for_a_time_that_began": Break(RemunerationPayment, {"paid_on": LONG_AGO}),
    "remuneration_reversal_has_a_reason": Break(RemunerationReversal, {"reason": ""}),
    # evaluations
    "assessment_dates_in_order": Break(Assessment, {"report_due_on": LONG_AGO}),
    "assessment_grade_has_its_date": Break(Assessment, {"decided_on": None}, like={"grade": "excellent"}),
    "assessment_grade_known": Break(Assessment, {"grade": "good"}, like={"grade": "excellent"}),
    "assessment_kind_known": Break(Assessment, {"kind": "visit"}),
    "assessment_four_eyes": Break(Assessment, {"decided_by_id": F("prepared_by_id")}, like={"grade": "excellent"}),
    "rectification_in_order": Break(Rectification, {"ends_on": LONG_AGO}),
    "certificate_has_its_record": Break(DemonstrationTitle, {"certificate_id": 1, "record_id": None}),
    "lost_title_says_why": Break(DemonstrationTitle, {"lost_on": date(2100, 1, 1), "lost_because": ""}),
    "incident_reported_after_it_happened": Break(Incident, {"happened_on": date(2100, 1, 1)}),
    "studied_incident_has_its_finding": Break(Incident, {"finding": ""}),
    "incident_studied_after_its_report": Break(Incident, {"studied_on": LONG_AGO}),
    "revocation_ground_known": Break(RevocationProposal, {"ground": "mood"}),
    "revocation_status_known": Break(RevocationProposal, {"status": "asleep"}),
    "revocation_decided_after_it_was_proposed": Break(RevocationProposal, {"decided_on": LONG_AGO}),
    "decided_proposal_has_its_date": Break(RevocationProposal, {"decided_on": None}),
    "revocation_four_eyes": Break(RevocationProposal, {"decided_by_id": F("prepared_by_id")}),
    "withdrawal_signed_before_it_was_requested": Break(
        Withdrawal, {"signed_on": date(2100, 1, 1), "requested_on": date(2026, 1, 1)}
    ),
    "withdrawal_filed_after_it_was_requested": Break(Withdrawal, {"filed_on": LONG_AGO}),
    "reminder_kind_known": Break(Reminder, {"kind": "birthday"}),
}


def refused_by(wall: Break) -> str:
    """The wall that refused the row, or what else came of it."""
    row = wall.model._base_manager.filter(**wall.like).first()
    if row is None:
        return f"no {wall.model.__name__} to start from"
    row.pk = row.id = None
    row._state.adding = True
    for name, value in wall.changes.items():
        row.__dict__[name] = row.__dict__[value.name] if isinstance(value, F) else value
    try:
        with transaction.atomic():
            models.Model.save_base(row, force_insert=True)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name or str(error)
    return "accepted"


def pay_a_student(world: World, base: Base, on: date) -> None:
    """A month that is closed and looked into, one that is begun, a link, and a month that was denied."""
    student, by = cooperating.place(base, starts_on=date(2026, 9, 1)), world.partner_officer
    september, october = date(2026, 9, 1), cooperating.OCTOBER
    cooperating.filled(base, september, by, on, student)
    months.close_month(base=base, month=september, by=by, on=on, at=LATER)
    cooperating.save(base, october, by, {student: {"note": "待填。"}}, on)
    months.review(base=base, month=september, note="已核实。", by=world.unit_officer, on=on, at=LATER)
    issued = receipts.issue(base=base, students=[student.student_id], by=by, on=on, at=LATER)[0]
    record = receipts.months_of(issued.link)[0].record
    receipts.answer(
        link=issued.link, record=record.pk, revision=record.revision, received=False, note="没有到账。", on=on, at=LATER
    )


def test_every_wall_refuses_the_row_it_is_there_for(world: World, today: date, on_day: Any) -> None:
    demonstration = world.in_state(State.DEMONSTRATION, today)
    world.revise_agreement(demonstration, today)
    world.draft_agreement(demonstration, today)
    for state in (State.REVOKED, State.WITHDRAWN, State.RECTIFYING):
        world.in_state(state, today)
    rows = mentoring.one_of_each(demonstration, world.unit, world.partner, today)
    rule = base_rules.new_version(
        rule=rows["rule"], by=world.unit_officer, on=today, file=pdf_upload(), effective_on=today
    )
    assert rule.number == 1
    proposed = world.in_unit_notice(today)
    avoiding.set_avoided(
        application=world.application(proposed),
        experts=[avoiding.Avoided("赵一", "外省大学", "学术争议。")],
        by=world.applicant,
        on=today,
    )
    notice = PublicNotice.objects.get(entries__base=proposed)
    filed = [
        objections.file_objection(
            notice=notice, base=proposed, name="实名", phone="13800000000", grounds="材料与事实不符。", on=today
        )
        for _each in range(2)
    ]
    accepted = objections.accept(objection=filed[1], by=world.unit_officer, on=today)
    objections.record_step(
        objection=accepted, kind="site", held_on=today, people="两人", content="查看。", by=world.unit_officer, on=today
    )
    meeting = meetings.draft_meeting(
        round_=world.round(today), kind="review", title="评审会议", held_on=today, place="厅里", agenda="评议。", by=world.officer
    )  # fmt: skip
    MeetingMember.objects.create(meeting=meeting, name="委员", employer="某校")
    MeetingItem.objects.create(meeting=meeting, application=proposed.applications.get())
    services.enter_calendar_year(year=2027, source="通知", holidays=[], make_up_days=[], by=None)
    rounds.extend_round(
        round=world.round(today), new_closes_on=date(today.year, 12, 31), new_recommend_by=date(today.year + 1, 1, 15), reason="顺延。",
        by=world.officer, on=today,
    )  # fmt: skip
    quotas.save_facts(
        unit=world.unit,
        year=today.year,
        categories=3,
        professional_students=600,
        double_first_class=False,
        by=world.officer,
    )
    colleague = User.objects.create(username="colleague", full_name="接手教授")
    people.grant_membership(user=colleague, role="applicant", by=world.security_admin.user, training_unit=world.unit)
    applicants.hand_over(base=proposed, to=colleague, reason="原申报人换岗。", by=world.unit_officer, on=today)
    OfficeText.objects.create(
        kind="revocation", version=1, title="标题", text="正文", saved_by=world.officer.user, saved_on=today
    )
    profile = experts.enter(by=world.officer, on=today, name="受邀人", employer="外省大学", sector="university")
    ExpertAbsence.objects.create(profile=profile, from_on=today, to_on=today)
    experts.add_relation(profile=profile, by=world.officer, on=today, kind="family", person="某人")
    invitations.issue(profile=profile, by=world.officer, on=today, at=LATER)
    stored = StoredFile.objects.first()
    assert stored is not None
    ImportCheck.objects.create(purpose="roster_import", subject="1", file=stored, made_by=world.officer.user)
    drafted = PreliminaryList.objects.create(round=world.round(today), drafted_by=world.officer.user, drafted_on=today)
    PreliminaryEntry.objects.create(
        preliminary_list=drafted, application=Application.objects.earliest("pk"), chosen=True, reason="布局需要。"
    )
    record = verification.open_record(kind="公示", title="关于名单的公示", issuer="教育厅", issued_on=today)
    verification.keep_scan(record, stored)
    RegulationText.objects.add_edition(wording={"1": "为了规范。"}, source_name="办法.txt", sha256="0" * 64)
    plan = AssignmentPlan.objects.create(
        round=world.round(today), size=5, industry_min=1, load_limit=9, state="applied", made_by=world.officer.user, made_on=today,
        closed_by=world.officer.user, closed_on=today,
    )  # fmt: skip
    AssignmentPlanEntry.objects.create(
        plan=plan, application=proposed.applications.get(), expert=world.experts[0].user, fit="none"
    )
    rubrics.draft(purpose="application", by=world.officer)
    scored = world.in_review(today)
    panel = scored.panels.get()
    world.score(panel, 80, today, count=1)
    unlocked = panel.assignments.get(expert=world.experts[0].user)
    sheets.unlock(assignment=unlocked, reason="材料有补充。", by=world.officer, on=today)
    mistaken, account = paid_in(world, demonstration, today), own_account(demonstration)
    contributions.reverse_contribution(contribution=mistaken, reason="记错。", by=world.unit_officer, on=today)
    paid_in(world, demonstration, today)
    spent(world, account, today, "10")
    statements.ask_for_statement(account=account, from_on=today, to_on=today, by=world.unit_officer, on=today)
    placed = placing.placed(world, Base.objects.get(state=State.RECTIFYING), today)
    PlacementChange.objects.create(
        placement=placed, kind="early", side="unit", status="waiting", reason="调整。", ends_on=today, ends_before=today,
        asked_by=world.unit_officer.user, asked_on=today,
    )  # fmt: skip
    found = research.one_of_each(placed.base, world.unit, world.partner, today)
    PublicationDecision.objects.create(request=found["request"], side="unit", agreed=True, decided_on=today)
    ResearchEvent.objects.create(result=found["result"], kind="entered", on=today, by_name="某人", role="unit_officer")
    pay_a_student(world, demonstration, today)
    certified.certified(world, demonstration, today)
    payment = certified.paid(world, demonstration, rows["industry_appointment"], today)
    remuneration.reverse(payment=payment, reason="记错。", by=world.unit_officer, on=today)
    assert demonstration.state == State.DEMONSTRATION
    assert clock.today() == today
    assert {name: refused_by(wall) for name, wall in BREAKS.items()} == {name: name for name in BREAKS}


def test_every_wall_has_been_tried() -> None:
    assert {constraint.name for model in our_models() for constraint in checks(model)} == set(BREAKS)


def test_the_tables_are_as_the_models_say(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# ---- words


CJK = re.compile(r"[\u3400-\u9fff]")
TRANSLATING = {"_", "_t", "_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
# Modules whose Chinese is no wording of the screen.
CHINESE_BY_NATURE = {
    "portal/embedded.py": "speaks before Django, and so before gettext, is set up",
    "portal/regulation.py": "the law's own words and their digest",
    "portal/settings.py": "the language's name for itself",
    "portal/typesetting/": "characters and fonts of official documents",
    "bases/office_texts.py": "the words that are filled in, and wordings of documents, which the office edits",
    "applications/office_texts.py": "the same of 报送, 认定 and 立项",
    "evaluations/office_texts.py": "the same of 考核 to 撤销",
    "evaluations/demo/": "invented people and papers",
    "*/management/": "speaks on the terminal of the operator",
    "*/models/": "names of rows as a document writes them, and default entries that the office edits",
}
# Chinese that is a form of writing, not a wording: file → texts.
FORMS_OF_WRITING = {
    ("portal/forms.py", "至"),  # between two dates of a line that people enter
    ("bases/services/documents.py", "号"),  # 〔2026〕1号 of GB/T 9704
    ("bases/services/documents.py", "教研函"),  # 发文机关代字 where none is entered
    ("applications/services/notice_words.py", "^关于.+的公示$"),  # how a notice is titled
    (
        "applications/services/notice_words.py",
        "第[〇零一二三四五六七八九十百]+条|办法",
    ),  # how an article or the regulation is named
    ("agreements/services/agreement_papers.py", "一二三四五六七八九十"),  # how the parts of a paper are numbered
    ("applications/draft_forms.py", "%Y年%m月%d日"),  # how a date may be entered
    ("applications/recusal.py", "(大学|学院|学校|公司|集团|研究院|研究所|研究中心|医院|局|厅|委员会|厂|站)$"),
    ("applications/recusal.py", "等"),  # and others, behind the last of several authors
}


def python_files() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def is_chinese_by_nature(name: str) -> bool:
    return any(
        name.startswith(pattern) or (pattern.startswith("*") and pattern[1:] in f"/{name}" and name[0] != "*")
        for pattern in CHINESE_BY_NATURE
    )


def untranslated(tree: ast.AST) -> Iterator[str]:
    """String constants with Chinese in them that are neither docstrings nor in a call of gettext."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            inside.add(id(node.body[0].value))
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in TRANSLATING:
                inside |= {id(part) for argument in node.args for part in ast.walk(argument)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in inside and CJK.search(node.value):
            yield node.value


def test_python_says_nothing_in_chinese_outside_gettext() -> None:
    found = {
        (name, text)
        for path in python_files()
        if not is_chinese_by_nature(name := str(path.relative_to(ROOT)))
        for text in untranslated(ast.parse(path.read_text()))
    }
    assert found == FORMS_OF_WRITING


def test_templates_say_nothing_in_chinese_outside_translate() -> None:
    skipped = re.compile(
        r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|<!--.*?-->"
        r"|\{%\s*blocktranslate.*?endblocktranslate\s*%\}"
        r"|\{%\s*translate\s+(?:\"[^\"]*\"|'[^']*')"
        r"|_\(\"[^\"]*\"\)|_\('[^']*'\)"
        # 2026年11月24日 of GB/T 9704 is a form of writing.
        r"|date:\"Y年n月j日\"",
        re.DOTALL,
    )
    bare = {
        (str(path.relative_to(ROOT)), line.strip()[:60])
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for line in skipped.sub("", path.read_text()).splitlines()
        if CJK.search(line)
    }
    assert bare == set()


def test_every_public_class_and_function_says_what_it_is_for() -> None:
    """Apart from what Django names: AppConfig, and commands, which say it in their help."""
    silent = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in python_files()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not node.name.endswith("Config")
        and node.name != "Command"
        and not ast.get_docstring(node)
    }
    assert silent == set()


def test_every_public_member_of_a_model_says_what_it_is_for() -> None:
    silent = {
        f"{model._meta.label}.{name}"
        for model in our_models()
        for name, member in vars(model).items()
        if not name.startswith("_") and model.__module__.split(".")[0] in APPS
        for function in [getattr(member, "fget", member)]
        if getattr(function, "__module__", "") == model.__module__ and callable(function)
        if not isinstance(member, type) and not getattr(function, "__doc__", None)
    }
    assert silent == set()


def test_every_command_says_what_it_does() -> None:
    ours = [name for name, app in get_commands().items() if app in APPS]
    assert len(ours) >= 6
    assert [name for name in ours if not load_command_class(get_commands()[name], name).help] == []
