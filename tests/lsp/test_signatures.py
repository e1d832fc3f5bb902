"""Argument lists as signatures: whatever a server sends, parameters lie in the label."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.lsp.explaining.signatures import Signature, signatures_of
from nrepl_lsp.source.calling.calls import Call
from nrepl_lsp.source.languages import LANGUAGES, for_language_id
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.tooling.values import SymbolInfo

PIECES = st.sampled_from(
    (
        *("[", "]", "(", ")", "{", "}", '"', "'", "\\", ",", " ", "\n", "& ", "* ", "*", "/", "="),
        *(
            "&optional ",
            "&key ",
            "&rest ",
            "&aux ",
            "#:k ",
            "#* ",
            "#** ",
            "... ",
            ". ",
            "x ",
            "😀 ",
        ),
        *("^", "#", "#_", ";", "[a 1] ", "{:keys [a]} ", "y? ", "z* "),
    )
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
CALLS = st.builds(
    Call,
    st.just("f"),
    st.just(Span(0, 1)),
    st.none() | st.integers(0, 6),
    st.integers(0, 6),
    st.sampled_from(("", "first", "last")),
    st.sampled_from(("", ":x", ":k", "#:k")),
)


def check(signature: Signature, call: Call) -> None:
    before = 0
    for parameter in signature.parameters:
        start, end = parameter.span
        assert before <= start < end <= len(signature.label)
        before = end
    active = signature.active(call)
    assert active is None or 0 <= active < len(signature.parameters)
    assert signature.least <= signature.most


@settings(max_examples=300, deadline=None)
@given(TEXTS, CALLS, st.sampled_from(LANGUAGES), st.booleans())
def test_no_argument_list_is_too_odd(text, call, language, is_macro) -> None:
    kind = "macro" if is_macro else "function"
    info = SymbolInfo("f", "ns", kind, arglists=(text, f"[{text}]", f"({text})"))
    for signature in signatures_of(info, language):
        assert signature.label.startswith("(ns/f")
        assert "\n" not in signature.label
        check(signature, call)


@settings(max_examples=100, deadline=None)
@given(TEXTS, CALLS)
def test_no_special_form_is_too_odd(text: str, call: Call) -> None:
    info = SymbolInfo("f", forms=(text, f"(f {text})", f"(f{text}"))
    for signature in signatures_of(info, for_language_id("clojure")):
        check(signature, call)
