"""The servers under test: what each is said not to do, and one attachment to talk through."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import Evaluation, EvaluationResult, NeedInput, Output, UnknownOp
from nrepl_lsp.repl.attaching import attach
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import Candidate, SymbolInfo

from .matrix import ABILITIES, Matrix, Measured
from .samples import SAMPLES, Sample, guess

#: Seconds that anything here may take which is not meant to be slow.
PATIENCE = 10.0
#: What editors set: nothing in this suite is meant to reach it, except where a test says so.
LIMITS = {"output_limit": 1 << 20, "value_limit": 1 << 20}

_SEES_BUILTINS_ONLY = "`completions` and `lookup` see Python's builtins only, not what was defined"

_NO_FORMATTER = "has no `format-code`"

CANNOT: Mapping[str, Mapping[str, str]] = {
    "basilisp": {
        "formatting": _NO_FORMATTER,
        "every value": "sends the value of the last form only",
        "interrupt": "has no `interrupt`",
        "input": "has no `stdin`",
        "sessions kept": "has no `ls-sessions`; state belongs to the connection",
    },
    "nbb": {
        "formatting": _NO_FORMATTER,
        "workspace symbols": "its libraries are compiled in: their names have no place to go to",
        "while running": "one JavaScript thread runs everything",
        "interrupt": "has no `interrupt`",
        "input": "has no `stdin`",
        "library definition": "its libraries are compiled in, without their sources",
        "sessions kept": "has no `ls-sessions`",
    },
    "nrepl-1.0.0": {"formatting": _NO_FORMATTER},
    "tools.nrepl-0.2.13": {"formatting": _NO_FORMATTER},
    "hy-nrepl": {
        "formatting": _NO_FORMATTER,
        "workspace symbols": _SEES_BUILTINS_ONLY,
        "semantic tokens": "has no op for what its names are",
        "missing require": "an `import` runs code in Python, so none is proposed",
        "second connection": "serves one connection at a time",
        "late output": "only the thread that evaluates is captured",
        "every value": "wraps all forms into one",
        "known namespaces": "has one namespace and no way to list modules",
        "own completion": _SEES_BUILTINS_ONLY,
        "qualified completion": _SEES_BUILTINS_ONLY,
        "own info": _SEES_BUILTINS_ONLY,
        "own definition": _SEES_BUILTINS_ONLY,
        "library definition": _SEES_BUILTINS_ONLY,
    },
}
"""Server → ability → why it lacks it. What is not here, it must do; what is here, it must not."""
CANNOT = {**CANNOT, "nrepl-1.0.0-unix": CANNOT["nrepl-1.0.0"]}


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test. cannot: None for a stranger's, whose abilities are only reported."""

    name: str
    url: str
    matrix: Matrix
    family: str | None = None
    cannot: Mapping[str, str] | None = None

    def judge(self, ability: str, happened: bool) -> None:
        """Write down whether a server showed an ability; ours must be as declared."""
        assert ability in ABILITIES
        self.matrix.record(self.name, ability, happened)
        if self.cannot is None:
            return
        if happened:
            assert ability not in self.cannot, f"{self.name} can now: {ability}; update CANNOT"
        else:
            assert ability in self.cannot, f"{self.name} cannot: {ability}"

    def sample(self, repl: Repl) -> Sample:
        """What to say to it; fails the test when its language is not known."""
        family = self.family or guess(repl.capabilities.versions)
        if family is None:
            versions = ", ".join(repl.capabilities.versions) or "nothing"
            pytest.fail(
                f"describe tells the versions of {versions}, which does not tell the language: "
                f"give it with --language {'|'.join(SAMPLES)}",
                pytrace=False,
            )
        return SAMPLES[family]

    async def attach(self, **options: Any) -> "Attached":
        async with asyncio.timeout(PATIENCE):
            repl = await attach(self.url, **options)
        return Attached(self, repl, self.sample(repl))


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment to a server, and the editor's questions in one line each."""

    subject: Subject
    repl: Repl
    sample: Sample

    async def ns(self) -> str | None:
        """The suite's namespace, as an editor may name it in a question."""
        return await self.repl.loaded_namespace(self.sample.ns, self.sample.family)

    def start(self, code: str, **options: Any) -> Evaluation:
        return self.repl.evaluate(code, **{**LIMITS, **options})

    async def run(self, code: str, **options: Any) -> EvaluationResult:
        """Evaluate to the end; code that wants input gets the end of it, as in the editor."""
        async with asyncio.timeout(PATIENCE):
            return await self.follow(self.start(code, **options))

    async def begin(self, code: str) -> Evaluation:
        """Start code that prints `started` first, and wait until it has (or has ended)."""
        evaluation = self.start(code)
        async with asyncio.timeout(PATIENCE):
            await anext((event async for event in evaluation if isinstance(event, Output)), None)
        return evaluation

    async def follow(self, evaluation: Evaluation) -> EvaluationResult:
        async for event in evaluation:
            if isinstance(event, NeedInput):
                try:
                    self.repl.user.send_input("")
                except UnknownOp:
                    await evaluation.interrupt()
        return await evaluation.result()

    async def load(self, path: Path) -> EvaluationResult:
        """Load a file as `nrepl.loadFile` does: only Clojure's family agrees on `load-file`."""
        text = path.read_text("utf-8")
        if self.sample.family != "clojure" or self.repl.capabilities.lacks("load-file"):
            return await self.run(text, file=str(path))
        evaluation = self.repl.load_file(text, path=str(path), name=path.name, **LIMITS)
        async with asyncio.timeout(PATIENCE):
            return await self.follow(evaluation)

    async def complete(self, prefix: str, ns: str | None = None) -> tuple[Candidate, ...]:
        query = CompletionQuery(prefix, ns, None, self.sample.family)
        found = await self.repl.ask(COMPLETION, query)
        return found.candidates if found is not None else ()

    async def info(self, symbol: str, ns: str | None = None) -> SymbolInfo | None:
        return await self.repl.ask(SYMBOL_INFO, SymbolQuery(symbol, ns, self.sample.family))

    def answers(self, question: str) -> bool:
        """Whether an op answers a question. Every server of ours must; a stranger's may lack it."""
        op = self.repl.dialect.record().questions[question]
        assert op is not None or self.subject.cannot is None
        return op is not None

    def require(self, question: str) -> None:
        """Skip the test where no op answers its question."""
        if not self.answers(question):
            pytest.skip(f"describe lists no op for {question}")

    def median_ms(self, question: str) -> float | None:
        """How fast a question has been in this attachment; None when it was never answered."""
        record = self.repl.dialect.record()
        op = record.questions[question]
        timing = record.timings.get(f"eval/{question}" if op == "eval" else op or "")
        return timing.median_ms if timing is not None else None

    def measure(self, question: str, op: str | None, median_ms: float | None) -> None:
        """Write down which op answers a question, and how fast."""
        if median_ms is None:
            op = None
        self.subject.matrix.record(self.subject.name, question, Measured(op, median_ms))

    async def close(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.repl.close()
