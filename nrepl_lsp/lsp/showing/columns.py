"""How many columns a text takes on the screen."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["cut_to", "width_of"]

#: Anything that may take no column, or two.
_UNUSUAL = re.compile(r"[^\x20-\x7e\xa0-\u02ff\u2013\u2026]")


def width_of(text: str) -> int:
    """Columns of a line: two for 日, none for a combining accent, two for a family of emoji."""
    if not _UNUSUAL.search(text):
        return len(text)
    columns: int = _wcwidth().wcswidth(text)
    return max(0, columns)


def cut_to(text: str, width: int) -> str:
    """As much of a line as fits, `…` at its end when it was cut. Characters stay whole."""
    if len(text) <= width and width_of(text) <= width:
        return text
    if not _UNUSUAL.search(text[: width + 1]):
        return text[: max(0, width - 1)] + "…"
    kept, used = "", 0
    # No character that takes a column has more marks upon it than this is used to.
    for grapheme in _wcwidth().iter_graphemes(text[: 8 * width + 64]):
        used += width_of(grapheme)
        if used > width - 1:
            break
        kept += grapheme
    return kept + "…"


@cache
def _wcwidth() -> "ModuleType":
    # 30 ms, which only those pay whose values are not in Latin letters.
    import wcwidth

    return wcwidth
