"""Which REPL belongs to a document: the nearest port file upward from it, inside the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nrepl_lsp.nrepl import Address, ConnectFailed
from nrepl_lsp.nrepl.discovery import PORT_FILES, address_in_environment, directories_upward

from .port_files import POLL_INTERVAL, PortFiles, is_ours
from .repl import Repl
from .supervisor import AttachOptions, Origin, State, Supervisor, Target

__all__ = ["Routing", "RoutingOptions"]

#: Library files whose REPL is remembered.
LIBRARY_FILES = 10_000


@dataclass(frozen=True, slots=True)
class RoutingOptions:
    """
    What decides where to attach.

    connect: one address for everything, instead of looking for port files.
    auto_connect: attach to what is found; without it only commands attach.
    """

    connect: Address | None = None
    port_files: tuple[str, ...] = PORT_FILES
    use_environment: bool = True
    auto_connect: bool = True
    attach: AttachOptions = field(default_factory=AttachOptions)


class Routing:
    """
    The supervisors of a workspace, one per folder that has (or had) a port file or is a root of it.

    Nothing is attached before `start`. on_change, on_news: as of a `Supervisor`; the latter is
    called also when there is one more, or one less.
    """

    def __init__(
        self,
        *,
        on_change: Callable[[Supervisor], None] = lambda _: None,
        on_news: Callable[[], None] = lambda: None,
        environment: Mapping[str, str] | None = None,
        poll_interval: float = POLL_INTERVAL,
    ) -> None:
        self.options = RoutingOptions()
        self._on_change = on_change
        self._on_news = on_news
        self._environment = environment or {}
        self._folders: tuple[Path, ...] = ()
        self._supervisors: dict[Path | None, Supervisor] = {}
        # Documents of a forgotten folder are routed, and so looked for, when they are asked about.
        self.port_files = PortFiles(
            on_change=lambda: self._settle(keeps_live=True),
            on_forgotten=lambda: self._routes.clear(),
            poll_interval=poll_interval,
        )
        self._routes: dict[Path, Supervisor] = {}
        self._library: dict[Path, Supervisor] = {}
        #: Folders outside the workspace with a program of their own, of which a document is open.
        self._outsiders: set[Path] = set()
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """All of them, attached or not."""
        return tuple(self._supervisors.values())

    @property
    def is_started(self) -> bool:
        """Whether programs are looked for: until then nobody knows whether there is one."""
        return self._task is not None

    def start(self, folders: Iterable[Path], options: RoutingOptions) -> None:
        """Begin to watch and to attach; the editor's `initialize` must have been answered."""
        self.configure(options)
        if self._task is None:
            self._task = asyncio.create_task(self.port_files.watch(), name="port files")
        self.set_folders(folders)

    def configure(self, options: RoutingOptions) -> None:
        """Take over changed settings; attachments they do not touch stay."""
        before, self.options = self.options, options
        if options == before:
            return
        for supervisor in self.supervisors:
            supervisor.options = options.attach
            if (repl := supervisor.repl) is not None:
                repl.dialect.snippets = options.attach.snippets
        self.port_files.set_names(options.port_files)
        self._settle()

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Take over the workspace's folders; REPLs of removed ones are let go."""
        before, self._folders = self._fixed_root, tuple(folders)
        if self.options.connect is not None:
            self._move(before, self._fixed_root)
        self._outsiders = {root for root in self._outsiders if not self._is_inside(root)}
        for root in [root for root in self._supervisors if root and not self._is_kept(root)]:
            self._let_go(self._supervisors.pop(root))
        self._library = {p: owner for p, owner in self._library.items() if not self._is_inside(p)}
        self.port_files.set_folders(self._folders, self._is_kept)
        self._settle()

    def supervisor_for(self, path: Path | None) -> Supervisor | None:
        """
        Return the supervisor of a document; costs no look at the disk for a folder seen before.

        path: the document's file, or the folder of a project that we know; None for a document
        that has no file (`untitled:`). A document outside every folder belongs to the REPL whose
        library it was opened from, else to the nearest port file upward from it, else to the only
        supervisor there is. Where there are several, or the port file is somebody else's, to none:
        never guess where code goes.
        A folder whose port file went keeps its documents, as its server may come back.
        """
        if self.options.connect is not None:
            return self._supervisors.get(self._fixed_root)
        if path is not None:
            if (own := self._supervisors.get(path)) is not None:
                return own
            folder = path.parent
            owner = self._library.get(path)
            if owner is not None and self.port_files.get(folder) is None:
                return owner
            if (known := self._routes.get(folder)) is not None:
                return known
            if not self._folders or self._is_inside(folder):
                return self._route(folder)
            return self._outside(folder)
        return self._only_supervisor()

    def remember_library(self, path: Path, supervisor: Supervisor) -> None:
        """Know that a file was opened through this supervisor's REPL; ours need no remembering."""
        if self._is_inside(path):
            return
        if len(self._library) >= LIBRARY_FILES:
            self._library.pop(next(iter(self._library)))
        self._library[path] = supervisor

    async def connect(
        self, supervisor: Supervisor, address: Address | None, timeout: float
    ) -> Repl:
        """
        Attach by the user's command: to `address`, or to what was found for the project.

        Raises `ConnectFailed`, also when nothing was found.
        """
        if address is not None:
            return await supervisor.connect(Target(address, Origin.COMMAND), timeout)
        if supervisor.repl is not None:
            return supervisor.repl
        target = self._target(supervisor) or supervisor.target
        if target is None:
            where = supervisor.root or "this document"
            raise ConnectFailed(
                str(where), "no port file was found: start a server, or give its address"
            )
        return await supervisor.connect(target, timeout)

    async def close(self) -> None:
        """Stop watching and close every REPL; bounded, never fails."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        for supervisor in self.supervisors:
            self._let_go(supervisor)
        if self._ending:
            await asyncio.wait(self._ending)
        self._supervisors.clear()
        self._routes.clear()
        self._library.clear()

    def _let_go(self, supervisor: Supervisor) -> None:
        self._library = {p: owner for p, owner in self._library.items() if owner is not supervisor}
        task = asyncio.create_task(supervisor.close(), name=f"close {supervisor.root}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._on_news()

    def _move(self, before: Path | None, root: Path | None) -> None:
        """Keep the REPL that all folders share when another folder becomes the first."""
        supervisor = self._supervisors.pop(before, None)
        if supervisor is None:
            return
        if (displaced := self._supervisors.pop(root, None)) is not None:
            self._let_go(displaced)
        supervisor.root = root
        self._supervisors[root] = supervisor
        self._on_news()

    @property
    def _fixed_root(self) -> Path | None:
        return self._folders[0] if self._folders else None

    def _is_inside(self, path: Path) -> bool:
        return any(path == folder or folder in path.parents for folder in self._folders)

    def _is_kept(self, path: Path) -> bool:
        return self._is_inside(path) or path in self._outsiders

    def _limit_of(self, folder: Path) -> Path:
        """How far up to look: to the innermost workspace folder; alone, nowhere."""
        around = [root for root in self._folders if root == folder or root in folder.parents]
        return max(around, key=lambda root: len(root.parts), default=folder)

    def _only_supervisor(self) -> Supervisor | None:
        """Return the one that is meant when nothing says which, or one for no project at all."""
        roots = [it for it in self.supervisors if it.root is not None or it.target is not None]
        if len(roots) > 1:
            return None
        return roots[0] if roots else self._supervisor(None)

    def _route(self, folder: Path) -> Supervisor:
        upward = list(directories_upward(folder, self._limit_of(folder)))
        news = [directory for directory in upward if self.port_files.look(directory) is not None]
        for directory in news:
            self._supervisor(directory)
        root = next((path for path in upward if path in self._supervisors), upward[-1])
        self._routes[folder] = supervisor = self._supervisor(root)
        return supervisor

    def _outside(self, folder: Path) -> Supervisor | None:
        """
        Return the supervisor of a document outside the workspace: that of its own project.

        Looks no further than the user's own folder, where everything lies (our cache too).
        """
        for directory in (folder, *folder.parents):
            self.port_files.look(directory)
            found = self.port_files.get(directory)
            if found is not None and directory not in self._outsiders:
                if not is_ours(found.path):
                    return None
                self._outsiders.add(directory)
            if directory in self._outsiders:
                self._routes[folder] = supervisor = self._supervisor(directory)
                return supervisor
            if directory == _home():
                break
        return self._only_supervisor()

    def _supervisor(self, root: Path | None) -> Supervisor:
        if root not in self._supervisors:
            self._supervisors[root] = Supervisor(
                root,
                options=self.options.attach,
                on_change=self._changed,
                on_news=self._on_news,
            )
            self._routes.clear()
            self._aim(self._supervisors[root])
            self._on_news()
        return self._supervisors[root]

    def _settle(self, *, keeps_live: bool = False) -> None:
        """
        Make supervisors for what was found, and aim each where it belongs.

        keeps_live: what is attached stays so where only its port file went (`git clean`, `lein
        clean` of `target/repl-port`). That the connection lives proves that the program does, and
        to let go would end what runs there.
        """
        if self._task is None:
            return
        self._routes.clear()
        if self.options.connect is not None:
            self._supervisor(self._fixed_root)
        for root in (*self._folders, *self.port_files.directories):
            if not self._folders or self._is_inside(root) or root in self._outsiders:
                self._supervisor(root)
        for supervisor in self.supervisors:
            self._aim(supervisor, keeps_live=keeps_live)

    def _aim(self, supervisor: Supervisor, *, keeps_live: bool = False) -> None:
        if self._task is None or supervisor.is_manual:
            return
        target = self._target(supervisor)
        if target is None and keeps_live and supervisor.repl is not None:
            return
        if self.options.auto_connect or supervisor.target is not None:
            supervisor.aim(target)

    def _changed(self, supervisor: Supervisor) -> None:
        self._on_change(supervisor)
        if supervisor.state is State.LOST:
            # Its port file may have gone before.
            asyncio.get_running_loop().call_soon(self._aim, supervisor)

    def _target(self, supervisor: Supervisor) -> Target | None:
        options = self.options
        if options.connect is not None:
            if supervisor.root == self._fixed_root:
                return Target(options.connect, Origin.SETTING)
            return None
        file = self.port_files.get(supervisor.root) if supervisor.root else None
        if file is not None and file.address is not None:
            return Target(file.address, Origin.PORT_FILE, file.stamp)
        is_root = supervisor.root in self._folders or not self._folders
        if options.use_environment and is_root:
            if address := address_in_environment(self._environment):
                return Target(address, Origin.ENVIRONMENT)
        return None


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        # There is none on this system.
        return None
