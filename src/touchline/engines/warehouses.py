"""SQL for databases that Touchline does not run itself: those in which dbt runs the river's statements."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from sqlglot import exp

from touchline.engines.dialect import REMOVED, Words, bounded, shown
from touchline.engines.opening import words_of
from touchline.errors import UsageError
from touchline.table import Kind

_REMOVED_BY_JAVA = REMOVED.replace("@[-", r"@\\[-")
"""What ``letters_of`` removes, in the regular expressions of Java, whose classes of characters may hold others."""


def _exact(quotient: str, wide: str) -> str:
    """A whole quotient where a division of decimals is rounded: what remains is taken away before."""
    dividend, divisor = quotient.split(" // ")
    return f"cast(({dividend} - mod({dividend}, {divisor})) / {divisor} as {wide})"


_AT_RATE = (
    "(2 * cast({{0}} as {0}) * {{1}} + case when {{0}} < 0 then -{{2}} else {{2}} end) // (2 * cast({{2}} as {0}))"
)

_SNOWFLAKE = Words(
    "snowflake",
    {
        "micros": "date_part(epoch_microsecond, {0})",
        "micros_between": "date_part(epoch_microsecond, {0}) - date_part(epoch_microsecond, {1})",
        "days_between": "datediff(day, {1}, {0})",
        "local_date": "cast(convert_timezone('UTC', {1}, {0}) as date)",
        "local_time": "convert_timezone('UTC', {1}, {0})",
        "total": "cast(sum({0}) as decimal(38, 0))",
        "bounded": bounded("cast({0} as bigint)"),
        "quotient": _exact("{0} // {1}", "decimal(38, 0)"),
        "at_rate": _exact(_AT_RATE.format("decimal(38, 0)"), "decimal(38, 0)"),
        "letters_of": f"regexp_replace(lower({{0}}), '{REMOVED}', '')",
    },
)

_BIGQUERY = Words(
    "bigquery",
    {
        "micros": "unix_micros(timestamp({0}, 'UTC'))",
        "micros_between": "unix_micros(timestamp({0}, 'UTC')) - unix_micros(timestamp({1}, 'UTC'))",
        "days_between": "date_diff({0}, {1}, day)",
        "local_date": "date(timestamp({0}, 'UTC'), {1})",
        "local_time": "datetime(timestamp({0}, 'UTC'), {1})",
        "total": "sum(cast({0} as bignumeric))",
        "bounded": bounded("cast({0} as int64)"),
        "quotient": "div(cast({0} as bignumeric), cast({1} as bignumeric))",
        "at_rate": (
            "div(2 * cast({0} as bignumeric) * {1} + case when {0} < 0 then -{2} else {2} end,"
            " 2 * cast({2} as bignumeric))"
        ),
        "letters_of": f"regexp_replace(lower({{0}}), '{REMOVED}', '')",
    },
)

_DATABRICKS = Words(
    "databricks",
    {
        "micros": "timestampdiff(microsecond, cast('1970-01-01' as timestamp_ntz), {0})",
        "micros_between": "timestampdiff(microsecond, {1}, {0})",
        "days_between": "datediff(day, {1}, {0})",
        "local_date": "cast(convert_timezone('UTC', {1}, {0}) as date)",
        "local_time": "convert_timezone('UTC', {1}, {0})",
        "total": "cast(sum(cast({0} as decimal(38, 0))) as decimal(38, 0))",
        "bounded": bounded("cast({0} as bigint)"),
        "quotient": _exact("{0} // {1}", "decimal(38, 0)"),
        "at_rate": _exact(_AT_RATE.format("decimal(38, 0)"), "decimal(38, 0)"),
        "letters_of": f"regexp_replace(lower({{0}}), '{_REMOVED_BY_JAVA}', '')",
    },
)

_WAREHOUSES = {"snowflake": _SNOWFLAKE, "bigquery": _BIGQUERY, "databricks": _DATABRICKS}
_ENGINES = {"duckdb": "duckdb", "postgres": "postgresql"}
"""The dialects of dbt in which Touchline speaks itself, each with the name of its engine."""

DIALECTS = ("duckdb", "snowflake", "bigquery", "databricks", "postgres")
"""Of the databases for which a dbt project can be written, as dbt calls its adapters."""

_RELATION = "relation_of_dbt_"

_FIRST_GROUPS = {
    "duckdb": "nullif(regexp_extract({0}, {1}, 1), '')",
    "snowflake": "regexp_substr({0}, {1}, 1, 1, 'e', 1)",
    "bigquery": "regexp_extract({0}, {1})",
    "databricks": "nullif(regexp_extract({0}, {1}, 1), '')",
    "postgres": "substring({0} from {1})",
}
"""What the only group of a regular expression finds in a text, or NULL: addresses in events of other tools are read."""


@cache
def dialect_words(dialect: str) -> Words:
    """How the database that dbt knows by this name writes what the portable subset has no word for.

    :raises UsageError: if it is none of :data:`DIALECTS`, or a driver is missing.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"There is no dialect {dialect!r:.40}.", f"There are: {', '.join(DIALECTS)}.")
    words = _WAREHOUSES[dialect] if dialect in _WAREHOUSES else words_of(_ENGINES[dialect])
    return Words(words.dialect, {**words.fragments, "first_group": _FIRST_GROUPS[dialect]}, words.types)


def model_text(select: str, dialect: str, relations: Mapping[str, str]) -> str:
    """A statement of the SQL files as the model of a dbt project.

    :param relations: what stands in the model for each table that the statement reads.

    >>> print(model_text("select a from t", "duckdb", {"t": "{{ ref('t') }}"}))
    SELECT
      a
    FROM {{ ref('t') }} AS t
    """
    return _model_text(select, dialect, tuple(relations.items()))


@lru_cache(maxsize=1024)
def _model_text(select: str, dialect: str, relations: tuple[tuple[str, str], ...]) -> str:
    stands = dict(relations)
    text = shown(select, dialect_words(dialect), {name: f"{_RELATION}{name}" for name in stands})
    for sign in ("{{", "{%", "{#"):  # Jinja would read on
        text = text.replace(sign, f"{sign[0]}{{{{ '{sign[1]}' }}}}")
    return re.sub(rf"\b{_RELATION}(\w+)", lambda found: stands[found[1]], text)


_WIDE = {"bigquery": "BIGNUMERIC"}
"""Databases whose decimals of 38 digits have a name of their own."""


@cache
def type_name(kind: Kind, dialect: str) -> str:
    """What a database calls the type of a column.

    >>> type_name(Kind.WIDE, "bigquery"), type_name(Kind.TEXT, "snowflake")
    ('BIGNUMERIC', 'VARCHAR')
    """
    if kind is Kind.WIDE and dialect in _WIDE:
        return _WIDE[dialect]
    return exp.DataType.build(kind.value, dialect="duckdb").sql(dialect=dialect_words(dialect).dialect)
