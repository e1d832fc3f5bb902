"""What the symbols of a namespace are to its reader: the types and modifiers of their tokens."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from nrepl_lsp.source.naming.names import Names
from nrepl_lsp.tooling.var_kinds import VarKinds

from ..announcements import SEMANTIC_TOKENS

__all__ = ["MODIFIERS", "SPECIAL_FORMS", "TYPES", "UNRESOLVED", "Piece", "Vocabulary"]

TYPES = tuple(SEMANTIC_TOKENS.token_types)
"""The legend's token types; a special form is a keyword."""

MODIFIERS = tuple(SEMANTIC_TOKENS.token_modifiers)
"""The legend's modifiers."""

DEPRECATED, DEFAULT_LIBRARY, UNRESOLVED = (
    1 << MODIFIERS.index(name) for name in ("deprecated", "defaultLibrary", "unresolved")
)

_NAMESPACE, _CLASS, _KEYWORD = (TYPES.index(name) for name in ("namespace", "class", "keyword"))
_TYPES = {name: TYPES.index(name) for name in ("function", "macro", "variable")}

SPECIAL_FORMS = frozenset(
    "def if do let* fn* loop* letfn* case* recur quote var throw try catch finally new set!"
    " monitor-enter monitor-exit import* reify* deftype* .".split()
)


class Piece(NamedTuple):
    """A part of a symbol: from and to count from its start; `modifiers` is a set of bits."""

    start: int
    end: int
    type: int
    modifiers: int = 0


class Vocabulary:
    """The symbols of one namespace as its text writes them, with what the program knows."""

    def __init__(
        self, names: Names, kinds: Mapping[str, VarKinds], defined: Collection[str]
    ) -> None:
        self._names = names
        self._kinds = kinds
        self._defined = defined
        self._cores = [core for core in names.core if core in kinds]
        self._namespaces = {*names.aliases, *names.aliases.values(), *names.uses}
        self._namespaces |= {*names.refers.values()} | ({names.ns} if names.ns else set())
        self._pieces: dict[tuple[str, bool], tuple[Piece, ...]] = {}
        own = kinds.get(names.ns) if names.ns else None
        brought = {*names.aliases.values(), *names.refers.values(), *names.uses}
        #: Whether everything that a name could mean is known.
        self.is_complete = (
            own is not None
            and own.has_private
            and bool(self._cores)
            and all(ns in kinds for ns in brought)
        )

    def pieces(self, symbol: str, *, is_import: bool = False) -> tuple[Piece, ...]:
        """What a symbol that is no local is; in forms that bring names in, rather a namespace."""
        key = (symbol, is_import)
        known = self._pieces.get(key)
        if known is None:
            known = self._pieces[key] = self._look_up(symbol, is_import)
        return known

    def is_unknown(self, symbol: str) -> bool:
        """Whether a symbol in code surely means nothing: for names that could be nothing else.

        Classes are loaded under names that no op lists, so nothing with a capital letter or a dot
        counts, nor what the document itself defines.
        """
        if not self.is_complete or "." in symbol or symbol[:1] in ":#%&_'^" or self._is(symbol):
            return False
        prefix, slash, name = symbol.partition("/")
        if slash and prefix:
            ns = self._names.aliases.get(prefix)
            kinds = self._kinds.get(ns) if ns is not None else None
            return (
                kinds is not None and kinds.has_private and bool(name) and name not in kinds.kinds
            )
        return not symbol[:1].isupper() and symbol not in self._defined

    def _is(self, symbol: str) -> bool:
        return bool(self.pieces(symbol)) and "/" not in symbol

    def _look_up(self, symbol: str, is_import: bool) -> tuple[Piece, ...]:
        if symbol in SPECIAL_FORMS:
            return (Piece(0, len(symbol), _KEYWORD),)
        if is_import and symbol in self._namespaces:
            return (Piece(0, len(symbol), _NAMESPACE),)
        prefix, slash, name = symbol.partition("/")
        if slash and prefix and name:
            return self._qualified(prefix, name)
        names = self._names
        cores = () if symbol in names.excluded else self._cores
        for ns in (names.ns, names.refers.get(symbol), *names.uses, *cores):
            is_referred = ns is not None and ns == names.refers.get(symbol)
            name = names.originals.get(symbol, symbol) if is_referred else symbol
            piece = self._var(ns, name, 0, len(symbol))
            if piece is not None:
                return (piece,)
        # `Date.` is its constructor.
        if symbol.removesuffix(".") in names.imports:
            return (Piece(0, len(symbol.removesuffix(".")), _CLASS),)
        if symbol in self._namespaces:
            return (Piece(0, len(symbol), _NAMESPACE),)
        return ()

    def _qualified(self, prefix: str, name: str) -> tuple[Piece, ...]:
        ns = self._names.aliases.get(prefix, prefix)
        if prefix in self._names.imports and prefix not in self._names.aliases:
            return (Piece(0, len(prefix), _CLASS),)
        if ns not in self._kinds and prefix not in self._namespaces:
            return ()
        start = len(prefix) + 1
        var = self._var(ns, name, start, start + len(name))
        return (Piece(0, len(prefix), _NAMESPACE), *((var,) if var is not None else ()))

    def _var(self, ns: str | None, name: str, start: int, end: int) -> Piece | None:
        kinds = self._kinds.get(ns) if ns is not None else None
        kind = kinds.kinds.get(name) if kinds is not None else None
        if kinds is None or kind is None:
            return None
        is_core = ns in self._cores
        if is_core and kind == "variable" and not name.startswith("*"):
            # nbb 1.6.214 has functions in its core without their parameters: nothing to show.
            return Piece(start, start, _TYPES[kind])
        modifiers = DEPRECATED * (name in kinds.deprecated) + DEFAULT_LIBRARY * is_core
        return Piece(start, end, _TYPES[kind], modifiers)
