"""The river's tables as arrays: one account per organization, grain, currency and model."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.magnitudes import CREDIT
from touchline.waste.evidence import COMPLETE, Aims, Days, added_up, by_day
from touchline.waste.judging import Recorded, Verdicts, verdicts
from touchline.waste.lag_curve import curve
from touchline.waste.prior import Floats, Ints

MICROS = 1_000_000
_ACCOUNT = ("organization_id", "grain", "currency")
_PARENTS: dict[str, tuple[str, ...]] = {
    "ORGANIZATION": (), "PLATFORM": (), "CAMPAIGN": ("platform",), "ADSET": ("platform", "campaign_id"),
    "AD": ("platform", "campaign_id"),
}  # fmt: skip
_SEPARATOR = "\x1f"

Unit = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One account: its units as ``waste_units.sql`` has them, and the verdicts in their order."""

    units: list[Unit]
    verdicts: Verdicts


def judged(units: pa.Table, days: pa.Table, lags: pa.Table) -> Iterator[Judged]:
    """Every account with its verdicts.

    :param units: what ``waste_units.sql`` selects.
    :param days: what ``waste_days.sql`` selects.
    :param lags: what ``waste_lags.sql`` selects.
    """
    curves, anybody = _curves(lags), days.filter(pc.equal(days["grain"], "ORGANIZATION"))
    keys, day_keys = _keys(units, (*_ACCOUNT, "model")), _keys(days, _ACCOUNT)
    for account in pc.unique(keys).to_pylist():
        theirs = units.filter(pc.equal(keys, account)).sort_by("entity_id")
        whole, _, model = account.rpartition(_SEPARATOR)
        in_account = days.filter(pc.equal(day_keys, whole))
        rows = in_account.filter(pc.is_in(in_account["model"], value_set=pa.array(["", model])))
        organization = theirs["organization_id"][0].as_py()
        is_all = pc.and_(pc.equal(anybody["organization_id"], organization), pc.equal(anybody["model"], model))
        yield _account(theirs, rows, anybody.filter(is_all), curves.get(organization, COMPLETE))


def _account(units: pa.Table, days: pa.Table, anybody: pa.Table, lag_cdf: Floats) -> Judged:
    unit = pc.index_in(days["entity_id"], value_set=units["entity_id"].combine_chunks())
    days = days.append_column("unit", unit).filter(pc.is_valid(unit))
    grain = units["grain"][0].as_py()
    if grain == "ORGANIZATION":  # its conversions are those of the day itself, whatever led to them
        lag_cdf = COMPLETE
    known, last, first = (units[name][0].as_py().toordinal() for name in ("known_until", "window_end", "window_start"))
    sold = np.asarray(anybody["credit"]) / CREDIT
    everybody = np.bincount(last - _ordinals(anybody["rollup_date"]), sold, last - first + 1).astype(np.float64)
    cells = by_day(
        Days(
            np.asarray(days["unit"]).astype(np.int64),
            known - _ordinals(days["rollup_date"]),
            np.maximum(0.0, np.asarray(days["spend_micros"]) / MICROS),
            np.maximum(0.0, np.asarray(days["credit"]) / CREDIT),
            np.maximum(0.0, np.asarray(days["value_micros"]) / MICROS),
        )
    )
    parents = _keys(units, ("organization_id", *_PARENTS[grain])).dictionary_encode()
    recorded = Recorded(everybody, known - last)
    found = verdicts(cells, added_up(cells, _indices(parents), lag_cdf, _aims(units)), lag_cdf, recorded)
    return Judged(units.to_pylist(), found)


def _aims(units: pa.Table) -> Aims:
    """The targets; where there is none, what a fit of the usual cost per conversion says."""
    own, usual = (_floats(units[name]) / MICROS for name in ("target_cpa_micros", "usual_cpa_micros"))
    roas = _floats(units["target_roas"])
    is_own = ~(np.isnan(own) & np.isnan(roas))
    target = np.where(is_own, own, np.where(usual > 0, usual, np.nan))
    return Aims(
        target,
        roas,
        is_own,
        np.asarray(units["is_tagged"]) == 1,
        np.asarray(units["is_ambiguous"]) == 1,
        _feeds(units),
        _floats(units["clicks"]),
        _floats(units["visits"]),
        _floats(units["repeated_micros"]) / MICROS,
    )


def _feeds(units: pa.Table) -> Ints:
    return _indices(_keys(units, ("organization_id", "platform")).dictionary_encode())


def _curves(lags: pa.Table) -> dict[str, Floats]:
    touched, came, end = (_ordinals(lags[name]) for name in ("touch_date", "conversion_date", "known_until"))
    touches, names = np.asarray(lags["touches"]), np.asarray(lags["organization_id"].to_pylist(), np.object_)
    found = {}
    for name in pc.unique(lags["organization_id"]).to_pylist():
        theirs = names == name
        found[name] = curve((came - touched)[theirs], (end - touched)[theirs], touches[theirs])
    return found


def _ordinals(dates: pa.ChunkedArray) -> Any:
    """Days since the year 1."""
    return np.asarray(dates.cast(pa.date32()).cast(pa.int32())).astype(np.int64) + date(1970, 1, 1).toordinal()


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).fill_null(float("nan")))


def _indices(encoded: pa.ChunkedArray) -> Ints:
    return np.asarray(encoded.combine_chunks().indices).astype(np.int64)


def _keys(table: pa.Table, columns: tuple[str, ...]) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(table[name].cast(pa.string()) for name in columns), _SEPARATOR)
