"""The two-digit divisions (大类) of GB/T 4754-2017, the classification of the national economy, under their lettered sections (门类)."""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data" / "sectors.csv"


@cache
def sectors() -> dict[str, tuple[str, str]]:
    """By two-digit code: the name and the section in which it stands."""
    with DATA.open(encoding="utf-8") as file:
        return {row["code"]: (row["name"], row["section"]) for row in csv.DictReader(file)}


def sector_label(code: str) -> str:
    """A sector as people read it: its name and code; the bare code where the list does not know it."""
    return f"{sectors()[code][0]}（{code}）" if code in sectors() else code


def sector_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: the sectors grouped by their section, in the order of the standard."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, (name, section) in sectors().items():
        groups.setdefault(section, []).append((code, f"{code} {name}"))
    return list(groups.items())
