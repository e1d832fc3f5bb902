"""How outcomes are worded, and how what stands beside the code lives."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.documents import DocumentStore
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.outcomes import Fault, Outcome
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.settings import Settings
from nrepl_lsp.lsp.showing import result_marks
from nrepl_lsp.lsp.showing.marks import Marks
from nrepl_lsp.lsp.showing.messages import BURST_LIMIT
from nrepl_lsp.lsp.showing.result_marks import ResultMark, innermost
from nrepl_lsp.lsp.showing.results import PENDING, Results
from nrepl_lsp.lsp.showing.wording import LOG_LIMIT, time_taken
from nrepl_lsp.source.anchors import is_whole
from nrepl_lsp.source.languages import for_language_id
from nrepl_lsp.source.lines import Encoding, Lines
from tests.support.fault_server import DONE, FaultServer, held, reply

from .editor import Editor

CLOJURE = for_language_id("clojure")
URI = "file:///a.clj"
TEXT = "(a)\n(b)\n(c (d))\n"
AT = datetime(2026, 11, 21, 14, 3, 22)


class Server:
    """What is asked of a server."""

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


class Screen:
    """What a client is told, and the server's parts that tell it."""

    def __init__(self, text: str = TEXT, encoding: Encoding = "utf-16", **chosen: Any) -> None:
        self.messages: list[tuple[int, str]] = []
        self.log: list[str] = []
        self.published: dict[str, list[types.Diagnostic]] = {}
        self.documents = DocumentStore()
        self.documents.encoding = encoding
        self.marks = Marks(self.documents, self._publish)
        nothing = types.InitializeParams(types.ClientCapabilities())
        self.ls: Any = Server(
            documents=self.documents,
            marks=self.marks,
            settings=Settings(**{"results_width": 80, **chosen}),
            client=ClientFeatures.from_capabilities(nothing),
            repl_for=lambda uri: None,
            part=cache(lambda kind: kind()),
            say=lambda text, kind: self.messages.append((int(kind), text)),
            window_log_message=lambda it: self.log.append(it.message),
        )
        self.results = Results(self.ls)
        self.version = 1
        self.sends_whole_texts = False
        self.open(text)

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = list(params.diagnostics)

    @property
    def lines(self) -> list[str]:
        return [message for _, message in self.messages]

    @property
    def text(self) -> str:
        snapshot = self.documents.snapshot(URI)
        assert snapshot is not None
        return snapshot.text

    def open(self, text: str, uri: str = URI) -> None:
        self.documents.open(types.TextDocumentItem(uri, "clojure", 1, text))

    def code(self, text: str, *, ns: str | None = None, is_file: bool = False) -> Code:
        snapshot = self.documents.snapshot(URI)
        assert snapshot is not None
        start = snapshot.text.index(text)
        end = start + len(text)
        return Code(text, CLOJURE, URI, ns, snapshot, start, end, is_file=is_file)

    def queue(self, code: Code, number: str = "1", **more: Any) -> Running:
        running = Running(number, code, cast(Any, None), **more)
        self.results.queued(running)
        return running

    def end(
        self, running: Running, status: str = "done", sent: bool = True, **more: Any
    ) -> Outcome:
        running.evaluation = cast(Any, SimpleNamespace(id="x" if sent else None))
        given = {"values": ("3",), "at": AT, "seconds": 0.002, **more}
        outcome = Outcome(cast(Any, status), running.id, running.code, **given)
        self.results.ended(running, outcome)
        return outcome

    def evaluate(self, text: str, status: str = "done", **more: Any) -> None:
        self.end(self.queue(self.code(text)), status, **more)

    def edit(self, start: int, end: int, new: str) -> None:
        lines = Lines(self.text)
        places = (lines.position(offset, self.documents.encoding) for offset in (start, end))
        first, last = (types.Position(*place) for place in places)
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, URI)
        change: Any = types.TextDocumentContentChangePartial(types.Range(first, last), new)
        if self.sends_whole_texts:
            text = self.text[:start] + new + self.text[end:]
            change = types.TextDocumentContentChangeWholeDocument(text)
        edits = self.documents.change(types.DidChangeTextDocumentParams(document, [change]))
        assert edits is not None
        self.marks.edited(URI, edits)

    def beside(self) -> dict[str, str]:
        """The text of each form that has a result, and the result."""
        found = {}
        lines = Lines(self.text)
        for mark in self.marks.of(URI, "result"):
            assert isinstance(mark, ResultMark)
            start, end = (
                lines.offset(*place, self.documents.encoding) for place in mark.code.stretch
            )
            found[self.text[start:end]] = mark.line
        return found

    def errors(self, uri: str = URI) -> list[int]:
        marks = self.published.get(uri, ())
        return [mark.range.start.line for mark in marks if mark.severity == 1]


