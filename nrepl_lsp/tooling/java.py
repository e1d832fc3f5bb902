"""What cider-nrepl says of Java's classes and members beside what it says of vars."""

from __future__ import annotations

from typing import Any

from nrepl_lsp.nrepl.messages import Message

from . import shapes

__all__ = ["MAX_MEMBERS", "fragments", "modifiers", "public_members", "returns"]

MAX_MEMBERS = 64
"""Names of a class's members that are kept."""
MAX_FRAGMENTS = 1000
"""Pieces of Javadoc that are kept."""


def modifiers(value: Any) -> str | None:
    """`#{:public :static}` as it is written in Java."""
    words = shapes.text(value)
    return " ".join(words.strip("#{}").split()) or None if words else None


def returns(found: Message) -> str | None:
    """What a method returns; None where its overloads, of which one is told, return several."""
    annotated = shapes.strings(found.get("annotated-arglists"))
    if len({text.partition(" ")[0] for text in annotated}) > 1:
        return None
    return shapes.text(found.get("returns"))


def public_members(members: Any) -> tuple[str, ...]:
    """The names of a class's public members; a class may have hundreds."""
    if not isinstance(members, dict):
        return ()
    return tuple(name for name, overloads in members.items() if _is_public(overloads))


def _is_public(overloads: Any) -> bool:
    """Whether one way to call a member is public; one that says nothing of it counts."""
    if not isinstance(overloads, dict):
        return True
    each = [shapes.text(one.get("modifiers")) for one in overloads.values() if type(one) is dict]
    return not each or any(said is None or ":public" in said for said in each)


def fragments(found: Message, key: str) -> tuple[tuple[str, str], ...]:
    """Javadoc in pieces, as (type, content); none when they say nothing."""
    pieces = found.get(key)
    if not isinstance(pieces, list):
        return ()
    pairs = [
        (shapes.text(piece.get("type")) or "text", shapes.text(piece.get("content")) or "")
        for piece in pieces[:MAX_FRAGMENTS]
        if isinstance(piece, dict)
    ]
    return tuple(pairs) if any(content.strip() for _, content in pairs) else ()
