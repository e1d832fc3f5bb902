"""What servers say of themselves, as each of them says it (`describes.json`: recorded, trimmed)."""

import json
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import Capabilities

DESCRIBES = json.loads(Path(__file__).with_name("describes.json").read_text())

#: server: (an op it has, one that it has not, versions, whether it takes line and column)
EXPECTED: dict[str, tuple[str, str, dict[str, str], bool]] = {
    "babashka.nrepl-0.0.8": ("eldoc", "interrupt", {"babashka.nrepl": "0.0.8-SNAPSHOT"}, False),
    "basilisp-0.5.1": (
        "complete",
        "interrupt",
        {"basilisp": "0.5.1", "python": "3.11.7.final.0"},
        False,
    ),
    "cider-nrepl-0.62.2": (
        "cider/complete",
        "completions",
        {"clojure": "1.11.1", "java": "17.0.15", "nrepl": "1.7.0"},
        True,
    ),
    "hyrepl-hy0.20": (
        "editor.eval.clj",
        "lookup",
        {"nrepl": "0.2.7", "java": "0.0.0", "clojure": "0.0.0"},
        False,
    ),
    "nbb-1.6.214": ("macroexpand", "stdin", {"nbb-nrepl": "TODO", "node": "v20.20.2"}, False),
    "nbb-logseq-1.2.173": (
        "complete",
        "completions",
        {"nbb-nrepl": "TODO", "node": "v20.20.2"},
        False,
    ),
    "nrepl-1.0.0": (
        "lookup",
        "info",
        {"clojure": "1.11.1", "java": "17.0.15", "nrepl": "1.0.0"},
        True,
    ),
    "nrepl-1.7.0": (
        "forward-system-output",
        "add-middleware",
        {"clojure": "1.11.1", "java": "17.0.15", "nrepl": "1.7.0"},
        True,
    ),
    # Documents line and column, and hangs when it gets them; its own version is `{}`.
    "tools.nrepl-0.2.13": ("stdin", "lookup", {"clojure": "1.11.1", "java": "17.0.15"}, False),
}


def test_each_recorded_server_is_expected_here() -> None:
    assert {name.removesuffix(" verbose") for name in DESCRIBES} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_reads_what_a_real_server_said(name: str) -> None:
    has, lacks, versions, _ = EXPECTED[name]
    capabilities = Capabilities.from_message(DESCRIBES[name])

    assert capabilities.ops == frozenset(DESCRIBES[name]["ops"])
    assert capabilities.supports(has)
    assert not capabilities.lacks(has)
    assert not capabilities.supports(lacks)
    assert capabilities.lacks(lacks)
    assert capabilities.versions == versions
    assert not capabilities.takes_position
    assert capabilities.message == DESCRIBES[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_verbose_description_says_whether_positions_are_taken(name: str) -> None:
    capabilities = Capabilities.from_message(DESCRIBES[f"{name} verbose"])

    assert capabilities.takes_position is EXPECTED[name][3]


def test_aux_is_kept() -> None:
    aux = Capabilities.from_message(DESCRIBES["cider-nrepl-0.62.2"]).aux

    assert aux["cider-version"]["version-string"] == "0.62.2"


def test_ops_may_be_a_list() -> None:
    # JeeJah, guile-ares-rs, the draft of the specification.
    capabilities = Capabilities.from_message({"ops": ["clone", "eval", 7, []]})

    assert capabilities.ops == {"clone", "eval"}
    assert capabilities.op_docs == {}


@pytest.mark.parametrize("message", [{}, {"ops": {}}, {"ops": []}, {"ops": ""}, {"ops": "eval"}])
def test_a_server_that_lists_no_ops_has_to_be_tried(message: dict[str, Any]) -> None:
    capabilities = Capabilities.from_message(message)

    assert capabilities.ops is None
    assert not capabilities.supports("eval")
    assert not capabilities.lacks("eval")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.0", "1.0"),
        (17, "17"),
        ({"major": 1, "minor": 2}, "1.2"),
        ({"major": "1", "minor": 2, "incremental": 0, "version-string": ""}, "1.2.0"),
        ({"major": 1, "version-string": "1.0-SNAPSHOT"}, "1.0-SNAPSHOT"),
        ({"major": [], "minor": {}}, None),
        ({}, None),
        ([], None),
        ("", None),
    ],
)
def test_a_version_is_text_in_whatever_shape_it_comes(value: object, text: str | None) -> None:
    versions = Capabilities.from_message({"versions": {"x": value}}).versions

    assert versions.get("x") == text


@pytest.mark.parametrize("key", ["versions", "aux"])
@pytest.mark.parametrize("value", [[], "", "x", 1])
def test_odd_parts_give_less_and_no_error(key: str, value: object) -> None:
    capabilities = Capabilities.from_message({key: value})

    assert (capabilities.versions, capabilities.aux) == ({}, {})


@pytest.mark.parametrize(
    ("doc", "version", "takes"),
    [
        ({"optional": {"line": ""}}, "0.5.0", True),
        ({"optional": {"line": ""}}, "0.4.5", False),
        ({"optional": {"line": ""}}, "v2-beta", True),
        ({"optional": {"file": ""}}, "1.0.0", False),
        ({"optional": "line"}, "1.0.0", False),
        ({"doc": "x"}, "1.0.0", False),
    ],
)
def test_positions_need_a_documented_parameter_and_a_server_since_0_5(
    doc: dict[str, Any], version: str, takes: bool
) -> None:
    message = {"ops": {"eval": doc}, "versions": {"nrepl": version}}

    assert Capabilities.from_message(message).takes_position is takes