def fault(line: int, uri: str = URI, column: int = 0) -> Fault:
    position = types.Position(line, column)
    return Fault("boom", None, uri, types.Range(position, position))


@pytest.fixture(autouse=True)
def short_bursts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.messages.BURST_INTERVAL", 0.1)


@pytest.fixture
async def screen() -> Any:
    made = Screen()
    yield made
    made.results.close()
    made.marks.close()


# -- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "kind", "line"),
    [
        ({"values": ("1", "2")}, 3, "=> 2 (of 2 values)"),
        ({"values": ("{:a\n   1}",)}, 3, "=> {:a 1}"),
        ({"values": ("x" * 200,)}, 3, "=> " + "x" * 76 + "…"),
        ({"values": ()}, 3, "Done: (a)"),
        ({"values": ("",)}, 3, "=> (no value)"),
        ({"values": ("nil",), "out": "a\n b \n"}, 3, "=> nil (printed: b)"),
        ({"values": ("nil",), "out": "a\n" + "b" * 200}, 3, f"=> nil (printed: {'b' * 101}…)"),
        ({"values": ("nil",), "out": "\n  \n"}, 3, "=> nil"),
        ({"status": "error", "fault": Fault("'height'", "KeyError")}, 1, "KeyError: 'height'"),
        ({"values": ("x" * 200,), "out": "b" * 99}, 3, f"=> {'x' * 76}… (printed: {'b' * 27}…)"),
        ({"status": "error", "fault": Fault("Divide by zero", "a.E")}, 1, "Divide by zero"),
        ({"status": "interrupted"}, 3, "Interrupted: (a)"),
        ({"status": "error", "fault": Fault("No such\n var")}, 1, "No such var"),
        ({"status": "error"}, 1, "Failed: (a)"),
    ],
)
async def test_an_outcome_is_one_line(
    screen: Screen, outcome: dict[str, Any], kind: int, line: str
) -> None:
    screen.evaluate("(a)", **outcome)
    assert screen.messages == [(kind, line)]


@pytest.mark.parametrize(
    ("status", "line"), [("done", "Loaded a b.clj"), ("interrupted", "Interrupted: a b.clj")]
)
async def test_a_file_goes_by_its_name(screen: Screen, status: str, line: str) -> None:
    code = Code("(a)", CLOJURE, "file:///x%20y/a%20b.clj", is_file=True)
    screen.end(screen.queue(code), status)
    assert screen.lines == [line]


@pytest.mark.parametrize("status", ["error", "disconnected"])
async def test_why_nothing_was_evaluated_is_a_warning(screen: Screen, status: Any) -> None:
    screen.results.show(Outcome(status, fault=Fault("Do this.")))
    assert (screen.messages, screen.log) == ([(2, "Do this.")], [])


async def test_the_log_has_the_whole_error(screen: Screen) -> None:
    screen.evaluate("(a)", "error", values=("1",), fault=Fault("boom", detail="boom\n  at f"))
    assert screen.log == ["(a) (error)\n=> 1\nboom\n  at f"]


async def test_the_log_does_not_repeat_what_the_server_printed_of_an_error(screen: Screen) -> None:
    printed = "Traceback\n  line 1\nKeyError: 'x'\n"
    said = Fault("'x'", "KeyError", detail=printed.strip())
    screen.evaluate("(a)", "error", values=(), err=printed, fault=said)
    assert screen.log == ["(a) (error)\nKeyError: 'x'"]


async def test_the_log_is_bounded(screen: Screen) -> None:
    screen.evaluate("(a)", values=("x" * 10**6,))
    assert len(screen.log[0]) == LOG_LIMIT
    assert screen.log[0].endswith("…")


