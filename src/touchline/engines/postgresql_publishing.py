"""How tables and views change on PostgreSQL without taking away what others have built on them.

A table is changed in place, and a view is replaced, so grants, views and materialized views of others stay. What cannot
be changed that way is dropped only where nothing depends on it; otherwise the run says what does.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchline.engines.dialect import Words, rendered
from touchline.errors import TouchlineError
from touchline.table import Kind, Table
from touchline.view import PUBLIC, View

SCHEMA = "river"

_SHOWN = {
    Kind.TEXT: 'text collate "C"',
    Kind.INTEGER: "bigint",
    Kind.WIDE: "numeric(38,0)",
    Kind.BOOLEAN: "boolean",
    Kind.TIMESTAMP: "timestamp without time zone",
    Kind.DATE: "date",
    Kind.DOUBLE: "double precision",
}
"""As the server shows the types of columns; text sorts by its bytes, as everywhere else."""

_AT_THE_COMMIT = "deferrable initially deferred"
"""When keys are checked: a run may add a row before it removes the one that it replaces."""

_EARLIER = "__earlier"
"""What is added to the name of a column that goes as soon as no view of ours reads it any more."""

_COLUMNS = """
select
  a.attname as name,
  format_type(a.atttypid, a.atttypmod) || case when o.collname = 'C' then ' collate "C"' else '' end as type,
  not a.attnotnull as is_nullable
from pg_attribute as a
left join pg_collation as o on o.oid = a.attcollation
where a.attrelid = to_regclass('{relation}') and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""

_INDEXES = """
select c.relname as name, i.indisprimary as is_key, string_agg(a.attname, ' ' order by k.place) as columns
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
cross join lateral unnest(i.indkey) with ordinality as k(number, place)
join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
where i.indrelid = to_regclass('{relation}')
group by c.relname, i.indisprimary
"""

_DEPENDENTS = """
select distinct
  case c.relkind when 'm' then 'materialized view ' else 'view ' end || n.nspname || '.' || c.relname as name
from pg_depend as d
join pg_rewrite as r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
join pg_class as c on c.oid = r.ev_class
join pg_namespace as n on n.oid = c.relnamespace
where d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass('{relation}') and c.oid <> d.refobjid
  {narrowed}
order by 1
"""

_GRANTS = """
select a.column_name as column_name, g.privilege_type as privilege, g.is_grantable as is_grantable,
  case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as grantee
from (
  select '' as column_name, relacl as acl, relowner as owner from pg_class where oid = to_regclass('{relation}')
  union all
  select t.attname, t.attacl, 0 from pg_attribute as t
  where t.attrelid = to_regclass('{relation}') and t.attacl is not null
) as a
cross join lateral aclexplode(a.acl) as g
where g.grantee <> a.owner
"""


@dataclass(frozen=True)
class Statements:
    """How to speak to the server: ``run`` a statement, or have the ``rows`` of one."""

    run: Callable[[str], None]
    rows: Callable[[str], list[dict[str, Any]]]


def make_schema(server: Statements, name: str) -> None:
    """Have the schema ``name``; the right to create one is needed only where there is none."""
    if not server.rows(f"select 1 as one from pg_namespace where nspname = '{name}'"):
        server.run(f"create schema if not exists {name}")


def make_table(server: Statements, table: Table) -> None:
    """Have ``table``, empty where it is new, with its key and its indexes."""
    columns = ", ".join(_declared(name, shown) for name, shown in _wanted(table).items())
    server.run(f"create table if not exists {SCHEMA}.{table.name} ({columns})")
    stored = server.rows(_INDEXES.format(relation=f"{SCHEMA}.{table.name}"))
    found = {row["name"]: (row["is_key"], tuple(row["columns"].split())) for row in stored}
    wanted, numbered = _indexes(table), re.compile(rf"{table.name}_\d+")
    for name, (is_key, by) in found.items():
        if numbered.fullmatch(name) and wanted.get(name) != (is_key, by):
            key = f"alter table {SCHEMA}.{table.name} drop constraint {name}"
            server.run(key if is_key else f"drop index {SCHEMA}.{name}")
    for name, (is_key, by) in wanted.items():
        if found.get(name) != (is_key, by):
            relation, listed = f"{SCHEMA}.{table.name}", ", ".join(by)
            key = f"alter table {relation} add constraint {name} primary key ({listed}) {_AT_THE_COMMIT}"
            server.run(key if is_key else f"create index {name} on {relation} ({listed})")


def reshape(server: Statements, tables: Sequence[Table], views: Iterable[View], words: Words) -> None:
    """Give each of ``tables`` its declared columns and no rows, and define ``views``, keeping what hangs on either.

    :raises TouchlineError: if a view of somebody else reads a column that goes.
    """
    leaving = {table.name: _empty(server, table) for table in tables}
    for table in tables:
        make_table(server, table)
    for view in views:
        define(server, view, words)
    for name, columns in leaving.items():
        for column in columns:
            _drop_column(server, name, column)


def define(server: Statements, view: View, words: Words) -> None:
    """Let ``view`` stand, in the place of an earlier definition of it.

    :raises TouchlineError: if its columns are not those of before and perhaps more, and somebody's view reads it.
    """
    make_schema(server, PUBLIC if view.is_public else SCHEMA)
    name, body = placed(view), rendered(view.select, words)
    earlier = _columns(server, name)
    if earlier and not _goes_on(earlier, _columns_of(server, body)):
        _recreate(server, name, body)
    else:
        server.run(f"create or replace view {name} as {body}")
    describe(server, "view", name, view.meaning, view.columns)


