from applications.models.application import Application, Deliberation, UnitReview
from applications.models.files import ApplicationFile
from applications.models.notice import NoticeEntry, PublicNotice
from applications.models.objection import Objection
from applications.models.panel import Assignment, Criterion, ExpertProfile, Panel, Rubric, Score, ScoreSheet
from applications.models.parts import (
    ApplicationBasics,
    ConstructionPlan,
    PartnerProfile,
    ProfessionalTitle,
    SectionState,
    SectionVisit,
)
from applications.models.recommendation import Recommendation, RecommendationEntry
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
from applications.models.versions import ApplicationVersion, PrintedApplication

__all__ = [
    "Application",
    "ApplicationBasics",
    "ApplicationFile",
    "ApplicationVersion",
    "Assignment",
    "BudgetLine",
    "CampusMentor",
    "ConstructionPlan",
    "Criterion",
    "Deliberation",
    "Equipment",
    "ExpertProfile",
    "IndustryMentor",
    "NoticeEntry",
    "Objection",
    "OtherPartner",
    "Panel",
    "PartnerProfile",
    "Platform",
    "PrintedApplication",
    "PriorContribution",
    "PriorResult",
    "ProfessionalTitle",
    "Project",
    "PublicNotice",
    "Quota",
    "QuotaFormula",
    "Recommendation",
    "RecommendationEntry",
    "Round",
    "RoundExtension",
    "Rubric",
    "Score",
    "ScoreSheet",
    "SectionState",
    "SectionVisit",
    "SignedAgreement",
    "TrainedStudent",
    "UnitDeadline",
    "UnitFacts",
    "UnitReview",
    "YearTarget",
]
