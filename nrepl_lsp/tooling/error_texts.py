"""
How servers write errors: one reader for each kind of text, which gives None for any other.

Clojure's texts, SCI's (babashka, nbb), Basilisp's reports, Python tracebacks (Basilisp, Hy),
Janet's and `file:line:column` lines.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from .causes import MAX_FRAMES
from .locations import is_no_source
from .tracebacks import DATA_PLACE, FRAME, LAST_LINE, causes_in_text
from .values import ErrorPlace, ErrorReport

__all__ = ["READERS", "class_of"]


def class_of(ex: str) -> str | None:
    """The class in `ex`: `class java.lang.X`, `ZeroDivisionError` or `Error: message`."""
    name = ex.removeprefix("class ").strip()
    found = re.match(r"([A-Za-z_][\w.$]*)(?::|\Z)", name)
    return found[1] if found else None


def _place(
    file: str | None, line: str | None, column: str | None = None, *, column_base: int = 1
) -> ErrorPlace | None:
    """A place from matched text; None for line 0, as in Clojure's `(REPL:0:0)`."""
    if line is None or not 0 < len(line) < 10 or int(line) <= 0:
        return None
    name = file.strip() if file else None
    at = int(column) + 1 - column_base if column and len(column) < 10 else 0
    return ErrorPlace(
        name if name and not is_no_source(name) else None, int(line), at if at > 0 else None
    )


# Clojure ≥ 1.10, as clojure.main/ex-str writes it.
_CLOJURE = re.compile(
    r"^(?P<kind>Syntax error|Unexpected error|Execution error|Error printing return value)"
    r"(?: \((?P<class>[\w.$]+)\))?"
    r"(?: (?P<phase>reading source|compiling|macroexpanding))?"
    r"(?: (?P<symbol>[^\s(]\S*))??(?: at(?: (?P<var>[^\s(]\S*))?)?"
    # Of native code the line is -2: `(NativeMethodAccessorImpl.java:-2)`.
    r" \((?P<file>.*?):(?P<line>-?\d+)(?::(?P<column>\d+))?\)\.[ \t]*$\n?(?P<message>(?s:.*))",
    re.MULTILINE,
)
_PHASES = {
    "reading source": "read",
    "compiling": "compile",
    "macroexpanding": "macroexpand",
    "Execution error": "execution",
    "Error printing return value": "print",
}
_OPENER = re.compile(r"^EOF while reading, starting at line (\d+)", re.MULTILINE)


def _clojure(err: str, ex: str) -> ErrorReport | None:
    found = _CLOJURE.search(err)
    if found is None:
        return None
    place = _place(found["file"], found["line"], found["column"])
    frames: tuple[tuple[str, ErrorPlace], ...] = ()
    opener = _OPENER.match(found["message"])
    if opener and place:
        # The text's end is no help; the form that was never closed is.
        frames = (("end of input", place),)
        place = ErrorPlace(place.file, int(opener[1]))
    elif found["var"] and place:
        frames = ((found["var"], place),)
    return ErrorReport(
        found["message"] or found[0].partition("\n")[0],
        found["class"] or class_of(ex),
        _PHASES.get(found["phase"] or found["kind"]),
        place,
        frames,
    )


# Clojure < 1.10.
_OLD_COMPILER = re.compile(
    r"^(?:CompilerException )?(?P<class>[\w.$]+): (?P<message>.*),"
    r" compiling:\((?P<file>.{0,300}?):(?P<line>\d+)(?::(?P<column>\d+))?\)",
    re.MULTILINE,
)
_OLD_RUNTIME = re.compile(
    r"^(?P<class>[\w.$]+(?:Exception|Error)) (?P<message>.*?) {2}\S+ "
    r"\((?P<file>[^()]*?):(?P<line>\d+)\)",
    re.MULTILINE,
)


def _old_clojure(err: str, ex: str) -> ErrorReport | None:
    for pattern, phase in ((_OLD_COMPILER, "compile"), (_OLD_RUNTIME, "execution")):
        found = pattern.search(err)
        if found:
            fields = found.groupdict()
            place = _place(fields["file"], fields["line"], fields.get("column"))
            return ErrorReport(found["message"], found["class"], phase, place)
    return None


