"""
Every command as every editor may call it: with nothing, with the wrong, with nothing attached.

Many editors cannot give a command arguments, and show nothing of its reply; some freeze until it is
answered.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from nrepl_lsp.demo.editor import ServerFault
from nrepl_lsp.lsp.registry import COMMANDS
from tests.support.servers import PROGRAMS_APART, SERVERS, ServerPool

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="module"),
]

#: Seconds for an answer without `wait`: Emacs is frozen until it comes.
AT_ONCE = 0.5
#: How often a command may be slow because the machine is busy with other tests.
ATTEMPTS = 3

#: Commands that end something come last, as the others need it.
LAST = ("nrepl.undef", "nrepl.undefAll", "nrepl.newSession", "nrepl.disconnect", "nrepl.connect")
ORDER = [*(name for name in COMMANDS if name not in LAST), *LAST]

#: Commands in a row whose messages are all shown: of a burst only the last is.
FEW = 5

#: Commands that do their work without a program.
FOR_THE_EDITOR = {
    "nrepl.applyAction",
    "nrepl.clearResults",
    "nrepl.connect",
    "nrepl.copyResult",
    "nrepl.disconnect",
    "nrepl.showOutput",
    "nrepl.showTrace",
    "nrepl.status",
}

#: What is no argument, whatever the command.
WRONG: list[list[Any]] = [
    ["text"],
    [7],
    [[]],
    [{}, {}],
    [{"uri": 3}],
    [{"position": "here"}],
    [{"position": {"line": -1, "character": 0}}],
    [{"range": [0, 1]}],
    [{"ns": {}}],
    [{"wait": "yes"}],
    [{"evaluation": 1.5}],
    [{"symbol": []}],
    [{"session": 7}],
    [{"keep": "yes"}],
]

INVALID_PARAMS = -32602

#: An editor's or a plugin's own, of later versions perhaps.
UNKNOWN = {"nobody-knows": [1, {"deep": None}], "colour": "red", "tabSize": 4}

TEXTS = {
    "clojure": "(ns surface.core)\n\n(defn area [side] (* side side))\n\n(area 3)\n",
    "hy": "(defn area [side] (* side side))\n\n(area 3)\n",
}
SUFFIXES = {"basilisp": ".lpy", "nbb": ".cljs", "hy-nrepl": ".hy"}


class Caller(Client):
    """An editor that sees the code of an error, and how long an answer takes."""

    def _receive(self, message: dict[str, Any]) -> None:
        if isinstance(error := message.get("error"), dict):
            error["message"] = f"{error['code']}: {error['message']}"
        super()._receive(message)

    async def call(self, name: str, *arguments: Any) -> Any:
        """Run a command with arguments as they are."""
        params = {"command": name, "arguments": list(arguments)}
        return await self.request("workspace/executeCommand", params)

    async def at_once(self, name: str, *arguments: Any) -> Any:
        """Run a command that must be answered at once."""
        taken = []
        for _ in range(ATTEMPTS):
            started = time.monotonic()
            answer = await self.call(name, *arguments)
            taken.append(time.monotonic() - started)
            if taken[-1] < AT_ONCE:
                return answer
        raise AssertionError(f"{name} was not answered at once: {taken}")

    def messages(self) -> list[str]:
        return [
            params["message"]
            for method, params in self.notifications
            if method == "window/showMessage"
        ]


def editor(root: Path, *arguments: str) -> Caller:
    return Caller(["env", f"XDG_CACHE_HOME={root / 'cache'}", *PROGRAM, *arguments], root)


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[
        pytest.param(spec.name, marks=[getattr(pytest.mark, mark) for mark in spec.marks])
        for spec in (SERVERS[name] for name in PROGRAMS_APART)
    ],
)
async def attached(
    request: pytest.FixtureRequest,
    server_pool: ServerPool,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Caller, Path, str]]:
    """An editor with a program attached and nothing open, a file, and its language."""
    server = server_pool.get(request.param)
    root = tmp_path_factory.mktemp("surface")
    path = root / f"core{SUFFIXES.get(request.param, '.clj')}"
    path.write_text(TEXTS[server.language])
    async with editor(root, "--connect", server.url) as caller:
        await caller.initialize(CAPABILITIES)
        await caller.attached()
        yield caller, path, server.language
    assert caller.exit_code == 0


async def settled(caller: Caller) -> None:
    """Have nothing run any more, so that one command's work is not another's delay."""
    await caller.call("nrepl.interrupt")


async def test_no_argument_and_no_document(attached: tuple[Caller, Path, str]) -> None:
    caller, _, _ = attached
    for name in ORDER:
        answer = await caller.at_once(name)
        assert isinstance(answer, dict), name
        await settled(caller)
    await reconnect(caller)


async def test_no_argument_and_a_last_place(attached: tuple[Caller, Path, str]) -> None:
    caller, path, language = attached
    uri = caller.open(path, language)
    loaded = await caller.call("nrepl.loadFile", {"uri": uri, "wait": True})
    assert loaded["status"] == "done", loaded
    for name in ORDER:
        await caller.at("hover", uri, TEXTS[language], "(area 3")
        answer = await caller.at_once(name)
        assert isinstance(answer, dict), name
        await settled(caller)
    await reconnect(caller)
    caller.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


async def test_what_is_no_argument_is_refused(attached: tuple[Caller, Path, str]) -> None:
    caller, _, _ = attached
    for name in ORDER:
        for arguments in WRONG:
            if name == "nrepl.applyAction":
                # Its argument is an action's own data, and what is odd in it is told to the user.
                assert await caller.at_once(name, *arguments) == {"applied": False}
                continue
            with pytest.raises(ServerFault, match=f"^{INVALID_PARAMS}: .{{10,}}"):
                await caller.at_once(name, *arguments)


async def test_unknown_members_are_ignored(attached: tuple[Caller, Path, str]) -> None:
    caller, path, language = attached
    uri = caller.open(path, language)
    for name in ORDER:
        answer = await caller.at_once(name, {"uri": uri, **UNKNOWN})
        plain = await caller.at_once(name, {"uri": uri})
        assert answer.keys() == plain.keys(), name
        await settled(caller)
    await reconnect(caller)
    caller.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


async def reconnect(caller: Caller) -> None:
    assert (await caller.call("nrepl.connect"))["connected"]


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("first", range(0, len(ORDER), FEW))
async def test_without_a_program_one_sentence(tmp_path: Path, first: int, is_open: bool) -> None:
    path = tmp_path / "core.clj"
    path.write_text(TEXTS["clojure"])
    async with editor(tmp_path) as caller:
        await caller.initialize(CAPABILITIES)
        if is_open:
            uri = caller.open(path, "clojure")
            await caller.at("hover", uri, TEXTS["clojure"], "(area")
        for name in ORDER[first : first + FEW]:
            before = len(caller.messages())
            answer = await caller.at_once(name)
            assert isinstance(answer, dict), name
            # What is told comes before the answer or with it; another answer comes after both.
            await caller.call("nrepl.status")
            told = set(caller.messages()[before:])
            assert len(told) <= 1, (name, told)
            if name in FOR_THE_EDITOR:
                continue
            (sentence,) = told or {f"{name} says nothing"}
            assert re.fullmatch(r"[A-Z][^\n]{10,}\.", sentence), sentence


async def test_every_command_is_documented_with_its_arguments_its_reply_and_an_example() -> None:
    text = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
    for name in COMMANDS:
        _, found, section = text.partition(f"\n### `{name}`\n")
        assert found, f"{name} is not documented"
        section = re.split(r"\n##+ ", section)[0]
        examples = re.findall(r"```json\n(.*?)```", section, re.S)
        assert len(examples) >= 2, f"{name} needs an example of its arguments and of its reply"
        assert f'"{name}"' in examples[0], f"the first example of {name} is its call"


async def test_commands_answer_while_another_never_ends(
    attached: tuple[Caller, Path, str],
) -> None:
    """What is asked of a busy program waits; the editor does not."""
    caller, path, language = attached
    if language != "clojure" or path.suffix == ".cljs":
        pytest.skip("code that never ends keeps everything from this program")
    uri = caller.open(path, language)
    await caller.call("nrepl.loadFile", {"uri": uri, "wait": True})
    code = "(loop [] (recur))"
    if path.suffix == ".lpy":
        # Basilisp cannot be stopped, and other tests have the same server.
        end = time.time() + 15
        code = f"(do (import time) (loop [] (when (< (time/time) {end}) (recur))))"
    endless = {"uri": uri, "code": code}
    assert (await caller.at_once("nrepl.evalCode", endless))["status"] == "running"
    try:
        for name in ORDER:
            if name not in LAST and name != "nrepl.interrupt":
                answer = await caller.at_once(name, {"uri": uri})
                assert isinstance(answer, dict), name
    finally:
        await caller.call("nrepl.newSession", {"uri": uri, "wait": True})
    async with asyncio.timeout(20):
        again = await caller.call("nrepl.evalCode", {"uri": uri, "code": "(+ 1 2)", "wait": True})
    assert again["values"][-1:] == ["3"]
