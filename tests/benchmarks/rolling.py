"""Requests that a proxy refuses while the servers behind it are taken one after another, as in a rolling upgrade.

    python -m tests.benchmarks.rolling --proxy nginx --rounds 5 --rate 200

Two servers share a ledger and an engine in PostgreSQL. The proxy has the very settings of docs/howto/behind-a-proxy.md,
but for its port and its certificate. Requests come at a fixed rate, each on a connection of its own, while each server
is ended with SIGTERM and started again, once in each round. It begins with what is large, too large or compressed, and
with an address that a client makes up.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.benchmarks.restarting import LIMITS, Load, stop
from tests.engines.servers import postgresql_url
from tests.ledger.servers import database
from tests.server.conftest import Place, placed
from tests.server.serving import AGENT, Server, free_port
from tests.server.whole import is_ready, wait_until

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "behind-a-proxy.md"
CLIENT = "127.0.0.2"
"""The address of a client that is not the proxy's."""
INTERNAL, MADE_UP = "127.0.0.3", "203.0.113.9"
"""Addresses of the owner's own people: of one that comes from there, and of one that only says so."""


def block(language: str) -> str:
    """The settings of a proxy, as the page has them."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"the page has no block of {language}"
    return re.sub(r"^   ", "", found[1], flags=re.MULTILINE)


def nginx_file(folder: Path, port: int, servers: tuple[int, int]) -> tuple[str, list[str]]:
    """The file of nginx with the page's block, and what starts it."""
    said = _on_ports(block("nginx"), servers).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = (
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{paths}{said}\n}}\n"
    )
    return file, [_program("nginx"), "-p", str(folder), "-e", f"{folder}/error.log", "-c"]


def caddy_file(folder: Path, port: int, servers: tuple[int, int]) -> tuple[str, list[str]]:
    """The file of Caddy with the page's block, and what starts it."""
    said = _on_ports(block("caddy"), servers).replace("data.shop.example {", f"http://127.0.0.1:{port} {{")
    return f"{{\nadmin off\n}}\n{said}", [_program("caddy"), "run", "--adapter", "caddyfile", "--config"]


PROXIES = {"nginx": nginx_file, "caddy": caddy_file}


def _on_ports(said: str, servers: tuple[int, int]) -> str:
    return said.replace("127.0.0.1:8484", f"127.0.0.1:{servers[0]}").replace(
        "127.0.0.1:8485", f"127.0.0.1:{servers[1]}"
    )


def _program(name: str) -> str:
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/bin"])
    found = shutil.which(name, path=places)
    if found is None:
        raise SystemExit(f"There is no {name} on this machine: apt-get install {name}")
    return found


@contextmanager
def proxied(kind: str, folder: Path, servers: tuple[int, int]) -> Iterator[int]:
    """A proxy in front of both; gives its port."""
    port, place = free_port(), folder / kind
    place.mkdir()
    file, words = PROXIES[kind](place, port, servers)
    (place / "conf").write_text(file)
    environment = {**os.environ, "HOME": str(place), "XDG_DATA_HOME": str(place), "XDG_CONFIG_HOME": str(place)}
    with (place / "log").open("ab") as log:
        process = subprocess.Popen([*words, str(place / "conf")], env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: _answers(port, process), 30)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "the proxy has ended"
    try:
        return asked(port, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def asked(
    port: int, method: str, path: str, body: bytes = b"", client: str = CLIENT, **fields: str
) -> tuple[int, bytes]:
    """What the proxy answers a client of its own address."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=(client, 0))
    try:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, path, body, {"user-agent": AGENT, **named})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def behind(kind: str, folder: Path) -> Iterator[tuple[Place, "Rolling", int]]:
    """Two servers that run, and the port of a proxy in front."""
    with ExitStack() as held:
        ledger, engine = (held.enter_context(database(postgresql_url())) for _ in range(2))
        place = placed(folder / "home", ledger)
        told = {
            **LIMITS, **place.environment, "TOUCHLINE_ENGINE": engine, "TOUCHLINE_TRUSTED_PROXIES": "127.0.0.1",
            "TOUCHLINE_INTERNAL_NETWORKS": f"{INTERNAL}/32,{MADE_UP}/32",
        }  # fmt: skip
        rolling = held.enter_context(_running(folder, told))
        yield place, rolling, held.enter_context(proxied(kind, folder, rolling.ports))


class Rolling:
    """Two servers that are taken one after another."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.ports = (free_port(), free_port())
        self._folder, self._environment = folder, environment
        self.servers = [self._started(port) for port in self.ports]

    def take_each(self) -> list[float]:
        """End each and start it again once the other is ready; seconds that each end took."""
        ends = []
        for place, port in enumerate(self.ports):
            ends.append(stop(self.servers[place]))
            self.servers[place] = self._started(port)
        return ends

    def _started(self, port: int) -> Server:
        file = self._folder / f"log-{port}"
        environment = {**os.environ, **self._environment, "TOUCHLINE_HOME": str(self._folder / "home")}
        with file.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "touchline", "serve", "--port", str(port)], env=environment,
                start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip
        server = Server(process, port, file)
        wait_until(lambda: is_ready(server), 120)
        return server


