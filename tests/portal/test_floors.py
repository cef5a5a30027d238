"""The floors hold where no linter looks: tables, accessors, addresses, signals, migrations. Imports are held by import-linter."""

import ast
import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import CreateModel, RenameField, RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.fields import FieldOperation
from django.db.models import signals
from django.urls import URLPattern, get_resolver
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from applications.models import Application, ApplicationVersion, Round
from applications.services import attachments, drafting, printing
from portal.migrating import Together
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["portal", "bases", "agreements", "applications", "evaluations"]
# Templates that belong to no app by their folder stand on the ground floor, except what draws a base.
SHARED_TEMPLATES = {
    "components",
    "registration",
    "base.html",
    *(f"{code}.html" for code in ("400", "403", "403_csrf", "404", "500")),
}
# An address of a higher floor that a lower page may know, with the reason.
KNOWN_ADDRESSES = {
    (
        "templates/portal/refused.html",
        "base",
    ): "who was refused an act goes back to the base, whatever floor the act is on",
}


# A name of our own that is spelt like an accessor of a higher floor, with the reason.
SPELT_LIKE_AN_ACCESSOR = {
    (
        "applications/eligibility.py",
        "incidents",
    ): "what the partner has declared (第七条（二）), a field of plain facts",
}


def floor(app: str) -> int:
    return FLOORS.index(app)


def python_files(app: str) -> list[Path]:
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def template_files(app: str) -> list[Path]:
    folders = [ROOT / "templates" / app]
    if app == "portal":
        folders += [ROOT / "templates" / name for name in SHARED_TEMPLATES]
    found = chain.from_iterable([folder] if folder.is_file() else folder.rglob("*.*") for folder in folders)
    return sorted(path for path in found if path.suffix in {".html", ".txt", ".xml"})


def our_models() -> list[type[models.Model]]:
    return [model for app in FLOORS for model in apps.get_app_config(app).get_models()]


def url_patterns() -> Iterator[tuple[str, str]]:
    """Every (app, url name), the app being the one whose view answers."""
    for pattern in flat(get_resolver().url_patterns):
        wrapped = getattr(pattern.callback, "__wrapped__", pattern.callback)
        module = inner_module(wrapped)
        yield module.split(".")[0], str(pattern.name)


def inner_module(view: object) -> str:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return str(getattr(view, "__module__", ""))


def flat(patterns: list) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from flat(pattern.url_patterns)


@cache
def higher_url_names(app: str) -> frozenset[str]:
    return frozenset(name for owner, name in url_patterns() if owner in FLOORS and floor(owner) > floor(app))


@cache
def higher_accessors(app: str) -> frozenset[str]:
    """Names by which a model that ``app`` knows would lead to a model of a higher floor."""
    names: set[str] = set()
    for model in our_models():
        if floor(model._meta.app_label) > floor(app):
            continue
        for relation in model._meta.related_objects:
            if floor(relation.related_model._meta.app_label) > floor(app) and not relation.hidden:
                names |= {str(relation.get_accessor_name()), relation.name}
    return frozenset(names)


def test_imports_keep_to_their_floors_and_rooms(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    finally:  # it configures logging for the whole process, and switches off every logger that there was
        for logger in logging.root.manager.loggerDict.values():
            if isinstance(logger, logging.Logger):
                logger.disabled = False
    printed = capsys.readouterr().out
    assert status == EXIT_STATUS_SUCCESS, printed
    assert "Contracts: 3 kept, 0 broken." in printed


def test_no_model_relates_to_a_higher_floor() -> None:
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model._meta.app_label in FLOORS
        and floor(field.related_model._meta.app_label) > floor(model._meta.app_label)
    ]
    assert upward == []


@pytest.mark.parametrize("app", FLOORS[:-1])
def test_no_python_of_a_lower_floor_names_an_accessor_of_a_higher_one(app: str) -> None:
    higher = higher_accessors(app)
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in python_files(app)
        for name in names_used(ast.parse(path.read_text()))
        if name in higher
    }
    assert named == {place for place in SPELT_LIKE_AN_ACCESSOR if place[0].startswith(f"{app}/")}


