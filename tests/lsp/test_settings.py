"""Settings in every shape that editors send, right and wrong."""

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.lsp.offered import FEATURES
from nrepl_lsp.lsp.settings import (
    KEYS,
    Settings,
    SettingsProblem,
    parse_settings,
    problems_message,
)
from nrepl_lsp.nrepl.discovery import PORT_FILES
from nrepl_lsp.repl.library_sources import PathMapping

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


def settings(raw: Any) -> Settings:
    parsed, problems = parse_settings(raw)
    assert problems == []
    return parsed


@pytest.mark.parametrize(
    "raw",
    [
        {"nrepl": {"completion": {"limit": 50}}},
        {"completion": {"limit": 50}},
        {"nrepl.completion.limit": 50},
        {"completion.limit": 50},
        {"nrepl": {"completion.limit": 50}},
        {"nrepl.completion": {"limit": 50}},
        {"nrepl": {"completion": {"limit": 50.0}}},
        {"nrepl": {"completion": {"limit": 50}}, "editor": {"fontSize": 12}},
        {"nrepl.completion.limit": 50, "editor.fontSize": 12},
        {"nrepl": None, "nrepl.completion.limit": 50},
        {"nrepl": {"completion": {"limit": 50, "timeout": None}, "connect": None}},
    ],
)
def test_every_shape_gives_the_same_settings(raw: Any) -> None:
    assert settings(raw) == Settings(completion_limit=50)


@pytest.mark.parametrize(
    "raw", [None, {}, [], {"nrepl": None}, {"nrepl": {}}, {"nrepl": []}, {"completion": []}]
)
def test_nothing_gives_the_defaults(raw: Any) -> None:
    assert settings(raw) == Settings()


@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        ("connect", "nrepl://localhost:7888", "connect", "nrepl://localhost:7888"),
        ("connect", " localhost:7888 ", "connect", "localhost:7888"),
        ("connect", 7888, "connect", "7888"),
        ("portFiles", ["a/.nrepl-port"], "port_files", ("a/.nrepl-port",)),
        ("portFiles", [], "port_files", ()),
        ("useEnvironment", False, "use_environment", False),
        ("autoConnect", False, "auto_connect", False),
        ("snippets", False, "snippets", False),
        ("completion.timeout", 1, "completion_timeout", 1.0),
        ("hover.timeout", 0.5, "hover_timeout", 0.5),
        ("definition.timeout", 9, "definition_timeout", 9.0),
        ("evaluation.maxOutput", 2048, "evaluation_max_output", 2048),
        ("evaluation.maxValue", 2048, "evaluation_max_value", 2048),
        ("results.show", "none", "results_show", "none"),
        ("profile", "complement", "profile", "complement"),
        ("completion.argumentSnippets", True, "completion_snippets", True),
        ("formatting.timeout", 20, "formatting_timeout", 20.0),
        ("features.hover", False, "features", {"hover": False}),
        ("features", {"rename": False}, "features", {"rename": False}),
        ("log.level", "debug", "log_level", "debug"),
        (
            "pathMappings",
            [{"remote": "/app/", "local": "/home/me/app"}, {"remote": "/", "local": "/mnt"}],
            "path_mappings",
            (PathMapping("/app", "/home/me/app"), PathMapping("/", "/mnt")),
        ),
    ],
)
def test_each_setting_is_read(key: str, value: Any, field: str, expected: Any) -> None:
    assert getattr(settings({f"nrepl.{key}": value}), field) == expected


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("connect", "", "must be a URL"),
        ("connect", 70000, "must be a URL"),
        ("connect", True, "must be a URL"),
        ("connect", "not an address", "must be a URL"),
        ("portFiles", ".nrepl-port", "must be a list of file names"),
        ("portFiles", [1], "must be a list of file names"),
        ("portFiles", ["/etc/port"], "inside the project"),
        ("portFiles", ["../port"], "inside the project"),
        ("portFiles", [""], "inside the project"),
        ("portFiles", ["C:\\port"], "inside the project"),
        ("useEnvironment", "yes", "must be true or false, not 'yes'"),
        ("autoConnect", 1, "must be true or false"),
        ("completion.limit", 0, "must be at least 1"),
        ("completion.limit", "50", "must be a whole number, not '50'"),
        ("completion.limit", 1.5, "must be a whole number"),
        ("completion.limit", float("inf"), "must be a whole number"),
        ("completion.limit", float("nan"), "must be a whole number"),
        ("completion.limit", True, "must be a whole number"),
        ("completion", 5, "must be an object, not 5"),
        ("hover.timeout", 0, "must be a number of seconds"),
        ("hover.timeout", True, "must be a number of seconds"),
        ("hover.timeout", float("nan"), "must be a number of seconds"),
        ("evaluation.maxOutput", 10, "must be at least 1024"),
        ("results.show", "loudly", "must be one of auto, inlayHint, diagnostic"),
        ("results.show", ["none"], "must be one of auto, inlayHint, diagnostic"),
        ("pathMappings", {"/app": "/home"}, "must be a list"),
        ("pathMappings", ["/app"], "must be a list"),
        ("pathMappings", [{"remote": "/app"}], "must be a list"),
        ("pathMappings", [{"remote": "/app", "local": 1}], "must be a list"),
        ("profile", "half", "must be one of full, complement"),
        ("features.hover", "no", "must be true or false"),
        ("features.hoover", True, "is not a setting (did you mean nrepl.features.hover?)"),
        ("log.level", "loud", "must be one of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_is_named_and_costs_only_itself(key: str, value: Any, words: str) -> None:
    raw = {f"nrepl.{key}": value, "nrepl.definition.timeout": 7}
    parsed, problems = parse_settings(raw)
    assert parsed == Settings(definition_timeout=7.0)
    assert [problem.key for problem in problems] == [f"nrepl.{key}"]
    assert words in problems[0].message


@pytest.mark.parametrize("raw", [5, "text", [1], {"nrepl": 5}])
def test_settings_that_are_no_object_are_named(raw: Any) -> None:
    parsed, problems = parse_settings(raw)
    assert parsed == Settings()
    assert [problem.key for problem in problems] == ["nrepl"]


def test_an_unknown_setting_is_named_once_with_the_one_that_was_meant() -> None:
    _, problems = parse_settings({"nrepl": {"autoconnect": True, "zzz": {"a": 1, "b": 2}}})
    assert problems == [
        SettingsProblem("nrepl.autoconnect", "is not a setting (did you mean nrepl.autoConnect?)"),
        SettingsProblem("nrepl.zzz", "is not a setting"),
    ]


def test_all_problems_make_one_message() -> None:
    _, problems = parse_settings({"snippets": 1, "log.level": "loud"})
    assert problems_message(problems) == (
        "Settings: nrepl.snippets must be true or false, not 1; "
        "nrepl.log.level must be one of debug, info, warning, error, not 'loud'."
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from([*KEYS, "nrepl", "completion", "log", "x"]), inner)
    ),
    max_leaves=10,
)


