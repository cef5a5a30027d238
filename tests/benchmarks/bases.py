"""A list of invented bases as the annex of a notice, and the same page in HTML."""

from html import escape

from portal.typesetting import Annex

COUNT = 2000
TITLE = "2026年度研究生联合培养基地拟认定名单"
COLUMNS = (
    ("序号", 7), ("培养单位", 17), ("基地名称", 22), ("类别（代码）", 15), ("合作单位", 18), ("所在盟市", 10), ("优先产业", 11),
)  # fmt: skip

_UNITS = (
    "甲州大学",
    "乙州科技大学",
    "丙州农业大学",
    "丁州师范大学",
    "戊州医科大学",
    "己州财经大学",
    "庚州民族大学",
    "辛州工业大学",
)
_FIELDS = (
    "稀土新材料",
    "智能制造与装备",
    "草原生态修复",
    "乳制品加工",
    "煤化工清洁利用",
    "风光储氢",
    "蒙医药",
    "云计算",
)
_KINDS = ("有限责任公司", "研究院", "科技股份有限公司", "农牧业合作社联合社", "附属医院")
_CATEGORIES = ("材料与化工（0856）", "机械（0855）", "农业（0951）", "临床医学（1051）", "电子信息（0854）")
_PLACES = ("呼和浩特市", "包头市", "鄂尔多斯市", "锡林郭勒盟", "阿拉善盟", "兴安盟")
_RARE = "喆堃䶮翀燚玥珺赟昇"


def rows() -> list[list[str]]:
    """The rows; no two of them are alike, and every ninth name has a rare character."""
    made = []
    for n in range(1, COUNT + 1):
        field = _FIELDS[n * 7 % len(_FIELDS)]
        partner = f"{_RARE[n % 9] if n % 9 == 0 else ''}{_PLACES[n * 5 % 6][:2]}第{n}{field}{_KINDS[n * 3 % 5]}"
        made.append(
            [
                str(n), _UNITS[n * 5 % 8], f"{field}方向第{n}研究生联合培养基地", _CATEGORIES[n % 5], partner,
                _PLACES[n * 5 % 6], field if n % 3 else "—",
            ]
        )  # fmt: skip
    return made


def annex() -> Annex:
    """The list as the kit takes it."""
    return {"title": TITLE, "columns": COLUMNS, "rows": rows()}


def as_html() -> str:
    """The same page as HTML: the same paper and margins, columns, type sizes and fonts; the head repeated, no row cut."""
    heads = "".join(f'<th style="width: {share}%">{escape(heading)}</th>' for heading, share in COLUMNS)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows())
    return f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{TITLE}</title><style>
@page {{ size: A4; margin: 37mm 26mm 35mm 28mm; }}
body {{ margin: 0; }}
h1 {{ font: 700 22pt/36pt "Noto Serif CJK SC"; text-align: center; margin: 0 0 30pt; }}
table {{ width: 100%; table-layout: fixed; border-collapse: collapse; font: 10pt/14pt "LXGW WenKai Light", "Noto Serif CJK SC"; }}
thead {{ display: table-header-group; }}
th {{ font-family: "Noto Sans CJK SC"; font-weight: 400; }}
th, td {{ padding: 3pt 1.5pt; border: 0.5pt solid #000; text-align: center; vertical-align: middle; overflow-wrap: anywhere; }}
tr {{ break-inside: avoid; }}
</style></head><body><h1>{TITLE}</h1><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></body></html>"""
