"""Files that we write for the editor to open: they stay few."""

import os
from pathlib import Path

import pytest

from nrepl_lsp.lsp import read_only_documents
from nrepl_lsp.lsp.read_only_documents import write


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_only_documents, "FILES_KEPT", 3)


def written(folder: Path, number: int) -> Path:
    path = write(folder, f"n{number}.clj", str(number))
    # As if each had been written a while after the one before.
    os.utime(path, (number, number))
    return path


def test_the_oldest_files_go(tmp_path: Path) -> None:
    paths = [written(tmp_path, number) for number in range(1, 6)]
    assert sorted(tmp_path.iterdir()) == sorted(paths[2:])


def test_what_is_asked_for_again_is_not_old(tmp_path: Path) -> None:
    first, second, third = (written(tmp_path, number) for number in range(1, 4))
    assert write(tmp_path, "n1.clj", "1") == first
    fourth = written(tmp_path, 4)
    assert sorted(tmp_path.iterdir()) == sorted([first, third, fourth])
    assert not second.exists()


def test_other_things_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for number in range(1, 6):
        written(tmp_path, number)
    assert len(list(tmp_path.iterdir())) == 5
    assert (tmp_path / "folder").is_dir()


def test_a_file_that_cannot_be_removed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written(tmp_path, 1)
    unlink = Path.unlink

    def refused(path: Path, missing_ok: bool = False) -> None:
        if path == first:
            raise PermissionError(path)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)
    paths = [written(tmp_path, number) for number in range(2, 6)]
    assert first.exists()
    assert paths[-1].exists()


def test_a_folder_that_cannot_be_listed_or_a_file_that_is_gone_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "listdir", lambda folder: [f"gone{number}" for number in range(9)])
    assert write(tmp_path, "a.clj", "a").read_text() == "a"

    def refuse(folder: Path) -> list[str]:
        raise PermissionError(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    assert write(tmp_path, "b.clj", "b").read_text() == "b"


def test_a_time_that_cannot_be_set_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.clj", "a")

    def refuse(*_: object) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "utime", refuse)
    assert write(tmp_path, "a.clj", "a") == path
