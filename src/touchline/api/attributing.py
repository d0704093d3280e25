"""Attribution on any tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from touchline.api.given import ArrowTable, engine_for_given, require_unique, require_zone
from touchline.api.naming import chosen_models
from touchline.api.path_options import Counting, PathOptions, Transform, apply_options, count_conversions, links_spelled
from touchline.api.row_models import (
    MILESTONES_AS_CONVERSIONS,
    MILESTONES_FIRST_REACHED,
    files_of,
    fill_milestones,
    fill_rows,
    names_known,
    own_models_given,
    read_milestones,
    rows_chosen,
)
from touchline.api.touch_reading import MoreColumns, ReadTable, read_touches_and_conversions
from touchline.engines import DuckDB
from touchline.magnitudes import DAY_MICROS
from touchline.models import MEASURES, MODELS
from touchline.own_models import OwnModel
from touchline.settings import CROWDED_CONVERSIONS, CROWDED_TOUCHES, Direct, OrganizationSettings
from touchline.sql import query
from touchline.tables import (
    ACCOUNT_MEMBERS,
    ATTRIBUTION_LINKS,
    CROWDED_PERSONS,
    FIRST_REACHES,
    FIT_VALUES,
    FITS,
    MERGED_ACCOUNTS,
    PATHS,
)

_STAGE = "touchline.attribution"
_DATE = "cast(null as date) as conversion_date"
"""Dates select a conversion's fit; there is none here."""
_OF_CONVERSION = "'' as organization_id, 'person' as path_owner, cast(null as varchar) as account_id"
NO_DAYS: Mapping[str, int] = MappingProxyType({})
USUAL_PATHS = PathOptions()
_NO_CHANNEL = pa.nulls(1, pa.string())
_OF_ALL_TOUCHES = "LINEAR"
"""The model of whose links a measure takes the touches where no other is requested."""
_WITH_MEASURES = """
with links as materialized ({links}),
counted as (
  select
    l.* exclude (weight, value_micros, model), m.name as model, g.value_micros as value_micros,
    l.position = max(l.position) over (partition by l.conversion_id, l.channel, m.name) as is_last
  from links as l
  cross join measures as m
  join given_conversions as g on g.conversion_id = l.conversion_id
  where l.model = '{model}'
)
select conversion_id, touchpoint_id, position, touchpoint_count, channel, model, weight, value_micros
from links
where model in (select name from chosen_models)
union all
select
  conversion_id, touchpoint_id, position, touchpoint_count, channel, model,
  case when is_last then 1.0 else 0.0 end as weight, case when is_last then value_micros else 0 end as value_micros
from counted
"""


