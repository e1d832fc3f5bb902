"""What hovers say."""

import pytest

from nrepl_lsp.lsp.markdown import TEXT_LIMIT, documentation, hover_text
from nrepl_lsp.source.languages import for_language_id
from nrepl_lsp.tooling.values import SymbolInfo

CLOJURE = for_language_id("clojure")


def hover(markdown: bool = False, **facts: object) -> str:
    return hover_text(SymbolInfo("f", **facts), CLOJURE, markdown=markdown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arglists", "text"),
    [
        (("[x]", "[x & more]"), "(f x)\n(f x & more)"),
        (("[]",), "(f)"),
        (("(x y)",), "(f x y)"),
        (("x y",), "(f x y)"),
        ((), "f"),
    ],
)
def test_signatures_are_calls(arglists: tuple[str, ...], text: str) -> None:
    assert hover(arglists=arglists) == text


def test_a_special_form_shows_how_it_is_written() -> None:
    assert hover(forms=("(if test then else?)",), kind="special-form") == (
        "(if test then else?)\n\nspecial form"
    )


def test_facts_stand_in_one_line() -> None:
    text = hover(ns="core", kind="static-method", added="1.0", deprecated="1.2", returns="int")
    assert text == "core/f\n\nstatic method in core, since 1.0, deprecated since 1.2, returns int"
    assert hover(ns="core", deprecated="true") == "core/f\n\ncore, deprecated"


def test_a_namespace_is_not_in_itself() -> None:
    assert hover_text(SymbolInfo("core", ns="core", kind="namespace"), CLOJURE, markdown=False) == (
        "core\n\nnamespace"
    )


def test_a_macro_is_called_one() -> None:
    assert hover(macro=True) == "f\n\nmacro"


def test_documentation_keeps_its_shape_whatever_it_holds() -> None:
    doc = "First *line*.\n\n    ```clojure\n    (f 1)\n    ```\n\n  Last _line_."
    assert documentation(SymbolInfo("f", doc=doc), markdown=True) == (
        "````text\nFirst *line*.\n\n  ```clojure\n  (f 1)\n  ```\n\nLast _line_.\n````"
    )


def test_documentation_is_bounded() -> None:
    assert len(documentation(SymbolInfo("f", doc="x" * 10**6), markdown=False)) == TEXT_LIMIT


def test_without_documentation_there_is_none() -> None:
    assert documentation(SymbolInfo("f"), markdown=True) == ""


def test_candidates_are_listed_up_to_a_point() -> None:
    several = tuple((f"C{number}", SymbolInfo("f")) for number in range(10))
    assert hover(candidates=several[:2]).endswith("One of: C0, C1")
    assert hover(candidates=several).endswith("C6, C7 and 2 more")
