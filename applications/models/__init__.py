from applications.models.application import Application, Deliberation, UnitReview
from applications.models.notice import NoticeEntry, Objection, PublicNotice
from applications.models.panel import Assignment, Criterion, ExpertProfile, Panel, Rubric, Score, ScoreSheet
from applications.models.round import Quota, Round

__all__ = [
    "Application",
    "Assignment",
    "Criterion",
    "Deliberation",
    "ExpertProfile",
    "NoticeEntry",
    "Objection",
    "Panel",
    "PublicNotice",
    "Quota",
    "Round",
    "Rubric",
    "Score",
    "ScoreSheet",
    "UnitReview",
]
