"""
Completions as LSP's items.

A label is the text that is inserted, and the edit's range is the whole symbol with its qualifier
and its dot, so that editors filter by the label (`.toU` by `.toUpperCase`, `s/jo` by `s/join`) and
need no `filterText`.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from lsprotocol import types

from nrepl_lsp.tooling.ranking import MAX_CANDIDATES
from nrepl_lsp.tooling.values import Candidate, Completions

from ..client import ClientFeatures
from .argument_snippets import call_snippet

__all__ = ["KINDS", "completion_list"]


def _orders(count: int) -> tuple[str, ...]:
    return tuple(f"{number:05}" for number in range(count))


# lsprotocol's CompletionItemKind as numbers: lists of thousands are built for one key press.
_TEXT, _FUNCTION, _CONSTRUCTOR, _FIELD, _VARIABLE, _CLASS, _MODULE = 1, 3, 4, 5, 6, 7, 9
_METHOD, _KEYWORD, _CONSTANT, _FILE = 2, 14, 21, 17
KINDS = {
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
    "alias": _MODULE,
    "special-form": _KEYWORD,
    "keyword": _CONSTANT,
    "resource": _FILE,
    "word": _TEXT,
}
"""
Kinds of candidates → kinds of items. Two are known from the text only: "alias", a short name of the
namespace `ns`, and "word", of which nothing else is known.
"""

#: The first texts to sort by; made once, because they are a tenth of a list's cost.
_ORDER = _orders(MAX_CANDIDATES)

_SNIPPET = types.InsertTextFormat.Snippet.value
_DEPRECATED = types.CompletionItemTag.Deprecated.value
_CALLABLE = ("function", "macro", "special-form")


def completion_list(
    found: Completions,
    *,
    limit: int,
    replace: dict[str, Any],
    data: dict[str, Any],
    client: ClientFeatures,
    fence: str = "",
    deprecated: Collection[str] = (),
    snippets: bool = False,
) -> dict[str, Any]:
    """
    A `CompletionList` as plain LSP data.

    replace: the range that a candidate takes the place of. data: what `completionItem/resolve`
    needs beside the label. fence: the language's name in Markdown. deprecated: labels to tag.
    snippets: whether functions are put there with their arguments to fill in. The order is kept
    through `sortText`.
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
    items = _items(candidates, client, data, fence)
    if "editRange" not in defaults:
        for item in items:
            # Kate 26.08 sends nonsense to resolve for items without an edit.
            item["textEdit"] = {"range": replace, "newText": item["label"]}
    if "data" not in defaults:
        for item in items:
            item.setdefault("data", data)
    if deprecated and client.completion_deprecated_tag:
        for item in items:
            if item["label"] in deprecated:
                item["tags"] = [_DEPRECATED]
    if snippets and client.completion_snippets:
        _put_arguments(items, candidates)
    result["items"] = items
    return result


def _items(
    candidates: tuple[Candidate, ...], client: ClientFeatures, data: dict[str, Any], fence: str
) -> list[dict[str, Any]]:
    """One literal each for the usual candidate, of a known kind in a namespace: lists are long."""
    kinds = {word: kind for word, kind in KINDS.items() if kind in client.completion_kinds}
    usual = {word: kind for word, kind in kinds.items() if word != "alias"}
    orders = _ORDER if len(candidates) <= len(_ORDER) else _orders(len(candidates))
    pairs = zip(orders, candidates, strict=False)
    if client.completion_label_details:
        return [
            {
                "label": label,
                "sortText": order,
                "kind": usual[kind],
                "labelDetails": {"description": ns},
            }
            if ns and not arglists and kind in usual
            else _item(order, candidate, kinds, client, data, fence)
            for order, candidate in pairs
            for label, kind, ns, _, arglists, _ in (candidate,)
        ]
    return [
        {"label": label, "sortText": order, "kind": usual[kind], "detail": ns}
        if ns and not arglists and kind in usual
        else _item(order, candidate, kinds, client, data, fence)
        for order, candidate in pairs
        for label, kind, ns, _, arglists, _ in (candidate,)
    ]


def _item(
    order: str,
    candidate: Candidate,
    kinds: Mapping[str, int],
    client: ClientFeatures,
    data: dict[str, Any],
    fence: str,
) -> dict[str, Any]:
    label, kind, ns, doc, arglists, _ = candidate
    item: dict[str, Any] = {"label": label, "sortText": order}
    if kind in kinds:
        item["kind"] = kinds[kind]
    if client.completion_label_details:
        if ns or arglists:
            item["labelDetails"] = _label_details(ns, arglists)
    elif ns or arglists:
        item["detail"] = " ".join((ns, *arglists)).strip()
    if kind in _UNKNOWN_TO_PROGRAM:
        # Data of its own that says nothing goes before the list's: nothing is asked about these.
        item["data"] = {}
        if doc and kind == "local":
            item["documentation"] = _documentation(doc, client, fence)
    elif kind == "alias":
        item["data"] = {**data, "symbol": ns}
    return item


_UNKNOWN_TO_PROGRAM = frozenset(("local", "keyword", "word"))


def _label_details(ns: str, arglists: tuple[str, ...]) -> dict[str, str]:
    details = {"description": ns} if ns else {}
    if arglists:
        details["detail"] = " " + " ".join(arglists)
    return details


def _documentation(code: str, client: ClientFeatures, fence: str) -> dict[str, str]:
    """Code as documentation."""
    if not client.completion_markdown:
        return {"kind": "plaintext", "value": code}
    ticks = "```" if "```" not in code else "````````"
    return {"kind": "markdown", "value": f"{ticks}{fence}\n{code}\n{ticks}"}


def _put_arguments(items: list[dict[str, Any]], candidates: Iterable[Candidate]) -> None:
    """Have each function put its arguments there as well, to be filled in one after the other."""
    for item, candidate in zip(items, candidates, strict=True):
        if not candidate.arglists or candidate.kind not in _CALLABLE:
            continue
        snippet = call_snippet(candidate.label, candidate.arglists)
        if snippet is None:
            continue
        item["insertTextFormat"] = _SNIPPET
        if "textEdit" in item:
            item["textEdit"] = {**item["textEdit"], "newText": snippet}
        else:
            # What goes with the list's range; older clients take the other.
            item["textEditText"] = item["insertText"] = snippet
