"""The tests that a text defines, in languages whose tests can be run. Reading it runs nothing."""

import re
from dataclasses import dataclass

from nrepl_lsp.source.definitions.outline import Definition, outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import EDN
from nrepl_lsp.source.languages.testing import TESTING, Testing
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.namespaces import namespace_at

__all__ = ["Test", "test_at", "test_named", "tests_in"]

#: Namespaces of one text that its tests are in; to find one is to pass all before it.
NAMESPACES_LIMIT = 100
#: Characters of a head that are looked at.
HEAD_LIMIT = 100
#: Characters before and after a name in which its metadata is looked for.
METADATA_LIMIT = 400

_TEST_METADATA = re.compile(r"\{[^{}]*:test\s+[(#]")


@dataclass(frozen=True, slots=True)
class Test:
    """
    A test in a text: its form, its name there, and its namespace if the text says one.

    name: as the program knows it.
    """

    name: str
    span: Span
    name_span: Span
    ns: str | None = None

    @property
    def qualified_name(self) -> str:
        """`ns/name`."""
        return f"{self.ns}/{self.name}" if self.ns else self.name


def tests_in(snapshot: Snapshot) -> list[Test]:
    """The tests of a text in their order, those of `comment` blocks not; worked out once."""
    return list(snapshot.once(_tests))


def test_at(snapshot: Snapshot, offset: int) -> Test | None:
    """The test that an offset is in or right after."""
    tests = [one for one in tests_in(snapshot) if one.span.start <= offset <= one.span.end]
    return tests[-1] if tests else None


def test_named(snapshot: Snapshot, ns: str | None, name: str) -> Test | None:
    """The last test of a name, which is the one that counts once the text is loaded."""
    tests = (one for one in reversed(tests_in(snapshot)) if one.name == name)
    return next((one for one in tests if ns is None or one.ns in (ns, None)), None)


def _tests(snapshot: Snapshot) -> tuple[Test, ...]:
    testing = TESTING.get(snapshot.language.family)
    # EDN is read like Clojure and never run.
    if testing is None or not testing.libraries or snapshot.language is EDN:
        return ()
    found: list[Test] = []
    ns, is_known, asked = None, False, 0
    for one in outline(snapshot):
        if one.kind == "namespace":
            is_known = asked > NAMESPACES_LIMIT
        if one.name and _is_test(snapshot.text, one, testing):
            if not is_known:
                ns, is_known, asked = namespace_at(snapshot, one.span.start), True, asked + 1
            found.append(Test(one.name, one.span, one.name_span, ns))
    return tuple(found)


def _is_test(text: str, definition: Definition, testing: Testing) -> bool:
    if definition.kind == "test":
        return True
    start, name = definition.span.start, definition.name_span.start
    if testing.head and re.match(
        rf"\(\s*(?:[^\s()/]+/)?{testing.head}", text[start : min(name, start + HEAD_LIMIT)]
    ):
        return True
    if not testing.marks_by_metadata or definition.kind not in ("function", "variable"):
        return False
    start = max(start, name - METADATA_LIMIT)
    end = min(definition.span.end, definition.name_span.end + METADATA_LIMIT)
    return ":test" in text[start:end] and _TEST_METADATA.search(text, start, end) is not None
