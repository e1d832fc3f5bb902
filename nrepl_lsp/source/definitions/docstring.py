"""The documentation that a definition's text holds."""

import re

from ..document import Snapshot
from ..lexer import lexer_for
from .definition_forms import Definition

__all__ = ["docstring_of"]

#: Forms after the name among which it is looked for, and characters that are read.
_FORMS_LIMIT = 4
_TEXT_LIMIT = 20_000
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t"}


def docstring_of(snapshot: Snapshot, definition: Definition) -> str:
    """
    The string after the name or the argument list of a definition; empty where there is none.

    The last form of all is a value and no documentation (`(def x "y")`), but for what only declares
    something: methods of protocols, protocols.
    """
    lexer = lexer_for(snapshot.language)
    if lexer is None or definition.kind in ("test", "keyword"):
        return ""
    text = snapshot.text
    start, end = definition.name_span.end, definition.span.end
    found = ""
    for number, form in enumerate(lexer.forms(text, start, min(end, start + _TEXT_LIMIT), ")")):
        if found:
            return found
        if number == _FORMS_LIMIT or form.kind not in ("string", "list"):
            return ""
        if form.kind == "string" and form.closed:
            said = _ESCAPED.sub(_character, text[form.body + 1 : form.end - 1])
            if definition.kind in ("method", "protocol"):
                return said
            found = said
        elif text[form.body] not in "[(":
            return ""
    return ""


def _character(match: "re.Match[str]") -> str:
    return _CONTROLS.get(match[1], match[1])
