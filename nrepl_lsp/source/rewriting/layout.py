"""What structural edits share: the list they are about, and moving text to another column.

Columns count characters from the start of a line, from 0.
"""

import re

from ..cursor import Cursor, locate
from ..document import Snapshot
from ..languages import Language
from ..lexer import Form, lexer_for
from ..lines import line_start

__all__ = ["column_of", "form_of", "is_splice", "list_at", "shifted", "tokens_of"]

REACH = 50_000
"""Characters from the start of a list to one in it that can be edited."""

_OPENING = re.compile(r"[#'`~@,;|?]{0,3}[(\[{]")


def list_at(snapshot: Snapshot, offset: int) -> Cursor | None:
    """A cursor in the innermost list at an offset; None when there is none.

    It is the list that begins at the offset, else the one that ends there, else the one around.
    """
    here = locate(snapshot, offset)
    if here is None:
        return None
    text = here.text
    opening = _OPENING.match(text, here.offset)
    if opening is not None:
        inside = locate(snapshot, opening.end())
        # Not when it is in a string or a comment.
        if inside is not None and inside.openers[-1:] == (opening.end() - 1,):
            return inside
    if text[here.offset - 1 : here.offset] in (")", "]", "}"):
        inside = locate(snapshot, here.offset - 1)
        if inside is not None and inside.openers[:-1] == here.openers and inside.openers:
            return inside
    return here if here.depth else None


def form_of(cursor: Cursor, depth: int) -> Form | None:
    """The form whose list is number `depth` around a cursor; None where that is a part of it.

    Also None for a list far behind the start of the list around it, as only data has them: what
    is before it would have to be read.
    """
    opener = cursor.openers[depth - 1]
    around = cursor.openers[depth - 2] if depth > 1 else cursor.region.start
    form = cursor.list_form(depth) if opener - around <= REACH else None
    return form if form is not None and form.body == opener else None


def is_splice(form: str) -> bool:
    """Whether a form stands for any number of forms in the list it is in."""
    return form.startswith(("#?@", "~@", ",@", ",;", ";", "#*"))


def column_of(text: str, offset: int) -> int:
    """The column of an offset."""
    return offset - line_start(text, offset)


def shifted(language: Language, code: str, by: int) -> str:
    """Code with the indentation of its lines changed by so many blanks, the first line's excepted.

    Lines that are in strings and block comments stay as they are, as do blank ones.
    """
    if not by or "\n" not in code:
        return code
    pieces: list[str] = []
    for kind, token in tokens_of(language, code):
        if kind == "space" and "\n" in token:
            lines, _, indentation = token.rpartition("\n")
            blanks = len(indentation) - len(indentation.rstrip(" "))
            kept = indentation + " " * by if by > 0 else indentation[: len(indentation) - blanks]
            pieces.append(lines + "\n" + kept + " " * max(0, blanks + by if by < 0 else 0))
        else:
            pieces.append(token)
    return "".join(pieces)


def tokens_of(language: Language, code: str) -> list[tuple[str, str]]:
    """All tokens of a text at any depth in order, white space included: kind and text."""
    lexer = lexer_for(language)
    if lexer is None:
        return [("junk", code)] if code else []
    found = lexer.token.finditer(code)
    return [(match.lastgroup or "atom", match[0]) for match in found]
