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


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


async def test_a_real_file_is_answered_as_it_is(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    library = tmp_path / "site packages" / "lib.lpy"
    library.parent.mkdir()
    library.write_text("(ns lib)\n  (defn f [])\n")
    defined(nrepl, str(library), column=3)
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": library.as_uri(), "range": span(1, 8, 9)}


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("\n  def f(): pass", 3, span(1, 6, 7)),
        ("\n(defthing f []) f", None, span(1, 10, 11)),
        ("\n  int f() {} f", 3, span(1, 6, 7)),
        ("\nf (make f)", 3, span(1, 8, 9)),
        ("\nf (make)", 3, span(1, 0, 1)),
        ("\n  (make-f f-g f' a.f)", 3, at(1, 2)),
        ("\n", 3, at(1, 0)),
        ("f", None, span(0, 0, 1)),
        ("", None, at(1, 0)),
    ],
)
async def test_what_is_defined_in_no_known_way_is_where_the_program_says(
    editor: Editor,
    nrepl: FaultServer,
    tmp_path: Path,
    text: str,
    column: int | None,
    expected: Any,
) -> None:
    """On its name, where the line that the program says has it."""
    library = tmp_path / "lib.py"
    library.write_text(text)
    defined(nrepl, str(library), **({"column": column} if column else {}))
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": library.as_uri(), "range": expected}


@pytest.mark.parametrize("name", ["->Point", "map->Point"])
async def test_a_constructor_is_its_type(
    editor: Editor, nrepl: FaultServer, tmp_path: Path, name: str
) -> None:
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n(defrecord\n  Point [x])\n")
    nrepl.on("info", reply({"name": name, "ns": "lib", "file": str(library), "line": 2, **DONE}))
    answer = await editor.open(f"({name}|)").ask("definition")
    assert answer == {"uri": library.as_uri(), "range": span(2, 2, 7)}


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
    assert answer["range"] == span(1, 6, 7)


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
    library.write_text('\n "é😀"(make g [])')
    # In UTF-16 the form begins at 6: a blank, a quote, é, two for the face, a quote.
    defined(nrepl, str(library), column=7)
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "general": {"positionEncodings": [encoding]}})
    await editor.attached()
    assert (await editor.open("(f|)").ask("definition"))["range"] == at(1, column)


@pytest.mark.parametrize(
    ("encoding", "start", "end"), [("utf-8", 15, 20), ("utf-16", 12, 15), ("utf-32", 11, 13)]
)
@pytest.mark.parametrize("is_open", [False, True])
async def test_a_name_is_found_in_the_editor_s_units(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    tmp_path: Path,
    encoding: str,
    start: int,
    end: int,
    is_open: bool,
) -> None:
    library, text = tmp_path / "lib.clj", '\n "é😀"(defn f😀 [])'
    library.write_text(text)
    nrepl.on("info", reply({"name": "f😀", "ns": "lib", "file": str(library), "line": 2, **DONE}))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "general": {"positionEncodings": [encoding]}})
    await editor.attached()
    if is_open:
        editor.open(text, library.as_uri())
    answer = await editor.open("(f😀)").ask("definition", position={"line": 0, "character": 1})
    assert answer == {"uri": library.as_uri(), "range": span(1, start, end)}


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
    assert await document.ask("definition") == {"uri": document.uri, "range": span(1, 6, 7)}


NS = "(ns demo (:require [demo.other :as other :refer [thing]] [clojure.string :as str]))\n"
OTHER = "(ns demo.other)\n\n(defn thing [x])\n"


def project_file(project: Path, name: str, text: str) -> Path:
    path = project / "src" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def test_a_local_is_where_it_is_bound(detached: Editor) -> None:
    document = detached.open("(defn f [x]\n  (let [y x]\n    (+ y| x)))")
    assert await document.ask("definition") == {"uri": document.uri, "range": span(1, 8, 9)}
    answer = await document.ask("definition", position={"line": 2, "character": 9})
    assert answer["range"] == span(0, 9, 10)


async def test_a_local_may_be_bound_in_two_places(detached: Editor) -> None:
    document = detached.open("(fn [#?(:clj x :cljs x)] x|)")
    answer = await document.ask("definition")
    assert [one["range"] for one in answer] == [span(0, 13, 14), span(0, 21, 22)]


