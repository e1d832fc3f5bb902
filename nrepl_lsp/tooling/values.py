"""What the answers are made of: plain, frozen values in neither nREPL's nor LSP's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = [
    "Candidate",
    "Completions",
    "ErrorPlace",
    "ErrorReport",
    "SourceLocation",
    "SymbolInfo",
]


class Candidate(NamedTuple):
    """
    One completion. A NamedTuple, because thousands are made for one key press.

    label: the text to insert, with the qualifier that was typed (`str/join`).
    kind: one of function, macro, variable, special-form, namespace, class, method, field,
        static-method, static-field, constructor, keyword, local, resource; "" when not said.
    ns: the namespace it comes from, or "".
    doc: its documentation when the server sent it along, or "".
    arglists: one text per arity, `("[f]", "[f coll]")`.
    file: where a namespace that is not loaded yet would be loaded from, or "".
    """

    label: str
    kind: str = ""
    ns: str = ""
    doc: str = ""
    arglists: tuple[str, ...] = ()
    file: str = ""


class Completions(NamedTuple):
    """The candidates, best first, and whether there are more than were kept."""

    candidates: tuple[Candidate, ...]
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """
    Where something is defined, as the server knows it; nothing was looked up on a disk.

    kind "file": `path` is an absolute path of the server's machine.
    kind "archive": `path` is the archive's path, `entry` the path inside it (with further `!/` when
        archives are nested).
    kind "resource": `path` is relative, to be looked for on the class path.
    kind "text": the server has no file, only the source itself (nbb after load-file): `text`.
    line, column: 0-based; `line` is 0 and `exact` False when the server named none. The column
        counts in the server's own unit, mostly UTF-16, and is a hint.
    resource: the relative class path name that came beside a file, for servers on another machine.
    """

    kind: Literal["file", "archive", "resource", "text"]
    path: str = ""
    entry: str | None = None
    line: int = 0
    column: int | None = None
    exact: bool = True
    resource: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """
    What a server knows of a symbol; every field may be empty.

    `kind` is of the same words as `Candidate.kind`. `arglists` is one text per arity, `forms` one
    text per way to write a special form. `candidates` holds (label, info) pairs when the name is
    ambiguous, a method of several classes for instance. `members` are names of a class's public
    members, the first of them, and `members_count` is how many there are. `fragments` is Javadoc in
    (type, content) pairs, the type being `text` or `html`; `tags` are its parts on parameters.
    """

    name: str
    ns: str | None = None
    kind: str = ""
    doc: str | None = None
    arglists: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    location: SourceLocation | None = None
    added: str | None = None
    deprecated: str | None = None
    see_also: tuple[str, ...] = ()
    url: str | None = None
    javadoc: str | None = None
    returns: str | None = None
    modifiers: str | None = None
    spec: tuple[str, ...] = ()
    candidates: tuple[tuple[str, SymbolInfo], ...] = ()
    members_count: int = 0
    members: tuple[str, ...] = ()
    fragments: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    macro: bool = False
    special: bool = False

    @property
    def qualified_name(self) -> str:
        """`ns/name`, or the name alone where there is no namespace or it is the name."""
        return f"{self.ns}/{self.name}" if self.ns and self.ns != self.name else self.name


@dataclass(frozen=True, slots=True)
class ErrorPlace:
    """
    A position in an error's text: 1-based line and column, each None when not said.

    file: as the server wrote it (a path, a short name, a class path resource), or None when it only
        said "the code you sent" (`REPL`, `<nREPL Input>`, `NO_SOURCE_PATH`).
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def line_within(self, first_line: int, line_count: int) -> int | None:
        """
        The 1-based line, if it lies in code of `line_count` lines that began at `first_line`.

        Code is sent with its position or moved to it by empty lines, so a line elsewhere is not the
        sent code's: another definition's, or a mistake (a bare unknown symbol is at `REPL:0:0` on
        nREPL 1.0, at line 1 on tools.nrepl 0.2.13).
        """
        is_inside = self.line is not None and first_line <= self.line < first_line + line_count
        return self.line if is_inside else None


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """
    A failed evaluation, read from its text.

    message: one short line. detail: the whole text, bounded.
    class_name: without `class `; phase: read, compile, macroexpand, execution or print.
    place: where it happened. frames: (label, place) pairs, innermost first, without those of
        installed libraries.
    """

    message: str
    class_name: str | None = None
    phase: str | None = None
    place: ErrorPlace | None = None
    frames: tuple[tuple[str, ErrorPlace], ...] = ()
    detail: str = ""
