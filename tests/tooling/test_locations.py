"""Every form of `file` that servers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling.locations import MAX_PATH_LENGTH, is_no_source, parse
from nrepl_lsp.tooling.values import SourceLocation


@pytest.mark.parametrize(
    ("file", "kind", "path", "entry"),
    [
        ("file:/x/core.clj", "file", "/x/core.clj", None),
        ("file:///x/core.lpy", "file", "/x/core.lpy", None),
        ("file://localhost/x/core.lpy", "file", "/x/core.lpy", None),
        ("file://server/share/x.clj", "file", "//server/share/x.clj", None),
        ("file:/a%20b/%C3%BC.clj", "file", "/a b/ü.clj", None),
        ("file:/C:/x/core.clj", "file", "C:/x/core.clj", None),
        ("file:///C:/x/core.clj", "file", "C:/x/core.clj", None),
        ("jar:file:/m/a.jar!/clojure/core.clj", "archive", "/m/a.jar", "clojure/core.clj"),
        ("jar:file:///m/a%20b.jar!/x%20y.clj", "archive", "/m/a b.jar", "x y.clj"),
        ("zip:file:/m/a.zip!/x.clj", "archive", "/m/a.zip", "x.clj"),
        ("zip:/m/a.jar!/x.clj", "archive", "/m/a.jar", "x.clj"),
        ("file:/m/a.jar!/x.clj", "archive", "/m/a.jar", "x.clj"),
        ("jar:file:/C:/m/a.jar!/x.clj", "archive", "C:/m/a.jar", "x.clj"),
        ("jar:file:/m/o.war!/lib/i.jar!/x.clj", "archive", "/m/o.war", "lib/i.jar!/x.clj"),
        ("/x/core.clj", "file", "/x/core.clj", None),
        ("/x/a b%20c.clj", "file", "/x/a b%20c.clj", None),
        ("C:\\x\\core.clj", "file", "C:\\x\\core.clj", None),
        ("C:/x/core.clj", "file", "C:/x/core.clj", None),
        ("/C:/x/core.clj", "file", "C:/x/core.clj", None),
        ("\\\\server\\x.clj", "file", "\\\\server\\x.clj", None),
        ("clojure/core.clj", "resource", "clojure/core.clj", None),
        ("core.clj", "resource", "core.clj", None),
    ],
)
def test_a_file_value_is_a_place(file, kind, path, entry):
    assert parse(file, line=5, column=3) == SourceLocation(kind, path, entry, 4, 2)


@pytest.mark.parametrize(
    "file",
    [
        None,
        "",
        [],
        {},
        "NO_SOURCE_PATH",
        "NO_SOURCE_FILE",
        "REPL",
        "<nREPL Input>",
        "<stdin>",
        "<string>",
        "http://example.org/x.clj",
        "jar:file:/broken",
        "x" * (MAX_PATH_LENGTH + 1),
        " ",
        "file:",
    ],
)
def test_what_is_no_file_is_no_place(file):
    assert parse(file, line=5) is None


def test_a_whole_source_text_is_kept():
    location = parse("(ns a)\n(def b 1)\n", line=2)

    assert location == SourceLocation("text", line=1, text="(ns a)\n(def b 1)\n")


def test_the_resource_beside_a_file_is_kept_and_stands_in_for_a_missing_one():
    beside = parse("/x/core.clj", resource="demo/core.clj", line=1)
    alone = parse("NO_SOURCE_PATH", resource="demo/core.clj", line=1)

    assert (beside.path, beside.resource) == ("/x/core.clj", "demo/core.clj")
    assert (alone.kind, alone.path) == ("resource", "demo/core.clj")


@pytest.mark.parametrize(
    ("line", "column", "base", "expected"),
    [
        (1, 1, 1, (0, 0, True)),
        ("7", "3", 1, (6, 2, True)),
        (0, 0, 1, (0, 0, True)),
        (5, 0, 0, (4, 0, True)),
        (5, 4, 0, (4, 4, True)),
        (None, None, 1, (0, None, False)),
        ([], "", 1, (0, None, False)),
        ("x", True, 1, (0, None, False)),
        (-3, -3, 1, (0, 0, True)),
    ],
)
def test_positions_are_counted_from_zero_and_never_negative(line, column, base, expected):
    location = parse("/x", line=line, column=column, column_base=base)

    assert (location.line, location.column, location.exact) == expected


@pytest.mark.parametrize("name", ["core.clj", "/x/<y>.clj", "demo.rt", "rt"])
def test_ordinary_names_are_sources(name):
    assert not is_no_source(name)


@given(st.text() | st.integers() | st.lists(st.text()), st.text() | st.integers(), st.text())
def test_no_value_makes_it_fail(file, line, resource):
    location = parse(file, line=line, column=line, resource=resource)

    assert location is None or location.line >= 0


@given(
    st.from_regex(
        r"(jar:|zip:)?(file:)?(//)?/?[A-Z]?:?[a-z/%!]*(\.jar)?(!/)?[a-z%]*", fullmatch=True
    )
)
def test_no_url_makes_it_fail(file):
    location = parse(file)

    assert location is None or location.path
