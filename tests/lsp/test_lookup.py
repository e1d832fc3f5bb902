"""How a symbol is asked about: written out, with nothing loaded, by no code of another language."""

from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .editor import Editor

FRESH = "(ns fresh (:refer-clojure :exclude [update]) (:require [clojure.string :as s]))\n"
DEFINED = FRESH + "(defn update [own-arg])\n"
JOIN = {"name": "join", "ns": "clojure.string", "arglists-str": "[sep coll]", "doc": "Joins."}
OPS = ("info", "lookup", "eldoc")


@pytest.fixture
def program(nrepl: FaultServer) -> FaultServer:
    """A program without the namespace that is edited, but with what that requires."""
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "clojure.string"]}, DONE))
    for op in ("info", "eldoc"):
        nrepl.on(op, reply({"status": ["no-info", "done"]}))
        nrepl.on(op, reply({**JOIN, **DONE}), sym="clojure.string/join")
        update = {"name": "update", "ns": "core", "arglists-str": "[m k f]"}
        nrepl.on(op, reply(update, DONE), sym="update")
    return nrepl


def asked(nrepl: FaultServer) -> list[str]:
    return [request["sym"] for op in OPS for request in nrepl.of(op)]


@pytest.mark.parametrize("request_", ["hover", "signatureHelp", "definition", "references"])
@pytest.mark.parametrize(
    "text",
    [
        "(str my.a|pp)",
        "(my.app |1)",
        "(my.app/-ma|in |1)".replace("n |", "n "),
        "(my.Si|de. 1)",
        "(ns demo (:import [my Si|de]))",
        "(ns demo) (my.Si|de/go 1)",
    ],
)
async def test_a_class_is_not_asked_about(
    editor: Editor, program: FaultServer, request_: str, text: str
) -> None:
    document = editor.open(text)
    params = {"context": {"includeDeclaration": True}} if request_ == "references" else {}
    await document.ask(request_, **params)
    assert not [symbol for symbol in asked(program) if symbol.startswith("my.")]


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("(str java.util.Da|te)", "java.util.Date"),
        ("(str clojure.string/jo|in)", "clojure.string/join"),
        ("(ns demo (:import [my Side])) (my.Side/g|o 1)", "Side/go"),
        ("(ns demo (:import [my Side])) (str my.Si|de)", "Side"),
        ("(ns demo (:import [my Si|de]))", "Side"),
        ("(ns demo (:import [my Side])) (Si|de.)", "Side"),
    ],
)
async def test_what_loads_nothing_is_asked_about(
    editor: Editor, program: FaultServer, text: str, symbol: str
) -> None:
    await editor.open(text).ask("hover")
    assert asked(program) == [symbol]


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("(ns demo (:import os.path)) (os.path/jo|in)", True),
        ("(ns demo (:import os)) (os.path/jo|in)", True),
        ("(ns demo (:import os)) (osx.path/jo|in)", False),
        ("(ns fresh (:import os.path)) (os.path/jo|in)", False),
    ],
)
async def test_python_s_modules_are_known_where_they_are_imported(
    editor: Editor, program: FaultServer, text: str, is_asked: bool
) -> None:
    await editor.open(text, "src/demo.lpy", "basilisp").ask("hover")
    assert bool(asked(program)) is is_asked


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("(ns demo) (my.app/-|)", False),
        ("(ns demo) (clojure.string/jo|)", True),
        ("(ns demo (:require [clojure.string :refer [jo|]]))", True),
        ("(ns demo) (java.util.UUID/f|)", True),
        ("(ns demo) (my.a|)", True),
    ],
)
async def test_members_of_what_may_be_a_class_are_not_asked_for(
    editor: Editor, program: FaultServer, text: str, is_asked: bool
) -> None:
    await editor.open(text).ask("completion", context={"triggerKind": 1})
    assert bool(program.of("complete")) is is_asked


@pytest.mark.parametrize("request_", ["hover", "signatureHelp"])
async def test_an_alias_that_only_the_text_has_is_written_out(
    editor: Editor, program: FaultServer, request_: str
) -> None:
    answer = await editor.open(FRESH + "(s/join| 1)").ask(request_)
    assert "sep coll" in str(answer)
    assert asked(program) == ["clojure.string/join"]


@pytest.mark.parametrize("request_", ["hover", "signatureHelp"])
async def test_a_name_of_the_text_is_not_another_namespace_s(
    editor: Editor, program: FaultServer, request_: str
) -> None:
    answer = await editor.open(DEFINED + "(update| 1)").ask(request_)
    assert asked(program) == []
    assert "[m k f]" not in str(answer)


async def test_a_quoted_namespace_is_looked_for_by_a_snippet(
    editor: Editor, program: FaultServer
) -> None:
    program.on("eval", reply({"value": '["clojure.string" "About text." ""]'}, DONE))
    answer = await editor.open("(ns demo) 'clojure.str|ing").ask("hover")
    assert "About text." in answer["contents"]["value"]
    assert asked(program) == []


@pytest.mark.parametrize("request_", ["hover", "completion"])
async def test_no_code_is_evaluated_for_data(
    editor: Editor, nrepl: FaultServer, request_: str
) -> None:
    nrepl.without("ns-list", "info", "complete")
    nrepl.requests.clear()
    params: dict[str, Any] = {"context": {"triggerKind": 1}} if request_ == "completion" else {}
    await editor.open("{:a ma|p}", "deps.edn", "edn").ask(request_, **params)
    assert nrepl.of("eval") == []
