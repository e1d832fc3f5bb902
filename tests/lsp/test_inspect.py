"""Looking into values: by what was printed, and by the program's own inspector."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.actions import inspector as actions
from nrepl_lsp.lsp.actions.offer import Asked, Offer
from nrepl_lsp.lsp.documents import Place
from tests.support.fault_server import DONE, FaultServer, reply

from .applied import capabilities
from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

Start = Callable[..., Any]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn `done` into `running`."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 4.0)


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Start:
    """`await start(**capabilities)`: an editor whose project is attached."""

    async def begin(**announced: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(capabilities(**announced))
        await editor.attached()
        editor.answers["window/showDocument"] = lambda params: {"success": True}
        editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
        nrepl.requests.clear()
        return editor

    return begin


def value(text: str) -> Any:
    return reply({"value": text, "ns": "user"}, DONE)


def read(uri: str) -> str:
    return Path(unquote(urlsplit(uri).path)).read_text("utf-8")


def shown_documents(editor: Editor) -> list[str]:
    return [params["uri"] for method, params in editor.requests if method == "window/showDocument"]


async def page(editor: Editor, **argument: Any) -> list[str]:
    """The lines of the page that a step shows."""
    found = await editor.command("nrepl.inspect", argument)
    assert found["status"] == "done", found
    assert shown_documents(editor)[-1] == found["uri"]
    return read(found["uri"]).splitlines()


async def view(editor: Editor, uri: str) -> Opened:
    """A page as the editor opens it."""
    opened = editor.open(read(uri).replace("|", "¦"), uri)
    opened.marks = [{"line": 0, "character": 0}]
    await editor.request("textDocument/foldingRange", {"textDocument": {"uri": uri}})
    return opened


def offered(document: Opened, line: int, is_automatic: bool = False) -> list[Offer]:
    ls = document.editor.server
    snapshot = ls.documents.snapshot(document.uri)
    assert snapshot is not None
    place = Place.at(document.uri, types.Position(line, 0))
    return list(actions.offers(ls, snapshot, place, Asked(None, is_automatic)))


# -- what was printed ---------------------------------------------------------------------------

PRINTED = '{:a 1, :b {:c [10 20], :d "x"}, [1 2] #{3}}'


async def test_a_value_is_looked_into(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value(PRINTED))
    document = editor.open("(f 1)|")
    assert await page(editor, **document.at_cursor) == [
        ";; (f 1)",
        ";; Map, 3 entries",
        "  0  :a 1",
        '  1  :b {:c [10 20], :d "x"}',
        "  2  [1 2] #{3}",
    ]
    assert await page(editor, go="push", index=1) == [
        ";; (f 1)",
        ";; in :b",
        ";; Map, 2 entries",
        "  0  :c [10 20]",
        '  1  :d "x"',
        ";; Code actions: back.",
    ]
    assert await page(editor, go="push", index=0) == [
        ";; (f 1)",
        ";; in :b :c",
        ";; Vector, 2 items",
        "  0  10",
        "  1  20",
        ";; Code actions: back.",
    ]
    assert (await page(editor, go="push", index=1))[1:4] == [
        ";; in :b :c (nth 1)",
        ";; Value",
        "     20",
    ]
    await page(editor, go="pop")
    await page(editor, go="pop")
    assert (await page(editor, go="pop"))[1] == ";; Map, 3 entries"
    # Nothing was asked again, and the program keeps nothing.
    assert [request["op"] for request in nrepl.requests].count("eval") == 1
    assert "inspect" not in nrepl.requests[-1]


async def test_long_values_have_pages(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value(f"({' '.join(map(str, range(40)))})"))
    document = editor.open("(range 40)|")
    first = await page(editor, **document.at_cursor)
    assert first[1:3] == [";; List, 40 items", "  0  0"]
    assert first[-2:] == [" 31  31", ";; Code actions: next page."]
    second = await page(editor, go="next")
    assert second[2:] == [
        *(f" {n}  {n}" for n in range(32, 40)),
        ";; Code actions: previous page.",
    ]
    assert await page(editor, go="refresh") == second
    assert await page(editor, go="previous") == first


@pytest.mark.parametrize(
    ("go", "why"),
    [
        ("next", "This is the last page"),
        ("previous", "This is the first page"),
        ("pop", "This is the whole value"),
        ("push", "There is no such item"),
    ],
)
async def test_a_step_that_leads_nowhere_is_told(
    start: Start, nrepl: FaultServer, go: str, why: str
) -> None:
    editor = await start()
    nrepl.on("eval", value("[1 2]"))
    await page(editor, **editor.open("x|").at_cursor)
    found = await editor.command("nrepl.inspect", {"go": go, "index": 7})
    assert found["status"] == "error"
    assert why in editor.shown()[-1]


async def test_the_line_of_the_cursor_is_gone_into(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value(PRINTED))
    found = await editor.command("nrepl.inspect", editor.open("x|").at_cursor)
    opened = await view(editor, found["uri"])
    # No code is taken from a page: it was printed, not written.
    here = {"uri": opened.uri, "position": {"line": 3, "character": 2}}
    assert (await page(editor, **here))[1] == ";; in :b"
    assert [request["op"] for request in nrepl.requests].count("eval") == 1
    nothing = {"uri": opened.uri, "position": {"line": 1, "character": 0}}
    assert (await editor.command("nrepl.inspect", nothing))["status"] == "error"
    assert "no item on this line" in editor.shown()[-1]


async def test_an_old_page_can_be_gone_on_from(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("[[1] [2]]"))
    first = await editor.command("nrepl.inspect", editor.open("x|").at_cursor)
    await page(editor, go="push", index=0)
    assert (await page(editor, uri=first["uri"], go="push", index=1))[3] == "  0  2"


async def test_code_can_be_given(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value('"a\\nb"'), code="(g)")
    assert await page(editor, code="(g)") == [";; (g)", ";; Value", '     "a\\nb"']


@pytest.mark.parametrize(
    ("printed", "lines"),
    [
        ("#{1}", [";; Set, 1 item", "  0  1"]),
        ("#user.P{:x 1}", [";; Map, 1 entry", "  0  :x 1"]),
        ("{:a 1 :b", [";; Map, 1+ entries", "  0  :a 1"]),
        ("nil", [";; Value", "     nil"]),
        ("<object object at 0x7f>", [";; Value", "     <object object at 0x7f>"]),
        ("[]", [";; Vector, 0 items"]),
    ],
)
async def test_values_of_all_kinds(
    start: Start, nrepl: FaultServer, printed: str, lines: list[str]
) -> None:
    editor = await start()
    nrepl.on("eval", value(printed))
    assert (await page(editor, **editor.open("x|").at_cursor))[1:] == lines


async def test_what_fails_or_has_no_value(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", reply({"err": "Oh"}, {"ex": "class E", "status": ["eval-error"]}, DONE))
    document = editor.open("x|")
    found = await editor.command("nrepl.inspect", document.at_cursor)
    assert (found["status"], found["error"]["message"]) == ("error", "Oh")
    nrepl.on("eval", reply(DONE))
    assert (await editor.command("nrepl.inspect", document.at_cursor))["status"] == "error"
    assert "no value" in editor.shown()[-1]
    assert shown_documents(editor) == []


async def test_before_anything_is_inspected(editor: Editor) -> None:
    assert (await editor.command("nrepl.inspect", {"go": "next"}))["status"] == "error"
    assert "Nothing is inspected" in editor.shown()[-1]


@pytest.mark.parametrize("argument", [{"go": "up"}, {"go": "push", "index": "1"}, {"index": True}])
async def test_wrong_arguments(editor: Editor, argument: dict[str, Any]) -> None:
    with pytest.raises(RequestFailed, match="must be"):
        await editor.command("nrepl.inspect", argument)


async def test_without_a_program(detached: Editor) -> None:
    document = detached.open("x|")
    for argument in (document.at_cursor, {"uri": document.uri, "code": "x"}):
        found = await detached.command("nrepl.inspect", argument)
        assert found["status"] == "disconnected"


async def test_an_editor_that_shows_no_documents_has_the_open_one_edited(
    start: Start, nrepl: FaultServer
) -> None:
    editor = await start(shows=False)
    nrepl.on("eval", value("[[1] 2]"))
    found = await editor.command("nrepl.inspect", editor.open("x|").at_cursor)
    assert f"See {Path(unquote(urlsplit(found['uri']).path))}" in editor.shown()[-1]
    opened = await view(editor, found["uri"])
    again = await editor.command("nrepl.inspect", {"go": "push", "index": 0})
    assert again["uri"] == opened.uri
    (edit,) = [p["edit"] for method, p in editor.requests if method == "workspace/applyEdit"]
    (change,) = edit["documentChanges"][0]["edits"]
    assert change["newText"].splitlines()[1] == ";; in (nth 0)"


async def test_what_was_printed_outlives_the_program(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("[[1] 2]"))
    await page(editor, **editor.open("x|").at_cursor)
    nrepl.hang_up()
    await editor.notified("window/logMessage", "No REPL")
    lines = await page(editor, go="push", index=0)
    assert ";; The program has gone; this is what it had printed." in lines


# -- one document for all steps -----------------------------------------------------------------

ONE = "nrepl-lsp:/inspector/value.clj"
CONTENT = "workspace/textDocumentContent"


@pytest.fixture
def start_asking(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Start:
    """An editor that asks for the texts of documents without a file."""

    async def begin(*, registers: bool = True, shows: bool = True) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        announced = capabilities()
        announced["workspace"]["textDocumentContent"] = {"dynamicRegistration": True}
        editor.answers["window/showDocument"] = lambda params: {"success": shows}
        editor.answers[f"{CONTENT}/refresh"] = lambda params: None
        if not registers:
            editor.answers["client/registerCapability"] = refuse
        await editor.initialize(announced)
        await editor.attached()
        return editor

    return begin


def refuse(params: Any) -> None:
    raise RequestFailed({"code": -32601, "message": "no"})


async def content(editor: Editor, uri: str = ONE) -> list[str]:
    found = await editor.request(CONTENT, {"uri": uri})
    return str(found["text"]).splitlines()


async def test_one_document_shows_every_step(start_asking: Start, nrepl: FaultServer) -> None:
    editor = await start_asking()
    nrepl.on("eval", value(PRINTED))
    registered = [
        (one["method"], one["registerOptions"])
        for method, params in editor.requests
        if method == "client/registerCapability"
        for one in params["registrations"]
    ]
    assert (CONTENT, {"schemes": ["nrepl-lsp"]}) in registered
    first = await editor.command("nrepl.inspect", editor.open("(f 1)|").at_cursor)
    assert first["uri"] == ONE
    assert (await content(editor))[1:3] == [";; Map, 3 entries", "  0  :a 1"]
    refreshed = [params for method, params in editor.requests if method == f"{CONTENT}/refresh"]
    assert refreshed == []
    second = await editor.command("nrepl.inspect", {"go": "push", "index": 1})
    assert second["uri"] == ONE
    shown = await content(editor)
    assert shown[1:4] == [";; in :b", ";; Map, 2 entries", "  0  :c [10 20]"]
    assert shown[-1] == ";; nrepl.inspect: back."
    refreshed = [params for method, params in editor.requests if method == f"{CONTENT}/refresh"]
    assert refreshed == [{"uri": ONE}]
    assert shown_documents(editor) == [ONE, ONE]
    assert [one["method"] for _, one in registrations(editor)].count(CONTENT) == 1


def registrations(editor: Editor) -> list[tuple[str, Any]]:
    return [
        (method, one)
        for method, params in editor.requests
        if method == "client/registerCapability"
        for one in params["registrations"]
    ]


async def test_the_one_document_leads_on_by_its_lines(
    start_asking: Start, nrepl: FaultServer
) -> None:
    editor = await start_asking()
    nrepl.on("eval", value(PRINTED))
    await editor.command("nrepl.inspect", editor.open("(f 1)|").at_cursor)
    # As VS Code opens it; another editor may write the URI with an empty authority.
    for written in (ONE, "nrepl-lsp:///inspector/value.clj"):
        text = "\n".join(await content(editor, written)) + "|"
        opened = editor.open(text, written)
        await opened.ask("foldingRange")
        titles = [offer.title for offer in offered(opened, 3)]
        assert titles[0] == 'Inspect {:c [10 20], :d "x"}'
        menu = await editor.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": written},
                "range": {"start": {"line": 3, "character": 2}, "end": {"line": 3, "character": 2}},
                "context": {"diagnostics": []},
            },
        )
        assert [action["title"] for action in menu] == titles
    here = {"uri": ONE, "position": {"line": 3, "character": 2}}
    found = await editor.command("nrepl.inspect", here)
    assert [item["text"] for item in found["items"]] == ["[10 20]", '"x"']
    back = await editor.command("nrepl.inspect", {"uri": ONE, "go": "pop"})
    assert [item["index"] for item in back["items"]] == [0, 1, 2]


@pytest.mark.parametrize("can", [{"registers": False}, {"shows": False}])
async def test_without_such_documents_pages_are_files(
    start_asking: Start, nrepl: FaultServer, can: dict[str, bool]
) -> None:
    editor = await start_asking(**can)
    nrepl.on("eval", value("[1]"))
    found = await editor.command("nrepl.inspect", editor.open("x|").at_cursor)
    assert read(found["uri"]).splitlines()[1:] == [";; Vector, 1 item", "  0  1"]
    found = await editor.command("nrepl.inspect", {"go": "push", "index": 0})
    assert read(found["uri"]).splitlines()[1] == ";; in (nth 0)"


async def test_the_one_document_belongs_to_the_program_whose_value_it_shows(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    attach_file(project, nrepl)
    other = tmp_path / "other"
    other.mkdir()
    async with FaultServer() as second:
        attach_file(other, second)
        editor = make_editor()
        announced = capabilities()
        announced["workspace"]["textDocumentContent"] = {"dynamicRegistration": True}
        editor.answers["window/showDocument"] = lambda params: {"success": True}
        editor.answers[f"{CONTENT}/refresh"] = lambda params: None
        folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, other)]
        await editor.initialize(announced, workspaceFolders=folders)
        for server in (nrepl, second):
            await editor.notified("window/logMessage", f"Attached to {server.url}")
            server.on("eval", value("[1]"))
        for folder, server in ((project, nrepl), (other, second), (project, nrepl)):
            document = editor.open("x|", (folder / "a.clj").as_uri())
            for argument in (document.at_cursor, {"uri": ONE, "code": "y"}):
                found = await editor.command("nrepl.inspect", argument)
                assert (found["status"], found["uri"]) == ("done", ONE)
            repl = editor.server.repl_for("nrepl-lsp:///inspector/value.clj")
            assert repl is not None
            assert str(repl.address) == server.url
        assert editor.server.repl_for("nrepl-lsp:/inspector/other.clj") is None


async def test_a_document_of_an_earlier_day_says_so(start_asking: Start) -> None:
    editor = await start_asking()
    assert await content(editor) == [
        ";; Nothing is shown here any more: run nrepl.inspect on a form."
    ]
    assert (await content(editor, "nrepl-lsp:/inspector/value.txt"))[0].startswith("Nothing")


# -- the program's inspector --------------------------------------------------------------------

FIRST = (
    '("Class: " (:value "clojure.lang.PersistentArrayMap" 0) (:newline) "Contents: " (:newline) '
    '"  " (:value ":a" 1) " = " (:value "{ :b 1 }" 2) (:newline))'
)
SECOND = '("Class: " (:value "java.lang.Long" 0) (:newline) "Value: " (:value "1" 1))'
PAGED = (
    '("Contents: " (:newline) "  0. " (:value "0" 1) (:newline) "  ..." (:newline) (:newline) '
    '"  Page size: 32, showing page: 1 of 4")'
)
GONE_ON = PAGED.replace("1 of 4", "4 of 4")


@pytest.fixture
def inspecting(nrepl: FaultServer) -> FaultServer:
    """A server with an inspector, whose ops have the old names."""
    nrepl.on("eval", value(FIRST))
    nrepl.on("inspect-push", reply({"value": SECOND, "path": "(:a)"}, DONE))
    nrepl.on("inspect-pop", reply({"value": FIRST, "path": "[]"}, DONE))
    nrepl.on("inspect-next-page", reply({"value": GONE_ON}, DONE))
    nrepl.on("inspect-prev-page", reply({"value": PAGED}, DONE))
    nrepl.on("inspect-refresh", reply({"value": SECOND}, DONE))
    return nrepl


async def test_the_inspector_is_used_where_there_is_one(
    inspecting: FaultServer, start: Start
) -> None:
    editor = await start()
    lines = await page(editor, **editor.open("m|").at_cursor)
    assert lines == [
        ";; m",
        "  0  Class: clojure.lang.PersistentArrayMap",
        ";; Contents:",
        "  2  :a = { :b 1 }",
    ]
    (asked,) = [request for request in inspecting.requests if request["op"] == "eval"]
    assert (asked["inspect"], asked["page-size"]) == ("true", 32)
    lines = await page(editor, go="push", index=2)
    assert lines == [
        ";; m",
        ";; in (:a)",
        "  0  Class: java.lang.Long",
        "  1  Value: 1",
        ";; Code actions: back.",
    ]
    (pushed,) = await inspecting.received("inspect-push")
    assert (pushed["idx"], pushed["session"]) == (2, asked["session"])
    assert (await page(editor, go="refresh"))[1] == "  0  Class: java.lang.Long"
    assert await page(editor, go="pop") == [
        ";; m",
        "  0  Class: clojure.lang.PersistentArrayMap",
        ";; Contents:",
        "  2  :a = { :b 1 }",
    ]


async def test_the_new_names_of_the_ops_go_first(inspecting: FaultServer, start: Start) -> None:
    inspecting.on("cider/inspect-push", reply({"value": SECOND}, DONE))
    editor = await start()
    await page(editor, **editor.open("m|").at_cursor)
    await page(editor, go="push", index=2)
    assert [request["op"] for request in inspecting.requests if "inspect" in request["op"]] == [
        "cider/inspect-push"
    ]


async def test_pages_of_the_inspector(inspecting: FaultServer, start: Start) -> None:
    inspecting.on("eval", value(PAGED))
    editor = await start()
    first = await page(editor, **editor.open("(range 100)|").at_cursor)
    assert first[1:] == [
        ";; Contents:",
        "  1  0. 0",
        ";; ...",
        ";; Page size: 32, showing page: 1 of 4",
        ";; Code actions: next page.",
    ]
    assert (await page(editor, go="next"))[-1] == ";; Code actions: previous page."
    assert await page(editor, go="previous") == first


async def test_an_old_page_of_the_inspector_is_refused(
    inspecting: FaultServer, start: Start
) -> None:
    editor = await start()
    first = await editor.command("nrepl.inspect", editor.open("m|").at_cursor)
    await page(editor, go="push", index=2)
    inspecting.requests.clear()
    found = await editor.command("nrepl.inspect", {"uri": first["uri"], "go": "push", "index": 1})
    assert found["status"] == "error"
    assert "not the page that the inspector shows now" in editor.shown()[-1]
    assert inspecting.requests == []


async def test_after_a_loss_the_inspector_says_so(inspecting: FaultServer, start: Start) -> None:
    editor = await start()
    await page(editor, **editor.open("m|").at_cursor)
    inspecting.hang_up()
    await editor.notified("window/logMessage", "No REPL")
    found = await editor.command("nrepl.inspect", {"go": "push", "index": 2})
    assert found["status"] == "disconnected"
    assert "The program that this value is of has gone" in editor.shown()[-1]


@pytest.mark.parametrize(
    "answer", [reply({"value": "(oops"}, DONE), reply({"status": ["inspect-push-error", "done"]})]
)
async def test_an_inspector_that_fails_is_told(
    inspecting: FaultServer, start: Start, answer: Any
) -> None:
    inspecting.on("inspect-push", answer)
    editor = await start()
    await page(editor, **editor.open("m|").at_cursor)
    found = await editor.command("nrepl.inspect", {"go": "push", "index": 2})
    assert found["status"] == "error"
    assert "has shown nothing" in editor.shown()[-1]


async def test_what_is_no_page_is_read_as_printed(inspecting: FaultServer, start: Start) -> None:
    inspecting.on("eval", value("{:a 1}"))
    editor = await start()
    assert (await page(editor, **editor.open("m|").at_cursor))[1:] == [
        ";; Map, 1 entry",
        "  0  :a 1",
    ]


# -- what is offered ----------------------------------------------------------------------------


async def test_what_a_page_offers(start: Start, inspecting: FaultServer) -> None:
    editor = await start()
    found = await editor.command("nrepl.inspect", editor.open("m|").at_cursor)
    opened = await view(editor, found["uri"])
    assert [one.title for one in offered(opened, 3)] == [
        "Inspect { :b 1 }",
        "Inspect :a",
        "Show this value again as it is now",
    ]
    assert offered(opened, 3)[0].argument == {"uri": opened.uri, "go": "push", "index": 2}
    assert [one.title for one in offered(opened, 400)] == ["Show this value again as it is now"]


async def test_what_a_printed_page_offers(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value(f"[[{' '.join('1' * 70)}]]"))
    await page(editor, **editor.open("x|").at_cursor)
    await page(editor, go="push", index=0)
    found = await editor.command("nrepl.inspect", {"go": "next"})
    opened = await view(editor, found["uri"])
    assert [one.title for one in offered(opened, 3)] == [
        "Inspect 1",
        "Next page",
        "Previous page",
        "Back to what this is a part of",
    ]


async def test_what_a_form_offers(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    document = editor.open("(f 1)\n")
    await editor.request("textDocument/foldingRange", {"textDocument": {"uri": document.uri}})
    assert [one.title for one in offered(document, 0)] == ["Inspect the value of (f 1)"]
    assert offered(document, 0, is_automatic=True) == []
    assert nrepl.requests == []
