"""The commands about connections: `nrepl.connect`, `nrepl.disconnect`, `nrepl.status`."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.namespaces import namespace_of
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
    """`nrepl.status`: every connection, and which op answers which question."""
    Arguments.read(arguments)
    return {"connections": [_connection(ls, supervisor) for supervisor in ls.routing.supervisors]}


def _supervisor(ls: NreplLanguageServer, given: Arguments) -> Supervisor | None:
    place = given.place(ls.documents.last_place)
    return ls.supervisor_for(place.uri if place is not None else None)


def _failed(ls: NreplLanguageServer, text: str) -> dict[str, Any]:
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
    return {"connected": False, "message": text}


def _connection(ls: NreplLanguageServer, supervisor: Supervisor) -> dict[str, Any]:
    repl = supervisor.repl
    connection: dict[str, Any] = {
        "root": str(supervisor.root) if supervisor.root is not None else None,
        "state": supervisor.state.value,
        "address": str(supervisor.target.address) if supervisor.target else None,
        "problem": supervisor.problem,
        "ns": None,
        "server": None,
        "language": None,
        "versions": {},
        "ops": [],
        "questions": {},
        "demoted": {},
        "timings": {},
    }
    if repl is None:
        return connection
    record = repl.dialect.record(_families(ls, supervisor) or None)
    server, language = _names(repl.capabilities.versions)
    return connection | {
        "ns": namespace_of(repl),
        "server": server,
        "language": language,
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


#: What a server runs on, not what it speaks.
_HOSTS = frozenset({"java", "jvm", "node", "python"})


def _names(versions: dict[str, str]) -> tuple[str | None, str | None]:
    """
    What to call the server and its language, for people to read; nothing is decided by it.

    hy-nrepl 1.0.4 claims a Clojure and a Java of version 0.0.0.
    """
    spoken = [name for name in versions if name not in _HOSTS and versions[name] != "0.0.0"]
    if not spoken:
        return None, None
    server = "nrepl" if "nrepl" in spoken else spoken[0]
    others = [name for name in spoken if name != "nrepl"]
    language = "clojure" if "clojure" in others else next(iter(others), None)
    if language is not None:
        language = language.removesuffix("-nrepl").removesuffix(".nrepl")
    # nbb 1.6.214 has the version `TODO`.
    version = versions[server] if any(map(str.isdigit, versions[server])) else ""
    return f"{server} {version}".strip(), language
