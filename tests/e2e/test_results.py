"""What stands beside the code, on real servers, with hints and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import RunningServer, ServerPool

from .conftest import CAPABILITIES, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

HINTED = {
    **CAPABILITIES,
    "workspace": {"inlayHint": {"refreshSupport": True}},
    "textDocument": {**CAPABILITIES["textDocument"], "inlayHint": {}},
}

TEXT = """(ns {ns})

(defn area [width height]
  (* width height))

(area 2
      3)
(comment
  (vec (range 1000))
  (do (println "hello") :done)
  (no-such-name 1)
  (str "日本" "語")
  area
  #{{1}}
  "last")
"""


@pytest.fixture(
    params=[
        "basilisp",
        pytest.param("nbb", marks=pytest.mark.node),
        pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
        pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
    ]
)
def server(request: pytest.FixtureRequest, server_pool: ServerPool) -> RunningServer:
    return server_pool.get(request.param)


class Page:
    """A loaded file, and what is shown in it."""

    def __init__(self, editor: Client, uri: str, text: str) -> None:
        self.editor, self.uri, self.text = editor, uri, text

    def place(self, mark: str) -> dict[str, int]:
        before = self.text[: self.text.index(mark)].split("\n")
        return {"line": len(before) - 1, "character": len(before[-1])}

    async def evaluate(self, mark: str) -> Any:
        return await self.editor.command(
            "nrepl.evalForm", uri=self.uri, position=self.place(mark), wait=True
        )

    async def hints(self) -> dict[int, str]:
        """By line: what stands behind the form that ends there."""
        end = {"line": 1000, "character": 0}
        params = {
            "textDocument": {"uri": self.uri},
            "range": {"start": {"line": 0, "character": 0}, "end": end},
        }
        answer = await self.editor.request("textDocument/inlayHint", params)
        return {hint["position"]["line"]: hint["label"] for hint in answer or ()}

    async def hover(self, mark: str) -> str:
        params = {"textDocument": {"uri": self.uri}, "position": self.place(mark)}
        answer = await self.editor.request("textDocument/hover", params)
        return str(answer["contents"]["value"]) if answer is not None else ""

    def marks(self, severity: int) -> list[tuple[int, str]]:
        """The line and the text of each diagnostic that stands in the file now."""
        for method, params in reversed(self.editor.notifications):
            if method == "textDocument/publishDiagnostics" and params["uri"] == self.uri:
                return [
                    (mark["range"]["end"]["line"], mark["message"])
                    for mark in params["diagnostics"]
                    if mark["severity"] == severity
                ]
        return []

    def said(self) -> list[str]:
        return [
            params["message"]
            for method, params in self.editor.notifications
            if method == "window/showMessage"
        ]


async def opened(editor: Client, root: Path, capabilities: Any, ns: str) -> Page:
    await editor.initialize(capabilities)
    await editor.attached()
    text = TEXT.format(ns=ns)
    path = root / "src" / ns.replace(".", "/").replace("-", "_")
    path = path.with_suffix(".clj")
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    page = Page(editor, editor.open(path, "clojure"), text)
    loaded = await editor.command("nrepl.loadFile", uri=page.uri, wait=True)
    assert (loaded["status"], loaded["error"]) == ("done", None)
    return page


async def test_values_stand_behind_their_forms(
    server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    async with client(tmp_path, "--connect", server.url) as editor:
        page = await opened(editor, tmp_path, HINTED, "hinted.core")
        assert await page.hints() == {}
        for mark in ("(area 2", "(vec", "(do (p", "(str", "area\n  #", "#{1}", "(no-such"):
            await page.evaluate(mark)
        hints = await page.hints()
        assert hints.pop(12).startswith(("=> #function", "=> #object", "=> <function", "=> hinted"))
        assert hints.pop(10).startswith("✗ ")
        # Basilisp prints it in ASCII.
        assert hints.pop(11) in ('=> "日本語"', r'=> "\u65e5\u672c\u8a9e"')
        assert hints == {
            6: "=> 6",
            8: "=> [0 1 2 3 4 5 6 7 8 9 10 11 12 …] (1,000)",
            9: "=> :done (printed: hello)",
            13: "=> #{1}",
        }
        # The error has a diagnostic; nothing else needs a message.
        assert [line for line, _ in page.marks(1)] == [10]
        assert page.marks(3) == []
        assert page.said() == ["Loaded core.clj"]
        for mark in ("(vec", "(area 2"):
            await page.evaluate(mark)
        assert (await page.hints())[8].endswith("(1,000)")
    assert editor.exit_code == 0


async def test_without_hints_values_are_diagnostics_and_messages(
    server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    async with client(tmp_path, "--connect", server.url) as editor:
        page = await opened(editor, tmp_path, CAPABILITIES, "marked.core")
        for mark in ("(area 2", "(do (p"):
            await page.evaluate(mark)
        await editor.shown("=> :done")
        assert page.marks(3) == [(6, "=> 6"), (9, "=> :done (printed: hello)")]
        assert page.said()[1:] == ["=> 6", "=> :done (printed: hello)"]
        # What is above moves it; what is in it ends it.
        editor.type(page.uri, 0, 0, ";; new\n", 2)
        editor.type(page.uri, 10, 10, "x", 3)
        await editor.notified(
            "textDocument/publishDiagnostics",
            lambda params: [one["range"]["end"]["line"] for one in params["diagnostics"]] == [7],
        )
        answer = await editor.command("nrepl.clearResults", uri=page.uri)
        assert (answer["cleared"], page.marks(3)) == (1, [])
    assert editor.exit_code == 0


async def test_the_whole_value_is_in_the_hover_and_handed_out(
    server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    async with client(tmp_path, "--connect", server.url) as editor:
        page = await opened(editor, tmp_path, CAPABILITIES, "hovered.core")
        await page.evaluate("(vec")
        text = await page.hover("(vec")
        assert "*Value* (" in text
        assert "hovered.core" in text
        assert "3,891 characters in all." in text
        await page.evaluate("(do (p")
        assert "*Printed*\n\n```text\nhello\n```" in await page.hover("(do (p")
        place = {"uri": page.uri, "position": page.place("(vec"), "show": False}
        copied = await editor.command("nrepl.copyResult", **place)
        assert copied["text"] == f"[{' '.join(map(str, range(1000)))}]"
        await page.evaluate("(no-such")
        assert "*Failed* (" in await page.hover("(no-such")
        # The definition still says what it is, and its value on its first line only.
        await page.evaluate("(defn area")
        assert "hovered.core/area" in await page.hover("(defn area")
        assert "*Value*" not in await page.hover("* width height")
    assert editor.exit_code == 0