@given(json_values)
def test_no_value_makes_it_fail(raw: Any) -> None:
    parsed, problems = parse_settings(raw)
    assert isinstance(parsed, Settings)
    assert all(problem.key.startswith("nrepl") and problem.message for problem in problems)


def documented() -> dict[str, tuple[Any, str, Any]]:
    """Each setting in the documentation: its default, its type, its example."""
    found = {}
    for section in re.split(r"^### ", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        key = re.match(r"`nrepl\.([\w.]+)`", section)
        default = re.search(r"^- Default: `(.*)`$", section, re.MULTILINE)
        kind = re.search(r"^- Type: (.+)$", section, re.MULTILINE)
        example = re.search(r"^- Example: `(.*)`$", section, re.MULTILINE)
        assert key, section
        assert default, section
        assert kind, section
        assert example, section
        found[key[1]] = json.loads(default[1]), kind[1], json.loads(example[1])
    return found


def test_the_documentation_names_every_setting_and_its_default() -> None:
    docs = documented()
    switches = [f"features.{name}" for name in FEATURES]
    assert sorted([*docs, *switches]) == sorted([*KEYS, "features"])
    for field in attrs.fields(Settings):
        default = PORT_FILES if field.name == "port_files" else field.default
        default = list(default) if isinstance(default, tuple) else default
        if "key" in field.metadata:
            assert docs[field.metadata["key"]][0] == default, field.name


def test_the_documentation_names_every_feature() -> None:
    section = DOC.read_text(encoding="utf-8").partition("The names:")[2].partition("\n\n")[0]
    assert re.findall(r"`(\w+)`", section) == list(FEATURES)


@pytest.mark.parametrize(
    ("raw", "hover", "rename"),
    [
        ({}, True, True),
        ({"profile": "complement"}, True, False),
        ({"profile": "complement", "features": {"rename": True}}, True, True),
        ({"nrepl.features.hover": False}, False, True),
        ({"features": {"hover": False, "rename": False}}, False, False),
    ],
)
def test_a_features_own_switch_goes_before_the_profile(raw: Any, hover: bool, rename: bool) -> None:
    chosen = settings(raw)
    assert chosen.offers("hover") is hover
    assert chosen.offers("rename") is rename


def test_the_documentations_examples_are_right() -> None:
    for key, (default, _, example) in documented().items():
        assert default != example[f"nrepl.{key}"]
        parsed, problems = parse_settings(example)
        assert problems == []
        assert parsed != Settings()
