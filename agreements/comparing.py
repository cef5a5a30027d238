"""Two wordings beside one another, word by word; no tables."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A number or a Latin word is one piece, everything else a character: Chinese has no spaces between words.
_PIECE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*|.", re.DOTALL)
# Fewer same characters than these between two changes belong to no common phrase and read better as part of the change.
_LEAST_COMMON = 2


@dataclass(frozen=True)
class Piece:
    """A stretch of a wording: ``kind`` is same, removed or added."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """What became of a wording, in the order in which one reads it; what was removed stands before what took its place."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    found: list[list[str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal" and not (len(removed) < _LEAST_COMMON and found and b < len(old) and d < len(new)):
            found.append(["same", removed, ""])
        elif found and found[-1][0] == "changed":
            found[-1][1] += removed
            found[-1][2] += added
        else:
            found.append(["changed", removed, added])
    return [piece for kind, was, now in found for piece in _pieces(kind, was, now)]


def _pieces(kind: str, was: str, now: str) -> list[Piece]:
    if kind == "same":
        return [Piece("same", was)]
    return [Piece(which, text) for which, text in (("removed", was), ("added", now)) if text]
