"""The demo's script: what the editor asks, what came back, and whether that was right."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .editor import Editor, ServerFault

__all__ = ["main"]

_FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)

#: Seconds for Basilisp to be up. Without its cache it compiles its core first: 15 s.
START_TIMEOUT = 120.0
#: Seconds for nrepl-lsp to attach once the port file is there.
ATTACH_TIMEOUT = 20.0

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "completion": {
            "completionItem": {
                "documentationFormat": ["markdown"],
                "labelDetailsSupport": True,
                "resolveSupport": {"properties": ["documentation", "detail"]},
            },
            "completionList": {"itemDefaults": ["editRange", "data"]},
        },
        "hover": {"contentFormat": ["markdown"]},
        "inlayHint": {},
    },
    "workspace": {"inlayHint": {"refreshSupport": True}},
}


class Wrong(Exception):
    """An answer was not what the running program should have said."""


@dataclass(frozen=True)
class Stage:
    """What the steps share: the editor, the open sample and its text."""

    editor: Editor
    uri: str
    text: str

    def at(self, words: str, offset: int = 0) -> dict[str, Any]:
        """The place of some words of the sample, as LSP wants it."""
        index = self.text.index(words) + offset
        line_start = self.text.rfind("\n", 0, index) + 1
        position = {"line": self.text.count("\n", 0, index), "character": index - line_start}
        return {"textDocument": {"uri": self.uri}, "position": position}

    async def evaluate(self, words: str) -> Any:
        """Evaluate the form that begins with these words, and wait for it."""
        position = self.at(words)["position"]
        return await self.editor.command(
            "nrepl.evalForm", uri=self.uri, position=position, wait=True
        )


def main(picture: str | None = None) -> int:
    """
    Play the demo; return 0 only if every answer was right.

    picture: a file to write what was shown to, as SVG.
    """
    console = Console(record=picture is not None, width=92 if picture else None)
    try:
        asyncio.run(_play(console))
    except (Wrong, ServerFault, TimeoutError, OSError) as error:
        console.print(f"\n[bold red]✗ {error or 'it took too long'}[/]")
        return 1
    except KeyboardInterrupt:
        return 130
    console.print("\n[bold green]✓ Every answer was right.[/] Everything has been cleaned up.")
    if picture is not None:
        svg = console.export_svg(title="nrepl-lsp demo")
        # rich names fonts on the web; a picture in a README loads nothing.
        Path(picture).write_text(_FONT_FACE.sub("", svg), "utf-8")
    return 0


async def _play(console: Console) -> None:
    console.print(Rule("[bold]nrepl-lsp[/]: your editor, asking your running program"))
    with tempfile.TemporaryDirectory(prefix="nrepl-lsp-demo-") as folder:
        root = _copy_sample(Path(folder))
        with _basilisp(root) as server:
            with console.status("Starting Basilisp, an nREPL server (the first time: 20 s) …"):
                port = await _wait_for_port(root, server)
            console.print(f"A Basilisp program runs, with nREPL on port {port}.")
            async with _stage(root) as stage:
                for step in (_attach, _load, _complete, _hover, _define, _define_in_library):
                    await _perform(console, step, stage)
                for step in (_evaluate, _output, _error, _beside):
                    await _perform(console, step, stage)


def _copy_sample(folder: Path) -> Path:
    root = folder.resolve() / "sample"
    shutil.copytree(Path(__file__).with_name("sample"), root)
    return root


Step = Callable[[Stage], Any]


async def _perform(console: Console, step: Step, stage: Stage) -> None:
    question = (step.__doc__ or "").strip()
    with console.status(question):
        answer: RenderableType = await step(stage)
    console.print(f"\n[bold cyan]?[/] [bold]{question}[/]")
    console.print(Padding(answer, (0, 0, 0, 2)))


async def _attach(stage: Stage) -> RenderableType:
    """Which program is there, and what can it be asked?"""
    found: dict[str, Any] = {}
    async with asyncio.timeout(ATTACH_TIMEOUT):
        while found.get("state") != "ready":
            await asyncio.sleep(0.1)
            (found,) = (await stage.editor.command("nrepl.status"))["connections"]
    _check("basilisp" in found["versions"], "the server did not describe itself as Basilisp")
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("attached to", f"{found['server']} at {found['address']}")
    table.add_row("versions", versions)
    table.add_row("ops", " ".join(found["ops"]))
    for question, op in found["questions"].items():
        answered = f"answered by [green]{op}[/]" if op else "[dim]no op for it here[/]"
        table.add_row(question, answered if op != "eval" else "answered by a snippet of ours")
    return table


async def _load(stage: Stage) -> RenderableType:
    """Load the file into the program."""
    reply = await stage.editor.command("nrepl.loadFile", uri=stage.uri, wait=True)
    _check(reply["status"] == "done", f"loading failed: {reply['err'] or reply['error']}")
    return Text(f"loaded; the namespace is now {reply['ns']}")


async def _complete(stage: Stage) -> RenderableType:
    """What could stand at (str/jo▏ …)?"""
    params = stage.at("str/join", len("str/jo"))
    found = await stage.editor.request("textDocument/completion", params)
    labels = [item["label"] for item in found["items"]]
    _check("str/join" in labels, f"str/join is not among {labels[:5]}")
    item = found["items"][labels.index("str/join")]
    item["data"] = found["itemDefaults"]["data"]
    resolved = await stage.editor.request("completionItem/resolve", item)
    documentation = resolved.get("documentation", {}).get("value", "")
    _check("joined together" in documentation, "the candidate has no documentation")
    return Group(Text(", ".join(labels), style="green"), Markdown(documentation))


async def _hover(stage: Stage) -> RenderableType:
    """What is println?"""
    hover = await stage.editor.request("textDocument/hover", stage.at("println", 2))
    _check(bool(hover), "there is no hover")
    text = hover["contents"]["value"]
    _check("Print the arguments" in text, "the hover lacks the documentation")
    return Markdown(text)


async def _define(stage: Stage) -> RenderableType:
    """Where is area defined?"""
    place = await stage.editor.request("textDocument/definition", stage.at("(area shape)", 1))
    return _shown_place(place, expected="(defn area", folder="demo")


async def _define_in_library(stage: Stage) -> RenderableType:
    """Where is str/join defined, which is a library's?"""
    place = await stage.editor.request("textDocument/definition", stage.at("str/join", 5))
    shown = _shown_place(place, expected="(defn join", folder="basilisp")
    path = _path(place["uri"])
    uri = stage.editor.open(path, "basilisp")
    line = place["range"]["start"]["line"]
    inside = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 2}}
    hover = await stage.editor.request("textDocument/hover", inside)
    _check(bool(hover), "there is no hover inside the library's file")
    return Group(shown, Text("and hover goes on working in there", style="dim"))


