"""The call hierarchy: who calls a function, and whom it calls."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place, path_of
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.locating.call_graph import CALLABLE, Call, callees_of, callers_of
from nrepl_lsp.lsp.locating.call_sites import Defined, declaration_of
from nrepl_lsp.lsp.locating.meanings import Patience, meaning_of
from nrepl_lsp.lsp.locating.places import definition_near
from nrepl_lsp.lsp.locating.symbol_kinds import SYMBOL_KINDS
from nrepl_lsp.lsp.locating.texts import read_text
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.definitions.outline import definition_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.locals.scopes import local_at
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import Named, meaning
from nrepl_lsp.source.symbols import symbol_at


async def prepare(ls: NreplLanguageServer, params: types.CallHierarchyPrepareParams) -> Raw | None:
    """Answer the function that the symbol means; between symbols the one around the cursor."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    if symbol_at(snapshot, offset) is None:
        around = definition_at(snapshot, offset)
        found = Defined(snapshot, around) if around is not None else None
    elif local_at(snapshot, offset) is not None:
        return None
    else:
        patience = Patience(ls.settings.definition_timeout)
        what = await meaning_of(ls, snapshot, offset, patience)
        if what is None:
            return None
        named, repl, place = what.named, what.repl, what.location
        found = await declaration_of(ls, snapshot, named, repl, patience, place)
    if found is None or found.definition.kind not in CALLABLE:
        return None
    return Raw([_item(ls, found, uri)])


async def incoming(
    ls: NreplLanguageServer, params: types.CallHierarchyIncomingCallsParams
) -> Raw | None:
    """Answer the definitions that name it; ranges are those of the names."""
    asked = _Asked.of(params.item)
    snapshot = await _text_for(ls, asked, params.item)
    if asked is None or snapshot is None:
        return None
    patience = Patience(ls.settings.definition_timeout)
    repl = ls.repl_for(asked.uri)
    calls = await callers_of(ls, snapshot, asked.named, repl, patience)
    return Raw(
        [
            {
                "from": _item(ls, call.defined, asked.uri),
                "fromRanges": _ranges(ls, call.defined.snapshot, call),
            }
            for call in calls
        ]
    )


async def outgoing(
    ls: NreplLanguageServer, params: types.CallHierarchyOutgoingCallsParams
) -> Raw | None:
    """Answer the functions that are named in its form; ranges are those of the names in it."""
    item = params.item
    asked = _Asked.of(item)
    snapshot = await _text_for(ls, asked, item)
    path = path_of(item.uri)
    text = ls.documents.snapshot(item.uri)
    if text is None and path is not None:
        text = await read_text(ls, path)
    if asked is None or snapshot is None or text is None:
        return None
    offset = ls.documents.offset(text, item.selection_range.start)
    definition = definition_at(text, offset)
    if definition is None or definition.name != item.name:
        # The text has changed since the item was made.
        definition = definition_near(text, item.name, item.selection_range.start.line)
    if definition is None:
        return None
    patience = Patience(ls.settings.definition_timeout)
    caller = Defined(text, definition)
    calls = await callees_of(ls, snapshot, caller, asked.named, ls.repl_for(asked.uri), patience)
    return Raw(
        [
            {"to": _item(ls, call.defined, asked.uri), "fromRanges": _ranges(ls, text, call)}
            for call in calls
        ]
    )


class _Asked:
    """What an item is of: a name, and a document of the program that knows it."""

    def __init__(self, named: Named, uri: str) -> None:
        self.named = named
        self.uri = uri

    @classmethod
    def of(cls, item: types.CallHierarchyItem) -> "_Asked | None":
        """What an item's data says; None where it is not ours."""
        data: Any = item.data
        if not isinstance(data, dict):
            return None
        ns, name, uri = data.get("ns"), data.get("name"), data.get("uri")
        if not (isinstance(name, str) and isinstance(uri, str) and isinstance(ns, str | None)):
            return None
        return cls(Named(ns, name, ns is not None), uri)


async def _text_for(
    ls: NreplLanguageServer, asked: _Asked | None, item: types.CallHierarchyItem
) -> Snapshot | None:
    """The document that was asked about, or where that is closed the text of the item."""
    if asked is None:
        return None
    snapshot = ls.documents.snapshot(asked.uri)
    path = path_of(item.uri)
    return snapshot if snapshot is not None or path is None else await read_text(ls, path)


def _item(ls: NreplLanguageServer, found: Defined, uri: str) -> dict[str, Any]:
    snapshot, definition = found
    named = meaning(snapshot, definition.name_span)
    item = {
        "name": definition.name,
        "kind": SYMBOL_KINDS.get(definition.kind, SYMBOL_KINDS["function"]),
        "uri": snapshot.uri,
        "range": plain_range(ls, snapshot, *definition.span),
        "selectionRange": plain_range(ls, snapshot, *definition.name_span),
        "data": {"ns": named.ns, "name": named.name, "uri": uri},
    }
    if ns := names_at(snapshot, definition.name_span.start).ns:
        item["detail"] = ns
    return item


def _ranges(ls: NreplLanguageServer, snapshot: Snapshot, call: Call) -> list[dict[str, Any]]:
    return [plain_range(ls, snapshot, *span) for span in call.spans]
