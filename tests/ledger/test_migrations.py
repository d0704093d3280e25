"""The schema that the migrations make is the one that the code declares, and a file is migrated once."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, String, Table

from touchline.errors import HomeError
from touchline.ledger import Ledger, schema
from touchline.ledger.migrate import upgrade
from touchline.ledger.schema import METADATA
from touchline.ledger.sqlite import connected


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


def test_the_migrations_make_exactly_the_declared_schema(file: Path) -> None:
    engine = connected(file)
    upgrade(engine)
    try:
        digests = [("remove_table", "id_digests"), ("remove_table", "new_id_digests")]  # the store's own
        assert sorted((kind, item.name) for kind, item, *_ in differences(engine)) == digests
        Table("not_migrated", METADATA, Column("a", String))
        assert len(differences(engine)) == 3  # it would be noticed
    finally:
        METADATA.remove(METADATA.tables["not_migrated"])
        engine.dispose()


def test_in_postgresql_only_the_key_over_all_months_is_kept_elsewhere(postgresql: Ledger) -> None:
    found = [(kind, item.name) for kind, item, *_ in differences(postgresql._store.engine)]
    assert sorted(found) == [("add_index", "uq_tracking_events_site_id_event_id"), ("remove_table", "event_keys")]


def test_ids_count_up_and_are_never_given_twice(file: Path) -> None:
    """What AUTOINCREMENT says: the engine follows sequences, so a removed row's number must not come again."""
    Ledger.create(file).close()
    counting = {table.name for table in METADATA.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]}
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("select name from sqlite_master where sql like '%autoincrement%'").fetchall()
    assert {name for (name,) in found} == counting
    assert {"tracking_events", "ad_cost_loads"} <= counting


def test_opening_a_ledger_again_migrates_nothing(
    ledger: Ledger, place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("it migrated again")

    monkeypatch.setattr(command, "upgrade", refuse)
    with closing(Ledger(place)) as reopened:
        assert len(reopened.rows(schema.SITES)) == 2


def test_a_ledger_of_a_newer_release_is_refused_and_left_alone(sqlite: Ledger, file: Path) -> None:
    sqlite.close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999', works_with = '9998'")
    with pytest.raises(HomeError, match=r"schema 9999.*newer version of touchline"):
        Ledger(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select version_num from alembic_version").fetchall() == [("9999",)]
        assert connection.execute("select count(*) from sites").fetchall() == [(2,)]


def test_a_file_that_is_no_ledger_is_named_and_left_alone(file: Path) -> None:
    file.write_bytes(b"not a database, but long enough to have a header" * 100)
    with pytest.raises(HomeError, match=r"ledger\.db is not a ledger"):
        Ledger(file)
    assert file.read_bytes().startswith(b"not a database")


def test_there_is_no_ledger_until_one_is_made(file: Path) -> None:
    with pytest.raises(HomeError, match=r"no ledger at .*ledger\.db"):
        Ledger(file)
    assert not file.exists()
