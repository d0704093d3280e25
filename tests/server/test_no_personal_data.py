"""After a run with known personal data in every field and door none of it is anywhere; and what is planted is found."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from attribution_campaign_context.personal_kinds import KINDS
from attribution_campaign_context.personal_text import hashed_id
from tests.server.conftest import NOW, WIDE, Place
from tests.server.serving import AGENT, Server, serving
from touchline.jobs import claiming, importing, keeping, rejections, running
from touchline.jobs.workspace import Workspace

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{n:04}.c2lnbmF0dXJl{n:04}"
NAMING = {
    "email": "zq{n:04}an@corp.example", "tagged email": "zq{n:04}an+news@corp.example",
    "IDN": "zq{n:04}an@b\u00fccher.example",
    "quoted email": '"zq{n:04} an"@corp.example', "mailto": "mailto:zq{n:04}an@corp.example",
    "encoded email": "zq{n:04}an%40corp.example", "doubly encoded email": "zq{n:04}an%2540corp.example",
    "escaped email": "zq{n:04}an&#64;corp.example", "wide email": "zq{n:04}an\uff20corp.example",
    "phone": "+4917055{n:04}1", "spaced phone": "+49 170 55 {n:04} 1", "IPv6": "2001:db8:77:{n:x}::a7e3", "JWT": JWT,
    "mapped address": "::ffff:198.51.{hundreds}.{units}",
}  # fmt: skip
"""Kinds that ids are free of, too."""
LOOKING = {
    **NAMING, "said phone": "call 0170 55{n:04}1", "IPv4": "198.51.{hundreds}.{units}",
    "bearer": "Bearer abcdefgh12345{n:04}",
    "hex": "5f4dcc3b5aa765d61d8327deb882{n:04}", "key": "sk_live_4eC39HqLyjWDarj{n:04}", "card": "4111 1111 1111 1111",
}  # fmt: skip
NAMED = {"first_name": "Zqan", "q": "zqan shoes", "password": "zqpass", "phone": "0170 55", "address": "Zqstreet",
         "client_ip": "10.11.", "card_number": "4242", "email": "zqan at corp"}  # fmt: skip
"""Names of fields whose values say nothing but by their names."""
TEXTS = ("title", "name", "city", "district", "survey", "utmTerm", "utmCampaign")
TAGS = {"utmTerm", "utmCampaign", "URL's tag"}
IDS = ("anonId", "userId", "sessionId", "accountId", "orderId", "eventId")


hashes_in = re.compile("[0-9a-f]{64}").findall


class Planted:
    """Texts of all kinds, each with a number of its own, and what to look for."""

    def __init__(self) -> None:
        self.needles = dict[str, str]()
        self._number = 1000

    def text(self, kind: str, form: str, field: str) -> str:
        if kind == "hex" and field in TAGS:
            return "spring"  # in a tag, it is an id
        self._number += 1
        number = self._number
        said = form.format(n=number, hundreds=number // 200, units=number % 200)
        core = next((part for part in said.replace("%", "@").replace("&", "@").split("@") if "zq" in part), said)
        self.needles[core.split("\uff20")[0].removeprefix("mailto:").strip('"').removeprefix("Bearer ")] = (
            f"{kind} in {field}"
        )
        self.needles |= dict.fromkeys(hashes_in(hashed_id(said)), f"plain hash of {kind} in {field}")
        return said

    def digest(self, kind: str, field: str) -> str:
        """The plain SHA-256 of an address."""
        return sha256(self.text(kind, NAMING["email"], field).encode()).hexdigest()

    def named(self, name: str, field: str) -> str:
        self._number += 1
        said = f"{NAMED[name]}{self._number}"
        self.needles[said] = f"{name} in {field}"
        return said


def events_of(planted: Planted, prefix: str) -> Iterator[dict[str, object]]:
    """Events with each kind in each field."""
    for place, (kind, form) in enumerate(LOOKING.items()):
        said: dict[str, object] = {field: f"about {planted.text(kind, form, field)} and" for field in TEXTS}
        if kind in NAMING:
            said |= {field: planted.text(kind, form, field) for field in IDS}
        else:
            said |= {"eventId": f"{prefix}{place}", "anonId": f"{prefix}a{place}"}
        url = (
            quote(planted.text(kind, form, f"URL's {part}"), safe="") for part in ("path", "query", "tag", "fragment")
        )
        digest = planted.digest("email", "URL with a hash")
        said["url"] = "https://shop.example/u/{}/x?customer_id={}&to={}&utm_content={}#of={}".format(
            next(url), digest, *url
        )
        said["path"] = f"/u/{quote(planted.text(kind, form, 'path'), safe='')}"
        said["referrer"] = f"https://b.example/?of={quote(planted.text(kind, form, 'referrer'), safe='')}"
        said["properties"] = {
            "customer_id": planted.digest(kind, "property's hash"),
            "note": planted.text(kind, form, "property"), "deep": {"list": [planted.text(kind, form, "deep property")]},
            planted.text(kind, form, "property's name"): 1,
            "page": f"/a?x={quote(planted.text(kind, form, 'URL in a property'))}",
        }  # fmt: skip
        said["metadata"] = {"ref": f"/r?x={quote(planted.text(kind, form, 'older referrer'))}", "utm": {"source": "x"}}
        said[planted.text(kind, form, "unknown field's name")] = planted.text(kind, form, "unknown field")
        said["emailHash"] = planted.digest(kind, "e-mail hash").upper()
        yield {"type": "CONVERSION", "value": 5, **said}
        agent = f"{AGENT} ({planted.text(kind, form, 'user agent')})"  # with an e-mail address, it is a bot's
        yield {"eventId": f"{prefix}ua{place}", "type": "CUSTOM", "anonId": f"{prefix}a", "userAgent": agent}
    for name in NAMED:
        yield {
            "eventId": f"{prefix}{name}", "type": "CUSTOM", "anonId": f"{prefix}n",
            "url": f"https://shop.example/?{name}={quote(planted.named(name, 'URL'))}",
            "referrer": f"https://b.example/?a=1&{name}={quote(planted.named(name, 'referrer'))}",
            "properties": {
                name: planted.named(name, "property"), "deep": [{name: {"x": planted.named(name, "object")}}],
            },
        }  # fmt: skip


def refused_of(planted: Planted) -> Iterator[dict[str, object]]:
    """The same, refused for something else."""
    for event in events_of(planted, "r"):
        yield {**event, "occurredAt": "1999-01-01T00:00:00Z"}


def send(server: Server, place: Place, planted: Planted) -> None:
    """From a page, from a server, and what is refused as a whole."""
    for event in (*events_of(planted, "p"), *refused_of(planted)):
        answer = server.send({"publicKey": place.publishable, **event})
        assert answer.status in {200, 207, 400}
    for event in events_of(planted, "s"):
        answer = server.send({**event, "emailVerified": True}, authorization=f"Bearer {place.secret}")
        assert answer.document["accepted"] == 1 or b'"code":"bot"' in answer.body
    for kind, form in LOOKING.items():
        assert (
            server.send(
                {"eventId": "x", "type": planted.text(kind, form, "type")}, authorization=f"Bearer {place.secret}"
            ).status
            == 400
        )


def files(workspace: Workspace, folder: Path, planted: Planted) -> None:
    """Events, foreign rows, an access log and claims."""
    (folder / "e.jsonl").write_text("\n".join(map(json.dumps, events_of(planted, "f"))))
    importing.import_events(workspace, [folder / "e.jsonl"], site_id=None, mapping=None, now=NOW)
    (folder / "map.toml").write_text(
        '[fields]\neventId = "id"\ntitle = "note"\nuserId = "mail"\n[constants]\ntype = "CUSTOM"\n'
    )
    rows = [
        f"m{n},{planted.text(k, f, 'note')},{planted.text(k, f, 'mail')}"
        for n, (k, f) in enumerate(NAMING.items())
        if '"' not in f
    ]
    (folder / "m.csv").write_text(
        "\n".join(["id,note,mail", *rows, f",{planted.text('email', NAMING['email'], 'row')},"])
    )
    importing.import_events(workspace, [folder / "m.csv"], site_id=None, mapping=folder / "map.toml", now=NOW)
    time = "[10/Oct/2023:13:55:36 +0000]"
    lines = [
        f'198.51.9.{n} - zqremote{n} {time} "GET /?to={quote(planted.text(k, f, "log"))} HTTP/1.1" 200 1 "-" "{AGENT}"'
        for n, (k, f) in enumerate(LOOKING.items())
    ]
    (folder / "access.log").write_text(
        "\n".join([*lines, f"zq broken {planted.text('email', NAMING['email'], 'line')}"])
    )
    planted.needles |= {"zqremote": "user in log", "198.51.9.": "address in log"}
    importing.import_events(workspace, [folder / "access.log"], site_id=None, mapping=None, now=NOW, form="combined")
    claims = [f"c{n},{planted.text(k, f, 'claim')}" for n, (k, f) in enumerate(NAMING.items()) if '"' not in f]
    claims = [f"{claim},{planted.digest('email', 'claim of a hash')}" for claim in claims]
    (folder / "claims.csv").write_text("\n".join(["visitor_id,user_id,email_hash", *claims]))
    claiming.import_claims(
        workspace, [folder / "claims.csv"], organization_id=None, site_id=None, source="crm", now=NOW
    )  # fmt: skip


def in_content(content: bytes, needles: dict[str, str]) -> list[str]:
    lowered = content.lower()
    return [f"{where}: {needle}" for needle, where in needles.items() if needle.lower().encode() in lowered]


def found_in(home: Path, needles: dict[str, str]) -> list[str]:
    """What is in any file below a folder, or in any column of DuckDB's, which keeps texts compressed."""
    found = [
        f"{file.name}: {one}"
        for file in home.rglob("*")
        if file.is_file()
        for one in in_content(file.read_bytes(), needles)
    ]
    with duckdb.connect(str(home / "engine.duckdb"), read_only=True) as connection:
        for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            rows = connection.execute(f'select * from "{schema}"."{name}"').fetchall()
            found += [f"{name}: {one}" for one in in_content(repr(rows).encode(), needles)]
    return found


