from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from applications.models import NoticeEntry, PublicNotice, Quota, Round
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
    default_places: int,
    by: Acting,
    on: date,
    guide: UploadedFile | None = None,
) -> Round:
    """Open the application round of a year (第五条) and give every unit its first quota (第六条).

    Raises Refused for a second round of the same year, dates out of order or outside the year, or a window that is already over.
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
    Quota.objects.bulk_create(
        Quota(round=new, training_unit=unit, places=default_places) for unit in TrainingUnit.objects.all()
    )
    return new


@transaction.atomic
def set_quota(*, quota: Quota, places: int, by: Acting) -> Quota:
    """Change a unit's quota (第六条); never below what it has already published."""
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("申报名额由教育厅经办下达。"))
    locked = Quota.objects.select_for_update(of=("self",)).select_related("training_unit", "round").get(pk=quota.pk)
    used = places_used(locked)
    if places < used:
        raise Refused(
            _("%(unit)s 已公示推荐 %(used)s 个，名额不能少于这个数。")
            % {"unit": locked.training_unit.name, "used": used}
        )
    locked.places = places
    locked.save(update_fields=["places"])
    return locked


@transaction.atomic
def list_new_units(*, round: Round, by: Acting) -> int:
    """Put units that were entered after the round was opened on its list of quotas, with no place yet; returns how many."""
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("申报名额由教育厅经办下达。"))
    Round.objects.select_for_update().get(pk=round.pk)
    new = [Quota(round=round, training_unit=unit, places=0) for unit in units_without_quota(round)]
    Quota.objects.bulk_create(new)
    return len(new)


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