def describe(server: Statements, kind: str, name: str, meaning: str, columns: Mapping[str, str]) -> None:
    """Say in the catalog what a table or view is, and what its columns mean; readers are not in the way of that."""
    said = [f"comment on column {name}.{column} is {_quoted(text)};" for column, text in columns.items()]
    server.run(f"do $said$ begin comment on {kind} {name} is {_quoted(meaning)}; {' '.join(said)} end $said$")


def placed(view: View) -> str:
    """The view's name with its schema."""
    return f"{PUBLIC if view.is_public else SCHEMA}.{view.spelled}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _empty(server: Statements, table: Table) -> list[str]:
    """Take all rows from a stored table, and make room for its declared columns; returns the columns that go."""
    relation, wanted = f"{SCHEMA}.{table.name}", _wanted(table)
    stored = _columns(server, relation)
    if not stored:
        return []
    server.run(f"delete from {relation}")
    leaving = []
    for name, (shown, is_nullable) in stored.items():
        if name not in wanted or wanted[name][0] != shown:
            server.run(f"alter table {relation} rename column {name} to {name}{_EARLIER}")
            leaving.append(f"{name}{_EARLIER}")
        elif wanted[name][1] != is_nullable:
            change = "drop" if wanted[name][1] else "set"
            server.run(f"alter table {relation} alter column {name} {change} not null")
    for name, declared in wanted.items():
        if name not in stored or stored[name][0] != declared[0]:
            server.run(f"alter table {relation} add column {_declared(name, declared)}")
    return leaving


def _drop_column(server: Statements, table: str, column: str) -> None:
    number = f"(select attnum from pg_attribute where attrelid = d.refobjid and attname = '{column}')"
    found = _dependents(server, f"{SCHEMA}.{table}", f"and d.refobjsubid = {number}")
    if found:
        said = column.removesuffix(_EARLIER)
        raise _refused(found, f"the column {said} of the table {SCHEMA}.{table}, which this release changes")
    server.run(f"alter table {SCHEMA}.{table} drop column {column}")


def _recreate(server: Statements, name: str, body: str) -> None:
    """Replace a view by one with other columns; grants on the old one are granted again."""
    found = _dependents(server, name)
    if found:
        raise _refused(found, f"{name}, whose columns this release changes")
    grants = server.rows(_GRANTS.format(relation=name))
    server.run(f"drop view {name}")
    server.run(f"create view {name} as {body}")
    standing = _columns(server, name)
    for grant in grants:
        column = grant["column_name"]
        if not column or column in standing:
            on = f" ({column})" if column else ""
            option = " with grant option" if grant["is_grantable"] else ""
            server.run(f"grant {grant['privilege']}{on} on {name} to {grant['grantee']}{option}")


def _refused(dependents: Sequence[str], what: str) -> TouchlineError:
    reads = "reads" if len(dependents) == 1 else "read"
    return TouchlineError(
        f"{', '.join(dependents)} {reads} {what}.",
        "Drop or change what reads it, run `touchline run`, and create it again. Until then the numbers do not change.",
    )


def _dependents(server: Statements, relation: str, narrowed: str = "") -> list[str]:
    """Views of others on a relation; ours are replaced by their own definitions."""
    return [row["name"] for row in server.rows(_DEPENDENTS.format(relation=relation, narrowed=narrowed))]


def _goes_on(earlier: Mapping[str, tuple[str, bool]], now: Mapping[str, tuple[str, bool]]) -> bool:
    """Whether ``now`` begins with the columns of ``earlier``."""
    stood = [(name, shown) for name, (shown, _) in earlier.items()]
    stands = [(name, shown) for name, (shown, _) in now.items()]
    return stands[: len(stood)] == stood


def _columns_of(server: Statements, body: str) -> dict[str, tuple[str, bool]]:
    server.run(f"create temp view columns_of_view as {body}")
    found = _columns(server, "pg_temp.columns_of_view")
    server.run("drop view pg_temp.columns_of_view")
    return found


def _columns(server: Statements, relation: str) -> dict[str, tuple[str, bool]]:
    """Type and nullability by name, in order; empty where there is no such relation."""
    stored = server.rows(_COLUMNS.format(relation=relation))
    return {row["name"]: (row["type"], row["is_nullable"]) for row in stored}


def _wanted(table: Table) -> dict[str, tuple[str, bool]]:
    return {column.name: (_SHOWN[column.kind], column.is_nullable) for column in table.columns}


def _declared(name: str, shown: tuple[str, bool]) -> str:
    return f"{name} {shown[0]}{'' if shown[1] else ' not null'}"


def _indexes(table: Table) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """By name, whether it is the table's key, and its columns.

    There is one for each way in which rows are looked up: by unit, by key, and by what runs, joins and reports
    look for. A key of which a part may be NULL is none to the server.
    """
    nullable = {column.name for column in table.columns if column.is_nullable}
    ways = dict.fromkeys(filter(None, (table.unit, table.key, *table.sought, *table.looked_up)))
    return {
        f"{table.name}_{number}": (by == table.key and nullable.isdisjoint(by), by) for number, by in enumerate(ways)
    }
