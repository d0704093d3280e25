"""What a path may hold before any model weighs it: windows, exclusions, priorities, and shorter spellings of paths."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pyarrow as pa

from touchline.api.given import is_whole
from touchline.engines import DuckDB
from touchline.errors import UsageError
from touchline.magnitudes import DAY_MICROS
from touchline.settings import RANGES, OrganizationSettings, Range

Counting = Literal["every", "first", "one_per_window"]
"""Which of a person's conversions count: every one, the first, or one in each lookback window."""

Transform = Literal["unique", "exposure", "first", "no_loops", "frequency"]
"""How a path is spelled: as it is, without immediate repeats, with the first touch of each channel, without the loops
that lead back to a channel, or with the first touch of each channel, named by how often it came."""

_DAYS, _TOUCHES = RANGES["lookback_days"], Range(int, 1, RANGES["touches_per_path"].high)
_PREFERRED, _USUAL, _LAST_RESORT = 0, 1, 2


@dataclass(frozen=True)
class PathOptions:
    """The options, checked. Where all have their defaults, paths are as the river has them."""

    excluded: Sequence[str] = ()
    """Channels that never get credit."""
    preferred: Sequence[str] = ()
    """Channels that get all the credit where one of them is on the path."""
    last_resort: Sequence[str] = ()
    """Channels that get credit only where nothing else is on the path."""
    channel_lookback_days: Mapping[str, int] = field(default_factory=dict)
    goal_lookback_days: Mapping[str, int] = field(default_factory=dict)
    interaction_lookback_days: Mapping[str, int] = field(default_factory=dict)
    counting: Counting = "every"
    transform: Transform = "unique"
    last_touches: int | None = None
    converting_visit_only: bool = False
    first_of_visit_only: bool = False
    reset_after_conversion: bool = False

    def __post_init__(self) -> None:
        """Refuse what is out of range.

        :raises UsageError: which option it is, what was expected and what came.
        """
        for name in ("excluded", "preferred", "last_resort"):
            _require_names(name, getattr(self, name))
        for name in ("channel_lookback_days", "goal_lookback_days", "interaction_lookback_days"):
            _require_days(name, getattr(self, name))
        for name, choices in (("counting", get_args(Counting)), ("transform", get_args(Transform))):
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is one of {', '.join(choices)}, not {getattr(self, name)!r}.")
        if self.last_touches is not None and not _is_whole(self.last_touches, _TOUCHES):
            raise UsageError(f"last_touches is a whole number {_TOUCHES}, not {self.last_touches!r}.")
        for name in ("converting_visit_only", "first_of_visit_only", "reset_after_conversion"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name} is True or False, not {getattr(self, name)!r}.")
        named = [*self.excluded, *self.preferred, *self.last_resort]
        twice = next((channel for channel in named if named.count(channel) > 1), None)
        if twice is not None:
            raise UsageError(f"{twice!r} is named twice in excluded, preferred and last_resort.", "Name it once.")

    @property
    def is_usual(self) -> bool:
        """Whether paths stay as the river makes them."""
        return self == PathOptions()

    @property
    def touch_columns(self) -> tuple[str, ...]:
        """The columns of touches that the options need in addition."""
        needs_visit = self.converting_visit_only or self.first_of_visit_only
        return (
            *(("session_id",) if needs_visit else ()),
            *(("interaction",) if self.interaction_lookback_days else ()),
        )

    @property
    def conversion_columns(self) -> tuple[str, ...]:
        """The columns of conversions that the options need in addition."""
        return (
            *(("session_id",) if self.converting_visit_only else ()), *(("goal",) if self.goal_lookback_days else ())
        )  # fmt: skip

    def longest_lookback(self, usual: int) -> int:
        """The longest window of all, in days."""
        windows = (self.channel_lookback_days, self.goal_lookback_days, self.interaction_lookback_days)
        return max(usual, *(days for window in windows for days in window.values()), 1)


def _require_names(option: str, names: object) -> None:
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{option} is a list of channels such as ['Direct'], not {names!r:.80}.")


def _require_days(option: str, days: object) -> None:
    if not isinstance(days, Mapping):
        raise UsageError(f"{option} is days by name such as {{'Email': 7}}, not {days!r:.80}.")
    for name, number in days.items():
        if not isinstance(name, str) or not _is_whole(number, _DAYS):
            raise UsageError(f"{option} is a whole number of days {_DAYS} by name, not {number!r}.")


