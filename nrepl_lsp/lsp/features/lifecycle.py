"""`initialize`, `initialized`, changed settings and folders: who the client is, what it wants."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.documents import path_of
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.settings import SECTION, SettingsProblem, parse_settings
from nrepl_lsp.source.lines import Encoding

#: Seconds for the client to answer a request of ours. Vim's ALE never answers any.
CLIENT_TIMEOUT = 3.0


async def initialize(ls: NreplLanguageServer, params: types.InitializeParams) -> None:
    """Learn what the client is able to do. Nothing is connected before this is answered."""
    ls.client = ClientFeatures.from_capabilities(params)
    ls.documents.encoding = cast("Encoding", ls.client.position_encoding)
    ls.initialization_options = params.initialization_options
    # What is off is not announced; what else is said of the settings waits for `initialized`.
    ls.settings, _ = parse_settings(_merged(ls)[0])
    ls.set_folders(_folders(params))


async def initialized(ls: NreplLanguageServer, params: types.InitializedParams) -> None:
    """Ask for the settings, then begin to look for programs."""
    await _configure(ls, None)
    ls.start()
    if ls.client.register_configuration:
        await _register_configuration(ls)
    if "text_document_content" in ls.client.registers:
        # Documents of ours that were open when the editor was closed are asked for at once.
        from nrepl_lsp.lsp import document_contents

        await document_contents.register(ls)


async def did_change_configuration(
    ls: NreplLanguageServer, params: types.DidChangeConfigurationParams
) -> None:
    """Take over pushed settings; a client that pushes none is asked for them."""
    await _configure(ls, params.settings)


async def did_change_folders(
    ls: NreplLanguageServer, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Let go of removed folders' programs and look for the added ones'."""
    folders = [path_of(folder.uri) for folder in ls.workspace.folders.values()]
    ls.set_folders([folder for folder in folders if folder is not None])


async def _configure(ls: NreplLanguageServer, pushed: Any) -> None:
    problems: list[SettingsProblem] = []
    if _is_layer(pushed):
        ls.pushed_settings = pushed if pushed is not None else ls.pushed_settings
    else:
        problems += _problems(pushed)
    if ls.client.configuration:
        await _ask(ls)
    merged, wrong_layers = _merged(ls)
    settings, wrong = parse_settings(merged)
    ls.configure(settings, problems + wrong_layers + wrong)


def _merged(ls: NreplLanguageServer) -> tuple[dict[str, Any], list[SettingsProblem]]:
    """All layers laid over one another, and what was wrong with whole layers."""
    merged: dict[str, Any] = {}
    problems: list[SettingsProblem] = []
    for layer in (ls.initialization_options, ls.pushed_settings, ls.pulled_settings):
        if _is_layer(layer):
            merged |= _settings_in(layer or {})
        else:
            problems += _problems(layer)
    return merged, problems


def _is_layer(layer: Any) -> bool:
    section = layer.get(SECTION) if isinstance(layer, Mapping) else layer
    return section is None or isinstance(section, Mapping)


def _problems(layer: Any) -> list[SettingsProblem]:
    return parse_settings(layer.get(SECTION) if isinstance(layer, Mapping) else layer)[1]


async def _ask(ls: NreplLanguageServer) -> None:
    """Take over what the client answers; what it said before stands when it says nothing."""
    item = types.ConfigurationItem(section=SECTION)
    request = ls.workspace_configuration_async(types.ConfigurationParams([item]))
    try:
        async with asyncio.timeout(CLIENT_TIMEOUT):
            answer = await request
    except Exception as error:
        # Whatever a client does instead of answering, the settings we have are good.
        ls.log.info("workspace/configuration: %r", error)
        return
    ls.pulled_settings = {SECTION: answer[0]} if answer and answer[0] else None


async def _register_configuration(ls: NreplLanguageServer) -> None:
    registration = types.Registration(
        "nrepl-configuration", types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION}
    )
    try:
        async with asyncio.timeout(CLIENT_TIMEOUT):
            await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except Exception as error:
        ls.log.info("client/registerCapability: %r", error)


def _settings_in(layer: Mapping[str, Any]) -> dict[str, Any]:
    """A layer's settings by their dotted keys, so that layers can be laid over one another."""
    prefix = f"{SECTION}."
    flat = _flat(layer)
    ours = {key[len(prefix) :]: value for key, value in flat.items() if key.startswith(prefix)}
    return ours if ours or SECTION in layer else flat


def _flat(layer: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in layer.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{below}": inner for below, inner in _flat(value).items()}
        elif value is not None:
            flat[key] = value
    return flat


def _folders(params: types.InitializeParams) -> list[Path]:
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    paths = [path_of(uri) for uri in uris]
    if not uris and params.root_path:
        paths = [Path(params.root_path)]
    return [path for path in paths if path is not None]
