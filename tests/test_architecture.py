"""The table of docs/architecture.md, as rules that a program checks."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "nrepl_lsp"

FRAMEWORK = ("pygls", "lsprotocol", "attrs", "attr", "cattrs", "cattr")
LSP = (
    *(f"nrepl_lsp.{part}" for part in ("lsp", "repl", "tooling", "nrepl", "source", "__version__")),
    *FRAMEWORK,
    "platformdirs",
    "orjson",
    "wcwidth",
)

#: Folder → what it may import beside the standard library; the longest folder counts.
ALLOWED: dict[str, tuple[str, ...]] = {
    "nrepl": ("nrepl_lsp.nrepl",),
    "source": ("nrepl_lsp.source",),
    "tooling": ("nrepl_lsp.tooling", "nrepl_lsp.nrepl", "nrepl_lsp.source.languages"),
    "repl": (
        "nrepl_lsp.repl",
        "nrepl_lsp.tooling",
        "nrepl_lsp.nrepl",
        "nrepl_lsp.source.languages",
        "platformdirs",
    ),
    "lsp": LSP,
}

#: Folders whose modules must not import one another.
APART = ("lsp/features", "lsp/commands")

#: Modules that may import handlers: the one list of everything the server answers.
REGISTRY = "lsp/registry.py"

#: What sends code to a program, who calls it, and who may have it called.
SENDS = ("eval", "evaluate", "load_file", "send_input")
SENDERS = ("lsp/evaluating/evaluations.py",)
STARTERS = (
    *(
        f"lsp/commands/{name}.py"
        for name in (
            "changed_forms",
            "comments",
            "evaluate",
            "inspect",
            "macroexpand",
            "sessions",
            "tests",
        )
    ),
    # The user has asked for it, by a setting that is off by default.
    "lsp/evaluating/load_on_save.py",
)

PRINTS = ("cli.py", "demo/")
FEATURE_LINES = 170
VAGUE_NAMES = ("Manager", "Helper", "Helpers", "Util", "Utils")


@dataclass(frozen=True)
class Module:
    """A source file: its path below the package, and its text."""

    path: str
    text: str

    @property
    def name(self) -> str:
        dotted = self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        return f"nrepl_lsp.{dotted}"

    @property
    def package(self) -> str:
        is_package = self.path.endswith("__init__.py")
        return self.name if is_package else self.name.rpartition(".")[0]

    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imports(self) -> Iterator[str]:
        """Every module or name that is imported, anywhere in the file, by its full name."""
        for node in ast.walk(self.tree()):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    parts = self.package.split(".")
                    above = parts[: len(parts) - node.level + 1]
                    base = ".".join([*above, base]).rstrip(".")
                yield from (f"{base}.{alias.name}" for alias in node.names)


def modules() -> list[Module]:
    return [
        Module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in sorted(ROOT.rglob("*.py"))
    ]


def violations(module: Module) -> list[str]:
    """What a module does that the table forbids."""
    found = [*_imports(module), *_handlers(module), *_evaluation(module), *_style(module)]
    return [f"{module.path}: {what}" for what in found]


def _imports(module: Module) -> Iterator[str]:
    layer = module.path.split("/")[0]
    if layer not in ALLOWED:
        return
    for name in module.imports():
        if not _is_standard(name) and not any(_is_below(name, top) for top in ALLOWED[layer]):
            yield f"{layer} must not import {name}"


def _handlers(module: Module) -> Iterator[str]:
    folder = module.path.rpartition("/")[0]
    for name in module.imports():
        for apart in APART:
            package = f"nrepl_lsp.{apart.replace('/', '.')}"
            if _is_below(name, package) and module.path != REGISTRY:
                yield f"handlers must not be imported: {name}"
    if folder in APART and module.text.count("\n") > FEATURE_LINES:
        yield f"a handler's file may have {FEATURE_LINES} lines"


def _evaluation(module: Module) -> Iterator[str]:
    """The user's code has one way out."""
    if not module.path.startswith("lsp/") or module.path in SENDERS:
        return
    for node in ast.walk(module.tree()):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        is_passed_on = owner.endswith("evaluations") and name == "send_input"
        if name in SENDS and not is_passed_on:
            yield f"sends code: .{name}()"
        if name == "start" and owner.endswith("evaluations") and module.path not in STARTERS:
            yield "starts an evaluation"


