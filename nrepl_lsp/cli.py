"""The program `nrepl-lsp`.

Only what the command line needs is imported at the top: the time to the answer to `initialize` is
nearly all imports.
"""

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nrepl_lsp.lsp.wire import Server

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(f"{message} (try nrepl-lsp --help)")


def _fail(sentence: str, code: int = 2) -> NoReturn:
    sys.stderr.write(f"nrepl-lsp: {sentence}\n")
    raise SystemExit(code)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT, got {text!r}")
    return host.strip("[]"), int(port)


def _address(text: str) -> str:
    from nrepl_lsp.nrepl.address import Address
    from nrepl_lsp.nrepl.errors import AddressError
    from nrepl_lsp.nrepl.schemes import scheme_of

    try:
        scheme_of(Address.parse(text))
    except AddressError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nrepl-lsp",
        description="A language server for every language that has an nREPL. "
        "Without a command it serves LSP on stdin and stdout.",
    )
    parser.add_argument(
        "command", nargs="?", choices=["demo"], help="show the main job on a server of its own"
    )
    parser.add_argument("--stdio", action="store_true", help="accepted; it is the default")
    parser.add_argument(
        "--tcp",
        metavar="HOST:PORT",
        type=_host_and_port,
        help="serve one client at a time over TCP, for debugging",
    )
    parser.add_argument(
        "--connect",
        metavar="URL",
        type=_address,
        help="attach to this nREPL server, e.g. nrepl://localhost:7888",
    )
    parser.add_argument("--log-file", metavar="FILE", help="append the log to FILE, not to stderr")
    parser.add_argument(
        "--log-level",
        metavar="LEVEL",
        type=str.lower,
        choices=LOG_LEVELS,
        help=f"how much to log: {', '.join(LOG_LEVELS)}",
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="write the nREPL traffic, your code in it, to FILE as JSON lines; FILE is emptied",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the program; the exit code (see `nrepl_lsp.lsp.wire` for those of a session)."""
    options = _parser().parse_args(arguments)
    if options.version:
        from nrepl_lsp import __version__

        sys.stdout.write(f"nrepl-lsp {__version__}\n")
        return 0
    if options.command == "demo":
        return _demo()
    if options.stdio and options.tcp:
        _fail("--stdio and --tcp exclude each other")
    _start_log(options.log_file, options.log_level)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    import gc

    # What is imported stays. Looking it through again and again costs 5 % of the start, and at the
    # exit 100 ms; not looking at all would cost 9 MB.
    gc.set_threshold(15_000, 20, 100)
    from nrepl_lsp.lsp.registry import create_server
    from nrepl_lsp.lsp.stdio import serve_stdio

    def create() -> "Server":
        return create_server(connect=options.connect, record=options.record)

    try:
        if options.tcp:
            from nrepl_lsp.lsp.tcp import serve_tcp

            return serve_tcp(create, *options.tcp)
        server = create()
    except OSError as error:
        _fail(f"cannot start: {error}", code=1)
    gc.freeze()
    # A list of a thousand candidates would be looked through several times while it is made.
    gc.set_threshold(10_000, 10, 10)
    return serve_stdio(server)


def _start_log(path: str | None, level: str | None) -> None:
    """Log to stderr or a file; pygls at WARNING, since it logs whole messages below."""
    import logging

    try:
        handler = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler()
    except OSError as error:
        _fail(f"cannot write the log: {error}")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("nrepl_lsp").setLevel((level or "warning").upper())
    logging.raiseExceptions = False  # an editor may have closed our stderr


def _demo() -> int:
    from importlib.util import find_spec

    if find_spec("rich") is None or find_spec("basilisp") is None:
        _fail('the demo needs two more packages: pip install "nrepl-lsp[demo]"', code=1)
    from nrepl_lsp import demo

    return int(demo.main() or 0)
