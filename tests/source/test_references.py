"""Where a text names what a symbol means, and where it declares it; `|` marks the cursor."""

import random
from pathlib import Path

import pytest

from nrepl_lsp.source.calling.calls_in import mentions_in
from nrepl_lsp.source.definitions.implementations import (
    implementation_at,
    implementations_in,
    methods_of,
    protocols_of,
)
from nrepl_lsp.source.definitions.outline import outline
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.naming.references import (
    Named,
    declarations_of,
    each_definition,
    named_at,
    places_of,
)
from nrepl_lsp.source.symbols import symbol_at

from .marked import at, shown, snapshot_of

SAMPLES = sorted(
    path for path in (Path(__file__).parents[1] / "samples").iterdir() if path.is_file()
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(ns a) (defn |f [])", Named("a", "f")),
        ("(ns a) (defn f []) (|f)", Named("a", "f")),
        ("(ns a (:require [b.c :as c])) (c/|f)", Named("b.c", "f")),
        ("(ns a (:require [b.c :refer [f]])) (|f)", Named("b.c", "f")),
        ("(ns a (:require [b.c :refer [|f]]))", Named("b.c", "f")),
        ("(ns a (:require [b.c :refer [f] :rename {f g}])) (|g)", Named("b.c", "f")),
        ("(ns a) (b.c/|f)", Named("b.c", "f")),
        ("(ns a) #'|x/f", Named("x", "f")),
        ("(ns a (:require [|b.c :as c]))", Named(None, "b.c")),
        ("(ns a (:require [b.c :as |c]))", Named(None, "b.c")),
        ("(ns |a.b)", Named(None, "a.b")),
        ("(ns a (:import java.util.Date)) (|Date.)", Named(None, "java.util.Date")),
        ("(ns a (:refer-clojure :exclude [|map]))", Named("clojure.core", "map")),
        ("(ns a) (|str 1)", Named(None, "str", is_certain=False)),
        ("(|f)", Named(None, "f", is_certain=False)),
        ("(ns a) :|k", Named(None, ":k")),
        ("(ns a) ::|k", Named("a", ":k")),
        ("(ns a) :x/|k", Named("x", ":k")),
        ("(ns a (:require [b.c :as c])) ::c/|k", Named("b.c", ":k")),
        ("(ns a) (defrecord R []) (|R. 1)", Named("a", "R")),
        ("(ns a) (defrecord R []) (|->R 1)", Named("a", "R")),
        ("(ns a) (defrecord R []) (map|->R {})", Named("a", "R")),
        ("(ns a) (defrecord R []) (a/->|R 1)", Named("a", "R")),
        ("(ns a-b) (defrecord R []) (a_b.|R. 1)", Named("a-b", "R")),
        ("(ns a) (defrecord R []) (b.|R. 1)", Named(None, "b.R.", is_certain=False)),
        ("(ns a) (defrecord R []) (defn ->R [x] x) (|->R 1)", Named("a", "->R")),
        ("(ns a (:require [b.c :as c])) (c/->|R 1)", Named("b.c", "R")),
        ("(ns a (:require [b.c :as c])) (c/map->|R {})", Named("b.c", "R")),
        ("(ns a (:require [b.c :as c])) (c/->|kebab 1)", Named("b.c", "->kebab")),
        ("(ns a) (|-> 1 inc)", Named(None, "->", is_certain=False)),
        ('(ns a) "|x"', None),
        ("(ns a) |", None),
    ],
)
def test_what_a_symbol_means(text, expected):
    assert named_at(*at(text)) == expected


