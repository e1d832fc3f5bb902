"""The extension for VS Code says of settings and commands what the server says."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from packaging.requirements import Requirement

from nrepl_lsp import __version__
from nrepl_lsp.lsp.offered import FEATURES
from nrepl_lsp.lsp.registry import COMMANDS
from nrepl_lsp.lsp.settings import KEYS, Settings, parse_settings
from nrepl_lsp.nrepl.discovery import PORT_FILES

ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "editors" / "vscode"
PACKAGE = json.loads((EXTENSION / "package.json").read_text("utf-8"))
CONTRIBUTED = PACKAGE["contributes"]
DOCUMENT = (ROOT / "docs" / "settings.md").read_text("utf-8")

#: Settings of the extension's own, which the server never hears of.
OWN = re.compile(r"nrepl\.(server|trace)\.|nrepl\.keybindings$")

#: What `bundled/libs` holds.
BROUGHT = (
    *("attr", "attrs", "cattr", "cattrs", "lsprotocol", "nrepl_lsp", "platformdirs", "pygls"),
    *("typing_extensions", "wcwidth"),
)

PROPERTIES: dict[str, dict[str, Any]] = {
    name: schema
    for section in CONTRIBUTED["configuration"]
    for name, schema in section["properties"].items()
}
DOCUMENTED = {name: schema for name, schema in PROPERTIES.items() if not OWN.match(name)}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXTENSION / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_settings_are_those_of_the_document_in_its_order() -> None:
    assert list(DOCUMENTED) == re.findall(r"^### `(nrepl\.[\w.]+)`", DOCUMENT, re.M)
    orders = [schema["order"] for schema in DOCUMENTED.values()]
    assert orders == sorted(set(orders))


def test_sections_types_and_descriptions_are_those_of_the_document() -> None:
    written = CONTRIBUTED["configuration"]
    message = "run editors/vscode/scripts/settings.py"
    assert script("settings").merged(written, script("settings").sections(DOCUMENT)) == written, (
        message
    )


def test_the_settings_are_those_of_the_server() -> None:
    of_server = {key for key in KEYS if not key.startswith("features.")} | {"features"}
    assert {name.removeprefix("nrepl.") for name in DOCUMENTED} == of_server
    assert DOCUMENTED["nrepl.features"]["propertyNames"]["enum"] == list(FEATURES)


def test_the_server_takes_all_defaults_as_its_own() -> None:
    defaults = {name: schema["default"] for name, schema in DOCUMENTED.items()}
    # What the server looks for where nothing is set.
    of_server = attrs.evolve(Settings(), port_files=PORT_FILES)
    assert parse_settings(defaults) == (of_server, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name, schema in DOCUMENTED.items()
        for value in [
            *schema.get("enum", []),
            *(schema[key] for key in ("minimum", "maximum") if key in schema),
        ]
    ],
)
def test_the_server_takes_what_the_schema_allows(name: str, value: Any) -> None:
    assert parse_settings({name: value})[1] == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTED if "enum" in DOCUMENTED[name]])
def test_the_enumerations_are_complete(name: str) -> None:
    ((_, message),) = [(p.key, p.message) for p in parse_settings({name: "no such word"})[1]]
    assert re.search(r"one of ([\w, ]+),", message)[1].split(", ") == DOCUMENTED[name]["enum"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, schema[limit] - step)
        for name, schema in DOCUMENTED.items()
        for limit, step in (("minimum", 1), ("maximum", -1), ("exclusiveMinimum", 0))
        if limit in schema
    ],
)
def test_the_server_refuses_what_the_schema_forbids(name: str, value: Any) -> None:
    assert [problem.key for problem in parse_settings({name: value})[1]] == [name]


def test_settings_that_name_a_program_wait_for_trust_and_belong_to_the_machine() -> None:
    restricted = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    for name in ("nrepl.server.path", "nrepl.server.python", "nrepl.server.args"):
        assert PROPERTIES[name]["scope"] == "machine-overridable"
        assert name in restricted
    assert set(restricted) <= set(PROPERTIES)


def test_each_command_is_the_servers_or_the_extensions() -> None:
    source = "\n".join(file.read_text("utf-8") for file in (EXTENSION / "src").glob("*.ts"))
    commands = [entry["command"] for entry in CONTRIBUTED["commands"]]
    assert len(commands) == len(set(commands))
    for command in commands:
        assert command in COMMANDS or f'"{command}"' in source


def test_titles_are_unique_and_have_one_category() -> None:
    titles = [entry["title"] for entry in CONTRIBUTED["commands"]]
    assert len(titles) == len(set(titles))
    assert {entry["category"] for entry in CONTRIBUTED["commands"]} == {"nREPL"}


def test_what_keys_menus_and_pages_name_is_there() -> None:
    commands = {entry["command"] for entry in CONTRIBUTED["commands"]}
    keys = {entry["command"] for entry in CONTRIBUTED["keybindings"]}
    menus = {
        entry["command"]
        for entries in CONTRIBUTED["menus"].values()
        for entry in entries
        if "command" in entry
    }
    pages = set(re.findall(r"command:(nrepl\.\w+)", json.dumps(CONTRIBUTED["walkthroughs"])))
    assert {name for name in keys | menus | pages if name.startswith("nrepl.")} <= commands
    steps = [step for page in CONTRIBUTED["walkthroughs"] for step in page["steps"]]
    files = [name for step in steps for key, name in step["media"].items() if key != "altText"]
    for file in [*files, PACKAGE["icon"]]:
        assert (EXTENSION / file).is_file()


def test_the_readme_shows_what_is_there() -> None:
    readme = (EXTENSION / "README.md").read_text("utf-8")
    for file in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme):
        assert (EXTENSION / file).is_file()
    titles = {entry["title"] for entry in CONTRIBUTED["commands"]}
    assert set(re.findall(r"\*nREPL: ([^*]+)\*", readme)) <= titles
    named = set(re.findall(r"`\"?(nrepl\.[\w.]+)\"?", readme))
    assert named <= {
        *PROPERTIES,
        *COMMANDS,
        *(entry["command"] for entry in CONTRIBUTED["commands"]),
    }


def test_the_keys_of_the_readme_are_the_real_ones() -> None:
    readme = (EXTENSION / "README.md").read_text("utf-8")
    titles = {entry["command"]: entry["title"] for entry in CONTRIBUTED["commands"]}
    bound = {(entry["key"], titles[entry["command"]]) for entry in CONTRIBUTED["keybindings"]}
    told = re.findall(r"^\| `(Ctrl|Alt|Shift)([^`]*)` \| ([^|]*?) \|", readme, re.M)
    assert told
    for modifier, rest, title in told:
        assert ((modifier + rest).lower(), title) in bound


def test_the_version_is_the_servers() -> None:
    assert PACKAGE["version"] == __version__


def test_the_libraries_that_are_brought_are_those_of_the_project() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    text = (EXTENSION / "scripts" / "requirements.txt").read_text("utf-8")
    brought = dict(re.findall(r"^([\w-]+)==([\w.]+) ", text, re.M))
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", text, re.M)) == len(brought)
    for requirement in map(Requirement, needed):
        assert requirement.specifier.contains(brought[requirement.name])


def test_the_server_that_is_brought_runs_nothing_of_the_project(tmp_path: Path) -> None:
    libs, project = tmp_path / "bundled" / "libs", tmp_path / "project"
    libs.mkdir(parents=True)
    project.mkdir()
    for name in BROUGHT:
        place = find_place(name)
        (libs / place.name).symlink_to(place)
    run = shutil.copy(EXTENSION / "scripts" / "run_server.py", libs.parent)
    for name in ("json", "asyncio", "pygls", "sitecustomize", "usercustomize"):
        (project / f"{name}.py").write_text("open('was-run', 'w').close(); raise SystemExit(9)\n")
    hostile = {"PYTHONPATH": str(project), "PYTHONHOME": str(project), "PYTHONSTARTUP": "json.py"}
    params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    body = json.dumps(request).encode()
    with subprocess.Popen(
        [sys.executable, "-I", "-S", run, "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=project,
        env={**os.environ, **hostile},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            server.stdin.flush()
            length = int(server.stdout.readline().removeprefix(b"Content-Length: "))
            answer = json.loads(server.stdout.read(length + 2))
        finally:
            server.kill()
    assert answer["result"]["serverInfo"]["version"] == __version__
    assert not (project / "was-run").exists()


def find_place(name: str) -> Path:
    """The folder or file that an import of `name` reads."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin)
    return file.parent if file.name == "__init__.py" else file
