"""Printed objects without what tells nobody anything: addresses in memory, compilers' names."""

import re

from nrepl_lsp.tooling.jvm_frames import demunged

__all__ = ["shortened_objects"]

#: `#object[clojure.lang.Atom 0x5c "…"` as Clojure prints since 1.7.
_OBJECT = re.compile(r'#object\[([^\s\]"]{1,300}) 0x[0-9a-f]+(?: "((?:[^"\\]|\\.){0,300})"(?=\]))?')
#: `<function f at 0x7f…>` as Python prints, with or without a hash sign.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,16}(?=>)")
#: `user$f@6d1e`: what an object says of itself that has nothing to say.
_NO_WORDS = re.compile(r"[^\s@]+@[0-9a-f]+\Z")
#: Parts of a compiled function's class that the compiler has made up.
_MADE_UP = re.compile(r"__\d+(?:__auto__)?$")
_EVAL = re.compile(r"eval\d+\Z")


def shortened_objects(text: str) -> str:
    """The same text, its objects shorter: `#function[user/f]`, `#object[java.io.File "a"]`."""
    if "#object[" in text:
        text = _OBJECT.sub(_object, text)
    if " at 0x" in text:
        text = _ADDRESS.sub("", text)
    return text


def _object(found: "re.Match[str]") -> str:
    class_name, words = found[1], found[2]
    is_silent = words is not None and _NO_WORDS.match(words) is not None
    owner, dollar, name = class_name.partition("$")
    # Java's inner classes have a `$` as well; namespaces are written small.
    is_function = dollar and not owner.rpartition(".")[2][:1].isupper()
    if is_function and is_silent:
        parts = [_MADE_UP.sub("", part) for part in name.split("$") if not _EVAL.match(part)]
        return f"#function[{demunged(owner)}/{demunged('/'.join(parts) or 'fn')}"
    shown = class_name.removeprefix("clojure.lang.")
    return f"#object[{shown}" + (f' "{words}"' if words is not None and not is_silent else "")
