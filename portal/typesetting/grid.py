"""The page of GB/T 9704-2012 in numbers.

The standard gives A4 (210 mm × 297 mm), 天头 37 mm, 订口 28 mm, 版心 156 mm × 225 mm, 3号 type, and on each page 22
lines of 28 characters that fill the text block.

Type size. 3号 is called 16 pt, but 28 × 16 pt = 448 pt = 158.0 mm does not fit into 156 mm = 442.2 pt. 3号 is also
1.5 times 5号 (10.5 pt), which is 15.75 pt: 28 × 15.75 pt = 441.0 pt = 155.6 mm fits.

Line pitch. A page of 22 lines holds 22 characters and the 21 gaps between them, so 21 pitches and one character
make up the height of the text block, 225 mm = 637.8 pt:

    pitch = (637.80 pt − 15.75 pt) / 21 = 29.62 pt

The standard's own unit agrees: a line (行) is a character and 7/8 of it, 15.75 pt × 1.875 = 29.53 pt. Dividing the
text block by 22 instead gives 28.99 pt and leaves the last gap below the last line empty, so the page would not be
filled (撑满版心).

In CSS a line box has half of its gap above and half of it below the characters. So the page area must begin half a gap
above the text block, (29.62 pt − 15.75 pt) / 2 = 6.94 pt, and be 22 × 29.62 pt = 651.66 pt high.
"""

from typing import Final

PT_PER_MM: Final = 72 / 25.4

PAGE_WIDTH_MM: Final = 210.0
PAGE_HEIGHT_MM: Final = 297.0
TOP_MM: Final = 37.0
LEFT_MM: Final = 28.0
BLOCK_WIDTH_MM: Final = 156.0
BLOCK_HEIGHT_MM: Final = 225.0

LINES: Final = 22
CHARACTERS: Final = 28

SIZE_3_PT: Final = 15.75
SIZE_2_PT: Final = 22.0
SIZE_4_PT: Final = 14.0

BLOCK_WIDTH_PT: Final = BLOCK_WIDTH_MM * PT_PER_MM
BLOCK_HEIGHT_PT: Final = BLOCK_HEIGHT_MM * PT_PER_MM
PITCH_PT: Final = (BLOCK_HEIGHT_PT - SIZE_3_PT) / (LINES - 1)
HALF_GAP_PT: Final = (PITCH_PT - SIZE_3_PT) / 2

# Rounding in the layout must not push the 22nd line over to the next page.
_SLACK_PT: Final = 0.05

AREA_TOP_PT: Final = TOP_MM * PT_PER_MM - HALF_GAP_PT
AREA_BOTTOM_PT: Final = PAGE_HEIGHT_MM * PT_PER_MM - AREA_TOP_PT - LINES * PITCH_PT - _SLACK_PT
# The lower margin where a line is as high as its characters and the page area is the text block.
BLOCK_BOTTOM_PT: Final = (PAGE_HEIGHT_MM - TOP_MM - BLOCK_HEIGHT_MM) * PT_PER_MM - _SLACK_PT


def measures() -> dict[str, str]:
    """The lengths that the style sheet needs, in points, as CSS numbers."""
    lengths = {
        "top": AREA_TOP_PT,
        "bottom": AREA_BOTTOM_PT,
        "left": LEFT_MM * PT_PER_MM,
        "right": (PAGE_WIDTH_MM - LEFT_MM - BLOCK_WIDTH_MM) * PT_PER_MM,
        "pitch": PITCH_PT,
        "half_gap": HALF_GAP_PT,
        "size_2": SIZE_2_PT,
        "size_3": SIZE_3_PT,
        "size_4": SIZE_4_PT,
    }
    return {name: f"{length:.3f}" for name, length in lengths.items()}