def attribute(  # noqa: PLR0913 - what may be said of a path, each optional
    touchpoints: ArrowTable,
    conversions: ArrowTable,
    *,
    models: str | Sequence[str] = MODELS,
    lookback_days: int = 30,
    half_life_days: float = 7.0,
    direct: Direct = "unless_only",
    touches_per_path: int = 200,
    time_zone: str | None = None,
    own_models: str | Path | None = None,
    milestones: ArrowTable | None = None,
    excluded: Sequence[str] = (),
    preferred: Sequence[str] = (),
    last_resort: Sequence[str] = (),
    channel_lookback_days: Mapping[str, int] = NO_DAYS,
    goal_lookback_days: Mapping[str, int] = NO_DAYS,
    interaction_lookback_days: Mapping[str, int] = NO_DAYS,
    counting: Counting = "every",
    transform: Transform = "unique",
    last_touches: int | None = None,
    converting_visit_only: bool = False,
    first_of_visit_only: bool = False,
    reset_after_conversion: bool = False,
) -> pa.Table:
    r"""Return the credit of every touch that led to a conversion, under each model.

    A conversion's path contains the person's touches from ``lookback_days`` before it up to the conversion, inclusive,
    ordered by time and then by ``touchpoint_id``. If there are more than ``touches_per_path`` touches, the path keeps
    the first and the nearest. With :math:`n` touches, the weight of touch :math:`i` with age :math:`t_i` is

    .. math::
        \text{FIRST\_TOUCH: } [i = 1] \quad \text{LAST\_TOUCH: } [i = n] \quad \text{LINEAR: } 1/n \quad
        \text{TIME\_DECAY: } 2^{-t_i/h} \Big/ \sum_j 2^{-t_j/h}

    and POSITION_BASED gives 0.4 to the first, 0.4 to the last, and 0.2 to those between (two touches get half each).
    These five are the default. If they are named, LAST_NON_DIRECT gives all to the last touch that is not ``Direct``
    (with ``direct="include"``; otherwise it equals LAST_TOUCH), J_SHAPED gives 0.2 to the first, 0.6 to the last and
    0.2 to those between (of two: 0.25 and 0.75), INVERSE_J 0.6, 0.2 and 0.2 (0.75 and 0.25), and SHAPLEY the same to
    each channel of the path, split evenly among the channel's touches. W_SHAPED, FULL_PATH and FIRST_WHILE_FRESH, and
    the models of other products such as AMPLITUDE_J_SHAPED, are rows of ``touchline model presets``.

    PARTICIPATION, which PostHog calls INFLUENCED, is no model but a measure: the last touch of each channel of the path
    has the weight 1 and the whole value, so that a channel's sum is the number of conversions on whose paths it is. Its
    weights add up to the number of the path's channels, not to one.

    Everything from ``excluded`` on is applied before any model weighs a path, in this order: which conversions count,
    windows and visits, exclusion and priority, the path's spelling, its last touches.

    :param touchpoints: columns ``person_id``, ``occurred_at`` (timestamp), ``channel`` and optionally
        ``touchpoint_id`` (unique; by default the row number, starting at 0).
    :param conversions: columns ``person_id``, ``conversion_id`` (unique), ``occurred_at`` and optionally
        ``value_micros`` (integer, 0 to below 2^53) or ``value`` (in currency units, rounded to micros).
    :param models: names from :data:`touchline.models.RULE_MODELS`, of presets, of ``own_models``, or of
        :data:`touchline.models.MEASURES`, in any case, or one name.
    :param lookback_days: 1–3650.
    :param half_life_days: ``h``, for TIME_DECAY: the half-life of a touch's weight in days, 0.01–3650.
    :param direct: ``"unless_only"``: the channel ``Direct`` gets credit only on paths with no other touches;
        ``"include"``: it is treated like any other channel.
    :param touches_per_path: the maximum number of touches that share a conversion, 2–1000; at most 10 for a person with
        more than 2,000 touches or 500 conversions.
    :param time_zone: the zone of times that have none, such as ``Europe/Berlin``. By default they are in UTC, and are
        refused if the other table's times have a zone.
    :param own_models: a TOML file of models, or its text, as ``touchline model add`` takes it.
    :param milestones: when persons reached the goals that models give weight to: ``person_id``, ``milestone`` (the
        goal's name), ``occurred_at``. The last touch up to the person's first one has the milestone's weight.
        Without it, nobody reached one, and the other places share everything.
    :param excluded: channels that never get credit.
    :param preferred: channels that get all the credit where one of them is on the path, such as campaigns.
    :param last_resort: channels that get credit only where nothing else is on the path, as ``Direct`` usually.
    :param channel_lookback_days: by channel, a window of its own, 1–3650. Where several windows are named for a touch,
        the shortest holds; where none is, ``lookback_days``.
    :param goal_lookback_days: the same by the column ``goal`` of conversions.
    :param interaction_lookback_days: the same by the column ``interaction`` of touchpoints, such as click and view.
    :param counting: which of a person's conversions count: ``"every"``, the ``"first"``, or ``"one_per_window"``: none
        within ``lookback_days`` after one that counts. The others have no rows.
    :param transform: ``"unique"``: paths as they are; ``"exposure"``: without immediate repeats of a channel;
        ``"first"``: the first touch of each channel; ``"no_loops"``: where a channel returns, what lay between goes;
        ``"frequency"``: as ``"first"``, with channels named by how often they came, such as ``Email(3)``.
    :param last_touches: only that many touches before the conversion, 1–1000.
    :param converting_visit_only: only touches whose ``session_id`` is that of the conversion.
    :param first_of_visit_only: of each ``session_id`` its first touch; those after the session's start get no credit.
    :param reset_after_conversion: no touch up to the person's previous conversion that counts gets credit.
    :returns: one row per conversion, eligible touch, and model: ``conversion_id``, ``touchpoint_id``,
        ``position`` (starting at 1), ``touchpoint_count``, ``channel``, ``model``, ``weight``, ``value_micros``. A
        conversion without a touch has one row per model with position 0 and neither touchpoint nor channel. For
        every conversion and model the weights add up to one (in billionths, exactly) and the values exactly to the
        conversion's value, but for measures; rows without credit are included, with weight 0.
    :raises InputError: if a column is missing, misspelled, has the wrong type, contains nulls, or is not unique, or if
        only one table's times have a zone.
    :raises UsageError: if a model, a time zone or a number is out of range, or ``TOUCHLINE_MEMORY`` is no valid size.
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
    own = own_models_given(own_models)
    chosen = chosen_models(models, (*names_known(own), *MEASURES))
    weighed = tuple(name for name in chosen if name not in MEASURES) or (_OF_ALL_TOUCHES,)
    settings = checked_settings(lookback_days, half_life_days, direct, touches_per_path, time_zone)
    options = PathOptions(
        excluded, preferred, last_resort, channel_lookback_days, goal_lookback_days, interaction_lookback_days,
        counting, transform, last_touches, converting_visit_only, first_of_visit_only, reset_after_conversion,
    )  # fmt: skip
    more = MoreColumns(options.touch_columns, options.conversion_columns)
    touches, bought = read_touches_and_conversions(touchpoints, conversions, time_zone, more=more)
    reached = read_milestones(milestones, time_zone, bought.rows.schema.field("person_id").type)
    value = "value_micros" if bought.has_value else "cast(null as bigint) as value_micros"
    with linking(touches, bought, weighed, settings, own=own, options=options, reached=reached) as (engine, made):
        rows = _with_measures(engine, made, chosen, weighed[0])
        return engine.select(
            f"select conversion_id, touchpoint_id, position, touchpoint_count, channel, model, weight, {value}"
            f" from ({rows}) as made"
        )


def _with_measures(engine: DuckDB, links: str, chosen: Sequence[str], model: str) -> str:
    """The ``SELECT`` of the chosen models' links and of the chosen measures, which are of the touches of a model."""
    if not {*chosen} & {*MEASURES}:
        return links
    for name, names in (("measures", MEASURES), ("chosen_models", chosen)):
        engine.register(name, pa.table({"name": [one for one in names if one in chosen]}))
    return _WITH_MEASURES.format(links=links, model=model)


