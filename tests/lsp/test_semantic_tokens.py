"""Semantic tokens: what the running program knows of the names in a text."""

import asyncio
import gc
import random
import weakref
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from nrepl_lsp.lsp.announcements import SEMANTIC_TOKENS
from nrepl_lsp.lsp.colouring import image_names, semantics
from nrepl_lsp.lsp.colouring.semantics import Semantics
from nrepl_lsp.lsp.colouring.vocabulary import MODIFIERS, TYPES
from nrepl_lsp.lsp.features.semantic_tokens import _edits
from nrepl_lsp.lsp.registry import create_server
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.tooling.var_kinds import VAR_KINDS
from tests.support.fault_server import DONE, FaultServer, Peer, reply

from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

VARS = {
    "clojure.core": {
        "map": {"arglists": "([f c])"},
        "inc": {"arglists": "([x])"},
        "str": {"arglists": "([x])"},
        "defn": {"arglists": "([])", "macro": "true"},
        "let": {"arglists": "([])", "macro": "true"},
        "ns": {"arglists": "([])", "macro": "true"},
        "*out*": {},
        "aget": {},
    },
    "demo": {
        "run": {"arglists": "([x])"},
        "limit": {},
        "old": {"arglists": "([])", "deprecated": '"1"'},
    },
    "lib.text": {"upper": {"arglists": "([s])"}, "mac": {"macro": "true"}},
}


def capable(types: list[str], modifiers: list[str]) -> dict[str, Any]:
    announced = {
        "requests": {"full": {"delta": True}, "range": True},
        "tokenTypes": types,
        "tokenModifiers": modifiers,
        "formats": ["relative"],
    }
    return {
        "workspace": {"semanticTokens": {"refreshSupport": True}},
        "textDocument": {"semanticTokens": announced},
    }


CAPABILITIES = capable([*TYPES], ["deprecated", "defaultLibrary"])
NS = "(ns demo (:require [lib.text :as text :refer [mac]]))\n"


def knows(nrepl: FaultServer, variables: dict[str, Any]) -> None:
    """Have the program know these vars, by namespace."""

    async def answer(peer: Peer, request: dict[str, Any]) -> None:
        peer.answer(request, {"ns-vars-with-meta": variables.get(request["ns"], []), **DONE})

    nrepl.on("ns-list", reply({"ns-list": [*variables]}, DONE))
    nrepl.on("ns-vars-with-meta", answer)


@pytest.fixture
async def attached(make_editor, nrepl: FaultServer, project) -> Editor:
    """An editor with a program that knows `VARS`."""
    knows(nrepl, VARS)
    return await attach(make_editor, nrepl, project)


async def attach(make_editor, nrepl: FaultServer, project, capabilities=None) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(capabilities or CAPABILITIES)
    await editor.attached()
    nrepl.requests.clear()
    return editor


def read(text: str, data: list[int]) -> list[str]:
    """The tokens as `text type.modifier`, read the slow and plain way."""
    assert len(data) % 5 == 0
    found = []
    lines = text.replace("\r\n", "\n").split("\n")
    line = column = 0
    for place in range(0, len(data), 5):
        step, start, length, kind, bits = data[place : place + 5]
        line, column = line + step, start if step else column + start
        written = lines[line].encode("utf-16-le")[2 * column : 2 * (column + length)]
        modifiers = "".join(f".{it}" for bit, it in enumerate(MODIFIERS) if bits & 1 << bit)
        found.append(f"{written.decode('utf-16-le')} {TYPES[kind]}{modifiers}")
    return found


async def ask(editor: Editor, document: Opened, kind: str = "full", **params: Any) -> Any:
    params = {"textDocument": {"uri": document.uri}, **params}
    return await editor.request(f"textDocument/semanticTokens/{kind}", params)


async def tokens(editor: Editor, text: str, **opened: Any) -> list[str]:
    document = editor.open(text, **opened)
    return read(document.text, (await ask(editor, document))["data"])


