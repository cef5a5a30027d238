"""The type of official documents by role.

Each stack begins with the fonts that offices in China have installed, under the names of their Windows, WPS and
macOS versions, and goes on with free fonts. Debian 12 packages the last ones of each stack, in `fonts-noto-cjk` and
`fonts-lxgw-wenkai`. A character that one font lacks is taken from the next one, so that rare characters of names
print: every stack ends in Noto CJK, which has the whole 通用规范汉字表.
"""

from typing import Final

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
