"""Where a supervisor is aimed, where it stands, and how long it waits before it tries again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from nrepl_lsp.nrepl import Address
from nrepl_lsp.nrepl.recording import Recorder

__all__ = ["AttachOptions", "Origin", "State", "Target", "growing_delays"]

#: Seconds before the first and, at most, before each later attempt to reconnect.
FIRST_DELAY = 0.25
LAST_DELAY = 15.0


class State(Enum):
    """Where a supervisor stands; the values are what `nrepl.status` shows."""

    DETACHED = "detached"
    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"


class Origin(Enum):
    """Who named the address."""

    PORT_FILE = "port file"
    ENVIRONMENT = "environment"
    SETTING = "setting"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be attached to. `stamp` tells one writing of a port file from the next."""

    address: Address
    origin: Origin
    stamp: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """What every attachment of a supervisor gets."""

    snippets: bool = True
    recorder: Recorder | None = None


def growing_delays() -> Iterator[float]:
    """Yield seconds between attempts: doubling to `LAST_DELAY`, each up to a quarter off."""
    delay = FIRST_DELAY
    while True:
        yield delay * random.uniform(0.75, 1.25)
        delay = min(delay * 2, LAST_DELAY)