NS_TOKENS = [
    "ns macro.defaultLibrary",
    "demo namespace",
    "lib.text namespace",
    "text namespace",
    "mac macro",
]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("(map inc)", ["map function.defaultLibrary", "inc function.defaultLibrary"]),
        ("(run limit)", ["run function", "limit variable"]),
        ("(old)", ["old function.deprecated"]),
        ("(text/upper 1)", ["text namespace", "upper function"]),
        ("(text/nosuch 1)", ["text namespace"]),
        ("(lib.text/upper 1)", ["lib.text namespace", "upper function"]),
        ("(mac 1)", ["mac macro"]),
        ("(if 1 2)", ["if keyword"]),
        ('(nosuch :key 1 "map" ; map\n)', []),
        ("(other/map 1)", []),
        ("*out*", ["*out* variable.defaultLibrary"]),
        # A function of nbb's core may come without its parameters.
        ("(aget 1)", []),
        ("#_(map inc)", []),
        (
            "(let [map 1] (map inc))",
            [
                "let macro.defaultLibrary",
                "map variable",
                "map variable",
                "inc function.defaultLibrary",
            ],
        ),
        (
            "(defn run [inc] (inc str))",
            [
                "defn macro.defaultLibrary",
                "run function",
                "inc parameter",
                "inc parameter",
                "str function.defaultLibrary",
            ],
        ),
        (
            '(map\r\n "😀" inc)',
            ["map function.defaultLibrary", "inc function.defaultLibrary"],
        ),
        ("😀 (map é inc)", ["map function.defaultLibrary", "inc function.defaultLibrary"]),
        ("(map inc", ["map function.defaultLibrary", "inc function.defaultLibrary"]),
    ],
)
async def test_what_a_symbol_is(attached, code: str, expected: list[str]) -> None:
    assert await tokens(attached, NS + code) == NS_TOKENS + expected


async def test_two_forms_on_one_line_follow_each_other(attached) -> None:
    document = attached.open("(map) (inc)\n\n(map)")

    assert (await ask(attached, document))["data"] == [
        *(0, 1, 3, TYPES.index("function"), 2),
        *(0, 6, 3, TYPES.index("function"), 2),
        *(2, 1, 3, TYPES.index("function"), 2),
    ]


async def test_columns_are_in_the_units_that_were_agreed_on(make_editor, nrepl, project) -> None:
    knows(nrepl, VARS)
    utf_8 = {**CAPABILITIES, "general": {"positionEncodings": ["utf-8"]}}
    editor = await attach(make_editor, nrepl, project, utf_8)
    document = editor.open('(str "😀" (fn [é] é))')

    assert (await ask(editor, document))["data"] == [
        *(0, 1, 3, TYPES.index("function"), 2),
        *(0, 17 - 1, 2, TYPES.index("parameter"), 0),
        *(0, 4, 2, TYPES.index("parameter"), 0),
    ]


async def test_an_imported_class_and_its_constructor(attached) -> None:
    found = await tokens(attached, "(ns demo (:import (java.util Date)))\n(Date.) (Date/x)")

    assert found[2:] == ["Date class"] * 3


@pytest.mark.parametrize(
    ("declared", "code", "expected"),
    [
        ("(:require [lib.text :refer [upper] :rename {upper up}])", "(up)", ["up function"]),
        ("(:require [lib.text :refer :all])", "(upper)", ["upper function"]),
        ("(:use lib.text)", "(upper)", ["upper function"]),
        ("(:refer-clojure :exclude [map])", "(map inc)", ["inc function.defaultLibrary"]),
        # An alias may be called like a function of the core.
        ("(:require [lib.text :as str])", "(str/upper str)",
         ["str namespace", "upper function", "str function.defaultLibrary"]),
    ],
)  # fmt: skip
async def test_what_a_namespace_brings_in(
    attached, declared: str, code: str, expected: list[str]
) -> None:
    found = await tokens(attached, f"(ns demo {declared})\n{code}")

    assert found[-len(expected) :] == expected


async def test_each_namespace_of_a_document_has_its_own_names(attached) -> None:
    text = "(ns lib.text)\n(upper run)\n(in-ns 'demo)\n(upper run)"

    assert [it for it in await tokens(attached, text) if it[:3] in ("upp", "run")] == [
        "upper function",
        "run function",
    ]


