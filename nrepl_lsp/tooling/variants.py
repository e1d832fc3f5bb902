"""
Questions, the ways to put them to a server, and the record of one attachment.

A `Question` holds its variants in order of preference. A `Dialect` belongs to one attachment: it
picks the variant by what `describe` listed and by what the server has answered so far, never by the
server's name. It does no I/O: the caller gives it `ask`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.nrepl.errors import OpFailed, RequestTimeout, UnknownOp
from nrepl_lsp.nrepl.messages import Message

from .snippets import FAMILIES

__all__ = ["Ask", "Dialect", "DialectRecord", "Question", "Timing", "Variant"]

TIMEOUTS_IN_A_ROW = 3
"""How often an op that has answered before may stay silent before it is set aside."""

REST_AFTER_TIMEOUTS = 60.0
"""Seconds for which a silent op is set aside the first time; four times as long each next time,
until it answers. A server that was only busy (one that answers nothing while it evaluates) gets its
op back."""

TIMINGS_KEPT = 32

UNANSWERED_LIMIT = 200
"""Requests that are remembered as left unanswered, each for as long as a silent op rests first."""

_log = logging.getLogger(__name__)

Query = TypeVar("Query")
Value = TypeVar("Value")


class Ask(Protocol):
    """
    Sends one request and returns the messages of its reply.

    The caller's part: it adds the session. Raises UnknownOp, OpFailed, RequestTimeout after
    `timeout` seconds, or ConnectionLost.
    """

    async def __call__(self, op: str, params: Message, timeout: float) -> Sequence[Message]: ...


@dataclass(frozen=True, slots=True)
class Variant(Generic[Query, Value]):
    """
    One way to put a question.

    request: the op's parameters for a query; None when this variant cannot put it.
    parse: the answer in the reply's messages; None when it holds none. Pure, and cannot fail.
    snippet: whether this is code of ours for `eval`, which the user may have switched off.
    """

    op: str
    request: Callable[[Query], Message | None]
    parse: Callable[[Sequence[Message], Query], Value | None]
    snippet: bool = False


@dataclass(frozen=True, slots=True)
class Question(Generic[Query, Value]):
    """
    Something an editor wants to know, and its variants, best first.

    timeout: seconds for an answer. first_timeout: seconds for the first answer of an op, which may
    have to load its middleware first (cider-nrepl 0.62: up to 6.5 s).
    """

    name: str
    variants: tuple[Variant[Query, Value], ...]
    timeout: float = 5.0
    first_timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast an op has been: answers so far, and milliseconds of the last and the middle one."""

    count: int
    last_ms: float
    median_ms: float


@dataclass(frozen=True, slots=True)
class DialectRecord:
    """
    What is known of one attachment.

    questions: name → the op that would be asked now (`"eval"` for a snippet), None when no op can
        answer. demoted: op → why it is set aside. timings: op → how fast it has been. A snippet's
        key is `eval/<question>`, so that a slow one does not stain the others.
    """

    questions: dict[str, str | None]
    demoted: dict[str, str]
    timings: dict[str, Timing]


@dataclass(slots=True)
class _Experience:
    """What one op has done in this attachment."""

    answers: int = 0
    values: int = 0
    silences: int = 0
    rests: int = 0
    reason: str | None = None
    rests_until: float | None = None
    times: deque[float] = field(default_factory=lambda: deque(maxlen=TIMINGS_KEPT))


