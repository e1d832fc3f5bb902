"""What the entries of a menu call the forms and files that they are about."""

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import lexer_for

from ..documents import path_of

__all__ = ["file_name", "form_title", "title_of"]

#: Characters of a form in a title.
TITLE_LIMIT = 40
#: Characters of a form that are looked at.
LOOKED_AT = 400

_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def title_of(snapshot: Snapshot, span: tuple[int, int]) -> str:
    """A form of a text in one short line."""
    start, end = span
    return form_title(snapshot.language, snapshot.text[start : min(end, start + LOOKED_AT + 1)])


def form_title(language: Language, text: str) -> str:
    """
    A form in one short line: all of it where it fits, else what it begins with, `(defn area …)`.

    Words are kept whole, and of a definition the name is there.
    """
    text, is_cut = text[:LOOKED_AT], len(text) > LOOKED_AT
    line = " ".join(text.split())
    if len(line) <= TITLE_LIMIT and not is_cut:
        return line
    lexer, opener = lexer_for(language), text[:1]
    closer = _CLOSERS.get(opener)
    if lexer is None or closer is None:
        return line[: TITLE_LIMIT - 1].rstrip() + "…"
    words: list[str] = []
    room = TITLE_LIMIT - len("( …)")
    for form in lexer.forms(text, 1, len(text), ")]}"):
        if form.kind != "atom" or form.discarded or not form.closed:
            break
        # Metadata before a name says nothing here.
        word = text[slice(*form.parts[-1])]
        if len(word) > room:
            # A name that is too long is better than none.
            words += [word[: room - 1] + "…"] if len(words) == 1 and room > 8 else []
            break
        words.append(word)
        room -= len(word) + 1
    return f"{opener}{' '.join(words)} …{closer}" if words else line[: TITLE_LIMIT - 1] + "…"


def file_name(uri: str) -> str:
    """What a document is called."""
    path = path_of(uri)
    return path.name if path is not None and path.name else "this text"
