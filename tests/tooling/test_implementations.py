"""
Protocols, multimethods and types.

No recording has these ops with an answer: the replies are of the shape that cider-nrepl 0.62 gives
them in its source (`cider.nrepl.middleware.xref`, `orchard.xref`).
"""

from __future__ import annotations

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.implementations import (
    IMPLEMENTATIONS,
    PROTOCOLS_WITH_METHOD,
    TYPE_PROTOCOLS,
    Implementations,
    MethodQuery,
)
from nrepl_lsp.tooling.references import Xref, XrefQuery
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording

SHAPE = XrefQuery("shop.shapes", "Shape")
QUESTIONS = [
    (IMPLEMENTATIONS, SHAPE),
    (TYPE_PROTOCOLS, XrefQuery("shop.shapes", "Circle")),
    (PROTOCOLS_WITH_METHOD, MethodQuery("area")),
]


def dialect(op, answer, asked=None):
    async def ask(sent_op, params, timeout):
        if asked is not None:
            asked.append((sent_op, params))
        return [{**answer, "status": ["done"]}]

    return Dialect(Capabilities(ops=frozenset({op})), ask)


async def test_the_types_of_a_protocol():
    impls = [
        {"name": "java.lang.String", "file": [], "file-url": [], "line": [], "column": []},
        {
            "name": "shop.shapes.Circle",
            "file": "shop/shapes.clj",
            "file-url": "file:/project/src/shop/shapes.clj",
            "line": 7,
            "column": 1,
        },
    ]
    asked = []
    answer = {"who-implements": {"kind": "protocol", "impls": impls}}
    found = await dialect("cider/who-implements", answer, asked).answer(IMPLEMENTATIONS, SHAPE)

    assert asked == [("cider/who-implements", {"ns": "shop.shapes", "sym": "Shape"})]
    place = SourceLocation("file", "/project/src/shop/shapes.clj", line=6, column=0)
    assert found == Implementations(
        "protocol", (Xref("java.lang.String"), Xref("shop.shapes.Circle", place))
    )


async def test_the_values_that_a_multimethod_dispatches_on():
    answer = {"who-implements": {"kind": "multimethod", "dispatch-values": [":a", "[:b 1]"]}}
    found = await dialect("cider/who-implements", answer).answer(IMPLEMENTATIONS, SHAPE)

    assert found == Implementations("multimethod", (), (":a", "[:b 1]"))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, None),
        ({"who-implements": []}, None),
        ({"who-implements": {"kind": "other"}}, Implementations("other")),
        ({"who-implements": {"impls": "x", "dispatch-values": {}}}, Implementations("")),
    ],
)
async def test_an_odd_reply_gives_less(answer, expected):
    found = await dialect("cider/who-implements", answer).answer(IMPLEMENTATIONS, SHAPE)

    assert found == expected


@pytest.mark.parametrize("key", ["type-protocols", "protocols-with-method"])
async def test_protocols_have_a_name_and_a_place(key):
    item = {"name": "shop.shapes/Shape", "file": "shop/shapes.clj", "line": 3, "doc": []}
    question, query = next(pair for pair in QUESTIONS if pair[0].name == key)

    place = SourceLocation("resource", "shop/shapes.clj", line=2)
    found = await dialect(f"cider/{key}", {key: [item]}).answer(question, query)
    assert found == (Xref("shop.shapes/Shape", place),)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        (IMPLEMENTATIONS, XrefQuery("", "Shape")),
        (IMPLEMENTATIONS, XrefQuery("a", "(x)")),
        (TYPE_PROTOCOLS, XrefQuery("a", "")),
        (PROTOCOLS_WITH_METHOD, MethodQuery("a b")),
    ],
)
def test_only_symbols_are_sent(question, query):
    assert all(variant.request(query) is None for variant in question.variants)


def test_no_class_is_loaded_to_know_its_protocols():
    assert TYPE_PROTOCOLS.variants[0].request(XrefQuery("user", "java.util.Date")) is None


@pytest.mark.parametrize("server", ["nrepl-1.0.0", "basilisp-0.5.1", "babashka.nrepl-0.0.8"])
@pytest.mark.parametrize(("question", "query"), QUESTIONS)
async def test_other_servers_are_not_asked(server, question, query):
    assert await ask_recording(server, question, query) == (None, None)
