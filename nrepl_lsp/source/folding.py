"""What of a text can be folded away: forms and strings over several lines, comments, imports.

One pass over the text: a regex skips what cannot begin or end a fold (words, white space, lists
and strings on one line) in C, so that Python sees few tokens.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from io import StringIO
from itertools import accumulate, pairwise
from typing import NamedTuple

from .document import Snapshot
from .languages import Language, Lexical, many
from .languages.definitions import DEFINITIONS
from .lexer import levels_up
from .lines import line_start
from .patterns import PREFIX_ENDS, block_comment

__all__ = ["Fold", "folds", "goes_on"]

_LEAF_DEPTH = 3

_ONE_LINE_ON = re.compile(r"(?:\r\n?|\n)[ \t]*+")


class Fold(NamedTuple):
    """Lines that can be folded into the first, which begins or holds the start of what is folded.

    Lines count from 0. `end` is the offset before the bracket or quote that closes the fold,
    `after` the one after it. `depth` counts from 0. `kind` is "", comment or imports.
    """

    line: int
    end_line: int
    end: int
    after: int
    depth: int
    kind: str


def folds(snapshot: Snapshot) -> Sequence[Fold]:
    """The folds of a text by their first line: one for a line, the outermost that begins there."""
    return snapshot.once(_folds)


def goes_on(snapshot: Snapshot, fold: Fold) -> bool:
    """Whether code follows a fold on its last line, other than the ends of others."""
    grammar = _grammar(snapshot.language)
    return grammar is not None and grammar.rest.match(snapshot.text, fold.after) is None


def _folds(snapshot: Snapshot) -> tuple[Fold, ...]:
    grammar, text = _grammar(snapshot.language), snapshot.text
    if grammar is None:
        return ()
    found: list[_Stretch] = []
    index = snapshot.index if _scan(grammar, text, 0, len(text), found) else None
    if index is not None:
        # Brackets do not balance: as elsewhere, no form reaches into the next one.
        found.clear()
        for start, end in pairwise([0, *index.starts, len(text)]):
            _scan(grammar, text, start, end, found)
    return tuple(_by_line(grammar, text, found))


_Stretch = tuple[int, int, int, int, str | None]
"""What can be folded if it has several lines: where it starts, where before its closing bracket,
where it ends, its depth, and its kind; None when its head tells that."""


class _Grammar(NamedTuple):
    """What the scan needs of a language."""

    token: re.Pattern[str]
    head: re.Pattern[str]
    rest: re.Pattern[str]
    kinds: Mapping[str, str]
    closers: Mapping[str, str]


@cache
def _grammar(language: Language) -> _Grammar | None:
    lexical = language.lexical
    if lexical is None:
        return None
    definitions = DEFINITIONS[language.family]
    kinds = dict.fromkeys(definitions.imports, "imports")
    kinds |= dict.fromkeys(definitions.comments, "comment")
    heads = "|".join(map(re.escape, sorted(kinds)))
    return _Grammar(
        re.compile(_token_pattern(lexical), re.DOTALL),
        re.compile(rf"\([{lexical.space}]*+({heads})(?=[{lexical.space}()])"),
        # What may follow a fold on its last line: nothing but the ends of others.
        re.compile(rf"[ \t\f\v,)\]}}]*+(?:[\r\n]|\Z|{re.escape(language.line_comment)})"),
        kinds,
        {pair[0]: pair[1] for pair in lexical.brackets},
    )


def _token_pattern(lexical: Lexical) -> str:
    """What a fold may begin or end in, after all that it cannot; the group's name is the kind."""
    brackets = re.escape("".join(lexical.brackets))
    line = rf"[^{lexical.special}{brackets}\n\r]*+"
    inside = line
    # A quote after a letter may begin another kind of string: `f"` in Hy.
    plain = r'[^"\\\n\r]*+'
    string = rf'(?<![^\W\d_])"{plain}(?>(?:\\[^\n\r]{plain})*)"'
    leaf = ""
    for _ in range(_LEAF_DEPTH):
        inside = line + many(rf"(?:{string}{leaf}){line}")
        leaf = "".join(rf"|\{pair[0]}{inside}\{pair[1]}" for pair in lexical.brackets)
    in_word = "" if r"\#" in lexical.breaks else rf"|\#(?<=[^{lexical.breaks}{PREFIX_ENDS}]\#)"
    run = rf"[^{lexical.special}{brackets}]*+"
    skipped = run + many(rf"(?:{string}{leaf}{in_word}){run}")
    strings = [(it.behind or it.start) + it.body + it.end for it in lexical.strings]
    unclosed = [(it.cut or it.behind or it.start) + r".*\Z" for it in lexical.strings]
    groups = {
        "string": "|".join(strings),
        "unclosed": "|".join(unclosed),
        "comment": lexical.comment,
        "block": block_comment() if lexical.block_comment else "",
        "character": lexical.character,
        "quoted": lexical.quoted,
        "discard": lexical.discard,
        "open": "[" + re.escape("".join(pair[0] for pair in lexical.brackets)) + "]",
        "close": "[" + re.escape("".join(pair[1] for pair in lexical.brackets)) + "]",
        "other": ".",
    }
    tokens = "|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items() if pattern)
    return f"{skipped}(?:{tokens})?"


