"""Candidates as LSP's items, for each thing that a client may or may not take."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.completing.argument_snippets import ARGUMENTS_LIMIT, call_snippet
from nrepl_lsp.lsp.completing.completion_items import KINDS, completion_list
from nrepl_lsp.lsp.structuring import shared_converter
from nrepl_lsp.tooling import completion
from nrepl_lsp.tooling.values import Candidate, Completions

RANGE = {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 3}}
DATA = {"uri": "file:///a.clj", "ns": "demo"}


def client(*defaults: str, **item: Any) -> ClientFeatures:
    """What a client has that announces these `itemDefaults` and this `completionItem`."""
    announced = {
        "textDocument": {
            "completion": {
                "completionItem": item,
                "completionItemKind": {"valueSet": list(range(1, 26))},
                "completionList": {"itemDefaults": list(defaults)},
            }
        }
    }
    capabilities = shared_converter().structure(announced, types.ClientCapabilities)
    return ClientFeatures.from_capabilities(types.InitializeParams(capabilities))


OLD = client()
MODERN = client(
    "editRange",
    "data",
    labelDetailsSupport=True,
    snippetSupport=True,
    tagSupport={"valueSet": [1]},
    documentationFormat=["markdown"],
)


def items(*candidates: Candidate, to: ClientFeatures = OLD, **more: Any) -> list[dict[str, Any]]:
    found = Completions(candidates, False)
    answer = completion_list(found, limit=99, replace=RANGE, data=DATA, client=to, **more)
    return list(answer["items"])


def test_every_kind_of_candidate_has_one_of_lsp_s() -> None:
    assert set(completion.KINDS.values()) <= set(KINDS)
    assert set(KINDS.values()) <= {kind.value for kind in types.CompletionItemKind}


@pytest.mark.parametrize(
    ("candidate", "detail", "label_details"),
    [
        (
            Candidate("f", ns="core", arglists=("[x]", "[x y]")),
            "core [x] [x y]",
            {"detail": " [x] [x y]", "description": "core"},
        ),
        (Candidate("f", arglists=("[x]",)), "[x]", {"detail": " [x]"}),
        (Candidate("f", ns="core"), "core", {"description": "core"}),
        (Candidate("f", "function", "core"), "core", {"description": "core"}),
        (Candidate("f"), None, None),
    ],
)
def test_namespace_and_arguments_stand_beside_the_label_or_in_the_detail(
    candidate: Candidate, detail: str | None, label_details: dict[str, str] | None
) -> None:
    (old,) = items(candidate)
    (modern,) = items(candidate, to=MODERN)
    assert (old.get("detail"), old.get("labelDetails")) == (detail, None)
    assert (modern.get("detail"), modern.get("labelDetails")) == (None, label_details)


def test_a_list_that_was_cut_is_incomplete() -> None:
    found = Completions((Candidate("f"), Candidate("g")), False)
    more: dict[str, Any] = {"replace": RANGE, "data": DATA, "client": OLD}
    assert completion_list(found, limit=2, **more)["isIncomplete"] is False
    assert completion_list(found, limit=1, **more)["isIncomplete"] is True
    cut = Completions(found.candidates, True)
    assert completion_list(cut, limit=2, **more)["isIncomplete"] is True


def test_more_candidates_than_usual_keep_their_order_too() -> None:
    found = Completions(tuple(Candidate(f"c{number}") for number in range(3000)), False)
    answer = completion_list(found, limit=3000, replace=RANGE, data=DATA, client=OLD)
    orders = [item["sortText"] for item in answer["items"]]
    assert orders == sorted(set(orders))
    assert len(orders) == 3000


@pytest.mark.parametrize(
    ("candidate", "data"),
    [
        (Candidate("f", "function", "core"), DATA),
        (Candidate("f"), DATA),
        (Candidate("word", "word"), {}),
        (Candidate(":key", "keyword"), {}),
        (Candidate("x", "local"), {}),
        (Candidate("str", "alias", "clojure.string"), {**DATA, "symbol": "clojure.string"}),
    ],
)
def test_what_resolving_needs_comes_with_the_list_or_the_item(
    candidate: Candidate, data: dict[str, str]
) -> None:
    assert items(candidate)[0]["data"] == data
    assert items(candidate, to=MODERN)[0].get("data", DATA) == data


@pytest.mark.parametrize(
    ("code", "markdown"),
    [
        ("(let [x 1]", "```clojure\n(let [x 1]\n```"),
        ("(f ```)", "````````clojure\n(f ```)\n````````"),
    ],
)
def test_a_local_s_line_is_its_documentation(code: str, markdown: str) -> None:
    local = Candidate("x", "local", doc=code)
    (old,) = items(local, fence="clojure")
    (modern,) = items(local, to=MODERN, fence="clojure")
    assert old["documentation"] == {"kind": "plaintext", "value": code}
    assert modern["documentation"] == {"kind": "markdown", "value": markdown}


def test_no_documentation_but_a_local_s_is_sent_before_it_is_asked_for() -> None:
    assert "documentation" not in items(Candidate("f", "function", doc="Long."), to=MODERN)[0]
    assert "documentation" not in items(Candidate("x", "local"), to=MODERN)[0]


def test_deprecated_ones_are_tagged_where_the_client_knows_tags() -> None:
    both = (Candidate("old"), Candidate("new"))
    assert [it.get("tags") for it in items(*both, to=MODERN, deprecated={"old"})] == [[1], None]
    assert [it.get("tags") for it in items(*both, to=OLD, deprecated={"old"})] == [None, None]


def test_a_function_brings_its_arguments_only_if_that_is_wanted_and_understood() -> None:
    function = Candidate("map", "function", "core", arglists=("[f coll]",))
    for to, snippets in ((OLD, True), (MODERN, False)):
        (plain,) = items(function, to=to, snippets=snippets)
        assert not {"insertText", "insertTextFormat", "textEditText"} & set(plain)
    (item,) = items(function, to=MODERN, snippets=True)
    assert item["textEditText"] == item["insertText"] == "map ${1:f} ${2:coll}"
    assert item["insertTextFormat"] == 2
    (item,) = items(function, to=client(snippetSupport=True), snippets=True)
    assert item["textEdit"] == {"range": RANGE, "newText": "map ${1:f} ${2:coll}"}
    assert item["insertTextFormat"] == 2
    assert item["label"] == "map"


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate("x", "variable", "core", arglists=("[f]",)),
        Candidate("f", "function", "core"),
        Candidate("f", "function", "core", arglists=("[]",)),
        Candidate("f", "function", "core", arglists=("[& more]",)),
    ],
)
def test_what_takes_no_arguments_is_put_there_as_it_is(candidate: Candidate) -> None:
    (item,) = items(candidate, to=MODERN, snippets=True)
    assert "insertTextFormat" not in item


@pytest.mark.parametrize(
    ("name", "arglists", "expected"),
    [
        ("map", ("[f]", "[f coll]", "[f c1 c2]"), "map ${1:f} ${2:coll}"),
        ("reduce", ("[f coll]", "[f val coll]"), "reduce ${1:f} ${2:coll}"),
        ("get", ("[map key]", "[map key not-found]"), "get ${1:map} ${2:key}"),
        ("let", ("[bindings & body]",), "let ${1:bindings}"),
        ("str", ("[]", "[x]", "[x & ys]"), None),
        ("do", ("[& body]",), None),
        ("f", ("[^String s ^{:a 1} t]",), "f ${1:s} ${2:t}"),
        ("f", ("[{:keys [a b]} [x, y]]",), "f ${1:{:keys [a b]\\}} ${2:[x, y]}"),
        ("f$", ("[a$b c}d e\\f]",), "f\\$ ${1:a\\$b} ${2:c\\}d} ${3:e\\\\f}"),
        ("f", ('[{:or {a "x y"}} b]',), 'f ${1:{:or {a "x y"\\}\\}} ${2:b}'),
        ("f", ("x y",), "f ${1:x} ${2:y}"),
        ("f", ("(a, /, b: int, c=1, *rest)",), "f ${1:a} ${2:b}"),
        ("f", ("(*args, **kwargs)",), None),
        ("f", ("[" + "a " * (ARGUMENTS_LIMIT + 1) + "]",), None),
        ("f", (), None),
        ("f", ("",), None),
    ],
)
def test_the_arguments_of_one_arity_are_places_to_fill_in(
    name: str, arglists: tuple[str, ...], expected: str | None
) -> None:
    assert call_snippet(name, arglists) == expected


@given(st.lists(st.text(alphabet='[](){}"^& a,=*:$\\', max_size=20), max_size=4))
def test_no_arglist_makes_a_snippet_fail_or_unbalanced(arglists: list[str]) -> None:
    snippet = call_snippet("f", arglists)
    if snippet is not None:
        plain = snippet.replace("\\\\", "").replace("\\}", "").replace("\\$", "")
        assert plain.count("${") == plain.count("}") > 0