def _style(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree()):
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_NAMES):
            yield f"{node.name} does not say what it is"
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        to_stderr = any(keyword.arg == "file" for keyword in node.keywords)
        if node.func.id == "print" and not to_stderr and not module.path.startswith(PRINTS):
            yield "prints to stdout, which is the wire"


def _is_standard(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names


def _is_below(name: str, top: str) -> bool:
    return name == top or name.startswith(f"{top}.")


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_a_module_keeps_to_its_layer(module: Module) -> None:
    assert violations(module) == []


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("lsp/features/x.py", "repl.evaluate(code)", "sends code: .evaluate()"),
        ("lsp/features/x.py", "repl.user.eval(code)", "sends code: .eval()"),
        ("lsp/features/x.py", "repl.user.send_input(text)", "sends code: .send_input()"),
        ("lsp/features/x.py", "ls.evaluations.start(repl, code)", "starts an evaluation"),
        ("nrepl/x.py", "import nrepl_lsp.source.lines", "nrepl must not import nrepl_lsp.source"),
        ("nrepl/x.py", "from attrs import define", "nrepl must not import attrs.define"),
        ("nrepl/x.py", "from .. import source", "nrepl must not import nrepl_lsp.source"),
        ("nrepl/x.py", "def f():\n    import pygls", "nrepl must not import pygls"),
        ("source/languages/x.py", "from ...nrepl import edn", "source must not import"),
        ("source/x.py", "import platformdirs", "source must not import platformdirs"),
        ("tooling/x.py", "from nrepl_lsp.source import forms", "nrepl_lsp.source.forms"),
        ("tooling/x.py", "from nrepl_lsp.repl.repl import Repl", "tooling must not import"),
        ("repl/x.py", "from lsprotocol import types", "repl must not import lsprotocol.types"),
        ("repl/x.py", "from nrepl_lsp.lsp import convert", "repl must not import nrepl_lsp.lsp"),
        ("lsp/x.py", "import basilisp", "lsp must not import basilisp"),
        ("lsp/features/x.py", "from . import hover", "handlers must not be imported"),
        ("lsp/features/x.py", "from ..commands import connect", "handlers must not be imported"),
        ("lsp/x.py", "from .features.hover import hover", "handlers must not be imported"),
        ("lsp/features/x.py", "x = 1\n" * 171, "may have 170 lines"),
        ("lsp/x.py", "print('x')", "prints to stdout"),
        ("repl/x.py", "class ReplManager: ...", "ReplManager does not say"),
    ],
)
def test_the_rules_can_be_broken(path: str, text: str, complaint: str) -> None:
    (found,) = violations(Module(path, text))
    assert complaint in found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nrepl/x.py", "import asyncio\nfrom .errors import NreplError\nfrom . import edn"),
        ("tooling/x.py", "from nrepl_lsp.source.languages import CLOJURE"),
        ("lsp/x.py", "import sys\nprint('x', file=sys.stderr)\nfrom nrepl_lsp import __version__"),
        ("lsp/registry.py", "from .features import hover"),
        ("cli.py", "print('x')"),
    ],
)
def test_what_is_allowed_passes(path: str, text: str) -> None:
    assert violations(Module(path, text)) == []


def test_every_layer_of_the_table_is_checked() -> None:
    folders = {module.path.split("/")[0] for module in modules() if "/" in module.path}
    assert folders - {"demo"} == set(ALLOWED)
