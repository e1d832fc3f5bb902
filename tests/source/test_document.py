"""Documents and their snapshots."""

from nrepl_lsp.source.document import PLACES_LIMIT, Document, Snapshot
from nrepl_lsp.source.forms import top_level_forms
from nrepl_lsp.source.languages import BASILISP, CLOJURE, PLAIN


def document(text: str, language_id: str = "clojure") -> Document:
    return Document("file:///src/a.clj", language_id, 1, text)


def test_a_snapshot_does_not_see_later_edits() -> None:
    changed = document("(a)\n(b)\n")
    snapshot = changed.snapshot()
    changed.edit(0, 1, 0, 2, "xyz", "utf-16")
    changed.version = 2
    assert snapshot.text == "(a)\n(b)\n"
    assert snapshot.version == 1
    assert snapshot.lines.line_text(0) == "(a)"
    assert changed.text == "(xyz)\n(b)\n"
    assert changed.snapshot().version == 2


def test_a_snapshot_does_not_see_the_text_being_replaced() -> None:
    changed = document("(a)")
    snapshot = changed.snapshot()
    changed.replace("(b) (c)")
    assert (snapshot.text, changed.text) == ("(a)", "(b) (c)")
    assert len(top_level_forms(changed.snapshot())) == 2


def test_snapshots_of_an_unchanged_document_share_what_was_worked_out() -> None:
    unchanged = document("(a) (b)")
    assert unchanged.snapshot().index is unchanged.snapshot().index


def test_each_snapshot_has_the_forms_of_its_own_text() -> None:
    changed = document("(a)\n(b)\n")
    first = changed.snapshot()
    changed.edit(0, 0, 0, 0, "(", "utf-16")
    second = changed.snapshot()
    changed.edit(0, 0, 0, 1, "", "utf-16")
    changed.edit(2, 0, 2, 0, "(c)", "utf-16")
    third = changed.snapshot()
    assert top_level_forms(third) == [(0, 3), (4, 7), (8, 11)]
    assert top_level_forms(second) == [(0, 4), (5, 8)]
    assert top_level_forms(first) == [(0, 3), (4, 7)]


def test_plain_text_has_no_index() -> None:
    assert document("(a)", "markdown").language is CLOJURE  # by its extension
    plain = Document("untitled:Untitled-1", "markdown", None, "(a)")
    assert plain.language is PLAIN
    assert plain.snapshot().index is None


def test_a_document_knows_what_the_editor_called_it() -> None:
    basilisp = Document("file:///a.lpy", "clojure", 7, "")
    assert basilisp.language is BASILISP
    snapshot = basilisp.snapshot()
    assert (snapshot.uri, snapshot.language_id) == ("file:///a.lpy", "clojure")
    assert snapshot.language is BASILISP


def test_snapshots_of_two_versions_with_the_same_text_both_stay_as_they_are() -> None:
    document = Document("file:///a.clj", "clojure", 1, "(a)")
    first = document.snapshot()
    document.version = 2
    second = document.snapshot()
    document.edit(0, 1, 0, 2, "b", "utf-16")

    assert (first.version, second.version) == (1, 2)
    assert [snapshot.text for snapshot in (first, second, document.snapshot())] == [
        "(a)",
        "(a)",
        "(b)",
    ]


def test_work_is_done_once_for_each_state_of_the_text() -> None:
    document = Document("file:///a.clj", "clojure", 1, "(a)")
    calls = []

    def length(snapshot: Snapshot) -> int:
        calls.append(snapshot.text)
        return len(snapshot.text)

    assert [document.snapshot().once(length) for _ in range(2)] == [3, 3]
    document.edit(0, 1, 0, 2, "bc", "utf-16")
    assert document.snapshot().once(length) == 4
    assert calls == ["(a)", "(bc)"]


def test_work_at_a_place_is_done_once_for_each_state_of_the_text() -> None:
    asked: list[int] = []

    def upto(snapshot: Snapshot, offset: int) -> str:
        asked.append(offset)
        return snapshot.text[:offset]

    changed = document("(ab)")
    assert [changed.snapshot().once_at(upto, 2) for _ in range(3)] == ["(a"] * 3
    assert changed.snapshot().once_at(upto, 3) == "(ab"
    assert asked == [2, 3]
    before = changed.snapshot()
    changed.edit(0, 1, 0, 1, "x", "utf-16")
    assert changed.snapshot().once_at(upto, 2) == "(x"
    assert before.once_at(upto, 2) == "(a"


def test_few_places_are_remembered() -> None:
    def itself(_: Snapshot, offset: int) -> int:
        return offset

    read = document("(ab)").snapshot()
    offsets = list(range(3 * PLACES_LIMIT))
    assert [read.once_at(itself, offset) for offset in offsets] == offsets
    assert len(read._content.worked_out[itself]) <= PLACES_LIMIT


def test_what_is_kept_stays_as_it_is_without_what_was_worked_out_of_the_document() -> None:
    def length(snapshot: Snapshot) -> int:
        worked_on.append(snapshot)
        return len(snapshot.text)

    worked_on: list[Snapshot] = []
    opened = document("(a)\n(b)\n")
    taken = opened.snapshot()
    assert taken.once(length) == 8
    kept = taken.to_keep()
    opened.edit(0, 1, 0, 2, "xyz", "utf-16")
    assert (kept.text, kept.lines.line_text(0)) == ("(a)\n(b)\n", "(a)")
    assert (kept.once(length), kept.index) == (8, taken.index)
    assert worked_on == [taken, kept]
