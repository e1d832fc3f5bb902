"""The commands about connections: `nrepl.connect`, `nrepl.disconnect`, `nrepl.status`."""

from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.status import connection_of
from nrepl_lsp.nrepl import Address, AddressError, ConnectFailed
from nrepl_lsp.repl.supervisor import Supervisor

#: Seconds that the command waits for the outcome; trying goes on.
CONNECT_TIMEOUT = 8.0

_UNCLEAR = "It is not clear which project is meant: pass the `uri` of a document in it."


async def connect(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.connect`: attach to `url`, or to what is found; answers like `nrepl.status`."""
    given = Arguments.read(arguments)
    supervisor = _supervisor(ls, given)
    if supervisor is None:
        return _failed(ls, _UNCLEAR)
    ls.commanded.append(supervisor)
    try:
        address = Address.parse(given.url) if given.url is not None else None
        await ls.routing.connect(supervisor, address, CONNECT_TIMEOUT)
    except (AddressError, ConnectFailed) as error:
        return _failed(ls, f"Not connected: {error}.")
    finally:
        ls.commanded.remove(supervisor)
    return {"connected": True, "message": None, **_connection(ls, supervisor)}


async def disconnect(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.disconnect`: let go of the program, until `nrepl.connect`."""
    supervisor = _supervisor(ls, Arguments.read(arguments))
    if supervisor is None:
        return _failed(ls, _UNCLEAR)
    supervisor.detach()
    return {"connected": False, "message": None, **_connection(ls, supervisor)}


async def status(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.status`: every connection, and which op answers which question.

    current: the place in the list of the one that the document belongs to; None where that is not
    clear.
    """
    place = Arguments.read(arguments).place(ls.documents.last_place)
    here = ls.supervisor_for(place.uri) if place is not None else None
    supervisors = list(ls.routing.supervisors)
    return {
        "connections": [_connection(ls, supervisor) for supervisor in supervisors],
        "current": supervisors.index(here) if here is not None and here in supervisors else None,
    }


def _supervisor(ls: NreplLanguageServer, given: Arguments) -> Supervisor | None:
    place = given.place(ls.documents.last_place)
    return ls.supervisor_for(place.uri if place is not None else None)


def _failed(ls: NreplLanguageServer, text: str) -> dict[str, Any]:
    ls.warn(text)
    return {"connected": False, "message": text}


def _connection(ls: NreplLanguageServer, supervisor: Supervisor) -> dict[str, Any]:
    repl = supervisor.repl
    connection: dict[str, Any] = connection_of(supervisor) | {
        "versions": {},
        "ops": [],
        "questions": {},
        "demoted": {},
        "timings": {},
    }
    if repl is None:
        return connection
    record = repl.dialect.record(_families(ls, supervisor) or None)
    return connection | {
        "versions": repl.capabilities.versions,
        "ops": sorted(repl.capabilities.ops or ()),
        "questions": record.questions,
        "demoted": record.demoted,
        "timings": {
            op: {"count": timing.count, "lastMs": timing.last_ms, "medianMs": timing.median_ms}
            for op, timing in record.timings.items()
        },
    }


def _families(ls: NreplLanguageServer, supervisor: Supervisor) -> set[str]:
    """The language families of the supervisor's open documents: they have snippets, or not."""
    uris = (uri for uri in ls.documents.uris() if ls.supervisor_for(uri) is supervisor)
    snapshots = (ls.documents.snapshot(uri) for uri in uris)
    return {snapshot.language.family for snapshot in snapshots if snapshot is not None}
