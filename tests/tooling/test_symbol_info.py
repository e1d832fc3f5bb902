"""Symbol information, checked against what the servers really answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling import java, shapes, symbol_info
from nrepl_lsp.tooling.symbol_info import (
    COMPLETION_DOC,
    MAX_CANDIDATES,
    READ_LIMIT,
    READ_SIZE,
    SYMBOL_INFO,
    SymbolQuery,
)
from nrepl_lsp.tooling.values import SourceLocation, SymbolInfo
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, capabilities, conversations, replies

NS = "demo.core"
JAR = "/usr/share/java/clojure-1.11.1.jar"
FILE = "/home/user/project/src/demo/core"


async def check(server: str, symbol: str, op: str, **expected: object) -> SymbolInfo:
    """The named fields of the answer are as expected."""
    query = SymbolQuery(symbol, NS, "clojure", is_known=True)
    if op.startswith("cider/"):
        info = await _as_cider(symbol)
    else:
        info, asked = await ask_recording(server, SYMBOL_INFO, query)
        assert asked == op
    assert info is not None
    seen = {name: getattr(info, name) for name in expected}
    assert seen == expected
    return info


async def _as_cider(symbol: str) -> SymbolInfo | None:
    """cider-nrepl's answers were recorded under the bare name `info`, which has the same reply."""
    asked = []

    async def ask(op, params, timeout):
        asked.append(op)
        name = next(
            scenario
            for scenario, exchange in conversations("cider-nrepl-0.62.2").items()
            if exchange[0][1].get("op") == "info"
            and exchange[0][1].get("sym") == params["sym"]
            and exchange[0][1].get("ns") == NS
        )
        return replies("cider-nrepl-0.62.2", name)

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    info = await dialect.answer(SYMBOL_INFO, SymbolQuery(symbol, NS, is_known=True))
    assert asked == ["cider/info"]
    return info


CORE_MAP = ("[f]", "[f coll]", "[f c1 c2]", "[f c1 c2 c3]", "[f c1 c2 c3 & colls]")


