"""What is entered about 回避: by experts, by applicants, by the department."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.models import AvoidedExpert, ExpertRelation
from applications.recusal import plain
from applications.services.avoiding import AT_MOST, Avoided
from bases.validators import validate_no_id_card
from portal.wording import CHOOSE


class FreeForm(forms.Form):
    """The expert's pledge that nothing speaks against their scoring."""

    pledge = forms.BooleanField(
        label=_("本人已逐条核对，与本基地、双方单位及上列人员没有应当回避的关系；评审中发现的，将立即申请回避"),
        error_messages={"required": _("请先核对，再勾选这项声明。")},
    )


class RecuseForm(forms.Form):
    """Which relation an expert has, and what it is."""

    relation = forms.ChoiceField(label=_("关系"), choices=[("", CHOOSE), *ExpertRelation.Kind.choices])
    reason = forms.CharField(
        label=_("具体情况"), max_length=200, validators=[validate_no_id_card],
        help_text=_("例如：2024 年起任该公司技术顾问。"),
    )  # fmt: skip

    def words(self) -> str:
        """Relation and circumstances, as they are kept."""
        label = ExpertRelation.Kind(self.cleaned_data["relation"]).label
        return f"{label}：{self.cleaned_data['reason']}"


class DeclineForm(forms.Form):
    """Why an expert does not take this one."""

    reason = forms.CharField(
        label=_("谢绝原因"), max_length=300, validators=[validate_no_id_card],
        help_text=_("例如：评审期间出国，无法按时完成。"),
    )  # fmt: skip


class WhyForm(forms.Form):
    """The department's reason for an act on an assignment."""

    reason = long_text(_("原因"), 300, rows=3)

    def __init__(self, *args: Any, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint


class AvoidForm(forms.Form):
    """Up to three experts, each with employer and reason; a line is filled in wholly or left empty."""

    PARTS = ("name", "employer", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in range(1, AT_MOST + 1):
            for part in self.PARTS:
                column = AvoidedExpert._meta.get_field(part)
                self.fields[f"{part}_{line}"] = forms.CharField(
                    label=column.verbose_name,  # type: ignore[union-attr]
                    max_length=column.max_length,  # type: ignore[union-attr]
                    required=False,
                    validators=[validate_no_id_card],
                )

    def lines(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields line by line, for the page."""
        return [(line, [self[f"{part}_{line}"] for part in self.PARTS]) for line in range(1, AT_MOST + 1)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: set[tuple[str, str]] = set()
        for line in range(1, AT_MOST + 1):
            given = {part: cleaned.get(f"{part}_{line}", "") for part in self.PARTS}
            if not any(given.values()):
                continue
            for part, value in given.items():
                if not value and f"{part}_{line}" not in self.errors:
                    self.add_error(
                        f"{part}_{line}", _t("请把这名专家的姓名、工作单位和回避理由填写完整，或者整行留空。")
                    )
            person = plain(given["name"]), plain(given["employer"])
            if all(person) and person in seen:
                self.add_error(f"name_{line}", _t("同一名专家只能提出一次。"))
            seen.add(person)
        return cleaned

    def experts(self) -> list[Avoided]:
        """The lines that are filled in."""
        lines = range(1, AT_MOST + 1)
        rows = [Avoided(*(self.cleaned_data[f"{part}_{line}"] for part in self.PARTS)) for line in lines]
        return [row for row in rows if row.name]


def avoided_initial(experts: list[AvoidedExpert]) -> dict[str, str]:
    """The lines as they were saved."""
    return {
        f"{part}_{line}": getattr(expert, part)
        for line, expert in enumerate(experts, start=1)
        for part in AvoidForm.PARTS
    }
