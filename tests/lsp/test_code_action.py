"""Code actions: what is offered where, and that each command then does it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp import registry
from nrepl_lsp.lsp.actions import clean_namespace, macros, namespace
from nrepl_lsp.lsp.actions.titles import form_title
from nrepl_lsp.lsp.announcements import CODE_ACTION_KINDS
from nrepl_lsp.lsp.features.code_action import PROVIDERS
from nrepl_lsp.source.languages import CLOJURE
from tests.support.fault_server import DONE, FaultServer, held, reply, silent

from .applied import with_workspace_edit
from .conftest import attach_file
from .editor import MODERN, Editor, Opened, RequestFailed

EVALUATION = ["nrepl.evaluate"]


def offers(actions: Any) -> dict[str, str]:
    return {action["title"]: action["kind"] for action in actions or []}


async def test_the_forms_at_the_cursor_and_the_file_are_offered(editor: Editor) -> None:
    document = editor.open("(defn f [x]\n  (inc |x))")
    assert offers(await document.actions(only=EVALUATION)) == {
        "Evaluate x": "nrepl.evaluate.form",
        "Evaluate (inc x)": "nrepl.evaluate.list",
        "Evaluate (defn f [x] (inc x))": "nrepl.evaluate.topLevelForm",
        "Load demo.clj": "nrepl.evaluate.file",
    }


async def test_one_form_is_not_offered_twice(editor: Editor) -> None:
    document = editor.open("|(f)")
    assert list(offers(await document.actions(only=EVALUATION))) == [
        "Evaluate (f)",
        "Load demo.clj",
    ]


async def test_a_selection_is_offered_when_it_holds_a_form(editor: Editor) -> None:
    whole = editor.open("(do «(f) (g)»)", "src/a.clj")
    title, kind = next(iter(offers(await whole.actions()).items()))
    assert (title, kind) == ("Evaluate the 2 selected forms", "nrepl.evaluate.selection")
    blank = editor.open("(do« »(f))", "src/b.clj")
    assert "nrepl.evaluate.selection" not in offers(await blank.actions()).values()


async def test_a_block_cursor_on_a_closing_bracket_means_the_form_it_closes(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(do (f 1«)»)")
    first, *_ = await document.actions()
    assert first["title"] == "Evaluate (f 1)"
    call = first["command"]
    await editor.command(call["command"], *call["arguments"])
    await editor.command("nrepl.evalForm")
    assert [request["code"].strip() for request in nrepl.of("eval")] == ["(f 1)", "(f 1)"]


async def test_long_forms_are_cut_in_the_title(editor: Editor) -> None:
    document = editor.open(f"|(def long {list(range(100))})")
    title = next(iter(offers(await document.actions())))
    assert title == "Evaluate (def long …)"


async def test_titles_are_unique(editor: Editor) -> None:
    document = editor.open("«(f) (f)»")
    titles = [action["title"] for action in await document.actions()]
    assert len(set(titles)) == len(titles)


async def test_every_command_does_what_its_title_says(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(do «(f 1) (f 2)»)")
    for action in await document.actions(only=EVALUATION):
        call = action["command"]
        answer = await editor.command(call["command"], *call["arguments"])
        assert answer["status"] == "done", action["title"]
    codes = [request["code"].strip() for request in nrepl.of("eval")]
    assert codes == ["(f 1) (f 2)", "(f 1)", "(do (f 1) (f 2))"]
    assert len(nrepl.of("load-file")) == 1


async def test_detached_only_connecting_is_offered_of_the_program(detached: Editor) -> None:
    document = detached.open("|(f)")
    (action,) = await document.actions(only=["nrepl.connect"])
    assert (action["title"], action["kind"]) == ("Connect to nREPL", "nrepl.connect")
    answer = await detached.command(action["command"]["command"], *action["command"]["arguments"])
    assert answer["connected"] is False


@pytest.mark.usefixtures("impatient")
async def test_interrupt_is_offered_first_while_something_runs(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent())
    document = editor.open("|(loop [])")
    assert "Interrupt (loop [])" not in offers(await document.actions())
    await editor.command("nrepl.evalForm", document.at_cursor)
    first, *_ = await document.actions()
    assert (first["title"], first["kind"]) == ("Interrupt (loop [])", "nrepl.interrupt")
    await editor.command(first["command"]["command"], *first["command"]["arguments"])
    await editor.notified("window/showMessage", "Interrupted")
    assert "Interrupt (loop [])" not in offers(await document.actions())


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["nrepl.evaluate"], 3),
        (["nrepl.evaluate.form"], 1),
        (["nrepl.evaluate.form", "nrepl.evaluate.file"], 2),
        ([""], 4),
        (["nrep"], 0),
        (["quickfix"], 0),
        (["source.organizeImports"], 0),
        (["my.own.kind"], 0),
    ],
)
async def test_only_what_was_asked_for_is_offered(
    editor: Editor, only: list[str], kinds: int
) -> None:
    document = editor.open("(f |x)")
    actions = await document.actions(only=only)
    assert (actions is None) == (kinds == 0)
    assert len(actions or []) == kinds


async def test_old_clients_get_commands(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    document = editor.open("|(f)")
    first, *_ = await document.actions()
    assert first == {
        "title": "Evaluate (f)",
        "command": "nrepl.evalTopLevelForm",
        "arguments": [document.at_cursor],
    }


async def test_kinds_are_announced(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    result = await editor.initialize()
    announced = result["capabilities"]["codeActionProvider"]
    assert announced == {"codeActionKinds": list(CODE_ACTION_KINDS), "resolveProvider": True}
    providers = (*PROVIDERS, namespace, macros, clean_namespace)
    kinds = {kind for provider in providers for kind in provider.KINDS}
    assert kinds == set(CODE_ACTION_KINDS)
    assert len(CODE_ACTION_KINDS) == len(kinds)


async def test_kinds_are_not_announced_to_clients_that_know_none(
    make_editor: Callable[..., Editor],
) -> None:
    """LSP allows options only for clients with `codeActionLiteralSupport`."""
    editor = make_editor()
    result = await editor.initialize({})
    assert result["capabilities"]["codeActionProvider"] is True


async def test_unknown_documents_have_no_actions(editor: Editor) -> None:
    place = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": "file:///x"},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    assert await editor.request("textDocument/codeAction", params) is None


async def test_for_evaluating_only_the_namespaces_are_asked_for(
    editor: Editor, nrepl: FaultServer
) -> None:
    await editor.open("(ns demo) (f |x)").actions(only=["nrepl", "refactor.rewrite"])
    assert {request["op"] for request in nrepl.requests} <= {"ns-list"}
    nrepl.requests.clear()
    await editor.open("(ns demo) (f |x)", "src/b.clj").actions(triggerKind=2)
    assert nrepl.requests == []


async def test_a_key_bound_to_the_kind_finds_the_form_also_at_the_top_level(editor: Editor) -> None:
    document = editor.open("|(f)")
    actions = await document.actions(only=["nrepl.evaluate.form"])
    assert offers(actions) == {"Evaluate (f)": "nrepl.evaluate.form"}


async def test_a_range_that_is_just_the_form_is_no_selection(editor: Editor) -> None:
    """Eglot sends the form at point as the range."""
    document = editor.open("(do «(f 1)»)")
    assert "nrepl.evaluate.selection" not in offers(await document.actions()).values()


async def test_a_key_bound_to_the_selection_finds_it_also_when_it_is_one_form(
    editor: Editor,
) -> None:
    document = editor.open("(do «(f 1)»)")
    actions = await document.actions(only=["nrepl.evaluate.selection"])
    assert offers(actions) == {"Evaluate (f 1)": "nrepl.evaluate.selection"}


async def test_what_is_read_off_the_text_is_offered_without_a_program(detached: Editor) -> None:
    document = detached.open("|[a b]")
    kinds = {action["kind"] for action in await document.actions()}
    assert "nrepl.refactor.rewrite.cycle" in kinds


async def test_beside_another_server_the_text_is_left_to_that(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"profile": "complement"}})
    await editor.attached()
    document = editor.open("(ns demo)\n|(str/join [1])")
    kinds = {action["kind"].split(".")[0] for action in await document.actions()}
    assert kinds == {"nrepl"}


@pytest.mark.usefixtures("quick_menu")
async def test_the_menu_does_not_wait_for_a_server_that_is_slow(
    editor: Editor, nrepl: FaultServer
) -> None:
    """What it says later is there for the next menu; nothing is set aside for being slow."""
    gate = asyncio.Event()
    macro = reply({"name": "when", "ns": "clojure.core", "macro": "true"}, DONE)
    nrepl.on("info", held(gate, macro))
    document = editor.open("(ns demo)\n|(when 1)")
    assert "Expand macro call (read-only document)" not in offers(await document.actions())
    gate.set()
    await nrepl.received("info")

    async def look() -> bool:
        return "Expand macro call (read-only document)" in offers(await document.actions())

    async with asyncio.timeout(3):
        while not await look():
            pass
    assert len(nrepl.of("info")) == 1


async def test_all_that_is_asked_for_a_menu_shares_one_deadline(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each provider asks at once; one after the other would take as long as all together."""
    deadlines: list[float] = []
    began = asyncio.Event()

    def waiting(provider: Any) -> None:
        async def offers(*given: Any) -> list[Any]:
            deadlines.append(given[-1])
            if len(deadlines) == 3:
                began.set()
            await began.wait()
            return []

        monkeypatch.setattr(provider, "offers", offers)

    for provider in (namespace, macros, clean_namespace):
        waiting(provider)
    titles = offers(await editor.open("|(f)").actions())
    assert list(titles)[:1] == ["Evaluate (f)"]
    assert len(deadlines) == 3
    assert len(set(deadlines)) == 1


