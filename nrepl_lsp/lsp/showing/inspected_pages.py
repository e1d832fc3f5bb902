"""
Pages of a value that is looked into, and how they read as documents.

The program's inspector keeps the value where it has one. Else what was printed is kept and read
again for every page: nothing is left in the program, and nothing is evaluated twice.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.printed_parts import parts_of
from nrepl_lsp.source.rewriting.printing import on_lines
from nrepl_lsp.tooling.inspection import PAGE_SIZE, Item, Page, Row

from ..evaluating.picking import RefusedError

__all__ = [
    "Inspected",
    "Step",
    "Trail",
    "View",
    "check_step",
    "document_of",
    "first_view",
    "stepped",
]

#: Characters of a line.
LINE_LIMIT = 200
#: Characters of a value without parts that are shown, a page of lines at a time.
TEXT_LIMIT = 100_000


class Step(NamedTuple):
    """A part that was gone into: where it is printed, its name, and the page that is open in it."""

    span: Span
    label: str = ""
    page: int = 0


Trail = tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inspected:
    """
    A value that is looked into.

    title: the code that it is of. uri: where that stands, if anywhere. text: the value as it was
    printed; None when the program keeps it.
    """

    repl: Repl
    language: Language
    title: str
    uri: str | None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """
    A page of a value. trail: what was gone into from the whole value on, which is the first.

    items: the parts on each line of the document that shows it.
    """

    value: Inspected
    page: Page
    trail: Trail
    items: tuple[tuple[Item, ...], ...] = ()

    @property
    def can_go_back(self) -> bool:
        """Whether it is a part of something."""
        return len(self.trail) > 1


def first_view(value: Inspected, page: Page | None = None) -> View:
    """The whole value; page: what the program's inspector shows of it."""
    trail = (Step(Span(0, len(value.text or ""))),)
    return View(value, page or _printed_page(value, trail), trail)


def stepped(view: View, go: str, number: int | None) -> View:
    """Go on in a printed value. Raises `RefusedError`."""
    value, trail, last = view.value, view.trail, view.trail[-1]
    if go == "push":
        assert value.text is not None
        first = last.page * PAGE_SIZE
        parts = parts_of(value.language, value.text, last.span, first, PAGE_SIZE).parts
        part = next((one for one in parts if one.number == number), None)
        if part is None:
            raise RefusedError("There is no such item on this page.")
        trail = (*trail, Step(part.span, part.key or f"(nth {part.number})"))
    elif go == "pop":
        trail = trail[:-1]
    elif go in ("next", "previous"):
        trail = (*trail[:-1], last._replace(page=last.page + (1 if go == "next" else -1)))
    return View(value, _printed_page(value, trail), trail)


def check_step(view: View, go: str) -> None:
    """Raise `RefusedError` where a step leads nowhere."""
    if go == "pop" and not view.can_go_back:
        raise RefusedError("This is the whole value: there is nothing to go back to.")
    if go == "next" and not view.page.has_next:
        raise RefusedError("This is the last page.")
    if go == "previous" and not view.page.has_previous:
        raise RefusedError("This is the first page.")


def _printed_page(value: Inspected, trail: Trail) -> Page:
    assert value.text is not None
    text, last = value.text, trail[-1]
    path = " ".join(step.label for step in trail[1:])
    first = last.page * PAGE_SIZE
    parts = parts_of(value.language, text, last.span, first, PAGE_SIZE)
    if not parts.kind:
        return _text_page(value.language, text[slice(*last.span)], path, last.page)
    count = f"{parts.total:,}{'' if parts.is_all else '+'}"
    noun = "entry" if parts.kind == "map" else "item"
    plural = "" if parts.total == 1 and parts.is_all else ("entries", "items")[noun == "item"]
    rows = [Row(f"{parts.kind.capitalize()}, {count} {plural or noun}")]
    for part in parts.parts:
        printed = _one_line(text, part.span)
        written = f"{part.key} {printed}" if part.key else printed
        rows.append(Row(written, (Item(part.number, printed),)))
    return Page(tuple(rows), path, last.page > 0, first + PAGE_SIZE < parts.total)


def _text_page(language: Language, text: str, path: str, page: int) -> Page:
    lines = [line for line in on_lines(language, text[:TEXT_LIMIT]).splitlines() if line.strip()]
    pieces = [
        line[at : at + LINE_LIMIT] for line in lines for at in range(0, len(line), LINE_LIMIT)
    ]
    first = page * PAGE_SIZE
    rows = [
        Row("Value"),
        *(Row(piece, is_data=True) for piece in pieces[first : first + PAGE_SIZE]),
    ]
    return Page(tuple(rows), path, page > 0, first + PAGE_SIZE < len(pieces))


def _one_line(text: str, span: Span) -> str:
    line = " ".join(text[span.start : min(span.end, span.start + 4 * LINE_LIMIT)].split())
    return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"


# -- as a document ------------------------------------------------------------------------------


def document_of(view: View, *, goes_on_by: str = "Code actions") -> tuple[str, View]:
    """
    A page as text, and the view that knows what stands on its lines.

    What can be looked into has its number before it; all else is a comment, so that the text
    reads as data. goes_on_by: what the last line names for going back and to other pages.
    """
    value, page = view.value, view.page
    sign = value.language.line_comment * (2 if value.language.line_comment == ";" else 1)
    comment = f"{sign} " if sign else ""
    lines, items = [f"{comment}{value.title}"], [()]  # type: list[str], list[tuple[Item, ...]]

    def put(text: str, found: tuple[Item, ...] = ()) -> None:
        lines.append(text.rstrip())
        items.append(found)

    if page.path:
        put(f"{comment}in {page.path}")
    if not value.repl.is_live:
        put(f"{comment}The program has gone; this is what it had printed.")
    for row in page.rows:
        if row.items:
            put(f"{row.items[-1].number:>3}  {row.text.strip()}", row.items)
        elif row.text.strip():
            put(f"     {row.text}" if row.is_data else f"{comment}{row.text.strip()}")
    ways = [
        name
        for name, is_there in (
            ("back", view.can_go_back),
            ("previous page", page.has_previous),
            ("next page", page.has_next),
        )
        if is_there
    ]
    if ways:
        put(f"{comment}{goes_on_by}: {', '.join(ways)}.")
    return "\n".join(lines) + "\n", replace(view, items=tuple(items))