async def test_messages_can_be_switched_off_but_errors_stay_and_the_log_has_all() -> None:
    screen = Screen(results_show="none")
    screen.evaluate("(a)", "error", values=(), fault=fault(0))
    screen.evaluate("(b)")
    screen.evaluate("(c (d))", "interrupted")
    assert (screen.lines, screen.errors()) == ([], [0])
    assert [line.partition("\n")[0] for line in screen.log] == [
        "(a) (error)",
        "(b) (done)",
        "(c (d)) (interrupted)",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "1 ms"),
        (0.0123, "12 ms"),
        (0.9999, "1.0 s"),
        (1.44, "1.4 s"),
        (59.96, "1 min 0 s"),
        (125.4, "2 min 5 s"),
    ],
)
def test_times_are_rounded(seconds: float, said: str) -> None:
    assert time_taken(seconds) == said


# -- many at once ---------------------------------------------------------------------------


async def settled(screen: Screen) -> None:
    """Until nothing waits to be said."""
    messages = screen.results._messages
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 5
    for timer in iter(lambda: messages._gathering or messages._burst, None):
        assert loop.time() < deadline
        await asyncio.sleep(max(0.0, timer.when() - loop.time()))


async def test_queued_evaluations_that_are_cancelled_are_one_message(
    screen: Screen,
) -> None:
    queued = [screen.queue(screen.code("(a)"), str(number)) for number in range(499)]
    running = screen.queue(screen.code("(b)"), "499")
    for one in queued:
        screen.end(one, "interrupted", sent=False, values=())
    screen.end(running, "interrupted", values=())
    await settled(screen)
    assert screen.lines == ["Interrupted: (b)", "Interrupted 499 queued evaluations."]
    assert screen.marks.every(PENDING) == []


async def test_one_that_was_queued_is_named(screen: Screen) -> None:
    screen.end(screen.queue(screen.code("(a)")), "interrupted", sent=False, values=())
    await settled(screen)
    assert screen.lines == ["Interrupted: (a)"]


async def test_what_was_never_sent_because_the_program_went_is_one_message(screen: Screen) -> None:
    for number in range(40):
        running = screen.queue(screen.code("(a)"), str(number))
        running.evaluation = cast(Any, SimpleNamespace(id=None))
        lost = Outcome("disconnected", fault=Fault("Never sent: (a)"))
        screen.results.ended(running, lost)
    await settled(screen)
    assert screen.lines == ["The connection was lost: 40 queued evaluations were never sent."]


async def test_a_burst_of_messages_is_cut_short(screen: Screen) -> None:
    for number in range(50):
        screen.evaluate("(a)", values=(str(number),))
    assert screen.lines == [f"=> {number}" for number in range(BURST_LIMIT)]
    await settled(screen)
    assert screen.lines[BURST_LIMIT:] == ["=> 49 (and 44 more, see the log)"]
    assert len(screen.log) == 50


async def test_an_error_is_not_lost_in_a_burst(screen: Screen) -> None:
    for number in range(20):
        if number == 10:
            screen.evaluate("(a)", "error", values=(), fault=Fault("It is broken today"))
        screen.evaluate("(a)", values=(str(number),))
    await settled(screen)
    assert screen.messages[-1] == (1, "It is broken today (and 15 more, see the log)")


# -- what is replaced -----------------------------------------------------------------------


async def test_the_next_evaluation_of_a_form_replaces_its_result(screen: Screen) -> None:
    screen.evaluate("(a)", values=("1",))
    screen.evaluate("(b)", values=("2",))
    screen.evaluate("(a)", values=("3",))
    assert screen.beside() == {"(a)": "=> 3", "(b)": "=> 2"}
    assert [mark.message for mark in screen.published[URI]] == ["=> 2", "=> 3"]


async def test_an_inner_form_leaves_the_outer_ones_result_but_not_the_other_way_round(
    screen: Screen,
) -> None:
    screen.evaluate("(c (d))", values=("1",))
    screen.evaluate("(d)", values=("2",))
    assert screen.beside() == {"(c (d))": "=> 1", "(d)": "=> 2"}
    screen.evaluate("(c (d))", values=("3",))
    assert screen.beside() == {"(c (d))": "=> 3"}


async def test_one_value_at_most_stands_at_a_place() -> None:
    screen = Screen("@a\n(b) (c)\n")
    screen.evaluate("@a")
    screen.evaluate("a", values=("an atom",))
    screen.evaluate("(b) (c)")
    screen.evaluate("(c)", values=("4",))
    assert screen.beside() == {"a": "=> an atom", "(c)": "=> 4"}


