"""What the scanner and the editor features need to know of a language, as plain values.

Fields that hold a regex are in Python's syntax and compiled with DOTALL. Fields that hold a
character class hold what goes between its brackets.
"""

from dataclasses import dataclass


def many(pattern: str, times: str = "*") -> str:
    """A regex of `pattern` repeated, which does not go back once it has matched."""
    return f"(?>(?:{pattern}){times})"


@dataclass(frozen=True, slots=True)
class StringSyntax:
    """One kind of string: regexes of what opens it, what it holds, and what closes it.

    `cut` matches an opening that the text ends in the middle of; `behind` is what must stand
    before the opening quote when a scan has already passed the letters before it (`f"` in Hy).
    """

    start: str
    body: str
    end: str
    cut: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Lexical:
    """How a language is cut into tokens. An empty regex means that the language has none."""

    brackets: tuple[str, ...] = ("()", "[]", "{}")
    space: str = r"\s\ufeff"
    """Character class of white space."""
    comment: str = r";[^\n\r]*+"
    """Regex of a comment that ends before the end of its line."""
    block_comment: bool = False
    """Whether `#| … |#` is a comment. They nest."""
    strings: tuple[StringSyntax, ...] = ()
    character: str = ""
    """Regex of a character literal."""
    discard: str = ""
    """Regex of the prefix that makes the reader drop the next form."""
    prefix: str = ""
    """Regex of a prefix that belongs to the one form after it."""
    double_prefix: str = ""
    """Regex of a prefix that belongs to the two forms after it, as metadata does."""
    breaks: str = r"\s\ufeff()\[\]{}\";"
    """Character class of what ends a symbol."""
    quoted: str = ""
    """Regex of a stretch of a symbol in which breaks do not count: `|a b|`, `\\(`."""
    literal: str = ""
    """Regex of atoms that are tried before symbols: `#t`, `#:key`."""
    special: str = r"\";"
    """Character class of what needs a look inside a list, apart from brackets."""
    number: str = r"[+-]?\.?\d"
    """Regex that tells a number from a symbol."""
    keyword: str = r":"
    """Regex that tells a keyword from a symbol."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its names in LSP, its files, its text, its namespaces.

    `family` chooses eval snippets: languages that read the same code share one. `fence` names it
    in a Markdown code block. A form headed by one of `namespace_forms` puts what follows it into
    the namespace it names; one headed by one of `module_forms` does so for what it holds.
    """

    id: str
    family: str
    language_ids: tuple[str, ...]
    extensions: tuple[str, ...]
    fence: str = ""
    line_comment: str = ";"
    lexical: Lexical | None = None
    namespace_forms: tuple[str, ...] = ()
    module_forms: tuple[str, ...] = ()
    comment_forms: tuple[str, ...] = ()
    trigger_characters: tuple[str, ...] = ()
