"""Which tests a command means, and the code or op that runs them. Nothing is run here."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import SessionOp
from nrepl_lsp.source.definitions.outline import definition_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages.testing import TESTING
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling.test_code import run_code
from nrepl_lsp.tooling.testing import cider_op

from ..arguments import Arguments
from ..evaluating.code import Code
from ..evaluating.picking import RefusedError
from ..locating import project_files
from ..locating.namespace_places import namespace_text
from .discovery import Test, test_at, test_named, tests_in
from .presence import (
    QUESTION_TIMEOUT,
    Asked,
    Chosen,
    asked_at,
    is_loaded,
    listed,
    require_loaded,
    require_test,
    sorted_out,
    without_missing,
)

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Code", "TestPlan", "all_tests", "failed_again", "namespace_tests", "one_test"]

#: Seconds for the project's files to be searched for tests.
SEARCH_TIMEOUT = 10.0
#: Namespaces that are run at once.
NAMESPACES_LIMIT = 1000

#: What a file holds that has tests.
_WORDS = ("deftest", "defspec", ":test")


@dataclass(frozen=True, slots=True)
class TestPlan:
    """
    The tests that are to be run. unloaded: namespaces that would be among them.

    missing: tests that would be, and that the program does not have. snapshot: the document that
    the command was given in.
    """

    repl: Repl
    code: Code
    chosen: Chosen
    snapshot: Snapshot
    unloaded: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()

    def has(self, ns: str, test: str | None) -> bool:
        """Whether a test is among them, or missing; for None, whether all of its namespace is."""
        return (ns, test) in self.missing or any(
            ns == one and (names is None or test is None or test in names)
            for one, names in self.chosen
        )


async def one_test(ls: "NreplLanguageServer", given: Arguments) -> TestPlan:
    """The test at the cursor, that of the function there, or the one named. May raise Refused."""
    asked = asked_at(ls, given)
    if given.symbol is not None:
        ns, _, name = given.symbol.rpartition("/")
        ns = ns or await _own_namespace(asked)
    else:
        test = test_at(asked.snapshot, asked.offset) or await _test_of_function(asked)
        if test is None:
            raise RefusedError("There is no test at the cursor.")
        ns, name = test.ns or await _own_namespace(asked), test.name
    await require_loaded(asked, ns)
    await require_test(asked, ns, name)
    return await _plan(asked, [(ns, (name,))], f"Run {ns}/{name}")


async def namespace_tests(ls: "NreplLanguageServer", given: Arguments) -> TestPlan:
    """The tests of the document's namespace, and of `x-test` where it is `x`."""
    asked = asked_at(ls, given)
    ns = await _own_namespace(asked)
    companion = f"{ns}{asked.suffix}" if asked.suffix and not ns.endswith(asked.suffix) else None
    if companion is not None and await is_loaded(asked, companion):
        # Tests may stand beside the code as well, as those in metadata do. Of a namespace that is
        # named, which may be another than the document's, only the program knows.
        chosen: Chosen = [(companion, None)]
        is_own = given.ns is None or given.ns == namespace_at(asked.snapshot, asked.offset)
        if (not is_own or tests_in(asked.snapshot)) and await is_loaded(asked, ns):
            chosen = [(ns, None), (companion, None)]
        return await _plan(asked, chosen, f"Run the tests of {ns}")
    if companion is not None and not tests_in(asked.snapshot) and given.ns is None:
        raise RefusedError(
            f"Load the file of {companion} first (nrepl.loadFile): {ns} has no tests here."
        )
    await require_loaded(asked, ns)
    return await _plan(asked, [(ns, None)], f"Run the tests of {ns}")


async def all_tests(ls: "NreplLanguageServer", given: Arguments) -> TestPlan:
    """The tests of all namespaces of the project that are loaded."""
    asked = asked_at(ls, given)
    deadline = time.monotonic() + SEARCH_TIMEOUT
    found = await project_files.search(ls, asked.snapshot, _WORDS, tests_in, deadline)
    named = sorted({test.ns for _, tests in found for test in tests if test.ns})
    loaded, unloaded = await sorted_out(asked, named[:NAMESPACES_LIMIT])
    if not loaded and unloaded:
        raise RefusedError(f"Load the tests first (nrepl.loadFile): {listed(unloaded)}.")
    if not loaded:
        raise RefusedError("There are no tests in the project.")
    return await _plan(asked, [(ns, None) for ns in loaded], "Run all tests", unloaded)


