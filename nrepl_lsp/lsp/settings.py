"""The settings under `nrepl.`, read from whatever shape an editor sends them in.

A wrong or unknown setting costs itself only: it is named in a `SettingsProblem`, and its default
is used. `docs/settings.md` describes each; a test keeps the two in step.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import attrs

from nrepl_lsp.repl.path_mapping import PathMapping

from .offered import FEATURES

SECTION = "nrepl"
"""The section to ask `workspace/configuration` for."""

LOG_LEVELS = ("debug", "info", "warning", "error")
RESULT_DISPLAYS = ("auto", "inlayHint", "diagnostic", "message", "none")
STALE_DISPLAYS = ("off", "hint", "lens")
PROFILES = ("full", "complement")


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """A setting that was not used: its full key and what is wrong, in words for the user."""

    key: str
    message: str


class _WrongValueError(Exception):
    """What a value must be."""


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongValueError("must be true or false")
    return value


def _whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        # Lua and Vim script have one kind of number: 500.0 is 500.
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise _WrongValueError("must be a whole number")
        if value < least:
            raise _WrongValueError(f"must be at least {least}")
        return int(value)

    return read


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 600:
        raise _WrongValueError("must be a number of seconds, above 0 and at most 600")
    return float(value)


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise _WrongValueError(f"must be one of {', '.join(words)}")
        return str(value)

    return read


def _address(value: Any) -> str:
    # The start does not wait for what talks to servers.
    from nrepl_lsp.nrepl.address import Address
    from nrepl_lsp.nrepl.errors import AddressError
    from nrepl_lsp.nrepl.schemes import scheme_of

    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return str(value)
    try:
        if not isinstance(value, str):
            raise AddressError(repr(value), "it is not text")
        scheme_of(Address.parse(value))
    except AddressError as error:
        raise _WrongValueError(
            "must be a URL such as nrepl://localhost:7888, host:port, or a port"
        ) from error
    return value.strip()


def _file_names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _WrongValueError("must be a list of file names")
    for name in value:
        if not name or name.startswith(("/", "\\")) or ":" in name or ".." in name.split("/"):
            raise _WrongValueError("must hold relative names inside the project")
    return tuple(value)


def _path_mappings(value: Any) -> tuple[PathMapping, ...]:
    wrong = _WrongValueError('must be a list of {"remote": folder, "local": folder}')
    if not isinstance(value, list):
        raise wrong
    mappings = []
    for entry in value:
        if not isinstance(entry, dict) or set(entry) != {"remote", "local"}:
            raise wrong
        remote, local = entry["remote"], entry["local"]
        if not (isinstance(remote, str) and isinstance(local, str) and remote and local):
            raise wrong
        mappings.append(PathMapping(remote.rstrip("/") or "/", local.rstrip("/") or "/"))
    return tuple(mappings)


def _setting(key: str, read: Callable[[Any], Any], default: Any) -> Any:
    return attrs.field(default=default, metadata={"key": key, "read": read})


@attrs.frozen
class Settings:
    """All settings; sizes in characters, times in seconds. Every field has a default."""

    connect: str | None = _setting("connect", _address, None)
    """The nREPL server to attach to: a URL, host:port or port; None looks for port files."""

    port_files: tuple[str, ...] | None = _setting("portFiles", _file_names, None)
    """Files looked for from the document's folder up to the workspace's root; None: PORT_FILES."""

    use_environment: bool = _setting("useEnvironment", _boolean, True)
    """Whether NREPL_PORT and NREPL_HOST name a server when no port file does."""

    auto_connect: bool = _setting("autoConnect", _boolean, True)
    """Whether to attach without being asked, when a server is found."""

    path_mappings: tuple[PathMapping, ...] = _setting("pathMappings", _path_mappings, ())
    """Folders of the server's machine and where they are here, for containers and other hosts."""

    snippets: bool = _setting("snippets", _boolean, True)
    """Whether a question that no op answers may be asked by evaluating code of our own."""

    profile: str = _setting("profile", _one_of(PROFILES), "full")
    """"full", or "complement" beside another server: only what the running program knows better."""

    features: Mapping[str, bool] = attrs.field(factory=dict)
    """Features switched on or off by name (`features.rename`), whatever the profile says."""

    completion_limit: int = _setting("completion.limit", _whole(1), 1000)
    """Candidates sent at most; beyond it the list is marked incomplete."""

    completion_timeout: float = _setting("completion.timeout", _seconds, 2.0)
    """Seconds after which completion answers without the program."""

    completion_snippets: bool = _setting("completion.argumentSnippets", _boolean, False)
    """Whether accepting a function puts its arguments there, to be filled in."""

    formatting_timeout: float = _setting("formatting.timeout", _seconds, 5.0)
    """Seconds after which formatting gives up."""

    hover_timeout: float = _setting("hover.timeout", _seconds, 2.0)
    """Seconds after which hover and signature help answer without the program."""

    definition_timeout: float = _setting("definition.timeout", _seconds, 5.0)
    """Seconds after which everything about places answers with what is known by then."""

    evaluation_max_output: int = _setting("evaluation.maxOutput", _whole(1024), 1024 * 1024)
    """Characters of output kept of one evaluation."""

    evaluation_max_value: int = _setting("evaluation.maxValue", _whole(1024), 256 * 1024)
    """Characters kept of one printed value."""

    results_show: str = _setting("results.show", _one_of(RESULT_DISPLAYS), "auto")
    """How results are shown: "auto", "inlayHint", "diagnostic", "message" or "none"."""

    results_width: int | None = _setting("results.width", _whole(10), None)
    """Columns of the short form of a result; None is as many as fit where it is shown."""

    load_on_save: bool = _setting("loadOnSave", _boolean, False)
    """Whether saving a document loads it."""

    stale_forms: str = _setting("staleForms", _one_of(STALE_DISPLAYS), "off")
    """Whether forms that were changed since they were evaluated are marked: "hint" or "lens"."""

    lens_evaluate: bool = _setting("codeLens.evaluate", _boolean, False)
    """Whether a lens to evaluate it stands above each top-level form."""

    lens_tests: bool = _setting("codeLens.tests", _boolean, True)
    """Whether a lens to run it stands above each test."""

    lens_results: bool = _setting("codeLens.results", _boolean, False)
    """Whether a lens with its last result stands above each top-level form."""

    input_timeout: float = _setting("input.timeout", _seconds, 120.0)
    """Seconds after which code that reads standard input is given the end of it."""

    interrupt_grace: float = _setting("interrupt.grace", _seconds, 5.0)
    """Seconds that an interrupted evaluation gets to stop, before a new session is offered."""

    transcript_size: int = _setting("transcript.maxSize", _whole(64 * 1024), 4 * 1024 * 1024)
    """Bytes of a program's transcript; of more, the oldest half is thrown away."""

    log_level: str = _setting("log.level", _one_of(LOG_LEVELS), "warning")
    """What is logged to stderr: "debug", "info", "warning" or "error"."""

    def offers(self, feature: str) -> bool:
        """Whether a feature is switched on: by name, else by the profile."""
        chosen = self.features.get(feature)
        if chosen is not None:
            return chosen
        return self.profile == "full" or not FEATURES[feature].is_textual


