"""On PostgreSQL, what a team builds on the views survives runs, rebuilds and upgrades, and no reader stops a run."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.engines.servers import empty_postgresql, postgresql_url
from touchline import applied
from touchline.engines.postgresql_locks import LOCK_SECONDS
from touchline.errors import BlockedError
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.reports.views import views
from touchline.server.process import ticking
from touchline.server.process.ticking import River
from touchline.settings import Home
from touchline.table import Column, Kind, Table
from touchline.tables import ALL

NOW = 1_772_442_000_000_000  # 2026-03-02
TEAM = """
create schema team;
create view team.by_channel as select channel, count(*) as links from river.attribution_link group by channel;
create materialized view team.campaigns as select id, name from river.campaign;
grant select on river.touch_point to reader;
"""


def event(number: int) -> dict[str, Any]:
    return {
        "eventId": f"e{number}", "type": "CONVERSION", "anonId": f"v{number}", "occurredAt": "2026-03-02T10:00:00Z",
        "url": "https://shop.example/?utm_source=google&utm_medium=cpc", "value": 10, "currency": "EUR",
    }  # fmt: skip


class Shop:
    """A shop on PostgreSQL."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self._file = folder / "events.jsonl"
        self._orders = 0

    def sell(self) -> None:
        """Take one more order into the ledger."""
        self._orders += 1
        self._file.write_text(json.dumps(event(self._orders)), encoding="utf-8")
        importing.import_events(self.workspace, [self._file], site_id=None, mapping=None, now=NOW)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    empty_postgresql().close()
    home = Home(tmp_path / "home", postgresql_url())
    setup.init(home, name="Shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        made = Shop(workspace, tmp_path)
        made.sell()
        running.run(workspace)
        yield made


@contextmanager
def administrator() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Somebody who may do everything; what they did is gone at the end."""
    with psycopg.connect(postgresql_url(), autocommit=True) as connection:
        try:
            yield connection
        finally:
            connection.execute("drop schema if exists team cascade")


def answer(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> Any:
    found = connection.execute(statement.encode()).fetchone()
    return None if found is None else found[0]


@pytest.fixture
def team(shop: Shop) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A team with a view, a materialized view and a grant on the views."""
    with administrator() as connection:
        connection.execute("drop role if exists reader")
        connection.execute("create role reader")
        connection.execute(TEAM.encode())
        yield connection
        connection.execute("drop owned by reader")
        connection.execute("drop role reader")


def what_is_left(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[Any, ...]:
    """How many links the team's view shows, whether the materialized view can be refreshed, whether the grant holds."""
    connection.execute("refresh materialized view team.campaigns")
    return (
        answer(connection, "select sum(links) from team.by_channel"),
        answer(connection, "select count(*) from team.campaigns"),
        answer(connection, "select has_table_privilege('reader', 'river.touch_point', 'select')"),
    )


def test_what_a_team_made_survives_a_hundred_runs(shop: Shop, team: psycopg.Connection[tuple[Any, ...]]) -> None:
    for number in range(100):
        if number % 25 == 0:
            shop.sell()
        running.run(shop.workspace)
    assert what_is_left(team) == (25, 0, True)


def test_what_a_team_made_survives_a_rebuild(shop: Shop, team: psycopg.Connection[tuple[Any, ...]]) -> None:
    shop.sell()
    running.run(shop.workspace, is_rebuild=True)
    assert what_is_left(team) == (10, 0, True)


def with_tables(patch: pytest.MonkeyPatch, **changed: Table) -> None:
    """Let the release be one that declares these tables otherwise."""
    tables = {**ALL, **changed}
    patch.setattr(applied, "ALL", tables)
    patch.setattr(applied, "_TABLES", repr(sorted(tables.items())))


def test_what_a_team_made_survives_an_upgrade_that_changes_tables(
    shop: Shop, team: psycopg.Connection[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that views read gains a column before its others, and the next release has it no more."""
    sessions = ALL["sessions"]
    team.execute("create view team.sessions as select session_id, landing_url from river.sessions")
    columns = (Column("score", Kind.INTEGER, is_nullable=True), *sessions.columns)
    with monkeypatch.context() as patch:
        with_tables(patch, sessions=replace(sessions, columns=columns))
        assert running.run(shop.workspace).is_rebuild
        assert answer(team, "select count(score) from river.sessions") == 0
    assert running.run(shop.workspace).is_rebuild
    assert what_is_left(team) == (5, 0, True)
    assert answer(team, "select count(landing_url) from team.sessions") == 1
    columns_called = "select count(*) from information_schema.columns where column_name = 'score'"
    assert answer(team, columns_called) == 0


@contextmanager
def idle_reader(statement: str) -> Iterator[int]:
    """A reader who has begun a transaction with ``statement`` and does nothing more; yields its process id."""
    with psycopg.connect(postgresql_url(), application_name="dashboard") as connection:
        connection.execute(statement.encode())
        yield connection.info.backend_pid


@pytest.mark.parametrize("relation", ["river.attribution_link", "river.conversions", "river.definitions"])
def test_a_reader_who_is_idle_in_a_transaction_delays_no_run(shop: Shop, relation: str) -> None:
    shop.sell()
    running.run(shop.workspace)
    with idle_reader(f"select * from {relation}"):
        shop.sell()
        report = running.run(shop.workspace)
    # A lock that the run would have to wait for is held all along: it would end as blocked.
    assert (report.events, report.views_blocked) == (1, "")


def test_a_changed_view_waits_for_its_reader_while_the_numbers_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tuple(replace(view, meaning="Newer.") for view in views())
    monkeypatch.setattr("touchline.reports.views.views", lambda: newer)
    with idle_reader("select * from river.campaign") as process:
        shop.sell()
        report = running.run(shop.workspace)
        assert report.events == 1
        who = rf"process {process} \(dashboard, user \w+, idle in transaction, since 20"
        assert re.search(rf"those of the earlier release\. .* held by {who}", report.views_blocked)
    assert running.run(shop.workspace).views_blocked == ""


@pytest.mark.parametrize(
    ("statement", "is_blocked"),
    [
        ("lock table river.conversions in share mode", True),
        ("select * from river.applied_rules for update", True),
        ("lock table river.conversions in share update exclusive mode", False),  # as VACUUM does
    ],
)
def test_a_run_that_somebodys_lock_blocks_ends_and_names_them(shop: Shop, statement: str, is_blocked: bool) -> None:
    shop.sell()
    with idle_reader(statement) as process:
        started = time.monotonic()
        said = pytest.raises(
            BlockedError, match=rf"held by process {process} \(dashboard, user \w+, idle in transaction"
        )
        with said if is_blocked else nullcontext():
            assert running.run(shop.workspace).events == 1
        assert time.monotonic() - started < 20 * LOCK_SECONDS
    assert running.run(shop.workspace).events == int(is_blocked)


def test_a_changed_table_waits_for_its_reader_who_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = ALL["sessions"]
    with_tables(
        monkeypatch,
        sessions=replace(sessions, columns=(*sessions.columns, Column("score", Kind.INTEGER, is_nullable=True))),
    )
    with idle_reader("select * from river.sessions") as process:
        started = time.monotonic()
        with pytest.raises(BlockedError, match=rf"held by process {process} \(dashboard, user"):
            running.run(shop.workspace)
        assert time.monotonic() - started < 20 * LOCK_SECONDS
        with administrator() as connection:
            assert answer(connection, "select count(*) from river.conversions") == 1
    assert running.run(shop.workspace).is_rebuild


def test_a_river_says_who_blocks_it_and_asks_for_views_only_now_and_then(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    river = River(shop.workspace)
    river.run()
    assert (river.beats.status, river.beats.reason) == ("ticking", "")
    newer = tuple(replace(view, meaning="Newer.") for view in views())
    monkeypatch.setattr("touchline.reports.views.views", lambda: newer)
    with idle_reader("select * from river.campaign") as process:
        river.run()
        assert river.beats.status == "blocked"
        assert f"held by process {process} (dashboard" in river.beats.reason
        said = river.beats.reason
        with monkeypatch.context() as patch:
            patch.setattr(running, "_bring_views_up_to_date", pytest.fail)
            river.run()
        assert (river.beats.status, river.beats.reason) == ("blocked", said)
    monkeypatch.setattr(ticking, "_VIEWS_SECONDS", 0.0)
    river.run()
    assert (river.beats.status, river.beats.reason) == ("ticking", "")
