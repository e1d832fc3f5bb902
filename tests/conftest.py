"""What every test may use: real servers, started when first asked for, or one that is named."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support import servers
from tests.support.servers import RunningServer, ServerPool

OUTPUT_SHOWN = 4000

# A machine that is busy with real servers is slow now and then, which is no fault.
settings.register_profile("unhurried", deadline=None)
# The same examples in each CI run: a new find belongs to whoever looks for it, not to a build.
settings.register_profile("ci", settings.get_profile("unhurried"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nrepl-url",
        metavar="URL",
        help="the running nREPL server that the conformance suite talks to, e.g. nrepl://host:port",
    )


@pytest.fixture(scope="session")
def nrepl_url(request: pytest.FixtureRequest) -> str | None:
    """The server that was named with --nrepl-url, or None."""
    return request.config.getoption("--nrepl-url")


@pytest.fixture(scope="session")
def server_pool() -> Iterator[ServerPool]:
    """The shared servers: `server_pool.get("nbb")` starts it once a session."""
    pool = ServerPool()
    yield pool
    pool.close()


@pytest.fixture
def basilisp_server(server_pool: ServerPool) -> RunningServer:
    """A Basilisp server that many tests share: leave its namespaces as they were."""
    return server_pool.get("basilisp")


def _params(names: Iterable[str]) -> list[Any]:
    specs = [servers.SERVERS[name] for name in names]
    return [
        pytest.param(spec.name, marks=[getattr(pytest.mark, mark) for mark in spec.marks])
        for spec in specs
    ]


@pytest.fixture(params=_params(servers.SERVERS))
def live_server(request: pytest.FixtureRequest, server_pool: ServerPool) -> RunningServer:
    """Each real server in turn, shared like `basilisp_server`; the test's id is its name."""
    return server_pool.get(request.param)


@pytest.fixture(params=_params(servers.PROGRAMS_APART))
def live_program(request: pytest.FixtureRequest, server_pool: ServerPool) -> RunningServer:
    """As `live_server`, each program once: for what is the same however it is reached."""
    return server_pool.get(request.param)


@pytest.fixture
def start_server() -> Iterator[Callable[..., RunningServer]]:
    """`start_server(name, cwd=None, port=None)`: a server of this test's own, which it may kill."""
    started: list[RunningServer] = []

    def start(name: str, *, cwd: Path | None = None, port: int | None = None) -> RunningServer:
        server = servers.start(name, cwd=cwd, port=port)
        started.append(server)
        return server

    yield start
    for server in started:
        server.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a test's servers printed when the test fails."""
    report = yield
    used = getattr(item, "funcargs", {}).values() if report.failed else ()
    for server in used:
        if isinstance(server, RunningServer) and server.home.exists():
            text = server.output()[-OUTPUT_SHOWN:]
            report.sections.append((f"output of {server.name}", text))
    return report
