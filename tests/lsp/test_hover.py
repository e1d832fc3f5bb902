"""Hover: what it says, where, and that it costs nothing when there is nothing to say."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply

from .conftest import attach_file
from .editor import Editor, Opened, position

INFO = {"name": "map", "ns": "core", "arglists-str": "[f]\n[f coll]", "doc": "Applies f.\n  Twice."}


async def test_hover_shows_signatures_kind_and_documentation(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({**INFO, "added": "1.2", **DONE}))
    document = editor.open("(ma|p inc)")
    answer = await document.ask("hover")
    assert answer["contents"] == {
        "kind": "markdown",
        "value": "```clojure\n(core/map f)\n(core/map f coll)\n```\n\n"
        "*function* in core · since 1.2\n\n"
        "Applies `f`.  \nTwice.",
    }
    assert answer["range"] == {
        "start": {"line": 0, "character": 1},
        "end": {"line": 0, "character": 4},
    }


async def test_clients_without_markdown_get_plain_text(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.on("info", reply({**INFO, **DONE}))
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    contents = (await editor.open("(ma|p inc)").ask("hover"))["contents"]
    assert contents == {
        "kind": "plaintext",
        "value": "(core/map f)\n(core/map f coll)\n\nfunction in core\n\nApplies f.\nTwice.",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_places_are_in_the_negotiated_encoding(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, encoding: str
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    result = await editor.initialize({"general": {"positionEncodings": [encoding]}})
    assert result["capabilities"]["positionEncoding"] == encoding
    await editor.attached()
    text = '(str "é😀" \r\n "😀é" map)'
    document = editor.open(text)
    start = text.index("map")
    answer = await document.ask("hover", position=position(text, start + 1, encoding))
    assert answer["range"] == {
        "start": position(text, start, encoding),
        "end": position(text, start + 3, encoding),
    }


async def test_the_namespace_in_force_is_sent_only_when_it_is_loaded(
    editor: Editor, nrepl: FaultServer
) -> None:
    """Otherwise the one that REPLs begin in: nbb knows no symbol without a namespace."""
    await editor.open("(ns demo)\n(ma|p)", "a.clj").ask("hover")
    await editor.open("(ns absent)\n(ma|p)", "b.clj").ask("hover")
    first, second = nrepl.of("info")
    assert (first["ns"], second["ns"]) == ("demo", "user")


async def test_no_namespace_is_sent_when_none_is_known_to_be_loaded(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["other"]}, DONE))
    await editor.open("(ns absent)\n(ma|p)", "b.clj").ask("hover")
    (request,) = nrepl.of("info")
    assert "ns" not in request


@pytest.mark.parametrize(
    "text", ["(map |;x)", '"ma|p"', "; ma|p", "(a :ke|y)", "\\ma|p", "12|", "|"]
)
async def test_where_no_symbol_is_nothing_is_asked(
    editor: Editor, nrepl: FaultServer, text: str
) -> None:
    assert await editor.open(text).ask("hover") is None
    assert nrepl.requests == []


async def test_nothing_found_is_null(editor: Editor) -> None:
    assert await editor.open("(no-such-thing| 1)").ask("hover") is None


async def test_without_a_repl_the_answer_is_null_at_once(detached: Editor) -> None:
    assert await detached.open("(ma|p)").ask("hover") is None


async def test_unknown_documents_are_null(editor: Editor) -> None:
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await editor.request("textDocument/hover", place) is None


async def test_a_server_without_the_ops_and_snippets_is_not_asked(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.without("info", "lookup", "ns-list")
    editor = make_editor()
    await editor.initialize(options={"snippets": False})
    await editor.attached()
    nrepl.requests.clear()
    assert await editor.open("(ns demo)(ma|p)").ask("hover") is None
    assert nrepl.requests == []


async def test_a_slow_server_costs_the_timeout_and_no_more(
    editor: Editor, nrepl: FaultServer
) -> None:
    import asyncio

    params = {"settings": {"nrepl.hover.timeout": 0.05}}
    editor.notify("workspace/didChangeConfiguration", params)
    nrepl.on("info", held(asyncio.Event()))
    assert await editor.open("(ma|p)").ask("hover") is None


async def test_a_connection_that_is_lost_meanwhile_is_null(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", hang_up_mid_reply())
    assert await editor.open("(ma|p)").ask("hover") is None


async def test_an_answer_that_says_nothing_is_null(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", reply({"name": "", "file": "", **DONE}))
    assert await editor.open("(ma|p)").ask("hover") is None


async def test_half_characters_in_documentation_are_replaced(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({**INFO, "doc": "caf\udce9", **DONE}))
    contents = (await editor.open("(ma|p)").ask("hover"))["contents"]
    assert "caf\ufffd" in contents["value"]


NS = "(ns demo (:require [clojure.string :as str :refer [join]] [gone :as g]))\n"


async def test_a_local_is_the_form_that_binds_it_and_nobody_is_asked(
    editor: Editor, nrepl: FaultServer
) -> None:
    answer = await editor.open("(let [map 1] (inc ma|p))").ask("hover")
    assert answer["contents"]["value"] == (
        "`map` – *local*, bound in\n\n```clojure\n(let [map 1] …)\n```"
    )
    assert nrepl.requests == []


async def test_locals_are_known_without_a_repl(detached: Editor) -> None:
    answer = await detached.open("(fn [x] (inc |x))").ask("hover")
    assert answer["contents"]["value"].startswith("`x` – *parameter*")
    assert answer["range"]["start"] == {"line": 0, "character": 13}


async def test_an_alias_is_its_namespace(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "clojure.string"]}, DONE))
    nrepl.on("eval", reply({"value": '["clojure.string" "Strings." nil]'}, DONE))
    document = editor.open(NS + "(s|tr/join x)")
    answer = await document.ask("hover")
    assert answer["contents"]["value"] == (
        "```clojure\nclojure.string\n```\n\n*namespace*, here `str`\n\nStrings."
    )
    assert answer["range"]["end"] == {"line": 1, "character": 4}


async def test_of_an_alias_the_text_knows_what_it_stands_for(
    editor: Editor, nrepl: FaultServer
) -> None:
    """The namespace is not loaded, so it must not be named to the program."""
    answer = await editor.open(NS + "(|g/f x)").ask("hover")
    assert answer["contents"]["value"] == "```clojure\ngone\n```\n\n*namespace*, here `g`"
    assert nrepl.of("info") == []


async def test_a_namespace_that_is_not_loaded_says_nothing(editor: Editor) -> None:
    assert await editor.open("(ns demo (:require [go|ne :as g]))").ask("hover") is None


async def test_an_alias_needs_no_repl(detached: Editor) -> None:
    answer = await detached.open(NS + "(st|r/join x)").ask("hover")
    assert "clojure.string" in answer["contents"]["value"]


async def test_a_referred_name_in_the_ns_form_is_asked_for_with_its_namespace(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "clojure.string"]}, DONE))
    await editor.open("(ns demo (:require [clojure.string :refer [jo|in]]))").ask("hover")
    await editor.open("(ns demo (:require [gone :refer [jo|in]]))", "b.clj").ask("hover")
    (request,) = nrepl.of("info")
    assert request["sym"] == "clojure.string/join"


async def test_where_the_namespace_is_not_loaded_aliases_are_spelled_out(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "clojure.string"]}, DONE))
    text = NS.replace("demo", "absent")
    for name in ("str/jo|in", "jo|in", "ow|n", "g/f|n", "Math/ab|s"):
        await editor.open(f"{text}({name} 1)", f"{len(name)}{name[0]}.clj").ask("hover")
    asked = [(request["sym"], request["ns"]) for request in nrepl.of("info")]
    assert asked == [
        ("clojure.string/join", "user"),
        ("clojure.string/join", "user"),
        ("own", "user"),
        ("g/fn", "user"),
        ("Math/abs", "user"),
    ]


async def test_what_the_text_defines_is_not_looked_for_in_another_namespace(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({**INFO, **DONE}))
    answer = await editor.open("(ns absent)\n(defn f [])\n(f|)").ask("hover")
    assert "(absent/f)" in answer["contents"]["value"]
    assert nrepl.of("info") == []
    assert await editor.open("(ns demo)\n(defn f [])\n(f|)", "b.clj").ask("hover") is not None


async def test_the_name_of_a_namespace_is_one_too(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", reply({"name": "demo", "ns": "demo", "doc": "Demo.", **DONE}))
    answer = await editor.open("'dem|o").ask("hover")
    assert answer["contents"]["value"] == "```clojure\ndemo\n```\n\n*namespace*\n\nDemo."


async def test_a_connection_that_is_lost_meanwhile_leaves_the_alias(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["demo", "clojure.string"]}, DONE))
    nrepl.on("info", hang_up_mid_reply())
    answer = await editor.open(NS + "(s|tr/join x)").ask("hover")
    assert answer["contents"]["value"].endswith("here `str`")


async def test_modules_of_other_languages_are_asked_for_as_they_are_written(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({**INFO, **DONE}))
    text = "(import os.path :as p [join])\n"
    await editor.open(text + "(|p.join)", "a.hy", "hy").ask("hover")
    await editor.open("(import os.path [jo|in])", "b.hy", "hy").ask("hover")
    assert [request["sym"] for request in nrepl.of("info")] == ["p.join", "join"]


# -- by the text alone --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (
            '(ns demo)\n(defn area "Its \\"area\\"." ([r] r) ([r s] s))\n(ar|ea 1)',
            "a.clj",
            '(demo/area r)\n(demo/area r s)\n\nfunction in demo\n\nIts "area".',
        ),
        ("(ns demo) (defn area [r] r) (demo/ar|ea 1)", "a.clj", "(demo/area r)"),
        ('(ns demo) (def x "Doc." 1) x|', "a.clj", "demo/x\n\nvariable in demo\n\nDoc."),
        ('(ns demo) (def x "value") x|', "a.clj", "demo/x\n\nvariable in demo"),
        ('(ns demo) (defn f [] "value") (f|)', "a.clj", "(demo/f)\n\nfunction in demo"),
        (
            '(ns demo) (defprotocol P (area [this] "Doc.")) (ar|ea 1)',
            "a.clj",
            "(demo/area this)\n\nfunction in demo\n\nDoc.",
        ),
        ("(ns demo) (defrecord Item [kind]) Ite|m", "a.clj", "demo/Item\n\nclass in demo"),
        ("(ns demo) (defrecord Item [kind]) (Ite|m. 1)", "a.clj", "(Item. kind)\n\nclass"),
        (
            "(ns demo) (defrecord Item [kind]) (->It|em 1)",
            "a.clj",
            "(demo/->Item kind)\n\nclass in demo",
        ),
        ('(defn f [x] "Doc." x)\n(f| 1)', "a.hy", "(f x)\n\nfunction\n\nDoc."),
        ('(fn f [x] "Doc." x)\n(f| 1)', "a.fnl", "(f x)\n\nfunction\n\nDoc."),
        ("(define (f x) x)\n(f| 1)", "a.scm", "(f x)\n\nfunction"),
    ],
)
async def test_what_a_document_defines_is_said_without_a_program(
    make_editor: Callable[..., Editor], text: str, name: str, said: str
) -> None:
    editor = make_editor()
    await editor.initialize({})
    languages = {".clj": "clojure", ".hy": "hy", ".fnl": "fennel", ".scm": "scheme"}
    language = languages[Path(name).suffix]
    answer = await editor.open(text, name, language).ask("hover")
    assert answer is not None
    assert answer["contents"]["value"].startswith(said)


async def test_a_file_reading_server_says_what_the_text_does(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize({}, options={"profile": "complement"})
    assert await editor.open("(ns demo) (defn area [r] r) (ar|ea 1)").ask("hover") is None


@pytest.mark.parametrize("text", ["(ns demo) (other/ar|ea) (defn area [])", "(nob|ody)", ":ke|y"])
async def test_of_other_names_the_text_says_nothing(detached: Editor, text: str) -> None:
    assert await detached.open(text).ask("hover") is None


@pytest.mark.parametrize("text", ["(let [map 1] (ma|p 2))", "(ns a (:require [b :as c]))\n(|c/f)"])
async def test_beside_another_server_what_the_text_tells_is_left_to_it(
    make_editor: Callable[..., Editor], text: str
) -> None:
    for features, is_left in [({}, True), ({"features": {"hover": True}}, False)]:
        editor = make_editor()
        await editor.initialize(options={"profile": "complement", **features})
        assert (await editor.open(text).ask("hover") is None) == is_left


# -- what a form came to --------------------------------------------------------------------


async def evaluated(editor: Editor, text: str, command: str = "nrepl.evalTopLevelForm") -> Opened:
    """A document whose form at the first mark was evaluated; the second mark is hovered over."""
    document = editor.open(text)
    place = {"uri": document.uri, "position": document.marks[0]}
    await editor.command(command, place)
    document.marks.pop(0)
    return document


async def hover_text(document: Opened) -> str | None:
    answer = await document.ask("hover")
    return (
        None
        if answer is None
        else re.sub(r"\(\d\d:\d\d:\d\d, \d+ ms", "(…", answer["contents"]["value"])
    )


async def test_the_value_follows_what_there_is_to_say_of_the_name(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({**INFO, **DONE}))
    nrepl.on("eval", reply({"out": "one\ntwo\n"}, {"value": "(2 3)", "ns": "user"}, DONE))
    document = await evaluated(editor, "|(m|ap inc [1 2])")
    text = await hover_text(document)
    assert text is not None
    name, result = text.split("\n\n---\n\n")
    assert name.startswith("```clojure\n(core/map f)")
    assert result == (
        "*Value* (…, user)\n\n```clojure\n(2 3)\n```\n\n*Printed*\n\n```text\none\ntwo\n```"
    )


async def test_without_a_name_the_value_is_said_of_the_whole_form(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "3", "ns": "user"}, DONE))
    document = await evaluated(editor, "|[1\n |  2] x|")
    answer = await document.ask("hover")
    assert answer["contents"]["value"].endswith("```clojure\n3\n```")
    assert answer["range"] == {
        "start": {"line": 0, "character": 0},
        "end": {"line": 1, "character": 5},
    }
    assert await document.ask("hover", position=document.marks[1]) is None


async def test_a_value_is_said_without_a_program(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "3", "ns": "user"}, DONE))
    document = await evaluated(editor, "|[1 | 2]")
    await editor.command("nrepl.disconnect")
    assert await hover_text(document) == "*Value* (…, user)\n\n```clojure\n3\n```"


async def test_the_innermost_form_that_was_evaluated_is_meant(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": ":outer"}, DONE))
    document = await evaluated(editor, "|(do (| 1) |2)")
    nrepl.on("eval", reply({"value": ":inner"}, DONE))
    place = {
        "uri": document.uri,
        "range": {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 8}},
    }
    await editor.command("nrepl.evalSelection", place)
    assert ":inner" in str(await hover_text(document))
    document.marks.pop(0)
    assert ":outer" in str(await hover_text(document))


async def test_a_definitions_name_is_said_on_its_first_line_only(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "#'demo/f", "ns": "demo"}, DONE))
    document = await evaluated(editor, "|(defn f []|\n  [1 | 2])")
    assert "#'demo/f" in str(await hover_text(document))
    document.marks.pop(0)
    assert await hover_text(document) is None


async def test_an_error_is_said_with_its_class(editor: Editor, nrepl: FaultServer) -> None:
    err = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
    ex = "class java.lang.ArithmeticException"
    nrepl.on("eval", reply({"err": err}, {"ex": ex, "status": ["eval-error"]}, DONE))
    document = await evaluated(editor, "|[1 | 2]")
    assert await hover_text(document) == (
        "*Failed* (…)\n\n`java.lang.ArithmeticException`\n\n```text\nDivide by zero\n```"
    )


async def test_a_long_value_is_laid_out_and_cut(editor: Editor, nrepl: FaultServer) -> None:
    entries = " ".join(f":key{number} {number}" for number in range(200))
    nrepl.on("eval", reply({"value": f"{{{entries}}}"}, DONE))
    text = await hover_text(await evaluated(editor, "|[1 | 2]"))
    assert text is not None
    assert text.startswith("*Value* (…)\n\n```clojure\n{:key0 0\n :key1 1\n")
    assert text.endswith(f" :key39 39 …\n```\n\n{len(entries) + 2:,} characters in all.")


async def test_several_values_and_long_output_are_shown_from_their_end(
    editor: Editor, nrepl: FaultServer
) -> None:
    values = [{"value": f":v{number}"} for number in range(7)]
    out = "".join(f"\x1b[1;31mline {number}\x1b[0m\n" for number in range(1000))
    nrepl.on("eval", reply({"out": out}, *values, DONE))
    text = await hover_text(await evaluated(editor, "|[1 | 2]"))
    assert text is not None
    assert "The last 5 of 7 values:" in text
    assert ":v2" in text
    assert ":v1\n" not in text
    assert text.endswith("line 999\n```")
    assert text.count("line ") == 12
    assert "*Printed last*" in text


async def test_a_value_with_a_fence_in_it_stays_in_its_own(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": '"```\nx"'}, DONE))
    text = await hover_text(await evaluated(editor, "|[1 | 2]"))
    assert text == '*Value* (…)\n\n````clojure\n"```\nx"\n````'


async def test_the_colours_of_a_value_are_left_out(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "\x1b[31m:red\x1b[0m"}, DONE))
    text = await hover_text(await evaluated(editor, "|[1 | 2]"))
    assert text == "*Value* (…)\n\n```clojure\n:red\n```"


async def test_no_value_is_said_plainly(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.on("eval", reply(DONE))
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    assert await hover_text(await evaluated(editor, "|[1 | 2]")) == "No value (…)"


async def test_what_was_edited_while_the_program_was_asked_gets_no_value(
    editor: Editor, nrepl: FaultServer
) -> None:
    release = asyncio.Event()
    nrepl.on("info", held(release, reply({**INFO, **DONE})))
    document = await evaluated(editor, "|(m|ap inc)")
    question = asyncio.ensure_future(document.ask("hover"))
    await nrepl.received("info")
    document.change((0, 0), (0, 0), "\n")
    release.set()
    assert "---" not in (await question)["contents"]["value"]
