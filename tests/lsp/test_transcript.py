"""The transcript: everything that was evaluated, in order, in a file that stays small."""

import asyncio
import logging
import os
import re
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.following import transcript, transcript_file
from nrepl_lsp.lsp.following.transcript import MARK, path_for
from nrepl_lsp.lsp.following.transcript_file import TranscriptFile, forget_oldest
from tests.support.fault_server import (
    DONE,
    FaultServer,
    hang_up_mid_eval,
    held,
    late,
    reply,
    silent,
)

from .editor import Editor

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
TAKEN = re.compile(r"after [\d.]+ m?s")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_file, "INTERVAL", 0.0)


def written(editor: Editor) -> str:
    """The one transcript, with times made alike."""
    assert editor.root is not None
    (path,) = (editor.root.parent / "cache" / "transcripts").glob("*.log")
    text = path.read_text("utf-8").replace(str(editor.root), "/project")
    return TAKEN.sub("after 1 ms", TIME.sub("NOW", text))


async def shown(editor: Editor) -> str:
    """The transcript as `nrepl.showOutput` finds it."""
    answer = await editor.command("nrepl.showOutput")
    assert answer["status"] == "done"
    return written(editor)


async def evaluate(editor: Editor, uri: str, code: str, **more: Any) -> Any:
    return await editor.command("nrepl.evalCode", {"uri": uri, "code": code, "wait": True, **more})


async def test_an_evaluation_is_written_with_its_place(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"out": "3\n"}, {"err": "w"}, {"value": "9", "ns": "demo"}, DONE))
    document = editor.open("(ns demo)\n\n  (area\n 3)|\n")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert await shown(editor) == (
        "\n"
        ";; #1 NOW demo /project/src/demo.clj:3:3\n"
        "(area\n"
        " 3)\n"
        "3\n"
        "w\n"
        "=> 9\n"
        ";; #1 done after 1 ms\n"
    )


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (
            reply({"err": "Divide by zero\n"}, {"ex": "class E", "status": ["eval-error"]}, DONE),
            "(f)\nDivide by zero\n✗ Divide by zero\n;; #1 failed after 1 ms\n",
        ),
        (
            reply({"status": ["done", "interrupted"]}),
            "(f)\n;; #1 interrupted after 1 ms\n",
        ),
        (
            hang_up_mid_eval({"out": "half"}),
            "(f)\nhalf\n✗ The connection was lost before the evaluation ended; "
            "it was not sent again.\n",
        ),
        (
            reply({"value": "1"}, {"value": "{:a\n 2}"}, DONE),
            "(f)\n=> 1\n=> {:a\n 2}\n;; #1 done after 1 ms\n",
        ),
        (reply(DONE), "(f)\n;; #1 done after 1 ms\n"),
    ],
)
async def test_what_it_came_to(
    editor: Editor, nrepl: FaultServer, behaviour: Any, expected: str
) -> None:
    nrepl.on("eval", behaviour, code="(f)")
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(f)")
    transcripts = transcript.transcripts_of(editor.server)
    assert transcripts is not None
    for one in transcripts._of_repl.values():
        await one.file.flushed(5)
    assert expected in written(editor)


async def test_what_waits_is_written_when_its_turn_comes(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, reply({"out": "from a\n"}, DONE)), code="a")
    nrepl.on("eval", reply({"out": "from b\n"}, DONE), code="b")
    uri = editor.open("x").uri
    first = asyncio.ensure_future(evaluate(editor, uri, "a"))
    await nrepl.received("eval")
    second = asyncio.ensure_future(evaluate(editor, uri, "b"))
    text = await shown(editor)
    assert text.count(MARK) == 1
    gate.set()
    await asyncio.gather(first, second)
    lines = [line for line in (await shown(editor)).splitlines() if line]
    assert lines == [
        ";; #1 NOW /project/src/demo.clj",
        "a",
        "from a",
        ";; #1 done after 1 ms",
        ";; #2 NOW /project/src/demo.clj",
        "b",
        "from b",
        ";; #2 done after 1 ms",
    ]


