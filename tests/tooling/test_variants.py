"""How a Dialect chooses, demotes and remembers, with a scripted server and clock."""

from __future__ import annotations

import asyncio

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.nrepl.errors import ConnectionLost, OpFailed, RequestTimeout, UnknownOp
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.questions import QUESTIONS
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.variants import (
    REST_AFTER_TIMEOUTS,
    TIMEOUTS_IN_A_ROW,
    UNANSWERED_LIMIT,
    Dialect,
    Question,
    Variant,
)


def ask_for(word):
    return None if word == "unaskable" else {"word": word}


def first_value(messages, word):
    return messages[0].get("answer") if messages else None


QUESTION: Question[str, str] = Question(
    "meaning",
    (
        Variant("best", ask_for, first_value),
        Variant("good", lambda word: {"word": word}, first_value),
        Variant("eval", lambda word: {"code": word}, first_value, snippet=True),
    ),
    timeout=2.0,
    first_timeout=10.0,
)


class Server:
    """Answers each op from a script: a value, an exception, or seconds of silence."""

    def __init__(self, *ops: str, **script: object) -> None:
        self.capabilities = Capabilities(ops=frozenset(ops) or None)
        self.script = script
        self.now = 0.0
        self.asked: list[str] = []
        self.timeouts: list[float] = []

    async def ask(self, op, params, timeout):
        self.asked.append(op)
        self.timeouts.append(timeout)
        reply = self.script.get(op, UnknownOp)
        if reply is RequestTimeout:
            self.now += timeout
            raise RequestTimeout(op, timeout)
        if reply in (UnknownOp, OpFailed):
            raise reply(op, frozenset({"done", "error"}))
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, asyncio.Event):
            await reply.wait()
        self.now += 0.25
        return [{"answer": reply, "status": ["done"]}]

    def dialect(self, **options) -> Dialect:
        return Dialect(self.capabilities, self.ask, clock=lambda: self.now, **options)


async def test_the_first_op_that_is_listed_is_asked():
    server = Server("good", "eval", best="no", good="yes")

    assert await server.dialect().answer(QUESTION, "x") == "yes"
    assert server.asked == ["good"]


async def test_not_found_is_an_answer_and_nobody_else_is_asked():
    server = Server("best", "good", best=None, good="yes")

    assert await server.dialect().answer(QUESTION, "x") is None
    assert server.asked == ["best"]


async def test_a_failing_op_is_an_answer_too_and_is_not_set_aside():
    server = Server("best", "good", best=OpFailed, good="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") is None
    assert await dialect.answer(QUESTION, "x") is None
    assert server.asked == ["best", "best"]
    assert dialect.record().demoted == {}


async def test_a_snippet_that_only_fails_is_set_aside():
    server = Server("eval", eval=OpFailed)
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") is None
    assert await dialect.answer(QUESTION, "x") is None
    assert server.asked == ["eval"]
    assert dialect.record().demoted == {"eval/meaning": "eval-error"}


async def test_a_snippet_that_has_answered_may_fail():
    server = Server("eval", eval="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") == "yes"
    server.script["eval"] = OpFailed
    assert await dialect.answer(QUESTION, "x") is None
    server.script["eval"] = "yes"
    assert await dialect.answer(QUESTION, "x") == "yes"


async def test_a_silence_is_told_from_an_answer():
    server = Server("best", best=RequestTimeout)
    dialect = server.dialect()

    assert not dialect.is_silent(QUESTION)
    assert await dialect.answer(QUESTION, "x", timeout=1.0) is None
    assert dialect.is_silent(QUESTION)
    assert await dialect.answer(QUESTION, "x") is None
    assert dialect.is_silent(QUESTION), "it is set aside"
    server.now += REST_AFTER_TIMEOUTS
    server.script["best"] = None
    assert await dialect.answer(QUESTION, "x") is None
    assert not dialect.is_silent(QUESTION)


async def test_an_unknown_op_is_set_aside_for_good_and_the_next_answers():
    server = Server("best", "good", good="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") == "yes"
    server.now += 1e9
    assert await dialect.answer(QUESTION, "x") == "yes"
    assert server.asked == ["best", "good", "good"]
    assert dialect.record().demoted == {"best": "unknown-op"}


async def test_an_op_that_never_answered_is_set_aside_after_its_long_first_chance():
    server = Server("best", "good", best=RequestTimeout, good="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") is None
    assert await dialect.answer(QUESTION, "x") == "yes"
    assert server.timeouts == [10.0, 10.0]
    assert dialect.record().demoted == {"best": "no answer within 10 s"}


async def test_a_short_deadline_of_the_caller_does_not_judge_an_op_that_is_still_loading():
    server = Server("best", "good", best=RequestTimeout, good="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x", timeout=1.0) is None
    assert dialect.record().demoted == {}
    server.script["best"] = "yes"
    assert await dialect.answer(QUESTION, "x", timeout=1.0) == "yes"
    assert server.asked == ["best", "best"]
    assert server.timeouts == [1.0, 1.0]


