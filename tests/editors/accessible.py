"""What a desktop program shows, as a screen reader gets it: AT-SPI over D-Bus."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from .editor import PATIENCE

__all__ = ["Element", "Program"]

PROPERTIES = "org.freedesktop.DBus.Properties"

ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE, ACTION, COMPONENT, TEXT = (
    f"org.a11y.atspi.{name}" for name in ("Accessible", "Action", "Component", "Text")
)

#: Bits of an element's state.
FOCUSED, SELECTED, SHOWING = 12, 23, 25

#: Roles of what has text of its own beside its name; `label` is also what only looks like one.
WRITTEN = {"text", "label"}


@dataclass
class Element:
    """A widget that is on the screen; `text` is what is written in it, or its name."""

    path: str
    role: str
    name: str
    description: str
    states: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.all()

    def has(self, state: int) -> bool:
        return bool(self.states >> state & 1)


class Program:
    """One program on a bus, which is the session's and that of accessibility in one."""

    def __init__(self, address: str) -> None:
        # Not needed by who drives another editor, and without types.
        self._dbus = import_module("jeepney")
        self._connection: Any = import_module("jeepney.io.blocking").open_dbus_connection(address)
        self._name = ""
        self._answers: dict[int | None, Any] = {}
        self._popups: list[str] = []

    def find(self) -> bool:
        """Whether a program with accessible windows is there; from then on it is this one."""
        bus = "org.freedesktop.DBus"
        for name in self._ask(bus, "/org/freedesktop/DBus", bus, "ListNames")[0]:
            # A bus has no way to say which of its programs is accessible.
            if name.startswith(":") and name != self._connection.unique_name:
                with suppress(LookupError):
                    if self._ask(name, ROOT, ACCESSIBLE, "GetRoleName") == ("application",):
                        self._name = name
                        return True
        return False

    def windows(self) -> list[Element]:
        """All that is on the screen. What goes away meanwhile is left out."""
        top = Element(ROOT, "application", "", "", 0)
        level = [top, *self._shown([(top, path) for path in self._popups])]
        while level:
            asked = [self._send(one.path, ACCESSIBLE, "GetChildren") for one in level]
            found = [
                (parent, path)
                for parent, serial in zip(level, asked, strict=True)
                for _, path in self._reply(serial, ([],))[0]
            ]
            level = self._shown(found)
        self._read(list(top.all()))
        return top.children

    def _shown(self, found: list[tuple[Element, str]]) -> list[Element]:
        """The elements that are on the screen, put under their parents."""
        asked = [
            (
                self._send(path, ACCESSIBLE, "GetState"),
                self._send(path, ACCESSIBLE, "GetRoleName"),
                self._property(path, "Name"),
                self._property(path, "Description"),
            )
            for _, path in found
        ]
        shown = []
        for (parent, path), serials in zip(found, asked, strict=True):
            states, role, name, description = (self._reply(serial) for serial in serials)
            if not (states and role and name and description):
                continue
            low, high = states[0]
            element = Element(path, role[0], name[0][1], description[0][1], low | high << 32)
            if element.has(SHOWING):
                parent.children.append(element)
                shown.append(element)
        return shown

    def _read(self, elements: list[Element]) -> None:
        """Add what is written in the elements."""
        asked = [
            (one, self._send(one.path, TEXT, "GetText", "ii", (0, -1)))
            for one in elements
            if one.role in WRITTEN
        ]
        for one in elements:
            one.text = one.name
        for one, serial in asked:
            if written := self._reply(serial, ("",))[0]:
                one.text = written

    def press(self, element: Element) -> None:
        """Do what a click on it does. Does not wait: it may be the end of the program."""
        actions = self._ask(self._name, element.path, ACTION, "GetActions")[0]
        names = [name for name, *_ in actions]
        index = names.index("Press") if "Press" in names else 0
        self._send(element.path, ACTION, "DoAction", "i", (index,), reply=False)

    def menu(self, bar: str, *names: str) -> Element:
        """An item of a menu, which need not be open."""
        (frame,) = [one for one in self.windows() if one.role == "frame"]
        item = next(one for one in frame.all() if one.role == "menu item" and one.name == bar)
        for name in names:
            (popup,) = self._children(item.path)
            paths = self._children(popup)
            found = [self._ask_property(path, "Name") for path in paths]
            item = Element(paths[found.index(name)], "menu item", name, "", 0)
        return item

    def watch(self, item: Element) -> None:
        """See a menu's entries also where it is open without the menu that it is in."""
        self._popups += self._children(item.path)

    def place(self, element: Element) -> tuple[int, int, int, int]:
        """Where it is on the screen: left, top, width and height."""
        left, top, width, height = self._ask(
            self._name, element.path, COMPONENT, "GetExtents", "u", (0,)
        )[0]
        return left, top, width, height

    def caret(self, element: Element) -> int:
        """Where the cursor is in a text, in UTF-16 units."""
        asked = self._ask(self._name, element.path, PROPERTIES, "Get", "ss", (TEXT, "CaretOffset"))
        return int(asked[0][1])

    def put_caret(self, element: Element, offset: int) -> None:
        self._ask(self._name, element.path, TEXT, "SetCaretOffset", "i", (offset,))

    def close(self) -> None:
        self._connection.close()

    # D-Bus: many questions go out before the first answer is read.

    def _children(self, path: str) -> list[str]:
        return [child for _, child in self._ask(self._name, path, ACCESSIBLE, "GetChildren")[0]]

    def _ask_property(self, path: str, name: str) -> Any:
        return self._reply(self._property(path, name))[0][1]

    def _property(self, path: str, name: str) -> int:
        return self._send(path, PROPERTIES, "Get", "ss", (ACCESSIBLE, name))

    def _send(
        self,
        path: str,
        interface: str,
        method: str,
        signature: str | None = None,
        body: tuple[object, ...] = (),
        *,
        to: str = "",
        reply: bool = True,
    ) -> int:
        address = self._dbus.DBusAddress(path, to or self._name, interface)
        message = self._dbus.new_method_call(address, method, signature, body)
        if not reply:
            message.header.flags |= self._dbus.MessageFlag.no_reply_expected
        serial = next(self._connection.outgoing_serial)
        self._connection.send(message, serial=serial)
        return int(serial)

    def _reply(self, serial: int, otherwise: Any = ()) -> Any:
        """The body of the answer; `otherwise` for an error. Answers come in any order."""
        while serial not in self._answers:
            message = self._connection.receive(timeout=PATIENCE)
            answered = message.header.fields.get(self._dbus.HeaderFields.reply_serial)
            failed = message.header.message_type is self._dbus.MessageType.error
            self._answers[answered] = None if failed else message.body
        body = self._answers.pop(serial)
        return otherwise if body is None else body

    def _ask(self, to: str, path: str, interface: str, method: str, *more: Any) -> Any:
        answer = self._reply(self._send(path, interface, method, *more, to=to), None)
        if answer is None:
            raise LookupError(f"{method} of {path}")
        return answer