async def test_late_output_says_whose_it_is(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", late({"out": "tick\n"}), code="(thread)")
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(thread)")
    await editor.notified("window/logMessage", "tick")
    await evaluate(editor, uri, "(next)")
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "out": "tock\n"})
    await editor.notified("window/logMessage", "tock")
    text = await shown(editor)
    assert text.index("tick\n") < text.index(";; #2 ")
    assert text.endswith("\n\n;; #1 printed after its end:\ntock\n")


async def test_a_whole_file_is_named_not_copied(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(ns demo)|\n" + "(def x 1)\n" * 1000)
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    text = await shown(editor)
    assert ";; #1 loads demo.clj\n" in text
    assert "(def x 1)" not in text


async def test_long_code_and_values_are_cut(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "v" * 70_000}, {"value": "w"}, DONE))
    uri = editor.open("x").uri
    await evaluate(editor, uri, "c" * 5000)
    text = await shown(editor)
    assert "c" * 4000 + "\n… 1,000 more characters\n" in text
    assert "v" * 65536 + "\n… 4,464 more characters\n… 1 more values\n" in text


async def test_what_was_never_sent_is_one_entry(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent(), code="(loop)")
    uri = editor.open("x").uri
    running = asyncio.ensure_future(evaluate(editor, uri, "(loop)"))
    await nrepl.received("eval")
    waiting = asyncio.ensure_future(evaluate(editor, uri, "(never)"))
    await shown(editor)
    await editor.command("nrepl.interrupt", {"uri": uri, "wait": True})
    await asyncio.gather(running, waiting)
    text = await shown(editor)
    assert "(never)\n;; #2 interrupted before it was sent\n" in text
    assert text.count(f"{MARK}1 ") == 2
    assert len(nrepl.of("eval")) == 1


async def test_waiting_for_input_is_said(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"out": "Name? "}, {"status": ["need-input"]}), code="(read-line)")
    uri = editor.open("x").uri
    running = asyncio.ensure_future(evaluate(editor, uri, "(read-line)"))
    await editor.notified("window/logMessage", "Name?")
    text = await shown(editor)
    assert text.endswith("(read-line)\nName? \n;; #1 waits for input\n")
    running.cancel()


async def test_the_rest_is_written_when_the_editor_goes(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_file, "INTERVAL", 60.0)
    nrepl.on("eval", silent(), code="(loop)")
    uri = editor.open("x").uri
    running = asyncio.ensure_future(evaluate(editor, uri, "(loop)"))
    await nrepl.received("eval")
    await editor.server.close()
    running.cancel()
    assert written(editor).endswith("(loop)\n;; #1 was running when the editor went\n")


# -- showing it ---------------------------------------------------------------------------------


async def test_nothing_to_show(editor: Editor) -> None:
    editor.open("x|")
    answer = await editor.command("nrepl.showOutput")
    assert (answer["status"], answer["path"], answer["shown"]) == ("idle", None, False)
    assert answer["message"] in editor.shown()


async def test_its_path_is_said_where_the_editor_opens_nothing(editor: Editor) -> None:
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(f)")
    answer = await editor.command("nrepl.showOutput", {"uri": uri})
    assert answer["shown"] is False
    assert Path(answer["path"]).read_text().startswith("\n;; #1 ")
    assert answer["uri"] == Path(answer["path"]).as_uri()
    assert any(answer["path"] in text for text in editor.shown())


