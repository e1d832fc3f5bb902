"""Every question, in the order in which a person is shown them."""

from __future__ import annotations

from typing import Any

from .completion import COMPLETION
from .formatting import FORMAT
from .implementations import IMPLEMENTATIONS, PROTOCOLS_WITH_METHOD, TYPE_PROTOCOLS
from .macroexpansion import MACROEXPANSION
from .namespace_forms import ALIASED, CLEAN_NAMESPACE, MISSING
from .namespace_info import NAMESPACE_INFO
from .namespaces import CLASSPATH, NAMESPACES
from .references import CALLEES, CALLERS
from .resources import RESOURCE
from .signature import SIGNATURE
from .stacktrace import LAST_ERROR
from .symbol_info import COMPLETION_DOC, SYMBOL_INFO
from .var_kinds import VAR_KINDS
from .variants import Question
from .workspace_symbols import WORKSPACE_SYMBOLS

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question[Any, Any], ...] = (
    COMPLETION,
    COMPLETION_DOC,
    SYMBOL_INFO,
    SIGNATURE,
    WORKSPACE_SYMBOLS,
    CALLERS,
    CALLEES,
    IMPLEMENTATIONS,
    TYPE_PROTOCOLS,
    PROTOCOLS_WITH_METHOD,
    VAR_KINDS,
    FORMAT,
    MACROEXPANSION,
    ALIASED,
    MISSING,
    CLEAN_NAMESPACE,
    NAMESPACES,
    NAMESPACE_INFO,
    CLASSPATH,
    RESOURCE,
    LAST_ERROR,
)