async def test_a_selection_replaces_what_lies_in_it(screen: Screen) -> None:
    for form in ("(a)", "(b)", "(c (d))"):
        screen.evaluate(form)
    screen.evaluate("(a)\n(b)", values=("1", "2"))
    assert screen.beside() == {"(c (d))": "=> 3", "(a)\n(b)": "=> 2 (of 2 values)"}


async def test_loading_the_file_clears_its_results_and_errors(screen: Screen) -> None:
    screen.evaluate("(a)")
    screen.evaluate("(b)", "error", values=(), fault=fault(1))
    screen.evaluate("(c (d))", "error", values=(), fault=fault(5, "file:///b.clj"))
    assert (screen.errors(), screen.errors("file:///b.clj")) == ([1], [5])
    screen.end(screen.queue(screen.code(TEXT, is_file=True)))
    assert (screen.beside(), screen.errors(), screen.errors("file:///b.clj")) == ({}, [], [])


async def test_an_error_of_loading_in_another_file_goes_when_it_is_loaded_again(
    screen: Screen,
) -> None:
    other = "file:///b.clj"
    code = screen.code(TEXT, is_file=True)
    screen.end(screen.queue(code), "error", values=(), fault=fault(5, other))
    screen.evaluate("(a)")
    assert screen.errors(other) == [5]
    screen.end(screen.queue(code))
    assert screen.errors(other) == []


async def test_an_error_goes_with_the_next_good_evaluation_of_its_form_or_its_place(
    screen: Screen,
) -> None:
    def fail(form: str, where: Fault) -> None:
        screen.evaluate(form, "error", values=(), fault=where)

    fail("(a)", fault(0))
    screen.evaluate("(b)")
    assert screen.errors() == [0]
    screen.evaluate("(a)")
    assert screen.errors() == []
    # In a definition elsewhere: by the form that was evaluated, or by the definition.
    for better in ("(a)", "(b)"):
        fail("(a)", fault(1, column=1))
        assert screen.errors() == [1]
        screen.evaluate(better)
        assert screen.errors() == []


async def test_an_error_stands_beside_its_form_where_there_are_hints(screen: Screen) -> None:
    screen.evaluate("(a)", "error", values=(), fault=Fault("Divide by zero", "a.E"))
    assert screen.beside() == {"(a)": "✗ Divide by zero"}
    assert screen.published == {}


async def test_an_interrupted_form_has_no_result_any_more_but_a_queued_one_has(
    screen: Screen,
) -> None:
    screen.evaluate("(a)")
    screen.evaluate("(a)", "interrupted", sent=False, values=())
    assert screen.beside() == {"(a)": "=> 3"}
    screen.evaluate("(a)", "interrupted", values=())
    assert screen.beside() == {}


async def test_code_of_no_document_clears_nothing(screen: Screen) -> None:
    screen.evaluate("(a)", "error", values=(), fault=fault(0))
    screen.end(screen.queue(Code("(a)", CLOJURE)))
    screen.end(screen.queue(Code("(a)", CLOJURE, URI)))
    assert (screen.errors(), screen.lines[1:]) == ([0], ["=> 3", "=> 3"])


async def test_a_quiet_evaluation_shows_nothing_but_makes_the_old_result_old(
    screen: Screen,
) -> None:
    screen.evaluate("(a)")
    screen.evaluate("(b)")
    before = list(screen.lines)
    # A question about a form is not its evaluation.
    code = screen.code("(b)")
    asked = Code("(macroexpand '(b))", CLOJURE, URI, None, code.snapshot, code.start, code.end)
    screen.end(screen.queue(asked, is_quiet=True))
    assert screen.beside() == {"(a)": "=> 3", "(b)": "=> 3"}
    screen.end(screen.queue(code, is_quiet=True))
    assert screen.beside() == {"(a)": "=> 3"}
    assert screen.lines == before
    screen.end(screen.queue(asked, is_quiet=True), "error", values=(), fault=fault(1))
    assert screen.errors() == [1]


# -- where it stands ------------------------------------------------------------------------


