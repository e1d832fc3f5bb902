"""What real editors announce, and what it means."""

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.structuring import shared_converter

CAPS = Path(__file__).with_name("caps")
EDITORS = sorted(path.stem for path in CAPS.glob("*.json"))


def features(capabilities: dict[str, Any], **params: Any) -> ClientFeatures:
    raw = {"processId": None, "rootUri": None, "capabilities": capabilities, **params}
    return ClientFeatures.from_capabilities(
        shared_converter().structure(raw, types.InitializeParams)
    )


def editor(name: str) -> ClientFeatures:
    return features(json.loads((CAPS / f"{name}.json").read_text(encoding="utf-8")))


ENCODINGS = {
    "emacs-28-eglot": "utf-16",
    "emacs-30.1-eglot": "utf-32",
    "emacs-30.2-eglot": "utf-32",
    "emacs-30.2-lsp-mode": "utf-32",
    "helix-25.01": "utf-8",
    "helix-25.07": "utf-8",
    "kate-26.08": "utf-16",
    "neovim-0.7": "utf-16",
    "neovim-0.10": "utf-16",
    "neovim-0.12": "utf-8",
    "vim-9.0-ale": "utf-16",
    "vim-9.2-ale": "utf-16",
    "vscode-1.100": "utf-16",
    "vscode-1.139": "utf-16",
}


@pytest.mark.parametrize("name", EDITORS)
def test_each_editor_gets_the_encoding_it_lists_first(name: str) -> None:
    assert editor(name).position_encoding == ENCODINGS[name]


MODERN = {"neovim-0.12", "vscode-1.100", "vscode-1.139"}
CLASSIC_EMACS = {"emacs-28-eglot", "emacs-30.1-eglot", "emacs-30.2-eglot"}
ALE = {"vim-9.0-ale", "vim-9.2-ale"}
VSCODE = {"vscode-1.100", "vscode-1.139"}
HELIX = {"helix-25.01", "helix-25.07"}
NEOVIM = {"neovim-0.7", "neovim-0.10", "neovim-0.12"}
EMACS = {*CLASSIC_EMACS, "emacs-30.2-lsp-mode"}


@pytest.mark.parametrize(
    ("feature", "editors"),
    [
        # eglot announces Markdown only where Emacs has markdown-mode.
        # ALE lists plain text first.
        ("hover_markdown", set(EDITORS) - CLASSIC_EMACS - ALE),
        ("completion_default_edit_range", {*MODERN, "neovim-0.10"}),
        ("completion_default_data", {*MODERN, "neovim-0.10"}),
        ("completion_label_details", {*MODERN, "emacs-30.2-lsp-mode"}),
        ("completion_snippets", {*MODERN, *HELIX, "kate-26.08"}),
        ("completion_deprecated_tag", {*MODERN, *HELIX, *CLASSIC_EMACS}),
        ("signature_label_offsets", set(EDITORS) - ALE - {"kate-26.08"}),
        ("signature_active_parameter", set(EDITORS) - ALE - {"kate-26.08"}),
        ("signature_markdown", {*HELIX, *NEOVIM, *VSCODE}),
        ("hierarchical_symbols", set(EDITORS) - ALE - HELIX),
        ("symbol_deprecated_tag", MODERN),
        ("folding_lines_only", MODERN),
        ("definition_links", set(EDITORS) - ALE - HELIX - {"kate-26.08"}),
        ("code_action_literals", set(EDITORS)),
        ("code_action_resolves_edits", set(EDITORS) - ALE - {"kate-26.08", "emacs-28-eglot"}),
        ("applies_edits", set(EDITORS) - ALE - {"kate-26.08"}),
        ("document_changes", {*HELIX, *EMACS, *VSCODE}),
        ("shows_documents", {*MODERN, "neovim-0.10", "helix-25.07", *EMACS} - {"emacs-28-eglot"}),
        ("refreshes_semantic_tokens", {*MODERN, "neovim-0.10"}),
        ("workspace_symbols_resolve", VSCODE),
        ("configuration", set(EDITORS) - ALE - {"neovim-0.7"}),
        ("register_configuration", VSCODE),
    ],
)
def test_a_feature_is_seen_in_the_editors_that_announce_it(feature: str, editors: set[str]) -> None:
    assert {name for name in EDITORS if getattr(editor(name), feature)} == editors


def test_a_client_that_announces_nothing_gets_what_lsp_says_it_can_do() -> None:
    client = features({})
    assert client.position_encoding == "utf-16"
    assert client.completion_kinds == frozenset(range(1, 19))
    said = [name for name in ClientFeatures.__slots__ if getattr(client, name) is True]
    assert said == []


@pytest.mark.parametrize(
    ("name", "can", "cannot"),
    [
        ("vscode-1.139", {"formatting", "document_symbol", "symbol"}, set()),
        ("neovim-0.12", {"formatting", "range_formatting", "rename"}, {"document_symbol"}),
        ("emacs-30.2-lsp-mode", {"formatting", "semantic_tokens"}, {"document_symbol"}),
        ("helix-25.07", set(), {"formatting", "rename"}),
        ("emacs-30.2-eglot", set(), {"formatting", "rename"}),
        ("kate-26.08", set(), {"formatting"}),
    ],
)
def test_what_can_be_registered_while_it_runs(name: str, can: set[str], cannot: set[str]) -> None:
    registers = editor(name).registers
    assert can <= registers
    assert not cannot & registers


def test_folds_are_limited_where_the_editor_says_so() -> None:
    assert editor("vscode-1.100").folding_limit == 5000
    assert editor("neovim-0.12").folding_limit is None


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], "utf-16"),
        (["utf-7"], "utf-16"),
        (["utf-7", "utf-32"], "utf-32"),
        (["utf-16", "utf-8"], "utf-16"),
    ],
)
def test_unknown_encodings_are_passed_over(offered: list[str], chosen: str) -> None:
    assert features({"general": {"positionEncodings": offered}}).position_encoding == chosen


@pytest.mark.parametrize(
    ("opted", "features_wanted"),
    [
        ({"output": True, "status": True}, {"wants_output", "wants_status"}),
        ({"evaluation": True, "input": True}, {"wants_evaluations", "asks_for_input"}),
        # It could not know when to ask.
        ({"input": True}, set()),
        ({"output": 1, "evaluation": "yes", "status": None, "input": {}}, set()),
        (None, set()),
    ],
)
def test_a_plugin_opts_in_to_each_by_itself(opted: Any, features_wanted: set[str]) -> None:
    client = features({"experimental": {"nrepl": opted}})
    names = ("wants_output", "wants_evaluations", "wants_status", "asks_for_input")
    assert {name for name in names if getattr(client, name)} == features_wanted
