"""The programs that an editor's documents belong to, and what is said of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.nrepl.address import Address
from nrepl_lsp.nrepl.discovery import PORT_FILES
from nrepl_lsp.nrepl.recording import Recorder
from nrepl_lsp.repl.routing import Routing, RoutingOptions
from nrepl_lsp.repl.supervisor import AttachOptions, State, Supervisor

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["Attachments"]


class Attachments:
    """
    One editor's programs.

    connect: an address that the command line names; it goes before the settings'. recorder: what
    writes down the traffic, if it is to be.
    """

    def __init__(
        self,
        ls: "NreplLanguageServer",
        *,
        connect: Address | None,
        recorder: Recorder | None,
        environment: Mapping[str, str],
    ) -> None:
        self._ls = ls
        self._connect = connect
        self._recorder = recorder
        self._last_line = ""
        self.routing = Routing(
            on_change=self._changed, on_news=ls.status_changed, environment=environment
        )

    def options(self) -> RoutingOptions:
        """Where to attach, by the command line and the settings."""
        settings = self._ls.settings
        address = Address.parse(settings.connect) if settings.connect else None
        return RoutingOptions(
            connect=self._connect or address,
            port_files=PORT_FILES if settings.port_files is None else settings.port_files,
            use_environment=settings.use_environment,
            auto_connect=settings.auto_connect,
            attach=AttachOptions(settings.snippets, self._recorder),
        )

    def why_detached(self, supervisor: Supervisor | None) -> str:
        """Why a document of this one, or of nobody, has no REPL, and what to do."""
        if supervisor is None and self.routing.supervisors:
            return "This document belongs to no attached program: open its project's folder."
        if not self.routing.is_started or (
            supervisor is not None and supervisor.state is State.CONNECTING
        ):
            return "Still connecting to the REPL; try again in a moment."
        if supervisor is not None and supervisor.problem:
            return f"No REPL: {supervisor.problem}."
        return "No REPL is attached: run nrepl.connect, or start an nREPL server in the project."

    def _changed(self, supervisor: Supervisor) -> None:
        ls, repl = self._ls, supervisor.repl
        ls.registrations.update()
        if supervisor.state in (State.READY, State.LOST):
            # What waits for a program; to be attached to one does not wait for them.
            from .colouring.semantics import refresh as refresh_colours
            from .load_state.hints import stale_hints
            from .showing.lenses import refresh as refresh_lenses

            refresh_colours(ls)
            refresh_lenses(ls)
            stale_hints(ls).soon(ls)
        if supervisor.state is State.READY and repl is not None:
            versions = ", ".join(f"{n} {v}" for n, v in repl.capabilities.versions.items())
            ls.forget_told(supervisor)
            self._log_line(types.MessageType.Info, f"Attached to {repl.address} ({versions}).")
        elif supervisor.problem and supervisor.state is State.LOST:
            text = f"No REPL: {supervisor.problem}."
            self._log_line(types.MessageType.Warning, text)
            if supervisor.needs_user and supervisor not in ls.commanded:
                ls.tell_once(types.MessageType.Warning, text, supervisor)

    def _log_line(self, kind: types.MessageType, text: str) -> None:
        """Log a line, once for many vain attempts to connect in a row."""
        if text == self._last_line:
            return
        self._last_line = text
        self._ls.log.info("%s", text)
        self._ls.window_log_message(types.LogMessageParams(kind, text))
