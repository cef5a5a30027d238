"""A 申请书 with all its parts, read at once: what is shown, checked and printed rests on the same reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from applications import paper
from applications.models import Application, ApplicationFile, TrainedStudent
from applications.models.rows import Row
from bases.models import CategoryAlias, CategoryAuthorisation

ROSTER = "trained_students"
PARTS = tuple(section.part for section in paper.SECTIONS if section.part)
TABLES = {table.name: table for section in paper.SECTIONS for table in section.tables}


@dataclass(frozen=True)
class Trained:
    """How many of the roster had entered by a day: all, those of the application's category, and those whose old name may mean it."""

    total: int
    of_category: int
    unclear: int


@dataclass
class Snapshot:
    """The application, its parts, the rows of its tables and its files in force. Without ``roster`` the students are only counted."""

    application: Application
    rows: dict[str, list[Any]]
    files: list[ApplicationFile]
    authorisation: CategoryAuthorisation | None
    trained: Trained
    parts: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The answer of that name, on the cover or in a part; None where there is no such answer."""
        if name == "partner_kind":
            return self.application.partner.kind if self.application.partner else ""
        if name in self.rows:
            return self.rows[name]
        for holder in (self.application, *self.parts.values()):
            if hasattr(holder, name):
                return getattr(holder, name)
        return None

    def holder(self, section: paper.Section) -> Any:
        """The row that holds the fields of a section."""
        return self.parts[section.part] if section.part else self.application

    def files_of(self, kind: str) -> list[ApplicationFile]:
        """The attachments of a kind."""
        return [each for each in self.files if each.kind == kind]

    def side_total(self, side: str) -> Any:
        """What one side has invested so far, in yuan (第七条（三）)."""
        return sum((row.amount for row in self.rows["contributions"] if row.side == side and row.amount), 0)


def read(application: Application, on: date, *, roster: bool = False) -> Snapshot:
    """Read an application whole: a constant number of queries, however long its tables are."""
    related = ("base__training_unit", "round__policy", "category", "partner__division", "division__parent", *PARTS)
    found = Application.objects.select_related(*related).get(pk=application.pk)
    rows: dict[str, list[Any]] = {}
    for name in TABLES:
        if name != ROSTER or roster:
            query = getattr(found, name).all()
            rows[name] = list(query.select_related("partner") if name == "other_partners" else query)
    authorisation = None
    if found.category_id:
        authorisation = CategoryAuthorisation.objects.filter(
            training_unit_id=found.base.training_unit_id, category_id=found.category_id
        ).first()
    return Snapshot(
        found,
        rows,
        list(found.files.filter(removed_at=None).select_related("stored", "added_by").order_by("kind", "pk")),
        authorisation,
        trained(found, on),
        {name: getattr(found, name) for name in PARTS},
    )


def trained(application: Application, on: date) -> Trained:
    """Count the roster by the application's category on a day (第七条（三）)."""
    aliases = CategoryAlias.objects.filter(category_id=application.category_id)
    meant = [word for alias in aliases for word in (alias.name, alias.code) if word]
    counted = TrainedStudent.objects.filter(application=application, entered_on__lte=on).aggregate(
        total=Count("pk"),
        of_category=Count("pk", filter=Q(category_id=application.category_id, category__isnull=False)),
        unclear=Count("pk", filter=Q(category=None, category_name__in=meant)),
    )
    return Trained(**counted)


def filled(row: Row, table: paper.Table) -> bool:
    """Whether anything was entered in a row; the year of a fixed row is given and does not count."""
    return any(
        getattr(row, cell.name) not in (None, "")
        for cell in table.cells
        if not (table.fixed and cell.name == table.cells[0].name)
    )
