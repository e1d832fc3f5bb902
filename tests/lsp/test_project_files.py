"""Which texts are a project's, and what becomes of those that cannot be read."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.lsp.locating.project_files import search, search_closed
from nrepl_lsp.lsp.locating.texts import open_texts, read_text
from nrepl_lsp.source.document import Snapshot
from tests.support.fault_server import FaultServer

from .conftest import attach_file
from .editor import MODERN, Editor


def names(found: list[tuple[Snapshot, object]]) -> list[str]:
    return [snapshot.uri.rpartition("/")[2] for snapshot, _ in found]


async def opened(editor: Editor, text: str, name: str = "src/demo.clj", language: str = "clojure"):
    """A document that the server has taken over: it answers in order."""
    document = editor.open(text, name, language)
    await editor.request("textDocument/foldingRange", {"textDocument": {"uri": document.uri}})
    return document


async def searched(editor: Editor, uri: str, *, seconds: float = 5.0) -> list[str]:
    snapshot = editor.server.documents.snapshot(uri)
    assert snapshot is not None

    def look(text: Snapshot) -> list[int]:
        return [1] if "word" in text.text else []

    deadline = time.monotonic() + seconds
    return names(await search(editor.server, snapshot, ["word"], look, deadline))


async def test_a_program_for_all_folders_has_all_their_files(
    make_editor: Callable[..., Editor], nrepl: FaultServer, tmp_path: Path
):
    """Also in a folder within another, and once."""
    folders = [tmp_path / "one", tmp_path / "two", tmp_path / "two" / "inner"]
    for folder in folders:
        folder.mkdir()
        (folder / f"{folder.name}.clj").write_text("word")
    editor = make_editor(folders[0], connect=nrepl.url)
    await editor.initialize(
        MODERN, workspaceFolders=[{"uri": it.as_uri(), "name": it.name} for it in folders]
    )
    await editor.attached()
    document = await opened(editor, "word", (folders[0] / "a.clj").as_uri())

    assert await searched(editor, document.uri) == ["a.clj", "one.clj", "inner.clj", "two.clj"]


async def test_a_document_without_a_workspace_has_the_files_beside_it(
    make_editor: Callable[..., Editor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """But a home folder is no project."""
    (tmp_path / "x.clj").write_text("word")
    editor = make_editor(None)
    await editor.initialize()
    document = await opened(editor, "word", (tmp_path / "a.clj").as_uri())

    assert await searched(editor, document.uri) == ["a.clj", "x.clj"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert await searched(editor, document.uri) == ["a.clj"]


async def test_at_the_deadline_the_open_documents_are_what_is_known(
    detached: Editor, project: Path
):
    (project / "x.clj").write_text("word")
    document = await opened(detached, "word")

    assert await searched(detached, document.uri) == ["demo.clj", "x.clj"]
    assert await searched(detached, document.uri, seconds=-1.0) == ["demo.clj"]


async def test_a_file_that_cannot_be_read_is_passed(
    detached: Editor, project: Path, monkeypatch: pytest.MonkeyPatch
):
    (project / "a.clj").write_text("word")
    (project / "b.clj").write_bytes(b"\xff word")
    document = await opened(detached, "word")
    really_open = Path.open

    def fails(path: Path, *arguments, **more):
        if path.name == "a.clj":
            raise PermissionError(path)
        return really_open(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", fails)
    assert await searched(detached, document.uri) == ["demo.clj", "b.clj"]
    assert await read_text(detached.server, project / "a.clj") is None


async def test_other_languages_are_not_looked_into(detached: Editor, project: Path):
    for name in ("a.hy", "b.py", "c.cljs", "d.edn", "e.txt", "f.lpy"):
        (project / name).write_text("word")
    document = await opened(detached, "word")
    await opened(detached, "word", "g.hy", "hy")

    assert await searched(detached, document.uri) == ["demo.clj", "c.cljs", "d.edn", "f.lpy"]


async def test_open_documents_of_the_same_kind_itself_first(detached: Editor, project: Path):
    first = await opened(detached, "1", "a.clj")
    second = await opened(detached, "2", "untitled:b")
    await opened(detached, "3", "c.hy", "hy")
    snapshot = detached.server.documents.snapshot(second.uri)

    assert [text.uri for text in open_texts(detached.server, snapshot)] == [second.uri, first.uri]


async def test_an_open_document_is_read_as_it_is_open(detached: Editor, project: Path):
    (project / "a.clj").write_text("old")
    await opened(detached, "new", "a.clj")

    assert (await read_text(detached.server, project / "a.clj")).text == "new"
    assert await read_text(detached.server, project / "nowhere.clj") is None


async def test_closed_files_of_all_projects_are_found_once(
    editor: Editor, nrepl: FaultServer, project: Path
):
    """Those that hold the letters in their order, until the deadline."""
    inner = project / "inner"
    inner.mkdir()
    for folder in (project, inner):
        (folder / f"{folder.name}.clj").write_text("A-long-W, o and r; D é")
        (folder / "other.clj").write_text("drow")
    attach_file(inner, nrepl)
    await opened(editor, "word", "inner/open.clj")

    async def found(letters: str, seconds: float) -> list[str]:
        deadline = time.monotonic() + seconds
        return names(await search_closed(editor.server, letters, lambda _: [1], deadline))

    assert sorted(await found("wo Rd", 5)) == ["inner.clj", "project.clj"]
    assert sorted(await found("wordÉ", 5)) == ["inner.clj", "project.clj"]
    assert await found("ddd", 5) == []
    assert await found("word", -1) == []