async def test_who_only_wants_its_path_is_shown_nothing(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    (project / ".nrepl-port").write_text(str(nrepl.port))
    editor = make_editor()
    editor.answers["window/showDocument"] = lambda params: {"success": True}
    await editor.initialize({"window": {"showDocument": {"support": True}}})
    await editor.attached()
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(f)")
    before = editor.shown()
    answer = await editor.command("nrepl.showOutput", {"uri": uri, "show": False})
    assert (answer["status"], answer["shown"]) == ("done", False)
    assert "(f)" in Path(answer["path"]).read_text()
    assert editor.shown() == before
    assert [method for method, _ in editor.requests if "showDocument" in method] == []


async def test_it_is_opened(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    (project / ".nrepl-port").write_text(str(nrepl.port))
    for expected in ("(f)", "(f)"):
        # The second editor has evaluated nothing: it shows what the first one's transcript holds.
        editor = make_editor()
        editor.answers["window/showDocument"] = lambda params: {"success": True}
        await editor.initialize({"window": {"showDocument": {"support": True}}})
        await editor.attached()
        uri = editor.open("x").uri
        if not list((project.parent / "cache").glob("transcripts/*")):
            await evaluate(editor, uri, "(f)")
        answer = await editor.command("nrepl.showOutput", {"uri": uri})
        assert (answer["status"], answer["shown"]) == ("done", True)
        text = Path(answer["path"]).read_text()
        (shown,) = [params for method, params in editor.requests if "showDocument" in method]
        assert (shown["uri"], shown["takeFocus"]) == (answer["uri"], True)
        assert shown["selection"]["start"] == {"line": len(text.splitlines()) - 1, "character": 0}
        assert expected in text


async def test_a_lost_program_still_has_one(editor: Editor, nrepl: FaultServer) -> None:
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(f)")
    await editor.command("nrepl.disconnect", {"uri": uri})
    answer = await editor.command("nrepl.showOutput", {"uri": uri})
    assert answer["status"] == "done"
    assert "(f)" in Path(answer["path"]).read_text()


@pytest.mark.parametrize(
    ("root", "address", "expected"),
    [
        (None, "nrepl://127.0.0.1:7888", r"nrepl-127\.0\.0\.1-7888\.log"),
        ("/a/my app", "nrepl://127.0.0.1:7888", r"my-app-127\.0\.0\.1-7888-[0-9a-f]{6}\.log"),
        ("/a/日本", "nrepl+unix:/tmp/x y/s", r"日本-tmp-x-y-s-[0-9a-f]{6}\.log"),
        ("/", "nrepl://[::1]:1", r"project-1-1-[0-9a-f]{6}\.log"),
        ("/a/" + "x" * 300, "nrepl+unix:/" + "y" * 300, r"x{40}-y{60}-[0-9a-f]{6}\.log"),
    ],
)
def test_names_that_people_can_read(root: str | None, address: str, expected: str) -> None:
    path = path_for(Path("/cache"), Path(root) if root else None, address)
    assert re.fullmatch(expected, path.name)


def test_projects_of_one_name_have_their_own() -> None:
    one, other = (path_for(Path(), Path(root), "nrepl://h:1") for root in ("/a/x", "/b/x"))
    assert one != other


# -- the file -----------------------------------------------------------------------------------


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[TranscriptFile]:
    file = TranscriptFile(tmp_path / "transcripts" / "a.log", 1000, MARK)
    yield file
    file.close()


def entry(number: int, size: int = 90) -> str:
    head = f"\n{MARK}{number} "
    return head + "x" * (size - len(head) - 1) + "\n"


async def write(file: TranscriptFile, *texts: str) -> str:
    for text in texts:
        file.write(text)
    await file.flushed(5)
    return file.path.read_text("utf-8")


async def test_it_grows_at_its_end(file: TranscriptFile) -> None:
    assert await write(file, "a", "b") == "ab"
    assert await write(file, "c") == "abc"


async def test_what_comes_while_it_is_written_comes_after(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write("1")
    file._start()
    for number in range(2, 6):
        file.write(str(number))
    assert await write(file) == "12345"


async def test_the_older_half_goes_at_a_boundary(file: TranscriptFile) -> None:
    text = ""
    for number in range(1, 30):
        text = await write(file, entry(number))
        assert len(text.encode()) <= 1000
        assert text.lstrip("\n").startswith(MARK)
        assert text.endswith(entry(number))
    assert len(text) >= 400


async def test_an_entry_longer_than_the_file_keeps_its_end(file: TranscriptFile) -> None:
    text = await write(file, entry(1), "".join(f"line {number}\n" for number in range(500)))
    assert text.startswith("line ")
    assert text.endswith("line 499\n")
    assert len(text) <= 500
    text = await write(file, "é" * 3000)
    assert 0 < len(text.encode()) <= 1000


async def test_a_file_that_is_gone_is_begun_anew(file: TranscriptFile) -> None:
    await write(file, "old")
    file.path.unlink()
    assert await write(file, "new") == "new"
    file.path.unlink()
    file.path.parent.rmdir()
    assert await write(file, "newer") == "newer"


async def test_a_file_that_was_replaced_is_gone_on_with(file: TranscriptFile) -> None:
    await write(file, "old")
    other = file.path.with_name("other")
    other.write_text("theirs ")
    other.replace(file.path)
    assert await write(file, "ours") == "theirs ours"


async def test_another_editor_s_entries_survive_that_the_file_is_written_anew(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    await write(file, entry(1, 900))
    other = TranscriptFile(file.path, 1000, MARK)
    begun, goes_on = threading.Event(), threading.Event()
    write_anew = file._write_anew

    def slowly(data: bytes) -> None:
        begun.set()
        goes_on.wait(0.1)
        write_anew(data)

    def append() -> None:
        begun.wait(5)
        other._append(entry(3))

    monkeypatch.setattr(file, "_write_anew", slowly)
    appending = asyncio.create_task(asyncio.to_thread(append))
    assert entry(2) in await write(file, entry(2, 200), entry(2))
    await appending
    assert file.path.read_text("utf-8").endswith(entry(2) + entry(3))


async def test_another_process_that_hangs_holds_up_nobody_for_long(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(transcript_file, "OTHER_WITHIN", 0.05)
    await write(file, "a")
    with file.path.parent.with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await write(file, "b") == "ab"


async def test_a_disk_that_fails_costs_one_line(
    file: TranscriptFile, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            file.write("lost")
            await file.flushed(5)
    assert len(caplog.records) == 1
    file.path.rmdir()
    assert await write(file, "back") == "back"


async def test_replacing_that_fails_leaves_the_file(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await write(file, entry(1, 900))

    def fail(*_: object) -> None:
        raise PermissionError("in use")

    monkeypatch.setattr(transcript_file.os, "replace", fail)
    assert await write(file, entry(2, 500)) == entry(1, 900)
    assert [path.name for path in file.path.parent.iterdir()] == ["a.log"]
    assert "in use" in caplog.text


async def test_a_flood_is_counted(file: TranscriptFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_file, "PENDING_LIMIT", 10)
    assert await write(file, "12345", "67890abc", "d") == "1234567890\n… 4 more characters\n"
    assert await write(file, "e") == "1234567890\n… 4 more characters\ne"


async def test_bytes_that_are_no_text(file: TranscriptFile) -> None:
    assert await write(file, "a\udcffb") == "a?b"


async def test_closing_writes_what_is_left(file: TranscriptFile) -> None:
    file.write("left")
    file.close()
    assert file.path.read_text() == "left"


async def test_a_disk_that_hangs_holds_up_nobody(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file._lock.acquire()
    file.write("x")
    await file.flushed(0.01)
    assert not file.path.exists()
    file._lock.release()
    assert await write(file, "y") == "xy"


async def test_a_disk_that_hangs_does_not_keep_the_editor_from_going(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_file, "OTHER_WITHIN", 0.01)
    file._lock.acquire()
    file.write("x")
    file.close()
    assert not file.path.exists()
    file._lock.release()


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.log"
        path.touch()
        os.utime(path, ns=(number, number))
    (tmp_path / "folder").mkdir()
    forget_oldest(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.log", "4.log", "folder"]
    forget_oldest(tmp_path / "missing", 2)


async def test_a_new_file_makes_room_for_itself(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_file, "KEPT", 2)
    file.path.parent.mkdir()
    for name in ("x.log", "y.log", "z.log"):
        (file.path.parent / name).write_text("older")
        os.utime(file.path.parent / name, ns=(1, ord(name[0])))
    await write(file, "new")
    await write(file, "er")
    assert sorted(path.name for path in file.path.parent.iterdir()) == ["a.log", "z.log"]


async def test_many_programs_are_not_remembered_for_ever(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "FILES_LIMIT", 1)
    uri = editor.open("x").uri
    await evaluate(editor, uri, "(f)")
    transcripts = transcript.transcripts_of(editor.server)
    assert transcripts is not None
    await editor.command("nrepl.disconnect", {"uri": uri})
    await editor.command("nrepl.connect", {"uri": uri})
    await evaluate(editor, uri, "(g)")
    assert len(transcripts._of_repl) == 1
    text = await shown(editor)
    assert text.index("(f)") < text.index("(g)")
