"""The socket that the server listens on: one that a service manager holds across restarts, or one of its own.

systemd opens the socket of a ``.socket`` unit itself and passes it to the service as descriptor 3 (``LISTEN_FDS``).
While the service restarts, connections wait in the socket's queue, and none is refused.
"""

import os
import socket
from collections.abc import Mapping

from granian._granian import SocketHolder
from granian.server.mp import MPServer

from touchline.errors import BusyError, UsageError
from touchline.server.http.options import ServerOptions

_FIRST_DESCRIPTOR = 3
"""Where systemd puts what it passes, after standard input, output and error."""


def passed_socket(environment: Mapping[str, str]) -> socket.socket | None:
    """The socket that the service manager passed to this process; ``None``: it passed nothing.

    :raises UsageError: if something else than one TCP socket was passed.
    """
    count = environment.get("LISTEN_FDS", "0")
    if environment.get("LISTEN_PID") != str(os.getpid()) or count == "0":
        return None
    if count != "1":
        raise UsageError(
            f"The service manager passed {count} sockets, and the server takes one.",
            "Leave one ListenStream= in the socket unit.",
        )
    try:
        held = socket.socket(fileno=_FIRST_DESCRIPTOR)
    except OSError as error:
        raise UsageError(f"Descriptor {_FIRST_DESCRIPTOR}, which was passed, is no socket: {error}.") from error
    if held.family not in {socket.AF_INET, socket.AF_INET6} or held.type != socket.SOCK_STREAM:
        held.detach()
        raise UsageError(
            "The service manager passed a socket that is not of TCP.",
            "Write ListenStream= with an address and a port, such as 127.0.0.1:8484.",
        )
    held.set_inheritable(False)
    return held


def bound_socket(options: ServerOptions) -> socket.socket:
    """A new socket at the host and port of the options.

    :raises BusyError: if another program has the port, or there is no such address.
    """
    held = socket.socket(socket.AF_INET6 if ":" in options.host else socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((options.host, options.port))
    except OSError as error:
        held.close()
        raise BusyError(
            f"{options.host}:{options.port} is not available: {error.strerror}.",
            "Choose another with --host and --port, or TOUCHLINE_HOST and TOUCHLINE_PORT.",
        ) from error
    return held


def url_of(host: str, port: int) -> str:
    """Where a server answers.

    >>> url_of("127.0.0.1", 8484), url_of("::1", 80)
    ('http://127.0.0.1:8484', 'http://[::1]:80')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Passed:
    """A socket on its way to a worker, in whose process it becomes what Granian takes."""

    def __init__(self, held: socket.socket, backlog: int) -> None:
        self._held = held
        self._backlog = backlog

    def __reduce__(self) -> tuple[object, ...]:
        return _arrived, (self._held, self._backlog)


def _arrived(held: socket.socket, backlog: int) -> SocketHolder:
    return SocketHolder(held.detach(), False, backlog)  # type: ignore[call-arg] # its stub leaves the parameters out


class HeldServer(MPServer):
    """Granian over one socket of the main process, which all workers share.

    Granian itself binds a socket in each worker: what waits in that one's queue is reset when the worker ends.

    :param held: bound; it is closed when the server ends.
    """

    def __init__(self, held: socket.socket, *words: object, **settings: object) -> None:
        super().__init__(*words, **settings)  # type: ignore[arg-type] # as they came
        self._held = held

    def _init_shared_socket(self) -> None:
        self._held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # of every connection that it takes
        self._held.listen(self.backlog)
        self._shd = _Passed(self._held, self.backlog)  # type: ignore[assignment] # Granian declares no type
        self._sso = None

    def _drop_shared_socket(self) -> None:
        self._held.close()
