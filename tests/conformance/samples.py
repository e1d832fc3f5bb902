"""What the suite says in each language: short code, and what must come back.

One record per language family, never per server: everything that speaks a language gets the same
code, with reader conditionals where the hosts differ. What it defines stays harmless and in a
namespace of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Browsed:
    """
    A text that is open in an editor and loaded, and what must be found in it; lines from 0.

    user_text: another open text that may use `own`. defined: names that must be listed. local: a
    local with its lines, and what stands before its last use. own: a function that the text
    defines and its lines; own_call: what is typed of a call, the first after `calls_own`; caller:
    who calls it. missing: a text with a cursor where a name's namespace is not required, and what
    is to be offered, None where the language has no such thing.
    """

    text: str
    user_text: str
    defined: tuple[str, ...]
    local: str
    local_lines: list[int]
    last_use: str
    own: str
    own_lines: list[int]
    own_call: str
    calls_own: str
    own_arguments: str
    caller: str
    is_used_elsewhere: bool
    core: str
    core_call: str
    library_name: str
    missing: tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One language. Texts are code unless said otherwise; `{0}` is filled by the test.

    ns: the namespace of `file`, or None for languages without. enter: code that goes there.
    failing: code of several lines; `failing_line` (0-based) of it fails with a message that holds
    `failing_word`. sleep: prints `started`, then takes `{0}` milliseconds without giving way.
    loop: prints `started`, then runs for 10 s in small steps. late: ends at once, and prints `late`
    0.2 s later.
    file: text whose `own_line` (0-based) defines the function `own`, with one argument.
    core: a function that every program has. library: a function of a library, as `file` calls it.
    """

    family: str
    extension: str
    browsed: Browsed
    expression: tuple[str, str]
    printing: tuple[str, str]
    several: tuple[str, tuple[str, ...]]
    failing: str
    failing_line: int
    failing_word: str
    unreadable: str
    text: str
    print_text: str
    large: str
    lines: str
    sleep: str
    loop: str
    late: str
    input: str
    file: str
    own: str
    own_call: tuple[str, str]
    own_line: int
    core: str
    core_prefix: str
    library: str
    library_prefix: str
    ns: str | None = None
    enter: str | None = None


_CLOJURE_SLEEP = (
    "#?(:lpy (do (import time) (time/sleep (/ {0} 1000.0)))"
    " :cljs (js/Atomics.wait (js/Int32Array. (js/SharedArrayBuffer. 4)) 0 0 {0})"
    " :default (Thread/sleep {0}))"
)

CLOJURE = Sample(
    browsed=Browsed(
        text=(
            "(ns nrepl-lsp.features\n"
            "  (:require [clojure.string :as text]))\n"
            "\n"
            "(defn shout\n"
            '  "Makes words loud."\n'
            '  ([words] (shout words "!"))\n'
            "  ([words mark] (str (text/upper-case words) mark)))\n"
            "\n"
            "(defn thrice [word]\n"
            "  (let [louder (shout word)]\n"
            '    (str louder (shout word "?")\n'
            "         louder)))\n"
            "\n"
            "(defn longer [words]\n"
            "  (map inc words))\n"
        ),
        user_text=(
            "(ns nrepl-lsp.features-user\n"
            "  (:require [nrepl-lsp.features :as features]))\n"
            "\n"
            '(features/shout "a")\n'
        ),
        defined=("nrepl-lsp.features", "shout", "thrice", "longer"),
        local="louder",
        local_lines=[9, 10, 11],
        last_use="         louder",
        own="shout",
        own_lines=[3, 5, 9, 10],
        own_call='(shout word "?',
        calls_own="(str louder",
        own_arguments="words mark",
        caller="thrice",
        is_used_elsewhere=True,
        core="map",
        core_call="(map inc",
        library_name="upper-case",
        missing=("(ns missing)\n(str/jo|in [])", "Add require [clojure.string :as str]"),
    ),
    family="clojure",
    extension=".cljc",
    expression=("(+ 1 2)", "3"),
    printing=('(do (println "one" 2) :printed)', "one 2\n"),
    several=("1 (+ 1 1) 3", ("1", "2", "3")),
    failing='(do\n  (str "fine")\n  (throw (ex-info "boom" {})))',
    failing_line=2,
    failing_word="boom",
    unreadable="(str 1",
    text='"é λ 😀"',
    print_text='(println "é λ 😀")',
    large='(loop [s "x" n 0] (if (< n 18) (recur (str s s) (inc n)) s))',
    lines='(dotimes [n {0}] (println "line" n))',
    sleep=f'(do (println "started") {_CLOJURE_SLEEP})',
    loop=(f'(do (println "started") (dotimes [_ 200] {_CLOJURE_SLEEP.format(50)}))'),
    late=(
        '#?(:cljs (do (js/setTimeout (fn [] (println "late")) 200) nil)'
        ' :lpy (do (import time) (future (time/sleep 0.2) (println "late")) nil)'
        ' :default (do (future (Thread/sleep 200) (println "late")) nil))'
    ),
    input="#?(:cljs :no-input :default (read-line))",
    file=(
        "(ns nrepl-lsp.conformance\n"
        "  (:require [clojure.string :as text]))\n"
        "\n"
        "(defn shout\n"
        '  "Makes words loud."\n'
        "  [words]\n"
        "  (text/upper-case words))\n"
    ),
    own="shout",
    own_call=('(shout "é")', '"É"'),
    own_line=3,
    core="map",
    core_prefix="ma",
    library="text/join",
    library_prefix="text/jo",
    ns="nrepl-lsp.conformance",
    enter="(in-ns 'nrepl-lsp.conformance)",
)

