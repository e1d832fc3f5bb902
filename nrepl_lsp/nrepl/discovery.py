"""Finding servers that run already: port files and the environment."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .address import Address
from .errors import AddressError

__all__ = [
    "PORT_FILES",
    "PortFile",
    "address_in_environment",
    "directories_upward",
    "find_port_file",
    "read_port_file",
]

#: Files in a project's folder that hold the port of its server, the most telling first.
#: Socket REPLs (`.repl-port`) and TLS proxies write others, which are not nREPL's.
PORT_FILES = (
    ".nrepl-port",
    ".shadow-cljs/nrepl.port",
    ".joyride/.nrepl-port",
    ".bb-nrepl.port",
    "target/repl-port",
    "repl-port",
)

#: Bytes read of a port file; a port has five digits.
_READ_LIMIT = 256


@dataclass(frozen=True, slots=True)
class PortFile:
    """
    A port file as it was when it was looked at.

    `stamp` changes whenever the file is written anew. `address` is None when it holds none: an
    *empty* file is what nREPL writes for a server on a filesystem socket.
    """

    path: Path
    stamp: tuple[int, int, int]
    address: Address | None


def read_port_file(path: Path | str) -> PortFile | None:
    """
    Return what a port file says, or None when there is no such file.

    Only a port counts: a file that came with a project must not send us to another machine. Raises
    `OSError` when it cannot be known, which may pass: too many open files, a network file system.
    """
    try:
        # Looked at before it is opened: opening a pipe would wait for its writer.
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            return None
        with open(path, "rb") as file:
            data = file.read(_READ_LIMIT)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return PortFile(Path(path), (found.st_mtime_ns, found.st_size, found.st_ino), _address(data))


def _address(data: bytes) -> Address | None:
    digits = data.decode("ascii", "replace").strip()
    try:
        return Address.parse(digits) if digits.isdecimal() else None
    except AddressError:
        return None


def directories_upward(start: Path, stop: Path) -> Iterator[Path]:
    """Yield `start` and the folders above it up to `stop`; only `stop` when it is not above."""
    if start != stop and stop not in start.parents:
        yield stop
        return
    yield start
    for parent in start.parents if start != stop else ():
        yield parent
        if parent == stop:
            return


def find_port_file(directory: Path, names: Iterable[str] = PORT_FILES) -> PortFile | None:
    """Return the first port file of one folder that names an address; raises as above."""
    for name in names:
        # Hundreds of folders are looked at twice a second, and mostly there is nothing.
        found = read_port_file(os.path.join(directory, name))
        if found is not None and found.address is not None:
            return found
    return None


def address_in_environment(environment: Mapping[str, str]) -> Address | None:
    """Return the address in `NREPL_PORT` (and `NREPL_HOST`), or None when there is none in it."""
    port = environment.get("NREPL_PORT", "").strip()
    if not port:
        return None
    host = environment.get("NREPL_HOST", "").strip().strip("[]") or "127.0.0.1"
    try:
        if ":" in host:
            host = f"[{ipaddress.IPv6Address(host)}]"
        return Address.parse(f"nrepl://{host}:{port}")
    except ValueError:
        return None
