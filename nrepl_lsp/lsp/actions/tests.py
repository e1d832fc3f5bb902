"""Code actions that run tests: the one at the cursor, a namespace's, those that failed."""

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.testing.discovery import Test, test_at, tests_in
from nrepl_lsp.lsp.testing.failed import failed_tests
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages.testing import TESTING
from nrepl_lsp.source.namespaces import namespace_at, namespace_form

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

ONE = "nrepl.test.one"
NAMESPACE = "nrepl.test.namespace"
FAILED = "nrepl.test.failed"
KINDS = ("nrepl", "nrepl.test", ONE, NAMESPACE, FAILED)

#: Where the diagnostics of failed tests say that they come from.
SOURCE = "nREPL test"


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """
    Running tests, where a program is attached that can run those of the language.

    In a menu that nobody opened for tests, what is said stays with the place: a test offers itself,
    the namespace's form the whole, and only a text with tests those that failed.
    """
    testing = TESTING.get(snapshot.language.family)
    if testing is None or not testing.libraries or ls.repl_for(place.uri) is None:
        return
    cursor = ls.documents.cursor(snapshot, place.range)
    test = test_at(snapshot, cursor)
    if test is not None:
        yield _one(ls, snapshot, test, asked)
    tests = tests_in(snapshot)
    form = namespace_form(snapshot)
    is_at_form = form is not None and form.start <= cursor <= form.end
    if tests and (is_at_form or asked.names(NAMESPACE)):
        ns = namespace_at(snapshot, len(snapshot.text))
        title = f"Run the tests of {ns}" if ns else "Run the tests of this file"
        argument = {"uri": place.uri} | ({"ns": ns} if ns else {})
        yield Offer(NAMESPACE, title, "nrepl.runNamespaceTests", argument)
    failed = failed_tests(ls, place.uri)
    is_only = test is not None and failed == [(test.ns, test.name)]
    if failed and (asked.names(FAILED) or (tests and not is_only)):
        what = "the failed test" if len(failed) == 1 else f"{len(failed)} failed tests"
        title = f"Run {what} again"
        yield Offer(FAILED, title, "nrepl.rerunFailedTests", {"uri": place.uri})


def _one(ls: NreplLanguageServer, snapshot: Snapshot, test: Test, asked: Asked) -> Offer:
    failures = tuple(
        one
        for one in asked.diagnostics
        if one.source == SOURCE and _is_within(ls, snapshot, test, one.range)
    )
    title = f"Run test {test.name}{' again' if failures else ''}"
    at_name = ls.documents.position(snapshot, test.name_span.start)
    argument = {"uri": snapshot.uri, "position": _plain(at_name)}
    return Offer(ONE, title, "nrepl.runTest", argument, diagnostics=failures)


def _is_within(ls: NreplLanguageServer, snapshot: Snapshot, test: Test, place: types.Range) -> bool:
    start = ls.documents.offset(snapshot, place.start)
    return test.span.start <= start <= test.span.end


def _plain(position: types.Position) -> dict[str, Any]:
    return {"line": position.line, "character": position.character}
