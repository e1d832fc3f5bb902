"""Everything an editor asks, through the language server, of every server: the same for all.

The texts are open and loaded. What the text alone tells must be right with every server; what only
the program can know is an ability, written into the matrix.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from nrepl_lsp.lsp.registry import create_server
from tests.lsp.editor import MODERN, Editor, position

from .samples import Browsed
from .subjects import PATIENCE, Subject

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Desk:
    """An editor with the sample open; `text` is the document's, `uri` its name."""

    subject: Subject
    editor: Editor
    sample: Browsed
    uri: str

    @property
    def text(self) -> str:
        return self.sample.text

    def place(self, mark: str, *, within: str = "") -> dict[str, int]:
        """The position at the end of the first `mark` after the first `within`."""
        start = self.text.index(within) if within else 0
        return position(self.text, self.text.index(mark, start) + len(mark))

    async def ask(self, method: str, mark: str, *, within: str = "", **more: Any) -> Any:
        params = {"textDocument": {"uri": self.uri}, "position": self.place(mark, within=within)}
        return await self.request(f"textDocument/{method}", {**params, **more})

    async def request(self, method: str, params: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            _, answer = self.editor.start_request(method, params)
            return await answer

    def lines_of(self, answer: Any) -> list[int]:
        """The lines of the locations in an answer that lie in this document."""
        found = answer if isinstance(answer, list) else [answer] if answer else []
        places = [(one.get("uri") or one.get("targetUri"), one) for one in found]
        return sorted(
            (one.get("targetSelectionRange") or one["range"])["start"]["line"]
            for uri, one in places
            if uri == self.uri
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    root = tmp_path_factory.mktemp("features")
    server = create_server(connect=subject.url, environment={}, cache=root / "cache")
    async with Editor(server, root) as editor:
        await editor.initialize(MODERN)
        await editor.attached()
        (supervisor,) = server.routing.supervisors
        assert supervisor.repl is not None
        sample = subject.sample(supervisor.repl)
        browsed = sample.browsed
        path = root / f"features{sample.extension}"
        path.write_text(browsed.text, "utf-8")
        document = editor.open(browsed.text, name=path.as_uri(), language="")
        user = root / f"features_user{sample.extension}"
        editor.open(browsed.user_text, name=user.as_uri(), language="")
        async with asyncio.timeout(PATIENCE):
            arguments = [{"uri": document.uri, "wait": True}]
            params = {"command": "nrepl.loadFile", "arguments": arguments}
            _, loading = editor.start_request("workspace/executeCommand", params)
            assert (await loading)["status"] == "done"
        yield Desk(subject, editor, browsed, document.uri)
        if sample.enter:
            # nbb has one namespace for everybody; load-file has moved it.
            back = {"code": sample.enter.replace(sample.ns or "", "user"), "wait": True}
            await editor.command("nrepl.evalCode", back)


async def test_document_symbols_name_what_the_text_defines(desk: Desk) -> None:
    found = await desk.request("textDocument/documentSymbol", {"textDocument": {"uri": desk.uri}})
    names = [symbol["name"] for symbol in found]
    assert set(desk.sample.defined) <= set(names)


async def test_a_local_is_known_with_every_server(desk: Desk) -> None:
    local, uses = desk.sample.local, desk.sample.local_lines
    highlights = await desk.ask("documentHighlight", local)
    assert [one["range"]["start"]["line"] for one in highlights] == uses
    renamed = await desk.ask("rename", local, newName="renamed")
    (edits,) = (renamed.get("changes") or {"": renamed.get("documentChanges")}).values()
    edits = edits[0]["edits"] if "edits" in edits[0] else edits
    assert [edit["range"]["start"]["line"] for edit in edits] == uses
    within = {"within": desk.sample.last_use} if desk.sample.last_use else {}
    assert desk.lines_of(await desk.ask("definition", local, **within)) == uses[:1]
    hover = await desk.ask("hover", local)
    assert local in hover["contents"]["value"]


async def test_locals_complete_first(desk: Desk) -> None:
    local = desk.sample.local
    found = await desk.ask("completion", local[:-1], within=desk.sample.last_use)
    first = min(found["items"], key=lambda item: item.get("sortText", item["label"]))
    assert first["label"] == local
    labels = [item["label"] for item in found["items"]]
    assert len(labels) == len(set(labels))


async def test_an_own_function_shows_its_arguments(desk: Desk) -> None:
    found = await desk.ask("signatureHelp", desk.sample.own_call, within=desk.sample.calls_own)
    labels = [one["label"] for one in found["signatures"]]
    active = labels[found["activeSignature"]]
    assert desk.sample.own in active
    assert desk.sample.own_arguments in active


async def test_a_core_function_shows_its_arguments(desk: Desk) -> None:
    found = await desk.ask("signatureHelp", desk.sample.core_call)
    desk.subject.judge("core signature", bool(found))


async def test_references_are_found_in_all_open_documents(desk: Desk) -> None:
    context = {"includeDeclaration": True}
    found = await desk.ask("references", desk.sample.own, context=context)
    assert desk.lines_of(found) == desk.sample.own_lines
    others = {one["uri"] for one in found} - {desk.uri}
    assert bool(others) == desk.sample.is_used_elsewhere


async def test_callers_are_found(desk: Desk) -> None:
    (item,) = await desk.ask("prepareCallHierarchy", desk.sample.own)
    calls = await desk.request("callHierarchy/incomingCalls", {"item": item})
    assert desk.sample.caller in {call["from"]["name"].rpartition("/")[2] for call in calls}


async def test_workspace_symbols_know_open_documents(desk: Desk) -> None:
    found = await desk.request("workspace/symbol", {"query": desk.sample.own})
    assert desk.sample.own in {one["name"].rpartition("/")[2] for one in found}


async def test_workspace_symbols_know_the_program(desk: Desk) -> None:
    query = desk.sample.library_name
    found = await desk.request("workspace/symbol", {"query": query})
    names = {one["name"].rpartition("/")[2].rpartition(".")[2] for one in found or ()}
    desk.subject.judge("workspace symbols", query in names)


async def test_names_are_coloured_by_what_they_are(desk: Desk) -> None:
    params = {"textDocument": {"uri": desk.uri}}
    found = await desk.request("textDocument/semanticTokens/full", params)
    desk.subject.judge("semantic tokens", bool(found and found["data"]))


async def test_formatting_is_the_program_s_or_none(desk: Desk) -> None:
    params = {
        "textDocument": {"uri": desk.uri},
        "options": {"tabSize": 2, "insertSpaces": True},
    }
    found = await desk.request("textDocument/formatting", params)
    desk.subject.judge("formatting", found is not None)


async def test_a_missing_require_is_offered(desk: Desk) -> None:
    text, expected = desk.sample.missing
    path = Path(desk.uri.removeprefix("file://")).with_stem("missing")
    document = desk.editor.open(text, name=path.as_uri(), language="")
    titles = [action["title"] for action in await document.actions()]
    document.close()
    desk.subject.judge("missing require", expected is not None and expected in titles)


async def test_documentation_by_command(desk: Desk) -> None:
    arguments = {"uri": desk.uri, "symbol": desk.sample.core}
    found = await desk.editor.command("nrepl.doc", arguments)
    assert desk.sample.core in found["markdown"]


async def test_structure_comes_from_the_text(desk: Desk) -> None:
    document = {"textDocument": {"uri": desk.uri}}
    folds = await desk.request("textDocument/foldingRange", document)
    assert all(fold["startLine"] < fold["endLine"] for fold in folds)
    assert len(folds) >= 2
    positions = [desk.place(desk.sample.local)]
    (found,) = await desk.request(
        "textDocument/selectionRange", {**document, "positions": positions}
    )
    depth = 0
    while found is not None:
        depth, found = depth + 1, found.get("parent")
    assert depth >= 4
