"""The 申请书 as people fill it in: the form of one section and its tables, made from the paper.

What is right is kept even where something else is wrong; what is wrong is named beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements.money import YUAN_PER_WAN, plain
from applications import paper
from applications.services import snapshot
from applications.services.content import field_label, totals
from applications.services.drafting import RowEntry
from bases.models import CategoryAuthorisation, Division, PartnerUnit
from bases.sectors import sector_choices
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.models import User

MOBILE = RegexValidator(r"^1[3-9][0-9]{9}\Z", _("手机号是 11 位数字，请核对。"))
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
EARLIEST_DATES = {"cooperation_started_on": date(1980, 1, 1), "signed_on": date(1980, 1, 1)}
EARLIEST_YEARS = {"authorised_year": 1990, "year": 1950}
# The largest number of people or things that a column takes; the database holds the same.
MOST = {
    "staff": 10_000_000, "technical_staff": 10_000_000, "senior_staff": 10_000_000, "capacity": 10_000_000,
    "years": 70, "campus_mentors.students": 1000,
}  # fmt: skip
MOST_BY_DEFAULT = 100_000
DATE_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]
BLANK_ROWS = 2
CHOOSE = _("请选择")
# A cell with more text than this is a box of several lines.
LONG_CELL = 200


def _without_separators(value: Any) -> Any:
    return re.sub(r"[,，\s]", "", value) if isinstance(value, str) else value


class CountField(forms.IntegerField):
    """A number of people or things; separators of thousands are understood."""

    def clean(self, value: Any) -> Any:
        return super().clean(_without_separators(value))


class AmountField(forms.DecimalField):
    """A measure; separators of thousands are understood, trailing zeros are not shown."""

    def clean(self, value: Any) -> Any:
        return super().clean(_without_separators(value))

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class WanField(AmountField):
    """An amount that people enter in 万元 to the cent, kept in yuan."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=6, min_value=0, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        amount = super().clean(value)
        return None if amount is None else (amount * YUAN_PER_WAN).quantize(Decimal("0.01"))

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value / YUAN_PER_WAN if isinstance(value, Decimal) else value)


