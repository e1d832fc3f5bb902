"""Failed tests as diagnostics at their assertions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_form
from nrepl_lsp.tooling.stacktrace import StackFrame
from nrepl_lsp.tooling.testing import Failure

from ..evaluating.code import Code
from ..locating.namespace_places import namespace_text
from ..showing.marks import Anchor, Mark, stretch_of
from .discovery import Test, test_named
from .frames import own_frame, project_frames
from .wording import failure_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["OWNER", "Texts", "marks_of"]

#: Who the marks belong to; their content is the `Failure`.
OWNER = "test"

#: Places that a diagnostic names besides its own.
RELATED_LIMIT = 3


class Texts:
    """The texts that namespaces are written in, each looked for once."""

    def __init__(self, ls: "NreplLanguageServer", near: Snapshot) -> None:
        self._ls = ls
        self.near = near
        self._known: dict[str, Snapshot | None] = {}

    async def of(self, ns: str) -> Snapshot | None:
        """The open document or project file that declares a namespace."""
        if ns not in self._known:
            self._known[ns] = await namespace_text(self._ls, self.near, ns)
        return self._known[ns]

    async def of_test(self, failure: Failure) -> Snapshot | None:
        """The text of a test; one in no namespace of its own is in the document itself."""
        text = await self.of(failure.ns)
        if text is None and failure.test is not None:
            test = test_named(self.near, failure.ns, failure.test)
            return self.near if test is not None else None
        return text


class _Shown(NamedTuple):
    """A failure, and the text and form of its test."""

    failure: Failure
    text: Snapshot
    test: Test | None


async def marks_of(ls: "NreplLanguageServer", failure: Failure, texts: Texts) -> Mark | None:
    """The mark of a failure; None where the text of its test is not known."""
    text = await texts.of_test(failure)
    if text is None:
        return None
    test = test_named(text, failure.ns, failure.test) if failure.test else None
    shown = _Shown(failure, text, test)
    where = _range(ls, shown)
    if where is None:
        return None
    frames = []
    async for frame in project_frames(ls, failure, texts):
        frames.append(frame)
        if len(frames) == RELATED_LIMIT:
            break
    related = [
        types.DiagnosticRelatedInformation(types.Location(uri, place), words)
        for words, uri, place in frames
    ]
    diagnostic = types.Diagnostic(
        range=where,
        message=failure_text(failure, frames[0][0] if frames else None),
        severity=types.DiagnosticSeverity.Error,
        source="nREPL test",
        related_information=related if related and ls.client.related_information else None,
    )
    uri = ls.documents.uri_of(text.uri)
    origin = None
    if test is not None:
        whole = ls.documents.range(text, *test.span)
        origin = Anchor(uri, stretch_of(whole), text.text[test.span.start : test.span.end])
    return Mark(OWNER, Anchor(uri, stretch_of(where)), origin, diagnostic, failure)


def _range(ls: "NreplLanguageServer", shown: _Shown) -> types.Range | None:
    """The assertion, as far as it is on its first line; else the test's name."""
    failure, text, test = shown
    encoding = ls.documents.encoding
    whole = Code(text.text, text.language, text.uri, None, text, 0, len(text.text))
    for line in _lines(shown):
        return whole.form_on(line, None, encoding)
    if test is not None:
        return ls.documents.range(text, *test.name_span)
    form = namespace_form(text)
    # A test that a macro defines is somewhere in the text; a fixture's error is the namespace's.
    start = failure.start.line
    if failure.test is not None and start is not None and start <= text.lines.line_count:
        return whole.form_on(start - 1, None, encoding)
    if form is None:
        return None
    return whole.form_on(text.lines.position(form.start, "utf-32")[0], None, encoding)


def _lines(shown: _Shown) -> Iterator[int]:
    """
    The 0-based lines of the assertion, best first: those that lie in the test.

    The program counts lines of the text that was loaded, and the test may have moved since.
    """
    failure, text, test = shown
    if test is None:
        return
    first, last = (text.lines.position(offset, "utf-32")[0] for offset in test.span)
    start = failure.start.line
    moved = first + 1 - start if start is not None else 0
    told = [failure.place.line]
    told += [frame.place.line for frame in _own_frames(failure) if frame.place is not None]
    for line in told:
        if line is not None and first <= line - 1 + moved <= last:
            yield line - 1 + moved


def _own_frames(failure: Failure) -> Iterator[StackFrame]:
    """The calls in the test's own namespace or file, innermost first."""
    for cause in failure.causes[:1]:
        yield from (frame for frame in cause.frames if own_frame(failure, frame))
