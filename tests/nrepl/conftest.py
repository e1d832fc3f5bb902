"""What the client library's tests share."""

import pytest

from nrepl_lsp.nrepl import responses, session
from tests.nrepl.wire import Wire


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 20 ms, not a second, for a `done` that may never come."""
    monkeypatch.setattr(responses, "GRACE", 0.02)
    monkeypatch.setattr(session, "GRACE", 0.02)


@pytest.fixture
async def wire() -> Wire:
    """A connection in memory to a server that advertises all ops."""
    return Wire()
