"""`textDocument/rangeFormatting`: the lines of a selection."""

from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .applied import with_edits
from .editor import Editor, Opened

FORMATTED = {
    "(let [a 1]\n    (foo a\nb))": "(let [a 1]\n  (foo a\n       b))",
    "(z\ny)": "(z\n y)",
}


@pytest.fixture
def nrepl(nrepl: FaultServer) -> FaultServer:
    """The scripted server, which formats two forms."""
    nrepl.on("cider/format-code", reply({"status": ["done", "cider/format-code-error"]}))
    for code, formatted in FORMATTED.items():
        nrepl.on("cider/format-code", reply({"formatted-code": formatted, **DONE}), code=code)
    return nrepl


async def formatted(document: Opened) -> str | None:
    params = {
        "textDocument": {"uri": document.uri},
        "range": document.selection,
        "options": {"tabSize": 2, "insertSpaces": True},
    }
    edits = await document.editor.request("textDocument/rangeFormatting", params)
    return with_edits(document.text, edits) if edits is not None else None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # The whole form.
        (
            "«(let [a 1]\n    (foo a\nb))»\n(z\ny)",
            "(let [a 1]\n  (foo a\n       b))\n(z\ny)",
        ),
        # A line of it, below a bracket that stays where it is.
        (
            "(let [a 1]\n    (foo a\n«b»))\n(z\ny)",
            "(let [a 1]\n    (foo a\n         b))\n(z\ny)",
        ),
        # A cursor means its line.
        ("(let [a 1]\n    (foo a\n|b))\n(z\ny)", "(let [a 1]\n    (foo a\n         b))\n(z\ny)"),
        # Lines are selected up to the start of the next.
        ("(let [a 1]\n«    (foo a\n»b))", "(let [a 1]\n  (foo a\nb))"),
        # The other form.
        ("(a)\n(z\n«y)»", "(a)\n(z\n y)"),
        ("  (z\n«y)»", "  (z\n   y)"),
    ],
)
async def test_the_lines_of_the_range_are_formatted(editor: Editor, text: str, after: str) -> None:
    assert await formatted(editor.open(text)) == after


@pytest.mark.parametrize("text", ["(a)\n«\n»\n(b)", "«(let [»", "", "«a»"])
async def test_where_nothing_can_be_done_there_is_nothing(editor: Editor, text: str) -> None:
    assert await formatted(editor.open(text)) is None if text else True


async def test_only_the_forms_that_are_touched_are_sent(editor: Editor, nrepl: FaultServer) -> None:
    await formatted(editor.open("(unclosed\n\n(z\n«y)»\n\n(a)"))
    assert [request["code"] for request in nrepl.of("cider/format-code")] == ["(z\ny)"]


async def test_a_document_that_is_not_open_is_not_formatted(editor: Editor) -> None:
    place: Any = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": "file:///no.clj"},
        "range": {"start": place, "end": place},
        "options": {"tabSize": 2, "insertSpaces": True},
    }
    assert await editor.request("textDocument/rangeFormatting", params) is None


async def test_plain_text_is_left_alone(editor: Editor) -> None:
    assert await formatted(editor.open("«a»", "src/a.txt", "plaintext")) is None
