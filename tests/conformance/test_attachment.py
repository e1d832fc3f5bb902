"""Coming and going: what an attachment knows, what it leaves behind, and how it comes back."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest_asyncio

from nrepl_lsp.nrepl import Connection, ConnectionLost, EvaluationResult, NreplError, connect

from .subjects import PATIENCE, Attached, Subject

SLEEP_MS = 1500
EDITOR_OPS = {"eval", "clone", "close", "describe"}


@pytest_asyncio.fixture
async def fresh(subject: Subject) -> AsyncIterator[Attached]:
    """An attachment of this test's own."""
    attached = await subject.attach()
    yield attached
    await attached.close()


async def sessions(connection: Connection) -> set[str] | None:
    """The ids of all sessions on the server; None when it does not tell."""
    try:
        reply = await connection.request("ls-sessions", timeout=PATIENCE).collect()
    except NreplError:
        return None
    # None of them is an empty list, which is also how some write "nothing".
    return set(reply.get("sessions") or ())


async def test_attaching_learns_the_ops_and_makes_two_sessions(fresh: Attached) -> None:
    repl = fresh.repl
    assert repl.is_live
    if fresh.subject.cannot is not None:
        assert repl.capabilities.ops is not None
        assert repl.capabilities.ops >= EDITOR_OPS
    assert repl.user.id != repl.tooling.id
    two = repl.user.connection is not repl.tooling.connection
    fresh.subject.judge("second connection", two)


async def test_listing_sessions_gives_all_but_the_one_for_questions(fresh: Attached) -> None:
    repl = fresh.repl
    listed = await repl.list_sessions(PATIENCE)
    if not repl.capabilities.supports("ls-sessions"):
        assert listed is None
        return
    assert listed is not None
    assert repl.user.id in listed
    assert repl.tooling.id not in listed


async def test_closing_ends_our_sessions(subject: Subject) -> None:
    attached = await subject.attach()
    ours = {attached.repl.user.id, attached.repl.tooling.id}
    during = await sessions(attached.repl.user.connection)
    await attached.close()
    assert not attached.repl.is_live
    async with await connect(subject.url, timeout=PATIENCE) as connection:
        after = await sessions(connection)
    if attached.repl.capabilities.supports("ls-sessions"):
        assert during is not None
        assert during >= ours
        assert after is not None
        assert not after & ours


async def test_a_lost_connection_finds_its_session_again_where_it_is_kept(
    subject: Subject,
) -> None:
    first = await subject.attach()
    old = first.repl.user.id
    for session in (first.repl.user, first.repl.tooling):
        await session.connection.close(sessions=False)
    assert not first.repl.is_live
    second = await subject.attach(old_session=old)
    try:
        code, value = second.sample.expression
        assert (await second.run(code)).values == (value,)
        kept = second.repl.user.id == old
        subject.judge("sessions kept", kept)
        assert second.repl.capabilities.supports("ls-sessions") or not kept
    finally:
        # The first one's tooling session has nobody else to close it.
        if first.repl.tooling.id and not second.repl.capabilities.lacks("close"):
            await second.repl.user.connection.session(first.repl.tooling.id).close()
        await second.close()


async def test_questions_are_answered_while_code_runs(fresh: Attached) -> None:
    sample = fresh.sample
    # The first completion of a server may have to load something.
    await fresh.complete(sample.core_prefix)
    running = await fresh.begin(sample.sleep.format(SLEEP_MS))
    before = time.monotonic()
    found = await fresh.complete(sample.core_prefix)
    took = time.monotonic() - before
    is_running = not running.is_finished
    async with asyncio.timeout(PATIENCE):
        assert (await running.result()).status == "done"
    # A question has its deadline, whatever the program does.
    assert took < SLEEP_MS / 1000
    fresh.subject.judge("while running", bool(found) and is_running)
    async with asyncio.timeout(3):
        code, value = sample.expression
        assert (await fresh.start(code).result()).values == (value,)
        assert bool(await fresh.complete(sample.core_prefix)) == fresh.answers("completion")


async def test_requests_sent_at_once_are_all_answered(fresh: Attached) -> None:
    sample = fresh.sample
    code, value = sample.expression
    await fresh.complete(sample.core_prefix)
    async with asyncio.timeout(PATIENCE):
        result, *found = await asyncio.gather(
            fresh.start(code).result(),
            *(fresh.complete(sample.core_prefix) for _ in range(5)),
        )
    assert result.values == (value,)
    assert all(found) == fresh.answers("completion")


async def test_closing_while_code_runs_ends_what_waits_and_harms_nobody(subject: Subject) -> None:
    attached = await subject.attach()
    # Shorter than closing takes: nbb 1.6 dies when its client is gone while it computes.
    running = await attached.begin(attached.sample.sleep.format(200))
    waiting = attached.start(attached.sample.expression[0])
    await attached.close()
    async with asyncio.timeout(2):
        ends = await asyncio.gather(running.result(), waiting.result(), return_exceptions=True)
    assert all(isinstance(end, EvaluationResult | ConnectionLost) for end in ends)
    assert getattr(ends[1], "values", ()) == ()
    again = await subject.attach()
    code, value = again.sample.expression
    assert (await again.run(code)).values == (value,)
    await again.close()