def names_used(tree: ast.AST) -> Iterator[str]:
    """Attributes that are read, and the steps of the lookups in calls: filter(a__b=1), select_related("a__b")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            if not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}):
                yield node.attr
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg and "__" in keyword.arg:
                    yield from keyword.arg.split("__")
            if isinstance(node.func, ast.Attribute) and node.func.attr in LOOKUP_METHODS:
                yield from chain.from_iterable(k.arg.split("__") for k in node.keywords if k.arg)
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield from argument.value.lstrip("-").split("__")


LOOKUP_METHODS = {
    *("filter", "exclude", "get", "annotate", "aggregate", "order_by", "values", "values_list", "only", "defer"),
    *("select_related", "prefetch_related", "update", "distinct"),
}


@pytest.mark.parametrize("app", FLOORS[:-1])
def test_no_template_of_a_lower_floor_names_an_accessor_of_a_higher_one(app: str) -> None:
    higher = higher_accessors(app)
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in template_files(app)
        for tag in re.findall(r"\{[{%].*?[}%]\}", path.read_text(), re.DOTALL)
        for name in re.findall(r"\.([a-z_]+)", re.sub(r"\"[^\"]*\"|'[^']*'", "", tag))
        if name in higher
    }
    assert named == set()


@pytest.mark.parametrize("app", FLOORS[:-1])
def test_no_lower_floor_names_an_address_of_a_higher_one(app: str) -> None:
    """What a lower page offers on behalf of a higher floor is handed down in ``ready()`` (portal.navigation, bases.acts)."""
    higher = higher_url_names(app)
    in_python = {
        (str(path.relative_to(ROOT)), name)
        for path in python_files(app)
        for name in addresses_in_python(ast.parse(path.read_text()))
        if name in higher
    }
    in_templates = {
        (str(path.relative_to(ROOT)), name)
        for path in template_files(app)
        for name in re.findall(r"\{%\s*url\s+[\"']([\w-]+)[\"']", path.read_text())
        if name in higher
    }
    allowed = {place for place in KNOWN_ADDRESSES if place[0].startswith((f"templates/{app}/", f"{app}/"))}
    assert in_python | in_templates == allowed


def addresses_in_python(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in {"reverse", "reverse_lazy", "redirect", "resolve_url"} or called.startswith("register"):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


@pytest.mark.parametrize("app", FLOORS)
def test_no_app_includes_a_template_of_a_higher_floor(app: str) -> None:
    higher = tuple(f"{other}/" for other in FLOORS if floor(other) > floor(app))
    quoted = re.compile(r"""["']((?:\w+/)+[\w.-]+\.(?:html|css|txt))["']""")
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in [*python_files(app), *template_files(app)]
        for name in quoted.findall(path.read_text())
        if name.startswith(higher)
    }
    assert named == set()


def test_every_view_says_for_whom_it_is_open() -> None:
    undeclared = [str(p.name) for p in flat(get_resolver().url_patterns) if not hasattr(p.callback, "roles")]
    assert undeclared == []


def test_every_address_has_a_name_of_its_own() -> None:
    names = [str(pattern.name) for pattern in flat(get_resolver().url_patterns)]
    assert sorted(names) == sorted(set(names) - {"None"})


def test_our_apps_use_no_signals_so_that_a_reader_can_follow_every_call() -> None:
    importing = {
        str(path.relative_to(ROOT))
        for app in FLOORS
        for path in python_files(app)
        if re.search(
            r"django\.dispatch|import .*\b(?:(?:pre|post)_(?:save|delete|init|migrate)|\w+_changed|class_prepared)\b"
            r"|signals import|@receiver",
            path.read_text(),
        )
    }
    assert importing == set()
    ours = [
        receiver
        for signal in vars(signals).values()
        if isinstance(signal, signals.ModelSignal)
        for receiver in live_receivers(signal)
        if receiver.__module__.split(".")[0] in FLOORS
    ]
    assert ours == []


def live_receivers(signal: signals.ModelSignal) -> Iterator[object]:
    for _key, reference, *_rest in signal.receivers:
        found = reference() if callable(reference) and not hasattr(reference, "__code__") else reference
        if found is not None:
            yield found


def our_migrations() -> list:
    loaded = MigrationLoader(None).disk_migrations
    return [migration for (app, _name), migration in sorted(loaded.items()) if app in FLOORS]


def test_migrations_are_named_by_their_purpose() -> None:
    """Django's own proposal for a name (0002_alter_…, …_and_more) says what changed, not why."""
    proposed = [
        f"{migration.app_label}.{migration.name}"
        for migration in our_migrations()
        if not migration.initial
        and (
            migration.name.split("_", 1)[1] == migration.suggest_name()
            or re.search(r"_(auto|alter|and_more)(_|$)", migration.name)
        )
    ]
    assert proposed == []
    assert {migration.name for migration in our_migrations() if migration.initial} == {"0001_initial"}