# Basilisp's formatted reports; its columns count from 0.
_BASILISP_FIELD = re.compile(
    r"^ *(?P<name>exception|phase|message|form|location|line): (?P<value>.*)$", re.MULTILINE
)
_BASILISP_CLASS = re.compile(r"<class '([^']+)'>")
_BASILISP_DATA = re.compile(
    r"\{(?P<data>:(?:phase|line|end-line|col|end-col|file|form) .*)\}[ \t]*$", re.MULTILINE
)
_BASILISP_PHASES = {":analyzing": "compile", ":macroexpansion": "macroexpand"}


def _basilisp(err: str, ex: str) -> ErrorReport | None:
    fields = {found["name"]: found["value"] for found in _BASILISP_FIELD.finditer(err)}
    if not {"exception", "message"} <= fields.keys():
        return None
    class_name = _BASILISP_CLASS.search(fields["exception"])
    file, _, line = fields.get("location", "").rpartition(":")
    place = _place(file, line) if line.isdecimal() else None
    phase = _BASILISP_PHASES.get(fields.get("phase", ""), "compile")
    if "line" in fields:
        phase = "read"
        reader_line, _, column = fields["line"].partition(":")
        if reader_line.isdecimal() and column.isdecimal():
            place = _place(file, reader_line, column, column_base=0)
    exact = _basilisp_data_place(ex, place)
    return ErrorReport(
        fields["message"], class_name[1] if class_name else None, phase, exact or place
    )


def _basilisp_data_place(ex: str, place: ErrorPlace | None) -> ErrorPlace | None:
    """The place in the exception's data, which has a column, and a line for macros' insides."""
    for found in _BASILISP_DATA.finditer(ex):
        line = re.search(r"(?<![\w-]):line (\d+)", found["data"])
        column = re.search(r"(?<![\w-]):col (\d+)", found["data"])
        file = re.search(r'(?<![\w-]):file "([^"]*)"', found["data"])
        if line is None or (place is not None and place.line != int(line[1])):
            continue
        return _place(file and file[1], line[1], column and column[1], column_base=0)
    return None


# Python: hy-nrepl, and Basilisp at run time. Frames of installed code are not the user's.
_LIBRARY = re.compile(r"[/\\](?:site-packages|dist-packages|python3[.\d]*)[/\\]|^<frozen ")


def _traceback(err: str, ex: str) -> ErrorReport | None:
    text = err if "Traceback (most recent call last)" in err else ex
    _, marker, text = text.rpartition("Traceback (most recent call last):")
    class_name, message = _last_line(text)
    if not marker or not (class_name or message):
        return None
    frames = []
    for found in FRAME.finditer(text):
        place = _place(found["file"], found["line"])
        if place and not _LIBRARY.search(found["file"]):
            frames.append((found["name"] or "", place))
    frames = frames[-MAX_FRAMES:][::-1]
    phase = "execution" if frames and frames[0][0] else None
    if frames and not frames[0][0]:
        phase = "read"
    place = frames[0][1] if frames else None
    return ErrorReport(message, class_name, phase, place, tuple(frames))


def _last_line(traceback: str) -> tuple[str | None, str]:
    """`Class: message` below the frames; the message may go on over further lines."""
    below = [line for line in traceback.splitlines() if line and not line.startswith(" ")]
    for line in below:
        found = LAST_LINE.match(line)
        if found:
            return found["class"], found["message"] or ""
    return None, below[-1] if below else ""


# nbb prints the error's data into `ex`.
_NBB = re.compile(r"#error \{:message ")
_NBB_PHASE = re.compile(r':phase "(\w+)"')
_NBB_PHASES = {"parse": "read", "analysis": "compile"}
_BRACKET_OPENER = re.compile(r"EOF while reading, expected \S+ to match \S+ at \[(\d+),(\d+)\]")


