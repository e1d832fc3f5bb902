"""
All that could stand at the cursor, from the program and from the text, merged and ranked.

The order is: what begins with the prefix before what only matches it; in each, locals, names of
the namespace in force, what is referred there (and aliases), everything else, and at last words of
the text that nobody knows more of. Each label is there once, the nearest.

The list is incomplete where it was cut, at an empty prefix (see `tooling.completion`), and where
the program did not answer in time: then the editor asks again at the next key.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.naming.completion_place import CompletionPlace, completion_place
from nrepl_lsp.source.symbols import Prefix, completion_context
from nrepl_lsp.tooling.class_loading import may_load
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.ranking import Matches, Near
from nrepl_lsp.tooling.values import Candidate, Completions

from ..lookup import LEAST_PATIENCE, family_of, is_known_name
from .complement import unseen_in_files
from .merging import merged
from .text_candidates import NOTHING, candidates_of, matching_groups

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Found", "find_completions"]


class Found(NamedTuple):
    """
    Completions, best first.

    deprecated: their labels. ns: the namespace that the program was asked in. qualifier: what
    stands before the labels to name them elsewhere (`clojure.string/` in `:refer [|]`).
    is_head: whether what is chosen will be called.
    """

    completions: Completions
    deprecated: Collection[str] = frozenset()
    ns: str | None = None
    qualifier: str = ""
    is_head: bool = False


class _Answer(NamedTuple):
    """What the program said; `matches` is None when it said nothing, `is_late` when it may yet."""

    matches: Matches | None = None
    ns: str | None = None
    is_late: bool = False


async def find_completions(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, prefix: Prefix
) -> Found:
    """
    What could take the place of a prefix. With no program it is what the text has.

    A lost connection and a late answer leave that too. Cancelling stops listening.
    """
    is_full = ls.settings.profile == "full"
    place = completion_place(snapshot, prefix.replace.start)
    if prefix.text.startswith(":"):
        place = CompletionPlace(is_namespace_form=place.is_namespace_form)
    if place.kind == "namespace":
        # They are all in files, but for those that a REPL has made.
        return await _namespaces(ls, snapshot, prefix) if is_full else Found(Completions((), False))
    is_text_wanted = is_full and place.kind != "member"
    text = candidates_of(snapshot, offset, prefix) if is_text_wanted else NOTHING
    answer = await _ask(ls, snapshot, offset, prefix, place, text.near)
    found = answer.matches
    if found is not None and not is_full:
        found = unseen_in_files(ls, snapshot, found)
    candidates = merged(found.groups if found is not None else (), text)
    is_incomplete = answer.is_late or (
        found is not None and (found.is_incomplete or not prefix.text)
    )
    return Found(
        Completions(candidates, is_incomplete),
        found.deprecated if found is not None else frozenset(),
        answer.ns,
        place.qualifier,
        place.kind == "head",
    )


async def _ask(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    offset: int,
    prefix: Prefix,
    place: CompletionPlace,
    near: Near,
) -> _Answer:
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return _Answer()
    family = family_of(snapshot.language)
    deadline = time.monotonic() + ls.settings.completion_timeout
    ns = None
    try:
        ns = await repl.namespace_to_ask(namespace_at(snapshot, offset), family, _until(deadline))
        context = None
        if repl.takes_context and not place.is_namespace_form:
            context = completion_context(snapshot, offset)
        query = CompletionQuery(prefix.text, ns, context, family, near)
        if "/" in prefix.text and may_load(prefix.text, family):
            is_known = await is_known_name(
                repl, snapshot, offset, prefix.text, ns, _until(deadline)
            )
            query = replace(query, is_known=is_known)
        if place.refers_to:
            found = await _names_in(repl, place.refers_to, query, deadline)
        elif place.qualifier:
            found = await _qualified(repl, place.qualifier, query, deadline)
        else:
            found = await repl.ask(COMPLETION, query, timeout=_until(deadline))
    except NreplError as error:
        ls.log.info("no completions for %s: %s", prefix.text, error)
        return _Answer(ns=ns, is_late=True)
    is_late = found is None and repl.dialect.can_answer(COMPLETION)
    return _Answer(found, ns, is_late)


async def _names_in(repl: Repl, ns: str, query: CompletionQuery, deadline: float) -> Matches | None:
    """
    What a namespace has. Only one that is loaded is named to the program.

    Asked for with the namespace before it, or in that namespace where this gives nothing:
    Basilisp 0.5 knows qualified names only of what is required already.
    """
    if not await repl.loaded_namespace(ns, query.language, _until(deadline)):
        return _NOTHING_FOUND
    query = replace(query, is_known=True)
    found = await _qualified(repl, f"{ns}/", query, deadline)
    if found is not None and not found.candidates:
        within = replace(query, ns=ns)
        found = await repl.ask(COMPLETION, within, timeout=_until(deadline))
        if found is not None:
            own = ([it for it in group if it.ns == ns] for group in found.groups)
            found = found._replace(groups=tuple(own))
    return found


async def _qualified(
    repl: Repl, qualifier: str, query: CompletionQuery, deadline: float
) -> Matches | None:
    """What begins with a qualifier and the prefix, without the qualifier."""
    asked = replace(query, prefix=qualifier + query.prefix)
    found = await repl.ask(COMPLETION, asked, timeout=_until(deadline))
    return _unqualified(found, qualifier) if found is not None else None


_NOTHING_FOUND = Matches(())


def _until(deadline: float) -> float:
    return max(deadline - time.monotonic(), LEAST_PATIENCE)


def _unqualified(found: Matches, qualifier: str) -> Matches:
    """What begins with a qualifier, without it."""
    start = len(qualifier)
    groups = tuple(
        [
            candidate._replace(label=candidate.label[start:])
            for candidate in group
            if candidate.label.startswith(qualifier) and len(candidate.label) > start
        ]
        for group in found.groups
    )
    deprecated = frozenset(label[start:] for label in found.deprecated)
    return found._replace(groups=groups, deprecated=deprecated)


async def _namespaces(ls: "NreplLanguageServer", snapshot: Snapshot, prefix: Prefix) -> Found:
    """The namespaces that could be required: of open documents, loaded ones, and loadable ones."""
    here = namespace_at(snapshot, len(snapshot.text))
    names = {namespace_at(document, len(document.text)) for document in _documents(ls, snapshot)}
    repl = ls.repl_for(snapshot.uri)
    is_incomplete, ns = False, None
    if repl is not None:
        answer, loaded = await asyncio.gather(
            _ask(ls, snapshot, prefix.replace.start, prefix, _REQUIRE, Near()),
            _loaded(ls, snapshot, repl),
        )
        names |= loaded
        matched = answer.matches.candidates if answer.matches is not None else ()
        names |= {it.label.rstrip("/") for it in matched if it.kind == "namespace"}
        is_incomplete, ns = answer.is_late or not prefix.text, answer.ns
    candidates = (Candidate(name, "namespace") for name in names - {here, None} if name)
    exact, fuzzy = matching_groups(candidates, prefix.text)
    return Found(Completions((*exact, *fuzzy), is_incomplete), ns=ns)


_REQUIRE = CompletionPlace("namespace", is_namespace_form=True)


def _documents(ls: "NreplLanguageServer", snapshot: Snapshot) -> list[Snapshot]:
    opened = (ls.documents.snapshot(uri) for uri in ls.documents.uris())
    family = snapshot.language.family
    return [it for it in opened if it is not None and it.language.family == family]


async def _loaded(ls: "NreplLanguageServer", snapshot: Snapshot, repl: Repl) -> frozenset[str]:
    query = NamespacesQuery(family_of(snapshot.language))
    try:
        listed = await repl.ask(NAMESPACES, query, timeout=ls.settings.completion_timeout)
    except NreplError as error:
        ls.log.info("no namespaces: %s", error)
        return frozenset()
    return listed or frozenset()
