"""What an app's recorder has kept, brought into Touchline by ``touchline import touches``."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from recorder_laws import sync_engine
from sqlalchemy import MetaData, text

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.recorders.tables import Tables
from tests.cli.conftest import Command, home, initialized, touchline
from tests.quantifiers import each
from touchline.ledger import Ledger, captured, schema

__all__ = ["home", "initialized", "touchline"]

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def touch(name: str, visitor: str | None = "v1", **more: Any) -> AttributionTouch:
    return AttributionTouch(
        id=name, visitor_id=visitor, created_at=START, landing_url="https://shop.example/?gclid=Cj0", **more
    )


def order(name: str, touch_id: str = "t1", **more: Any) -> AttributionSubjectLink:
    given = {"subject_resource": "order", "subject_id": name, "created_at": START + timedelta(hours=1), **more}
    return AttributionSubjectLink(id=name, touch_id=touch_id, **given)


@pytest.fixture
def recorder(url: str) -> Iterator[SyncSQLAlchemyRecorder]:
    with sync_engine(url) as engine:
        made = SyncSQLAlchemyRecorder(engine)
        made.upgrade()
        yield made


def events_of(home: Path) -> dict[str, dict[str, Any]]:
    ledger = Ledger(home / "ledger.db")
    try:
        return {row["event_id"]: dict(row) for row in ledger.rows(schema.TRACKING_EVENTS)}
    finally:
        ledger.close()


def test_touches_and_conversions_come_in_once(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command
) -> None:
    recorder.record_touches([touch("t1", utm_source="news"), touch("t2", "v2")])
    recorder.record_links(
        [
            order("o1", snapshot={"value": "12.30", "currency": "USD", "occurred_at": "2026-03-02T11:00:00+01:00"}),
            order("o2", "t2"),
            order("o3", relation="first_touch"),
            order("u1", "gone", subject_resource="user"),
        ]
    )
    first = touchline("import", "touches", url, "--json").document
    assert first == {
        "touches": 2, "conversions": 3, "read": 5, "accepted": 5, "superseding": 0, "duplicate": 0, "conflicting": 0,
        "resumed": 0, "rejected": {}, "rejected_examples": [], "unread": {},
    }  # fmt: skip
    again = touchline("import", "touches", url, "--json").document
    assert (again["accepted"], again["duplicate"], again["conflicting"]) == (0, 5, 0)
    found = events_of(home)
    assert sorted(found) == ["link-o1", "link-o2", "link-u1", "touch-t1", "touch-t2"]
    bought = found["link-o1"]
    assert (bought["type"], bought["value_micros"], bought["currency"]) == ("CONVERSION", 12_300_000, "USD")
    assert (bought["order_id"], bought["visitor_id"]) == ("o1", "v1")
    assert bought["occurred_at"] == int(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()) * 1_000_000
    assert found["link-o2"]["occurred_at"] == int((START + timedelta(hours=1)).timestamp()) * 1_000_000
    assert (found["link-u1"]["user_id"], found["link-u1"]["visitor_id"]) == ("u1", None)
    assert found["touch-t1"]["click_ids"] == '{"gclid":"Cj0"}'


def test_refused_rows_have_a_reason_and_an_example(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command
) -> None:
    recorder.record_touches([touch("t1"), AttributionTouch(id="old", created_at=datetime(1999, 1, 1, tzinfo=UTC))])
    snapshots: dict[str, dict[str, Any]] = {
        "o1": {"value": "much"}, "o2": {"value": 1, "currency": "euros"}, "o3": {"occurred_at": "yesterday"},
        "o4": {"value_micros": "1"}, "o5": {"value": 5},
    }  # fmt: skip
    recorder.record_links([order(name, snapshot=said) for name, said in snapshots.items()])
    recorder.record_links([order("o6", "gone")])
    report = touchline("import", "touches", url, "--json").document
    assert report["rejected"] == {"missing_field": 1, "out_of_range": 1, "unknown_value": 1, "wrong_type": 3}
    assert report["read"] == report["touches"] + report["conversions"] == 8
    assert {(one["source"], one["message"]) for one in report["rejected_examples"]} >= {
        ("link o1", "Expected an amount in the snapshot's value, but it is 'much'."),
        ("link o2", "Expected three letters in the snapshot's currency, but it is 'euros'."),
        ("link o4", "Expected an amount in the snapshot's value, but it is '1'."),
        ("link o6", "Neither the visitor of its touch nor a user is known, so no touch leads to it."),
    }
    shown = touchline("import", "touches", url)
    assert "Captured: 2 touches and 6 conversions read" in shown.out


def test_row_that_is_no_record_is_refused(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command
) -> None:
    recorder.record_touches([touch("t1"), touch("t2")])
    with recorder._engine.begin() as connection:
        connection.execute(text("update attribution_touches set click_ids = '[1]' where id = 't1'"))
    report = touchline("import", "touches", url, "--json").document
    assert (report["accepted"], report["rejected"]) == (1, {"malformed": 1})
    assert report["rejected_examples"][0]["source"] == "touch t1"
    assert "click_ids" in report["rejected_examples"][0]["message"]


TEXTS = ("utm_source", "visitor_id")
"""Of these the capture library cleans what no database keeps."""
HOSTILE_VALUES = {
    "sqlite": ["click_ids = '{'", "click_ids = 7", "created_at = 'soon'", "created_at = 5", "created_at = x'00'",
               "utm_source = cast(x'ff' as text)", "visitor_id = cast(x'eda080' as text)",
               "utm_source = cast(x'6100' as text)"],
    "postgresql": ["created_at = 'infinity'", "created_at = '-infinity'", "created_at = '0044-03-15 BC'"],
}  # fmt: skip


def test_a_value_that_cannot_be_read_costs_its_record(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captured, "CHUNK", 4)
    hostile = HOSTILE_VALUES[url.partition(":")[0].partition("+")[0]]
    count = 3 * len(hostile)
    recorder.record_touches([touch(f"t{number:02}") for number in range(count)])
    recorder.record_links([order(f"o{number:02}", f"t{number:02}") for number in range(count) if number % 3])
    with recorder._engine.begin() as connection:
        for number, change in enumerate(hostile):
            connection.execute(text(f"update attribution_touches set {change} where id = 't{3 * number:02}'"))
    report = touchline("import", "touches", url, "--show-rejected", "50", "--json").document
    assert (report["touches"], report["conversions"], report["read"]) == (count, count * 2 // 3, count * 5 // 3)
    refused = {one["source"]: one["message"] for one in report["rejected_examples"]}
    unreadable = [f"touch t{3 * at:02}" for at, change in enumerate(hostile) if not change.startswith(TEXTS)]
    assert sorted(refused) == unreadable
    assert sum(report["rejected"].values()) == len(unreadable)
    assert each(refused.values())
    stored = events_of(home)
    assert len(stored) == report["accepted"] == report["read"] - len(unreadable)
    assert not any(character in str(event) for event in stored.values() for character in ("\\x00", "\\udc", "\\ud8"))


def test_tenants_are_kept_apart(recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command) -> None:
    for tenant, name in (("acme", "a"), ("other", "b")):
        recorder.for_tenant(tenant).record_touches([touch(f"t{name}")])
        recorder.for_tenant(tenant).record_links(
            [order(f"o{name}", f"t{name}", subject_tenant_id=tenant),
             order(f"u{name}", "gone", subject_tenant_id=tenant, subject_resource="user")]
        )  # fmt: skip
    asked = touchline("import", "touches", url)
    assert asked.exit_code == 2
    assert "'acme', 'other'. Name one with --tenant." in asked.err
    assert touchline("import", "touches", url, "--tenant", "acm").exit_code == 2
    assert touchline("import", "touches", url, "--tenant", "acme", "--json").document["accepted"] == 3
    assert sorted(events_of(home)) == ["link-oa", "link-ua", "touch-ta"]


def test_more_rows_than_are_held_at_a_time(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captured, "CHUNK", 7)
    recorder.record_touches([touch(f"t{number}") for number in range(50)])
    recorder.record_links([order(f"o{number}", f"t{number}") for number in range(50)])
    assert touchline("import", "touches", url, "--json").document["accepted"] == 100


def test_other_names_of_the_tables(emptied: str, home: Path, touchline: Command) -> None:
    url = emptied.replace("postgresql://", "postgresql+psycopg://")
    with sync_engine(url) as engine:
        with engine.begin() as connection:
            connection.execute(text("create schema marketing"))
        kept = SyncSQLAlchemyRecorder(engine, Tables.make(MetaData(schema="marketing"), "app_"))
        kept.upgrade()
        kept.record_touch(touch("t1"), {})
    missing = touchline("import", "touches", url)
    assert missing.exit_code == 6
    assert "There is no table attribution_touches in" in missing.err
    named = ("--schema", "marketing", "--prefix", "app_", "--json")
    driven = emptied.replace("postgresql://", "postgresql+asyncpg://")
    assert touchline("import", "touches", driven, *named).document["accepted"] == 1


def test_nothing_captured_is_nothing_wrong(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command
) -> None:
    assert touchline("import", "touches", url, "--json").document["read"] == 0


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere.db", "There is no database nowhere.db."),
        ("mysql://root:secret@localhost/app", "got mysql"),
        ("postgresql://me:secret@127.0.0.1:1/app", "cannot be read"),
        ("postgresql://me:secret@host:port/app", "URL cannot be read"),
        ("text.db", "cannot be read"),
    ],
)
def test_database_that_cannot_be_read_is_told_without_its_password(
    place: str, words: str, home: Path, touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.db").write_text("no database " * 500, encoding="utf-8")
    told = touchline("import", "touches", place)
    assert told.exit_code == 6
    assert words in told.err
    assert "secret" not in told.err


def test_app_is_not_kept_waiting_and_nothing_is_written_to_it(
    tmp_path: Path, home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captured, "CHUNK", 2)
    file = tmp_path / "app.db"
    with sync_engine(f"sqlite:///{file}?timeout=0.01") as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        recorder.record_touches([touch(f"t{number}") for number in range(5)])
        with captured.captured(str(file)) as app:
            reading = app.touches("")
            assert id_of(next(reading)) == "t0"
            recorder.record_touch(touch("t9"), {})
            assert [id_of(row) for row in reading] == ["t1", "t2", "t3", "t4", "t9"]
        before = file.read_bytes()
        assert touchline("import", "touches", file, "--json").document["accepted"] == 6
        assert file.read_bytes() == before


def id_of(row: captured.Row | captured.Unreadable) -> str:
    assert not isinstance(row, captured.Unreadable)
    return str(row["id"])


def test_payload_of_a_refused_row_can_be_inspected(
    recorder: SyncSQLAlchemyRecorder, url: str, home: Path, touchline: Command
) -> None:
    recorder.record_links([order("o1", "gone")])
    touchline("import", "touches", url)
    ledger = Ledger(home / "ledger.db")
    try:
        (refused,) = ledger.rows(schema.REJECTED_EVENTS)
    finally:
        ledger.close()
    assert json.loads(refused["payload"])["subject_id"] == "o1"