def _nbb(err: str, ex: str) -> ErrorReport | None:
    if not _NBB.match(ex):
        return None
    found = DATA_PLACE.search(ex)
    place = _place(found["file"], found["line"], found["column"]) if found else None
    if place is not None and place.file is None:
        place = _nbb_file(place, ex)
    message = err.strip() or ex
    phase = _NBB_PHASE.search(ex)
    place, frames = _at_opener(message, place)
    return ErrorReport(
        message, None, _NBB_PHASES.get(phase[1]) if phase else "execution", place, frames
    )


def _nbb_file(place: ErrorPlace, ex: str) -> ErrorPlace:
    """The place with the file of the innermost call; after `load-file` that is the file's text."""
    frames = (frame for cause in causes_in_text("", ex) for frame in cause.frames)
    inner = next(frames, None)
    return inner.place if inner and inner.place and inner.place.line == place.line else place


def _at_opener(
    message: str, place: ErrorPlace | None
) -> tuple[ErrorPlace | None, tuple[tuple[str, ErrorPlace], ...]]:
    """SCI's reader names the bracket that was never closed; that is the place to show."""
    opener = _BRACKET_OPENER.search(message)
    if opener is None or place is None:
        return place, ()
    return _place(place.file, opener[1], opener[2]), (("end of input", place),)


# babashka: `class: message namespace file:line:column`, without the place for some.
# The message may have many lines, so that the place is looked for by itself, from the end.
_SCI_PLACE = re.compile(
    r".*(?P<where> [^\s/\\:]+"
    r" (?P<file>/.*?|[A-Za-z]:[/\\].*?|[^\s:]+):(?P<line>\d+):(?P<column>\d+))[ \t]*\Z"
)
_SCI_CLASS = re.compile(r"^(?P<class>[\w.$]*)(?:: |\Z)", re.MULTILINE)
_SCI_LINE_END = re.compile(r":\d+:\d+[ \t]*$", re.MULTILINE)
# Lines that look like one with a place, and characters of each.
_SCI_LINES, _SCI_COLUMNS = 20, 600
_SCI_WITHOUT_PLACE = re.compile(r"\A(?P<class>[\w.$]*): (?P<message>.+) (?P<ns>[^\s/:]+) \n?\Z")


def _sci(err: str, ex: str) -> ErrorReport | None:
    for line in reversed(deque(_SCI_LINE_END.finditer(err), _SCI_LINES)):
        start = max(err.rfind("\n", 0, line.start()) + 1, line.end() - _SCI_COLUMNS)
        found = _SCI_PLACE.match(err, start, line.end())
        lead = _SCI_CLASS.search(err, 0, found.start("where")) if found else None
        if found and lead:
            message = err[lead.end() : found.start("where")]
            place, frames = _at_opener(err, _place(found["file"], found["line"], found["column"]))
            return ErrorReport(message, lead["class"] or None, None, place, frames)
    found = _SCI_WITHOUT_PLACE.match(err)
    return ErrorReport(found["message"], found["class"] or None) if found else None


# Janet (`name:l:c: compile error: …`, `in f [name] on line 6, column 3`), Guile, compilers.
_PREFIXED = re.compile(
    r"^(?:error: )?(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+):"
    r" (?P<message>.+)$",
    re.MULTILINE,
)
_JANET_FRAME = re.compile(
    r"^ +in (?P<name>\S+) \[(?P<file>[^\]\n]+)\].* on line (?P<line>\d+), column (?P<column>\d+)",
    re.MULTILINE,
)


def _prefixed(err: str, ex: str) -> ErrorReport | None:
    found = _PREFIXED.search(err)
    frames: list[tuple[str, ErrorPlace]] = []
    for frame in _JANET_FRAME.finditer(err):
        place = _place(frame["file"], frame["line"], frame["column"])
        if place and len(frames) < MAX_FRAMES:
            frames.append((frame["name"], place))
    if found:
        place = _place(found["file"], found["line"], found["column"])
        return ErrorReport(found["message"], None, None, place, tuple(frames))
    if frames:
        message = err.partition("\n")[0].removeprefix("error: ")
        return ErrorReport(message, None, "execution", frames[0][1], tuple(frames))
    return None


READERS: tuple[Callable[[str, str], ErrorReport | None], ...] = (
    _clojure,
    _basilisp,
    _nbb,
    _traceback,
    _sci,
    _old_clojure,
    _prefixed,
)
