"""How far a 申请书 has come: what is missing, what contradicts itself, whether 第七条 is fulfilled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.money import ExpenseKind, Side
from applications import eligibility, paper
from applications.models import Application, ApplicationFile, SectionState
from applications.services import snapshot
from applications.services.content import field_label
from bases.models import Base

COMPLETE, MISSING, WRONG = "complete", "missing", "wrong"


@dataclass(frozen=True)
class Gap:
    """One thing to mend: its section, the element of the page it stands at, and what to do in a few words."""

    section: str
    anchor: str
    words: str


@dataclass
class Standing:
    """Where one section stands."""

    section: paper.Section
    missing: list[Gap] = field(default_factory=list)
    wrong: list[Gap] = field(default_factory=list)

    @property
    def state(self) -> str:
        """complete, missing or wrong, the worst first."""
        return WRONG if self.wrong else MISSING if self.missing else COMPLETE


@dataclass(frozen=True)
class Readiness:
    """Everything that stands between a draft and its declaration."""

    standings: list[Standing]
    checks: list[eligibility.Check]

    @property
    def gaps(self) -> list[Gap]:
        """All that is missing or wrong, in the order of the paper; attachments come on their own."""
        return [gap for standing in self.standings for gap in (*standing.wrong, *standing.missing)]

    @property
    def missing_files(self) -> list[str]:
        """The kinds of attachments that are still to come, by their names."""
        return [gap.words for gap in self.standing(paper.ATTACHMENTS.key).missing]

    @property
    def complete(self) -> bool:
        """Whether the application could be declared, its window apart."""
        return not self.gaps and not any(check.failed for check in self.checks)

    @property
    def may_be_signed(self) -> bool:
        """Whether nothing is open but the signatures and seals: the paper can go out to be signed."""
        return all(gap.anchor == "file_sealed_form" for gap in self.gaps)

    @property
    def done(self) -> int:
        """How many sections are complete."""
        return sum(standing.state == COMPLETE for standing in self.standings)

    def standing(self, section: str) -> Standing:
        """Where that section stands."""
        return next(each for each in self.standings if each.section.key == section)


def readiness(application: Application, on: date) -> Readiness:
    """What an application still needs on a day; a constant number of queries."""
    return readiness_of(snapshot.read(application, on), on)


def readiness_of(read: snapshot.Snapshot, on: date) -> Readiness:
    """The same of one reading."""
    standings = [
        Standing(section, list(_missing(read, section)), list(_wrong(read, section, on))) for section in paper.SECTIONS
    ]
    return Readiness(standings, checks_of(read, on))


def checks(application: Application, on: date) -> list[eligibility.Check]:
    """The eligibility report of 第七条 as it stands on that day, by the policy of the round."""
    return checks_of(snapshot.read(application, on), on)


def checks_of(read: snapshot.Snapshot, on: date) -> list[eligibility.Check]:
    """The same of one reading."""
    application, policy = read.application, read.application.round.policy
    signed = [row for row in read.rows["agreements"] if row.signed_on]
    profile = read.parts["partner_profile"]
    questions = ("had_accident", "had_dishonesty", "had_penalty")
    answered = [getattr(profile, name) for name in questions]
    incidents = tuple(str(profile._meta.get_field(name).verbose_name) for name in questions if getattr(profile, name))
    expiries = [row.expires_on for row in signed if row.expires_on]
    facts = eligibility.Facts(
        on=on,
        category_authorised=read.authorisation is not None if application.category_id else None,
        has_partner=application.partner_id is not None,
        cooperation_started_on=application.cooperation_started_on,
        unit_investment=Decimal(read.side_total(Side.UNIT)),
        partner_investment=Decimal(read.side_total(Side.PARTNER)),
        students=read.trained.of_category if application.category_id else None,
        unclear_students=read.trained.unclear,
        signed_on=min((row.signed_on for row in signed), default=None),
        agreement_expires_on=max(expiries, default=None),
        has_agreement_scan=bool(read.files_of(ApplicationFile.Kind.AGREEMENT)),
        other_partners=sum(1 for row in read.rows["other_partners"] if row.partner_id),
        several_partners_reason=profile.several_partners_reason,
        incidents=incidents if incidents or None not in answered else None,
        kinds_invested=frozenset(row.kind for row in read.rows["contributions"] if row.amount),
        has_partner_rules=bool(read.files_of(ApplicationFile.Kind.PARTNER_RULES)),
        has_licence=bool(read.files_of(ApplicationFile.Kind.PARTNER_LICENCE)),
        changed_after_sealing=changed_after_sealing(application) is not None,
        construction_ends_on=application.round.recommend_by + relativedelta(years=policy.construction_years),
    )
    return eligibility.report(facts, min_years=policy.min_cooperation_years, min_students=policy.min_trained_students)


def changed_after_sealing(application: Application) -> datetime | None:
    """When the content was last changed after the sealed scan was uploaded (第八条（一）); None while the scan is the newest.

    The other attachments count too: the paper that is sealed lists them.
    """
    files = ApplicationFile.objects.filter(application=application)
    sealed_form = ApplicationFile.Kind.SEALED_FORM
    sealed = files.filter(kind=sealed_form, removed_at=None).aggregate(at=Max("added_at"))["at"]
    if sealed is None:
        return None
    saves = SectionState.objects.filter(application=application).exclude(section=paper.ATTACHMENTS.key)
    others = files.exclude(kind=sealed_form).aggregate(added=Max("added_at"), removed=Max("removed_at"))
    changes = (saves.aggregate(at=Max("saved_at"))["at"], others["added"], others["removed"])
    changed: datetime | None = max((at for at in changes if at is not None), default=None)
    return changed if changed is not None and changed > sealed else None


def _missing(read: snapshot.Snapshot, section: paper.Section) -> Iterator[Gap]:
    holder = read.holder(section)
    for each in section.fields:
        if each.needed(read.value) and getattr(holder, each.name) in (None, ""):
            yield Gap(section.key, f"id_{each.name}", field_label(holder, each, read.application.round.year))
    for table in section.tables:
        yield from _missing_rows(read, section, table)
    if section.key == "attachments":
        for kind in paper.FILE_KINDS:
            if kind.needed and not read.files_of(kind.key):
                yield Gap(section.key, f"file_{kind.key}", str(ApplicationFile.Kind(kind.key).label))
    if section.key == "budget" and any(row.subject for row in read.rows["budget_lines"]):
        for side in (Side.UNIT, Side.PARTNER):
            if not any(_line_total(row) for row in read.rows["budget_lines"] if row.side == side):
                yield Gap(section.key, "table_budget_lines", _("%(side)s的出资") % {"side": side.label})


def _missing_rows(read: snapshot.Snapshot, section: paper.Section, table: paper.Table) -> Iterator[Gap]:
    anchor = f"table_{table.name}"
    if table.name == snapshot.ROSTER:
        if not read.trained.total:
            yield Gap(section.key, anchor, str(table.label))
        return
    rows = [(number, row) for number, row in enumerate(read.rows[table.name], start=1) if snapshot.filled(row, table)]
    if len(rows) < table.least:
        words = (
            _("%(table)s（至少 %(n)s 行，现有 %(have)s 行）") if table.least > 1 else _("%(table)s（至少 %(n)s 行）")
        )
        yield Gap(section.key, anchor, words % {"table": table.label, "n": table.least, "have": len(rows)})
    for number, row in rows:
        empty = [cell.name for cell in table.cells if cell.needed and getattr(row, cell.name) in (None, "")]
        if empty:
            names = "、".join(str(row._meta.get_field(name).verbose_name) for name in empty)
            yield Gap(
                section.key,
                anchor,
                _("%(table)s第 %(n)s 行：%(names)s") % {"table": table.label, "n": number, "names": names},
            )


def _line_total(row: Any) -> Decimal:
    return sum((amount or Decimal(0) for amount in (row.year_1, row.year_2, row.year_3)), Decimal(0))


def _wrong(read: snapshot.Snapshot, section: paper.Section, on: date) -> Iterator[Gap]:
    found = {
        "cover": _wrong_cover,
        "partner": _wrong_partner,
        "cooperation": _wrong_cooperation,
        "mentors": _wrong_mentors,
        "budget": _wrong_budget,
        "attachments": _wrong_files,
    }.get(section.key)
    for anchor, words in found(read, on) if found else ():
        yield Gap(section.key, anchor, words)


def _wrong_cover(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    application = read.application
    same = Base.objects.filter(training_unit_id=application.base.training_unit_id, name=application.name)
    if same.exclude(pk=application.base_id).exists():
        yield "id_name", _("本单位已有同名基地，请换一个名称，或在原基地上再次申报。")


def _wrong_partner(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    profile = read.parts["partner_profile"]
    if profile.founded_on and profile.founded_on > on:
        yield "id_founded_on", _("成立日期还没有到。")
    people = [profile.staff, profile.technical_staff, profile.senior_staff]
    for more, less, anchor, words in (
        (people[0], people[1], "id_technical_staff", _("专业技术人员多于职工人数。")),
        (people[1], people[2], "id_senior_staff", _("高级职称人数多于专业技术人员。")),
    ):
        if more is not None and less is not None and less > more:
            yield anchor, words
    others = [row.partner_id for row in read.rows["other_partners"] if row.partner_id]
    if read.application.partner_id in others or len(set(others)) < len(others):
        yield "table_other_partners", _("同一个合作单位列了两次。")


def _wrong_cooperation(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    started = read.application.cooperation_started_on
    if started and started > on:
        yield "id_cooperation_started_on", _("合作起始日还没有到。")
    for number, row in enumerate(read.rows["agreements"], start=1):
        if row.signed_on and row.expires_on and row.expires_on <= row.signed_on:
            yield "table_agreements", _("联合培养协议第 %(n)s 行：有效期早于签署日。") % {"n": number}
        if row.signed_on and row.signed_on > on:
            yield "table_agreements", _("联合培养协议第 %(n)s 行：签署日还没有到。") % {"n": number}
    for number, row in enumerate(read.rows["contributions"], start=1):
        if row.year and (row.year > on.year or (started and row.year < started.year)):
            yield "table_contributions", _("双方投入情况第 %(n)s 行：年度不在合作期内。") % {"n": number}


def _wrong_mentors(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(read.rows["industry_mentors"], start=1):
        if row.appointed_until and row.appointed_until < on:
            yield "table_industry_mentors", _("行业产业导师第 %(n)s 行：聘期已满。") % {"n": number}


def _wrong_budget(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(read.rows["budget_lines"], start=1):
        if row.subject == ExpenseKind.OTHER and not row.note:
            yield "table_budget_lines", _("经费预算第 %(n)s 行：“其他”须写明用途。") % {"n": number}
        key = (row.subject, row.side)
        if row.subject and row.side and row.subject != ExpenseKind.OTHER and key in seen:
            words = _("经费预算第 %(n)s 行与第 %(first)s 行的科目和出资方相同，请合并。")
            yield "table_budget_lines", words % {"n": number, "first": seen[key]}
        seen.setdefault(key, number)


def _wrong_files(read: snapshot.Snapshot, on: date) -> Iterator[tuple[str, str]]:
    total = sum(each.stored.size for each in read.files)
    if total > paper.MAX_TOTAL_MB * 1024 * 1024:
        yield "files_total", _("附件合计超过 %(mb)s MB。") % {"mb": paper.MAX_TOTAL_MB}
