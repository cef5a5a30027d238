"""公示 of results (第十六条, 第十七条, 第十九条, 第二十条): grades, titles and revocations that wait for their decision can be announced first.

The regulation does not ask for it. Once a result is out, its decision waits for the end of the notice and its objections, and
until then nothing else is proposed. After an upheld objection the grade is proposed anew, or the notice withdrawn and the result
announced again.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Objection, PublicNotice, Round
from applications.services import notice_kinds
from applications.services.notice_drafts import list_reasons
from applications.services.notice_kinds import Candidate, KindRules
from applications.services.notice_lists import department_order
from applications.services.notice_standing import newest_notices, withdrawn_newest
from bases.lifecycle import Grade, NoticeFacts
from bases.models import Base
from evaluations.models import Assessment, RevocationProposal
from portal.acting import Acting
from portal.errors import Refused

Kind = PublicNotice.Kind
GRADE_KINDS = (Kind.ASSESSMENT, Kind.TITLE)
REVOCATION_KINDS = (Kind.REVOCATION,)
Standing = tuple[PublicNotice, NoticeFacts]
_RELATED = ("base__training_unit", "base__partner", "base__category")


def assessment_candidates(round: Round | None = None, unit_id: int | None = None) -> list[Candidate]:
    """Bases whose proposed grade waits for the leader."""
    return _listed(
        Kind.ASSESSMENT,
        [
            (a.base, a.prepared_on, _("%(kind)s拟定等级：%(grade)s") % _grade_words(a))
            for a in _proposed_grades()
        ],
    )  # fmt: skip


def _grade_words(assessment: Assessment) -> dict[str, str]:
    again = assessment.kind == Assessment.Kind.REASSESSMENT
    return {"kind": _("复评") if again else "", "grade": assessment.get_proposed_grade_display()}


def title_candidates(round: Round | None = None, unit_id: int | None = None) -> list[Candidate]:
    """Bases for which 优秀, and with it the title, is proposed."""
    note = _("拟授予“研究生联合培养示范基地”称号")
    excellent = _proposed_grades().filter(proposed_grade=Grade.EXCELLENT)
    return _listed(Kind.TITLE, [(a.base, a.prepared_on, note) for a in excellent])


def revocation_candidates(round: Round | None = None, unit_id: int | None = None) -> list[Candidate]:
    """Bases whose proposed revocation waits for the leader."""
    proposals = RevocationProposal.objects.filter(status=RevocationProposal.Status.OPEN).select_related(*_RELATED)
    return _listed(
        Kind.REVOCATION,
        [(p.base, p.prepared_on, _("拟撤销：%(ground)s") % {"ground": p.get_ground_display()}) for p in proposals],
    )


def _proposed_grades():  # type: ignore[no-untyped-def]
    return Assessment.objects.filter(closed_on=None, grade="").exclude(proposed_grade="").select_related(*_RELATED)


def _listed(kind: str, found: Iterable[tuple[Base, date | None, str]]) -> list[Candidate]:
    rows = list(found)
    noticed = newest_notices([base.pk for base, _since, _note in rows], kind)
    listed = [
        Candidate(base, _listed_already(noticed.get(base.pk), since), note=note, since=since)
        for base, since, note in rows
    ]
    return sorted(listed, key=lambda candidate: department_order(candidate.base))


def _listed_already(found: Standing | None, since: date | None) -> tuple[str, ...]:
    """Why a base cannot go out again: it has, with what is proposed now. An upheld objection to a concluded notice opens the way."""
    if found is None:
        return ()
    notice, facts = found
    refuted = facts.upheld_objections and notice.state == PublicNotice.State.CONCLUDED
    if _announces(notice, since) and not refuted:
        return (_("已列入《%(title)s》。") % {"title": notice.title},)
    if facts.open_objections:
        words = {"title": notice.title, "n": facts.open_objections}
        return (_("《%(title)s》有 %(n)s 件针对本基地的异议尚未办结，办结后再重新公示。") % words,)
    return ()


def _announces(notice: PublicNotice, since: date | None) -> bool:
    """Whether a notice went out with what was proposed on ``since``; nothing is proposed anew while it runs."""
    return since is None or notice.published_on >= since


def waiting_reasons(base: Base, kinds: Iterable[str], since: date | None, on: date) -> tuple[str, ...]:
    """Why a decision on what was proposed on ``since`` must wait for its notice; empty where none is out or nothing stands against it."""
    return waiting({base.pk: since}, kinds, on).get(base.pk, ())


def waiting(since: Mapping[int, date | None], kinds: Iterable[str], on: date) -> dict[int, tuple[str, ...]]:
    """``waiting_reasons`` for many bases, each with the day of its proposal; a base without reasons is not in it.

    A constant number of queries for each kind. A notice that runs, and an objection that is open, hold the decision up whatever
    was proposed since.
    """
    reasons: dict[int, list[str]] = {}
    for kind in kinds:
        found, withdrawn = newest_notices(since, kind), withdrawn_newest(since, kind)
        for base_id, proposed_on in since.items():
            if base_id in withdrawn and _announces(withdrawn[base_id], proposed_on):
                words = {"title": withdrawn[base_id].title}
                again = _("《%(title)s》已撤回，须重新公示，期满后再作决定。") % words
                reasons.setdefault(base_id, []).append(again)
            if base_id in found:
                reasons.setdefault(base_id, []).extend(_against(found[base_id], proposed_on, on))
    return {base_id: tuple(each) for base_id, each in reasons.items() if each}


def _against(found: Standing, since: date | None, on: date) -> list[str]:
    notice, facts = found
    words = {"title": notice.title, "ends": notice.ends_on.isoformat(), "n": facts.open_objections}
    reasons = []
    if on <= notice.ends_on:
        reasons.append(_("《%(title)s》公示至 %(ends)s 24 时，期满后再作决定。") % words)
    if facts.open_objections:
        reasons.append(_("《%(title)s》有 %(n)s 件针对本基地的异议尚未办结，办结前不能决定。") % words)
    if facts.upheld_objections and _announces(notice, since):
        reasons.append(
            _("《%(title)s》针对本基地的异议已查证成立，不能照此决定；请经办重新拟定，或者撤回公示、核实后重新公示。")
            % words
        )
    return reasons


def refuted(since: Mapping[int, date | None], kinds: Iterable[str]) -> dict[int, PublicNotice]:
    """By base the notice of what is proposed to which an objection was upheld, with none still open; two queries for each kind."""
    return {
        base_id: notice
        for kind in kinds
        for base_id, (notice, facts) in newest_notices(since, kind).items()
        if facts.upheld_objections and not facts.open_objections and _announces(notice, since[base_id])
    }


def preparing_reasons(base: Base, kinds: Iterable[str], on: date) -> tuple[str, ...]:
    """Why nothing else can be proposed for a base now: what is proposed is out, or an objection to it is open."""
    kinds = list(kinds)
    running = PublicNotice.objects.filter(
        kind__in=kinds, state=PublicNotice.State.PUBLISHED, ends_on__gte=on, entries__base=base
    )
    reasons = [
        _("《%(title)s》正在公示（至 %(ends)s 24 时），不能重新拟定：请等公示期满、异议办结，或者由审批人撤回公示。")
        % {"title": notice.title, "ends": notice.ends_on.isoformat()}
        for notice in running.order_by("pk")
    ]
    waiting_for = Objection.objects.filter(Objection.BLOCKING, base=base, notice__kind__in=kinds).count()
    if waiting_for:
        reasons.append(
            _("公示中有 %(n)s 件针对本基地的异议尚未办结，不能重新拟定：请先办结异议。") % {"n": waiting_for}
        )
    return tuple(reasons)


def _check(notice: PublicNotice, bases: list[Base], by: Acting, on: date) -> None:
    """No base is moved; each must still wait for its decision."""
    candidates = notice_kinds.get(notice.kind).candidates(None, None)
    reasons = list_reasons(notice, candidates, bases)
    if reasons:
        raise Refused(reasons)


def _graded(notice: PublicNotice) -> list[str]:
    decided = Assessment.objects.filter(
        base__notice_entries__notice=notice, decided_on__gte=notice.published_on, prepared_on__lte=notice.published_on
    )
    return list(decided.values_list("base__name", flat=True))


def _revoked(notice: PublicNotice) -> list[str]:
    decided = RevocationProposal.objects.filter(
        base__notice_entries__notice=notice, status=RevocationProposal.Status.REVOKED, decided_on__gte=notice.published_on
    )  # fmt: skip
    return list(decided.values_list("base__name", flat=True))


def register_all() -> None:
    """Hand the kinds of this floor down to the notices."""
    for rules in (
        KindRules(
            key=Kind.ASSESSMENT, label=gettext_lazy("考核结果公示"), articles="15 16", list_label=gettext_lazy("考核结果名单"), order=30,
            consequence=gettext_lazy("期满且异议办结之前，不能决定名单中基地的考核等级；基地状态不变。"),
            note_label=gettext_lazy("拟定等级"), candidates=assessment_candidates, move=_check, gone_further=_graded,
        ),
        KindRules(
            key=Kind.TITLE, label=gettext_lazy("示范基地称号公示"), articles="17", list_label=gettext_lazy("拟授予称号名单"), order=40,
            consequence=gettext_lazy("期满且异议办结之前，不能决定名单中基地的考核等级和称号；基地状态不变。"),
            note_label=gettext_lazy("拟授称号"), candidates=title_candidates, move=_check, gone_further=_graded,
        ),
        KindRules(
            key=Kind.REVOCATION, label=gettext_lazy("撤销公示"), articles="19 20", list_label=gettext_lazy("拟撤销名单"), order=50,
            consequence=gettext_lazy("期满且异议办结之前，不能作出撤销决定；基地状态不变。"),
            note_label=gettext_lazy("拟撤销事由"), candidates=revocation_candidates, move=_check, gone_further=_revoked,
        ),
    ):  # fmt: skip
        notice_kinds.register(rules)