async def test_the_diagnostic_is_on_the_last_line_of_the_form() -> None:
    screen = Screen("(let [é 1]\n\t  (f\n   é))  (g)")
    screen.evaluate("(let [é 1]\n\t  (f\n   é))")
    (mark,) = screen.published[URI]
    where = mark.range
    assert (where.start, where.end) == (types.Position(2, 3), types.Position(2, 6))
    assert (mark.severity, mark.source) == (types.DiagnosticSeverity.Information, "nREPL")


async def test_a_result_comes_to_its_form_wherever_that_is_by_then(screen: Screen) -> None:
    running = screen.queue(screen.code("(b)"))
    screen.edit(0, 0, ";; new\r\n😀 ")
    screen.end(running, values=("1",))
    assert screen.beside() == {"(b)": "=> 1"}
    (mark,) = screen.published[URI]
    assert mark.range.start == types.Position(2, 0)


async def test_a_result_of_a_form_that_was_edited_meanwhile_is_a_message_only(
    screen: Screen,
) -> None:
    running = screen.queue(screen.code("(b)"))
    at = TEXT.index("b)")
    screen.edit(at, at, "x")
    screen.edit(at, at + 1, "")
    screen.end(running, values=("1",))
    assert (screen.beside(), screen.lines) == ({}, ["=> 1"])


async def test_a_document_that_was_closed_meanwhile_gets_no_result(screen: Screen) -> None:
    running = screen.queue(screen.code("(b)"))
    screen.marks.closed(URI)
    screen.documents.close(URI)
    screen.end(running)
    assert (screen.marks.of(URI), screen.lines) == ([], ["=> 3"])


async def test_code_of_an_older_text_has_no_place(screen: Screen) -> None:
    code = screen.code("(b)")
    screen.edit(0, 0, "x")
    screen.end(screen.queue(code))
    assert screen.beside() == {}


async def test_an_error_moves_with_its_form_while_it_runs(screen: Screen) -> None:
    running = screen.queue(screen.code("(b)"))
    screen.edit(0, 0, "\n\n")
    screen.end(running, "error", values=(), fault=fault(1, column=1))
    assert screen.errors() == [3]


@pytest.mark.parametrize(("at", "line"), [(0, 2), (TEXT.index("(c"), 1)])
async def test_an_error_elsewhere_in_the_file_moves_with_the_text_there(
    screen: Screen, at: int, line: int
) -> None:
    running = screen.queue(screen.code("(c (d))"))
    screen.edit(at, at, "\n")
    screen.end(running, "error", values=(), fault=fault(1))
    assert screen.errors() == [line]


async def test_a_document_that_was_closed_meanwhile_gets_no_error(screen: Screen) -> None:
    running = screen.queue(screen.code("(b)"))
    screen.marks.closed(URI)
    screen.documents.close(URI)
    screen.end(running, "error", values=(), fault=fault(1))
    assert (screen.errors(), screen.lines) == ([], ["boom"])


@pytest.mark.parametrize(("at", "line"), [(0, 3), (len(TEXT), 2)])
async def test_an_error_of_a_file_that_was_edited_meanwhile_is_where_its_line_is_now(
    screen: Screen, at: int, line: int
) -> None:
    running = screen.queue(screen.code(TEXT, is_file=True))
    screen.edit(at, at, "\n")
    screen.end(running, "error", values=(), fault=fault(2))
    assert screen.errors() == [line]


async def test_an_error_on_a_line_that_was_edited_meanwhile_is_a_message_only(
    screen: Screen,
) -> None:
    running = screen.queue(screen.code(TEXT, is_file=True))
    screen.edit(0, len(TEXT), "(other)\n(text)\n")
    screen.end(running, "error", values=(), fault=fault(1, column=1))
    assert (screen.errors(), screen.lines) == ([], ["boom"])


async def test_an_unfinished_form_keeps_its_result_until_it_is_edited() -> None:
    screen = Screen("(-> x\n  (f)\n  (g))")
    code = screen.code("(-> x\n  (f)")
    screen.end(screen.queue(Code(code.text + ")", *_parts(code))))
    screen.edit(0, 0, "\n")
    screen.marks.settle(URI)
    assert screen.beside() == {"(-> x\n  (f)": "=> 3"}
    screen.edit(3, 3, "x")
    assert screen.beside() == {}


def _parts(code: Code) -> tuple[Any, ...]:
    return (code.language, code.uri, code.ns, code.snapshot, code.start, code.end)


