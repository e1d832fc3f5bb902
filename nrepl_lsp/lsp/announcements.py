"""The options that `initialize` announces requests with.

They stand apart from the handlers, which are imported only when they are first needed.
"""

from lsprotocol import types

from nrepl_lsp.source.languages import LANGUAGES

__all__ = [
    "CODE_ACTION",
    "CODE_ACTION_KINDS",
    "CODE_LENS",
    "COMPLETION",
    "SEMANTIC_TOKENS",
    "SIGNATURE_HELP",
]

COMPLETION = types.CompletionOptions(
    # A character of another language is answered with nothing.
    trigger_characters=sorted({mark for it in LANGUAGES for mark in it.trigger_characters}),
    resolve_provider=True,
)

SIGNATURE_HELP = types.SignatureHelpOptions(
    trigger_characters=["(", " "], retrigger_characters=[")"]
)

CODE_ACTION_KINDS = (
    "nrepl",
    "nrepl.evaluate",
    "nrepl.evaluate.form",
    "nrepl.evaluate.list",
    "nrepl.evaluate.topLevelForm",
    "nrepl.evaluate.selection",
    "nrepl.evaluate.changedForms",
    "nrepl.evaluate.comment",
    "nrepl.evaluate.replace",
    "nrepl.evaluate.checkComments",
    "nrepl.evaluate.file",
    "nrepl.trace",
    "nrepl.inspect",
    "nrepl.inspect.push",
    "nrepl.inspect.pop",
    "nrepl.inspect.page",
    "nrepl.inspect.refresh",
    "nrepl.interrupt",
    "nrepl.input",
    "nrepl.connect",
    "nrepl.test",
    "nrepl.test.one",
    "nrepl.test.namespace",
    "nrepl.test.failed",
    "nrepl.more",
    "nrepl.more.copyResult",
    "nrepl.more.evaluateToCursor",
    "nrepl.more.undef",
    "nrepl.more.clearResults",
    "nrepl.more.evaluateBuffer",
    "nrepl.more.evaluateNamespaceForm",
    "nrepl.more.runAllTests",
    "nrepl.more.reload",
    "nrepl.more.switchNamespace",
    "nrepl.more.undefAll",
    "nrepl.more.newSession",
    "nrepl.more.showOutput",
    "nrepl.more.doc",
    "nrepl.more.apropos",
    "nrepl.more.status",
    "nrepl.more.connect",
    "nrepl.more.disconnect",
    "quickfix",
    "quickfix.addRequire",
    "quickfix.addRefer",
    "quickfix.addImport",
    "refactor",
    "refactor.expand",
    "refactor.expand.macro",
    "refactor.expand.comment",
    "refactor.collapse",
    "refactor.collapse.macro",
    "refactor.rewrite.threadFirst",
    "refactor.rewrite.threadFirstAll",
    "refactor.rewrite.threadLast",
    "refactor.rewrite.threadLastAll",
    "refactor.rewrite.unwindThread",
    "refactor.rewrite.unwindThreadAll",
    "refactor.rewrite.cycle",
    "source",
    "source.organizeImports",
    "source.organizeImports.cleanNs",
)

CODE_ACTION = types.CodeActionOptions(
    code_action_kinds=list(CODE_ACTION_KINDS), resolve_provider=True
)

CODE_LENS = types.CodeLensOptions()

SEMANTIC_TOKENS = types.SemanticTokensLegend(
    token_types=["namespace", "class", "function", "macro", "keyword", "variable", "parameter"],
    # `unresolved` is not LSP's: only clients that list it get it.
    token_modifiers=["deprecated", "defaultLibrary", "unresolved"],
)
