"""Which REPL a document belongs to, as port files come, change and go."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from nrepl_lsp.nrepl import Address, ConnectFailed
from nrepl_lsp.nrepl.discovery import PortFile, find_port_file
from nrepl_lsp.repl import port_files
from nrepl_lsp.repl import routing as routing_module
from nrepl_lsp.repl.routing import Routing, RoutingOptions
from nrepl_lsp.repl.supervisor import AttachOptions, Origin, State, Supervisor
from tests.repl.states import States
from tests.support.fault_server import DEFAULTS, FaultServer, held
from tests.support.servers import free_port

#: A second is promised; these machines are shared.
SOON = 3.0


def write_port(folder: Path, port: int, name: str = ".nrepl-port") -> Path:
    """Write a port file as a new one, whatever the clock's grain."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(str(port))
    draft.replace(path)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "src").mkdir(parents=True)
    return folder


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
async def make(states: States) -> AsyncIterator[Callable[..., Routing]]:
    """`make(environment=…)`: a Routing that is closed at the end."""
    made: list[Routing] = []

    def build(**more: object) -> Routing:
        made.append(Routing(on_change=states, **more))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for routing in made:
        await routing.close()


@pytest.fixture
def routing(make: Callable[..., Routing]) -> Routing:
    return make(poll_interval=0.05)


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


def supervisor_of(routing: Routing, path: Path | None) -> Supervisor:
    supervisor = routing.supervisor_for(path)
    assert supervisor is not None
    return supervisor


# -- finding --------------------------------------------------------------------------------


