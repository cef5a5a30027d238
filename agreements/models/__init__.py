from agreements.models.agreement import Agreement
from agreements.models.certificate import PracticeCertificate
from agreements.models.clause import AgreementStep, Clause
from agreements.models.committee import (
    CommitteeMeeting,
    CommitteeMember,
    CommitteeTerm,
    RegulationDocument,
    ResponsibleOffice,
    RuleVersion,
)
from agreements.models.funds import (
    Account,
    AccountStatement,
    Contribution,
    ContributionPlan,
    ContributionReversal,
    Expense,
    LedgerEntry,
)
from agreements.models.grant import Grant
from agreements.models.mentor import Appointment, Mentor, MentorAppraisal, MentorTraining
from agreements.models.month import MonthClosing, MonthlyRecord, MonthReview, Receipt, StipendLink
from agreements.models.placement import Placement, Post, Student
from agreements.models.placement_change import PlacementChange, PlacementEvent
from agreements.models.project import BaseProject
from agreements.models.publication import PublicationDecision, PublicationRequest
from agreements.models.remuneration import RemunerationPayment, RemunerationReversal
from agreements.models.result import ExchangeEvent, ResearchEvent, Result, ResultAuthor
from agreements.models.revision import AgreementRevision
from agreements.models.topic import SecrecyClearance, ThesisTopic

__all__ = [
    "Account",
    "AccountStatement",
    "Agreement",
    "AgreementRevision",
    "AgreementStep",
    "Appointment",
    "BaseProject",
    "Clause",
    "CommitteeMeeting",
    "CommitteeMember",
    "CommitteeTerm",
    "Contribution",
    "ContributionPlan",
    "ContributionReversal",
    "ExchangeEvent",
    "Expense",
    "Grant",
    "LedgerEntry",
    "Mentor",
    "MentorAppraisal",
    "MentorTraining",
    "MonthClosing",
    "MonthReview",
    "MonthlyRecord",
    "Placement",
    "PlacementChange",
    "PlacementEvent",
    "Post",
    "PracticeCertificate",
    "PublicationDecision",
    "PublicationRequest",
    "Receipt",
    "RegulationDocument",
    "RemunerationPayment",
    "RemunerationReversal",
    "ResearchEvent",
    "ResponsibleOffice",
    "Result",
    "ResultAuthor",
    "RuleVersion",
    "SecrecyClearance",
    "StipendLink",
    "Student",
    "ThesisTopic",
]
