"""Nested calls written as a thread, `(f (g x))` as `(-> x g f)`, and back.

The text that changes is laid out as usual: on one line if it was on one and is short, else one
step on each line under the first. What moves keeps its inner layout. Nothing is offered where a
comment or a dropped form stands between the forms that would move, nor where the form is a step
of another threading form and so has an argument that is not to be seen.
"""

from collections.abc import Iterator, Mapping, Sequence

from ..calling.calls import is_data, step_place, threading_form
from ..changes import Change
from ..cursor import Cursor
from ..document import Snapshot
from ..languages.threading import THREADING, Threading
from ..lexer import Form
from ..naming.names import names_at
from .call_tree import Item, Leaf, List, Writer, flat, is_multiline, on_lines, read_list, text_of
from .layout import form_of, is_splice, list_at

__all__ = ["thread", "unwind"]


SIZE_LIMIT = 10_000
"""Characters of a form that is rewritten; longer ones are left alone."""

STEP_LIMIT = 100
"""Steps of a thread that is made or unwound at once."""

HELD_LIMIT = 32
"""Lists around a form that may hold patterns."""

_PREFIXES = ("", "@", "~", "~@", "`", "#", "|", ",", ",@", ";")
"""What may stand before a list that is rewritten: all of these are about its value."""


def thread(snapshot: Snapshot, offset: int, place: str, *, fully: bool = False) -> Change | None:
    """Thread the call at the cursor one step, or as far as it goes.

    place: "first" or "last". The call's argument there is a call itself; or it is a thread of that
    kind whose first form is a call, as is one around the cursor's list. None where it is not.
    """
    # A thread goes on rather than that one begins in its first form.
    if not _is_there(snapshot, offset, place):
        return None
    for code in reversed(list(_lists_at(snapshot, offset))):
        edit = code.thread(place, fully=fully)
        if edit is not None:
            return edit
    return None


def unwind(snapshot: Snapshot, offset: int, *, fully: bool = False) -> Change | None:
    """Put the first form of the thread at the cursor into its first step, or all into one call."""
    for code in _lists_at(snapshot, offset):
        edit = code.unwind(STEP_LIMIT if fully else 1)
        if edit is not None:
            return edit
    return None


def _is_there(snapshot: Snapshot, offset: int, place: str) -> bool:
    """Whether the text has the macro that it would be rewritten with."""
    threading = THREADING.get(snapshot.language.family)
    if threading is None or threading.is_given:
        return threading is not None
    names = names_at(snapshot, offset)
    head = threading.first if place == "first" else threading.last
    return head in names.refers or bool(names.uses)


def _lists_at(snapshot: Snapshot, offset: int) -> "Iterator[_Code]":
    """The innermost list at an offset and the one around it, as far as they are code."""
    threading = THREADING.get(snapshot.language.family)
    cursor = list_at(snapshot, offset)
    if cursor is None or threading is None or not threading.first:
        return
    text = cursor.text
    if any(is_data(threading, text, opener) for opener in cursor.openers):
        return
    for depth in (cursor.depth, cursor.depth - 1):
        form = form_of(cursor, depth) if depth else None
        if form is None or form.end - form.start > SIZE_LIMIT:
            continue
        prefix = text[form.parts[-1].start : form.body]
        if (
            text[form.body] == "("
            and prefix in _PREFIXES
            and not step_place(cursor, threading, depth)
            and not _is_held(cursor, threading, depth)
        ):
            yield _Code(snapshot, cursor, threading, form, is_innermost=depth == cursor.depth)


def _is_held(cursor: Cursor, threading: Threading, depth: int) -> bool:
    """Whether the list number `depth` is a clause of the form around it, or in a pattern of one."""
    if not threading.clauses and not threading.patterns:
        return False
    for level in range(depth, max(0, depth - HELD_LIMIT), -1):
        if _place_in(cursor, threading.patterns, level):
            return True
    return _place_in(cursor, threading.clauses, depth)


