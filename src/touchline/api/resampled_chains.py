"""The Markov model of order 1 on resampled persons: steps are counted once for each group of them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from touchline.amounts import counted
from touchline.attribution.chains import removal_of_each
from touchline.attribution.path_table import Floats, sums_at
from touchline.attribution.resampling import BUCKETS
from touchline.engines import DuckDB
from touchline.errors import UsageError

MOST_CHANNELS = 200
"""A chain is solved for each resample: with more channels, that takes minutes."""
_CELLS_AT_ONCE = 4_000_000
_MICROS = 1e6
_STEPS = f"""
with converting as (
  select c.person_id, c.conversion_id, p.position, p.channel, c.value_micros
  from given_conversions as c
  join paths as p on p.conversion_id = c.conversion_id
  where p.is_eligible
),
seen as (
  select
    t.person_id, t.touchpoint_id, t.occurred_at, t.evidence_id as channel,
    case when t.evidence_id = 'Direct' and o.direct = 'unless_only' then 0 else 1 end as is_preferred,
    case when c.person_id is null then o.touches_per_path else o.crowded_touches_per_path end as path_limit
  from touchpoints as t
  cross join organizations as o
  left join crowded_persons as c on c.person_id = t.person_id
  where t.person_id not in (select person_id from given_conversions)
),
preferred as (
  select person_id, max(is_preferred) as has_preferred
  from seen
  group by person_id
),
eligible as (
  select
    s.person_id, s.channel, s.path_limit,
    row_number() over (partition by s.person_id order by s.occurred_at, s.touchpoint_id) as place,
    count(*) over (partition by s.person_id) as eligible_count
  from seen as s
  join preferred as p on p.person_id = s.person_id
  where s.is_preferred = p.has_preferred
),
touched as (
  select
    cast(person_id as varchar) as person_id, 'c' || cast(conversion_id as varchar) as path_id, position, channel,
    true as is_converting, value_micros
  from converting
  union all
  select
    cast(person_id as varchar) as person_id, 'p' || cast(person_id as varchar) as path_id, place as position, channel,
    false as is_converting, 0 as value_micros
  from eligible
  where place = 1 or place > eligible_count - path_limit + 1
),
moves as (
  select person_id, null as source, channel as target, false as is_end, is_converting, 0 as value_micros
  from touched
  where position = 1
  union all
  select
    person_id, channel as source, lead(channel) over path as target, lead(channel) over path is null as is_end,
    is_converting, case when lead(channel) over path is null then value_micros else 0 end as value_micros
  from touched
  window path as (partition by path_id order by position)
)
select
  md5_number_lower(person_id) % {BUCKETS:d} as bucket, source, target, is_end, is_converting,
  cast(count(*) as double) as people, cast(sum(value_micros) as double) as value_micros
from moves
group by bucket, source, target, is_end, is_converting
order by bucket, source, target, is_end, is_converting
"""
"""As the fit counts them: a path to each conversion, and one path of each person without a conversion."""


def chain_draws(
    engine: DuckDB, names: Sequence[str | None], untouched: tuple[Floats, Floats], drawn: Floats
) -> tuple[Floats, Floats]:
    """The model's own credit and value, and below them those of each resample; one column per name.

    :param untouched: the conversions without a touch, and their value, of each group of persons.
    :param drawn: how often each resample has each group, shape ``(resamples, BUCKETS)``.
    :raises UsageError: if there are too many channels to solve a chain for each resample.
    """
    steps = engine.select(_STEPS)
    channels = sorted({*steps["source"].to_pylist(), *steps["target"].to_pylist()} - {None})
    if len(channels) > MOST_CHANNELS:
        raise UsageError(
            f"The Markov chain has {counted(len(channels), 'channel')};"
            f" {MOST_CHANNELS} can be solved for each resample.",
            "Leave MARKOV out, or group rare channels under one name.",
        )
    transitions, earned = _counts(steps, channels)
    weights = np.vstack([np.ones(BUCKETS), drawn])
    portion = max(1, _CELLS_AT_ONCE // (len(channels) + 2) ** 2)
    parts = [
        _credit(weights[start : start + portion], transitions, earned) for start in range(0, len(weights), portion)
    ]
    return (
        _placed(np.vstack([credit for credit, _ in parts]), channels, names, weights @ untouched[0]),
        _placed(np.vstack([value for _, value in parts]), channels, names, weights @ untouched[1]),
    )


def _counts(steps: pa.Table, channels: Sequence[str]) -> tuple[Floats, Floats]:
    """By group: steps, shape ``(n + 1, n + 2)`` as in a chain, and the value after each row's state."""
    size = len(channels)
    rows: dict[str | None, int] = {None: 0} | {name: place for place, name in enumerate(channels, 1)}
    columns = {name: place for place, name in enumerate(channels)}
    sources = np.array([rows[name] for name in steps["source"].to_pylist()], np.int64)
    ends = np.where(steps["is_converting"].to_numpy(zero_copy_only=False), size, size + 1)
    onward = np.array([columns.get(name, -1) for name in steps["target"].to_pylist()], np.int64)
    targets = np.where(steps["is_end"].to_numpy(zero_copy_only=False), ends, onward)
    states = steps["bucket"].to_numpy().astype(np.int64) * (size + 1) + sources
    people = sums_at(states * (size + 2) + targets, steps["people"].to_numpy(), BUCKETS * (size + 1) * (size + 2))
    value = sums_at(states, steps["value_micros"].to_numpy() / _MICROS, BUCKETS * (size + 1))
    return people.reshape(BUCKETS, size + 1, size + 2), value.reshape(BUCKETS, size + 1)


def _credit(weights: Floats, transitions: Floats, earned: Floats) -> tuple[Floats, Floats]:
    """The credit and the value of each channel in some resamples."""
    drawn, value = np.tensordot(weights, transitions, 1), weights @ earned
    removal, value_removal = removal_of_each(drawn, value)
    return _shared(drawn[:, :, -2].sum(axis=1), removal), _shared(value.sum(axis=1), value_removal)


def _shared(totals: Floats, effects: Floats) -> Floats:
    whole = effects.sum(axis=1, keepdims=True)
    shares = np.divide(effects, whole, out=np.zeros_like(effects), where=whole > 0)
    return np.asarray(totals[:, np.newaxis] * shares, np.float64)


def _placed(credit: Floats, channels: Sequence[str], names: Sequence[str | None], untouched: Floats) -> Floats:
    """One column per name; a channel that is on no path to a conversion has no credit and no column."""
    places = {name: place for place, name in enumerate(channels)}
    return np.stack([untouched if name is None else credit[:, places[name]] for name in names], axis=1)