@pytest.mark.parametrize(
    ("server", "symbol", "op", "expected"),
    [
        (
            "nrepl-1.0.0",
            "map",
            "lookup",
            {
                "name": "map",
                "ns": "clojure.core",
                "kind": "function",
                "arglists": CORE_MAP,
                "added": "1.0",
                "qualified_name": "clojure.core/map",
            },
        ),
        (
            "nrepl-1.0.0",
            "when",
            "lookup",
            {
                "kind": "macro",
                "macro": True,
                "arglists": ("[test & body]",),
                "location": SourceLocation("archive", JAR, "clojure/core.clj", 494, 0),
            },
        ),
        (
            "nrepl-1.0.0",
            "if",
            "lookup",
            {
                "kind": "special-form",
                "special": True,
                "forms": ("(if test then else?)",),
                "arglists": (),
            },
        ),
        (
            "nrepl-1.7.0",
            "greet",
            "lookup",
            {
                "doc": "Says hello to `who`.\n  Second line.",
                "arglists": ("[]", "[who]"),
                "location": SourceLocation("file", f"{FILE}.clj", None, 4, 0),
            },
        ),
        (
            "nrepl-1.7.0",
            "str/join",
            "lookup",
            {"name": "join", "ns": "clojure.string", "kind": "function"},
        ),
        (
            "babashka.nrepl-0.0.8",
            "greet",
            "info",
            {
                "arglists": ("[]", "[who]"),
                "kind": "function",
                # No line: the definition is somewhere in the file.
                "location": SourceLocation("file", f"{FILE}.clj", exact=False),
            },
        ),
        ("babashka.nrepl-0.0.8", "map", "info", {"arglists": CORE_MAP, "location": None}),
        (
            "nbb-1.6.214",
            "when",
            "info",
            {"location": SourceLocation("resource", "clojure/core.clj", None, 492)},
        ),
        ("nbb-logseq-1.2.173", "map", "info", {"arglists": CORE_MAP, "ns": "clojure.core"}),
        (
            "basilisp-0.5.1",
            "twice",
            "info",
            {
                "kind": "macro",
                "macro": True,
                "arglists": ("[x]",),
                "doc": None,
                "location": SourceLocation("file", f"{FILE}.lpy", None, 10, 0),
            },
        ),
        (
            "basilisp-0.5.1",
            "str/join",
            "info",
            {
                "qualified_name": "basilisp.string/join",
                "location": SourceLocation(
                    "file",
                    "/opt/venv/lib/python3.11/site-packages/basilisp/string.lpy",
                    None,
                    97,
                    0,
                ),
            },
        ),
        (
            "hyrepl-hy0.20",
            "when",
            "info",
            {
                "name": "when",
                "ns": "hy.core.macros",
                "doc": "Execute `body` when `test` is true",
                "arglists": ("(hyx_XampersandXname, test, *body)",),
            },
        ),
        (
            "tools.nrepl-0.2.13",
            "greet",
            "eval",
            {
                "kind": "function",
                "doc": "Says hello.",
                "arglists": ("[]", "[who]"),
                "qualified_name": "demo.core/greet",
            },
        ),
        ("tools.nrepl-0.2.13", "twice", "eval", {"kind": "macro", "macro": True}),
        (
            "tools.nrepl-0.2.13",
            "str/join",
            "eval",
            {"location": SourceLocation("resource", "clojure/string.clj", None, 179, 0)},
        ),
        (
            "cider-nrepl-0.62.2",
            "str/join",
            "cider/info",
            {
                "arglists": ("[coll]", "[separator coll]"),
                "see_also": (
                    "clojure.core/split-at",
                    "clojure.core/split-with",
                    "clojure.core/interpose",
                ),
                "location": SourceLocation(
                    "archive", JAR, "clojure/string.clj", 179, 0, resource="clojure/string.clj"
                ),
            },
        ),
        (
            "cider-nrepl-0.62.2",
            "if",
            "cider/info",
            {"kind": "special-form", "forms": ("(if test then else?)",), "ns": None},
        ),
        (
            "cider-nrepl-0.62.2",
            ".toUpperCase",
            "cider/info",
            {
                "name": "toUpperCase",
                "ns": "java.lang.String",
                "kind": "method",
                "arglists": ("[this]", "[this java.util.Locale]"),
                "returns": "java.lang.String",
                "modifiers": ":public",
                "location": None,
            },
        ),
        (
            "cider-nrepl-0.62.2",
            "Math/abs",
            "cider/info",
            {"kind": "static-method", "modifiers": ":public :static"},
        ),
        (
            "cider-nrepl-0.62.2",
            "String",
            "cider/info",
            {
                "name": "java.lang.String",
                "kind": "class",
                # Of six members that were recorded, four are not public.
                "members_count": 2,
                "members": ("CASE_INSENSITIVE_ORDER", "charAt"),
            },
        ),
        (
            "cider-nrepl-0.62.2",
            "clojure.core",
            "cider/info",
            {
                "kind": "namespace",
                "qualified_name": "clojure.core",
                "doc": "Fundamental library of the Clojure language",
            },
        ),
    ],
)
async def test_the_best_op_answers_with_these_facts(server, symbol, op, expected):
    await check(server, symbol, op, **expected)


async def test_nbb_sends_the_whole_source_text_which_is_kept():
    info = await check("nbb-1.6.214", "greet", "info", kind="function")

    assert info.location is not None
    assert info.location.kind == "text"
    assert info.location.text.startswith("(ns demo.core\n")
    assert info.location.line == 4


