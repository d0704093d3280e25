"""Whoever is erased is gone from every file and every number, and does not come back by themselves."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from tests.keyed import keyed
from tests.oracle.engine import changes, snapshot
from touchline.cli import main
from touchline.engines import DuckDB
from touchline.errors import UnknownError, UsageError
from touchline.jobs import erasing, running, setup
from touchline.jobs.doctor.examining import examine
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.tables import ALL

MAIL = sha256(b"ada@example.org").hexdigest()
ADA = (
    {"eventId": "a1", "anonId": "ada-laptop-77", "url": "https://shop.example/?utm_source=letter"},
    {"eventId": "a2", "anonId": "ada-laptop-77", "type": "IDENTIFY", "userId": "ada.lovelace"},
    {"eventId": "a3", "anonId": "ada-phone-77", "type": "IDENTIFY", "userId": "ada.lovelace"},
    {"eventId": "a4", "anonId": "ada-phone-77", "type": "CONVERSION", "value": 80, "orderId": "1"},
    {"eventId": "a5", "type": "IDENTIFY", "userId": "ada.lovelace", "emailHash": MAIL},
)
BOB = ({"eventId": "b1", "anonId": "bob"}, {"eventId": "b2", "anonId": "bob", "type": "CONVERSION", "orderId": "2"})
NAMES = (f"m:{keyed(MAIL)}", "u:ada.lovelace", "v:shop-example:ada-laptop-77", "v:shop-example:ada-phone-77")
MARKS = ("ada-laptop-77", "ada-phone-77", "ada.lovelace", MAIL)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home with its ledger in each of the databases."""
    made = Home(tmp_path / "home")
    return made if request.param == "sqlite" else replace(made, database_url=request.getfixturevalue("database_url"))


def event_ids(workspace: Workspace) -> list[str]:
    return [row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)]


def everything_in(workspace: Workspace) -> str:
    tables = [repr(workspace.engine.select(f"select * from {name}").to_pylist()) for name in ALL]
    return "\n".join([*tables, *(repr(workspace.ledger.rows(table)) for table in schema.METADATA.sorted_tables)])


@pytest.mark.parametrize(
    "given",
    [{"visitor": "ada-laptop-77"}, {"visitor": "ada-phone-77"}, {"user": "ada.lovelace"}, {"email_hash": MAIL.upper()}],
)
def test_one_id_erases_all_that_is_known_of_the_person(workspace: Workspace, tell: Tell, given: dict[str, str]) -> None:
    tell(*ADA, *BOB, {"eventId": "bad", "userId": "ada.lovelace", "occurredAt": "1999-01-01T00:00:00Z"})
    report = erasing.erase(workspace, "shop", now=NOW, **given)  # type: ignore[arg-type] # names of text
    assert report == erasing.ErasureReport(NAMES, events=5, rejected=1, claims=0)
    running.run(workspace)
    assert event_ids(workspace) == ["b1", "b2"]
    assert [mark for mark in MARKS if mark in everything_in(workspace)] == []
    assert isinstance(workspace.engine, DuckDB)
    stood = snapshot(workspace.engine)
    running.run(workspace, is_rebuild=True)
    assert changes(stood, snapshot(workspace.engine)) == ""
    assert [row["conversion_id"] for row in stood["conversions"]] == ["shop-example:b2"]


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)  # a server's files are its administrator's
def test_no_byte_of_the_person_stays_in_the_ledgers_files(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, *BOB)
    erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW)
    stored = b"".join(file.read_bytes() for file in workspace.home.path.glob("ledger.db*"))
    assert b"bob" in stored
    assert [mark for mark in MARKS if mark.encode() in stored] == []


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_no_byte_of_what_was_outlived_stays_in_the_ledgers_files(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, {"eventId": "b1", "anonId": "bob", "occurredAt": "2026-03-06T10:00:00Z"})
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    (report,) = erasing.retain(workspace, now=NOW)
    stored = b"".join(file.read_bytes() for file in workspace.home.path.glob("ledger.db*"))
    assert report.events == 5
    assert b"bob" in stored
    assert [mark for mark in MARKS if mark.encode() in stored] == []


