"""
Comments that hold what a form came to: `(+ 1 2) ;; => 3`.

Such a comment belongs to the form right before it, in the same list: behind it on its line, or on
the line below, where another comment may stand behind the form. While the value is not complete,
it goes on over the lines below whose text is indented as far as the value.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, islice
from typing import NamedTuple

from ..changes import Change
from ..cursor import entry_span, is_kept
from ..document import Snapshot
from ..languages import Language
from ..lexer import Span, lexer_for
from ..lines import line_start
from ..tree import read
from .printing import on_lines
from .white_space import line_break_of

__all__ = [
    "ERROR",
    "ResultComment",
    "comment_of",
    "commented_forms",
    "has_comments",
    "is_complete",
    "lines_of",
    "put",
]

ERROR = "Error: "
"""What the comment of a form that fails begins with."""

#: Columns up to which a value stands on its form's line.
LINE_WIDTH = 80
#: Characters of a line of a comment, and lines of one.
LINE_LIMIT = 200
LINES_LIMIT = 40
#: Characters of a value that is laid out: of a longer one too little would be seen.
LAYOUT_LIMIT = 30_000
#: Comments of a text that are found, and places that are looked at for them.
COMMENTS_LIMIT = 200
PLACES_LIMIT = 2000
#: Characters of a top-level form whose inside is looked at.
TREE_LIMIT = 300_000
#: Characters between a form and its comment: blanks, or another comment.
REACH = 1000

#: Whatever some reader takes for the end of a comment (Racket's: NEL, and Unicode's separators).
_BREAK = re.compile("\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]")
#: What people write instead of a value, `;; => roughly 3`: that is theirs, and never compared. What
#: a program prints like that is written one column further.
_REMARK = rf"[ \t]?(?!{ERROR})[^\W\d_]++[,:;]?[ \t]++\S"
_IS_REMARK = re.compile(_REMARK)


class ResultComment(NamedTuple):
    """
    A comment and the form that it belongs to.

    span: from its first comment character to the end of its last line. mark: `;; =>` as it is
    written. text: the value that it holds, on lines.
    """

    form: Span
    span: Span
    mark: str
    text: str


class _Patterns(NamedTuple):
    """What result comments look like in a language. Each begins at the end of a form."""

    blank: "re.Pattern[str]"
    mark: "re.Pattern[str]"
    behind: "re.Pattern[str]"
    below: "re.Pattern[str]"
    more: "re.Pattern[str]"
    comment: "re.Pattern[str]"


def comment_of(snapshot: Snapshot, form: Span) -> ResultComment | None:
    """The comment that belongs to a form, if it has one."""
    patterns = _patterns(snapshot.language)
    if patterns is None:
        return None
    text = snapshot.text
    found = patterns.behind.match(text, form[1]) or patterns.below.match(text, form[1])
    if found is None:
        return None
    mark, first = found["mark"], found["value"].rstrip()
    lines, ends = [first], [found.end()]
    sign, column = _sign(mark), len(mark) + len(found["gap"])
    # What we write has its first line, and an error has no other.
    goes_on = bool(first) and not first.startswith(ERROR)
    while goes_on and (more := patterns.more.match(text, ends[-1])):
        missing, written = column - len(sign), more["value"]
        is_indented = len(written) - len(written.lstrip(" ")) >= missing
        if more["sign"] != sign or not is_indented or not written.strip():
            break
        lines.append(written[missing:].rstrip())
        ends.append(more.end())
    count = _lines_of_first_form(snapshot.language, lines)
    span = Span(found.start("mark"), ends[count - 1])
    return ResultComment(Span(*form), span, mark, "\n".join(lines[:count]))


def _lines_of_first_form(language: Language, lines: list[str]) -> int:
    """How many lines the value takes: what follows a whole form is somebody's own comment."""
    lexer, text = lexer_for(language), "\n".join(lines)
    form = next(lexer.forms(text, 0, len(text)), None) if lexer is not None else None
    if form is None or not form.closed or text[form.end : form.end + 1] not in ("", "\n"):
        return len(lines)
    return text.count("\n", 0, form.end) + 1


def commented_forms(
    snapshot: Snapshot, start: int = 0, end: int | None = None
) -> Iterator[ResultComment]:
    """The result comments that begin between two offsets, in order; at most `COMMENTS_LIMIT`."""
    return islice(_commented_forms(snapshot, start, end), COMMENTS_LIMIT)


def _commented_forms(snapshot: Snapshot, start: int, end: int | None) -> Iterator[ResultComment]:
    patterns, index = _patterns(snapshot.language), snapshot.index
    if patterns is None or index is None:
        return
    text = snapshot.text
    found = patterns.mark.finditer(text, start, len(text) if end is None else end)
    places = [match.start() for match in islice(found, PLACES_LIMIT)]
    for entry, group in groupby(places, lambda at: bisect_right(index.starts, at) - 1):
        if entry < 0 or not is_kept(index, entry):
            continue
        known = set(group)
        form = entry_span(text, index, entry)
        forms = [form]
        if min(known) < form.end:
            forms = _forms_before(snapshot, form, sorted(known))
        for one in forms:
            comment = comment_of(snapshot, one)
            # Of two forms that end where one begins, both would claim it.
            if comment is not None and comment.span.start in known:
                known.remove(comment.span.start)
                yield comment


