"""The table of docs/lifecycle.md, read without the code, so that the code can be held against it."""

from pathlib import Path

from portal.roles import DAILY_JOB, Role

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
WORDS_OF_ROLES: dict[str, tuple[str, ...]] = {
    "applicant": (Role.APPLICANT,),
    "unit officer": (Role.UNIT_OFFICER,),
    "department officer": (Role.DEPT_OFFICER,),
    "department leader": (Role.DEPT_LEADER,),
    "department officer files": (Role.DEPT_OFFICER,),
    "department": (Role.DEPT_OFFICER, Role.DEPT_LEADER),
    "daily job": (DAILY_JOB,),
}


def _read() -> list[dict[str, str]]:
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head, _rule, *body = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(head, cells, strict=True)) for cells in body]


ROWS = _read()
ROW = {row["transition"]: row for row in ROWS}
SOURCES: dict[str, list[str]] = {name: row["from"].split(", ") for name, row in ROW.items()}
# "constructing, or demonstration where the title is held"
TARGETS: dict[str, list[str]] = {
    name: row["to"].removesuffix(" where the title is held").replace(", or ", ", ").split(", ")
    for name, row in ROW.items()
}


def roles(name: str, state: str) -> set[str]:
    """Who may make the move from that state; two roles with a slash stand in the order of the states."""
    by = ROW[name]["by"].split(" / ")
    words = by[SOURCES[name].index(state)] if len(by) > 1 else by[0]
    return {str(role) for role in WORDS_OF_ROLES[words]}


MOVES = [(name, source) for name in ROW for source in SOURCES[name]]
EDGES = {(source, target) for name in ROW for source in SOURCES[name] for target in TARGETS[name]}
STATES = {state for edge in EDGES for state in edge}
