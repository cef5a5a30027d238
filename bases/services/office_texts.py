"""Wordings of documents: the office's own where it saved one, the portal's proposal otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bases import office_texts
from bases.models import OfficeText, TrainingUnit
from bases.office_texts import TextKind
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role


@dataclass(frozen=True)
class Current:
    """The wording that counts now: whose version it is (None: the portal's proposal, never changed), and its words."""

    kind: TextKind
    version: OfficeText | None
    title: str
    text: str

    @property
    def is_default(self) -> bool:
        """Whether the portal's own proposal counts."""
        return self.version is None or self.version.is_default

    @property
    def number(self) -> int:
        """The version's number, 0 before the first."""
        return self.version.version if self.version else 0


def versions(kind: TextKind, unit_id: int | None) -> QuerySet[OfficeText]:
    """What an office has saved of a kind, the newest first."""
    found = OfficeText.objects.filter(kind=kind.key, issuer_unit_id=unit_id)
    return found.select_related("saved_by").order_by("-version")


def current(kind: TextKind, unit_id: int | None) -> Current:
    """The wording that counts now for the department (None) or a unit."""
    return _as_current(kind, versions(kind, unit_id).first())


def _as_current(kind: TextKind, version: OfficeText | None) -> Current:
    if version is None or version.is_default:
        return Current(kind, version, str(kind.default_title), str(kind.default_text))
    return Current(kind, version, version.title, version.text)


def all_current(acting: Acting) -> list[Current]:
    """The wordings of this person's office; one query however many kinds."""
    newest: dict[str, OfficeText] = {}
    saved = OfficeText.objects.filter(issuer_unit_id=acting.unit_id).select_related("saved_by")
    for version in saved.order_by("version"):
        newest[version.kind] = version
    return [_as_current(kind, newest.get(kind.key)) for kind in office_texts.of_office(office_of(acting))]


def office_of(acting: Acting) -> str:
    """Whose texts this person edits."""
    return office_texts.UNIT if acting.role == Role.UNIT_OFFICER else office_texts.DEPARTMENT


def wording(kind_key: str, issuer_unit: TrainingUnit | None, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Title and paragraphs of a document of that kind, its words filled with ``values``.

    Raises KeyError for a kind that nobody registered, or a word of the kind that has no value.
    """
    kind = office_texts.get(kind_key)
    if kind is None:
        raise KeyError(kind_key)
    now = current(kind, issuer_unit.pk if issuer_unit else None)
    title = office_texts.fill(now.title, values)[: office_texts.TITLE_MAX]
    return title, office_texts.paragraphs(office_texts.fill(now.text, values))


@transaction.atomic
def save(*, kind: TextKind, title: str, text: str, seen: int, by: Acting, on: date) -> OfficeText:
    """Save a wording as the office's newest; ``seen`` is the number of the version that the person had before them.

    Raises NotYours, Overtaken when a colleague has saved meanwhile, and Refused with everything that is missing or unknown.
    """
    reasons = office_texts.reasons_against(kind, title, text)
    if not title.strip() or not text.strip():
        raise Refused(_("标题和正文都要填写。"))
    if reasons:
        raise Refused([reason for each in reasons.values() for reason in each])
    return _add(kind, title.strip(), text.strip(), seen, by, on)


@transaction.atomic
def restore_default(*, kind: TextKind, seen: int, by: Acting, on: date) -> OfficeText:
    """Let the portal's own proposal count again; what was saved before stays readable. Raises as ``save`` does."""
    return _add(kind, "", "", seen, by, on)


def _add(kind: TextKind, title: str, text: str, seen: int, by: Acting, on: date) -> OfficeText:
    if by.role not in {Role.DEPT_OFFICER, Role.UNIT_OFFICER} or by.user is None or office_of(by) != kind.office:
        raise NotYours(_("文稿由所属单位的经办人修改。"))
    # Two who save at once meet at the unique number of the version; the lock on the newest one makes the second wait and look.
    newest = versions(kind, by.unit_id).select_for_update(of=("self",)).first()
    number = newest.version if newest else 0
    if number != seen:
        who = newest.saved_by.full_name if newest else ""
        raise Overtaken(_("没有保存：%(who)s 已先保存了新的文稿，请重新打开本页，看过之后再改。") % {"who": who})
    saved, created = OfficeText.objects.get_or_create(
        kind=kind.key,
        issuer_unit_id=by.unit_id,
        version=number + 1,
        defaults={"title": title, "text": text, "saved_by": by.user, "saved_on": on},
    )
    if not created:
        raise Overtaken(_("没有保存：同一单位的其他经办人刚刚保存了新的文稿，请重新打开本页，看过之后再改。"))
    return saved
