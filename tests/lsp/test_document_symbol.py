"""Document symbols: a tree, or a list for clients that take no tree."""

from typing import Any

import pytest

TREE: dict[str, Any] = {
    "textDocument": {
        "documentSymbol": {
            "hierarchicalDocumentSymbolSupport": True,
            "tagSupport": {"valueSet": [1]},
        }
    }
}
TEXT = "(ns demo)\n\n(defrecord R [a]\n  P\n  (m [_] a))\n(def ^:deprecated 😀 1)\n"


async def symbols(editor, text: str = TEXT, **opened: Any) -> Any:
    document = editor.open(text, **opened)
    return await editor.request(
        "textDocument/documentSymbol", {"textDocument": {"uri": document.uri}}
    )


def span(*places: int) -> dict[str, Any]:
    line, start, end_line, end = places
    return {
        "start": {"line": line, "character": start},
        "end": {"line": end_line, "character": end},
    }


async def test_a_tree_where_the_client_takes_one(make_editor) -> None:
    editor = make_editor()
    await editor.initialize(TREE)
    namespace, record, variable = await symbols(editor)

    assert namespace == {
        "name": "demo",
        "kind": 3,
        "range": span(0, 0, 0, 9),
        "selectionRange": span(0, 4, 0, 8),
    }
    assert (record["name"], record["kind"], record["detail"]) == ("R", 5, "[a]")
    assert record["children"] == [
        {
            "name": "m",
            "kind": 6,
            "detail": "[_]",
            "range": span(4, 2, 4, 11),
            "selectionRange": span(4, 3, 4, 4),
        }
    ]
    # An astral character is two units of UTF-16.
    assert variable == {
        "name": "😀",
        "kind": 13,
        "tags": [1],
        "range": span(5, 0, 5, 23),
        "selectionRange": span(5, 18, 5, 20),
    }


async def test_a_list_with_containers_for_a_client_that_takes_no_tree(detached) -> None:
    found = await symbols(detached)

    assert [(it["name"], it.get("containerName")) for it in found] == [
        ("demo", None),
        ("R", None),
        ("m", "R"),
        ("😀", None),
    ]
    assert found[2]["location"]["range"] == span(4, 2, 4, 11)
    assert found[2]["location"]["uri"].endswith("src/demo.clj")
    assert "tags" not in found[3]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(ns a)", 3),
        ("(defn a [] 1)", 12),
        ("(defmacro a [] 1)", 12),
        ("(def a 1)", 13),
        ("(def ^:const a 1)", 14),
        ("(deftype a [])", 5),
        ("(defprotocol a)", 11),
        ("(defmulti a b)", 12),
        ("(defmethod a b [])", 6),
        ("(deftest a)", 12),
        ("(s/def ::a b)", 20),
        ("(comment (def a 1))", 4),
    ],
)
async def test_every_kind_has_a_kind_of_lsp(detached, text: str, kind: int) -> None:
    assert (await symbols(detached, text))[0]["kind"] == kind


async def test_a_text_without_definitions_and_a_document_that_is_not_open(detached) -> None:
    assert await symbols(detached, "(a b)") == []
    assert await symbols(detached, "(def a 1)", name="a.txt", language="plaintext") == []
    request = {"textDocument": {"uri": "file:///absent.clj"}}
    assert await detached.request("textDocument/documentSymbol", request) is None


async def test_an_untitled_document_has_symbols(detached) -> None:
    (found,) = await symbols(detached, "(def a 1)", name="untitled:Untitled-1")
    assert found["location"]["uri"] == "untitled:Untitled-1"
