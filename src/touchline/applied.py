"""What the derived tables were made with, so that a change of it reaches the past in the next run.

Four digests stand in the table ``applied_rules``: of everything that decides (``rules``), of the fits (``fits``), of
the small tables that the ledger tells whole (``reference``), and of the shape of all tables (``tables``).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import pyarrow as pa

from touchline.domains import suffix_list_digest
from touchline.engines import Engine, can_increment
from touchline.engines.answers import python_rows
from touchline.meanings import TABLES, meanings_of
from touchline.source_digest import source_digest
from touchline.sql import definitions
from touchline.stage import Stage
from touchline.table import Table
from touchline.tables import ALL, APPLIED_RULES, DEFINITIONS, FIT_TABLES, TOLD
from touchline.view import View

_COPIES = "hashes with the key of the home"
"""What a migration last changed in rows of the ledger that engines have copies of: those that were made before it are
made again."""
_TABLES = hashlib.sha256(f"{_COPIES} {sorted(ALL.items())!r}".encode()).hexdigest()
_SCOPE = "touchline.scope"
_NOT_DECISIVE = ("targets", "lift_factors", "health_notes", "arrivals")


def stored_digests(engine: Engine) -> dict[str, str]:
    """The digests that the existing tables were made with; empty if there are none, or their shape is out of date."""
    engine.create(APPLIED_RULES)
    stored = engine.select("select name, value from applied_rules")
    digests = dict(zip(stored["name"].to_pylist(), stored["value"].to_pylist(), strict=True))
    return digests if digests.get("tables") == _shape(engine) else {}


def prepare(
    engine: Engine, stored: Mapping[str, str], views: Sequence[View] = (), *, is_rebuild: bool
) -> Mapping[str, str]:
    """Have every table of this release, empty where it has to be made again; returns the digests that the rest has.

    An engine that cannot increment is rebuilt by every run. One without transactions has no digests from here to the
    end of a run: if that is cut off, the next one finds none, and makes everything again.

    :param stored: what :func:`stored_digests` found.
    :param views: what stands on the tables, and is defined where the tables change.
    """
    if not stored:
        engine.reshape(list(ALL.values()), views)
        _note_views(engine, views, {})
        return {}
    if not engine.can.transactions:
        engine.remove(APPLIED_RULES)
    if is_rebuild or not can_increment(engine):
        for table in TOLD:
            engine.remove(table)
        return {}
    return stored


def current_digests(stages: Iterable[Stage], reference: Mapping[Table, pa.Table], engine: Engine) -> dict[str, str]:
    """The digests of this release with these ``reference`` rows.

    Targets are in ``reference`` only: every run makes all waste findings again. So are factors of lift tests, notes and
    counts of arrivals, which only reports read. Fits have a digest of their own: a new one makes the links again that
    follow from it, and no more.
    """
    packages = [stage.run.__module__ for stage in stages]
    rows = {table.name: _text_of(table, rows) for table, rows in reference.items()}
    fits = [rows.pop(table.name) for table in FIT_TABLES]
    decisive = [text for name, text in rows.items() if name not in _NOT_DECISIVE]
    return {
        "rules": _digest([rules_digest(*packages, engine=engine), *decisive]),
        "fits": _digest(fits),
        "reference": _digest(rows.values()),
        "tables": _shape(engine),
    }


def rules_digest(*packages: str, engine: Engine) -> str:
    """The digest of what decides apart from the ledger: code, SQL and data of these stages, of scope and engine.

    Scope and engine decide nothing where they are right; a release that corrects one of them is to reach the past, too.
    """
    code = source_digest(*packages, _SCOPE, type(engine).__module__)
    return _digest([code, suffix_list_digest(), *(definitions(package) for package in (*packages, _SCOPE))])


def store_digests(engine: Engine, digests: Mapping[str, str]) -> None:
    """Note with what the tables were made, at the end of a run."""
    engine.remove(APPLIED_RULES)
    engine.append(APPLIED_RULES, pa.table({"name": list(digests), "value": list(digests.values())}))


def is_whole(engine: Engine) -> bool:
    """Whether the last run into ``engine`` was one of this release, and came to its end."""
    made = engine.select("select 1 as one from information_schema.tables where table_name = 'applied_rules'")
    if not made.num_rows:
        return False
    stored = engine.select("select name, value from applied_rules where name = 'tables'")
    return bool(stored["value"].to_pylist() == [_shape(engine)])


def define_changed(engine: Engine, views: Sequence[View]) -> tuple[str, ...]:
    """Define those views whose definition changed, or that are gone, and say in the catalog what tables are.

    :returns: the names of these views.
    :raises BlockedError: if a reader keeps the engine from it; all of them stand as before.
    """
    stored = python_rows(engine.select("select name, digest from definitions"))
    listed = python_rows(engine.select("select table_schema, table_name from information_schema.views"))
    standing, noted = {row["table_name"] for row in listed}, {row["name"]: row["digest"] for row in stored}
    changed = [v for v in views if v.name not in standing or noted.get(v.name) != _digest_of_view(engine, v)]
    is_described = noted.get(_MEANINGS) == _digest_of_meanings()
    if changed or not is_described:
        with engine.transaction():
            for view in changed:
                engine.define(view)
            for table in () if is_described else ALL.values():
                engine.describe(table, TABLES.get(table.name, ""), meanings_of(table))
            _note_views(engine, views, {_MEANINGS: _digest_of_meanings()})
    return tuple(view.name for view in changed)


_MEANINGS = "(meanings of tables)"


def _note_views(engine: Engine, views: Sequence[View], others: Mapping[str, str]) -> None:
    digests = {view.name: _digest_of_view(engine, view) for view in views} | {**others}
    engine.remove(DEFINITIONS)
    engine.append(DEFINITIONS, pa.table({"name": list(digests), "digest": list(digests.values())}))


@cache
def _digest_of_meanings() -> str:
    return _digest([repr((name, TABLES.get(name), meanings_of(table))) for name, table in ALL.items()])


def _digest_of_view(engine: Engine, view: View) -> str:
    """The digest of a definition, and of the code that writes it in the engine's words."""
    return _digest([source_digest(type(engine).__module__), repr(view)])


def _shape(engine: Engine) -> str:
    """Names the tables and columns of this release: an engine that holds others is made again."""
    return f"{_TABLES} {engine.layout}".rstrip()


def _text_of(table: Table, rows: pa.Table) -> str:
    return repr(rows.sort_by([(name, "ascending") for name in table.key]).to_pylist())


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)} {part}".encode())
    return digest.hexdigest()