async def test_a_provider_that_fails_leaves_the_rest_of_the_menu(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def offers(*_: Any) -> list[Any]:
        raise ValueError("on purpose")

    monkeypatch.setattr(macros, "offers", offers)
    titles = [action["title"] for action in await editor.open("|(f)").actions()]
    assert titles[:1] == ["Evaluate (f)"]


async def test_a_menu_that_is_given_up_leaves_nothing_behind(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    began = asyncio.Event()

    async def offers(*_: Any) -> list[Any]:
        try:
            began.set()
            await asyncio.Event().wait()
            return []
        finally:
            ended.append("macros")

    monkeypatch.setattr(macros, "offers", offers)
    document = editor.open("|(f)")
    place = {"start": document.cursor, "end": document.cursor}
    number, answer = editor.start_request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": document.uri},
            "range": place,
            "context": {"diagnostics": []},
        },
    )
    await began.wait()
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    assert ended == ["macros"]


async def offered_command(
    make_editor: Callable[..., Editor], title: str
) -> tuple[Editor, Opened, dict[str, Any]]:
    """The command of an action, for a client that takes neither actions nor versions."""
    editor = make_editor()
    await editor.initialize({"workspace": {"applyEdit": True}})
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    document = editor.open("|(a b c)\n")
    (command,) = [one for one in await document.actions() if one["title"] == title]
    return editor, document, command


