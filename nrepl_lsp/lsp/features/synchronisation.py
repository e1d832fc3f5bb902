"""
`textDocument/didOpen`, `didChange`, `didSave`, `didClose`: keeping the text.

These handlers are coroutines so that they run in their turn between requests, and never await
so that nothing comes between.
"""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer


async def did_open(ls: NreplLanguageServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take over a document, and notice the port file that its folder may have."""
    # What is opened is compared with what the program has; nothing is before something is opened.
    from nrepl_lsp.lsp.load_state.program_forms import program_forms

    ls.documents.open(params.text_document)
    ls.marks.opened(params.text_document.uri)
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is not None:
        program_forms(ls).notice(snapshot)
    ls.supervisor_for(params.text_document.uri)


async def did_change(ls: NreplLanguageServer, params: types.DidChangeTextDocumentParams) -> None:
    """Apply edits; what stands beside the forms follows them."""
    edits = ls.documents.change(params)
    if edits:
        ls.marks.edited(params.text_document.uri, edits)


async def did_save(ls: NreplLanguageServer, params: types.DidSaveTextDocumentParams) -> None:
    """Nothing, unless the user wants documents loaded when they are saved."""
    if ls.settings.load_on_save:
        from nrepl_lsp.lsp.evaluating.load_on_save import document_saved

        document_saved(ls, params.text_document.uri)


async def did_close(ls: NreplLanguageServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a document and what was said about it."""
    # Colours are of no use before there is a program; nothing is imported for them at the start.
    from nrepl_lsp.lsp.colouring.semantics import forget

    forget(ls, ls.documents.uri_of(params.text_document.uri))
    ls.marks.closed(params.text_document.uri)
    ls.documents.close(params.text_document.uri)
