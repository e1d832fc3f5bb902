"""Reloading and undefining: which op or code, and what their replies say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import edn
from nrepl_lsp.tooling.reloading import (
    HOSTS,
    RELOADERS,
    Reloaded,
    reload_code,
    reload_op,
    reloaded,
    reloaded_by_code,
    told,
)
from nrepl_lsp.tooling.undefining import (
    is_core,
    undef_all_code,
    undef_all_op,
    undef_code,
    undef_op,
    undef_params,
)

from .recordings import capabilities, conversations

OK = {"status": ["ok"]}
DONE = {"status": ["done"]}

#: Messages of the wire, with the shapes that cider-nrepl's refresh and reload write.
json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
odd_messages = st.lists(
    st.dictionaries(
        st.sampled_from(["reloading", "progress", "status", "error-ns", "undef", "undef-all"]),
        json_values,
    ),
    max_size=4,
)


# -- reloading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ops", "changed", "everything"),
    [
        (
            {"cider.clj-reload/reload", "cider.clj-reload/reload-all", "refresh", "refresh-all"},
            "cider.clj-reload/reload",
            "cider.clj-reload/reload-all",
        ),
        (
            {"refresh", "refresh-all", "cider/refresh", "cider/refresh-all"},
            "cider/refresh",
            "cider/refresh-all",
        ),
        ({"refresh", "refresh-all"}, "refresh", "refresh-all"),
        ({"eval", "reload"}, None, None),
    ],
)
def test_the_op_is_the_best_that_there_is(
    ops: set[str], changed: str | None, everything: str | None
) -> None:
    assert reload_op(ops.__contains__, is_all=False) == changed
    assert reload_op(ops.__contains__, is_all=True) == everything


def test_the_ops_of_the_recorded_server() -> None:
    server = capabilities("cider-nrepl-0.62.2")
    assert reload_op(server.supports, is_all=False) == "cider.clj-reload/reload"
    assert undef_op(server.supports) == "cider/undef"
    assert undef_all_op(server.supports) == "cider/undef-all"
    for name in ("nrepl-1.0.0", "basilisp-0.5.1", "nbb-1.6.214", "tools.nrepl-0.2.13"):
        plain = capabilities(name)
        assert reload_op(plain.supports, is_all=False) is None
        assert undef_op(plain.supports) is None
        assert undef_all_op(plain.supports) is None


@pytest.mark.parametrize(
    ("host", "file", "code"),
    [
        (None, None, "(require '[a.b-c] :reload)"),
        (None, "/p/a.clj", "(require '[a.b-c] :reload)"),
        (
            "basilisp.core",
            "/p/a.lpy",
            '(if (.get (.-modules (python/__import__ "sys")) (munge "a.b-c")) '
            "(require '[a.b-c] :reload) (require '[a.b-c]))",
        ),
        ("nbb.core", '/p\\q/"a".cljs', '(nbb.core/load-file "/p\\\\q/\\"a\\".cljs")'),
        ("nbb.core", None, "(require '[a.b-c] :reload)"),
    ],
)
def test_the_code_for_a_namespace(host: str | None, file: str | None, code: str) -> None:
    assert reload_code("a.b-c", host, file) == code


@pytest.mark.parametrize("ns", ["a b", "a)", "'a", "", "a]) (System/exit 1) ([", '"a"'])
def test_what_is_no_name_is_put_into_no_code(ns: str) -> None:
    assert all(reload_code(ns, host, "/f") is None for host in (None, *HOSTS))
    assert undef_code(ns, "x") is undef_code("x", ns) is undef_all_code(ns) is None


@given(st.text(max_size=20))
def test_a_path_stays_one_string_in_the_code(path: str) -> None:
    code = reload_code("a", "nbb.core", path)
    assert code is not None
    # Line ends and such are characters of a string like others.
    assert edn.read(code) == ["nbb.core/load-file", path]


REFRESH = [{"reloading": ["a.b", "a.c"]}, OK, DONE]
CLJ_RELOAD = [
    {"progress": "Unloading a.c"},
    {"progress": "Unloading a.b"},
    {"progress": "Loading a.b"},
    {"progress": "Loading a.c"},
    OK,
    DONE,
]
FAILED = [
    {"reloading": ["a.b", "a.c"]},
    {"error": [{"class": "clojure.lang.Compiler$CompilerException"}], "error-ns": "a.c"}
    | {"status": ["error"]},
    {"err": "Syntax error compiling at (a/c.clj:1:2).\n"},
    DONE,
]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (REFRESH, Reloaded(("a.b", "a.c"))),
        (CLJ_RELOAD, Reloaded(("a.b", "a.c"))),
        ([{"reloading": []}, OK, DONE], Reloaded(())),
        (FAILED, Reloaded(("a.b", "a.c"), "a.c")),
        ([{"progress": "  failed to load a.c"}, DONE], Reloaded(())),
        (
            [{"err": "…", "status": ["clojure-only", "done"]}],
            Reloaded(
                (), None, "The session is in ClojureScript, where nothing can be reloaded so."
            ),
        ),
    ],
)
def test_what_was_reloaded(messages: list[dict[str, Any]], expected: Reloaded) -> None:
    assert reloaded(messages) == expected


def test_what_the_user_is_told_meanwhile() -> None:
    assert "".join(map(told, REFRESH)) == "Reloading a.b a.c\n"
    assert "".join(map(told, CLJ_RELOAD)).splitlines() == [
        "Unloading a.c",
        "Unloading a.b",
        "Loading a.b",
        "Loading a.c",
    ]


@pytest.mark.parametrize(
    ("value", "out", "namespaces"),
    [
        ("{:unloaded [a.b], :loaded [a.b a.c]}", "", ("a.b", "a.c")),
        ("{:unloaded [], :loaded []}", "", ()),
        (":ok", ":reloading (a.b a.c)\n", ("a.b", "a.c")),
        (":ok", "hello\n:reloading ()\n", ()),
        (":ok", "", None),
        ("{:loaded 3}", "", None),
        ("{:loa", "", None),
        ("", "", None),
    ],
)
def test_what_a_library_s_call_reloaded(
    value: str, out: str, namespaces: tuple[str, ...] | None
) -> None:
    assert reloaded_by_code(value, out) == Reloaded(namespaces)


def test_calls_of_libraries_are_whole_forms() -> None:
    for one in RELOADERS:
        for call in (one.changed, one.all):
            assert f"{one.namespace}/" in call
            assert isinstance(edn.read(call), list)


# -- undefining -----------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["undef", "cider/undef"])
def test_the_recorded_removal(op: str) -> None:
    (request,) = [m for way, m in conversations("cider-nrepl-0.62.2")[f"op:{op}"] if way == ">"]
    assert undef_params("demo.core", "answer").items() <= request.items()


def test_the_removal_of_all() -> None:
    assert undef_params("demo.core") == {"ns": "demo.core"}


@pytest.mark.parametrize("name", ["area", "->Square", "*level*", "ready?", "λ", "a.b"])
def test_the_code_that_removes_a_name(name: str) -> None:
    code = undef_code("demo.core", name)
    assert code is not None
    assert f"(ns-unmap 'demo.core '{name})" in code
    assert f"(ns-unalias 'demo.core '{name})" in code


@pytest.mark.parametrize("name", ["a/b", "(f)", "a b", "#(x)", ""])
def test_what_is_no_name_is_not_removed(name: str) -> None:
    assert undef_code("demo.core", name) is None


def test_a_language_s_own_names_stay() -> None:
    for ns in ("clojure.core", "basilisp.core", "cljs.core"):
        assert is_core(ns)
        assert undef_all_code(ns) is None
    assert not is_core("demo.core")
    assert "(ns-unmap 'demo.core name)" in str(undef_all_code("demo.core"))


# -- whatever comes -------------------------------------------------------------------------


@given(odd_messages)
def test_odd_replies_give_less(messages: list[dict[str, Any]]) -> None:
    found = reloaded(messages)
    assert found.namespaces is not None
    assert all(isinstance(name, str) for name in found.namespaces)
    for message in messages:
        assert told(message) == "" or told(message).endswith("\n")


@given(st.text(max_size=40), st.text(max_size=40))
def test_odd_values_give_less(value: str, out: str) -> None:
    names = reloaded_by_code(value, out).namespaces
    assert names is None or all(isinstance(name, str) for name in names)
