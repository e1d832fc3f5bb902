"""Definition: from what the server says to a file that every editor can open."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, reply, silent

from .conftest import attach_file
from .editor import MODERN, Editor


def defined(nrepl: FaultServer, file: str, line: int = 2, **more: Any) -> None:
    nrepl.on("info", reply({"name": "f", "ns": "lib", "file": file, "line": line, **more, **DONE}))


def target(answer: Any) -> Path:
    assert answer["uri"].startswith("file:///")
    return Path(unquote(answer["uri"].removeprefix("file://")))


def at(line: int, character: int = 0) -> dict[str, Any]:
    place = {"line": line, "character": character}
    return {"start": place, "end": place}


async def test_a_real_file_is_answered_as_it_is(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    library = tmp_path / "site packages" / "lib.lpy"
    library.parent.mkdir()
    library.write_text("(ns lib)\n  (defn f [])\n")
    defined(nrepl, str(library), column=3)
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": library.as_uri(), "range": at(1, 2)}


async def test_hover_goes_on_in_a_library_file(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    library = tmp_path / "lib" / "lib.clj"
    library.parent.mkdir()
    library.write_text("(map)")
    defined(nrepl, str(library))
    # With a second folder the library's file belongs to nobody until it was opened from here.
    other = tmp_path / "other"
    other.mkdir()
    added = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": added})
    opened = editor.open("(ma|p)", library.as_uri())
    assert await opened.ask("hover") is None
    await editor.open("(f|)").ask("definition")
    assert await opened.ask("hover") is not None


async def test_an_entry_of_an_archive_is_unpacked_read_only(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    archive = tmp_path / "lib.jar"
    with zipfile.ZipFile(archive, "w") as jar:
        jar.writestr("lib/core.clj", "(ns lib.core)\n(defn f [])\n")
    defined(nrepl, f"jar:file:{archive}!/lib/core.clj")
    answer = await editor.open("(f|)").ask("definition")
    path = target(answer)
    assert path.read_text() == "(ns lib.core)\n(defn f [])\n"
    assert path.stat().st_mode & 0o222 == 0
    assert path.is_relative_to(tmp_path / "cache")
    assert answer["range"] == at(1)


async def test_text_that_only_the_server_has_becomes_a_file(
    editor: Editor, nrepl: FaultServer
) -> None:
    defined(nrepl, "(ns lib)\n(defn f [])\n")
    answer = await editor.open("(f|)").ask("definition")
    assert target(answer).read_text() == "(ns lib)\n(defn f [])\n"


async def test_a_relative_name_is_found_in_the_project(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    source = project / "src" / "lib" / "a.clj"
    source.parent.mkdir()
    source.write_text("(ns lib.a)\n")
    defined(nrepl, "lib/a.clj", line=1)
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": source.as_uri(), "range": at(0)}


async def test_a_relative_name_is_found_on_the_class_path(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    source = tmp_path / "elsewhere" / "lib" / "b.clj"
    source.parent.mkdir(parents=True)
    source.write_text("(ns lib.b)\n")
    nrepl.on("classpath", reply({"classpath": [str(tmp_path / "elsewhere")], **DONE}))
    defined(nrepl, "lib/b.clj", line=1)
    assert await editor.open("(f|)").ask("definition") is None
    # The op was not listed when we attached; a new attachment knows it.
    await editor.command("nrepl.disconnect")
    await editor.command("nrepl.connect")
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": source.as_uri(), "range": at(0)}


@pytest.mark.parametrize("behaviour", [silent(), hang_up_mid_reply(), reply(DONE)])
async def test_a_class_path_that_does_not_come_is_null(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, behaviour: Any
) -> None:
    nrepl.on("classpath", behaviour)
    defined(nrepl, "lib/c.clj")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"definition.timeout": 0.2})
    await editor.attached()
    assert await editor.open("(f|)").ask("definition") is None


@pytest.mark.parametrize("file", ["/no/such/file.clj", "NO_SOURCE_PATH", "", "jar:file:/x.jar!/a"])
async def test_a_file_that_is_not_here_is_null(
    editor: Editor, nrepl: FaultServer, file: str
) -> None:
    defined(nrepl, file)
    assert await editor.open("(f|)").ask("definition") is None


async def test_a_file_of_another_machine_is_mapped(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    source = project / "src" / "d.clj"
    source.write_text("(ns d)\n")
    defined(nrepl, "/app/src/d.clj", line=1)
    attach_file(project, nrepl)
    editor = make_editor()
    mapping = {"remote": "/app", "local": str(project)}
    await editor.initialize(options={"pathMappings": [mapping]})
    await editor.attached()
    assert target(await editor.open("(f|)").ask("definition")) == source
    params = {"settings": {"nrepl": {"pathMappings": []}}}
    editor.notify("workspace/didChangeConfiguration", params)
    defined(nrepl, "/app/elsewhere/d.clj", line=1)
    assert await editor.open("(f|)").ask("definition") is None


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 9), ("utf-16", 6), ("utf-32", 5)])
async def test_columns_are_converted(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    tmp_path: Path,
    encoding: str,
    column: int,
) -> None:
    library = tmp_path / "lib.clj"
    library.write_text('\n "é😀" (defn f [])'.replace(" (", "("))
    # In UTF-16 the form begins at 6: a blank, a quote, é, two for the face, a quote.
    defined(nrepl, str(library), column=7)
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "general": {"positionEncodings": [encoding]}})
    await editor.attached()
    assert (await editor.open("(f|)").ask("definition"))["range"] == at(1, column)


async def test_a_special_form_is_nowhere(editor: Editor, nrepl: FaultServer, project: Path) -> None:
    (project / "src" / "core.clj").write_text("")
    found = {"name": "if", "file": "core.clj", "special-form": "true"}
    nrepl.on("info", reply({**found, **DONE}))
    assert await editor.open("(if|)").ask("definition") is None
    nrepl.on("info", reply({**found, "special-form": "", **DONE}))
    assert await editor.open("(if|)").ask("definition") is not None


async def test_without_a_place_the_answer_is_null(editor: Editor) -> None:
    assert await editor.open("(map|)").ask("definition") is None


async def test_without_a_repl_the_answer_is_null(detached: Editor) -> None:
    assert await detached.open("(f|)").ask("definition") is None


async def test_unknown_documents_are_null(editor: Editor) -> None:
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await editor.request("textDocument/definition", place) is None


async def test_text_that_was_loaded_from_a_document_is_that_document(
    editor: Editor, nrepl: FaultServer
) -> None:
    """nbb 1.6.214 names the text that it was given instead of a file."""
    document = editor.open("(ns lib)\n(defn f [])\n(f|)")
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    defined(nrepl, nrepl.of("load-file")[0]["file"])
    assert await document.ask("definition") == {"uri": document.uri, "range": at(1)}
