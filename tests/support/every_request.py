"""Every request that an editor may send about a document, each at one place."""

from collections.abc import Iterator
from typing import Any

Place = dict[str, int]


def every_request(uri: str, place: Place, end: Place) -> Iterator[tuple[str, Any]]:
    """Method and params; `end` is where a range ends that begins at the place.

    Commands, which may evaluate, are not among them; nor is what resolves an answer.
    """
    document = {"textDocument": {"uri": uri}}
    at = {**document, "position": place}
    span = {"start": place, "end": end}
    options = {"tabSize": 2, "insertSpaces": True}
    for name in (
        *("hover", "definition", "declaration", "typeDefinition", "implementation"),
        *("documentHighlight", "prepareRename", "prepareCallHierarchy"),
    ):
        yield f"textDocument/{name}", at
    yield "textDocument/completion", {**at, "context": {"triggerKind": 1}}
    yield "textDocument/signatureHelp", at
    yield "textDocument/references", {**at, "context": {"includeDeclaration": True}}
    yield "textDocument/rename", {**at, "newName": "some-new-name"}
    yield "textDocument/selectionRange", {**document, "positions": [place, end]}
    yield "textDocument/formatting", {**document, "options": options}
    yield "textDocument/rangeFormatting", {**document, "range": span, "options": options}
    context = {"diagnostics": []}
    yield "textDocument/codeAction", {**document, "range": span, "context": context}
    yield "textDocument/inlayHint", {**document, "range": span}
    yield "textDocument/codeLens", document
    yield "textDocument/documentSymbol", document
    yield "textDocument/foldingRange", document
    yield "textDocument/semanticTokens/full", document
    yield "textDocument/semanticTokens/full/delta", {**document, "previousResultId": "none"}
    yield "textDocument/semanticTokens/range", {**document, "range": span}
    yield "workspace/symbol", {"query": "f"}
    item = {
        "name": "f",
        "kind": 12,
        "uri": uri,
        "range": span,
        "selectionRange": {"start": place, "end": place},
    }
    yield "callHierarchy/incomingCalls", {"item": item}
    yield "callHierarchy/outgoingCalls", {"item": item}


def resolutions(method: str, answer: Any) -> Iterator[tuple[str, Any]]:
    """What an editor asks next about an answer: method and params."""
    if method == "textDocument/completion":
        found = answer or {"items": []}
        data = found.get("itemDefaults", {}).get("data")
        for item in found["items"][:2]:
            yield "completionItem/resolve", item if data is None else {**item, "data": data}
    elif method == "textDocument/codeAction":
        for action in answer or ():
            if "data" in action:
                yield "codeAction/resolve", action
    elif method == "workspace/symbol":
        for symbol in (answer or ())[:2]:
            yield "workspaceSymbol/resolve", symbol
    elif method == "textDocument/prepareCallHierarchy":
        for item in answer or ():
            yield "callHierarchy/incomingCalls", {"item": item}
            yield "callHierarchy/outgoingCalls", {"item": item}
