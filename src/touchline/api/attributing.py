"""Attribution on any tables."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.api.given import ArrowTable, require_filled, require_unique, spilling, table_of
from touchline.engines import DuckDB
from touchline.errors import InputError, UsageError
from touchline.magnitudes import DAY_MICROS
from touchline.memory import VARIABLE, available_bytes, memory_from
from touchline.models import MODELS
from touchline.settings import CROWDED_CONVERSIONS, CROWDED_TOUCHES, Direct, OrganizationSettings
from touchline.sql import query
from touchline.tables import ATTRIBUTION_LINKS, CROWDED_PERSONS, FIT_VALUES, FITS, PATHS

_STAGE = "touchline.attribution"
_LARGEST_MICROS = 2**53
_DATE = "cast(null as date) as conversion_date"
"""Dates select a conversion's fit; there is none here."""
_NO_CHANNEL = pa.nulls(1, pa.string())


def attribute(
    touchpoints: ArrowTable,
    conversions: ArrowTable,
    *,
    models: Sequence[str] = MODELS,
    lookback_days: int = 30,
    half_life_days: float = 7.0,
    direct: Direct = "unless_only",
    touches_per_path: int = 200,
) -> pa.Table:
    r"""Return the credit of every touch that led to a conversion, under each model.

    A conversion's path contains the person's touches from ``lookback_days`` before it up to the conversion, inclusive,
    ordered by time and then by ``touchpoint_id``. If there are more than ``touches_per_path`` touches, the path keeps
    the first and the nearest. With :math:`n` touches, the weight of touch :math:`i` with age :math:`t_i` is

    .. math::
        \text{FIRST\_TOUCH: } [i = 1] \quad \text{LAST\_TOUCH: } [i = n] \quad \text{LINEAR: } 1/n \quad
        \text{TIME\_DECAY: } 2^{-t_i/h} \Big/ \sum_j 2^{-t_j/h}

    and POSITION_BASED gives 0.4 to the first, 0.4 to the last, and 0.2 to those between (two touches get half each).

    :param touchpoints: columns ``person_id``, ``occurred_at`` (timestamp), ``channel`` and optionally
        ``touchpoint_id`` (unique; by default the row number, starting at 0).
    :param conversions: columns ``person_id``, ``conversion_id`` (unique), ``occurred_at`` and optionally
        ``value_micros`` (integer, 0 to below 2^53).
    :param models: names from :data:`touchline.models.MODELS`.
    :param lookback_days: 1–3650.
    :param half_life_days: ``h``, for TIME_DECAY: the half-life of a touch's weight in days, 0.01–3650.
    :param direct: ``"unless_only"``: the channel ``Direct`` gets credit only on paths with no other touches;
        ``"include"``: it is treated like any other channel.
    :param touches_per_path: the maximum number of touches that share a conversion, 2–1000; at most 10 for a person with
        more than 2,000 touches or 500 conversions.
    :returns: one row per conversion, eligible touch, and model: ``conversion_id``, ``touchpoint_id``,
        ``position`` (starting at 1), ``touchpoint_count``, ``channel``, ``model``, ``weight``, ``value_micros``. A
        conversion without a touch has one row per model with position 0 and neither touchpoint nor channel. For
        every conversion and model the weights add up to one (in billionths, exactly) and the values exactly to the
        conversion's value; rows without credit are included, with weight 0.
    :raises InputError: if a column is missing, has the wrong type, contains nulls, or is not unique.
    :raises UsageError: if a model or a number is out of range, or ``TOUCHLINE_MEMORY`` is not a valid size.
    :raises MemoryLimitError: if it needs more than ``TOUCHLINE_MEMORY`` allows (a size such as ``4GB``; by default half
        of the memory available to this process), not counting the given tables. Data that does not fit spills to the
        temporary folder, and is removed.

    For the definitions, see ``docs/explanation/models.md``. Do not use it for ad impressions, which need
    a separate window.

    >>> from datetime import datetime
    >>> touches = pa.table(
    ...     {
    ...         "person_id": ["p"] * 3,
    ...         "channel": ["Paid Search", "Email", "Referral"],
    ...         "occurred_at": [datetime(2026, 1, day) for day in (1, 2, 3)],
    ...     }
    ... )
    >>> bought = pa.table({"person_id": ["p"], "conversion_id": ["c"], "occurred_at": [datetime(2026, 1, 4)]})
    >>> attribute(touches, bought, models=["POSITION_BASED"])["weight"].to_pylist()
    [0.4, 0.2, 0.4]
    """
    chosen = _checked(models, lookback_days, half_life_days, direct, touches_per_path)
    bought = _conversions(conversions)
    touches = _touchpoints(touchpoints, bought)
    memory = memory_from(os.environ.get(VARIABLE, ""), available_bytes())
    with spilling() as file, closing(DuckDB(file, memory=memory)) as engine:
        return _links(engine, touches, bought, models, chosen)


@dataclass(frozen=True)
class _Input:
    """A checked table, with what was given for it to find its way back."""

    rows: pa.Table
    id_type: pa.DataType
    has_value: bool = False


def _checked(
    models: Sequence[str], lookback_days: int, half_life_days: float, direct: str, touches_per_path: int
) -> OrganizationSettings:
    unknown = [model for model in models if model not in MODELS]
    if unknown or not models or isinstance(models, str) or len(set(models)) != len(models):
        raise UsageError(f"models is a list of different names out of {', '.join(MODELS)}, not {models!r}.")
    settings = OrganizationSettings().changed("lookback_days", str(lookback_days))
    settings = settings.changed("half_life_days", str(half_life_days)).changed("direct", direct)
    return settings.changed("touches_per_path", str(touches_per_path))


