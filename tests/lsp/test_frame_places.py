"""From the frames of a trace to places that an editor can open."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.locating import frame_places as module
from nrepl_lsp.lsp.locating.frame_places import FramePlace, frame_places, namespace_of
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling.causes import Cause, StackFrame
from nrepl_lsp.tooling.values import ErrorPlace

from .editor import Editor, Opened

TEXT = "(ns demo)\n\n(defn f []\n  (g))\n"


def code_of(document: Opened, *, is_file: bool = False) -> Code:
    snapshot = document.editor.server.documents.snapshot(document.uri)
    assert snapshot is not None
    ns = None if is_file else namespace_at(snapshot, len(snapshot.text))
    start = 0 if is_file else snapshot.text.index("(defn")
    text = snapshot.text[start:]
    uri, end = snapshot.uri, len(snapshot.text)
    return Code(text, snapshot.language, uri, ns, snapshot, start, end, is_file=is_file)


async def found(
    document: Opened, *frames: StackFrame, is_file: bool = False
) -> list[FramePlace | None]:
    # What is asked after it has been opened.
    await document.ask("foldingRange", position={"line": 0, "character": 0})
    code = code_of(document, is_file=is_file)
    places = await frame_places(
        document.editor.server, code, [Cause("X", "no", None, None, frames)]
    )
    return [places.get(frame) for frame in frames]


def at(
    name: str, line: int | None, file: str | None = None, column: int | None = None
) -> StackFrame:
    return StackFrame(name, ErrorPlace(file, line, column))


async def test_frames_of_the_document(detached: Editor) -> None:
    document = detached.open(TEXT)
    here = [
        at("demo/f", 4),
        at("demo/f", 4, "demo.clj"),
        at("demo/f", 4, document.uri.removeprefix("file://"), 4),
        at("top level", 1),
        at("demo/eval12", 3, "started-the-server.clj"),
    ]
    places = await found(document, *here)
    assert [one and (one.uri, one.line, one.column, one.is_project) for one in places] == [
        (document.uri, 3, 2, True),
        (document.uri, 3, 2, True),
        (document.uri, 3, 3, True),
        (document.uri, 0, 0, True),
        (document.uri, 2, 0, True),
    ]
    assert await found(document, at("demo/f", 4), is_file=True) == places[:1]


async def test_frames_that_are_nowhere(detached: Editor) -> None:
    document = detached.open(TEXT)
    nowhere = [
        at("demo/f", 900),
        at("other/f", 4),
        at("demo/f", None),
        StackFrame("demo/f"),
        at("demo/f", 4, "/no/such/file.clj"),
        at("clojure.lang.Numbers/divide", 4, "clojure/lang/Numbers.java"),
        at("demo/eval12", 900, "started-the-server.clj"),
        at("a/b", 1, "x\0y"),
        at("../../etc/f", 1),
    ]
    assert await found(document, *nowhere) == [None] * len(nowhere)
    untitled = detached.open(TEXT, "untitled:One")
    assert await found(untitled, at("clojure.core/map", 3, "clojure/core.clj")) == [None]
    (place,) = await found(untitled, at("demo/f", 4))
    assert place is not None
    assert place.uri == "untitled:One"


async def test_files_of_the_project_and_of_libraries(
    detached: Editor, project: Path, tmp_path: Path
) -> None:
    (project / "src" / "a_b").mkdir()
    own = project / "src" / "a_b" / "c.cljc"
    installed = project / "site-packages" / "lib.py"
    installed.parent.mkdir()
    bundled = project / "env" / "lib" / "python3.12" / "functools.py"
    bundled.parent.mkdir(parents=True)
    library = tmp_path / "far.lpy"
    for path in (own, installed, bundled, library):
        path.write_text("x\n")
    document = detached.open(TEXT)
    places = await found(
        document,
        at("a-b.c/f", 7),
        at("a-b.c/f", 7, "a_b/c.cljc", 3),
        at("f", 1, str(installed)),
        at("f", 1, str(bundled)),
        at("f", 1, library.as_uri()),
    )
    assert [one and (one.uri, one.line, one.is_project) for one in places] == [
        (own.as_uri(), 6, True),
        (own.as_uri(), 6, True),
        (installed.as_uri(), 0, False),
        (bundled.as_uri(), 0, False),
        (library.as_uri(), 0, False),
    ]


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 0), ("utf-16", 4), ("utf-32", 0)])
async def test_a_column_counts_as_the_editor_does(
    make_editor: Any, project: Path, encoding: str, column: int
) -> None:
    (project / "src" / "other.clj").write_text("(é)\n")
    editor = make_editor()
    await editor.initialize({"general": {"positionEncodings": [encoding]}})
    document = editor.open('(ns demo)\n\n(defn f [] "😀" (g))\n')
    unopened, opened = await found(document, at("other/f", 1, None, 5), at("demo/f", 3, None, 17))
    assert unopened is not None
    assert unopened.column == column
    assert opened is not None
    assert opened.column == {"utf-8": 18, "utf-16": 16, "utf-32": 15}[encoding]


async def test_few_entries_of_archives_are_unpacked(detached: Editor, tmp_path: Path) -> None:
    archive = tmp_path / "lib.jar"
    with zipfile.ZipFile(archive, "w") as jar:
        for number in range(20):
            jar.writestr(f"n{number}.clj", f"(ns n{number})\n")
    document = detached.open(TEXT)
    frames = [at(f"n{n}/f", 1, f"jar:{archive.as_uri()}!/n{n}.clj") for n in range(20)]
    places = [one for one in await found(document, *frames) if one is not None]
    assert len(places) == module.ENTRIES_LIMIT
    assert not any(one.is_project for one in places)


async def test_very_many_frames_are_not_all_looked_for(detached: Editor) -> None:
    document = detached.open(TEXT)
    frames = [at(f"demo/f{number}", 1) for number in range(2 * module.FRAMES_LIMIT)]
    places = await found(document, *frames)
    assert sum(one is not None for one in places) == module.FRAMES_LIMIT


@pytest.mark.parametrize(
    ("name", "ns"), [("a.b/c", "a.b"), ("a//", "a"), ("/", None), ("f", None), ("a/b/c", "a")]
)
def test_the_namespace_in_a_name(name: str, ns: str | None) -> None:
    assert namespace_of(StackFrame(name)) == ns