def _is_whole(number: object, within: Range) -> bool:
    return is_whole(number) and number in within


def count_conversions(engine: DuckDB, options: PathOptions, lookback_days: int) -> None:
    """Hold the ids of the conversions that count, as ``counted_conversions``."""
    engine.keep("counted_conversions", _COUNTED[options.counting].format(window=lookback_days * DAY_MICROS))


_COUNTED: Mapping[Counting, str] = {
    "every": "select conversion_id from given_conversions",
    "first": """
        select conversion_id
        from (
          select
            conversion_id, row_number() over (partition by person_id order by occurred_at, conversion_id) as place
          from given_conversions
        ) as placed
        where place = 1
    """,
    "one_per_window": """
        with recursive placed as (
          select
            person_id, conversion_id, occurred_at,
            row_number() over (partition by person_id order by occurred_at, conversion_id) as place
          from given_conversions
        ),
        followed as (
          select
            *,
            count(*) over (
              partition by person_id order by epoch_us(occurred_at)
              range between unbounded preceding and {window} following
            ) + 1 as next_place
          from placed
        ),
        counted as (
          select person_id, conversion_id, next_place from followed where place = 1
          union all
          select f.person_id, f.conversion_id, f.next_place
          from counted as c
          join followed as f on f.person_id = c.person_id and f.place = c.next_place
        )
        select conversion_id from counted
    """,
}
"""From a conversion that counts on, the next one to count is the first after its window."""


def apply_options(engine: DuckDB, options: PathOptions, settings: OrganizationSettings) -> None:
    """Hold the paths that the options leave, as ``paths``.

    No bound acts before the options have: what they leave out must not take the place of what they keep.
    """
    last_resort = [*options.last_resort]
    if settings.direct == "unless_only" and "Direct" not in {*options.excluded, *options.preferred, *last_resort}:
        last_resort.append("Direct")
    tiers = [
        *((name, None) for name in options.excluded),
        *((name, _PREFERRED) for name in options.preferred),
        *((name, _LAST_RESORT) for name in last_resort),
    ]
    engine.register("channel_tiers", _pairs("channel", "tier", tiers))
    for name, days in (
        ("channel", options.channel_lookback_days),
        ("goal", options.goal_lookback_days),
        ("interaction", options.interaction_lookback_days),
    ):
        engine.register(f"{name}_windows", _pairs(name, "micros", [(key, n * DAY_MICROS) for key, n in days.items()]))
    engine.keep("allowed_paths", _allowed(options, settings.lookback_days))
    engine.keep("spelled_paths", _SPELLED[options.transform])
    newest = "true" if options.last_touches is None else f"number > touches - {options.last_touches:d}"
    engine.keep("paths", _KEPT.format(newest=newest))


def links_spelled(links: str, options: PathOptions) -> str:
    """The links with channels as the options spell them: models weigh the channels themselves."""
    return _RENAMED.format(links=links) if options.transform == "frequency" else links


def _pairs(key: str, value: str, rows: Iterable[tuple[str, int | None]]) -> pa.Table:
    listed = list(rows)
    return pa.table(
        {
            key: pa.array([row[0] for row in listed], pa.string()),
            value: pa.array([row[1] for row in listed], pa.int64()),
        }
    )


def _allowed(options: PathOptions, lookback_days: int) -> str:
    """The touches inside their windows, of the best tier that there is."""
    interaction = "cast(t.interaction as varchar)" if options.interaction_lookback_days else "cast(null as varchar)"
    goal = "cast(c.goal as varchar)" if options.goal_lookback_days else "cast(null as varchar)"
    conditions = ["true"]
    if options.converting_visit_only:
        conditions.append("t.session_id = c.session_id")
    if options.first_of_visit_only:
        conditions.append("f.touchpoint_id is not null")
    if options.reset_after_conversion:
        conditions.append("(c.previous_at is null or t.occurred_at > c.previous_at)")
    first_of_visits = (
        "select touchpoint_id, row_number() over (partition by session_id order by occurred_at, touchpoint_id) as place"
        " from given_touchpoints"
        if options.first_of_visit_only
        else "select touchpoint_id, 1 as place from given_touchpoints where false"
    )
    return _ALLOWED.format(
        usual_tier=_USUAL,
        interaction=interaction, goal=goal, conditions=" and ".join(conditions), first_of_visits=first_of_visits,
        usual=lookback_days * DAY_MICROS, longest=options.longest_lookback(lookback_days) * DAY_MICROS,
    )  # fmt: skip


