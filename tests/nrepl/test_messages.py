"""What a message means, whatever the server wrote."""

from typing import Any

import pytest

from nrepl_lsp.nrepl import present, status_of
from nrepl_lsp.nrepl.messages import is_failure, text_of


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({}, set()),
        ({"status": []}, set()),
        ({"status": ""}, set()),
        ({"status": {}}, set()),
        ({"status": 3}, set()),
        ({"status": "interrupted"}, {"interrupted"}),
        ({"status": ["done", "error", "done"]}, {"done", "error"}),
        ({"status": ["done", 1, [], {"a": 1}]}, {"done"}),
    ],
)
def test_a_status_is_a_set_in_whatever_shape_it_comes(message: Any, status: set[str]) -> None:
    assert status_of(message) == status


@pytest.mark.parametrize("value", [None, "", [], {}, frozenset()])
def test_nil_has_many_spellings(value: object) -> None:
    assert not present(value)


@pytest.mark.parametrize("value", ["x", "0", 0, [0], {"a": 1}, frozenset({"done"})])
def test_anything_else_is_present(value: object) -> None:
    assert present(value)


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), ("", None), ([], None), (1, None), (["x"], None)]
)
def test_a_text_is_a_string_that_is_not_empty(value: object, text: str | None) -> None:
    assert text_of({"key": value}, "key") == text
    assert text_of({}, "key") is None


@pytest.mark.parametrize(
    "words",
    [
        {"error"},
        {"eval-error"},
        {"done", "completion-error"},
        {"done", "cider/apropos-error"},
        {"unknown-op"},
        {"unknown-session"},
        {"namespace-not-found", "done"},
        {"no-code"},
    ],
)
def test_statuses_that_say_failure(words: set[str]) -> None:
    assert is_failure(frozenset(words))


@pytest.mark.parametrize(
    "words", [set(), {"done"}, {"done", "no-info"}, {"interrupted"}, {"no-error"}, {"session-idle"}]
)
def test_statuses_that_do_not(words: set[str]) -> None:
    # "no-error" is cider's answer when there is no stack trace to show.
    assert not is_failure(frozenset(words))