_FIELDS: dict[str, Any] = {
    field.metadata["key"]: field for field in attrs.fields(Settings) if "key" in field.metadata
}
_FEATURE_KEYS = {f"features.{name}": name for name in FEATURES}

KEYS = (*_FIELDS, *_FEATURE_KEYS)
"""The key of every setting, without `nrepl.`."""

_GROUPS = {key.rpartition(".")[0] for key in KEYS} - {""}


def parse_settings(raw: Any) -> tuple[Settings, list[SettingsProblem]]:
    """The settings in what an editor sent, and what was wrong with it. Cannot fail.

    Takes `{"nrepl": {...}}`, the inner object alone, and flat keys such as
    `"nrepl.completion.limit"`. Null is as good as absent. Beside `nrepl` or a key that begins with
    it, other keys are somebody else's.
    """
    problems: list[SettingsProblem] = []
    values: dict[str, Any] = {}
    features: dict[str, bool] = {}
    for key, value in _flatten(_ours(raw, problems), "", problems):
        field, feature = _FIELDS.get(key), _FEATURE_KEYS.get(key)
        if field is None and feature is None:
            problems.append(SettingsProblem(f"{SECTION}.{key}", _unknown(key)))
            continue
        try:
            if feature is not None:
                features[feature] = _boolean(value)
            elif field is not None:
                values[field.name] = field.metadata["read"](value)
        except _WrongValueError as wrong:
            problems.append(SettingsProblem(f"{SECTION}.{key}", f"{wrong}, not {value!r:.60}"))
    return Settings(**values, features=features), problems


def problems_message(problems: list[SettingsProblem]) -> str:
    """All problems in one message for the user."""
    each = "; ".join(f"{problem.key} {problem.message}" for problem in problems)
    return f"Settings: {each}."


def _ours(raw: Any, problems: list[SettingsProblem]) -> dict[str, Any]:
    if raw is None or raw == []:  # [] is how Lua's and PHP's encoders write an empty object
        return {}
    if not isinstance(raw, dict):
        problems.append(SettingsProblem(SECTION, f"must be an object, not {raw!r:.60}"))
        return {}
    prefix = f"{SECTION}."
    ours = {key[len(prefix) :]: value for key, value in raw.items() if key.startswith(prefix)}
    if SECTION in raw:
        ours = {**_ours(raw[SECTION], problems), **ours}
    return ours if ours or SECTION in raw else raw


def _flatten(
    values: dict[str, Any], prefix: str, problems: list[SettingsProblem]
) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        key = prefix + name
        if value is None:
            continue
        if key not in _GROUPS:
            yield key, value
        elif isinstance(value, dict):
            yield from _flatten(value, f"{key}.", problems)
        elif value != []:
            message = f"must be an object, not {value!r:.60}"
            problems.append(SettingsProblem(f"{SECTION}.{key}", message))


def _unknown(key: str) -> str:
    from difflib import get_close_matches  # 3 ms that only a mistake has to pay

    close = get_close_matches(key, KEYS, n=1)
    return "is not a setting" + (f" (did you mean {SECTION}.{close[0]}?)" if close else "")
