"""Rename: what is certain is renamed, the rest is refused with the reason."""

from typing import Any

import pytest

from tests.source.test_scopes import TABLES, marked

from .editor import Editor, RequestFailed, position

REQUEST_FAILED = -32803

EXPECTED_REFUSALS = (
    "The brackets around it do not match.",
    "It is a field, which others know by its name.",
    "It is an argument of a short function, which cannot have another name.",
    "Callers write this argument's name.",
    "It is a special variable, which others see under its name.",
)


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after edits within lines; all its characters are in the basic plane."""
    lines = text.split("\n")
    for edit in sorted(edits, key=_start, reverse=True):
        start, end = edit["range"]["start"], edit["range"]["end"]
        assert start["line"] == end["line"]
        line = lines[start["line"]]
        lines[start["line"]] = (
            line[: start["character"]] + edit["newText"] + line[end["character"] :]
        )
    return "\n".join(lines)


def _start(edit: dict[str, Any]) -> tuple[int, int]:
    return edit["range"]["start"]["line"], edit["range"]["start"]["character"]


async def renamed(editor: Editor, text: str, new: str, language: str = "clojure") -> str:
    document = editor.open(text, f"src/demo.{language}", language)
    answer = await document.ask("rename", newName=new)
    return applied(document.text, answer["changes"][document.uri])


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("(let [|a 1] (+ a b) :a) a", "x", "(let [x 1] (+ x b) :a) a"),
        ("(let [a 1] (+ a| b))", " x ", "(let [x 1] (+ x b))"),
        ("(let [a 1\n      b a]\n  |a)", "x", "(let [x 1\n      b x]\n  x)"),
        ('(fn [|a] #_a "a" \'a a)', "x", '(fn [x] #_a "a" \'a x)'),
        ("(fn |f [x] (f x))", "g", "(fn g [x] (g x))"),
        ("(let [|a 1] a)", "a", "(let [a 1] a)"),
        ("(let [#?(:clj a :cljs a) 1] |a)", "x", "(let [#?(:clj x :cljs x) 1] x)"),
        ("(fn [m] `(let [|y# ~m] y#))", "z#", "(fn [m] `(let [z# ~m] z#))"),
        ("(let [|a 1] (let [a 2] a) a)", "x", "(let [x 1] (let [a 2] a) x)"),
        ("(let [a 1] (let [|a 2] a) a)", "x", "(let [a 1] (let [x 2] x) a)"),
        ("(let [|a 1] (let [x 2] x) a)", "x", "(let [x 1] (let [x 2] x) x)"),
        ("(let [{|a :b} x] a)", "c", "(let [{c :b} x] c)"),
        # Keys stay what they are.
        ("(let [{:keys [a]} m] |a)", "x", "(let [{x :a} m] x)"),
        ("(let [{:keys [a b]} m] |a)", "x", "(let [{:keys [b] x :a} m] x)"),
        ("(let [{:keys [b, a]} m] |a)", "x", "(let [{:keys [b] x :a} m] x)"),
        ("(let [{:keys [b a c] :as m} m] |a)", "x", "(let [{:keys [b c] x :a :as m} m] x)"),
        ("(fn [{:keys [|a b] :or {a 1}}] a)", "x", "(fn [{:keys [b] x :a :or {x 1}}] x)"),
        ("(let [{:keys [n/a b]} m] |a)", "x", "(let [{:keys [b] x :n/a} m] x)"),
        ("(let [{:keys [:a b]} m] |a)", "x", "(let [{:keys [b] x :a} m] x)"),
        ("(let [{:keys [::n/a b]} m] |a)", "x", "(let [{:keys [b] x ::n/a} m] x)"),
        ("(let [{:n/keys [a b]} m] |a)", "x", "(let [{:n/keys [b] x :n/a} m] x)"),
        ("(let [{::keys [a b]} m] |a)", "x", "(let [{::keys [b] x ::a} m] x)"),
        ("(let [{:syms [a b]} m] |a)", "x", "(let [{:syms [b] x 'a} m] x)"),
        ("(let [{:n/syms [a]} m] |a)", "x", "(let [{x 'n/a} m] x)"),
        ("(let [{:strs [a b]} m] |a)", "x", '(let [{:strs [b] x "a"} m] x)'),
        ("(let [{:keys [^long a b]} m] |a)", "x", "(let [{:keys [b] ^long x :a} m] x)"),
        ("(let [{:keys [#_q a #_r b]} m] |a)", "x", "(let [{:keys [#_q  #_r b] x :a} m] x)"),
        ("(let [{:keys [b #_q a]} m] |a)", "x", "(let [{:keys [b #_q ] x :a} m] x)"),
        ("(fn [& {:keys [|a]}] a)", "x", "(fn [& {x :a}] x)"),
        # Private definitions.
        ("(defn- |f [] (f))\n(f)", "g", "(defn- g [] (g))\n(g)"),
        (
            "(ns n)\n(def ^:private a 1)\n[a| n/a #'a @#'n/a]",
            "b",
            "(ns n)\n(def ^:private b 1)\n[b n/b #'b @#'n/b]",
        ),
        ("(ns n)\n(def ^:private a 1)\n(|n/a)", "b", "(ns n)\n(def ^:private b 1)\n(n/b)"),
        ("(defn- f [x] x)\n(let [f 1] f)\n`(|f)", "g", "(defn- g [x] x)\n(let [f 1] f)\n`(g)"),
        (
            "(defn- |f [x] x)\n(reify P (f [_] (f 1)))\n(.. x f (f f)) ^f x",
            "g",
            "(defn- g [x] x)\n(reify P (f [_] (g 1)))\n(.. x f (f g)) ^f x",
        ),
        (
            "(def ^:private |f nil)\n(defn h [f] (alter-var-root #'f f))",
            "g",
            "(def ^:private g nil)\n(defn h [f] (alter-var-root #'g f))",
        ),
        (
            "(def ^:private |f nil)\n(fn [f] (binding [f f] f))",
            "g",
            "(def ^:private g nil)\n(fn [f] (binding [g f] f))",
        ),
        (
            "(defmulti ^:private |f x)\n(fn [f] (defmethod f 1 [f] f))",
            "g",
            "(defmulti ^:private g x)\n(fn [f] (defmethod g 1 [f] f))",
        ),
        ("(let [|a 1] (run #'a a))", "b", "(let [b 1] (run #'a b))"),
        ('(fn [|a] #f "{c}" "{a}" a)', "b", '(fn [b] #f "{c}" "{a}" b)'),
    ],
)
async def test_what_is_certain_is_renamed(
    detached: Editor, text: str, new: str, expected: str
) -> None:
    assert await renamed(detached, text, new) == expected


@pytest.mark.parametrize(
    ("language", "text", "new", "expected"),
    [
        ("fennel", "(let [{: |a} t] {: a :b a})", "x", "(let [{:a x} t] {:a x :b x})"),
        ("fennel", "(fn [|t] (t.x t:y))", "u", "(fn [u] (u.x u:y))"),
        ("fennel", "(local |a 1)\n(print a.b a)", "x", "(local x 1)\n(print x.b x)"),
        ("fennel", "(fn |f [x] (f x))\n(f 1)", "g", "(fn g [x] (g x))\n(g 1)"),
        ("hy", "(defn f [] (setv |my-a 1) my_a)", "b", "(defn f [] (setv b 1) b)"),
        ("commonlisp", "(let ((|a 1)) (a A))", "b", "(let ((b 1)) (a b))"),
        ("hy", '(defn f [x] (setv |y x) "{y}" y)', "z", '(defn f [x] (setv z x) "{y}" z)'),
        (
            "scheme",
            "(define* (f #:key x #:optional |y) y)",
            "z",
            "(define* (f #:key x #:optional z) z)",
        ),
        ("racket", "(define (f #:key |x) x)", "z", "(define (f #:key z) z)"),
        ("commonlisp", "(defvar ab 1) (let ((|a 2)) a)", "z", "(defvar ab 1) (let ((z 2)) z)"),
        ("fennel", "(let [|a 1] {:" + " " * 300 + "a})", "x", "(let [x 1] {:a x})"),
        ("janet", "(def- |a 1)\n(print a)", "b", "(def- b 1)\n(print b)"),
        ("scheme", "(let loop ((|i 0)) (loop i))", "j", "(let loop ((j 0)) (loop j))"),
    ],
)
async def test_in_other_languages(
    detached: Editor, language: str, text: str, new: str, expected: str
) -> None:
    assert await renamed(detached, text, new, language) == expected


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        ("(let [|a 1] a)", "", "Nothing is not a name here."),
        ("(let [|a 1] a)", "b c", "b c is not a name here."),
        ("(let [|a 1] a)", ":b", ":b is not a name here."),
        ("(let [|a 1] a)", "1", "1 is not a name here."),
        ("(let [|a 1] a)", "(b)", "(b) is not a name here."),
        ("(let [|a 1] a)", "'b", "'b is not a name here."),
        ("(let [|a 1] a)", "b/c", "b/c is not a name here."),
        ("(let [|a 1] a)", "b.c", "b.c is not a name here."),
        ("(let [|a 1] a)", "nil", "nil is not a name here."),
        ("(let [|a 1] a)", "&", "& is not a name here."),
        ("(let [|a 1] a)", "%1", "%1 is not a name here."),
        ("(let [|a 1] a)", "b#", "A generated symbol ends in #, and nothing else does."),
        ("`(|a# a#)", "b", "A generated symbol ends in #, and nothing else does."),
        ("(fn [|a b] a)", "b", "b already means something where a is visible."),
        ("(let [|a 1] b)", "b", "b already means something where a is visible."),
        ("(let [|a 1] (b a))", "b", "b already means something where a is visible."),
        ("(let [b 1] (let [|a 2] b))", "b", "b already means something where a is visible."),
        ("(let [|a 1] (let [b 2] (f a)))", "b", "b already means something where a is visible."),
        ("(let [|a 1] (let [x 1] x))", "let", "let already means something where a is visible."),
        ("#(f |%)", "x", "It is an argument of a short function, which cannot have another name."),
        ("(defrecord R [a] P (m [_] |a))", "b", "It is a field, which others know by its name."),
        ("(fn [|a] `(a ~a))", "b", "a also stands in a template, where it means something else."),
        ("(let [{::n/syms [a b]} m] |a)", "x", "It is bound by :syms; rename the key instead."),
        ("(let [|a 1] (f a)", "b", "The brackets around it do not match."),
        ("(let [|a 1) (f a)]", "b", "The brackets around it do not match."),
        ("(defn |f [] 1)", "g", "Only locals and private definitions of this file can be renamed."),
        ("(|map inc)", "g", "Only locals and private definitions of this file can be renamed."),
        ("(f |:a)", ":g", "Only locals and private definitions of this file can be renamed."),
        ("(|/ 1 2)", "g", "Only locals and private definitions of this file can be renamed."),
        (
            "(defn- f []) (x/|f)",
            "g",
            "Only locals and private definitions of this file can be renamed.",
        ),
        (
            "(defn- |f []) (defn f [])",
            "g",
            "Only locals and private definitions of this file can be renamed.",
        ),
        ("(defn- |f []) (g)", "g", "g already means something in this file."),
        ("(defn- |f []) '(f)", "g", "f is also quoted in this file."),
        ("(defn- |f []) `(~'f)", "g", "f is also quoted in this file."),
        ("(defn- |f [])\n(let [g 1] (f))", "g", "g is a local where f is used."),
        (
            "(ns a)\n(defn- |f [])\n(ns b)\n(f)",
            "g",
            "f is written in another namespace of this file too.",
        ),
        (
            "(defn- |f [])\n(" + "x " * 50_001 + ")",
            "g",
            "A form of this file is too long to be looked at.",
        ),
        ("(defn- |f [])\n(g", "h", "The brackets of this file do not match."),
        (
            "(let [|a 1] (f a " + "(f " * 90 + "a" + ")" * 90 + "))",
            "b",
            "The form around it nests too deeply to be looked at.",
        ),
        (
            "(defn- |f [])\n" + "(x " * 90 + "f" + ")" * 90,
            "g",
            "A form of this file nests too deeply to be looked at.",
        ),
        (
            "(defrecord ^:private |R [])\n(->R) (R.)",
            "S",
            "Other names are made from the name of a type.",
        ),
        (
            "(defn- f [])\n(reify P (|f [_]))",
            "g",
            "Here it is the name of a member, a method or a type.",
        ),
        (
            "(let [{:keys [|x] :strs [x]} m] x)",
            "z",
            "It is bound by several keys; rename them first.",
        ),
        ('(fn [|x] #f "a {x}")', "y", "x or y also stands in a string."),
        ('(defn- |x [])\n(fn [] #f "{(x)}")', "y", "x or y also stands in a string."),
        ('(fn [|x] #f "{y}" x)', "y", "x or y also stands in a string."),
    ],
)
async def test_what_is_not_certain_is_refused_with_the_reason(
    detached: Editor, text: str, new: str, reason: str
) -> None:
    with pytest.raises(RequestFailed) as refused:
        await renamed(detached, text, new)
    assert (refused.value.code, refused.value.message) == (REQUEST_FAILED, reason)


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("hy", "(defn f [|a] a)\n(f :a 1)", "Callers may write this argument's name."),
        ("hy", "(defn f [* |a] a)", "Callers write this argument's name."),
        ("hy", "(defn f [* [|a 1]] a)", "Callers write this argument's name."),
        ("commonlisp", "(defun f (&key |a) a)", "Callers write this argument's name."),
        ("commonlisp", "(defun f (&key (|a 1)) a)", "Callers write this argument's name."),
        ("commonlisp", "(with-slots (|a) x a)", "It is a field, which others know by its name."),
        ("janet", "(defn f [&named |a] a)", "Callers write this argument's name."),
        ("janet", "(def- |a 1)\n(defmacro m [] ~(f a))", "a also stands in a template."),
        ("hy", '(defn f [|x] f"{x}")', "x or x1 also stands in a string."),
        ("hy", '(defn f [|x] rf"{(+ x 1)}")', "x or x1 also stands in a string."),
        ("hy", "(defn f [|x] #[f[{x}]f])", "x or x1 also stands in a string."),
        ("hy", '(defn f [|my-x] f"{my_x}")', "my-x or x1 also stands in a string."),
        (
            "commonlisp",
            "(let ((|*a* 2)) *a*)",
            "It is a special variable, which others see under its name.",
        ),
        (
            "commonlisp",
            "(defvar a 1) (let ((|A 2)) a)",
            "It is a special variable, which others see under its name.",
        ),
        (
            "commonlisp",
            "(let ((|a 2)) (declare (special b a)) a)",
            "It is a special variable, which others see under its name.",
        ),
        ("scheme", "(define* (f #:key |x) x)", "Callers write this argument's name."),
        ("scheme", "(define* (f #:key (|x 1)) x)", "Callers write this argument's name."),
        ("fennel", "(local |a 1)\n{: a}", "a is also the key of a table."),
        (
            "scheme",
            "(define |a 1)",
            "Only locals and private definitions of this file can be renamed.",
        ),
    ],
)
async def test_what_other_languages_refuse(
    detached: Editor, language: str, text: str, reason: str
) -> None:
    with pytest.raises(RequestFailed) as refused:
        await renamed(detached, text, "x1", language)
    assert refused.value.message == reason


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ("(ns b (:require [a :as x]))\n@#'x/f", True),
        ("(ns a)\n(f)", True),
        ("(ns b)\n(f)", False),
        ("(ns b)\n(x/ff x/f')", False),
    ],
)
async def test_a_private_name_that_another_open_document_writes_is_not_renamed(
    detached: Editor, other: str, is_refused: bool
) -> None:
    detached.open(other, "src/b.clj")
    detached.open("f", "src/b.fnl", "fennel")
    text = "(ns a)\n(defn- f| [])"
    if is_refused:
        with pytest.raises(RequestFailed, match=r"f is also named in b\.clj\."):
            await renamed(detached, text, "g")
    else:
        assert await renamed(detached, text, "g") == "(ns a)\n(defn- g [])"


@pytest.mark.parametrize(
    ("text", "placeholder", "start", "end"),
    [
        ("(let [a 1] (f |a))", "a", 14, 15),
        ("(let [a 1] (f @a|b))", None, 0, 0),
        ("(let [{:keys [n/|abc]} 1])", "abc", 16, 19),
        ("(let [{:keys [:|abc]} 1])", "abc", 15, 18),
        ("(defn- abc| [])", "abc", 7, 10),
        ('(f "a|")', "", 0, 0),
        ("|", "", 0, 0),
    ],
)
async def test_prepare_says_what_would_be_renamed(
    detached: Editor, text: str, placeholder: str | None, start: int, end: int
) -> None:
    document = detached.open(text)
    if placeholder is None:
        with pytest.raises(RequestFailed, match="Only locals"):
            await document.ask("prepareRename")
        return
    answer = await document.ask("prepareRename")
    if not placeholder:
        assert answer is None
        assert await document.ask("rename", newName="x") is None
        return
    places = {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}
    assert answer == {"range": places, "placeholder": placeholder}


async def test_plain_text_and_unknown_documents_have_nothing_to_rename(detached: Editor) -> None:
    assert await detached.open("a|", "a.txt", "plaintext").ask("prepareRename") is None
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await detached.request("textDocument/prepareRename", place) is None
    assert await detached.request("textDocument/rename", {**place, "newName": "x"}) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in TABLES.items() for text in texts],
)
async def test_renaming_there_and_back_changes_nothing_else(
    detached: Editor, language: str, text: str
) -> None:
    """To a name that is nowhere else, all marks change and nothing besides; or it is refused."""
    plain, spans = marked(text.replace("😀", "").replace("\r", ""))
    name = f"src/demo.{language}"
    document = detached.open(plain.replace("|", ""), name, language)
    if "|" in plain:
        return
    new = "zz9#" if plain[spans[0].start : spans[0].end].endswith("#") else "zz9"
    try:
        place = position(plain, spans[0].start)
        answer = await document.ask("rename", position=place, newName=new)
    except RequestFailed as refused:
        answer = refused.message
    if isinstance(answer, str):
        # What `setx` in a comprehension assigns to is not followed.
        is_expected = answer in EXPECTED_REFUSALS or "also stands in a template" in answer
        assert is_expected or "(setx" in text
        return
    if plain[spans[0].start : spans[0].end] == "_":
        return
    after = applied(document.text, answer["changes"][document.uri])
    assert after.count(new) == len(spans)
    again = await detached.open(after, name, language).ask(
        "rename",
        position=position(after, after.index(new)),
        newName=plain[spans[0].start : spans[0].end],
    )
    assert again["changes"][document.uri]