async def test_only_what_the_client_knows_is_answered(make_editor, nrepl, project) -> None:
    knows(nrepl, VARS)
    editor = await attach(make_editor, nrepl, project, capable(["function"], []))

    assert await tokens(editor, "(ns demo) (run limit)") == ["run function"]


async def test_without_a_program_there_is_nothing_at_once(detached) -> None:
    document = detached.open("(map inc)")

    assert await ask(detached, document) is None
    assert await ask(detached, document, "full/delta", previousResultId="1") is None
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    assert await ask(detached, document, "range", range=whole) is None
    document.close()
    assert await ask(detached, document) is None
    assert await ask(detached, document, "range", range=whole) is None


@pytest.mark.parametrize("language", ["hy", "plaintext"])
async def test_what_the_program_knows_nothing_of_is_left_alone(
    make_editor, nrepl, project, language: str
) -> None:
    knows(nrepl, {"other": {}})
    editor = await attach(make_editor, nrepl, project)
    document = editor.open("(map inc)", name=f"a.{language}", language=language)

    assert await ask(editor, document) is None


async def test_plain_text_has_no_tokens() -> None:
    snapshot = Document("file:///a.txt", "plaintext", 1, "(map inc)").snapshot()

    assert await Semantics(create_server()).encoded(snapshot, {}) == []


async def test_a_text_that_is_too_long_is_left_alone(attached, monkeypatch) -> None:
    monkeypatch.setattr(semantics, "TEXT_LIMIT", 5)

    assert await ask(attached, attached.open("(map inc)")) is None


async def test_nothing_is_asked_about_a_namespace_that_is_not_loaded(attached, nrepl) -> None:
    await tokens(attached, "(ns nosuch (:require [absent.ns :as a]))\n(a/b)")

    assert [it["ns"] for it in nrepl.of("ns-vars-with-meta")] == ["clojure.core"]


async def test_a_namespace_is_asked_about_once(attached, nrepl) -> None:
    document = attached.open(NS)
    await ask(attached, document)
    document.change((1, 0), (1, 0), "(run)")
    await ask(attached, document)

    asked = [it["ns"] for it in nrepl.of("ns-vars-with-meta")]
    assert sorted(asked) == ["clojure.core", "demo", "lib.text"]


async def test_what_others_have_changed_is_seen_after_a_while(attached, nrepl, monkeypatch) -> None:
    document = attached.open("(ns demo)\n(fresh)")
    await ask(attached, document)
    knows(nrepl, {**VARS, "demo": {"fresh": {"arglists": "([])"}}})
    monkeypatch.setattr(image_names, "GOOD_FOR", 0.0)
    after = await ask(attached, document)

    assert read(document.text, after["data"])[-1] == "fresh function"
    asked = [it["ns"] for it in nrepl.of("ns-vars-with-meta")]
    assert sorted(asked) == ["clojure.core", "demo", "demo"]


async def test_few_namespaces_are_remembered(attached, nrepl, monkeypatch) -> None:
    monkeypatch.setattr(image_names, "KEPT", 3)
    await tokens(attached, "(ns demo)\n(run)")
    await tokens(attached, "(ns lib.text)\n(upper)", name="src/other.clj")
    found = await tokens(attached, "(ns demo)\n(run)", name="src/third.clj")

    assert found[-1] == "run function"


SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
async def test_tokens_of_mutilated_samples_lie_in_the_text_and_do_not_overlap(path: Path) -> None:
    server = create_server()
    kinds = {ns: VAR_KINDS.variants[0].parse([{"ns-vars-with-meta": it}], None)
             for ns, it in VARS.items()}  # fmt: skip
    text, chance = path.read_text("utf-8"), random.Random(path.name)
    for _ in range(60):
        start = chance.randrange(len(text))
        cut = start + chance.choice([0, 1, 1, 20])
        mutilated = text[:start] + chance.choice(["", "(", ")", '"', "]", "#_", "😀"]) + text[cut:]
        snapshot = Document(path.as_uri(), "", 1, mutilated).snapshot()
        data = await Semantics(server).encoded(snapshot, kinds)
        line = column = end = 0
        for place in range(0, len(data), 5):
            step, begins, length, kind, _ = data[place : place + 5]
            end = end if step == 0 else 0
            line, column = line + step, begins if step else column + begins
            assert end <= column
            assert 0 < length
            assert kind < len(TYPES)
            end = column + length
            assert end <= len(snapshot.lines.line_text(line).encode("utf-16-le")) // 2


