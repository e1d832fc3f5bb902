"""
The one list of everything that the language server answers.

Handlers are coroutines named after their request, in `features/` and `commands/`; each takes the
snapshot of its document before it awaits anything. Their modules are imported when they are first
needed, or after `initialized`, whichever comes first: importing all would double the time to start.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from lsprotocol import types

from . import announcements
from .features import lifecycle, synchronisation
from .offered import feature_of
from .server import NreplLanguageServer

__all__ = ["COMMANDS", "REQUESTS", "create_server"]

REQUESTS: tuple[tuple[str, str, Any], ...] = (
    (types.TEXT_DOCUMENT_COMPLETION, "completion.completion", announcements.COMPLETION),
    (types.COMPLETION_ITEM_RESOLVE, "completion_resolve.completion_resolve", None),
    (types.TEXT_DOCUMENT_HOVER, "hover.hover", None),
    (
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        "signature_help.signature_help",
        announcements.SIGNATURE_HELP,
    ),
    (types.TEXT_DOCUMENT_DEFINITION, "definition.definition", None),
    (types.TEXT_DOCUMENT_DECLARATION, "declaration.declaration", None),
    (types.TEXT_DOCUMENT_TYPE_DEFINITION, "type_definition.type_definition", None),
    (types.TEXT_DOCUMENT_IMPLEMENTATION, "implementation.implementation", None),
    (types.TEXT_DOCUMENT_REFERENCES, "references.references", None),
    (types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, "call_hierarchy.prepare", None),
    (types.CALL_HIERARCHY_INCOMING_CALLS, "call_hierarchy.incoming", None),
    (types.CALL_HIERARCHY_OUTGOING_CALLS, "call_hierarchy.outgoing", None),
    (types.WORKSPACE_SYMBOL, "workspace_symbol.workspace_symbol", None),
    (types.WORKSPACE_SYMBOL_RESOLVE, "workspace_symbol.resolve", None),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, "rename.prepare_rename", None),
    (types.TEXT_DOCUMENT_RENAME, "rename.rename", None),
    (types.TEXT_DOCUMENT_FORMATTING, "formatting.formatting", None),
    (types.TEXT_DOCUMENT_RANGE_FORMATTING, "range_formatting.range_formatting", None),
    (types.TEXT_DOCUMENT_INLAY_HINT, "inlay_hint.inlay_hint", None),
    (types.TEXT_DOCUMENT_CODE_LENS, "code_lens.code_lens", announcements.CODE_LENS),
    (types.TEXT_DOCUMENT_CODE_ACTION, "code_action.code_action", announcements.CODE_ACTION),
    (types.CODE_ACTION_RESOLVE, "code_action_resolve.code_action_resolve", None),
    (
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        "semantic_tokens.full",
        announcements.SEMANTIC_TOKENS,
    ),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, "semantic_tokens.delta", None),
    (
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        "semantic_tokens.range_",
        announcements.SEMANTIC_TOKENS,
    ),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, "document_symbol.document_symbol", None),
    (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, "document_highlight.document_highlight", None),
    (types.TEXT_DOCUMENT_FOLDING_RANGE, "folding_range.folding_range", None),
    (types.TEXT_DOCUMENT_SELECTION_RANGE, "selection_range.selection_range", None),
    (types.WORKSPACE_TEXT_DOCUMENT_CONTENT, "text_document_content.text_document_content", None),
)
"""Method, `module.function` in `features/`, and the options that are announced."""

COMMANDS: Mapping[str, str] = {
    "nrepl.evalForm": "evaluate.eval_form",
    "nrepl.evalTopLevelForm": "evaluate.eval_top_level_form",
    "nrepl.evalSelection": "evaluate.eval_selection",
    "nrepl.evalToCursor": "evaluate.eval_to_cursor",
    "nrepl.evalBuffer": "evaluate.eval_buffer",
    "nrepl.evalNamespaceForm": "evaluate.eval_namespace_form",
    "nrepl.evalCode": "evaluate.eval_code",
    "nrepl.evalChangedForms": "changed_forms.eval_changed_forms",
    "nrepl.loadFile": "evaluate.load_file",
    "nrepl.interrupt": "interrupt.interrupt",
    "nrepl.sendInput": "interrupt.send_input",
    "nrepl.evalToComment": "comments.eval_to_comment",
    "nrepl.replaceWithResult": "comments.replace_with_result",
    "nrepl.checkComments": "comments.check_comments",
    "nrepl.copyResult": "results.copy_result",
    "nrepl.clearResults": "results.clear_results",
    "nrepl.showTrace": "trace.show_trace",
    "nrepl.showOutput": "output.show_output",
    "nrepl.inspect": "inspect.inspect",
    "nrepl.macroexpand": "macroexpand.macroexpand",
    "nrepl.runTest": "tests.run_test",
    "nrepl.runNamespaceTests": "tests.run_namespace_tests",
    "nrepl.runAllTests": "tests.run_all_tests",
    "nrepl.rerunFailedTests": "tests.rerun_failed_tests",
    "nrepl.namespaces": "namespaces.namespaces",
    "nrepl.switchNamespace": "sessions.switch_namespace",
    "nrepl.sessions": "switching.sessions",
    "nrepl.switchSession": "switching.switch_session",
    "nrepl.newSession": "switching.new_session",
    "nrepl.reload": "sessions.reload",
    "nrepl.undef": "sessions.undef",
    "nrepl.undefAll": "sessions.undef_all",
    "nrepl.doc": "documentation.doc",
    "nrepl.apropos": "documentation.apropos",
    "nrepl.applyAction": "actions.apply_action",
    "nrepl.connect": "connect.connect",
    "nrepl.disconnect": "connect.disconnect",
    "nrepl.status": "connect.status",
}
"""Command → `module.function` in `commands/`."""


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
    address = recorder = None
    if connect:
        from nrepl_lsp.nrepl.address import Address

        address = Address.parse(connect)
    if record:
        from nrepl_lsp.nrepl.recording import Recorder

        recorder = Recorder(record)
    ls = NreplLanguageServer(
        connect=address, recorder=recorder, environment=environment, cache=cache
    )
    eager: dict[str, Any] = {
        types.INITIALIZE: lifecycle.initialize,
        types.INITIALIZED: lifecycle.initialized,
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: lifecycle.did_change_configuration,
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: lifecycle.did_change_folders,
        types.TEXT_DOCUMENT_DID_OPEN: synchronisation.did_open,
        types.TEXT_DOCUMENT_DID_CHANGE: synchronisation.did_change,
        types.TEXT_DOCUMENT_DID_SAVE: synchronisation.did_save,
        types.TEXT_DOCUMENT_DID_CLOSE: synchronisation.did_close,
    }
    for method, handler in eager.items():
        ls.feature(method)(handler)
    for method, path, options in REQUESTS:
        # As a handler that takes the parameters alone: pygls would put a coroutine around it.
        ls.feature(method, options)(partial(_request(method, f"features.{path}"), ls))
    for name, path in COMMANDS.items():
        ls.command(name)(_later(f"commands.{path}"))
    ls.on_start = lambda: asyncio.get_running_loop().run_in_executor(None, _import_all)
    return ls


def _request(method: str, path: str) -> Any:
    """
    The handler of a request, whose module is imported at the first.

    It answers nothing at once while its feature is switched off.
    """
    feature = feature_of(method)
    found: Any = None

    async def answer(ls: NreplLanguageServer, params: Any) -> Any:
        nonlocal found
        if feature is not None and not ls.settings.offers(feature.name):
            return None
        if found is None:
            found = _import(path)
        return await found(ls, params)

    return answer


def _later(path: str) -> Any:
    """The handler of a command, whose module is imported at the first call."""
    found: Any = None

    async def handle(ls: NreplLanguageServer, *arguments: Any) -> Any:
        from .arguments import in_our_units

        nonlocal found
        if found is None:
            found = _import(path)
        return await found(ls, *in_our_units(ls.documents, arguments))

    return handle


def _import(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"{__package__}.{module}"), name)


def _import_all() -> None:
    """Import every handler, so that no first request has to wait for it."""
    for _, path, _ in REQUESTS:
        _import(f"features.{path}")
    for path in COMMANDS.values():
        _import(f"commands.{path}")