@contextmanager
def _running(folder: Path, environment: dict[str, str]) -> Iterator[Rolling]:
    rolling = Rolling(folder, environment)
    try:
        yield rolling
    finally:
        for server in rolling.servers:
            server.stop()


def event_of(place: Place, name: str, **more: object) -> bytes:
    """A request with one event."""
    event = {
        "publicKey": place.publishable,
        "type": "PAGE_VIEW",
        "eventId": name,
        "url": "https://shop.example/",
        "anonId": "a",
    }
    return json.dumps({**event, **more}).encode()


def bodies(place: Place, port: int) -> dict[str, object]:
    """What becomes of a made-up address, and of bodies that are large, too large and compressed."""
    json_type = {"content_type": "application/json"}
    view = {"type": "PAGE_VIEW", "url": f"https://shop.example/{'x' * 3_000}", "anonId": "a"}
    large = json.dumps(
        {"publicKey": place.publishable, "events": [{**view, "eventId": f"l{number}"} for number in range(90)]}
    ).encode()
    made_up = asked(port, "POST", "/api/track", event_of(place, "m"), x_forwarded_for=MADE_UP, **json_type)
    internal = asked(port, "POST", "/api/track", event_of(place, "i"), INTERNAL, **json_type)
    return {
        "internal": json.loads(internal[1])["accepted"],
        "made up": json.loads(made_up[1])["accepted"],
        "large": asked(port, "POST", "/api/track", large, **json_type)[0],
        "too large": asked(port, "POST", "/api/track", b" " * 1_100_000, **json_type)[0],
        "compressed": asked(
            port, "POST", "/api/track", gzip.compress(event_of(place, "z")), content_encoding="gzip", **json_type
        )[0],
        "script": asked(port, "GET", "/t.js")[0],
    }  # fmt: skip


def main() -> None:
    """Take the servers in turn under load, and print what the clients saw."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--proxy", choices=PROXIES, default="nginx")
    said.add_argument("--rounds", type=int, default=5)
    said.add_argument("--rate", type=int, default=200)
    words = said.parse_args()
    with tempfile.TemporaryDirectory() as folder, behind(words.proxy, Path(folder)) as (place, rolling, port):
        print(f"{words.proxy}: {bodies(place, port)}")
        seen, longest, ends = under_load(place, rolling, port, words.rounds, words.rate)
    print(f"{words.rounds} rolling restarts of two servers under {words.rate} requests/s: {seen}")
    print(f"an end took {min(ends):.1f} to {max(ends):.1f} s; the longest wait was {longest:.1f} s")
    assert set(seen) == {"200"}


def under_load(
    place: Place, rolling: Rolling, port: int, rounds: int, rate: int
) -> tuple[dict[str, int], float, list[float]]:  # fmt: skip
    """Answers by status while the servers are taken in turn, the longest wait, and how long each end took."""
    load, ends = Load(port, place.publishable, rate, rolling.servers[0].log), list[float]()
    load.start()
    for _ in range(rounds):
        load.wait_for(rate)
        ends += rolling.take_each()
    load.wait_for(rate)
    load.is_over.set()
    load.join()
    return dict(load.seen), load.longest, ends


if __name__ == "__main__":
    main()
