"""What takes long for a text as long as data is not done."""

import pytest

from .editor import Editor

TEXT = "(ns demo)\n(defn f [x]\n  x)\n"


@pytest.mark.parametrize(
    ("method", "module"),
    [
        ("textDocument/documentSymbol", "document_symbol"),
        ("textDocument/foldingRange", "folding_range"),
    ],
)
async def test_a_text_over_the_limit_is_not_gone_through(
    detached: Editor, monkeypatch: pytest.MonkeyPatch, method: str, module: str
) -> None:
    monkeypatch.setattr(f"nrepl_lsp.lsp.features.{module}.TEXT_LIMIT", len(TEXT))
    for text, is_read in ((TEXT, True), (TEXT + " ", False)):
        params = {"textDocument": {"uri": detached.open(text).uri}}
        assert bool(await detached.request(method, params)) == is_read
