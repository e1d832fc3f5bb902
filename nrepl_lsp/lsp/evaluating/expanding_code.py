"""The code that has a program expand a call where no op of its does."""

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.calling.macro_steps import step_code

from .macro_expansions import Expanding, NotExpandedError

__all__ = ["expanding_code"]


async def expanding_code(repl: Repl, expanding: Expanding, timeout: float) -> str:
    """A call of the program's own expander. Raises `NotExpandedError` where it has none."""
    language, text = expanding.snapshot.language, expanding.text
    if expanding.how == "1":
        return f"(macroexpand-1 '{text})"
    if expanding.how == "step":
        return step_code(language, text)
    for ns in ("clojure.walk", "basilisp.walk"):
        if await repl.loaded_namespace(ns, language.family, timeout):
            return f"({ns}/macroexpand-all '{text})"
    raise NotExpandedError("This program can expand one call only, not all in it.")
