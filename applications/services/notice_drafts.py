"""A 公示 before it goes out: drafted, kept while it is written, the department's submitted to the leader and sent back."""

import re
from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from applications.models import PublicNotice, Round
from applications.services import notice_kinds, notice_words
from applications.services.notice_kinds import Candidate, KindRules
from bases.models import Base, Policy, TrainingUnit
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import role_label

State = PublicNotice.State


def lock_notice(notice: PublicNotice) -> PublicNotice:
    """The notice as it stands now, locked for this transaction, but not against objections that name it."""
    rows = PublicNotice.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("round__policy", "issuer_unit").get(pk=notice.pk)


def live_draft(kind: str, round: Round | None, unit_id: int | None) -> PublicNotice | None:
    """The draft, submitted or not, of an office, kind and round; there is one at most."""
    return PublicNotice.objects.filter(
        kind=kind, round=round, issuer_unit_id=unit_id, state__in=PublicNotice.PREPARED
    ).first()


@transaction.atomic
def draft_notice(
    *,
    kind: str,
    round: Round | None,
    by: Acting,
    on: date,
    bases: Iterable[Base] | None = None,
    title: str | None = None,
    text: str | None = None,
    replaces: PublicNotice | None = None,
) -> PublicNotice:
    """Begin a notice; what is not given is proposed: the words, and the bases that can go out now.

    ``replaces`` is a withdrawn notice in whose place this one goes out; its bases that can be listed are proposed. Raises Refused
    where the office has a draft of this kind and round already.
    """
    rules = notice_kinds.get(kind)
    unit = _drafting_unit(rules, by)
    if live_draft(kind, round, unit.pk if unit else None) is not None:
        raise Refused(_there_is_one(rules))
    year = round.year if round is not None else on.year
    words = notice_words.proposed_words(rules, unit=unit, year=year)
    if replaces is not None:
        _refuse_replacing(replaces, rules, unit)
        words = (replaces.title, replaces.text)
    notice = PublicNotice(
        kind=kind,
        round=round,
        issuer_unit=unit,
        replaces=replaces,
        title=words[0] if title is None else title,
        text=words[1] if text is None else text,
        working_days=working_days(round, on),
        drafted_by=by.user,
        drafted_on=on,
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_there_is_one(rules)) from error
    chosen = proposed_bases(rules, round, unit, replaces) if bases is None else list(bases)
    notice.chosen.set(_own(chosen, unit))
    return notice


def _there_is_one(rules: KindRules) -> str:
    return _("已有一份%(kind)s草稿，请在那一份上继续，或者先删除。") % {"kind": rules.label}


def working_days(round: Round | None, on: date) -> int:
    """How long a notice is out by the policy of its round, or without one by the policy in force."""
    return (round.policy if round is not None else Policy.in_force(on)).notice_working_days


def _drafting_unit(rules: KindRules, by: Acting) -> TrainingUnit | None:
    if by.role != rules.drafted_by or by.user is None:
        words = {"kind": rules.label, "role": role_label(rules.drafted_by)}
        raise NotYours(_("%(kind)s由%(role)s起草。") % words)
    return TrainingUnit.objects.get(pk=by.unit_id) if rules.by_unit and by.unit_id else None


def _refuse_replacing(replaces: PublicNotice, rules: KindRules, unit: TrainingUnit | None) -> None:
    if replaces.issuer_unit_id != (unit.pk if unit else None) or replaces.kind != rules.key:
        raise NotYours(_("这份公示不是您所在单位发布的，不能由您重新公示。"))
    if replaces.state != State.WITHDRAWN or PublicNotice.objects.filter(replaces=replaces).exists():
        raise Overtaken(_("只有已撤回、还没有重新起草的公示才能重新公示。请刷新后再看。"))


def proposed_bases(
    rules: KindRules, round: Round | None, unit: TrainingUnit | None, replaces: PublicNotice | None
) -> list[Base]:
    """The bases with which a draft begins: all that can be listed now, or of those the ones of the notice it takes the place of."""
    possible = [c.base for c in rules.candidates(round, unit.pk if unit else None) if not c.reasons]
    if replaces is None:
        return possible
    before = set(replaces.entries.values_list("base_id", flat=True))
    return [base for base in possible if base.pk in before]


def _own(bases: Iterable[Base], unit: TrainingUnit | None) -> list[Base]:
    chosen = list(bases)
    if unit is not None and any(base.training_unit_id != unit.pk for base in chosen):
        raise NotYours(_("名单中有不属于本单位的基地，没有保存。"))
    return chosen


def _locked_draft(notice: PublicNotice, by: Acting) -> PublicNotice:
    """The draft, locked; raises NotYours for another office's, Overtaken when it is a draft no more."""
    locked = lock_notice(notice)
    rules = notice_kinds.get(locked.kind)
    if by.role != rules.drafted_by or not notice_kinds.belongs_to(locked, by) or by.user is None:
        words = {"kind": rules.label, "role": role_label(rules.drafted_by)}
        raise NotYours(_("%(kind)s由%(role)s起草。") % words)
    if locked.state != State.DRAFT:
        raise Overtaken(_("公示当前为“%(state)s”，不能再改。请刷新后再看。") % {"state": locked.get_state_display()})
    return locked


