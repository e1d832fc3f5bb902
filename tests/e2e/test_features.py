"""Every feature once, through the real program over stdio, with real programs attached."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.servers import ServerPool

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.live,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

TEXT = """(ns features.core
  (:require [{library}.string :as str]))

(defn shout
  "Makes `words` loud."
  ([words] (shout words "!"))
  ([words mark] (str (str/upper-case words) mark)))

(defn- hidden [] :hidden)

(defn thrice [word]
  (let [louder (shout word)]
    (str louder (shout word "?") louder (hidden))))

(defprotocol Shape
  (area [this]))

(deftype Square [side]
  Shape
  (area [this] (* side side)))

(when (shout (str "a") "b") 1)
"""


class Features:
    """A file that is open and loaded, and questions about places in it."""

    def __init__(self, editor: Client, uri: str, text: str) -> None:
        self.editor = editor
        self.uri = uri
        self.text = text

    @property
    def document(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}}

    def place(self, mark: str) -> dict[str, int]:
        before = self.text[: self.text.index(mark) + len(mark)].split("\n")
        return {"line": len(before) - 1, "character": len(before[-1])}

    async def ask(self, method: str, mark: str | None = None, **more: Any) -> Any:
        place = {} if mark is None else {"position": self.place(mark)}
        return await self.editor.request(
            f"textDocument/{method}", {**self.document, **place, **more}
        )

    async def actions(self, mark: str) -> dict[str, Any]:
        place = self.place(mark)
        span = {"range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        return {action["title"]: action for action in await self.ask("codeAction", **span)}


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["basilisp", pytest.param("nrepl-1.0.0", marks=pytest.mark.java)],
)
async def features(
    request: pytest.FixtureRequest,
    server_pool: ServerPool,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Features]:
    server = server_pool.get(request.param)
    root = tmp_path_factory.mktemp("features")
    is_basilisp = request.param == "basilisp"
    path = root / "src" / "features" / ("core.lpy" if is_basilisp else "core.clj")
    path.parent.mkdir(parents=True)
    text = TEXT.replace("{library}", "basilisp" if is_basilisp else "clojure")
    path.write_text(text)
    environment = ["env", f"XDG_CACHE_HOME={root / 'cache'}"]
    async with Client([*environment, *PROGRAM, "--connect", server.url], root) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        uri = editor.open(path, "clojure")
        loaded = await editor.command("nrepl.loadFile", uri=uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None)
        yield Features(editor, uri, text)
    assert editor.exit_code == 0


def lines(answer: Any) -> list[int]:
    return sorted(one["range"]["start"]["line"] for one in answer)


async def test_completion(features: Features) -> None:
    found = await features.ask("completion", "(str lou")
    assert found["items"][0]["label"] == "louder"
    found = await features.ask("completion", "(str/upp")
    assert "str/upper-case" in [item["label"] for item in found["items"]]


async def test_hover(features: Features) -> None:
    hover = await features.ask("hover", "(str louder (sho")
    assert "(features.core/shout words mark)" in hover["contents"]["value"]
    hover = await features.ask("hover", "(str lou")
    assert "(shout word)" in hover["contents"]["value"]


async def test_signature_help(features: Features) -> None:
    found = await features.ask("signatureHelp", '(shout word "')
    active = found["signatures"][found["activeSignature"]]
    assert "shout words mark" in active["label"]
    assert active.get("activeParameter", found.get("activeParameter")) == 1


async def test_definition_and_declaration(features: Features) -> None:
    for method in ("definition", "declaration"):
        found = await features.ask(method, "(str louder (sho")
        assert (found["uri"], found["range"]["start"]["line"]) == (features.uri, 3)
        found = await features.ask(method, "(str lou")
        assert found["range"]["start"] == features.place("(let [")
    found = await features.ask("definition", "(str/upp")
    assert "string" in found["uri"]
    found = await features.ask("definition", "(st")
    assert "core" in found["uri"]


async def test_implementations(features: Features) -> None:
    found = await features.ask("implementation", "(defprotocol Sha")
    assert lines(found if isinstance(found, list) else [found])


async def test_references(features: Features) -> None:
    found = await features.ask("references", "(defn sho", context={"includeDeclaration": True})
    assert lines(found) == [3, 5, 11, 12, 21]


async def test_call_hierarchy(features: Features) -> None:
    (item,) = await features.ask("prepareCallHierarchy", "(defn sho")
    incoming = await features.editor.request("callHierarchy/incomingCalls", {"item": item})
    callers = {call["from"]["name"].rpartition("/")[2]: call for call in incoming}
    assert len(callers["thrice"]["fromRanges"]) == 2
    (item,) = await features.ask("prepareCallHierarchy", "(defn thri")
    outgoing = await features.editor.request("callHierarchy/outgoingCalls", {"item": item})
    assert "shout" in {call["to"]["name"].rpartition("/")[2] for call in outgoing}


async def test_workspace_symbols(features: Features) -> None:
    found = await features.editor.request("workspace/symbol", {"query": "thrice"})
    assert found[0]["location"]["uri"] == features.uri


async def test_rename(features: Features) -> None:
    renamed = await features.ask("rename", "(let [lou", newName="noisy")
    assert lines(renamed["changes"][features.uri]) == [11, 12, 12]
    renamed = await features.ask("rename", "(defn- hid", newName="secret")
    assert lines(renamed["changes"][features.uri]) == [8, 12]


async def test_code_actions(features: Features) -> None:
    actions = await features.actions("(when (sh")
    assert any(title.startswith("Evaluate (") for title in actions)
    assert "Thread first" in actions
    (edit,) = actions["Thread first"]["edit"]["changes"][features.uri]
    assert "->" in edit["newText"]


async def test_semantic_tokens(features: Features) -> None:
    found = await features.ask("semanticTokens/full")
    assert len(found["data"]) > 50


async def test_document_symbols(features: Features) -> None:
    found = await features.ask("documentSymbol")
    names = [symbol["name"] for symbol in found]
    assert {"features.core", "shout", "hidden", "thrice", "Shape", "Square"} <= set(names)


async def test_highlight_folding_and_selection(features: Features) -> None:
    assert lines(await features.ask("documentHighlight", "(let [lou")) == [11, 12, 12]
    folds = await features.ask("foldingRange")
    assert {"startLine": 10, "endLine": 12}.items() <= folds[
        [f["startLine"] for f in folds].index(10)
    ].items()
    positions = [features.place("(let [lou")]
    (innermost,) = await features.ask("selectionRange", positions=positions)
    assert innermost["range"]["start"] == features.place("(let [")
    assert innermost["parent"]["range"] != innermost["range"]


async def test_formatting_without_the_op_changes_nothing(features: Features) -> None:
    options = {"tabSize": 2, "insertSpaces": True}
    assert await features.ask("formatting", options=options) is None


async def test_macroexpansion(features: Features) -> None:
    position = features.place("\n(whe")
    answer = await features.editor.command(
        "nrepl.macroexpand", uri=features.uri, position=position, wait=True
    )
    assert "(if" in answer["expansion"]


async def test_documentation_by_command(features: Features) -> None:
    answer = await features.editor.command("nrepl.doc", uri=features.uri, symbol="shout")
    assert "Makes" in answer["markdown"]
    answer = await features.editor.command("nrepl.apropos", uri=features.uri, query="thrice")
    assert "thrice" in answer["markdown"]
