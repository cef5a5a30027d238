from applications.models.application import Application, Deliberation, UnitReview
from applications.models.expert import ExpertAbsence, ExpertChange, ExpertInvitation, ExpertProfile, ExpertRelation
from applications.models.files import ApplicationFile
from applications.models.letter import ResultLetter
from applications.models.meeting import (
    MeetingItem,
    MeetingMember,
    MeetingRecusal,
    PreliminaryEntry,
    PreliminaryList,
    ReviewMeeting,
)
from applications.models.notice import NoticeEntry, PublicNotice
from applications.models.objection import (
    Objection,
    ObjectionCounter,
    ObjectionFile,
    ObjectionLook,
    ObjectionRecord,
)
from applications.models.panel import Assignment, AvoidedExpert, Panel, Score, ScoreSheet, SheetUnlock
from applications.models.parts import (
    ApplicationBasics,
    ConstructionPlan,
    PartnerProfile,
    SectionState,
    SectionVisit,
)
from applications.models.plan import PANEL_SIZES, AssignmentPlan, AssignmentPlanEntry
from applications.models.recommendation import Recommendation, RecommendationEntry
from applications.models.recusal import RecusalRecord, RecusalRule
from applications.models.round import Quota, QuotaFormula, Round, RoundExtension, UnitDeadline, UnitFacts
from applications.models.rows import (
    BudgetLine,
    CampusMentor,
    Equipment,
    IndustryMentor,
    OtherPartner,
    Platform,
    PriorContribution,
    PriorResult,
    Project,
    SignedAgreement,
    TrainedStudent,
    YearTarget,
)
from applications.models.rubric import Criterion, Rubric, RubricDrafter
from applications.models.versions import ApplicationVersion, PrintedApplication

__all__ = [
    "PANEL_SIZES",
    "Application",
    "ApplicationBasics",
    "ApplicationFile",
    "ApplicationVersion",
    "Assignment",
    "AssignmentPlan",
    "AssignmentPlanEntry",
    "AvoidedExpert",
    "BudgetLine",
    "CampusMentor",
    "ConstructionPlan",
    "Criterion",
    "Deliberation",
    "Equipment",
    "ExpertAbsence",
    "ExpertChange",
    "ExpertInvitation",
    "ExpertProfile",
    "ExpertRelation",
    "IndustryMentor",
    "MeetingItem",
    "MeetingMember",
    "MeetingRecusal",
    "NoticeEntry",
    "Objection",
    "ObjectionCounter",
    "ObjectionFile",
    "ObjectionLook",
    "ObjectionRecord",
    "OtherPartner",
    "Panel",
    "PartnerProfile",
    "Platform",
    "PreliminaryEntry",
    "PreliminaryList",
    "PrintedApplication",
    "PriorContribution",
    "PriorResult",
    "Project",
    "PublicNotice",
    "Quota",
    "QuotaFormula",
    "Recommendation",
    "RecommendationEntry",
    "RecusalRecord",
    "RecusalRule",
    "ResultLetter",
    "ReviewMeeting",
    "Round",
    "RoundExtension",
    "Rubric",
    "RubricDrafter",
    "Score",
    "ScoreSheet",
    "SectionState",
    "SectionVisit",
    "SheetUnlock",
    "SignedAgreement",
    "TrainedStudent",
    "UnitDeadline",
    "UnitFacts",
    "UnitReview",
    "YearTarget",
]
