"""Declaration: where definition goes, as plain locations."""

from collections.abc import Callable

from .editor import MODERN, Editor


async def test_a_declaration_is_the_definition(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    documents = {**MODERN["textDocument"], "definition": {"linkSupport": True}}
    await editor.initialize({**MODERN, "textDocument": documents})
    document = editor.open("(ns a)\n(defn f [x] x|)")
    place = {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 10}}
    assert await document.ask("declaration") == {"uri": document.uri, "range": place}


async def test_what_is_nowhere_is_null(detached: Editor) -> None:
    assert await detached.open("(f|)").ask("declaration") is None


async def test_unknown_documents_are_null(detached: Editor) -> None:
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await detached.request("textDocument/declaration", place) is None