HY = Sample(
    browsed=Browsed(
        text=(
            "(import os.path)\n"
            "\n"
            '(defn shout [words [mark "!"]]\n'
            '  "Makes words loud."\n'
            "  (+ (.upper words) mark))\n"
            "\n"
            "(defn thrice [word]\n"
            "  (setv louder (shout word))\n"
            '  (+ louder (shout word "?")\n'
            "     louder))\n"
            "\n"
            "(defn longer [words]\n"
            "  (print words))\n"
        ),
        user_text="(import features)\n(features.shout 1)\n",
        defined=("shout", "thrice", "longer"),
        local="louder",
        local_lines=[7, 8, 9],
        last_use="     louder",
        own="shout",
        own_lines=[2, 7, 8],
        own_call='(shout word "?',
        calls_own="(+ louder",
        own_arguments="mark",
        caller="thrice",
        is_used_elsewhere=False,
        core="print",
        core_call="(print words",
        library_name="join",
        missing=("(str/jo|in [])", None),
    ),
    family="hy",
    extension=".hy",
    expression=("(+ 1 2)", "3"),
    printing=('(do (print "one" 2) "printed")', "one 2\n"),
    several=("1 (+ 1 1) 3", ("1", "2", "3")),
    failing='(do\n  (str "fine")\n  (/ 1 0))',
    failing_line=2,
    failing_word="division by zero",
    unreadable="(str 1",
    text='"é λ 😀"',
    print_text='(print "é λ 😀")',
    large='(* "x" 262144)',
    lines='(for [n (range {0})] (print "line" n))',
    sleep='(do (print "started") (import time) (time.sleep (/ {0} 1000)))',
    loop='(do (print "started") (import time) (for [_ (range 200)] (time.sleep 0.05)))',
    late='(do (import threading) (.start (threading.Timer 0.2 (fn [] (print "late")))) None)',
    input="(input)",
    file=(
        "(import os.path)\n"
        "\n"
        "(defn conformance-shout [words]\n"
        '  "Makes words loud."\n'
        "  (.upper words))\n"
    ),
    own="conformance-shout",
    own_call=('(conformance-shout "é")', '"É"'),
    own_line=2,
    core="print",
    core_prefix="pri",
    library="os.path.join",
    library_prefix="os.path.jo",
)

SAMPLES: Mapping[str, Sample] = {sample.family: sample for sample in (CLOJURE, HY)}

# What describe's `versions` tell of the language, most telling first: hy-nrepl pretends to be a
# Clojure, but of a version that never was.
_TELLING = (
    ("hy", "hy"),
    ("basilisp", "clojure"),
    ("nbb-nrepl", "clojure"),
    ("babashka", "clojure"),
    ("babashka.nrepl", "clojure"),
    ("clojure", "clojure"),
    ("clojurescript", "clojure"),
)


def guess(versions: Mapping[str, str]) -> str | None:
    """The language family that a server's versions tell, or None when they do not."""
    if versions.get("clojure") == "0.0.0":
        return "hy"
    return next((family for name, family in _TELLING if name in versions), None)
