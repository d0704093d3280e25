"""Homes whose hashes had no key yet, and homes with different keys."""

import json
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.errors import HomeError, InputError, UsageError
from touchline.jobs import erasing, importing, keeping, ledger_export, repeating_erasures, running, setup
from touchline.jobs.importing.ledger_rows import import_ledger_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import hash_key, schema
from touchline.ledger.erasure_journal import journal_of
from touchline.ledger.hash_key import HashKey
from touchline.magnitudes import DAY_MICROS
from touchline.settings import Home


def mail(name: str) -> str:
    return sha256(f"{name}@corp.example".encode()).hexdigest()


@contextmanager
def earlier_release() -> Iterator[None]:
    """Meanwhile nothing has a key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HashKey, "keyed", lambda _key, text: text)
        patch.setattr(HashKey, "keyed_digest", lambda _key, text: text)
        yield


def without_key(file: Path, schema_before: str = "0034") -> None:
    """Make the schema that of a release without a key, or of one without mails."""
    with closing(sqlite3.connect(file)) as connection:
        if schema_before == "0034":
            connection.execute("drop table secrets")
        connection.execute("drop table view_mails")
        connection.execute("update alembic_version set version_num = ?", (schema_before,))
        connection.commit()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Each ledger that is made has a key of its own."""
    monkeypatch.setattr(hash_key, "random_key", lambda: os.urandom(32))
    return Home(tmp_path / "home")


def kept(home: Home) -> list[str]:
    with Workspace(home) as workspace:
        return sorted(row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS))


ANN = {"eventId": "ann", "type": "IDENTIFY", "emailHash": mail("ann")}
BEN = {"eventId": "ben", "type": "IDENTIFY", "userId": "Ben@corp.example"}
CLEO = {"eventId": "cleo", "type": "IDENTIFY", "emailHash": mail("cleo")}


@pytest.mark.parametrize("way", ["next to the backup", "from the home"])
def test_a_backup_of_an_earlier_release_lacks_whoever_was_erased_before_and_after_the_upgrade(
    home: Home, tell: Tell, workspace: Workspace, tmp_path: Path, way: str
) -> None:
    copy, again = tmp_path / "backup", Home(tmp_path / "again")
    with earlier_release():
        tell(ANN, BEN, CLEO)
        keeping.back_up_home(home, copy)
        without_key(copy)
        assert erasing.erase(workspace, "shop", email="ann@corp.example", now=NOW).events == 1
    workspace.close()
    without_key(home.ledger_file)
    with Workspace(home) as upgraded:
        assert erasing.erase(upgraded, "shop", email="ben@corp.example", now=NOW).events == 1
        assert repeating_erasures.tell_backups(upgraded) == []
        (tmp_path / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in (ANN, BEN, CLEO)))
        report = importing.import_events(upgraded, [tmp_path / "events.jsonl"], site_id=None, mapping=None, now=NOW)
        assert (report.duplicate, report.rejected) == (1, {"erased": 2})
        names = {row["identifier"] for row in upgraded.ledger.rows(schema.TRACKING_EVENTS)}
    if way == "from the home":
        journal_of(copy).unlink()
    restored = keeping.restore_home(copy, again, erased_home=home if way == "from the home" else None)
    assert (restored.events, restored.erased, kept(again)) == (1, 2, ["cleo"])
    with Workspace(again) as workspace_again:
        assert {row["identifier"] for row in workspace_again.ledger.rows(schema.TRACKING_EVENTS)} == names
    if way == "next to the backup":
        lines = journal_of(copy).read_text().splitlines(keepends=True)
        journal_of(copy).write_text("".join(lines[1:]))
        with pytest.raises(InputError, match="made with the key"):
            keeping.restore_home(copy, Home(tmp_path / "third"))


