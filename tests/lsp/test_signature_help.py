"""Signature help: which arities, which of them, which parameter, and from whom."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply

from .conftest import attach_file
from .editor import MODERN, Editor, Opened

#: What a current editor announces of signature help.
SIGNATURES: dict[str, Any] = {
    "documentationFormat": ["markdown", "plaintext"],
    "parameterInformation": {"labelOffsetSupport": True},
    "activeParameterSupport": True,
}
CLIENT: dict[str, Any] = {
    **MODERN,
    "textDocument": {
        **MODERN["textDocument"],
        "signatureHelp": {"contextSupport": True, "signatureInformation": SIGNATURES},
    },
}
MAP = {
    "name": "map",
    "ns": "core",
    "type": "function",
    "eldoc": [["f"], ["f", "coll"], ["f", "c1", "c2"], ["f", "c1", "c2", "&", "colls"]],
    "docstring": "Applies f.\n  Twice.\n\n  More of it.",
}


@pytest.fixture
async def modern(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An attached editor that takes everything; the server knows `map`."""
    nrepl.on("eldoc", reply({"status": ["no-eldoc", "done"]}))
    nrepl.on("eldoc", reply({**MAP, **DONE}), sym="map")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(CLIENT)
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def shown(document: Opened, **context: Any) -> str | None:
    """The active signature with its active parameter in `«»`."""
    answer = await document.ask("signatureHelp", **({"context": context} if context else {}))
    if answer is None:
        return None
    signature = answer["signatures"][answer["activeSignature"]]
    number = answer.get("activeParameter", -1)
    if "activeParameter" in signature:
        assert signature["activeParameter"] == number
    parameters = signature["parameters"]
    label: str = signature["label"]
    if not 0 <= number < len(parameters):
        return label
    start, end = parameters[number]["label"]
    units = label.encode("utf-16-le")
    parts = (units[: 2 * start], units[2 * start : 2 * end], units[2 * end :])
    before, active, after = (part.decode("utf-16-le") for part in parts)
    return f"{before}«{active}»{after}"


async def test_the_whole_answer(modern: Editor) -> None:
    document = modern.open("(map inc |)")
    assert await document.ask("signatureHelp") == {
        "signatures": [
            {
                "label": label,
                "parameters": [{"label": list(span)} for span in spans],
                "documentation": {
                    "kind": "markdown",
                    "value": "Applies `f`.  \nTwice.",
                },
                **({"activeParameter": 1} if spans else {}),
            }
            for label, spans in (
                # It has no second parameter, so none of it may be marked.
                ("(core/map f)", []),
                ("(core/map f coll)", [(10, 11), (12, 16)]),
                ("(core/map f c1 c2)", [(10, 11), (12, 14), (15, 17)]),
                (
                    "(core/map f c1 c2 & colls)",
                    [(10, 11), (12, 14), (15, 17), (18, 25)],
                ),
            )
        ],
        "activeSignature": 1,
        "activeParameter": 1,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(map |)", "(core/map «f»)"),
        ("(map|)", "(core/map f)"),
        ("(map|", "(core/map f)"),
        ("(m|ap f xs)", "(core/map f coll)"),
        ("(map f|)", "(core/map «f»)"),
        ("(map f xs ys|)", "(core/map f c1 «c2»)"),
        ("(map f xs ys zs |)", "(core/map f c1 c2 «& colls»)"),
        ("(map f |xs ys zs)", "(core/map f «c1» c2 & colls)"),
        ("(->> xs (map |))", "(core/map «f» coll)"),
        ("(->> xs (map f|))", "(core/map «f» coll)"),
        ("(-> f (map |))", "(core/map f «coll»)"),
        ("(map [1 |])", "(core/map «f»)"),
        ("#(map % |)", "(core/map f «coll»)"),
        ("(map (fn [x] (unknown |)))", None),
        ("(map f)|", None),
        ("(:map |)", None),
        ("|", None),
    ],
)
async def test_the_arity_and_the_parameter(modern: Editor, text: str, expected: str | None) -> None:
    assert await shown(modern.open(text)) == expected


