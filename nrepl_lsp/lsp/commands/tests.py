"""
The commands that run tests.

Tests are the user's code: nothing but these commands runs them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating.picking import RefusedError
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered
from nrepl_lsp.lsp.testing import plans as test_plans
from nrepl_lsp.lsp.testing.failed import failed_tests
from nrepl_lsp.lsp.testing.plans import TestPlan
from nrepl_lsp.lsp.testing.runs import RUNNING, finished, reply
from nrepl_lsp.nrepl.errors import NreplError

_Plan = Callable[[NreplLanguageServer, Arguments], Awaitable[TestPlan]]


async def run_test(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runTest`: run the test at the cursor, or the one named by `symbol`."""
    return await _answered(ls, arguments, test_plans.one_test)


async def run_namespace_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runNamespaceTests`: run the tests of the document's namespace, or of `ns`."""
    return await _answered(ls, arguments, test_plans.namespace_tests)


async def run_all_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runAllTests`: run the tests of all namespaces of the project that are loaded."""
    return await _answered(ls, arguments, test_plans.all_tests)


async def rerun_failed_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.rerunFailedTests`: run again what failed when it was last run."""

    async def plan(ls: NreplLanguageServer, given: Arguments) -> TestPlan:
        place = given.place(ls.documents.last_place)
        failed = failed_tests(ls, place.uri) if place is not None else []
        return await test_plans.failed_again(ls, given, failed)

    return await _answered(ls, arguments, plan)


async def _answered(
    ls: NreplLanguageServer, arguments: tuple[Any, ...], plan: _Plan
) -> dict[str, Any]:
    given = Arguments.read(arguments)
    return await answered(_run(ls, given, plan), wait=given.wait, running=RUNNING)


async def _run(ls: NreplLanguageServer, given: Arguments, plan: _Plan) -> dict[str, Any]:
    place = given.place(ls.documents.last_place)
    try:
        with ls.evaluations.plans.under_way(ls.repl_for(place.uri) if place is not None else None):
            planned = await plan(ls, given)
    except RefusedError as why:
        ls.warn(str(why))
        return reply(why.status, why=str(why))
    except NreplError as error:
        text = f"No tests were run: {error}."
        ls.warn(text)
        return reply("disconnected", why=text)
    running = ls.evaluations.start(planned.repl, planned.code, is_quiet=True)
    return await finished(ls, planned, running)
