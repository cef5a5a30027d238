"""Whether the cooperation of a base goes on: the first line of every act on it."""

from django.utils.translation import gettext as _

from bases.lifecycle import LIVING
from bases.models import Base
from bases.services import lifecycle
from portal.acting import Acting
from portal.errors import NotYours, Overtaken
from portal.roles import Role


def living(base: Base) -> Base:
    """The base as it stands now, locked; raises Overtaken for one that is not under construction, in assessment or rectifying any more or yet."""
    locked = lifecycle.lock(base.pk)
    if locked.state not in LIVING:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有办理。") % {"state": locked.state_label})
    return locked


def side_of(base: Base, acting: Acting) -> str:
    """The side of the cooperation in whose name a person acts: ``unit`` for the graduate office, ``partner`` for the partner.

    Raises NotYours for everybody else.
    """
    if acting.user is not None:
        if acting.role == Role.UNIT_OFFICER and acting.unit_id == base.training_unit_id:
            return "unit"
        if (
            acting.role == Role.PARTNER_OFFICER
            and acting.partner_id is not None
            and acting.partner_id == base.partner_id
        ):
            return "partner"
    raise NotYours(_("只有培养单位研究生院和合作单位可以办理本基地的这件事。"))


def must_be(base: Base, acting: Acting, side: str) -> None:
    """Raises NotYours unless the person acts for that side (``unit`` or ``partner``) of the base."""
    words = {"unit": _("这件事由培养单位研究生院办理。"), "partner": _("这件事由合作单位办理。")}
    try:
        if side_of(base, acting) == side:
            return
    except NotYours:
        pass
    raise NotYours(words[side])
