"""Recorded conversations with real servers, played back to a Dialect."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.nrepl.errors import OpFailed, UnknownOp
from nrepl_lsp.nrepl.messages import Message, is_failure, status_of
from nrepl_lsp.tooling.variants import Dialect, Question

FOLDER = Path(__file__).parent / "transcripts"
SERVERS = sorted(path.stem for path in FOLDER.glob("*.jsonl"))

# What a recorded request must share with the one that is asked; the rest is manners.
TELLING = (
    *("op", "prefix", "sym", "code", "ns", "query", "symbols", "method"),
    *("expander", "path", "filter-regexps"),
)

Query = TypeVar("Query")
Value = TypeVar("Value")


@cache
def conversations(server: str) -> dict[str, list[tuple[str, Message]]]:
    """scenario → (direction, message) in order, from all files of a server."""
    found: dict[str, list[tuple[str, Message]]] = {}
    paths = sorted(FOLDER.rglob(f"{server}.jsonl"))
    for line in itertools.chain.from_iterable(
        path.read_text("utf-8").splitlines() for path in paths
    ):
        entry = json.loads(line)
        found.setdefault(entry["scenario"], []).append((entry["dir"], entry["msg"]))
    return found


def replies(server: str, scenario: str) -> list[Message]:
    return [message for way, message in conversations(server)[scenario] if way == "<"]


def capabilities(server: str) -> Capabilities:
    name = "describe-without-session"
    scenario = name if name in conversations(server) else "describe"
    return Capabilities.from_message(replies(server, scenario)[0])


class Playback:
    """An `ask` that answers as the server did, and fails the test on what it was never asked."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.asked: list[tuple[str, Message]] = []

    async def __call__(self, op: str, params: Message, timeout: float) -> Sequence[Message]:
        self.asked.append((op, params))
        wanted = _telling({**params, "op": op})
        for exchange in conversations(self.server).values():
            requests = [message for way, message in exchange if way == ">"]
            if len(requests) == 1 and _telling(requests[0]) == wanted:
                return _as_collected(op, [message for way, message in exchange if way == "<"])
        raise AssertionError(f"{self.server} was never asked {wanted}")


def _telling(request: Message) -> dict[str, Any]:
    return {key: request[key] for key in TELLING if key in request}


def _as_collected(op: str, messages: list[Message]) -> list[Message]:
    status = frozenset().union(*(status_of(message) for message in messages))
    if "unknown-op" in status:
        raise UnknownOp(op, status)
    if is_failure(status):
        raise OpFailed(op, status)
    return messages


async def ask_recording(
    server: str, question: Question[Query, Value], query: Query
) -> tuple[Value | None, str | None]:
    """The answer, and the op that gave it."""
    playback = Playback(server)
    dialect = Dialect(capabilities(server), playback)
    answer = await dialect.answer(question, query)
    return answer, playback.asked[-1][0] if playback.asked else None


def failure(server: str, scenario: str) -> tuple[str, str | None, str | None]:
    """`err`, `ex` and `root-ex` of a recorded evaluation."""
    messages = replies(server, scenario)
    err = "".join(message.get("err", "") for message in messages)
    ex = next((message["ex"] for message in messages if "ex" in message), None)
    root_ex = next((message["root-ex"] for message in messages if "root-ex" in message), None)
    return err, ex, root_ex