async def test_the_forms_that_a_range_touches(attached) -> None:
    document = attached.open("(map\n 1)\n(inc)\n(str)")
    within = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 2}}
    found = await ask(attached, document, "range", range=within)

    assert read(document.text, found["data"]) == [
        "map function.defaultLibrary",
        "inc function.defaultLibrary",
    ]
    assert "resultId" not in found


async def test_a_change_is_answered_by_what_differs(attached) -> None:
    document = attached.open("(map)\n(inc)\n(str)")
    first = await ask(attached, document)
    document.change((1, 1), (1, 4), "map map")
    found = await ask(attached, document, "full/delta", previousResultId=first["resultId"])

    assert found["resultId"] != first["resultId"]
    (edit,) = found["edits"]
    assert edit["start"] % 5 == 0
    data = list(first["data"])
    data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    assert data == (await ask(attached, document))["data"]


async def test_an_answer_that_is_not_known_any_more_is_replaced_whole(attached) -> None:
    document = attached.open("(map)")
    await ask(attached, document)
    found = await ask(attached, document, "full/delta", previousResultId="other")

    assert len(found["data"]) == 5


async def test_no_change_is_no_edit(attached) -> None:
    document = attached.open("(map)")
    first = await ask(attached, document)
    found = await ask(attached, document, "full/delta", previousResultId=first["resultId"])

    assert found["edits"] == []


TOKENS = st.lists(st.sampled_from([(0, 1, 2, 3, 0), (1, 0, 2, 3, 0), (0, 1, 5, 3, 1)]))


@settings(max_examples=200, deadline=None)
@given(TOKENS, TOKENS, TOKENS, TOKENS)
def test_the_edit_makes_the_new_of_the_old(before, one, other, after) -> None:
    old, new = ([*chain(*before * 50, *middle, *after * 50)] for middle in (one, other))
    data = list(old)
    for edit in _edits(old, new):
        assert edit["start"] % 5 == edit["deleteCount"] % 5 == 0
        data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit.get("data", [])
    assert data == new


async def test_after_an_evaluation_the_client_asks_again_and_sees_it(attached, nrepl) -> None:
    attached.answers["workspace/semanticTokens/refresh"] = lambda params: None
    document = attached.open("(ns demo)\n(fresh)")
    before = await ask(attached, document)
    knows(nrepl, {**VARS, "demo": {"fresh": {"arglists": "([])"}}})
    repl = attached.server.repl_for(document.uri)
    semantics.note_evaluation(attached.server, repl)
    await attached.until(
        lambda: ("workspace/semanticTokens/refresh", None) in attached.requests, "refresh"
    )
    after = await ask(attached, document)

    assert len(before["data"]) + 5 == len(after["data"])
    assert read(document.text, after["data"])[-1] == "fresh function"
    # What every namespace has is not asked for again.
    asked = [it["ns"] for it in nrepl.of("ns-vars-with-meta")]
    assert sorted(asked) == ["clojure.core", "demo", "demo"]


async def test_many_evaluations_are_one_refresh_more(attached, monkeypatch) -> None:
    gate, sent = asyncio.Event(), asyncio.Queue[None]()

    async def answer(params: None) -> None:
        sent.put_nowait(params)
        await gate.wait()

    monkeypatch.setattr(semantics, "TIMEOUT", 5.0)
    monkeypatch.setattr(attached.server, "workspace_semantic_tokens_refresh_async", answer)
    semantics.refresh(attached.server)
    await sent.get()
    for _ in range(5):
        semantics.refresh(attached.server)
    await ask(attached, attached.open("(map)"))
    assert sent.empty(), "one is not answered yet"
    gate.set()
    await sent.get()
    await ask(attached, attached.open("(map)", "src/b.clj"))
    assert sent.empty(), "those in between are one"
    semantics.refresh(attached.server)
    await asyncio.wait_for(sent.get(), 5.0)


