"""Document highlight: a local in its scope, anything else in the whole text."""

from typing import Any

import pytest

from tests.source.test_scopes import marked

from .editor import Editor, position

READ, WRITE = 2, 3


async def highlights(editor: Editor, text: str, language: str = "clojure") -> Any:
    """The answer at the mark `|`, as (start, end, kind) in the text without marks."""
    document = editor.open(text, f"src/demo.{language}", language)
    answer = await document.ask("documentHighlight")
    if answer is None:
        return None
    places = {str(position(document.text, at)): at for at in range(len(document.text) + 1)}
    return [
        (places[str(one["range"]["start"])], places[str(one["range"]["end"])], one["kind"])
        for one in answer
    ]


@pytest.mark.parametrize(
    ("language", "text", "writes"),
    [
        ("clojure", '(let [«|a» 1] «a» :a "a") a', 1),
        ("clojure", "(let [«a» 1] «|a») a", 1),
        ("clojure", "(let [#?(:clj «a» :cljs «a») 1] «|a»)", 2),
        ("clojure", "(let [{:keys [«a»] :or {«a» 1}} x] «|a»)", 1),
        ("clojure", '(def «x» 1)\n(f «|x» \'«x» "x" #_x) (let [x 2] x)', 1),
        ("clojure", "(defn «f» [] («f|»))\r\n(«f») ; f", 1),
        ("clojure", "{«:a|» 1} «:a» :ab", 0),
        ("clojure", "(«s/|a» a «s/a»)", 0),
        ("clojure", '(f "😀" «|a») («a»)', 0),
        ("clojure", "(defrecord R [«a»] P (m [_] «|a»)) a", 1),
        ("clojure", "(ns a)\n(defn «f» [] («a/f|»))\n(«f») (b/f) #'«a/f»", 1),
        ("clojure", "(ns a (:require [b :as c :refer [«f»]]))\n(«|f») («c/f») («b/f») (a/f)", 0),
        ("clojure", "(ns a)\n(defn «f» [])\n(«|f»)\n(ns b)\n(f) («a/f»)", 1),
        ("clojure", "[«::|a» :a «::a»]", 0),
        ("fennel", "(local «t» 1) («|t».x «t»:y)", 1),
        ("hy", "(defn f [«a»] «a».b «|a»)", 1),
        ("commonlisp", "(let ((«a» 1)) (a «|A»))", 1),
        ("scheme", "(define («f» x) («|f» x))", 1),
        ("edn", "{«a|» «a»}", 0),
    ],
)
async def test_the_marked_places_are_highlighted(
    detached: Editor, language: str, text: str, writes: int
) -> None:
    plain, spans = marked(text.replace("|", ""))
    unmarked = text.replace("«", "").replace("»", "")
    found = await highlights(detached, unmarked, language)
    assert [(start, end) for start, end, _ in found] == spans
    assert unmarked.replace("|", "") == plain
    assert [kind for _, _, kind in found] == [WRITE] * writes + [READ] * (len(spans) - writes)


@pytest.mark.parametrize(
    "text", ['(a "a|")', "(a ; a|\n)", "(a 12|)", "(a \\|a)", "|", "( | )", "(a #_ #_ 1 |2)"]
)
async def test_where_no_symbol_is_there_is_nothing(detached: Editor, text: str) -> None:
    assert await highlights(detached, text) is None


async def test_plain_text_and_unknown_documents_have_nothing(detached: Editor) -> None:
    assert await highlights(detached, "a| a", "plaintext") is None
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await detached.request("textDocument/documentHighlight", place) is None


async def test_among_many_namespaces_only_near_places_are_looked_at(
    detached: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.features.document_highlight.LOOKS_LIMIT", 84)
    text = "".join(f"(ns n{number}) (s/a)" for number in range(20)) + "(s/a|)(s/a)"
    found = await highlights(detached, text)
    end = len(text.replace("|", ""))
    assert [start for start, _, _ in found][-2:] == [end - 9, end - 4]
    assert len(found) == 4
