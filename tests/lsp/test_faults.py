"""Every form in which servers write an error, and the place in the document that it means."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from nrepl_lsp.lsp.documents import DocumentStore
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.faults import fault_of, is_same_file
from nrepl_lsp.nrepl import EvaluationResult
from nrepl_lsp.source.languages import for_document
from nrepl_lsp.source.namespaces import namespace_at

PATH = "/home/me/src/demo/core.clj"
URI = f"file://{PATH}"
TEXT = """\
(ns demo.core)

(defn area [r]
  (* r (/ r 0)))

(defn twice [r]
  (area r)
  (area r))

(twice 2)
"""
#: The lines of `(defn twice …)`, 0-based, which is what is evaluated.
FIRST = 5


def opened(text: str = TEXT, uri: str = URI) -> DocumentStore:
    documents = DocumentStore()
    documents.open(types.TextDocumentItem(uri, "clojure", 1, text))
    return documents


def code_in(documents: DocumentStore, part: str | None = None, uri: str = URI) -> Code:
    snapshot = documents.snapshot(uri)
    assert snapshot is not None
    text = snapshot.text if part is None else part
    start = snapshot.text.index(text)
    ns = namespace_at(snapshot, start) if part is not None else None
    return Code(
        text, snapshot.language, uri, ns, snapshot, start, start + len(text), is_file=part is None
    )


TWICE = "(defn twice [r]\n  (area r)\n  (area r))"


async def place(
    err: str, ex: str | None = None, part: str | None = TWICE, uri: str = URI
) -> tuple[int, int] | None:
    """Where the error of a part of the text, or of all of it as a file, is shown."""
    documents = opened(uri=uri)
    code = code_in(documents, part, uri)
    fault = await fault_of(code, EvaluationResult("error", err=err, ex=ex), documents)
    if fault.range is None:
        return None
    assert fault.uri == uri
    return fault.range.start.line, fault.range.start.character


MESSAGE = "\nUnable to resolve symbol: area in this context\n"


@pytest.mark.parametrize(
    ("err", "where"),
    [
        # Clojure ≥ 1.10, at the document's own line and column.
        (f"Syntax error compiling at ({PATH}:7:3).{MESSAGE}", (6, 2)),
        (f"Syntax error (ClassNotFoundException) compiling at ({PATH}:7:3).\nx.Y\n", (6, 2)),
        (f"Syntax error compiling area at ({PATH}:8:3).{MESSAGE}", (7, 2)),
        (f"Syntax error macroexpanding clojure.core/let at ({PATH}:7:3).\n[x] - failed\n", (6, 2)),
        (f"Syntax error macroexpanding at ({PATH}:7:3).\nno\n", (6, 2)),
        (f"Unexpected error (X) macroexpanding m at ({PATH}:8:3).\nno\n", (7, 2)),
        ("Syntax error reading source at (REPL:7:8).\nInvalid token: a:\n", (6, 7)),
        (
            "Syntax error reading source at (REPL:9:1).\nEOF while reading, starting at line 7\n",
            (6, 2),
        ),
        # A bare unknown symbol has no place: the code's own.
        (f"Syntax error compiling at (REPL:0:0).{MESSAGE}", (5, 0)),
        (f"Syntax error compiling at (NO_SOURCE_PATH:0:0).{MESSAGE}", (5, 0)),
        # While it runs: the short name and no column; or the REPL, or a library.
        ("Execution error (X) at demo.core/twice (core.clj:8).\nno\n", (7, 2)),
        ("Execution error at demo.core/twice (core.clj:8).\nno\n", (7, 2)),
        ("Execution error (X) at demo.core/area (core.clj:4).\nno\n", (3, 2)),
        ("Execution error (X) at demo.core/eval12 (REPL:8).\nno\n", (7, 2)),
        ("Execution error (X) at demo.core/eval12$fn (REPL:8).\nno\n", (7, 2)),
        ("Execution error (X) at other.core/area (core.clj:4).\nno\n", (5, 0)),
        ("Execution error (X) at clojure.lang.RT/nth (RT.java:7).\nno\n", (5, 0)),
        ("Error printing return value (X) at demo.core/twice (REPL:8).\nno\n", (7, 2)),
        ("Error printing return value (X) at clojure.lang.RT/x (RT.java:7).\nno\n", (5, 0)),
        # A line that is not in what was sent is a mistake, unless code was running.
        (f"Syntax error compiling at ({PATH}:1:1).{MESSAGE}", (5, 0)),
        (f"Syntax error compiling at (REPL:900:1).{MESSAGE}", (5, 0)),
        # Clojure < 1.10.
        (f"CompilerException java.lang.X: no, compiling:({PATH}:7:3) \n", (6, 2)),
        ("ArithmeticException no  demo.core/twice (core.clj:8)\n", (7, 2)),
        # SCI: babashka, with the whole path and without a word on what it was doing.
        (f"java.lang.ArithmeticException: no demo.core {PATH}:7:3\n", (6, 2)),
        (f"java.lang.ArithmeticException: no demo.core {PATH}:4:8\n", (3, 7)),
        ("clojure.lang.ExceptionInfo: no demo.core REPL:7:3\n", (6, 2)),
        # Janet, Guile.
        ("core.clj:7:3: compile error: unknown symbol area\n", (6, 2)),
        ("error: no\n  in twice [core.clj] on line 8, column 3\n", (7, 2)),
        # Unknown text.
        ("It went wrong.\n", (5, 0)),
    ],
)
async def test_the_texts_of_errors(err: str, where: tuple[int, int]) -> None:
    assert await place(err) == where


BASILISP = (
    "\n  exception: <class 'basilisp.lang.compiler.exception.CompilerException'>\n"
    "      phase: :analyzing\n    message: unable to resolve symbol 'area' in this context\n"
    "       form: area\n   location: {file}:7\n"
)
DATA = (
    'CompilerException: no {{:form area, :line 7, :file "{file}",'
    " :phase :analyzing, :col 3, :end-line 7}}\n"
)
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/x/site-packages/basilisp/contrib/nrepl_server.lpy", line 141, in do_handle_eval\n'
    '  File "{file}", line 8, in twice\n'
    '  File "/usr/lib/python3.11/fractions.py", line 157, in __new__\n'
    "ZeroDivisionError: no\n"
)


@pytest.mark.parametrize(
    ("err", "ex", "where"),
    [
        (BASILISP.format(file=PATH), None, (6, 2)),
        (BASILISP.format(file=PATH), "Traceback…\n" + DATA.format(file=PATH), (6, 3)),
        (BASILISP.format(file="<nREPL Input>"), None, (6, 2)),
        (
            "\n  exception: <class 'basilisp.lang.reader.SyntaxError'>\n"
            "    message: Unexpected char ')'\n       line: 7:2\n",
            None,
            (6, 2),
        ),
        (TRACE.format(file=PATH), TRACE.format(file=PATH), (7, 2)),
        (TRACE.format(file="<string>"), "ZeroDivisionError", (7, 2)),
        (
            'Traceback (most recent call last):\n  File "<string>", line 7\n    (+ 1\n       ^\n'
            "hy.PrematureEndOfInput: Premature end\n",
            None,
            (6, 2),
        ),
        (
            "no\n",
            f'#error {{:message "no", :data {{:line 7, :column 4, :file "{PATH}"}}}}',
            (6, 3),
        ),
        ("no\n", '#error {:message "no", :data {:line 7, :column 4}}', (6, 3)),
        ("", "Error: it has no place", (5, 0)),
    ],
)
async def test_texts_with_data_beside_them(
    err: str, ex: str | None, where: tuple[int, int]
) -> None:
    assert await place(err, ex) == where


@pytest.mark.parametrize(
    ("err", "where"),
    [
        (f"Syntax error compiling at ({PATH}:7:3).{MESSAGE}", (6, 2)),
        ("Syntax error reading source at (REPL:7:3).\nUnmatched delimiter: )\n", (6, 2)),
        ("Execution error (X) at demo.core/area (core.clj:4).\nno\n", (3, 2)),
        # Of a whole file the first line is no place.
        ("Execution error (X) at a.B/c (B.java:-2).\nno\n", None),
        ("It went wrong.\n", None),
    ],
)
async def test_the_texts_of_files_errors(err: str, where: tuple[int, int] | None) -> None:
    assert await place(err, None, None) == where


@pytest.mark.parametrize(
    ("err", "where"),
    [
        ("Execution error (X) at clojure.lang.Numbers/divide (Numbers.java:4).\nno\n", (5, 0)),
        ("Execution error (X) at user/area (REPL:7).\nno\n", (6, 2)),
        ("Syntax error compiling at (/somewhere/else.clj:7:1).\nno\n", (5, 0)),
    ],
)
async def test_a_document_without_a_file_is_named_by_no_error(
    err: str, where: tuple[int, int]
) -> None:
    assert await place(err, uri="untitled:One") == where


async def test_lines_are_the_document_s_whatever_ends_them() -> None:
    text = '(ns demo.core)\r\n\f\r\n(str "😀"\r\n  (area 1))\r\n'
    documents = opened(text)
    code = code_in(documents, '(str "😀"\r\n  (area 1))')
    err = f"Syntax error compiling at ({PATH}:4:3).{MESSAGE}"
    fault = await fault_of(code, EvaluationResult("error", err=err), documents)
    assert fault.range == types.Range(types.Position(3, 2), types.Position(3, 10))


async def test_the_line_of_another_file_that_is_there(tmp_path: Path) -> None:
    other = tmp_path / "other.clj"
    other.write_text("(ns other)\n(boom)\n")
    documents = opened()
    code = code_in(documents, TWICE)
    said = f"Syntax error compiling at ({other}:2:1).\nno\n"
    fault = await fault_of(code, EvaluationResult("error", err=said), documents)
    assert (fault.uri, fault.range and fault.range.start.line) == (other.as_uri(), 1)
    gone = await fault_of(
        code, EvaluationResult("error", err=said.replace("other", "gone")), documents
    )
    assert (gone.uri, gone.range and gone.range.start.line) == (URI, FIRST)
    long = said.replace("other", "x" * 5000)
    fault = await fault_of(code, EvaluationResult("error", err=long), documents)
    assert fault.uri == URI


async def test_an_answer_without_words_says_its_status() -> None:
    documents = opened()
    result = EvaluationResult("error", failure=frozenset({"error", "namespace-not-found"}))
    fault = await fault_of(code_in(documents, TWICE), result, documents)
    assert fault.message == "error, namespace-not-found"
    result = EvaluationResult("error")
    assert (await fault_of(code_in(documents, TWICE), result, documents)).message


async def test_the_place_is_one_of_the_text_as_it_was_sent() -> None:
    documents = opened()
    code = code_in(documents, TWICE)
    documents.open(types.TextDocumentItem(URI, "clojure", 2, "\n" + TEXT))
    fault = await fault_of(code, EvaluationResult("error", err="boom"), documents)
    assert fault.range == code.first_line("utf-16")
    nowhere = Code("1", for_document("clojure", ""))
    fault = await fault_of(nowhere, EvaluationResult("error", err="boom"), documents)
    assert fault.range is None


@pytest.mark.parametrize(
    ("file", "is_same"),
    [
        (PATH, True),
        ("core.clj", True),
        ("demo/core.clj", True),
        ("other/core.clj", False),
        ("/elsewhere/demo/core.clj", False),
        (TEXT, True),
        ("(ns other)\n", False),
    ],
)
def test_the_names_of_a_file(file: str, is_same: bool) -> None:
    assert is_same_file(file, code_in(opened(), TWICE)) is is_same


parts = st.sampled_from(
    [
        *("Syntax error compiling at (", "Execution error (X) at demo.core/f (", "REPL", PATH),
        *(":3:1).\n", ":99999:7).\n", "core.clj", "other/../core.clj", "\0", "no\n", "é😀\n"),
        *('  File "', '", line 3, in f\n', "Traceback (most recent call last):\n", "X: y\n"),
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(parts, max_size=10).map("".join), st.booleans())
async def test_the_place_is_inside_the_document(err: str, is_file: bool) -> None:
    documents = opened()
    code = code_in(documents, None if is_file else TWICE)
    fault = await fault_of(code, EvaluationResult("error", err=err), documents)
    if fault.range is not None and fault.uri == URI:
        assert code.snapshot is not None
        lines = code.snapshot.lines
        start, end = fault.range.start, fault.range.end
        assert (start.line, start.character) <= (end.line, end.character)
        assert end.line < lines.line_count
        assert end.character <= len(lines.line_text(end.line))