async def test_a_client_that_cannot_refresh_is_not_told(make_editor, nrepl, project) -> None:
    knows(nrepl, VARS)
    editor = await attach(make_editor, nrepl, project, {"textDocument": {}})
    semantics.refresh(editor.server)
    await ask(editor, editor.open("(map)"))

    assert editor.requests == []


async def test_a_client_that_refuses_to_refresh_goes_on(attached) -> None:
    def refuse(params: Any) -> None:
        raise RequestFailed({"code": -32601, "message": "no"})

    attached.answers["workspace/semanticTokens/refresh"] = refuse
    semantics.refresh(attached.server)
    await attached.until(lambda: attached.requests, "refresh")

    assert await tokens(attached, "(map)") == ["map function.defaultLibrary"]


async def test_what_comes_late_is_shown_by_a_refresh(attached, nrepl, monkeypatch) -> None:
    monkeypatch.setattr(semantics, "TIMEOUT", 0.02)
    gate = asyncio.Event()

    async def late(peer: Peer, request: dict[str, Any]) -> None:
        await gate.wait()
        peer.answer(request, {"ns-vars-with-meta": VARS.get(request["ns"], []), **DONE})

    nrepl.on("ns-vars-with-meta", late)
    document = attached.open("(map)")
    assert await ask(attached, document) is None
    gate.set()
    await attached.until(lambda: attached.requests, "refresh")

    assert attached.requests == [("workspace/semanticTokens/refresh", None)]
    assert read(document.text, (await ask(attached, document))["data"]) == [
        "map function.defaultLibrary"
    ]


async def test_a_lost_connection_leaves_the_text_alone(attached, nrepl) -> None:
    async def hang_up(peer: Peer, request: dict[str, Any]) -> None:
        peer.hang_up()

    nrepl.on("ns-vars-with-meta", hang_up)

    assert await ask(attached, attached.open("(map)")) is None


UNRESOLVED = capable(["variable"], ["unresolved"])


@pytest.mark.parametrize(
    ("code", "unresolved"),
    [
        ("(map nosuch)", ["nosuch"]),
        ("(nosuch other)", ["nosuch"]),
        ("(let [x nosuch] (inc x y))", ["nosuch", "y"]),
        ("(defn f [x] (text/nosuch x))", ["text/nosuch"]),
        ("(if a @b)", ["a", "b"]),
        ("[a {b c}]", ["a", "b", "c"]),
        ("((inc a) b)", ["a", "b"]),
        ("(:key a)", []),
        ("()", []),
        ("(def c 1) (inc c)", []),
        ("(inc :a 'b '(c d) `(e ~f) \"g\" 1 #_h)", []),
        ("(mac nosuch)", []),
        ("(quote nosuch)", []),
        ("(.method (inc 1))", []),
        ("(inc String a.b.C C. other/name %)", []),
    ],
)
async def test_what_means_nothing_is_marked_for_clients_that_list_it(
    make_editor, nrepl, project, code: str, unresolved: list[str]
) -> None:
    """Where the snippet answers, private vars are known too."""

    async def answer(peer: Peer, request: dict[str, Any]) -> None:
        asked = next((ns for ns in VARS if f"'{ns})" in request["code"]), None)
        groups: dict[str, list[str]] = {"macro": [], "function": [], "variable": []}
        for name, meta in VARS.get(asked or "", {}).items():
            kind = "macro" if "macro" in meta else "function" if meta else "variable"
            groups[kind].append(name)
        value = "[" + " ".join(f'"{" ".join(group)}"' for group in groups.values()) + ' ""]'
        peer.answer(request, {"value": value}, DONE)

    nrepl.on("ns-list", reply({"ns-list": [*VARS]}, DONE))
    nrepl.on("eval", answer)
    editor = await attach(make_editor, nrepl, project, UNRESOLVED)
    found = await tokens(editor, NS + code)

    assert [it.split()[0] for it in found if it.endswith("unresolved")] == unresolved


