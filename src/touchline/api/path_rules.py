"""The rule models on aggregated paths: the models' own SQL, with the rows of the paths in the place of the river's."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.api.given import engine_for_given
from touchline.api.row_models import files_of, fill_rows, rows_chosen
from touchline.attribution.path_table import Floats, PathTable, sums_at
from touchline.own_models import OwnModel
from touchline.sql import query
from touchline.tables import CONVERSIONS, FIRST_REACHES, GOALS

_PATHS = """
select '' as organization_id, '' as person_id, path_number as conversion_id, '' as touchpoint_id, position,
  touchpoint_count, channel, true as is_eligible, cast(0 as bigint) as age_micros
from given_steps
"""
_SHARES = """
with shares as (
  select
    w.model as model,
    w.channel as channel,
    case when w.weight_total = 0 then 1 else w.weight end as weight,
    case when w.weight_total = 0 then w.touchpoint_count else w.weight_total end as weight_total,
    a.conversions as conversions,
    a.value as value
  from ({weights}) as w
  join given_amounts as a on a.path_number = w.conversion_id
)
select
  model, channel, weight_total,
  cast(sum(cast(weight as hugeint) * conversions) as double) as conversions,
  cast(sum(cast(weight as hugeint) * value) as double) as value
from shares
group by model, channel, weight_total
order by model, channel, weight_total
"""
"""Whole numbers, whose sums do not depend on their order; the caller divides by ``weight_total``."""


def rule_credit(
    paths: PathTable, models: Sequence[str], own: Sequence[OwnModel] = ()
) -> Mapping[str, tuple[Floats, Floats]]:
    """By model, the conversions and the value of each channel, on paths with at least one touch.

    :param models: of :data:`touchline.models.PATH_MODELS`, or models that are rows and look at no times.
    :param own: the caller's own models.
    """
    grids = [_grid(amounts) for amounts in (paths.conversions, _value(paths))]
    with engine_for_given() as engine:
        engine.register("given_steps", _steps(paths))
        engine.register("given_amounts", _amounts(paths, grids))
        engine.bind("paths", _PATHS)
        fill_rows(engine, rows_chosen(models, own))
        for table in (CONVERSIONS, FIRST_REACHES, GOALS):  # of milestones, which need times
            engine.create(table)
        weights = query("touchline.attribution", "weights", files_of(models)).text
        found = engine.select(_SHARES.format(weights=weights))
    return {model: _of_model(found, model, paths, grids) for model in models}


def _value(paths: PathTable) -> Floats:
    return np.zeros(len(paths.conversions)) if paths.value is None else paths.value


def _grid(amounts: Floats) -> float:
    """The unit in which all amounts and their sum are whole numbers, but for what a double cannot hold of the sum."""
    return float(np.spacing(amounts.sum())) if amounts.any() else 1.0


def _steps(paths: PathTable) -> pa.Table:
    owners = paths.paths_of_steps
    names = pa.DictionaryArray.from_arrays(pa.array(paths.steps, pa.int32()), pa.array(paths.channels, pa.string()))
    return pa.table(
        {
            "path_number": owners,
            "position": np.arange(len(owners)) - paths.starts[owners] + 1,
            "touchpoint_count": paths.lengths[owners],
            "channel": names,
        }
    )


def _amounts(paths: PathTable, grids: Sequence[float]) -> pa.Table:
    conversions, value = (
        np.rint(amounts / grid).astype(np.int64)
        for amounts, grid in zip((paths.conversions, _value(paths)), grids, strict=True)
    )
    return pa.table({"path_number": np.arange(len(conversions)), "conversions": conversions, "value": value})


def _of_model(found: pa.Table, model: str, paths: PathTable, grids: Sequence[float]) -> tuple[Floats, Floats]:
    rows = found.filter(pc.equal(found["model"], model))
    encoded = pc.index_in(rows["channel"].cast(pa.string()), pa.array(paths.channels, pa.string()))
    channels = encoded.to_numpy().astype(np.int64)
    totals = rows["weight_total"].to_numpy().astype(np.float64)
    conversions, value = (
        sums_at(channels, rows[name].to_numpy() / totals * grid, len(paths.channels))
        for name, grid in zip(("conversions", "value"), grids, strict=True)
    )
    return conversions, value
