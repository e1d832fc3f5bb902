"""What the program has of a text, and evaluating what it has not."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.outcomes import Outcome
from nrepl_lsp.lsp.load_state.program_forms import ProgramForms, program_forms
from nrepl_lsp.source.document import Document, Snapshot
from tests.support.fault_server import DONE, FaultServer, held, reply, silent

from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

TEXT = """(ns demo)

(defn area [r]
  (* r r))

(defn scale [r] (inc r))

(area 3)
"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.changed_forms.ANSWER_WITHIN", 4.0)


async def text_of(document: Opened) -> Snapshot:
    """The document as the server has it, once it has taken over the edits."""
    await document.editor.command("nrepl.status")
    snapshot = document.editor.server.documents.snapshot(document.uri)
    assert snapshot is not None
    return snapshot


async def changed(document: Opened) -> list[str]:
    """The forms that the program has not, `+` before those it has nothing of."""
    ls, snapshot = document.editor.server, await text_of(document)
    return [
        ("+" if one.is_new else "") + snapshot.text[slice(*one.span)]
        for one in program_forms(ls).changed(ls, snapshot)
    ]


async def load(document: Opened) -> None:
    answer = await document.editor.command("nrepl.loadFile", {"uri": document.uri})
    assert answer["status"] == "done"


async def evaluate(document: Opened, form: str) -> None:
    """Evaluate a top-level form of the text as it is now."""
    snapshot = await text_of(document)
    line = snapshot.text[: snapshot.text.index(form)].count("\n")
    place = {"uri": document.uri, "position": {"line": line, "character": 0}}
    answer = await document.editor.command("nrepl.evalTopLevelForm", place)
    assert answer["status"] == "done", answer


AFTER_LOADING: list[tuple[str, str, list[str]]] = [
    ("nothing", TEXT, []),
    ("a comment", TEXT.replace("(* r r)", "(* r ; radius\n r)"), []),
    ("white space", TEXT.replace("(* r r)", "(*  r\tr)").replace("\n\n", "\n\n\n"), []),
    ("commas", TEXT.replace("(* r r)", "(* r, r)"), []),
    ("a dropped form", TEXT.replace("(* r r)", "(* r r #_(print r))"), []),
    ("line breaks", TEXT.replace("\n", "\r\n"), []),
    ("the order", "(ns demo)\n(defn scale [r] (inc r))\n(defn area [r] (* r r))\n", []),
    ("one removed", TEXT.replace("(defn scale [r] (inc r))", ""), []),
    ("one changed", TEXT.replace("(inc r)", "(dec r)"), ["(defn scale [r] (dec r))"]),
    ("a string", TEXT.replace("(inc r)", '"; r"'), ['(defn scale [r] "; r")']),
    ("one more", TEXT + "(def x 1)", ["+(def x 1)"]),
    ("one unfinished", TEXT + "(def x 1", []),
    (
        "the ns form",
        TEXT.replace("(ns demo)", "(ns demo (:gen-class))"),
        ["(ns demo (:gen-class))"],
    ),
    ("an expression", TEXT.replace("(area 3)", "(area 4)"), ["(area 4)"]),
    ("one more expression", TEXT + "(area 4)", []),
    ("another expression", TEXT + "(scale 4)", []),
    ("a value", TEXT + "42 :a [1]", []),
    ("a quoted form", TEXT + "'(def x 1)", []),
    ("a comment form", TEXT + "(comment (def x 1) (area 5))", []),
    ("an astral name", TEXT + "(def 𝔛 1)", ["+(def 𝔛 1)"]),
    ("a renamed one", TEXT.replace("defn scale", "defn scaled"), ["+(defn scaled [r] (inc r))"]),
    (
        "a definer",
        TEXT.replace("(defn scale [r] (inc r))", "(def scale inc)"),
        ["(def scale inc)"],
    ),
    ("everything gone", "", []),
]