class YesNoField(forms.ChoiceField):
    """有 or 无; open until it is answered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("yes", _("有")), ("no", _("无"))], widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> bool | None:
        return {"yes": True, "no": False}.get(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)


class PickField(forms.ChoiceField):
    """One row of a short list that was read already, so that no row of a table asks the database again."""

    def __init__(self, *, groups: Iterable[tuple[str, list[tuple[Any, Any]]]], **kwargs: Any) -> None:
        self.found: dict[str, Any] = {}
        choices: list[Any] = [("", CHOOSE)]
        for title, rows in groups:
            self.found |= {str(row.pk): row for row, _label in rows}
            listed = [(str(row.pk), label) for row, label in rows]
            choices += [(title, listed)] if title else listed
        super().__init__(choices=choices, **kwargs)

    def clean(self, value: Any) -> Any:
        return self.found.get(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return str(getattr(value, "pk", value or ""))


_NUMBER_MESSAGES: dict[str, Any] = {
    "invalid": _("请填写数字。"),
    "min_value": _("不能是负数。"),
    "max_digits": _("数字太大，请核对单位。"),
    "max_whole_digits": _("数字太大，请核对单位。"),
    "max_decimal_places": _("最多两位小数。"),
}
_WAN_MESSAGES = _NUMBER_MESSAGES | {"max_decimal_places": _("最多六位小数（精确到分）。")}
_COUNT_MESSAGES = _NUMBER_MESSAGES | {"invalid": _("请填写整数。")}
_CHOICE_MESSAGES: dict[str, Any] = {"invalid_choice": _("请从列表中选择。")}


@dataclass(frozen=True)
class Lists:
    """What the selects of a section offer, read once."""

    categories: list[CategoryAuthorisation]
    partners: list[PartnerUnit]
    divisions: list[Division]

    @classmethod
    def of(cls, section: paper.Section, read: snapshot.Snapshot) -> Lists:
        """Those that this section needs."""
        cover = section.key == "cover"
        picks_partner = cover or any(cell.name == "partner" for table in section.tables for cell in table.cells)
        unit = read.application.base.training_unit_id
        authorised = CategoryAuthorisation.objects.filter(training_unit_id=unit).select_related("category")
        return cls(
            list(authorised.order_by("category__code")) if cover else [],
            list(PartnerUnit.objects.order_by("name")) if picks_partner else [],
            list(Division.objects.select_related("parent").order_by("code")) if cover else [],
        )

    def category_groups(self, now: Any) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """The authorised categories; one that was chosen before and is not authorised any more stays to be seen."""
        listed = [(entry.category, str(entry.category)) for entry in self.categories]
        if now is not None and now.pk not in {category.pk for category, _label in listed}:
            listed.append((now, _t("%(name)s——不在本单位授权类别中") % {"name": now}))
        yield "", listed

    def partner_groups(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """The registered partners."""
        yield "", [(partner, partner.name) for partner in self.partners]

    def division_groups(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """盟市 as groups, each with itself and its 旗县区."""
        for league in (each for each in self.divisions if each.parent_id is None):
            below = [(each, each.name) for each in self.divisions if each.parent_id == league.pk]
            yield league.name, [(league, league.name), *below]


def _attributes(kind: str, *, cell: bool, label: str, **more: Any) -> dict[str, Any]:
    style = "form-select" if kind == "choice" else "form-control"
    attributes = {"class": f"{style} {style}-sm" if cell else style, **more}
    if cell:
        attributes |= {"aria-label": label, "data-kind": kind}
    return attributes


def _field(
    column: Any, lists: Lists, on: date, *, label: str, unit: Any = "", lines: int = 0, now: Any = None, table: str = ""
) -> forms.Field:
    """The form field of one column of the paper; every answer may stay open."""
    name, cell = column.name, bool(table)
    common: dict[str, Any] = {"label": label, "required": False}

    def attributes(kind: str, **more: Any) -> dict[str, Any]:
        return _attributes(kind, cell=cell, label=label, **more)

    if name in {"category", "partner", "division"}:
        groups = {
            "category": lambda: lists.category_groups(now), "partner": lists.partner_groups, "division": lists.division_groups
        }[name]()  # fmt: skip
        return PickField(
            groups=groups,
            widget=forms.Select(attrs=attributes("choice")),
            error_messages=_CHOICE_MESSAGES,
            **common,
        )
    if isinstance(column, models.BooleanField):
        return YesNoField(error_messages=_CHOICE_MESSAGES, **common)
    if column.choices or name == "sector":
        choices = sector_choices() if name == "sector" else column.choices
        widget = forms.Select(attrs=attributes("choice"))
        return forms.ChoiceField(
            choices=[("", CHOOSE), *choices], widget=widget, error_messages=_CHOICE_MESSAGES, **common
        )
    if isinstance(column, models.DateField):
        earliest = EARLIEST_DATES.get(name, EARLIEST)
        return forms.DateField(
            widget=DateInput(attrs=attributes("date", min=earliest.isoformat(), max=LATEST.isoformat())),
            input_formats=DATE_FORMATS,
            validators=[
                MinValueValidator(earliest, _t("日期早于 %(year)s 年，请核对年份。") % {"year": earliest.year}),
                MaxValueValidator(LATEST, _("日期晚于 2100 年，请核对年份。")),
            ],
            error_messages={"invalid": _("请按 2024-09-01 的样子填写日期。")},
            **common,
        )
    if isinstance(column, models.DecimalField):
        amount = forms.TextInput(attrs=attributes("number", inputmode="decimal", autocomplete="off"))
        if unit == paper.WAN:
            return WanField(widget=amount, error_messages=_WAN_MESSAGES, **common)
        return AmountField(
            max_digits=column.max_digits, decimal_places=column.decimal_places, min_value=0, widget=amount,
            error_messages=_NUMBER_MESSAGES, **common,
        )  # fmt: skip
    if isinstance(column, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        return _whole_number(name, table, on, common, attributes)
    limit = column.max_length
    box = lines >= 2 or (cell and limit >= LONG_CELL)
    kept = {"maxlength": limit} if box or not cell else {"maxlength": limit, "autocomplete": "off"}
    if isinstance(column, models.EmailField):
        mail = forms.EmailInput(attrs=attributes("text", **kept))
        return forms.EmailField(
            max_length=limit, widget=mail, error_messages={"invalid": _("邮箱格式不对，请核对。")}, **common
        )
    if name.endswith("_phone"):
        dial = forms.TextInput(attrs=attributes("text", inputmode="tel", maxlength=limit, autocomplete="off"))
        return forms.CharField(max_length=limit, widget=dial, validators=[MOBILE], **common)
    drawn: type[forms.Widget] = forms.Textarea if box else forms.TextInput
    if box:
        kept["rows"] = lines or 2
    return forms.CharField(
        max_length=limit, widget=drawn(attrs=attributes("text", **kept)), validators=[validate_no_id_card], **common
    )


def _whole_number(name: str, table: str, on: date, common: dict[str, Any], attributes: Any) -> forms.Field:
    widget = forms.TextInput(attrs=attributes("number", inputmode="numeric", autocomplete="off"))
    if name in EARLIEST_YEARS:
        first = EARLIEST_YEARS[name]
        words = _t("年份应在 %(first)s 到 %(last)s 之间。") % {"first": first, "last": on.year}
        messages: dict[str, Any] = {
            "invalid": _("请填写四位数的年份。"),
            "min_value": words,
            "max_value": words,
        }
        return forms.IntegerField(min_value=first, max_value=on.year, widget=widget, error_messages=messages, **common)
    most = MOST.get(f"{table}.{name}", MOST.get(name, MOST_BY_DEFAULT))
    too_many = _t("不能超过 %(most)s，请核对。") % {"most": f"{most:,}"}
    return CountField(
        min_value=0, max_value=most, widget=widget, error_messages=_COUNT_MESSAGES | {"max_value": too_many}, **common
    )


@dataclass(frozen=True)
class Wrong:
    """What was not kept: the element it stands at, its label, and what is wrong."""

    anchor: str
    label: str
    message: str


@dataclass(frozen=True)
class Item:
    """One field on the page, with what stands around it."""

    bound: forms.BoundField
    spec: paper.Field
    needed: bool
    wide: bool
    radio: bool
    options: list[tuple[int, str, str]]

    @property
    def conditional(self) -> bool:
        """Whether it is needed of some alone; the mark comes and goes with the answers."""
        return self.spec.needed not in (paper.always, paper.never)

    @property
    def new_partner(self) -> bool:
        """Whether a partner who is not on the list can be registered beside it."""
        return self.spec.name == "partner"


@dataclass(frozen=True)
class Column:
    """One column of a table on the page: its heading, its sum as it is kept, its share of the width in percent."""

    cell: paper.Cell
    label: str
    total: str
    share: int


def _model_of(read: snapshot.Snapshot, table: paper.Table) -> Any:
    return read.application._meta.get_field(table.name).related_model


class RowForm(forms.Form):
    """One row of a table; its key stands in the names of its fields."""

    key: str = ""
    given: str = ""


class TableForm:
    """A repeating table on the page: its rows, and what was sent for them."""

    def __init__(self, data: Any, table: paper.Table, read: snapshot.Snapshot, lists: Lists, on: date) -> None:
        self.table, self.read = table, read
        self.problem = ""
        self.sent = data is not None and table.name in data.getlist("tables")
        self.model = _model_of(read, table)
        fields = {}
        for cell in table.cells:
            if table.fixed and cell is table.cells[0]:
                continue
            column = self.model._meta.get_field(cell.name)
            label = f"{column.verbose_name}（{cell.unit}）" if cell.unit else str(column.verbose_name)
            field = _field(column, lists, on, label=label, unit=cell.unit, table=table.name)
            field.widget.attrs |= {"data-cell": cell.name}
            field.widget.attrs |= {"data-total": ""} if cell.total else {}
            field.widget.attrs |= {"data-long": ""} if cell.weight > 2 else {}
            field.needed_cell = cell.needed  # type: ignore[attr-defined]
            fields[cell.name] = field
        self._row: Any = type("TableRow", (RowForm,), fields)
        kept = read.rows[table.name]
        self.rows: list[RowForm] = self._sent_rows(data) if self.sent else [self._kept_row(row) for row in kept]
        self.blanks = [] if table.fixed else [self._make(str(uuid4())) for _n in range(BLANK_ROWS)]

    def _make(self, key: str, data: Any = None, initial: dict[str, Any] | None = None) -> RowForm:
        row: RowForm = self._row(data, prefix=f"{self.table.name}-{key}", initial=initial)
        row.key = key
        return row

    def _kept_row(self, row: Any) -> RowForm:
        shown = self._make(str(row.key), initial={name: getattr(row, name) for name in self._row.base_fields})
        shown.given = self._given(row)
        return shown

    def _given(self, row: Any) -> str:
        if not self.table.fixed:
            return ""
        return {1: _t("第一年"), 2: _t("第二年"), 3: _t("第三年")}.get(getattr(row, self.table.cells[0].name), "")

    def _sent_rows(self, data: Any) -> list[RowForm]:
        keys = list(dict.fromkeys(filter(None, map(_key, data.getlist(f"{self.table.name}-order")))))
        kept = {str(row.key): row for row in self.read.rows[self.table.name]}
        if self.table.fixed:
            keys = [key for key in keys if key in kept]
        if len(keys) > self.table.most + BLANK_ROWS:
            self.problem = _t("最多 %(most)s 行，交来 %(have)s 行，表格没有保存。") % {
                "most": self.table.most,
                "have": len(keys),
            }
            return [self._kept_row(row) for row in kept.values()]
        rows = [self._make(key, data) for key in keys]
        for row in rows:
            row.given = self._given(kept[row.key]) if row.key in kept else ""
        return rows

    def entries(self) -> list[RowEntry] | None:
        """The rows as they were sent, without the cells that are wrong; None where the table was not on the page or is too long.

        A row that was emptied is gone.
        """
        if not self.sent or self.problem:
            return None
        out = []
        for row in self.rows:
            row.is_valid()
            values = {name: value for name, value in row.cleaned_data.items() if row.add_prefix(name) in row.data}
            if self.table.fixed or row.errors or any(value not in (None, "") for value in values.values()):
                out.append(RowEntry(UUID(row.key), values))
        return out

    def wrong(self) -> Iterator[Wrong]:
        """What is wrong with it, row by row."""
        if self.problem:
            yield Wrong(self.anchor, str(self.table.label), self.problem)
        if not self.sent:
            return
        for number, row in enumerate(self.rows, start=1):
            for name, messages in row.errors.items():
                bound = row[name]
                place = _t("%(table)s第 %(n)s 行“%(cell)s”") % {
                    "table": self.table.label,
                    "n": number,
                    "cell": bound.label,
                }
                yield from (Wrong(bound.auto_id, place, str(message)) for message in messages)

    @property
    def anchor(self) -> str:
        """The element of the page at which the table stands."""
        return f"table_{self.table.name}"

    @property
    def problems(self) -> list[str]:
        """What is wrong with the table as a whole."""
        return [self.problem] if self.problem else []

    @property
    def empty_row(self) -> RowForm:
        """The pattern of a new row; the browser puts a key in."""
        return self._make("__key__")

    @property
    def columns(self) -> list[Column]:
        """Its columns in their order; the first of a table of fixed rows is their given name."""
        sums = totals(self.table, self.read.rows[self.table.name]) or [""] * len(self.table.cells)
        rooms = [self._room(cell) for cell in self.table.cells]
        out = []
        for cell, total, room in zip(self.table.cells, sums, rooms, strict=True):
            label = str(self.model._meta.get_field(cell.name).verbose_name)
            label = f"{label}（{cell.unit}）" if cell.unit else label
            out.append(Column(cell, label, total, round(100 * room / sum(rooms))))
        return out

    def _room(self, cell: paper.Cell) -> float:
        field = self._row.base_fields.get(cell.name)
        if field is None:
            return 4
        if isinstance(field, forms.DateField):
            return 8.5
        if isinstance(field, WanField):
            return 6.5
        if isinstance(field, forms.IntegerField):
            return 5
        return max(6.5, 2.2 * cell.weight + 2.2)

    @property
    def has_totals(self) -> bool:
        """Whether its foot adds anything up."""
        return any(cell.total for cell in self.table.cells)

    @property
    def wide(self) -> bool:
        """Whether its rows are too long for a page; each is a card then, as every row is on a phone."""
        return sum(self._room(cell) for cell in self.table.cells) > 45


def _key(raw: str) -> str:
    try:
        return str(UUID(raw))
    except ValueError:
        return ""


class SectionForm(forms.Form):
    """One section of the paper: its fields and its tables, filled from what is kept or from what was sent."""

    def __init__(self, data: Any = None, *, section: paper.Section, read: snapshot.Snapshot, on: date) -> None:
        holder = read.holder(section)
        super().__init__(data, initial={spec.name: getattr(holder, spec.name) for spec in section.fields})
        self.section, self.read = section, read
        lists = Lists.of(section, read)
        self._authorised = lists.categories
        for spec in section.fields:
            column = holder._meta.get_field(spec.name)
            label = field_label(holder, spec, read.application.round.year)
            self.fields[spec.name] = _field(
                column, lists, on, label=label, unit=spec.unit, lines=spec.lines, now=getattr(holder, spec.name)
            )
            self.fields[spec.name].help_text = str(spec.help)
        if section.key == "cover":
            self.fields["name"].required = True
            self.fields["name"].error_messages["required"] = _t("基地要有名称。")
            self.fields["field"].widget.attrs["list"] = "id_field_options"
        self.tables = [TableForm(data, table, read, lists, on) for table in section.tables]

    @property
    def groups(self) -> list[tuple[str, list[Item]]]:
        """The fields under the titles of their groups."""
        out: list[tuple[str, list[Item]]] = []
        for spec in self.section.fields:
            if spec.group or not out:
                out.append((str(spec.group), []))
            field = self.fields[spec.name]
            radio = isinstance(field.widget, forms.RadioSelect)
            long_text = isinstance(field, forms.CharField) and (field.max_length or 0) > 60
            wide = spec.lines > 0 or isinstance(field, PickField) or (long_text and not spec.name.endswith("_email"))
            options = [
                (entry.category_id, name, entry.category.name) for entry in self._authorised for name in entry.fields
            ] if spec.name == "field" else []  # fmt: skip
            wide = wide or spec.name in {"name", "field", "sector"}
            out[-1][1].append(Item(self[spec.name], spec, spec.needed(self.read.value), wide, radio, options))
        return out

    @property
    def needed_names(self) -> str:
        """The names of the fields that must be answered as the answers stand now."""
        return " ".join(spec.name for spec in self.section.fields if spec.needed(self.read.value))

    @property
    def right(self) -> dict[str, Any]:
        """The fields that were sent and are right."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}

    @property
    def rows(self) -> dict[str, list[RowEntry]]:
        """The rows of the tables that were sent."""
        found = {form.table.name: form.entries() for form in self.tables}
        return {name: entries for name, entries in found.items() if entries is not None}

    def wrong(self) -> list[Wrong]:
        """Everything that was not kept, in the order of the page; a field that was not sent is not wrong."""
        out = [
            Wrong(self[name].auto_id, str(self[name].label), str(message))
            for name, messages in self.errors.items()
            if name in self.data
            for message in messages
        ]
        return out + [each for form in self.tables for each in form.wrong()]


class ColleaguesForm(forms.Form):
    """Who fills in the paper together with the applicant."""

    users = forms.ModelMultipleChoiceField(
        label=_("共同填报人"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("最多 10 名，都须是本单位的申报人。"),
    )  # fmt: skip

    def __init__(self, *args: Any, colleagues: models.QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["users"]
        field.queryset = colleagues  # type: ignore[attr-defined]
        field.label_from_instance = lambda user: user.full_name  # type: ignore[attr-defined]
