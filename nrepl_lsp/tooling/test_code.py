"""
Code that runs tests and tells of them, for programs with no op for that.

It runs the user's tests, so only a command may send it; it defines nothing in the program and asks
for no namespace to be loaded. What it gives is a string of lines, each a printed vector, which
`testing.report_of_value` reads: strings are not cut by the session's print limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from .shapes import quoted

__all__ = ["FAILURES_LIMIT", "RUNNERS", "Selection", "run_code"]

#: Failures that are told of in full; of the others only the number is.
FAILURES_LIMIT = 200
#: Characters of one printed value or message.
TEXT_LIMIT = 2000
#: Causes of an exception, and calls in each.
CAUSES_LIMIT = 6
FRAMES_LIMIT = 20

Selection = Sequence[tuple[str, Sequence[str] | None]]
"""Namespaces and the names of tests in them; None is all."""


def run_code(library: str, selection: Selection) -> str | None:
    """Code that runs tests with a library; None for one that is not known."""
    template = RUNNERS.get(library)
    if template is None:
        return None
    # One pass: what is filled in may look like a hole.
    before, _, after = template.partition("{{selection}}")
    rows = (f"[{quoted(ns)} {_names(names)}]" for ns, names in selection)
    return f"{before}[{' '.join(rows)}]{after}"


def _names(names: Sequence[str] | None) -> str:
    return "nil" if names is None else f"[{' '.join(map(quoted, names))}]"


def _filled(template: str, **holes: str) -> str:
    limits = {
        "failures": FAILURES_LIMIT,
        "text": TEXT_LIMIT,
        "causes": CAUSES_LIMIT,
        "frames": FRAMES_LIMIT,
    }
    for name, text in (*holes.items(), *limits.items()):
        template = template.replace("{{" + name + "}}", str(text).strip())
    return template.strip()


# Rows: ["run" tests passed failed errors]; ["missing" ns name]; ["unloaded" ns];
# ["unfinished" ns name]; ["fail" or "error" ns name [context…] message expected actual left right
# file line first-file first-line causes], the causes being
# [class message data [[name file line]…]].
_START = """
(let [counts (atom {:test 0 :pass 0 :fail 0 :error 0})
      rows (atom [])
      ended (atom #{})
      row (fn [r] (when (< (count @rows) {{failures}}) (swap! rows conj r)) nil)
      cut (fn [s] (if (> (count s) {{text}}) (str (subs s 0 {{text}}) "…") s))
      shown (fn [x]
              (try (cut (binding [*print-length* 50 *print-level* 8]
                          (pr-str (if (string? x) (cut x) x))))
                   (catch {{throwable}} _ "(it cannot be printed)")))
      causes {{exception}}
      selection {{selection}}
"""

_END = """
  (binding [*print-length* nil *print-level* nil]
    (apply str
      (map (fn [r] (str (pr-str r) "\\n"))
           (cons (let [c @counts] ["run" (:test c) (:pass c) (:fail c) (:error c)]) @rows)))))
"""

# The reporter is bound, so that the user's own is there again afterwards. It throws what an
# interrupt threw: `is` and `test-var` catch everything, and the next test would begin.
_CLOJURE = (
    _START
    + """
      place (fn [v] (let [m (meta v)]
                      [(str (:ns m)) (str (:name m)) (:file m) (:line m)]))
      pair (fn [a] (when (and (seq? a) (= 'not (first a)) (seq? (second a))
                              (= '= (first (second a))) (= 3 (count (second a))))
                     (rest (second a))))
      tell (fn [kind m ns-name]
             (swap! counts update kind inc)
             (let [v (last {{vars}})
                   [n test file line] (if v (place v) [ns-name nil nil nil])
                   thrown (when (= kind :error) (:actual m))
                   [left right :as values] (when (= kind :fail) (pair (:actual m)))]
               (row [(name kind) n test (vec (map str (reverse {{contexts}})))
                     (some-> (:message m) str cut)
                     (shown (:expected m)) (if thrown nil (shown (:actual m)))
                     (when values (shown left)) (when values (shown right))
                     (some-> (:file m) str cut) (:line m) (some-> file str cut) line
                     (if ({{thrown?}} thrown) (causes thrown) [])])))
      stopped? {{stopped?}}
      report (fn [m]
               (let [kind (:type m)]
                 (cond
                   (= kind :begin-test-var) (swap! counts update :test inc)
                   (= kind :end-test-var) (swap! ended conj (str (:name (meta (:var m)))))
                   (= kind :pass) (swap! counts update :pass inc)
                   (= kind :error) (if (stopped? (:actual m))
                                     (throw (:actual m))
                                     (tell :error m nil))
                   ;; Libraries report their own kinds of failure.
                   (or (= kind :fail) (and (contains? m :expected) (contains? m :actual)))
                   (tell :fail m nil))))]
  (doseq [[n names] selection]
    (if-let [where (find-ns (symbol n))]
      (let [tests (sort-by (fn [v] (or (:line (meta v)) 0))
                           (filter (fn [v] (:test (meta v))) (vals (ns-interns where))))
            named (fn [v] (str (:name (meta v))))
            wanted (if names (filter (comp (set names) named) tests) tests)
            hook (when-not names (get (ns-interns where) 'test-ns-hook))]
        (doseq [missing (remove (set (map named tests)) names)] (row ["missing" n missing]))
        (try
          (binding [{{test}}/report report *ns* where {{bindings}}]
            {{setup}}
            (if hook (@hook) ({{test}}/test-vars wanted)){{after}})
          (catch {{throwable}} e
            (if (stopped? e)
              (throw e)
              (tell :error {:message "Outside the tests, perhaps in a fixture." :actual e} n)))))
      (row ["unloaded" n])))
"""
    + _END
)

_JVM = _filled(
    _CLOJURE,
    test="clojure.test",
    throwable="Throwable",
    bindings="clojure.test/*test-out* *out*",
    setup="",
    after="",
    vars="clojure.test/*testing-vars*",
    contexts="clojure.test/*testing-contexts*",
    **{
        "thrown?": "(fn [x] (instance? Throwable x))",
        # By name, which needs no class to be there.
        "stopped?": """
(fn [e] (and (instance? Throwable e)
             (contains? #{"java.lang.InterruptedException" "java.lang.ThreadDeath"}
                        (.getName (class e)))))""",
    },
    exception="""
(fn [e]
  (vec (for [^Throwable c (take {{causes}}
                            (take-while some? (iterate (fn [^Throwable c] (.getCause c)) e)))]
         [(.getName (class c)) (cut (str (.getMessage c))) (some-> (ex-data c) shown)
          (vec (take {{frames}}
                 (for [^StackTraceElement f (.getStackTrace c)
                       :when (not (re-find #"^(?:clojure|java|javax|jdk|sun|nrepl)\\."
                                           (.getClassName f)))]
                   [(str (.getClassName f) "/" (.getMethodName f)) (.getFileName f)
                    (.getLineNumber f)])))])))""",
)

_NBB = _filled(
    _CLOJURE,
    test="cljs.test",
    throwable=":default",
    bindings="",
    setup="(reset! ended #{}) (cljs.test/set-env! (cljs.test/empty-env))",
    # An asynchronous test goes on after the evaluation, and so do those behind it.
    after="""
            (when-not hook
              (doseq [v (remove (fn [v] (@ended (named v))) wanted)]
                (row ["unfinished" n (named v)])))""",
    vars="(:testing-vars (cljs.test/get-current-env))",
    contexts="(:testing-contexts (cljs.test/get-current-env))",
    **{"thrown?": "some?", "stopped?": "(fn [_] false)"},
    exception="""
(fn [e]
  (vec (for [c (take {{causes}} (take-while some? (iterate ex-cause e)))]
         (let [d (ex-data c)]
           [(str (or (some-> c .-name) (type c))) (cut (str (or (ex-message c) c)))
            (some-> (dissoc d :type :line :column :message :file :phase :sci.impl/callstack)
                    not-empty shown)
            (if (:line d) [[nil (some-> (:file d) str cut) (:line d)]] [])]))))""",
)

# basilisp.test 0.5.1 has no runner but its plugin for pytest: a test is a function that gives its
# failures, and its fixtures are in the metadata of its namespace. Of what passes nothing is said.
_BASILISP = _filled(
    _START
    + """
      unwrapped (fn unwrapped [fixtures body]
                  (if (seq fixtures)
                    (let [made ((first fixtures))]
                      (if (basilisp.test/generator? made)
                        (try
                          (python/next made)
                          (unwrapped (rest fixtures) body)
                          (finally
                            (try (python/next made) (catch python/StopIteration _ nil))))
                        (unwrapped (rest fixtures) body)))
                    (body)))
      tell (fn [kind n v m]
             (swap! counts update kind inc)
             (let [actual (:actual m)
                   thrown? (instance? python/BaseException actual)
                   same? (and (= kind :fail) (seq? (:expr m))
                              (contains? #{"="} (name (first (:expr m)))))]
               (row [(name kind) n (when v (name (:name (meta v))))
                     (if (:test-section m) [(str (:test-section m))] [])
                     (some-> (:message m) str cut)
                     (shown (:expr m)) (when-not thrown? (shown actual))
                     (when same? (shown (:expected m))) (when same? (shown actual))
                     nil (:line m) (when v (:file (meta v))) (when v (:line (meta v)))
                     (if thrown? (causes actual) [])])))
      run (fn [n v]
            (swap! counts update :test inc)
            (try
              (doseq [m (:failures (v))]
                (tell (if (= :error (:type m)) :error :fail) n v m))
              (catch {{throwable}} e
                (tell :error n v {:message "Uncaught exception, not in assertion." :actual e}))))]
  (doseq [[n names] selection]
    (if-let [where (find-ns (symbol n))]
      (let [tests (sort-by (fn [v] (or (:line (meta v)) 0))
                           (filter (fn [v] (:basilisp.test/test (meta v)))
                                   (vals (ns-interns where))))
            named (fn [v] (name (:name (meta v))))
            wanted (if names (filter (comp (set names) named) tests) tests)
            once (:basilisp.test/once-fixtures (meta where))
            each (:basilisp.test/each-fixtures (meta where))]
        (doseq [missing (remove (set (map named tests)) names)] (row ["missing" n missing]))
        (try
          (unwrapped once
            (fn [] (doseq [v wanted] (unwrapped each (fn [] (run n v))))))
          (catch {{throwable}} e
            (tell :error n nil {:message "Outside the tests, perhaps in a fixture." :actual e}))))
      (row ["unloaded" n])))
"""
    + _END.replace("(:pass c)", "nil"),
    throwable="python/Exception",
    exception="""
(fn [e]
  (vec (for [c (take {{causes}}
                 (take-while some?
                   (iterate (fn [c] (or (.-__cause__ c)
                                        (when-not (.-__suppress_context__ c) (.-__context__ c))))
                            e)))]
         [(.-__name__ (python/type c))
          (cut (if (instance? basilisp.lang.exception/ExceptionInfo c)
                 (.-message c)
                 (python/str c)))
          (some-> (ex-data c) shown)
          (vec (for [f (take {{frames}} (reverse (.extract_tb (python/__import__ "traceback")
                                                             (.-__traceback__ c))))]
                 [(.-name f) (.-filename f) (.-lineno f)]))])))""",
)

RUNNERS: Mapping[str, str] = MappingProxyType(
    {"clojure.test": _JVM, "cljs.test": _NBB, "basilisp.test": _BASILISP}
)
"""Test library → code with a hole for what is to be run."""
