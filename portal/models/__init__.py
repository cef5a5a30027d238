from portal.models.calendar import CalendarDay, CalendarYear
from portal.models.clock import ClockShift
from portal.models.files import StoredFile
from portal.models.imports import ImportCheck
from portal.models.issued import IssuedCopy, IssuedRecord
from portal.models.jobs import OutboxJob, Submission
from portal.models.regulation import RegulationText
from portal.models.user import User

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "ClockShift",
    "ImportCheck",
    "IssuedCopy",
    "IssuedRecord",
    "OutboxJob",
    "RegulationText",
    "StoredFile",
    "Submission",
    "User",
]
