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
    code_action,
    completion,
    completion_resolve,
    definition,
    hover,
    lifecycle,
    synchronisation,
)
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
        (definition.METHOD, definition.definition, None),
        (code_action.METHOD, code_action.code_action, code_action.OPTIONS),
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
        ls.feature(method, options)(handler)
    for name, command in commands.items():
        ls.command(name)(command)
    return ls
