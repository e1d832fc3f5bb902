"""
nrepl-lsp for many tests: forks of one process that has imported it.

A start is a second of the processor's time, nearly all of it imports, and hundreds of tests start
the program. `python -m tests.support.warm SOCKET` imports it once. `PROGRAM`, started as a test
starts nrepl-lsp, hands over its descriptors, its arguments, its environment and its folder, gets a
fork that goes on from `cli.main`, and ends as that does. What is about starting and ending takes
the program itself.
"""

import marshal
import os
import select
import signal
import socket
import sys

__all__ = ["launch", "serve"]

#: Bytes of the request's length, of the exit code.
SIZE, CODE = 4, 2


def launch(place: str, arguments: list[str]) -> int:
    """Have the program run with our descriptors; its exit code."""
    request = marshal.dumps((arguments, dict(os.environ), os.getcwd()))
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)
        socket.send_fds(server, [len(request).to_bytes(SIZE, "big")], [0, 1, 2])
        server.sendall(request)
        # The program has them; while we held them too nobody would see it close one.
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        answer = server.recv(CODE)
    return int.from_bytes(answer, "big") if answer else 1


def serve(place: str) -> None:
    """Fork for each request, until stdin ends."""
    # Not above: who starts `PROGRAM` waits for what is imported there.
    import importlib
    import pkgutil

    import nrepl_lsp
    from nrepl_lsp import cli
    from nrepl_lsp.lsp.registry import create_server

    create_server()
    for module in pkgutil.walk_packages(nrepl_lsp.__path__, "nrepl_lsp."):
        if not module.name.startswith(("nrepl_lsp.demo", "nrepl_lsp.__main__")):
            importlib.import_module(module.name)
    # Nobody waits for those who keep the forks.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, 0], [], [])
            if 0 in ready:
                # Whoever started us is gone.
                os.unlink(place)
                return
            client, _ = listener.accept()
            if not os.fork():
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _keep(client, cli.main)
            client.close()


def _keep(client: socket.socket, main: object) -> None:
    """Run the program in a fork; kill it when the test kills what it takes for the program."""
    size, descriptors, _, _ = socket.recv_fds(client, SIZE, 3)
    request = b""
    while len(request) < int.from_bytes(size, "big"):
        request += client.recv(1 << 16)
    alive, held = os.pipe()
    child = os.fork()
    if not child:
        client.close()
        os.close(alive)
        _run(main, marshal.loads(request), descriptors)
    os.close(held)
    for descriptor in descriptors:
        os.close(descriptor)
    ready, _, _ = select.select([client, alive], [], [])
    if alive not in ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    try:
        client.sendall((code if code >= 0 else 128 - code).to_bytes(CODE, "big"))
    finally:
        os._exit(0)


def _run(
    main: object, request: tuple[list[str], dict[str, str], str], descriptors: list[int]
) -> None:
    arguments, environment, folder = request
    code: object = 1
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        assert callable(main)
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    if __package__:
        serve(sys.argv[1])
    else:
        sys.exit(launch(sys.argv[1], sys.argv[2:]))
