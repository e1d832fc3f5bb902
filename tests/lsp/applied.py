"""Edits as an editor applies them, and what an editor announces about edits."""

import copy
import re
from typing import Any

from .editor import MODERN, Opened


def capabilities(
    *, resolves: bool = True, applies: bool = True, versions: bool = True, shows: bool = True
) -> dict[str, Any]:
    """A modern editor's, with or without what it may do about edits."""
    found = copy.deepcopy(MODERN)
    found["workspace"]["applyEdit"] = applies
    found["workspace"]["workspaceEdit"] = {"documentChanges": versions}
    found["window"] = {"showDocument": {"support": shows}}
    if resolves:
        found["textDocument"]["codeAction"] |= {
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    return found


def offset(text: str, place: dict[str, int]) -> int:
    """A position in UTF-16 as an index into the text, the slow and plain way."""
    breaks = [match.end() for match in re.finditer(r"\r\n?|\n", text)]
    at = [0, *breaks][place["line"]]
    units = place["character"]
    while units > 0:
        units -= len(text[at].encode("utf-16-le")) // 2
        at += 1
    return at


def with_edits(text: str, edits: list[dict[str, Any]]) -> str:
    """The text with its edits, which must not overlap."""
    spans = [
        (offset(text, edit["range"]["start"]), offset(text, edit["range"]["end"]), edit["newText"])
        for edit in edits
    ]
    result, at = "", 0
    for start, end, part in sorted(spans):
        assert at <= start <= end
        result += text[at:start] + part
        at = end
    return result + text[at:]


def with_workspace_edit(document: Opened, edit: dict[str, Any]) -> str:
    """The document's text with an edit that is of that document alone."""
    if "documentChanges" in edit:
        (change,) = edit["documentChanges"]
        assert change["textDocument"] == {"uri": document.uri, "version": document.version}
        return with_edits(document.text, change["edits"])
    assert list(edit["changes"]) == [document.uri]
    return with_edits(document.text, edit["changes"][document.uri])
