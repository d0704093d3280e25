"""What a project says of its models, seeds and sources: meanings, keys as tests, and what reads them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from touchline.engines.warehouses import type_name
from touchline.jobs.dbt.nodes import SEED, Model, models, seeds, settings_tables, sources
from touchline.jobs.dbt.statements import SOURCE
from touchline.meanings import TABLES, meanings_of
from touchline.reports.views.meanings import columns_of
from touchline.table import Column, Kind, Table

Node = dict[str, Any]

PARENTS: Mapping[str, str] = {
    "organization_id": "organizations",
    "site_id": "sites",
    "session_id": "sessions",
    "conversion_id": "conversions",
    "touchpoint_id": "touchpoints",
    "evidence_id": "evidence_channels",
    "fit_id": "fits",
    "user_agent": "agents",
}
"""The table in which each value of a column of this name stands; no value and an empty text are none."""


def properties(folder: str, shapes: Mapping[str, tuple[Column, ...]], dialect: str) -> Node:
    """The models of a folder with their columns and tests.

    :param shapes: the columns of statements that Python asks for, by name.
    """
    listed = [_of_model(model, shapes, dialect) for model in models() if model.folder == folder]
    return {"version": 2, "models": listed}


def seed_properties(dialect: str) -> Node:
    """The seeds, whose columns are text, and the models that type them."""
    text = type_name(Kind.TEXT, dialect)
    listed = [
        {
            "name": f"{SEED}{table.name}",
            "description": f"{TABLES[table.name]} All columns are text; the model {table.name} gives them their types.",
            "config": {"column_types": dict.fromkeys(table.column_names, text)},
        }
        for table in seeds()
    ]
    typed = [
        _of_table(table, dialect, owner="settings" if table in settings_tables() else "python") for table in seeds()
    ]
    return {"version": 2, "seeds": listed, "models": typed}


def source_properties(own: Collection[str], has_files: bool, dialect: str) -> Node:
    """The tables that the project is given.

    :param own: those that models of the project's owner make.
    :param has_files: whether they are Parquet files of the project.
    """
    told = [table for table in sources() if table.name not in own]
    found: Node = {"name": SOURCE, "description": "What Touchline's ledger was told: events, costs, rates, claims."}
    if has_files and dialect == "duckdb":
        found["config"] = {"external_location": "sources/{name}.parquet"}
    else:
        found["schema"] = "{{ var('touchline_source_schema', target.schema) }}"
    found["tables"] = [_described(table, dialect) for table in told]
    return {"version": 2, "sources": [found] if told else []}


def _of_model(model: Model, shapes: Mapping[str, tuple[Column, ...]], dialect: str) -> Node:
    if model.table is not None:
        return _of_table(model.table, dialect)
    said = f"One row is {model.query.grain}. {model.query.sentence}"
    if model.is_view:
        columns = [{"name": name, "description": text} for name, text in columns_of(model.query.text).items()]
        config = {"materialized": "view", "alias": model.name.removeprefix("touchline_"), "schema": "touchline"}
        return {"name": model.name, "description": said, "config": config, "columns": columns}
    asked = f"{said} Touchline makes {model.query.writes} of it."
    known = shapes[model.name]
    columns = [_column(one, "", dialect, list(_of_parent(one, model.name))) for one in known]
    return {"name": model.name, "description": asked, "config": {"meta": {"asked_by": "touchline"}}, "columns": columns}


def _of_table(table: Table, dialect: str, owner: str = "sql") -> Node:
    node = _described(table, dialect)
    node["config"] = {"meta": {"made_by": owner}}
    rest = [one.name for one in table.columns if not one.is_nullable and one.name not in table.key]
    tests: list[Any] = [_test("filled", columns=rest)] if rest else []
    if len(table.key) > 1:
        tests.append(_test("unique_together", columns=list(table.key)))
    return {**node, "data_tests": tests} if tests else node


def _described(table: Table, dialect: str) -> Node:
    meanings = meanings_of(table)
    columns = [_column(one, meanings.get(one.name, ""), dialect, list(_tests(one, table))) for one in table.columns]
    return {"name": table.name, "description": TABLES.get(table.name, ""), "columns": columns}


def _column(column: Column, meaning: str, dialect: str, tests: list[Any]) -> Node:
    node: Node = {"name": column.name, "data_type": type_name(column.kind, dialect)}
    if meaning:
        node["description"] = meaning
    if tests:
        node["data_tests"] = tests
    return node


def _tests(column: Column, table: Table) -> Iterator[Any]:
    """Of a column: that it is there in a key, is all of a key, and stands in the table that it names."""
    if column.name in table.key and not column.is_nullable:
        yield "not_null"
    if table.key == (column.name,):
        yield "unique"
    yield from _of_parent(column, table.name)


def _of_parent(column: Column, child: str) -> Iterator[Any]:
    parent = PARENTS.get(column.name)
    if parent is not None and parent != child:
        yield _test("relationships", to=f"ref('{parent}')", field=column.name, where=f"{column.name} <> ''")


def _test(name: str, where: str = "", **arguments: Any) -> Node:
    test: Node = {"arguments": arguments}
    if where:
        test["config"] = {"where": where}
    return {name: test}
