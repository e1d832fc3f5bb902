"""What a document's text could put at the cursor: locals, aliases, its own names, its words."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.locals.scopes import locals_at
from nrepl_lsp.source.naming.names import Names, names_at
from nrepl_lsp.source.naming.words import Words, words_around
from nrepl_lsp.source.symbols import Prefix
from nrepl_lsp.tooling.matching import matches
from nrepl_lsp.tooling.ranking import RANKS, Near
from nrepl_lsp.tooling.values import Candidate

__all__ = ["NOTHING", "FromText", "candidates_of", "matching_groups"]

_Parted: TypeAlias = tuple[list[Candidate], list[Candidate]]

#: Characters of the line that is shown for a local.
LINE_LIMIT = 200

#: What `outline` calls a definition → what a candidate is; anything else is a variable.
_KINDS = {
    "function": "function",
    "macro": "macro",
    "method": "function",
    "multimethod": "function",
    "test": "function",
    "class": "class",
}


class FromText(NamedTuple):
    """
    Candidates that match what is typed, grouped as `ranking.Matches` is, and what is near.

    words: those of which nothing else is known: exact ones and others, which stand behind theirs.
    """

    groups: tuple[list[Candidate], ...]
    words: _Parted
    near: Near


NOTHING = FromText(tuple([] for _ in range(2 * len(RANKS))), ([], []), Near())


def candidates_of(snapshot: Snapshot, offset: int, prefix: Prefix) -> FromText:
    """What matches at an offset. Nothing is offered for plain text."""
    typed, text = prefix.replace, prefix.text
    names = names_at(snapshot, offset)
    words = words_around(snapshot, typed)
    # A program lists every keyword that anybody has read: the text's own are nearer.
    keywords = {it for it in words.names if it[0] == ":"} if text.startswith(":") else frozenset()
    own = chain(_definitions(words), map(_word, keywords))
    by_rank: tuple[_Parted, ...] = (
        _locals(snapshot, offset, prefix),
        matching_groups(own, text),
        matching_groups(_brought_in(names), text),
        ([], []),
    )
    return FromText(
        (*(exact for exact, _ in by_rank), *(fuzzy for _, fuzzy in by_rank)),
        matching_groups(map(_word, words.names - keywords), text),
        Near(keywords or words.defined.keys(), names.refers.keys(), frozenset(names.uses)),
    )


def matching_groups(candidates: Iterable[Candidate], prefix: str) -> _Parted:
    """Those that begin with a prefix, and those that match it otherwise, short ones first."""
    exact: list[Candidate] = []
    fuzzy: list[Candidate] = []
    for candidate in candidates:
        if candidate[0].startswith(prefix):
            exact.append(candidate)
        elif matches(prefix, candidate[0]):
            fuzzy.append(candidate)
    return sorted(exact, key=_by_length), sorted(fuzzy, key=_by_length)


def _by_length(candidate: Candidate) -> tuple[int, str]:
    return len(candidate[0]), candidate[0]


def _locals(snapshot: Snapshot, offset: int, prefix: Prefix) -> _Parted:
    """Innermost first; a name that is only being typed is not known yet."""
    exact: list[Candidate] = []
    fuzzy: list[Candidate] = []
    for local in locals_at(snapshot, offset):
        is_exact = local.name.startswith(prefix.text)
        if local.binding != prefix.replace and (is_exact or matches(prefix.text, local.name)):
            line, _ = snapshot.lines.position(local.binding.start, "utf-32")
            doc = snapshot.lines.line_text(line).strip()[:LINE_LIMIT]
            (exact if is_exact else fuzzy).append(Candidate(local.name, "local", doc=doc))
    return exact, fuzzy


def _word(word: str) -> Candidate:
    return Candidate(word, "keyword" if word.startswith((":", "#:")) else "word")


def _definitions(words: Words) -> Iterator[Candidate]:
    for name, kind in words.defined.items():
        yield Candidate(name, _KINDS.get(kind, "variable"))


def _brought_in(names: Names) -> Iterator[Candidate]:
    """Referred names, aliases and imported classes, in the order of the text."""
    for name, ns in names.refers.items():
        yield Candidate(name, "", ns)
    for alias, ns in names.aliases.items():
        yield Candidate(alias, "alias", ns)
    for short, full in names.imports.items():
        yield Candidate(short, "class", full.rpartition(".")[0])
