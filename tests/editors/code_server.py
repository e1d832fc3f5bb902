"""VS Code as a server with its extensions, and a driver among these that tells what it holds."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .editor import PATIENCE, Desk, NotSeen, until
from .installed import folder

__all__ = ["START", "CodeServer"]

DRIVER = Path(__file__).parent / "vscode_driver"

#: Seconds: for the server, and for what it shows in a browser.
START = 60.0


class CodeServer:
    """One server for one session; all that it writes is in `desk.home`."""

    def __init__(self, desk: Desk) -> None:
        self._home = home = desk.home
        self._socket = home / "driver.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [
            *("node", str(self.program() / "out" / "node" / "entry.js")),
            *("--config", str(home / "config.yaml"), "--user-data-dir", str(home / "data")),
            *("--extensions-dir", str(home / "extensions")),
        ]
        self._environment = {
            **os.environ,
            **desk.environment,
            "VSCODE_DRIVER": str(self._socket),
        }

    @classmethod
    def program(cls) -> Path:
        """Its folder. Raises `Missing`."""
        return folder("vscode") / "node_modules" / "code-server"

    def install(self, vsix: Path, settings: Mapping[str, object]) -> None:
        """Install an extension, as a user does."""
        user = self._home / "data" / "User"
        user.mkdir(parents=True)
        (user / "settings.json").write_text(json.dumps(dict(settings)))
        shutil.copytree(DRIVER, self._home / "extensions" / "tests.driver-0.0.1")
        # Without one it makes up a password.
        (self._home / "config.yaml").write_text("auth: none\n")
        subprocess.run(
            [*self._command, "--install-extension", str(vsix)],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=START,
        )

    def start(self) -> str:
        """Start it; the address of its workbench."""
        log = self._home / "code-server.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    *(*self._command, "--bind-addr", "127.0.0.1:0"),
                    *("--disable-telemetry", "--disable-update-check"),
                    "--disable-getting-started-override",
                ],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return until(
            lambda: re.search(r"listening on (http://\S+?)/?\s", log.read_text()),
            lambda: f"code-server does not listen:\n{log.read_text()}",
            START,
        )[1]

    def ask(self, request: str, **members: object) -> Any:
        """Ask the driver, which runs once a browser shows the workbench."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self._socket))
            connection.sendall(json.dumps({"request": request, **members}).encode() + b"\n")
            answer = json.loads(connection.makefile().read())
        if "error" in answer:
            raise NotSeen(answer["error"])
        return answer["result"]

    def answers(self) -> bool:
        with suppress(OSError):
            return bool(self.ask("state"))
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE)

    def kill(self) -> None:
        """End it with all that it has started. Never raises; may be called twice."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
