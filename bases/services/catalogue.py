"""The degree catalogue as people name it: by code, by name, by both, or by what a category was called before 2022."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from bases.models import CategoryAlias, DegreeCategory

_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
# What people put between or around a name and its code.
_AROUND = " ()[]【】〔〕<>《》-—–_·.,，、:;/|“”\"'"
_SHOWN = 40


@dataclass(frozen=True)
class Resolution:
    """What a text means in the catalogue: one category, or none; ``candidates`` are those that it may have meant.

    ``problem`` says in Chinese why there is not exactly one, and which there are; empty where ``category`` is found.
    """

    category: DegreeCategory | None
    candidates: tuple[DegreeCategory, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Renamed:
    """A category of an earlier catalogue and what it is called today."""

    old: str
    today: tuple[DegreeCategory, ...]


class Catalogue:
    """The whole catalogue of 2022 with its old names, read once (two queries), for lists whose every row names a category."""

    def __init__(self) -> None:
        self.categories: list[DegreeCategory] = list(DegreeCategory.objects.prefetch_related("aliases"))
        self._meant: dict[str, Resolution] = {}

    @cached_property
    def _codes(self) -> dict[str, DegreeCategory]:
        return {category.code: category for category in self.categories}

    @cached_property
    def _names(self) -> dict[str, DegreeCategory]:
        return {_bare(category.name): category for category in self.categories}

    @cached_property
    def _old_codes(self) -> dict[str, list[DegreeCategory]]:
        return self._old(lambda alias: alias.code)

    @cached_property
    def _old_names(self) -> dict[str, list[DegreeCategory]]:
        return self._old(lambda alias: _bare(alias.name))

    def _old(self, key: Callable[[CategoryAlias], str]) -> dict[str, list[DegreeCategory]]:
        found: dict[str, list[DegreeCategory]] = defaultdict(list)
        for category in self.categories:
            for alias in category.aliases.all():
                if key(alias) and category not in found[key(alias)]:
                    found[key(alias)].append(category)
        return dict(found)

    def resolve(self, text: str) -> Resolution:
        """What a text means: 机械, 0855, 机械（0855）, 0855 机械, also an old name or code where it became exactly one category."""
        if text not in self._meant:
            self._meant[text] = self._resolve(text)
        return self._meant[text]

    def _resolve(self, text: str) -> Resolution:
        code, name = _parts(text)
        by_code = self._by_code(code)
        by_name = self._by_name(name)
        if code and name:
            return self._both(text, by_code, by_name)
        return self._one(text, by_code if code else by_name)

    def _by_code(self, code: str) -> list[DegreeCategory]:
        """Today's meaning of a code comes before what it meant once: 0651 is 博物馆."""
        return [self._codes[code]] if code in self._codes else self._old_codes.get(code, [])

    def _by_name(self, name: str) -> list[DegreeCategory]:
        return [self._names[name]] if name in self._names else self._old_names.get(name, [])

    def _one(self, text: str, found: list[DegreeCategory]) -> Resolution:
        if len(found) == 1:
            return Resolution(found[0], (found[0],))
        if not found:
            return Resolution(
                None,
                (),
                _("“%(text)s”不在专业学位类别目录中，请按现行目录填写类别代码或名称。") % {"text": _shown(text)},
            )
        return Resolution(
            None,
            tuple(found),
            _("“%(text)s”是旧目录的类别，现已分为：%(categories)s。请填写其中一个。")
            % {"text": _shown(text), "categories": _listed(found)},
        )

    def _both(self, text: str, by_code: list[DegreeCategory], by_name: list[DegreeCategory]) -> Resolution:
        """A code and a name have to agree; where one of them is an old one that became several, the other one decides."""
        common = [category for category in by_code if category in by_name]
        old_pair = len(by_name) > 1 and len(by_code) == 1 and self._was_its_name(by_code[0], text)
        if len(common) == 1 and not old_pair:
            return Resolution(common[0], (common[0],))
        if common:
            return self._one(text, by_name)
        candidates = tuple(dict.fromkeys((*by_code, *by_name)))
        if not candidates:
            return self._one(text, [])
        return Resolution(
            None,
            candidates,
            _("“%(text)s”的代码与名称不一致，请核对。相近的类别有：%(categories)s。")
            % {"text": _shown(text), "categories": _listed(candidates)},
        )

    def _was_its_name(self, category: DegreeCategory, text: str) -> bool:
        """Whether code and name together are an entry of the old catalogue: 0651 文物与博物馆 says nothing about which of the two."""
        return any((alias.code, _bare(alias.name)) == _parts(text) for alias in category.aliases.all())

    def renamed(self, words: str) -> list[Renamed]:
        """The old categories that every word speaks of, with what they became."""
        wanted = _words(words)
        became: dict[str, list[DegreeCategory]] = defaultdict(list)
        for category in self.categories:
            for alias in category.aliases.all():
                if wanted and all(word in _bare(alias.name) or alias.code.startswith(word) for word in wanted):
                    became[str(alias)].append(category)
        return [Renamed(old, tuple(today)) for old, today in became.items()]

    def search(self, words: str) -> list[DegreeCategory]:
        """The categories in whose name, code, 学科门类 or old name and code every word occurs; all of them for no words."""
        wanted = _words(words)
        return [category for category in self.categories if all(_speaks_of(category, word) for word in wanted)]


def is_military(category: DegreeCategory) -> bool:
    """The six categories of 军事学 (11xx) are not awarded by the units of the region."""
    return category.code.startswith("11")


def resolve(text: str) -> Resolution:
    """What one text means in the catalogue; for whole lists keep a ``Catalogue``, which reads the tables once."""
    return Catalogue().resolve(text)


def _bare(text: str) -> str:
    """A name without what varies in writing: full width, spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def _words(text: str) -> list[str]:
    """What somebody looks for, word by word; a category that is written with its code is two words."""
    return [_bare(word) for word in re.split(rf"[{re.escape(_AROUND)}\s（）]+", text) if word]


def _parts(text: str) -> tuple[str, str]:
    """The code and the name in a text, either may be empty; Excel takes the zero from 0855 where a cell is a number."""
    bare = _bare(text)
    if re.fullmatch(r"[0-9]{3}", bare):
        bare = f"0{bare}"
    found = _CODE.search(bare)
    if found is None:
        return "", bare.strip(_AROUND)
    return found[0], (bare[: found.start()] + bare[found.end() :]).strip(_AROUND)


def _speaks_of(category: DegreeCategory, word: str) -> bool:
    olds = category.aliases.all()
    names = (category.name, category.discipline, *(alias.name for alias in olds))
    codes = (category.code, *(alias.code for alias in olds))
    return any(word in _bare(name) for name in names) or any(code.startswith(word) for code in codes)


def _listed(categories: Iterable[DegreeCategory]) -> str:
    return "、".join(str(category) for category in categories)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
