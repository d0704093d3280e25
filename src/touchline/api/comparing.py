"""Models side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from touchline.api.given import ArrowTable, arrow_of, is_text
from touchline.attribution.comparing import ranks, total_variation
from touchline.attribution.path_table import Floats
from touchline.errors import InputError

_NAME = "credit"
_MEASURES = ("conversions", "weight")
"""What is compared where nobody says: the first that the table has."""
_EVEN = 12
"""Decimals past which shares that differ are equal but for rounding."""


@dataclass(frozen=True)
class Comparison:
    """Models side by side: one row per channel, one column per model, in the order in which the models came."""

    shares: pa.Table
    """``channel``, and for each model the channel's share of the model's whole credit. Each model's shares add up to
    one; the row without a channel is what no channel got."""
    ranks: pa.Table
    """``channel``, and for each model the channel's place, 1 for the largest share; none for what no channel got."""
    distances: pa.Table
    """One row per pair of models: ``model``, ``other_model``, ``total_variation`` (the share of all credit that would
    have to move, 0–1), ``rank_changes`` (how many channels have another place), ``most_moved`` (the channel whose share
    differs most) and ``most_moved_share`` (by how much it is larger under the other model)."""


def compare(credit: ArrowTable, *, by: str = "channel", measure: str | None = None) -> Comparison:
    r"""Lay models side by side: what share each gives to each channel, and how far they are from one another.

    With the shares :math:`p_c` and :math:`q_c` of channel c under two models, their distance is

    .. math:: TV = \frac{1}{2} \sum_c |p_c - q_c|

    the share of all credit that lies on other channels.

    :param credit: what :func:`touchline.credit_paths` or :func:`touchline.attribute` returned, or any table with
        ``model``, the column ``by`` and the column ``measure``; rows of the same model and channel are added up.
    :param by: the column that is compared, such as a campaign that you joined to the links.
    :param measure: the column of numbers, such as ``value`` or ``value_micros``; by default ``conversions``, or
        ``weight`` if there are none.
    :returns: shares, ranks and distances, as Arrow tables.
    :raises InputError: if a column is missing, has the wrong type or contains nulls, or a model gives no credit.

    Not a test: :func:`touchline.bootstrap` says whether a difference is more than chance.

    >>> journeys = pa.table({"path": ["Email > Referral", "Email"], "conversions": [3, 1]})
    >>> from touchline.api import credit_paths
    >>> both = compare(credit_paths(journeys, models=["FIRST_TOUCH", "LINEAR"]))
    >>> both.shares.to_pydict()
    {'channel': ['Email', 'Referral'], 'FIRST_TOUCH': [1.0, 0.0], 'LINEAR': [0.625, 0.375]}
    >>> both.distances["total_variation"].to_pylist()
    [0.375]
    """
    table = arrow_of(_NAME, credit, ("model", by), (measure or "conversions",))
    chosen = measure or next((name for name in _MEASURES if name in table.column_names), _MEASURES[0])
    table = arrow_of(_NAME, table, ("model", by, chosen))
    _check(table, by, chosen)
    models, names, shares = _shares(table, by, chosen)
    labels = pa.array(names, pa.string())
    is_named = np.array([name is not None for name in names], np.bool_)
    places = [_ranks(column, is_named) for column in shares]
    return Comparison(
        pa.table([labels, *map(pa.array, shares)], [by, *models]),
        pa.table([labels, *(pa.array(place, pa.int64(), mask=~is_named) for place in places)], [by, *models]),
        _distances(models, names, shares, places),
    )


def _check(table: pa.Table, by: str, measure: str) -> None:
    for name in ("model", by):
        if not is_text(table.schema.field(name).type):
            raise InputError(f"{_NAME}.{name} is text, not {table.schema.field(name).type}.", "Convert it.")
    kind = table.schema.field(measure).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise InputError(f"{_NAME}.{measure} is a number, not {kind}.", "Name another with measure=….")
    for name in ("model", measure):
        if table[name].null_count:
            raise InputError(
                f"{table[name].null_count} of {table.num_rows} rows of {_NAME} have no {name}.",
                "Fill it, or name another measure.",
            )
    if by in {"model", measure}:
        raise InputError(f"by names the column that is compared, not {by!r}.", 'Such as by="channel".')


def _shares(table: pa.Table, by: str, measure: str) -> tuple[list[str], list[Any], list[Floats]]:
    """The models as they come, the names in order (what has none is last), and for each model their shares."""
    rows = table.select(["model", by, measure])
    rows = rows.set_column(2, measure, rows[measure].cast(pa.float64(), safe=False))
    rows = rows.set_column(0, "model", rows["model"].cast(pa.string())).set_column(1, by, rows[by].cast(pa.string()))
    models = rows["model"].unique().to_pylist()
    summed = rows.group_by(["model", by], use_threads=False).aggregate([(measure, "sum")])
    found = {(row["model"], row[by]): row[f"{measure}_sum"] for row in summed.to_pylist()}
    names = sorted({name for _, name in found}, key=lambda name: (name is None, name))
    shares = []
    for model in models:
        credit = np.array([found.get((model, name), 0.0) for name in names])
        if not np.isfinite(credit).all() or credit.sum() <= 0:
            raise InputError(f"{model} has no credit in {_NAME}.{measure}.", "Leave the model out, or name a measure.")
        shares.append(credit / credit.sum())
    return models, names, shares


def _ranks(shares: Floats, is_named: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The places of what has a name; 0 for what has none."""
    places = np.zeros(len(shares), np.int64)
    places[is_named] = ranks(shares[is_named].round(_EVEN))
    return places


def _distances(
    models: Sequence[str], names: Sequence[Any], shares: Sequence[Floats], places: Sequence[Any]
) -> pa.Table:
    rows = []
    for one, other in combinations(range(len(models)), 2):
        moved = shares[other] - shares[one]
        most = int(np.argmax(np.abs(moved)))
        rows.append(
            {
                "model": models[one],
                "other_model": models[other],
                "total_variation": total_variation(shares[one], shares[other]),
                "rank_changes": int((places[one] != places[other]).sum()),
                "most_moved": names[most],
                "most_moved_share": float(moved[most]),
            }
        )
    return pa.Table.from_pylist(rows, _DISTANCES)


_DISTANCES = pa.schema(
    {
        "model": pa.string(),
        "other_model": pa.string(),
        "total_variation": pa.float64(),
        "rank_changes": pa.int64(),
        "most_moved": pa.string(),
        "most_moved_share": pa.float64(),
    }
)
