"""What hovers say."""

from dataclasses import replace

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.explaining import markdown, signatures
from nrepl_lsp.lsp.explaining.clojuredocs import clojuredocs_url
from nrepl_lsp.lsp.explaining.markdown import (
    TEXT_LIMIT,
    documentation,
    hover_text,
    local_text,
    namespace_text,
)
from nrepl_lsp.source.languages import for_language_id
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SourceLocation, SymbolInfo
from tests.tooling.recordings import replies

CLOJURE = for_language_id("clojure")
CLIENT = ClientFeatures.from_capabilities(types.InitializeParams(types.ClientCapabilities()))


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
    text = hover(ns="core", kind="static-method", added="1.0", returns="int")
    assert text == "core/f\n\nstatic method in core, since 1.0, returns int"


def test_what_is_deprecated_says_so_on_a_line_of_its_own() -> None:
    assert hover(ns="core", deprecated="1.2") == "core/f\n\ncore\n\nDeprecated since 1.2"
    assert hover(True, deprecated="true") == "```clojure\nf\n```\n\n**Deprecated**"


def test_a_namespace_is_not_in_itself() -> None:
    assert hover_text(SymbolInfo("core", ns="core", kind="namespace"), CLOJURE, markdown=False) == (
        "core\n\nnamespace"
    )


def test_a_macro_is_called_one() -> None:
    assert hover(macro=True) == "f\n\nmacro"


def test_documentation_is_prose_with_its_examples_in_fences() -> None:
    doc = "Takes *out* and x.\n\n    ```clojure\n    (f 1)\n    ```\n\n  Such as:\n    (f 1)"
    info = SymbolInfo("f", doc=doc, arglists=("[x]",))
    assert documentation(info, markdown=True, language=CLOJURE) == (
        "Takes `*out*` and `x`.\n\n```clojure\n(f 1)\n```\n\nSuch as:\n\n```clojure\n(f 1)\n```"
    )
    assert documentation(info, markdown=False) == (
        "Takes *out* and x.\n\n  ```clojure\n  (f 1)\n  ```\n\nSuch as:\n  (f 1)"
    )


def test_the_parts_of_a_special_form_are_arguments() -> None:
    info = SymbolInfo("if", doc="Evaluates test, else else.", forms=("(if test then else?)",))
    assert documentation(info, markdown=True) == "Evaluates `test`, `else` `else`."


def test_javadoc_comes_in_pieces() -> None:
    info = SymbolInfo(
        "f",
        doc="raw",
        fragments=(("text", "First. "), ("html", "<b>Second</b>.")),
        tags=(("html", "<i>Returns</i>:&nbsp;"), ("text", "it")),
    )
    assert documentation(info, markdown=True) == "First. **Second**.\n\n*Returns*: it"


def test_documentation_is_bounded() -> None:
    assert len(documentation(SymbolInfo("f", doc="x" * 10**6), markdown=False)) == TEXT_LIMIT


def test_without_documentation_there_is_none() -> None:
    assert documentation(SymbolInfo("f"), markdown=True) == ""


def test_candidates_are_listed_up_to_a_point() -> None:
    several = tuple(
        (f"C{number}", SymbolInfo("f", f"C{number}", "method", arglists=("[this]",), returns="int"))
        for number in range(10)
    )
    assert hover(True, candidates=several[:2]).endswith(
        "One of\n\n- `C0`: `(.f this)` → `int`\n- `C1`: `(.f this)` → `int`"
    )
    assert hover(candidates=several).endswith("- C7: (.f this) → int\n- … and 2 more")
    assert hover(candidates=(("C", SymbolInfo("f")),)).endswith("- C")


def test_members_are_named_up_to_a_point() -> None:
    names = tuple(f"m{number}" for number in range(20))
    text = hover(True, kind="class", members=names, members_count=300)
    assert text.endswith("`m10`, `m11` and 288 more")
    assert hover(members=("a", "b"), members_count=2).endswith("Members: a, b")


