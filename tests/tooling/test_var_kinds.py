"""The kinds of a namespace's vars, from recorded replies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.snippets import FAMILIES, is_declared_snippet
from nrepl_lsp.tooling.var_kinds import VAR_KINDS, VarKinds, VarKindsQuery
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, conversations

SNIPPETS = ["basilisp-0.5.1", "nbb-1.6.214", "nrepl-1.0.0", "tools.nrepl-0.2.13"]
PUBLIC = {"answer": "variable", "greet": "function", "twice": "macro"}


async def test_the_op_says_what_is_public() -> None:
    found, asked = await ask_recording(
        "cider-nrepl-0.62.2", VAR_KINDS, VarKindsQuery("demo.core", "clojure")
    )

    assert asked == "cider/ns-vars-with-meta"
    assert found == VarKinds(PUBLIC)


@pytest.mark.parametrize("server", SNIPPETS)
async def test_the_snippet_says_what_is_private_and_deprecated_too(server: str) -> None:
    found, asked = await ask_recording(server, VAR_KINDS, VarKindsQuery("demo.core", "clojure"))

    assert asked == "eval"
    assert found is not None
    assert found.deprecated == {"old"}
    assert found.has_private
    assert found.kinds.items() >= {**PUBLIC, "hidden": "function", "old": "function"}.items()


@pytest.mark.parametrize("server", SNIPPETS)
async def test_a_namespace_that_is_not_there_has_none(server: str) -> None:
    query = VarKindsQuery("nosuch.ns", "clojure")
    assert await ask_recording(server, VAR_KINDS, query) == (None, "eval")


@pytest.mark.parametrize("server", SNIPPETS)
def test_the_recorded_servers_were_asked_with_today_s_code(server: str) -> None:
    for scenario in ("var-kinds", "var-kinds-absent"):
        assert is_declared_snippet(conversations(server)[scenario][0][1]["code"])


def test_other_languages_have_no_snippet() -> None:
    assert VAR_KINDS.variants[-1].request(VarKindsQuery("demo", "hy")) is None


@pytest.mark.parametrize("ns", ["a b", "a)", "", "'a", '"a"', "x" * 300])
def test_a_namespace_must_be_a_symbol(ns: str) -> None:
    assert all(
        variant.request(VarKindsQuery(ns, "clojure")) is None for variant in VAR_KINDS.variants
    )
    assert FAMILIES["clojure"].var_kinds(ns) is None


@pytest.mark.parametrize(
    ("meta", "kind", "is_deprecated"),
    [
        ({}, "variable", False),
        ([], "variable", False),
        ({"arglists": "([x])"}, "function", False),
        ({"arglists": "([x])", "macro": "true"}, "macro", False),
        ({"arglists": "([x])", "macro": "false"}, "function", False),
        ({"arglists": "nil", "macro": "nil"}, "variable", False),
        ({"arglists": ""}, "variable", False),
        ({"deprecated": '"1.2"'}, "variable", True),
        ({"deprecated": "true"}, "variable", True),
        ({"deprecated": "nil"}, "variable", False),
        ({"arglists": ["[x]"], "deprecated": 1}, "variable", False),
    ],
)
def test_metadata_is_printed_text(meta: Any, kind: str, is_deprecated: bool) -> None:
    parse = VAR_KINDS.variants[0].parse
    found = parse([{"ns-vars-with-meta": {"x": meta}}], VarKindsQuery("a"))

    assert found == VarKinds({"x": kind}, frozenset({"x"} if is_deprecated else ()))


@pytest.mark.parametrize("reply", [{}, {"ns-vars-with-meta": []}, {"ns-vars-with-meta": "x"}])
async def test_an_odd_reply_is_no_answer(reply: dict[str, Any]) -> None:
    async def ask(op: str, params: Any, timeout: float) -> list[Any]:
        return [reply]

    dialect = Dialect(Capabilities(ops=frozenset({"ns-vars-with-meta"})), ask)
    assert await dialect.answer(VAR_KINDS, VarKindsQuery("a")) is None


@given(st.sampled_from(['["a" "b" "c"]', "[1 2 3 4]", '["a" nil "" :b]', "[", "#'a", '"a"', ""]))
def test_any_value_of_the_snippet_is_read(value: str) -> None:
    found = VAR_KINDS.variants[-1].parse([{"value": value}], VarKindsQuery("a", "clojure"))

    assert found is None or set(found.kinds) <= {"a"}