@pytest.mark.parametrize(
    ("named", "text", "expected"),
    [
        (Named("a", "f"), "(ns a) (defn f [] (f) #'f 'f `f a/f)", ["f"] * 5 + ["a/f"]),
        (Named("a", "f"), '(ns a) (let [f 1] f) "f" ; f\n #_f (f-x) (x-f) (g :f)', []),
        (Named("a", "f"), "(ns b) (f) (a/f)", ["a/f"]),
        (Named("a", "f"), "(ns b (:require [a :as x])) (x/f) (y/f) x/g", ["x/f"]),
        (Named("a", "f"), "(ns b (:require [a :refer [f]])) (f)", ["f", "f"]),
        (Named("a", "f"), "(ns b (:require [a :refer :all])) (f)", ["f"]),
        (Named("a", "f"), "(ns b (:use a)) (defn f []) (f)", []),
        (
            Named("a", "f"),
            "(ns b (:require [a :refer [f] :rename {f g}])) (g) (f)",
            ["g", "g"],
        ),
        (Named("a", "f"), "(ns b (:require [c :refer [f]])) (f)", []),
        (Named("a", "f"), "(ns a) (f) (ns b) (f) (in-ns 'a) (f)", ["f", "f"]),
        (Named("clojure.core", "map"), "(ns a) (map inc [])", ["map"]),
        (Named("clojure.core", "map"), "(ns a) (defn map []) (map inc [])", []),
        (Named("clojure.core", "str"), "(ns a (:require [b :as str])) (str 1) str/x", ["str"]),
        (Named("clojure.core", "map"), "(ns a (:refer-clojure :exclude [map])) (map)", []),
        (Named("a", "R"), "(ns b (:require [a :as x])) (x/R. 1) x/R", ["x/R.", "x/R"]),
        (Named(None, "b.c"), "(ns a (:require [b.c :as c] [b.c.d])) 'b.c c/x", ["b.c", "b.c"]),
        (Named(None, "b.c"), "(ns b.c)", ["b.c"]),
        (
            Named(None, "java.util.Date"),
            "(ns a (:import java.util.Date)) (Date.)",
            ["java.util.Date", "Date."],
        ),
        (Named(None, ":k"), "(ns a) {:k 1 ::k 2 :x/k 3} [:k]", [":k", ":k"]),
        (Named("a", ":k"), "(ns a) {:k 1 ::k 2 :a/k 3}", ["::k", ":a/k"]),
        (Named("a", ":k"), "(ns b (:require [a :as x])) {::x/k 2 ::k 3}", ["::x/k"]),
        (Named(None, "f", is_certain=False), "(f) (let [f 1] f)", ["f"]),
    ],
)
def test_where_it_is_named(named, text, expected):
    snapshot = snapshot_of(text)

    assert [shown(snapshot, span) for span in places_of(snapshot, named)] == expected


@pytest.mark.parametrize(
    ("named", "text", "expected"),
    [
        (Named("a", "f"), "(ns a) (defn f [] 1) (f)", ["(defn f [] 1)"]),
        (Named("a", "f"), "(ns b) (defn f [] 1)", []),
        (Named("a", "m"), "(ns a) (defprotocol P (m [this]))", ["(m [this])"]),
        (Named("a", "m"), "(ns a) (defrecord R [] P (m [this] 1))", []),
        (Named("a", "m"), "(ns a) (extend-type R P (m [this] 1))", []),
        (Named("a", "R"), "(ns a) (extend-type R P (m [this] 1))", []),
        (Named("a", "f"), "(ns a) (defmulti f :k) (defmethod f :x [_])", ["(defmulti f :k)"]),
        (Named("a", "x"), "(ns a) (comment (def x 1))", ["(def x 1)"]),
        (Named("a", "reify"), "(ns a) (reify P (m [_] 1))", []),
        (Named(None, "a.b"), "(ns a.b)", ["(ns a.b)"]),
        (Named("a", ":k"), "(ns a) (rf/reg-sub ::k f)", ["(rf/reg-sub ::k f)"]),
        (Named(None, "f", is_certain=False), "(defn f [])", ["(defn f [])"]),
    ],
)
def test_where_it_is_declared(named, text, expected):
    snapshot = snapshot_of(text)

    found = [shown(snapshot, one.span) for one in declarations_of(snapshot, named)]
    assert found == expected


SHAPES = """(ns shop (:require [geo :as g :refer [Shape]]))
(defrecord Circle [r] g/Shape (area [this] 1) (scale [this k] 2) Object (toString [_] ""))
(deftype Square [] Other Shape (area [_] 2))
(extend-type String Shape (area [s] 3))
(extend-protocol geo/Shape Long (area [n] 4) nil (area [_] 5))
(extend Double g/Shape {:area (fn [x] 6) :scale f})
(def r (reify Shape (area [_] 7)))
(satisfies? Shape 1)
'(defrecord Quoted [] Shape (area [_] 8))
"""


def test_what_implements_a_protocol():
    snapshot = snapshot_of(SHAPES)
    found = implementations_in(snapshot, Named("geo", "Shape"))

    assert [
        (shown(snapshot, one.type), [(name, shown(snapshot, span)) for name, span in one.methods])
        for one in found
    ] == [
        ("Circle", [("area", "area"), ("scale", "scale")]),
        ("Square", [("area", "area")]),
        ("String", [("area", "area")]),
        ("Long", [("area", "area")]),
        ("nil", [("area", "area")]),
        ("Double", [("area", ":area"), ("scale", ":scale")]),
        ("Shape", [("area", "area")]),
    ]
    assert implementations_in(snapshot, Named("shop", "Shape")) == []
    assert implementations_in(snapshot_of(SHAPES, "hy"), Named("geo", "Shape")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(ns a) (defrecord R [] b/P (|m [this] 1))", (Named("b", "P"), "m")),
        ("(ns a) (defprotocol P (m [_])) (extend-protocol P R (m|[_]))", (Named("a", "P"), "m")),
        ("(ns a) (defrecord R [] b/P (m [|this] 1))", None),
        ("(ns a) (defrecord R [] |b/P (m [this] 1))", None),
        (
            "(ns a) (deftype R [] Object (|toString [_] 1))",
            (Named(None, "Object", False), "toString"),
        ),
        ("(ns a) (|f)", None),
        ("|", None),
    ],
)
def test_which_method_is_implemented_here(text, expected):
    assert implementation_at(*at(text)) == expected


