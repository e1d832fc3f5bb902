"""
What evaluations come to, shown beside their code: the ladder of ways is in `ladder`.

Errors are diagnostics at their place in every way. A message says what has no place in the text,
and repeats what stands in a diagnostic: many editors show only a sign of those. The log has all.
"""

from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.source.anchors import Edit, Stretch, difference, moved

from ..evaluating.code import Code
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from .errors import error_mark
from .ladder import Ladder
from .marks import Anchor, Mark
from .messages import Messages
from .result_marks import (
    OWNER,
    ResultMark,
    anchored,
    diagnostic_of,
    is_replaced,
    result_mark,
    thrifty,
    trim,
    without_text,
)
from .wording import LINE_WIDTH, beside, kind_of, whole

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["PENDING", "Results"]

#: The owner of the marks of code that runs or waits, so that its result finds it again.
PENDING = "pending"
#: Columns of a hint where the user has not chosen: VS Code cuts a line's hints there.
HINT_WIDTH = 43
#: Documents whose last evaluation is remembered.
LAST_KEPT = 20

_LAST_LINE = 2**31 - 1
_Hint = tuple[tuple[int, int], str]


class Results(Watcher):
    """The results of one editor's evaluations."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._messages = Messages(ls)
        self._pending: dict[str, Mark] = {}
        self._last: dict[str | None, Outcome] = {}
        #: What the editor was answered when it asked for a document's hints.
        self._answered: dict[str, list[_Hint]] = {}
        self.ladder = Ladder(ls, self._show_again)
        ls.marks.on_change.append(self._marks_changed)

    # -- following evaluations --------------------------------------------------------------

    def queued(self, running: Running) -> None:
        """Keep an eye on the code: the text may change before the value comes."""
        place = anchored(self._ls, running.code) if not running.code.is_file else None
        if place is not None:
            mark = self._pending[running.id] = Mark(PENDING, place)
            self._ls.marks.add(mark)

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Show what an evaluation came to; a quiet one only when it came to nothing."""
        pending = self._pending.pop(running.id, None)
        if running.is_silent:
            self._ls.marks.drop(lambda one: one is pending)
            return
        is_there = pending is not None and pending in self._ls.marks.of(pending.place.uri, PENDING)
        place = pending.place if pending is not None and is_there else None
        was_sent = running.evaluation is not None and running.evaluation.id is not None
        is_marked = False
        is_quiet = running.is_quiet and outcome.status == "done"
        # Who asks a question about a form, such as what it expands to, does not evaluate it.
        is_own = not is_quiet or (place is not None and place.form == running.code.text)
        if was_sent and is_own and outcome.code is not None:
            is_marked = self._mark(thrifty(outcome), place, pending, is_quiet=is_quiet)
        elif is_there:
            self._ls.marks.drop(lambda one: one is pending)
        if is_quiet:
            return
        self._log(outcome)
        if not self._is_said(outcome, is_marked=is_marked):
            return
        if not was_sent and outcome.status in ("interrupted", "disconnected"):
            self._messages.say_unsent(outcome)
        else:
            self._messages.say(outcome)

    def show(self, outcome: Outcome) -> None:
        """Say what something came to that is no evaluation, such as why there was none."""
        self._log(outcome)
        self._messages.say(outcome)

    def close(self) -> None:
        """Show nothing any more."""
        self._messages.close()
        self.ladder.close()

    # -- what others ask --------------------------------------------------------------------

    def hints(self, uri: str) -> list[ResultMark]:
        """
        The marks that are shown as hints in a document, for an editor that has asked for them.

        Results that were shown in another way until now become hints.
        """
        uri = self._ls.documents.uri_of(uri)
        is_new = self.ladder.asked(uri)
        marks = self._hinted(uri)
        self._answered.pop(uri, None)
        if marks:
            self._answered[uri] = [_hint(mark) for mark in marks]
        if is_new:
            self._show_again(uri)
        return marks

    def last(self, uri: str | None) -> Outcome | None:
        """What was last evaluated of a document; of any without one."""
        if uri is not None:
            return self._last.get(self._ls.documents.uri_of(uri))
        return next(reversed(self._last.values()), None)

    # -- marks ------------------------------------------------------------------------------

    def _mark(
        self, outcome: Outcome, place: Anchor | None, pending: Mark | None, *, is_quiet: bool
    ) -> bool:
        """
        Put the marks of an outcome in the place of those that it makes old.

        place: the code in the text as it is now. Whether its value now stands beside the code, or
        its error where it is.
        """
        ls, code = self._ls, outcome.code
        assert code is not None
        self._remember(outcome)
        evaluated = _whole_file(ls, code) if code.is_file else place
        new: list[Mark] = []
        error = error_mark(ls, outcome)
        if error is not None and not _bring_up_to_date(ls, error, code, place):
            error = None
        if place is not None and not is_quiet and outcome.status in ("done", "error"):
            new.append(self._result(outcome, place, error))
        if error is not None:
            error.content = without_text(outcome)
            new.append(error)
        if evaluated is not None:
            for mark in ls.marks.of(evaluated.uri, OWNER):
                # The user may have chosen another way since.
                self._choose(mark)

        def is_gone(mark: Mark) -> bool:
            return mark is pending or (evaluated is not None and is_replaced(mark, evaluated))

        ls.marks.replace(is_gone, new)
        trim(ls)
        return any(mark.owner == "error" or mark.content.status == "done" for mark in new)

    def _result(self, outcome: Outcome, place: Anchor, error: Mark | None) -> ResultMark:
        width = self._ls.settings.results_width
        hint, line = beside(outcome, width or HINT_WIDTH), beside(outcome, width or LINE_WIDTH)
        code = Anchor(place.uri, place.stretch, place.form)
        mark = result_mark(self._ls, code, without_text(outcome), hint, line)
        mark.is_elsewhere = error is not None and not error.place.overlaps(code)
        self._choose(mark)
        return mark

    def _choose(self, mark: Mark) -> None:
        """Show a mark in the way of its document. An error here has a diagnostic of its own."""
        if isinstance(mark, ResultMark):
            is_wanted = mark.outcome.status == "done" or mark.is_elsewhere
            is_diagnostic = is_wanted and self.ladder.way(mark.place.uri) == "diagnostic"
            if is_diagnostic != (mark.diagnostic is not None):
                mark.diagnostic = diagnostic_of(mark) if is_diagnostic else None

    def _show_again(self, uri: str) -> None:
        """Show the results of a document in another way."""
        for mark in self._ls.marks.of(uri, OWNER):
            self._choose(mark)
        self._ls.marks.show(uri)

    def _marks_changed(self, uri: str) -> None:
        """Have the editor ask for hints again, if it has others than there are."""
        if self._answered.get(uri, []) != [_hint(mark) for mark in self._hinted(uri)]:
            self.ladder.outdated(uri)

    def _hinted(self, uri: str) -> list[ResultMark]:
        if self.ladder.way(uri) != "inlayHint":
            return []
        marks = self._ls.marks.of(uri, OWNER)
        return [mark for mark in marks if isinstance(mark, ResultMark)]

    # -- words ------------------------------------------------------------------------------

    def _is_said(self, outcome: Outcome, *, is_marked: bool) -> bool:
        """Whether a message is needed besides what stands in the text."""
        code, client = outcome.code, self._ls.client
        if outcome.evaluation is None or code is None:
            return True
        way = self.ladder.way(self._ls.documents.uri_of(code.uri or ""))
        if way != "inlayHint":
            return way != "none"
        # A hint that the editor cannot be told of comes at its next request, whenever that is.
        is_seen = is_marked and client.refreshes_inlay_hints and outcome.status != "interrupted"
        return not is_seen or (code.is_file and outcome.status == "done")

    def _log(self, outcome: Outcome) -> None:
        if outcome.evaluation is not None:
            self._ls.window_log_message(types.LogMessageParams(kind_of(outcome), whole(outcome)))

    def _remember(self, outcome: Outcome) -> None:
        code = outcome.code
        uri = self._ls.documents.uri_of(code.uri) if code is not None and code.uri else None
        self._last.pop(uri, None)
        if len(self._last) >= LAST_KEPT:
            del self._last[next(iter(self._last))]
        self._last[uri] = without_text(outcome)


