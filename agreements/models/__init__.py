from agreements.models.agreement import Agreement
from agreements.models.clause import AgreementStep, Clause
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
from agreements.models.mentor import Appointment, Mentor
from agreements.models.month import MonthClosing, MonthlyRecord, MonthReview, Receipt, StipendLink
from agreements.models.placement import BaseProject, Placement, Post, Student
from agreements.models.placement_change import PlacementChange, PlacementEvent
from agreements.models.revision import AgreementRevision

__all__ = [
    "Account",
    "AccountStatement",
    "Agreement",
    "AgreementRevision",
    "AgreementStep",
    "Appointment",
    "BaseProject",
    "Clause",
    "Contribution",
    "ContributionPlan",
    "ContributionReversal",
    "Expense",
    "Grant",
    "LedgerEntry",
    "Mentor",
    "MonthClosing",
    "MonthReview",
    "MonthlyRecord",
    "Placement",
    "PlacementChange",
    "PlacementEvent",
    "Post",
    "Receipt",
    "StipendLink",
    "Student",
]