@pytest.mark.parametrize(
    ("server", "symbol"),
    [
        ("nrepl-1.0.0", "nosuchsym"),
        ("nrepl-1.0.0", "String"),
        ("nrepl-1.7.0", "Math/abs"),
        ("babashka.nrepl-0.0.8", "nosuchsym"),
        ("nbb-1.6.214", "nosuchsym"),
        ("nbb-1.6.214", "if"),
        ("nbb-logseq-1.2.173", "nosuchsym"),
        ("basilisp-0.5.1", "nosuchsym"),
        ("basilisp-0.5.1", "if"),
        ("hyrepl-hy0.20", "nosuchsym"),
        ("tools.nrepl-0.2.13", "nosuchsym"),
    ],
)
async def test_a_symbol_that_nobody_knows_is_none(server, symbol):
    answer, _ = await ask_recording(server, SYMBOL_INFO, SymbolQuery(symbol, NS, "clojure"))

    assert answer is None


async def test_an_unknown_symbol_is_none_for_cider():
    assert await _as_cider("nosuchsym") is None


@pytest.mark.parametrize(
    ("symbol", "arglists"),
    [("greet", ("(who='x')",)), ("print", None), ("answer", ())],
)
async def test_hy_nrepl_shows_python_signatures(symbol, arglists):
    info, asked = await ask_recording("hy-nrepl-1.0.4", SYMBOL_INFO, SymbolQuery(symbol))

    assert asked == "lookup"
    assert info is not None
    if arglists is not None:
        assert info.arglists == arglists
    else:
        assert info.arglists[0].startswith("(*args, sep=' '")


async def test_a_symbol_with_brackets_is_never_sent():
    for server in ("nrepl-1.0.0", "basilisp-0.5.1", "tools.nrepl-0.2.13"):
        query = SymbolQuery("foo)(", NS, "clojure")
        assert await ask_recording(server, SYMBOL_INFO, query) == (None, None)


@pytest.mark.parametrize("symbol", ["java.util.Date", "foo.bar.Baz"])
async def test_a_class_name_is_never_resolved_by_a_snippet_since_that_loads_it(symbol):
    query = SymbolQuery(symbol, NS, "clojure")

    assert await ask_recording("tools.nrepl-0.2.13", SYMBOL_INFO, query) == (None, None)


async def test_completion_doc_is_read_into_its_parts():
    async def ask(op, params, timeout):
        assert op == "cider/complete-doc"
        assert params == {"sym": "map", "symbol": "map", "ns": NS}
        return replies("cider-nrepl-0.62.2", "complete-doc")

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    info = await dialect.answer(COMPLETION_DOC, SymbolQuery("map", NS))

    assert (info.ns, info.name, info.kind) == ("clojure.core", "map", "function")
    assert info.arglists == CORE_MAP
    assert info.doc.startswith("Returns a lazy sequence")


async def test_completion_doc_falls_back_to_symbol_info():
    info, op = await ask_recording("basilisp-0.5.1", COMPLETION_DOC, SymbolQuery("greet", NS))

    assert op == "info"
    assert info.doc == "Says hello to `who`.\n  Second line."


def parse_doc(doc, symbol="when"):
    return COMPLETION_DOC.variants[0].parse([{"completion-doc": doc}], SymbolQuery(symbol))


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ("", None),
        ([], None),
        (
            "clojure.core/when\n([test & body])\nMacro\n  Evaluates.\n",
            SymbolInfo(
                "when",
                "clojure.core",
                "macro",
                "Evaluates.",
                ("[test & body]",),
                macro=True,
            ),
        ),
        ("when\n", SymbolInfo("when")),
        ("Some text of its own.\nMore", SymbolInfo("when", doc="Some text of its own.\nMore")),
    ],
)
def test_a_completion_doc_of_any_form_is_read(doc, expected):
    assert parse_doc(doc) == expected


def parse(*messages, symbol="f"):
    return next(v for v in SYMBOL_INFO.variants if v.op == "info").parse(
        messages, SymbolQuery(symbol)
    )


def test_eldoc_gives_arguments_where_there_is_no_better_op():
    reply = {"eldoc": [[], ["who"]], "name": "greet", "ns": NS, "type": "function"}
    info = parse(reply, {"status": ["done"], "docstring": "Hi."})

    assert info == SymbolInfo("greet", NS, "function", "Hi.", ("[]", "[who]"))


