"""One server after the other through the same tests; the matrix of what was seen at the end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from nrepl_lsp.nrepl import AddressError, ConnectFailed, probe
from tests.support.servers import SERVERS, ServerPool

from . import matrix
from .matrix import Matrix
from .samples import SAMPLES
from .subjects import CANNOT, Attached, Subject

DOCUMENT = Path(__file__).parents[2] / "docs" / "servers.md"
MATRIX = pytest.StashKey[Matrix]()
STRANGER = "your server"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--url", dest="nrepl_url", metavar="URL", help="the same as --nrepl-url")
    group.addoption("--language", choices=sorted(SAMPLES), help="what the server at URL speaks")
    group.addoption(
        "--write-matrix", action="store_true", help="put the matrix into docs/servers.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MATRIX] = Matrix()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" not in metafunc.fixturenames:
        return
    url = metafunc.config.getoption("nrepl_url")
    params = [
        pytest.param(spec.name, marks=[getattr(pytest.mark, mark) for mark in spec.marks])
        for spec in SERVERS.values()
    ]
    metafunc.parametrize("subject", [STRANGER] if url else params, indirect=True, scope="session")


def _greet(url: str) -> None:
    """End the run with one sentence when no nREPL server is at the address."""

    async def greet() -> None:
        connection, _ = await probe(url)
        await connection.close()

    try:
        asyncio.run(greet())
    except (AddressError, ConnectFailed) as error:
        pytest.exit(f"Nothing to try: {error}.", returncode=2)


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest, server_pool: ServerPool) -> Subject:
    """A server, started when it is first needed; or the one that --url names."""
    config = request.config
    seen = config.stash[MATRIX]
    if request.param == STRANGER:
        _greet(config.getoption("nrepl_url"))
        family = config.getoption("language", None)
        return Subject(STRANGER, config.getoption("nrepl_url"), seen, family)
    server = server_pool.get(request.param)
    return Subject(server.name, server.url, seen, server.language, CANNOT[server.name])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    subject: Subject, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Attached, Path]]:
    """One attachment for a module's tests, with the sample file loaded from a real file."""
    attached = await subject.attach()
    path = tmp_path_factory.mktemp("conformance") / f"conformance{attached.sample.extension}"
    path.write_text(attached.sample.file, "utf-8")
    before = await attached.run(attached.sample.expression[0])
    await attached.load(path)
    yield attached, path
    if attached.sample.enter and before.ns and attached.repl.is_live:
        # nbb has one namespace for everybody; load-file has moved it.
        await attached.run(attached.sample.enter.replace(attached.sample.ns, before.ns))
    await attached.close()


@pytest_asyncio.fixture(loop_scope="module")
async def attached(shared: tuple[Attached, Path]) -> AsyncIterator[Attached]:
    """The shared attachment; whatever a test did to it, it must go on working."""
    attached, _ = shared
    if not attached.repl.is_live:
        pytest.fail("an earlier test lost the connection", pytrace=False)
    yield attached
    code, value = attached.sample.expression
    assert (await attached.run(code)).values[-1:] == (value,)


@pytest.fixture
def sample_file(shared: tuple[Attached, Path]) -> Path:
    """The file that was loaded."""
    return shared[1]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    seen = config.stash.get(MATRIX, None)
    if seen is None or not seen.servers:
        return
    terminalreporter.section("what each server does")
    for line in seen.text():
        terminalreporter.write_line(line)
    if config.getoption("--write-matrix", False):
        if seen.is_complete(SERVERS):
            matrix.write(DOCUMENT, seen)
            terminalreporter.write_line(f"written to {DOCUMENT.name}")
        else:
            terminalreporter.write_line("not written: some server or row is missing")
