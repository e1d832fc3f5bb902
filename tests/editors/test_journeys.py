"""A day in each editor: the same journeys and the same assertions for all of them."""

import re

import pytest

from .conftest import Work, wait_until_gone
from .editor import PATIENCE, Diagnostic, Editor, until

pytestmark = pytest.mark.timeout(150)

#: The first answer may wait for the editor, our program and the server to start.
FIRST = 40.0

#: The value of `(area n)`, wherever the editor shows it.
AREA_2, AREA_3 = r"=> 12\b", r"=> 27\b"


def hovered(editor: Editor, word: str, documentation: str, seconds: float = PATIENCE) -> str:
    """Hover until the documentation is shown: a server may still be on its way."""

    def look() -> str | None:
        editor.goto(word)
        text = editor.hover()
        return text if documentation in " ".join(text.split()) else None

    return until(look, lambda: f"{documentation!r} is not in the hover of {word}", seconds)


def errors(editor: Editor, pattern: str) -> list[Diagnostic]:
    return [one for one in editor.diagnostics() if re.search(pattern, one.text)]


def test_attach(editor: Editor) -> None:
    hovered(editor, "map area", "lazy sequence", FIRST)


def test_load(editor: Editor) -> None:
    editor.load()
    editor.wait_for("Loaded demo")


def test_hover(editor: Editor) -> None:
    text = hovered(editor, "area (range", "The area of a circle of radius r.")
    assert "demo" in text
    editor.shot("hover")


def test_completion(editor: Editor) -> None:
    text = editor.complete("(are")
    assert "area" in text
    assert "The area of a circle" in " ".join(text.split())


def test_signature(editor: Editor) -> None:
    assert re.search(r"area.*\br\b", editor.signature("(area "))


def test_definition(editor: Editor, work: Work) -> None:
    editor.goto("upper-case text")
    editor.definition()
    library = until(
        lambda: (shown := editor.shown_file()) != work.editor.desk.file and shown,
        lambda: f"no other file is shown:\n{editor.screen()}",
    )
    assert library.name == f"string.{editor.desk.program.suffix}"
    assert not library.is_relative_to(editor.desk.project)
    hovered(editor, "capitalize", "first character")


def test_value(editor: Editor) -> None:
    editor.goto("(area 2)")
    editor.evaluate()
    editor.wait_for(AREA_2)
    editor.goto("(map area (range 100))")
    editor.evaluate()
    editor.wait_for(r"=> \(0 3 12")
    editor.shot("value")


def test_characters(editor: Editor) -> None:
    # Bytes, UTF-16 and characters count differently up to here.
    editor.goto("(area 4)")
    editor.evaluate()
    editor.wait_for(r"=> 48\b")


def test_typed(editor: Editor) -> None:
    editor.evaluate_typed("(area 7)")
    editor.wait_for(r"=> 147\b")


def test_action(editor: Editor) -> None:
    editor.goto("(area 3)")
    editor.act(r"Evaluate \(area 3\)")
    editor.wait_for(AREA_3)


def test_error(editor: Editor) -> None:
    division = editor.desk.program.division
    editor.goto("(/ 1 0)")
    editor.evaluate()
    found = until(lambda: errors(editor, division), lambda: f"no error: {editor.diagnostics()}")
    line = editor.desk.program.text.splitlines().index("  (/ 1 0)")
    assert [one.line for one in found] == [line]
    editor.wait_for(division)
    editor.shot("error")


def test_output(editor: Editor) -> None:
    editor.goto('(println "printed by demo")')
    editor.evaluate()
    editor.wait_for("=> nil")
    editor.show_output()
    # The source has it too, but not at the beginning of a line (or behind the line's number).
    editor.wait_for(r"(?m)^[\W\d]*printed by demo")


def test_input(editor: Editor) -> None:
    editor.goto("(read-line)")
    editor.evaluate()
    line = editor.answer_input() if editor.desk.program.asks_for_input else ""
    editor.wait_for(f'=> "{line}"')


def test_long_run(editor: Editor) -> None:
    editor.goto("(wait-long)")
    editor.evaluate()
    editor.wait_for(editor.progress)
    editor.shot("progress")
    editor.interrupt()
    if editor.desk.program.can_interrupt:
        editor.wait_for("Interrupted")
    else:
        editor.choose("New session")
        editor.wait_for(r"new\s+session\s+has\s+begun")
    editor.goto("(area 2)")
    editor.evaluate()
    editor.wait_for(AREA_2)


def test_restart(editor: Editor, work: Work) -> None:
    work.server.stop()
    work.server.restart()
    hovered(editor, "map area", "lazy sequence", FIRST)
    editor.load()
    editor.wait_for("Loaded demo")
    editor.goto("(area 3)")
    editor.evaluate()
    editor.wait_for(AREA_3)


def test_end(editor: Editor, work: Work) -> None:
    assert work.left(), "nothing carries the session's mark: this would prove nothing"
    editor.quit()
    assert wait_until_gone(work) == []
