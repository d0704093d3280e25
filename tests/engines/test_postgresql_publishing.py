"""Tables and views of PostgreSQL change in place, and never take away what others have built on them."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from tests.engines.servers import empty_postgresql, postgresql_url
from touchline.engines.postgresql import PostgreSQL
from touchline.errors import TouchlineError
from touchline.table import Table, table
from touchline.view import View

VISITS = table("visits", "text: id person\nint: pages\ntext: city?", key="id", unit="person", looked_up="city")
SHOWN = View("shown", "select id, pages from visits", "One visit.", {"pages": "It's how many."}, is_public=True)


@pytest.fixture
def engine() -> Iterator[PostgreSQL]:
    with closing(empty_postgresql()) as opened:
        opened.reshape([VISITS], [SHOWN])
        opened._run("insert into river.visits values ('a', 'ada', 3, 'Ulm')")
        yield opened


@pytest.fixture
def other(engine: PostgreSQL) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Somebody else on the same server, with a role to whom something may be granted."""
    with psycopg.connect(postgresql_url(), autocommit=True) as connection:
        connection.execute("drop schema if exists team cascade")
        connection.execute("drop role if exists reader")
        connection.execute("create role reader")
        connection.execute("create schema team")
        yield connection
        connection.execute("drop schema team cascade")
        connection.execute("drop owned by reader")
        connection.execute("drop role reader")


def rows(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement.encode()).fetchall()


def shape(connection: psycopg.Connection[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Columns and indexes of the table."""
    columns = (
        "select column_name, data_type, is_nullable, collation_name from information_schema.columns"
        " where table_name = 'visits' order by column_name"
    )
    indexes = "select indexname, indexdef from pg_indexes where tablename = 'visits' order by indexname"
    return rows(connection, columns) + rows(connection, indexes)


LATER: dict[str, Table] = {
    "a column more, before the others": table(
        "visits", "int: score\ntext: id person\nint: pages\ntext: city?", key="id", unit="person", looked_up="city"
    ),
    "a column less": table("visits", "text: id person\nint: pages", key="id", unit="person"),
    "a column of another type": table(
        "visits", "text: id person\nint: pages\ndate: city?", key="id", unit="person", looked_up="city"
    ),
    "other nulls": table(
        "visits", "text: id person?\nint: pages\ntext: city", key="id", unit="person", looked_up="city"
    ),
    "another key": table("visits", "text: id person\nint: pages\ntext: city?", key="id pages", unit="person"),
    "other ways to ask": table("visits", "text: id person\nint: pages\ntext: city?", key="id", unit="city"),
    "a wide column": table("visits", "text: id person\nwide: city\nint: pages", key="id", unit="person"),
}


@pytest.mark.parametrize("changed", LATER)
def test_a_table_that_is_there_becomes_what_a_new_one_is(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]], changed: str
) -> None:
    other.execute("create view team.people as select id, pages from river.visits")
    other.execute("grant select on river.visits to reader")
    engine.reshape([LATER[changed]], [SHOWN])
    grown = shape(other)
    assert rows(other, "select count(*) from team.people") == [(0,)]
    assert rows(other, "select has_table_privilege('reader', 'river.visits', 'select')") == [(True,)]
    other.execute("drop schema river, touchline cascade")
    with closing(PostgreSQL(postgresql_url())) as again:
        again.reshape([LATER[changed]], [SHOWN])
    assert grown == shape(other)


def test_a_column_that_somebody_reads_does_not_go_unnoticed(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]
) -> None:
    other.execute("create view team.cities as select city from river.visits")
    other.execute("create materialized view team.towns as select city from river.visits")
    before = shape(other)
    said = r"^materialized view team\.towns, view team\.cities read the column city of the table river\.visits"
    with pytest.raises(TouchlineError, match=said), engine.transaction():
        engine.reshape([LATER["a column less"]], [SHOWN])
    assert (shape(other), rows(other, "select city from team.cities")) == (before, [("Ulm",)])


def test_a_view_gains_columns_and_keeps_what_hangs_on_it(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]
) -> None:
    other.execute("create view team.pages as select sum(pages) as pages from touchline.shown")
    other.execute("create materialized view team.ids as select id from touchline.shown")
    other.execute("grant select on touchline.shown to reader")
    engine.define(View("shown", "select id, pages * 2 as pages, city from visits", is_public=True))
    other.execute("refresh materialized view team.ids")
    assert rows(other, "select pages from team.pages") == [(6,)]
    assert rows(other, "select id from team.ids") == [("a",)]
    assert rows(other, "select has_table_privilege('reader', 'touchline.shown', 'select')") == [(True,)]


OTHER_COLUMNS = View("shown", "select pages, id from visits", is_public=True)


def test_a_view_with_other_columns_keeps_its_grants(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]
) -> None:
    other.execute("grant select on touchline.shown to public")
    other.execute("grant select, references on touchline.shown to reader with grant option")
    other.execute("grant update (pages) on touchline.shown to reader")
    grants = "select grantee, privilege_type, is_grantable from information_schema.{} where table_name = 'shown' {}"
    asked = (grants.format("table_privileges", "order by 1, 2"), grants.format("column_privileges", "order by 1, 2, 3"))
    before = [rows(other, statement) for statement in asked]
    engine.define(OTHER_COLUMNS)
    assert [rows(other, statement) for statement in asked] == before
    assert rows(other, "select * from touchline.shown") == [(3, "a")]


def test_a_view_with_other_columns_that_somebody_reads_is_refused(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]
) -> None:
    other.execute("create view team.mine as select id from touchline.shown")
    said = r"^view team\.mine reads touchline\.shown, whose columns this release changes\. Drop or change"
    with pytest.raises(TouchlineError, match=said):
        engine.define(OTHER_COLUMNS)
    assert rows(other, "select * from touchline.shown") == [("a", 3)]


def test_the_catalog_says_what_is_what(engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]) -> None:
    engine.describe(VISITS, "Visits.", {"id": 'The "visit\'s" name.'})
    said = "select obj_description('{}'::regclass), col_description('{}'::regclass, {})"
    assert rows(other, said.format("river.visits", "river.visits", 1)) == [("Visits.", 'The "visit\'s" name.')]
    assert rows(other, said.format("touchline.shown", "touchline.shown", 2)) == [("One visit.", "It's how many.")]


def test_a_user_who_may_make_no_schema_works_in_schemas_that_are_there(
    engine: PostgreSQL, other: psycopg.Connection[tuple[Any, ...]]
) -> None:
    other.execute("drop schema river, touchline cascade")
    other.execute("drop role if exists owner_of_numbers")
    other.execute("create role owner_of_numbers login")
    other.execute("revoke create on database postgres from public")
    url = postgresql_url().replace("postgres:@", "owner_of_numbers:@")
    try:
        with pytest.raises(TouchlineError, match="permission denied for database"):
            PostgreSQL(url)
        other.execute("create schema river authorization owner_of_numbers")
        other.execute("create schema touchline authorization owner_of_numbers")
        with closing(PostgreSQL(url)) as allowed:
            allowed.reshape([VISITS], [SHOWN])
        assert rows(other, "select count(*) from touchline.shown") == [(0,)]
    finally:
        other.execute("drop owned by owner_of_numbers cascade")
        other.execute("drop role owner_of_numbers")