async def test_an_op_that_has_answered_is_given_the_question_s_own_timeout():
    server = Server("best", best="yes")
    dialect = server.dialect()

    await dialect.answer(QUESTION, "x")
    await dialect.answer(QUESTION, "x")
    assert server.timeouts == [10.0, 2.0]


async def test_a_good_op_survives_single_timeouts_of_a_busy_server():
    server = Server("best", "good", best="yes", good="no")
    dialect = server.dialect()
    for number in range(TIMEOUTS_IN_A_ROW * 2):
        server.script["best"] = "yes"
        assert await dialect.answer(QUESTION, f"a{number}") == "yes"
        server.script["best"] = RequestTimeout
        assert await dialect.answer(QUESTION, f"b{number}") == "no"

    assert dialect.record().demoted == {}


async def test_a_request_that_a_good_op_leaves_unanswered_goes_to_the_next_one():
    # `lookup` of nREPL 1.0.0 never answers for a var with `:deprecated true`.
    server = Server("best", "good", best="yes", good="second")
    dialect = server.dialect()
    await dialect.answer(QUESTION, "x")
    server.script["best"] = RequestTimeout
    assert await dialect.answer(QUESTION, "odd") == "second"
    assert server.timeouts[1:] == [1.0, 1.0]
    server.script["best"] = "first"
    assert await dialect.answer(QUESTION, "odd") == "second"
    assert server.asked[3:] == ["good"]
    assert await dialect.answer(QUESTION, "y") == "first"
    server.now += REST_AFTER_TIMEOUTS
    assert await dialect.answer(QUESTION, "odd") == "first"


async def test_only_so_many_unanswered_requests_are_remembered():
    server = Server("best", "good", best="yes", good="second")
    dialect = server.dialect()
    for number in range(UNANSWERED_LIMIT + 1):
        server.script["best"] = "yes"
        await dialect.answer(QUESTION, f"a{number}")
        server.script["best"] = RequestTimeout
        await dialect.answer(QUESTION, f"b{number}")
    asked = len(server.asked)
    await dialect.answer(QUESTION, f"b{UNANSWERED_LIMIT}")
    assert server.asked[asked:] == ["good"]


async def test_a_good_op_that_falls_silent_rests_and_comes_back():
    server = Server("best", "good", best="yes", good="second")
    dialect = server.dialect()
    await dialect.answer(QUESTION, "x")
    server.script["best"] = RequestTimeout
    for number in range(TIMEOUTS_IN_A_ROW):
        assert await dialect.answer(QUESTION, f"x{number}") == "second"

    assert dialect.record().demoted == {"best": "no answer within 1 s"}
    assert await dialect.answer(QUESTION, "y") == "second"
    assert server.asked[-1] == "good"
    server.now += REST_AFTER_TIMEOUTS
    server.script["best"] = "first"
    assert await dialect.answer(QUESTION, "x") == "first"
    assert dialect.record().demoted == {}


async def test_each_rest_is_longer_than_the_one_before():
    server = Server("best", "good", best=RequestTimeout, good="second")
    dialect = server.dialect()
    await dialect.answer(QUESTION, "x")
    server.now += REST_AFTER_TIMEOUTS
    await dialect.answer(QUESTION, "x")
    server.now += REST_AFTER_TIMEOUTS

    assert await dialect.answer(QUESTION, "x") == "second"


async def test_an_answer_makes_the_next_rest_a_first_one_again():
    server = Server("best", "good", good="second")
    dialect = server.dialect()
    for _ in range(3):
        server.script["best"] = "yes"
        assert await dialect.answer(QUESTION, "x") == "yes"
        server.script["best"] = RequestTimeout
        for _ in range(TIMEOUTS_IN_A_ROW):
            await dialect.answer(QUESTION, "x")
        assert await dialect.answer(QUESTION, "x") == "second"
        server.now += REST_AFTER_TIMEOUTS


async def test_the_next_op_gets_what_is_left_of_the_deadline():
    server = Server("best", "good", good="yes")
    dialect = server.dialect()

    async def slow_refusal(op, params, timeout):
        server.now += 0.75 if op == "best" else 0
        return await server.ask(op, params, timeout)

    dialect = Dialect(server.capabilities, slow_refusal, clock=lambda: server.now)
    assert await dialect.answer(QUESTION, "x", timeout=1.0) == "yes"
    assert server.timeouts == [1.0, 0.25]


async def test_nobody_is_asked_after_the_deadline():
    server = Server("best", "good", best=RequestTimeout, good="yes")

    assert await server.dialect().answer(QUESTION, "x", timeout=1.0) is None
    assert server.asked == ["best"]


async def test_a_lost_connection_is_the_caller_s_business():
    server = Server("best", best=ConnectionLost("gone"))

    with pytest.raises(ConnectionLost):
        await server.dialect().answer(QUESTION, "x")


async def test_a_variant_that_cannot_put_the_question_is_passed_over():
    server = Server("best", "good", best="no", good="yes")

    assert await server.dialect().answer(QUESTION, "unaskable") == "yes"
    assert server.asked == ["good"]


