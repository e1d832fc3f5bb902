"""Removing definitions from the program, at the user's command."""

from typing import TYPE_CHECKING, Any

from nrepl_lsp.repl.session_ops import SessionOp
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.naming.names import defined_names, names_at, resolve
from nrepl_lsp.source.naming.subjects import subject_at
from nrepl_lsp.source.symbols import symbol_at
from nrepl_lsp.tooling import undefining
from nrepl_lsp.tooling.shapes import is_symbol
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO

from ..evaluating.code import Code, declared_namespace
from ..evaluating.outcomes import Outcome
from ..evaluating.picking import RefusedError
from ..evaluating.running import Running
from ..lookup import ask_named
from .loaded_files import note_removed
from .work import Place, Work, known_namespace, message_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["reply", "undef", "undef_all"]

#: Seconds for the program to say whose name it is.
OWNER_TIMEOUT = 3.0

_OTHER_LANGUAGE = "Names of this language cannot be removed from the program."


def reply(
    status: str, ns: str | None = None, symbol: str | None = None, message: str | None = None
) -> dict[str, Any]:
    """What both commands answer; symbol is None for all of a namespace."""
    return {"status": status, "ns": ns, "symbol": symbol, "message": message}


async def undef(
    ls: "NreplLanguageServer", place: Place, ns: str | None, symbol: str | None
) -> Work:
    """
    Remove a name or an alias from its namespace: the one given, or the one at the cursor.

    ns: whose it is; None for the namespace in force there. Raises `RefusedError`.
    """
    snapshot, repl = place.snapshot, place.repl
    family = snapshot.language.family
    own, name = _meant(place, ns, symbol)
    if family != "clojure":
        raise RefusedError(_OTHER_LANGUAGE)
    text = undefining.undef_code(own, name)
    if text is None:
        raise RefusedError(f"{name} is no name that can be removed.")
    own = await known_namespace(repl, own)
    info = await ask_named(ls, repl, SYMBOL_INFO, snapshot, name, own, OWNER_TIMEOUT)
    if info is not None and info.ns and info.ns != own and not _is_alias(place, name):
        raise RefusedError(f"{name} belongs to {info.ns}: pass that as `ns` to remove it there.")
    op = undefining.undef_op(repl.capabilities.supports)

    async def finish(running: Running, outcome: Outcome) -> dict[str, Any]:
        if outcome.status != "done":
            return reply(outcome.status, own, name, message_of(outcome))
        if op is None and outcome.values[-1:] != ("true",):
            said = f"The program has no {own}/{name}."
            ls.warn(said)
            return reply("error", own, name, said)
        note_removed(ls, repl, own, (name,))
        ls.say(f"Removed {own}/{name}.")
        return reply("done", own, name, f"Removed {own}/{name}.")

    if op is None:
        return Work(repl, Code(text, snapshot.language, snapshot.uri), finish)
    asked = SessionOp(op, undefining.undef_params(own, name))
    return Work(repl, Code(f"undef {own}/{name}", snapshot.language, snapshot.uri), finish, asked)


async def undef_all(ls: "NreplLanguageServer", place: Place, ns: str | None) -> Work:
    """Remove all names of a namespace: the one given, or the document's. Raises `RefusedError`."""
    snapshot, repl = place.snapshot, place.repl
    family = snapshot.language.family
    own = ns or declared_namespace(snapshot)
    if own is None:
        raise RefusedError("This document declares no namespace: pass one as `ns`.")
    if family != "clojure":
        raise RefusedError(_OTHER_LANGUAGE)
    if undefining.is_core(own):
        raise RefusedError(f"Without the names of {own} nothing works any more.")
    text = undefining.undef_all_code(own)
    if text is None:
        raise RefusedError(f"{own} is no namespace's name.")
    own = await known_namespace(repl, own)
    op = undefining.undef_all_op(repl.capabilities.supports)

    async def finish(running: Running, outcome: Outcome) -> dict[str, Any]:
        if outcome.status != "done":
            return reply(outcome.status, own, None, message_of(outcome))
        count = outcome.values[-1] if op is None and outcome.values else "all"
        what = "1 name" if count == "1" else f"{count} names"
        note_removed(ls, repl, own)
        ls.say(f"Removed {what} of {own}.")
        return reply("done", own, None, f"Removed {what} of {own}.")

    if op is None:
        return Work(repl, Code(text, snapshot.language, snapshot.uri), finish)
    asked = SessionOp(op, undefining.undef_params(own))
    return Work(repl, Code(f"undef {own}", snapshot.language, snapshot.uri), finish, asked)


def _meant(place: Place, ns: str | None, symbol: str | None) -> tuple[str, str]:
    """The namespace and the name in it; `RefusedError` for what is of another than was said."""
    snapshot, offset = place.snapshot, place.offset
    if symbol is None:
        found, subject = symbol_at(snapshot, offset), subject_at(snapshot, offset)
        if found is None or found.kind != "symbol":
            raise RefusedError("There is no name at the cursor: pass it as `symbol`.")
        if subject is not None and subject.kind == "local":
            raise RefusedError(f"{found.text} is a local here: the program has no such name.")
        symbol = found.text
    symbol = symbol.strip()
    here = namespace_at(snapshot, offset) or declared_namespace(snapshot)
    if not is_symbol(symbol):
        raise RefusedError(f"{symbol:.60} is no name that can be removed.")
    owner, name = resolve(names_at(snapshot, offset), symbol, defined_names(snapshot, here))
    if "/" not in symbol or symbol == "/":
        owner, name = None, symbol
    if ns is not None:
        here = ns
    if here is None:
        raise RefusedError("This document declares no namespace: pass one as `ns`.")
    if owner is not None and owner != here:
        raise RefusedError(f"{symbol} belongs to {owner}: pass that as `ns` to remove it there.")
    if undefining.is_core(here):
        raise RefusedError(f"Without the names of {here} nothing works any more.")
    return here, name


def _is_alias(place: Place, name: str) -> bool:
    return name in names_at(place.snapshot, place.offset).aliases
