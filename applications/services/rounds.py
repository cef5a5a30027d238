from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from applications.models import NoticeEntry, PublicNotice, Quota, QuotaFormula, Round, RoundExtension, UnitDeadline
from applications.services.proposing import arithmetic, checked_formula, formula_values, known_facts, weights_of
from bases.models import Policy, TrainingUnit
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role


@transaction.atomic
def open_round(
    *,
    year: int,
    opens_on: date,
    closes_on: date,
    recommend_by: date,
    by: Acting,
    on: date,
    guide: UploadedFile | None = None,
    formula: dict[str, Any] | None = None,
) -> Round:
    """Open the application round of a year (第五条) and work out what every unit's quota may be (第六条); nobody has it yet.

    The weights are those given, else those of the round before, else the portal's own.
    Raises Refused for a second round of the same year, dates out of order or outside the year, a window that is already over, or weights that cannot be.
    """
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("申报批次由教育厅经办开设。"))
    if closes_on < on:
        raise Refused(
            _("申报截止日 %(day)s 已经过去，请改为今天（%(on)s）或以后。")
            % {"day": closes_on.isoformat(), "on": on.isoformat()}
        )
    if not opens_on <= closes_on <= recommend_by:
        raise Refused(_("日期应依次为：申报开始、申报截止、推荐报送截止。"))
    if opens_on.year != year:
        raise Refused(_("申报开始日应在 %(year)s 年内。") % {"year": year})
    stored = uploads.store(guide, purpose="round_guide", by=by.user) if guide else None
    new = Round(
        year=year,
        opens_on=opens_on,
        closes_on=closes_on,
        recommend_by=recommend_by,
        guide=stored,
        policy=Policy.in_force(opens_on),
        opened_by=by.user,
    )
    try:
        new.full_clean()
        with transaction.atomic():
            new.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("该年度已有申报批次。按第五条，申报工作每年开展一次。")) from error
    last = round_before(year)
    weighed = checked_formula(new, getattr(last, "formula", None), formula or {})
    weighed.save(force_insert=True)
    Quota.objects.bulk_create(first_quotas(new, weighed, TrainingUnit.objects.all()))
    return new


def first_quotas(round: Round, formula: QuotaFormula, units: QuerySet[TrainingUnit]) -> list[Quota]:
    """A quota for each of the units, as the formula proposes it; not saved."""
    listed = list(units)
    known, weights = known_facts(round.year, listed), weights_of(formula)
    proposed = {unit.pk: arithmetic(known[unit.pk], weights).places for unit in listed}
    return [
        Quota(round=round, training_unit=unit, proposed=proposed[unit.pk], places=proposed[unit.pk]) for unit in listed
    ]


def round_before(year: int) -> Round | None:
    """The newest round of an earlier year."""
    return Round.objects.filter(year__lt=year).select_related("formula").order_by("-year").first()


def last_settings(year: int) -> dict[str, Any] | None:
    """What a new round of that year takes over from the one before: its planned dates, moved to the year, and its weights.

    None for the first round. An extension was granted for its own year and is not taken over.
    """
    last = round_before(year)
    if last is None:
        return None
    first = last.extensions.order_by("pk").first()
    moved = relativedelta(years=year - last.year)
    return {
        "from_year": last.year,
        "opens_on": last.opens_on + moved,
        "closes_on": (first.closes_on if first else last.closes_on) + moved,
        "recommend_by": (first.recommend_by if first else last.recommend_by) + moved,
        "formula": formula_values(last.formula) if hasattr(last, "formula") else None,
    }


@transaction.atomic
def extend_round(
    *, round: Round, new_closes_on: date, new_recommend_by: date, reason: str, by: Acting, on: date
) -> RoundExtension:
    """Give a round a later end for everybody (第五条); the dates before it stay on record, with the reason.

    Raises Refused for an earlier date, no later one, dates out of order or already past, or no reason.
    """
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("申报批次由教育厅经办延期。"))
    locked = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    reasons = _no_extension(locked, new_closes_on, new_recommend_by, on)
    if not reason.strip():
        reasons.append(_("请写明延期的理由。"))
    if reasons:
        raise Refused(reasons)
    made = RoundExtension.objects.create(
        round=locked,
        closes_on=locked.closes_on,
        recommend_by=locked.recommend_by,
        new_closes_on=new_closes_on,
        new_recommend_by=new_recommend_by,
        reason=reason.strip(),
        made_by=by.user,
        made_on=on,
    )
    locked.closes_on, locked.recommend_by = new_closes_on, new_recommend_by
    locked.save(update_fields=["closes_on", "recommend_by"])
    return made