def test_eldoc_shows_a_basilisp_macro_by_its_implicit_arguments():
    info = parse({"eldoc": [["&env", "&form", "x"]], "name": "twice", "type": "function"})

    assert (info.kind, info.arglists) == ("macro", ("[x]",))


def test_eldoc_of_a_class_names_it_in_a_list():
    info = parse({"class": ["java.lang.String"], "name": "String", "type": "variable"})

    assert (info.name, info.kind) == ("java.lang.String", "class")


def test_an_ambiguous_method_gives_its_candidates():
    reply = {
        "candidates": {
            "java.lang.String": {"class": "java.lang.String", "member": "length", "returns": "int"},
            "java.io.File": {"class": "java.io.File", "member": "length", "returns": "long"},
            "broken": 3,
        }
    }
    info = parse(reply, symbol=".length")

    assert (info.name, info.kind) == (".length", "method")
    assert [(label, one.name, one.kind) for label, one in info.candidates] == [
        ("java.lang.String", "length", "method"),
        ("java.io.File", "length", "method"),
    ]


def test_candidates_are_bounded():
    several = {f"c{i}": {"class": f"c{i}", "member": "m"} for i in range(MAX_CANDIDATES + 9)}

    assert len(parse({"candidates": several}).candidates) == MAX_CANDIDATES


def test_a_field_is_neither_a_method_nor_a_class():
    info = parse({"class": "java.awt.Point", "member": "x", "modifiers": "#{:public}"})

    assert (info.kind, info.ns, info.name) == ("field", "java.awt.Point", "x")


def test_members_are_those_that_are_public():
    members = {
        "a": {"": {"modifiers": "#{:public}"}},
        "b": {"": {"modifiers": "#{}"}, "(int)": {"modifiers": "#{:public :static}"}},
        "c": {"": {"modifiers": "#{:static}"}},
        "d": {"": {"modifiers": "#{}"}},
        # What is not said counts as public.
        "e": {"": {}},
        "f": {},
        "g": 3,
    }
    info = parse({"class": "C", "members": members})

    assert info.members == ("a", "b", "e", "f", "g")
    assert parse({"class": "C", "members": []}).members == ()


def test_members_are_bounded_and_counted():
    members = {f"m{i}": {} for i in range(java.MAX_MEMBERS + 9)}
    info = parse({"class": "C", "members": members})

    assert (len(info.members), info.members_count) == (java.MAX_MEMBERS, len(members))


def test_overloads_that_return_several_types_return_nothing_in_particular():
    reply = {"class": "C", "member": "f", "returns": "int"}

    assert parse({**reply, "annotated-arglists": ["^int [^int a]", "^int []"]}).returns == "int"
    assert parse({**reply, "annotated-arglists": ["^int [^int a]", "^long []"]}).returns is None


@pytest.mark.parametrize(
    ("reply", "fragments", "tags"),
    [
        (
            {
                "doc-fragments": [
                    {"type": "text", "content": "A "},
                    {"type": "html", "content": "<b>b</b>"},
                    {"content": "c"},
                    {"type": "text", "content": []},
                    7,
                ],
                "doc-first-sentence-fragments": [{"type": "text", "content": "A"}],
                "doc-block-tags-fragments": [{"type": "text", "content": "\n"}],
            },
            (("text", "A "), ("html", "<b>b</b>"), ("text", "c"), ("text", "")),
            (),
        ),
        (
            {
                "doc-fragments": [],
                "doc-first-sentence-fragments": [{"type": "text", "content": "A"}],
                "doc-block-tags-fragments": [{"type": "html", "content": "<i>Returns</i>"}],
            },
            (("text", "A"),),
            (("html", "<i>Returns</i>"),),
        ),
        ({"doc-fragments": "A"}, (), ()),
    ],
)
def test_javadoc_comes_in_pieces(reply, fragments, tags):
    info = parse({"class": "C", "member": "f", **reply})

    assert (info.fragments, info.tags) == (fragments, tags)


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        (
            [
                "clojure.spec.alpha/fspec",
                ":args",
                ["clojure.spec.alpha/cat", ":x", "clojure.core/int?"],
            ],
            ("s/fspec", ":args", "(s/cat :x int?)"),
        ),
        ([["clojure.spec.alpha/or", ":a", "#{1}"]], ("(s/or :a #{1})",)),
        ("clojure.core/int?", ("int?",)),
        ([], ()),
        ("", ()),
        ({"a": 1}, ()),
        ([7, "", [7]], ("(7)",)),
    ],
)
def test_specs_are_written_as_people_do(value, spec):
    assert shapes.specs(value) == spec


