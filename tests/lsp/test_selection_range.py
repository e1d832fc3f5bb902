"""Selection ranges: one chain for each position."""

from typing import Any


def spans(found: dict[str, Any] | None) -> list[tuple[int, int, int, int]]:
    chain = []
    while found is not None:
        start, end = found["range"]["start"], found["range"]["end"]
        chain.append((start["line"], start["character"], end["line"], end["character"]))
        found = found.get("parent")
    return chain


async def ask(editor, document, positions: list[dict[str, int]]) -> Any:
    params = {"textDocument": {"uri": document.uri}, "positions": positions}
    return await editor.request("textDocument/selectionRange", params)


async def test_each_position_has_its_chain(detached) -> None:
    document = detached.open('(a |b)\r\n"😀 |c"')
    first, second = await ask(detached, document, document.marks)

    assert spans(first) == [(0, 3, 0, 4), (0, 1, 0, 4), (0, 0, 0, 5), (0, 0, 1, 6)]
    assert spans(second) == [(1, 1, 1, 5), (1, 0, 1, 6), (0, 0, 1, 6)]


async def test_an_empty_document_has_an_empty_range(detached) -> None:
    document = detached.open("|")
    (found,) = await ask(detached, document, document.marks)
    assert spans(found) == [(0, 0, 0, 0)]


async def test_no_positions_and_no_document(detached) -> None:
    document = detached.open("(a)")
    assert await ask(detached, document, []) == []
    document.close()
    assert await ask(detached, document, [{"line": 0, "character": 0}]) is None