async def failed_again(
    ls: "NreplLanguageServer", given: Arguments, failed: Iterable[tuple[str, str | None]]
) -> TestPlan:
    """The tests that failed when they were last run; None is all tests of a namespace."""
    asked = asked_at(ls, given)
    by_namespace: dict[str, list[str | None]] = defaultdict(list)
    for ns, name in failed:
        by_namespace[ns].append(name)
    if not by_namespace:
        raise RefusedError("No test has failed: run some first (nrepl.runNamespaceTests).")
    loaded, unloaded = await sorted_out(asked, sorted(by_namespace))
    if not loaded:
        raise RefusedError(f"Load the tests first (nrepl.loadFile): {listed(unloaded)}.")
    chosen: Chosen = [
        (ns, None if None in by_namespace[ns] else tuple(filter(None, by_namespace[ns])))
        for ns in loaded
    ]
    missing: tuple[tuple[str, str], ...] = ()
    if cider_op(asked.repl.capabilities, chosen) is not None:
        chosen, missing = await without_missing(asked, chosen)
    if not chosen:
        names = listed([f"{ns}/{name}" for ns, name in missing])
        raise RefusedError(f"Evaluate them first (nrepl.loadFile): the program lacks {names}.")
    count = sum(len(names or ("",)) for _, names in chosen)
    title = f"Run {count} failed test{'s' if count > 1 else ''} again"
    return replace(await _plan(asked, chosen, title, unloaded), missing=missing)


async def _own_namespace(asked: Asked) -> str:
    """The namespace that is meant: as given, at the cursor, or that of the whole file."""
    text = asked.snapshot
    ns = asked.ns or namespace_at(text, asked.offset) or namespace_at(text, len(text.text))
    ns = ns or await asked.repl.namespace_to_ask(None, asked.family, QUESTION_TIMEOUT)
    if ns is None:
        raise RefusedError("The document names no namespace: pass it as `ns`.")
    return ns


async def _test_of_function(asked: Asked) -> Test | None:
    """The test `foo-test` or `test-foo` of the function `foo` at the cursor, in `x` or `x-test`."""
    definition = definition_at(asked.snapshot, asked.offset)
    if definition is None or definition.kind not in ("function", "macro", "multimethod"):
        return None
    names = (f"{definition.name}-test", f"test-{definition.name}", definition.name)
    texts = [asked.snapshot]
    ns = namespace_at(asked.snapshot, asked.offset)
    if ns is not None and asked.suffix:
        beside = await namespace_text(asked.ls, asked.snapshot, f"{ns}{asked.suffix}")
        texts += [beside] if beside is not None else []
    found = (test_named(text, None, name) for text in texts for name in names)
    return next((test for test in found if test is not None), None)


async def _plan(
    asked: Asked, chosen: Chosen, title: str, unloaded: tuple[str, ...] = ()
) -> TestPlan:
    repl, family = asked.repl, asked.family
    told = cider_op(repl.capabilities, chosen)
    text = None
    for library in TESTING[family].libraries:
        if await repl.loaded_namespace(library, family, QUESTION_TIMEOUT):
            text = run_code(library, chosen)
            break
    if text is None and told is None:
        names = " or ".join(TESTING[family].libraries)
        raise RefusedError(f"The program has not loaded {names}, so it has no tests to be run.")
    ns = await repl.namespace_to_ask(None, family, QUESTION_TIMEOUT)
    op = SessionOp(*told) if told is not None else None
    # An op's code is only what the user is shown of it.
    text = title if op is not None or text is None else text
    code = Code(text, asked.snapshot.language, asked.snapshot.uri, ns, called=title, op=op)
    return TestPlan(repl, code, chosen, asked.snapshot, unloaded)