async def test_an_edit_that_is_a_command_is_for_one_version_of_its_document(
    make_editor: Callable[..., Editor],
) -> None:
    editor, document, command = await offered_command(make_editor, "Change () to []")
    (argument,) = command["arguments"]
    assert (argument["uri"], argument["version"]) == (document.uri, 1)
    assert await editor.command(command["command"], argument) == {"applied": True}
    ((_, params),) = [sent for sent in editor.requests if sent[0] == "workspace/applyEdit"]
    assert with_workspace_edit(document, params["edit"]) == "[a b c]\n"


@pytest.mark.parametrize("how", ["changed", "closed"])
async def test_an_edit_that_is_a_command_is_not_applied_to_another_text(
    make_editor: Callable[..., Editor], how: str
) -> None:
    editor, document, command = await offered_command(make_editor, "Change () to []")
    if how == "changed":
        document.replace("something else, and longer\n")
    else:
        document.close()
    answer = await editor.command(command["command"], *command["arguments"])
    assert answer == {"applied": False}
    assert [sent for sent in editor.requests if sent[0] == "workspace/applyEdit"] == []
    assert editor.shown() == ["The text has changed since the action was offered: try again."]


async def test_an_edit_that_cannot_be_read_says_what_to_do(editor: Editor) -> None:
    document = editor.open("|(a)")
    argument = {"uri": document.uri, "version": 1, "edit": {"changes": 3}}
    assert await editor.command("nrepl.applyAction", argument) == {"applied": False}
    assert editor.shown() == ["The edit cannot be read: choose the action in the menu again."]


