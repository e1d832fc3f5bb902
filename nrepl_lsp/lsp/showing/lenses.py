"""Code lenses: what stands above the forms of a document. Making them evaluates nothing."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import top_level_forms
from nrepl_lsp.source.namespaces import namespace_form

from ..documents import path_of
from ..edits import plain_range
from ..load_state.program_forms import program_forms
from ..testing.discovery import tests_in

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["lenses", "refresh"]

#: Lenses of one kind in a document.
LENSES_LIMIT = 1000
#: Seconds for which changes are gathered before the client is told of them.
GATHER = 0.1
#: Seconds for a client to answer a refresh.
REFRESH_TIMEOUT = 3.0

Lens = dict[str, Any]


def lenses(ls: "NreplLanguageServer", snapshot: Snapshot) -> list[Lens]:
    """
    The lenses of a document as plain LSP data, in the order of the settings.

    None of them is there without a program: nothing that they offer could be done.
    """
    ls.part(_Refreshing).is_shown = True
    if ls.repl_for(snapshot.uri) is None:
        return []
    settings = ls.settings
    found: list[Lens] = []
    if settings.lens_tests:
        found += _of_tests(ls, snapshot)
    if settings.lens_evaluate:
        found += _to_evaluate(ls, snapshot)
    if settings.stale_forms == "lens":
        found += _of_load_state(ls, snapshot)
    if settings.lens_results:
        found += _of_results(ls, snapshot)
    return found


def _of_tests(ls: "NreplLanguageServer", snapshot: Snapshot) -> Iterator[Lens]:
    tests = tests_in(snapshot)[:LENSES_LIMIT]
    form = namespace_form(snapshot)
    if tests and form is not None:
        title = "Run tests of this namespace"
        yield _lens(ls, snapshot, form.start, title, "nrepl.runNamespaceTests")
    for test in tests:
        yield _lens(ls, snapshot, test.span.start, "Run test", "nrepl.runTest")


def _to_evaluate(ls: "NreplLanguageServer", snapshot: Snapshot) -> Iterator[Lens]:
    text = snapshot.text
    # A value by itself is nobody's goal; in plain text every paragraph would have a lens.
    forms = [one for one in top_level_forms(snapshot) if text.startswith(("(", "#"), one.start)]
    if snapshot.index is not None:
        for form in forms[:LENSES_LIMIT]:
            yield _lens(ls, snapshot, form.start, "Evaluate", "nrepl.evalTopLevelForm")


def _of_load_state(ls: "NreplLanguageServer", snapshot: Snapshot) -> Iterator[Lens]:
    forms = program_forms(ls)
    if forms.is_loaded(ls, snapshot) is False:
        form, path = namespace_form(snapshot), path_of(snapshot.uri)
        title = f"Not loaded: load {path.name if path is not None else 'the file'}"
        yield _lens(ls, snapshot, form.start if form else 0, title, "nrepl.loadFile")
    for changed in forms.changed(ls, snapshot)[:LENSES_LIMIT]:
        what = "Not evaluated yet" if changed.is_new else "Changed since it was evaluated"
        start = changed.span.start
        yield _lens(ls, snapshot, start, f"{what}: evaluate", "nrepl.evalTopLevelForm")


def _of_results(ls: "NreplLanguageServer", snapshot: Snapshot) -> Iterator[Lens]:
    from .result_marks import OWNER, ResultMark

    for mark in ls.marks.of(snapshot.uri, OWNER):
        if not isinstance(mark, ResultMark) or not (mark.hint or mark.line):
            continue
        line, character = mark.code.stretch[0]
        place = {"line": line, "character": character}
        call = {
            "title": mark.hint or mark.line,
            "command": "nrepl.copyResult",
            "arguments": [{"uri": snapshot.uri, "position": place}],
        }
        yield {"range": {"start": place, "end": place}, "command": call}


def _lens(
    ls: "NreplLanguageServer", snapshot: Snapshot, start: int, title: str, command: str
) -> Lens:
    # VS Code wants a lens on one line, and shows it above where it begins.
    where = plain_range(ls, snapshot, start, start)
    argument = {"uri": snapshot.uri, "position": where["start"]}
    return {
        "range": where,
        "command": {"title": title, "command": command, "arguments": [argument]},
    }


class _Refreshing:
    """Whether a client has lenses of ours, and what it is told of them."""

    def __init__(self) -> None:
        self.is_shown = False
        self.is_outdated = False
        self.task: asyncio.Task[None] | None = None


def refresh(ls: "NreplLanguageServer") -> None:
    """
    Have the client ask for lenses again, if it shows any and can: something has changed.

    What comes while the client has not answered is one more refresh, however much it is.
    """
    state = ls.part(_Refreshing)
    takes_it = ls.client.refreshes_code_lenses and ls.settings.offers("codeLens")
    if not state.is_shown or not takes_it:
        return
    state.is_outdated = True
    if state.task is None or state.task.done():
        loop = asyncio.get_running_loop()
        state.task = loop.create_task(_refresh(ls, state), name="refresh lenses")


async def _refresh(ls: "NreplLanguageServer", state: _Refreshing) -> None:
    while state.is_outdated:
        await asyncio.sleep(GATHER)
        state.is_outdated = False
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT):
                await ls.workspace_code_lens_refresh_async(None)
        except Exception as error:
            # Whatever a client does instead of answering: it asks again when it wants to.
            ls.log.info("refreshing code lenses: %r", error)
