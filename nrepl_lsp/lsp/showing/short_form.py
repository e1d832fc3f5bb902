"""A printed value in one line of so many columns that still shows what kind of value it is."""

import re
from functools import lru_cache
from typing import NamedTuple

from .columns import cut_to, width_of
from .shortened_objects import shortened_objects

__all__ = ["missing_characters", "one_line", "short_form", "uncoloured"]

#: Characters of a value that are looked at for the line, and for how many elements it has.
LINE_PREFIX = 4096
COUNT_PREFIX = 64 * 1024
#: How deep collections are cut inside of one another.
DEPTH_LIMIT = 6
#: Columns below which an element that does not fit is left out instead of being cut.
LEAST_WIDTH = 12
#: Columns of the value below which it is not said how much there is of it.
LEAST_BESIDE = 8

#: What the evaluation puts behind a value that was too long to be kept.
_MISSING = re.compile(r"…?\s?… ?([\d,]+) more characters\Z")
#: Colours of a terminal; marks that would turn the line around; what no editor can show.
_UNSHOWN = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_END = re.compile(r"[ \t]*[\r\n\f\v]\s*")
#: What may stand before a collection's bracket: `#`, `@`, `'`, `#user.Point`, `#py `, `#:user`.
_OPENING = re.compile(r"[#@'`~^]{0,3}[\w.$:/*+!?<>=-]{0,200} ?[(\[{]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_TAG = re.compile(r"#[A-Za-z][\w.$/*+!?-]*\Z")
_TOKEN = re.compile(
    r"""(?P<gap>[\s,]+)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | "(?:[^"\\]|\\.)*+"?             # a string, to the end when it is cut off
    | '(?:[^'\\\n]|\\.){0,300}'(?=[],:)}])  # one of Python's
    | \#?<[A-Za-z_][^<>\n]{0,300}>    # <function f at 0x…>, #<Promise 5>
    | \\(?:\w+|.)?                    # a character
    | [^\s,()\[\]{}"\\]+
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def short_form(value: str, width: int) -> str:
    """
    A value as it is where it fits, else cut, with how much there is of it.

    `[1 2 3 …] (100)`, `"abc…" (1,234 characters)`. Looks at a bounded part only, however long the
    value is; then the number is followed by a `+`. Cannot fail.
    """
    missing = missing_characters(value)
    if missing:
        value = _MISSING.sub("", value)
    line = one_line(value[:LINE_PREFIX])
    is_whole = len(value) <= LINE_PREFIX and not missing
    if is_whole and width_of(line) <= width:
        return line
    how_much = _how_much(value.lstrip(), missing)
    suffix = f" ({how_much})" if how_much else ""
    if width - len(suffix) < LEAST_BESIDE:
        suffix = ""
    # An opening bracket and its end may be more than what is left for them.
    fitted = _fitted(line, width - len(suffix), DEPTH_LIMIT, is_cut=True)
    return cut_to(fitted, width - len(suffix)) + suffix


def one_line(text: str) -> str:
    """A text on one line, without what cannot be shown in one, and without addresses in memory."""
    text = _LINE_END.sub(" ", uncoloured(text).strip())
    if not text.isprintable():
        text = _CONTROL.sub(
            lambda found: " " if found[0] == "\t" else "\N{REPLACEMENT CHARACTER}", text
        )
    return shortened_objects(text)


def uncoloured(text: str) -> str:
    """A text without a terminal's colours, and without marks that would turn its lines around."""
    return _UNSHOWN.sub("", text) if "\x1b" in text or not text.isascii() else text


def missing_characters(value: str) -> int:
    """How many characters of a value were too many to be kept."""
    found = _MISSING.search(value, max(0, len(value) - 60))
    return int(found[1].replace(",", "")) if found else 0


class _Items(NamedTuple):
    """What stands in a collection: each entry of a map, each element of any other."""

    spans: list[tuple[int, int]]
    separator: str
    #: Whether its closing bracket was found, and nothing was left out by the printer.
    is_all: bool
    is_map: bool


@lru_cache(maxsize=4)
def _how_much(value: str, missing: int) -> str:
    """
    How much there is of a value that is cut; empty where it goes without saying.

    Remembered, because a value is shown in several widths.
    """
    if value.startswith('"'):
        found = _STRING.match(value)
        assert found is not None
        if found[1] and found.end() < len(value.rstrip()):
            return ""
        escapes = sum(len(escape[0]) - 1 for escape in _ESCAPE.finditer(found[0]))
        return f"{len(found[0]) - 1 - len(found[1]) - escapes + missing:,} characters"
    opening = _collection(value)
    if opening is None:
        lines = value.count("\n", 0, COUNT_PREFIX) + 1
        if lines > 1:
            return f"{lines:,} lines" if len(value) <= COUNT_PREFIX and not missing else ""
        return f"{len(value):,} digits" if value.isdigit() else ""
    items = _items(value[:COUNT_PREFIX], opening)
    return f"{len(items.spans):,}" + ("" if items.is_all else "+") if items.spans else ""


def _fitted(text: str, width: int, depth: int, *, is_cut: bool = False) -> str:
    """A line that is cut to a width. is_cut: something of it is missing in any case."""
    if not is_cut and width_of(text) <= width:
        return text
    if text.startswith('"'):
        inner = text[1:-1] if text.endswith('"') and len(text) > 1 else text[1:]
        # The last character must go, or the mark would say that there is more than there is.
        inner = cut_to(inner, width - 2)
        return f'"{inner if inner.endswith("…") else inner + "…"}"'
    opening = _collection(text)
    if opening is not None and depth:
        return _fitted_collection(text, opening, width, depth - 1)
    kept = cut_to(text, width)
    return kept if kept.endswith("…") or not is_cut else cut_to(text, width - 1).rstrip("…") + "…"


def _fitted_collection(text: str, opening: int, width: int, depth: int) -> str:
    items = _items(text, opening)
    head, close = text[:opening], _CLOSING[text[opening - 1]]
    more = items.separator + "…"
    room = width - width_of(head) - 1
    shown: list[str] = []
    for number, (start, end) in enumerate(items.spans):
        before = len(items.separator) if shown else 0
        is_last = items.is_all and number == len(items.spans) - 1
        after = 0 if is_last else len(more)
        piece = text[start:end]
        left = room - before - after
        if width_of(piece) > left:
            part = _part(piece, left, depth, is_entry=items.is_map)
            if part:
                shown.append(part)
            # What is cut inside says so itself.
            is_last = is_last and bool(part)
            break
        shown.append(piece)
        room -= before + width_of(piece)
    else:
        is_last = items.is_all
    inside = items.separator.join(shown)
    if not is_last:
        inside = inside + more if shown else "…"
    return head + inside + close


def _part(piece: str, width: int, depth: int, *, is_entry: bool) -> str:
    """An element or an entry, cut; empty where that leaves nothing worth showing."""
    key, blank, value = piece.partition(" ") if is_entry else ("", "", piece)
    room = width - width_of(key) - len(blank)
    is_tagged = value.startswith("#") and _collection(value) is None
    if room < LEAST_WIDTH or is_tagged:
        return ""
    return key + blank + _fitted(value, room, depth)


def _collection(text: str) -> int | None:
    """Where a collection's elements begin; None for any other value."""
    found = _OPENING.match(text)
    if found is None or found[0].startswith(("#object[", "#function[", "#<")):
        return None
    # `f (a b)` is two forms, `#py [1 2]` one.
    return found.end() if " " not in found[0] or found[0].startswith("#") else None


def _items(text: str, at: int) -> _Items:
    """The elements from a place after an opening bracket to the closing one."""
    spans: list[tuple[int, int]] = []
    start, depth, commas = -1, 0, 0
    is_closed = after_comma = False
    for token in _TOKEN.finditer(text, at):
        kind = token.lastgroup
        if depth == 0 and kind in ("gap", "close"):
            if start >= 0 and not _TAG.match(text[start : min(token.start(), start + 200)]):
                spans.append((start, token.start()))
                start = -1
            if kind == "close":
                is_closed = True
                break
            after_comma = after_comma or "," in token[0]
            continue
        if start < 0:
            start = token.start()
            commas += after_comma
            after_comma = False
        depth += (kind == "open") - (kind == "close")
    if spans and text[slice(*spans[-1])] in ("...", "…"):
        # `*print-length*` has left out the rest.
        spans.pop()
        is_closed = False
    is_map = text[at - 1] == "{" and text[at - 2 : at - 1] != "#" and len(spans) != commas + 1
    if is_map:
        starts, ends = (spans[0::2], spans[1::2] + spans[-1:])
        spans = [(key[0], value[1]) for key, value in zip(starts, ends, strict=False)]
    return _Items(spans, ", " if commas else " ", is_closed, is_map)
