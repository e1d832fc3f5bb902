"""What a server says of itself: the answer to `describe`, in whichever of its shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .messages import Message, text_of

__all__ = ["Capabilities"]

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """
    The ops and versions of a server.

    ops: the names it advertises; None when it advertises nothing usable (no `describe`, or an
        empty one as cl-nrepl's), so that an op has to be tried to be known.
    versions: name → text (`{"clojure": "1.11.1", "java": "17"}`), for people to read.
    op_docs: what a verbose describe said of each op; empty for servers that ignore `verbose?`.
    aux: extra facts that middleware adds.
    message: the describe reply itself.
    """

    ops: frozenset[str] | None
    versions: dict[str, str] = field(default_factory=dict)
    op_docs: dict[str, Message] = field(default_factory=dict)
    aux: Message = field(default_factory=dict)
    message: Message = field(default_factory=dict)

    @classmethod
    def from_message(cls, message: Message) -> Capabilities:
        """Read a describe reply; anything missing or odd gives less, never an error."""
        ops = message.get("ops")
        names: frozenset[str] | None = None
        docs: dict[str, Message] = {}
        if isinstance(ops, dict):
            names = frozenset(ops)
            docs = {name: doc for name, doc in ops.items() if isinstance(doc, dict) and doc}
        elif isinstance(ops, list):
            # JeeJah, guile-ares-rs and the spec's draft.
            names = frozenset(op for op in ops if isinstance(op, str))
        versions = message.get("versions")
        aux = message.get("aux")
        return cls(
            ops=names or None,
            versions=_versions(versions) if isinstance(versions, dict) else {},
            op_docs=docs,
            aux=aux if isinstance(aux, dict) else {},
            message=message,
        )

    def supports(self, op: str) -> bool:
        """Whether the server advertises the op; False also when it advertises nothing."""
        return self.ops is not None and op in self.ops

    def lacks(self, op: str) -> bool:
        """Whether the server advertises its ops, and not this one."""
        return self.ops is not None and op not in self.ops

    @property
    def takes_position(self) -> bool:
        """
        Whether `eval` honours `line` and `column`, as far as the server's own words go.

        Only servers that document them do so surely. nREPL before 0.5 documents them too, but
        on Java ≥ 16 such an eval never answers and its session is dead (tools.nrepl 0.2.13).
        """
        optional = self.op_docs.get("eval", {}).get("optional")
        if not isinstance(optional, dict) or "line" not in optional:
            return False
        numbers = [int(number[:9]) for number in _NUMBER.findall(self.versions.get("nrepl", ""))]
        return numbers[:2] >= [0, 5]


def _versions(versions: dict[str, Any]) -> dict[str, str]:
    texts = {name: _version_text(value) for name, value in versions.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _version_text(value: Any) -> str | None:
    """Versions are text (babashka), dicts with or without `version-string`, or empty (0.2.13)."""
    if isinstance(value, str | int):
        return str(value) or None
    if not isinstance(value, dict):
        return None
    if text := text_of(value, "version-string"):
        return text
    numbers = [value.get(part) for part in ("major", "minor", "incremental")]
    return ".".join(str(number) for number in numbers if isinstance(number, str | int)) or None
