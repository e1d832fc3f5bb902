"""Argument lists, checked against what the servers really answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.signature import SIGNATURE
from nrepl_lsp.tooling.symbol_info import SymbolQuery
from nrepl_lsp.tooling.values import SymbolInfo
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, capabilities, conversations, replies

NS = "demo.core"
CORE_MAP = ("[f]", "[f coll]", "[f c1 c2]", "[f c1 c2 c3]", "[f c1 c2 c3 & colls]")
JOIN = ("[coll]", "[separator coll]")


@pytest.mark.parametrize(
    ("server", "symbol", "op", "name", "arglists"),
    [
        ("nrepl-1.7.0", "map", "lookup", "clojure.core/map", CORE_MAP),
        ("nrepl-1.7.0", "greet", "lookup", "demo.core/greet", ("[]", "[who]")),
        ("nrepl-1.7.0", "twice", "lookup", "demo.core/twice", ("[x]",)),
        ("nrepl-1.7.0", "str/join", "lookup", "clojure.string/join", JOIN),
        ("nrepl-1.0.0", "map", "lookup", "clojure.core/map", CORE_MAP),
        ("nrepl-1.0.0", "when", "lookup", "clojure.core/when", ("[test & body]",)),
        (
            *("basilisp-0.5.1", "map", "eldoc", "basilisp.core/map"),
            ("[f]", "[f coll]", "[f coll & colls]"),
        ),
        # Not the `&env &form` that it sends with macros.
        ("basilisp-0.5.1", "when", "eldoc", "basilisp.core/when", ("[cond & body]",)),
        ("basilisp-0.5.1", "twice", "eldoc", "demo.core/twice", ("[x]",)),
        ("basilisp-0.5.1", "greet", "eldoc", "demo.core/greet", ("[]", "[who]")),
        ("nbb-1.6.214", "map", "eldoc", "clojure.core/map", CORE_MAP),
        ("nbb-1.6.214", "greet", "eldoc", "demo.core/greet", ("[]", "[who]")),
        ("babashka.nrepl-0.0.8", "map", "eldoc", "clojure.core/map", CORE_MAP),
        ("babashka.nrepl-0.0.8", "str/join", "eldoc", "clojure.string/join", JOIN),
        ("hy-nrepl-1.0.4", "greet", "lookup", "greet", ("(who='x')",)),
        ("hy-nrepl-1.0.4", "os.path.join", "lookup", "os.path.join", ("(a, *p)",)),
        (
            *("hy-nrepl-1.0.4", "print", "lookup", "print"),
            ("(*args, sep=' ', end='\\n', file=None, flush=False)",),
        ),
    ],
)
async def test_the_argument_lists(
    server: str, symbol: str, op: str, name: str, arglists: tuple[str, ...]
) -> None:
    ns = None if server.startswith("hy") else NS
    found, asked = await ask_recording(
        server, SIGNATURE, SymbolQuery(symbol, ns, "clojure", is_known=True)
    )
    assert asked == op
    assert found is not None
    assert (found.qualified_name, found.arglists, found.forms) == (name, arglists, ())


@pytest.mark.parametrize("server", ["nrepl-1.7.0", "nrepl-1.0.0"])
async def test_a_special_form_has_forms(server: str) -> None:
    found, _ = await ask_recording(server, SIGNATURE, SymbolQuery("if", NS, "clojure"))
    assert found is not None
    assert (found.kind, found.arglists) == ("special-form", ())
    assert found.forms == ("(if test then else?)",)


@pytest.mark.parametrize(
    ("server", "symbol"),
    [
        *((server, "nosuchsym") for server in ("nrepl-1.7.0", "basilisp-0.5.1", "nbb-1.6.214")),
        ("babashka.nrepl-0.0.8", "nosuchsym"),
        ("basilisp-0.5.1", "if"),
        ("basilisp-0.5.1", "basilisp.core"),
        ("nbb-1.6.214", "if"),
        ("hy-nrepl-1.0.4", "answer"),
        ("hy-nrepl-1.0.4", "nosuchsym"),
    ],
)
async def test_what_cannot_be_called_has_no_answer(server: str, symbol: str) -> None:
    ns = None if server.startswith("hy") else NS
    found, asked = await ask_recording(
        server, SIGNATURE, SymbolQuery(symbol, ns, "clojure", is_known=True)
    )
    assert found is None
    assert asked is not None


async def ask_cider(symbol: str) -> SymbolInfo | None:
    """cider-nrepl was recorded under the bare name `eldoc`, which has the same reply."""
    asked = []

    async def ask(op: str, params: Any, timeout: float) -> Any:
        asked.append(op)
        name = next(
            scenario
            for scenario, exchange in conversations("cider-nrepl-0.62.2").items()
            if exchange[0][1].get("op") == "eldoc"
            and exchange[0][1].get("sym") == params["sym"]
            and exchange[0][1].get("ns") == NS
        )
        return replies("cider-nrepl-0.62.2", name)

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    found = await dialect.answer(SIGNATURE, SymbolQuery(symbol, NS, is_known=True))
    assert asked == ["cider/eldoc"]
    return found


@pytest.mark.parametrize(
    ("symbol", "name", "arglists", "forms"),
    [
        ("map", "clojure.core/map", CORE_MAP, ()),
        ("when", "clojure.core/when", ("[test & body]",), ()),
        ("greet", "demo.core/greet", ("[]", "[who]"), ()),
        ("str/join", "clojure.string/join", JOIN, ()),
        ("if", "if", (), ("(if test then else?)",)),
        (".toUpperCase", "java.lang.String/toUpperCase", ("[this]", "[this java.util.Locale]"), ()),
        ("Math/abs", "java.lang.Math/abs", ("[float]", "[long]", "[int]", "[double]"), ()),
    ],
)
async def test_cider_nrepl(
    symbol: str, name: str, arglists: tuple[str, ...], forms: tuple[str, ...]
) -> None:
    found = await ask_cider(symbol)
    assert found is not None
    assert (found.qualified_name, found.arglists, found.forms) == (name, arglists, forms)


@pytest.mark.parametrize("symbol", ["String", "clojure.core", ":foo", "nosuchsym"])
async def test_cider_nrepl_has_none_for_what_cannot_be_called(symbol: str) -> None:
    assert await ask_cider(symbol) is None


def answer_of(reply: Any) -> SymbolInfo | None:
    variant = next(each for each in SIGNATURE.variants if each.op == "info")
    return variant.parse([reply], SymbolQuery("f"))


def test_a_method_of_several_classes_is_all_of_them() -> None:
    found = answer_of(
        {
            "candidates": {
                "A": {"class": "A", "member": "f", "arglists-str": "[this]"},
                "B": {"class": "B", "member": "f", "arglists-str": "[this]\n[this int]"},
                "C": {"class": "C", "member": "f"},
            }
        }
    )
    assert found is not None
    assert found.arglists == ("[this]", "[this int]")
    assert answer_of({"candidates": {"C": {"class": "C", "member": "f"}}}) is None


@pytest.mark.parametrize(
    ("reply", "forms"),
    [
        ({"name": "do", "type": "special-form", "eldoc": [["do"]]}, ("(do)",)),
        ({"name": "do", "type": "special-form", "eldoc": [["exprs*"]]}, ("(do exprs*)",)),
        ({"name": "do", "type": "special-form", "eldoc": [[]]}, ("(do)",)),
        ({"name": "do", "special-form": "true", "forms-str": "(do exprs*)"}, ("(do exprs*)",)),
    ],
)
def test_a_special_form_is_written_whole(reply: Any, forms: tuple[str, ...]) -> None:
    found = answer_of(reply)
    assert found is not None
    assert (found.arglists, found.forms) == ((), forms)


def test_cheap_ops_come_first() -> None:
    ops = [variant.op for variant in SIGNATURE.variants]
    assert ops == ["cider/eldoc", "eldoc", "cider/info", "info", "lookup", "eval"]
    assert [variant.op for variant in SIGNATURE.variants if variant.snippet] == ["eval"]


async def test_the_snippet_is_asked_where_no_op_answers() -> None:
    asked = []

    async def ask(op: str, params: Any, timeout: float) -> Any:
        asked.append((op, "map" in params["code"]))
        row = '["clojure.core" "map" "Doc." "core.clj" 1 1 nil ["[f]" "[f coll]"] false]'
        return [{"value": row}]

    only_eval = Capabilities.from_message({"ops": {"eval": {}, "clone": {}}})
    found = await Dialect(only_eval, ask).answer(SIGNATURE, SymbolQuery("map", NS, "clojure"))
    assert found is not None
    assert (found.qualified_name, found.arglists) == ("clojure.core/map", ("[f]", "[f coll]"))
    assert asked == [("eval", True)]


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    ("name", "type", "eldoc", "arglists", "arglists-str", "forms", "info", "candidates", "ns")
)


@given(st.dictionaries(_KEYS, _VALUES | st.just("special-form"), max_size=6))
def test_no_reply_is_too_odd(reply: Any) -> None:
    for variant in SIGNATURE.variants:
        found = variant.parse([reply], SymbolQuery("f", language="clojure"))
        assert found is None or found.arglists or found.forms
