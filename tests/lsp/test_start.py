"""What is imported before `initialize` is answered: the start is nearly all imports."""

import subprocess
import sys

INITIALIZE = """
import asyncio, sys
from nrepl_lsp.lsp.registry import create_server

class Writer:
    answered = b""
    def write(self, data):
        self.answered += data

async def initialize():
    server, writer = create_server(), Writer()
    server.protocol.set_writer(writer)
    folder = [{"uri": "file:///project", "name": "project"}]
    params = {"processId": None, "capabilities": {}, "workspaceFolders": folder}
    server.protocol.handle_message({"id": 1, "method": "initialize", "params": params})
    while not writer.answered:
        await asyncio.sleep(0)
    assert b'"capabilities"' in writer.answered

asyncio.run(initialize())
print(*(name for name in sys.modules if name.startswith("nrepl_lsp.")))
"""

#: What is for programs and for the user's code: it has time until the editor is answered.
LATER = (
    "nrepl_lsp.lsp.commands.",
    "nrepl_lsp.lsp.evaluating.",
    "nrepl_lsp.nrepl",
    "nrepl_lsp.repl.repl",
    "nrepl_lsp.repl.routing",
    "nrepl_lsp.tooling.",
)


def test_the_answer_to_initialize_waits_for_nothing_that_talks_to_programs() -> None:
    command = [sys.executable, "-c", INITIALIZE]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    imported = ended.stdout.split()
    assert "nrepl_lsp.lsp.server" in imported
    assert [name for name in imported if name.startswith(LATER)] == []
