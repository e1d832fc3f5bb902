"""A screen, a keyboard and a bus of its own for a desktop program."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from select import select
from typing import Any

from .editor import PATIENCE, until

__all__ = ["Stage"]

WIDTH, HEIGHT = 1100, 760

#: Only who is on it already: it starts nothing.
BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

#: Programs fill the screen; their questions stand on them.
WINDOWS = """\
<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <theme><name>Clearlooks</name><titleLayout>LC</titleLayout></theme>
  <desktops><number>1</number></desktops>
  <applications>
    <application type="normal"><maximized>yes</maximized></application>
  </applications>
</openbox_config>
"""

#: How keys that are no letters are called by X, and the modifiers that stand before them.
MODIFIERS = {"Ctrl": "Control_L", "Alt": "Alt_L", "Shift": "Shift_L"}
CHARACTERS = {"\n": "Return", " ": "space"}


class Stage:
    """
    An X server, a window manager and a bus. None of them has the session's mark in its
    environment: they are no part of the editor, and end by `close`.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        """root: where dbus-daemon and openbox were unpacked. folder: for their files."""
        self._root = root
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._x: Any = None
        self.display = ""
        self.address = f"unix:path={folder / 'bus'}"

    def start(self) -> None:
        programs, socket = self._root / "usr" / "bin", self._folder / "bus"
        bus, windows = self._folder / "bus.conf", self._folder / "openbox.xml"
        bus.write_text(BUS.format(socket=socket))
        windows.write_text(WINDOWS)
        self._run([str(programs / "dbus-daemon"), "--nofork", f"--config-file={bus}"])
        # It takes a display that is free, and says which once it is ready.
        reading, writing = os.pipe()
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        self._run(["Xvfb", "-displayfd", str(writing), *screen], keep=(writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert select([pipe], [], [], PATIENCE)[0], "Xvfb does not start"
            self.display = f":{pipe.readline().strip()}"
        self._x = import_module("Xlib.display").Display(self.display)
        self._run(
            [str(programs / "openbox"), "--sm-disable", "--config-file", str(windows)],
            {
                "DISPLAY": self.display,
                "FONTCONFIG_SYSROOT": str(self._root),
                "XDG_CACHE_HOME": str(self._folder),
                "XDG_DATA_DIRS": str(self._root / "usr" / "share"),
            },
        )
        until(socket.exists, lambda: "the bus does not start")
        until(self._is_managed, lambda: "openbox does not start")

    def _run(
        self,
        command: Sequence[str],
        more: Mapping[str, str] | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(more or {})},
            pass_fds=keep,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)

    def _is_managed(self) -> bool:
        check = self._x.get_atom("_NET_SUPPORTING_WM_CHECK")
        return self._x.screen().root.get_full_property(check, 0) is not None

    @property
    def environment(self) -> Mapping[str, str]:
        """For the programs on it."""
        return {"DISPLAY": self.display, "DBUS_SESSION_BUS_ADDRESS": self.address}

    def press(self, *bindings: str) -> None:
        """Press keys as READMEs write them: `Ctrl+Shift+P`, `Escape`."""
        for binding in bindings:
            *modifiers, key = binding.split("+")
            self._stroke(
                key.lower() if len(key) == 1 else key, [MODIFIERS[one] for one in modifiers]
            )

    def type(self, text: str) -> None:
        for character in text:
            self._stroke(CHARACTERS.get(character, character), [])

    def _stroke(self, key: str, modifiers: list[str]) -> None:
        symbols = import_module("Xlib.XK")
        symbol = symbols.string_to_keysym(key) or ord(key)
        code, level = next(iter(self._x.keysym_to_keycodes(symbol)))
        if level == 1:
            modifiers = [*modifiers, MODIFIERS["Shift"]]
        held = [
            self._x.keysym_to_keycode(symbols.string_to_keysym(modifier)) for modifier in modifiers
        ]
        for one in [*held, code]:
            self._fake("KeyPress", one)
        for one in [code, *reversed(held)]:
            self._fake("KeyRelease", one)
        self._x.sync()

    def click(self, left: int, top: int) -> None:
        """Click there. The pointer stays: to take it away at once would take the click back."""
        self._fake("MotionNotify", x=left, y=top)
        self._fake("ButtonPress", 1)
        self._fake("ButtonRelease", 1)
        self._x.sync()

    def put_pointer_away(self) -> None:
        """To where nothing is shown because of it."""
        self._fake("MotionNotify", x=WIDTH - 1, y=HEIGHT - 1)
        self._x.sync()

    def _fake(self, event: str, detail: int = 0, **place: int) -> None:
        kind = getattr(import_module("Xlib.X"), event)
        import_module("Xlib.ext.xtest").fake_input(self._x, kind, detail, **place)

    def shot(self, path: Path) -> None:
        """Keep the screen as a PNG of few colours."""
        path.parent.mkdir(parents=True, exist_ok=True)
        grabber = import_module("PIL.ImageGrab")
        grabber.grab(xdisplay=self.display).quantize(64).save(path, optimize=True)

    def close(self) -> None:
        """End all of it. Never raises; may be called twice."""
        with suppress(Exception):
            if self._x is not None:
                self._x.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE)
