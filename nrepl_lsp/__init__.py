"""nrepl-lsp: a language server for every language that has an nREPL."""

__version__ = "0.1.0"