def checked_settings(
    lookback_days: int, half_life_days: float, direct: str, touches_per_path: int, time_zone: str | None
) -> OrganizationSettings:
    """The settings that the stage reads.

    :raises UsageError: if one is out of range.
    """
    if time_zone is not None:
        require_zone(time_zone)
    settings = OrganizationSettings().changed("lookback_days", str(lookback_days))
    settings = settings.changed("half_life_days", str(half_life_days)).changed("direct", direct)
    return settings.changed("touches_per_path", str(touches_per_path))


@contextmanager
def linking(
    touches: ReadTable,
    bought: ReadTable,
    models: Sequence[str],
    settings: OrganizationSettings,
    *,
    own: Sequence[OwnModel] = (),
    options: PathOptions = USUAL_PATHS,
    reached: pa.Table | None = None,
) -> Iterator[tuple[DuckDB, str]]:
    """An engine with the given rows in the place of the river's tables, and the ``SELECT`` of their links in it."""
    with engine_for_given() as engine:
        _fill(engine, touches, bought, models)
        row_models = rows_chosen(models, own)
        fill_rows(engine, row_models)
        persons = bought.rows.schema.field("person_id").type
        fill_milestones(engine, reached if reached is not None else read_milestones(None, None, persons))
        _fill_conversions(engine, options, settings.lookback_days, has_row_models=bool(row_models))
        _make_paths(engine, options, settings)
        yield engine, links_spelled(query(_STAGE, ATTRIBUTION_LINKS.name, files_of(models)).text, options)


