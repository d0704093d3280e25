"""Ids that are e-mail addresses are kept as hashes, and a person is found by the address all the same."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.jobs.conftest import NOW, Tell
from touchline.errors import UsageError
from touchline.jobs import claiming, erasing, exporting, running
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.person import explain_person

MAIL = sha256(b"ada@corp.example").hexdigest()
ADA = (
    {"eventId": "a1", "anonId": "laptop", "url": "https://shop.example/?utm_source=letter"},
    {"eventId": "a2", "anonId": "laptop", "type": "IDENTIFY", "userId": "Ada@corp.example"},
    {"eventId": "a3", "type": "CONVERSION", "value": 80, "orderId": "1", "userId": "ada@corp.example"},
    {"eventId": "a4", "type": "IDENTIFY", "anonId": "phone", "emailHash": MAIL},
)
BOB = ({"eventId": "b1", "anonId": "bob"}, {"eventId": "b2", "anonId": "bob", "userId": "bob@corp.example"})
THEIRS = {f"m:{MAIL}", f"u:{MAIL}", "v:shop-example:laptop", "v:shop-example:phone"}


@pytest.mark.parametrize("given", [{"email": "ADA@corp.example "}, {"user": "ada@corp.example"}])
def test_an_address_names_whoever_is_kept_by_its_hash(workspace: Workspace, tell: Tell, given: dict[str, str]) -> None:
    tell(*ADA, *BOB)
    running.run(workspace)
    assert explain_person(workspace.engine, "shop", "Bob@corp.example").identifiers
    with exporting.exported(workspace, "shop", **given) as person:  # type: ignore[arg-type] # texts
        assert {*person.identifiers} == THEIRS
    report = erasing.erase(workspace, "shop", now=NOW, **given)  # type: ignore[arg-type] # texts
    assert ({*report.identifiers}, report.events) == (THEIRS, 4)
    tell(*ADA)
    assert {row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)} == {"b1", "b2"}
    kept = repr([workspace.ledger.rows(table) for table in schema.METADATA.sorted_tables]).lower()
    assert "corp.example" not in kept


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