def test_a_spec_that_nests_without_end_is_cut():
    value = "x"
    for _ in range(2 * shapes.SPEC_DEPTH):
        value = [value]

    (spec,) = shapes.specs([value])
    assert spec.count("(") == shapes.SPEC_DEPTH
    assert "…" in spec


@pytest.mark.parametrize(
    "messages",
    [
        [{"status": ["done"]}],
        [{"info": [], "status": ["done"]}],
        [{"info": {}, "status": ["done"]}],
        [{"value": {}, "status": ["no-info", "done"]}],
        [{"name": [], "ns": [], "arglists-str": "", "status": ["done"]}],
        [],
        [{"ex": "#error {}"}, {"status": ["done"]}],
    ],
)
def test_every_way_to_say_nothing_is_none(messages):
    assert parse(*messages) is None


def test_a_hy_placeholder_is_no_documentation():
    assert parse({"info": {"name": "f", "doc": "No doc string"}}).doc is None


def test_a_snippet_that_gives_something_else_is_no_answer():
    variant = SYMBOL_INFO.variants[-1]

    for value in ("nil", "[1 2]", "7", "(", "", 7):
        assert variant.parse([{"value": value}], SymbolQuery("f")) is None
    assert variant.parse([{"status": ["done"]}], SymbolQuery("f")) is None


def test_a_basilisp_snippet_answer_counts_columns_from_zero():
    value = '["demo.core" "f" nil "/x/core.lpy" 5 nil 2 [] false]'
    info = SYMBOL_INFO.variants[-1].parse([{"value": value}], SymbolQuery("f"))

    assert info.location == SourceLocation("file", "/x/core.lpy", None, 4, 2)
    assert info.kind == "variable"


def test_the_same_reply_is_read_once():
    reply = {"name": "f", "ns": "demo.core", "arglists-str": "([x])", "doc": "Says."}
    first = parse(reply | {"id": "1", "session": "a"})

    assert parse(reply | {"id": "2", "session": "b"}) is first
    assert parse(reply | {"doc": "Says more."}).doc == "Says more."
    assert parse(reply | {"arglists-str": "([x] [x y])"}).arglists == ("[x]", "[x y]")
    # What is no value of bencode, and what is too long to be kept, is read all the same.
    assert parse(reply | {"url": object()}) == first
    assert parse(reply | {"doc": "x" * READ_SIZE}).doc == "x" * READ_SIZE


def test_few_replies_are_remembered():
    names = [f"f{number}" for number in range(2 * READ_LIMIT)]

    assert [parse({"name": name, "doc": "x"}).name for name in names] == names
    assert len(symbol_info._READ._known) <= READ_LIMIT


odd = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
keys = (
    "name ns doc docstring file line column arglists arglists-str eldoc forms forms-str class "
    "member members modifiers returns candidates macro special-form type see-also spec info value "
    "url resource added modifiers annotated-arglists javadoc deprecated doc-fragments "
    "doc-first-sentence-fragments doc-block-tags-fragments"
).split()


@given(st.dictionaries(st.sampled_from(keys), odd))
def test_no_reply_makes_the_parser_fail(message):
    info = parse(message)

    assert info is None or isinstance(info.name, str)