async def test_nothing_is_marked_as_long_as_something_is_not_known(
    make_editor, nrepl, project
) -> None:
    knows(nrepl, VARS)
    editor = await attach(make_editor, nrepl, project, UNRESOLVED)

    assert not [it for it in await tokens(editor, NS + "(map nosuch)") if "unresolved" in it]


def test_the_legend_is_of_lsp_but_for_one_modifier() -> None:
    assert set(SEMANTIC_TOKENS.token_types) <= {it.value for it in types.SemanticTokenTypes}
    known = {it.value for it in types.SemanticTokenModifiers}
    assert set(SEMANTIC_TOKENS.token_modifiers) - known == {"unresolved"}


async def test_few_documents_are_remembered(attached, monkeypatch) -> None:
    monkeypatch.setattr(semantics, "DOCUMENTS_KEPT", 2)
    first = semantics.semantics_of(attached.server, "a")
    semantics.semantics_of(attached.server, "b")
    assert semantics.semantics_of(attached.server, "a") is first
    semantics.semantics_of(attached.server, "c")

    assert semantics.semantics_of(attached.server, "a") is first


async def test_the_forms_that_a_text_no_longer_has_are_forgotten() -> None:
    known = Semantics(create_server())
    for number in range(5):
        text = f"(ns demo)\n(run {number})"
        await known.encoded(Document("file:///a.clj", "", 1, text).snapshot(), {})

    assert known.forms == {"(ns demo)", "(run 4)"}


async def test_ranges_of_a_text_that_changes_leave_little_behind() -> None:
    known = Semantics(create_server())
    for number in range(100):
        text = f"(ns demo)\n(run {number})"
        snapshot = Document("file:///a.clj", "", 1, text).snapshot()
        await known.encoded(snapshot, {}, Span(0, len(text)))

    assert "(run 99)" in known.forms
    assert sum(map(len, known.forms)) <= 3 * len(text)


async def test_a_closed_document_is_forgotten(attached) -> None:
    document = attached.open("(map)")
    await ask(attached, document)
    known = weakref.ref(semantics.semantics_of(attached.server, document.uri))
    attached.notify(
        "textDocument/didClose",
        {"textDocument": {"uri": document.uri.replace("demo", "de%6Do")}},
    )
    await ask(attached, document)
    gc.collect()

    assert known() is None


async def test_an_answer_after_the_document_was_closed_is_not_kept(attached, nrepl) -> None:
    gate = asyncio.Event()

    async def late(peer: Peer, request: dict[str, Any]) -> None:
        await gate.wait()
        peer.answer(request, {"ns-vars-with-meta": VARS.get(request["ns"], []), **DONE})

    nrepl.on("ns-vars-with-meta", late)
    document = attached.open("(map)")
    params = {"textDocument": {"uri": document.uri}}
    _, answer = attached.start_request("textDocument/semanticTokens/full", params)
    await nrepl.received("ns-vars-with-meta")
    known = weakref.ref(semantics.semantics_of(attached.server, document.uri))
    document.close()
    gate.set()
    assert (await answer)["data"]
    del answer
    await ask(attached, document)
    gc.collect()

    assert known() is None


def test_what_is_remembered_goes_with_its_server() -> None:
    server = create_server()
    known = weakref.ref(semantics.semantics_of(server, "file:///a.clj"))
    del server
    gc.collect()

    assert known() is None


async def test_no_two_answers_have_one_id(attached, monkeypatch) -> None:
    """A client that has lost the second answer must not be told what differs from it."""
    monkeypatch.setattr(semantics, "DOCUMENTS_KEPT", 1)
    document = attached.open("(map)")
    held = await ask(attached, document)
    await ask(attached, attached.open("(inc)", name="src/other.clj"))
    document.replace("(map) (inc)")
    lost = await ask(attached, document)
    found = await ask(attached, document, "full/delta", previousResultId=held["resultId"])

    assert lost["resultId"] != held["resultId"]
    assert found["data"] == lost["data"]


async def test_nothing_was_answered_before_the_first_answer(attached) -> None:
    found = await ask(attached, attached.open("(map)"), "full/delta", previousResultId="0")

    assert len(found["data"]) == 5
