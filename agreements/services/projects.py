"""项目: what practice and theses of a base work on, entered and kept by the side that set it up (协议：培养过程 2、知识产权)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import BaseProject, PublicationRequest, ResearchEvent
from agreements.services.research_log import differences, log
from agreements.services.standing import living, side_of
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

Kind = ResearchEvent.Kind
FIELDS = (
    "name", "number", "source", "owner", "unit_leader", "partner_leader", "starts_on", "ends_on", "funds", "is_secret", "secret_note",
    "summary",
)  # fmt: skip
OTHER = {"unit": "partner", "partner": "unit"}


@transaction.atomic
def enter(*, base: Base, by: Acting, on: date, **values: Any) -> BaseProject:
    """A side enters a project of which it is 立项方, alone or with the other; ``values`` by the names of FIELDS.

    Raises NotYours for others, Refused for a project of the other side alone, a name that is there, or dates out of order.
    """
    here = living(base)
    side = side_of(here, by)
    made = BaseProject(base=here, entered_by=by.user, entered_on=on, **_plain(values))
    if side not in made.sides:
        raise Refused(_("项目由立项方登记：请选择本方或者双方；对方立项的项目请对方登记。"))
    _refuse_what_does_not_hold(made, here)
    made.save()
    log(made, Kind.ENTERED, by=by, on=on, words=_("立项方：%(owner)s。") % {"owner": made.get_owner_display()})
    return made


@transaction.atomic
def change(*, project: BaseProject, by: Acting, on: date, **values: Any) -> BaseProject:
    """A side of the 立项方 corrects its project; what was there before is kept in the time line.

    It may give the project to the other side or share it, but not take from the other its say.
    """
    found, side = _own(project, by)
    wanted = _plain(values)
    words = list(differences(found, wanted))
    if not words:
        raise Refused(_("没有改动，没有保存。"))
    owned = found.sides
    for name, value in wanted.items():
        setattr(found, name, value)
    if OTHER[side] in owned and OTHER[side] not in found.sides:
        raise Refused(_("对方也是立项方，不能由本方取消；需要变更的请对方办理。"))
    waits = PublicationRequest.objects.filter(project=found, status=PublicationRequest.Status.WAITING)
    if owned != found.sides and waits.exists():
        raise Refused(_("有公开申请正在等待立项方决定，决定之后才能变更立项方。"))
    _refuse_what_does_not_hold(found, found.base)
    found.save()
    log(found, Kind.CHANGED, by=by, on=on, words="".join(words))
    return found


@transaction.atomic
def end(*, project: BaseProject, by: Acting, on: date, ended_on: date, note: str) -> BaseProject:
    """A side of the 立项方 says when and how the project ended; placements, topics and results that rest on it keep it."""
    found, _side = _own(project, by)
    if ended_on > on:
        raise Refused(_("日期 %(day)s 还没有到。") % {"day": ended_on.isoformat()})
    if found.starts_on and ended_on < found.starts_on:
        raise Refused(_("不能早于项目的开始日期 %(day)s。") % {"day": found.starts_on.isoformat()})
    if not note.strip():
        raise Refused(_("请写明结题或终止情况。"))
    found.ended_on, found.ended_note = ended_on, note.strip()
    found.save()
    log(found, Kind.ENDED, by=by, on=on, words=found.ended_note)
    return found


def may_change(project: BaseProject, base: Base, by: Acting) -> bool:
    """Whether this person's side set the project up and it goes on."""
    try:
        return project.ended_on is None and side_of(base, by) in project.sides
    except NotYours:
        return False


def _own(project: BaseProject, by: Acting) -> tuple[BaseProject, str]:
    here = living(project.base)
    side = side_of(here, by)
    found = BaseProject.objects.select_for_update().get(pk=project.pk)
    found.base = here
    if side not in found.sides:
        raise NotYours(_("这个项目由立项方%(owner)s办理。") % {"owner": found.get_owner_display()})
    if found.ended_on is not None:
        raise Overtaken(_("项目已于 %(day)s 结题或终止，没有办理。") % {"day": found.ended_on.isoformat()})
    return found, side


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _refuse_what_does_not_hold(project: BaseProject, base: Base) -> None:
    reasons = []
    if BaseProject.objects.filter(base=base, name=project.name).exclude(pk=project.pk).exists():
        reasons.append(_("本基地已有同名项目“%(name)s”。") % {"name": project.name})
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        reasons.append(_("结束日期不能早于开始日期。"))
    if project.is_secret and not project.secret_note:
        reasons.append(_("涉及秘密的项目，请写明哪些内容须保密。"))
    if project.funds is not None and project.funds < 0:
        reasons.append(_("项目经费不能为负数。"))
    if reasons:
        raise Refused(reasons)
