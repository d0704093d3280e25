"""The river's tables as arrays: one account per organization, grain, currency and model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.magnitudes import CREDIT
from touchline.waste.evidence import COMPLETE, Aims, Days, Units, added_up, by_day
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
_NO_ROWS: Ints = np.empty(0, np.int64)


@dataclass(frozen=True)
class Judged:
    """One account: its units as ``waste_units.sql`` has them, and the verdicts in their order."""

    units: list[Unit]
    verdicts: Verdicts


def judged(units: pa.Table, days: pa.Table, lags: pa.Table, excluded: pa.Table | None = None) -> Iterator[Judged]:
    """Every account with its verdicts.

    :param units: what ``waste_units.sql`` selects.
    :param days: what ``waste_days.sql`` selects.
    :param lags: what ``waste_lags.sql`` selects.
    :param excluded: what ``waste_excluded_days.sql`` selects; ``None``: no day is excluded.
    """
    curves, daily = _curves(lags), _Daily(units, days)
    of_all, before_first_event = _excluded_days(excluded)
    known, verdicts_of = _Known(units, daily), _Judge()
    for account, rows in _groups(_keys(units, (*_ACCOUNT, "model"))).items():
        whole, _, model = account.rpartition(_SEPARATOR)
        organization = whole.partition(_SEPARATOR)[0]
        theirs = rows[np.argsort(known.entity[rows], kind="stable")]
        in_account = np.concatenate([daily.of_account(whole, each) for each in dict.fromkeys(("", model))])
        anybody = daily.of_organization(organization, model)
        # all spend is held to all conversions, whether or not these have a source
        without = before_first_event if known.rows[theirs[0]]["grain"] == "ORGANIZATION" else of_all
        lag_cdf = curves.get(organization, COMPLETE)
        excluded_days = without.get(organization, _NO_ROWS)
        found = verdicts_of(*_account(known, theirs, daily, in_account, anybody, lag_cdf, excluded_days))
        yield Judged([known.rows[row] for row in theirs], found)


class _Daily:
    """The rows of ``waste_days.sql`` as arrays, and which of them are of an account."""

    def __init__(self, units: pa.Table, days: pa.Table) -> None:
        self.names = pc.unique(units["entity_id"]).sort()
        self.entity = self.codes(days["entity_id"])
        self.date = _ordinals(days["rollup_date"])
        self.spend = np.maximum(0.0, np.asarray(days["spend_micros"]) / MICROS)
        self.credit = np.asarray(days["credit"]) / CREDIT
        self.value = np.maximum(0.0, np.asarray(days["value_micros"]) / MICROS)
        self._accounts = _groups(_keys(days, (*_ACCOUNT, "model")))
        self._organizations = _groups(_keys(days, ("grain", "organization_id", "model")))

    def codes(self, entities: pa.ChunkedArray) -> Ints:
        """The places of entities among the names of units, which are in order; -1 for others."""
        return np.asarray(pc.index_in(entities, value_set=self.names).fill_null(-1)).astype(np.int64)

    def of_account(self, whole: str, model: str) -> Ints:
        """The rows of an account, as ``_ACCOUNT`` names it, under a model; spend has none."""
        return self._accounts.get(f"{whole}{_SEPARATOR}{model}", _NO_ROWS)

    def of_organization(self, organization: str, model: str) -> Ints:
        """The rows of an organization as a whole, in any currency."""
        return self._organizations.get(_SEPARATOR.join(("ORGANIZATION", organization, model)), _NO_ROWS)


class _Known:
    """The rows of ``waste_units.sql`` as arrays."""

    def __init__(self, units: pa.Table, daily: _Daily) -> None:
        self.rows: list[Unit] = units.to_pylist()
        self.entity = daily.codes(units["entity_id"])
        self.until, self.end, self.start = (
            _ordinals(units[name]) for name in ("known_until", "window_end", "window_start")
        )
        self.parents = {grain: _codes(_keys(units, ("organization_id", *above))) for grain, above in _PARENTS.items()}
        self._aims = _aims(units)

    def aims(self, rows: Ints) -> Aims:
        """What these are held to."""
        return Aims(*(getattr(self._aims, field.name)[rows] for field in fields(Aims)))


def _excluded_days(excluded: pa.Table | None) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """By organization, all excluded days; and those of them before its first event."""
    if excluded is None:
        return {}, {}
    rows_of, days = _groups(_keys(excluded, ("organization_id",))), _ordinals(excluded["period"])
    is_before = np.asarray(excluded["is_before_first_event"], bool)
    of_all = {name: days[rows] for name, rows in rows_of.items()}
    return of_all, {name: days[rows[is_before[rows]]] for name, rows in rows_of.items()}


class _Judge:
    """Judges accounts, those with the same numbers once: models often agree on all of an account's credit."""

    def __init__(self) -> None:
        self._known: dict[bytes, Verdicts] = {}

    def __call__(self, days: Days, units: Units, lag_cdf: Floats, recorded: Recorded) -> Verdicts:
        """See :func:`touchline.waste.judging.verdicts`."""
        key = _digest((days, units, lag_cdf, recorded))
        if key not in self._known:
            self._known[key] = verdicts(days, units, lag_cdf, recorded)
        return self._known[key]


