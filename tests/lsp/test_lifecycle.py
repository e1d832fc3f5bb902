"""From `initialize` to `shutdown`: what is announced, settings, folders."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.registry import create_server
from nrepl_lsp.lsp.settings import Settings, SettingsProblem
from nrepl_lsp.nrepl.address import Address
from nrepl_lsp.nrepl.errors import AddressError
from nrepl_lsp.repl.supervisor import Origin, State, Target
from tests.support.fault_server import FaultServer, silent

from .conftest import attach_file
from .editor import Editor, RequestFailed

PULLS = {"workspace": {"configuration": True}}


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """The settings change the level of our log."""
    logger = logging.getLogger("nrepl_lsp")
    before = logger.level
    yield
    logger.setLevel(before)


async def test_a_client_that_refuses_the_registration_is_served(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    def refuse(params: Any) -> Any:
        raise RequestFailed({"code": -32601, "message": "no such method"})

    editor = make_editor()
    editor.answers["client/registerCapability"] = refuse
    await editor.initialize(
        {"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}
    )
    await editor.until(lambda: editor.requests, "client/registerCapability")
    attach_file(project, nrepl)
    await editor.attached()


async def test_what_we_are_able_to_do_is_announced(make_editor: Callable[..., Editor]) -> None:
    result = await make_editor().initialize()
    able = result["capabilities"]
    assert result["serverInfo"]["name"] == "nrepl-lsp"
    assert able["hoverProvider"] is True
    assert able["definitionProvider"] is True
    assert able["completionProvider"]["resolveProvider"] is True
    assert able["textDocumentSync"]["change"] == 2
    assert able["workspace"]["workspaceFolders"]["supported"] is True


async def test_nothing_is_connected_before_the_settings_are_known(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(PULLS)
    await editor.until(lambda: editor.requests, "workspace/configuration")
    document = editor.open("(ma|p)")
    assert await document.ask("hover") is None
    (connection,) = (await editor.command("nrepl.status"))["connections"]
    assert (connection["state"], connection["address"]) == ("detached", None)
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["message"].startswith("Still connecting to the REPL; try again")
    assert nrepl.requests == []


async def test_without_auto_connect_only_the_command_attaches(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"autoConnect": False}})
    document = editor.open("(ma|p)")
    assert await document.ask("hover") is None
    assert nrepl.requests == []
    assert (await editor.command("nrepl.connect"))["connected"] is True
    assert await document.ask("hover") is not None


async def test_documents_opened_early_find_their_own_port_file(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    inner = project / "inner"
    inner.mkdir()
    attach_file(inner, nrepl)
    editor = make_editor()
    editor.answers["workspace/configuration"] = lambda params: [None]
    await editor.initialize(PULLS)
    editor.open("(map)", "inner/a.clj")
    await editor.attached()


@pytest.mark.parametrize(
    ("options", "pushed", "pulled"),
    [
        ({"nrepl": {"completion": {"limit": 5}}}, None, None),
        ({"completion": {"limit": 5}}, None, None),
        ({"nrepl.completion.limit": 5}, None, None),
        ({"nrepl": {"completion": {"limit": 9}}}, {"nrepl": {"completion": {"limit": 5}}}, None),
        ({"nrepl.completion.limit": 9}, {"nrepl": {"completion": {"limit": 5}}}, None),
        ({"completion.limit": 9}, {"completion": {"limit": 9}}, {"completion": {"limit": 5}}),
        ({"completion": {"limit": 5}}, {"nrepl": {"snippets": False}}, {"snippets": True}),
        ({"completion": {"limit": 5}}, {"nrepl": None}, None),
        ({"completion": {"limit": 5}}, [], {}),
        ({"completion": {"limit": 5}}, {"nrepl": {"completion": {"limit": None}}}, None),
        (None, {"nrepl.completion.limit": 5, "editor.tabSize": 2}, None),
    ],
)
async def test_later_settings_lie_over_earlier_ones_key_by_key(
    make_editor: Callable[..., Editor], options: Any, pushed: Any, pulled: Any
) -> None:
    editor = make_editor()
    editor.answers["workspace/configuration"] = lambda params: [pulled]
    await editor.initialize(PULLS if pulled is not None else {}, options)
    editor.notify("workspace/didChangeConfiguration", {"settings": pushed})
    await editor.until(
        lambda: editor.server.settings.completion_limit == 5 or ask_again(editor), ""
    )
    assert editor.shown() == []


def ask_again(editor: Editor) -> bool:
    """Make one more message come, so that the next look is taken later."""
    editor.start_request("workspace/executeCommand", {"command": "nrepl.status", "arguments": []})
    return False


async def test_the_section_is_asked_for(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    await editor.initialize(PULLS)
    await editor.until(lambda: editor.requests, "workspace/configuration")
    assert editor.requests == [("workspace/configuration", {"items": [{"section": "nrepl"}]})]


async def test_a_client_that_refuses_to_say_is_served_with_what_is_known(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    def refuse(params: Any) -> Any:
        raise RequestFailed({"code": -32601, "message": "no such method"})

    attach_file(project, nrepl)
    editor = make_editor()
    editor.answers["workspace/configuration"] = refuse
    await editor.initialize(PULLS, {"completion": {"limit": 7}})
    await editor.attached()
    assert editor.server.settings.completion_limit == 7


async def test_a_client_that_never_says_is_served_after_a_while(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.features.lifecycle.CLIENT_TIMEOUT", 0.05)
    attach_file(project, nrepl)
    editor = make_editor()
    editor.answers.clear()
    register = {"didChangeConfiguration": {"dynamicRegistration": True}}
    await editor.initialize({"workspace": {"configuration": True, **register}})
    await editor.attached()


async def test_a_client_that_is_slow_to_say_keeps_the_settings_it_gave_before(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.features.lifecycle.CLIENT_TIMEOUT", 0.05)
    editor = make_editor()
    settings = {"connect": nrepl.url}
    editor.answers["workspace/configuration"] = lambda params: [settings]
    await editor.initialize(PULLS)
    await editor.attached()
    configured = configurations(editor, monkeypatch)
    editor.answers.pop("workspace/configuration")
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    assert (await asyncio.wait_for(configured.get(), 5)).connect == nrepl.url
    assert (await editor.command("nrepl.evalCode", {"code": "1"}))["status"] == "done"
    editor.answers["workspace/configuration"] = lambda params: [None]
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    assert (await asyncio.wait_for(configured.get(), 5)).connect is None


async def test_a_push_of_nothing_keeps_what_was_pushed_before(
    make_editor: Callable[..., Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = make_editor()
    configured = configurations(editor, monkeypatch)
    await editor.initialize({})
    await asyncio.wait_for(configured.get(), 5)
    limits = []
    for pushed in ({"nrepl": {"completion": {"limit": 5}}}, None, "text", {"nrepl": {}}):
        editor.notify("workspace/didChangeConfiguration", {"settings": pushed})
        limits.append((await asyncio.wait_for(configured.get(), 5)).completion_limit)
    assert limits == [5, 5, 5, 1000]


def configurations(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[Settings]":
    """The settings that the server takes over from now on."""
    taken: asyncio.Queue[Settings] = asyncio.Queue()
    configure = editor.server.configure

    def note(settings: Settings, problems: list[SettingsProblem]) -> None:
        configure(settings, problems)
        taken.put_nowait(settings)

    monkeypatch.setattr(editor.server, "configure", note)
    return taken


async def test_changed_settings_are_registered_for_where_the_client_wants_it(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize(
        {"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}
    )
    await editor.until(lambda: editor.requests, "client/registerCapability")
    ((method, params),) = editor.requests
    assert method == "client/registerCapability"
    assert params["registrations"][0]["method"] == "workspace/didChangeConfiguration"


async def test_a_wrong_setting_is_named_once_and_the_rest_counts(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    options = {"completion": {"limit": "many"}, "hover": {"timeout": 3}, "snipets": True}
    await editor.initialize(options=options)
    text = (await editor.notified("window/showMessage"))["message"]
    assert "nrepl.completion.limit" in text
    assert "nrepl.snipets" in text
    assert editor.server.settings.hover_timeout == 3
    assert editor.server.settings.completion_limit == 1000
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.command("nrepl.status")
    assert editor.shown() == [text]


@pytest.mark.parametrize("nonsense", ["text", 5, True, {"nrepl": "text"}, {"nrepl": 5}])
async def test_a_layer_that_is_no_object_costs_only_itself(
    make_editor: Callable[..., Editor], nonsense: Any
) -> None:
    editor = make_editor()
    await editor.initialize(options={"completion": {"limit": 7}})
    editor.notify("workspace/didChangeConfiguration", {"settings": nonsense})
    text = (await editor.notified("window/showMessage"))["message"]
    assert text.startswith("Settings: nrepl must be an object")
    assert editor.server.settings.completion_limit == 7


async def test_options_that_are_no_object_are_named_and_what_is_pushed_counts(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize(options="text")
    text = (await editor.notified("window/showMessage"))["message"]
    assert text.startswith("Settings: nrepl must be an object")
    editor.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"limit": 7}}})
    await editor.until(
        lambda: editor.server.settings.completion_limit == 7 or ask_again(editor), "limit"
    )


async def test_the_log_level_is_the_setting_s_unless_the_command_line_chose(
    make_editor: Callable[..., Editor],
) -> None:
    logger = logging.getLogger("nrepl_lsp")
    logger.setLevel(logging.WARNING)
    editor = make_editor()
    await editor.initialize(options={"log.level": "debug"})
    await editor.command("nrepl.status")
    assert logger.level == logging.DEBUG
    logger.setLevel(logging.ERROR)
    chosen = make_editor()
    await chosen.initialize(options={"log.level": "debug"})
    await chosen.command("nrepl.status")
    assert logger.level == logging.ERROR


async def test_folders_that_come_are_attached_and_those_that_go_are_let_go(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    attach_file(other, nrepl)
    editor = make_editor()
    await editor.initialize()
    folder = {"uri": other.as_uri(), "name": "other"}
    params: dict[str, Any] = {"event": {"added": [folder], "removed": []}}
    editor.notify("workspace/didChangeWorkspaceFolders", params)
    await editor.attached()
    params = {"event": {"added": [], "removed": [folder]}}
    editor.notify("workspace/didChangeWorkspaceFolders", params)
    await nrepl.disconnected()
    roots = [one["root"] for one in (await editor.command("nrepl.status"))["connections"]]
    assert roots == [str(project)]


@pytest.mark.parametrize("key", ["rootUri", "rootPath"])
async def test_old_clients_name_one_root(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, key: str
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    root = {"rootUri": None, key: project.as_uri() if key == "rootUri" else str(project)}
    await editor.initialize({}, workspaceFolders=None, **root)
    await editor.attached()


async def test_a_workspace_on_another_machine_is_no_folder(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    folders = [{"uri": "vscode-remote://host/a", "name": "a"}]
    await editor.initialize({}, workspaceFolders=folders, rootUri=None)
    assert (await editor.command("nrepl.status"))["connections"] == []


async def test_the_command_line_s_address_goes_before_port_files(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    (project / ".nrepl-port").write_text("1")
    editor = make_editor(connect=nrepl.url)
    await editor.initialize()
    await editor.attached()
    (connection,) = (await editor.command("nrepl.status"))["connections"]
    assert (connection["state"], connection["address"]) == ("ready", nrepl.url)


async def test_the_setting_s_address_goes_before_port_files(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    (project / ".nrepl-port").write_text("1")
    editor = make_editor()
    await editor.initialize(options={"nrepl.connect": nrepl.port})
    await editor.attached()
    (connection,) = (await editor.command("nrepl.status"))["connections"]
    assert connection["state"] == "ready"


async def test_the_conversation_is_recorded_where_asked(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    attach_file(project, nrepl)
    record = tmp_path / "wire.jsonl"
    editor = make_editor(record=str(record))
    await editor.initialize()
    await editor.attached()
    await editor.server.close()
    assert '"op": "describe"' in record.read_text()


def test_a_wrong_address_is_refused_at_once() -> None:
    with pytest.raises(AddressError):
        create_server(connect="nrepl://host:port")


async def test_a_program_that_is_lost_is_told_once_in_the_log(
    editor: Editor, nrepl: FaultServer
) -> None:
    await nrepl.stop()
    await editor.notified("window/logMessage", "No REPL: ")
    refused = await editor.notified("window/logMessage", "nothing is listening there")
    supervisor = editor.server.supervisor_for(None)
    assert supervisor is not None
    async with asyncio.timeout(5):
        for _ in range(4):  # lost, connecting, lost again
            await supervisor._changed.wait()
    lines = [params for method, params in editor.notifications if method == "window/logMessage"]
    assert lines.count(refused) == 1
    assert editor.shown() == []


async def test_a_port_with_another_program_behind_it_is_told_to_the_user(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    (project / ".nrepl-port").write_text(str(port))
    editor = make_editor()
    await editor.initialize()
    text = (await editor.notified("window/showMessage"))["message"]
    assert str(port) in text
    assert "it is a web server, not an nREPL server" in text
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["status"] == "disconnected"
    listener.close()
    await listener.wait_closed()


def settle(
    editor: Editor, project: Path, state: State, reason: str | None = None, repl: Any = None
) -> None:
    """Have the project's attachment come to a state, as its supervisor would tell."""
    supervisor = editor.server.supervisor_for((project / "a.clj").as_uri())
    assert supervisor is not None
    supervisor.target = Target(Address.parse("127.0.0.1:7"), Origin.SETTING)
    supervisor._explain(reason, needs_user=reason is not None)
    supervisor._set(State.CONNECTING, None)
    supervisor._set(state, repl)


