"""The smallest changes that turn one text into another."""

import re
from difflib import SequenceMatcher

from nrepl_lsp.source.rewriting.white_space import line_break_of, trimmed

from .edits import Change

__all__ = ["minimal_edits"]

#: Pairs of lines that are compared at most; beyond them what differs is one change.
COMPARED_LIMIT = 4_000_000

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def minimal_edits(old: str, new: str) -> list[Change]:
    """
    Changes of `old` that do not overlap and leave equal lines alone.

    The result has the line breaks of `old`; `new` has `\\n` for line breaks.
    """
    new = new.replace("\n", line_break_of(old))
    if old == new:
        return []
    olds, news = _LINE.findall(old), _LINE.findall(new)
    if len(olds) * len(news) > COMPARED_LIMIT:
        return [trimmed(0, old, new)]
    starts = [0]
    for line in olds:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    return [
        trimmed(starts[first], "".join(olds[first:last]), "".join(news[new_first:new_last]))
        for kind, first, last, new_first, new_last in matcher.get_opcodes()
        if kind != "equal"
    ]
