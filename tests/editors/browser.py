"""A page in Chromium for an editor that lives in one: keys, mouse, and what is on the screen."""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from unittest.mock import patch

from .editor import PATIENCE, Missing, NotSeen

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["Browser", "chromium"]

WIDTH, HEIGHT = 1100, 640

#: No network, no first-run pages, and no sandbox, which root and containers do not have.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]

Seen = TypeVar("Seen")


def chromium() -> str:
    """The program. Raises `Missing`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise Missing("get Chromium with: .ci/install-editors vscode")


class Browser:
    """
    One page. playwright's synchronous calls run an event loop of their own, which must not be that
    of the tests: everything is done in a thread, and `do` waits for it.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it, with more in its environment."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")
        self._thread.submit(self._start, {**os.environ, **environment}).result(timeout=60)

    def _start(self, environment: dict[str, str]) -> None:
        from playwright.sync_api import sync_playwright

        # What playwright starts has no other way to get an environment.
        with patch.dict(os.environ, environment):
            self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(
            executable_path=chromium(), args=ARGUMENTS, env={**environment}
        )
        context = self._chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        # VS Code pastes by the clipboard of the browser.
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE * 1000)
        self._page = context.new_page()

    def do(self, what: Callable[["Page"], Seen], seconds: float = 30.0) -> Seen:
        """Do something with the page. Raises `NotSeen` for what playwright waited for in vain."""
        from playwright.sync_api import Error

        try:
            return self._thread.submit(what, self._page).result(timeout=seconds)
        except Error as error:
            raise NotSeen(error.message) from None

    def text(self, selector: str) -> str:
        """What is written in the visible elements."""

        def text(page: "Page") -> str:
            found = page.locator(selector).locator("visible=true").all_inner_texts()
            return "\n".join(found).replace("\xa0", " ").strip()

        return self.do(text)

    def click(self, selector: str, text: str | re.Pattern[str], seconds: float = PATIENCE) -> None:
        """Click on the first visible element with the text, once there is one."""
        self.do(
            lambda page: (
                page.locator(selector, has_text=text)
                .locator("visible=true")
                .first.click(timeout=seconds * 1000)
            ),
            seconds + PATIENCE,
        )

    def fill(self, selector: str, text: str) -> None:
        """Put a text into an input field, once it is there."""
        self.do(lambda page: page.locator(selector).fill(text))

    def press(self, *keys: str) -> None:
        """Press keys by playwright's names: `Escape`, `Control+Space`."""

        def press(page: "Page") -> None:
            for key in keys:
                page.keyboard.press(key)

        self.do(press)

    def type(self, text: str) -> None:
        self.do(lambda page: page.keyboard.type(text, delay=20))

    def shot(self) -> bytes:
        """The screen as a PNG, with what fades in or out as it will be."""
        return self.do(lambda page: page.screenshot(animations="disabled"))

    def close(self) -> None:
        """End all of it. Never raises; may be called twice."""

        def close() -> None:
            with suppress(Exception):
                self._chromium.close()
            with suppress(Exception):
                self._playwright.stop()

        with suppress(Exception):
            self._thread.submit(close).result(timeout=15)
        self._thread.shutdown(wait=False, cancel_futures=True)
