"""Filling in a 申请书 (第八条（一）): section by section, by one or more people, kept while they type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import rules
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import paper
from applications.models import (
    Application,
    ApplicationBasics,
    ApplicationFile,
    ConstructionPlan,
    PartnerProfile,
    SectionState,
    SectionVisit,
    YearTarget,
)
from applications.models.application import NO_INDUSTRY
from applications.services import snapshot
from applications.services.rounds import current_round
from bases.lifecycle import State
from bases.models import Base, CategoryAuthorisation, TrainingUnit
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

# What stands on the base's own row too, as it was last declared; before the first declaration it follows the draft.
COVER_FIELDS = ("name", "partner", "category", "field", "priority_industry")


@dataclass(frozen=True)
class RowEntry:
    """One row as it was sent: its key, and the cells that were right. A cell that was wrong is left out and keeps what it had."""

    key: UUID
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What a save did: the section's new count, the time."""

    version: int
    at: datetime


class SectionOvertaken(Overtaken):
    """Somebody else saved the section after this person had opened it."""

    def __init__(self, reason: str, version: int) -> None:
        super().__init__(reason)
        self.version = version


@transaction.atomic
def start_application(*, name: str, by: Acting, on: date) -> Application:
    """Begin a base with its first 申请书 in the round that is open; raises Refused when none is."""
    if by.role != Role.APPLICANT or by.user is None or by.unit_id is None:
        raise NotYours(_("申请书由培养单位的申报人填写。"))
    open_round = current_round(on)
    if open_round is None:
        raise Refused(_("今天（%(on)s）没有开放的申报批次，请留意教育厅申报通知。") % {"on": on.isoformat()})
    base = Base(name=name.strip(), training_unit=TrainingUnit.objects.get(pk=by.unit_id), applicant=by.user)
    try:
        base.full_clean(exclude=["state"])
        with transaction.atomic():
            base.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("本单位已有同名基地，请换一个名称，或在原基地上再次申报。")) from error
    return new_application(base, on)


def new_application(base: Base, on: date) -> Application:
    """An empty application of a base in the round that is open, with its parts and the three years of construction."""
    open_round = current_round(on)
    if open_round is None:
        raise Refused(_("没有开放的申报批次。"))
    application = Application.objects.create(
        base=base,
        round=open_round,
        declare_by=open_round.closes_on,
        name=base.name,
        category=base.category,
        partner=base.partner,
    )
    ApplicationBasics.objects.create(application=application)
    PartnerProfile.objects.create(application=application)
    ConstructionPlan.objects.create(application=application)
    YearTarget.objects.bulk_create(YearTarget(application=application, position=n, year=n + 1) for n in range(3))
    return application


def carry_over(base: Base, last: Application, on: date) -> Application:
    """A new application in the round that is open, with everything that the last one says; that one stays as it is.

    The sealed scan is not taken over: it seals what was said before.
    """
    new = new_application(base, on)
    for name in (*COVER_FIELDS, "division", "cooperation_started_on"):
        setattr(new, name, getattr(last, name))
    new.save()
    for part in snapshot.PARTS:
        old, row = getattr(last, part), getattr(new, part)
        for column in row._meta.concrete_fields:
            if column.name not in {"id", "application"}:
                setattr(row, column.attname, getattr(old, column.attname))
        _move_years(row, paper.BY_PART[part], new.round.year - last.round.year)
        row.save()
    for name in snapshot.TABLES:
        getattr(new, name).all().delete()
        model: Any = new._meta.get_field(name).related_model
        copies = list(getattr(last, name).all())
        for copy in copies:
            copy.pk, copy.application = None, new
        model.objects.bulk_create(copies)
    ApplicationFile.objects.bulk_create(
        ApplicationFile(application=new, kind=each.kind, stored=each.stored, added_by=each.added_by)
        for each in last.files.filter(removed_at=None).exclude(kind=ApplicationFile.Kind.SEALED_FORM)
    )
    return new


def _move_years(row: Any, section: paper.Section, years: int) -> None:
    """Figures of earlier years stay those of their years: last time's newest is now a year or more older, the newest is asked for anew."""
    for stem in {each.name.rsplit("_", 1)[0] for each in section.fields if each.years_back}:
        before = {back: getattr(row, f"{stem}_{back}") for back in (1, 2, 3)}
        for back in (1, 2, 3):
            setattr(row, f"{stem}_{back}", before.get(back - years))


def why_closed(application: Application, on: date) -> str:
    """Why an application cannot be changed on a day (第五条): handed in, or its time is over; empty while it can."""
    if application.base.state != State.DRAFTING or application.declared_on is not None:
        return _("申请书已提交，不能再改。需要修改时请联系研究生院退回。")
    closes = application.window.closes_on
    if closes < on:
        return _("申报期限 %(day)s 已过，申请书不能再改。新的批次开放后可以转入，已填写的内容都会保留。") % {
            "day": closes.isoformat()
        }
    return ""


