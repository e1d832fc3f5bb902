"""Macro expansion over recorded servers."""

from __future__ import annotations

import pytest

from nrepl_lsp.tooling.macroexpansion import MACROEXPANSION, ExpansionQuery

from .recordings import ask_recording


@pytest.mark.parametrize(
    ("server", "query", "expected"),
    [
        (
            "cider-nrepl-0.62.2",
            ExpansionQuery("(when true 1)", "demo.core"),
            ("(if true (do 1))", "cider/macroexpand"),
        ),
        (
            "cider-nrepl-0.62.2",
            ExpansionQuery("(-> 1 (+ 2) (* 3))", "demo.core", "all"),
            ("(* (+ 1 2) 3)", "cider/macroexpand"),
        ),
        (
            "nbb-1.6.214",
            ExpansionQuery("(when true 1)", "demo.core"),
            ("(if true (do 1))", "macroexpand"),
        ),
        (
            "nbb-1.6.214",
            ExpansionQuery("(-> 1 (+ 2) (* 3))", "demo.core", "all"),
            (None, "macroexpand"),
        ),
        ("basilisp-0.5.1", ExpansionQuery("(when true 1)"), (None, None)),
        ("nrepl-1.7.0", ExpansionQuery("(when true 1)"), (None, None)),
    ],
)
async def test_a_call_is_expanded_by_who_can(
    server: str, query: ExpansionQuery, expected: tuple[str | None, str | None]
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


@pytest.mark.parametrize("reply", [{}, {"expansion": []}, {"err": "boom"}])
def test_an_odd_reply_is_no_answer(reply: dict[str, object]) -> None:
    query = ExpansionQuery("(f)")
    assert [variant.parse([reply], query) for variant in MACROEXPANSION.variants] == [None, None]
