"""Where the running program finds a resource of its class path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nrepl_lsp.nrepl.messages import Message

from . import locations, shapes
from .values import SourceLocation
from .variants import Question, Variant

__all__ = ["RESOURCE", "ResourceQuery"]


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """name: as `clojure.java.io/resource` takes it, such as `config/dev.edn`."""

    name: str


def _request(query: ResourceQuery) -> Message | None:
    return {"name": query.name} if query.name else None


def _parse(messages: Sequence[Message], query: ResourceQuery) -> SourceLocation | None:
    return locations.parse(shapes.merge(messages).get("resource-path"))


RESOURCE: Question[ResourceQuery, SourceLocation] = Question(
    "resource",
    (Variant("cider/resource", _request, _parse), Variant("resource", _request, _parse)),
    timeout=2.0,
)
"""A resource's file or archive entry; None when there is none of that name."""