def test_the_protocols_of_a_type():
    snapshot = snapshot_of(SHAPES)
    circle = next(one for one in outline(snapshot) if one.name == "Circle")

    assert protocols_of(snapshot, circle) == [
        Named("geo", "Shape"),
        Named(None, "Object", is_certain=False),
    ]
    assert protocols_of(snapshot_of("(defclass A [])", "hy"), circle) == []


@pytest.mark.parametrize(
    ("named", "text", "language", "expected"),
    [
        (Named("a", "f"), "(ns a) (defmulti f :k) (defmethod f :x [_])", "clojure", [":x"]),
        (
            Named("a", "f"),
            "(ns b (:require [a :as c])) (defmethod c/f [1 2] [_])",
            "clojure",
            ["[1 2]"],
        ),
        (
            Named("a", "f"),
            "(ns b) (defmethod f :x [_]) (comment (defmethod a/f :y [_]))",
            "clojure",
            [":y"],
        ),
        (Named(None, "f"), "(defgeneric f (x)) (defmethod f ((x a)) 1)", "commonlisp", ["((x a))"]),
    ],
)
def test_the_methods_of_a_multimethod(named, text, language, expected):
    found = methods_of(snapshot_of(text, language), named)

    assert [one.detail for one in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "(ns a (:require [b :as c])) (defn f [x] (let [y (c/g x)] (-> y h c/i) (map c/g 'z)))",
            ["let()", "c/g()", "->()", "h", "c/i", "map()"],
        ),
        ("(ns a) (defn f [g] (g) (f) :k)", ["f()"]),
        ("(ns a) (def x 1)", []),
        ("(ns a) (defn f [] #_(g) `(h ~(i)) ( j))", ["h()", "i()", "j()"]),
    ],
)
def test_what_a_definition_mentions(text, expected):
    snapshot = snapshot_of(text)
    last = list(each_definition(outline(snapshot)))[-1]
    found = mentions_in(snapshot, last)

    assert [one.text + "()" * one.is_called for one in found] == expected


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_nothing_is_too_odd(path):
    """Every answer lies in the text, whatever was typed over."""
    whole = path.read_text("utf-8", "replace")[:6000]
    chance = random.Random(path.name)
    for _ in range(6):
        cut = chance.randrange(len(whole) + 1)
        text = (
            whole[:cut] + chance.choice("()[]{}\"';#|`~@ \n") + whole[cut + chance.randrange(3) :]
        )
        snapshot = Document(path.as_uri(), "", 1, text).snapshot()
        offset = chance.randrange(len(text) + 1)
        named = named_at(snapshot, offset)
        symbol = symbol_at(snapshot, offset)
        implementation_at(snapshot, offset)
        for definition in list(each_definition(outline(snapshot)))[:5]:
            for mention in mentions_in(snapshot, definition):
                assert all(0 <= start < end <= len(text) for start, end in mention.spans)
        if named is None:
            continue
        assert symbol is not None
        assert all(0 <= start < end <= len(text) for start, end in places_of(snapshot, named))
        for found in (declarations_of(snapshot, named), methods_of(snapshot, named)):
            assert all(0 <= one.span.start <= one.span.end <= len(text) for one in found)
        for one in implementations_in(snapshot, named):
            assert 0 <= one.type.start < one.type.end <= len(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(ns a) (defrecord |R [x]) (R. 1) (->R 1) (map->R {}) R (a/->R 1) (-> R f)", 6 + 1),
        ("(ns a) (defrecord |R [x]) (defn ->R [y] y) (->R 1) (R. 1)", 2),
        ("(ns a) (defn |r [x]) (->r 1)", 1),
    ],
)
def test_a_type_is_named_by_its_constructors(text: str, found: int) -> None:
    snapshot, offset = at(text)
    named = named_at(snapshot, offset)
    assert named is not None
    assert len(places_of(snapshot, named)) == found