# -- the menu at every kind of place --------------------------------------------------------

PLACES: list[tuple[str, str, list[str]]] = [
    (
        "on a call in a definition",
        "(ns demo)\n(defn area [r]\n  (|* r r))",
        ["Evaluate (* r r)", "Evaluate (defn area [r] (* r r))", "Load demo.clj"],
    ),
    (
        "on a definition's name",
        "(ns demo)\n(defn are|a [radius] (* radius radius radius))",
        [
            "Evaluate area",
            "Evaluate (defn area …)",
            "Load demo.clj",
            "Remove area from the program",
        ],
    ),
    (
        "behind a form in a form",
        "(ns demo)\n(-> 1 (inc)| (dec))",
        [
            "Evaluate (inc)",
            "Evaluate (-> 1 (inc) (dec))",
            "Load demo.clj",
            "Evaluate (-> 1 (inc) (dec)) up to the cursor",
        ],
    ),
    (
        "in a comment form",
        "(ns demo)\n(comment\n  |(area 3))",
        ["Evaluate (area 3)", "Load demo.clj"],
    ),
    (
        "between forms",
        "(ns demo)\n\n|\n\n(def a 1)",
        ["Evaluate (ns demo)", "Evaluate (def a 1)", "Load demo.clj"],
    ),
    (
        "on the ns form",
        "(ns| demo)\n(def a 1)",
        [
            "Evaluate (ns demo)",
            "Load demo.clj",
            "Evaluate all forms of demo.clj one by one",
            "Reload demo from its file",
            "Make demo the namespace of the session",
            "Remove all definitions of demo from the program",
            "Evaluate in a new session from now on",
            "Show the output of the program",
            "Show which programs are attached",
            "Disconnect from {address}",
        ],
    ),
    (
        "in an empty text",
        "|",
        [
            "Load demo.clj",
            "Evaluate all forms of demo.clj one by one",
            "Evaluate in a new session from now on",
            "Show the output of the program",
            "Show which programs are attached",
            "Disconnect from {address}",
        ],
    ),
    (
        "in text that is not balanced",
        "(ns demo)\n(defn a [\n(def |b 1)",
        ["Evaluate b", "Evaluate (def b 1)", "Load demo.clj", "Remove b from the program"],
    ),
    (
        "with a selection of several forms",
        "(ns demo)\n«(def a 1)\n(def b 2)»",
        [
            "Evaluate the 2 selected forms",
            "Evaluate (def a 1)",
            "Load demo.clj",
            "Remove a from the program",
        ],
    ),
    (
        "on an astral name behind CRLF",
        "(ns demo)\r\n(def 𝔛 1) |𝔛",
        ["Evaluate 𝔛", "Load demo.clj"],
    ),
]


def own(actions: Any) -> list[str]:
    """The titles of what runs something, without what rewrites the text or writes into it."""
    foreign = ("nrepl.refactor", "quickfix", "source", "nrepl.inspect")
    return [one["title"] for one in actions or [] if not one["kind"].startswith(foreign)]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
async def test_the_menu_of_a_place(
    editor: Editor, nrepl: FaultServer, text: str, expected: list[str]
) -> None:
    address = f"nrepl://127.0.0.1:{nrepl.port}"
    expected = [title.format(address=address) for title in expected]
    assert own(await editor.open(text).actions()) == expected


