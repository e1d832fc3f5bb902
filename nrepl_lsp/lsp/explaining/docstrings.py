"""
Doc strings as Markdown that looks well in every editor.

Doc strings are written for terminals. As Markdown, indented lines become code or one paragraph,
earmuffs become emphasis, `<` begins a tag; in a fence everything stays in its place, but backticks
and argument names are plain text, and VS Code neither wraps the lines nor sets them in its own
font. So each stretch is shown as what it is:

- Prose, lines of sentences at the margin and lists of them, is Markdown. What Markdown would take
  for markup (`*out*`, `a_b`, `<x`) is set as code, not escaped: Neovim, Helix and Emacs show the
  source, with its backslashes. Lines that were ended on purpose keep their end, by two blanks,
  which no editor shows.
- What is laid out, indented or in columns, stays as it is, in a fence.
- What the author has fenced stays so.

In prose argument names, `backticks`, `quotes' and [[wiki]] references are set as code.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from textwrap import dedent

__all__ = ["argument_names", "dedented", "fenced", "inline", "inline_code", "rendered"]

#: Characters of a line below which its end is taken to be meant, and not made by filling lines.
SHORT_LINE = 50

#: Lines that the text of one item of a list may have.
ITEM_LINES = 20

_TICKS = re.compile(r"`+")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+\S")
_HEADING = re.compile(r"#{1,6}\s+\S")
#: What stands in columns: two blanks that end no sentence, a table's bars, rules.
_COLUMNS = re.compile(
    r"(?<=[^\s.,!?:;])(?<![.!?:;][)\"'])  +\S|^\s*\|.*\||^\s*[-=_~*+|]{3,}\s*$|\t"
)
#: A line of code, or of a session with a REPL.
_CODE = re.compile(r"\s*(?:[(\[{][^\sA-Z]|[#'`@][(\[{]|;|(?:[\w.]+=>|=>|>>>|\$|>)\s)")
_LAST_OF_SENTENCE = re.compile(r"[.!?:;][)\"'”]?$")

#: What ends a word, and what in a word Markdown may take for markup.
_ENDS = r"\s`\[\](){}\"',;"
_BEGINS = rf"(?<![^{_ENDS}])"
_INSIDE = re.compile(rf"[^{_ENDS}]")
_SPECIAL = re.compile(r"[`\[*_<>~\\&]|://")
_INLINE = (
    r"`(?P<quoted>[^`'\s]+)'(?![\w`])"
    r"|(?P<ticked>(?P<ticks>`+)(?!`)[^\n]{0,400}?[^`](?P=ticks)(?!`))(?:\\(?=\W))?"
    r"|(?P<lone>`+)"
    r"|\[\[(?P<wiki>[^\[\]\n]+)\]\]"
    r"|(?P<kept>!?\[[^\[\]\n]*\]\([^()\s]*\)"
    r"|<?https?://[^\s<>\"`]+>?"
    rf"|{_BEGINS}\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*(?![\w*]))"
    r"|(?P<entity>&\#?\w{1,31};)"
    rf"|(?P<role>{_BEGINS}:(?:[a-z]+:)+)(?=`)"
)
_WORD = rf"|{_BEGINS}(?P<word>[^{_ENDS}*_<>~\\&]*[*_<>~\\](?:(?!&\#?\w{{1,31}};)[^{_ENDS}])*)"
# reStructuredText, which Basilisp's own documentation is in, names a role before what is set as
# code (:py:class:`str`) and escapes what follows it (``f``\.): neither is shown.
_MARKUP = re.compile(
    r"\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|<[A-Za-z/!?]|^>|~~|\\[^\w\s]|`"
)
_ARGUMENT = re.compile(r"(?<![^\s(\[{])[^\s()\[\]{}\"',;:&|^@`~\\][^\s()\[\]{}\"',;`~\\]*")
#: Names of arguments that are words of most sentences.
_WORDS = frozenset(
    "a an and as at be by do for from he i if in into is it no not of on or so than that the this "
    "to up was we with you".split()
)


def rendered(text: str, language: str, arguments: Collection[str] = frozenset()) -> str:
    """
    A doc string as Markdown.

    text: without the indentation that its lines share. language: a fence's, for lines of code.
    arguments: names to set as code.
    """
    parts = []
    for kind, lines in _runs(text.split("\n")):
        if kind == "prose":
            parts.append(_prose(lines, arguments))
        elif kind == "verbatim":
            parts.append("\n".join(lines))
        else:
            parts.append(fenced(dedent("\n".join(lines)), language if kind == "code" else "text"))
    return "\n\n".join(part for part in parts if part)


def dedented(doc: str) -> str:
    """A doc string's first line starts at its quote; the others are indented by the code."""
    first, newline, rest = doc.replace("\r\n", "\n").strip("\n").partition("\n")
    is_indented = newline and rest[:1] in (" ", "\t", "\n", "\r")
    return (first.strip() + newline + (dedent(rest) if is_indented else rest)).rstrip()


def fenced(text: str, language: str) -> str:
    """A text in a fence that is longer than any in it; empty for no text."""
    longest = max(map(len, _TICKS.findall(text))) if "```" in text else 0
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}" if text else ""


