"""What is announced at the start, and what is registered as settings and programs change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.offered import FEATURES
from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import MODERN, Editor

TEXTUAL = {name for name, feature in FEATURES.items() if feature.is_textual}
TOKENS = {
    "requests": {"full": {"delta": True}, "range": True},
    "tokenTypes": ["function", "macro", "variable"],
    "tokenModifiers": ["deprecated"],
    "formats": ["relative"],
}
PROVIDERS = {
    "completion": "completionProvider",
    "hover": "hoverProvider",
    "signatureHelp": "signatureHelpProvider",
    "definition": "definitionProvider",
    "declaration": "declarationProvider",
    "typeDefinition": "typeDefinitionProvider",
    "implementation": "implementationProvider",
    "references": "referencesProvider",
    "callHierarchy": "callHierarchyProvider",
    "workspaceSymbol": "workspaceSymbolProvider",
    "inlayHint": "inlayHintProvider",
    "codeLens": "codeLensProvider",
    "codeAction": "codeActionProvider",
    "rename": "renameProvider",
    "formatting": "documentFormattingProvider",
    "rangeFormatting": "documentRangeFormattingProvider",
    "semanticTokens": "semanticTokensProvider",
    "documentSymbol": "documentSymbolProvider",
    "documentHighlight": "documentHighlightProvider",
    "foldingRange": "foldingRangeProvider",
    "selectionRange": "selectionRangeProvider",
}


def registering(*names: str) -> dict[str, Any]:
    """A client that lets us register these members of `textDocument`."""
    members: dict[str, Any] = {
        name: {"dynamicRegistration": True, "prepareSupport": True} for name in names
    }
    if "semanticTokens" in members:
        members["semanticTokens"] |= TOKENS
    return {**MODERN, "textDocument": {**MODERN["textDocument"], **members}}


async def announced(editor: Editor, capabilities: Any = None, options: Any = None) -> set[str]:
    result = await editor.initialize(capabilities, options)
    given = result["capabilities"]
    return {name for name, provider in PROVIDERS.items() if given.get(provider)}


def registered(editor: Editor) -> dict[str, Any]:
    """Method → its options, for what is registered now."""
    found: dict[str, Any] = {}
    for method, params in editor.requests:
        if method == "client/registerCapability":
            for one in params["registrations"]:
                assert one["id"] not in found
                found[one["id"]] = (one["method"], one.get("registerOptions"))
        elif method == "client/unregisterCapability":
            for one in params["unregisterations"]:
                assert found.pop(one["id"])[0] == one["method"]
    return dict(found.values())


async def until_registered(editor: Editor, *methods: str) -> dict[str, Any]:
    await editor.until(lambda: set(registered(editor)) == set(methods), f"{methods}")
    return registered(editor)


async def test_everything_is_announced_to_an_editor_that_registers_nothing(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    assert await announced(editor) == set(PROVIDERS) == set(FEATURES)
    assert editor.requests == []


async def test_the_profile_of_the_start_is_announced(make_editor: Callable[..., Editor]) -> None:
    found = await announced(make_editor(), options={"nrepl": {"profile": "complement"}})
    assert found == set(FEATURES) - TEXTUAL


async def test_single_features_can_be_off_at_the_start(make_editor: Callable[..., Editor]) -> None:
    options = {"profile": "complement", "features": {"hover": False, "rename": True}}
    found = await announced(make_editor(), options=options)
    assert found == set(FEATURES) - TEXTUAL - {"hover"} | {"rename"}


@pytest.mark.parametrize("name", sorted(set(FEATURES) - {"completion"}))
async def test_a_feature_that_is_off_answers_nothing(
    make_editor: Callable[..., Editor], name: str
) -> None:
    editor = make_editor()
    await editor.initialize()
    editor.notify(
        "workspace/didChangeConfiguration", {"settings": {"nrepl": {"features": {name: False}}}}
    )
    document = editor.open("(defn f [x] (let [y x] y|))")
    place = {"textDocument": {"uri": document.uri}, "position": document.cursor}
    span = {"range": {"start": document.cursor, "end": document.cursor}}
    item = {
        "item": {
            "name": "f",
            "kind": 12,
            "uri": document.uri,
            **span,
            "selectionRange": {**span["range"]},
        }
    }
    more: dict[str, Any] = {
        "textDocument/codeAction": {**span, "context": {"diagnostics": []}},
        "textDocument/references": {"context": {"includeDeclaration": True}},
        "textDocument/rename": {"newName": "z"},
        "textDocument/formatting": {"options": {"tabSize": 2, "insertSpaces": True}},
        "textDocument/rangeFormatting": {**span, "options": {"tabSize": 2, "insertSpaces": True}},
        "textDocument/semanticTokens/range": span,
        "textDocument/semanticTokens/full/delta": {"previousResultId": "1"},
        "textDocument/inlayHint": span,
        "textDocument/selectionRange": {"positions": [document.cursor]},
        "callHierarchy/incomingCalls": item,
        "callHierarchy/outgoingCalls": item,
        "workspace/symbol": {"query": "f"},
    }
    for method in FEATURES[name].methods:
        assert await editor.request(method, {**place, **more.get(method, {})}) is None


async def test_what_can_be_taken_back_is_registered_once_the_settings_are_known(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    found = await announced(editor, registering("rename", "foldingRange", "semanticTokens"))
    assert found == set(FEATURES) - {"rename", "foldingRange", "semanticTokens"}
    methods = ("textDocument/rename", "textDocument/foldingRange", "textDocument/semanticTokens")
    options = await until_registered(editor, *methods)
    assert options["textDocument/rename"]["prepareProvider"] is True
    assert options["textDocument/semanticTokens"]["legend"]["tokenTypes"]


async def test_a_changed_profile_takes_them_back_and_gives_them_again(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    editor.answers["client/unregisterCapability"] = lambda params: None
    await editor.initialize(registering("rename", "foldingRange"))
    both = ("textDocument/rename", "textDocument/foldingRange")
    await until_registered(editor, *both)
    change = {"nrepl": {"profile": "complement", "features": {"foldingRange": True}}}
    editor.notify("workspace/didChangeConfiguration", {"settings": change})
    await until_registered(editor, "textDocument/foldingRange")
    editor.notify("workspace/didChangeConfiguration", {"settings": {"nrepl": {}}})
    await until_registered(editor, *both)


async def test_formatting_is_registered_for_the_documents_of_programs_that_format(
    make_editor: Callable[..., Editor], project: Path
) -> None:
    editor = make_editor()
    editor.answers["client/unregisterCapability"] = lambda params: None
    await announced(editor, registering("formatting"))
    async with FaultServer() as nrepl:
        nrepl.on("format-code", reply({"formatted-code": "x"}, DONE))
        attach_file(project, nrepl)
        await editor.attached()
        options = await until_registered(editor, "textDocument/formatting")
        selector = options["textDocument/formatting"]["documentSelector"]
        pattern = f"{project.as_posix()}/**/*.clj"
        assert {"scheme": "file", "pattern": pattern} in selector
    await until_registered(editor)


async def test_a_folder_with_a_globs_signs_in_its_name_means_itself(
    make_editor: Callable[..., Editor], tmp_path: Path
) -> None:
    folder = tmp_path / "a[b]{c}*"
    folder.mkdir()
    editor = make_editor(root=folder)
    async with FaultServer() as nrepl:
        nrepl.on("format-code", reply({"formatted-code": "x"}, DONE))
        attach_file(folder, nrepl)
        await editor.initialize(registering("formatting"))
        await editor.attached()
        options = await until_registered(editor, "textDocument/formatting")
    patterns = {one["pattern"] for one in options["textDocument/formatting"]["documentSelector"]}
    assert f"{tmp_path.as_posix()}/a[[]b[]][{{]c[}}][*]/**/*.clj" in patterns


async def test_no_formatting_is_registered_for_a_program_without_the_op(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(registering("formatting", "rename"))
    await editor.attached()
    await until_registered(editor, "textDocument/rename")


async def test_an_editor_that_refuses_is_not_bothered_again(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()

    def refuse(params: Any) -> None:
        raise AssertionError("answered with an error")

    await editor.initialize(registering("rename"))
    await until_registered(editor, "textDocument/rename")
    editor.notify("workspace/didChangeConfiguration", {"settings": {"nrepl": {}}})
    assert await editor.request("workspace/symbol", {"query": "x"}) in (None, [])
    await until_registered(editor, "textDocument/rename")
