"""Where an nREPL server is: addresses as people, port files and servers' start lines write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from .errors import AddressError

__all__ = ["DEFAULT_PORT", "Address"]

#: nREPL's own URL client and many non-JVM servers use it when none is given.
DEFAULT_PORT = 7888

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://(.*)", re.DOTALL)
_UNIX = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*\+unix):(.*)", re.DOTALL | re.IGNORECASE)
_HOST_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]/\s]+))(?::([0-9]+))?/?")
#: What `parse` would not give back as it is.
_QUOTED = re.compile(r"[%\s]")


@dataclass(frozen=True, slots=True)
class Address:
    """
    A scheme with either a host and a port, or the path of a filesystem socket.

    `str()` of it is a URL that `parse` reads back.
    """

    scheme: str
    host: str | None = None
    port: int | None = None
    path: str | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """
        Read `nrepl://host:port`, `host:port`, a bare port, `nrepl+unix:/path` and their kin.

        The scheme is not checked here: which ones can be spoken is the registry's knowledge
        (`schemes.scheme_of`). Raises `AddressError`.
        """
        given = text.strip()
        if not given:
            raise AddressError(text, "it is empty")
        if given.isascii() and given.isdigit():
            return cls("nrepl", "127.0.0.1", _port(given, text))
        if match := _UNIX.fullmatch(given):
            return cls(match[1].lower(), path=_path(match[2], text))
        if match := _SCHEME.fullmatch(given):
            return cls._of_host(match[1].lower(), match[2], text)
        return cls._of_host("nrepl", given, text)

    @classmethod
    def _of_host(cls, scheme: str, rest: str, text: str) -> Address:
        match = _HOST_PORT.fullmatch(rest)
        if match is None:
            raise AddressError(
                text, "expected HOST:PORT, a port, or a URL such as nrepl://HOST:PORT"
            )
        port = _port(match[3], text) if match[3] else DEFAULT_PORT
        return cls(scheme, match[1] or match[2], port)

    def __str__(self) -> str:
        if self.path is not None:
            return f"{self.scheme}:{_QUOTED.sub(lambda found: quote(found[0]), self.path)}"
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def _port(digits: str, text: str) -> int:
    # Not int() of any length: a port has five digits.
    if len(digits) > 5 or not 0 < int(digits) < 65536:
        raise AddressError(text, "a port is a number from 1 to 65535")
    return int(digits)


def _path(rest: str, text: str) -> str:
    path = unquote(rest)
    path = "/" + path.lstrip("/") if rest.startswith("/") else path
    if not path.strip("/"):
        raise AddressError(text, "it names no socket file")
    return path
