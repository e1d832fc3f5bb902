"""The languages that program text may be in, and how one is chosen for a document."""

from .record import Language, Lexical, StringSyntax, many
from .table import (
    BASILISP,
    CLOJURE,
    COMMON_LISP,
    EDN,
    FENNEL,
    HY,
    JANET,
    LANGUAGES,
    PLAIN,
    RACKET,
    SCHEME,
)

__all__ = [
    "BASILISP",
    "CLOJURE",
    "COMMON_LISP",
    "EDN",
    "FENNEL",
    "HY",
    "JANET",
    "LANGUAGES",
    "PLAIN",
    "RACKET",
    "SCHEME",
    "Language",
    "Lexical",
    "StringSyntax",
    "for_document",
    "for_language_id",
    "for_path",
    "many",
]

_BY_LANGUAGE_ID = {name: language for language in LANGUAGES for name in language.language_ids}
_BY_EXTENSION = {name: language for language in LANGUAGES for name in language.extensions}


def for_language_id(language_id: str) -> Language:
    """The language that an editor means by `language_id`; `PLAIN` when it is not known."""
    return _BY_LANGUAGE_ID.get(language_id.lower(), PLAIN)


def for_path(path_or_uri: str) -> Language:
    """The language of a file by its name's extension; `PLAIN` when it is not known."""
    name = path_or_uri.split("?", 1)[0].split("#", 1)[0].rstrip("/").rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_EXTENSION.get(name[dot:].lower(), PLAIN) if dot >= 0 else PLAIN


def for_document(language_id: str, uri: str) -> Language:
    """The language of a document: by its language id, else by its extension.

    Inside one family the extension is the better witness: editors without a Basilisp mode open
    `.lpy` files as Clojure.
    """
    named, by_extension = for_language_id(language_id), for_path(uri)
    if named is PLAIN or named.family == by_extension.family:
        return by_extension
    return named
