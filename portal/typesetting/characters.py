"""Characters that cannot be printed."""

from typing import Final

# Controls, such as the vertical tab that comes with a paste from Word. XML does not allow them, and one of them in a PDF
# makes all words of its font unreadable for search and copying.
_UNPRINTABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0x7F, 0xFFFE, 0xFFFF))


def printable(text: str) -> str:
    """The text without the characters that cannot be printed."""
    return text.translate(_UNPRINTABLE)