@pytest.mark.parametrize(
    ("ops", "snippets", "asked"),
    [
        (("eval",), True, ["eval"]),
        (("eval",), False, []),
        (("clone",), True, []),
        ((), False, ["best", "good"]),
        ((), True, ["best", "good", "eval"]),
    ],
)
async def test_a_snippet_needs_eval_and_leave(ops, snippets, asked):
    server = Server(*ops, eval="by snippet")

    answer = await server.dialect(snippets=snippets).answer(QUESTION, "x")
    assert server.asked == asked
    assert answer == ("by snippet" if "eval" in asked else None)


async def test_a_server_that_lists_nothing_is_tried_once_by_use():
    server = Server(best=None, good="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") == "yes"
    assert server.asked == ["best", "good"]
    server.script["good"] = None
    server.asked.clear()
    assert await dialect.answer(QUESTION, "x") is None
    assert server.asked == ["best", "good"]


async def test_a_guess_that_fails_or_stays_silent_costs_the_short_timeout_and_others_follow():
    server = Server(best=RequestTimeout, good=OpFailed, eval="yes")
    dialect = server.dialect()

    assert await dialect.answer(QUESTION, "x") == "yes"
    assert server.timeouts == [2.0, 2.0, 2.0]
    assert dialect.record().demoted == {"best": "no answer within 2 s"}


async def test_cancelling_only_stops_listening():
    silence = asyncio.Event()
    server = Server("best", best=silence)
    dialect = server.dialect()
    task = asyncio.create_task(dialect.answer(QUESTION, "x"))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert dialect.record().demoted == {}
    assert dialect.record().timings == {}


async def test_timings_are_kept_by_op_and_apart_for_each_snippet():
    server = Server("best", "eval", best="yes", eval="[]")
    dialect = server.dialect()
    await dialect.answer(QUESTION, "x")
    await dialect.answer(QUESTION, "x")
    await dialect.answer(NAMESPACES, NamespacesQuery("clojure"))

    timings = dialect.record().timings
    assert (timings["best"].count, timings["best"].last_ms, timings["best"].median_ms) == (
        2,
        250.0,
        250.0,
    )
    assert set(timings) == {"best", "eval/namespaces"}


def test_the_record_says_before_any_question_which_op_would_be_asked():
    record = Server("complete", "lookup", "eval", "classpath").dialect().record()

    answered = {name: op for name, op in record.questions.items() if op is not None}
    assert answered == {
        "completion": "complete",
        "completion-doc": "lookup",
        "symbol-info": "lookup",
        "signature": "lookup",
        "workspace-symbols": "eval",
        "var-kinds": "eval",
        "namespaces": "eval",
        "namespace-info": "eval",
        "classpath": "classpath",
    }
    assert set(record.questions) == {question.name for question in QUESTIONS}


async def test_of_a_server_that_lists_nothing_only_what_gave_a_value_is_recorded():
    server = Server()
    dialect = Dialect(server.capabilities, lookup_only)
    assert set(dialect.record().questions.values()) == {None}

    assert (await dialect.answer(SYMBOL_INFO, SymbolQuery("f"))).name == "f"
    assert dialect.record().questions["symbol-info"] == "lookup"
    assert dialect.record().questions["completion"] is None


async def lookup_only(op, params, timeout):
    if op != "lookup":
        raise UnknownOp(op, frozenset({"unknown-op"}))
    return [{"info": {"name": params["sym"]}}]


def test_every_question_has_a_name_of_its_own():
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)


async def requests(question, query, *ops):
    """What would be sent for a query, by op."""
    sent = {}

    async def ask(op, params, timeout):
        sent[op] = params
        raise UnknownOp(op, frozenset({"unknown-op"}))

    await Dialect(Capabilities(ops=frozenset(ops)), ask).answer(question, query)
    return sent


async def test_both_names_of_each_parameter_are_sent():
    sent = await requests(
        COMPLETION,
        CompletionQuery("ma", "demo.core", "(__prefix__)"),
        "complete",
        "completions",
    )

    assert sent == {
        "complete": {
            "prefix": "ma",
            "symbol": "ma",
            "input": "ma",
            "ns": "demo.core",
            "context": "(__prefix__)",
            "extra-metadata": ["arglists", "doc", "deprecated"],
        },
        "completions": {
            "prefix": "ma",
            "symbol": "ma",
            "ns": "demo.core",
            "options": {"extra-metadata": ["arglists", "doc"]},
        },
    }


async def test_a_namespace_that_is_not_known_is_not_sent():
    sent = await requests(SYMBOL_INFO, SymbolQuery("map"), "info", "lookup")

    assert sent == {op: {"sym": "map", "symbol": "map"} for op in ("info", "lookup")}


async def test_an_empty_prefix_may_be_asked_but_not_by_a_snippet():
    sent = await requests(COMPLETION, CompletionQuery("", language="clojure"), "complete", "eval")

    assert list(sent) == ["complete"]
