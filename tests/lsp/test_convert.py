"""From the program's values to LSP's."""

from pathlib import Path

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.convert import _KINDS, completion_list, location, uri_of
from nrepl_lsp.source.lines import Encoding
from nrepl_lsp.tooling.completion import KINDS
from nrepl_lsp.tooling.values import Candidate, Completions, SourceLocation

OLD = ClientFeatures.from_capabilities(types.InitializeParams(types.ClientCapabilities()))


def test_every_kind_of_candidate_has_one_of_lsp_s() -> None:
    assert set(KINDS.values()) <= set(_KINDS)
    assert set(_KINDS.values()) <= {kind.value for kind in types.CompletionItemKind}


@pytest.mark.parametrize(
    ("candidate", "detail"),
    [
        (Candidate("f", ns="core", arglists=("[x]", "[x y]")), "core [x] [x y]"),
        (Candidate("f", arglists=("[x]",)), "[x]"),
        (Candidate("f", ns="core"), "core"),
        (Candidate("f"), None),
    ],
)
def test_old_clients_read_namespace_and_arguments_in_the_detail(
    candidate: Candidate, detail: str | None
) -> None:
    found = Completions((candidate,), False)
    result = completion_list(found, limit=9, replace={}, data={}, client=OLD)
    assert result["items"][0].get("detail") == detail


def test_a_list_that_the_server_cut_is_incomplete() -> None:
    found = Completions((Candidate("f"),), True)
    assert completion_list(found, limit=9, replace={}, data={}, client=OLD)["isIncomplete"] is True


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_a_column_is_converted_by_the_target_s_text(
    tmp_path: Path, encoding: Encoding, column: int
) -> None:
    path = tmp_path / "a.clj"
    path.write_text("é😀(f)")
    found = location(SourceLocation("file", str(path), line=0, column=3), path, encoding)
    assert found["range"]["start"] == {"line": 0, "character": column}


def test_a_column_of_a_file_that_cannot_be_read_is_the_margin(tmp_path: Path) -> None:
    gone = tmp_path / "gone.clj"
    found = location(SourceLocation("file", str(gone), line=4, column=3), gone, "utf-8")
    assert found["range"]["start"] == {"line": 4, "character": 0}


def test_file_names_of_no_encoding_have_a_uri() -> None:
    assert uri_of(Path("/a b/\udce9.clj")) == "file:///a%20b/%E9.clj"