@pytest.mark.parametrize("slices", [0, 2, 4, 6])
def test_an_erasure_that_an_earlier_release_began_is_finished_after_the_upgrade(
    home: Home, tell: Tell, workspace: Workspace, slices: int
) -> None:
    """Wherever it was cut off; and nothing that it noted keeps a plain hash."""
    left = iter(range(slices))
    order = {"eventId": "bought", "type": "CONVERSION", "value": 1, "orderId": mail("an order"), "anonId": "browser"}

    def killed() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with earlier_release():
        tell(ANN, BEN, CLEO, {**ANN, "eventId": "both", "anonId": "browser"}, order)
        with suppress(KeyboardInterrupt):
            erasing.erase(workspace, "shop", email="ann@corp.example", now=NOW, after_slice=killed)
    workspace.close()
    without_key(home.ledger_file)
    with Workspace(home) as upgraded:
        content = home.ledger_file.read_bytes()
        assert erasing.erase(upgraded, "shop", email="ben@corp.example", now=NOW).events == 1
    assert kept(home) == ["cleo"]
    assert not any(mail(name).encode() in content for name in ("ann", "an order"))


@pytest.mark.parametrize("schema_before", ["0034", "0035"])
def test_a_ledger_that_could_not_be_opened_is_not_upgraded(
    home: Home, workspace: Workspace, schema_before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.close()
    without_key(home.ledger_file, schema_before)
    before = home.ledger_file.read_bytes()
    wrong = {"0034": ["ab"], "0035": ["ab", "ab" * 32]}[schema_before]
    for said in wrong:
        monkeypatch.setenv(hash_key.VARIABLE, said)
        with pytest.raises((HomeError, UsageError), match=hash_key.VARIABLE):
            Workspace(home)
        assert home.ledger_file.read_bytes() == before
    monkeypatch.delenv(hash_key.VARIABLE)
    Workspace(home).close()


def test_a_ledger_in_use_takes_a_given_key_only_if_it_is_said_which(
    home: Home, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that is left over from another home would be needed from then on."""
    workspace.close()
    without_key(home.ledger_file)
    before, key = home.ledger_file.read_bytes(), HashKey(bytes(32))
    monkeypatch.setenv(hash_key.VARIABLE, key.hexadecimal)
    for _ in range(2):
        with pytest.raises(HomeError, match=f"would have the key {key.key_id}"):
            Workspace(home)
        assert home.ledger_file.read_bytes() == before
    monkeypatch.setenv(hash_key.ID_VARIABLE, "0a0b0c0d")
    with pytest.raises(UsageError, match="0a0b0c0d"):
        Workspace(home)
    assert home.ledger_file.read_bytes() == before
    monkeypatch.setenv(hash_key.ID_VARIABLE, key.key_id)
    Workspace(home).close()
    monkeypatch.delenv(hash_key.ID_VARIABLE)
    with Workspace(home) as opened:
        assert (opened.ledger.key.key_id, opened.ledger.has_key_inside()) == (key.key_id, False)
        with opened.ledger.transaction() as entry:  # as a process leaves it that is killed after the migration
            entry.remove(schema.SECRETS, name=hash_key.NAME)
    with pytest.raises(HomeError, match="would have the key"):
        Workspace(home)


def test_rows_of_another_key_are_refused_and_those_without_one_get_the_home_s(
    home: Home, tell: Tell, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(ANN, BEN)
    ledger_export.export_ledger(home, tmp_path / "files")
    lines = tmp_path / "files" / "events" / "shop-example.jsonl"
    other = Home(tmp_path / "other")
    setup.init(other, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(other) as foreign, pytest.raises(InputError, match="cannot be joined"):
        import_ledger_events(foreign, [lines], site_id=None, now=NOW)
    assert kept(other) == []
    said = lines.read_text()
    for name in ("ann", "ben"):
        said = said.replace(workspace.ledger.keyed(mail(name)), mail(name))
    (tmp_path / "plain.jsonl").write_text("".join(
        json.dumps({**json.loads(line), "payload_hash": "0a" * 32}) + "\n" for line in said.splitlines()
    ))  # fmt: skip
    with Workspace(other) as foreign:
        assert import_ledger_events(foreign, [tmp_path / "plain.jsonl"], site_id=None, now=NOW).accepted == 2
        assert erasing.erase(foreign, "shop", email="ann@corp.example", now=NOW).events == 1
    monkeypatch.setenv(hash_key.VARIABLE, workspace.ledger.key.hexadecimal)
    third = Home(tmp_path / "third")
    setup.init(third, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(third) as same:
        assert import_ledger_events(same, [lines], site_id=None, now=NOW).accepted == 2
        assert workspace.ledger.key.hexadecimal not in {row["value"] for row in same.ledger.rows(schema.SECRETS)}
    with pytest.raises(HomeError, match="gives"):
        Workspace(other)
    monkeypatch.delenv(hash_key.VARIABLE)
    with pytest.raises(HomeError, match="is not in the ledger"):
        Workspace(third)


def world(seed: int) -> list[dict[str, object]]:
    """Browsers, users and addresses that hang together in many ways, each event at a time of its own."""
    draw, events = random.Random(seed), list[dict[str, object]]()
    for number in range(150):
        event: dict[str, object] = {
            "eventId": f"e{number}", "occurredAt": f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00Z",
            "type": draw.choice(["PAGE_VIEW", "PAGE_VIEW", "IDENTIFY", "CONVERSION"]),
        }  # fmt: skip
        if draw.random() < 0.8:
            event["anonId"] = f"b{draw.randrange(30)}"
        if draw.random() < 0.3:
            event["userId"] = draw.choice([f"u{draw.randrange(8)}", f"p{draw.randrange(8)}@corp.example"])
        if draw.random() < 0.4:
            event |= {"emailHash": mail(f"p{draw.randrange(12)}"), "emailVerified": draw.random() < 0.5}
        if event["type"] == "PAGE_VIEW":
            event["url"] = f"https://shop.example/?utm_source={draw.choice(['google', 'news'])}&utm_medium=cpc"
        if event["type"] == "CONVERSION":
            event |= {"value": 5 + number, "orderId": draw.choice([f"o{number}", mail(f"o{number}")])}
        events.append(event)
    return events


def numbers(workspace: Workspace) -> tuple[dict[str, set[tuple[str, int]]], list[dict[str, object]]]:
    """The ids of each person, and the credit of each conversion."""
    persons: dict[str, set[tuple[str, int]]] = {}
    for row in workspace.engine.select("select identifier, period_number, person_id from identities").to_pylist():
        persons.setdefault(row["person_id"], set()).add((row["identifier"], row["period_number"]))
    credit = workspace.engine.select(
        "select c.occurred_at, c.value_micros, l.model, t.occurred_at as touched_at, cast(l.credit as bigint) as credit"
        " from attribution_links as l join conversions as c on c.conversion_id = l.conversion_id"
        " left join touchpoints as t on t.touchpoint_id = l.touchpoint_id order by all"
    ).to_pylist()
    return persons, credit


def test_the_key_changes_no_person_and_no_credit(home: Home, tmp_path: Path) -> None:
    for seed in range(3):
        place = Home(home.path / str(seed))
        setup.init(place, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        (tmp_path / "world.jsonl").write_text("".join(json.dumps(one) + "\n" for one in world(seed)))
        with earlier_release(), Workspace(place) as earlier:
            report = importing.import_events(
                earlier, [tmp_path / "world.jsonl"], site_id=None, mapping=None, now=NOW + 10 * DAY_MICROS
            )
            assert report.accepted == 150
            running.run(earlier)
            persons, credit = numbers(earlier)
        without_key(place.ledger_file)
        with Workspace(place) as upgraded:
            running.run(upgraded, is_rebuild=True)
            keyed_persons, keyed_credit = numbers(upgraded)
            keyed = upgraded.ledger.keyed
        expected = {frozenset((keyed(name), period) for name, period in ids) for ids in persons.values()}
        assert {frozenset(ids) for ids in keyed_persons.values()} == expected
        assert any(name.startswith("m:k1_") for ids in expected for name, _ in ids)
        assert keyed_credit == credit
        assert credit