async def test_marks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.marks.MARKS_LIMIT", 40)
    forms = [f"(f {number})" for number in range(50)]
    screen = Screen("\n".join(forms))
    for form in forms:
        screen.evaluate(form, values=(form,))
    assert list(screen.beside()) == forms[-40:]


async def test_old_values_are_shortened_when_there_are_too_many(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_marks, "VALUES_KEPT", 25_000)
    for hour, form in enumerate(("(a)", "(b)", "(d)")):
        screen.evaluate(form, values=("1", "x" * 10_000), at=AT.replace(hour=hour))
    sizes = [len(mark.content.values[-1]) for mark in screen.marks.of(URI, "result")]
    assert sizes[1:] == [10_000, 10_000]
    first = screen.marks.of(URI, "result")[0].content.values
    assert first == ("x" * result_marks.VALUE_REMNANT + "… 5,904 more characters",)


@pytest.mark.parametrize("status", ["done", "error"])
async def test_no_document_is_kept_for_what_was_evaluated_in_it(
    screen: Screen, status: str
) -> None:
    """Of a text that is typed in there is one for every key press."""
    screen.evaluate("(b)", status, fault=fault(1) if status == "error" else None)
    marks = screen.marks.of(URI)
    assert len(marks) == (2 if status == "error" else 1)
    kept = [*(mark.content for mark in marks), screen.results.last(URI)]
    assert [one.code.snapshot for one in kept] == [None] * len(kept)
    assert {one.code.title for one in kept} == {"(b)"}


async def test_long_output_is_kept_from_its_end(screen: Screen) -> None:
    screen.evaluate("(a)", out="x" * 100_000 + "end")
    (mark,) = screen.marks.of(URI, "result")
    assert len(mark.content.out) == result_marks.OUTPUT_KEPT + 1
    assert mark.content.out.endswith("xend")


@pytest.mark.parametrize(
    ("column", "form"),
    [(0, "(c (d))"), (2, "(c (d))"), (3, "(d)"), (5, "(d)"), (6, "(c (d))"), (7, "(c (d))")],
)
async def test_the_innermost_evaluated_form_counts(screen: Screen, column: int, form: str) -> None:
    screen.evaluate("(c (d))", values=("(c (d))",))
    screen.evaluate("(d)", values=("(d)",))
    mark = innermost(screen.ls, URI, (2, column))
    assert mark is not None
    assert mark.outcome.values == (form,)
    assert innermost(screen.ls, URI, (1, 0)) is None


# -- properties -----------------------------------------------------------------------------

_PIECES = st.sampled_from(["x", "(", ")", '"', "\n", "\r\n", " ", "😀", "é", "日", ";", "#_", "[]"])
_BETWEEN = st.sampled_from(["\n", "\r\n", " ", "\n\n", " 😀 ", "", "\r\n;; é\r\n"])
_EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 4), st.lists(_PIECES, max_size=3)), max_size=8
)


