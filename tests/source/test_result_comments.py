"""Comments that hold results: where they are written, whose they are, and that no code is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.fingerprints import fingerprint
from nrepl_lsp.source.forms import form_at, form_before, top_level_forms
from nrepl_lsp.source.languages import Language, for_document
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.rewriting import result_comments
from nrepl_lsp.source.rewriting.result_comments import (
    comment_of,
    commented_forms,
    has_comments,
    is_complete,
    lines_of,
    put,
)
from nrepl_lsp.source.tree import read

CLOJURE = for_document("clojure", "")
LONG = "{:a " + "1" * 50 + ", :b " + "2" * 40 + "}"
BLOCK = ";; => {:a " + "1" * 50 + "\n;;     :b " + "2" * 40 + "}"


def snapshot(text: str, name: str = "a.clj") -> Snapshot:
    return Document(f"file:///{name}", "", 1, text).snapshot()


def put_at(marked: str, value: str, name: str = "a.clj") -> str:
    """The text with a value put beside the form at its mark."""
    at, text = marked.index("|"), marked.replace("|", "")
    here = snapshot(text, name)
    form = form_at(here, at) or form_before(here, at)
    assert form is not None
    change = put(here, form, value)
    assert change is not None
    return text[: change.start] + change.text + text[change.end :]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(+ 1 2)|", "(+ 1 2) ;; => 3"),
        ("(+ 1 2)|\r\n(f)\r\n", "(+ 1 2) ;; => 3\r\n(f)\r\n"),
        ("(+ 1 2)|  \t\n", "(+ 1 2) ;; => 3\n"),
        ("(+ 1 2)|,\n", "(+ 1 2), ;; => 3\n"),
        ("(+ 1 2)|\f\n", "(+ 1 2)\f ;; => 3\n"),
        ("'x|", "'x ;; => 3"),
        ("#_ x|", "#_ x ;; => 3"),
        # What is behind the form stays code.
        ("(comment\n  (+ 1 2)|)\n", "(comment\n  (+ 1 2)\n  ;; => 3\n  )\n"),
        ("(f (g)| h)", "(f (g)\n   ;; => 3\n   h)"),
        ("(a)| (b)\r\n", "(a)\r\n;; => 3\r\n(b)\r\n"),
        ("\t(a)| (b)", "\t(a)\n\t;; => 3\n\t(b)"),
        ("[1(f)|2]", "[1(f)\n  ;; => 3\n  2]"),
        ("(a)| #_ b", "(a)\n;; => 3\n#_ b"),
        ("(a)|) (b)", "(a)\n;; => 3\n) (b)"),
        # Other comments stay as they are.
        ("(a)| ; why\n(b)", "(a) ; why\n;; => 3\n(b)"),
        ("(a)| ; why", "(a) ; why\n;; => 3"),
        ("(a)|\n;; about b\n(b)", "(a) ;; => 3\n;; about b\n(b)"),
        ("(a)|\n\n;; => 9\n", "(a) ;; => 3\n\n;; => 9\n"),
        ('(a)| "x" ;; => 9', '(a)\n;; => 3\n"x" ;; => 9'),
        # Its own is replaced, however it is written.
        ("(a)|;; => 9", "(a);; => 3"),
        ("(a)| ;=>9\n(b)", "(a) ;=> 3\n(b)"),
        ("(a)|\n  ;; => 9\n  (b)", "(a)\n  ;; => 3\n  (b)"),
        ("(a)| ; why\n;; => 9", "(a) ; why\n;; => 3"),
        ("(a)|\r\n;; => {:a 1\r\n;;     :b 2}\r\n;; note", "(a)\r\n;; => 3\r\n;; note"),
        ("(a)| ;; =>\n", "(a) ;; => 3\n"),
    ],
)
def test_where_a_short_value_goes(before: str, after: str) -> None:
    assert put_at(before, "3") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(a)|", f"(a)\n{BLOCK}"),
        ("  (a)|\n", "  (a)\n" + "\n".join(f"  {line}" for line in BLOCK.split("\n")) + "\n"),
        ("(a)| ;; => 3\n", f"(a)\n{BLOCK}\n"),
        ("(a)|\n;; => 3\n", f"(a)\n{BLOCK}\n"),
        ("(a)| (b)", f"(a)\n{BLOCK}\n(b)"),
    ],
)
def test_where_a_long_value_goes(before: str, after: str) -> None:
    assert put_at(before, LONG) == after
    assert put_at(after.replace("(a)", "(a)|", 1), LONG) == after


def test_a_value_that_does_not_fit_goes_below() -> None:
    form = f"(f {'x' * 70})"
    assert put_at(f"{form}|", "12345") == f"{form}\n;; => 12345"
    assert put_at(f"{form}| ;; => 1", "12345") == f"{form}\n;; => 12345"


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("a.hy", "(f)|", "(f) ;; => 3"),
        ("a.fnl", "(f)|", "(f) ;; => 3"),
        ("a.janet", "(f)|", "(f) # => 3"),
        ("a.janet", "(f)| # => 4", "(f) # => 3"),
        ("a.janet", "(do (f)|)", "(do (f)\n    # => 3\n    )"),
        ("a.scm", "(f)| #;(g)", "(f)\n;; => 3\n#;(g)"),
        ("a.lisp", "(f)|", "(f) ;; => 3"),
    ],
)
def test_each_language_has_its_own_sign(name: str, text: str, after: str) -> None:
    assert put_at(text, "3", name) == after


def test_plain_text_has_none() -> None:
    here = snapshot("hello ;; => 3", "a.txt")
    assert put(here, Span(0, 5), "3") is None
    assert comment_of(here, Span(0, 5)) is None
    assert list(commented_forms(here)) == []
    assert not has_comments(here)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a) ;; => 1\n(b)\n;; => 2", [("(a)", "1"), ("(b)", "2")]),
        ("(f (g)) ;; => 1", [("(f (g))", "1")]),
        ("(f (g) ;; => 1\n)", [("(g)", "1")]),
        ("(a) (b) ;; => 1", [("(b)", "1")]),
        (
            "(do\n  x ; why\n  ;; => 1\n  'y ;; => 2\n) ;; => 3",
            [("x", "1"), ("'y", "2"), ("*", "3")],
        ),
        # What is no result comment, or nobody's.
        ('"(a) ;; => 1"', []),
        ("; (a) ;; => 1", []),
        (";; => 1\n(a)", []),
        ("#_(a) ;; => 1\n(do #_(b) ;; => 2\n)", []),
        ("#_(do (b) ;; => 2\n)", []),
        ("(a)\n\n;; => 1", []),
        ("(a)\n;; note\n;; => 1", []),
        ("(\n;; => 1\n)", []),
        # Unfinished text.
        ("(do (a) ;; => 1\n", [("(a)", "1")]),
        ("(a)) ;; => 1", []),
    ],
)
def test_whose_a_comment_is(text: str, expected: list[tuple[str, str]]) -> None:
    found = [(text[slice(*one.form)], one.text) for one in commented_forms(snapshot(text))]
    wanted = [
        (text[: text.rindex(" ;;")] if form == "*" else form, held) for form, held in expected
    ]
    assert found == wanted


def test_a_comment_goes_on_as_far_as_it_is_indented() -> None:
    text = "(a)\n;; => {:a\n;;      1}\n;;   no\n"
    (one,) = commented_forms(snapshot(text))
    assert one.text == "{:a\n  1}"
    assert text[slice(*one.span)] == ";; => {:a\n;;      1}"


@pytest.mark.parametrize(
    "note", [";;    a note", ";;     (old code)", ";;;   x", "; y", ";;    ", "# x"]
)
@pytest.mark.parametrize("written", [";; => 3", ";; => [1\n;;     2]", ";; => Error: no", ";=> 3"])
def test_what_stands_below_a_whole_value_is_somebody_s_own(written: str, note: str) -> None:
    text = f"(f)\n{written}\n{note}\n"
    assert put_at(text.replace(")", ")|", 1), "{:new 4}").endswith(f"{{:new 4}}\n{note}\n")


@pytest.mark.parametrize("remark", ["roughly 3", "nil, mostly", "throws Foo", "é è"])
def test_a_remark_is_no_value(remark: str) -> None:
    """It is never compared, and never overwritten."""
    text = f"(f)| ;; => {remark}\n(g)\n"
    assert not has_comments(snapshot(text.replace("|", "")))
    assert list(commented_forms(snapshot(text.replace("|", "")))) == []
    once = f"(f) ;; => {remark}\n;; => 4\n(g)\n"
    assert put_at(text, "4") == once
    assert put_at(once.replace(")", ")|", 1), "5") == once.replace("4", "5")
    below = f"(f)\n;; => {remark}\n"
    assert put_at(below.replace(")", ")|"), "4") == f"(f) ;; => 4\n;; => {remark}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("a.clj", text) for text in ('"open', "(f", "[(g)", "\\", "#_", "@", '(f "x)', "^:a")),
        *(("a.scm", text) for text in ("|x", "#|", "#\\", "(a |b")),
        *(("a.lisp", "a|b"), ("a.janet", "``x"), ("a.hy", "#[[x")),
    ],
)
def test_nothing_is_written_behind_a_form_without_its_end(name: str, text: str) -> None:
    """It would become part of the form: of an open string, for instance."""
    assert put(snapshot(text, name), Span(0, len(text)), "3") is None


def test_a_part_of_the_text_can_be_asked() -> None:
    here = snapshot("(a) ;; => 1\n(b) ;; => 2\n(c) ;; => 3\n")
    assert [one.text for one in commented_forms(here, 12, 24)] == ["2"]


def test_comments_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_comments, "TREE_LIMIT", 20)
    here = snapshot("(a) ;; => 1\n" * 300 + "(do (f) ;; => 2\n (g) ;; => 3\n)")
    assert len(list(commented_forms(here))) == result_comments.COMMENTS_LIMIT
    assert [one.text for one in commented_forms(here, 3600)] == []


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("1", ["1"]),
        ("", [""]),
        ("[a\n\n b \r\nc]", ["[a", " b", "c]"]),
        # The first line alone would be taken for the whole value.
        ("1\n\n b \r\nc", ["1  b c"]),
        # What looks like somebody's remark stands further right.
        ("a x\nb", [" a x", " b"]),
        # Some readers take these for the end of a comment.
        ('"\u2028(x)\x85(y)\x0c"', ['"', "(x)", "(y)", '"']),
        ("x" * 300, ["x" * 199 + "…"]),
        ("1 1\n" * 100, [*["1 1"] * 39, "…"]),
        ("[" + "1 " * 20_000 + "]", ["[" + "1 " * 99 + "…"]),
    ],
)
def test_the_lines_of_a_value(value: str, lines: list[str]) -> None:
    assert lines_of(CLOJURE, value) == lines


PIECES = st.sampled_from(
    (
        *("(a)", "[b c]", "(f (g 1))", "x", "'y", "\n", "\r\n", " ", "  ", "\t", ",", "(", ")"),
        *("; note\n", ";; => 1\n", ";; => {:a\n;;     1}", '"s ;; => 2"', "#_ z"),
        "(comment\n  (h)\n  (i))",
    )
)
VALUES = st.sampled_from(
    ["3", LONG, "nil", "a\nb", "x" * 300, "[1 2]", "a\x85)", '"\u2028(', "|#", "Error: x", ""]
)
NAMES = st.sampled_from([f"a.{one}" for one in "clj lpy hy fnl scm rkt lisp janet edn".split()])
ODD = st.sampled_from(
    (
        *("|", "#|", "|#", "\\", '"', "\u00a0", "\x85", "\u2028", "\f", "#;", "#", "`", "``"),
        *("\r", "# => 2\n", ";=> 2", "\n;;     more", "^", "@", "~", "\N{GRINNING FACE}", "{"),
    )
)


@settings(max_examples=300, deadline=None)
@given(NAMES, st.lists(PIECES | ODD, max_size=12).map("".join), st.integers(0, 120), VALUES)
def test_no_code_is_lost_in_any_language(name: str, text: str, at: int, value: str) -> None:
    here = snapshot(text, name)
    form = form_at(here, min(at, len(text))) or form_before(here, min(at, len(text)))
    change = put(here, form, value) if form is not None else None
    if form is None or change is None:
        return
    written = text[: change.start] + change.text + text[change.end :]
    assert forms_of(snapshot(written, name)) == forms_of(here)
    if comment_of(here, form) is None:
        assert not text[change.start : change.end].strip(" \t")


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.integers(0, 120), VALUES)
def test_code_stays_what_it_is(text: str, at: int, value: str) -> None:
    """Whatever is written, the forms are the same; written again, nothing changes."""
    here = snapshot(text)
    form = form_at(here, min(at, len(text))) or form_before(here, min(at, len(text)))
    if form is None or form.end > len(text):
        return
    change = put(here, form, value)
    assert (change is None) is not is_complete(here, form)
    if change is None:
        return
    assert form.end <= change.start <= change.end <= len(text)
    written = text[: change.start] + change.text + text[change.end :]
    assert shapes(written) == shapes(text)
    then = snapshot(written)
    held = comment_of(then, form)
    assert held is not None
    assert put(then, form, value) == (*held.span, written[slice(*held.span)])


def forms_of(snapshot: Snapshot) -> list[tuple[int, list[str]]]:
    """The forms; one without an end ends where the next line begins with one."""
    texts = [snapshot.text[slice(*form)] for form in top_level_forms(snapshot)]
    language = snapshot.language
    return [(fingerprint(language, text), shapes(text, language)) for text in texts]


def shapes(text: str, language: Language = CLOJURE) -> list[str]:
    def shape(node: object) -> str:
        children = " ".join(shape(one) for one in node.children)  # type: ignore[attr-defined]
        return f"{node.prefixes}{node.text}{children})"  # type: ignore[attr-defined]

    return [shape(node) for node in read(language, text)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='();=> \n"#_ab[]{}\\', max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    here = snapshot(text)
    for one in commented_forms(here):
        assert 0 <= one.form.start < one.form.end <= one.span.start < one.span.end <= len(text)
    for form in top_level_forms(here):
        assert (put(here, form, "1") is not None) is is_complete(here, form)