class Dialect:
    """How one attached server is spoken to; lives and dies with the attachment."""

    def __init__(
        self,
        capabilities: Capabilities,
        ask: Ask,
        *,
        snippets: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capabilities = capabilities
        self._ask = ask
        #: Whether code of ours may be evaluated where no op answers; the user can change it.
        self.snippets = snippets
        self._clock = clock
        self._experience: dict[str, _Experience] = {}
        #: Requests that an op which answers others has left unanswered, and until when.
        self._unanswered: dict[str, float] = {}

    async def answer(
        self, question: Question[Query, Value], query: Query, *, timeout: float | None = None
    ) -> Value | None:
        """
        The server's answer, or None: it does not know, cannot, failed, or took too long.

        timeout: seconds for the whole answer, over all variants that are tried; without one the
        question's own. The first variant that answers wins, also when it answers "not found"; only
        a server that does not list its ops is asked on. An op that answers other requests and not
        this one has half of the time, so that the next variant has the rest: `lookup` of nREPL 1.0
        never answers for a var with `:deprecated true`. Raises ConnectionLost. Cancelling stops
        listening and counts against nobody.
        """
        deadline: float | None = None
        ops = self._capabilities.ops
        usable = [
            one
            for one in question.variants
            if (ops is None or one.op in ops) and self._is_usable(question, one)
        ]
        for variant in usable:
            params = variant.request(query)
            if params is None:
                continue
            is_last = variant is usable[-1]
            seen = self._seen(_key(question, variant))
            patience = self._patience(question, seen)
            now = self._clock()
            if not is_last and self._unanswered:
                if self._unanswered.get(_request_key(question, variant, params), now) > now:
                    continue
            if deadline is None:
                deadline = now + (timeout if timeout is not None else self._total(question, seen))
            remaining = deadline - now
            if remaining <= 0:
                return None
            if not is_last and seen.answers:
                patience = min(patience, remaining / 2)
            before = seen.silences
            within = min(remaining, patience)
            outcome = await self._try(question, variant, seen, query, params, within)
            if outcome is not None:
                return outcome[0]
            if seen.answers and seen.silences != before:
                self._note_unanswered(_request_key(question, variant, params))
        return None

    def _note_unanswered(self, request: str) -> None:
        if len(self._unanswered) >= UNANSWERED_LIMIT:
            self._unanswered.pop(next(iter(self._unanswered)))
        self._unanswered[request] = self._clock() + REST_AFTER_TIMEOUTS

    def can_answer(self, question: Question[Any, Any]) -> bool:
        """Whether an op that the server lists answers the question; costs no request."""
        return self._capabilities.ops is not None and any(
            not variant.snippet and self._is_usable(question, variant)
            for variant in question.variants
        )

    def is_silent(self, question: Question[Any, Any]) -> bool:
        """Whether a way to put the question was not answered when it was last tried."""
        return any(
            bool(seen.silences) or seen.rests_until is not None
            for variant in question.variants
            if (seen := self._experience.get(_key(question, variant))) is not None
        )

    def record(self, families: Collection[str] | None = None) -> DialectRecord:
        """
        What is known by now; costs no request.

        families: the language families that are in use, to tell whether a snippet could be asked;
        None is all of them.
        """
        from .questions import QUESTIONS  # They are built from the classes of this module.

        now = self._clock()
        demoted = {
            key: seen.reason
            for key, seen in self._experience.items()
            if seen.reason is not None and not _is_rested(seen, now)
        }
        timings = {
            key: Timing(
                seen.answers,
                round(seen.times[-1] * 1000, 3),
                round(_middle(seen.times) * 1000, 3),
            )
            for key, seen in self._experience.items()
            if seen.times
        }
        return DialectRecord(
            {question.name: self._op_for(question, families) for question in QUESTIONS},
            demoted,
            timings,
        )

    def _op_for(self, question: Question[Any, Any], families: Collection[str] | None) -> str | None:
        usable = [v for v in question.variants if self._is_usable(question, v)]
        if families is not None and not FAMILIES.keys() & set(families):
            usable = [v for v in usable if not v.snippet]
        if self._capabilities.ops is None:
            # Nothing is listed: only what has given a value is known to be there.
            usable = [v for v in usable if self._seen(_key(question, v)).values]
        return usable[0].op if usable else None

    async def _try(
        self,
        question: Question[Query, Value],
        variant: Variant[Query, Value],
        seen: _Experience,
        query: Query,
        params: Message,
        timeout: float,
    ) -> tuple[Value | None] | None:
        """Ask once: the answer in a tuple, or None when the next variant is to be tried."""
        started = self._clock()
        try:
            messages = await self._ask(variant.op, params, timeout)
        except UnknownOp:
            self._demote(_key(question, variant), "unknown-op", until=None)
            return None
        except RequestTimeout:
            self._note_silence(question, _key(question, variant), timeout)
            return None
        except OpFailed as failure:
            _log.debug("%s failed for %s: %s", variant.op, question.name, failure)
            self._note_answer(seen, started)
            if variant.snippet and not seen.values:
                # The program is of another language than the document.
                self._demote(_key(question, variant), "eval-error", until=None)
                return None
            return None if self._is_guess(seen) else (None,)
        self._note_answer(seen, started)
        value = variant.parse(messages, query)
        if value is not None:
            seen.values += 1
        return None if value is None and self._is_guess(seen) else (value,)

    def _is_usable(self, question: Question[Any, Any], variant: Variant[Any, Any]) -> bool:
        if variant.snippet and not self.snippets:
            return False
        ops = self._capabilities.ops
        if ops is not None and variant.op not in ops:
            return False
        seen = self._experience.get(_key(question, variant))
        return seen is None or seen.reason is None or _is_rested(seen, self._clock())

    def _is_guess(self, seen: _Experience) -> bool:
        """Whether an op is only tried because the server does not say what it has."""
        return self._capabilities.ops is None and not seen.values

    def _patience(self, question: Question[Any, Any], seen: _Experience) -> float:
        known = seen.answers or self._capabilities.ops is None
        return question.timeout if known else question.first_timeout

    def _total(self, question: Question[Any, Any], seen: _Experience) -> float:
        """Seconds for the whole answer: guessing at several ops takes as long as a first call."""
        if self._capabilities.ops is None:
            return question.first_timeout
        return self._patience(question, seen)

    def _seen(self, key: str) -> _Experience:
        seen = self._experience.get(key)
        if seen is None:
            seen = self._experience[key] = _Experience()
        return seen

    def _note_answer(self, seen: _Experience, started: float) -> None:
        seen.answers += 1
        seen.silences = 0
        seen.rests = 0
        seen.reason = None
        seen.rests_until = None
        seen.times.append(self._clock() - started)

    def _note_silence(self, question: Question[Any, Any], key: str, waited: float) -> None:
        seen = self._seen(key)
        seen.silences += 1
        had_its_chance = waited >= question.first_timeout or self._capabilities.ops is None
        if seen.silences >= TIMEOUTS_IN_A_ROW or (not seen.answers and had_its_chance):
            rest = REST_AFTER_TIMEOUTS * 4**seen.rests
            seen.rests += 1
            seen.silences = 0
            self._demote(
                key, f"no answer within {round(waited, 1):g} s", until=self._clock() + rest
            )

    def _demote(self, key: str, reason: str, *, until: float | None) -> None:
        seen = self._seen(key)
        seen.reason = reason
        seen.rests_until = until
        _log.warning("%s is set aside: %s", key, reason)


def _key(question: Question[Any, Any], variant: Variant[Any, Any]) -> str:
    return f"eval/{question.name}" if variant.snippet else variant.op


def _request_key(question: Question[Any, Any], variant: Variant[Any, Any], params: Message) -> str:
    return f"{_key(question, variant)} {params}"


def _middle(times: Iterable[float]) -> float:
    """The median; the `statistics` module would add a tenth to the start-up time of our code."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2]


def _is_rested(seen: _Experience, now: float) -> bool:
    return seen.rests_until is not None and now >= seen.rests_until
