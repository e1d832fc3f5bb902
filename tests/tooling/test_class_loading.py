"""Which names make a server of the JVM load a class: no op is asked about them."""

import pytest

from nrepl_lsp.tooling.class_loading import may_load, qualifier_of
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.signature import SIGNATURE
from nrepl_lsp.tooling.symbol_info import COMPLETION_DOC, SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.workspace_symbols import WORKSPACE_SYMBOLS, SymbolsQuery

LOADING = ["my.app", "my.Side", "my.Side$Inner", "my.Side.", ".my.app", "my.app/-main", "my.Side/1"]
HARMLESS = ["map", "Side", "Side.", "s/join", "js/console.log", ".getName", "..", "/", "core//"]
PLATFORM = ["java.util.Date", "java.util.Date.", "javax.sql.DataSource", "clojure.lang.RT/iter"]


@pytest.mark.parametrize("name", LOADING)
@pytest.mark.parametrize("family", ["clojure", "plain", ""])
def test_a_dotted_name_may_be_a_class(name: str, family: str) -> None:
    assert may_load(name, family)
    query = SymbolQuery(name, "user", family)
    for question in (SYMBOL_INFO, COMPLETION_DOC, SIGNATURE):
        ops = [variant for variant in question.variants if not variant.snippet]
        assert [variant.request(query) for variant in ops] == [None] * len(ops)


@pytest.mark.parametrize("name", HARMLESS + PLATFORM + [":my.app/key", "::my.app/key", "", "."])
def test_other_names_load_nothing(name: str) -> None:
    assert not may_load(name, "clojure")


@pytest.mark.parametrize("family", ["hy", "fennel", "scheme", "janet"])
def test_other_languages_have_dots_in_names(family: str) -> None:
    assert not may_load("os.path.join", family)


@pytest.mark.parametrize(
    ("name", "qualifier"),
    [("a.b/c", "a.b"), ("a.b", "a.b"), ("a.b.", "a.b"), (".a", "a"), ("/", "/"), ("a.b//", "a.b")],
)
def test_what_stands_before_the_slash(name: str, qualifier: str) -> None:
    assert qualifier_of(name) == qualifier


def test_a_known_name_is_asked_about() -> None:
    known = SymbolQuery("my.app/main", None, "clojure", is_known=True)
    assert SYMBOL_INFO.variants[0].request(known) == {"sym": "my.app/main", "symbol": "my.app/main"}


@pytest.mark.parametrize(
    ("prefix", "is_known", "is_asked"),
    [
        ("my.app/-", False, False),
        ("my.app/-", True, True),
        ("my.Side/", False, False),
        ("my.S", False, True),
        ("Math/a", False, True),
        ("java.util.UUID/f", False, True),
        ("::my.app/k", False, True),
    ],
)
def test_what_is_typed(prefix: str, is_known: bool, is_asked: bool) -> None:
    query = CompletionQuery(prefix, "user", None, "clojure", is_known=is_known)
    for variant in COMPLETION.variants:
        if not variant.snippet:
            assert (variant.request(query) is not None) is is_asked


@pytest.mark.parametrize(("text", "is_asked"), [("my.app/-m", False), ("my.app", True)])
def test_what_is_looked_for_everywhere(text: str, is_asked: bool) -> None:
    query = SymbolsQuery(text, (), "clojure")
    completions = [one for one in WORKSPACE_SYMBOLS.variants if one.op.startswith("complet")]
    assert completions
    for variant in completions:
        assert (variant.request(query) is not None) is is_asked