def test_every_migration_can_be_taken_back() -> None:
    one_way = [
        f"{migration.app_label}.{migration.name}"
        for migration in our_migrations()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]
    assert one_way == []


def test_what_a_migration_does_together_needs_no_picture_of_the_models_in_between() -> None:
    """No field is touched twice, no table changed that is created beside, and no data are carried over."""
    wrong = []
    for migration in our_migrations():
        for together in (each for each in migration.operations if isinstance(each, Together)):
            created = {each.name_lower for each in together.operations if isinstance(each, CreateModel)}
            fields = [each for each in together.operations if isinstance(each, FieldOperation)]
            touched = [(each.model_name_lower, each.name_lower) for each in fields]
            wrong += [
                (migration.name, each.describe())
                for each in together.operations
                if isinstance(each, RunPython | RunSQL | RenameField | Together)
                or getattr(each, "model_name", "").lower() in created
            ]
            wrong += [(migration.name, each) for each in touched if touched.count(each) > 1]
    assert wrong == []


SHORT_FORM = ("applications", "0002_default_rubrics")


def short_form(model: str) -> Any:
    """A table as it was before the full application form."""
    return MigrationExecutor(connection).loader.project_state(SHORT_FORM).apps.get_model("applications", model)


@pytest.mark.django_db(transaction=True)
def test_the_full_application_form_can_be_taken_back_and_brought_again_with_everything_in_it(today: date) -> None:
    """On a database with rows: a way back that only fits empty tables is none."""
    world = World.create()
    reported, draft = (world.application(base) for base in (world.recommended(today), world.draft(today)))
    bare = drafting.start_application(name="刚开始的基地", by=world.applicant, on=today)
    agreement = draft.files.get(kind="agreement")
    attachments.add(
        application=draft, kind="agreement", upload=SimpleUploadedFile("新协议.pdf", pdf_upload().read() + b"\n%"),
        by=world.applicant, on=TODAY, replaces=agreement,
    )  # fmt: skip
    printing.ask(application=reported, version=reported.versions.get(), by=world.officer, on=today)
    reasons = {each.pk: each.plan.reason for each in (draft, reported, bare)}
    call_command("migrate", *SHORT_FORM, verbosity=0)
    try:
        short = short_form("Application")
        kept = short.objects.order_by("pk").values_list(
            "pk", "unit_investment", "partner_investment", "students_trained", "reason", "agreement__name"
        )
        filled = (Decimal("200000.00"), Decimal("300000.00"), 8)
        assert sorted(kept) == sorted(
            [
                (draft.pk, *filled, reasons[draft.pk], "新协议.pdf"),
                (reported.pk, *filled, reasons[reported.pk], short.objects.get(pk=reported.pk).agreement.name),
                (bare.pk, None, None, None, "", None),
            ]
        )
        assert short.objects.get(pk=reported.pk).agreement.kind == "pdf"
        declared = short.objects.get(pk=reported.pk)
        assert (declared.declared_content["students_trained"], declared.declared_content["name"]) == (8, reported.name)
        assert {check["passed"] for check in declared.eligibility} == {True}
        assert [name for check in declared.eligibility for name in check if name == "verdict"] == []
    finally:
        call_command("migrate", verbosity=0)
    for application in Application.objects.all():
        invested = {c.side: c.amount for c in application.contributions.all()}
        wanted = {} if application.pk == bare.pk else {"unit": Decimal("200000.00"), "partner": Decimal("300000.00")}
        assert (application.pk, invested, application.plan.reason) == (application.pk, wanted, reasons[application.pk])
        assert list(application.year_targets.values_list("position", "year")) == [(0, 1), (1, 2), (2, 3)]
        assert [file.kind for file in application.files.all()] == ([] if application.pk == bare.pk else ["agreement"])
    assert [version.application_id for version in ApplicationVersion.objects.all()] == [reported.pk]
    assert ApplicationVersion.objects.get().files.get().kind == "agreement"
    assert Round.objects.get(year=today.year).quotas_published_on is not None


def test_every_static_file_that_a_template_names_comes_along() -> None:
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"\{%\s*static\s+[\"']([^\"']+)[\"']", path.read_text())
    }
    assert {name for name in named if finders.find(name) is None} == set()
