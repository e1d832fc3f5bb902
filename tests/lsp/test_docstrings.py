"""Doc strings as Markdown: prose as prose, what is laid out in a fence, names as code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.lsp.explaining.docstrings import (
    argument_names,
    dedented,
    fenced,
    inline,
    inline_code,
    rendered,
)

ARGUMENTS = frozenset(("coll", "f", "xs?", "*out*"))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Applies f to each item of coll.", "Applies `f` to each item of `coll`."),
        ("Are colls, coll's, (coll) xs? f: f!", "Are colls, `coll`'s, (`coll`) `xs?` `f`: `f`!"),
        ("Already `f` and ``a `b` c``.", "Already `f` and ``a `b` c``."),
        ("GNU's `quotes' are code, it's not.", "GNU's `quotes` are code, it's not."),
        ("See [[spit]] and [[a.b/c?]].", "See `spit` and `a.b/c?`."),
        ("Binds *out* and *in*: *.", "Binds `*out*` and `*in*`: `*`."),
        ("a_b is a_b, _private and x_ are not", "a_b is a_b, `_private` and `x_` are not"),
        ("<div> but x < y, a->b, <-", "`<div>` but x < y, a->b, <-"),
        ("**bold** stays", "**bold** stays"),
        ("[text](https://a.b/c_d) stays", "[text](https://a.b/c_d) stays"),
        ("https://a.b/c_d_*e* stays", "https://a.b/c_d_*e* stays"),
        ("&amp; & &rest", "`&amp;` & &rest"),
        (r"a \* b \d", r"a `\*` b \d"),
        ("~~x~~ ~y", "`~~x~~` ~y"),
        ("> x", "`>` x"),
        ("one ` tick and ``` three", "one `` ` `` tick and ```` ``` ```` three"),
        ("the ``s``\\. of :external:py:class:`str`", "the ``s``. of `str`"),
        ("", ""),
    ],
)
def test_what_is_code_in_a_line_is_shown_as_code_and_nothing_is_escaped(
    line: str, shown: str
) -> None:
    assert inline(line, ARGUMENTS) == shown


FILLED = "x" * 30 + " " + "y" * 30


@pytest.mark.parametrize(
    ("doc", "shown"),
    [
        # Filled lines are one paragraph, short ones were ended on purpose.
        (f"{FILLED}\nand more.", f"{FILLED}\nand more."),
        ("Short.\nLines.", "Short.  \nLines."),
        # Laid out: kept as it is.
        (
            "Options:\n  :a   one\n  :b   two\nEnd.",
            "Options:\n\n```text\n:a   one\n:b   two\n```\n\nEnd.",
        ),
        ("key   value\nother value", "```text\nkey   value\n```\n\nother value"),
        ("Done.  Two blanks end a sentence.", "Done.  Two blanks end a sentence."),
        ("(Done.)  So they do here.", "(Done.)  So they do here."),
        ("| a | b |\n| 1 | 2 |", "```text\n| a | b |\n| 1 | 2 |\n```"),
        # Code: in the language's fence, with the empty lines in it.
        ("(f 1)\n\n  (g\n    2)", "```lisp\n(f 1)\n\n  (g\n    2)\n```"),
        ("Such as:\n\n  (f\n    1)\n", "Such as:\n\n```lisp\n(f\n  1)\n```"),
        ("user=> (f)\n1", "```lisp\nuser=> (f)\n1\n```"),
        # A remark in brackets is none.
        ("(Not code.)", "(Not code.)"),
        # Lists.
        ("- one f\n  goes on\n- two", "- one `f`  \n  goes on\n- two"),
        ("1. one\n2. two\n\n3) three", "1. one\n2. two\n\n3) three"),
        ("# Title\ntext", "# Title\ntext"),
        # The author's own fence, closed or not.
        ("Do:\n```clj\n(f *x*)\n```\nEnd.", "Do:\n\n```clj\n(f *x*)\n```\n\nEnd."),
        ("```\n(f", "```\n(f\n```"),
        ("```\n```", "```\n```"),
        ("~~~\n  a\n    b\n~~~", "~~~\na\n  b\n~~~"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_each_stretch_is_shown_as_what_it_is(doc: str, shown: str) -> None:
    assert rendered(doc, "lisp", frozenset(("f",))) == shown


@pytest.mark.parametrize(
    ("doc", "plain"),
    [
        ("One.\n  Two.\n    Three.", "One.\nTwo.\n  Three."),
        ("One.\n\n  Two.", "One.\n\nTwo."),
        ("One.\nTwo.\n  Three.", "One.\nTwo.\n  Three."),
        ("  One.\r\n  Two.\r\n", "One.\nTwo."),
        ("\n  One.", "One."),
        ("", ""),
    ],
)
def test_the_indentation_of_the_source_is_taken_off(doc: str, plain: str) -> None:
    assert dedented(doc) == plain


@pytest.mark.parametrize(
    ("arglists", "names"),
    [
        (["[f coll]", "[f & colls]"], {"f", "coll", "colls"}),
        (["[{:keys [host port] :as opts :or {port 80}}]"], {"host", "port", "opts"}),
        (["[^String s ^long n]"], {"s", "n"}),
        # Words of every sentence would be marked everywhere.
        (["[to from a x]"], {"x"}),
        (["(who='x', *args)"], {"who", "*args"}),
        (["[]"], set()),
    ],
)
def test_names_of_arguments_are_found(arglists: list[str], names: set[str]) -> None:
    assert argument_names(arglists) == names


@pytest.mark.parametrize(
    ("text", "shown"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("``", "``` `` ```")]
)
def test_code_may_hold_backticks(text: str, shown: str) -> None:
    assert inline_code(text) == shown


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fenced("a\n````\nb", "text") == "`````text\na\n````\nb\n`````"
    assert fenced("", "text") == ""


@given(st.text("ab` *_-|<\n(\\1.)", max_size=80))
def test_any_text_is_rendered_and_no_word_is_lost(text: str) -> None:
    shown = rendered(dedented(text), "lisp", frozenset(("ab",)))
    assert shown.count("a") == text.count("a")
    assert shown.count("b") == text.count("b")


def test_a_long_line_of_backticks_takes_no_time() -> None:
    assert rendered("`` ` " * 4_000, "lisp").startswith("``")