def test_what_to_see_also_is_without_its_own_namespace() -> None:
    assert hover(ns="a", see_also=("a/g", "b/h")).endswith("See also: g, b/h")
    assert hover(see_also=("clojure.core/cond",)).endswith("See also: cond")


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        (
            ("s/fspec", ":args", "(s/cat :x int?)", ":ret", "int?", ":fn", "nil"),
            ":args (s/cat :x int?)\n:ret  int?",
        ),
        (("(s/fspec :args (s/cat :x int?) :ret int?)",), ":args (s/cat :x int?)\n:ret  int?"),
        ((":args", "a", ":ret"), ":args\na\n:ret"),
        (("int?",), "int?"),
    ],
)
def test_a_spec_is_laid_out(spec: tuple[str, ...], shown: str) -> None:
    assert hover(True, spec=spec).endswith(f"**Spec**\n\n```clojure\n{shown}\n```")


@pytest.mark.parametrize(
    ("facts", "links"),
    [
        (
            {"ns": "clojure.core"},
            "[ClojureDocs](https://clojuredocs.org/clojure.core/f)",
        ),
        ({"ns": "basilisp.core"}, "basilisp.core"),
        ({"ns": "demo", "url": "https://x.y/z"}, "[Reference](https://x.y/z)"),
        ({"url": "special_forms#if"}, "[Reference](https://clojure.org/special_forms#if)"),
        (
            {"url": "http://x", "javadoc": "https://y/S.html#f()"},
            "[Reference](http://x) · [Javadoc](https://y/S.html#f())",
        ),
        ({"javadoc": "java/lang/String.html"}, "```"),
    ],
)
def test_pages_that_are_known_are_linked(facts: dict[str, str], links: str) -> None:
    assert hover(True, **facts).endswith(links)


def test_plain_text_has_the_address_alone() -> None:
    assert hover(ns="clojure.set").endswith("https://clojuredocs.org/clojure.set/f")


@pytest.mark.parametrize(
    ("ns", "name", "page"),
    [
        ("clojure.core", "even?", "clojure.core/even_q"),
        ("clojure.core", "..", "clojure.core/_.."),
        ("clojure.core", "/", "clojure.core/fs"),
        ("clojure.core", "*out*", "clojure.core/*out*"),
        ("clojure.core", "->>", "clojure.core/-%3E%3E"),
        ("clojure.core.async", "<!", "clojure.core.async/%3C!"),
    ],
)
def test_clojuredocs_writes_names_in_its_own_way(ns: str, name: str, page: str) -> None:
    assert clojuredocs_url(ns, name) == f"https://clojuredocs.org/{page}"


def test_clojuredocs_knows_clojure_s_own_namespaces_only() -> None:
    assert clojuredocs_url("clojure.tools.mine", "f") is None
    assert clojuredocs_url("basilisp.core", "map") is None
    assert clojuredocs_url(None, "map") is None


def test_a_local_shows_the_form_that_binds_it() -> None:
    assert local_text("x", "local", "(let [x 1] …)", CLOJURE, markdown=True) == (
        "`x` – *local*, bound in\n\n```clojure\n(let [x 1] …)\n```"
    )
    assert local_text("f", "function", "", CLOJURE, markdown=False) == "f – local function"


def test_a_namespace_says_what_it_is_called_here() -> None:
    info = SymbolInfo("a.b", "a.b", "namespace", doc="About b.", added="1.0", deprecated="2.0")
    assert namespace_text("a.b", info, CLOJURE, alias="b", markdown=True) == (
        "```clojure\na.b\n```\n\n*namespace*, here `b` · since 1.0\n\n"
        "**Deprecated** since 2.0\n\nAbout b."
    )
    assert namespace_text("a.b", None, CLOJURE, markdown=False) == "a.b\n\nnamespace"


