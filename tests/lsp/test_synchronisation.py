"""didOpen, didChange, didClose: the text is the editor's, to the letter."""

import pytest

from .editor import Editor


def text_of(editor: Editor, uri: str) -> str | None:
    snapshot = editor.server.documents.snapshot(uri)
    return snapshot.text if snapshot is not None else None


async def settled(editor: Editor) -> None:
    """Notifications are handled in order with requests: an answer means that all are."""
    await editor.command("nrepl.status")


async def test_edits_are_applied_in_order(detached: Editor) -> None:
    document = detached.open("(a)\r\n(b)\r\n")
    document.send_change(
        {
            "range": {
                "start": {"line": 1, "character": 1},
                "end": {"line": 1, "character": 2},
            },
            "text": "é😀",
        },
        {
            "range": {
                "start": {"line": 1, "character": 2},
                "end": {"line": 1, "character": 4},
            },
            "text": "x\n",
        },
    )
    await settled(detached)
    assert text_of(detached, document.uri) == "(a)\r\n(éx\n)\r\n"


async def test_a_change_without_a_range_is_the_whole_text(detached: Editor) -> None:
    document = detached.open("(a)")
    document.replace("(b)")
    await settled(detached)
    assert text_of(detached, document.uri) == "(b)"


async def test_form_feeds_and_other_separators_are_no_line_ends(detached: Editor) -> None:
    document = detached.open("(a)\x0c\u2028\x85(b)\n(c)")
    document.change((1, 1), (1, 2), "d")
    await settled(detached)
    assert text_of(detached, document.uri) == "(a)\x0c\u2028\x85(b)\n(d)"


async def test_half_characters_survive(detached: Editor) -> None:
    document = detached.open("x")
    document.change((0, 1), (0, 1), "\ud83d")
    await settled(detached)
    assert text_of(detached, document.uri) == "x\ud83d"
    assert await document.ask("hover", position={"line": 0, "character": 1}) is None


async def test_places_outside_the_text_are_clamped(detached: Editor) -> None:
    document = detached.open("(a)")
    document.change((7, 7), (9, 9), "!")
    await settled(detached)
    assert text_of(detached, document.uri) == "(a)!"


async def test_changes_to_unknown_documents_are_ignored(detached: Editor) -> None:
    document = detached.open("(a)")
    document.close()
    document.change((0, 0), (0, 0), "x")
    document.close()
    await settled(detached)
    assert text_of(detached, document.uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "file:",
        "file://[",
        "file:///%00",
        "FILE:///x.clj",
        "jar:file:///a.jar!/b.clj",
        "zipfile:///a.jar::b.clj",
        "git:/a.clj?%7B%22ref%22%3A%22~%22%7D",
        "file://server/share/a.clj",
        "",
        "file:///%FF%FE.clj",
        "conjure-log-123.cljc",
    ],
)
async def test_any_uri_is_a_document(editor: Editor, uri: str) -> None:
    document = {"uri": uri, "languageId": "clojure", "version": 1, "text": "(map)"}
    editor.notify("textDocument/didOpen", {"textDocument": document})
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 2}}
    assert await editor.request("textDocument/hover", place) is not None
    answer = await editor.command("nrepl.evalTopLevelForm", {"uri": uri})
    assert answer["values"] == ["(map)"]


async def test_a_file_is_the_same_document_however_its_uri_is_escaped(detached: Editor) -> None:
    detached.open("(a)", "file:///c%3A/a%20b.clj")
    await settled(detached)
    assert text_of(detached, "file:///c:/a b.clj") == "(a)"
    assert text_of(detached, "file:///c%3a/a%20b.clj") == "(a)"


async def test_closing_takes_the_diagnostics_away(editor: Editor, nrepl: object) -> None:
    from tests.support.fault_server import DONE, FaultServer, reply

    assert isinstance(nrepl, FaultServer)
    nrepl.on("eval", reply({"err": "boom"}, {"status": ["eval-error"]}, DONE))
    document = editor.open("(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert len(editor.diagnostics(document.uri)) == 1
    document.close()
    await settled(editor)
    assert editor.diagnostics(document.uri) == []
