"""Namespaces and the class path."""

from __future__ import annotations

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.namespaces import CLASSPATH, NAMESPACES, ClasspathQuery, NamespacesQuery
from nrepl_lsp.tooling.snippets import is_declared_snippet
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording


@pytest.mark.parametrize(
    ("server", "op", "some"),
    [
        ("cider-nrepl-0.62.2", "cider/ns-list", {"cider.nrepl", "cider.nrepl.middleware"}),
        ("babashka.nrepl-0.0.8", "ns-list", {"clojure.core", "demo.core", "user"}),
        ("tools.nrepl-0.2.13", "eval", {"clojure.core", "demo.core", "user"}),
    ],
)
async def test_the_loaded_namespaces_are_known(server, op, some):
    names, asked = await ask_recording(server, NAMESPACES, NamespacesQuery("clojure"))

    assert asked == op
    assert some <= names


async def test_they_cannot_be_known_without_op_and_snippet():
    assert await ask_recording("hyrepl-hy0.20", NAMESPACES, NamespacesQuery("hy")) == (None, None)


@pytest.mark.parametrize("server", ["cider-nrepl-0.62.2", "nbb-1.6.214"])
async def test_the_class_path_is_a_list_of_paths(server):
    paths, asked = await ask_recording(server, CLASSPATH, ClasspathQuery())

    assert asked in ("cider/classpath", "classpath")
    assert isinstance(paths, tuple)
    assert all(isinstance(path, str) for path in paths)


async def test_a_server_without_class_path_has_none():
    assert await ask_recording("basilisp-0.5.1", CLASSPATH, ClasspathQuery()) == (None, None)


@pytest.mark.parametrize("reply", [{}, {"ns-list": "", "classpath": {}}, {"status": ["done"]}])
@pytest.mark.parametrize(
    ("question", "query"), [(NAMESPACES, NamespacesQuery()), (CLASSPATH, ClasspathQuery())]
)
async def test_an_odd_reply_is_no_answer(question, query, reply):
    async def ask(op, params, timeout):
        return [reply]

    dialect = Dialect(Capabilities(ops=frozenset({"ns-list", "classpath"})), ask)
    assert await dialect.answer(question, query) is None


def test_a_snippet_that_gives_no_list_is_no_answer():
    variant = NAMESPACES.variants[-1]

    assert variant.parse([{"value": "nil"}], NamespacesQuery("clojure")) is None
    assert variant.request(NamespacesQuery("hy")) is None


async def test_the_class_path_of_a_jvm_without_an_op_for_it_is_asked_by_a_snippet():
    asked = []

    async def ask(op, params, timeout):
        asked.append((op, params["code"]))
        return [{"value": '["/lib/clojure.jar" "src"]'}, {"status": ["done"]}]

    dialect = Dialect(Capabilities(frozenset({"eval"})), ask)
    paths = await dialect.answer(CLASSPATH, ClasspathQuery("clojure"))

    assert paths == ("/lib/clojure.jar", "src")
    assert [op for op, code in asked if is_declared_snippet(code)] == ["eval"]


async def test_a_host_without_java_has_no_class_path_by_snippet():
    async def ask(op, params, timeout):
        return [{"ex": "#error {}"}, {"status": ["done"]}]

    dialect = Dialect(Capabilities(frozenset({"eval"})), ask)

    assert await dialect.answer(CLASSPATH, ClasspathQuery("clojure")) is None
    assert await dialect.answer(CLASSPATH, ClasspathQuery("hy")) is None


def test_a_snippet_is_named_only_for_languages_that_have_one():
    dialect = Dialect(Capabilities(frozenset({"eval"})), None)

    assert dialect.record().questions["namespaces"] == "eval"
    assert dialect.record({"clojure", "hy"}).questions["namespaces"] == "eval"
    assert dialect.record({"hy"}).questions["namespaces"] is None
