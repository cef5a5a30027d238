"""The one door of the state machine."""

from dataclasses import replace

import rules
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bases.lifecycle import CONDITIONS, RULES, Evidence, State
from bases.models import Base, LifecycleEvent, OfficialDocument
from bases.services.history import seal
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import role_label


def lock(base_id: int) -> Base:
    """The base as it stands now, locked for this transaction. Every act begins here.

    Only its own row is locked; related rows are read with it.
    """
    related = ("training_unit", "partner", "category", "policy")
    return Base.objects.select_for_update(of=("self",)).select_related(*related).get(pk=base_id)


def refusals(base: Base, name: str, *, by: Acting, evidence: Evidence) -> tuple[str, ...]:
    """Why this person cannot make this move now, in Chinese; empty when they can. Nothing is changed."""
    rule = RULES[name]
    if base.state not in rule.sources:
        return (_("当前状态为“%(state)s”，不能办理“%(label)s”。") % {"state": base.state_label, "label": rule.label},)
    if by.role not in rule.roles_in(base.state):
        roles = "、".join(role_label(role) for role in rule.roles_in(base.state))
        return (
            _("“%(label)s”由%(roles)s办理，您当前的角色是%(own)s。")
            % {"label": rule.label, "roles": roles, "own": by.role_label},
        )
    if not rules.test_rule("act_on_base", by, base):
        return (_("这个基地不属于您当前所在的单位，不能办理。"),)
    base.evidence = replace(evidence, actor_id=by.user_id)
    try:
        return tuple(filter(None, (need.reason(base) for need in CONDITIONS[name])))
    finally:
        base.evidence = None


def advance(base: Base, name: str, *, by: Acting, evidence: Evidence, document: OfficialDocument | None = None) -> Base:
    """Move a base along one transition: lock, look, check the right, move, write the one event, save, in one transaction.

    ``base`` is the base as the person saw it; the locked row is what counts, and is returned.
    Raises Overtaken when the base has moved on since (also when the move would still be open: the person decided on what they
    saw), NotYours without the right, Refused with every need that does not hold.
    """
    rule = RULES[name]
    with transaction.atomic():
        locked = lock(base.pk)
        if locked.events_count != base.events_count or locked.state not in rule.sources:
            raise Overtaken(_overtaken(locked, rule.label))
        if by.role not in rule.roles_in(locked.state) or not rules.test_rule("act_on_base", by, locked):
            raise NotYours(refusals(locked, name, by=by, evidence=evidence))
        reasons = refusals(locked, name, by=by, evidence=evidence)
        if reasons:
            raise Refused(reasons)
        source = locked.state
        locked.evidence = replace(evidence, actor_id=by.user_id)
        getattr(locked, name)()
        locked.evidence = None
        _record(locked, source, name, by=by, evidence=evidence, document=document)
        locked.save()
    return locked


def _record(
    base: Base, source: str, name: str, *, by: Acting, evidence: Evidence, document: OfficialDocument | None
) -> LifecycleEvent:
    base.events_count += 1
    last = LifecycleEvent.objects.filter(base=base).order_by("-sequence").values_list("hash", flat=True).first()
    event = LifecycleEvent(
        base=base,
        sequence=base.events_count,
        transition=name,
        source=source,
        target=base.state,
        actor=by.user,
        actor_name=by.name,
        role=by.role,
        organisation=by.organisation_name,
        at=timezone.now(),
        on=evidence.on,
        articles=RULES[name].articles,
        reason=evidence.reason,
        document=document,
        evidence=evidence.shown(),
        previous_hash=last or "",
    )
    event.hash = seal(event)
    event.save(force_insert=True)
    return event


def _overtaken(base: Base, label: object) -> str:
    last = LifecycleEvent.objects.filter(base=base).order_by("-sequence").first()
    state = State(base.state).label
    if last is None:
        return _("“%(label)s”没有办理：基地当前状态为“%(state)s”。") % {"label": label, "state": state}
    return _("“%(label)s”没有办理：%(who)s 已于 %(at)s 办理“%(done)s”，基地当前状态为“%(state)s”。请刷新后再看。") % {
        "label": label,
        "who": f"{last.actor_name}（{role_label(last.role)}）",
        "at": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
        "done": last.label,
        "state": state,
    }
