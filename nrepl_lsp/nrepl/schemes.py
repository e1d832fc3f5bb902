"""
The registry of URL schemes: which stream and which codec an address means.

To add one, `register("nrepl+edn", open_tcp, EdnCodec())`: nothing else in the library knows
the schemes' names.
"""

from __future__ import annotations

from dataclasses import dataclass

from .address import Address
from .codec import BencodeCodec, Codec
from .errors import AddressError
from .transport import Opener, open_tcp, open_unix

__all__ = ["Scheme", "register", "scheme_of"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to speak nREPL: how the stream is opened and how messages are written on it."""

    name: str
    open: Opener
    codec: Codec


_SCHEMES: dict[str, Scheme] = {}


def register(name: str, opener: Opener, codec: Codec) -> Scheme:
    """Make addresses of the scheme `name` connectable; a later registration replaces an earlier."""
    scheme = Scheme(name.lower(), opener, codec)
    _SCHEMES[scheme.name] = scheme
    return scheme


def scheme_of(address: Address) -> Scheme:
    """Return how to speak to an address; raises `AddressError` for a scheme nobody registered."""
    try:
        return _SCHEMES[address.scheme]
    except KeyError:
        known = ", ".join(sorted(_SCHEMES))
        raise AddressError(str(address), f"its scheme is none of {known}") from None


register("nrepl", open_tcp, BencodeCodec())
register("nrepl+unix", open_unix, BencodeCodec())