@pytest.mark.parametrize(
    ("now", "expected"), [row[1:] for row in AFTER_LOADING], ids=[row[0] for row in AFTER_LOADING]
)
async def test_what_has_changed_since_the_file_was_loaded(
    editor: Editor, now: str, expected: list[str]
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(now)
    assert await changed(document) == expected


async def test_a_form_that_is_evaluated_or_changed_back_is_the_programs_again(
    editor: Editor,
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    assert await changed(document) == ["(defn scale [r] (dec r))"]
    document.replace(TEXT)
    assert await changed(document) == []
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    await evaluate(document, "(defn scale")
    assert await changed(document) == []
    # What was there before is not what the program has now.
    document.replace(TEXT)
    assert await changed(document) == ["(defn scale [r] (inc r))"]


async def test_methods_of_one_multimethod_are_told_apart(editor: Editor) -> None:
    text = "(ns demo)\n(defmethod m :a [_] 1)\n(defmethod m :b [_] 2)\n"
    document = editor.open(text)
    await load(document)
    document.replace(text.replace("[_] 2", "[_] 3"))
    assert await changed(document) == ["(defmethod m :b [_] 3)"]
    await evaluate(document, "(defmethod m :b")
    assert await changed(document) == []
    document.replace(text)
    assert await changed(document) == ["(defmethod m :b [_] 2)"]


async def test_a_namespace_that_was_there_has_the_text_as_it_was_opened(editor: Editor) -> None:
    document = editor.open(TEXT)
    assert await document.editor.request(
        "textDocument/codeLens", {"textDocument": {"uri": document.uri}}
    ) in (None, [])
    document.replace(TEXT.replace("(inc r)", "(dec r)") + "(def x 1)")
    # Not known before the program was asked.
    assert await changed(document) == []
    await evaluate(document, "(area 3)")
    assert await changed(document) == ["(defn scale [r] (dec r))", "+(def x 1)"]


async def test_of_a_namespace_made_by_a_form_the_program_has_what_was_evaluated(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns fresh)\n(def a 1)\n(def b 2)\n")
    ls = editor.server
    snapshot = await text_of(document)
    forms = program_forms(ls)
    assert await forms.ask(ls, snapshot)
    assert forms.is_loaded(ls, snapshot) is False
    assert await changed(document) == []
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "fresh"]}, DONE))
    await evaluate(document, "(ns fresh)")
    assert await changed(document) == ["+(def a 1)", "+(def b 2)"]
    await evaluate(document, "(def b 2)")
    assert await changed(document) == ["+(def a 1)"]


async def test_a_namespace_form_of_which_nothing_was_known_makes_no_others_changed(
    editor: Editor, nrepl: FaultServer
) -> None:
    """Whether the namespace was there before, nobody has asked."""
    document = editor.open(TEXT)
    await evaluate(document, "(ns demo)")
    assert await changed(document) == []
    await evaluate(document, "(defn scale")
    document.replace(TEXT.replace("(inc r)", "(dec r)").replace("(* r r)", "(+ r r)"))
    assert await changed(document) == ["(defn scale [r] (dec r))"]


async def test_forms_in_comments_and_parts_of_forms_are_not_the_texts(editor: Editor) -> None:
    text = TEXT + "(comment\n(defn area [r] 0))\n"
    document = editor.open(text)
    await load(document)
    await evaluate(document, "(defn area [r] 0)")
    assert await changed(document) == []


