"""`textDocument/foldingRange`: what can be folded away."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import TEXT_LIMIT
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.folding import Fold, folds, goes_on


async def folding_range(ls: NreplLanguageServer, params: types.FoldingRangeParams) -> Raw | None:
    """Answer one fold for each first line, the outermost; those also when only few are wanted."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None or len(snapshot.text) > TEXT_LIMIT:
        return None
    found = folds(snapshot)
    if ls.client.folding_lines_only:
        return Raw(
            [
                _lines(fold)
                for fold in _within(_whole_lines(snapshot, found), ls.client.folding_limit)
            ]
        )
    encoding = ls.documents.encoding
    return Raw(
        [
            {**_lines(fold), "endCharacter": snapshot.lines.position(fold.end, encoding)[1]}
            for fold in _within(found, ls.client.folding_limit)
        ]
    )


def _whole_lines(snapshot: Snapshot, found: Sequence[Fold]) -> list[Fold]:
    """Folds of lines: one that ends where other code goes on leaves that line alone."""
    cut = [
        fold._replace(end_line=fold.end_line - 1) if goes_on(snapshot, fold) else fold
        for fold in found
    ]
    return [fold for fold in cut if fold.end_line > fold.line]


def _within(found: Sequence[Fold], limit: int | None) -> Sequence[Fold]:
    """The outermost folds, as many as are wanted, in the order of the text."""
    if limit is None or len(found) <= limit:
        return found
    return sorted(sorted(found, key=attrgetter("depth"))[: max(limit, 0)])


def _lines(fold: Fold) -> dict[str, Any]:
    plain: dict[str, Any] = {"startLine": fold.line, "endLine": fold.end_line}
    if fold.kind:
        plain["kind"] = fold.kind
    return plain
