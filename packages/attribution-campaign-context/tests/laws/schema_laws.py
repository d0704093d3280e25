"""What holds for making and upgrading the tables, on every database."""

import threading
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from recorder_laws import sync_engine, touch
from sqlalchemy import Column, Connection, MetaData, Text, text
from sqlalchemy import inspect as inspected

from attribution_campaign_context.recorders.migrations import STEPS, SchemaError, upgrade
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.recorders.tables import Tables


def add_note(connection: Connection, tables: Tables) -> None:
    """A step of a release to come."""
    connection.execute(text(f"alter table {tables.touches.fullname} add column note text"))


def columns(connection: Connection, tables: Tables) -> set[str]:
    return {column["name"] for column in inspected(connection).get_columns(tables.touches.name)}


def test_upgrade_keeps_the_data_and_twice_changes_nothing(url: str) -> None:
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        assert recorder.upgrade() == 0
        recorder.record_touch(touch("t1"), {})
        assert recorder.upgrade() == len(STEPS)
        later = (*STEPS, add_note)
        for before in (len(STEPS), len(later)):
            with engine.begin() as connection:
                assert upgrade(connection, recorder.tables, later) == before
                assert "note" in columns(connection, recorder.tables)
        assert recorder.touches_of("v1") == [touch("t1")]
        with pytest.raises(SchemaError, match=f"have version {len(later)}"):
            recorder.upgrade()


def test_tables_of_every_earlier_release_are_brought_here(url: str) -> None:
    for released in range(1, len(STEPS)):
        with sync_engine(url) as engine:
            tables = Tables.make(prefix=f"of_{released}_")
            with engine.begin() as connection:
                assert upgrade(connection, tables, STEPS[:released]) == 0
            recorder = SyncSQLAlchemyRecorder(engine, tables, send=True)
            assert recorder.upgrade() == released
            recorder.record_touch(touch("t1"), {})
            assert [one.id for one in recorder.take_sendings(9, timedelta(minutes=1))] == ["touch-t1"]


def test_upgrade_that_fails_leaves_what_was(url: str) -> None:
    def broken(connection: Connection, tables: Tables) -> None:
        add_note(connection, tables)
        raise RuntimeError("the power went")

    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        with pytest.raises(RuntimeError, match="power"), engine.begin() as connection:
            upgrade(connection, recorder.tables, (*STEPS, broken))
        with engine.begin() as connection:
            assert "note" not in columns(connection, recorder.tables)
            assert upgrade(connection, recorder.tables) == len(STEPS)


def test_several_processes_may_upgrade_at_once(url: str) -> None:
    with sync_engine(url) as engine:
        before: list[int] = []
        threads = [
            threading.Thread(target=lambda: before.append(SyncSQLAlchemyRecorder(engine).upgrade())) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(before) == [0, *[len(STEPS)] * 3]


def test_tables_of_somebody_else_are_left_alone(url: str) -> None:
    with sync_engine(url) as engine:
        Tables.make().metadata.create_all(engine)
        with pytest.raises(SchemaError, match="attribution_outbox"):
            SyncSQLAlchemyRecorder(engine).upgrade()
        assert SyncSQLAlchemyRecorder(engine, Tables.make(prefix="other_")).upgrade() == 0


def test_alembic_of_the_app_sees_no_difference(url: str) -> None:
    with sync_engine(url) as engine:
        SyncSQLAlchemyRecorder(engine).upgrade()
        own = MetaData()
        Tables.make(own)
        with engine.connect() as connection:
            migration = MigrationContext.configure(connection)
            assert compare_metadata(migration, own) == []
            own.tables["attribution_touches"].append_column(Column("note", Text))
            assert len(compare_metadata(migration, own)) == 1