async def test_a_shadowed_var_is_not_asked_for(editor: Editor, nrepl: FaultServer) -> None:
    defined(nrepl, "/x/lib.clj")
    answer = await editor.open("(let [f 1] (f|))").ask("definition")
    assert answer["range"] == span(0, 6, 7)
    assert nrepl.requests == []


async def test_links_say_what_they_were_asked_for(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    documents = {**MODERN["textDocument"], "definition": {"linkSupport": True}}
    await editor.initialize({**MODERN, "textDocument": documents})
    document = editor.open("(ns a)\n(defn f\n  [])\n(f|)")
    (link,) = await document.ask("definition")
    assert link == {
        "originSelectionRange": span(3, 1, 2),
        "targetUri": document.uri,
        "targetRange": {
            "start": {"line": 1, "character": 0},
            "end": {"line": 2, "character": 5},
        },
        "targetSelectionRange": span(1, 6, 7),
    }


async def test_without_a_repl_the_text_s_own_definitions_are_found(detached: Editor) -> None:
    document = detached.open("(ns a)\n(defn f [])\n(defprotocol P (m [x]))\n(f|) (m 1) (g)")
    assert (await document.ask("definition"))["range"] == span(1, 6, 7)
    answer = await document.ask("definition", position={"line": 3, "character": 6})
    assert answer["range"] == span(2, 16, 17)
    assert await document.ask("definition", position={"line": 3, "character": 11}) is None


async def test_without_a_repl_the_project_s_files_are_found_by_their_names(
    detached: Editor, project: Path
) -> None:
    other = project_file(project, "demo/other.clj", OTHER)
    document = detached.open(NS + "(other/thing 1)\n(thing 1)\n(str/join 1)|")

    async def target_of(line: int, character: int) -> Any:
        return await document.ask("definition", position={"line": line, "character": character})

    var = {"uri": other.as_uri(), "range": span(2, 6, 11)}
    namespace = {"uri": other.as_uri(), "range": span(0, 4, 14)}
    assert await target_of(1, 8) == var
    assert await target_of(2, 3) == var
    assert await target_of(0, NS.index("[thing") + 2) == var
    assert await target_of(1, 3) == namespace
    assert await target_of(0, NS.index("demo.other") + 1) == namespace
    assert await target_of(0, NS.index("other :refer") + 1) == namespace
    # No file of the project is called so.
    assert await target_of(3, 2) is None
    assert await target_of(3, 6) is None


async def test_a_namespace_is_where_an_open_document_declares_it(
    detached: Editor, project: Path
) -> None:
    project_file(project, "demo/other.clj", OTHER)
    opened = detached.open("\n" + OTHER, "unsaved.clj")
    document = detached.open(NS + "(ot|her/thing 1)")
    assert await document.ask("definition") == {"uri": opened.uri, "range": span(1, 4, 14)}


async def test_the_namespace_of_the_document_is_its_own_form(detached: Editor) -> None:
    document = detached.open("(in-ns 'demo)\n(ns demo)\n'dem|o/x")
    assert await document.ask("definition") == {"uri": document.uri, "range": span(1, 4, 8)}


async def test_of_a_library_s_namespace_the_program_knows_the_file(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    library = tmp_path / "lib" / "clojure" / "string.clj"
    library.parent.mkdir(parents=True)
    library.write_text("; text\n(ns clojure.string)\n")
    nrepl.on("ns-list", reply({"ns-list": ["demo", "clojure.string"]}, DONE))
    nrepl.on("eval", reply({"value": f'["clojure.string" nil "{library}"]'}, DONE))
    answer = await editor.open(NS + "(st|r/join 1)").ask("definition")
    assert answer == {"uri": library.as_uri(), "range": span(1, 4, 18)}


async def test_a_namespace_that_no_file_has_is_nowhere(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["demo", "clojure.string"]}, DONE))
    nrepl.on("eval", reply({"value": '["clojure.string" nil nil]'}, DONE))
    assert await editor.open(NS + "(st|r/join 1)").ask("definition") is None
    assert await editor.open(NS + "(oth|er/thing 1)", "b.clj").ask("definition") is None


