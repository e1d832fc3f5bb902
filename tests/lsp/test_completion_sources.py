"""Completion: where candidates come from, in which order they stand, and what is left to others."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nrepl_lsp.lsp.completing import complement
from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, reply

from .editor import MODERN, Editor
from .test_completion import EMPTY, INVOKED, LATER, attached, candidates, labels

CORE = "clojure.core"
COMPLEMENT = {"profile": "complement"}


async def complete(editor: Editor, text: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await editor.open(text, **more).ask("completion", context=INVOKED)
    return answer


def item(answer: dict[str, Any], label: str) -> dict[str, Any]:
    (found,) = [it for it in answer["items"] if it["label"] == label]
    return dict(found)


def _namespaces(*names: str) -> Any:
    found = [{"candidate": name} for name in names]
    return reply({"completions": found, **DONE})


# -- from the text alone ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(let [number 1] (nu|))", ["number"]),
        ("(defn f [name {:keys [nation]}] (let [name-2 1] na|))", ["name-2", "nation", "name"]),
        ("(let [number 1]) (nu|)", ["number"]),  # out of scope it is a word like others
        ("(let [nu| 1])", []),
        ("(ns a (:require [clojure.set :as string])) (st|)", ["string"]),
        ("(ns a (:require [clojure.string :as string])) (st|)", ["string", "clojure.string"]),
        ("(ns a (:require [clojure.set :refer [union]])) (un|)", ["union"]),
        ("(ns a (:import (java.util Locale))) (Lo|)", ["Locale"]),
        ("(defn go []) (defmacro gone []) (g|)", ["go", "gone"]),
        ("{:alpha 1 :beta 2 :all 3} (:a|)", [":all", ":alpha"]),
        ("::one/two (::o|)", ["::one/two"]),
        ("(str/join 1) (str/|)", ["str/join"]),
        ("(reduce-kv f) (rkv|)", ["reduce-kv"]),
        ("(.toUpperCase x) (.toU|)", [".toUpperCase"]),
        ("(other) (#'oth|)", ["other"]),
        ("(other) @oth|", ["other"]),
        ("'other 'oth|", ["other"]),
        ('(f "word") ; words\n(wo|)', []),
        ("(f wo|)", []),
    ],
)
async def test_without_a_repl_the_text_completes_itself(
    detached: Editor, text: str, expected: list[str]
) -> None:
    answer = await complete(detached, text)
    assert labels(answer) == expected
    assert answer["isIncomplete"] is False


@pytest.mark.parametrize(
    ("name", "language", "text", "expected"),
    [
        ("a.hy", "hy", "(defn go [parameter] (pa|))", "parameter"),
        ("a.scm", "scheme", "(define (go parameter) (pa|))", "parameter"),
        ("a.fnl", "fennel", "(fn go [parameter] (pa|))", "parameter"),
        ("a.janet", "janet", "(defn go [parameter] (pa|))", "parameter"),
        ("a.lisp", "commonlisp", "(defun go (parameter) (pa|))", "parameter"),
        ("a.rkt", "racket", "(define (go parameter) (pa|))", "parameter"),
        ("a.lpy", "basilisp", "(defn go [parameter] (pa|))", "parameter"),
        ("a.edn", "edn", "{:parameter 1 :pa|}", ":parameter"),
    ],
)
async def test_each_language_completes_from_its_text(
    detached: Editor, name: str, language: str, text: str, expected: str
) -> None:
    answer = await complete(detached, text, name=name, language=language)
    assert labels(answer) == [expected]


async def test_plain_text_is_left_to_the_editor(detached: Editor) -> None:
    assert await complete(detached, "words wo|", name="a.txt", language="plaintext") == EMPTY


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("(let [number 1] (nu|))", "number", (6, None)),
        ("(ns a (:require [clojure.string :as string])) (st|)", "string", (9, "clojure.string")),
        ("(ns a (:require [clojure.set :refer [union]])) (un|)", "union", (None, "clojure.set")),
        ("(ns a (:import (java.util Locale))) (Lo|)", "Locale", (7, "java.util")),
        ("(defn going []) (go|)", "going", (3, None)),
        ("(defmacro going []) (go|)", "going", (3, None)),
        ("(def going 1) (go|)", "going", (6, None)),
        ("(defrecord Going []) (Go|)", "Going", (7, None)),
        (":going (:go|)", ":going", (21, None)),
        ("(list going) (go|)", "going", (1, None)),
    ],
)
async def test_what_is_said_of_a_candidate_of_the_text(
    detached: Editor, text: str, label: str, expected: tuple[int | None, str | None]
) -> None:
    found = item(await complete(detached, text), label)
    details = found.get("labelDetails", {})
    assert (found.get("kind"), details.get("description")) == expected


async def test_a_local_shows_the_line_that_binds_it(
    make_editor: Callable[..., Editor], detached: Editor
) -> None:
    text = "(defn f [x]\n  (let [number (inc x)]\n    (nu|)))"
    found = item(await complete(detached, text), "number")
    code = "(let [number (inc x)]"
    assert found["documentation"] == {"kind": "markdown", "value": f"```clojure\n{code}\n```"}
    plain = make_editor()
    await plain.initialize({})
    found = item(await complete(plain, text), "number")
    assert found["documentation"] == {"kind": "plaintext", "value": code}


async def test_an_explicit_request_lists_the_text_s_names_locals_first(detached: Editor) -> None:
    answer = await complete(detached, "(defn go [x1] (let [y1 2] (|)))")
    assert labels(answer) == ["y1", "x1", "go", "let", "defn"]
    assert answer["isIncomplete"] is False


# -- with the program ---------------------------------------------------------------------------


async def test_locals_own_names_referred_ones_others_and_words_stand_in_this_order(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on(
        "complete",
        candidates(
            f"{CORE}/map", "demo/mapping-own", "b.c/mask-referred", f"{CORE}/max", "my-atom"
        ),
    )
    text = (
        "(ns demo (:require [b.c :as mad :refer [mask-referred]]))"
        "(defn mask-defined []) (list mate :mate 'my-axis)"
        "(defn f [make-local my-argument] (ma|))"
    )
    assert labels(await complete(editor, text)) == [
        *("make-local", "mapping-own", "mask-defined"),
        *("mask-referred", "mad"),
        *("map", "max"),
        "mate",
        *("my-argument", "my-atom", "my-axis"),
    ]


@pytest.mark.parametrize(
    ("found", "text", "kept"),
    [
        # A local hides the program's name.
        ([{"candidate": "map", "ns": CORE, "type": "function"}], "(let [map 1] (ma|))", 6),
        # Of the text's own and of referred names the program knows more.
        ([{"candidate": "map", "ns": "demo", "type": "macro"}], "(ns demo) (def map 1) (ma|)", 3),
        ([{"candidate": "map", "type": "macro"}], "(ns demo) (def map 1) (ma|)", 3),
        ([{"candidate": "map", "type": "function"}], "(list map) (ma|)", 3),
        ([{"candidate": "map", "type": "local"}], "(let [map 1] (ma|))", 6),
        ([{"candidate": "map", "type": "namespace"}], "(ns a (:require [b :as map])) (ma|)", 9),
        # An alias adds nothing to a function of that name.
        ([{"candidate": "map", "type": "function"}], "(ns a (:require [b :as map])) (ma|)", 3),
    ],
)
async def test_each_label_is_there_once_and_the_nearest_or_the_best_known_stays(
    editor: Editor, nrepl: FaultServer, found: list[Any], text: str, kept: int
) -> None:
    nrepl.on("complete", reply({"completions": found, **DONE}))
    answer = await complete(editor, text)
    assert [(it["label"], it["kind"]) for it in answer["items"]] == [("map", kept)]


async def test_a_namespace_is_not_there_with_a_slash_and_without(
    editor: Editor, nrepl: FaultServer
) -> None:
    """Basilisp and nbb write namespaces with one."""
    nrepl.on("complete", _namespaces("map.set/", "map/"))
    text = "(ns a (:require [map.set :as map])) (ma|)"
    assert labels(await complete(editor, text)) == ["map/", "map.set/"]


async def test_an_empty_prefix_is_asked_for_again_when_something_is_typed(
    editor: Editor, nrepl: FaultServer
) -> None:
    answer = await complete(editor, "(ns demo) (let [x1 1] (|))")
    assert labels(answer)[:4] == ["x1", "map", "mapcat", "reduce"]
    assert answer["isIncomplete"] is True


@pytest.mark.parametrize(
    ("text", "prefix", "found"),
    [
        ("(.toU|)", ".toU", ".toUpperCase"),
        ("(js/Math.a|)", "js/Math.a", "js/Math.abs"),
        ("(Math/a|)", "Math/a", "Math/abs"),
        ("(os.path.jo|)", "os.path.jo", "os.path.join"),
        ("#'ma|", "ma", "map"),
        ("@ma|", "ma", "map"),
        ("'ma|", "ma", "map"),
        ("^{:a 1} ma|", "ma", "map"),
        ("(::s/ma|)", "::s/ma", "::s/map"),
    ],
)
async def test_a_qualifier_or_dot_goes_along_and_is_replaced_a_reader_prefix_is_not(
    editor: Editor, nrepl: FaultServer, text: str, prefix: str, found: str
) -> None:
    nrepl.on("complete", reply({"completions": [{"candidate": found}], **DONE}))
    answer = await complete(editor, text)
    assert [request["prefix"] for request in nrepl.of("complete")] == [prefix]
    start = text.index(prefix)
    assert answer["itemDefaults"]["editRange"] == {
        "start": {"line": 0, "character": start},
        "end": {"line": 0, "character": start + len(prefix)},
    }
    assert labels(answer) == [found]


@pytest.mark.parametrize(
    ("name", "language", "text", "character", "is_asked"),
    [
        ("a.clj", "clojure", "(str/|)", "/", True),
        ("a.clj", "clojure", "(:|)", ":", True),
        ("a.hy", "hy", "(os.|)", ".", True),
        ("a.hy", "hy", "(os/|)", "/", False),
        ("a.rkt", "racket", "(a/|)", "/", False),
        ("a.scm", "scheme", "(a:|)", ":", False),
        ("a.txt", "plaintext", "end.|", ".", False),
    ],
)
async def test_a_character_triggers_only_where_the_language_says_so(
    editor: Editor,
    nrepl: FaultServer,
    name: str,
    language: str,
    text: str,
    character: str,
    is_asked: bool,
) -> None:
    context = {"triggerKind": 2, "triggerCharacter": character}
    document = editor.open(text, name, language)
    answer = await document.ask("completion", context=context)
    assert bool(nrepl.of("complete")) is is_asked
    assert is_asked or answer == EMPTY


async def test_all_languages_trigger_characters_are_announced(
    make_editor: Callable[..., Editor],
) -> None:
    announced = (await make_editor().initialize())["capabilities"]["completionProvider"]
    assert announced["triggerCharacters"] == [".", "/", ":"]


# -- in the form that loads namespaces ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(ns a (:require [de|]))",
        "(ns a (:require de|))",
        "(require '[de|])",
        "(ns a (:require [de|",
    ],
)
async def test_namespaces_are_completed_where_one_is_required(
    editor: Editor, nrepl: FaultServer, text: str
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "demo.other", CORE]}, DONE))
    found = [
        {"candidate": "demo.on-path", "type": "namespace"},
        {"candidate": "demo.with-slash/"},
        {"candidate": "defn", "type": "macro", "ns": CORE},
    ]
    nrepl.on("complete", reply({"completions": found, **DONE}))
    editor.open("(ns demo.opened)", "src/opened.clj")
    answer = await complete(editor, text)
    assert labels(answer) == [
        *("demo", "demo.other", "demo.opened", "demo.on-path", "demo.with-slash")
    ]
    assert {it["kind"] for it in answer["items"]} == {9}
    assert "context" not in nrepl.of("complete")[0]


async def test_a_connection_that_is_lost_meanwhile_leaves_the_namespaces_known_by_then(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("complete", _namespaces("demo.on-path/"))
    assert "demo" in labels(await complete(editor, "(ns a (:require [de|]))"))
    nrepl.on("ns-list", hang_up_mid_reply())
    answer = await complete(editor, "(ns b (:require [de|]))", name="src/b.clj")
    assert labels(answer) == ["demo.on-path"]


async def test_without_a_repl_the_open_documents_namespaces_are_completed(
    detached: Editor,
) -> None:
    detached.open("(ns demo.opened)", "src/opened.clj")
    detached.open("(ns demo.python)", "src/opened.scm", "scheme")
    assert labels(await complete(detached, "(ns demo.self (:require [dem|]))")) == ["demo.opened"]
    assert labels(await complete(detached, "(ns demo.self :requ| (:require [a]))")) == [":require"]


async def test_a_keyword_in_a_require_is_no_namespace(detached: Editor) -> None:
    text = "(ns a (:require [b :refer [c]] :ref|))"
    assert labels(await complete(detached, text)) == [":refer"]


async def test_what_a_namespace_has_is_completed_where_it_is_referred(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on(
        "complete",
        reply(
            {
                "completions": [
                    {
                        "candidate": "demo/join",
                        "ns": "demo",
                        "type": "function",
                        "deprecated": "true",
                    },
                    {"candidate": "demo/", "type": "namespace"},
                    {"candidate": "jolly", "ns": CORE},
                ],
                **DONE,
            }
        ),
    )
    document = editor.open("(ns user (:require [demo :refer [jo|]])) (joint)")
    answer = await document.ask("completion", context=INVOKED)
    assert nrepl.of("complete")[0]["prefix"] == "demo/jo"
    assert labels(answer) == ["join"]
    assert answer["itemDefaults"]["data"] == {
        "uri": document.uri,
        "ns": "user",
        "qualifier": "demo/",
    }


async def test_a_namespace_is_asked_in_where_its_qualified_names_are_not_known(
    editor: Editor, nrepl: FaultServer
) -> None:
    """Basilisp, before the namespace is required."""

    async def answer(peer: Any, request: Any) -> None:
        own = [
            {"candidate": "join", "ns": "demo", "type": "function"},
            {"candidate": "jolly", "ns": CORE, "type": "function"},
        ]
        found = [] if "/" in request["prefix"] else own
        peer.answer(request, {"completions": found, **DONE})

    nrepl.on("complete", answer)
    answer_ = await complete(editor, "(ns a (:require [demo :refer [jo|]]))")
    assert labels(answer_) == ["join"]
    asked = [(request["prefix"], request["ns"]) for request in nrepl.of("complete")]
    assert asked == [("demo/jo", "user"), ("jo", "demo")]


async def test_a_namespace_that_the_program_does_not_have_is_not_named_to_it(
    editor: Editor, nrepl: FaultServer
) -> None:
    assert await complete(editor, "(ns a (:require [not.loaded :refer [jo|]]))") == EMPTY
    assert nrepl.of("complete") == []


async def test_a_package_s_classes_are_completed_where_they_are_imported(
    editor: Editor, nrepl: FaultServer
) -> None:
    found = [{"candidate": "java.util.Date", "type": "class"}]
    nrepl.on("complete", reply({"completions": found, **DONE}))
    answer = await complete(editor, "(ns a (:import (java.util Da|)))")
    assert nrepl.of("complete")[0]["prefix"] == "java.util.Da"
    assert labels(answer) == ["Date"]


async def test_a_form_that_loads_namespaces_is_never_shown_to_the_server(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    """compliment requires the namespace whose names are referred there."""
    described = {
        "ops": {"complete": {"optional": {"context": ""}}, "clone": {}},
        "versions": {"cider-nrepl": {"version-string": "1"}},
    }
    nrepl.on("describe", reply({**described, **DONE}))
    editor = await attached(make_editor, nrepl, project, MODERN)
    for number, text in enumerate(
        ["(ns a (:require [user :refer [jo|]]))", "(ns a (:require [b :as c|]))", "(ns a|)"]
    ):
        await complete(editor, text, name=f"src/{number}.clj")
    assert all("context" not in request for request in nrepl.of("complete"))


# -- beside a server that reads files -----------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "is_kept"),
    [
        ({"candidate": "mate", "ns": "demo", "type": "function"}, True),
        ({"candidate": "made", "ns": "demo", "type": "function"}, False),
        ({"candidate": "->Made", "ns": "demo", "type": "function"}, False),
        ({"candidate": "mate", "ns": "user", "type": "var"}, True),
        ({"candidate": "mate", "ns": "other.open", "type": "function"}, True),
        ({"candidate": "matter", "ns": "other.open", "type": "function"}, False),
        ({"candidate": "map", "ns": CORE, "type": "function"}, False),
        ({"candidate": "mate", "ns": "not.open", "type": "function"}, False),
        ({"candidate": "mate", "type": "function"}, False),
        ({"candidate": "math", "type": "namespace"}, False),
        ({"candidate": "Math", "type": "class"}, False),
        ({"candidate": ":made", "type": "keyword"}, False),
        ({"candidate": "mate", "type": "local"}, False),
        ({"candidate": ".matches", "type": "method"}, True),
        ({"candidate": "Math/max", "type": "static-method"}, True),
        ({"candidate": "math/sqrt"}, True),
        ({"candidate": "js/Math"}, True),
        ({"candidate": "os.path.join", "type": "function"}, True),
        ({"candidate": "math/sqrt", "ns": "math", "type": "function"}, False),
        ({"candidate": "math/sqrt", "type": "function"}, False),
        ({"candidate": "java.util.Map", "type": "class"}, False),
    ],
)
async def test_beside_another_server_only_what_no_file_says_is_answered(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    found: dict[str, str],
    is_kept: bool,
) -> None:
    nrepl.on("complete", reply({"completions": [found], **DONE}))
    editor = await attached(make_editor, nrepl, project, MODERN, COMPLEMENT)
    editor.open("(ns other.open) (def matter 1)", "src/open.clj")
    editor.open("(define-module (not open))", "src/open.scm", "scheme")
    prefix = found["candidate"][:2]
    text = f"(ns demo) (defrecord Made []) (def made 1) (let [malt 1] :mango ({prefix}|))"
    answer = await complete(editor, text)
    assert labels(answer) == ([found["candidate"]] if is_kept else [])


@pytest.mark.parametrize("place", ["user.clj", "dev/user.clj", "src/user.cljc"])
async def test_a_user_namespace_with_a_file_is_left_to_the_other_server(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, place: str
) -> None:
    nrepl.on("complete", candidates("user/mate"))
    file = project / place
    file.parent.mkdir(exist_ok=True)
    file.write_text("(ns user)")
    editor = await attached(make_editor, nrepl, project, MODERN, COMPLEMENT)
    assert await complete(editor, "(ns demo) (ma|)") == EMPTY


async def test_the_disk_is_not_asked_at_each_key(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complement, "time", SimpleNamespace(monotonic=lambda: now))
    nrepl.on("complete", candidates("user/mate"))
    editor = await attached(make_editor, nrepl, project, MODERN, COMPLEMENT)
    now = 1000.0
    assert labels(await complete(editor, "(ns demo) (ma|)")) == ["mate"]
    asked = []
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: asked.append(path) or exists(path))
    (project / "user.clj").write_text("(ns user)")
    assert labels(await complete(editor, "(ns demo) (ma|)")) == ["mate"]
    assert asked == []
    now += complement.REMEMBERED_FOR
    assert await complete(editor, "(ns demo) (ma|)") == EMPTY
    assert asked != []


async def test_beside_another_server_the_text_is_left_to_it(
    make_editor: Callable[..., Editor], project: Path
) -> None:
    editor = make_editor()
    await editor.initialize(MODERN, COMPLEMENT)
    assert await complete(editor, "(let [number 1] (nu|))") == EMPTY
    assert await complete(editor, "(ns number) (ns b (:require [nu|]))", name="src/b.clj") == EMPTY


async def test_a_slow_second_question_about_a_namespace_is_late(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    async def answer(peer: Any, request: Any) -> None:
        if "/" in request["prefix"]:
            peer.answer(request, {"completions": [], **DONE})

    nrepl.on("complete", answer)
    nrepl.on("completions", answer)
    options = {"completion": {"timeout": 0.1}}
    editor = await attached(make_editor, nrepl, project, MODERN, options)
    assert await complete(editor, "(ns a (:require [demo :refer [jo|]]))") == LATER


async def test_the_text_s_own_keywords_stand_before_those_of_the_program(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("complete", candidates(":_", ":t", ":vip", ":>>"))
    answer = await complete(editor, "(ns demo) (defn f [x] x) {:kind 1 :vip 2} (:|)")
    assert labels(answer) == [":vip", ":kind", ":_", ":t", ":>>"]
