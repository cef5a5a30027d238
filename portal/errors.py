"""Refusals: what the portal does not do, said in Chinese to the person who asked."""

from collections.abc import Iterable


class Refused(Exception):
    """An act that the rules do not allow; nothing was changed.

    ``reasons`` are whole Chinese sentences: what is wrong and how to mend it.
    """

    def __init__(self, reasons: str | Iterable[str]) -> None:
        self.reasons: tuple[str, ...] = (str(reasons),) if isinstance(reasons, str) else tuple(str(r) for r in reasons)
        super().__init__("；".join(self.reasons))


class NotYours(Refused):
    """The person may not do this in the role and organisation that they act in."""


class Overtaken(Refused):
    """Somebody else was faster: the base is no longer where the person saw it."""
