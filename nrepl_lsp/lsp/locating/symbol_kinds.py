"""What LSP calls the kinds of definitions."""

from collections.abc import Mapping
from types import MappingProxyType

from lsprotocol.types import SymbolKind

__all__ = ["SYMBOL_KINDS"]

SYMBOL_KINDS: Mapping[str, int] = MappingProxyType(
    {
        "namespace": SymbolKind.Namespace.value,
        "function": SymbolKind.Function.value,
        # LSP knows no macros; what they are to a reader of the text is a function.
        "macro": SymbolKind.Function.value,
        "variable": SymbolKind.Variable.value,
        "constant": SymbolKind.Constant.value,
        "class": SymbolKind.Class.value,
        "protocol": SymbolKind.Interface.value,
        "method": SymbolKind.Method.value,
        "multimethod": SymbolKind.Function.value,
        "test": SymbolKind.Function.value,
        "keyword": SymbolKind.Key.value,
        "field": SymbolKind.Field.value,
        "comment": SymbolKind.Package.value,
    }
)
"""`Definition.kind` → `SymbolKind`, as a plain number."""