_ALLOWED = """
with visits as ({first_of_visits}),
bought as (
  select
    g.*, lag(g.occurred_at) over (partition by g.person_id order by g.occurred_at, g.conversion_id) as previous_at
  from given_conversions as g
  join counted_conversions as k on k.conversion_id = g.conversion_id
),
timely as (
  select
    c.person_id, c.conversion_id, t.touchpoint_id, t.channel, t.occurred_at,
    epoch_us(c.occurred_at) - epoch_us(t.occurred_at) as age_micros,
    coalesce(r.tier, {usual_tier}) as tier, coalesce(least(w.micros, g.micros, i.micros), {usual}) as window_micros
  from bought as c
  join given_touchpoints as t on t.person_id = c.person_id
  left join visits as f on f.touchpoint_id = t.touchpoint_id and f.place = 1
  left join channel_tiers as r on r.channel = t.channel
  left join channel_windows as w on w.channel = t.channel
  left join goal_windows as g on g.goal = {goal}
  left join interaction_windows as i on i.interaction = {interaction}
  where t.occurred_at <= c.occurred_at and epoch_us(c.occurred_at) - epoch_us(t.occurred_at) <= {longest}
    and (r.channel is null or r.tier is not null) and {conditions}
),
ranked as (
  select *, min(tier) over (partition by conversion_id) as best_tier
  from timely
  where age_micros <= window_micros
)
select
  person_id, conversion_id, touchpoint_id, channel, occurred_at, age_micros,
  row_number() over (partition by conversion_id order by occurred_at, touchpoint_id) as place
from ranked
where tier = best_tier
"""
_OF_EACH_CHANNEL = """
select
  *, row_number() over (partition by conversion_id, channel order by place) as number,
  count(*) over (partition by conversion_id, channel) as touches
from allowed_paths
"""
_SPELLED: Mapping[Transform, str] = {
    "unique": "select * from allowed_paths",
    "exposure": """
        select * exclude (previous)
        from (
          select *, lag(channel) over (partition by conversion_id order by place) as previous from allowed_paths
        ) as followed
        where previous is distinct from channel
    """,
    "first": f"select * exclude (number, touches) from ({_OF_EACH_CHANNEL}) as counted where number = 1",
    "frequency": f"""
        select * exclude (number, touches), channel || '(' || touches || ')' as spelled_channel
        from ({_OF_EACH_CHANNEL}) as counted
        where number = 1
    """,
    "no_loops": """
        with recursive recurring as (
          select *, max(place) over (partition by conversion_id, channel) as last_place from allowed_paths
        ),
        walked as (
          select conversion_id, place, last_place from recurring where place = 1
          union all
          select r.conversion_id, r.place, r.last_place
          from walked as w
          join recurring as r on r.conversion_id = w.conversion_id and r.place = w.last_place + 1
        )
        select a.*
        from allowed_paths as a
        join walked as w on w.conversion_id = a.conversion_id and w.place = a.place
    """,
}
"""Each keeps the place of a touch; where a channel returns, the path goes on after its last touch."""
_KEPT = """
with numbered as (
  select
    *, row_number() over (partition by conversion_id order by place) as number,
    count(*) over (partition by conversion_id) as touches
  from spelled_paths
),
newest as (
  select
    *, row_number() over (partition by conversion_id order by number) as newest_number,
    count(*) over (partition by conversion_id) as eligible_count
  from numbered
  where {newest}
),
bounded as (
  select n.*
  from newest as n
  cross join organizations as o
  left join crowded_persons as x on x.person_id = n.person_id
  where n.newest_number = 1 or n.newest_number > n.eligible_count + 1
    - case when x.person_id is null then o.touches_per_path else o.crowded_touches_per_path end
)
select
  '' as organization_id, person_id, conversion_id, touchpoint_id, channel, occurred_at, age_micros, true as is_eligible,
  row_number() over (partition by conversion_id order by newest_number) as position,
  count(*) over (partition by conversion_id) as touchpoint_count,
  eligible_count, 0 as idle_count
from bounded
"""
_RENAMED = """
select l.* replace (coalesce(s.spelled_channel, l.channel) as channel)
from ({links}) as l
left join spelled_paths as s on s.conversion_id = l.conversion_id and s.touchpoint_id = l.touchpoint_id
"""
