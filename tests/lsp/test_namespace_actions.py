"""Quick fixes: a require, a refer or an import for a name that nothing explains."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, reply, silent

from .applied import capabilities, with_workspace_edit
from .conftest import attach_file
from .editor import Editor, Opened

FIXES = ["quickfix"]
STR = "Add require [clojure.string :as str]"


async def fixes(document: Opened, **context: Any) -> dict[str, Any]:
    actions = await document.actions(only=FIXES, **context)
    return {action["title"]: action for action in actions or ()}


def after(document: Opened, action: Any) -> str:
    return with_workspace_edit(document, action["edit"])


@pytest.mark.parametrize("versions", [True, False])
async def test_a_require_is_added(make_editor: Callable[..., Editor], versions: bool) -> None:
    editor = make_editor()
    await editor.initialize(capabilities(versions=versions))
    document = editor.open("(ns demo)\n(str/jo|in [1])")
    found = await fixes(document)
    assert list(found) == [STR]
    action = found[STR]
    assert (action["kind"], action["isPreferred"]) == ("quickfix.addRequire", True)
    assert ("documentChanges" in action["edit"]) == versions
    assert after(document, action) == (
        "(ns demo\n  (:require [clojure.string :as str]))\n(str/join [1])"
    )


async def test_the_ns_form_in_force_is_changed(detached: Editor) -> None:
    document = detached.open("(ns a)\n(ns d)\n(str/jo|in [1])")
    (action,) = (await fixes(document)).values()
    assert after(document, action) == (
        "(ns a)\n(ns d\n  (:require [clojure.string :as str]))\n(str/join [1])"
    )


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("(ns a) (str/join|)", [STR]),
        ("(ns a) (map str/upper-case| x)", [STR]),
        ("(ns a) ::str/k|", [STR]),
        ("(ns a) #'str/join|", [STR]),
        (
            "(ns a) s/x|",
            ["Add require [clojure.spec.alpha :as s]", "Add require [clojure.string :as s]"],
        ),
        ("(ns a) (Date|.)", ["Add import java.util.Date"]),
        ("(ns a) (Date|/from x)", ["Add import java.util.Date"]),
        ("(ns a) ^Date| x", ["Add import java.util.Date"]),
        ("(ns a) (deftest| x)", ["Refer `deftest` from clojure.test"]),
        # What the text explains, or what is not from a namespace.
        ("(ns a (:require [b :as str])) str/x|", []),
        ("(ns a (:import (java.util Date))) (Date|.)", []),
        ("(ns a (:require [b :refer [deftest]])) (deftest| x)", []),
        ("(ns a) (defn deftest [] 1) (deftest|)", []),
        ("(ns a) (let [deftest 1] deftest|)", []),
        ("(ns a) (defrecord Date [x]) (Date|/create)", []),
        ("(ns a) 'str/join|", []),
        ("(ns a) 'deftest|", []),
        ("(ns a) :str/k|", []),
        ("(ns a) (.Date| x)", []),
        ("(ns a) (java.util.Date|.)", []),
        ("(ns a) (clojure.string/join|)", []),
        ("(ns a) (String|/valueOf 1)", []),
        ("(ns a) a/x|", []),
        ('(ns a) "str/x|"', []),
        ("(ns a) ; str/x|", []),
        ("(ns a) #(str %|)", []),
        ("(ns a) nosuch/x|", []),
        ("(ns a) | ", []),
        # Where there is no `ns` form nothing can be added; in it nothing is missing.
        ("str/x|", []),
        ("(ns a (:require str/x|))", []),
        ("(ns a (:require [b]\nstr/x|", []),
    ],
)
async def test_what_is_offered_without_a_program(
    detached: Editor, text: str, titles: list[str]
) -> None:
    assert list(await fixes(detached.open(text))) == titles


@pytest.mark.parametrize(
    ("name", "language", "text", "titles"),
    [
        ("a.lpy", "clojure", "(ns a) str/x|", ["Add require [basilisp.string :as str]"]),
        ("a.lpy", "clojure", "(ns a) os/getcwd|", ["Add import os"]),
        ("a.lpy", "clojure", "(ns a) (Date|.)", []),
        ("a.cljs", "clojurescript", "(ns a) io/x|", []),
        ("a.cljs", "clojurescript", "(ns a) (Date|.)", []),
        ("a.cljs", "clojurescript", "(ns a) js/x|", []),
        ("a.cljc", "clojure", "(ns a) io/x|", ["Add require [clojure.java.io :as io]"]),
        ("a.edn", "clojure", "(ns a) str/x|", []),
        ("a.hy", "hy", "(ns a) str/x|", []),
        ("a.txt", "plaintext", "(ns a) str/x|", []),
    ],
)
async def test_each_language_has_its_own(
    detached: Editor, name: str, language: str, text: str, titles: list[str]
) -> None:
    assert list(await fixes(detached.open(text, f"src/{name}", language))) == titles


async def test_what_other_open_documents_call_so_comes_first(detached: Editor) -> None:
    detached.open("(ns b (:require [my.strings :as str]))", "src/b.clj")
    detached.open("(ns c (:require [a :as str]))", "src/c.lpy")
    document = detached.open("(ns a) str/x|", "src/a.clj")
    found = await fixes(document)
    assert list(found) == ["Add require [my.strings :as str]", STR]
    assert "isPreferred" not in found[STR]


async def test_what_other_open_documents_refer_to_is_offered(detached: Editor) -> None:
    refers = "(:require [shop.text :refer [label] :rename {price cost}])"
    detached.open(f"(ns b {refers})", "src/b.clj")
    detached.open("(ns c (:require [shop.labels :refer [label]]))", "src/c.lpy")
    document = detached.open("(ns a)\n(labe|l 1)", "src/a.clj")
    found = await fixes(document)
    assert list(found) == ["Refer `label` from shop.text"]
    assert after(document, found["Refer `label` from shop.text"]) == (
        "(ns a\n  (:require [shop.text :refer [label]]))\n(label 1)"
    )
    assert await fixes(detached.open("(ns d)\n(cos|t 1)", "src/d.clj")) == {}
    assert await fixes(detached.open("(ns shop.text)\n(labe|l 1)", "src/e.clj")) == {}


@pytest.mark.parametrize(
    ("text", "namespaces"),
    [
        ("(core/tot|al 2)", ["shop.core", "odd.core"]),
        ("(core/conn|ect 2)", ["nrepl.core", "odd.core"]),
        ("(core/nos|uch 2)", ["odd.core"]),
        # What is not a public var may be there all the same.
        ("::core/nos|uch", ["nrepl.core", "odd.core", "shop.core"]),
        ("#'core/nos|uch", ["nrepl.core", "odd.core", "shop.core"]),
    ],
)
async def test_a_namespace_that_has_not_the_name_is_not_offered(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    text: str,
    namespaces: list[str],
) -> None:
    loaded = ["user", "demo", "clojure.core", "nrepl.core", "odd.core", "shop.core"]
    nrepl.on("ns-list", reply({"ns-list": loaded}, DONE))
    nrepl.on("ns-vars-with-meta", reply(DONE))
    for ns, name in (("clojure.core", "total"), ("nrepl.core", "connect"), ("shop.core", "total")):
        variables = {"ns-vars-with-meta": {name: {}}}
        nrepl.on("ns-vars-with-meta", reply(variables, DONE), ns=ns)
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    found = await fixes(editor.open(f"(ns demo)\n{text}"))
    assert set(found) == {f"Add require [{ns} :as core]" for ns in namespaces}


async def test_the_program_is_asked_what_an_alias_is(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "demo.strings", "x.core.str"]}, DONE))
    nrepl.on("cljr-suggest-libspecs", reply({"suggestions": '["[a.b :as strings]"]'}, DONE))
    document = editor.open("(ns demo)\nstrings/x|")
    assert list(await fixes(document)) == ["Add require [demo.strings :as strings]"]


async def test_refactor_nrepl_knows_the_aliases_of_the_project(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("cljr-suggest-libspecs", reply({"suggestions": '["[a.b :as q]"]'}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    document = editor.open("(ns demo)\nq/x|", "src/a.cljc")
    assert list(await fixes(document)) == ["Add require [a.b :as q]"]
    (request,) = nrepl.of("cljr-suggest-libspecs")
    assert (request["lib-prefix"], request["language-context"]) == ("q", "cljc")


@pytest.mark.parametrize("ns", ["async", "io"])
async def test_the_name_of_a_loaded_namespace_is_no_alias(
    editor: Editor, nrepl: FaultServer, ns: str
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", ns, f"my.{ns}"]}, DONE))
    assert await fixes(editor.open(f"(ns demo)\n{ns}/x|")) == {}


@pytest.mark.parametrize(
    ("alias", "namespaces"),
    [
        ("async", ["clojure.core.async"]),
        ("str", ["clojure.string", "my.str.core"]),
        ("core", ["my.str.core"]),
        ("user", []),
    ],
)
async def test_loaded_namespaces_are_known_by_their_last_part(
    editor: Editor, nrepl: FaultServer, alias: str, namespaces: list[str]
) -> None:
    loaded = ["user", "demo", "clojure.core.async", "my.str.core", "a.demo"]
    nrepl.on("ns-list", reply({"ns-list": loaded}, DONE))
    found = await fixes(editor.open(f"(ns demo)\n{alias}/x|"))
    assert list(found) == [f"Add require [{ns} :as {alias}]" for ns in namespaces]


async def test_libraries_are_offered_only_where_they_are(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns demo)\nasync/x|")
    assert await fixes(document) == {}
    loaded = reply({"ns-list": ["user", "clojure.core.async"]}, DONE)
    nrepl.on("ns-list", loaded)
    other = editor.open("(ns demo)\na/x|", "src/b.clj")
    assert await fixes(other) == {}, "a list is good for a while"


@pytest.fixture
async def refactoring(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Editor:
    """An editor whose program has `resolve-missing`."""
    nrepl.on("resolve-missing", reply({"candidates": []}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.requests.clear()
    return editor


@pytest.mark.parametrize(
    ("text", "candidates", "titles"),
    [
        (
            "(ns demo)\n(join| [1])",
            "[{:name clojure.set, :type :ns} {:name clojure.string, :type :ns}]",
            ["Refer `join` from clojure.set", "Refer `join` from clojure.string"],
        ),
        ("(ns demo)\n(ArrayList|.)", "[{:name a.b.ArrayList, :type :class}]", None),
        ("(ns demo)\n(Strange|.)", "[{:name a.Strange, :type :class}]", ["Add import a.Strange"]),
        ("(ns demo)\n(Odd|.)", "[{:name a.Other, :type :class} {:name Odd, :type :class}]", []),
        ("(ns demo)\n(Odd|.)", "[{:name java.lang.Odd, :type :class}]", []),
        ("(ns demo)\nx|", "[{:name demo, :type :ns} {:name clojure.core, :type :ns}]", []),
        ("(ns demo)\nx|", "[{:name a.x, :type :class}]", []),
        ("(ns demo)\nx|", "nil", []),
    ],
)
async def test_missing_names_are_looked_up(
    refactoring: Editor,
    nrepl: FaultServer,
    text: str,
    candidates: str,
    titles: list[str] | None,
) -> None:
    nrepl.on("resolve-missing", reply({"candidates": candidates}, DONE))
    if titles is None:
        titles = ["Add import a.b.ArrayList", "Add import java.util.ArrayList"]
    assert list(await fixes(refactoring.open(text))) == titles


async def test_a_refer_is_added(refactoring: Editor, nrepl: FaultServer) -> None:
    candidates = "[{:name clojure.set, :type :ns}]"
    nrepl.on("resolve-missing", reply({"candidates": candidates}, DONE))
    document = refactoring.open("(ns demo (:require [clojure.set :refer [union]]))\n(join| 1)")
    found = await fixes(document)
    action = found["Refer `join` from clojure.set"]
    assert action["kind"] == "quickfix.addRefer"
    assert after(document, action).startswith(
        "(ns demo (:require [clojure.set :refer [join union]]))"
    )


async def test_what_the_program_knows_is_not_missing(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({"name": "deftest", "ns": "clojure.test"}, DONE))
    assert await fixes(refactoring.open("(ns demo)\n(deftest| x)")) == {}
    assert nrepl.of("resolve-missing") == []


async def test_what_was_evaluated_just_now_is_not_missing(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("resolve-missing", reply({"candidates": "[{:name other.ns, :type :ns}]"}, DONE))
    document = refactoring.open("(ns demo)\n(frob| x)")
    assert list(await fixes(document)) == ["Refer `frob` from other.ns"]
    nrepl.on("info", reply({"name": "frob", "ns": "demo"}, DONE))
    await refactoring.command("nrepl.evalForm", document.at_cursor)
    assert await fixes(document) == {}


@pytest.mark.usefixtures("quick_menu")
async def test_what_the_program_does_not_say_in_time_may_be_known(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", silent())
    assert await fixes(refactoring.open("(ns demo)\n(deftest| x)")) == {}


async def test_a_namespace_that_refers_to_everything_may_have_it(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    text = "(ns not.loaded (:require [clojure.test :refer :all]))\n(deftest| x)"
    assert await fixes(refactoring.open(text)) == {}


async def test_a_lost_connection_is_no_answer(refactoring: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", hang_up_mid_reply())
    nrepl.on("resolve-missing", hang_up_mid_reply())
    assert await refactoring.open("(ns demo)\n(zzz| x)").actions(only=FIXES) is None


async def test_a_connection_that_is_lost_before_is_no_answer(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", hang_up_mid_reply())
    text = "(ns not.listed)\n(zzz| x)"
    assert await refactoring.open(text).actions(only=FIXES) is None


async def test_nothing_is_asked_when_fixes_are_not_wanted(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    await refactoring.open("(ns demo)\nstr/x|").actions(only=["nrepl", "source"])
    # Whether the file is loaded is asked for another part of the menu.
    assert {request["op"] for request in nrepl.requests} <= {"ns-list"}


async def test_only_the_kind_that_is_wanted(detached: Editor) -> None:
    document = detached.open("(ns a) os/x|", "src/a.lpy")
    assert await document.actions(only=["quickfix.addRequire"]) is None
    (action,) = await document.actions(only=["quickfix.addImport"])
    assert action["title"] == "Add import os"


async def test_a_fix_names_what_it_fixes(detached: Editor) -> None:
    document = detached.open("(ns a)\nstr/x|")

    def mark(line: int) -> dict[str, Any]:
        places = ({"line": line, "character": at} for at in (0, 3))
        return {"range": dict(zip(("start", "end"), places, strict=True)), "message": "No such"}

    found = await fixes(document, diagnostics=[mark(1), mark(0)])
    assert found[STR]["diagnostics"] == [mark(1)]


async def test_many_candidates_are_cut(refactoring: Editor, nrepl: FaultServer) -> None:
    names = " ".join(f"{{:name a{number}.b, :type :ns}}" for number in range(30))
    nrepl.on("resolve-missing", reply({"candidates": f"({names})"}, DONE))
    assert len(await fixes(refactoring.open("(ns demo)\n(zz| x)"))) == 8


async def test_old_clients_get_a_command_that_applies_the_edit(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize({"workspace": {"applyEdit": True}})
    document = editor.open("(ns demo)\n(str/jo|in [1])")
    found = await fixes(document)
    call = found[STR]
    assert call["command"] == "nrepl.applyAction"
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    assert await editor.command(call["command"], *call["arguments"]) == {"applied": True}
    ((_, params),) = [sent for sent in editor.requests if sent[0] == "workspace/applyEdit"]
    assert params["label"] == STR
    assert with_workspace_edit(document, params["edit"]).startswith("(ns demo\n  (:require")


async def test_clients_that_can_do_nothing_with_an_edit_get_none(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize({})
    assert await editor.open("(ns demo)\n(str/jo|in [1])").actions(only=FIXES) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("(ns demo)\n(map| x)", False),
        ("(ns demo)\n(deftest| x)", True),
        ("(ns demo)\n(Thing|.)", True),
        ("(ns demo)\nthing/x|", True),
    ],
)
async def test_moving_over_a_plain_name_asks_nothing(
    refactoring: Editor, nrepl: FaultServer, text: str, asks: bool
) -> None:
    document = refactoring.open(text)
    await fixes(document, triggerKind=2)
    assert bool(nrepl.requests) is asks


async def test_a_name_that_an_error_marks_is_looked_for_at_once(
    refactoring: Editor, nrepl: FaultServer
) -> None:
    candidates = "[{:name clojure.set, :type :ns}]"
    nrepl.on("resolve-missing", reply({"candidates": candidates}, DONE))
    document = refactoring.open("(ns demo)\n(join| x)")
    places = {"start": {"line": 1, "character": 1}, "end": {"line": 1, "character": 5}}
    mark = {"range": places, "message": "Unable to resolve symbol: join"}
    found = await fixes(document, triggerKind=2, diagnostics=[mark])
    assert found["Refer `join` from clojure.set"]["diagnostics"] == [mark]
