"""Names that a form binds, and what is asked of names."""

__all__ = ["THREADING", "Bound", "Group", "first_of"]

THREADING = frozenset({"->", "some->", "cond->", "doto", "-?>"})


class Bound:
    """A name that a form binds first from `start` to `end`, and where it is visible."""

    __slots__ = ("end", "kind", "name", "number", "scope_end", "scope_start", "start")

    def __init__(self, number: int, name: str, start: int, end: int, kind: str) -> None:
        self.number = number
        self.name = name
        self.start = start
        self.end = end
        self.kind = kind
        self.scope_start = self.scope_end = end


class Group:
    """Names that are bound together: written twice in one pattern they are one name.

    `pins` tells patterns of `match` from those that bind only.
    """

    __slots__ = ("kind", "names", "pins", "scope_end", "scope_start")

    def __init__(self, kind: str, scope_start: int, scope_end: int) -> None:
        self.kind = kind
        self.pins = False
        self.scope_start = scope_start
        self.scope_end = scope_end
        self.names: dict[str, Bound] = {}


def first_of(text: str, characters: str) -> int:
    """Where the first of some characters is in a text; 0 when there is none."""
    places = [place for character in characters if (place := text.find(character)) > 0]
    return min(places, default=0)
