"""Strings with code in them: the f-strings of Hy and Basilisp."""

import re
from collections.abc import Iterable

from ..languages import Language
from ..lexer import lexer_for

__all__ = ["is_in_format_string"]

_OPENINGS = {
    "hy": re.compile(r"(?:[a-zA-Z]*[fFtT][a-zA-Z]*\Z|#\[[fFtT])"),
    "clojure": re.compile(r"#[fF]\Z"),
}
"""By family, what stands before the quote of such a string."""


def is_in_format_string(language: Language, text: str, names: Iterable[str]) -> bool:
    """Whether a string with fields may mention one of some names.

    Words in it count as well as fields: a field can hold any code.
    """
    opening, lexer = _OPENINGS.get(language.family), lexer_for(language)
    if opening is None or lexer is None:
        return False
    folded = [name.replace("_", "-") for name in names]
    words = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in folded)
    mention = re.compile(words)
    before = ""
    for match in lexer.token.finditer(text):
        written = match.group()
        if match.lastgroup in ("string", "unclosed"):
            if "{" in written and opening.match(before + written.partition('"')[0]):
                if mention.search(written.replace("_", "-")):
                    return True
        if match.lastgroup not in ("space", "comment", "block"):
            before = written if match.lastgroup in ("prefix", "atom") else ""
    return False