def inline_code(text: str) -> str:
    """A text set as code within a line, whatever backticks it holds."""
    if "`" not in text:
        return f"`{text}`"
    ticks = "`" * (max(map(len, _TICKS.findall(text))) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def argument_names(arglists: Collection[str]) -> frozenset[str]:
    """The names in argument lists that can be told from words: `coll`, `test`, not `a`."""
    names = {
        # Hy shows `who='x'`.
        name.split("=")[0] or name
        for arglist in arglists
        for name in _ARGUMENT.findall(arglist)
    }
    return frozenset(name for name in names if name not in _WORDS and not name[0].isdigit())


def _runs(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Stretches of lines of one kind: prose, code, laid (out), or verbatim."""
    run: list[str] = []
    kind = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = _FENCE.match(line)
        if fence:
            if run:
                yield kind, run
            block, at = _fenced_block(lines, at, fence[1])
            yield "verbatim", block
            run, kind = [], ""
            continue
        is_blank = not line.strip()
        here = "" if is_blank else _kind(line, kind if run and run[-1].strip() else "", run)
        if is_blank and kind != "prose" and run and _goes_on(lines, at):
            # What is laid out goes on after an empty line.
            here = kind
        if run and here != kind:
            yield kind, _trimmed(run)
            run = []
        if here:
            run.append(line)
        kind = here
        at += 1
    if run:
        yield kind, _trimmed(run)


def _kind(line: str, before: str, run: list[str]) -> str:
    """What a line is, knowing what it follows directly."""
    if _COLUMNS.search(line) or (before in ("laid", "code") and line[:1].isspace()):
        return "code" if before == "code" else "laid"
    if line[:1].isspace():
        # The lines of a list's item are indented to its text.
        in_list = before == "prose" and any(_LIST_ITEM.match(one) for one in run[-ITEM_LINES:])
        if in_list and len(line) - len(line.lstrip()) <= 4:
            return "prose"
        return "code" if _CODE.match(line) else "laid"
    if before == "code" or (not before and _CODE.match(line)):
        return "code"
    return "prose"


def _goes_on(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    return following[:1].isspace()


def _fenced_block(lines: list[str], at: int, fence: str) -> tuple[list[str], int]:
    """The author's own fence with what it holds, closed; and where what follows begins."""
    block = [lines[at].strip()]
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            inner = dedent("\n".join(block[1:]))
            return [block[0], *([inner] if block[1:] else []), fence], number + 1
        block.append(line)
    return [*block, fence], len(lines)


def _trimmed(run: list[str]) -> list[str]:
    while run and not run[-1].strip():
        run.pop()
    return run


def _prose(lines: list[str], arguments: Collection[str]) -> str:
    shown = []
    for number, line in enumerate(lines):
        text = line.rstrip()
        if _LIST_ITEM.match(text.lstrip()):
            mark, space, rest = re.split(r"(\s+)", text.lstrip(), maxsplit=1)
            indent = text[: len(text) - len(text.lstrip())]
            done = indent + mark + space + inline(rest, arguments)
        elif _HEADING.match(text):
            done = text
        else:
            done = text[: len(text) - len(text.lstrip())] + inline(text.lstrip(), arguments)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if following and _is_ended(text, following) and not _LIST_ITEM.match(following.lstrip()):
            done += "  "
        shown.append(done)
    return "\n".join(shown)


def _is_ended(line: str, following: str) -> bool:
    """Whether a line's end was meant: the next word would have had room on it."""
    if _HEADING.match(line):
        return False
    is_sentence = _LAST_OF_SENTENCE.search(line) is not None
    return len(line) < SHORT_LINE or (is_sentence and len(line) + len(following.split()[0]) < 60)


def inline(line: str, arguments: Collection[str] = frozenset()) -> str:
    """A line of prose: what it sets as code, names of arguments, what Markdown would misread."""
    everything, named = _patterns(frozenset(arguments))
    if _SPECIAL.search(line) is not None:
        return everything.sub(_piece, line)
    # Most lines are words: each hover reads its documentation anew.
    return named.sub(_argument, line) if named is not None else line


@lru_cache(maxsize=256)
def _patterns(arguments: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """What of a line needs a look; and the names of arguments, also in the middle of words."""
    names = "|".join(map(re.escape, sorted(arguments, key=len, reverse=True)))
    ends = rf"(?=[.:!?]*(?:[{_ENDS}]|\Z))"
    everything = re.compile(
        f"{_INLINE}|{_BEGINS}(?P<argument>{names}){ends}{_WORD}" if names else _INLINE + _WORD
    )
    return everything, re.compile(f"({names}){ends}") if names else None


def _argument(match: re.Match[str]) -> str:
    """The name of an argument as code, unless it is the end of a word."""
    text, start = match.group(), match.start()
    is_end = start > 0 and _INSIDE.match(match.string, start - 1) is not None
    return text if is_end else f"`{text}`"


def _piece(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "argument" or kind == "quoted" or kind == "wiki" or kind == "entity":
        return inline_code(match[kind])
    if kind == "role":
        return ""
    if kind == "ticks" or kind == "ticked":
        return match["ticked"]
    text = match.group()
    if kind == "lone":
        return inline_code(text)
    if kind == "word" and _MARKUP.search(text):
        bare = text.rstrip(".:") or text
        return inline_code(bare) + text[len(bare) :]
    return text
