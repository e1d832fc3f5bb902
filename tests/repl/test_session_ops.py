"""Ops that run in the user's session: what of their replies is kept."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from nrepl_lsp.repl import session_ops
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import OpRun, SessionOp
from tests.nrepl.wire import Wire

REPORT = {"summary": {"test": 1}, "results": {}}


def run_of(wire: Wire, **limits: Any) -> OpRun:
    session = wire.connection.session("s")
    repl = SimpleNamespace(user=session, print_limits=lambda op: {})
    run = OpRun(cast(Repl, repl), SessionOp("cider/test-var-query"), None, **limits)
    session.submit(run)
    return run


async def test_output_that_is_too_much_is_not_kept_with_the_reply() -> None:
    """A run of tests may print without end, and its report comes last."""
    wire = Wire()
    run = run_of(wire, output_limit=20)
    for _ in range(100):
        wire.say(wire.last, session="s", out="0123456789")
    wire.say(wire.last, REPORT)
    wire.done(wire.last)
    result = await run.result()

    printed = [message["out"] for message in run.messages if "out" in message]
    assert printed == ["0123456789"] * 2
    assert [message for message in run.messages if "summary" in message] == [
        {"id": run.id, **REPORT}
    ]
    assert (run.dropped, result.cut) == (98, 980)


async def test_a_reply_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_ops, "REPLY_LIMIT", 3)
    wire = Wire()
    run = run_of(wire)
    for number in range(5):
        wire.say(wire.last, {"progress": number})
    wire.done(wire.last)
    await run.result()

    assert [message.get("progress") for message in run.messages] == [0, 1, 2]
    assert (run.dropped, run.reply.dropped) == (3, 3)
