"""
Turns an editor's questions into ops, and the replies into values.

It does no I/O: `Dialect` is given an `ask`. Parsing cannot fail; bad input gives less.
"""

from __future__ import annotations

from typing import Any

from .completion import COMPLETION, CompletionQuery
from .namespaces import CLASSPATH, NAMESPACES, ClasspathQuery, NamespacesQuery
from .symbol_info import COMPLETION_DOC, SYMBOL_INFO, SymbolQuery
from .values import (
    Candidate,
    Completions,
    ErrorPlace,
    ErrorReport,
    SourceLocation,
    SymbolInfo,
)
from .variants import Ask, Dialect, DialectRecord, Question, Timing, Variant

__all__ = [
    "CLASSPATH",
    "COMPLETION",
    "COMPLETION_DOC",
    "NAMESPACES",
    "QUESTIONS",
    "SYMBOL_INFO",
    "Ask",
    "Candidate",
    "ClasspathQuery",
    "CompletionQuery",
    "Completions",
    "Dialect",
    "DialectRecord",
    "ErrorPlace",
    "ErrorReport",
    "NamespacesQuery",
    "Question",
    "SourceLocation",
    "SymbolInfo",
    "SymbolQuery",
    "Timing",
    "Variant",
]

QUESTIONS: tuple[Question[Any, Any], ...] = (
    COMPLETION,
    COMPLETION_DOC,
    SYMBOL_INFO,
    NAMESPACES,
    CLASSPATH,
)
"""Everything that can be asked, in the order in which a person is shown it."""
