"""
Causes and frames in the text of an error: Python's tracebacks (Basilisp, Hy) and SCI's `#error`.

For servers that have no op for it and no session that keeps the error.
"""

from __future__ import annotations

import re

from .causes import (
    MAX_CAUSES,
    MAX_DATA,
    MAX_FRAMES,
    MAX_TEXT,
    Cause,
    StackFrame,
    without_repeats,
)
from .locations import is_no_source
from .values import ErrorPlace

__all__ = ["DATA_PLACE", "FRAME", "LAST_LINE", "MAX_READ", "bounded", "causes_in_text"]

MAX_READ = 128 * 1024
"""Characters of a text that are read, half of them from its end; nbb sends 700 kB for a stack
overflow."""


def causes_in_text(err: str, ex: str | None = None) -> tuple[Cause, ...]:
    """
    The causes, outermost first, and their frames, innermost first; none where the text has none.

    err, ex: as for `errors.report`. Basilisp has the whole traceback in `ex`, nbb the
    error printed.
    """
    ex = ex or ""
    if ex.startswith("#error {"):
        return _sci(bounded(ex))
    for text in (err, ex):
        if _TRACEBACK in text:
            return _tracebacks(bounded(text))
    return ()


def bounded(text: str, limit: int = MAX_READ) -> str:
    """The text, or its beginning and end: a report begins, and a traceback ends, with the news."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\n…\n{text[-limit // 2 :]}"


# -- Python -----------------------------------------------------------------------------------

_TRACEBACK = "Traceback (most recent call last):"
FRAME = re.compile(
    r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d{1,9})(?:, in (?P<name>.+))?$', re.MULTILINE
)
LAST_LINE = re.compile(r"^(?P<class>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
_LEADS_ON = re.compile(r"^(?:During handling of|The above exception was) ", re.MULTILINE)
_SERVER = re.compile(r"[/\\]basilisp[/\\]contrib[/\\]nrepl_server\.lpy$|[/\\]hy_?nrepl[/\\]", re.I)
_MACHINERY = re.compile(
    r"[/\\]basilisp[/\\](?:lang|importer\.py|core\.lpy)|[/\\]site-packages[/\\]hy[/\\]|^<frozen "
    r"|[/\\](?:functools|runpy)\.py$|[/\\]importlib[/\\]"
)
#: What Basilisp's compiler adds to names: `area_123`, `area__arity2`, `map___arity2__lisp_fn_17`.
_COMPILED = re.compile(r"_+(?:arity)?\d+$|_+arity_rest$|(?<=.)_*__lisp_fn$")
_WORDS = "Q EXCL PLUS STAR DIV LT GT EQ AMP PCT"
_CHARACTERS = {f"__{word}__": char for word, char in zip(_WORDS.split(), "?!+*/<>=&%", strict=True)}
_CHARACTER = re.compile("|".join(_CHARACTERS))
#: An exception with data is printed with it: `boom {:a 1}`.
_WITH_DATA = re.compile(r"(?P<message>.*?) ?(?P<data>\{:.*\})", re.DOTALL)


def _tracebacks(text: str) -> tuple[Cause, ...]:
    """A chain is printed innermost first, with sentences in between; others were only printed."""
    causes: list[Cause] = []
    for number, piece in enumerate(reversed(text.split(_TRACEBACK)[1:])):
        cause = _traceback(piece)
        if cause is None or len(causes) == MAX_CAUSES or (number and not _LEADS_ON.search(piece)):
            break
        causes.append(cause)
    return tuple(causes)


def _traceback(piece: str) -> Cause | None:
    frames: list[StackFrame] = []
    last: re.Match[str] | None = None
    rest: list[str] = []
    for line in piece.splitlines():
        found = FRAME.match(line)
        if found:
            frames.append(_python_frame(found))
        elif last is None and line and not line.startswith(" "):
            last = LAST_LINE.match(line)
        elif last is not None and _LEADS_ON.match(line):
            break
        elif last is not None:
            rest.append(line)
    if last is None:
        return None
    message = "\n".join([last["message"] or "", *rest]).strip()[:MAX_TEXT]
    data, with_data = None, _WITH_DATA.fullmatch(message)
    if with_data and last["class"].endswith("ExceptionInfo"):
        message, data = with_data["message"], with_data["data"][:MAX_DATA]
    elif with_data and last["class"].startswith("basilisp.lang."):
        # Where the reader or the compiler was: the report has it too.
        message = with_data["message"]
    return Cause(last["class"], message, data, None, _of_the_user(frames))


def _of_the_user(frames: list[StackFrame]) -> tuple[StackFrame, ...]:
    """Innermost first; what is outside of the server's own call is how it came to evaluate."""
    servers = [at for at, frame in enumerate(frames) if _is_the_server(frame)]
    first = servers[-1] + 1 if servers else 0
    kept = frames[first:][-MAX_FRAMES:][::-1]
    return without_repeats(kept)


def _is_the_server(frame: StackFrame) -> bool:
    return frame.place is not None and bool(_SERVER.search(frame.place.file or ""))


