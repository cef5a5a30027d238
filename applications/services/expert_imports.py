"""专家库 from Excel: a template, a check that names every mistake by its cell, then the whole list or nothing.

A row that speaks of somebody who is in the pool (by telephone number, or by name and employer) updates them; cells left empty
leave what is known. Everybody else is new.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from applications.models import ExpertChange, ExpertProfile, ExpertRelation
from applications.services import experts
from bases.industries import PRIORITY_INDUSTRIES
from bases.models import DegreeCategory, Division, PartnerUnit, TrainingUnit
from bases.services.catalogue import Catalogue
from bases.validators import validate_no_id_card
from portal import imports, spreadsheets
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck, User
from portal.roles import Role
from portal.spreadsheets import Column, Reading

PURPOSE = "expert_import"
MAX_ROWS = 2000
PHONE = re.compile(r"1[3-9][0-9]{9}")
_BETWEEN = re.compile(r"[、,，;；\n]+")
# What a row may set, beside the categories; an empty cell sets nothing.
_PLAIN = ("sector", "title", "position", "phone", "email", "max_load", "note")

COLUMNS = (
    Column(key="name", label=_lazy("姓名"), required=True, max_length=40, example=_lazy("顾长青"), width=12),
    Column(
        key="employer", label=_lazy("工作单位"), required=True, max_length=100, example=_lazy("某某大学"), width=28,
        help=_lazy("写全称；与平台登记的培养单位、合作单位同名的，自动对应，用于回避。"),
    ),
    Column(
        key="sector", label=_lazy("单位性质"), kind="choice", required=True, width=12, example=ExpertProfile.Sector.UNIVERSITY.value,
        choices={label: value for value, label in ExpertProfile.Sector.choices},
    ),
    Column(key="title", label=_lazy("职称"), max_length=40, example=_lazy("教授"), width=12),
    Column(key="position", label=_lazy("职务"), max_length=60, example=_lazy("院长"), width=16),
    Column(
        key="categories", label=_lazy("熟悉的专业学位类别"), max_length=1000, width=34, example=_lazy("0854、机械"),
        aliases=(_lazy("专业学位类别"), _lazy("类别")),
        help=_lazy("现行目录的代码或名称，有几个的用顿号隔开；旧名称只对应一个现行类别时也可以。"),
    ),
    Column(
        key="industries", label=_lazy("熟悉的产业"), max_length=300, width=28, example=_lazy("现代能源、信息技术"),
        aliases=(_lazy("产业"), _lazy("优先产业")),
        help=_lazy("第七条（一）的十三个产业，有几个的用顿号隔开。"),
    ),
    Column(
        key="division", label=_lazy("所在地区"), max_length=40, width=16, example=_lazy("呼和浩特市"),
        help=_lazy("自治区内的盟市或旗县区名称；区外专家留空。"),
    ),
    Column(key="phone", label=_lazy("手机"), max_length=20, example="13800000000", width=16, unique=True, help=_lazy("11 位。")),
    Column(key="email", label=_lazy("电子邮箱"), max_length=254, example="name@example.com", width=24),
    Column(
        key="max_load", label=_lazy("每批次最多评审（项）"), kind="int", minimum=1, maximum=100, example=8, width=18,
        aliases=(_lazy("每批次最多评审"),),
    ),
    Column(key="note", label=_lazy("备注"), max_length=200, width=24),
)  # fmt: skip


def template() -> bytes:
    """The list to fill in."""
    notes = [
        _("一行一位专家。手机号，或姓名和工作单位与库中专家相同的，按本表更新；空着的单元格不改动原有内容。"),
        _(
            "名单里没有的专家保持原样，不会被删除。姓名相同、手机号相同而工作单位不同的，按换了单位处理，原单位留作任职经历。"
        ),
    ]
    return spreadsheets.template(COLUMNS, title=_("评审专家"), notes=notes, rows=MAX_ROWS)


@dataclass
class _Known:
    """Everything that rows are compared with, read once."""

    profiles: list[ExpertProfile]
    catalogue: Catalogue = field(default_factory=Catalogue)

    def __post_init__(self) -> None:
        self.by_phone = {each.phone: each for each in self.profiles if each.phone}
        self.by_name = {_key(each.name, each.employer): each for each in self.profiles}
        self.industries = {experts.bare(label): key for key, label in PRIORITY_INDUSTRIES}
        self.units = {experts.bare(each.name): each for each in TrainingUnit.objects.all()}
        self.partners = {experts.bare(each.name): each for each in PartnerUnit.objects.all()}
        self.divisions: dict[str, list[Division]] = {}
        for each in Division.objects.select_related("parent"):
            for name in {each.name, str(each), each.code}:
                self.divisions.setdefault(experts.bare(name), []).append(each)

    def registered(self, employer: str) -> tuple[TrainingUnit | None, PartnerUnit | None]:
        unit = self.units.get(experts.bare(employer))
        return unit, None if unit else self.partners.get(experts.bare(employer))


def _key(name: str, employer: str) -> tuple[str, str]:
    return experts.bare(name), experts.bare(employer)


def read(content: bytes, profiles: list[ExpertProfile] | None = None) -> Reading:
    """Read a list; each faultless row has beside its cells ``its_profile`` (None for somebody new), ``its_categories``,
    ``its_industries`` and ``its_division``."""
    known = _Known(list(ExpertProfile.objects.all()) if profiles is None else profiles)

    def check(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield from _identity(row, known)
        yield from _contact(row)
        yield from _categories(row, known)
        yield from _industries(row, known)
        yield from _division(row, known)

    reading = spreadsheets.read(content, COLUMNS, max_rows=MAX_ROWS, refuse=[validate_no_id_card], check=check)
    _refuse_doubled(reading)
    return reading


def _identity(row: dict[str, Any], known: _Known) -> Iterator[tuple[str, str]]:
    """Whom the row speaks of."""
    by_phone = known.by_phone.get(row["phone"]) if row["phone"] else None
    by_name = known.by_name.get(_key(row["name"], row["employer"]))
    row["its_profile"] = by_phone or by_name
    if by_phone and by_name and by_phone != by_name:
        words = {"name": by_phone.name, "employer": by_phone.employer}
        yield "phone", _("这个手机号是库中%(name)s（%(employer)s）的，与本行的姓名和单位不是同一人。") % words
    elif by_phone and experts.bare(by_phone.name) != experts.bare(row["name"]):
        words = {"name": by_phone.name, "employer": by_phone.employer}
        yield "phone", _("这个手机号是库中%(name)s（%(employer)s）的，与本行的姓名不同。") % words
    elif row["its_profile"] and row["its_profile"].removed_on is not None:
        yield "name", _("%(name)s已经出库，请先在专家页面恢复入库，或从名单中删去。") % {"name": row["name"]}


def _contact(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if row["phone"] and not PHONE.fullmatch(row["phone"]):
        yield "phone", _("“%(value)s”不是 11 位手机号，请核对。") % {"value": row["phone"]}
    try:
        if row["email"]:
            validate_email(row["email"])
    except ValidationError:
        yield "email", _("“%(value)s”不是邮箱地址，请核对。") % {"value": row["email"][:40]}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _categories(row: dict[str, Any], known: _Known) -> Iterator[tuple[str, str]]:
    found: dict[int, DegreeCategory] = {}
    for part in _parts(row["categories"]):
        meant = known.catalogue.resolve(part)
        if meant.category is None:
            yield "categories", meant.problem
        else:
            found[meant.category.pk] = meant.category
    row["its_categories"] = list(found.values())


def _industries(row: dict[str, Any], known: _Known) -> Iterator[tuple[str, str]]:
    row["its_industries"] = []
    for part in _parts(row["industries"]):
        key = known.industries.get(experts.bare(part))
        if key is None:
            words = {"value": part[:20], "all": "、".join(label for _key, label in PRIORITY_INDUSTRIES)}
            yield "industries", _("“%(value)s”不在十三个产业里。请从中选填：%(all)s。") % words
        elif key not in row["its_industries"]:
            row["its_industries"].append(key)


def _division(row: dict[str, Any], known: _Known) -> Iterator[tuple[str, str]]:
    found = known.divisions.get(experts.bare(row["division"]), []) if row["division"] else []
    row["its_division"] = found[0] if len(found) == 1 else None
    if row["division"] and not found:
        yield (
            "division",
            _("自治区内没有“%(value)s”，请填写盟市或旗县区的全称；区外专家请留空。") % {"value": row["division"][:20]},
        )
    elif len(found) > 1:
        words = {"value": row["division"], "all": "、".join(map(str, found))}
        yield "division", _("“%(value)s”有几个：%(all)s。请连同盟市一起写。") % words


def _refuse_doubled(reading: Reading) -> None:
    """Nobody stands twice in a list."""
    by_name: dict[tuple[str, str], int] = {}
    by_profile: dict[int, int] = {}
    for number, row in zip(reading.numbers, reading.rows, strict=True):
        if not (row["name"] and row["employer"]):
            continue
        before = by_name.setdefault(_key(row["name"], row["employer"]), number)
        profile = row.get("its_profile")
        if before == number and profile:
            before = by_profile.setdefault(profile.pk, number)
        if before != number:
            words = {"row": before, "name": row["name"]}
            reading.fault(number, "name", _("与第 %(row)s 行是同一位专家：%(name)s。") % words)
    reading.errors.sort(key=lambda error: error.row)


def _officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("专家名单由教育厅经办导入。"))
    return by.user


def check_file(*, upload: UploadedFile, by: Acting) -> ImportCheck:
    """Check a list; nothing is written but what was found."""
    user = _officer(by)
    content = upload.read()
    upload.seek(0)
    return imports.check(purpose=PURPOSE, subject="", upload=upload, by=user, reading=read(content))


@dataclass(frozen=True)
class Imported:
    """How many people were new, how many changed, and how many were already as the list says."""

    new: int
    changed: int
    same: int


@transaction.atomic
def apply(*, checked: ImportCheck, by: Acting, on: date, at: datetime) -> Imported:
    """Write a checked list as a whole, with a change of each person kept.

    Raises Refused for a list with mistakes, also such as came up since the check, and for one that was written already.
    """
    user = _officer(by)
    if checked.purpose != PURPOSE:
        raise Refused(_("这不是专家名单。"))
    imports.mark_applied(checked, at=at)
    profiles = list(ExpertProfile.objects.select_for_update(of=("self",)).select_related(*_COMPARED))
    reading = read(imports.content(checked), profiles)
    if not reading.is_faultless:
        raise Refused([_("检查之后专家库有变动，没有写入任何数据："), *map(str, reading.errors[:5])])
    known = _Known(profiles)
    try:
        with transaction.atomic():
            new = _write_new([row for row in reading.rows if row["its_profile"] is None], known, user, on)
            changed = _write_changed([row for row in reading.rows if row["its_profile"]], known, user, on)
    except IntegrityError as error:
        raise Refused(_("写入时有人登记了同一位专家，没有写入任何数据。请重新上传名单。")) from error
    return Imported(new, changed, len(reading.rows) - new - changed)


_COMPARED = ("training_unit", "partner_unit", "division__parent")


def _write_new(rows: list[dict[str, Any]], known: _Known, user: User, on: date) -> int:
    made = []
    for row in rows:
        unit, partner = known.registered(row["employer"])
        made.append(
            ExpertProfile(
                name=row["name"], employer=row["employer"], training_unit=unit, partner_unit=partner, added_on=on,
                division=row["its_division"], industries=row["its_industries"], **{key: row[key] for key in _PLAIN},
            )
        )  # fmt: skip
    ExpertProfile.objects.bulk_create(made)
    pairs = zip(made, rows, strict=True)
    _add_categories([(profile.pk, category.pk) for profile, row in pairs for category in row["its_categories"]])
    ExpertChange.objects.bulk_create(
        ExpertChange(profile=profile, words=_("登记入库（导入名单）"), changed_by=user, changed_on=on)
        for profile in made
    )
    return len(made)


def _add_categories(pairs: list[tuple[int, int]]) -> None:
    through = ExpertProfile.categories.through
    through.objects.bulk_create(through(expertprofile_id=profile, degreecategory_id=each) for profile, each in pairs)


def _write_changed(rows: list[dict[str, Any]], known: _Known, user: User, on: date) -> int:
    through = ExpertProfile.categories.through
    catalogue = {each.pk: each for each in known.catalogue.categories}
    held: dict[int, set[int]] = {}
    for profile_pk, category_pk in through.objects.values_list("expertprofile_id", "degreecategory_id"):
        held.setdefault(profile_pk, set()).add(category_pk)
    left: list[ExpertRelation] = []
    changes, changed, other_categories = [], [], []
    for row in rows:
        profile = row["its_profile"]
        details = _changes(profile, row, known, user, on, left)
        before, after = held.get(profile.pk, set()), {each.pk for each in row["its_categories"]}
        if after and before != after:
            words = [experts.category_words(catalogue[pk] for pk in each) for each in (before, after)]
            details.append([experts.label_of("categories"), *words])
            other_categories.append((profile.pk, after))
        if details:
            changed.append(profile)
            words_of = {"labels": "、".join(label for label, _before, _after in details[:5])}
            changes.append(
                ExpertChange(
                    profile=profile, words=_("导入名单修改：%(labels)s") % words_of, details=details, changed_by=user,
                    changed_on=on,
                )
            )  # fmt: skip
    ExpertRelation.objects.bulk_create(left)
    ExpertProfile.objects.bulk_update(changed, experts.FIELDS, batch_size=500)
    through.objects.filter(expertprofile__in=[pk for pk, _after in other_categories]).delete()
    _add_categories([(pk, each) for pk, after in other_categories for each in after])
    ExpertChange.objects.bulk_create(changes)
    return len(changed)


def _changes(
    profile: ExpertProfile, row: dict[str, Any], known: _Known, user: User, on: date, left: list[ExpertRelation]
) -> list[list[str]]:
    """Set on a known person what the row says, without saving; an employer that they left goes to ``left``."""
    fields: dict[str, Any] = {key: row[key] for key in _PLAIN if row[key] not in (None, "")}
    if row["its_division"]:
        fields["division"] = row["its_division"]
    if row["its_industries"]:
        fields["industries"] = row["its_industries"]
    if experts.bare(row["employer"]) != experts.bare(profile.employer):
        left.append(experts.former_employment(profile, user, on))
        unit, partner = known.registered(row["employer"])
        fields |= {"employer": row["employer"], "training_unit": unit, "partner_unit": partner}
    return experts.fill(profile, fields)