@pytest.mark.parametrize("text", [row[1] for row in PLACES])
async def test_a_light_bulb_is_for_what_waits(editor: Editor, text: str) -> None:
    assert own(await editor.open(text).actions(triggerKind=2)) == []


async def test_plain_text_is_evaluated_when_it_is_selected(editor: Editor) -> None:
    nothing = editor.open("some words|\n", "a.txt", "plaintext")
    assert own(await nothing.actions()) == []
    selected = editor.open("«(+ 1 2)» words\n", "b.txt", "plaintext")
    assert own(await selected.actions()) == ["Evaluate (+ 1 2)"]
    found = offers(await nothing.actions(only=["nrepl.evaluate"]))
    assert list(found) == ["Evaluate some words", "Load a.txt"]


async def test_a_file_that_is_not_loaded_is_loaded_first(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns elsewhere)\n(def |a 1)", "src/elsewhere.clj")
    first, *_ = await document.actions()
    assert first["title"] == "Load elsewhere.clj"
    await editor.command(first["command"]["command"], *first["command"]["arguments"])
    first, *_ = await document.actions()
    assert first["title"] == "Evaluate a"


async def test_changed_forms_are_counted(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(ns demo)\n(def a 1)\n(def b 2)\n|(a b)")
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert "nrepl.evaluate.changedForms" not in offers(await document.actions()).values()
    document.change((1, 7), (1, 8), "7")
    assert "Evaluate the changed form (def a 7)" in offers(await document.actions())
    document.change((2, 7), (2, 8), "8")
    (title,) = offers(await document.actions(only=["nrepl.evaluate.changedForms"]))
    assert title == "Evaluate 2 changed forms"
    # On a changed form that waits, the light bulb is worth it.
    document.marks = [{"line": 2, "character": 0}]
    assert own(await document.actions(triggerKind=2)) == ["Evaluate (def b 8)"]


@pytest.mark.usefixtures("impatient")
async def test_while_something_runs(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent())
    document = editor.open("(ns demo)\n(loop [x 1000000 y 2000000] (recur (inc x) (dec| y)))")
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    titles = own(await document.actions())
    assert titles[0] == "Interrupt (loop …)"
    assert titles[-1] == "Evaluate in a new session from now on"
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    assert own(await document.actions(triggerKind=2)) == ["Interrupt (loop …) and 1 more"]
    await editor.command("nrepl.interrupt", {"uri": document.uri})
    await editor.notified("window/showMessage", "Interrupted")


@pytest.mark.usefixtures("quick_menu")
async def test_code_that_reads_input_is_served_first(editor: Editor, nrepl: FaultServer) -> None:
    needs = reply({"status": ["need-input"]})
    nrepl.on("eval", needs)
    document = editor.open("(ns demo)\n(read-line)\n|some words")
    place = {"uri": document.uri, "position": {"line": 1, "character": 0}}
    _, answer = editor.start_request(
        "workspace/executeCommand", {"command": "nrepl.evalForm", "arguments": [place]}
    )
    await nrepl.received("eval")

    async with asyncio.timeout(5):
        while len(titles := own(await document.actions(triggerKind=2))) < 4:
            pass
    assert titles == [
        "Interrupt (read-line)",
        "Send “some words” as input",
        "Send an empty line as input",
        "Send the end of input",
    ]
    document.marks = [{"line": 2, "character": 0}, {"line": 2, "character": 4}]
    chosen = {one["title"]: one["command"] for one in await document.actions(triggerKind=2)}
    call = chosen["Send “some” as input"]
    assert (await editor.command(call["command"], *call["arguments"]))["status"] == "sent"
    (sent,) = await nrepl.received("stdin")
    assert sent["stdin"] == "some\n"
    await editor.command("nrepl.interrupt", {"uri": document.uri})
    await answer


async def test_on_an_error_how_it_came_about_is_first(editor: Editor, nrepl: FaultServer) -> None:
    failed = ({"err": "Broken (demo.clj:2:1)\n"}, {"ex": "E"}, {"status": ["eval-error", "done"]})
    nrepl.on("eval", reply(*failed))
    document = editor.open("(ns demo)\n|(area 3)")
    await editor.command("nrepl.evalForm", document.at_cursor)
    mark = next(one for one in editor.diagnostics(document.uri) if one["severity"] == 1)
    document.marks = [mark["range"]["start"]]
    for context in ({}, {"triggerKind": 2}, {"diagnostics": [mark], "triggerKind": 2}):
        first, *_ = await document.actions(**context)
        assert (first["title"], first["kind"]) == ("Show the stack trace", "nrepl.trace")
    assert first["diagnostics"] == [mark]


async def test_on_a_test_running_it_is_first(editor: Editor) -> None:
    document = editor.open("(ns demo)\n(deftest area-test\n  (is (= 9| (area 3))))")
    titles = own(await document.actions())
    assert titles[:3] == [
        "Run test area-test",
        "Evaluate (= 9 (area 3))",
        "Evaluate (deftest area-test (is (= 9 (area 3))))",
    ]
    assert await document.actions(triggerKind=2) is None


async def test_a_result_can_be_copied_and_cleared(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "9", "ns": "demo"}, DONE))
    document = editor.open("(ns demo)\n(def a 1)\n|(a 3)")
    await editor.command("nrepl.evalForm", document.at_cursor)
    actions = {one["title"]: one["command"] for one in await document.actions(only=["nrepl"])}
    assert own(await document.actions())[-2:] == [
        "Copy the result",
        "Clear the results in demo.clj",
    ]
    call = actions["Clear the results in demo.clj"]
    await editor.command(call["command"], *call["arguments"])
    assert "Copy the result" not in offers(await document.actions())