@pytest.mark.parametrize(
    ("answer", "text", "expected"),
    [
        # Arities without arguments, and none for so many.
        ({"eldoc": [[], ["who"]]}, "(f |)", "(f «who»)"),
        ({"eldoc": [[], ["who"]]}, "(f|)", "(f)"),
        ({"eldoc": [[]]}, "(f |)", "(f)"),
        ({"eldoc": [["a"]]}, "(f 1 |)", "(f a)"),
        ({"eldoc": [["a"], ["a", "b", "c"]]}, "(f 1 2|)", "(f a «b» c)"),
        ({"eldoc": [["a", "b"], ["a"]]}, "(f 1 2 3 |)", "(f a b)"),
        # As they were written.
        (
            {"eldoc": [["{:keys [a b] :as m}", "&", "[c]"]]},
            "(f 1 |)",
            "(f {:keys [a b] :as m} «& [c]»)",
        ),
        ({"eldoc": [["x", "&", "{:keys [a b]}"]]}, "(f 1 :a |)", "(f x «& {:keys [a b]}»)"),
        ({"eldoc": [["λ😀", "y"]]}, "(f 1 |)", "(f λ😀 «y»)"),
        # Special forms, from cider's eldoc.
        (
            {"type": "special-form", "eldoc": [["f", "test", "then", "else?"]]},
            "(f 1 2 |)",
            "(f test then «else?»)",
        ),
        (
            {"type": "special-form", "eldoc": [["f", "[bindings*]", "exprs*"]]},
            "(f [] 1 |)",
            "(f [bindings*] «exprs*»)",
        ),
        ({"type": "special-form", "eldoc": [["f"]]}, "(f |)", "(f)"),
        # Macros of Basilisp.
        ({"eldoc": [["&env", "&form", "test", "&", "body"]]}, "(f 1 2 |)", "(f test «& body»)"),
        # Others' shapes.
        ({"arglists-str": "[a]\n[a b]"}, "(f 1 |)", "(f a «b»)"),
        ({"arglists-str": "([a] [a b])"}, "(f 1 |)", "(f a «b»)"),
        ({"info": {"name": "f", "arglists-str": "([a] [a b])"}}, "(f 1 |)", "(f a «b»)"),
        ({"info": {"name": "f", "arglists-str": "([a\n  b])"}}, "(f 1 |)", "(f a «b»)"),
        ({"type": "variable"}, "(f |)", None),
    ],
)
async def test_what_servers_send(
    modern: Editor, nrepl: FaultServer, answer: Any, text: str, expected: str | None
) -> None:
    nrepl.on("eldoc", reply({"name": "f", **answer, **DONE}), sym="f")
    assert await shown(modern.open(text)) == expected


async def test_only_what_is_needed_is_asked(modern: Editor, nrepl: FaultServer) -> None:
    await modern.open("(ns demo)\n(map |)").ask("signatureHelp")
    assert [(each["op"], each.get("sym"), each.get("ns")) for each in nrepl.requests] == [
        ("ns-list", None, None),
        ("eldoc", "map", "demo"),
    ]


async def test_nothing_is_asked_outside_of_calls(modern: Editor, nrepl: FaultServer) -> None:
    for text in ("(map f)|", "[|]", "'(map |)", "; (map |"):
        assert await modern.open(text).ask("signatureHelp") is None
    assert nrepl.requests == []


async def test_methods_and_steps_of_two_dots_are_asked_with_their_dot(
    modern: Editor, nrepl: FaultServer
) -> None:
    method = {"class": ["java.lang.String"], "member": "m", "eldoc": [["this"], ["this", "int"]]}
    nrepl.on("eldoc", reply({**method, **DONE}), sym=".m")
    for text in ("(.m x |)", "(.. x (m |))", "(-> x (.m |))"):
        assert await shown(modern.open(text)) == "(java.lang.String/m this «int»)"


async def test_python_signatures_and_keywords(modern: Editor, nrepl: FaultServer) -> None:
    printing = {"name": "print", "arglists-str": "(*args, sep=' ', end='\\n')"}
    nrepl.on("eldoc", reply({**printing, **DONE}), sym="print")
    for text, expected in (
        ("(print 1 2 |)", "(print «*args», sep=' ', end='\\n')"),
        ("(print 1 :sep |)", "(print *args, «sep=' '», end='\\n')"),
        ("(print :end 1 |)", "(print «*args», sep=' ', end='\\n')"),
    ):
        document = modern.open(text, "src/a.hy", "hy")
        assert await shown(document) == expected
        document.close()


# -- the user's choice -----------------------------------------------------------------------


def context(answer: Any, number: int, *, is_retrigger: bool = True) -> dict[str, Any]:
    return {
        "triggerKind": 2,
        "triggerCharacter": " ",
        "isRetrigger": is_retrigger,
        "activeSignatureHelp": {**answer, "activeSignature": number},
    }