def locked_draft(application: Application, by: Acting, on: date) -> Application:
    """The draft with its base, locked, for somebody who may fill it in on that day.

    Raises NotYours for anybody but its applicants, Overtaken once it is handed in or belongs to an earlier round, Refused after its time.
    """
    base = lock(application.base_id)
    draft = Application.objects.select_for_update(of=("self",)).select_related("round").get(pk=application.pk)
    draft.base = base
    if by.role != Role.APPLICANT or not rules.test_rule("act_on_base", by, base):
        raise NotYours(_("申请书只能由本基地的申报人修改。"))
    if base.state != State.DRAFTING:
        raise Overtaken(
            _("申请书已提交，当前状态为“%(state)s”，没有保存。需要修改时请联系研究生院退回。")
            % {"state": base.state_label}
        )
    if Application.objects.filter(base=base, round__year__gt=draft.round.year).exists():
        raise Overtaken(_("这份申请书属于以前的批次，没有保存。请在本批次的申请书中填写。"))
    closed = why_closed(draft, on)
    if closed:
        raise Refused(closed)
    return draft


@transaction.atomic
def save_section(
    *,
    application: Application,
    section: str,
    by: Acting,
    on: date,
    values: Mapping[str, Any] | None = None,
    rows: Mapping[str, Iterable[RowEntry]] | None = None,
    seen: int | None = None,
) -> Saved:
    """Keep what was filled in on one page of the form.

    ``values`` are the fields that were right, ``rows`` by table all rows of the page in their order: what is not among them is taken
    away. ``seen`` is the count of the section that the person had before them; SectionOvertaken is raised when somebody else has saved
    since, and nothing is kept.
    """
    draft = locked_draft(application, by, on)
    spec = paper.BY_KEY[section]
    state, _created = SectionState.objects.select_for_update().get_or_create(application=draft, section=section)
    if seen is not None and seen != state.version and state.saved_by_id is not None:
        raise SectionOvertaken(_overtaken(state), state.version)
    holder = getattr(draft, spec.part) if spec.part else draft
    category_before = draft.category_id
    allowed = {each.name for each in spec.fields}
    for name, value in (values or {}).items():
        if name in allowed:
            setattr(holder, name, value)
    if section == "cover":
        _follow_the_cover(draft, values or {}, category_before, by)
    _save(holder)
    for name, entries in (rows or {}).items():
        _save_rows(draft, spec.table(name), list(entries))
    if holder is not draft:
        draft.save(update_fields=["saved_at"])
    return count_save(draft, section, by)


def revision(application: Application) -> int:
    """How often anything of an application was saved: equal numbers mean that nothing has changed in between."""
    return SectionState.objects.filter(application=application).aggregate(n=Sum("version"))["n"] or 0


def count_save(draft: Application, section: str, by: Acting) -> Saved:
    """Write down that a section was saved, by whom; for whoever changes it by another way than its page (an import, a file)."""
    state, _created = SectionState.objects.select_for_update().get_or_create(application=draft, section=section)
    state.version += 1
    state.saved_by, state.saved_at = by.user, timezone.now()
    state.save()
    return Saved(state.version, state.saved_at)


def _overtaken(state: SectionState) -> str:
    who = state.saved_by.full_name if state.saved_by else ""
    at = timezone.localtime(state.saved_at).strftime("%H:%M") if state.saved_at else ""
    return _("%(who)s 已于 %(at)s 改过这一部分，您现在的修改没有保存。请先看过对方的内容，再决定保留哪一份。") % {
        "who": who,
        "at": at,
    }


def _follow_the_cover(draft: Application, values: Mapping[str, Any], category_before: int | None, by: Acting) -> None:
    """What the cover decides elsewhere: the base's own row before the first declaration, the category's year and level."""
    base = draft.base
    if "partner" in values and draft.partner and draft.division_id is None:
        draft.division_id = draft.partner.division_id
    if "category" in values and draft.category_id:
        known = CategoryAuthorisation.objects.filter(training_unit_id=base.training_unit_id)
        entries = {
            each.category_id: each for each in known.filter(category_id__in=[draft.category_id, category_before])
        }
        entry, former = entries.get(draft.category_id), entries.get(category_before or 0)
        basics = draft.basics
        # What was corrected by hand stays; what followed the former category follows the new one.
        follows = basics.authorised_year is None or (
            former is not None and (basics.authorised_year, basics.level) == (former.year, former.level)
        )
        if entry and follows and (basics.authorised_year, basics.level) != (entry.year, entry.level):
            basics.authorised_year, basics.level = entry.year, entry.level
            basics.save(update_fields=["authorised_year", "level"])
            count_save(draft, "basics", by)
    if base.events_count == 0:
        show_on_base(draft)


def show_on_base(draft: Application) -> None:
    """The base's row says what its application's cover says; raises Refused for a name that the unit has given already."""
    base = draft.base
    for name in COVER_FIELDS:
        setattr(base, name, getattr(draft, name))
    base.priority_industry = "" if draft.priority_industry == NO_INDUSTRY else draft.priority_industry
    _save(base, update_fields=COVER_FIELDS)


