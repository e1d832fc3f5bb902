"""What is said about forms: it moves with them, and goes when they are edited."""

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.documents import DocumentStore
from nrepl_lsp.lsp.showing import marks as marks_module
from nrepl_lsp.lsp.showing.marks import MARKS_LIMIT, Anchor, Mark, Marks, stretch_of
from nrepl_lsp.source.anchors import Stretch

URI = "file:///demo.clj"
TEXT = "(def a 1)\n(+ a 2)\n(- a)\n"
PLUS: Stretch = ((1, 0), (1, 7))
MINUS: Stretch = ((2, 0), (2, 5))


class Screen:
    """An editor that has a document open and shows what is published."""

    def __init__(self) -> None:
        self.documents = DocumentStore()
        self.documents.open(types.TextDocumentItem(URI, "clojure", 1, TEXT))
        self.published: list[types.PublishDiagnosticsParams] = []
        self.told: list[str] = []
        self.marks = Marks(self.documents, self.published.append)
        self.marks.on_change.append(self.told.append)

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        where = types.Range(types.Position(*start), types.Position(*end))
        change = types.TextDocumentContentChangePartial(where, text)
        document = types.VersionedTextDocumentIdentifier(version=2, uri=URI)
        edits = self.documents.change(types.DidChangeTextDocumentParams(document, [change]))
        assert edits
        self.marks.edited(URI, edits)

    def shown(self, uri: str = URI) -> list[tuple[str, Stretch]]:
        """Message and place of the diagnostics that a document has now."""
        for params in reversed(self.published):
            if params.uri == uri:
                return [(one.message, stretch_of(one.range)) for one in params.diagnostics]
        return []


def mark(
    stretch: Stretch, form: str | None, message: str = "m", uri: str = URI, **more: Any
) -> Mark:
    diagnostic = types.Diagnostic(marks_module.range_of(stretch), message)
    return Mark("result", Anchor(uri, stretch, form), diagnostic=diagnostic, **more)


@pytest.fixture
async def screen() -> Screen:
    found = Screen()
    found.marks.add(mark(PLUS, "(+ a 2)", "3"), mark(MINUS, "(- a)", "-1"))
    return found


async def test_marks_are_published_together(screen: Screen) -> None:
    assert len(screen.published) == 1
    assert screen.shown() == [("3", PLUS), ("-1", MINUS)]
    assert screen.told == [URI]


async def test_an_edit_of_the_form_takes_its_mark_away_at_once(screen: Screen) -> None:
    screen.edit((1, 3), (1, 4), "b")
    assert screen.shown() == [("-1", MINUS)]


async def test_an_edit_above_moves_them_and_is_published_when_typing_ends(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "SETTLE_AFTER", 0.01)
    settled = asyncio.Event()
    screen.marks.on_change.append(lambda uri: settled.set())
    screen.edit((0, 0), (0, 0), "\n\n")
    assert len(screen.published) == 1
    async with asyncio.timeout(5):
        await settled.wait()
    assert screen.shown() == [("3", ((3, 0), (3, 7))), ("-1", ((4, 0), (4, 5)))]


async def test_looking_at_many_forms_leaves_others_their_turn(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "SETTLE_AFTER", 0.001)
    monkeypatch.setattr(marks_module, "SETTLE_SLICE", 0.0)
    settled = asyncio.Event()
    screen.marks.on_change.append(lambda uri: settled.set())
    turns, looked, stands = 0, [], Marks._stands

    def look(marks: Marks, anchor: Anchor) -> bool:
        looked.append(turns)
        return stands(marks, anchor)

    monkeypatch.setattr(Marks, "_stands", look)
    screen.edit((1, 0), (1, 0), "; ")
    async with asyncio.timeout(5):
        while not settled.is_set():
            await asyncio.sleep(0)
            turns += 1
    first, second = looked
    assert first < second
    assert screen.shown() == [("-1", MINUS)]
    # An edit in between makes all that was looked at old.
    screen.edit((2, 0), (2, 0), "; ")
    screen.edit((2, 0), (2, 2), "")
    settled.clear()
    async with asyncio.timeout(5):
        await settled.wait()
    assert screen.shown() == [("-1", MINUS)]


@pytest.mark.parametrize(
    ("place", "typed", "left"),
    [
        ((1, 0), "; ", ["-1"]),
        ((1, 0), '#"', ["-1"]),
        ((1, 7), "x", ["3", "-1"]),
        ((1, 0), "(do ", ["3", "-1"]),
    ],
)
async def test_a_form_that_is_none_any_more_has_no_mark(
    screen: Screen, place: tuple[int, int], typed: str, left: list[str]
) -> None:
    screen.edit(place, place, typed)
    screen.marks.settle(URI)
    assert [message for message, _ in screen.shown()] == left


async def test_a_mark_goes_when_its_origin_is_edited_though_it_stands_elsewhere(
    screen: Screen,
) -> None:
    other = "file:///lib.clj"
    origin = Anchor(URI, PLUS, "(+ a 2)")
    screen.marks.add(mark(((7, 0), (7, 3)), None, "broken", other, origin=origin))
    screen.edit((0, 0), (0, 0), "\n")
    assert screen.shown(other) == [("broken", ((7, 0), (7, 3)))]
    screen.edit((2, 1), (2, 2), "*")
    assert screen.shown(other) == []


