"""Who calls a function and whom it calls: recorded answers, and odd ones."""

from __future__ import annotations

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.references import CALLEES, CALLERS, MAX_XREFS, Xref, XrefQuery
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.variants import Dialect

from .recordings import Playback, ask_recording

GREET = XrefQuery("demo.core", "greet")
CIDER = "cider-nrepl-0.62.2"


async def test_callees_have_a_name_and_a_place():
    found, op = await ask_recording(CIDER, CALLEES, GREET)

    assert op == "cider/fn-deps"
    assert found == (
        Xref(
            "demo.core/greet",
            SourceLocation("file", "/home/user/project/src/demo/core.clj", line=4, column=0),
        ),
        Xref(
            "clojure.core/str",
            SourceLocation(
                "archive",
                "/usr/share/java/clojure-1.11.1.jar",
                "clojure/core.clj",
                line=545,
                column=0,
            ),
        ),
    )
    assert [(xref.ns, xref.short_name) for xref in found] == [
        ("demo.core", "greet"),
        ("clojure.core", "str"),
    ]


async def test_nobody_calls_it():
    assert await ask_recording(CIDER, CALLERS, GREET) == ((), "cider/fn-refs")


@pytest.mark.parametrize("question", [CALLERS, CALLEES])
async def test_the_plain_op_is_asked_where_only_that_is_there(question):
    variant = question.variants[1]
    messages = await Playback(CIDER)(variant.op, variant.request(GREET), 1.0)
    first = question.variants[0]
    newer = await Playback(CIDER)(first.op, first.request(GREET), 1.0)

    assert variant.parse(messages, GREET) == first.parse(newer, GREET)


@pytest.mark.parametrize("server", ["nrepl-1.0.0", "basilisp-0.5.1", "nbb-1.6.214"])
@pytest.mark.parametrize("question", [CALLERS, CALLEES])
async def test_other_servers_are_not_asked(server, question):
    assert await ask_recording(server, question, GREET) == (None, None)


@pytest.mark.parametrize("query", [XrefQuery("a b", "x"), XrefQuery("a", "x)"), XrefQuery("", "x")])
@pytest.mark.parametrize("question", [CALLERS, CALLEES])
def test_only_symbols_are_sent(question, query):
    assert all(variant.request(query) is None for variant in question.variants)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, None),
        ({"fn-refs": ""}, None),
        ({"fn-refs": {}}, None),
        ({"fn-refs": []}, ()),
        ({"fn-refs": ["a/b", 1, {}, {"name": []}]}, ()),
        ({"fn-refs": [{"name": "a/b"}]}, (Xref("a/b"),)),
        ({"fn-refs": [{"name": "a/b", "file": "NO_SOURCE_PATH", "line": 1}]}, (Xref("a/b"),)),
        (
            {"fn-refs": [{"name": "a/b", "file": "a.clj", "file-url": [], "line": "3"}]},
            (Xref("a/b", SourceLocation("resource", "a.clj", line=2)),),
        ),
        (
            {"fn-refs": [{"name": "a/b", "file": "a.clj", "file-url": "file:/x/a.clj"}]},
            (Xref("a/b", SourceLocation("file", "/x/a.clj", exact=False)),),
        ),
    ],
)
async def test_an_odd_reply_gives_less(answer, expected):
    async def ask(op, params, timeout):
        return [answer, {"status": ["done"]}]

    dialect = Dialect(Capabilities(ops=frozenset({"fn-refs"})), ask)
    assert await dialect.answer(CALLERS, GREET) == expected


async def test_a_long_answer_is_cut():
    async def ask(op, params, timeout):
        return [{"fn-deps": [{"name": f"a/x{n}"} for n in range(MAX_XREFS + 10)]}]

    dialect = Dialect(Capabilities(ops=frozenset({"fn-deps"})), ask)
    assert len(await dialect.answer(CALLEES, GREET)) == MAX_XREFS


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b/c", ("a.b", "c")),
        ("clojure.core//", ("clojure.core", "/")),
        ("/", (None, "/")),
        ("java.lang.String", (None, "java.lang.String")),
    ],
)
def test_a_name_has_two_parts(name, parts):
    assert (Xref(name).ns, Xref(name).short_name) == parts
