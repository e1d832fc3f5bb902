"""
The texts that were evaluated, for definitions that no file has.

What is typed at a REPL, or evaluated in a document that has no file, is known to the program as
`NO_SOURCE_PATH` or not at all. We sent it, so we can show it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.languages import PLAIN, Language

from ..evaluating.code import Code

if TYPE_CHECKING:
    from nrepl_lsp.source.definitions.outline import Definition

__all__ = ["EvaluatedForm", "EvaluatedForms", "definition_named"]

#: Texts that are remembered, and their characters together.
FORMS_LIMIT = 500
TEXT_LIMIT = 4 * 1024 * 1024
#: Characters of a text that is remembered; a longer one is a file.
FORM_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class EvaluatedForm:
    """
    A text that a program evaluated. uri: its document, if any; start: where it stood in it.

    ns: the namespace it was evaluated in, None when that is not known. is_file: it is all of its
    document.
    """

    repl: Repl
    text: str
    language: Language
    ns: str | None = None
    uri: str | None = None
    start: int = 0
    is_file: bool = False
    _defined: dict[Language, frozenset[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def defines(self, name: str, language: Language) -> bool:
        """Whether it defines a name, read in a language; what it defines is worked out once."""
        names = self._defined.get(language)
        if names is None:
            snapshot = replace(self, language=language).snapshot()
            names = frozenset(one.name for one in _definitions(snapshot))
            self._defined[language] = names
        return name in names

    @property
    def extension(self) -> str:
        """The extension of a file that holds it."""
        return self.language.extensions[0]

    def snapshot(self) -> Snapshot:
        """The text as a document of its own."""
        name = self.language.language_ids[0]
        return Document(f"evaluated{self.extension}", name, None, self.text).snapshot()


class EvaluatedForms:
    """A bounded record, the newest last."""

    def __init__(self) -> None:
        self._forms: deque[EvaluatedForm] = deque()
        self._characters = 0

    def __bool__(self) -> bool:
        return bool(self._forms)

    def note(self, repl: Repl, code: Code, ns: str | None) -> None:
        """Remember what a program has evaluated without an error."""
        if code.is_file and code.uri is not None:
            self._drop_file(repl, code.uri)
        if len(code.text) > FORM_LIMIT or not code.text.strip():
            return
        form = EvaluatedForm(
            repl,
            code.text,
            code.language,
            code.ns or code.declared_namespace or ns,
            code.uri,
            code.start,
            code.is_file,
        )
        self._forms.append(form)
        self._characters += len(form.text)
        while (
            len(self._forms) > FORMS_LIMIT
            or self._characters > TEXT_LIMIT
            # A program that is gone is never asked again.
            or not self._forms[0].repl.is_live
        ) and len(self._forms) > 1:
            self._characters -= len(self._forms.popleft().text)

    def _drop_file(self, repl: Repl, uri: str) -> None:
        """Forget what a file was when it was loaded before: it is loaded again and again."""
        kept = deque(
            one
            for one in self._forms
            if not (one.is_file and one.repl.dialect is repl.dialect and one.uri == uri)
        )
        self._forms = kept
        self._characters = sum(len(one.text) for one in kept)

    def find(
        self, repl: Repl, ns: str | None, name: str, language: Language
    ) -> EvaluatedForm | None:
        """
        The newest text that defined a name in a namespace of a program.

        language: the asker's, for code that was typed where no language is known. It may be called
        in a thread, which the first look at long texts is worth.
        """
        for form in reversed(tuple(self._forms)):
            # A new session is another `Repl` of the same program.
            if form.repl.dialect is not repl.dialect or name not in form.text:
                continue
            if ns is not None and form.ns is not None and form.ns != ns:
                continue
            own = language if form.language is PLAIN else form.language
            if form.defines(name, own):
                return form if form.language is own else replace(form, language=own)
        return None


def _definitions(snapshot: Snapshot) -> "Iterator[Definition]":
    # A third of our share of the start-up, and nothing was evaluated yet.
    from nrepl_lsp.source.definitions.outline import outline
    from nrepl_lsp.source.naming.references import each_definition

    return each_definition(outline(snapshot))


def definition_named(snapshot: Snapshot, name: str) -> "Definition | None":
    """The last definition of a name in a text, which is the one that counts."""
    named = [one for one in _definitions(snapshot) if one.name == name]
    return named[-1] if named else None