def _no_extension(round: Round, new_closes_on: date, new_recommend_by: date, on: date) -> list[str]:
    """Why these dates are no extension of the round."""
    reasons = []
    ends = [
        (_("申报截止"), round.closes_on, new_closes_on),
        (_("推荐报送截止"), round.recommend_by, new_recommend_by),
    ]
    for label, old, new in ends:
        words = {"label": label, "old": old.isoformat(), "new": new.isoformat(), "on": on.isoformat()}
        if new < old:
            reasons.append(_("%(label)s现为 %(old)s，只能延后，不能提前到 %(new)s。") % words)
        elif new != old and new < on:
            reasons.append(_("%(label)s延至 %(new)s，这一天已经过去，请改为今天（%(on)s）或以后。") % words)
    if all(new == old for _label, old, new in ends):
        words = {"closes": round.closes_on.isoformat(), "recommend": round.recommend_by.isoformat()}
        reasons.append(
            _("两个日期都没有延后：申报截止仍为 %(closes)s，推荐报送截止仍为 %(recommend)s。请改其中至少一个。") % words
        )
    if not reasons and new_closes_on > new_recommend_by:
        reasons.append(
            _("申报截止 %(closes)s 晚于推荐报送截止 %(recommend)s，请把推荐报送截止一并延后。")
            % {"closes": new_closes_on.isoformat(), "recommend": new_recommend_by.isoformat()}
        )
    return reasons


@transaction.atomic
def set_unit_deadline(*, round: Round, declare_by: date | None, by: Acting, on: date) -> UnitDeadline | None:
    """Give a unit's own applicants an earlier deadline than the round's (第五条), or with None take it back.

    Raises Refused for a day that is past, before the round opens or after it closes, and once declaring is over.
    """
    if by.role != Role.UNIT_OFFICER or by.unit_id is None or by.user is None:
        raise NotYours(_("校内申报截止由本单位研究生院设定。"))
    locked = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    if on > locked.closes_on:
        raise Refused(
            _("申报已于 %(closes)s 截止，今天是 %(on)s，校内申报截止不能再改。")
            % {"closes": locked.closes_on.isoformat(), "on": on.isoformat()}
        )
    if declare_by is None:
        UnitDeadline.objects.filter(round=locked, training_unit_id=by.unit_id).delete()
        return None
    earliest = max(on, locked.opens_on)
    if not earliest <= declare_by <= locked.closes_on:
        raise Refused(
            _("校内申报截止应在 %(from)s 至 %(to)s 之间，%(day)s 不在其中。")
            % {"from": earliest.isoformat(), "to": locked.closes_on.isoformat(), "day": declare_by.isoformat()}
        )
    saved, _created = UnitDeadline.objects.update_or_create(
        round=locked,
        training_unit_id=by.unit_id,
        defaults={"declare_by": declare_by, "set_by": by.user, "set_on": on},
    )
    return saved


def declare_deadline(round: Round, unit_id: int) -> date:
    """The last day on which a unit's applicants may declare: its own deadline, or the round's."""
    own = UnitDeadline.objects.filter(round=round, training_unit_id=unit_id).first()
    return own.declare_by if own else round.closes_on


def report_reasons(round: Round, on: date) -> tuple[str, ...]:
    """Why a unit cannot report to the department on that day (第五条); empty when it can."""
    if on < round.opens_on:
        words = {"opens": round.opens_on.isoformat(), "on": on.isoformat()}
        return (_("本批次自 %(opens)s 开始，今天是 %(on)s，还不能报送推荐。") % words,)
    if on > round.recommend_by:
        words = {"by": round.recommend_by.isoformat(), "on": on.isoformat()}
        return (_("推荐报送已于 %(by)s 截止，今天是 %(on)s，不再受理。") % words,)
    return ()


def units_without_quota(round: Round) -> QuerySet[TrainingUnit]:
    """Units that were entered after the round was opened."""
    return TrainingUnit.objects.exclude(pk__in=Quota.objects.filter(round=round).values("training_unit"))


def places_used(quota: Quota) -> int:
    """How many places of a quota are taken: bases published for recommendation in the round and not declined or returned since."""
    return places_used_by_unit(quota.round_id, quota.training_unit_id).get(quota.training_unit_id, 0)


def places_used_by_unit(round_id: int, *unit_ids: int) -> dict[int, int]:
    """``places_used`` of all units of a round, or of those named, in one query; a unit without any is not in it."""
    entries = NoticeEntry.objects.filter(
        notice__kind=PublicNotice.Kind.RECOMMENDATION, notice__round_id=round_id, notice__issuer_unit__isnull=False
    ).exclude(base__state__in=["not_recommended", "drafting", "declared"])
    if unit_ids:
        entries = entries.filter(notice__issuer_unit_id__in=unit_ids)
    counted = entries.order_by().values("notice__issuer_unit_id").annotate(taken=Count("base", distinct=True))
    return {row["notice__issuer_unit_id"]: row["taken"] for row in counted}


def current_round(on: date) -> Round | None:
    """The round whose window holds this day."""
    return Round.objects.filter(opens_on__lte=on, closes_on__gte=on).select_related("policy").order_by("-year").first()
