"""From the program's values to LSP's."""

from pathlib import Path

import pytest

from nrepl_lsp.lsp.convert import location, uri_of
from nrepl_lsp.source.lines import Encoding
from nrepl_lsp.tooling.values import SourceLocation


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