def _forms_before(snapshot: Snapshot, form: Span, places: Sequence[int]) -> list[Span]:
    """The forms in a top-level one, and itself, that end shortly before places; in order."""
    if form.end - form.start > TREE_LIMIT:
        return []
    base, found = form.start, []
    waiting = read(snapshot.language, snapshot.text[form.start : form.end])
    while waiting:
        node = waiting.pop()
        end = base + node.end
        following = bisect_left(places, end)
        if following < len(places) and places[following] - end <= REACH:
            found.append(Span(base + node.start, end))
        waiting += node.children
    return sorted(found, key=lambda span: span.end)


def has_comments(snapshot: Snapshot) -> bool:
    """Whether a text holds what may be a result comment; worked out once."""
    return snapshot.once(_has_comments)


def _has_comments(snapshot: Snapshot) -> bool:
    patterns = _patterns(snapshot.language)
    return patterns is not None and patterns.mark.search(snapshot.text) is not None


def lines_of(language: Language, value: str) -> list[str]:
    """A value as the lines of a comment: laid out, each of a bounded length, not too many."""
    laid_out = on_lines(language, value) if len(value) <= LAYOUT_LIMIT else value
    lines = [line.rstrip() for line in _BREAK.split(laid_out) if line.strip()]
    if len(lines) > LINES_LIMIT:
        lines[LINES_LIMIT - 1 :] = ["…"]
    if lines and _lines_of_first_form(language, lines) < len(lines):
        # Read again, the comment would end before the value does.
        lines = [" ".join(lines)]
    if lines and _IS_REMARK.match(lines[0]):
        lines = [f" {line}" for line in lines]
    return [_cut(line) for line in lines] or [""]


def put(snapshot: Snapshot, form: Span, value: str) -> Change | None:
    """
    The change that puts a value into the comment of a form, a new one where it has none.

    A short value stands behind its form; a long one, or one of a form that has something behind
    it on its line, on the lines below; what was behind the form then follows. None where the
    language has no comments, and for a form that does not end: it would become part of that.
    """
    patterns = _patterns(snapshot.language)
    if patterns is None or not is_complete(snapshot, form):
        return None
    text, (start, end) = snapshot.text, form
    lines = lines_of(snapshot.language, value)
    old = comment_of(snapshot, Span(start, end))
    mark = old.mark if old is not None else _mark(snapshot.language)
    if old is not None and not text[line_start(text, old.span.start) : old.span.start].strip():
        indentation = _indentation(text, old.span.start)
        return Change(*old.span, _block(text, mark, lines, indentation))
    indentation = _indentation(text, start)
    below = line_break_of(text) + indentation + _block(text, mark, lines, indentation)
    column = end - line_start(text, end)
    fits = len(lines) == 1 and column + len(f" {mark} {lines[0]}") <= LINE_WIDTH
    beside = f"{mark} {lines[0]}".rstrip()
    if old is not None:
        return Change(*old.span, beside) if fits else Change(end, old.span.end, below)
    rest = _end(patterns.blank, text, end)
    # What is more than blanks, such as a comma, stays before the comment.
    at = end + len(text[end:rest].rstrip(" \t"))
    if rest == len(text) or text[rest] in "\r\n":
        return Change(at, rest, f" {beside}" if fits else below)
    comment = patterns.comment.match(text, rest)
    if comment is not None:
        return Change(comment.end(), comment.end(), below)
    return Change(at, rest, below + line_break_of(text) + indentation)


def is_complete(snapshot: Snapshot, form: Span) -> bool:
    """Whether a form has its end, so that what is written behind it does not belong to it."""
    lexer, written = lexer_for(snapshot.language), snapshot.text[slice(*form)]
    if lexer is None:
        return False
    ends = [0, *(one.end for one in lexer.forms(f"{written}\n()", 0, len(written) + 3))]
    return ends[-2:] == [len(written), len(written) + 3]


def _end(pattern: "re.Pattern[str]", text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at


def _block(text: str, mark: str, lines: list[str], indentation: str) -> str:
    sign = _sign(mark)
    more = sign + " " * (len(mark) + 1 - len(sign))
    written = [f"{mark} {lines[0]}".rstrip(), *(more + line for line in lines[1:])]
    return (line_break_of(text) + indentation).join(written)


def _sign(mark: str) -> str:
    return mark.rstrip("=> \t")


def _indentation(text: str, offset: int) -> str:
    """White space as wide as what is before an offset on its line; tabs stay tabs."""
    return re.sub(r"[^\t]", " ", text[line_start(text, offset) : offset])


def _cut(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"


def _mark(language: Language) -> str:
    # `;;` is what Lisps' layouts leave at the code's column; elsewhere a double sign is strange.
    sign = language.line_comment
    return f"{sign * 2 if sign == ';' else sign} =>"


@cache
def _patterns(language: Language) -> _Patterns | None:
    lexical, sign = language.lexical, re.escape(language.line_comment)
    if lexical is None or not sign:
        return None
    blank = r"(?:[^\S\r\n]|,)*+" if "," in lexical.space else r"[^\S\r\n]*+"
    mark = rf"(?<!{sign}){sign}++[ \t]?=>(?!{_REMARK})"
    value = rf"(?P<mark>{mark})(?P<gap>[ \t]*+)(?P<value>[^\r\n]*)"
    line_break = r"(?:\r\n?|\n)"
    return _Patterns(
        re.compile(blank),
        re.compile(mark),
        re.compile(blank + value),
        re.compile(rf"{blank}(?:{lexical.comment})?{line_break}[^\S\r\n]*+{value}"),
        re.compile(rf"{line_break}[^\S\r\n]*+(?P<sign>{sign}++)(?P<value>[^\r\n]*)"),
        re.compile(lexical.comment),
    )