@pytest.fixture
def afterwards(place: Place, tmp_path: Path) -> tuple[Place, Planted]:
    """A home after all of it, with its backup and what the server printed."""
    planted, folder = Planted(), tmp_path / "files"
    folder.mkdir()
    with serving(place.home.path, WIDE) as server:
        send(server, place, planted)
        with Workspace(place.home) as workspace:
            files(workspace, folder, planted)
        assert (place.home.path / "ledger.db-wal").stat().st_size > 0
        logs = place.home.path.glob("ledger.db*")
        assert [one for file in logs for one in in_content(file.read_bytes(), planted.needles)] == []
        server.stop()
        (place.home.path / "printed.log").write_bytes(server.log.read_bytes())
    with Workspace(place.home) as workspace:
        running.run(workspace)
        counted = {row.field for one in rejections.refusals(workspace, show=99) for row in one.newest}
    assert counted >= {f"scrubbed: {kind}" for kind in KINDS}
    keeping.back_up_home(place.home, place.home.path / "backup")
    return place, planted


def test_nothing_of_it_is_anywhere_and_what_is_planted_is_found(afterwards: tuple[Place, Planted]) -> None:
    place, planted = afterwards
    assert len(planted.needles) > 1_000
    assert len(set(planted.needles.values())) > 200
    assert found_in(place.home.path, planted.needles) == []
    needle = "zq1001an"
    with closing(sqlite3.connect(place.home.ledger_file)) as connection:
        connection.execute("update sites set domain = ?", (f"{needle}@corp.example",))
        connection.commit()
    assert found_in(place.home.path, {needle: "planted"})
    (place.home.path / "printed.log").write_text(needle)
    assert f"printed.log: planted: {needle}" in found_in(place.home.path, {needle: "planted"})
