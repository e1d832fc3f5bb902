"""What the running program holds as a whole: its namespaces and its class path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nrepl_lsp.nrepl.messages import Message

from . import shapes, snippets
from .variants import Question, Variant

__all__ = ["CLASSPATH", "NAMESPACES", "ClasspathQuery", "NamespacesQuery"]


@dataclass(frozen=True, slots=True)
class NamespacesQuery:
    """language: the family whose snippets may be used."""

    language: str = ""


@dataclass(frozen=True, slots=True)
class ClasspathQuery:
    """language: the family whose snippets may be used."""

    language: str = ""


def _no_parameters(query: object) -> Message:
    return {}


def _parse_namespaces(messages: Sequence[Message], query: NamespacesQuery) -> frozenset[str] | None:
    names = shapes.merge(messages).get("ns-list")
    return frozenset(shapes.strings(names)) if isinstance(names, list) else None


def _parse_classpath(messages: Sequence[Message], query: ClasspathQuery) -> tuple[str, ...] | None:
    paths = shapes.merge(messages).get("classpath")
    return shapes.strings(paths) if isinstance(paths, list) else None


def _class_path_request(query: ClasspathQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    return snippets.params(snippet.class_path()) if snippet else None


def _class_path_parse(messages: Sequence[Message], query: ClasspathQuery) -> tuple[str, ...] | None:
    paths = snippets.value(messages)
    return shapes.strings(paths) if isinstance(paths, list) else None


def _snippet_request(query: NamespacesQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    return snippets.params(snippet.namespaces()) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: NamespacesQuery) -> frozenset[str] | None:
    names = snippets.value(messages)
    return frozenset(shapes.strings(names)) if isinstance(names, list) else None


NAMESPACES: Question[NamespacesQuery, frozenset[str]] = Question(
    "namespaces",
    (
        Variant("cider/ns-list", _no_parameters, _parse_namespaces),
        Variant("ns-list", _no_parameters, _parse_namespaces),
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
    ),
    timeout=2.0,
)
"""The names of the loaded namespaces; None when they cannot be known."""

CLASSPATH: Question[ClasspathQuery, tuple[str, ...]] = Question(
    "classpath",
    (
        Variant("cider/classpath", _no_parameters, _parse_classpath),
        Variant("classpath", _no_parameters, _parse_classpath),
        Variant("eval", _class_path_request, _class_path_parse, snippet=True),
    ),
    timeout=5.0,
)
"""The folders and archives that the server loads code from, as paths of its machine."""
