"""The one list of everything that the server answers."""

import inspect
from importlib import import_module

import pytest

from nrepl_lsp.lsp import announcements, registry
from nrepl_lsp.lsp.actions import clean_namespace, macros, namespace
from nrepl_lsp.lsp.features.code_action import PROVIDERS

HANDLERS = {
    **{path: f"features.{path}" for _, path, _ in registry.REQUESTS},
    **{path: f"commands.{path}" for path in registry.COMMANDS.values()},
}


@pytest.mark.parametrize("path", sorted(HANDLERS.values()))
def test_every_handler_is_a_coroutine_function_of_its_module(path: str) -> None:
    module, _, name = path.rpartition(".")
    handler = getattr(import_module(f"nrepl_lsp.lsp.{module}"), name)
    assert inspect.iscoroutinefunction(handler)
    assert handler.__module__ == f"nrepl_lsp.lsp.{module}"


def test_the_announced_kinds_are_those_of_the_providers() -> None:
    providers = (*PROVIDERS, clean_namespace, macros, namespace)
    kinds = {kind for provider in providers for kind in provider.KINDS}
    assert sorted(announcements.CODE_ACTION_KINDS) == sorted(kinds)