async def test_what_we_have_written_ourselves_is_not_evaluated(
    editor: Editor, tmp_path: Path
) -> None:
    shown = tmp_path / "cache" / "values" / "value.clj"
    assert own(await editor.open("{:a |1}", shown.as_uri()).actions()) == []
    source = tmp_path / "cache" / "sources" / "lib" / "core.clj"
    assert "Evaluate a" in own(await editor.open("(def |a 1)", source.as_uri()).actions())


async def test_every_command_is_in_some_menu(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without those that need a text which only a person or a plugin can give."""
    found = set()
    for text in ("(ns| demo)\n(def a 1)", "(ns demo)\n(def ar|ea 1) ; => 1"):
        for action in await editor.open(text).actions(only=["nrepl"]):
            found.add(action["command"]["command"])
    elsewhere = {
        # A text; edits; an answer to choose from.
        *("nrepl.evalCode", "nrepl.applyAction", "nrepl.namespaces"),
        *("nrepl.sessions", "nrepl.switchSession"),
        *("nrepl.interrupt", "nrepl.sendInput", "nrepl.showTrace", "nrepl.copyResult"),  # at times
        *("nrepl.evalSelection", "nrepl.evalChangedForms", "nrepl.clearResults"),
        *("nrepl.runTest", "nrepl.runNamespaceTests", "nrepl.rerunFailedTests"),
        *("nrepl.macroexpand", "nrepl.inspect"),
        *("nrepl.evalToComment", "nrepl.replaceWithResult", "nrepl.checkComments"),  # applyEdit
    }
    assert found | elsewhere == set(registry.COMMANDS)


async def test_the_whole_menu_of_a_form(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    """Evaluating, then writing results, then rewriting code; what is rare comes last."""
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "workspace": {"applyEdit": True}})
    await editor.attached()
    found = await editor.open("(ns demo)\n(defn area [r] (|* r r))").actions()
    assert [one["title"] for one in found] == [
        "Evaluate (* r r)",
        "Evaluate (defn area [r] (* r r))",
        "Evaluate (* r r) into a comment",
        "Load demo.clj",
        "Inspect the value of (* r r)",
        "Replace (* r r) with its value",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(ns |demo)",
        "(ns demo (:require [clojure.|set :as s]))",
        "(ns demo)\n(de|fn f [x] x)",
        "(ns demo)\n(defn |f [x] x)",
        "(ns demo)\n(defn f [x] x)|",
        "(ns demo)\n(f :|a)",
        "(ns demo)\n(f 1|2)",
        '(ns demo)\n(f "s|tring")',
        "(ns demo)\n(f nil|)",
        "(ns demo)\n(f \\a|)",
        "(g)(f|)",
    ],
)
async def test_what_has_no_value_of_its_own_is_neither_written_nor_inspected(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, text: str
) -> None:
    """To replace a definition with its value would be to lose it."""
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "workspace": {"applyEdit": True}})
    await editor.attached()
    document = editor.open(text)
    kinds = set(offers(await document.actions()).values())
    unwanted = {"nrepl.evaluate.comment", "nrepl.evaluate.replace", "nrepl.inspect"}
    assert not kinds & unwanted
    # A key that is bound to one of them finds it all the same.
    for kind in unwanted:
        assert set(offers(await document.actions(only=[kind])).values()) == {kind}


async def test_on_the_head_of_a_call_the_call_is_meant(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "workspace": {"applyEdit": True}})
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    await editor.attached()
    found = await editor.open("(do (f| 1))").actions()
    for title in ("Evaluate (f 1) into a comment", "Inspect the value of (f 1)"):
        (call,) = (one["command"] for one in found if one["title"] == title)
        nrepl.requests.clear()
        await editor.command(call["command"], *call["arguments"])
        assert [request["code"].strip() for request in nrepl.of("eval")] == ["(f 1)"]


async def test_brackets_are_changed_where_the_cursor_is_on_them(editor: Editor) -> None:
    for text, count in (("|(a b)", 1), ("(a b|)", 1), ("(a |b)", 0)):
        document = editor.open(text)
        titles = [one["title"] for one in await document.actions()]
        assert titles.count("Change () to []") == count
        (one,) = await document.actions(only=["refactor"])
        assert one["title"] == "Change () to []"


async def test_data_is_not_evaluated(editor: Editor) -> None:
    document = editor.open("{:a (f |1)}", "src/deps.edn")
    assert [one["title"] for one in await document.actions() or []] == []
    kinds = offers(await document.actions(only=["nrepl.evaluate.form"])).values()
    assert list(kinds) == ["nrepl.evaluate.form"]


async def test_a_provider_that_fails_leaves_the_menu_there(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offers(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr("nrepl_lsp.lsp.actions.more.offers", offers)
    assert own(await editor.open("|(f)").actions())[0] == "Evaluate (f)"


async def test_menus_are_short(editor: Editor) -> None:
    for _, text, _ in PLACES:
        assert len(await editor.open(text).actions()) <= 20


@pytest.mark.parametrize(
    ("form", "title"),
    [
        ("(area 3)", "(area 3)"),
        ("(defn area\n  [r]\n  (* r r))", "(defn area [r] (* r r))"),
        ("(defn ^:private area [r] (* 3.14159265 r r r r r))", "(defn area …)"),
        ("(defmethod area :square [shape] (* 3.14159265 1))", "(defmethod area :square …)"),
        (f"(defn {'n' * 60} [])", f"(defn {'n' * 30}… …)"),
        (
            "[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18]",
            "[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 …]",
        ),
        (
            '"a string that is much too long for a title"',
            '"a string that is much too long for a t…',
        ),
        (
            "((fn [x] (* x x x x x x x x)) 1234567890 1234)",
            "((fn [x] (* x x x x x x x x)) 123456789…",
        ),
        (
            "'(quoted forms are cut where they are too long)",
            "'(quoted forms are cut where they are t…",
        ),
        ("(let [x " + "1" * 500 + "] x)", "(let …)"),
        ("", ""),
    ],
)
def test_a_form_in_a_title(form: str, title: str) -> None:
    assert form_title(CLOJURE, form) == title
