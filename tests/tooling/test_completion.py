"""Completion, checked against what nine servers really answered."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.matching import matches
from nrepl_lsp.tooling.ranking import (
    LOCAL,
    MAX_CANDIDATES,
    NOTHING_NEAR,
    OTHER,
    OWN,
    REFERRED,
    Near,
)
from nrepl_lsp.tooling.values import Candidate
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, capabilities, replies

NS = "demo.core"
CORE = "clojure.core"


async def check(server: str, prefix: str, op: str, expected: list[Candidate], ns: str | None = NS):
    """The first candidates are the expected ones, and the op is the one that should be asked."""
    query = CompletionQuery(prefix, ns, language="clojure", is_known=True)
    answer, asked = await ask_recording(server, COMPLETION, query)

    assert asked == op
    assert answer is not None
    assert list(answer.candidates[: len(expected)]) == expected


@pytest.mark.parametrize(
    ("server", "prefix", "op", "expected"),
    [
        (
            "nrepl-1.0.0",
            "Math/a",
            "completions",
            [Candidate("Math/abs", "static-method"), Candidate("Math/acos", "static-method")],
        ),
        ("nrepl-1.0.0", ".toU", "completions", [Candidate(".toUpperCase", "method")]),
        ("nrepl-1.0.0", ":els", "completions", [Candidate(":else", "keyword")]),
        ("nrepl-1.0.0", "gre", "completions", [Candidate("greet", "function")]),
        (
            "nrepl-1.7.0",
            "clojure.str",
            "completions",
            [Candidate("clojure.string", "namespace", file="clojure/string.clj")],
        ),
        ("nrepl-1.7.0", "gre", "completions", [Candidate("greet", "function", NS)]),
        (
            "babashka.nrepl-0.0.8",
            "gre",
            "complete",
            [Candidate("greet", "", NS)],
        ),
        (
            "babashka.nrepl-0.0.8",
            "Math/a",
            "complete",
            [Candidate("Math/abs", "static-method", "Math")],
        ),
        ("nbb-1.6.214", "gre", "complete", [Candidate("greet", "", NS)]),
        (
            "nbb-logseq-1.2.173",
            "clojure.string/jo",
            "complete",
            [Candidate("clojure.string/join", "", "clojure.string")],
        ),
        ("basilisp-0.5.1", "gre", "complete", [Candidate("greet", "function", NS)]),
        ("basilisp-0.5.1", "sys/std", "complete", [Candidate("sys/stdin")]),
        ("basilisp-0.5.1", ":els", "complete", [Candidate(":else", "keyword")]),
        (
            "basilisp-0.5.1",
            "basilisp.str",
            "complete",
            [Candidate("basilisp.string/", "namespace")],
        ),
        (
            "hyrepl-hy0.20",
            "ma",
            "complete",
            [Candidate("map", "class"), Candidate("max", "function")],
        ),
        (
            "tools.nrepl-0.2.13",
            "gre",
            "eval",
            [Candidate("greet", "function", NS, "", ("[]", "[who]"))],
        ),
        (
            "tools.nrepl-0.2.13",
            "str/jo",
            "eval",
            [
                Candidate(
                    "str/join", "function", "clojure.string", "", ("[coll]", "[separator coll]")
                )
            ],
        ),
    ],
)
async def test_the_best_op_answers_with_these_candidates_first(server, prefix, op, expected):
    await check(server, prefix, op, expected)


async def test_cider_is_asked_by_its_own_name_and_its_order_is_kept():
    messages, dialect_op = await _cider_answer("ma", "complete-with-extra-metadata")

    labels = [candidate.label for candidate in messages.candidates]
    assert labels[:4] == ["map", "max", "map?", "mapv"]
    assert dialect_op == "cider/complete"


async def test_cider_sends_arglists_as_a_list_and_a_doc_with_a_heading_which_is_dropped():
    answer, _ = await _cider_answer("ma", "complete-with-extra-metadata")

    first = answer.candidates[0]
    assert first.arglists[:2] == ("[f]", "[f coll]")
    assert first.doc.startswith("Returns a lazy sequence consisting of")
    assert first.kind == "function"


async def test_a_local_of_the_context_is_a_candidate():
    answer, _ = await _cider_answer("fo", "complete-context")

    assert Candidate("foobar", "local") in answer.candidates


async def _cider_answer(prefix: str, scenario: str):
    """The recording asked by the bare name; the reply is the same under both."""
    asked = []

    async def ask(op, params, timeout):
        asked.append(op)
        return replies("cider-nrepl-0.62.2", scenario)

    dialect = Dialect(capabilities("cider-nrepl-0.62.2"), ask)
    return await dialect.answer(COMPLETION, CompletionQuery(prefix, NS)), asked[-1]


def test_arglists_in_one_string_are_one_text_per_arity():
    """nREPL 1.0 with extra metadata."""
    messages = replies("nrepl-1.0.0", "completions-with-extra-metadata")
    variant = next(v for v in COMPLETION.variants if v.op == "completions")
    answer = variant.parse(messages, CompletionQuery("ma", NS))

    by_label = {candidate.label: candidate for candidate in answer.candidates}
    assert by_label["make-array"].arglists == ("[type len]", "[type dim & more-dims]")
    assert by_label["macroexpand-1"].doc.startswith("If form represents a macro form")


@pytest.mark.parametrize("server", ["nbb-1.6.214", "nbb-logseq-1.2.173", "babashka.nrepl-0.0.8"])
async def test_matches_in_the_middle_of_a_name_are_dropped(server):
    answer, _ = await ask_recording(server, COMPLETION, CompletionQuery("ma", NS))

    labels = [candidate.label for candidate in answer.candidates]
    assert "map" in labels
    # `clojure.main/` begins with it after the dot.
    assert {label for label in labels if not label.startswith("ma")} <= {"clojure.main/"}


async def test_javascript_globals_are_filtered_by_what_was_typed():
    answer, _ = await ask_recording("nbb-1.6.214", COMPLETION, CompletionQuery("js/pro", NS))

    assert "js/Promise" in {candidate.label for candidate in answer.candidates}
    assert "js/Object" not in {candidate.label for candidate in answer.candidates}


@pytest.mark.parametrize(
    "server",
    ["nrepl-1.0.0", "nrepl-1.7.0", "babashka.nrepl-0.0.8", "nbb-1.6.214", "basilisp-0.5.1"],
)
async def test_nothing_fits_is_an_empty_answer(server):
    answer, _ = await ask_recording(
        server, COMPLETION, CompletionQuery("nosuchprefixzzz", NS, language="clojure")
    )

    assert answer is not None
    assert answer.candidates == ()
    assert not answer.is_incomplete


async def test_an_unknown_namespace_is_no_answer_on_nrepl_1_0():
    answer, op = await ask_recording("nrepl-1.0.0", COMPLETION, CompletionQuery("ma", "no.such.ns"))

    assert (answer, op) == (None, "completions")


async def test_a_namespace_the_snippet_cannot_find_gives_no_answer():
    answer, op = await ask_recording(
        "tools.nrepl-0.2.13", COMPLETION, CompletionQuery("nosuch/x", NS, language="clojure")
    )

    assert (answer, op) == (None, "eval")


@pytest.mark.parametrize(("prefix", "op"), [("pri", "print"), ("gre", "greet")])
async def test_hy_nrepl_completes_globals(prefix, op):
    answer, asked = await ask_recording("hy-nrepl-1.0.4", COMPLETION, CompletionQuery(prefix))

    assert asked == "completions"
    assert [candidate.label for candidate in answer.candidates] == [op]


@pytest.mark.parametrize("prefix", ["a b", 'a"b', "(map", "a;b", "a\nb", "x" * 300, "/"])
async def test_text_that_is_no_symbol_is_never_sent(prefix):
    for server in ("nrepl-1.0.0", "tools.nrepl-0.2.13", "basilisp-0.5.1"):
        assert await ask_recording(
            server, COMPLETION, CompletionQuery(prefix, language="clojure")
        ) == (None, None)


def parse(items, prefix="ma", ns=None, near=NOTHING_NEAR):
    variant = next(v for v in COMPLETION.variants if v.op == "complete")
    query = CompletionQuery(prefix, ns, near=near)
    return variant.parse([{"completions": items}, {"status": ["done"]}], query)


def labels(answer):
    return [candidate.label for candidate in answer.candidates]


@pytest.mark.parametrize("answer", ["", {}, None, 7, "map"])
def test_a_reply_without_a_list_is_no_answer(answer):
    assert parse(answer) is None


def test_an_empty_list_is_an_answer():
    answer = parse([])

    assert answer is not None
    assert (answer.candidates, answer.is_incomplete) == ((), False)


def test_strings_are_candidates_and_what_is_neither_is_dropped():
    items = ["map", 3, "", {"candidate": ""}, {"candidate": 1}, {}, None]

    assert parse(items).candidates == (Candidate("map"),)


@pytest.mark.parametrize(
    ("items", "ns", "kept"),
    [
        ([("map", "a"), ("map", "b"), ("map", "")], None, "a"),
        ([("map", "a"), ("map", "b"), ("map", "c")], "b", "b"),
        ([("map", "a"), ("map", "b")], None, "a"),
    ],
)
def test_each_label_is_kept_once_and_the_nearest_stays(items, ns, kept):
    answer = parse([{"candidate": name, "ns": where} for name, where in items], ns=ns)

    assert [(c.label, c.ns) for c in answer.candidates] == [("map", kept)]


@pytest.mark.parametrize("order", [1, -1])
def test_a_namespace_stays_only_where_nothing_else_has_its_name(order):
    items = [
        {"candidate": "map", "type": "namespace"},
        {"candidate": "map", "type": "function", "ns": CORE},
    ]

    assert parse(items[::order]).candidates == (Candidate("map", "function", CORE),)


@pytest.mark.parametrize("server", ["nbb-1.6.214", "babashka.nrepl-0.0.8", "nrepl-1.7.0"])
@pytest.mark.parametrize("prefix", ["", "ma", "str/"])
async def test_no_label_is_there_twice(server, prefix):
    answer, _ = await ask_recording(server, COMPLETION, CompletionQuery(prefix, NS))

    assert len(set(labels(answer))) == len(labels(answer))


NEAR = Near({"mapper", "ma-text"}, {"mapcat"}, {"used.ns"})


@pytest.mark.parametrize(
    ("item", "rank"),
    [
        ({"candidate": "ma", "type": "local"}, LOCAL),
        ({"candidate": "ma", "ns": NS, "type": "function"}, OWN),
        ({"candidate": "mapper"}, OWN),
        ({"candidate": "mapper", "ns": CORE}, OTHER),
        ({"candidate": "mapcat", "ns": CORE, "type": "function"}, REFERRED),
        ({"candidate": "mapcat"}, REFERRED),
        ({"candidate": "mark", "ns": "used.ns", "type": "macro"}, REFERRED),
        ({"candidate": "map", "ns": CORE, "type": "function"}, OTHER),
        ({"candidate": "map"}, OTHER),
    ],
)
@pytest.mark.parametrize("prefix", ["ma", "MA"])
def test_how_near_a_candidate_is(item, rank, prefix):
    groups = parse([item], prefix, NS, NEAR).groups
    offset = 0 if prefix == "ma" else 4

    assert [len(group) for group in groups].index(1) == offset + rank


def test_without_a_namespace_in_force_nothing_is_its_own():
    assert [len(group) for group in parse([{"candidate": "map"}], ns="").groups].index(1) == OTHER


def test_nearer_candidates_stand_first_and_exact_ones_before_all_others():
    items = [
        {"candidate": "map", "ns": CORE},
        {"candidate": "my-atom", "ns": NS},
        {"candidate": "mapcat", "ns": CORE},
        {"candidate": "make-order", "ns": NS},
        {"candidate": "made", "type": "local"},
    ]

    assert labels(parse(items, "ma", NS, NEAR)) == [
        "made",
        "make-order",
        "mapcat",
        "map",
        "my-atom",
    ]


def test_the_own_namespace_s_names_are_not_cut_away():
    items = [{"candidate": f"m{number}", "ns": CORE} for number in range(MAX_CANDIDATES)]
    items.append({"candidate": "my-very-own-function", "ns": NS})
    answer = parse(items, "", NS)

    assert answer.candidates[0].label == "my-very-own-function"
    assert answer.is_incomplete
    assert len(answer.candidates) == MAX_CANDIDATES


def test_what_the_server_calls_deprecated_is_known():
    items = [
        {"candidate": "map", "deprecated": "true"},
        {"candidate": "mat", "deprecated": 1},
        {"candidate": "mad", "deprecated": "false"},
        {"candidate": "max", "ns": CORE, "type": "function"},
    ]

    assert parse(items).deprecated == {"map", "mat"}


def test_compliment_is_asked_what_is_deprecated():
    variant = next(v for v in COMPLETION.variants if v.op == "cider/complete")

    assert "deprecated" in variant.request(CompletionQuery("ma"))["extra-metadata"]


def test_a_priority_that_is_the_same_for_all_is_no_order():
    """nREPL 1.7 sends 0, in the order of the alphabet."""
    items = [
        {"candidate": name, "ns": CORE, "type": "function", "priority": 0}
        for name in ("macroexpand", "map")
    ]

    assert labels(parse(items)) == ["map", "macroexpand"]


def test_unranked_candidates_are_ordered_by_length_then_name():
    items = [{"candidate": name} for name in ("mapcat", "max", "map", "mapv")]

    assert [c.label for c in parse(items).candidates] == ["map", "max", "mapv", "mapcat"]


def test_exact_beginnings_stand_before_abbreviations_also_when_ranked():
    items = [{"candidate": "my-atom", "priority": 1}, {"candidate": "mapcat", "priority": 9}]

    assert [c.label for c in parse(items).candidates] == ["mapcat", "my-atom"]


def test_more_candidates_than_the_limit_are_cut_and_said_to_be_incomplete():
    answer = parse([{"candidate": f"ma{i}"} for i in range(MAX_CANDIDATES + 1)])

    assert len(answer.candidates) == MAX_CANDIDATES
    assert answer.is_incomplete


def test_odd_values_in_a_candidate_give_less():
    item = {"candidate": "map", "type": ["x"], "ns": [], "doc": 3, "arglists": 7, "file": {}}

    assert parse([item]).candidates == (Candidate("map"),)


def test_a_macro_heading_of_a_doc_is_dropped():
    doc = "clojure.core/map-it\n([test & body])\nMacro\n  Evaluates test.\n  Then body.\n"

    assert parse([{"candidate": "map-it", "doc": doc}]).candidates[0].doc == (
        "Evaluates test.\n  Then body."
    )


@pytest.mark.parametrize("doc", ["map\n", "Maps.\n  More.", "map"])
def test_a_doc_without_heading_is_kept(doc):
    assert parse([{"candidate": "map", "doc": doc}]).candidates[0].doc == doc


@pytest.mark.parametrize(
    ("prefix", "label", "expected"),
    [
        ("rkv", "reduce-kv", True),
        ("r-k", "reduce-kv", True),
        ("c.st", "clojure.string", True),
        ("cs", "clojure.string", True),
        (".tUC", ".toUpperCase", True),
        ("st/jo", "string/join", True),
        ("ExceptionI", "clojure.lang.ExceptionInfo", True),
        ("js/pro", "js/Promise", True),
        ("MA", "map", True),
        ("ma", "unchecked-remainder-int", False),
        ("ma", "*print-namespace-maps*", False),
        ("mx", "map", False),
        ("ma", "mono-b", False),
        ("mapp", "map", False),
        ("r-z", "reduce-kv", False),
        ("js/pro", "js/Object", False),
    ],
)
def test_a_label_matches_what_was_typed(prefix, label, expected):
    assert matches(prefix, label) is expected


words = st.text(alphabet="ab-./_AZ*", min_size=1, max_size=12)


@given(words, words)
def test_matching_never_fails_and_every_name_matches_itself(prefix, label):
    assert isinstance(matches(prefix, label), bool)
    assert matches(label, label)


@given(words, words)
def test_what_a_prefix_matches_its_beginnings_match_too(prefix, label):
    """A list can be narrowed down while typing goes on."""
    if matches(prefix, label) and len(prefix) > 1:
        assert matches(prefix[:-1], label) or label.startswith(prefix[:-1])


CANDIDATE_KEYS = ("candidate", "type", "ns", "doc", "arglists", "file", "priority")

json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(CANDIDATE_KEYS, json_values),
        )
        | json_values
    )
)
def test_no_reply_makes_the_parser_fail(items):
    answer = parse(items, "")

    assert all(isinstance(candidate.label, str) for candidate in answer.candidates)


def test_a_thousand_candidates_cost_little():
    items = [
        {"candidate": f"ma-{i}", "ns": CORE, "type": "function", "priority": 3} for i in range(1000)
    ]
    times = []
    for _ in range(15):
        started = time.perf_counter()
        parse(items)
        times.append(time.perf_counter() - started)

    # Measured 0.4 ms; ten times that is a changed algorithm, not a slow machine.
    assert min(times) < 0.004


def test_a_namespace_is_not_among_what_is_in_it():
    """nbb 1.6 lists `str/` for `str/`."""
    items = [{"candidate": "str/", "ns": "clojure.string"}, {"candidate": "str/join"}]

    assert labels(parse(items, "str/")) == ["str/join"]
    assert labels(parse(items, "str")) == ["str/", "str/join"]
    assert labels(parse(["/"], "")) == ["/"]


def test_a_slash_that_is_listed_for_every_namespace_is_of_none():
    """nbb 1.6."""
    answer = parse([{"candidate": "/", "ns": "a"}, {"candidate": "/", "ns": NS}], "", NS)

    assert answer.candidates == (Candidate("/"),)