async def test_the_users_choice_stays_while_it_fits(modern: Editor) -> None:
    document = modern.open("(map f |)")
    answer = await document.ask("signatureHelp")
    chosen = await shown(document, **context(answer, 2))
    assert chosen == "(core/map f «c1» c2)"
    assert await shown(document, **context(answer, 0)) == "(core/map f «coll»)"
    assert await shown(document, **context(answer, 9)) == "(core/map f «coll»)"
    fresh = context(answer, 2, is_retrigger=False)
    assert await shown(document, **fresh) == "(core/map f «coll»)"


async def test_the_choice_for_another_function_does_not_count(
    modern: Editor, nrepl: FaultServer
) -> None:
    answer = await modern.open("(map f |)").ask("signatureHelp")
    nrepl.on("eldoc", reply({"name": "g", "eldoc": [["a"], ["a", "b"]], **DONE}), sym="g")
    assert await shown(modern.open("(g |)"), **context(answer, 1)) == "(g «a»)"


# -- the client ------------------------------------------------------------------------------


async def start(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    signatures: dict[str, Any] | None,
) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor()
    signature_help = {"signatureHelp": {"signatureInformation": signatures}} if signatures else {}
    await editor.initialize({"textDocument": signature_help})
    await editor.attached()
    return editor


async def test_old_clients_get_texts_that_they_can_find(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    found = {"name": "filter", "ns": "core", "eldoc": [["f", "ff", "e"], ["f", "f"]]}
    nrepl.on("eldoc", reply({**found, "docstring": "Keeps some.", **DONE}))
    editor = await start(make_editor, nrepl, project, None)
    answer = await editor.open("(filter |)").ask("signatureHelp")
    assert answer == {
        "signatures": [
            {
                "label": "(core/filter f ff e)",
                # Alone, `f` would be found in the function's name.
                "parameters": [{"label": " f "}, {"label": "ff"}, {"label": " e"}],
                "documentation": "Keeps some.",
            },
            {
                "label": "(core/filter f f)",
                "parameters": [{"label": " f "}, {"label": " f)"}],
                "documentation": "Keeps some.",
            },
        ],
        "activeSignature": 0,
        "activeParameter": 0,
    }


async def test_a_parameter_that_cannot_be_told_apart_is_its_text(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eldoc", reply({"name": "g", "eldoc": [["_", "_", "_", "x"]], **DONE}))
    editor = await start(make_editor, nrepl, project, None)
    answer = await editor.open("(g |)").ask("signatureHelp")
    labels = [each["label"] for each in answer["signatures"][0]["parameters"]]
    assert labels == ["_", "_", "_", "x"]


async def test_the_active_parameter_of_each_is_only_for_clients_that_know_it(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eldoc", reply({**MAP, **DONE}))
    editor = await start(make_editor, nrepl, project, {"documentationFormat": ["plaintext"]})
    answer = await editor.open("(map f |)").ask("signatureHelp")
    assert answer["activeParameter"] == 1
    assert all("activeParameter" not in each for each in answer["signatures"])
    assert answer["signatures"][0]["documentation"] == "Applies f.\nTwice."


@pytest.mark.parametrize(
    ("text", "parameters"),
    [("(f| 1)", ["a"]), ("(|f 1)", ["a"]), ("(f 1 2 |)", ["a"]), ("(f |)", [])],
)
async def test_where_none_is_active_there_is_none_to_mark(
    modern: Editor, nrepl: FaultServer, text: str, parameters: list[str]
) -> None:
    """Clients take an index that is missing, or out of range, for the first parameter."""
    nrepl.on("eldoc", reply({"name": "f", "eldoc": [parameters], **DONE}), sym="f")
    answer = await modern.open(text).ask("signatureHelp")
    assert "activeParameter" not in answer
    (signature,) = answer["signatures"]
    assert "activeParameter" not in signature
    assert signature["parameters"] == []
    assert signature["label"] == f"({' '.join(['f', *parameters])})"


async def test_long_documentation_is_cut(modern: Editor, nrepl: FaultServer) -> None:
    found = {"name": "f", "eldoc": [["a"]], "docstring": "word " * 500}
    nrepl.on("eldoc", reply({**found, **DONE}), sym="f")
    answer = await modern.open("(f |)").ask("signatureHelp")
    value = answer["signatures"][0]["documentation"]["value"]
    assert len(value) < 500
    assert "word…" in value


async def test_trigger_characters_are_announced(make_editor: Callable[..., Editor]) -> None:
    result = await make_editor().initialize()
    assert result["capabilities"]["signatureHelpProvider"] == {
        "triggerCharacters": ["(", " "],
        "retriggerCharacters": [")"],
    }


# -- the text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(defn greet [] 1)\n(greet |)", "(greet)"),
        ("(defn greet ([]) ([who] 1))\n(greet |)", "(greet «who»)"),
        ("(defn- greet [{:keys [a]} & more])\n(greet 1 |)", "(greet {:keys [a]} «& more»)"),
        ("(ns a.b)\n(defmacro m [x & body])\n(a.b/m |)", "(a.b/m «x» & body)"),
        ("(ns a.b)\n(defn f [x])\n(other/f |)", None),
        ("(defrecord P [x y])\n(->P 1 |)", "(->P x «y»)"),
        ("(if a |)", "(if test «then» else?)"),
        ("(try 1 2 |)", "(try «exprs*» catch-clauses* finally-clause?)"),
        ("(map |)", None),
    ],
)
async def test_without_a_program_the_text_answers(
    make_editor: Callable[..., Editor], text: str, expected: str | None
) -> None:
    editor = make_editor()
    await editor.initialize(CLIENT)
    assert await shown(editor.open(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(fn [map] (map |))", None),
        ("(let [map (fn [a b] a)] (map 1 |))", "(map a «b»)"),
        ("(letfn [(map ([a] a) ([a b] b))] (map 1 |))", "(map a «b»)"),
        ("(fn map [a b] (map |))", "(map «a» b)"),
    ],
)
async def test_a_local_is_never_asked_for(
    modern: Editor, nrepl: FaultServer, text: str, expected: str | None
) -> None:
    assert await shown(modern.open(text)) == expected
    assert nrepl.of("eldoc") == []


async def test_beside_another_server_only_the_program_answers(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eldoc", reply({"status": ["no-eldoc", "done"]}))
    nrepl.on("eldoc", reply({**MAP, **DONE}), sym="map")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(CLIENT, {"profile": "complement"})
    await editor.attached()
    assert await shown(editor.open("(map |)")) == "(core/map «f»)"
    assert await shown(editor.open("(defn f [x])\n(f |)")) is None
    assert await shown(editor.open("(letfn [(f [x] x)] (f |))")) is None
    assert await shown(editor.open("(if |)")) is None


async def test_what_the_program_does_not_know_is_in_the_text(modern: Editor) -> None:
    document = modern.open("(ns demo)\n(defn fresh [a b])\n(fresh 1 |)")
    assert await shown(document) == "(fresh a «b»)"


async def test_the_program_knows_better_than_the_text(modern: Editor) -> None:
    document = modern.open("(ns demo)\n(defn map [old])\n(map |)")
    assert await shown(document) == "(core/map «f»)"


async def test_a_namespace_that_is_not_loaded_is_not_answered_for_by_another(
    modern: Editor,
) -> None:
    document = modern.open("(ns not.loaded)\n(defn map [mine])\n(map |)")
    assert await shown(document) == "(map «mine»)"


async def test_a_late_answer_is_none_and_the_text_takes_over(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    gate = asyncio.Event()
    nrepl.on("eldoc", held(gate, reply({**MAP, **DONE})))
    editor = make_editor()
    await editor.initialize(CLIENT, {"hover": {"timeout": 0.05}})
    await editor.attached()
    assert await shown(editor.open("(map |)")) is None
    assert await shown(editor.open("(defn f [x])\n(f |)", "src/b.clj")) == "(f «x»)"
    gate.set()


async def test_a_lost_connection_is_no_error(modern: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eldoc", hang_up_mid_reply())
    assert await shown(modern.open("(defn f [x])\n(f |)")) == "(f «x»)"


async def test_unknown_documents_have_no_signatures(modern: Editor) -> None:
    params = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await modern.request("textDocument/signatureHelp", params) is None


async def test_the_place_is_noticed(modern: Editor) -> None:
    document = modern.open("(ns a)\n(map |)")
    await document.ask("signatureHelp")
    place = modern.server.documents.last_place
    assert place is not None
    assert (place.range.start.line, place.range.start.character) == (1, 5)


async def test_it_goes_with_crlf_and_astral_characters(modern: Editor) -> None:
    document = modern.open('(ns demo)\r\n"😀" (map "😀" |)')
    assert await shown(document) == "(core/map f «coll»)"
