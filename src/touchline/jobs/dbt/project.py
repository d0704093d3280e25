"""``export dbt``: the files of a project, and what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pyarrow as pa

from touchline import __version__
from touchline.engines.warehouses import dialect_words
from touchline.errors import UsageError
from touchline.jobs.dbt import folder as folders
from touchline.jobs.dbt import rows
from touchline.jobs.dbt.answers import made_from
from touchline.jobs.dbt.exposures import exposures
from touchline.jobs.dbt.mapping import mapping_macro
from touchline.jobs.dbt.nodes import SEED, models, seeds, settings_tables, sources
from touchline.jobs.dbt.properties import properties, seed_properties, source_properties
from touchline.jobs.dbt.readme import readme
from touchline.jobs.dbt.shapes import Shapes
from touchline.jobs.dbt.statements import relations, seed_statement, statement
from touchline.jobs.dbt.yaml import yaml
from touchline.jobs.running import reference
from touchline.jobs.workspace import Workspace
from touchline.meanings import TABLES
from touchline.table import Column, Table
from touchline.tables import REFERENCE

_TEMPLATES = "files"


@dataclass(frozen=True)
class Options:
    """What an export of a project may be told.

    :param own: the sources that models of the project's owner make.
    :param has_sources: whether the sources of this home are written, as Parquet.
    :param made_from: the folder with the rows of which Python makes its tables; ``None``: those of this home stand.
    """

    dialect: str = "duckdb"
    own: Sequence[str] = ()
    has_sources: bool = False
    made_from: Path | None = None


@dataclass(frozen=True)
class Project:
    """What an export wrote.

    :param made: the tables that Python made of rows of the warehouse.
    """

    to: str
    dialect: str
    models: int
    seeds: int
    sources: tuple[str, ...]
    made: tuple[str, ...]


def export_dbt(workspace: Workspace, to: Path, options: Options) -> Project:
    """Write the river as a dbt project; an earlier export in the same folder is replaced.

    :raises UsageError: if there is no such dialect or source, or files that no export wrote are in the way.
    :raises InputError: if rows of the warehouse cannot be read.
    :raises StorageError: if the folder cannot be written.
    """
    _check(options)
    before = folders.written_before(to)
    settings = {table.name: reference(workspace, table.name) for table in REFERENCE}
    with ExitStack() as held:
        shapes = held.enter_context(closing(Shapes(settings)))
        made = {} if options.made_from is None else made_from(options.made_from, shapes)
        written = {
            **dict(_texts(shapes, options)),
            **dict(_seeds(workspace, settings, made, to, options)),
            **(dict(_sources(workspace)) if options.has_sources else {}),
        }
        folders.write_files(to, dict(sorted(written.items())), before)
    told = tuple(table.name for table in sources())
    return Project(str(to), options.dialect, len(models()) + len(seeds()), len(seeds()), told, tuple(sorted(made)))


def _check(options: Options) -> None:
    dialect_words(options.dialect)
    known = [table.name for table in sources()]
    if unknown := [name for name in options.own if name not in known]:
        raise UsageError(f"{unknown[0]:.40} is no source of the project.", f"Sources are: {', '.join(known)}.")


def _texts(shapes: Shapes, options: Options) -> Iterator[tuple[str, folders.Write]]:
    asked = {one.name: shapes.columns(one.query) for one in models() if one.is_asked_for}
    names = relations(options.own)
    for model in models():
        columns = model.table.columns if model.table else asked.get(model.name, ())
        yield _file(f"models/{model.folder}/{model.name}.sql", statement(model, columns, options.dialect, names))
    for table in seeds():
        text = seed_statement(table, TABLES[table.name], options.dialect)
        yield _file(f"models/{_folder_of(table)}/{table.name}.sql", text)
    for name, said in _properties(asked, options):
        yield _file(name, yaml(said))
    yield _file("macros/tracking_events_from.sql", mapping_macro(options.dialect))
    yield _file("dbt_project.yml", yaml(_configuration()))
    yield _file("README.md", readme(options.dialect, options.own, options.has_sources))
    for name, text in _templates(files(__package__) / _TEMPLATES):
        yield _file(name, text)


def _folder_of(table: Table) -> str:
    return "settings" if table in settings_tables() else "made_in_python"


def _properties(asked: Mapping[str, tuple[Column, ...]], options: Options) -> Iterator[tuple[str, object]]:
    for name in dict.fromkeys(model.folder for model in models()):
        yield f"models/{name}/schema.yml", properties(name, asked, options.dialect)
    yield "models/sources.yml", source_properties(options.own, options.has_sources, options.dialect)
    yield "models/exposures.yml", exposures()
    yield "seeds/schema.yml", seed_properties(options.dialect)


def _configuration() -> dict[str, object]:
    return {
        "name": "touchline",
        "version": __version__,
        "config-version": 2,
        "profile": "touchline",
        "model-paths": ["models"],
        "seed-paths": ["seeds"],
        "test-paths": ["tests"],
        "macro-paths": ["macros"],
        "clean-targets": ["target"],
        "flags": {"require_generic_test_arguments_property": True, "send_anonymous_usage_stats": False},
        "models": {"touchline": {"+materialized": "table"}},
        "seeds": {"touchline": {"+quote_columns": False}},
    }


def _templates(place: Traversable, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The files that are the same in every project."""
    for entry in sorted(place.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _templates(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")


def _seeds(
    workspace: Workspace, settings: Mapping[str, pa.Table], made: Mapping[str, pa.Table], to: Path, options: Options
) -> Iterator[tuple[str, folders.Write]]:
    for table in seeds():
        name = f"seeds/{SEED}{table.name}.csv"
        yield name, _seed(workspace, table, {**settings, **made}.get(table.name), to / name, options)


def _seed(
    workspace: Workspace, table: Table, known: pa.Table | None, standing: Path, options: Options
) -> folders.Write:
    """Writes a seed: rows that are known; else those of the project, of the home's numbers, or none."""
    if known is not None:
        batches = rows.in_order(known, table).to_batches()
        return lambda file: rows.write_seed(file, table, batches)
    if options.made_from is not None and standing.is_file():
        content = standing.read_bytes()
        return lambda file: file.write_bytes(content)
    if options.made_from is None and workspace.home.has_engine:
        return lambda file: rows.write_seed(file, table, rows.stored(workspace.engine, table))
    return lambda file: rows.write_seed(file, table, ())


def _sources(workspace: Workspace) -> Iterator[tuple[str, folders.Write]]:
    for table in sources():
        yield f"sources/{table.name}.parquet", partial(_write_source, workspace, table)


def _write_source(workspace: Workspace, table: Table, file: Path) -> None:
    rows.write_source(file, table, workspace.engine)


def _file(name: str, content: str) -> tuple[str, folders.Write]:
    return name, folders.text(content)
