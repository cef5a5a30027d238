"""六项审核 (第八条（二）): what the application says about each of the six aspects, beside which the unit writes its opinion."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.content import Content, Fact, Table, Text
from applications.eligibility import JUDGE

# Longer tables (the roster of students) are counted here; the whole paper is one click away.
ROWS_SHOWN = 12


@dataclass(frozen=True)
class Aspect:
    """One aspect: the field of its opinion, its title, and the keys of what belongs to it (``section.*`` is all its facts)."""

    field: str
    title: str | Promise
    facts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


ASPECTS = (
    Aspect(
        "category_opinion", _("专业学位类别情况"),
        facts=(
            "category", "field", "college", "authorised_year", "level",
            "enrolled_1", "enrolled_2", "enrolled_3", "graduated_1", "graduated_2", "graduated_3",
        ),
        checks=("category",),
    ),
    Aspect(
        "partner_opinion", _("合作单位情况"),
        facts=("partner", "credit_code", "partner_kind", "division", "partner_office", "partner_office_head", "partner.*"),
        tables=("platforms", "equipment", "projects", "other_partners"),
        checks=("partner", "one_partner", "standing", "conditions"),
    ),
    Aspect("reason_opinion", _("申报理由"), facts=("priority_industry",), texts=("reason",)),
    Aspect(
        "results_opinion", _("前期基地建设成效"),
        facts=("cooperation.*",), texts=("results",),
        tables=("agreements", "contributions", "trained_students", "results"),
        checks=("cooperation", "agreement", "investment", "kinds", "students", "covers"),
    ),
    Aspect("prospects_opinion", _("发展前景"), texts=("prospects", "goals"), tables=("year_targets",)),
    Aspect(
        "contribution_opinion", _("对人才培养作用"),
        texts=("training_mode", "dual_mentors", "rules", "features"), tables=("campus_mentors", "industry_mentors"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What an application says about one aspect, and what the report of 第七条 found about it."""

    aspect: Aspect
    facts: list[Fact]
    texts: list[Text]
    tables: list[Table]
    checks: list[dict[str, Any]]

    @property
    def short_tables(self) -> list[Table]:
        """The tables that are shown whole."""
        return [table for table in self.tables if len(table.rows) <= ROWS_SHOWN]

    @property
    def long_tables(self) -> list[Table]:
        """The tables that are only counted."""
        return [table for table in self.tables if len(table.rows) > ROWS_SHOWN]


def materials(content: Content, checks: list[dict[str, Any]]) -> list[Material]:
    """The six aspects, each with the parts of the paper that it is judged by."""
    return [
        Material(
            aspect,
            [fact for fact in _facts(content, aspect) if fact.value],
            [text for section in content.sections for text in section.texts if text.key in aspect.texts and text.value],
            [table for section in content.sections for table in section.tables if table.key in aspect.tables and table.rows],
            [check for check in checks if check["key"] in aspect.checks],
        )
        for aspect in ASPECTS
    ]  # fmt: skip


def to_judge(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The points of 第七条 that the report leaves to a person's judgement."""
    return [check for check in checks if check["verdict"] == JUDGE]


def _facts(content: Content, aspect: Aspect) -> list[Fact]:
    return [
        fact
        for section in content.sections
        for fact in section.facts
        if fact.key in aspect.facts or f"{section.key}.*" in aspect.facts
    ]
