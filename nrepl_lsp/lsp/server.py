"""
The language server's state: the editor, its documents, the programs, and what runs in them.

What it answers is listed in `registry`.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nrepl_lsp import __version__

from .client import ClientFeatures
from .documents import DocumentStore, path_of
from .following.output import OutputLog
from .protocol import Protocol
from .registrations import Registrations
from .settings import Settings, SettingsProblem, problems_message
from .showing.marks import Marks
from .structuring import shared_converter

if TYPE_CHECKING:
    from nrepl_lsp.nrepl.address import Address
    from nrepl_lsp.nrepl.recording import Recorder
    from nrepl_lsp.repl.library_sources import LibrarySources
    from nrepl_lsp.repl.repl import Repl
    from nrepl_lsp.repl.routing import Routing
    from nrepl_lsp.repl.supervisor import Supervisor

    from .attachments import Attachments
    from .evaluating.evaluations import Evaluations
    from .session.status import StatusNotifications
    from .showing.results import Results

__all__ = ["NreplLanguageServer"]

#: Messages that are known to have been shown.
TOLD_LIMIT = 100

Part = TypeVar("Part")

_UNCHOSEN_LEVELS = (logging.NOTSET, logging.WARNING)


class NreplLanguageServer(LanguageServer):
    """
    One editor's server.

    connect: an address that the command line names; it goes before the settings'.
    environment, cache: the process environment and the user's cache folder, for tests to replace.
    """

    protocol: Protocol

    def __init__(
        self,
        *,
        connect: "Address | None" = None,
        recorder: "Recorder | None" = None,
        environment: Mapping[str, str] | None = None,
        cache: Path | None = None,
    ) -> None:
        super().__init__(
            "nrepl-lsp",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=shared_converter,
        )
        self.log = logging.getLogger("nrepl_lsp.lsp")
        self.client = ClientFeatures.from_capabilities(
            types.InitializeParams(types.ClientCapabilities())
        )
        self.settings = Settings()
        self.initialization_options: Any = None
        #: The settings that the client pushed last, and what it answered last when asked.
        self.pushed_settings: Any = None
        self.pulled_settings: Any = None
        self.documents = DocumentStore()
        self.output = OutputLog(self.window_log_message)
        self.marks = Marks(self.documents, self.text_document_publish_diagnostics)
        self.registrations = Registrations(self, shared_converter())
        self.protocol.adjust_capabilities = self.registrations.withhold
        #: Called once `initialize` is answered and the client is ready.
        self.on_start: Callable[[], Any] = lambda: None
        self._connect = connect
        self._recorder = recorder
        self._environment = os.environ if environment is None else environment
        self._cache = cache
        # Made at their first use, which is after `initialize` is answered: most of what would have
        # to be imported for it is for them.
        self._attachments: Attachments | None = None
        self._evaluations: Evaluations | None = None
        self._results: Results | None = None
        self._sources: LibrarySources | None = None
        self._status: StatusNotifications | None = None
        self._parts: dict[Callable[[], Any], Any] = {}
        self._folders: tuple[Path, ...] = ()
        #: For whom `nrepl.connect` waits, which then says itself why it failed.
        self.commanded: list[Supervisor] = []
        #: Messages that were shown, and whose trouble they are about; None: the settings'.
        self._told: dict[str, Supervisor | None] = {}
        # What the command line chose goes before the settings.
        self._log_level_is_fixed = logging.getLogger("nrepl_lsp").level not in _UNCHOSEN_LEVELS

    @property
    def attachments(self) -> "Attachments":
        """The programs that documents belong to."""
        if self._attachments is None:
            from .attachments import Attachments

            self._attachments = Attachments(
                self,
                connect=self._connect,
                recorder=self._recorder,
                environment=self._environment,
            )
            self._attachments.routing.set_folders(self._folders)
        return self._attachments

    @property
    def routing(self) -> "Routing":
        """Which program a document belongs to."""
        return self.attachments.routing

    @property
    def evaluations(self) -> "Evaluations":
        """What the user evaluates."""
        if self._evaluations is None:
            from .evaluating.evaluations import Evaluations

            self._evaluations = Evaluations(self)
        return self._evaluations

    @property
    def results(self) -> "Results":
        """Shows what evaluations come to."""
        if self._results is None:
            from .showing.results import Results

            self._results = Results(self)
        return self._results

    @property
    def sources(self) -> "LibrarySources":
        """Finds and unpacks library sources."""
        if self._sources is None:
            from nrepl_lsp.repl.library_sources import LibrarySources

            self._sources = LibrarySources(self.cache / "sources", self.settings.path_mappings)
        return self._sources

    @property
    def cache(self) -> Path:
        """The folder for files that we make and editors open."""
        if self._cache is None:
            from platformdirs import user_cache_path

            self._cache = user_cache_path("nrepl-lsp", appauthor=False)
        return self._cache

    def part(self, kind: Callable[[], Part]) -> Part:
        """What the module of this class keeps for the editor, made at its first use."""
        if kind not in self._parts:
            self._parts[kind] = kind()
        found: Part = self._parts[kind]
        return found

    # -- the programs -----------------------------------------------------------------------

    def supervisor_for(self, uri: str | None) -> "Supervisor | None":
        """Who keeps the REPL that a document belongs to; None when that is not clear."""
        path = path_of(uri) if uri else None
        if uri and path is None:
            from .document_contents import origin_of  # There are such documents in few editors.

            origin = origin_of(self, uri)
            path = path_of(origin) if origin else None
        return self.routing.supervisor_for(path)

    def repl_for(self, uri: str | None) -> "Repl | None":
        """The live REPL that a document belongs to, or None at once."""
        supervisor = self.supervisor_for(uri)
        return supervisor.repl if supervisor is not None else None

    def why_detached(self, uri: str | None) -> str:
        """Why a document has no REPL, as a sentence that says what to do."""
        return self.attachments.why_detached(self.supervisor_for(uri))

    def source_folders(self, uri: str) -> list[Path]:
        """Where a document's project may keep its sources, the nearest first."""
        supervisor = self.supervisor_for(uri)
        root = [supervisor.root] if supervisor is not None and supervisor.root else []
        return [*root, *(folder for folder in self._folders if folder not in root)]

    def is_in_workspace(self, path: Path) -> bool:
        """Whether a file lies in one of the workspace's folders."""
        return any(folder in path.parents for folder in self._folders)

    def set_folders(self, folders: list[Path]) -> None:
        """Take over the workspace's folders."""
        self._folders = tuple(folders)
        if self._attachments is not None:
            self.routing.set_folders(self._folders)

    def start(self) -> None:
        """Begin to look for programs: `initialize` is answered and the settings are known."""
        self.on_start()
        self.routing.start(self._folders, self.attachments.options())
        self.status_changed()
        for uri in self.documents.uris():
            self.supervisor_for(uri)

    def configure(self, settings: Settings, problems: list[SettingsProblem]) -> None:
        """Take over settings; what was wrong with them is said once."""
        self.settings = settings
        if self._sources is not None:
            self._sources.mappings = settings.path_mappings
        if not self._log_level_is_fixed:
            logging.getLogger("nrepl_lsp").setLevel(settings.log_level.upper())
        self.routing.configure(self.attachments.options())
        self.registrations.update()
        if problems:
            self.tell_once(types.MessageType.Warning, problems_message(problems))
        else:
            self.forget_told(None)

    def status_changed(self) -> None:
        """Have an editor that wants it told how the connections are now."""
        if not self.client.wants_status:
            return
        if self._status is None:
            from .session.status import StatusNotifications

            self._status = StatusNotifications(self)
        self._status.soon()

    def say(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a sentence; many editors ignore a command's reply."""
        self.window_show_message(types.ShowMessageParams(kind, text))

    def warn(self, text: str) -> None:
        """Show the user why nothing happened, or not all."""
        self.say(text, types.MessageType.Warning)

    def tell_once(
        self, kind: types.MessageType, text: str, about: "Supervisor | None" = None
    ) -> None:
        """Show a message, unless the same was shown since it was last well."""
        if text in self._told:
            return
        if len(self._told) >= TOLD_LIMIT:
            self._told.pop(next(iter(self._told)))
        self._told[text] = about
        self.say(text, kind)

    def forget_told(self, about: "Supervisor | None") -> None:
        """Have what was told of this told again when it happens again: it is well now."""
        self._told = {text: whose for text, whose in self._told.items() if whose is not about}

    async def close(self) -> None:
        """Give back connections and sessions; bounded by their own deadlines, idempotent."""
        if self._status is not None:
            self._status.close()
        await self.registrations.close()
        # Made for this if need be: who comes too late must not start any.
        await self.evaluations.close()
        self.output.close()
        self.marks.close()
        if self._attachments is not None:
            await self.routing.close()
        if self._recorder is not None:
            self._recorder.close()
