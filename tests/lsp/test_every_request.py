"""Whatever an editor asks of whatever text: nothing fails, and answers lie in the text."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.offered import FEATURES
from tests.support.every_request import every_request, resolutions

from .editor import Editor, Opened, RequestFailed, position

SAMPLES = Path(__file__).parents[1] / "samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
MUTATIONS = 200
#: JSON-RPC's code for a handler that raised something it was not meant to.
INTERNAL_ERROR = -32603
SNIPPETS = (*"()[]{}\"'`~@#;\\|^,\n\r\t\f😀", "#_", "#(", ",@", "#|", "\r\n", "(let [", ":keys")


def text_of(name: str) -> str:
    return (SAMPLES / name).read_bytes().decode()


def mutated(text: str, dice: random.Random) -> str:
    """The text with a few pieces taken out, put in or doubled, as typing makes it."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 1, 2, 5, 40)))
        piece = dice.choice((*SNIPPETS, "", "", text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text


def ranges(answer: Any, uri: str) -> Iterator[dict[str, Any]]:
    """Every range in an answer that is not in another document."""
    if isinstance(answer, dict):
        if answer.get("uri", uri) != uri or answer.get("targetUri", uri) != uri:
            return
        if answer.keys() >= {"start", "end"} and isinstance(answer["start"], dict):
            yield answer
        for inner in answer.values():
            yield from ranges(inner, uri)
    elif isinstance(answer, list):
        for inner in answer:
            yield from ranges(inner, uri)


def is_place(place: Any, lines: list[int]) -> bool:
    line, character = place["line"], place["character"]
    return 0 <= line < len(lines) and 0 <= character <= lines[line]


async def ask_everything(document: Opened, text: str, start: int, end: int) -> list[str]:
    """Send every request; what came back that must not."""
    widths = [len(line.encode("utf-16-le")) // 2 for line in lines_of(text)]
    asked = list(every_request(document.uri, position(text, start), position(text, end)))
    wrong = []
    while asked:
        method, params = asked.pop()
        try:
            answer = await document.editor.request(method, params)
        except RequestFailed as refusal:
            if refusal.code == INTERNAL_ERROR:
                wrong.append(f"{method} at {start}: {refusal}")
            continue
        asked += resolutions(method, answer)
        for found in ranges(answer, document.uri):
            places = (found["start"], found["end"])
            keys = [(place["line"], place["character"]) for place in places]
            if not all(is_place(place, widths) for place in places) or keys != sorted(keys):
                wrong.append(f"{method} at {start}: {found} is not in the text")
    return wrong


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def test_every_feature_is_asked() -> None:
    place = {"line": 0, "character": 0}
    asked = {method for method, _ in every_request("file:///a.clj", place, place)}
    assert asked >= {method for feature in FEATURES.values() for method in feature.methods}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", NAMES)
async def test_no_place_of_a_sample_makes_a_request_fail(detached: Editor, name: str) -> None:
    text = text_of(name)
    document = detached.open("", name=f"src/{name}", language="")
    document.replace(text)
    step = 1 if len(text) < 400 else 7
    wrong = []
    for start in range(0, len(text) + 1, step):
        wrong += await ask_everything(document, text, start, min(len(text), start + 9))
    assert wrong == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", NAMES)
async def test_no_mutation_of_a_sample_makes_a_request_fail(detached: Editor, name: str) -> None:
    whole = text_of(name)
    document = detached.open("", name=f"src/{name}", language="")
    dice = random.Random(name)
    wrong = []
    for number in range(MUTATIONS):
        text = mutated(whole, dice)
        document.replace(text)
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 30)))
        wrong += [f"{number}: {what}" for what in await ask_everything(document, text, start, end)]
    assert wrong == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("capabilities", [{}, None], ids=["bare", "modern"])
async def test_documents_of_every_kind_are_answered(
    make_editor: Callable[..., Editor], capabilities: Any
) -> None:
    editor = make_editor()
    await editor.initialize(capabilities)
    texts = {
        "untitled:Untitled-1": "(defn f [x] (inc x))",
        "vscode-vfs://host/a.clj": "(let [a 1] a)",
        "file:///empty.clj": "",
        "file:///blank.hy": " \r\n\r\n",
        "file:///feed.clj": "\x0c(def a 1)\x0c\x0b\u2028(def b a)",
    }
    wrong = []
    for uri, text in texts.items():
        document = editor.open(text, name=uri)
        for start in range(len(text) + 1):
            wrong += await ask_everything(document, text, start, len(text))
    assert wrong == []


async def test_a_document_that_is_not_open_is_answered_with_nothing(detached: Editor) -> None:
    place = {"line": 3, "character": 4}
    for method, params in every_request("file:///nowhere.clj", place, place):
        try:
            answer = await detached.request(method, params)
        except RequestFailed as refusal:
            answer = None if refusal.code != INTERNAL_ERROR else refusal
        assert answer in (None, [], {"isIncomplete": False, "items": []}), method
