"""
Documents without a file, whose texts the editor asks us for (`workspace/textDocumentContent`).

That is new in LSP 3.18. Where a client can do it, a document can be made anew while it is open, and
is never unsaved.
"""

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from lsprotocol import types

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = [
    "SCHEME",
    "hold",
    "is_ours",
    "origin_of",
    "plain",
    "put",
    "register",
    "text_of",
    "uri_for",
]

#: What the URIs of these documents begin with.
SCHEME = "nrepl-lsp"
#: Seconds for the client to answer.
CLIENT_TIMEOUT = 3.0
#: Texts that are kept; of more, those that were put first go.
TEXTS_KEPT = 20

#: The member of the client's capabilities, by lsprotocol's name.
_CAPABILITY = "text_document_content"


class _Text(NamedTuple):
    """A text, and the URI of the document that it is about."""

    text: str
    origin: str | None


class _Contents:
    """The texts of one editor's documents, and whether it has learnt whom to ask for them."""

    def __init__(self) -> None:
        self.texts: dict[str, _Text] = {}
        self.registering: asyncio.Task[bool] | None = None


def uri_for(path: str) -> str:
    """The URI of a document, as VS Code writes it: it takes empty authorities away."""
    return f"{SCHEME}:/{path}"


def is_ours(uri: str) -> bool:
    """Whether a URI names such a document."""
    return uri.startswith(f"{SCHEME}:")


def plain(uri: str) -> str:
    """A URI of ours as `uri_for` makes it, however the editor writes it; what is none as it is."""
    try:
        return uri_for(unquote(urlsplit(uri).path).lstrip("/"))
    except ValueError:
        return uri


async def register(ls: "NreplLanguageServer") -> bool:
    """Have the editor ask us for such documents; whether it does. It is told once."""
    if _CAPABILITY not in ls.client.registers:
        return False
    contents = ls.part(_Contents)
    if contents.registering is None:
        contents.registering = asyncio.create_task(_register(ls), name="register documents")
    return await asyncio.shield(contents.registering)


async def _register(ls: "NreplLanguageServer") -> bool:
    registration = types.Registration(
        "nrepl-documents", types.WORKSPACE_TEXT_DOCUMENT_CONTENT, {"schemes": [SCHEME]}
    )
    try:
        async with asyncio.timeout(CLIENT_TIMEOUT):
            await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except Exception as error:
        # Whatever a client does instead of answering, there are files.
        ls.log.info("client/registerCapability: %r", error)
        return False
    return True


def hold(
    ls: "NreplLanguageServer", uri: str, text: str, *, origin: str | None = None
) -> str | None:
    """As `put`, for an editor that knows of it; returns the text before."""
    if origin is not None:
        # Code may be given in one of them, whose text it replaces.
        origin = origin_of(ls, origin) or origin
    texts = ls.part(_Contents).texts
    before = texts.pop(plain(uri), None)
    texts[plain(uri)] = _Text(text, origin)
    while len(texts) > TEXTS_KEPT:
        del texts[next(iter(texts))]
    return before.text if before is not None else None


async def put(ls: "NreplLanguageServer", uri: str, text: str, *, origin: str | None = None) -> None:
    """
    Give a document its text; where it is open, the editor is told to ask for that.

    origin: the document that it is about, with whose program it goes.
    """
    before = hold(ls, uri, text, origin=origin)
    if before is None or before == text:
        return
    # Also where no `didOpen` came: the editor may have it open beside our documents.
    try:
        async with asyncio.timeout(CLIENT_TIMEOUT):
            await ls.workspace_text_document_content_refresh_async(
                types.TextDocumentContentRefreshParams(uri)
            )
    except Exception as error:
        ls.log.info("workspace/textDocumentContent/refresh: %r", error)


def text_of(ls: "NreplLanguageServer", uri: str) -> str | None:
    """The text of a document; None for one that has none."""
    found = _found(ls, uri)
    return found.text if found is not None else None


def origin_of(ls: "NreplLanguageServer", uri: str) -> str | None:
    """The document that one of ours is about; None for any other, and where there is none."""
    found = _found(ls, uri) if is_ours(uri) else None
    return found.origin if found is not None else None


def _found(ls: "NreplLanguageServer", uri: str) -> _Text | None:
    return ls.part(_Contents).texts.get(plain(uri))