async def test_a_stale_line_is_mended_by_the_open_document(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    path = project_file(project, "lib.clj", "(ns lib)\n(defn f [])\n")
    defined(nrepl, str(path), line=2)
    opened = editor.open("(ns lib)\n\n\n\n(def f 1)\n\n(defn f [])\n", path.as_uri())
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": opened.uri, "range": span(4, 5, 6)}
    defined(nrepl, str(path), line=7)
    assert (await editor.open("(f|)").ask("definition"))["range"] == span(6, 6, 7)


async def test_a_file_without_a_line_is_searched(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    """babashka.nrepl 0.0.8 names the file only."""
    path = project_file(project, "lib.clj", "(ns lib)\n\n(defn f [])\n")
    nrepl.on("info", reply({"name": "f", "ns": "lib", "file": str(path), **DONE}))
    answer = await editor.open("(f|)").ask("definition")
    assert answer == {"uri": path.as_uri(), "range": span(2, 6, 7)}


async def test_a_namespace_that_is_not_loaded_is_not_mistaken_for_another(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    path = project_file(project, "user.clj", "(ns user)\n(defn f [])\n")
    defined(nrepl, str(path), line=2)
    document = editor.open("(ns absent)\n\n(defn f [])\n(f|)")
    assert await document.ask("definition") == {"uri": document.uri, "range": span(2, 6, 7)}


async def test_what_was_evaluated_and_is_in_no_file_is_shown(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    await editor.command("nrepl.evalCode", {"code": "(def made 42)", "ns": "demo", "wait": True})
    nrepl.on("info", reply({"name": "made", "ns": "demo", "file": "NO_SOURCE_PATH", **DONE}))
    answer = await editor.open("(ns demo)\nma|de").ask("definition")
    path = target(answer)
    assert path.is_relative_to(tmp_path / "cache" / "evaluated")
    assert path.read_text() == "(def made 42)"
    assert path.stat().st_mode & 0o222 == 0
    assert answer["range"] == span(0, 5, 9)


async def test_what_was_evaluated_in_a_document_is_there_while_it_stands(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns demo)\n(def made 42|)\nmade", "untitled:Untitled-1")
    params = {"uri": document.uri, "position": document.cursor, "wait": True}
    await editor.command("nrepl.evalTopLevelForm", params)
    nrepl.on("info", reply({"name": "made", "ns": "demo", "file": "NO_SOURCE_PATH", **DONE}))
    at_use = {"line": 2, "character": 1}
    answer = await document.ask("definition", position=at_use)
    assert answer == {"uri": document.uri, "range": span(1, 5, 9)}
    document.replace("(ns demo)\n\n\n(def made 42)\nmade")
    answer = await document.ask("definition", position={"line": 4, "character": 1})
    assert answer == {"uri": document.uri, "range": span(3, 5, 9)}
    document.replace("(ns demo)\n\nmade")
    answer = await document.ask("definition", position=at_use)
    assert target(answer).read_text() == "(def made 42)"


async def test_what_was_evaluated_belongs_to_the_program_that_has_it(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    added = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    await editor.command("nrepl.evalCode", {"code": "(def made 42)", "ns": "demo", "wait": True})
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": added})
    document = editor.open("(ns demo)\nma|de")
    answer = await document.ask("definition")
    shown = editor.open("(ns demo)\n(def ma|de 42)", answer["uri"])
    server = editor.server
    assert server.repl_for(shown.uri) is not None
    assert server.repl_for(shown.uri) is server.repl_for(document.uri)


LEFT = {"profile": "complement"}


async def test_beside_another_server_the_project_s_own_definitions_are_left_to_it(
    make_editor: Callable[..., Editor], project: Path
) -> None:
    project_file(project, "demo/other.clj", OTHER)
    (project / "resources").mkdir()
    (project / "resources" / "a.edn").write_text("{}")
    text = NS + '(defn f [x] x)\n(f 1) (other/thing 1)\n(io/resource "a.edn")|'
    for options in (LEFT, {**LEFT, "features": {"definition": True}}):
        editor = make_editor()
        await editor.initialize(options=options)
        document = editor.open(text)
        answers = [
            await document.ask("definition", position={"line": line, "character": character})
            for line, character in [(1, 12), (2, 1), (2, 15), (2, 9), (0, 5), (3, 15)]
        ]
        is_left = options is LEFT
        assert [answer is None for answer in answers] == [is_left] * 5 + [False]


async def test_beside_another_server_libraries_and_what_no_text_defines_are_answered(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options=LEFT)
    await editor.attached()
    installed = project / ".venv" / "lib" / "lib.clj"
    installed.parent.mkdir(parents=True)
    own = project_file(project, "lib.clj", "")
    for path, text, expected in [
        (tmp_path / "lib.clj", "(ns lib)\n(defn f [])", span(1, 6, 7)),
        (installed, "(ns lib)\n(defn f [])", span(1, 6, 7)),
        (own, "(ns lib)\n(make f [])", span(1, 6, 7)),
    ]:
        path.write_text(text)
        defined(nrepl, str(path))
        answer = await editor.open("(f|)").ask("definition")
        assert answer == {"uri": path.as_uri(), "range": expected}
    own.write_text("(ns lib)\n(defn f [])")
    assert await editor.open("(f|)").ask("definition") is None
    editor.server._cache = project / "cache"
    defined(nrepl, "(ns lib)\n(defn f [])")
    assert (await editor.open("(f|)").ask("definition"))["range"] == span(1, 6, 7)
    nrepl.on("info", reply(DONE))
    scratch = editor.open("(defn g [])\n(g|)", "untitled:Untitled-1")
    assert (await scratch.ask("definition"))["uri"] == scratch.uri
    scratch = editor.open("(let [x 1] x|)", "untitled:Untitled-2")
    assert await scratch.ask("definition") is None


async def test_a_cache_that_cannot_be_written_is_no_answer(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "evaluated").write_text("in the way")
    await editor.command("nrepl.evalCode", {"code": "(def made 42)", "ns": "demo", "wait": True})
    assert await editor.open("(ns demo)\nma|de").ask("definition") is None


async def test_a_resource_is_found_in_the_project(detached: Editor, project: Path) -> None:
    (project / "resources").mkdir()
    path = project / "resources" / "a.edn"
    path.write_text("{}")
    document = detached.open('(slurp (io/resource "a.e|dn")) (io/resource "b")')
    assert await document.ask("definition") == {"uri": path.as_uri(), "range": at(0)}
    assert await document.ask("definition", position={"line": 0, "character": 46}) is None


async def test_a_resource_is_where_the_program_finds_it(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.edn"
    path.write_text("{}")
    nrepl.on("resource", reply({"resource-path": str(path), **DONE}))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    answer = await editor.open('(io/resource "a.e|dn")').ask("definition")
    assert answer == {"uri": path.as_uri(), "range": at(0)}
    nrepl.on("resource", hang_up_mid_reply())
    assert await editor.open('(io/resource "a.e|dn")').ask("definition") is None


async def test_a_method_of_several_classes_may_be_in_several_files(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    candidates = {}
    for name in ("A", "B", "C"):
        path = tmp_path / f"{name}.java"
        path.write_text("class X {\n  int f() {}\n}\n")
        candidates[name] = {"class": name, "member": "f", "file": str(path), "line": 2}
    del candidates["C"]["file"]
    nrepl.on("info", reply({"candidates": candidates, **DONE}))
    answer = await editor.open("(.f| x)").ask("definition")
    assert [(target(one).name, one["range"]) for one in answer] == [
        ("A.java", span(1, 6, 7)),
        ("B.java", span(1, 6, 7)),
    ]


@pytest.mark.parametrize(
    ("name", "language", "text", "file"),
    [
        ("a.fnl", "fennel", '(local x (require "li|b.b"))', "lib/b.fnl"),
        ("a.fnl", "fennel", "(local x (require :b))\n(|x.f)", "b.fnl"),
        ("sub/a.janet", "janet", "(import ./b|)", "sub/b.janet"),
        ("sub/a.rkt", "racket", '(require "b.r|kt")', "sub/b.rkt"),
        ("sub/a.hy", "hy", "(import lib.my-b|)", "lib/my_b.hy"),
        ("a.scm", "scheme", "(import (lib b|))", "lib/b.scm"),
        ("a.clj", "clojure", "(ns a (:require [lib.my-b|]))", "lib/my_b.clj"),
    ],
)
async def test_modules_are_files(
    detached: Editor, project: Path, name: str, language: str, text: str, file: str
) -> None:
    path = project_file(project, file, "; a module\n")
    document = detached.open(text, f"src/{name}", language)
    assert await document.ask("definition") == {"uri": path.as_uri(), "range": at(0)}


@pytest.mark.parametrize("text", [":ke|y", '"te|xt"', "; te|xt", "1|2", "|"])
async def test_what_has_no_definition_is_null(
    editor: Editor, nrepl: FaultServer, text: str
) -> None:
    assert await editor.open(text).ask("definition") is None
    assert nrepl.requests == []


async def test_a_lost_connection_leaves_what_the_text_says(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", hang_up_mid_reply())
    document = editor.open("(ns absent)\n(defn f [])\n(f|)")
    assert (await document.ask("definition"))["range"] == span(1, 6, 7)
