"""How outcomes are worded, and how their marks live."""

from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.documents import DocumentStore
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.results import DIAGNOSTICS_LIMIT, LOG_LIMIT, Fault, Outcome, Results
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.languages import for_language_id

CLOJURE = for_language_id("clojure")
URI = "file:///a.clj"


class Screen:
    """What a client was told."""

    def __init__(self) -> None:
        self.lines: list[tuple[types.MessageType, str]] = []
        self.log: list[str] = []
        self.published: list[types.PublishDiagnosticsParams] = []
        self.results = Results(
            documents=DocumentStore(),
            show_message=lambda params: self.lines.append((params.type, params.message)),
            log_message=lambda params: self.log.append(params.message),
            publish=self.published.append,
        )

    def marks(self, uri: str = URI) -> list[int]:
        """The lines of a document's diagnostics."""
        for params in reversed(self.published):
            if params.uri == uri:
                return [mark.range.start.line for mark in params.diagnostics]
        return []


def code_at(start: int, end: int, text: str = "(a)\n(b)\n(c)\n") -> Code:
    snapshot = Document(URI, "clojure", 1, text).snapshot()
    return Code(text[start:end], CLOJURE, URI, None, snapshot, start, end)


def fault(line: int, uri: str = URI) -> Fault:
    position = types.Position(line, 0)
    return Fault("boom", None, uri, types.Range(position, position))


def loaded() -> Code:
    return Code("(a)", CLOJURE, "file:///x%20y/a%20b.clj", is_file=True)


@pytest.mark.parametrize(
    ("outcome", "kind", "line"),
    [
        ({"status": "done", "values": ("1", "2")}, 3, "=> 2"),
        ({"status": "done", "values": ("{:a\n   1}",)}, 3, "=> {:a 1}"),
        ({"status": "done", "values": ("x" * 200,)}, 3, "=> " + "x" * 116 + "…"),
        ({"status": "done"}, 3, "Done: (a)"),
        ({"status": "done", "values": ("nil",), "out": "a\n b \n"}, 3, "=> nil (printed: b)"),
        ({"status": "error", "fault": Fault("'height'", "KeyError")}, 1, "KeyError: 'height'"),
        ({"status": "error", "fault": Fault("Divide by zero", "a.E")}, 1, "Divide by zero"),
        ({"status": "done", "values": ("1",), "code": loaded()}, 3, "Loaded a b.clj"),
        ({"status": "interrupted"}, 3, "Interrupted: (a)"),
        ({"status": "interrupted", "code": loaded()}, 3, "Interrupted: a b.clj"),
        ({"status": "error", "fault": Fault("No such\n var")}, 1, "No such var"),
        ({"status": "error"}, 1, "Failed: (a)"),
        ({"status": "error", "evaluation": None, "fault": Fault("Do this.")}, 2, "Do this."),
        ({"status": "disconnected", "evaluation": None, "fault": Fault("No.")}, 2, "No."),
    ],
)
def test_an_outcome_is_one_line(outcome: dict[str, Any], kind: int, line: str) -> None:
    screen = Screen()
    screen.results.show(Outcome(**{"evaluation": "1", "code": code_at(0, 3), **outcome}))
    assert screen.lines == [(kind, line)]


def test_the_log_has_the_whole_error() -> None:
    screen = Screen()
    screen.results.show(
        Outcome("error", "1", code_at(0, 3), ("1",), fault=Fault("boom", detail="boom\n  at f"))
    )
    assert screen.log == ["(a) (error)\n=> 1\nboom\n  at f"]


def test_the_log_does_not_repeat_what_the_server_printed_of_an_error() -> None:
    screen = Screen()
    printed = "Traceback\n  line 1\nKeyError: 'x'\n"
    said = Fault("'x'", "KeyError", detail=printed.strip())
    screen.results.show(Outcome("error", "1", code_at(0, 3), err=printed, fault=said))
    assert screen.log == ["(a) (error)\nKeyError: 'x'"]


def test_the_log_is_bounded() -> None:
    screen = Screen()
    screen.results.show(Outcome("done", "1", code_at(0, 3), ("x" * 10**6,)))
    assert len(screen.log[0]) == LOG_LIMIT
    assert screen.log[0].endswith("…")


def test_messages_can_be_switched_off_but_marks_stay() -> None:
    screen = Screen()
    screen.results.messages = False
    screen.results.show(Outcome("error", "1", code_at(0, 3), fault=fault(0)))
    assert (screen.lines, screen.log, screen.marks()) == ([], [], [0])


def test_the_next_evaluation_of_the_same_lines_clears_their_marks_only() -> None:
    screen = Screen()
    screen.results.show(Outcome("error", "1", code_at(0, 3), fault=fault(0)))
    screen.results.show(Outcome("error", "2", code_at(8, 11), fault=fault(2)))
    assert screen.marks() == [0, 2]
    screen.results.show(Outcome("done", "3", code_at(4, 7)))
    assert screen.marks() == [0, 2]
    screen.results.show(Outcome("done", "4", code_at(0, 7)))
    assert screen.marks() == [2]


def test_code_of_no_document_clears_nothing() -> None:
    screen = Screen()
    screen.results.show(Outcome("error", "1", code_at(0, 3), fault=fault(0)))
    screen.results.show(Outcome("done", "2", Code("(a)", CLOJURE)))
    screen.results.show(Outcome("done", "3", Code("(a)", CLOJURE, URI)))
    assert screen.marks() == [0]


def test_marks_in_other_files_go_with_the_next_evaluation_of_their_origin() -> None:
    screen = Screen()
    other = "file:///b.clj"
    screen.results.show(Outcome("error", "1", code_at(0, 3), fault=fault(5, other)))
    assert screen.marks(other) == [5]
    screen.results.show(Outcome("done", "2", code_at(8, 11)))
    assert screen.marks(other) == []


def test_an_edit_clears_what_is_at_and_below_it() -> None:
    screen = Screen()
    for number, (start, line) in enumerate(((0, 0), (8, 2))):
        outcome = Outcome("error", str(number), code_at(start, start + 3), fault=fault(line))
        screen.results.show(outcome)
    screen.results.forget_from(URI, 3)
    assert len(screen.published) == 2
    screen.results.forget_from(URI, 1)
    assert screen.marks() == [0]


def test_marks_are_bounded() -> None:
    screen = Screen()
    text = "x\n" * 2 * DIAGNOSTICS_LIMIT
    for line in range(DIAGNOSTICS_LIMIT + 5):
        code = code_at(2 * line, 2 * line + 1, text)
        screen.results.show(Outcome("error", "1", code, fault=fault(line)))
    assert len(screen.marks()) == DIAGNOSTICS_LIMIT
    assert screen.marks()[-1] == DIAGNOSTICS_LIMIT + 4


def test_a_mark_names_its_source_and_class() -> None:
    screen = Screen()
    position = types.Position(0, 1)
    where = types.Range(position, position)
    screen.results.show(
        Outcome("error", "1", code_at(0, 3), fault=Fault("boom", "a.Error", URI, where))
    )
    (mark,) = screen.published[0].diagnostics
    assert (mark.message, mark.code, mark.source) == ("Error: boom", "a.Error", "nREPL")
    assert mark.severity is types.DiagnosticSeverity.Error