async def test_nothing_is_attached_before_the_start(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.configure(RoutingOptions(port_files=(".nrepl-port",)))
    routing.set_folders([workspace])
    supervisor_of(routing, workspace / "src/a.clj")
    assert all(it.state is State.DETACHED for it in routing.supervisors)
    assert (states.order, server.requests) == ([], [])
    routing.start([workspace], RoutingOptions())
    await states.until_ready(supervisor_of(routing, workspace / "src/a.clj"))


async def test_a_workspace_has_one_supervisor_for_its_root(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    (supervisor,) = routing.supervisors
    assert supervisor.root == workspace
    for name in ("a.clj", "src/b.clj", "src/not/there/yet/c.clj"):
        assert routing.supervisor_for(workspace / name) is supervisor
    await states.until_ready(supervisor)
    assert supervisor.target is not None
    assert supervisor.target.origin is Origin.PORT_FILE
    assert len(routing.supervisors) == 1


async def test_a_projects_folder_stands_for_the_project(routing: Routing, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        (folder / "src").mkdir(parents=True)
    routing.start(folders, RoutingOptions())
    for folder in folders:
        assert supervisor_of(routing, folder).root == folder
        assert supervisor_of(routing, folder / "src").root == folder
    assert routing.supervisor_for(tmp_path) is None
    assert len(routing.supervisors) == 2


async def test_the_nearest_port_file_upward_wins(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    async with FaultServer() as nested:
        write_port(workspace, server.port)
        write_port(workspace / "libs/one", nested.port)
        routing.start([workspace], RoutingOptions())
        inner = supervisor_of(routing, workspace / "libs/one/src/a.clj")
        outer = supervisor_of(routing, workspace / "libs/two/src/a.clj")
        assert (inner.root, outer.root) == (workspace / "libs/one", workspace)
        await states.until_ready(inner)
        await states.until_ready(outer)
        assert inner.repl is not None
        assert inner.repl.address.port == nested.port
        await routing.close()


async def test_a_port_file_above_the_workspace_is_not_taken(
    routing: Routing, workspace: Path, server: FaultServer
) -> None:
    write_port(workspace.parent, server.port)
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    assert (supervisor.root, supervisor.state) == (workspace, State.DETACHED)


async def test_a_folder_inside_a_folder_of_the_workspace_is_a_limit(
    routing: Routing, workspace: Path, server: FaultServer
) -> None:
    write_port(workspace, server.port)
    inner = workspace / "inner"
    inner.mkdir()
    routing.start([workspace, inner], RoutingOptions())
    supervisor = supervisor_of(routing, inner / "src/a.clj")
    assert (supervisor.root, supervisor.target) == (inner, None)


async def test_without_a_workspace_a_documents_own_folder_is_looked_at(
    routing: Routing, tmp_path: Path, server: FaultServer, states: States
) -> None:
    write_port(tmp_path / "one", server.port)
    write_port(tmp_path, server.port)
    routing.start([], RoutingOptions())
    supervisor = supervisor_of(routing, tmp_path / "one/a.clj")
    assert supervisor.root == tmp_path / "one"
    await states.until_ready(supervisor)
    other = supervisor_of(routing, tmp_path / "two/a.clj")
    assert (other.root, other.target) == (tmp_path / "two", None)


@pytest.mark.parametrize("folders", [True, False], ids=["workspace", "no folder"])
async def test_the_environment_names_the_server_of_the_roots(
    make: Callable[..., Routing],
    workspace: Path,
    server: FaultServer,
    states: States,
    folders: bool,
) -> None:
    routing = make(environment={"NREPL_PORT": str(server.port)})
    routing.start([workspace] if folders else [], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "a.clj")
    await states.until_ready(supervisor)
    assert supervisor.target is not None
    assert supervisor.target.origin is Origin.ENVIRONMENT
    routing.configure(RoutingOptions(use_environment=False))
    assert (supervisor.target, supervisor.state) == (None, State.DETACHED)


async def test_a_port_file_wins_over_the_environment(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    routing = make(environment={"NREPL_PORT": str(free_port())})
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    await states.until_ready(supervisor_of(routing, workspace / "a.clj"))


# -- watching -------------------------------------------------------------------------------


async def test_a_port_file_that_appears_connects_within_a_second(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    routing = make()
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    write_port(workspace, server.port)
    await states.until_ready(supervisor, SOON)


async def test_a_port_file_that_changes_reconnects(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    routing = make()
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    await states.until_ready(supervisor)
    async with FaultServer() as other:
        write_port(workspace, other.port)
        await states.until(
            lambda: supervisor.repl and supervisor.repl.address.port == other.port, SOON
        )
        await server.disconnected()
        assert server.sessions == []
        await routing.close()


async def test_a_program_that_ends_with_its_port_file_is_let_go_and_may_come_back(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    routing = make()
    async with FaultServer() as first:
        path = write_port(workspace, first.port)
        routing.start([workspace], RoutingOptions())
        supervisor = supervisor_of(routing, workspace / "src/a.clj")
        await states.until_ready(supervisor)
        path.unlink()
    await states.until(lambda: supervisor.state is State.DETACHED, SOON)
    write_port(workspace, server.port)
    await states.until_ready(supervisor, SOON)


@pytest.mark.parametrize("is_emptied", [False, True])
async def test_a_program_whose_port_file_goes_stays_attached_until_it_ends(
    routing: Routing, workspace: Path, server: FaultServer, states: States, is_emptied: bool
) -> None:
    """`lein clean` takes `target/repl-port` away: to let go would end what runs."""
    path = write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    nested = routing.supervisor_for(workspace / "libs/a.clj")
    await states.until_ready(supervisor)
    repl = supervisor.repl
    if is_emptied:
        path.write_text("")
    else:
        path.unlink()
    async with FaultServer() as other:
        # Once this one is seen, so is the other's end.
        write_port(workspace / "libs", other.port)
        await states.until(lambda: routing.supervisor_for(workspace / "libs/a.clj") is not nested)
        assert supervisor.repl is repl is not None
        assert server.of("close") == []
        server.hang_up()
        await states.until_state(supervisor, State.DETACHED)
        await routing.close()


async def test_a_nested_port_file_that_appears_takes_its_documents_over(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    routing = make()
    nested = workspace / "libs/one"
    (nested / "src").mkdir(parents=True)
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    document = nested / "src/a.clj"
    outer = supervisor_of(routing, document)
    await states.until_ready(outer)
    async with FaultServer() as other:
        write_port(nested, other.port)
        await states.until(lambda: routing.supervisor_for(document) is not outer, SOON)
        inner = supervisor_of(routing, document)
        assert inner.root == nested
        await states.until_ready(inner)
        assert routing.supervisor_for(workspace / "src/a.clj") is outer
        assert outer.repl is not None
        await routing.close()


async def test_a_folder_whose_port_file_went_keeps_its_documents(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    """Its server may come back; until then its code must not go to the program of another."""
    async with FaultServer() as other:
        write_port(workspace, server.port)
        path = write_port(workspace / "one", other.port)
        routing.start([workspace], RoutingOptions())
        inner = supervisor_of(routing, workspace / "one/a.clj")
        await states.until_ready(inner)
        path.unlink()
        other.hang_up()
        await states.until_state(inner, State.DETACHED)
        assert routing.supervisor_for(workspace / "one/a.clj") is inner
        assert routing.supervisor_for(workspace / "one/new/b.clj") is inner
        await routing.close()


async def test_a_port_file_that_cannot_be_read_for_a_while_detaches_nothing(
    routing: Routing, workspace: Path, server: FaultServer, states: States, monkeypatch
) -> None:
    async with FaultServer() as other:
        write_port(workspace, server.port)
        write_port(workspace / "one", other.port)
        routing.start([workspace], RoutingOptions())
        inner = supervisor_of(routing, workspace / "one/a.clj")
        outer = supervisor_of(routing, workspace / "a.clj")
        await states.until_ready(inner)
        await states.until_ready(outer)
        repl, find = outer.repl, find_port_file

        def fail(directory: Path, names: tuple[str, ...]) -> PortFile | None:
            if directory == workspace:
                raise OSError(24, "Too many open files")
            return find(directory, names)

        monkeypatch.setattr(port_files, "find_port_file", fail)
        (workspace / "one/.nrepl-port").unlink()
        other.hang_up()
        await states.until_state(inner, State.DETACHED)
        assert outer.repl is repl
        monkeypatch.undo()
        (workspace / ".nrepl-port").unlink()
        server.hang_up()
        await states.until_state(outer, State.DETACHED)


async def test_a_folder_that_cannot_be_read_at_first_is_watched(
    routing: Routing, workspace: Path, server: FaultServer, states: States, monkeypatch
) -> None:
    def fail(directory: Path, names: tuple[str, ...]) -> PortFile | None:
        raise OSError(5, "Input/output error")

    write_port(workspace, server.port)
    with monkeypatch.context() as patch:
        patch.setattr(port_files, "find_port_file", fail)
        routing.start([workspace], RoutingOptions())
        supervisor = supervisor_of(routing, workspace / "a.clj")
        assert supervisor.state is State.DETACHED
    await states.until_ready(supervisor)


async def test_watching_survives_a_fault(
    routing: Routing, workspace: Path, server: FaultServer, states: States, monkeypatch
) -> None:
    look_at, faults = port_files._look_at, [RuntimeError("can't start new thread")] * 2

    def fail_at_first(*arguments: object) -> object:
        if faults:
            raise faults.pop()
        return look_at(*arguments)  # type: ignore[arg-type]

    routing.start([workspace], RoutingOptions())
    monkeypatch.setattr(port_files, "_look_at", fail_at_first)
    write_port(workspace, server.port)
    await states.until_ready(supervisor_of(routing, workspace / "a.clj"), SOON)
    assert faults == []


async def test_what_was_seen_for_former_settings_does_not_count(
    routing: Routing, workspace: Path, server: FaultServer, states: States, monkeypatch
) -> None:
    """The settings change while a thread looks at the port files."""
    look_at, looked = port_files._look_at, asyncio.Event()
    loop = asyncio.get_running_loop()

    def change_meanwhile(directories: object, names: tuple[str, ...]) -> object:
        found = look_at(directories, names)  # type: ignore[arg-type]
        if names == port_files.PORT_FILES:
            asyncio.run_coroutine_threadsafe(_configure(routing), loop).result(5)
            loop.call_soon_threadsafe(looked.set)
        return found

    async def _configure(routing: Routing) -> None:
        routing.configure(RoutingOptions(port_files=("my-port",)))

    routing.start([workspace], RoutingOptions())
    monkeypatch.setattr(port_files, "_look_at", change_meanwhile)
    write_port(workspace, free_port())
    write_port(workspace, server.port, "my-port")
    await asyncio.wait_for(looked.wait(), 5)
    supervisor = supervisor_of(routing, workspace / "a.clj")
    await states.until_ready(supervisor)
    assert {state for _, state in states.seen} == {State.CONNECTING, State.READY}


# -- settings -------------------------------------------------------------------------------


async def test_an_explicit_address_takes_every_document(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, free_port())
    address = Address("nrepl", "127.0.0.1", server.port)
    routing.start([workspace], RoutingOptions(connect=address))
    (supervisor,) = routing.supervisors
    for path in (workspace / "a.clj", workspace / "one/b.clj", Path("/elsewhere/c.clj"), None):
        assert routing.supervisor_for(path) is supervisor
    await states.until_ready(supervisor)
    assert supervisor.target is not None
    assert supervisor.target.origin is Origin.SETTING
    assert len(server.of("clone")) == 2


async def test_an_explicit_address_needs_no_workspace(
    routing: Routing, server: FaultServer, states: States
) -> None:
    address = Address("nrepl", "127.0.0.1", server.port)
    routing.start([], RoutingOptions(connect=address))
    supervisor = supervisor_of(routing, None)
    assert supervisor.root is None
    await states.until_ready(supervisor)


async def test_an_explicit_address_stays_attached_when_folders_come_and_go(
    routing: Routing, tmp_path: Path, server: FaultServer, states: States
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    address = Address("nrepl", "127.0.0.1", server.port)
    routing.start([], RoutingOptions(connect=address))
    supervisor = supervisor_of(routing, None)
    await states.until_ready(supervisor)
    repl = supervisor.repl
    for folders in ([one, two], [two], [one, two], [two, one], []):
        routing.set_folders(folders)
        assert routing.supervisor_for(two / "a.clj") is supervisor
        assert supervisor.root == (folders[0] if folders else None)
        assert [it.root for it in routing.supervisors if it.root] in (folders, folders[::-1])
    assert supervisor.repl is repl
    assert states.order == ["connecting", "ready"]


async def test_an_explicit_address_that_is_taken_back_gives_way_to_the_port_file(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    async with FaultServer() as other:
        write_port(workspace, server.port)
        write_port(workspace / "one", server.port)
        address = Address("nrepl", "127.0.0.1", other.port)
        routing.start([workspace], RoutingOptions())
        nested = supervisor_of(routing, workspace / "one/a.clj")
        await states.until_ready(nested)
        routing.configure(RoutingOptions(connect=address))
        supervisor = supervisor_of(routing, workspace / "one/a.clj")
        assert supervisor.root == workspace
        assert nested.state is State.DETACHED
        await states.until(lambda: supervisor.repl and supervisor.repl.address.port == other.port)
        routing.configure(RoutingOptions())
        await states.until(lambda: supervisor.repl and supervisor.repl.address.port == server.port)
        await states.until_ready(nested)


async def test_settings_that_do_not_touch_an_attachment_leave_it(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "a.clj")
    await states.until_ready(supervisor)
    repl = supervisor.repl
    options = AttachOptions(snippets=False)
    routing.configure(RoutingOptions(attach=options, use_environment=False))
    routing.configure(RoutingOptions(attach=options, auto_connect=False))
    routing.configure(RoutingOptions(attach=options, port_files=("other", ".nrepl-port")))
    assert supervisor.repl is repl
    assert supervisor.options is options
    assert repl is not None
    assert not repl.dialect.snippets
    assert states.order == ["connecting", "ready"]


async def test_other_port_files_are_looked_for_at_once(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port, "my-port")
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    assert supervisor.target is None
    routing.configure(RoutingOptions(port_files=("my-port",)))
    assert supervisor.target is not None
    await states.until_ready(supervisor)
    routing.configure(RoutingOptions(port_files=(".nrepl-port",)))
    assert supervisor.state is State.DETACHED


async def test_without_auto_connect_only_the_command_attaches(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions(auto_connect=False))
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    write_port(workspace / "one", server.port)
    await states.until(lambda: True)
    nested = supervisor_of(routing, workspace / "one/a.clj")
    assert {it.state for it in routing.supervisors} == {State.DETACHED}
    assert (server.requests, states.order) == ([], [])
    repl = await routing.connect(supervisor, None, 5)
    assert supervisor.repl is repl
    assert nested.state is State.DETACHED
    # Once attached, it follows its server.
    async with FaultServer() as other:
        write_port(workspace, other.port)
        await states.until(lambda: supervisor.repl and supervisor.repl.address.port == other.port)
        await routing.close()


# -- folders --------------------------------------------------------------------------------


async def test_added_folders_are_attached_and_removed_ones_let_go(
    routing: Routing, tmp_path: Path, server: FaultServer, states: States
) -> None:
    async with FaultServer() as other:
        one, two = tmp_path / "one", tmp_path / "two"
        write_port(one, server.port)
        write_port(two, other.port)
        routing.start([one], RoutingOptions())
        first = supervisor_of(routing, one / "a.clj")
        await states.until_ready(first)
        routing.set_folders([one, two])
        second = supervisor_of(routing, two / "a.clj")
        await states.until_ready(second)
        assert first.repl is not None
        assert "detached" not in states.order
        routing.remember_library(Path("/cache/core.clj"), first)
        routing.set_folders([two])
        await server.disconnected()
        assert server.sessions == []
        assert routing.supervisors == (second,)
        assert routing.supervisor_for(Path("/cache/core.clj")) is second
        # Its own program may still run: no code for it goes to another.
        assert routing.supervisor_for(one / "a.clj") is not second
        await routing.close()


async def test_a_removed_folders_supervisor_is_waited_for_at_the_end(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    await states.until_ready(supervisor_of(routing, workspace / "a.clj"))
    routing.set_folders([])
    await routing.close()
    assert server.sessions == []
    assert len(server.of("close")) == 2


# -- documents outside ----------------------------------------------------------------------


async def test_a_document_outside_belongs_to_the_only_supervisor_or_to_none(
    routing: Routing, tmp_path: Path
) -> None:
    one, two, outside = tmp_path / "one", tmp_path / "two", tmp_path / "else/a.clj"
    routing.start([one], RoutingOptions())
    (only,) = routing.supervisors
    assert routing.supervisor_for(outside) is only
    assert routing.supervisor_for(None) is only
    routing.set_folders([one, two])
    assert routing.supervisor_for(outside) is None
    assert routing.supervisor_for(None) is None


async def test_a_librarys_file_belongs_to_the_repl_it_was_opened_from(
    routing: Routing, tmp_path: Path, monkeypatch
) -> None:
    one, two, library = tmp_path / "one", tmp_path / "two", tmp_path / "cache/core.clj"
    routing.start([one, two], RoutingOptions())
    supervisor = supervisor_of(routing, two / "a.clj")
    routing.remember_library(library, supervisor)
    assert routing.supervisor_for(library) is supervisor
    monkeypatch.setattr(routing_module, "LIBRARY_FILES", 3)
    for number in range(3):
        routing.remember_library(tmp_path / f"{number}.clj", supervisor)
    assert routing.supervisor_for(library) is None
    assert routing.supervisor_for(tmp_path / "2.clj") is supervisor


async def test_a_folder_of_the_workspace_wins_over_where_its_files_were_opened_from(
    routing: Routing, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    routing.start([one], RoutingOptions())
    first = supervisor_of(routing, one / "a.clj")
    routing.remember_library(two / "b.clj", first)
    assert routing.supervisor_for(two / "b.clj") is first
    routing.set_folders([one, two])
    second = supervisor_of(routing, two / "b.clj")
    assert second.root == two
    routing.remember_library(two / "b.clj", first)
    assert routing.supervisor_for(two / "b.clj") is second


async def test_without_a_workspace_a_port_file_beside_a_file_wins_over_where_it_was_opened_from(
    routing: Routing, tmp_path: Path
) -> None:
    write_port(tmp_path / "two", free_port())
    routing.start([], RoutingOptions())
    first = supervisor_of(routing, tmp_path / "one/a.clj")
    second = supervisor_of(routing, tmp_path / "two/a.clj")
    for name in ("two/b.clj", "cache/c.clj"):
        routing.remember_library(tmp_path / name, first)
    assert routing.supervisor_for(tmp_path / "two/b.clj") is second
    assert routing.supervisor_for(tmp_path / "cache/c.clj") is first


async def test_a_document_without_any_folder_can_be_connected_by_command(
    routing: Routing, tmp_path: Path, server: FaultServer, states: States
) -> None:
    routing.start([], RoutingOptions())
    untitled = supervisor_of(routing, None)
    assert untitled.root is None
    assert routing.supervisor_for(None) is untitled
    # As long as it is attached to nothing it stands in nobody's way.
    saved = supervisor_of(routing, tmp_path / "a.clj")
    assert routing.supervisor_for(None) is saved
    address = Address("nrepl", "127.0.0.1", server.port)
    await routing.connect(untitled, address, 5)
    assert routing.supervisor_for(None) is None


# -- by the user's command ------------------------------------------------------------------


async def test_port_files_do_not_undo_what_the_user_did(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    supervisor = supervisor_of(routing, workspace / "src/a.clj")
    await states.until_ready(supervisor)
    supervisor.detach()
    await server.disconnected()
    asked = len(server.requests)
    write_port(workspace, server.port)
    other = write_port(workspace / "src", server.port)
    await states.until_ready(await _nested(routing, workspace / "src/a.clj", states))
    other.unlink()
    assert supervisor.state is State.DETACHED
    routing.configure(RoutingOptions(use_environment=False))
    assert supervisor.state is State.DETACHED
    assert len(server.requests) >= asked
    repl = await routing.connect(supervisor, None, 5)
    assert supervisor.repl is repl
    async with FaultServer() as another:
        write_port(workspace, another.port)
        await states.until(lambda: supervisor.repl not in (None, repl))
        await routing.close()


async def _nested(routing: Routing, path: Path, states: States) -> Supervisor:
    """Wait until the watcher has been round once: a nested port file is its sign."""
    outer = routing.supervisor_for(path)
    await states.until(lambda: routing.supervisor_for(path) is not outer)
    return supervisor_of(routing, path)


async def test_an_address_by_command_wins_over_port_files_until_connect_without_one(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    async with FaultServer() as other:
        routing.start([workspace], RoutingOptions())
        supervisor = supervisor_of(routing, workspace / "a.clj")
        address = Address("nrepl", "127.0.0.1", other.port)
        repl = await routing.connect(supervisor, address, 5)
        assert repl.address == address
        routing.set_folders([workspace])
        assert await routing.connect(supervisor, None, 5) is repl
    await states.until_state(supervisor, State.LOST)
    found = await routing.connect(supervisor, None, 5)
    assert found.address.port == server.port
    assert not supervisor.is_manual


async def test_connect_without_anything_found_says_so(routing: Routing, workspace: Path) -> None:
    routing.start([workspace], RoutingOptions())
    (supervisor,) = routing.supervisors
    with pytest.raises(ConnectFailed, match="no port file was found"):
        await routing.connect(supervisor, None, 5)
    assert supervisor.state is State.DETACHED


async def test_connect_tries_the_last_address_again_when_nothing_was_found(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    routing.start([workspace], RoutingOptions())
    (supervisor,) = routing.supervisors
    address = Address("nrepl", "127.0.0.1", server.port)
    first = await routing.connect(supervisor, address, 5)
    gate = asyncio.Event()
    server.on("describe", held(gate))
    server.hang_up()
    await states.until_state(supervisor, State.LOST)
    server.on("describe", DEFAULTS["describe"])
    again = await routing.connect(supervisor, None, 5)
    assert again is not first
    assert again.address == address


# -- many -----------------------------------------------------------------------------------


async def test_two_servers_on_one_project_do_not_disturb_each_other(
    make: Callable[..., Routing], workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    one, two = make(), make()
    for routing in (one, two):
        routing.start([workspace], RoutingOptions())
        await states.until_ready(supervisor_of(routing, workspace / "a.clj"))
    kept = supervisor_of(two, workspace / "a.clj").repl
    assert kept is not None
    assert len(set(server.sessions)) == 4
    await one.close()
    assert kept.is_live
    assert set(server.sessions) == {kept.user.id, kept.tooling.id}
    limits: dict[str, int] = {"output_limit": 1000, "value_limit": 1000}
    assert (await kept.evaluate("1", **limits).result()).values == ("1",)


async def test_of_hundreds_of_folders_the_last_used_are_watched(
    routing: Routing, workspace: Path, server: FaultServer, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(port_files, "WATCHED_FOLDERS", 20)
    early = write_port(workspace / "early", server.port)
    routing.start([workspace], RoutingOptions())
    attached = supervisor_of(routing, workspace / "early/a.clj")
    root = supervisor_of(routing, workspace / "a.clj")
    for number in range(100):
        assert routing.supervisor_for(workspace / f"{number}/a.clj") is root
    # Folders with a port file, the workspace's own, and the last.
    assert len(routing.port_files.watched) == 22
    assert {workspace, workspace / "early", workspace / "99"} <= routing.port_files.watched
    await states.until_ready(attached)
    early.unlink()
    server.hang_up()
    await states.until_state(attached, State.DETACHED)
    write_port(workspace / "99", server.port)
    await states.until(lambda: routing.supervisor_for(workspace / "99/a.clj") is not root)
    # One that is watched no longer is looked at when a document of it is asked about.
    write_port(workspace / "0", server.port)
    forgotten = supervisor_of(routing, workspace / "0/a.clj")
    assert forgotten.root == workspace / "0"
    await states.until_ready(forgotten)


async def test_documents_in_turn_do_not_make_each_other_dear(
    routing: Routing, workspace: Path, monkeypatch
) -> None:
    routing.start([workspace], RoutingOptions())
    paths = [workspace / f"{number}/a.clj" for number in range(50)]
    for path in paths:
        routing.supervisor_for(path)
    routed = []
    route = Routing._route
    monkeypatch.setattr(
        Routing, "_route", lambda it, folder: routed.append(folder) or route(it, folder)
    )
    for path in paths * 3:
        routing.supervisor_for(path)
    assert routed == []


async def test_a_known_folder_costs_microseconds(routing: Routing, workspace: Path) -> None:
    routing.start([workspace], RoutingOptions())
    path = workspace / "src/deep/down/a.clj"
    routing.supervisor_for(path)
    rounds = 2000
    best = min(_seconds_of(rounds, lambda: routing.supervisor_for(path)) for _ in range(5))
    assert best / rounds < 50e-6


def _seconds_of(rounds: int, call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        call()
    return time.perf_counter() - started


async def test_a_document_with_an_impossible_name_is_routed(
    routing: Routing, workspace: Path
) -> None:
    routing.start([workspace], RoutingOptions())
    (root,) = routing.supervisors
    assert routing.supervisor_for(workspace / "nul\0/a.clj") is root
    assert routing.supervisor_for(workspace / ("x" * 300) / "a.clj") is root


async def test_closing_is_bounded_and_may_be_repeated(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port)
    routing.start([workspace], RoutingOptions())
    await states.until_ready(supervisor_of(routing, workspace / "a.clj"))
    started = time.monotonic()
    await routing.close()
    await routing.close()
    assert time.monotonic() - started < 1
    await server.disconnected()
    assert (server.sessions, routing.supervisors) == ([], ())


async def test_starting_again_takes_over_folders_and_settings(
    routing: Routing, workspace: Path, server: FaultServer, states: States
) -> None:
    write_port(workspace, server.port, "my-port")
    routing.start([], RoutingOptions())
    routing.start([workspace], RoutingOptions(port_files=("my-port",)))
    await states.until_ready(supervisor_of(routing, workspace / "a.clj"))


async def test_an_unreadable_workspace_is_only_empty(routing: Routing, tmp_path: Path) -> None:
    routing.start([tmp_path / "absent"], RoutingOptions())
    (supervisor,) = routing.supervisors
    assert supervisor.state is State.DETACHED
    assert not os.path.exists(tmp_path / "absent")
