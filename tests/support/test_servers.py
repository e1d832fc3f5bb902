"""The real servers start, answer, come back and leave nothing behind."""

import os
import socket
from pathlib import Path

import pytest

from tests.support import servers
from tests.support.servers import RunningServer


def evaluate(server: RunningServer, code: str) -> bytes:
    """Return the raw replies to one `eval`, up to and including its `done`."""
    unix = server.spec.unix
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as connection:
        connection.settimeout(30)
        connection.connect(server.place if unix else ("127.0.0.1", server.port))
        connection.sendall(f"d4:code{len(code)}:{code}2:id1:12:op4:evale".encode())
        received = b""
        while servers.DONE not in received and (data := connection.recv(65536)):
            received += data
    return received


def test_each_server_answers_describe(live_server: RunningServer) -> None:
    assert servers.answers(live_server.place)
    assert live_server.is_running


def test_each_server_has_a_port_file_in_its_folder(live_server: RunningServer) -> None:
    expected = "" if live_server.spec.unix else live_server.place
    assert live_server.port_file.read_text() == expected


@pytest.mark.timeout(120)
def test_each_server_finds_a_namespace_in_its_src_folder(live_server: RunningServer) -> None:
    hy = live_server.language == "hy"
    name = "servers_probe.hy" if hy else "servers_probe.cljc"
    text = "(setv answer 42)" if hy else "(ns servers-probe) (def answer 42)"
    (live_server.cwd / "src" / name).write_text(text)
    clojure = "(require 'servers-probe) servers-probe/answer"
    code = "(do (import servers-probe) servers-probe.answer)" if hy else clojure
    assert b"5:value2:42" in evaluate(live_server, code)


@pytest.mark.live
def test_a_killed_server_comes_back_on_the_same_port(start_server, tmp_path: Path) -> None:
    server = start_server("basilisp", cwd=tmp_path)
    port, pid = server.port, server.pid
    server.kill()
    assert not servers.answers(str(port))
    assert server.port_file.exists()
    server.restart(port=port)
    assert (server.port, server.port_file.read_text()) == (port, str(port))
    assert server.pid != pid
    assert servers.answers(server.place)


@pytest.mark.live
def test_a_stopped_server_leaves_no_process_and_no_folder() -> None:
    with servers.start("basilisp") as server:
        pid, home = server.pid, server.home
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)
    assert not home.exists()


def test_a_server_that_cannot_start_says_what_it_printed(tmp_path, monkeypatch) -> None:
    spec = servers.ServerSpec("broken", "clojure", lambda _, __: ["false"], lambda: None)
    monkeypatch.setitem(servers.SERVERS, "broken", spec)
    with pytest.raises(servers.ServerFailedError, match="broken ended with code 1"):
        servers.start("broken", cwd=tmp_path)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip), ("true", pytest.fail)])
def test_a_missing_server_is_skipped_except_in_ci(monkeypatch, ci: str, outcome) -> None:
    monkeypatch.setenv("CI", ci)
    spec = servers.ServerSpec("absent", "clojure", lambda _, __: [], lambda: "get it with: x")
    monkeypatch.setitem(servers.SERVERS, "absent", spec)
    with pytest.raises(outcome.Exception) as failure:
        servers.require("absent")
    assert "absent is not installed; get it with: x" in str(failure.value)
