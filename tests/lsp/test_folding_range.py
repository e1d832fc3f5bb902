"""Folding ranges: by lines or to the character, and not more than are wanted."""

from typing import Any

TEXT = "(ns a\n  (:require [b]))\n; c\n; d\n(e\n  [f\n   g] (h\n    i)) ; 😀\n"


async def folds(editor, text: str = TEXT, **opened: Any) -> Any:
    document = editor.open(text, **opened)
    return await editor.request(
        "textDocument/foldingRange", {"textDocument": {"uri": document.uri}}
    )


def capabilities(**folding: Any) -> dict[str, Any]:
    return {"textDocument": {"foldingRange": folding}}


async def test_a_fold_ends_before_its_bracket(detached) -> None:
    assert await folds(detached) == [
        {"startLine": 0, "endLine": 1, "endCharacter": 16, "kind": "imports"},
        {"startLine": 2, "endLine": 3, "endCharacter": 3, "kind": "comment"},
        {"startLine": 4, "endLine": 7, "endCharacter": 6},
        {"startLine": 5, "endLine": 6, "endCharacter": 4},
        {"startLine": 6, "endLine": 7, "endCharacter": 5},
    ]


async def test_whole_lines_leave_a_line_alone_on_which_other_code_goes_on(make_editor) -> None:
    editor = make_editor()
    await editor.initialize(capabilities(lineFoldingOnly=True))

    # The vector ends where the call begins: nothing is left of it to fold.
    assert await folds(editor) == [
        {"startLine": 0, "endLine": 1, "kind": "imports"},
        {"startLine": 2, "endLine": 3, "kind": "comment"},
        {"startLine": 4, "endLine": 7},
        {"startLine": 6, "endLine": 7},
    ]


async def test_the_outermost_are_answered_when_few_are_wanted(make_editor) -> None:
    editor = make_editor()
    await editor.initialize(capabilities(rangeLimit=3))

    assert [fold["startLine"] for fold in await folds(editor)] == [0, 2, 4]


async def test_columns_are_in_the_units_that_were_agreed_on(make_editor) -> None:
    editor = make_editor()
    await editor.initialize({"general": {"positionEncodings": ["utf-8"]}})

    assert await folds(editor, "(a\n 😀)") == [{"startLine": 0, "endLine": 1, "endCharacter": 5}]


async def test_nothing_to_fold(detached) -> None:
    assert await folds(detached, "(a)") == []
    assert await folds(detached, "a\nb\n", name="a.txt", language="plaintext") == []
    request = {"textDocument": {"uri": "file:///absent.clj"}}
    assert await detached.request("textDocument/foldingRange", request) is None
