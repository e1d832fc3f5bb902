"""Formatting code: what the recorded server answers, and what it refuses."""

from __future__ import annotations

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.formatting import FORMAT
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording

CIDER = "cider-nrepl-0.62.2"


async def test_code_is_laid_out_anew() -> None:
    answer = await ask_recording(CIDER, FORMAT, "(defn  f [x ]\n(+ x\n1))")
    assert answer == ("(defn  f [x]\n  (+ x\n     1))", "cider/format-code")


async def test_code_that_does_not_balance_is_no_code() -> None:
    assert await ask_recording(CIDER, FORMAT, "(foo") == (None, "cider/format-code")


@pytest.mark.parametrize("server", ["nrepl-1.0.0", "basilisp-0.5.1", "nbb-1.6.214"])
async def test_a_server_without_the_op_is_not_asked(server: str) -> None:
    assert await ask_recording(server, FORMAT, "(f)") == (None, None)


@pytest.mark.parametrize(
    ("ops", "can"),
    [
        (["cider/format-code"], True),
        (["format-code"], True),
        (["eval", "format-edn"], False),
        ([], False),
    ],
)
def test_who_lists_the_op_can_format(ops: list[str], can: bool) -> None:
    async def ask(*_: object) -> list[dict[str, object]]:
        raise AssertionError

    dialect = Dialect(Capabilities.from_message({"ops": {op: {} for op in ops}}), ask)
    assert dialect.can_answer(FORMAT) is can


@pytest.mark.parametrize("reply", [{}, {"formatted-code": []}, {"formatted-code": {"a": 1}}])
def test_an_odd_reply_is_no_answer(reply: dict[str, object]) -> None:
    assert [variant.parse([reply], "(f)") for variant in FORMAT.variants] == [None, None]
