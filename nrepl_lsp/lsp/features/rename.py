"""`textDocument/prepareRename` and `textDocument/rename`: names that only this text knows.

Where a name cannot be renamed for sure the answer is an error whose message says why: editors show
it. No server is asked.
"""

from typing import NoReturn

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from nrepl_lsp.lsp.documents import is_same_document
from nrepl_lsp.lsp.edits import plain_range, workspace_edit
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.rewriting import renaming
from nrepl_lsp.source.rewriting.private_names import Refused, mentions
from nrepl_lsp.source.rewriting.renaming import Target


async def prepare_rename(ls: NreplLanguageServer, params: types.PrepareRenameParams) -> Raw | None:
    """The name that would be renamed; None where there is no name."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    target = _target(ls, snapshot, params.position) if snapshot is not None else None
    if snapshot is None or target is None:
        return None
    place = plain_range(ls, snapshot, *target.span)
    return Raw({"range": place, "placeholder": target.name})


async def rename(ls: NreplLanguageServer, params: types.RenameParams) -> Raw | None:
    """The edits that rename what is at the position; None where there is no name."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    target = _target(ls, snapshot, params.position) if snapshot is not None else None
    if snapshot is None or target is None:
        return None
    changes = renaming.rename(snapshot, target, params.new_name.strip())
    if isinstance(changes, Refused):
        _refuse(changes.reason)
    return Raw(workspace_edit(ls, snapshot, changes))


def _target(ls: NreplLanguageServer, snapshot: Snapshot, position: types.Position) -> Target | None:
    target = renaming.target_at(snapshot, ls.documents.offset(snapshot, position))
    if isinstance(target, Refused):
        _refuse(target.reason)
    if target is not None and target.local is None:
        _check_other_documents(ls, snapshot, target)
    return target


def _check_other_documents(ls: NreplLanguageServer, snapshot: Snapshot, target: Target) -> None:
    """A private name can be reached through its var: `@#'ns/name`."""
    ns = namespace_at(snapshot, target.span.start)
    for uri in ls.documents.uris():
        other = ls.documents.snapshot(uri)
        if other is None or is_same_document(uri, snapshot.uri):
            continue
        if other.language.family == snapshot.language.family and mentions(other, ns, target.name):
            _refuse(f"{target.name} is also named in {uri.rpartition('/')[2]}.")


def _refuse(reason: str) -> NoReturn:
    raise JsonRpcException(reason, types.LSPErrorCodes.RequestFailed)
