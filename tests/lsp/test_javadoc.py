"""Javadoc as Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.lsp.explaining.javadoc import HTML_LIMIT, as_markdown


def html(text: str) -> str:
    return as_markdown([("html", text)])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The <code>String</code> class.", "The `String` class."),
        ("<b>Bold</b>, <i>slanted</i> and <em> more </em>.", "**Bold**, *slanted* and *more* ."),
        ("One<p>two<br>three", "One\n\ntwo\n\nthree"),
        ("<ul><li>a</li><li>b<ol><li>c<li>d</ol></ul>", "- a\n- b\n  1. c\n  2. d"),
        ("<pre>\n  f();\n    g();\n</pre>", "```java\nf();\n  g();\n```"),
        ("<pre><code>f();</code></pre>", "```java\nf();\n```"),
        ("<a href='https://x.y'>there</a>", "[there](https://x.y)"),
        ("<a href='#here'>here</a>", "here"),
        ("<h2>Title</h2>text", "**Title**\n\ntext"),
        ("<dl><dt>Name<dd>what", "**Name**\n\nwhat"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("a &lt;b&gt; &amp;nbsp; &nbsp;c", "a `<b>` `&nbsp;` c"),
        ("*ns* is code", "`*ns*` is code"),
        ("<script>no</script><style>no</style>yes", "yes"),
        # What is not closed is, what was not opened is not.
        ("<b>bold", "**bold**"),
        ("bold</b></i></ul></pre></a>", "bold"),
        ("<b><b>bold</b></b>", "**bold**"),
        ("<b></b><i> </i>x", "x"),
        ("<code>x", "`x`"),
        ("<code></code>", ""),
        ("<pre> </pre>", ""),
        ("", ""),
    ],
)
def test_html_is_read_as_it_comes(text: str, shown: str) -> None:
    assert html(text) == shown


def test_an_element_may_span_pieces() -> None:
    pieces = [
        ("text", "Sleeps.\n\nFor a while: "),
        ("html", "<ul><li>"),
        ("text", "one"),
        ("html", "</li></ul>"),
        ("text", "\n"),
        ("html", "<i>Returns</i>:&nbsp;"),
        ("text", 'the string "hello"'),
    ]
    assert as_markdown(pieces) == (
        'Sleeps.\n\nFor a while:\n\n- one\n\n*Returns*: the string "hello"'
    )


def test_it_is_bounded() -> None:
    pieces = [("text", "x" * HTML_LIMIT), ("text", "y")]
    assert as_markdown(pieces) == "x" * HTML_LIMIT


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text", "html", ""]),
            st.text("<>/bipreulo=\"'& \n!-[", max_size=40),
        ),
        max_size=4,
    )
)
def test_nothing_makes_it_fail(pieces: list[tuple[str, str]]) -> None:
    assert isinstance(as_markdown(pieces), str)