RECORDED = [
    (
        "info:core-fn",
        """\
```clojure
(clojure.core/map f)
(clojure.core/map f coll)
(clojure.core/map f c1 c2)
(clojure.core/map f c1 c2 c3)
(clojure.core/map f c1 c2 c3 & colls)
```

*function* in clojure.core · since 1.0

Returns a lazy sequence consisting of the result of applying `f` to
the set of first items of each `coll`, followed by applying `f` to the
set of second items in each `coll`, until any one of the `colls` is
exhausted.  Any remaining items in other `colls` are ignored. Function
`f` should accept number-of-colls arguments. Returns a transducer when
no collection is provided.

See also: `map-indexed`, `pmap`, `amap`, `mapcat`, `keep`, `juxt`, `mapv`, `reduce`, `run!`

[ClojureDocs](https://clojuredocs.org/clojure.core/map)""",
    ),
    (
        "info:special",
        """\
```clojure
(if test then else?)
```

*special form*

Evaluates `test`. If not the singular values nil or false,
evaluates and yields `then`, otherwise, evaluates and yields `else`. If
`else` is not supplied it defaults to nil.

See also: `cond`, `when`, `if-let`, `if-not`, `when-let`

[Reference](https://clojure.org/special_forms#if)""",
    ),
    (
        "info:interop-method",
        """\
```clojure
(.toUpperCase this)
(.toUpperCase this java.util.Locale)
```

*method* in java.lang.String · returns java.lang.String

[Javadoc](https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/String.html#toUpperCase())""",
    ),
    (
        "info:static",
        """\
```clojure
(java.lang.Math/abs float)
(java.lang.Math/abs long)
(java.lang.Math/abs int)
(java.lang.Math/abs double)
```

*static method* in java.lang.Math

[Javadoc](https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/Math.html#abs(float))""",
    ),
    (
        "info:class",
        """\
```clojure
java.lang.String
```

*class*

Members: `CASE_INSENSITIVE_ORDER`, `charAt`

[Javadoc](https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/String.html)""",
    ),
]


@pytest.mark.parametrize(("scenario", "shown"), RECORDED)
def test_what_cider_nrepl_said(scenario: str, shown: str) -> None:
    asked = next(one for one in SYMBOL_INFO.variants if one.op == "cider/info")
    info = asked.parse(replies("cider-nrepl-0.62.2", scenario), SymbolQuery("x"))
    assert info is not None
    assert hover_text(info, CLOJURE, markdown=True) == shown


@pytest.mark.parametrize(
    "facts",
    [
        {"doc": "x" * (TEXT_LIMIT + 1)},
        # nbb: the whole text of the file that a name is defined in.
        {"location": SourceLocation("text", text="(ns a)")},
        {"candidates": (("A", SymbolInfo("a")),)},
        {"fragments": (("text", "Says."),)},
        {"tags": (("text", "Says."),)},
    ],
)
def test_what_may_be_large_is_not_remembered(facts: dict[str, object]) -> None:
    info = SymbolInfo("f", ns="large", arglists=("[x]",), **facts)  # type: ignore[arg-type]
    remembered = (markdown._remembered_text, signatures._remembered_paragraph)
    before = [one.cache_info()[1:] for one in remembered]
    assert hover_text(info, CLOJURE, markdown=True).startswith("```clojure\n(large/f x)")
    assert signatures._documentation(replace(info, doc=info.doc or "Says."), CLIENT) is not None
    assert [one.cache_info()[1:] for one in remembered] == before


def test_what_is_small_is_remembered() -> None:
    info = SymbolInfo("small", ns="demo", arglists=("[x]",), doc="Says.")
    before = markdown._remembered_text.cache_info().hits
    assert hover_text(info, CLOJURE, markdown=True) == hover_text(info, CLOJURE, markdown=True)
    assert markdown._remembered_text.cache_info().hits == before + 1
