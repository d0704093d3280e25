"""Ids that are e-mail addresses are kept as hashes, and a person is found by the address all the same."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text, update

from tests.jobs.conftest import NOW, Tell
from tests.keyed import keyed
from touchline import applied
from touchline.errors import UsageError
from touchline.jobs import claiming, erasing, exporting, importing, running, setup
from touchline.jobs.named_persons import identifiers_named
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.person import explain_person
from touchline.settings import Home

MAIL = sha256(b"ada@corp.example").hexdigest()
KEPT = keyed(MAIL)
ADA = (
    {"eventId": "a1", "anonId": "laptop", "url": "https://shop.example/?utm_source=letter"},
    {"eventId": "a2", "anonId": "laptop", "type": "IDENTIFY", "userId": "Ada@corp.example"},
    {"eventId": "a3", "type": "CONVERSION", "value": 80, "orderId": "1", "userId": "ada@corp.example"},
    {"eventId": "a4", "type": "IDENTIFY", "anonId": "phone", "emailHash": MAIL},
)
BOB = ({"eventId": "b1", "anonId": "bob"}, {"eventId": "b2", "anonId": "bob", "userId": "bob@corp.example"})
THEIRS = {f"m:{KEPT}", f"u:{KEPT}", "v:shop-example:laptop", "v:shop-example:phone"}


@pytest.mark.parametrize("given", [{"email": "ADA@corp.example "}, {"user": "ada@corp.example"}])
def test_an_address_names_whoever_is_kept_by_its_hash(workspace: Workspace, tell: Tell, given: dict[str, str]) -> None:
    tell(*ADA, *BOB)
    running.run(workspace)
    assert explain_person(workspace.engine, "shop", "Bob@corp.example", keyed=workspace.ledger.keyed).identifiers
    with exporting.exported(workspace, "shop", **given) as person:  # type: ignore[arg-type] # texts
        assert {*person.identifiers} == THEIRS
    report = erasing.erase(workspace, "shop", now=NOW, **given)  # type: ignore[arg-type] # texts
    assert ({*report.identifiers}, report.events) == (THEIRS, 4)
    tell(*ADA)
    assert {row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)} == {"b1", "b2"}
    kept = repr([workspace.ledger.rows(table) for table in schema.METADATA.sorted_tables]).lower()
    assert "corp.example" not in kept
    assert MAIL not in kept


def test_an_id_is_named_by_its_plain_hash_or_by_what_is_stored(workspace: Workspace) -> None:
    for said in (MAIL, MAIL.upper(), KEPT):
        assert identifiers_named(workspace, "shop", None, None, said) == [f"m:{KEPT}"]
    for said in (MAIL, KEPT):
        assert identifiers_named(workspace, "shop", None, said, None) == [f"u:{KEPT}"]
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        identifiers_named(workspace, "shop", None, None, KEPT[:-1])


NEWER_TABLES = (
    schema.FIRST_LINKS, schema.SAVED_VIEWS, schema.SHARE_LINKS, schema.CONSENTS, schema.AUDIT_LOG,
    schema.ARRIVALS, schema.SECRETS, schema.VIEW_MAILS,
)  # fmt: skip
"""Those that a ledger of the earlier version did not have yet."""


def test_what_an_earlier_version_kept_is_found_too(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "a1", "userId": "old"}, *BOB)
    rows = schema.TRACKING_EVENTS
    with workspace.ledger._store.engine.begin() as connection:
        connection.execute(
            update(rows)
            .where(rows.c.user_id == "old")
            .values(user_id="Ann@corp.example", identifier="u:Ann@corp.example")
        )
    assert erasing.erase(workspace, "shop", email="Ann@corp.example", now=NOW).events == 1


_STORE_ID = text("update event_keys set event_id = :mail where event_id = :known")


def stored_ids(workspace: Workspace) -> set[str]:
    """The ids by which PostgreSQL knows events that came."""
    with workspace.ledger._store.engine.connect() as connection:
        return set(connection.scalars(text("select event_id from event_keys")))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_ledger_of_an_earlier_version_is_migrated(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("database_url") if database == "postgresql" else ""
    home = Home(tmp_path / "home", database_url=url)
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    old = {"ada": "Ada@corp.example", "ada2": "ada@corp.example", "bob": "bob%40corp.example"}
    (tmp_path / "e.jsonl").write_text("".join(
        json.dumps({"eventId": f"{name}{n}", "anonId": f"{name}-{n}", "userId": name, "orderId": name}) + "\n"
        for name in (*old, "eve") for n in range(2)
    ).replace("{", '{"type": "CONVERSION", '))  # fmt: skip
    (tmp_path / "c.csv").write_text("visitor_id,user_id\nada-0,ada\nada-0,ada2\nbob-1,eve\n")
    events, claims = schema.TRACKING_EVENTS, schema.IDENTITY_CLAIMS
    with Workspace(home) as workspace:
        importing.import_events(workspace, [tmp_path / "e.jsonl"], site_id=None, mapping=None, now=NOW)
        claiming.import_claims(
            workspace, [tmp_path / "c.csv"], organization_id=None, site_id=None, source="crm", now=NOW
        )
        with workspace.ledger._store.engine.begin() as connection:
            for name, mail in old.items():
                told = {"user_id": mail, "order_id": mail}
                connection.execute(update(events).where(events.c.user_id == name).values(**told))
                connection.execute(update(events).where(events.c.event_id == f"{name}0").values(event_id=mail))
                if url:
                    connection.execute(_STORE_ID, {"mail": mail, "known": f"{name}0"})
                linked = claims.c.linked_identifier
                connection.execute(update(claims).where(linked == f"u:{name}").values(linked_identifier=f"u:{mail}"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(applied, "_TABLES", "those of an earlier version")
            running.run(workspace)
        with workspace.ledger._store.engine.begin() as connection:
            for newer in NEWER_TABLES:
                newer.drop(connection)
            connection.execute(text("alter table users drop column role"))
            connection.execute(text("update alembic_version set version_num = '0028'"))
    with Workspace(home) as workspace:
        rows = workspace.ledger.rows(events)
        bob = keyed(sha256(b"bob@corp.example").hexdigest())
        assert Counter(row["user_id"] for row in rows) == {KEPT: 4, bob: 2, "eve": 2}
        assert [row["order_id"] for row in rows] == [row["user_id"] for row in rows]
        known = {row["event_id"] for row in rows}
        assert known >= {KEPT, bob, "ada1", "ada21", "eve0"}
        assert [one for one in known if "corp" in one] == []
        assert not url or stored_ids(workspace) == known
        names = {(row["identifier"], row["linked_identifier"]) for row in workspace.ledger.rows(claims)}
        assert names == {("v:shop-example:ada-0", f"u:{KEPT}"), ("v:shop-example:bob-1", "u:eve")}
        assert running.run(workspace).is_rebuild
        found = workspace.engine.select("select distinct user_id from tracking_events").to_pylist()
        assert {row["user_id"] for row in found} == {KEPT, bob, "eve"}
        assert erasing.erase(workspace, "shop", email="ADA@corp.example", now=NOW).events == 4


def test_claims_join_by_the_same_hash(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    tell(*ADA[:1], {"eventId": "a3", "type": "CONVERSION", "value": 80, "orderId": "1", "userId": "ada@corp.example"})
    (tmp_path / "claims.csv").write_text("visitor_id,user_id\nlaptop,ADA@corp.example\n")
    claiming.import_claims(
        workspace, [tmp_path / "claims.csv"], organization_id=None, site_id=None, source="crm", now=NOW
    )
    running.run(workspace)
    found = workspace.engine.select("select count(distinct person_id) as persons from identities")
    assert found["persons"].to_pylist() == [1]
    assert "corp.example" not in repr(workspace.ledger.rows(schema.IDENTITY_CLAIMS)).lower()


def test_an_address_is_one() -> None:
    with pytest.raises(UsageError, match="no e-mail address"):
        erasing.erase(None, "shop", email="ann", now=NOW)  # type: ignore[arg-type] # it is not looked at