def _python_frame(found: re.Match[str]) -> StackFrame:
    file, name = found["file"], (found["name"] or "").strip()
    if name in ("", "<module>"):
        name = "top level"
    elif not file.endswith(".py"):
        name = _lisp_name(name)
    place = ErrorPlace(None if is_no_source(file) else file, max(1, int(found["line"])))
    return StackFrame(name, place, is_tooling=_MACHINERY.search(file) is not None)


def _lisp_name(name: str) -> str:
    """A function's name as it was written, as far as the compiler leaves it."""
    if name.startswith("__lisp_expr__"):
        return "top level"
    name = _CHARACTER.sub(lambda found: _CHARACTERS[found[0]], name)
    while name != (shorter := _COMPILED.sub("", name)) and shorter:
        name = shorter
    name = name.strip("_") or name
    return "fn" if name.startswith("lisp_fn") else name.replace("_", "-")


# -- SCI --------------------------------------------------------------------------------------

_ERROR = re.compile(r'#error \{:message (?:"(?P<message>(?:[^"\\]|\\.)*)"|nil)')
_OBJECT = re.compile(r"#object\[(?P<class>[\w.$]+) (?P<message>[^\n]*)\]\}*\Z")
_SCI_FRAME = re.compile(
    r"StackFrame\{:line (?P<line>\d{1,9}|nil), :column (?P<column>\d{1,9}|nil),"
    r"[^#\"]*:ns #object\[Ls (?P<ns>[^\]]+)\], :file (?P<file>nil|\"(?:[^\"\\]|\\.)*\")"
)
_CALLED = re.compile(r":name (?P<name>[^\s,}]+)")
DATA_PLACE = re.compile(
    r':line (?P<line>\d{1,9}), :column (?P<column>\d{1,9})(?:, :file "(?P<file>[^"\\]*)")?'
)


def _sci(text: str) -> tuple[Cause, ...]:
    """SCI wraps each error in one of its own, which has the place and the calls."""
    found: list[Cause] = []
    at = 0
    while len(found) < MAX_CAUSES and (start := _ERROR.search(text, at)):
        message = _unescaped(start["message"] or "")
        at = start.end()
        data = None
        if text.startswith(", :data {", at):
            opened = at + len(", :data ")
            at = _closed(text, opened)
            data = text[opened:at]
        found.append(_sci_cause(message, data))
        if not text.startswith(", :cause #error ", at):
            break
    if found and (thrown := _OBJECT.match(text, at + len(", :cause "))):
        message = thrown["message"].removeprefix(f"{thrown['class']}: ")
        found.append(Cause(thrown["class"], _unescaped(message)[:MAX_TEXT]))
    return tuple(_unwrapped(found))


def _sci_cause(message: str, data: str | None) -> Cause:
    data = data or ""
    if not data.startswith(("{:type :sci", "{:type :edamame")):
        return Cause("ExceptionInfo" if data else None, message[:MAX_TEXT], data[:MAX_DATA] or None)
    place = DATA_PLACE.search(data)
    return Cause(
        "sci",
        message[:MAX_TEXT],
        None,
        _sci_place(place["file"], place["line"], place["column"]) if place else None,
        _sci_frames(data),
    )


def _unwrapped(chain: list[Cause]) -> list[Cause]:
    """The chain without SCI's wrappers; what they know goes to the error that they wrap."""
    if len(chain) > 1 and chain[0].class_name == "sci":
        wrapper, inner = chain[0], chain[1]
        class_name = None if inner.class_name == "sci" else inner.class_name
        first = Cause(class_name, inner.message, inner.data, wrapper.place, wrapper.frames)
        chain = [first, *chain[2:]]
    return [
        Cause(None, one.message, one.data, one.place, one.frames)
        if one.class_name == "sci"
        else one
        for one in chain
    ]


def _sci_frames(data: str) -> tuple[StackFrame, ...]:
    """
    SCI's calls, innermost first. Each has the place of a call and the function that is called.

    So a place lies in the function that the call outside of it has called.
    """
    frames: list[StackFrame] = []
    inside, before = None, None
    found = list(_SCI_FRAME.finditer(data))
    for number, call in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(data)
        where = (call["line"], call["column"])
        meta = data[call.end() : min(end, call.end() + MAX_TEXT)]
        called = _CALLED.search(meta) if meta.startswith(", :f-meta {") else None
        if where != before:
            name = f"{call['ns']}/{inside}" if inside else f"{call['ns']} (top level)"
            frames.append(StackFrame(name, _sci_place(_string(call["file"]), *where)))
        if called:
            inside = called["name"]
        before = where
    return without_repeats(frames[-MAX_FRAMES:][::-1])


def _sci_place(file: str | None, line: str, column: str) -> ErrorPlace | None:
    """After `load-file`, nbb 1.6.214 takes the text for the file's name; so does the place."""
    if not line.isdecimal() or not int(line):
        return None
    name = file if file and not is_no_source(file) else None
    return ErrorPlace(name, int(line), int(column) if column.isdecimal() else None)


def _string(printed: str) -> str | None:
    return _unescaped(printed[1:-1]) if printed.startswith('"') else None


_TOKEN = re.compile(r'[^"{}\\]+|"(?:[^"\\]|\\.)*"?|\\.?|[{}]', re.DOTALL)


def _closed(text: str, at: int) -> int:
    """Where the map ends that is opened at a place; the text's end if it does not."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)
