"""What is changed in a text."""

from typing import NamedTuple

__all__ = ["Change"]


class Change(NamedTuple):
    """What is between two offsets of a text is replaced by a new text."""

    start: int
    end: int
    text: str