async def test_what_fails_or_is_evaluated_elsewhere_teaches_nothing(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    nrepl.on("eval", reply({"err": "no"}, {"ex": "E"}, {"status": ["eval-error", "done"]}))
    place = {"uri": document.uri, "position": {"line": 5, "character": 0}}
    answer = await editor.command("nrepl.evalTopLevelForm", place)
    assert answer["status"] == "error"
    assert await changed(document) == ["(defn scale [r] (dec r))"]
    nrepl.on("eval", reply({"value": "1", "ns": "user"}, DONE))
    await editor.command("nrepl.evalTopLevelForm", {**place, "ns": "user"})
    assert await changed(document) == ["(defn scale [r] (dec r))"]


async def test_of_what_has_failed_half_way_nothing_is_claimed(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    failed = reply({"err": "no"}, {"ex": "E"}, {"status": ["eval-error", "done"]})
    nrepl.on("load-file", failed)
    answer = await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert answer["status"] == "error"
    assert await changed(document) == ["+(defn scale [r] (dec r))"]
    # Changed back, it may not be what the program has any more.
    document.replace(TEXT)
    assert await changed(document) == ["+(defn scale [r] (inc r))"]


async def test_another_program_has_nothing_of_what_the_first_had(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    async with FaultServer() as other:
        other.on("ns-list", reply({"ns-list": ["user"]}, DONE))
        await editor.command("nrepl.connect", {"url": other.url, "wait": True})
        assert await changed(document) == []


async def test_the_same_program_reached_anew_has_what_it_had(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    before = editor.server.repl_for(document.uri)
    nrepl.hang_up()

    def is_back() -> bool:
        now = editor.server.repl_for(document.uri)
        return now is not None and now is not before and now.is_resumed

    await editor.until(is_back, "the program")
    assert await changed(document) == ["(defn scale [r] (dec r))"]


async def test_a_namespace_that_others_load_has_the_text_of_that_moment(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns late)\n(def a 1)\n")
    ls, forms = editor.server, program_forms(editor.server)
    assert await forms.ask(ls, await text_of(document))
    assert forms.is_loaded(ls, await text_of(document)) is False
    nrepl.on("ns-list", reply({"ns-list": ["user", "late"]}, DONE))
    require = {"uri": document.uri, "code": "(require 'late)", "ns": "user"}
    assert (await editor.command("nrepl.evalCode", require))["status"] == "done"
    document.replace("(ns late)\n(def a 2)\n")
    assert await forms.ask(ls, await text_of(document))
    assert not await forms.ask(ls, await text_of(document))
    assert await changed(document) == []
    document.replace("(ns late)\n(def a 3)\n")
    assert await changed(document) == ["(def a 3)"]
    # Loaded from the disk by a command: the text is the program's again.
    forms.loaded(ls, await text_of(document))
    assert await changed(document) == []


async def test_a_busy_program_has_not_said_what_it_lacks(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", silent())
    document = editor.open("(ns other)\n(def a 1)\n")
    ls, forms = editor.server, program_forms(editor.server)
    assert not await forms.ask(ls, await text_of(document), 0.05)
    assert forms.is_loaded(ls, await text_of(document)) is None
    nrepl.hang_up()
    assert not await forms.ask(ls, await text_of(document), 0.05)


async def test_a_very_long_text_is_not_followed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.load_state.form_texts.TEXT_LIMIT", 50)
    document = editor.open(TEXT)
    await load(document)
    document.replace(TEXT.replace("(inc r)", "(dec r)"))
    assert await changed(document) == []


async def test_what_is_known_is_bounded(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.load_state.program_forms.KNOWN_LIMIT", 2)
    documents = [editor.open(f"(ns n{n})\n(def a 1)", f"src/n{n}.clj") for n in range(4)]
    for document in documents:
        await load(document)
    for document in documents:
        document.replace(document.text.replace("1", "2"))
    assert [len(await changed(document)) for document in reversed(documents)] == [1, 1, 0, 0]


async def test_names_that_were_removed_are_missing(editor: Editor) -> None:
    document = editor.open(TEXT)
    await load(document)
    program_forms(editor.server).forget(document.uri, ["scale"])
    assert await changed(document) == ["+(defn scale [r] (inc r))"]
    program_forms(editor.server).forget(document.uri)
    assert [form[:6] for form in await changed(document)] == ["+(defn", "+(defn"]


async def test_a_form_before_the_namespace_says_nothing_of_it(editor: Editor) -> None:
    document = editor.open("(def early 0)\n" + TEXT)
    await evaluate(document, "(def early")
    document.replace("(def early 0)\n" + TEXT.replace("(inc r)", "(dec r)"))
    assert await changed(document) == []
    document.replace("(def early 1)\n" + TEXT)
    assert await changed(document) == ["(def early 1)"]


async def test_plain_text_has_no_forms(editor: Editor) -> None:
    document = editor.open("a b\n\nc", "notes.txt", "plaintext")
    await load(document)
    document.replace("other")
    assert await changed(document) == []


async def test_evaluating_all_forms_one_by_one_is_loading_them(editor: Editor) -> None:
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.evalBuffer", {"uri": document.uri, "wait": True})
    assert (answer["status"], answer["evaluated"]) == ("done", 4)
    document.replace(TEXT.replace("(inc r)", "(dec r)") + "(def x 1)")
    assert await changed(document) == ["(defn scale [r] (dec r))", "+(def x 1)"]


class Program:
    """A program's namespace, and the text of an editor, in the plainest way."""

    def __init__(self) -> None:
        self.has: dict[str, str] = {}
        self.text: dict[str, str] = {}
        self.forms = ProgramForms()
        self.repl = SimpleNamespace(dialect=object(), is_resumed=False)
        self.ls: Any = SimpleNamespace(
            repl_for=lambda uri: self.repl,
            documents=SimpleNamespace(snapshot=lambda uri: self.snapshot()),
        )

    def snapshot(self) -> Snapshot:
        lines = ["(ns demo)", *(f"(def {name} {body})" for name, body in self.text.items())]
        return Document("file:///demo.clj", "clojure", 1, "\n".join(lines)).snapshot()

    def evaluate(self, name: str | None) -> None:
        """Evaluate a definition, or load the file."""
        snapshot = self.snapshot()
        form = snapshot.text if name is None else f"(def {name} {self.text[name]})"
        start = snapshot.text.index(form)
        code = Code(
            *(form, snapshot.language, snapshot.uri, None, snapshot, start, start + len(form)),
            is_file=name is None,
        )
        running: Any = SimpleNamespace(code=code, repl=self.repl)
        self.forms.queued(self.ls, running)
        self.forms.ended(self.ls, running, Outcome("done", "1", code))
        self.has = self.has | (self.text if name is None else {name: self.text[name]})

    def changed(self) -> set[str]:
        return {one.names[0] for one in self.forms.changed(self.ls, self.snapshot())}


NAMES = st.sampled_from("abcd")
STEPS = st.one_of(
    st.tuples(st.just("edit"), NAMES, st.sampled_from(["1", "2", "(f 3)"])),
    st.tuples(st.just("remove"), NAMES, st.just("")),
    st.tuples(st.just("evaluate"), NAMES, st.just("")),
    st.tuples(st.just("load"), st.just(""), st.just("")),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_what_has_changed_is_what_differs_from_the_program(
    steps: list[tuple[str, str, str]],
) -> None:
    program = Program()
    program.evaluate(None)
    for step, name, body in steps:
        if step == "edit":
            program.text[name] = body
        elif step == "remove":
            program.text.pop(name, None)
        elif step == "load":
            program.evaluate(None)
            # What the text does not have any more the program may still have; nobody asks.
            program.has = dict(program.text)
        elif name in program.text:
            program.evaluate(name)
        expected = {one for one, body in program.text.items() if program.has.get(one) != body}
        assert program.changed() == expected


# -- the command ----------------------------------------------------------------------------

EDITED = TEXT.replace("(inc r)", "(dec r)").replace("(* r r)", "(+ r r)") + "(def x 1)\n"


async def edited(editor: Editor) -> Opened:
    document = editor.open(TEXT)
    await load(document)
    document.replace(EDITED)
    return document


async def test_the_changed_forms_are_evaluated_in_order(editor: Editor, nrepl: FaultServer) -> None:
    document = await edited(editor)
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["changed"]) == ("done", 3, 3)
    sent = [(one["code"].strip(), one.get("ns")) for one in nrepl.of("eval")]
    assert sent == [
        ("(defn area [r]\n  (+ r r))", "demo"),
        ("(defn scale [r] (dec r))", "demo"),
        ("(def x 1)", "demo"),
    ]
    assert editor.shown()[-1] == "Evaluated 3 changed forms."
    again = await editor.command("nrepl.evalChangedForms")
    assert (again["status"], again["evaluated"]) == ("done", 0)
    assert editor.shown()[-1] == "Nothing has changed since it was evaluated."
    assert len(nrepl.of("eval")) == 3


async def test_it_stops_at_the_first_error(editor: Editor, nrepl: FaultServer) -> None:
    document = await edited(editor)
    failed = reply({"err": "no"}, {"ex": "E"}, {"status": ["eval-error", "done"]})
    nrepl.on("eval", failed, code="\n" * 5 + "(defn scale [r] (dec r))")
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["changed"]) == ("error", 1, 3)
    assert len(nrepl.of("eval")) == 2
    assert await changed(document) == ["(defn scale [r] (dec r))", "+(def x 1)"]
    assert not any(text.startswith("Evaluated") for text in editor.shown())


async def test_interrupting_ends_the_whole_series(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.changed_forms.ANSWER_WITHIN", 0.02)
    document = await edited(editor)
    nrepl.on("eval", silent())
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["changed"]) == ("running", 0, 3)
    await nrepl.received("eval")
    await editor.command("nrepl.interrupt", {"uri": document.uri})
    await editor.until(lambda: not editor.server.evaluations.running(), "end")
    await editor.command("nrepl.status")
    assert len(nrepl.of("eval")) == 1


async def test_an_interrupt_reaches_what_has_not_begun(editor: Editor, nrepl: FaultServer) -> None:
    gate = asyncio.Event()
    nrepl.on("ns-list", held(gate, reply({"ns-list": ["user", "other"]}, DONE)))
    document = editor.open("(ns other)\n(def x 1)\n")
    call = {"command": "nrepl.evalChangedForms", "arguments": [{"uri": document.uri, "wait": True}]}
    _, running = editor.start_request("workspace/executeCommand", call)
    await nrepl.received("ns-list")
    answer = await editor.command("nrepl.interrupt", {"uri": document.uri})
    assert answer["status"] == "interrupted"
    gate.set()
    assert (await running)["status"] == "interrupted"
    assert nrepl.of("eval") == []


async def test_a_program_that_is_slow_to_tell_what_it_has_keeps_nobody_waiting(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emacs is frozen until a command is answered."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    gate = asyncio.Event()
    nrepl.on("ns-list", held(gate, reply({"ns-list": ["user"]}, DONE)))
    document = editor.open("(ns other)\n(def x 1)\n")
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["changed"]) == ("running", 0, 0)
    gate.set()
    await editor.notified("window/showMessage", "it is not loaded")


@pytest.mark.parametrize(
    ("namespaces", "why"),
    [
        (["user"], "Load the file first (nrepl.loadFile): it is not loaded."),
        (None, "Load the file first (nrepl.loadFile): what the program has of it is not known."),
    ],
)
async def test_it_says_what_to_do_where_nothing_is_known(
    editor: Editor, nrepl: FaultServer, namespaces: list[str] | None, why: str
) -> None:
    if namespaces is None:
        nrepl.on("ns-list", reply({"status": ["unknown-op", "error", "done"]}))
        nrepl.on("eval", reply({"status": ["error", "done"]}))
    else:
        nrepl.on("ns-list", reply({"ns-list": namespaces}, DONE))
    document = editor.open("(ns elsewhere)\n(def a 1)")
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert answer["status"] == "error"
    assert editor.shown() == [why]


async def test_without_a_program_it_says_so(detached: Editor) -> None:
    document = detached.open(TEXT)
    answer = await detached.command("nrepl.evalChangedForms", {"uri": document.uri})
    assert answer["status"] == "disconnected"
    answer = await detached.command("nrepl.evalChangedForms", {"uri": "file:///nowhere.clj"})
    assert answer["error"]["message"] == "file:///nowhere.clj is not open."


async def test_cancelling_the_request_interrupts(editor: Editor, nrepl: FaultServer) -> None:
    document = await edited(editor)
    nrepl.on("eval", silent())
    number, answer = editor.start_request(
        "workspace/executeCommand",
        {
            "command": "nrepl.evalChangedForms",
            "arguments": [{"uri": document.uri, "wait": True}],
        },
    )
    await nrepl.received("eval")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    await nrepl.received("interrupt")
    await editor.until(lambda: not editor.server.evaluations.running(), "end")
    assert len(nrepl.of("eval")) == 1


async def test_without_a_document_it_says_so(editor: Editor) -> None:
    answer = await editor.command("nrepl.evalChangedForms")
    assert answer["error"]["message"] == "No document is open: pass its `uri`."


async def test_what_was_done_is_told_where_values_are_not_shown(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"results": {"show": "none"}}})
    await editor.attached()
    document = await edited(editor)
    answer = await editor.command("nrepl.evalChangedForms", {"uri": document.uri, "wait": True})
    assert (answer["status"], answer["evaluated"]) == ("done", 3)
    assert editor.shown() == ["Evaluated 3 changed forms."]