def _touchpoints(given: ArrowTable, bought: _Input) -> _Input:
    """The touches of those who converted; a touch without an id is named by its row."""
    rows = table_of("touchpoints", given, ("person_id", "occurred_at", "channel"), ("touchpoint_id",))
    names = [name for name in ("person_id", "occurred_at", "channel", "touchpoint_id") if name in rows.column_names]
    rows = rows.select(names)
    require_filled(rows, "touchpoints")
    is_theirs = _is_among(rows["person_id"], bought.rows["person_id"])
    theirs = rows.filter(is_theirs)
    if "touchpoint_id" not in names:
        theirs = theirs.append_column("touchpoint_id", pc.indices_nonzero(is_theirs).cast(pa.int64()))
    return _Input(theirs, theirs.schema.field("touchpoint_id").type)


def _is_among(persons: pa.ChunkedArray, converted: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which of the persons converted; asked on every core, because Arrow asks on one."""
    persons, converted = _alike(persons, converted)
    wanted = converted.combine_chunks()
    size = max(1, -(-len(persons) // (os.cpu_count() or 1)))
    with ThreadPoolExecutor() as pool:
        parts = [persons.slice(start, size) for start in range(0, max(1, len(persons)), size)]
        answers = list(pool.map(lambda part: pc.is_in(part, value_set=wanted), parts))
    return pa.chunked_array([chunk for answer in answers for chunk in answer.chunks], pa.bool_())


def _alike(persons: pa.ChunkedArray, converted: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Both in one type that Arrow can compare."""
    is_number = pa.types.is_integer(persons.type)
    if persons.type == converted.type:
        return persons, converted
    kind = pa.int64() if is_number else pa.large_string()
    try:
        if is_number == pa.types.is_integer(converted.type):
            return persons.cast(kind), converted.cast(kind)
    except pa.ArrowInvalid:  # 64 bits without a sign, beyond what a sign leaves
        pass
    raise InputError(
        f"person_id is {persons.type} in touchpoints and {converted.type} in conversions.", "Give both one type."
    )


def _conversions(given: ArrowTable) -> _Input:
    rows = table_of("conversions", given, ("person_id", "conversion_id", "occurred_at"), ("value_micros",))
    has_value = "value_micros" in rows.column_names
    if not has_value:
        rows = rows.append_column("value_micros", pa.array(np.zeros(rows.num_rows, np.int64)))
    rows = rows.select(["person_id", "conversion_id", "occurred_at", "value_micros"])
    require_filled(rows, "conversions")
    _require_money(rows["value_micros"])
    return _Input(rows, rows.schema.field("conversion_id").type, has_value)


def _require_money(values: pa.ChunkedArray) -> None:
    if not pa.types.is_integer(values.type):
        raise InputError("conversions.value_micros is money in whole micros (an integer column).", "Multiply by 10**6.")
    lowest, highest = pc.min_max(values).values()
    if len(values) and (lowest.as_py() < 0 or highest.as_py() >= _LARGEST_MICROS):
        raise InputError(
            f"conversions.value_micros lies between {lowest} and {highest}; expected 0 to below 2^53.",
            "Subtract refunds from their orders, and use a larger unit for larger sums.",
        )


def _links(
    engine: DuckDB, touches: _Input, bought: _Input, models: Sequence[str], settings: OrganizationSettings
) -> pa.Table:
    """The stage's own queries, on the given rows in the place of the river's tables."""
    engine.register("given_touchpoints", touches.rows)
    engine.register("given_conversions", bought.rows)
    engine.register("models", pa.table({"organization_id": [""] * len(models), "model": list(models)}))
    for table in (FITS, FIT_VALUES):
        engine.create(table)
    engine.register("no_touchpoint", pa.table({"touchpoint_id": pa.nulls(1, touches.id_type), "channel": _NO_CHANNEL}))
    engine.bind("organizations", _organizations(settings))
    engine.bind("conversions", f"select '' as organization_id, true as is_counted, {_DATE}, * from given_conversions")
    engine.keep(
        "touchpoints",
        "select '' as organization_id, person_id, occurred_at, occurred_at as counted_at, channel as evidence_id,"
        " touchpoint_id"
        " from given_touchpoints",
    )
    require_unique(engine, "touchpoints", "touchpoint_id")
    require_unique(engine, "conversions", "conversion_id")
    engine.bind("evidence_channels", "select distinct evidence_id, evidence_id as channel from touchpoints")
    for table in (CROWDED_PERSONS, PATHS):
        engine.keep(table.name, query(_STAGE, table.name).text)
    value = "value_micros" if bought.has_value else "cast(null as bigint) as value_micros"
    made = query(_STAGE, ATTRIBUTION_LINKS.name).text
    return engine.select(
        f"select conversion_id, touchpoint_id, position, touchpoint_count, channel, model, weight, {value}"
        f" from ({made}) as made"
    )


def _organizations(settings: OrganizationSettings) -> str:
    return (
        f"select '' as organization_id, {settings.lookback_days:d} as lookback_days, '{settings.direct}' as direct,"
        f" {round(settings.half_life_days * DAY_MICROS):d} as half_life_micros,"
        f" {settings.touches_per_path:d} as touches_per_path, {CROWDED_TOUCHES:d} as crowded_touches,"
        f" {CROWDED_CONVERSIONS:d} as crowded_conversions,"
        f" {settings.crowded_touches_per_path:d} as crowded_touches_per_path"
    )
