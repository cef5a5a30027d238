from bases.models.applicants import ApplicantChange
from bases.models.base import Base, LifecycleEvent
from bases.models.catalogue import CategoryAlias, CategoryAuthorisation, DegreeCategory, Division
from bases.models.documents import DocumentCounter, OfficeText, OfficialDocument
from bases.models.organisations import Department, Membership, PartnerUnit, TrainingUnit
from bases.models.policy import Policy

__all__ = [
    "ApplicantChange",
    "Base",
    "CategoryAlias",
    "CategoryAuthorisation",
    "DegreeCategory",
    "Department",
    "Division",
    "DocumentCounter",
    "LifecycleEvent",
    "Membership",
    "OfficeText",
    "OfficialDocument",
    "PartnerUnit",
    "Policy",
    "TrainingUnit",
]