async def test_what_was_said_about_a_file_stays_with_it_when_it_is_opened(screen: Screen) -> None:
    """Python writes `%2B` for the plus, Neovim does not."""
    ours, theirs = "file:///c%2B%2B/lib.clj", "file:///c++/lib.clj"
    origin = Anchor(URI, PLUS, "(+ a 2)")
    screen.marks.add(mark(((1, 0), (1, 0)), None, "broken", ours, origin=origin))
    screen.documents.open(types.TextDocumentItem(theirs, "clojure", 1, "(a)\n(b)\n"))
    screen.marks.opened(theirs)
    assert (screen.shown(ours), screen.shown(theirs)) == ([], [("broken", ((1, 0), (1, 0)))])
    place = types.Position(0, 0)
    change = types.TextDocumentContentChangePartial(types.Range(place, place), "\n")
    document = types.VersionedTextDocumentIdentifier(version=2, uri=theirs)
    edits = screen.documents.change(types.DidChangeTextDocumentParams(document, [change]))
    assert edits
    screen.marks.edited(theirs, edits)
    screen.marks.settle(theirs)
    assert screen.shown(theirs) == [("broken", ((2, 0), (2, 0)))]
    screen.marks.closed(theirs)
    assert screen.shown(theirs) == [("broken", ((2, 0), (2, 0)))]
    screen.edit((1, 1), (1, 2), "*")
    assert screen.shown(theirs) == []


async def test_a_document_that_is_opened_again_with_another_text_keeps_what_still_stands(
    screen: Screen,
) -> None:
    screen.documents.open(types.TextDocumentItem(URI, "clojure", 5, TEXT.replace("(- a)", "(* a)")))
    screen.marks.opened(URI)
    assert screen.shown() == [("3", PLUS)]


async def test_a_closed_document_takes_what_came_from_it_along(screen: Screen) -> None:
    other = "file:///lib.clj"
    origin = Anchor(other, ((0, 0), (0, 1)))
    screen.marks.add(mark(PLUS, "(+ a 2)", "from there", origin=origin))
    screen.edit((0, 0), (0, 0), " ")
    screen.marks.closed(URI)
    assert screen.shown() == [("from there", PLUS)]
    screen.marks.closed(other)
    assert screen.shown() == []
    assert screen.marks.of(URI) == []


async def test_taking_away_and_showing_is_one_message(screen: Screen) -> None:
    screen.marks.replace(lambda one: True, [mark(MINUS, "(- a)", "new")])
    assert len(screen.published) == 2
    assert screen.shown() == [("new", MINUS)]
    screen.marks.drop(lambda one: False)
    assert len(screen.published) == 2


async def test_what_two_forms_say_of_the_same_place_is_published_once(screen: Screen) -> None:
    origin = Anchor(URI, MINUS, "(- a)")
    screen.marks.add(mark(PLUS, None, "broken"), mark(PLUS, None, "broken", origin=origin))
    assert [message for message, _ in screen.shown()] == ["3", "-1", "broken"]
    screen.edit((2, 1), (2, 2), "+")
    assert [message for message, _ in screen.shown()] == ["3", "broken"]


async def test_what_is_shown_in_another_way_is_not_published(screen: Screen) -> None:
    screen.marks.replace(lambda one: True, [])
    quiet = Mark("result", Anchor(URI, PLUS, "(+ a 2)"), content="3")
    screen.marks.add(quiet)
    assert screen.shown() == []
    assert screen.marks.of(URI, "result") == [quiet] == screen.marks.every("result")
    assert screen.marks.of(URI, "error") == []
    screen.edit((1, 1), (1, 2), "-")
    assert screen.marks.of(URI) == []


async def test_the_oldest_of_too_many_go() -> None:
    screen = Screen()
    for number in range(MARKS_LIMIT + 3):
        screen.marks.add(mark(((0, 0), (0, 9)), "(def a 1)", str(number)))
    # Those of another owner are not displaced by them.
    screen.marks.add(Mark("pending", Anchor(URI, PLUS, "(+ a 2)")))
    found = screen.shown()
    assert (len(found), found[0][0]) == (MARKS_LIMIT, "3")
    assert len(screen.marks.of(URI)) == MARKS_LIMIT + 1


async def test_after_the_end_nothing_is_published(screen: Screen) -> None:
    screen.edit((0, 0), (0, 0), "\n")
    screen.marks.close()
    assert len(screen.published) == 1
    assert screen.marks.of(URI) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (((0, 0), (0, 5)), ((0, 5), (0, 9)), False),
        (((0, 0), (0, 5)), ((0, 4), (0, 9)), True),
        (((0, 0), (2, 0)), ((1, 4), (1, 4)), True),
        (((0, 0), (0, 5)), ((0, 5), (0, 5)), True),
        (((0, 0), (0, 5)), ((0, 6), (0, 6)), False),
    ],
)
def test_stretches_overlap_or_not(one: Stretch, other: Stretch, expected: bool) -> None:
    assert Anchor(URI, one).overlaps(Anchor(URI, other)) is expected
    assert Anchor(URI, other).overlaps(Anchor(URI, one)) is expected
    assert not Anchor(URI, one).overlaps(Anchor("file:///b.clj", other))