def _place_in(cursor: Cursor, places: Mapping[str, range], depth: int) -> bool:
    """Whether the list number `depth` is at one of the places that its form holds."""
    if depth < 2:
        return False
    around, bracket = cursor.openers[depth - 2], ""
    if cursor.text[around] == "[":
        bracket = " ["
    head = _head(cursor, depth - 2 if bracket else depth - 1)
    held = places.get(head + bracket) or places.get(head.rpartition("/")[2] + bracket)
    if held is None:
        return False
    kept = (form for form in cursor.forms(depth - 1) if not form.discarded)
    opener = cursor.openers[depth - 1]
    for number, form in enumerate(kept):
        if form.start <= opener < form.end:
            return number in held
    return False


def _head(cursor: Cursor, depth: int) -> str:
    """What the list number `depth` is headed by; empty when that is no atom."""
    if depth < 1 or cursor.text[cursor.openers[depth - 1]] != "(":
        return ""
    form = next((form for form in cursor.forms(depth) if not form.discarded), None)
    return cursor.text[form.start : form.end] if form is not None and form.kind == "atom" else ""


class _Code:
    """A list of a text that may be rewritten."""

    def __init__(
        self,
        snapshot: Snapshot,
        cursor: Cursor,
        threading: Threading,
        form: Form,
        *,
        is_innermost: bool,
    ) -> None:
        self._threading = threading
        self._family = snapshot.language.family
        self._lexer, self._text, self._form = cursor.lexer, cursor.text, form
        self._is_innermost = is_innermost
        self._writer = Writer(snapshot, form.body)

    # -- threading ---------------------------------------------------------------------------

    def thread(self, place: str, *, fully: bool) -> Change | None:
        head = self._threading.first if place == "first" else self._threading.last
        whole = read_list(self._lexer, self._text, self._form, is_whole=True)
        begun = self._begin(whole, head, place) if whole is not None else None
        if whole is None or begun is None:
            return None
        current, steps, is_changed = begun
        while (fully or not is_changed) and len(steps) < STEP_LIMIT:
            inner = self._call_in(current)
            if inner is None or len(inner.items) < 2 or not self._is_threadable(inner):
                break
            threaded, step = _parted(inner, place)
            if is_splice(text_of(threaded)):
                break
            current, steps, is_changed = threaded, [step, *steps], True
        if self._is_thread(whole, head):
            head = text_of(whole.items[0])
        return self._edit(self._thread_of(head, current, steps)) if is_changed else None

    def _begin(self, whole: List, head: str, place: str) -> tuple[Item, list[Item], bool] | None:
        """What is threaded, the steps there are, and whether that is another form already."""
        if self._is_thread(whole, head):
            return whole.items[1], list(whole.items[2:]), False
        if not (self._is_innermost and len(whole.items) > 1 and self._is_threadable(whole)):
            return None
        current, step = _parted(whole, place)
        inner = self._call_in(current)
        if inner is not None and self._is_thread(inner, head):
            return inner.items[1], [*inner.items[2:], step], True
        return (current, [step], True) if self._is_call(current) else None

    def _thread_of(self, head: str, first: Item, steps: Sequence[Item]) -> List:
        """A thread, laid out."""
        items = (
            Item(Leaf(head, self._writer.column + 1, self._form)),
            first._replace(lead=None),
        )
        one_line = List("", (*items, *(Item(step.node) for step in steps)))
        if "\n" not in self._text[self._form.body : self._form.end] and self._writer.fits(one_line):
            return one_line
        return List("", (*items, *on_lines(steps, len(head) + 2)))

    # -- unwinding ---------------------------------------------------------------------------

    def unwind(self, most: int) -> Change | None:
        whole = read_list(self._lexer, self._text, self._form, is_whole=True)
        if whole is None or len(whole.items) < 3:
            return None
        is_first = self._is_thread(whole, self._threading.first)
        if not is_first and not self._is_thread(whole, self._threading.last):
            return None
        node, steps = whole.items[1].node, whole.items[2:]
        if is_splice(text_of(whole.items[1])):
            return None
        for item in steps[:most]:
            step = self._step(item)
            if step is None:
                return None
            node = self._with_first(step, node) if is_first else self._with_last(step, node)
        if steps[most:]:
            return self._edit(self._thread_of(text_of(whole.items[0]), Item(node), steps[most:]))
        assert isinstance(node, List)
        # `^:a (-> x ^:b (f))`: which of the two counts would be for the reader to say.
        has_prefix = self._form.start != self._form.body
        return None if node.prefix and has_prefix else self._edit(node)

    def _step(self, item: Item) -> List | None:
        """A step as a call without what is threaded into it; None where it is something else."""
        leaf = item.node
        assert isinstance(leaf, Leaf)
        if leaf.form.kind == "atom":
            kind = self._lexer.atom_kind(leaf.text) if leaf.form.body == leaf.form.start else ""
            return List("", (Item(leaf),)) if kind in ("symbol", "keyword") else None
        call = self._call_in(item)
        if call is None or not call.items:
            return None
        hole = self._threading.hole
        return None if hole and any(text_of(each) == hole for each in call.items) else call

    def _with_first(self, call: List, node: Leaf | List) -> List:
        """A call with its first argument put in; the others go under it where it is long."""
        head, *rest = call.items
        lead = rest[0].lead if rest else None
        if rest and lead is None:
            one_line = List(call.prefix, (head, Item(node), *rest))
            is_short = call.is_broken or self._writer.fits(one_line)
            if is_multiline(node) or not is_short:
                rest[0] = rest[0]._replace(lead=len(flat(head.node)) + 2)
        return List(call.prefix, (head, Item(node, lead), *rest))

    def _with_last(self, call: List, node: Leaf | List) -> List:
        """A call with its last argument put in, under the others where they are or it is long."""
        head, *rest = call.items
        lead = next((item.lead for item in reversed(rest) if item.lead is not None), None)
        if rest and lead is None:
            one_line = List(call.prefix, (*call.items, Item(node)))
            if is_multiline(node) or not self._writer.fits(one_line):
                lead = len(flat(head.node)) + 2
        return List(call.prefix, (*call.items, Item(node, lead)))

    # -- reading -----------------------------------------------------------------------------

    def _call_in(self, item: Item) -> List | None:
        assert isinstance(item.node, Leaf)
        return read_list(self._lexer, self._text, item.node.form)

    def _is_thread(self, call: List, head: str) -> bool:
        written = text_of(call.items[0]) if call.items else ""
        return len(call.items) > 1 and written in (head, f"clojure.core/{head}")

    def _is_threadable(self, call: List) -> bool:
        """Whether it is an ordinary call."""
        head = call.items[0].node if call.items else None
        return isinstance(head, Leaf) and self._is_head(head.form)

    def _is_call(self, item: Item) -> bool:
        """Whether it is an ordinary call, which may have comments in it."""
        form = item.node.form if isinstance(item.node, Leaf) else None
        if form is None or form.kind != "list" or self._text[form.body] != "(":
            return False
        head = next(self._lexer.forms(self._text, form.body + 1, form.end - 1), None)
        return form.parts[-1].start == form.body and head is not None and self._is_head(head)

    def _is_head(self, form: Form) -> bool:
        text = self._text[form.start : form.end]
        if form.kind != "atom" or form.body != form.start or threading_form(self._threading, text):
            return False
        kind, name = self._lexer.atom_kind(text), text.rpartition("/")[2]
        is_call = kind == "symbol" or (kind == "keyword" and self._family == "clojure")
        return is_call and name not in self._threading.unthreadable and name[:3] != "def"

    def _edit(self, node: List) -> Change:
        return Change(self._form.body, self._form.end, self._writer.written(node))


def _parted(call: List, place: str) -> tuple[Item, Item]:
    """The argument that is threaded, and the rest of the call as a step."""
    head, *arguments = call.items
    if place == "last":
        threaded, rest = arguments[-1], arguments[:-1]
    else:
        threaded, rest = arguments[0], arguments[1:]
        rest[:1] = [each._replace(lead=threaded.lead) for each in rest[:1]]
    is_bare = not rest and not call.prefix
    return threaded, Item(head.node if is_bare else List(call.prefix, (head, *rest)))
