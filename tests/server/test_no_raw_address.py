"""After a run with known addresses none of them is anywhere; and the same search finds those that were planted."""

import json
import socket
import sqlite3
import struct
from contextlib import closing
from http.client import HTTPConnection
from ipaddress import ip_address
from pathlib import Path

import psycopg
import pytest

from tests.server.address_search import in_bytes, in_engine, in_files, in_ledger, spellings
from tests.server.collect.test_track import events_in, rejected_in, view
from tests.server.conftest import WIDE, Place, placed
from tests.server.serving import AGENT, Server, serving
from touchline.jobs import running
from touchline.jobs.workspace import Workspace

CLIENTS = ["198.51.77.181", "203.0.119.243", "2001:db8:77:9b:5c1::a7e3", "2001:db8:ffee:12::9d"]
PROXY = "127.83.41.219"
SPOOFED = "100.99.183.217"
KNOWN = [*CLIENTS, PROXY, SPOOFED]
OPTIONS = {**WIDE, "trusted_proxies": "127.0.0.0/8", "ip_hash_salt": "a pepper"}


def sent(server: Server, body: bytes, client: str, **fields: str) -> int:
    """One request of a client's through the proxy."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=(PROXY, 0))
    others = ("x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip", "via")
    headers = {"content-type": "application/json", "user-agent": AGENT, "x-forwarded-for": f"{SPOOFED}, {client}"}
    headers |= dict.fromkeys(others, client) | {"forwarded": f'for="{client}";by={PROXY}'}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    try:
        connection.request("POST", "/api/track", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def everything(server: Server, place: Place) -> None:
    """Whatever a client can send, with its own address wherever it can stand."""
    for n, client in enumerate(CLIENTS):
        key, spelled = place.publishable, client

        common = {"publicKey": key, "anonId": f"a{n}"}

        def event(kind: str, common: dict[str, str] = common, **fields: object) -> bytes:
            return json.dumps({**view(kind + common["anonId"]), **common, **fields}).encode()

        said = spelled if ":" not in spelled else f"[{spelled}]"
        for kind in ("plain", "second", "third"):
            assert sent(server, event(kind), client) == 200
        told: dict[str, dict[str, object]] = {
            "url": {"url": f"https://shop.example/?ip={spelled}&utm_source=x", "referrer": f"http://{said}:8080/a"},
            "properties": {"properties": {"ip": spelled, "deep": {"list": [spelled]}}},
            "title": {"title": f"Your address is {spelled}", "survey": {"answer": spelled}},
            "id": {"anonId": spelled, "userId": f"u-{spelled}", "sessionId": spelled},
            "sale": {"type": "CONVERSION", "value": 5, "orderId": f"o{n}"},
        }
        for kind, fields in told.items():
            assert sent(server, event(kind, common, **fields), client) == 200
        assert sent(server, event("agent"), client, user_agent=f"{AGENT} ({spelled})") == 200
        assert sent(server, event("bot"), client, user_agent=f"Googlebot/2.1 ({spelled})") == 207
        assert sent(server, event("denied", consent="denied"), client) == 207
        assert sent(server, event("wrong", type=spelled), client) == 400
        assert sent(server, event("long", url=f"https://{said}/" + "x" * 5_000), client) == 400
        assert sent(server, event("deep", occurredAt=spelled), client) == 400
        assert sent(server, f'{{"ip": "{spelled}"'.encode(), client) == 400
        assert sent(server, event("key").replace(key.encode(), spelled.encode()), client) == 401
        assert sent(server, event("origin"), client, origin=f"http://{said}") == 403
        assert sent(server, event("type"), client, content_type=spelled) == 415
        longer = ip_address(client).exploded.upper()  # another spelling, in a refused event
        assert sent(server, event("other", value="x", title=longer, properties={"ip": longer}), client) == 400


@pytest.fixture
def afterwards(any_place: Place, tmp_path: Path) -> Place:
    """A place where all that has happened, with what the server printed."""
    with serving(any_place.home.path, OPTIONS, any_place.environment) as server:
        everything(server, any_place)
        assert in_files(any_place.home.path, KNOWN) == []  # with the log of the database beside it
        assert any_place.home.database_url or (any_place.home.path / "ledger.db-wal").stat().st_size > 0
        server.stop()
        (any_place.home.path / "printed.log").write_bytes(server.log.read_bytes())
    with Workspace(any_place.home) as workspace:
        running.run(workspace)
    return any_place


def test_no_address_is_anywhere(afterwards: Place) -> None:
    events = events_in(afterwards)
    assert len(events) == 9 * len(CLIENTS)
    assert len({event["ip_hash"] for event in events}) == len(CLIENTS)
    assert {"bot", "unknown_value", "too_long", "wrong_type", "consent_denied"} <= {
        str(row["reason"]) for row in rejected_in(afterwards)
    }
    assert in_ledger(afterwards.home, KNOWN) == []
    assert in_engine(afterwards.home.engine_file, KNOWN) == []
    assert in_files(afterwards.home.path, KNOWN) == []
    assert (afterwards.home.path / "ledger.db").exists() != bool(afterwards.home.database_url)


def test_the_files_of_the_database_server_have_none(database_url: str, tmp_path: Path) -> None:
    place = placed(tmp_path / "home", database_url)
    with serving(place.home.path, OPTIONS, place.environment) as server:
        everything(server, place)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("checkpoint")
        row = connection.execute("show data_directory").fetchone()
        assert row is not None
        found = in_files(Path(row[0]), CLIENTS)
        assert [one for one in found if "as bytes" not in one and "as reversed" not in one] == []
        # It keeps hundreds of megabytes of other tests: four bytes in a row are there by accident.
        assert [one for one in found if ":" in one.partition(": ")[2].partition(" as ")[0]] == []
        connection.execute("create table planted (said text)")
        connection.execute("insert into planted values (%s)", [CLIENTS[0]])
        connection.execute("checkpoint")  # a row may be cut by a page's end in the log; in its table it is whole
        assert f"{CLIENTS[0]} as text" in {one.partition(": ")[2] for one in in_files(Path(row[0]), CLIENTS[:1])}


@pytest.mark.parametrize("address", [CLIENTS[0], CLIENTS[2]])
def test_the_search_finds_what_was_planted(place: Place, address: str) -> None:
    with Workspace(place.home) as workspace:
        running.run(workspace)
    for name, spelled in spellings(address).items():
        with closing(sqlite3.connect(place.home.ledger_file)) as connection:
            connection.execute("pragma journal_mode = wal")
            value = spelled if "bytes" in name else f"before {spelled.decode()} after"
            connection.executemany(
                "insert into organizations values (?, ?, 'EUR', 0)", [(f"{name}{n}", value) for n in range(3)]
            )
            connection.commit()
            assert f"organizations.name: {address} as {name}" in in_ledger(place.home, [address])
            assert any(found.endswith(f"{address} as {name}") for found in in_files(place.home.path, [address]))
            connection.execute("delete from organizations where organization_id like ?", (f"{name}%",))
            connection.commit()
    log = place.home.path / "printed.log"
    log.write_bytes(b"peer=" + address.encode())
    assert f"printed.log: {address} as text" in in_files(place.home.path, [address])
    assert struct.pack(">I", 7) not in b"".join(spellings(address).values())
    assert list(in_bytes(b"nothing", [address])) == []


def test_an_integer_column_is_read_as_a_number(place: Place) -> None:
    number = int(ip_address(CLIENTS[0]))
    with closing(sqlite3.connect(place.home.ledger_file)) as connection:
        connection.execute("update sites set created_at = ?", (number,))
        connection.commit()
    assert f"sites.created_at: {CLIENTS[0]} as number" in in_ledger(place.home, [CLIENTS[0]])
    assert socket.inet_ntoa(struct.pack(">I", number)) == CLIENTS[0]