def _save(row: Any, **kwargs: Any) -> None:
    """Save a row whose fields are right; the database itself is asked about the rest, and only once."""
    names = {column.name for column in row._meta.concrete_fields if column.is_relation} | {"state"}
    try:
        row.clean_fields(exclude=names)
        with transaction.atomic():
            row.save(**kwargs)
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        if "base_name_once_per_unit" in str(error):
            raise Refused(_("本单位已有同名基地，请换一个名称，或在原基地上再次申报。")) from error
        raise Refused(_("有不合规定的数值，没有保存，请核对。")) from error


def _save_rows(draft: Application, table: paper.Table, entries: list[RowEntry]) -> None:
    """Bring a table to what was sent: a constant number of queries, however many rows it has."""
    model: Any = draft._meta.get_field(table.name).related_model
    kept = {row.key: row for row in model.objects.filter(application=draft)}
    names = [cell.name for cell in table.cells if not (table.fixed and cell is table.cells[0])]
    new, changed = [], []
    position = 0
    for entry in entries:
        row = kept.pop(entry.key, None)
        known = row is not None
        if row is None and table.fixed:
            continue
        row = row or model(application=draft, key=entry.key)
        before = [row.position, *(getattr(row, name) for name in names)]
        for name in names:
            if name in entry.values:
                setattr(row, name, entry.values[name])
        if not known and not snapshot.filled(row, table):
            continue
        row.position = position
        position += 1
        _check(row, names)
        if not known:
            new.append(row)
        elif before != [row.position, *(getattr(row, name) for name in names)]:
            changed.append(row)
    if position > table.most:
        words = _("%(table)s最多 %(n)s 行，现有 %(have)s 行，没有保存。请删去多余的行。")
        raise Refused(words % {"table": table.label, "n": table.most, "have": position})
    try:
        with transaction.atomic():
            if kept and not table.fixed:
                model.objects.filter(application=draft, key__in=list(kept)).delete()
            model.objects.bulk_update(changed, ["position", *names], batch_size=500)
            model.objects.bulk_create(new, batch_size=500)
    except IntegrityError as error:
        raise Refused(_("%(table)s中有不合规定的数值，没有保存，请核对。") % {"table": table.label}) from error


def _check(row: Any, names: list[str]) -> None:
    # Foreign keys come from a choice that was checked already; looking each up again would take a query a row.
    related = {column.name for column in row._meta.concrete_fields if column.is_relation}
    try:
        row.clean_fields(exclude={column.name for column in row._meta.concrete_fields} - set(names) | related)
    except ValidationError as error:
        raise Refused(error.messages) from error


# A page tells every few seconds that it is still open; one that is silent for longer was closed.
STILL_OPEN = timedelta(seconds=45)


@dataclass(frozen=True)
class Colleague:
    """Somebody else who has the section open, and when they saved it last (None: not yet)."""

    name: str
    saved_at: datetime | None


@transaction.atomic
def visit(*, application: Application, section: str, window: UUID, by: Acting, now: datetime) -> list[Colleague]:
    """Say that this person has the section open in a window of their browser; returns who else has."""
    if by.user is None or section not in paper.BY_KEY:
        return []
    SectionVisit.objects.filter(application=application, seen_at__lt=now - 20 * STILL_OPEN).delete()
    SectionVisit.objects.update_or_create(
        application=application, section=section, window=window, defaults={"user": by.user, "seen_at": now}
    )
    others = (
        SectionVisit.objects.filter(application=application, section=section, seen_at__gte=now - STILL_OPEN)
        .exclude(window=window)
        .select_related("user")
        .order_by("user__full_name")
    )
    state = SectionState.objects.filter(application=application, section=section).first()
    return [
        Colleague(
            _("您自己（在另一个窗口）") if other.user_id == by.user_id else other.user.full_name,
            state.saved_at if state and state.saved_by_id == other.user_id else None,
        )
        for other in others
    ]


def leave(*, application: Application, section: str, window: UUID) -> None:
    """The window was closed or went to another section."""
    SectionVisit.objects.filter(application=application, section=section, window=window).delete()


@transaction.atomic
def set_co_applicants(*, base: Base, users: Iterable[User], by: Acting) -> Base:
    """Name the colleagues who fill in the papers with the applicant: applicants of the same unit, at most ten (第八条（一）)."""
    locked = lock(base.pk)
    if by.role != Role.APPLICANT or by.user_id != locked.applicant_id or by.unit_id != locked.training_unit_id:
        raise NotYours(_("共同填报人由本基地的申报人指定。"))
    chosen = {user.pk for user in users} - {locked.applicant_id}
    colleagues = set(
        User.objects.filter(
            pk__in=chosen, is_active=True, memberships__role=Role.APPLICANT, memberships__withdrawn_at=None,
            memberships__training_unit_id=locked.training_unit_id,
        ).values_list("pk", flat=True)
    )  # fmt: skip
    if colleagues != chosen:
        raise Refused(_("共同填报人须是本单位的申报人。"))
    if len(chosen) > 10:
        raise Refused(_("共同填报人最多 10 名。"))
    locked.co_applicants.set(chosen)
    return locked
