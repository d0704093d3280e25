"""Real receivers on this machine: an HTTP server that answers as it is told, and a small SMTP server."""

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

CERTIFICATE = Path(__file__).parents[2] / "fixtures" / "localhost.pem"


@dataclass
class Received:
    """A request that came."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and where."""

    port: int
    came: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=1"


Answer = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answer:
    """Answers with a status, and no more."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


@contextmanager
def receiving(answers: Sequence[Answer] = (), *, is_secure: bool = False) -> Iterator[Receiver]:
    """An HTTP server; the last of the answers is given again and again."""
    told = list(answers) or [status(204)]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.came.append(Received({name.lower(): value for name, value in self.headers.items()}, body))
            (told.pop(0) if len(told) > 1 else told[0])(self)

        def log_message(self, *_words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    if is_secure:
        server.socket = secured().wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_port)
    with _serving(server):
        yield receiver


def secured() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@dataclass
class Mail:
    """A message that came."""

    recipients: list[str]
    text: str
    is_secure: bool
    login: str


class _MailHandler(StreamRequestHandler):
    """Knows STARTTLS and AUTH PLAIN; ``server`` holds what came, and whether it refuses messages."""

    server: "_MailServer"
    is_secure, login = False, ""

    def handle(self) -> None:
        self.recipients: list[str] = []
        self.say("220 localhost")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            act = getattr(self, f"on_{word.lower()}", None)
            if act is None:
                self.say("250 taken")
            else:
                act(rest)
            if word == "QUIT":
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def on_ehlo(self, _rest: str) -> None:
        self.say("250-localhost", "250-AUTH PLAIN" if self.is_secure else "250-STARTTLS", "250 8BITMIME")

    def on_starttls(self, _rest: str) -> None:
        self.say("220 go on")
        self.connection = secured().wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.is_secure = True

    def on_auth(self, rest: str) -> None:
        self.login = rest.partition(" ")[2]
        self.say("235 known")

    def on_rcpt(self, rest: str) -> None:
        self.recipients.append(rest)
        self.say("250 taken")

    def on_data(self, _rest: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        if not self.server.refuses:
            self.server.came.append(Mail(self.recipients, "".join(lines), self.is_secure, self.login))
        self.say("554 no" if self.server.refuses else "250 taken")

    def on_quit(self, _rest: str) -> None:
        self.say("221 bye")


class _MailServer(ThreadingTCPServer):
    daemon_threads = True
    refuses = False
    came: list[Any]


@contextmanager
def mailing(*, refuses: bool = False) -> Iterator[Receiver]:
    """An SMTP server."""
    server = _MailServer(("127.0.0.1", 0), _MailHandler)
    receiver = Receiver(server.server_address[1])
    server.refuses, server.came = refuses, receiver.came
    with _serving(server):
        yield receiver


@contextmanager
def _serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
