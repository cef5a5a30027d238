from evaluations.models.assessment import Assessment, DemonstrationTitle, Rectification
from evaluations.models.ending import Incident, RevocationProposal, Withdrawal
from evaluations.models.reminder import Reminder

__all__ = [
    "Assessment",
    "DemonstrationTitle",
    "Incident",
    "Rectification",
    "Reminder",
    "RevocationProposal",
    "Withdrawal",
]
