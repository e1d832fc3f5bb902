"""
Code actions for what is rarely wanted: every command has its place in some menu.

An editor without plugins reaches commands through this menu only, and many cannot ask for one kind
of action (Helix, Kate, ALE). So what concerns a file, its namespace or the program is offered on
the `ns` form, which is the menu of the whole file; what concerns a form, on that form, behind
everything else. An editor that can ask for a kind gets all of `nrepl.more` at any place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.evaluating.code import declared_namespace
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.testing.discovery import tests_in
from nrepl_lsp.source.definitions.outline import definition_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_at, top_level_form, top_level_forms
from nrepl_lsp.source.namespaces import namespace_form

from .offer import Asked, Offer
from .titles import file_name, form_title, title_of

__all__ = ["KINDS", "offers"]

MORE = "nrepl.more"
_NAMES = (
    *("copyResult", "evaluateToCursor", "undef", "clearResults", "evaluateBuffer"),
    *("evaluateNamespaceForm", "runAllTests", "reload", "switchNamespace", "undefAll"),
    *("newSession", "showOutput", "doc", "apropos", "status", "connect", "disconnect"),
)
KINDS = (MORE, *(f"{MORE}.{name}" for name in _NAMES))


@dataclass(frozen=True, slots=True)
class _Where:
    """
    A place, and what it is in.

    is_file: whether it stands for the whole file. ns: the file's namespace.
    """

    ls: NreplLanguageServer
    snapshot: Snapshot
    place: Place
    asked: Asked
    cursor: int
    is_file: bool
    ns: str | None

    @property
    def document(self) -> dict[str, Any]:
        """The argument for the whole document."""
        return {"uri": self.place.uri}

    @property
    def here(self) -> dict[str, Any]:
        """The argument for the place."""
        line, character = self.snapshot.lines.position(self.cursor, self.ls.documents.encoding)
        return {"uri": self.place.uri, "position": {"line": line, "character": character}}


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """What else can be done here; nothing when nobody has opened a menu."""
    if asked.is_automatic and asked.only is None:
        return
    cursor = ls.documents.cursor(snapshot, place.range)
    form = namespace_form(snapshot)
    if form is not None:
        is_file = form.start <= cursor <= form.end
    else:
        # A text without one has its menu between the forms.
        is_file = not any(one.start <= cursor <= one.end for one in top_level_forms(snapshot))
    ns = declared_namespace(snapshot)
    where = _Where(ls, snapshot, place, asked, cursor, is_file and snapshot.index is not None, ns)
    if ls.repl_for(place.uri) is None:
        if asked.is_for(MORE):
            yield _offer("status", "Show which programs are attached", "nrepl.status", {})
        return
    yield from _of_form(where)
    yield from _of_file(where)
    yield from _of_program(where)


def _of_form(where: _Where) -> Iterator[Offer]:
    ls, snapshot, cursor, asked = where.ls, where.snapshot, where.cursor, where.asked
    if _has_result(where):
        yield _offer("copyResult", "Copy the result", "nrepl.copyResult", where.here)
    whole = top_level_form(snapshot, cursor)
    if whole is not None and whole.start < cursor < whole.end:
        is_behind_form = snapshot.text[cursor - 1] in ")]}"
        if is_behind_form or asked.is_for(f"{MORE}.evaluateToCursor"):
            title = f"Evaluate {title_of(snapshot, whole)} up to the cursor"
            yield _offer("evaluateToCursor", title, "nrepl.evalToCursor", where.here)
    defined = definition_at(snapshot, cursor)
    if defined is not None and defined.name and defined.kind not in ("namespace", "comment"):
        if cursor <= defined.name_span.end or asked.is_for(f"{MORE}.undef"):
            title = f"Remove {form_title(snapshot.language, defined.name)} from the program"
            line, character = snapshot.lines.position(
                defined.name_span.start, ls.documents.encoding
            )
            at_name = {"line": line, "character": character}
            yield _offer("undef", title, "nrepl.undef", {**where.document, "position": at_name})
    symbol = form_at(snapshot, cursor)
    if symbol is not None and asked.is_for(f"{MORE}.doc"):
        name = title_of(snapshot, symbol)
        if not name.startswith(("(", "[", "{")):
            title = f"Show the documentation of {name}"
            yield _offer("doc", title, "nrepl.doc", where.here)
            title = f"Find names like {name}"
            yield _offer("apropos", title, "nrepl.apropos", {**where.document, "query": name})


def _of_file(where: _Where) -> Iterator[Offer]:
    ls, snapshot, asked, ns = where.ls, where.snapshot, where.asked, where.ns
    is_asked = asked.is_for(MORE)
    uri, document = where.place.uri, where.document
    if any(ls.marks.of(uri, owner) for owner in ("result", "error", "test", "comment")) and (
        where.is_file or is_asked or _has_result(where)
    ):
        title = f"Clear the results in {file_name(uri)}"
        yield _offer("clearResults", title, "nrepl.clearResults", document)
    if not (where.is_file or is_asked):
        return
    title = f"Evaluate all forms of {file_name(uri)} one by one"
    yield _offer("evaluateBuffer", title, "nrepl.evalBuffer", document)
    if is_asked and namespace_form(snapshot) is not None:
        title = "Evaluate the namespace form"
        yield _offer("evaluateNamespaceForm", title, "nrepl.evalNamespaceForm", where.here)
    if is_asked or tests_in(snapshot):
        yield _offer("runAllTests", "Run all tests", "nrepl.runAllTests", document)
    if ns is not None:
        named = {**document, "ns": ns}
        yield _offer("reload", f"Reload {ns} from its file", "nrepl.reload", named)
        title = f"Make {ns} the namespace of the session"
        yield _offer("switchNamespace", title, "nrepl.switchNamespace", named)
        title = f"Remove all definitions of {ns} from the program"
        yield _offer("undefAll", title, "nrepl.undefAll", named)


def _of_program(where: _Where) -> Iterator[Offer]:
    ls, document = where.ls, where.document
    repl = ls.repl_for(where.place.uri)
    is_running = repl is not None and bool(ls.evaluations.running(repl))
    if where.is_file or is_running or where.asked.is_for(MORE):
        title = "Evaluate in a new session from now on"
        yield _offer("newSession", title, "nrepl.newSession", document)
    if not (where.is_file or where.asked.is_for(MORE)):
        return
    yield _offer("showOutput", "Show the output of the program", "nrepl.showOutput", document)
    yield _offer("status", "Show which programs are attached", "nrepl.status", {})
    if repl is not None:
        title = f"Disconnect from {repl.address}"
        yield _offer("disconnect", title, "nrepl.disconnect", document)
    if where.asked.is_for(MORE):
        yield _offer("connect", "Connect to nREPL again", "nrepl.connect", document)


def _has_result(where: _Where) -> bool:
    from nrepl_lsp.lsp.showing.result_marks import innermost

    at = where.snapshot.lines.position(where.cursor, where.ls.documents.encoding)
    return innermost(where.ls, where.ls.documents.uri_of(where.place.uri), at) is not None


def _offer(name: str, title: str, command: str, argument: dict[str, Any]) -> Offer:
    return Offer(f"{MORE}.{name}", title, command, argument)
