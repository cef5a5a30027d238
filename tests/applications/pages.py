"""A page as its reader sees it: heading, fields with the messages beside them, text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import tinyhtml5


def _text(element: ElementTree.Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


@dataclass
class Page:
    """One answer of the portal."""

    status: int
    root: ElementTree.Element

    @classmethod
    def of(cls, response: Any) -> Page:
        return cls(response.status_code, tinyhtml5.parse(response.content.decode(), namespace_html_elements=False))

    @property
    def heading(self) -> str:
        """The one h1."""
        (heading,) = self.root.iter("h1")
        return _text(heading)

    @property
    def main(self) -> ElementTree.Element:
        """What stands inside the frame."""
        (found,) = self.root.iter("main")
        return found

    @property
    def text(self) -> str:
        """All words of the page proper."""
        return _text(self.main)

    def _by_id(self, key: str) -> ElementTree.Element:
        (found,) = (e for e in self.root.iter() if e.get("id") == key)
        return found

    def beside(self, field: str) -> list[str]:
        """The messages beside a field."""
        return self.beside_id(f"div_id_{field}")

    def beside_id(self, key: str) -> list[str]:
        """The messages inside one part of the page."""
        return [
            _text(e)
            for e in self._by_id(key).iter()
            if "invalid-feedback" in (e.get("class") or "").split() and _text(e)
        ]

    def value_in(self, key: str, field: str) -> str:
        """What a field holds in one part of the page."""
        (found,) = (e for e in self._by_id(key).iter() if e.get("name") == field)
        return found.get("value", "")

    def complaints(self) -> dict[str, str]:
        """Of a save's answer: the fields that were not kept, each with its message."""
        return {
            e.get("data-error-for", "").removeprefix("id_"): _text(e)
            for e in self.root.iter()
            if e.get("data-error-for") is not None
        }

    @property
    def words(self) -> str:
        """All words, also of a part of a page."""
        return _text(self.root)

    def value(self, field: str) -> str:
        """What a field holds."""
        (found,) = (e for e in self.main.iter() if e.get("name") == field and e.get("type") != "radio")
        if found.tag == "select":
            return next((o.get("value", "") for o in found.iter("option") if o.get("selected") is not None), "")
        return "".join(found.itertext()).strip() if found.tag == "textarea" else found.get("value", "")

    def rows(self) -> list[list[str]]:
        """The cells of the tables' bodies."""
        return [
            [_text(cell) for cell in row if cell.tag in {"td", "th"}]
            for body in self.main.iter("tbody")
            for row in body.iter("tr")
        ]

    def names(self) -> set[str]:
        """The names of everything that can be filled in."""
        return {e.get("name", "") for e in self.main.iter() if e.tag in {"input", "select", "textarea"}} - {""}

    def links(self) -> set[str]:
        """Where the page leads."""
        return {e.get("href", "") for e in self.main.iter("a")}