def test_what_was_erased_and_comes_again_is_refused(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, *BOB)
    erasing.erase(workspace, "shop", visitor="ada-phone-77", now=NOW)
    again = tell(*ADA, *BOB, {"eventId": "a9", "anonId": "new", "userId": "ada.lovelace"})
    assert (again.accepted, again.duplicate, again.rejected) == (0, 2, {"erased": 6})
    assert again.read == 8
    running.run(workspace)
    assert event_ids(workspace) == ["b1", "b2"]
    assert [mark for mark in MARKS if mark in everything_in(workspace)] == []
    assert {row["reason"] for row in workspace.ledger.rows(schema.REJECTED_EVENTS)} == {"erased"}


def test_what_happens_after_the_erasure_is_somebody_new(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA)
    erasing.erase(workspace, "shop", visitor="ada-phone-77", now=NOW)
    later = {"eventId": "n1", "anonId": "ada-phone-77", "occurredAt": "2026-03-07T20:00:00Z"}
    assert tell(later, now=NOW + 86_400_000_000).accepted == 1
    running.run(workspace)
    assert event_ids(workspace) == ["n1"]


def test_another_organizations_visitor_of_that_name_stays(workspace: Workspace, tell: Tell) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="EUR", created_at=NOW)
    setup.add_site(workspace, "other", name="other", domain="other.example", time_zone="UTC", now=NOW)
    tell(*ADA)
    tell(*ADA, site_id="other-example")
    erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW)
    assert {row["site_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)} == {"other-example"}
    assert tell(*ADA, site_id="other-example").duplicate == 5


def test_a_dry_run_says_the_same_and_does_nothing(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, *BOB)
    before = {table.name: workspace.ledger.rows(table) for table in schema.METADATA.sorted_tables}
    report = erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW, is_dry_run=True)
    assert (report.events, report.is_dry_run) == (5, True)
    after = {table.name: workspace.ledger.rows(table) for table in schema.METADATA.sorted_tables}
    before.pop("job_runs")
    assert {name: rows for name, rows in after.items() if name != "job_runs"} == before
    assert tell(*ADA).duplicate == 5


def test_a_word_that_only_contains_the_id_is_not_the_id(workspace: Workspace, tell: Tell) -> None:
    old = {"occurredAt": "1999-01-01T00:00:00Z"}
    tell({"eventId": "1", "anonId": "bob"}, {"eventId": "2", "anonId": "bobby", **old}, {"anonId": "Bob", **old})
    assert erasing.erase(workspace, "shop", visitor="bob", now=NOW).rejected == 1
    assert "bobby" in workspace.ledger.rows(schema.REJECTED_EVENTS)[0]["payload"]


def test_somebody_unknown_is_said_to_be(workspace: Workspace, tell: Tell) -> None:
    tell(*BOB)
    with pytest.raises(UnknownError, match=r"v:shop-example:bobby is unknown"):
        erasing.erase(workspace, "shop", visitor="bobby", now=NOW)
    assert workspace.ledger.rows(schema.ERASURES) == []
    erasing.erase(workspace, "shop", visitor="bob", now=NOW)
    entries = {row["identifier"] for row in workspace.ledger.rows(schema.ERASURES)}
    assert len(entries) == 2  # he, and his order
    assert erasing.erase(workspace, "shop", visitor="bob", now=NOW).events == 0
    assert [row["identifier"] in entries for row in workspace.ledger.rows(schema.ERASURES)] == [True, True]


def test_exactly_one_id_is_wanted_and_a_hash_is_a_hash(workspace: Workspace) -> None:
    for given in ({}, {"user": "x", "visitor": "y"}, {"user": ""}):
        with pytest.raises(UsageError, match="one id"):
            erasing.erase(workspace, "shop", now=NOW, **given)  # type: ignore[arg-type] # names of text
    with pytest.raises(UsageError, match="64 hexadecimal"):
        erasing.erase(workspace, "shop", now=NOW, email_hash="ada@example.org")


def test_a_refund_that_names_only_an_order_of_hers_goes_with_it(workspace: Workspace, tell: Tell) -> None:
    refund = {"eventId": "r", "type": "REFUND", "orderId": "1", "value": 5}
    tell(*ADA, *BOB, refund)
    running.run(workspace)
    assert [row["person_id"] for row in workspace.engine.select("select * from corrections").to_pylist()] != [""]
    assert erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW).events == 6
    running.run(workspace)
    assert workspace.engine.select("select * from corrections").to_pylist() == []
    assert tell(refund).rejected == {"erased": 1}
    assert tell({**refund, "orderId": "2"}).accepted == 1