def _hint(mark: ResultMark) -> _Hint:
    return mark.code.stretch[1], mark.hint


def _whole_file(ls: "NreplLanguageServer", code: Code) -> Anchor | None:
    if code.uri is None:
        return None
    return Anchor(ls.documents.uri_of(code.uri), ((0, 0), (_LAST_LINE, 0)))


def _bring_up_to_date(
    ls: "NreplLanguageServer", mark: Mark, code: Code, place: Anchor | None
) -> bool:
    """
    Move an error to where its place is now; False when the text there is another by now.

    Places were found in the text as it was sent.
    """
    sent, encoding = code.snapshot, ls.documents.encoding
    if sent is None:
        return True
    if not code.is_file and place is None:
        return False
    now = ls.documents.snapshot(sent.uri)
    if now is None or now.text == sent.text:
        return True
    places = difference(sent.text, now.text)
    start, end = (sent.lines.position(offset, encoding) for offset in places[:2])
    around = inside = Edit(start, end, now.lines.position(places[2], encoding))
    first, last = (sent.lines.position(offset, encoding) for offset in (code.start, code.end))
    if place is not None:
        # The code has at most been moved, and what is in it with it.
        inside = Edit(first, first, place.stretch[0])
    for anchor in mark.anchors:
        if ls.documents.uri_of(anchor.uri) != now.uri:
            continue
        is_inside = first <= anchor.stretch[0] and anchor.stretch[1] <= last
        stretch: Stretch | None = moved(anchor.stretch, inside if is_inside else around)
        if stretch is None:
            return False
        anchor.stretch = stretch
    return True
