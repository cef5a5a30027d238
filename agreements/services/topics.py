"""学位论文选题: proposed by the unit, cleared by the partner, approved at the 开题 (协议：培养过程 2、知识产权)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import BaseProject, Placement, ResearchEvent, SecrecyClearance, ThesisTopic
from agreements.services.research_log import differences, line, log
from agreements.services.standing import living, must_be
from bases.models import Base
from portal.acting import Acting
from portal.errors import Overtaken, Refused

Kind, Status, Verdict = ResearchEvent.Kind, ThesisTopic.Status, SecrecyClearance.Verdict
# Whoever is or was in the base writes a thesis out of it.
PLACED = frozenset({Placement.Status.RUNNING, Placement.Status.ENDED})


@transaction.atomic
def propose(
    *,
    base: Base,
    placement: Placement,
    by: Acting,
    on: date,
    title: str,
    project: BaseProject | None = None,
    no_project_reason: str = "",
    uses_practice: bool = True,
    planned_on: date | None = None,
) -> ThesisTopic:
    """The graduate office enters the topic of a student who is or was in the base.

    Raises Refused for a topic without a project and without a reason, for a project of another base, for a student who has a topic.
    """
    here = living(base)
    must_be(here, by, "unit")
    found = Placement.objects.select_for_update(of=("self",)).select_related("student").get(pk=placement.pk)
    if found.base_id != here.pk or found.status not in PLACED:
        raise Refused(_("%(who)s没有进入本基地实践，不能登记选题。") % {"who": found.student})
    live = ThesisTopic.objects.filter(placement__student=found.student_id).exclude(status=Status.WITHDRAWN)
    if live.exists():
        raise Refused(_("%(who)s已有选题，需要改题的请办理更正。") % {"who": found.student})
    made = ThesisTopic(
        placement=found, title=title.strip(), project=project, no_project_reason=no_project_reason.strip(),
        uses_practice=uses_practice, planned_on=planned_on, proposed_by=by.user, proposed_on=on,
    )  # fmt: skip
    _refuse_what_does_not_hold(made, here)
    made.save()
    log(made, Kind.ENTERED, by=by, on=on, words=made.title)
    return made


@transaction.atomic
def change(
    *,
    topic: ThesisTopic,
    by: Acting,
    on: date,
    title: str,
    project: BaseProject | None = None,
    no_project_reason: str = "",
    uses_practice: bool = True,
    planned_on: date | None = None,
) -> ThesisTopic:
    """The graduate office changes a topic. Another title, project or use asks for a new clearance, and undoes the 开题."""
    here = living(topic.placement.base)
    must_be(here, by, "unit")
    (found,) = locked(here, [topic.pk])
    if found.status == Status.WITHDRAWN:
        raise Overtaken(_("这个选题已撤回，没有办理。"))
    wanted = {
        "title": title.strip(), "project": project, "no_project_reason": "" if project else no_project_reason.strip(),
        "uses_practice": uses_practice, "planned_on": planned_on,
    }  # fmt: skip
    words = list(differences(found, wanted))
    if not words:
        raise Refused(_("没有改动，没有保存。"))
    anew = (found.title, found.project_id, found.uses_practice) != (
        wanted["title"],
        project.pk if project else None,
        uses_practice,
    )
    for name, value in wanted.items():
        setattr(found, name, value)
    _refuse_what_does_not_hold(found, here)
    if anew:
        if found.clearance_id or found.status == Status.APPROVED:
            words.append(_("原来的涉密确认和开题不再有效。"))
        found.clearance, found.status, found.approved_on, found.approved_by = None, Status.PROPOSED, None, None
    found.save()
    log(found, Kind.CHANGED, by=by, on=on, words="".join(words))
    return found


@transaction.atomic
def clear(
    *,
    base: Base,
    topics: Iterable[int],
    by: Acting,
    on: date,
    verdict: str,
    conditions: str = "",
    closed_until: date | None = None,
    reason: str = "",
) -> list[SecrecyClearance]:
    """The partner says of several topics at once whether they are secret (协议：知识产权, before the 开题); all of them or none.

    Raises Refused for conditions that are not named, a refusal without a reason; Overtaken for a topic that is not to be cleared.
    """
    here = living(base)
    must_be(here, by, "partner")
    found = locked(here, topics)
    wrong = [why_not_clear(each) for each in found if why_not_clear(each)]
    if wrong:
        raise Overtaken(wrong[0])
    conditional = verdict == Verdict.CONDITIONS
    if conditional and not conditions.strip():
        raise Refused(_("请写明论文中不得公开的内容。"))
    if verdict == Verdict.REFUSED and not reason.strip():
        raise Refused(_("请写明为什么不能作为选题。"))
    if conditional and closed_until is not None and closed_until <= on:
        raise Refused(_("不公开的截止日期应在今天之后。"))
    made = SecrecyClearance.objects.bulk_create(
        SecrecyClearance(
            topic=each, title=each.title, verdict=verdict, conditions=conditions.strip() if conditional else "",
            closed_until=closed_until if conditional else None, reason=reason.strip(), decided_by=by.user, decided_on=on,
        )
        for each in found
    )  # fmt: skip
    for each, answer in zip(found, made, strict=True):
        each.clearance = answer
    ThesisTopic.objects.bulk_update(found, ["clearance"])
    _log_all(found, Kind.CLEARED, by, on, _said(made[0]))
    return made


@transaction.atomic
def approve(*, base: Base, topics: Iterable[int], by: Acting, on: date, approved_on: date) -> list[ThesisTopic]:
    """The graduate office records the 开题 of several topics; none without its clearance, which came before (协议：知识产权)."""
    here = living(base)
    must_be(here, by, "unit")
    found = locked(here, topics)
    wrong = [why_not_approve(each) for each in found if why_not_approve(each)]
    if wrong:
        raise Refused(wrong)
    if approved_on > on:
        raise Refused(_("开题日期 %(day)s 还没有到。") % {"day": approved_on.isoformat()})
    early = [
        each for each in found if each.uses_practice and each.clearance and each.clearance.decided_on > approved_on
    ]
    if early:
        names = "、".join(each.placement.student.name for each in early)
        raise Refused(_("%(names)s的涉密确认晚于所填开题日期；论文开题前应先由合作单位确认。") % {"names": names})
    for each in found:
        each.status, each.approved_by, each.approved_on = Status.APPROVED, by.user, approved_on
        each.save()
    _log_all(found, Kind.APPROVED, by, on, _("开题日期：%(day)s。") % {"day": approved_on.isoformat()})
    return found


@transaction.atomic
def withdraw(*, base: Base, topics: Iterable[int], by: Acting, on: date, reason: str) -> list[ThesisTopic]:
    """The graduate office takes topics back; a student whose topic was taken back may get another one."""
    here = living(base)
    must_be(here, by, "unit")
    found = locked(here, topics)
    if any(each.status == Status.WITHDRAWN for each in found):
        raise Overtaken(_("所选的选题有的已经撤回，没有办理。请刷新列表后再看。"))
    if not reason.strip():
        raise Refused(_("请写明撤回原因。"))
    for each in found:
        each.status, each.approved_by, each.approved_on = Status.WITHDRAWN, None, None
        each.save()
    _log_all(found, Kind.WITHDRAWN, by, on, reason.strip())
    return found


def locked(base: Base, pks: Iterable[int]) -> list[ThesisTopic]:
    """The topics of a base as they stand now, locked in the order of their keys. Raises Refused for none, Overtaken for a foreign one."""
    wanted = sorted(set(pks))
    if not wanted:
        raise Refused(_("没有选择选题，没有办理。请在列表中勾选。"))
    found = list(
        ThesisTopic.objects.select_for_update(of=("self",))
        .filter(placement__base=base, pk__in=wanted)
        .select_related("placement__student", "clearance", "project")
        .order_by("pk")
    )
    if len(found) != len(wanted):
        raise Overtaken(_("所选的选题有的不在本基地，没有办理。请刷新列表后重新选择。"))
    return found


def why_not_clear(topic: ThesisTopic) -> str:
    """Why the partner has nothing to say on a topic now; empty when it has."""
    if topic.status != Status.PROPOSED:
        return _("《%(title)s》当前为“%(state)s”。") % {"title": topic.title, "state": topic.get_status_display()}
    if not topic.uses_practice:
        return _("《%(title)s》不使用实践期间的内容，不需要涉密确认。") % {"title": topic.title}
    return ""


def why_not_approve(topic: ThesisTopic) -> str:
    """Why the 开题 of a topic cannot be recorded now; empty when it can."""
    if topic.status != Status.PROPOSED:
        return _("《%(title)s》当前为“%(state)s”。") % {"title": topic.title, "state": topic.get_status_display()}
    if topic.needs_clearance:
        return _("《%(title)s》还没有合作单位的涉密确认，论文开题前应先确认。") % {"title": topic.title}
    if not topic.is_free:
        return _("《%(title)s》经合作单位确认涉密，请改题后重新确认。") % {"title": topic.title}
    return ""


def why_not_withdraw(topic: ThesisTopic) -> str:
    """Why a topic cannot be taken back now; empty when it can."""
    return _("已经撤回。") if topic.status == Status.WITHDRAWN else ""


def _refuse_what_does_not_hold(topic: ThesisTopic, base: Base) -> None:
    reasons = []
    if not topic.title:
        reasons.append(_("请填写论文题目。"))
    if topic.project is None and not topic.no_project_reason:
        reasons.append(_("学位论文选题原则上与基地项目相结合；没有依托项目的，请写明理由。"))
    if topic.project is not None:
        topic.no_project_reason = ""
        if topic.project.base_id != base.pk:
            reasons.append(_("所选项目不是本基地的项目。"))
        if not topic.uses_practice:
            reasons.append(_("依托基地项目的选题使用实践期间的研究内容，请勾选。"))
    if reasons:
        raise Refused(reasons)


def _said(answer: SecrecyClearance) -> str:
    words = [_("%(verdict)s。") % {"verdict": answer.get_verdict_display()}]
    if answer.conditions:
        words.append(_("不得公开：%(what)s") % {"what": answer.conditions})
    if answer.closed_until:
        words.append(_("（至 %(day)s）") % {"day": answer.closed_until.isoformat()})
    return "".join([*words, answer.reason])


def _log_all(topics: Sequence[ThesisTopic], kind: str, by: Acting, on: date, words: str) -> None:
    ResearchEvent.objects.bulk_create(line(each, kind, by=by, on=on, words=words) for each in topics)
