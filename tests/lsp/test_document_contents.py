"""Documents without a file, whose texts the editor asks us for."""

import asyncio
from collections.abc import Callable

import pytest

from nrepl_lsp.lsp import document_contents
from nrepl_lsp.lsp.document_contents import TEXTS_KEPT, plain, put, register, text_of, uri_for
from nrepl_lsp.lsp.features.text_document_content import GONE

from .applied import capabilities
from .editor import Editor

REFRESH = "workspace/textDocumentContent/refresh"


@pytest.mark.parametrize(
    "written",
    [
        "nrepl-lsp:/inspector/value.clj",
        "nrepl-lsp:///inspector/value.clj",
        "nrepl-lsp:/inspector/value%2Eclj",
    ],
)
def test_a_uri_means_the_same_however_it_is_written(written: str) -> None:
    assert document_contents.is_ours(written)
    assert plain(written) == uri_for("inspector/value.clj") == "nrepl-lsp:/inspector/value.clj"
    assert not document_contents.is_ours(f"file:///{written}")


async def asking(make_editor: Callable[..., Editor]) -> Editor:
    editor = make_editor()
    announced = capabilities()
    announced["workspace"]["textDocumentContent"] = {"dynamicRegistration": True}
    editor.answers[REFRESH] = lambda params: None
    await editor.initialize(announced)
    return editor


def refreshed(editor: Editor) -> list[str]:
    return [params["uri"] for method, params in editor.requests if method == REFRESH]


async def test_a_text_that_changes_is_asked_for_again(make_editor: Callable[..., Editor]) -> None:
    editor = await asking(make_editor)
    ls, uri = editor.server, uri_for("a.clj")
    assert await register(ls)
    for text, times in (("1", 0), ("2", 1), ("2", 1), ("3", 2)):
        await put(ls, uri, text)
        assert text_of(ls, uri) == text
        assert len(refreshed(editor)) == times
    assert (await editor.request("workspace/textDocumentContent", {"uri": uri})) == {"text": "3"}


async def test_a_document_of_an_earlier_day_gets_its_new_text(
    make_editor: Callable[..., Editor],
) -> None:
    editor = await asking(make_editor)
    uri = uri_for("a.clj")
    # The editor had it open when it was closed, perhaps in its own spelling.
    answer = await editor.request("workspace/textDocumentContent", {"uri": "nrepl-lsp:///a.clj"})
    assert GONE in answer["text"]
    await put(editor.server, uri, "1")
    assert refreshed(editor) == [uri]
    assert (await editor.request("workspace/textDocumentContent", {"uri": uri})) == {"text": "1"}


async def test_few_texts_are_kept(make_editor: Callable[..., Editor]) -> None:
    editor = await asking(make_editor)
    uris = [uri_for(f"{number}.clj") for number in range(TEXTS_KEPT + 2)]
    for uri in uris:
        await put(editor.server, uri, uri)
    assert [uri for uri in uris if text_of(editor.server, uri) is None] == uris[:2]


async def test_an_editor_that_answers_nothing_is_not_waited_for(
    make_editor: Callable[..., Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_contents, "CLIENT_TIMEOUT", 0.01)
    editor = await asking(make_editor)
    del editor.answers[REFRESH]
    async with asyncio.timeout(2):
        await put(editor.server, uri_for("a.clj"), "1")
        await put(editor.server, uri_for("a.clj"), "2")
    assert text_of(editor.server, uri_for("a.clj")) == "2"


async def test_an_editor_that_does_not_ask_for_texts_is_not_told(editor: Editor) -> None:
    assert not await register(editor.server)
    assert all(method != "client/registerCapability" for method, _ in editor.requests)
    assert text_of(editor.server, uri_for("a.clj")) is None


@pytest.mark.parametrize("written", ["nrepl-lsp://[/a.clj", "nrepl-lsp:", "nrepl-lsp:/%"])
async def test_a_uri_that_is_none_has_no_text(
    make_editor: Callable[..., Editor], written: str
) -> None:
    editor = await asking(make_editor)
    await put(editor.server, uri_for("a.clj"), "1")
    answer = await editor.request("workspace/textDocumentContent", {"uri": written})
    assert GONE in answer["text"]