async def test_what_the_user_was_told_is_told_again_after_it_was_well_meanwhile(
    editor: Editor, project: Path
) -> None:
    repl = editor.server.repl_for((project / "a.clj").as_uri())
    for _ in range(2):
        settle(editor, project, State.LOST, "another program may answer there now")
    assert len(editor.shown()) == 1
    settle(editor, project, State.READY, repl=repl)
    settle(editor, project, State.LOST, "another program may answer there now")
    assert len(editor.shown()) == 2


async def test_wrong_settings_are_told_again_after_they_were_right(
    make_editor: Callable[..., Editor],
) -> None:
    editor = make_editor()
    await editor.initialize({})
    for limit in (0, 0, 5, 0):
        settings = {"nrepl": {"completion": {"limit": limit}}}
        editor.notify("workspace/didChangeConfiguration", {"settings": settings})
    await editor.until(lambda: len(editor.shown()) == 2, "two messages")


async def test_a_message_after_a_hundred_others_is_told(detached: Editor) -> None:
    texts = [f"message {number}" for number in range(101)]
    for text in [*texts, texts[-1], texts[0]]:
        detached.server.tell_once(types.MessageType.Warning, text)
    assert detached.shown() == [*texts, texts[0]]


async def test_connecting_one_project_silences_no_other(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    nrepl.on("describe", silent())
    other = tmp_path / "other"
    editor = make_editor()
    folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, other)]
    await editor.initialize(workspaceFolders=folders)
    argument = {"uri": (project / "a.clj").as_uri(), "url": nrepl.url}
    params = {"command": "nrepl.connect", "arguments": [argument]}
    editor.start_request("workspace/executeCommand", params)
    await nrepl.received("describe")
    settle(editor, project, State.LOST, "it is a web server")
    assert editor.shown() == []
    settle(editor, other, State.LOST, "it is a web server")
    assert editor.shown() == ["No REPL: nrepl://127.0.0.1:7: it is a web server."]


def test_what_a_module_keeps_is_one_for_each_editor() -> None:
    class Kept:
        pass

    first, second = create_server(), create_server()
    assert isinstance(first.part(Kept), Kept)
    assert first.part(Kept) is first.part(Kept)
    assert first.part(Kept) is not second.part(Kept)
