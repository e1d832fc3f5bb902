"""`textDocument/codeLens`: what can be done with the forms of a document, above them."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import TEXT_LIMIT
from nrepl_lsp.lsp.load_state.hints import stale_hints
from nrepl_lsp.lsp.load_state.program_forms import program_forms
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.lenses import lenses

#: Seconds that lenses wait for the program to say whether it has the namespace.
ASK_WITHIN = 0.3


async def code_lens(ls: NreplLanguageServer, params: types.CodeLensParams) -> Raw | None:
    """Answer None where there is nothing to show."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None or len(snapshot.text) > TEXT_LIMIT:
        return None
    program_forms(ls).notice(snapshot)
    stale_hints(ls).follow(ls, snapshot.uri)
    if ls.settings.stale_forms == "lens":
        await program_forms(ls).ask(ls, snapshot, ASK_WITHIN)
    found = lenses(ls, snapshot)
    return Raw(found) if found else None
