"""`textDocument/semanticTokens`: what the running program knows of the names in a text."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.colouring.semantics import Semantics, semantics_of
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.lexer import Span

_TOKEN = 5
_STEP = 1000


async def full(ls: NreplLanguageServer, params: types.SemanticTokensParams) -> Raw | None:
    """Answer all tokens; None where no program knows anything, so that others' stay."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    semantics = semantics_of(ls, snapshot.uri)
    data = await semantics.tokens(ls, snapshot)
    return _remembered(semantics, data, {"data": data}) if data is not None else None


async def delta(ls: NreplLanguageServer, params: types.SemanticTokensDeltaParams) -> Raw | None:
    """Answer what has changed since the last answer, or all when the client has another one."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    semantics = semantics_of(ls, snapshot.uri)
    data = await semantics.tokens(ls, snapshot)
    if data is None:
        return None
    if params.previous_result_id != semantics.result_id:
        return _remembered(semantics, data, {"data": data})
    return _remembered(semantics, data, {"edits": _edits(semantics.data, data)})


async def range_(ls: NreplLanguageServer, params: types.SemanticTokensRangeParams) -> Raw | None:
    """Answer the tokens of the top-level forms that a range touches."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    start = ls.documents.offset(snapshot, params.range.start)
    within = Span(start, ls.documents.offset(snapshot, params.range.end))
    data = await semantics_of(ls, snapshot.uri).tokens(ls, snapshot, within)
    return Raw({"data": data}) if data is not None else None


def _remembered(semantics: Semantics, data: list[int], answer: dict[str, Any]) -> Raw:
    return Raw({"resultId": semantics.remember(data), **answer})


def _edits(old: list[int], new: list[int]) -> list[dict[str, Any]]:
    """The one stretch of whole tokens that differs."""
    shorter = min(len(old), len(new))
    same = 0
    while same < shorter and old[same : same + _STEP] == new[same : same + _STEP]:
        same += _STEP
    same = min(same, shorter)
    while same < shorter and old[same] == new[same]:
        same += 1
    same -= same % _TOKEN
    if same == len(old) == len(new):
        return []
    tail, rest = 0, shorter - same
    while tail + _STEP <= rest and _end(old, tail) == _end(new, tail):
        tail += _STEP
    while tail < rest and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    tail -= tail % _TOKEN
    change = new[same : len(new) - tail]
    edit: dict[str, Any] = {"start": same, "deleteCount": len(old) - tail - same}
    return [{**edit, "data": change} if change else edit]


def _end(data: list[int], tail: int) -> list[int]:
    end = len(data) - tail
    return data[end - _STEP : end]
