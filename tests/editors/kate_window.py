"""Kate's main window: what is on it, and where keys, clicks and presses go."""

from contextlib import suppress
from pathlib import Path

from .accessible import FOCUSED, SELECTED, Element, Program
from .editor import PATIENCE, NotSeen, until
from .stage import Stage

__all__ = ["KateWindow", "text_of"]

#: What empties a view below the text, and tells that it is open.
CLEAR = {"Output": "Clear all messages", "Diagnostics": "Clear diagnostics"}

#: Seconds for what a click leads to.
CLICK = 3.0


class KateWindow:
    """Once it is there; questions of Kate's stand before it."""

    def __init__(self, program: Program, stage: Stage) -> None:
        self._program = program
        self._stage = stage
        #: The parts that are always there.
        self._fixed: set[str] = set()

    def begin(self) -> None:
        """Look around, with nothing open but the file."""
        self._program.watch(self._program.menu("LSP Client", "Code Action"))
        self._fixed = {part.path for one in self._program.windows() for part in one.children}

    # What is there.

    def screen(self) -> str:
        return text_of(self._program.windows())

    def elements(self) -> list[Element]:
        return [one for window in self._program.windows() for one in window.all()]

    def find(self, role: str, name: str) -> Element:
        def look() -> Element | None:
            # A button without a name says in its description what it is for.
            found = (one for one in self.elements() if one.role == role)
            return next((one for one in found if name in (one.name, one.description)), None)

        return until(look, lambda: f"no {role} {name}:\n{self.screen()}")

    def document(self) -> Element:
        """The text that is shown; fields to type into have no name."""

        def look() -> Element | None:
            found = (one for one in self.elements() if one.role == "text" and one.name)
            return next(found, None)

        return until(look, lambda: f"no document:\n{self.screen()}")

    def shown_file(self) -> Path:
        def look() -> str | None:
            tabs = (one for one in self.elements() if one.role == "page tab")
            return next((one.description for one in tabs if one.has(SELECTED)), None)

        return Path(until(look, lambda: f"no file is shown:\n{self.screen()}"))

    def popups(self) -> list[Element]:
        """What stands over the text: candidates, their documentation, signatures, hovers."""
        return [
            part
            for window in self._program.windows()
            for part in ([window] if window.role == "label" else window.children)
            if part.path not in self._fixed
        ]

    def actions(self) -> list[Element]:
        """The entries of the open menu of code actions."""
        return [
            one
            for window in self._program.windows()
            if window.role == "popup menu"
            for one in window.children
            if one.name != "Loading..."
        ]

    def question(self) -> list[Element]:
        """The buttons of a question, the one that changes least at the end."""
        asking = [one for one in self._program.windows() if one.role == "alert message"]
        return [one for window in asking[:1] for one in window.all() if one.role == "push button"]

    def listed(self) -> list[Element]:
        """The entries for the shown document in the list of diagnostics."""
        shown, document = str(self.shown_file()), ""
        found = []
        for one in self.elements():
            if one.role == "tree item" and one.name.startswith("/"):
                document = one.name
            elif one.role == "tree item" and one.name.startswith("[nREPL]") and document == shown:
                found.append(one)
        return found

    # What is done with it.

    def command(self, name: str) -> None:
        """Choose from the menu *LSP Client*."""
        self._program.press(self._program.menu("LSP Client", name))

    def answer(self, choice: str, seconds: float = PATIENCE) -> None:
        """Press the button of the question that is or will be on the screen."""

        def look() -> Element | None:
            return next((one for one in self.question() if one.name == choice), None)

        button = until(look, lambda: f"{choice} is not offered:\n{self.screen()}", seconds)
        self._program.press(button)
        until(lambda: look() is None, lambda: f"the question stays:\n{self.screen()}")

    def answer_least(self) -> None:
        self._program.press(self.question()[-1])

    def open(self, view: str) -> None:
        """Open one of the views below the text, again where another one has come up instead."""

        def is_open() -> bool:
            return any(one.description == CLEAR[view] for one in self.elements())

        for _ in range(3):
            if is_open():
                return
            self._program.press(self.find("check box", view))
            with suppress(NotSeen):
                until(is_open, lambda: "", PATIENCE / 3)
        self.find("push button", CLEAR[view])

    def clear(self, view: str) -> None:
        self._program.press(self.find("push button", CLEAR[view]))

    def close_hover(self) -> None:
        """By a key that does nothing else: `Escape` may come late, and close the view below."""

        def is_closed() -> bool:
            shown = any(one.role == "label" for one in self.popups())
            if shown:
                self._stage.press("Shift_L")
            return not shown

        until(is_closed, lambda: f"the hover stays:\n{self.screen()}")

    def focus(self) -> Element:
        """Bring the keys to the text, which it gives."""

        def look() -> Element | None:
            document = self.document()
            return document if document.has(FOCUSED) else None

        if document := look():
            return document
        left, top, width, height = self._program.place(self.document())
        self._stage.click(left + width * 3 // 4, top + height // 2)
        document = until(look, lambda: f"no keys for the text:\n{self.screen()}")
        self._stage.put_pointer_away()
        return document

    def put_cursor(self, document: Element, before: str) -> None:
        """Behind the text that it begins with."""
        offset = len(before.encode("utf-16-le")) // 2
        self._program.put_caret(document, offset)
        until(
            lambda: self._program.caret(document) == offset,
            lambda: f"the cursor is not at {offset}: {self._program.caret(document)}",
        )

    def line_of(self, entry: Element) -> int | None:
        """The line that a click on a diagnostic leads to; None when nothing comes of it."""
        document = self.document()
        self.put_cursor(document, "")
        try:
            left, top, width, height = self._program.place(entry)
            self._stage.click(left + width // 2, top + height // 2)
            offset = until(lambda: self._program.caret(document), lambda: "", CLICK)
        except (LookupError, NotSeen):
            return None
        return document.text.encode("utf-16-le")[: 2 * offset].decode("utf-16-le").count("\n")


def text_of(elements: list[Element]) -> str:
    return "\n".join(one.text for element in elements for one in element.all() if one.text)
