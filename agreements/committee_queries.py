"""What is seen of the committee and the rules of bases, filtered by who looks."""

from django.db.models import Q, QuerySet

from agreements.models import (
    CommitteeMeeting,
    CommitteeMember,
    CommitteeTerm,
    RegulationDocument,
    RuleVersion,
)
from agreements.queries import training_bases
from portal.acting import Acting
from portal.models import StoredFile

UNCONFIRMED = Q(unit_confirmed_on=None) | Q(partner_confirmed_on=None)


def visible_terms(acting: Acting) -> QuerySet[CommitteeTerm]:
    """The terms of the committees of the bases that this person may look at."""
    found = CommitteeTerm.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base__training_unit", "base__partner")


def visible_members(acting: Acting) -> QuerySet[CommitteeMember]:
    """The members of these committees."""
    return CommitteeMember.objects.filter(term__in=visible_terms(acting).values("pk")).select_related("term__base")


def visible_meetings(acting: Acting) -> QuerySet[CommitteeMeeting]:
    """The meetings of the committees of these bases."""
    found = CommitteeMeeting.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base", "minutes", "recorded_by")


def visible_rules(acting: Acting) -> QuerySet[RegulationDocument]:
    """The 规章制度 of these bases with their versions."""
    found = RegulationDocument.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base").prefetch_related("versions__file")


def may_download_minutes(acting: Acting, stored: StoredFile) -> bool:
    """Minutes of a committee: whoever may look at the cooperation of the base."""
    return visible_meetings(acting).filter(minutes=stored).exists()


def may_download_rule(acting: Acting, stored: StoredFile) -> bool:
    """A 规章制度: whoever may look at the cooperation of the base."""
    return RuleVersion.objects.filter(file=stored, rule__in=visible_rules(acting).values("pk")).exists()
