"""A certificate (证书) of a title that a base was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

# What a line between the frames holds.
_LINE_PT: Final = 600.0
# The largest and the smallest type of each part, in points, and the lines that it should take at most.
_NAME: Final = (30.0, 15.0, 2)
_UNITS: Final = (14.0, 11.0, 2)
_TITLE: Final = (32.0, 18.0, 1)


@dataclass(frozen=True)
class Certificate:
    """What a certificate says.

    `name` is the base's and `units` who runs it (培养单位, 合作单位 …); `words` lead over to the title: 经考核，认定为.
    `title` is what it was given, such as 研究生联合培养示范基地. `valid_from` and `valid_to` are the first and the last day of its
    term, `valid_to` None where it has no end. `number` is the certificate's own.
    """

    name: str
    units: Sequence[str]
    words: str
    title: str
    number: str
    valid_from: date
    valid_to: date | None
    issuer: str
    issued_on: date
    signed: bool = False

    @property
    def name_pt(self) -> str:
        """The type size of the name in points, as a CSS number."""
        return _fitting(len(self.name), _NAME)

    @property
    def units_pt(self) -> str:
        """The type size of the units in points, as a CSS number."""
        return _fitting(sum(len(unit) + 1 for unit in self.units), _UNITS)

    @property
    def title_pt(self) -> str:
        """The type size of the title in points, as a CSS number."""
        return _fitting(len(self.title), _TITLE)


def _fitting(length: int, part: tuple[float, float, int]) -> str:
    largest, smallest, lines = part
    return f"{max(smallest, min(largest, _LINE_PT * lines / (length + 1))):.2f}"
