"""`textDocument/formatting`: the program's formatter, as the smallest edits."""

import asyncio
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply, silent

from .applied import with_edits
from .conftest import attach_file
from .editor import Editor, Opened

OPTIONS = {"tabSize": 2, "insertSpaces": True}


@pytest.fixture
def nrepl(nrepl: FaultServer) -> FaultServer:
    """The scripted server, which lists the op and refuses until a test says otherwise."""
    nrepl.on("cider/format-code", reply({"status": ["done", "cider/format-code-error"]}))
    return nrepl


def formats(nrepl: FaultServer, text: str) -> None:
    nrepl.on("cider/format-code", reply({"formatted-code": text, **DONE}))


async def asked(document: Opened, **options: Any) -> Any:
    params = {"textDocument": {"uri": document.uri}, "options": {**OPTIONS, **options}}
    return await document.editor.request("textDocument/formatting", params)


async def test_only_what_differs_is_edited(editor: Editor, nrepl: FaultServer) -> None:
    formats(nrepl, "(defn f [x]\n  (+ x\n     1))\n")
    document = editor.open("(defn f [x ]\n(+ x\n1))\n")
    edits = await asked(document)
    assert edits == [
        {
            "range": {"start": {"line": 0, "character": 10}, "end": {"line": 0, "character": 11}},
            "newText": "",
        },
        {
            "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}},
            "newText": "  ",
        },
        {
            "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}},
            "newText": "     ",
        },
    ]
    (request,) = nrepl.of("cider/format-code")
    assert request["code"] == document.text


async def test_well_formatted_code_has_no_edits(editor: Editor, nrepl: FaultServer) -> None:
    formats(nrepl, "(f)\n")
    assert await asked(editor.open("(f)\n")) == []


@pytest.mark.parametrize(
    ("before", "sent", "answer", "after"),
    [
        ("(f\r\nx)\r\n", "(f\nx)\n", "(f\n x)\n", "(f\r\n x)\r\n"),
        ("(f\r\nx)\r\n", "(f\nx)\n", "(f\r\n x)\r\n", "(f\r\n x)\r\n"),
        ("#!/usr/bin/env bb\n(f\nx)", "(f\nx)", "(f\n x)", "#!/usr/bin/env bb\n(f\n x)"),
        ("\ufeff(f\nx)", "(f\nx)", "(f\n x)", "\ufeff(f\n x)"),
        ("(😀 😀\nx)", "(😀 😀\nx)", "(😀 😀\n   x)", "(😀 😀\n   x)"),
        ("(f  )\n", "(f  )\n", "(f)", "(f)\n"),
        ("(f  )", "(f  )", "(f)", "(f)"),
        ("(f)\n\n\n", "(f)\n\n\n", "(f)\n\n\n", "(f)\n\n\n"),
    ],
)
async def test_headers_line_breaks_and_the_last_line_stay(
    editor: Editor, nrepl: FaultServer, before: str, sent: str, answer: str, after: str
) -> None:
    formats(nrepl, answer)
    document = editor.open(before)
    assert with_edits(before, await asked(document)) == after
    assert nrepl.of("cider/format-code")[0]["code"] == sent


async def test_the_last_line_is_as_the_editor_wants_it(editor: Editor, nrepl: FaultServer) -> None:
    formats(nrepl, "(f)")
    ended = editor.open("(f)", "src/a.clj")
    assert with_edits("(f)", await asked(ended, insertFinalNewline=True)) == "(f)\n"
    formats(nrepl, "(f)\n\n\n")
    trimmed = editor.open("(f)\n\n\n", "src/b.clj")
    assert with_edits("(f)\n\n\n", await asked(trimmed, trimFinalNewlines=True)) == "(f)\n"


@pytest.mark.parametrize("answer", ["(g)\n", "", "(f", "(f) ; more\n", "(f) (f)\n"])
async def test_a_server_that_changes_the_code_is_not_believed(
    editor: Editor, nrepl: FaultServer, answer: str
) -> None:
    formats(nrepl, answer)
    assert await asked(editor.open("(f)\n")) is None


@pytest.mark.parametrize("text", ["(f", "(f))\n", "", "  \n", '(f "'])
async def test_code_that_is_not_whole_is_left_alone(editor: Editor, text: str) -> None:
    assert await asked(editor.open(text)) is None


async def test_what_does_not_balance_is_not_sent(editor: Editor, nrepl: FaultServer) -> None:
    await asked(editor.open("(f"))
    assert nrepl.of("cider/format-code") == []


@pytest.mark.parametrize("name", ["a.hy", "a.txt", "a.fnl"])
async def test_other_languages_are_not_sent(editor: Editor, nrepl: FaultServer, name: str) -> None:
    assert await asked(editor.open("(f\nx)", f"src/{name}", "")) is None
    assert nrepl.of("cider/format-code") == []


async def test_an_answer_for_a_text_that_is_gone_is_not_given(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("cider/format-code", held(gate, reply({"formatted-code": "(f\n x)", **DONE})))
    document = editor.open("(f\nx)")
    request = asyncio.create_task(asked(document))
    await nrepl.received("cider/format-code")
    document.change((0, 0), (0, 0), " ")
    gate.set()
    assert await request is None


async def test_a_document_that_was_opened_again_is_left_alone(
    editor: Editor, nrepl: FaultServer
) -> None:
    """Its version is the old one's, its text is another."""
    gate = asyncio.Event()
    nrepl.on("cider/format-code", held(gate, reply({"formatted-code": "(f x)"}, DONE)))
    document = editor.open("(f     x)")
    request = asyncio.create_task(asked(document))
    await nrepl.received("cider/format-code")
    document.close()
    editor.open("(another text)")
    gate.set()
    assert await request is None


async def test_a_slow_formatter_is_given_up(make_editor: Any, nrepl: Any, project: Any) -> None:
    nrepl.on("cider/format-code", silent())
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"formatting": {"timeout": 0.05}}})
    await editor.attached()
    assert await asked(editor.open("(f\nx)")) is None


async def test_a_lost_connection_is_no_answer(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("cider/format-code", hang_up_mid_reply())
    assert await asked(editor.open("(f\nx)")) is None


async def test_without_a_program_nothing_is_formatted(detached: Editor) -> None:
    assert await asked(detached.open("(f\nx)")) is None


async def test_a_document_that_is_not_open_is_not_formatted(editor: Editor) -> None:
    params = {"textDocument": {"uri": "file:///no.clj"}, "options": OPTIONS}
    assert await editor.request("textDocument/formatting", params) is None