def _digest(values: Iterable[Any]) -> bytes:
    """Of numbers, arrays, and rows of them."""
    digest = blake2b(digest_size=16)
    for value in values:
        if is_dataclass(value):
            digest.update(_digest(getattr(value, field.name) for field in fields(value)))
        else:
            numbers = np.ascontiguousarray(value)
            digest.update(f"{numbers.dtype.str}{numbers.shape}".encode())
            digest.update(numbers.data)
    return digest.digest()


def _account(
    known: _Known, units: Ints, daily: _Daily, days: Ints, anybody: Ints, lag_cdf: Floats, excluded: Ints
) -> tuple[Days, Units, Floats, Recorded]:
    """What is judged of one account.

    :param units: its rows among the units, in the order of their entities.
    :param days: its rows among the days, and others of the same account that no unit has.
    :param anybody: the rows of all conversions of its organization.
    :param excluded: the days whose spend and conversions do not count.
    """
    entities, first = known.entity[units], units[0]
    unit = np.searchsorted(entities, daily.entity[days])
    is_known = entities[np.minimum(unit, len(entities) - 1)] == daily.entity[days]
    days, unit = days[is_known], unit[is_known]
    grain, until, end = known.rows[first]["grain"], known.until[first], known.end[first]
    if grain == "ORGANIZATION":  # its conversions are those of the day itself, whatever led to them
        lag_cdf = COMPLETE
    count = end - known.start[first] + 1
    everybody = np.bincount(end - daily.date[anybody], daily.credit[anybody], count).astype(np.float64)
    conversions = np.maximum(0.0, daily.credit[days])
    cells = by_day(Days(unit, until - daily.date[days], daily.spend[days], conversions, daily.value[days]))
    parents = np.unique(known.parents[grain][units], return_inverse=True)[1]
    recorded = Recorded(everybody, int(until - end), until - excluded)
    return cells, added_up(cells, parents, lag_cdf, known.aims(units)), lag_cdf, recorded


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
        _codes(_keys(units, ("organization_id", "platform"))),
        _floats(units["clicks"]),
        _floats(units["visits"]),
        _floats(units["repeated_micros"]) / MICROS,
        *(_floats(units[name]) for name in ("landings", "engaged", "of_customers")),
    )


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


def _codes(keys: pa.ChunkedArray) -> Ints:
    """By row, the number of its key."""
    return np.asarray(keys.combine_chunks().dictionary_encode().indices).astype(np.int64)


def _groups(keys: pa.ChunkedArray) -> dict[str, Ints]:
    """The rows of each key."""
    encoded = keys.combine_chunks().dictionary_encode()
    codes = np.asarray(encoded.indices)
    ends = np.cumsum(np.bincount(codes, minlength=len(encoded.dictionary)))
    rows = np.split(np.argsort(codes, kind="stable"), ends)  # the last part has no key and is empty
    return dict(zip(encoded.dictionary.to_pylist(), rows, strict=False))


def _keys(table: pa.Table, columns: tuple[str, ...]) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(table[name].cast(pa.string()) for name in columns), _SEPARATOR)
