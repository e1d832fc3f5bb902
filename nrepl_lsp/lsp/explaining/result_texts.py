"""What a hover and a hint's tooltip say of what a form came to."""

from functools import lru_cache

from nrepl_lsp.source.languages import Language

from ..evaluating.outcomes import Outcome
from ..showing.errors import said
from ..showing.short_form import missing_characters, uncoloured
from ..showing.wording import time_taken
from .docstrings import fenced, inline_code

__all__ = ["result_text", "result_tooltip"]

#: Lines and characters of a value in a hover; of its output, which is shown from the end.
VALUE_LINES = 40
VALUE_LIMIT = 8_000
OUTPUT_LINES = 12
OUTPUT_LIMIT = 2_000
#: The same of a tooltip: there may be 500 in one answer.
TOOLTIP_LINES = 12
TOOLTIP_LIMIT = 1_000
#: Values of a selection that are shown.
VALUES_SHOWN = 5
#: Characters of a value that is laid out, which takes 1 ms for each thousand.
LAID_OUT_LIMIT = 30_000


def result_text(outcome: Outcome, language: Language, *, markdown: bool) -> str:
    """The value on as many lines as it needs, what was printed, and when and where that was."""
    show = _Shown(language.fence, markdown)
    parts = [show.heading(outcome)]
    if outcome.status == "error":
        parts.append(show.error(outcome))
    else:
        values = outcome.values[-VALUES_SHOWN:]
        if len(outcome.values) > len(values):
            parts.append(f"The last {len(values)} of {len(outcome.values):,} values:")
        parts += [
            show.value(value, _laid_out(language, value), VALUE_LINES, VALUE_LIMIT)
            for value in values
        ]
    parts += [show.printed(outcome.out)]
    return "\n\n".join(part for part in parts if part)


def result_tooltip(outcome: Outcome, fence: str, *, markdown: bool) -> str:
    """The same, short and as it was printed."""
    show = _Shown(fence, markdown)
    if outcome.status == "error":
        body = show.error(outcome)
    else:
        value = outcome.values[-1] if outcome.values else ""
        body = show.value(value, value, TOOLTIP_LINES, TOOLTIP_LIMIT)
    return "\n\n".join(part for part in (show.heading(outcome), body) if part)


class _Shown:
    """How it is shown to one client: as Markdown, or as plain text."""

    def __init__(self, fence: str, markdown: bool) -> None:
        self._fence = fence
        self._markdown = markdown

    def heading(self, outcome: Outcome) -> str:
        """When it was evaluated, how long that took, and in which namespace."""
        code = outcome.code
        ns = (code.ns if code is not None else None) or outcome.ns
        facts = [
            f"{outcome.at:%H:%M:%S}" if outcome.at is not None else "",
            time_taken(outcome.seconds) if outcome.seconds is not None else "",
            ns or "",
        ]
        title = "Failed" if outcome.status == "error" else "Value"
        if not outcome.values and outcome.status == "done":
            title = "No value"
        title = f"*{title}*" if self._markdown else title
        return f"{title} ({', '.join(fact for fact in facts if fact)})"

    def value(self, value: str, laid_out: str, lines: int, limit: int) -> str:
        """The beginning of a value, and how much there is of it."""
        missing = missing_characters(value)
        kept, rest = _beginning(uncoloured(laid_out), lines, limit)
        if not rest:
            return self._block(kept, self._fence)
        whole = len(value) + missing
        return f"{self._block(kept + ' …', self._fence)}\n\n{whole:,} characters in all."

    def error(self, outcome: Outcome) -> str:
        """The error's class and what it says."""
        fault = outcome.fault
        if fault is None:
            return ""
        message, rest = _beginning(uncoloured(said(fault)), TOOLTIP_LINES, TOOLTIP_LIMIT)
        shown = self._block(message + (" …" if rest else ""), "text")
        class_name = fault.class_name or ""
        if self._markdown and class_name:
            class_name = inline_code(class_name)
        return "\n\n".join(part for part in (class_name, shown) if part)

    def printed(self, out: str) -> str:
        """The end of what was printed."""
        text = uncoloured(out).rstrip()
        if not text.strip():
            return ""
        kept = text[-OUTPUT_LIMIT:]
        lines = kept.split("\n")
        kept = "\n".join(lines[-OUTPUT_LINES:])
        title = "Printed" if kept == text else "Printed last"
        title = f"*{title}*" if self._markdown else title
        return f"{title}\n\n{self._block(kept, 'text')}"

    def _block(self, text: str, fence: str) -> str:
        return fenced(text, fence) if self._markdown else text


@lru_cache(maxsize=8)
def _laid_out(language: Language, value: str) -> str:
    """A value on several lines. Remembered, because hovers ask again and again."""
    from nrepl_lsp.source.rewriting.printing import on_lines

    return on_lines(language, value) if len(value) <= LAID_OUT_LIMIT else value


def _beginning(text: str, lines: int, limit: int) -> tuple[str, bool]:
    """The first lines of a text, and whether there is more."""
    kept = "\n".join(text[: limit + 1].split("\n", lines)[:lines])[:limit]
    return kept, len(kept) < len(text.rstrip())
