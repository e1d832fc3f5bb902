"""
The order of completions: how near a candidate is to the place, then the server's order or length.

Ranks are told by namespace, which costs a comparison for each of thousands of candidates per key
press; labels are looked up only where a server says no namespace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from .values import Candidate

__all__ = ["LOCAL", "MAX_CANDIDATES", "NOTHING_NEAR", "OTHER", "RANKS", "Matches", "Near", "ranked"]

MAX_CANDIDATES = 2000
"""Candidates that are kept; an empty prefix gives a JVM's 5,000, which no editor can show."""

LOCAL, OWN, REFERRED, OTHER = RANKS = range(4)
"""A local, a name of the namespace in force, one that is referred there, anything else."""


_Groups: TypeAlias = tuple[list[Candidate], list[Candidate], list[Candidate], list[Candidate]]
_LABEL, _KIND, _NS = itemgetter(0), itemgetter(1), itemgetter(2)


class Near(NamedTuple):
    """
    What stands nearest to a place, by the text.

    own: names that the text defines, for servers that say no namespace (nREPL 1.0).
    referred, used: names that are referred there, and namespaces all of whose names are.
    """

    own: Collection[str] = frozenset()
    referred: Collection[str] = frozenset()
    used: Collection[str] = frozenset()


NOTHING_NEAR = Near()


class Matches(NamedTuple):
    """
    What fits a prefix, each label once, at most MAX_CANDIDATES.

    groups: those that begin with the prefix by `RANKS`, then those that match it otherwise by
        `RANKS`; best first in each.
    is_incomplete: whether the server or we left some out.
    deprecated: the labels of those that the server says are deprecated.
    """

    groups: tuple[Sequence[Candidate], ...]
    is_incomplete: bool = False
    deprecated: frozenset[str] = frozenset()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All of them, best first."""
        return tuple(chain.from_iterable(self.groups))


def ranked(
    found: Iterable[list[Candidate]],
    ns: str | None,
    near: Near,
    deprecated: Collection[str],
    *,
    is_ranked: bool,
    is_cut: bool = False,
) -> Matches:
    """
    Put candidates into their groups and keep MAX_CANDIDATES of them.

    found: those that begin with the prefix, and those that match it otherwise. is_ranked: whether
    their order is the server's and to be kept; else short names come first, as cider-nrepl does it.
    """
    groups: list[list[Candidate]] = []
    room = MAX_CANDIDATES
    for candidates in found:
        once = _each_once(candidates, ns, near)
        for group in _by_rank(once if is_ranked else _shortest_first(once), ns, near):
            groups.append(group[:room])
            is_cut = is_cut or len(group) > room
            room -= len(groups[-1])
    return Matches(tuple(groups), is_cut, frozenset(deprecated))


def _by_rank(candidates: list[Candidate], here: str | None, near: Near) -> _Groups:
    """
    Passes over one field, because lists are long and mostly of one or two ranks.

    Only where one may be a local or a referred name each is looked at.
    """
    rest = candidates
    mine: list[Candidate] = []
    here_count = [*map(_NS, candidates)].count(here) if here else 0
    if here_count:
        if here_count == len(candidates):
            return [], candidates, [], []
        mine = [candidate for candidate in candidates if candidate[2] == here]
        rest = [candidate for candidate in candidates if candidate[2] != here]
    own, referred, used = near
    if not (own or referred or used) and "local" not in map(_KIND, rest):
        return [], mine, [], rest
    groups: _Groups = ([], mine, [], [])
    for candidate in rest:
        label, kind, ns, _, _, _ = candidate
        if kind == "local":
            groups[LOCAL].append(candidate)
        elif label in referred or ns in used:
            groups[REFERRED].append(candidate)
        elif not ns and label in own:
            mine.append(candidate)
        else:
            groups[OTHER].append(candidate)
    return groups


def _each_once(candidates: list[Candidate], ns: str | None, near: Near) -> list[Candidate]:
    """
    Each label once: nbb lists `/` for every namespace, and an alias may be named as a function.

    The nearest stays, and a namespace only where nothing else has the name.
    """
    if len(set(map(_LABEL, candidates))) == len(candidates):
        return candidates
    best: dict[str, Candidate] = {}
    for candidate in chain.from_iterable(_by_rank(candidates, ns, near)):
        known = best.setdefault(candidate.label, candidate)
        if known.kind == "namespace" and candidate.kind != "namespace":
            best[candidate.label] = candidate
    kept = {id(candidate) for candidate in best.values()}
    return [candidate for candidate in candidates if id(candidate) in kept]


def _shortest_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Sorted twice by cheap keys: faster than once by a pair."""
    by_name = sorted(candidates, key=_LABEL)
    by_name.sort(key=lambda candidate: len(candidate[0]))
    return by_name
