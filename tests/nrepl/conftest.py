"""What the client library's tests share."""

import pytest
from hypothesis import settings

from nrepl_lsp.nrepl import responses, session
from tests.nrepl.wire import Wire

# A machine that is busy with real servers is slow now and then, which is no fault.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 20 ms, not a second, for a `done` that may never come."""
    monkeypatch.setattr(responses, "GRACE", 0.02)
    monkeypatch.setattr(session, "GRACE", 0.02)


@pytest.fixture
async def wire() -> Wire:
    """A connection in memory to a server that advertises all ops."""
    return Wire()
