"""
What completion leaves to a server that reads the project's files (`nrepl.profile: complement`).

Such a server knows all that stands in files: the vars of libraries and of the language's core, the
definitions of the project, locals, aliases, namespaces, keywords. An editor shows the items of both
servers, so each of those would be there twice. Kept is what no file says:

- members, which a program has and a reader of Clojure files has not: methods and fields of
  classes, attributes of Python modules, what is in JavaScript's objects;
- vars of the namespaces of open documents that the document's text does not define: made at the
  REPL, or by a macro that does not look like a definition;
- vars of the namespace in which REPLs begin, unless the project has a file for it.

A var without a namespace (nREPL 1.0 sends none) could be any, and is left out. So are those of
project files that are not open: whether their text defines them would have to be read from disk.
"""

import time
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nrepl_lsp.repl.loaded_namespaces import FIRST_NAMESPACES
from nrepl_lsp.source.definitions.outline import Definition, outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling.ranking import Matches
from nrepl_lsp.tooling.values import Candidate

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["unseen_in_files"]

#: Seconds for which it is remembered whether a file is there.
REMEMBERED_FOR = 30.0

_MEMBERS = frozenset(("method", "field", "static-method", "static-field"))
_SOURCE_FOLDERS = ("", "src", "dev", "test")


def unseen_in_files(ls: "NreplLanguageServer", snapshot: Snapshot, found: Matches) -> Matches:
    """The candidates that a server which reads files cannot have."""
    first = FIRST_NAMESPACES.get(snapshot.language.family, "")
    texts = _open_namespaces(ls, snapshot, first)
    # What the files of a namespace define; None where that is not known.
    seen: dict[str, Collection[str] | None] = {"": None}

    def is_kept(candidate: Candidate) -> bool:
        label, kind, ns, _, _, _ = candidate
        if kind in _MEMBERS or _is_attribute(candidate):
            return True
        if ns not in seen:
            is_without_file = ns == first and not _has_file(ls, snapshot, first)
            seen[ns] = _defined(texts[ns]) if ns in texts else () if is_without_file else None
        names = seen[ns]
        return names is not None and label.rpartition("/")[2] not in names

    groups = tuple([c for c in group if is_kept(c)] for group in found.groups)
    return found._replace(groups=groups)


def _is_attribute(candidate: Candidate) -> bool:
    """Whether it is something in a Python module or a JavaScript object: of no kind and namespace.

    Basilisp 0.5 says `sys/stdin`, nbb 1.6 `js/Promise`, hy-nrepl 1.0 `os.path.join`.
    """
    label, kind, ns, _, _, _ = candidate
    if ns or kind in ("namespace", "class", "keyword", "local"):
        return False
    return (not kind and "/" in label[1:-1]) or "." in label[1:-1]


def _open_namespaces(
    ls: "NreplLanguageServer", asking: Snapshot, first: str
) -> dict[str, list[Snapshot]]:
    """The namespaces of the open documents of this language, and the documents of each."""
    found: dict[str, list[Snapshot]] = {}
    for uri in ls.documents.uris():
        snapshot = asking if uri == asking.uri else ls.documents.snapshot(uri)
        if snapshot is not None and snapshot.language.family == asking.language.family:
            ns = namespace_at(snapshot, len(snapshot.text)) or first
            found.setdefault(ns, []).append(snapshot)
    return found


def _defined(snapshots: list[Snapshot]) -> Collection[str]:
    """The names that texts define, with the constructors that a type's definition brings along."""
    names = set()
    for snapshot in snapshots:
        for definition in _flat(outline(snapshot)):
            name = definition.name
            names |= {name, f"->{name}", f"map->{name}", f"{name}."}
    return names


def _flat(definitions: Collection[Definition]) -> Iterator[Definition]:
    for definition in definitions:
        yield definition
        yield from _flat(definition.children)


def _has_file(ls: "NreplLanguageServer", snapshot: Snapshot, ns: str) -> bool:
    """Whether the project has, or had lately, a file for a namespace of one word."""
    period = int(time.monotonic() / REMEMBERED_FOR)
    return _is_there(tuple(ls.source_folders(snapshot.uri)), ns, snapshot.language, period)


@lru_cache(maxsize=64)
def _is_there(folders: tuple[Path, ...], ns: str, language: Language, period: int) -> bool:
    """The same by the disk, in the usual places; asked once in a period, not for each key."""
    return any(
        (folder / place / f"{ns}{extension}").exists()
        for folder in folders
        for place in _SOURCE_FOLDERS
        for extension in language.extensions
    )
