import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_noop

from bases.lifecycle import RULES, STAGE_OF, State

HEAD = ("transition", "from", "to", "by", "needs", "basis")


class Command(BaseCommand):
    help = gettext_noop("从程序打印基地的状态流转：每个状态和流转，及其角色、条件和条款。")
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["json", "mermaid", "markdown"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write({"json": as_json, "mermaid": as_mermaid, "markdown": as_markdown}[options["format"]]())


def as_json() -> str:
    """States and transitions with machine names."""
    states = [{"state": s.value, "label": str(s.label), "stage": str(STAGE_OF[s].label)} for s in State]
    transitions = [
        {
            "transition": rule.name,
            "label": str(rule.label),
            "from": list(rule.sources),
            "to": list(rule.targets),
            "by": list(rule.by),
            "needs": [need.text for need in rule.needs],
            "basis": rule.articles.split(),
            "four_eyes": rule.four_eyes,
            "row": dict(zip(HEAD, rule.row(), strict=True)),
        }
        for rule in RULES.values()
    ]
    return json.dumps({"states": states, "transitions": transitions}, ensure_ascii=False, indent=2)


def as_mermaid() -> str:
    """A state diagram."""
    lines = ["stateDiagram-v2", *(f"    {s.value} : {s.label}" for s in State), "    [*] --> drafting"]
    lines += [
        f"    {source} --> {target} : {rule.label}"
        for rule in RULES.values()
        for source in rule.sources
        for target in rule.targets
    ]
    return "\n".join(lines)


def as_markdown() -> str:
    """The table as the design shows it."""
    rows = [HEAD, ("---",) * len(HEAD), *(rule.row() for rule in RULES.values())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
