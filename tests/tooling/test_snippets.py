"""Snippets: what may enter them, what they look like on the wire, and their answers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling import snippets
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.snippets import FAMILIES, MAX_TEXT_LENGTH, is_declared_snippet

from .recordings import Playback, conversations

CLOJURE = FAMILIES["clojure"]


@pytest.mark.parametrize(
    "code",
    [
        CLOJURE.symbol_info("map", "demo.core"),
        CLOJURE.symbol_info("str/join", None),
        CLOJURE.symbol_info("/", None),
        CLOJURE.symbol_info("clojure.core//", None),
        CLOJURE.symbol_info("a.b.C/d", "user"),
        CLOJURE.symbol_info("*earmuffs*", None),
        CLOJURE.symbol_info("λ->x'", None),
        CLOJURE.completion("ma", "demo.core"),
        CLOJURE.completion("str/jo", None),
        CLOJURE.completion("str/", None),
        CLOJURE.completion("/", None),
        CLOJURE.namespaces(),
        CLOJURE.class_path(),
    ],
)
def test_what_we_send_is_known_as_ours(code):
    assert code is not None
    assert is_declared_snippet(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "(+ 1 2)",
        "(require 'demo.core)",
        CLOJURE.namespaces() + " (println 1)",
        CLOJURE.symbol_info("map", "user").replace("'map", "(evil)"),
        CLOJURE.completion("ma", "user").replace('"ma"', '"ma" (evil) "x"'),
        CLOJURE.completion("str/jo", "user").replace("(find-ns 'str)", "(find-ns 'other)"),
    ],
)
def test_other_code_is_not(code):
    assert not is_declared_snippet(code)


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "foo)(",
        "a b",
        "a;b",
        "'x",
        "#x",
        'a"b',
        "1a",
        "-1",
        "@x",
        "a/b/c",
        ":k",
        "x\n",
        "x" * 300,
    ],
)
def test_a_symbol_must_be_one(symbol):
    assert CLOJURE.symbol_info(symbol, None) is None
    assert CLOJURE.symbol_info("x", symbol) is None or symbol == ""


@pytest.mark.parametrize("prefix", ["", ".toU", ":els", "a\nb", "(a/b", "a b/c", "x" * 300])
def test_a_prefix_that_a_snippet_cannot_complete_is_refused(prefix):
    assert CLOJURE.completion(prefix, None) is None


def test_a_name_with_a_dot_would_load_a_class():
    assert CLOJURE.symbol_info("java.util.Date", None) is None
    assert CLOJURE.symbol_info("..", None) is not None


@given(st.text(max_size=MAX_TEXT_LENGTH + 20), st.none() | st.text(max_size=30))
def test_no_text_breaks_out_of_a_snippet(text, ns):
    """Whatever comes in, what goes out has the brackets and quotes of its template."""
    for code in (CLOJURE.symbol_info(text, ns), CLOJURE.completion(text, ns)):
        if code is not None:
            assert is_declared_snippet(code)
            bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", code)
            assert bare.count("(") == bare.count(")")
            assert '"' not in bare
            assert ";" not in bare


def test_nothing_in_a_snippet_changes_the_program():
    changing = r"\((?:require|use|in-ns|ns|def\w*|load|import|refer|alias|intern|eval|set!)[\s)]"
    for template in CLOJURE.templates():
        assert not re.search(changing, template.code)


def test_a_snippet_keeps_cider_s_state_message_away():
    assert snippets.params("1") == {"code": "1", "inhibit-cider-middleware": "true"}
    assert snippets.params(None) is None


@pytest.mark.parametrize("server", ["tools.nrepl-0.2.13", "basilisp-0.5.1"])
def test_the_recorded_servers_were_asked_with_today_s_code(server):
    """A changed template must be tried on real servers, and recorded, again."""
    recorded = [
        exchange[0][1]["code"]
        for scenario, exchange in conversations(server).items()
        if scenario.startswith("snippet-")
    ]

    assert len(recorded) == 10
    assert all(is_declared_snippet(code) for code in recorded)


@pytest.mark.parametrize("server", ["tools.nrepl-0.2.13", "basilisp-0.5.1"])
async def test_every_snippet_was_answered(server):
    for scenario, exchange in conversations(server).items():
        if scenario.startswith("snippet-"):
            values = [message["value"] for way, message in exchange if "value" in message]
            assert len(values) == 1
            assert (snippets.value([{"value": values[0]}]) is None) == ("nosuch" in scenario)


async def test_basilisp_says_by_a_snippet_which_namespaces_it_has():
    """It creates the namespace that a request names, so this must be known first."""
    variant = NAMESPACES.variants[-1]
    query = NamespacesQuery("clojure")
    messages = await Playback("basilisp-0.5.1")("eval", variant.request(query), 1.0)

    assert {"basilisp.core", "demo.core"} <= variant.parse(messages, query)


async def test_basilisp_snippets_answer_as_its_ops_do():
    from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
    from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
    from nrepl_lsp.tooling.values import Candidate

    playback = Playback("basilisp-0.5.1")
    info = SYMBOL_INFO.variants[-1]
    query = SymbolQuery("twice", "demo.core", "clojure")
    found = info.parse(await playback("eval", info.request(query), 1.0), query)
    completion = COMPLETION.variants[-1]
    prefix = CompletionQuery("gre", "demo.core", None, "clojure")
    answer = completion.parse(await playback("eval", completion.request(prefix), 1.0), prefix)

    assert (found.kind, found.arglists) == ("macro", ("[x]",))
    assert answer.candidates == (Candidate("greet", "function", "demo.core", "", ("[]", "[who]")),)
