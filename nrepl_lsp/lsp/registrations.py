"""
What the editor is told that we can do: at `initialize`, and later as settings and programs change.

What may change while the server runs is registered only where the editor can take it back: the
features that the profile `complement` leaves to another server, and formatting, which exists for
a document when its program has the op. Other editors are told at `initialize`, once; a request for
something that is off is then answered with nothing.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from lsprotocol import types

from nrepl_lsp.source.languages import LANGUAGES

from .offered import FEATURES, Feature

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["Registrations"]

#: Seconds for the client to answer.
CLIENT_TIMEOUT = 3.0

#: Language families whose code the op takes.
FORMATTED_FAMILIES = ("clojure",)

#: What means something in a glob; a character in brackets means itself.
_GLOB_WORDS = re.compile(r"[][{}*?]")
_FORMATTING = ("formatting", "rangeFormatting")
_Selector = list[dict[str, Any]] | None


class Registrations:
    """What is announced to one editor, and bringing it up to date."""

    def __init__(self, ls: "NreplLanguageServer", converter: Converter) -> None:
        self._ls = ls
        self._converter = converter
        #: The providers that were not announced at `initialize`, as they would have been.
        self._withheld: dict[str, Any] = {}
        #: Feature → its selector, as registered now.
        self._registered: dict[str, _Selector] = {}
        self._updating: asyncio.Task[None] | None = None
        self._is_due = False
        self._is_closed = False

    def withhold(self, capabilities: types.ServerCapabilities) -> None:
        """
        Take out of the answer to `initialize` what is off or is registered later.

        Also options that LSP keeps from clients that do not announce what they are about.
        """
        if capabilities.code_action_provider is not None and not (
            self._ls.client.code_action_literals
        ):
            capabilities.code_action_provider = True
        for feature in FEATURES.values():
            later = feature.is_textual and feature.client in self._ls.client.registers
            if later or not self._ls.settings.offers(feature.name):
                self._withheld[feature.name] = getattr(capabilities, feature.provider)
                setattr(capabilities, feature.provider, None)

    def update(self) -> None:
        """Bring the registrations up to date soon; changes in between are taken together."""
        if self._is_closed:
            return
        self._is_due = True
        if self._updating is None or self._updating.done():
            self._updating = asyncio.get_running_loop().create_task(self._update())

    async def close(self) -> None:
        """Stop; nothing is unregistered, the editor goes away."""
        self._is_closed = True
        if self._updating is not None:
            self._updating.cancel()
            await asyncio.wait([self._updating])

    async def _update(self) -> None:
        while self._is_due:
            self._is_due = False
            for feature in FEATURES.values():
                if feature.name in self._withheld and feature.client in self._ls.client.registers:
                    await self._bring(feature, *self._wanted(feature))

    def _wanted(self, feature: Feature) -> tuple[bool, _Selector]:
        if not self._ls.settings.offers(feature.name):
            return False, None
        if feature.name not in _FORMATTING:
            return True, None
        selector = self._formatted_documents()
        return bool(selector), selector

    async def _bring(self, feature: Feature, is_wanted: bool, selector: _Selector) -> None:
        name = feature.name
        if is_wanted and name in self._registered and self._registered[name] == selector:
            return
        if name in self._registered:
            del self._registered[name]
            unregistration = types.Unregistration(f"nrepl-{name}", feature.registered_method)
            await self._tell(
                self._ls.client_unregister_capability_async(
                    types.UnregistrationParams([unregistration])
                )
            )
        if is_wanted:
            self._registered[name] = selector
            options = self._converter.unstructure(self._withheld[name])
            registration = types.Registration(
                f"nrepl-{name}",
                feature.registered_method,
                {**(options if isinstance(options, dict) else {}), "documentSelector": selector},
            )
            await self._tell(
                self._ls.client_register_capability_async(types.RegistrationParams([registration]))
            )

    async def _tell(self, request: Any) -> None:
        try:
            async with asyncio.timeout(CLIENT_TIMEOUT):
                await request
        except Exception as error:
            # Whatever a client does instead of answering, requests are answered all the same.
            self._ls.log.info("registering: %r", error)

    def _formatted_documents(self) -> list[dict[str, Any]]:
        """The documents whose program can format, as a `DocumentSelector`."""
        from nrepl_lsp.tooling.formatting import FORMAT  # Before there are programs nobody asks.

        languages = [language for language in LANGUAGES if language.family in FORMATTED_FAMILIES]
        selector: list[dict[str, Any]] = []
        for supervisor in self._ls.routing.supervisors:
            repl, root = supervisor.repl, supervisor.root
            if repl is None or not repl.dialect.can_answer(FORMAT):
                continue
            for language in languages:
                if root is None:
                    selector += [{"language": name} for name in language.language_ids]
                else:
                    folder = _GLOB_WORDS.sub(r"[\g<0>]", root.as_posix())
                    patterns = [f"{folder}/**/*{end}" for end in language.extensions]
                    selector += [{"scheme": "file", "pattern": each} for each in patterns]
        return selector
