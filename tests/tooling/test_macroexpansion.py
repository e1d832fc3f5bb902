"""Macro expansion over recorded servers."""

from __future__ import annotations

import pytest

from nrepl_lsp.tooling.macroexpansion import MACROEXPANSION, Expansion, ExpansionQuery

from .recordings import ask_recording


@pytest.mark.parametrize(
    ("server", "query", "expected"),
    [
        (
            "cider-nrepl-0.62.2",
            ExpansionQuery("(when true 1)", "demo.core"),
            (Expansion("(if true (do 1))"), "cider/macroexpand"),
        ),
        (
            "cider-nrepl-0.62.2",
            ExpansionQuery("(-> 1 (+ 2) (* 3))", "demo.core", "all"),
            (Expansion("(* (+ 1 2) 3)"), "cider/macroexpand"),
        ),
        (
            "nbb-1.6.214",
            ExpansionQuery("(when true 1)", "demo.core"),
            (Expansion("(if true (do 1))"), "macroexpand"),
        ),
        (
            "nbb-1.6.214",
            ExpansionQuery("(-> 1 (+ 2) (* 3))", "demo.core", "all"),
            (Expansion(None), "macroexpand"),
        ),
        ("basilisp-0.5.1", ExpansionQuery("(when true 1)"), (None, None)),
        ("nrepl-1.7.0", ExpansionQuery("(when true 1)"), (None, None)),
    ],
)
async def test_a_call_is_expanded_by_who_can(
    server: str, query: ExpansionQuery, expected: tuple[Expansion | None, str | None]
) -> None:
    assert await ask_recording(server, MACROEXPANSION, query) == expected


def test_what_is_sent() -> None:
    request = MACROEXPANSION.variants[0].request
    assert request(ExpansionQuery("(f)", None, "step")) == {
        "code": "(f)",
        "expander": "macroexpand-step",
        "display-namespaces": "tidy",
    }
    sent = request(ExpansionQuery("(f)", "a.b"))
    assert sent is not None
    assert (sent["expander"], sent["ns"]) == ("macroexpand-1", "a.b")


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ({}, ""),
        ({"expansion": []}, ""),
        ({"err": "boom\n"}, "boom"),
        ({"err": "Unable to resolve symbol: x\n"}, "Unable to resolve symbol: x"),
        ({"err": "Unable to resolve symbol: macroexpand-step\n"}, None),
    ],
)
def test_what_is_no_expansion_says_whether_the_macro_may_have_run(
    reply: dict[str, object], failure: str | None
) -> None:
    query = ExpansionQuery("(f)")
    parsed = [variant.parse([reply], query) for variant in MACROEXPANSION.variants]
    assert parsed == [Expansion(None, failure)] * 2