def refuse_overtaken(notice: PublicNotice, seen: int | None) -> None:
    """Raise Overtaken when the draft is another than the person had before them; ``seen`` None: they had none."""
    if seen is not None and seen != notice.version:
        raise Overtaken(_("没有办理：这份草稿刚由他人改过。请先复制您写的内容，刷新后在最新的草稿上修改。"))


@transaction.atomic
def update_draft(
    *, notice: PublicNotice, seen: int | None, title: str, text: str, bases: Iterable[Base], by: Acting, on: date
) -> PublicNotice:
    """Keep a draft as it is written, also half done. Raises Overtaken when somebody else has kept another since version ``seen``."""
    locked = _locked_draft(notice, by)
    refuse_overtaken(locked, seen)
    chosen = _own(bases, locked.issuer_unit)
    same = (title, text) == (locked.title, locked.text)
    if same and {base.pk for base in chosen} == set(locked.chosen.values_list("pk", flat=True)):
        return locked
    locked.title, locked.text, locked.version = title, text, locked.version + 1
    locked.save(update_fields=["title", "text", "version"])
    locked.chosen.set(chosen)
    return locked


@transaction.atomic
def discard_draft(*, notice: PublicNotice, by: Acting) -> None:
    """Throw a draft away; nothing else hangs on it."""
    locked = _locked_draft(notice, by)
    locked.chosen.clear()
    locked.delete()


def word_reasons(notice: PublicNotice) -> tuple[str, ...]:
    """What a notice must say and does not: its title, and the parts that are required (第八条（二）（四）)."""
    titled = re.match(notice_words.TITLE_FORM, notice.title)
    title = () if titled else (_("标题写作“关于……的公示”。"),)
    return (*title, *notice_words.missing_parts(notice.text, notice_words.offices(notice.issuer_unit)))


def list_reasons(notice: PublicNotice, candidates: Iterable[Candidate], chosen: Iterable[Base]) -> tuple[str, ...]:
    """Why the chosen list cannot go out, naming each base; empty when it can."""
    known = notice_kinds.named(candidates)
    reasons = []
    for base in chosen:
        if base.pk not in known:
            words = {"base": base.name, "state": base.state_label}
            reasons.append(_("%(base)s：当前状态为“%(state)s”，已不在可以公示的基地之中，请移出名单。") % words)
        else:
            reasons += [f"{base.name}：{reason}" for reason in known[base.pk].reasons]
    return tuple(reasons)


def submit_reasons(notice: PublicNotice) -> tuple[str, ...]:
    """Why a draft cannot be submitted or published as it stands; empty when it can. The period is worked out apart."""
    chosen = list(notice.chosen.all())
    candidates = notice_kinds.get(notice.kind).candidates(notice.round, notice.issuer_unit_id)
    empty = () if chosen else (_("请至少选择一个基地列入公示名单。"),)
    return (*word_reasons(notice), *empty, *list_reasons(notice, candidates, chosen))


@transaction.atomic
def submit(*, notice: PublicNotice, by: Acting, on: date, seen: int | None = None) -> PublicNotice:
    """Lay the department's draft before the leader. Raises Refused with all that is lacking, CalendarNotLoaded for an unknown year."""
    locked = _locked_draft(notice, by)
    if notice_kinds.get(locked.kind).by_unit:
        raise Refused(_("推荐公示由研究生院直接发布，不需要提交审批。"))
    refuse_overtaken(locked, seen)
    reasons = submit_reasons(locked)
    if reasons:
        raise Refused(reasons)
    notice_words.period(on, locked.working_days)
    locked.state, locked.submitted_by, locked.submitted_on = State.SUBMITTED, by.user, on
    locked.returned_reason = ""
    locked.save(update_fields=["state", "submitted_by", "submitted_on", "returned_reason"])
    return locked


@transaction.atomic
def return_to_draft(*, notice: PublicNotice, reason: str, by: Acting) -> PublicNotice:
    """Send a submitted notice back to be mended, with the reason."""
    locked = lock_notice(notice)
    rules = notice_kinds.get(locked.kind)
    if by.role != rules.published_by or not notice_kinds.belongs_to(locked, by):
        raise NotYours(_("公示由教育厅审批人审批。"))
    if locked.state != State.SUBMITTED:
        raise Overtaken(_("公示当前为“%(state)s”，不能退回。请刷新后再看。") % {"state": locked.get_state_display()})
    if not reason.strip():
        raise Refused(_("请写明退回的理由，经办据此修改。"))
    locked.state, locked.returned_reason, locked.version = State.DRAFT, reason.strip(), locked.version + 1
    locked.submitted_by, locked.submitted_on = None, None
    locked.save(update_fields=["state", "returned_reason", "version", "submitted_by", "submitted_on"])
    return locked
