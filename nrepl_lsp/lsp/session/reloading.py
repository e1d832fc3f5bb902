"""Loading code again, at the user's command: one namespace, what has changed, or all."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import SessionOp
from nrepl_lsp.tooling import errors, reloading
from nrepl_lsp.tooling.reloading import RELOADERS, Reloaded, reload_code, reload_op

from .. import convert
from ..documents import path_of
from ..evaluating.code import Code, declared_namespace
from ..evaluating.outcomes import Fault, Outcome
from ..evaluating.picking import RefusedError
from ..evaluating.running import Running
from ..locating.namespace_places import project_file
from ..locating.texts import read_text
from ..showing import errors as error_marks
from ..showing.marks import Mark
from .loaded_files import is_unsaved, note_loaded
from .work import Place, Work, has_namespace, message_of, messages_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["WHAT", "reload_namespace", "reload_program", "reply"]

WHAT = ("namespace", "changed", "all")
"""What can be loaded again; the first is meant when nothing is said."""

#: Namespaces that a message names; of more it says how many.
NAMED = 3

_NONE = (
    "This program cannot reload what has changed: it has no such op (cider-nrepl's), "
    "and neither clj-reload nor tools.namespace is loaded. Reload namespaces one by one."
)


@dataclass(frozen=True, slots=True)
class _Reload(Code):
    """Code that loads files again: its errors are in those."""


def reply(
    status: str,
    what: str,
    message: str | None = None,
    namespaces: tuple[str, ...] | None = None,
    error: Fault | None = None,
) -> dict[str, Any]:
    """What `nrepl.reload` answers. namespaces: those loaded again, None where that is not told."""
    named = None if namespaces is None else list(namespaces)
    fault = Outcome("error", fault=error).reply()["error"]
    return {"status": status, "what": what, "namespaces": named, "message": message, "error": fault}


async def reload_namespace(ls: "NreplLanguageServer", place: Place, ns: str | None) -> Work:
    """Load a namespace from its file: the one given, or the document's. Raises `RefusedError`."""
    snapshot, repl = place.snapshot, place.repl
    own = declared_namespace(snapshot)
    ns = ns or own
    if ns is None:
        raise RefusedError("This document declares no namespace: pass one as `ns`.")
    if snapshot.language.family != "clojure":
        raise RefusedError("Namespaces of this language cannot be reloaded: use nrepl.loadFile.")
    path = path_of(snapshot.uri) if ns == own else None
    host = await _loaded(repl, reloading.HOSTS)
    text = reload_code(ns, host, str(path) if path is not None else None)
    if text is None:
        raise RefusedError(f"{ns:.60} is no namespace's name.")
    unsaved = ns == own and await is_unsaved(snapshot)

    async def finish(running: Running, outcome: Outcome) -> dict[str, Any]:
        if outcome.status != "done":
            return await _failed(ls, snapshot.uri, "namespace", (running, outcome))
        loaded = ls.documents.uri_of(snapshot.uri) if ns == own else None
        ls.marks.drop(lambda mark: _is_mended(mark, loaded))
        await note_loaded(ls, repl, (ns,))
        said = f"Reloaded {ns} from its file"
        if unsaved:
            said += ", which has not the unsaved changes: save it, or use nrepl.loadFile"
        (ls.warn if unsaved else ls.say)(f"{said}.")
        return reply("done", "namespace", f"{said}.", (ns,))

    return Work(repl, _Reload(text, snapshot.language, snapshot.uri), finish)


async def reload_program(ls: "NreplLanguageServer", place: Place, what: str) -> Work:
    """Load what has changed again, or all. Raises `RefusedError` where the program cannot."""
    snapshot, repl = place.snapshot, place.repl
    is_all = what == "all"
    code: Code = _Reload(f"reload {what}", snapshot.language, snapshot.uri)
    name = reload_op(repl.capabilities.supports, is_all=is_all)
    op = SessionOp(name, printed=reloading.told) if name is not None else None
    if op is None:
        text = await _call(repl, is_all=is_all)
        code = replace(code, text=text)

    async def finish(running: Running, outcome: Outcome) -> dict[str, Any]:
        if op is not None:
            told = reloading.reloaded(messages_of(running))
        else:
            told = reloading.reloaded_by_code((*outcome.values, "nil")[0], outcome.out)
        if told.why is not None:
            ls.warn(told.why)
            return reply("error", what, told.why)
        if outcome.status != "done":
            return await _failed(ls, snapshot.uri, what, (running, outcome), told)
        ls.marks.drop(_is_mended)
        await note_loaded(ls, repl, told.namespaces or ())
        said = _said(told, is_all=is_all)
        ls.say(said)
        return reply("done", what, said, told.namespaces)

    return Work(repl, code, finish, op)