@contextmanager
def _loop() -> Iterator[Callable[[Any], Any]]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.mark.parametrize("whole_texts", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_result_stays_with_its_form_or_vanishes(encoding: Encoding, whole_texts: bool) -> None:
    """Also when the text is edited while the code runs; never on another form."""
    with _loop() as run:

        @settings(max_examples=150, deadline=None)
        @given(st.lists(_BETWEEN, min_size=2, max_size=6), st.just([]) | _EDITS, _EDITS)
        def check(between: list[str], running: Any, shown: Any) -> None:
            run(_scenario(encoding, between, running, shown, whole_texts=whole_texts))

        check()


async def _scenario(
    encoding: Encoding, between: list[str], running: Any, shown: Any, *, whole_texts: bool
) -> None:
    text, spans = "", {}
    for number, gap in enumerate(between):
        # No edit can make another form into one of these.
        form = f'(f{number} "é😀{number}"\r\n  [日{number}])'
        spans[form] = (len(text) + len(gap), len(text) + len(gap) + len(form))
        text += gap + form
    screen = Screen(text, encoding)
    screen.sends_whole_texts = whole_texts
    under_way = {form: screen.queue(screen.code(form), form) for form in spans}
    spans = _edited(screen, spans, running)
    for number, (form, one) in enumerate(under_way.items()):
        if number % 2:
            # In the brackets, on the second line, as the text was when it was sent.
            ends = (text.index("[", text.index(form)), text.index(form) + len(form) - 1)
            places = (Lines(text).position(at, encoding) for at in ends)
            where = types.Range(*(types.Position(*place) for place in places))
            screen.end(one, "error", values=(form,), fault=Fault("boom", None, URI, where))
        else:
            screen.end(one, values=(form,))
    spans = _edited(screen, spans, shown)
    screen.marks.settle(URI)
    snapshot = screen.documents.snapshot(URI)
    assert snapshot is not None
    standing = {form for form, span in spans.items() if is_whole(snapshot, *span)}
    lines, found = Lines(snapshot.text), set()
    for mark in screen.marks.of(URI, "result"):
        assert isinstance(mark, ResultMark)
        start, end = (lines.offset(*place, encoding) for place in mark.code.stretch)
        assert mark.outcome.values == (snapshot.text[start:end],)
        assert mark.place.stretch[1] == mark.code.stretch[1]
        assert is_whole(snapshot, start, end)
        assert whole_texts or (start, end) == spans[snapshot.text[start:end]]
        found.add(snapshot.text[start:end])
    for error in screen.marks.of(URI, "error"):
        start, end = (lines.offset(*place, encoding) for place in error.place.stretch)
        form = error.content.values[0]
        assert snapshot.text[start:end] == form[form.index("[") : -1]
        assert form in found
        assert whole_texts or spans[form][0] < start < end < spans[form][1]
    errors = len(screen.marks.of(URI, "error"))
    assert errors == sum(form in found for form in list(under_way)[1::2])
    # What is put in before a form and begins like it looks like an edit of it in a whole text.
    assert whole_texts or found <= standing
    # A form that was none for a moment while its result came may have lost it.
    assert found == standing or running or (whole_texts and shown)
    screen.results.close()
    screen.marks.close()


def _edited(
    screen: Screen, spans: dict[str, tuple[int, int]], edits: list[tuple[float, int, list[str]]]
) -> dict[str, tuple[int, int]]:
    """Make edits; where the forms are after them that no edit has reached into."""
    for place, length, pieces in edits:
        text, new = screen.text, "".join(pieces)
        start = round(place * len(text))
        end = min(len(text), start + length)
        if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
            # No position is between the two.
            continue
        screen.edit(start, end, new)
        grown = len(new) - (end - start)
        spans = {
            form: (first, last) if start >= last else (first + grown, last + grown)
            for form, (first, last) in spans.items()
            if start >= last or end <= first
        }
    return spans


# -- the commands ---------------------------------------------------------------------------


async def test_clearing_takes_results_and_errors_of_the_document(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "3"}, DONE))
    other = editor.open("(+ 3 4)|", "src/other.clj")
    await editor.command("nrepl.evalForm", other.at_cursor)
    document = editor.open("(+ 1 2)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert await editor.command("nrepl.clearResults") == {"status": "done", "cleared": 1}
    assert (editor.diagnostics(document.uri), len(editor.diagnostics(other.uri))) == ([], 1)
    answer = await editor.command("nrepl.clearResults", {"uri": other.uri})
    assert (answer["cleared"], editor.diagnostics(other.uri)) == (1, [])


async def test_clearing_without_a_document_clears_everywhere(
    editor: Editor, nrepl: FaultServer
) -> None:
    documents = [editor.open("(+ 1 2)|", f"src/{name}.clj") for name in "ab"]
    for document in documents:
        await editor.command("nrepl.evalForm", document.at_cursor)
    editor.server.documents.last_place = None
    assert (await editor.command("nrepl.clearResults"))["cleared"] == 2
    assert [editor.diagnostics(document.uri) for document in documents] == [[], []]


async def test_the_whole_value_is_handed_out(editor: Editor, nrepl: FaultServer) -> None:
    value = "[" + " ".join(map(str, range(500))) + "]"
    nrepl.on("eval", reply({"value": value}, DONE))
    document = editor.open("(f)|\n(g)")
    await editor.command("nrepl.evalForm", document.at_cursor)
    nrepl.on("eval", reply({"value": ":g"}, DONE))
    below = {"uri": document.uri, "position": {"line": 1, "character": 1}}
    await editor.command("nrepl.evalTopLevelForm", below)
    answer = await editor.command("nrepl.copyResult", {**document.at_cursor, "show": False})
    assert (answer["status"], answer["text"]) == ("done", value)
    elsewhere = {"uri": document.uri, "position": {"line": 9, "character": 0}, "show": False}
    assert (await editor.command("nrepl.copyResult", elsewhere))["text"] == ":g"
    assert not any("result-" in message for message in editor.shown())


async def test_editors_that_ignore_replies_get_a_document(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.command("nrepl.copyResult")
    said = await editor.notified("window/showMessage", "See ")
    path = said["message"].removeprefix("See ").removesuffix(".")
    assert path.endswith(".clj")
    with open(path, encoding="utf-8") as file:
        assert file.read() == "(f)\n"


async def test_a_value_that_cannot_be_written_is_said(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    editor.server.cache.parent.mkdir(parents=True, exist_ok=True)
    editor.server.cache.write_text("a file in the way")
    assert (await editor.command("nrepl.copyResult"))["text"] == "(f)"
    await editor.notified("window/showMessage", "The value cannot be written")


async def test_of_an_error_its_whole_text_is_handed_out(editor: Editor, nrepl: FaultServer) -> None:
    err = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
    nrepl.on("eval", reply({"err": err}, {"ex": "class E", "status": ["eval-error"]}, DONE))
    document = editor.open("(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    answer = await editor.command("nrepl.copyResult", {"show": False})
    assert answer["text"] == err.strip()


async def test_without_an_evaluation_there_is_nothing_to_hand_out(detached: Editor) -> None:
    for place in ({}, {"uri": detached.open("(f)").uri}):
        answer = await detached.command("nrepl.copyResult", place)
        assert (answer["status"], answer["text"]) == ("error", None)
    assert detached.shown()[0] == "Nothing has been evaluated here: run nrepl.evalForm first."


async def test_the_last_evaluation_counts_where_there_is_no_document(
    editor: Editor, nrepl: FaultServer
) -> None:
    await editor.command("nrepl.evalCode", {"code": "(f 1)"})
    answer = await editor.command("nrepl.copyResult", {"show": False})
    assert answer["text"] == "(f 1)"


async def test_a_form_that_moves_while_it_runs_gets_its_result(
    editor: Editor, nrepl: FaultServer
) -> None:
    release = asyncio.Event()
    nrepl.on("eval", held(release, reply({"value": "3"}, DONE)))
    document = editor.open("(f)\n(g)|")
    params = {"command": "nrepl.evalForm", "arguments": [document.at_cursor]}
    _, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    document.change((0, 0), (0, 0), "\n")
    release.set()
    await answer
    (mark,) = editor.diagnostics(document.uri)
    assert (mark["message"], mark["range"]["start"]) == ("=> 3", {"line": 2, "character": 0})


async def test_a_form_that_moves_while_it_runs_gets_its_error(
    editor: Editor, nrepl: FaultServer
) -> None:
    release = asyncio.Event()
    err = "Execution error (ArithmeticException) at user/eval1 (REPL:3).\nDivide by zero\n"
    failed = reply({"err": err}, {"ex": "class X", "status": ["eval-error"]}, DONE)
    nrepl.on("eval", held(release, failed))
    document = editor.open("(f)\n(g\n (/ 1 0))|")
    params = {"command": "nrepl.evalForm", "arguments": [document.at_cursor]}
    _, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    document.change((0, 0), (0, 0), "\n\n")
    release.set()
    await answer
    (mark,) = editor.diagnostics(document.uri)
    assert (mark["message"], mark["range"]["start"]) == (
        "Divide by zero",
        {"line": 4, "character": 1},
    )


async def test_500_evaluations_that_are_queued_and_cancelled_are_few_messages(
    editor: Editor, nrepl: FaultServer
) -> None:
    release = asyncio.Event()
    nrepl.on("eval", held(release))
    document = editor.open("(loop)|")
    answers = []
    for _ in range(500):
        params = {"command": "nrepl.evalForm", "arguments": [document.at_cursor]}
        answers.append(editor.start_request("workspace/executeCommand", params)[1])
    await nrepl.received("eval")
    await editor.command("nrepl.interrupt", {"uri": document.uri})
    release.set()
    async with asyncio.timeout(20):
        await asyncio.gather(*answers)
    await editor.notified("window/showMessage", "queued evaluations")
    assert len(editor.shown()) < 5
    assert "Interrupted 499 queued evaluations." in editor.shown()
    assert editor.server.marks.every(PENDING) == []
