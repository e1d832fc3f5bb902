"""The demo shows the main job, and fails when an answer is wrong."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from nrepl_lsp.demo import play

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(180)]


def started_in(folder: Path) -> list[str]:
    """The processes whose environment names a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.fsencode(folder) in (entry / "environ").read_bytes():
                found.append(entry.name)
    return found


def test_every_answer_is_right_and_nothing_is_left_behind(tmp_path: Path) -> None:
    temporary = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(["sleep", "60"], env=temporary) as seen:
        assert started_in(tmp_path) == [str(seen.pid)]
        seen.kill()
    shown = subprocess.run(
        [sys.executable, "-m", "nrepl_lsp", "demo"],
        env=temporary,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    for answer in ("str/join", "12.56636", "computing 12", "TypeError", "Every answer was right."):
        assert answer in shown.stdout
    assert list(tmp_path.iterdir()) == []
    assert started_in(tmp_path) == []


def test_a_wrong_answer_is_told_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = play.Stage.evaluate

    async def evaluate(stage: play.Stage, words: str) -> object:
        reply = await real(stage, words)
        return {**reply, "values": ["41"]} if words.startswith("(describe") else reply

    monkeypatch.setattr(play.Stage, "evaluate", evaluate)

    assert play.main() == 1
    told = capsys.readouterr().out
    assert "✗ expected" in told
    assert "41" in told
    assert "Every answer was right" not in told


def test_a_picture_of_it_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "demo.svg"

    assert play.main(str(picture)) == 0
    drawn = picture.read_text("utf-8")
    assert drawn.startswith("<svg")
    assert "font-face" not in drawn
