"""Symbols of the whole program by a part of their names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.snippets import is_declared_snippet
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.variants import Dialect
from nrepl_lsp.tooling.workspace_symbols import (
    MAX_QUERY_LENGTH,
    MAX_SYMBOLS,
    WORKSPACE_SYMBOLS,
    FoundSymbol,
    SymbolsQuery,
    regex_of,
)

from .recordings import Playback, ask_recording, capabilities

APROPOS, _, SNIPPET, COMPLETE, COMPLETIONS = WORKSPACE_SYMBOLS.variants
SNIPPET_SERVERS = ["basilisp-0.5.1", "nbb-1.6.214", "nrepl-1.0.0", "tools.nrepl-0.2.13"]


async def test_apropos_names_what_it_finds():
    query = SymbolsQuery("greet", ("demo",))

    assert await ask_recording("cider-nrepl-0.62.2", WORKSPACE_SYMBOLS, query) == (
        (
            FoundSymbol("demo.core", "greet", "function"),
            FoundSymbol("nrepl.transport", "tty-greeting", "function"),
        ),
        "cider/apropos",
    )


@pytest.mark.parametrize("server", SNIPPET_SERVERS)
async def test_a_snippet_knows_the_places_too(server):
    query = SymbolsQuery("GREET", ("demo",), "clojure")
    found, op = await ask_recording(server, WORKSPACE_SYMBOLS, query)

    assert op == "eval"
    assert found[0][:3] == ("demo.core", "greet", "function")
    assert found[0].location.line == 2
    assert is_declared_snippet(SNIPPET.request(query)["code"])


@pytest.mark.parametrize("server", SNIPPET_SERVERS)
async def test_words_match_in_their_order_private_names_too(server):
    query = SymbolsQuery("demo core/", ('a"b', "demo"), "clojure")
    found, _ = await ask_recording(server, WORKSPACE_SYMBOLS, query)

    kinds = {symbol.name: symbol.kind for symbol in found if symbol.name[0] != "*"}
    assert kinds == {
        "greet": "function",
        "hidden": "function",
        "twice": "macro",
        "answer": "variable",
    }


@pytest.mark.parametrize("server", SNIPPET_SERVERS)
@pytest.mark.parametrize(
    "query",
    [SymbolsQuery("no.such*", ("demo",), "clojure"), SymbolsQuery('demo "tw', (), "clojure")],
)
async def test_what_has_a_meaning_in_a_regex_is_a_letter(server, query):
    assert await ask_recording(server, WORKSPACE_SYMBOLS, query) == ((), "eval")


@pytest.mark.parametrize(
    ("server", "variant", "kind"),
    [
        ("nrepl-1.7.0", COMPLETIONS, "function"),
        ("babashka.nrepl-0.0.8", COMPLETE, ""),
        ("babashka.nrepl-0.0.8", COMPLETIONS, ""),
    ],
)
async def test_without_snippets_completion_knows_some(server, variant, kind):
    dialect = Dialect(capabilities(server), Playback(server), snippets=False)
    query = SymbolsQuery("gre", (), "clojure", "demo.core")
    messages = await Playback(server)(variant.op, variant.request(query), 1.0)

    assert variant.parse(messages, query) == (FoundSymbol("demo.core", "greet", kind),)
    assert await dialect.answer(WORKSPACE_SYMBOLS, query) == variant.parse(messages, query)


@pytest.mark.parametrize(
    ("text", "regex"),
    [
        ("greet", "greet"),
        ("a.b/c?", r"a\.b/c\?"),
        ("  core  gr ", "core.*gr"),
        ("->x*", r"->x\*"),
        ("\\E", r"\\E"),
        ("", ""),
    ],
)
def test_a_text_as_a_regex(text, regex):
    assert regex_of(text) == regex


@given(st.text(max_size=30))
def test_every_text_matches_itself(text):
    assert re.search(regex_of(text), text, re.DOTALL)


@given(st.text(max_size=MAX_QUERY_LENGTH + 5), st.lists(st.text(max_size=8), max_size=3))
def test_whatever_is_typed_the_snippet_is_ours(text, near):
    params = SNIPPET.request(SymbolsQuery(text, tuple(near), "clojure"))

    assert params is None or is_declared_snippet(params["code"])


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAX_QUERY_LENGTH + 1)])
@pytest.mark.parametrize("variant", WORKSPACE_SYMBOLS.variants)
def test_nothing_is_asked_about_nothing(variant, text):
    assert variant.request(SymbolsQuery(text, (), "clojure")) is None


def test_no_snippet_for_other_languages_and_no_lone_slash():
    assert SNIPPET.request(SymbolsQuery("a", (), "hy")) is None
    assert COMPLETE.request(SymbolsQuery("/")) is None
    assert COMPLETE.request(SymbolsQuery("a b")) is None


@pytest.mark.parametrize(
    ("variant", "answer", "expected"),
    [
        (APROPOS, {}, None),
        (APROPOS, {"apropos-matches": ""}, None),
        (APROPOS, {"apropos-matches": ["x", {}, {"name": []}]}, ()),
        (
            APROPOS,
            {"apropos-matches": [{"name": "if", "type": "special-form"}, {"name": "a//"}]},
            (FoundSymbol("", "if", "special-form"), FoundSymbol("a", "/")),
        ),
        (COMPLETE, {"completions": {}}, None),
        (COMPLETE, {"completions": ["abc", {"candidate": "x"}, {"ns": "a"}]}, ()),
        (
            COMPLETE,
            {"completions": [{"candidate": "s/x", "ns": "a.s", "type": "odd"}]},
            (FoundSymbol("a.s", "x"),),
        ),
        (SNIPPET, {"value": "nil"}, None),
        (SNIPPET, {"value": '["x" [1 2 3 4 5] ["a" "b"]]'}, ()),
        (
            SNIPPET,
            {"value": '[["a" "b" "macro" nil nil] ["a" "c" "function" "/x.clj" 3]]'},
            (
                FoundSymbol("a", "b", "macro"),
                FoundSymbol("a", "c", "function", SourceLocation("file", "/x.clj", line=2)),
            ),
        ),
    ],
)
def test_odd_replies_give_less(variant, answer, expected):
    assert variant.parse([answer], SymbolsQuery("q")) == expected


async def test_the_project_comes_first_then_the_nearest_names():
    names = ["lib/map", "lib/map-x", "lib/xmap", "shop.a/xmap", "shop.a/map", "lib/xy"]
    matches = [{"name": name, "type": "function"} for name in names]

    async def ask(op, params, timeout):
        return [{"apropos-matches": matches + [{"name": f"z/map{n}"} for n in range(500)]}]

    dialect = Dialect(Capabilities(ops=frozenset({"apropos"})), ask)
    found = await dialect.answer(WORKSPACE_SYMBOLS, SymbolsQuery("map", ("shop",)))

    assert [f"{one.ns}/{one.name}" for one in found[:4]] == [
        "shop.a/map",
        "shop.a/xmap",
        "lib/map",
        "lib/map-x",
    ]
    assert len(found) == MAX_SYMBOLS
