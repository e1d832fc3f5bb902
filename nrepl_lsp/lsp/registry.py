"""
The one list of everything that the language server answers.

Handlers are coroutines named after their request, in `features/` and `commands/`; each takes the
snapshot of its document before it awaits anything.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from nrepl_lsp.nrepl.address import Address
from nrepl_lsp.nrepl.recording import Recorder

from .commands import connect as connections
from .commands import evaluate
from .features import (
    call_hierarchy,
    code_action,
    code_action_resolve,
    completion,
    completion_resolve,
    declaration,
    definition,
    document_highlight,
    document_symbol,
    folding_range,
    formatting,
    hover,
    implementation,
    lifecycle,
    range_formatting,
    references,
    rename,
    selection_range,
    semantic_tokens,
    signature_help,
    synchronisation,
    type_definition,
    workspace_symbol,
)
from .offered import feature_of
from .server import NreplLanguageServer

__all__ = ["create_server"]


def create_server(
    *,
    connect: str | None = None,
    record: str | None = None,
    environment: Mapping[str, str] | None = None,
    cache: Path | None = None,
) -> NreplLanguageServer:
    """
    Build a server with everything it answers.

    Raises `AddressError` for a wrong `connect` and `OSError` for a `record` that cannot be written.
    """
    ls = NreplLanguageServer(
        connect=Address.parse(connect) if connect else None,
        recorder=Recorder(record) if record else None,
        environment=environment,
        cache=cache,
    )
    requests: list[tuple[str, Any, Any]] = [
        (types.INITIALIZE, lifecycle.initialize, None),
        (types.INITIALIZED, lifecycle.initialized, None),
        (types.WORKSPACE_DID_CHANGE_CONFIGURATION, lifecycle.did_change_configuration, None),
        (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, lifecycle.did_change_folders, None),
        (types.TEXT_DOCUMENT_DID_OPEN, synchronisation.did_open, None),
        (types.TEXT_DOCUMENT_DID_CHANGE, synchronisation.did_change, None),
        (types.TEXT_DOCUMENT_DID_CLOSE, synchronisation.did_close, None),
        (completion.METHOD, completion.completion, completion.OPTIONS),
        (completion_resolve.METHOD, completion_resolve.completion_resolve, None),
        (hover.METHOD, hover.hover, None),
        (signature_help.METHOD, signature_help.signature_help, signature_help.OPTIONS),
        (definition.METHOD, definition.definition, None),
        (declaration.METHOD, declaration.declaration, None),
        (type_definition.METHOD, type_definition.type_definition, None),
        (implementation.METHOD, implementation.implementation, None),
        (references.METHOD, references.references, None),
        (call_hierarchy.PREPARE, call_hierarchy.prepare, None),
        (call_hierarchy.INCOMING, call_hierarchy.incoming, None),
        (call_hierarchy.OUTGOING, call_hierarchy.outgoing, None),
        (workspace_symbol.METHOD, workspace_symbol.workspace_symbol, None),
        (rename.PREPARE, rename.prepare_rename, None),
        (rename.METHOD, rename.rename, None),
        (formatting.METHOD, formatting.formatting, None),
        (range_formatting.METHOD, range_formatting.range_formatting, None),
        (code_action.METHOD, code_action.code_action, code_action.OPTIONS),
        (code_action_resolve.METHOD, code_action_resolve.code_action_resolve, None),
        (semantic_tokens.FULL, semantic_tokens.full, semantic_tokens.LEGEND),
        (semantic_tokens.DELTA, semantic_tokens.delta, None),
        (semantic_tokens.RANGE, semantic_tokens.range_, semantic_tokens.LEGEND),
        (document_symbol.METHOD, document_symbol.document_symbol, None),
        (document_highlight.METHOD, document_highlight.document_highlight, None),
        (folding_range.METHOD, folding_range.folding_range, None),
        (selection_range.METHOD, selection_range.selection_range, None),
    ]
    commands = {
        "nrepl.evalForm": evaluate.eval_form,
        "nrepl.evalTopLevelForm": evaluate.eval_top_level_form,
        "nrepl.evalSelection": evaluate.eval_selection,
        "nrepl.evalCode": evaluate.eval_code,
        "nrepl.loadFile": evaluate.load_file,
        "nrepl.interrupt": evaluate.interrupt,
        "nrepl.connect": connections.connect,
        "nrepl.disconnect": connections.disconnect,
        "nrepl.status": connections.status,
    }
    for method, handler, options in requests:
        ls.feature(method, options)(_offered(method, handler))
    for name, command in commands.items():
        ls.command(name)(command)
    return ls


def _offered(method: str, handler: Any) -> Any:
    """The handler of a feature that the user can switch off; then it answers nothing at once."""
    feature = feature_of(method)
    if feature is None:
        return handler

    async def answer(server: NreplLanguageServer, params: Any) -> Any:
        return await handler(server, params) if server.settings.offers(feature.name) else None

    return answer
