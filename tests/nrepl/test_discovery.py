"""Finding servers: port files, whatever is in them, and the environment."""

import os
from pathlib import Path

import pytest

from nrepl_lsp.nrepl import Address
from nrepl_lsp.nrepl.discovery import (
    PORT_FILES,
    address_in_environment,
    directories_upward,
    find_port_file,
    read_port_file,
)


def local(port: int) -> Address:
    return Address("nrepl", "127.0.0.1", port)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "name",
    [
        ".nrepl-port",
        ".shadow-cljs/nrepl.port",
        ".joyride/.nrepl-port",
        ".bb-nrepl.port",
        "target/repl-port",
        "repl-port",
    ],
)
def test_each_port_file_that_servers_write_is_found(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "7001")
    found = find_port_file(tmp_path)
    assert found is not None
    assert (found.path, found.address) == (tmp_path / name, local(7001))


def test_the_most_telling_port_file_of_a_folder_wins(tmp_path: Path) -> None:
    for port, name in enumerate(reversed(PORT_FILES), 7001):
        write(tmp_path / name, str(port))
    found = find_port_file(tmp_path)
    assert found is not None
    assert found.path == tmp_path / ".nrepl-port"


def test_a_port_file_that_says_nothing_does_not_hide_the_next(tmp_path: Path) -> None:
    write(tmp_path / ".nrepl-port", "")
    write(tmp_path / "target/repl-port", "7002")
    found = find_port_file(tmp_path)
    assert found is not None
    assert found.address == local(7002)


def test_a_socket_repls_port_file_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path / ".repl-port", "7001")
    write(tmp_path / ".shadow-cljs/socket-repl.port", "7002")
    assert find_port_file(tmp_path) is None


@pytest.mark.parametrize(
    "content", ["7888", "7888\n", "7888\r\n", "  7888 \n\n", b"7888" + b" " * 900]
)
def test_a_port_is_read_with_or_without_a_newline(tmp_path: Path, content: str | bytes) -> None:
    found = read_port_file(write(tmp_path / "port", content))
    assert found is not None
    assert found.address == local(7888)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "0",
        "65536",
        "-1",
        "7888.0",
        "0x1ed0",
        "7888 7889",
        "hello",
        "example.com",
        "example.com:7888",
        "nrepl://example.com:7888",
        "nrepl+unix:/run/nrepl",
        "٧٨٨٨",
        b"\xff\xfe7\x008\x008\x008\x00",
        b"\x00" * 10_000,
        b"7" * 1_000_000,
    ],
)
def test_a_file_without_a_port_names_no_address(tmp_path: Path, content: str | bytes) -> None:
    """Another host's name neither: a checked-out project must not choose where we connect."""
    path = write(tmp_path / ".nrepl-port", content)
    found = read_port_file(path)
    assert found is not None
    assert found.address is None
    assert find_port_file(tmp_path) is None


def test_what_is_no_file_is_no_port_file(tmp_path: Path) -> None:
    (tmp_path / ".nrepl-port").mkdir()
    (tmp_path / "target").write_text("not a folder")
    assert read_port_file(tmp_path / ".nrepl-port") is None
    assert read_port_file(tmp_path / "target/repl-port") is None
    assert read_port_file(tmp_path / "absent") is None
    assert read_port_file(tmp_path / "nul\0") is None
    assert find_port_file(tmp_path) is None


@pytest.mark.timeout(5)
def test_a_pipe_in_place_of_a_port_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".nrepl-port")
    assert read_port_file(tmp_path / ".nrepl-port") is None


@pytest.mark.parametrize(
    "error", [OSError(24, "Too many open files"), PermissionError(13, "Permission denied")]
)
def test_a_port_file_that_cannot_be_read_is_not_taken_for_none(
    tmp_path: Path, monkeypatch, error: OSError
) -> None:
    """It may pass, as on Windows while somebody writes the file."""
    path = write(tmp_path / ".nrepl-port", "7888")

    def refuse(*_: object) -> None:
        raise error

    # For root nothing is unreadable.
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(OSError, match=error.strerror):
        read_port_file(path)
    with pytest.raises(OSError, match=error.strerror):
        find_port_file(tmp_path)


def test_the_stamp_changes_with_each_writing(tmp_path: Path) -> None:
    path = write(tmp_path / ".nrepl-port", "7888")
    first = read_port_file(path)
    assert read_port_file(path) == first
    os.utime(path, ns=(0, 0))
    second = read_port_file(path)
    assert first is not None
    assert second is not None
    assert (second.address, second.stamp == first.stamp) == (first.address, False)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("/w/a/b", "/w", ["/w/a/b", "/w/a", "/w"]),
        ("/w", "/w", ["/w"]),
        ("/w/a", "/w/a", ["/w/a"]),
        ("/elsewhere/a", "/w", ["/w"]),
        ("/", "/w", ["/w"]),
        ("/w", "/w/a", ["/w/a"]),
        ("/a", "/", ["/a", "/"]),
    ],
)
def test_folders_are_looked_at_upward_and_never_above_the_last(
    start: str, stop: str, expected: list[str]
) -> None:
    assert [str(path) for path in directories_upward(Path(start), Path(stop))] == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"NREPL_PORT": "7888"}, local(7888)),
        ({"NREPL_PORT": " 7888\n", "NREPL_HOST": ""}, local(7888)),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "db.example"}, Address("nrepl", "db.example", 7888)),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "::1"}, Address("nrepl", "::1", 7888)),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "[fe80::2]"}, Address("nrepl", "fe80::2", 7888)),
        ({}, None),
        ({"NREPL_HOST": "db.example"}, None),
        ({"NREPL_PORT": ""}, None),
        ({"NREPL_PORT": "0"}, None),
        ({"NREPL_PORT": "seven"}, None),
        ({"NREPL_PORT": "70000"}, None),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "two words"}, None),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "db:example"}, None),
        ({"NREPL_PORT": "7888", "NREPL_HOST": "nrepl://db.example"}, None),
    ],
)
def test_the_environment_names_an_address_or_none(
    environment: dict[str, str], expected: Address | None
) -> None:
    assert address_in_environment(environment) == expected