def test_the_doctor_says_that_the_numbers_have_not_followed_yet(workspace: Workspace, tell: Tell) -> None:
    tell(*ADA, *BOB)
    running.run(workspace)
    erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW)
    workspace.close()
    found = {check.name: check for check in examine(workspace.home)}["following the ledger"]
    assert (found.status, found.next_step) == ("warning", "touchline run")
    with Workspace(workspace.home) as again:
        running.run(again)
    assert {check.name: check.status for check in examine(workspace.home)}["following the ledger"] == "ok"


def days(*numbers: int) -> list[dict[str, object]]:
    return [{"eventId": f"d{n}", "anonId": f"v{n}", "occurredAt": f"2026-03-{n:02}T10:00:00Z"} for n in numbers]


@pytest.mark.slow
def test_what_a_retention_period_outlives_goes(workspace: Workspace, tell: Tell) -> None:
    tell(*days(1, 3, 4, 5, 7), {"eventId": "bad", "anonId": "v1", "occurredAt": "1999-01-01T00:00:00Z"})
    assert erasing.retain(workspace, now=NOW) == []
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    running.run(workspace)
    (report,) = erasing.retain(workspace, now=NOW)
    assert (report.events, report.rejected) == (2, 0)
    assert not running.run(workspace).is_rebuild
    assert event_ids(workspace) == ["d4", "d5", "d7"]
    assert erasing.retain(workspace, now=NOW) == []
    again = tell(*days(1, 3, 4, 6))
    assert (again.accepted, again.duplicate, again.rejected) == (1, 1, {"erased": 2})
    assert isinstance(workspace.engine, DuckDB)
    running.run(workspace)
    stood = snapshot(workspace.engine)
    running.run(workspace, is_rebuild=True)
    assert changes(stood, snapshot(workspace.engine)) == ""


def test_a_period_ends_at_one_moment_for_what_is_kept_and_for_what_comes(workspace: Workspace, tell: Tell) -> None:
    moments = {"last": "2026-03-03T23:59:59.999999Z", "first": "2026-03-04T00:00:00Z"}
    said = [{"eventId": name, "anonId": name, "occurredAt": moment} for name, moment in moments.items()]
    tell(*said)
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    (report,) = erasing.retain(workspace, now=NOW)
    assert (report.events, event_ids(workspace)) == (1, ["first"])
    assert [tell(one | {"eventId": f"{one['eventId']}-again"}).accepted for one in said] == [0, 1]


def test_rejected_events_outlive_no_retention_period_either(workspace: Workspace, tell: Tell) -> None:
    tell({"eventId": "bad", "anonId": "v1", "occurredAt": "1999-01-01T00:00:00Z"})
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    (report,) = erasing.retain(workspace, now=NOW + 5 * 86_400_000_000)
    assert (report.events, report.rejected) == (0, 1)


def test_without_a_period_what_was_outlived_may_come_again(workspace: Workspace, tell: Tell) -> None:
    tell(*days(1))
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    erasing.retain(workspace, now=NOW)
    assert tell(*days(1)).rejected == {"erased": 1}
    setup.change_setting(workspace, "shop", "retention_days", "0", now=NOW)
    assert tell(*days(1)).accepted == 1


def test_the_command_erases_and_the_numbers_follow(
    workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(*ADA, *BOB)
    home = str(workspace.home.path)
    monkeypatch.setenv("DATABASE_URL", workspace.home.database_url)
    workspace.close()
    assert main(["run", "--home", home]) == 0
    assert main(["erase", "--user", "ada.lovelace", "--home", home]) == 0
    with Workspace(workspace.home, is_read_only=True) as reopened:
        assert [row["visitor_id"] for row in reopened.engine.select("select * from tracking_events").to_pylist()] == [
            "bob", "bob",
        ]  # fmt: skip
