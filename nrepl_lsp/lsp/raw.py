"""Answers and parameters that go past the converter."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Raw"]


@dataclass(frozen=True, slots=True)
class Raw:
    """A result or parameters as plain LSP data (camelCase, no None members), sent as they are."""

    value: Any
