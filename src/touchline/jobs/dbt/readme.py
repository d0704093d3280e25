"""What a project says of itself: how it is built, and how its seeds are made again."""

from collections.abc import Sequence
from importlib.resources import files

from touchline.jobs.dbt.nodes import made_in_python, river_models, settings_tables, sources
from touchline.meanings import TABLES
from touchline.table import Table

_NOTES = {
    "duckdb": "",
    "postgres": (
        "The numbers depend on the order of text, which is by code point: create the database with `lc_collate` `C`,"
        " or the seeds and the models would differ from Touchline's own."
    ),
}
"""What is to be known of a database; of all others, :data:`_UNTRIED`."""
_UNTRIED = (
    "Nobody has run these models on such a warehouse yet: their syntax is tested, their results are not. Compare a"
    " first build with the tables of a `touchline run` over the same events before you rely on it."
)

ROUNDS = (
    ("joining_pairs",),
    ("disputed_edges", "account_merges"),
    ("evidence", "user_agents"),
    ("daily_rates", "daily_volumes", "judged_blocks"),
    ("waste_units", "waste_days", "waste_lags", "waste_excluded_days"),
)
"""What Python asks for, in the order in which it can be had; a test holds that it is all of it."""


def readme(dialect: str, own: Sequence[str], has_sources: bool) -> str:
    """The text of a project's README.

    :param own: the sources that models of the project's owner make.
    :param has_sources: whether the export wrote them as Parquet.
    """
    template = files(__package__).joinpath("readme.md").read_text(encoding="utf-8")
    made = "\n".join(f"* `{table.name}`: {TABLES[table.name]}" for table in made_in_python())
    rounds = "\n".join(f"{number}. {_round(names)}" for number, names in enumerate(ROUNDS, 1))
    settings = ", ".join(f"`{table.name}`" for table in settings_tables())
    told, note = _sources(dialect, own, has_sources), _NOTES.get(dialect, _UNTRIED)
    notes = f"\n{note}\n" if note else ""
    return template.format(dialect=dialect, notes=notes, sources=told, made=made, rounds=rounds, settings=settings)


def _round(names: Sequence[str]) -> str:
    made = {one.name: one.query.writes for one in river_models() if one.is_asked_for}
    tables = " and ".join(f"`{name}`" for name in dict.fromkeys(made[name] for name in names))
    return f"`{round_command(names)}`, and write {', '.join(f'`{name}`' for name in names)}: for {tables}."


def round_command(names: Sequence[str]) -> str:
    """The command of dbt that makes the rows that Python asks for in a round.

    >>> round_command(["evidence"])
    'dbt build --exclude-resource-type test --select +evidence'
    """
    return f"dbt build --exclude-resource-type test --select {' '.join(f'+{name}' for name in names)}"


def _sources(dialect: str, own: Sequence[str], has_sources: bool) -> str:
    told = [table for table in sources() if table.name not in own]
    lines = [f"* `{table.name}`: {TABLES[table.name]}" for table in told]
    if own:
        lines.append(f"* Models of your own make: {', '.join(f'`{name}`' for name in own)}.")
    return "\n".join(["\n".join(lines), "", _where(dialect, told, has_sources)])


def _where(dialect: str, told: Sequence[Table], has_sources: bool) -> str:
    if has_sources and dialect == "duckdb":
        return "They are the Parquet files of `sources/`; run dbt in this folder."
    where = "They are read from the schema that the variable `touchline_source_schema` names, else from the target's."
    return f"{where} `sources/` has their rows as Parquet: load them there." if has_sources and told else where
