"""The commands that run tests."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def run_test(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runTest`: run the test at the cursor."""
    raise NotImplementedError


async def run_namespace_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runNamespaceTests`: run the tests of the document's namespace."""
    raise NotImplementedError


async def run_all_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.runAllTests`: run the tests of all loaded namespaces."""
    raise NotImplementedError


async def rerun_failed_tests(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.rerunFailedTests`: run again what failed in the last run."""
    raise NotImplementedError
