"""Structural code actions: what is offered where, and what the edit makes of the text."""

from collections.abc import Callable
from typing import Any

import pytest

from nrepl_lsp.lsp.actions.structure import KINDS
from tests.support.fault_server import FaultServer

from .editor import MODERN, Editor, Opened

VERSIONED: dict[str, Any] = {
    **MODERN,
    "workspace": {**MODERN["workspace"], "workspaceEdit": {"documentChanges": True}},
}


async def offered(document: Opened) -> dict[str, Any]:
    """Title → action."""
    actions = await document.actions(only=["refactor.rewrite"])
    return {action["title"]: action for action in actions or []}


def applied(document: Opened, action: Any) -> str:
    """The text after an action's edit; positions count UTF-16 units."""
    (edits,) = action["edit"]["changes"].values()
    lines = document.text.splitlines(keepends=True) or [""]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        units = line.encode("utf-16-le")[: 2 * place["character"]]
        return starts[place["line"]] + len(units.decode("utf-16-le"))

    text = document.text
    for edit in sorted(edits, key=lambda each: offset(each["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "(|f (g x) y)",
            {
                "Thread first": "(-> (g x) (f y))",
                "Thread first all": "(-> x g (f y))",
                "Change () to []": "[f (g x) y]",
            },
        ),
        (
            "(|map f (filter g xs))",
            {
                "Thread last": "(->> (filter g xs) (map f))",
                "Thread last all": "(->> xs (filter g) (map f))",
                "Change () to []": "[map f (filter g xs)]",
            },
        ),
        (
            "(|-> x f g)",
            {
                "Unwind thread": "(-> (f x) g)",
                "Unwind thread all": "(g (f x))",
                "Change () to []": "[-> x f g]",
            },
        ),
        ("(|-> x f)", {"Unwind thread": "(f x)", "Change () to []": "[-> x f]"}),
        (
            "(-> x (f |a))",
            {"Unwind thread": "(f x a)", "Change () to []": "(-> x [f a])"},
        ),
        ("[|a b c]", {"Change [] to #{}": "#{a b c}"}),
        ("(let [x |{:a 1}] x)", {"Change {} to #{}": "(let [x #{:a 1}] x)"}),
        ("(f «)»", {"Change () to []": "[f ]"}),
        ('"😀" (|f (g "é"))\r\n', None),
        ("#(|inc %)", {}),
        ("x|", {}),
        ("; (|f (g x))", {}),
        ("(|f (g x)", {}),
    ],
)
async def test_what_is_offered_and_what_it_does(
    detached: Editor, text: str, expected: dict[str, str] | None
) -> None:
    document = detached.open(text)
    actions = await offered(document)
    if expected is None:
        assert applied(document, actions["Thread first all"]) == '"😀" (-> "é" g f)\r\n'
        return
    assert {title: applied(document, action) for title, action in actions.items()} == expected


async def test_kinds_are_below_the_standard_one_and_can_be_asked_for(detached: Editor) -> None:
    document = detached.open("(|f (g x))")
    actions = await offered(document)
    assert {title: action["kind"] for title, action in actions.items()} == {
        "Thread first": "refactor.rewrite.threadFirst",
        "Thread first all": "refactor.rewrite.threadFirstAll",
        "Thread last": "refactor.rewrite.threadLast",
        "Thread last all": "refactor.rewrite.threadLastAll",
        "Change () to []": "refactor.rewrite.cycle",
    }
    only = await document.actions(only=["refactor.rewrite.threadFirst"])
    assert [action["title"] for action in only] == ["Thread first"]
    unwinding = await offered(detached.open("(|-> x f g)", "src/b.clj"))
    kinds = {action["kind"] for action in (*actions.values(), *unwinding.values())}
    assert kinds == set(KINDS)


async def test_kinds_are_announced(make_editor: Callable[..., Editor]) -> None:
    result = await make_editor().initialize()
    assert set(KINDS) <= set(result["capabilities"]["codeActionProvider"]["codeActionKinds"])


async def test_an_edit_is_for_the_version_it_was_made_of(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize(VERSIONED)
    document = editor.open("[|a]")
    document.replace("[a]\n")
    (action,) = (await offered(document)).values()
    assert action["edit"] == {
        "documentChanges": [
            {
                "textDocument": {"uri": document.uri, "version": 2},
                "edits": [
                    {
                        "range": {
                            "start": {"line": 0, "character": 0},
                            "end": {"line": 0, "character": 1},
                        },
                        "newText": "#{",
                    },
                    {
                        "range": {
                            "start": {"line": 0, "character": 2},
                            "end": {"line": 0, "character": 3},
                        },
                        "newText": "}",
                    },
                ],
            }
        ]
    }


async def test_nothing_is_asked_of_the_server(editor: Editor, nrepl: FaultServer) -> None:
    assert await offered(editor.open("(ns demo) (|f (g x))"))
    assert nrepl.requests == []


@pytest.mark.parametrize(
    ("language", "name", "text", "titles"),
    [
        ("racket", "a.rkt", "(|f (g x))", {"Thread first", "Change () to []"}),
        ("scheme", "a.scm", "(|f (g x))", {"Change () to []"}),
        ("commonlisp", "a.lisp", "(|f (g x))", set()),
        ("plaintext", "a.txt", "(|f (g x))", set()),
    ],
)
async def test_other_languages_have_what_they_have(
    detached: Editor, language: str, name: str, text: str, titles: set[str]
) -> None:
    actions = await offered(detached.open(text, name, language))
    assert {title for title in actions if "all" not in title and "last" not in title} == titles
