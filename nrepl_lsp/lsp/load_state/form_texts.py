"""The top-level forms of a text that a program can have, and how to know them again."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.fingerprints import fingerprint
from nrepl_lsp.source.index import CLOSED
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import Span

from ..documents import TEXT_LIMIT

if TYPE_CHECKING:
    from nrepl_lsp.source.definitions.outline import Definition

__all__ = ["Body", "FormText", "FormTexts", "Key"]

Key = tuple[str, ...]
"""What a form is about: the names that it defines, or the head of an expression."""


class Body:
    """A form's text; its fingerprint is taken when it is first needed, which is mostly never."""

    __slots__ = ("_language", "_print", "text")

    def __init__(self, language: Language, text: str) -> None:
        self.text = text
        self._language = language
        self._print: int | None = None

    @property
    def print(self) -> int:
        """Its fingerprint: what texts of the same code share."""
        if self._print is None:
            self._print = fingerprint(self._language, self.text)
        return self._print


class FormText(NamedTuple):
    """A top-level form that a program can have. names: what it defines; an expression nothing."""

    span: Span
    key: Key
    body: Body
    names: tuple[str, ...]


class FormTexts:
    """Reads the forms of a document; those that were there when it was read last stay the same."""

    def __init__(self) -> None:
        self._bodies: dict[str, Body] = {}

    def read(self, snapshot: Snapshot) -> tuple[FormText, ...]:
        index = snapshot.index
        if index is None or index.length > TEXT_LIMIT:
            return ()
        # A third of our share of the start-up, and nothing was evaluated yet.
        from nrepl_lsp.source.definitions.outline import outline

        text, language = snapshot.text, snapshot.language
        definitions = [one for one in outline(snapshot) if one.kind != "comment"]
        kept: dict[str, Body] = {}
        bodies, found, at = self._bodies, [], 0
        for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
            own: list[Definition] = []
            while at < len(definitions) and definitions[at].span.start < end:
                if definitions[at].span.start >= start:
                    own.append(definitions[at])
                at += 1
            key = _key(language, text, start, own) if state == CLOSED else None
            if key is None:
                continue
            form = text[start:end]
            body = kept[form] = kept.get(form) or bodies.get(form) or Body(language, form)
            found.append(FormText(Span(start, end), key, body, key[1:] if own else ()))
        self._bodies = kept
        return tuple(found)


def _key(language: Language, text: str, start: int, own: "Sequence[Definition]") -> Key | None:
    """What a form is about; None for what no program keeps: comments, quoted forms, values."""
    if own:
        kind = "namespace" if own[0].kind == "namespace" else "definition"
        return (kind, *(one.name for one in own))
    match = _HEAD.match(text, start)
    return ("expression", match[1]) if match and match[1] not in language.comment_forms else None


_HEAD = re.compile(r"\(\s*([^\s()\[\]{}\"';,`@~^#\\]+)")
