"""The type of official documents by role.

Each stack begins with the fonts that offices in China have installed, under the names of their Windows, WPS and
macOS versions, and goes on with free fonts. Debian 12 packages the last ones of each stack, in `fonts-noto-cjk` and
`fonts-lxgw-wenkai`. A character that one font lacks is taken from the next one, so that rare characters of names
print: every stack ends in Noto CJK, which has the whole 通用规范汉字表.
"""

from collections.abc import Iterable
from typing import Any, Final

# 霞鹜文楷 stands in for 仿宋 too: it is drawn after Klee One, which is half 仿宋 and half 楷体. Its light weight is as
# thin as 仿宋, so that a heading in 楷体 still differs from the body. 文鼎PL中楷 (`fonts-arphic-ukai`) is not used: it
# claims some fifty characters, such as 䶮, that it draws as nothing, so they would silently be missing.
STACKS: Final[dict[str, tuple[str, ...]]] = {
    "xiaobiaosong": (
        "方正小标宋简体",
        "FZXiaoBiaoSong-B05S",
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05",
        "Noto Serif CJK SC",
    ),
    "fangsong": (
        "仿宋_GB2312",
        "FangSong_GB2312",
        "仿宋",
        "FangSong",
        "STFangsong",
        "Zhuque Fangsong",
        "Zhuque Fangsong (technical preview)",
        "FandolFang",
        "LXGW WenKai Light",
        "LXGW WenKai",
        "Noto Serif CJK SC",
    ),
    "kaiti": (
        "楷体_GB2312",
        "KaiTi_GB2312",
        "楷体",
        "KaiTi",
        "STKaiti",
        "LXGW WenKai",
        "Noto Serif CJK SC",
    ),
    "heiti": ("黑体", "SimHei", "STHeiti", "Noto Sans CJK SC"),
    "songti": ("宋体", "SimSun", "STSong", "Noto Serif CJK SC"),
}


def families() -> dict[str, str]:
    """The stacks as values of the CSS property font-family, by role."""
    return {role: ", ".join(f'"{name}"' for name in names) for role, names in STACKS.items()}


# 仿宋 is thin, and what stands in for it has a light weight; fonts that have one weight only are taken as they are.
_WEIGHTS: Final = {"xiaobiaosong": 700, "fangsong": 300}
_LIGHT: Final = " Light"


def weighted_families(installed: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The stacks by role, each with its weight, as Typst takes them: the installed families of each, in their order.

    Typst knows a light cut as a weight of its family, not as a family.
    """
    known = {name.lower() for name in installed}
    result = {}
    for role, names in STACKS.items():
        families = list(dict.fromkeys(name.removesuffix(_LIGHT) for name in names))
        found = [name for name in families if name.lower() in known]
        result[role] = {"families": found or families, "weight": _WEIGHTS.get(role, 400)}
    return result