def _make_paths(engine: DuckDB, options: PathOptions, settings: OrganizationSettings) -> None:
    """The river's paths, or those that the options leave."""
    engine.bind("organizations", _organizations(settings))
    engine.keep(CROWDED_PERSONS.name, query(_STAGE, CROWDED_PERSONS.name).text)
    engine.bind(FIRST_REACHES.name, MILESTONES_FIRST_REACHED)
    if options.is_usual:
        engine.keep(PATHS.name, query(_STAGE, PATHS.name).text)
    else:
        apply_options(engine, options, settings)


def _fill(engine: DuckDB, touches: ReadTable, bought: ReadTable, models: Sequence[str]) -> None:
    engine.register("given_touchpoints", touches.rows)
    engine.register("given_conversions", bought.rows)
    engine.register("models", pa.table({"organization_id": [""] * len(models), "model": list(models)}))
    for table in (FITS, FIT_VALUES, ACCOUNT_MEMBERS, MERGED_ACCOUNTS):
        engine.create(table)
    engine.register("no_touchpoint", pa.table({"touchpoint_id": pa.nulls(1, touches.id_type), "channel": _NO_CHANNEL}))
    engine.keep(
        "touchpoints",
        "select '' as organization_id, person_id, occurred_at, occurred_at as counted_at, channel as evidence_id,"
        " touchpoint_id, cast(null as varchar) as account_id, false as is_claimed"
        " from given_touchpoints",
    )
    require_unique(engine, "touchpoints", "touchpoint_id")
    engine.bind("evidence_channels", "select distinct evidence_id, evidence_id as channel from touchpoints")


def _fill_conversions(engine: DuckDB, options: PathOptions, lookback_days: int, *, has_row_models: bool) -> None:
    """The conversions, and the milestones among them; both are of organizations of their own."""
    engine.bind("conversions", f"select {_OF_CONVERSION}, true as is_counted, {_DATE}, * from given_conversions")
    require_unique(engine, "conversions", "conversion_id")
    is_counted, milestones = "true as is_counted", MILESTONES_AS_CONVERSIONS if has_row_models else ""
    if not options.is_usual:
        count_conversions(engine, options, lookback_days)
        is_counted = "conversion_id in (select conversion_id from counted_conversions) as is_counted"
    goal = "" if "goal" in options.conversion_columns else "cast('' as varchar) as goal, "
    engine.bind(
        "conversions",
        f"select {_OF_CONVERSION}, {is_counted}, {_DATE}, {goal}* from given_conversions{milestones}",
    )


def _organizations(settings: OrganizationSettings) -> str:
    return (
        f"select '' as organization_id, {settings.lookback_days:d} as lookback_days, '{settings.direct}' as direct,"
        " 'count' as claimed_touches,"
        f" {round(settings.half_life_days * DAY_MICROS):d} as half_life_micros,"
        f" {settings.touches_per_path:d} as touches_per_path, {CROWDED_TOUCHES:d} as crowded_touches,"
        f" {CROWDED_CONVERSIONS:d} as crowded_conversions,"
        f" {settings.crowded_touches_per_path:d} as crowded_touches_per_path"
    )
