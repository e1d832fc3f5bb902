"""From what the running program says to what LSP carries: the only place where the two meet."""

from pathlib import Path
from typing import Any

from nrepl_lsp.source.lines import Encoding, Lines
from nrepl_lsp.tooling.completion import MAX_CANDIDATES
from nrepl_lsp.tooling.values import Candidate, Completions, SourceLocation

from .client import ClientFeatures

__all__ = ["completion_list", "location", "location_in", "uri_of"]


def _orders(count: int) -> tuple[str, ...]:
    return tuple(f"{number:05}" for number in range(count))


# lsprotocol's CompletionItemKind as numbers: lists of thousands are built for one key press.
_FUNCTION, _CONSTRUCTOR, _FIELD, _VARIABLE, _CLASS, _MODULE = 3, 4, 5, 6, 7, 9
_METHOD, _KEYWORD, _CONSTANT, _FILE = 2, 14, 21, 17
_KINDS = {
    "function": _FUNCTION,
    "macro": _FUNCTION,
    "method": _METHOD,
    "static-method": _METHOD,
    "constructor": _CONSTRUCTOR,
    "field": _FIELD,
    "static-field": _CONSTANT,
    "variable": _VARIABLE,
    "local": _VARIABLE,
    "class": _CLASS,
    "namespace": _MODULE,
    "special-form": _KEYWORD,
    "keyword": _CONSTANT,
    "resource": _FILE,
}

#: The first texts to sort by; made once, because they are a tenth of a list's cost.
_ORDER = _orders(MAX_CANDIDATES)

#: Bytes of a target file that is read to convert a column.
TARGET_LIMIT = 16 * 1024 * 1024


def uri_of(path: Path) -> str:
    """A file's URI. The path is absolute."""
    return path.as_uri()


def completion_list(
    found: Completions,
    *,
    limit: int,
    replace: dict[str, Any],
    data: dict[str, Any],
    client: ClientFeatures,
) -> dict[str, Any]:
    """
    A `CompletionList` as plain LSP data.

    replace: the range that a candidate takes the place of. data: what `completionItem/resolve`
    needs beside the label. The server's order is kept through `sortText`.
    """
    candidates = found.candidates[:limit]
    result: dict[str, Any] = {
        "isIncomplete": found.is_incomplete or len(candidates) < len(found.candidates)
    }
    defaults: dict[str, Any] = {}
    if client.completion_default_edit_range:
        defaults["editRange"] = replace
    if client.completion_default_data:
        defaults["data"] = data
    if defaults:
        result["itemDefaults"] = defaults
    items = _items(candidates, client)
    if "editRange" not in defaults:
        for item in items:
            # Kate 26.08 sends nonsense to resolve for items without an edit.
            item["textEdit"] = {"range": replace, "newText": item["label"]}
    if "data" not in defaults:
        for item in items:
            item["data"] = data
    result["items"] = items
    return result


def _items(candidates: tuple[Candidate, ...], client: ClientFeatures) -> list[dict[str, Any]]:
    """One literal each for the usual candidate, of a known kind in a namespace: lists are long."""
    kinds = {word: kind for word, kind in _KINDS.items() if kind in client.completion_kinds}
    orders = _ORDER if len(candidates) <= len(_ORDER) else _orders(len(candidates))
    pairs = zip(orders, candidates, strict=False)
    if client.completion_label_details:
        return [
            {
                "label": label,
                "sortText": order,
                "kind": kinds[kind],
                "labelDetails": {"description": ns},
            }
            if ns and not arglists and kind in kinds
            else _item(order, label, kinds.get(kind), "labelDetails", _label_details(ns, arglists))
            for order, (label, kind, ns, _, arglists, _) in pairs
        ]
    return [
        {"label": label, "sortText": order, "kind": kinds[kind], "detail": ns}
        if ns and not arglists and kind in kinds
        else _item(order, label, kinds.get(kind), "detail", " ".join((ns, *arglists)).strip())
        for order, (label, kind, ns, _, arglists, _) in pairs
    ]


def _item(order: str, label: str, kind: int | None, name: str, details: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"label": label, "sortText": order}
    if kind is not None:
        item["kind"] = kind
    if details:
        item[name] = details
    return item


def _label_details(ns: str, arglists: tuple[str, ...]) -> dict[str, str]:
    details = {"description": ns} if ns else {}
    if arglists:
        details["detail"] = " " + " ".join(arglists)
    return details


def location(found: SourceLocation, path: Path, encoding: Encoding) -> dict[str, Any]:
    """
    A `Location` in a local file. Blocks on the disk when the column has to be converted.

    The server's column counts UTF-16 units, as far as it is known at all.
    """
    line, column = found.line, found.column or 0
    if column and encoding != "utf-16":
        column = _convert_column(path, line, column, encoding)
    position = {"line": line, "character": column}
    return {"uri": uri_of(path), "range": {"start": position, "end": position}}


def location_in(uri: str, found: SourceLocation) -> dict[str, Any]:
    """A `Location` at the start of a line of a document that the server was given the text of."""
    position = {"line": found.line, "character": 0}
    return {"uri": uri, "range": {"start": position, "end": position}}


def _convert_column(path: Path, line: int, column: int, encoding: Encoding) -> int:
    try:
        with path.open("rb") as file:
            lines = Lines(file.read(TARGET_LIMIT).decode("utf-8", "replace"))
    except OSError:
        return 0
    return lines.position(lines.offset(line, column, "utf-16"), encoding)[1]
