"""推荐 (第八条（二）): what the unit decides on an application."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import PublicNotice, UnitReview
from applications.services.declaring import current_application
from applications.services.notices import notice_facts
from bases.lifecycle import Evidence, State
from bases.models import Base
from bases.services.lifecycle import advance, lock, refusals
from portal.acting import Acting
from portal.errors import NotYours, Overtaken
from portal.roles import Role

ASPECTS = (
    "category_opinion", "partner_opinion", "reason_opinion", "results_opinion", "prospects_opinion", "contribution_opinion",
)  # fmt: skip


@transaction.atomic
def review(*, base: Base, acting: Acting, on: date, **opinions: str) -> UnitReview:
    """Record the unit's opinion in all six aspects; it can be changed until the notice is out."""
    locked = lock(base.pk)
    if acting.role != Role.UNIT_OFFICER or acting.unit_id != locked.training_unit_id or acting.user is None:
        raise NotYours(_("六项审核由本单位研究生院填写。"))
    if locked.state != State.DECLARED:
        raise Overtaken(_("基地当前状态为“%(state)s”，审核意见没有保存。") % {"state": locked.state_label})
    values = {name: opinions[name] for name in ASPECTS} | {"reviewed_by": acting.user, "reviewed_on": on}
    saved, _created = UnitReview.objects.update_or_create(application=current_application(locked), defaults=values)
    return saved


def decline(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Do not recommend the base this year, with the reason."""
    return advance(base, "decline", by=acting, evidence=Evidence(on=on, reason=reason))


def recommend_evidence(base: Base, on: date) -> Evidence:
    """What the machine wants to see before a base is reported to the department."""
    return Evidence(on=on, notice=notice_facts(base, PublicNotice.Kind.RECOMMENDATION))


def recommend_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the base cannot be reported now."""
    return refusals(base, "recommend", by=acting, evidence=recommend_evidence(base, on))


@transaction.atomic
def recommend(*, base: Base, acting: Acting, on: date) -> Base:
    """Report the base to the department, its notice having ended without an open or upheld objection."""
    locked = lock(base.pk)
    return advance(base, "recommend", by=acting, evidence=recommend_evidence(locked, on))