def _scan(grammar: _Grammar, text: str, start: int, end: int, found: list[_Stretch]) -> bool:
    """Scan a part of the text in which forms begin and end; whether a list stayed open."""
    closers = grammar.closers
    stack: list[tuple[str, int, int]] = []
    discarded = comment = -1
    for match in grammar.token.finditer(text, start, end):
        kind, after = match.lastgroup, match.end()
        if kind == "open":
            stack.append((closers[text[after - 1]], after - 1, discarded))
        elif kind == "close":
            bracket = text[after - 1]
            up: int | None = 0
            if not stack or stack[-1][0] != bracket:
                up = levels_up((closer for closer, _, _ in reversed(stack)), bracket)
            if up is not None:
                level = len(stack) - 1 - up
                _, at, dropped = stack[level]
                del stack[level:]
                is_dropped = dropped >= 0 and not text[dropped:at].strip()
                found.append((at, after - 1, after, level, "comment" if is_dropped else None))
        elif kind == "comment":
            comment = _comment(text, match.start(kind), after, comment, len(stack), found)
        elif kind == "string":
            found.append((match.start(kind), after - 1, after, len(stack), ""))
        elif kind == "block":
            found.append((match.start(kind), after - 2, after, len(stack), "comment"))
        elif kind == "discard":
            discarded = after
    return bool(stack)


def _comment(text: str, start: int, end: int, block: int, depth: int, found: list[_Stretch]) -> int:
    """Note a line comment; where its block begins, -1 when code stands before it."""
    if block >= 0 and found and found[-1][:1] == (block,):
        if _ONE_LINE_ON.fullmatch(text, found[-1][2], start):
            found[-1] = (block, end, end, depth, "comment")
            return block
    if text[line_start(text, start) : start].strip():
        return -1
    found.append((start, end, end, depth, "comment"))
    return start


def _by_line(grammar: _Grammar, text: str, found: Iterable[_Stretch]) -> Iterator[Fold]:
    # As `Lines` has it: only these three line breaks count.
    starts = list(accumulate(map(len, StringIO(text, newline="")), initial=0))
    if text[-1:] not in ("\n", "\r"):
        starts.pop()
    by_line: dict[int, tuple[int, _Stretch]] = {}
    for stretch in found:
        line, end_line = bisect_right(starts, stretch[0]), bisect_right(starts, stretch[1])
        if end_line > line:
            # A list is found after those in it.
            by_line[line] = end_line, stretch
    for line in sorted(by_line):
        end_line, (start, inner_end, end, depth, kind) = by_line[line]
        if kind is None:
            head = grammar.head.match(text, start, end)
            kind = grammar.kinds[head[1]] if head is not None else ""
        yield Fold(line - 1, end_line - 1, inner_end, end, depth, kind)
