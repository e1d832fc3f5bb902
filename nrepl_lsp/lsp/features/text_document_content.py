"""`workspace/textDocumentContent`: the text of a document that we show and that has no file."""

from lsprotocol import types

from nrepl_lsp.lsp.document_contents import hold, text_of
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.languages import for_path

#: What stands in a document that was open when the editor was closed.
GONE = "Nothing is shown here any more: run nrepl.inspect on a form."


async def text_document_content(
    ls: NreplLanguageServer, params: types.TextDocumentContentParams
) -> Raw:
    """Answer with a text in any case: an error would cover the document."""
    text = text_of(ls, params.uri)
    if text is None:
        sign = for_path(params.uri).line_comment
        text = f"{sign * (2 if sign == ';' else 1)} {GONE}\n".lstrip()
        # It is open: when it gets a text again, the editor has to be told.
        hold(ls, params.uri, text)
    return Raw({"text": text})
