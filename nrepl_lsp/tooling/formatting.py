"""Formatting code as the program does it."""

from nrepl_lsp.tooling.variants import Question

__all__ = ["FORMAT"]

FORMAT: Question[str, str] = Question("format", ())