async def _evaluate(stage: Stage) -> RenderableType:
    """Evaluate (describe {:radius 2})."""
    reply = await stage.evaluate("(describe {:radius")
    expected = '"This shape has the area 12.56636"'
    _check(reply["values"] == [expected], f"expected {expected}, got {reply['values']}")
    return Text(f"=> {reply['values'][0]}", style="green")


async def _output(stage: Stage) -> RenderableType:
    """Evaluate a form that prints."""
    reply = await stage.evaluate("(println")
    _check(reply["out"] == "computing 12\n", f"it printed {reply['out']!r}")
    _check(reply["values"] == ["nil"], f"its value was {reply['values']}")
    return Group(Text(reply["out"].rstrip()), Text("=> nil", style="green"))


async def _error(stage: Stage) -> RenderableType:
    """Evaluate a form that fails."""
    reply = await stage.evaluate("(area {:width 3 :height nil")
    error = reply["error"]
    _check(reply["status"] == "error" and error, "it did not fail")
    _check(error["class"] == "TypeError", f"the error is a {error['class']}")
    _check(error["uri"] == stage.uri and bool(error["range"]), "the error has no place")
    line = error["range"]["start"]["line"]
    source = stage.text.splitlines()[line]
    _check("area" in source or "height" in source, f"the error is at the wrong line, {line + 1}")
    message = f"{error['class']}: {error['message']}"
    return Group(Text(message, style="red"), Text(f"line {line + 1}: {source.strip()}"))


async def _beside(stage: Stage) -> RenderableType:
    """What does the editor show beside the code?"""
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    params = {"textDocument": {"uri": stage.uri}, "range": whole}
    hints = await stage.editor.request("textDocument/inlayHint", params)
    labels = {hint["position"]["line"]: hint["label"] for hint in hints or ()}
    lines = stage.text.splitlines()
    first = lines.index("(comment")
    beside = [labels.get(line, "") for line in range(first, len(lines))]
    wanted = ("", '=> "This shape', "=> nil (printed: computing 12)", "✗ ")
    is_right = all(map(str.startswith, beside, wanted))
    _check(is_right, f"beside the code stands {labels}")
    shown = Text()
    for line, label in zip(lines[first:], beside, strict=True):
        shown.append(line)
        shown.append(f"  {label}\n", style="red" if label.startswith("✗") else "green")
    shown.rstrip()
    return shown


def _check(is_right: bool, complaint: str) -> None:
    if not is_right:
        raise Wrong(complaint)


def _shown_place(place: Any, *, expected: str, folder: str) -> RenderableType:
    _check(bool(place), "there is no definition")
    path, line = _path(place["uri"]), place["range"]["start"]["line"]
    _check(path.is_file(), f"{path} is not a file")
    source = path.read_text("utf-8").split("\n")
    _check(expected in source[line], f"line {line + 1} of {path.name} is {source[line]!r}")
    _check(folder in path.parts, f"{path} is not in {folder}")
    excerpt = "\n".join(source[line : line + 3])
    syntax = Syntax(excerpt, "clojure", line_numbers=True, start_line=line + 1, theme="ansi_dark")
    return Group(Text(f"{folder}/{path.name}, line {line + 1}"), syntax)


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


@contextlib.contextmanager
def _basilisp(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Basilisp nREPL server in a folder, in a process group that ends with it."""
    # Switched off, Basilisp's cache of compiled namespaces makes each start take 15 s.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    log = (root / "basilisp.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "basilisp.cli", "nrepl-server", "--port", "0"],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        log.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


async def _wait_for_port(root: Path, server: subprocess.Popen[bytes]) -> str:
    async with asyncio.timeout(START_TIMEOUT):
        while True:
            with contextlib.suppress(OSError):
                if port := (root / ".nrepl-port").read_text().strip():
                    return port
            if server.poll() is not None:
                raise Wrong("Basilisp did not start:\n" + (root / "basilisp.log").read_text())
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _stage(root: Path) -> AsyncIterator[Stage]:
    """Start nrepl-lsp as an editor does, with the sample open."""
    command = [sys.executable, "-m", "nrepl_lsp", "--log-file", str(root / "nrepl-lsp.log")]
    async with Editor(command, root) as editor:
        await editor.initialize(CAPABILITIES)
        path = root / "src" / "demo" / "shapes.lpy"
        yield Stage(editor, editor.open(path, "basilisp"), path.read_text("utf-8"))
    _check(editor.exit_code == 0, f"nrepl-lsp ended with the code {editor.exit_code}")
