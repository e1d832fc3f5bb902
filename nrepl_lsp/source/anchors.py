"""
Where a stretch of a text is after an edit elsewhere in it.

Places are (line, column) in whatever units the edits come in, so that following them takes no look
at the text, however long it is.
"""

from typing import NamedTuple

from .document import Snapshot
from .forms import forms_in

__all__ = ["Edit", "Place", "Stretch", "difference", "is_whole", "moved"]

Place = tuple[int, int]
Stretch = tuple[Place, Place]


class Edit(NamedTuple):
    """What was between `start` and `end` is replaced; the new text ends at `new_end`."""

    start: Place
    end: Place
    new_end: Place


def moved(stretch: Stretch, edit: Edit) -> Stretch | None:
    """
    Where a stretch is after an edit; None when the edit has reached into it.

    Text that is put in right before it moves it, right behind it leaves it where it is; whether
    it is still a form then says `is_whole`.
    """
    start, end = stretch
    if edit.end <= start:
        return _shifted(start, edit), _shifted(end, edit)
    return stretch if edit.start >= end else None


def is_whole(snapshot: Snapshot, start: int, end: int) -> bool:
    """Whether a form begins at the one offset, and the same or another one ends at the other."""
    found = forms_in(snapshot, start, end)
    return bool(found) and found[0][0] == start and found[-1][1] == end


def difference(old: str, new: str) -> tuple[int, int, int]:
    """
    What was replaced, if one piece was: its start and end in the old text and its end in the new.

    All are offsets.
    """
    shorter = min(len(old), len(new))
    start = _common(old, new, shorter)
    end = _common(old[::-1], new[::-1], shorter - start)
    return start, len(old) - end, len(new) - end


def _shifted(place: Place, edit: Edit) -> Place:
    line, column = place
    if line == edit.end[0]:
        return edit.new_end[0], edit.new_end[1] + column - edit.end[1]
    return line + edit.new_end[0] - edit.end[0], column


def _common(one: str, other: str, limit: int) -> int:
    """How many characters two texts begin with alike, at most `limit`: by halving."""
    if one[:limit] == other[:limit]:
        return limit
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