async def _call(repl: Repl, *, is_all: bool) -> str:
    """The call of a library that the program has loaded. Raises `RefusedError` without one."""
    found = await _loaded(repl, [one.namespace for one in RELOADERS])
    for one in RELOADERS:
        if one.namespace == found:
            return one.all if is_all else one.changed
    raise RefusedError(_NONE)


async def _loaded(repl: Repl, namespaces: Iterable[str]) -> str | None:
    """The first of some namespaces that the program has. Raises `RefusedError` as it does."""
    for ns in namespaces:
        if await has_namespace(repl, ns):
            return ns
    return None


def _said(told: Reloaded, *, is_all: bool) -> str:
    names = told.namespaces
    if names is None:
        return "Reloaded all namespaces." if is_all else "Reloaded what has changed."
    if not names:
        return "Nothing has changed."
    if len(names) <= NAMED:
        return f"Reloaded {', '.join(names)}."
    return f"Reloaded {len(names)} namespaces."


async def _failed(
    ls: "NreplLanguageServer",
    uri: str,
    what: str,
    ended: tuple[Running, Outcome],
    told: Reloaded | None = None,
) -> dict[str, Any]:
    """Mark the error at its place, which the watchers could not: they know no code there."""
    running, outcome = ended
    placed = await _placed(ls, uri, running, outcome)
    mark = error_marks.error_mark(ls, placed)
    ls.marks.replace(_is_mended, [mark] if mark is not None else [])
    message = message_of(placed)
    if told is not None and told.failed is not None:
        message = f"{told.failed} could not be loaded: {message}"
    namespaces = told.namespaces if told is not None else ()
    return reply(outcome.status, what, message, namespaces, placed.fault)


async def _placed(
    ls: "NreplLanguageServer", uri: str, running: Running, outcome: Outcome
) -> Outcome:
    """The outcome with its error's place in a file of the project: `demo/core.clj:6:3`."""
    fault = outcome.fault
    if outcome.status != "error" or fault is None or fault.range is not None:
        return outcome
    if running.evaluation is None:
        return outcome
    result = running.evaluation.summary()
    report = errors.report(result.err, result.ex, result.root_ex)
    place = report.place if report is not None else None
    if place is None or not place.file or not place.line:
        return outcome
    path = await _file(ls, uri, place.file)
    snapshot = await read_text(ls, path) if path is not None else None
    if path is None or snapshot is None or place.line > snapshot.lines.line_count:
        return outcome
    whole = Code(snapshot.text, snapshot.language, snapshot.uri, None, snapshot)
    where = whole.form_on(place.line - 1, place.column, ls.documents.encoding)
    target = ls.documents.uri_of(convert.uri_of(path))
    return replace(outcome, fault=replace(fault, uri=target, range=where))


async def _file(ls: "NreplLanguageServer", uri: str, name: str) -> Path | None:
    """The file that an error names: by its path there or here, or below a source folder."""
    names = (mapping.apply(name) for mapping in ls.settings.path_mappings)
    path = Path(next((one for one in names if one is not None), name))
    if not path.is_absolute():
        return await project_file(ls, uri, name)
    return path if await asyncio.to_thread(path.is_file) else None


def _is_mended(mark: Mark, uri: str | None = None) -> bool:
    """
    Whether a mark is of an error that is gone after a reload: one that a reload has found.

    uri: the document that was loaded whole, whose other errors are gone too.
    """
    if mark.owner != error_marks.OWNER:
        return False
    code = mark.content.code if isinstance(mark.content, Outcome) else None
    return isinstance(code, _Reload) or (uri is not None and mark.place.uri == uri)
