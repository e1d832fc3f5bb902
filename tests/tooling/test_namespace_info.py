"""What a namespace is, and where a resource is."""

from __future__ import annotations

import pytest

from nrepl_lsp.tooling.namespace_info import NAMESPACE_INFO
from nrepl_lsp.tooling.resources import RESOURCE, ResourceQuery
from nrepl_lsp.tooling.snippets import FAMILIES, is_declared_snippet
from nrepl_lsp.tooling.symbol_info import SymbolQuery
from nrepl_lsp.tooling.values import SourceLocation, SymbolInfo
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, capabilities, replies


async def test_cider_nrepl_knows_namespaces_as_symbols():
    asked = []

    async def ask(op, params, timeout):
        asked.append((op, params))
        return replies("cider-nrepl-0.62.2", "info:namespace")

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask, snippets=False)
    query = SymbolQuery("clojure.core", None, "clojure", is_known=True)
    info = await dialect.answer(NAMESPACE_INFO, query)

    assert asked == [("cider/info", {"sym": "clojure.core", "symbol": "clojure.core"})]
    assert info is not None
    assert info.doc == "Fundamental library of the Clojure language"
    # One of its files, not the one that declares it.
    assert info.location is not None
    assert info.location.entry == "clojure/core_print.clj"


async def test_a_var_is_no_namespace():
    async def ask(op, params, timeout):
        return replies("cider-nrepl-0.62.2", "info:core-fn")

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    assert await dialect.answer(NAMESPACE_INFO, SymbolQuery("map", None, "clojure")) is None


@pytest.mark.parametrize("server", ["nrepl-1.0.0", "basilisp-0.5.1", "tools.nrepl-0.2.13"])
async def test_others_are_asked_by_a_snippet(server):
    asked = []

    async def ask(op, params, timeout):
        asked.append((op, params["code"]))
        return [{"value": '["demo.core" "Demo." "/x/demo/core.lpy"]'}, {"status": ["done"]}]

    dialect = Dialect(capabilities(server), ask)
    info = await dialect.answer(NAMESPACE_INFO, SymbolQuery("demo.core", None, "clojure"))

    ((op, code),) = asked
    assert op == "eval"
    assert is_declared_snippet(code)
    assert info == SymbolInfo(
        "demo.core",
        "demo.core",
        "namespace",
        "Demo.",
        location=SourceLocation("file", "/x/demo/core.lpy", exact=False),
    )


@pytest.mark.parametrize("value", ["nil", "[1 2]", "(", "", "[nil nil]", 7])
def test_a_snippet_that_gives_something_else_is_no_answer(value):
    variant = next(one for one in NAMESPACE_INFO.variants if one.snippet)

    assert variant.parse([{"value": value}], SymbolQuery("a")) is None


def test_a_namespace_without_documentation_and_file():
    variant = next(one for one in NAMESPACE_INFO.variants if one.snippet)

    info = variant.parse([{"value": '["a" nil ""]'}], SymbolQuery("a"))
    assert info == SymbolInfo("a", "a", "namespace")


@pytest.mark.parametrize("name", ["a b", "a)", "", "1a", 'a"b'])
def test_a_name_must_be_one(name):
    assert FAMILIES["clojure"].namespace_info(name) is None
    variant = next(one for one in NAMESPACE_INFO.variants if one.snippet)
    assert variant.request(SymbolQuery(name, None, "clojure")) is None
    assert variant.request(SymbolQuery("a", None, "hy")) is None


async def test_a_resource_that_is_not_there():
    async def ask(op, params, timeout):
        assert (op, params) == ("cider/resource", {"name": "nosuch"})
        return replies("cider-nrepl-0.62.2", "op:cider/resource")

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    assert await dialect.answer(RESOURCE, ResourceQuery("nosuch")) is None
    assert await ask_recording("nrepl-1.0.0", RESOURCE, ResourceQuery("x")) == (None, None)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/app/resources/a.edn", SourceLocation("file", "/app/resources/a.edn", exact=False)),
        ("file:/x/y.jar!/a/b.edn", SourceLocation("archive", "/x/y.jar", "a/b.edn", exact=False)),
        ([], None),
        ("", None),
    ],
)
def test_a_resource_is_a_file_or_an_entry(path, location):
    for variant in RESOURCE.variants:
        assert variant.parse([{"resource-path": path}], ResourceQuery("a")) == location
        assert variant.request(ResourceQuery("")) is None
