"""The commands for the state of the program that evaluations run in."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def switch_namespace(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.switchNamespace`: make a namespace the session's own."""
    raise NotImplementedError


async def new_session(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.newSession`: evaluate in a new session from now on."""
    raise NotImplementedError


async def reload(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.reload`: load the namespace, or what has changed, again."""
    raise NotImplementedError


async def undef(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.undef`: remove the name at the cursor from its namespace."""
    raise NotImplementedError


async def undef_all(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.undefAll`: remove all names of the namespace."""
    raise NotImplementedError
