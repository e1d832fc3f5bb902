"""The one optional argument of every command, read tolerantly."""

from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.source.lines import Encoding

from .client import POSITION_ENCODINGS
from .documents import DocumentStore, Place, is_same_document

__all__ = ["Arguments", "in_our_units"]


#: LSP's largest number; positions past the end mean the end.
_LARGEST = 2**31 - 1


@attrs.frozen
class Arguments:
    """
    What a command was given; every member may be missing, and then the last place counts.

    Several arguments or members of a wrong type are refused with `InvalidParams`; unknown members
    are ignored.
    """

    uri: str | None = None
    range: types.Range | None = None
    code: str | None = None
    ns: str | None = None
    url: str | None = None
    evaluation: str | None = None
    wait: bool = False
    symbol: str | None = None
    query: str | None = None
    text: str | None = None
    session: str | None = None
    keep: bool = False

    @classmethod
    def read(cls, given: tuple[Any, ...]) -> "Arguments":
        """Read the arguments of `workspace/executeCommand` as plain values."""
        given = tuple(value for value in given if value is not None)
        if not given:
            return cls()
        if len(given) > 1 or not isinstance(given[0], dict):
            raise JsonRpcInvalidParams('expected one object, such as {"uri": …, "position": …}')
        members = given[0]
        position = _position(members.get("position"), "position")
        return cls(
            uri=_text(members, "uri"),
            range=_range(members.get("range"))
            or (types.Range(position, position) if position is not None else None),
            code=_text(members, "code"),
            ns=_text(members, "ns"),
            url=_address(members.get("url")),
            evaluation=_text(members, "evaluation"),
            wait=_flag(members, "wait"),
            symbol=_text(members, "symbol"),
            query=_text(members, "query"),
            # Unlike elsewhere "" says something: an empty line.
            text="" if members.get("text") == "" else _text(members, "text"),
            session=_text(members, "session"),
            keep=_flag(members, "keep"),
        )

    def place(self, last: Place | None) -> Place | None:
        """Where the command is meant: as given, else in the document last dealt with."""
        if self.uri is None:
            return Place(last.uri, self.range) if last is not None and self.range else last
        if self.range is not None:
            return Place(self.uri, self.range)
        if last is not None and is_same_document(last.uri, self.uri):
            return last
        return Place.at(self.uri, types.Position(0, 0))


def in_our_units(documents: DocumentStore, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """
    A command's arguments with their positions in the negotiated encoding.

    They are in another one where `positionEncoding` says so: Helix' key bindings know characters
    only. Without the document they stay as they are. Raises `InvalidParams`.
    """
    members = given[0] if len(given) == 1 and isinstance(given[0], dict) else {}
    encoding: Encoding | None = members.get("positionEncoding")
    if encoding is None:
        return given
    if encoding not in POSITION_ENCODINGS:
        known = ", ".join(POSITION_ENCODINGS)
        raise JsonRpcInvalidParams(f"positionEncoding must be one of {known}, not {encoding!r:.40}")
    arguments = Arguments.read(given)
    place = arguments.place(documents.last_place)
    snapshot = documents.snapshot(place.uri) if place is not None else None
    if place is None or snapshot is None or arguments.range is None:
        return given
    ends = (place.range.start, place.range.end)
    start, end = (snapshot.lines.offset(one.line, one.character, encoding) for one in ends)
    return ({**members, "range": attrs.asdict(documents.range(snapshot, start, end))},)


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise JsonRpcInvalidParams(f"{name} must be text, not {value!r:.40}")
    return value or None


def _flag(members: dict[str, Any], name: str) -> bool:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise JsonRpcInvalidParams(f"{name} must be true or false, not {value!r:.40}")
    return bool(value)


def _address(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text({"url": value}, "url")


def _position(value: Any, name: str) -> types.Position | None:
    if value is None:
        return None
    if isinstance(value, dict):
        line, character = _count(value.get("line")), _count(value.get("character"))
        if line is not None and character is not None:
            return types.Position(line, character)
    raise JsonRpcInvalidParams(f'{name} must be {{"line": 0, "character": 0}}, not {value!r:.60}')


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return min(value, _LARGEST) if is_count else None


def _range(value: Any) -> types.Range | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise JsonRpcInvalidParams(f"range must have a start and an end, not {value!r:.60}")
    start, end = _position(value.get("start"), "start"), _position(value.get("end"), "end")
    if start is None or end is None:
        raise JsonRpcInvalidParams("range must have a start and an end")
    return types.Range(start, end)
