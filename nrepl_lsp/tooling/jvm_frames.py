"""The frames of a JVM, by the names that people read."""

from __future__ import annotations

import re

from .causes import StackFrame, place_of
from .locations import is_no_source

__all__ = ["class_path_name", "demunged", "jvm_frame"]

_TOOLING = re.compile(
    r"clojure\.lang\.(?:Compiler|RT|AFn|AFunction|RestFn|Var|Util|DynamicClassLoader)\b"
    r"|clojure\.main\b|clojure\.core\$(?:eval|apply|with_bindings|load|require|use)\b"
    r"|clojure\.core\$(?:with_bindings_STAR_|load_\w+|bound_fn_STAR_|binding_conveyor_fn)\b"
    r"|clojure\.spec\.alpha\$macroexpand_check\b|(?:nrepl|cider|refactor_nrepl|clojure\.tools\.nrepl)\."
    r"|java\.lang\.(?:Thread\b|reflect\.)|java\.util\.concurrent\.|jdk\.internal\.|sun\.reflect\."
)
_GENSYM = re.compile(r"__\d+$")
_SOURCE = re.compile(r"\.(?:clj|cljc|cljs|lpy|bb)$")
_MUNGED_WORDS = (
    "QMARK BANG STAR PLUS GT LT EQ SLASH DIV PERCENT AMPERSAND SINGLEQUOTE TILDE CIRCA SHARP CARET"
    " COLON BAR DOT"
)
_MUNGED = {
    **{
        f"_{word}_": char
        for word, char in zip(_MUNGED_WORDS.split(), "?!*+><=//%&'~@#^:|.", strict=True)
    },
    "_": "-",
}
_MUNGED_NAME = re.compile("|".join(_MUNGED))


def jvm_frame(class_name: str, method: str, file: str | None, line: int | None) -> StackFrame:
    """A frame from what a `StackTraceElement` says."""
    is_tooling = _TOOLING.match(class_name) is not None
    place = place_of(class_path_name(class_name, file), line)
    is_code = file is None or file == "NO_SOURCE_FILE" or _SOURCE.search(file) is not None
    ns, dollar, function = class_name.partition("$")
    if not (dollar and is_code):
        return StackFrame(f"{class_name}/{method}", place, is_tooling=is_tooling)
    parts = (_GENSYM.sub("", part) for part in function.split("$"))
    name = "/".join(demunged(part) for part in parts if part and not part.isdecimal())
    return StackFrame(f"{demunged(ns)}/{name or method}", place, is_tooling=is_tooling)


def demunged(name: str) -> str:
    """A name as it was written, of the one that the compiler gave to a class."""
    return _MUNGED_NAME.sub(lambda found: _MUNGED[found[0]], name)


def class_path_name(class_name: str, file: str | None) -> str | None:
    """The class path's name of a file that a class file knows by its last part only."""
    if file is None or "/" in file or "\\" in file or is_no_source(file):
        return file
    folder = class_name.partition("$")[0].rpartition(".")[0].replace(".", "/")
    return f"{folder}/{file}" if folder else file
