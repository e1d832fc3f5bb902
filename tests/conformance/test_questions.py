"""What an editor asks: completion, symbol information, places of definitions."""

import asyncio
import time
from pathlib import Path

import pytest

from nrepl_lsp.repl.library_sources import LibrarySources
from nrepl_lsp.tooling.completion import COMPLETION
from nrepl_lsp.tooling.namespaces import CLASSPATH, ClasspathQuery
from nrepl_lsp.tooling.signature import SIGNATURE
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.var_kinds import VAR_KINDS, VarKindsQuery
from nrepl_lsp.tooling.workspace_symbols import WORKSPACE_SYMBOLS, SymbolsQuery

from .matrix import QUESTIONS
from .subjects import Attached

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEASURED_QUESTIONS = 15
UNKNOWN = "nrepl-lsp-knows-no-such-name"
ODD_NAMES = (
    *('"', ";", "#{", "(", ")", "[]", "\\", "`", "~@", "'", "a b", "a\nb", "\x00", ""),
    *("->>", "*ns*", ".toString", "String.", "a.b.C", "a/b/c", "no.such/name"),
    *(":key", "::key", "1", "λ", "😀", "\ud800", "%s", "x" * 10_000),
)


async def local_file(
    attached: Attached, location: SourceLocation, sources: LibrarySources
) -> Path | None:
    """Where an editor would go, as `textDocument/definition` finds it."""
    found = await asyncio.to_thread(sources.find, location)
    if found is None and location.kind == "resource":
        query = ClasspathQuery(attached.sample.family)
        paths = await attached.repl.ask(CLASSPATH, query)
        found = await asyncio.to_thread(sources.find, location, class_path=paths or ())
    return found


async def test_a_core_name_completes(attached: Attached) -> None:
    attached.require("completion")
    sample = attached.sample
    found = await attached.complete(sample.core_prefix, await attached.ns())
    labels = [candidate.label for candidate in found]
    assert sample.core in labels
    assert all(label.startswith(sample.core_prefix) for label in labels[:1])
    assert len(labels) == len(set(zip(labels, (each.ns for each in found), strict=True)))


async def test_own_definitions_complete(attached: Attached) -> None:
    own = attached.sample.own
    found = await attached.complete(own[:-2], await attached.ns())
    attached.subject.judge("own completion", own in {each.label for each in found})


async def test_a_qualified_name_completes_with_its_qualifier(attached: Attached) -> None:
    sample = attached.sample
    found = await attached.complete(sample.library_prefix, await attached.ns())
    labels = {candidate.label for candidate in found}
    assert all(label.startswith(sample.library_prefix[:4]) for label in labels)
    attached.subject.judge("qualified completion", sample.library in labels)


async def test_nothing_completes_a_name_that_nobody_has(attached: Attached) -> None:
    assert await attached.complete(UNKNOWN, await attached.ns()) == ()


async def test_a_core_function_is_described(attached: Attached) -> None:
    attached.require("symbol-info")
    info = await attached.info(attached.sample.core, await attached.ns())
    assert info is not None
    assert info.name == attached.sample.core
    assert info.kind == "function"
    assert len(info.doc or "") > 40
    assert info.arglists


async def test_a_core_function_is_described_without_a_namespace(attached: Attached) -> None:
    ns = await attached.repl.namespace_to_ask(None, attached.sample.family, 5.0)
    info = await attached.info(attached.sample.core, ns)
    attached.subject.judge("no namespace", info is not None)


async def test_own_definitions_are_described(attached: Attached) -> None:
    info = await attached.info(attached.sample.own, await attached.ns())
    attached.subject.judge("own info", info is not None)
    if info is not None:
        told = (info.name, info.doc, info.arglists, info.kind)
        assert told == (attached.sample.own, "Makes words loud.", ("[words]",), "function")


async def test_an_unknown_symbol_is_not_described(attached: Attached) -> None:
    assert await attached.info(UNKNOWN, await attached.ns()) is None


@pytest.mark.parametrize("kind", ["completion", "symbol info"])
async def test_odd_text_breaks_nothing(attached: Attached, kind: str) -> None:
    ask = attached.complete if kind == "completion" else attached.info
    ns = await attached.ns()
    for name in ODD_NAMES:
        before = time.monotonic()
        await ask(name, ns)
        assert time.monotonic() - before < 2, f"slow for {name[:20]!r}"
    info = await attached.info(attached.sample.core, ns)
    assert (info is not None) == attached.answers("symbol-info")
    assert attached.repl.dialect.record().demoted == {}


async def test_an_own_definition_is_found_in_its_file(
    attached: Attached, sample_file: Path, tmp_path: Path
) -> None:
    info = await attached.info(attached.sample.own, await attached.ns())
    location = info.location if info is not None else None
    path = location and await local_file(attached, location, LibrarySources(tmp_path))
    attached.subject.judge("own definition", bool(path))
    if location is not None and path is not None:
        assert path.read_text("utf-8") == sample_file.read_text("utf-8")
        assert (location.line, location.exact) == (attached.sample.own_line, True)


async def test_a_library_function_is_found_in_a_local_file(
    attached: Attached, tmp_path: Path
) -> None:
    info = await attached.info(attached.sample.library, await attached.ns())
    location = info.location if info is not None else None
    path = location and await local_file(attached, location, LibrarySources(tmp_path))
    attached.subject.judge("library definition", bool(path))
    if location is not None and path is not None:
        name = info.name.rpartition("/")[2].rpartition(".")[2]
        assert name in path.read_text("utf-8").splitlines()[location.line]


async def test_the_record_names_the_op_of_each_question_and_its_time(attached: Attached) -> None:
    ns = await attached.ns()
    for _ in range(MEASURED_QUESTIONS):
        await attached.complete(attached.sample.core_prefix, ns)
        await attached.info(attached.sample.core, ns)
    await ask_the_rest(attached, ns)
    record = attached.repl.dialect.record()
    for name in (COMPLETION.name, SYMBOL_INFO.name):
        if attached.answers(name):
            assert attached.repl.capabilities.ops is None or attached.repl.capabilities.supports(
                record.questions[name]
            )
            assert attached.median_ms(name) is not None
    for name in QUESTIONS[:-1]:
        attached.measure(name, record.questions[name], attached.median_ms(name))


async def ask_the_rest(attached: Attached, ns: str | None) -> None:
    """The questions whose answers no test here looks at; `test_features` does."""
    family, core = attached.sample.family, attached.sample.core
    for _ in range(MEASURED_QUESTIONS):
        await attached.repl.ask(SIGNATURE, SymbolQuery(core, ns, family))
        await attached.repl.ask(WORKSPACE_SYMBOLS, SymbolsQuery(core, (), family, ns))
        if ns is not None:
            await attached.repl.ask(VAR_KINDS, VarKindsQuery(ns, family))


async def test_punctuation_alone_is_answered_at_once(attached: Attached) -> None:
    ns = await attached.ns()
    for name in ("/", ".", "..", "//", "./"):
        for ask in (attached.info, attached.complete):
            before = time.monotonic()
            await ask(name, ns)
            assert time.monotonic() - before < 0.9, name
