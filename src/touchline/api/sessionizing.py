"""Sessions of any table of events, by the rules of the river's sessions.

The river's own query knows more: events without a visit, landings, sites. It takes six times as long as a bare window
query, so here the engine only sorts, and each rule is a comparison of whole columns. A law holds both to one answer.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from attribution_campaign_context.parsing import Landing, parse_landing
from touchline.api.given import (
    ArrowTable,
    engine_for_given,
    is_text,
    require_filled,
    require_unique,
    require_zone,
    table_of,
)
from touchline.detours import is_detour
from touchline.domains import registrable_domain
from touchline.engines import DuckDB
from touchline.errors import InputError, UsageError
from touchline.ignored_referrers import ignored_referrers_of
from touchline.settings import OrganizationSettings

_REQUIRED = ("visitor_id", "occurred_at", "event_id")
_OPTIONAL = ("url", "referrer")
_TAGS = ("utm_source", "utm_medium", "utm_campaign")
_SHOWN = (*_TAGS, "click_ids", "origin")
_SECOND, _MINUTE, _HOUR = 1_000_000, 60_000_000, 3_600_000_000
_NOTHING = -1
_PART_ROWS = 250_000
"""Rows of a part: few enough that their memory is used again, enough that the calls do not count."""

_NO_SOURCES, _NO_MEDIA = {None, "(direct)", "direct"}, {None, "(none)", "none"}
"""Tags that say that nobody sent the visitor."""

_NOWHERE, _OUTSIDE, _DETOUR, _OWN = range(4)
"""Where the referrer of an event lies."""

_REASONS = ("campaign", "cap", "first_visit", "midnight", "month", "pause")
"""In alphabetical order: of two sessions that begin at the same moment, which are one, the first reason holds."""
_CAMPAIGN, _CAP, _FIRST_VISIT, _MIDNIGHT, _MONTH, _PAUSE = range(len(_REASONS))
_GOES_ON = len(_REASONS)

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def sessionize(
    events: ArrowTable,
    *,
    gap_minutes: int = 30,
    policy: str = "ga4",
    time_zone: str = "UTC",
    cap_hours: int = 0,
    ignored_referrers: Iterable[str] | str = (),
) -> pa.Table:
    """The session of each event.

    A visitor's event begins a session if it is the first, or if more than ``gap_minutes`` passed since the one before;
    with ``policy="matomo"`` also if it is the first after midnight or shows a new campaign, with ``policy="seed"`` also
    if it is the first of a month. A new campaign is other tags than the session's last, in a session that has shown a
    source before; click ids alone are none, and neither are tags that only say that nobody sent the visitor:
    ``(direct)`` or ``direct`` as the source, ``(none)`` or ``none`` as the medium, and no campaign. Events at the same
    time are ordered by ``event_id``.

    :param events: columns ``visitor_id`` and ``event_id`` (unique), text or integers, ``occurred_at`` (timestamp), and
        optionally ``url`` and ``referrer`` (text), which tell campaigns, the site's own links, and visitors who come
        back from a page that pays or signs in.
    :param gap_minutes: the longest pause within a session, 1–480 minutes.
    :param policy: ``"ga4"``, ``"matomo"`` or ``"seed"``.
    :param time_zone: whose midnight it is, e.g. ``Europe/Berlin``.
    :param cap_hours: hours after which a session ends even if its visitor goes on, 1–168; 0 sets no limit. The next
        session begins with the first event after that, and ends when as many hours are over again.
    :param ignored_referrers: hosts that bring nobody, in addition to the known pages that pay or sign in, as in the
        setting of this name: ``["acs.bank.example"]``, or a text with commas. They count with ``policy="matomo"``.
    :returns: one row per event, by visitor and time: ``event_id``, ``session_id`` (the visitor and the session's start
        in microseconds since 1970), ``session_number`` (of the visitor, from 1), ``started_because`` (why the session
        began: ``first_visit``, ``pause``, ``midnight``, ``month``, ``campaign`` or ``cap``).
    :raises InputError: if a column is missing, has the wrong type, contains nulls, or ``event_id`` is not unique.
    :raises UsageError: if an argument is out of range.
    :raises MemoryLimitError: if it needs more than ``TOUCHLINE_MEMORY`` allows.

    Do not use it for events that a server reports without a visit: each event here is a visit.

    >>> from datetime import datetime
    >>> visits = pa.table(
    ...     {
    ...         "visitor_id": ["a"] * 3,
    ...         "event_id": [1, 2, 3],
    ...         "occurred_at": [datetime(2026, 1, 1, 10, minute) for minute in (0, 30, 59)],
    ...     }
    ... )
    >>> sessionize(visits, gap_minutes=29)["session_number"].to_pylist()
    [1, 2, 2]
    """
    settings = OrganizationSettings().changed("session_gap_minutes", str(gap_minutes))
    settings = settings.changed("session_policy", policy).changed("session_cap_hours", str(cap_hours))
    require_zone(time_zone)
    ignored = _ignored(ignored_referrers)
    rows = _events(events)
    with engine_for_given() as engine:
        engine.register("events", rows)
        require_unique(engine, "events", "event_id")
        ordered = _ordered(engine, rows, settings, time_zone, ignored)
    with ThreadPoolExecutor() as pool:
        return pa.concat_tables(pool.map(partial(_sessions, settings=settings), _parts(ordered)))


def _events(given: ArrowTable) -> pa.Table:
    rows = table_of("events", given, _REQUIRED, _OPTIONAL)
    require_filled(rows.select(_REQUIRED), "events")
    for name in _OPTIONAL:
        if name in rows.column_names and _is_empty(rows[name]):
            rows = rows.drop_columns(name)
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
        elif not is_text(rows.schema.field(name).type):
            raise InputError(f"events.{name} is text, not {rows.schema.field(name).type}.", "Convert it.")
    return rows.select([*_REQUIRED, *_OPTIONAL])


def _is_empty(column: pa.ChunkedArray) -> bool:
    """Whether a column says nothing, whatever its type: pandas has NaN in a column without texts."""
    return bool(pc.all(pc.is_null(column, nan_is_null=True)).as_py())


def _ignored(named: Iterable[str] | str) -> frozenset[str]:
    """The hosts that bring nobody; a table is of one site, so none of them is of a site alone."""
    pairs = ignored_referrers_of(named if isinstance(named, str) else ",".join(map(str, named)))
    if sites := sorted({site for site, _ in pairs if site}):
        raise UsageError(
            f"ignored_referrers names the site {sites[0]!r}, but a table has none.", "Name the host alone."
        )
    return frozenset(host for _, host in pairs)


def _ordered(
    engine: DuckDB, rows: pa.Table, settings: OrganizationSettings, time_zone: str, ignored: frozenset[str]
) -> pa.Table:
    """The events by visitor and time, with what the policy looks at."""
    columns = ["visitor_id", "occurred_at", "event_id"]
    if settings.session_policy != "ga4":
        columns.append(f"local_date(occurred_at, '{time_zone}') as local_day")
    if settings.session_policy == "matomo":
        columns += _SHOWN
        for name, values in zip(_SHOWN, _shown(rows["url"], rows["referrer"], ignored), strict=True):
            rows = rows.append_column(name, pa.array(values))
    engine.register("shown_events", rows.drop_columns(list(_OPTIONAL)))
    return engine.select(
        f"select * from (select {', '.join(columns)} from shown_events) as shown"
        " order by visitor_id, occurred_at, event_id"
    )


def _parts(ordered: pa.Table) -> list[pa.Table]:
    """The events in parts of whole visitors: one at least, so that no rows have columns, too."""
    firsts = np.flatnonzero(_changes(ordered["visitor_id"]))
    begins = firsts[np.searchsorted(firsts, np.arange(0, ordered.num_rows, _PART_ROWS), "right") - 1]
    cuts = [*np.unique(begins), ordered.num_rows] if ordered.num_rows else [0, 0]
    return [ordered.slice(begin, end - begin) for begin, end in pairwise(cuts)]


def _sessions(events: pa.Table, settings: OrganizationSettings) -> pa.Table:
    times = events["occurred_at"].cast(pa.int64()).to_numpy()
    is_first = _changes(events["visitor_id"])
    reasons = _began(events, times, is_first, settings)
    starts = _latest(reasons != _GOES_ON)
    if settings.session_cap_hours:
        reasons = _capped(reasons, times, starts, settings.session_cap_hours * _HOUR)
        starts = _latest(reasons != _GOES_ON)
    is_new = (starts == np.arange(len(starts))) & (is_first | (_before(times[starts]) != times))
    places = np.flatnonzero(is_new)
    session = np.cumsum(is_new) - 1
    visitor_starts = np.flatnonzero(is_first[places])
    numbers = np.arange(len(places)) - np.repeat(visitor_starts, np.diff(visitor_starts, append=len(places))) + 1
    texts = pc.cast(events["visitor_id"].take(pa.array(places)), pa.string())
    ids = pc.binary_join_element_wise(texts, pa.array(times[places]).cast(pa.string()), "/")
    because = np.minimum.reduceat(reasons, places) if len(places) else reasons
    of_event = pa.array(session)
    return pa.table(
        {
            "event_id": events["event_id"],
            "session_id": ids.take(of_event),
            "session_number": pa.array(numbers).take(of_event),
            "started_because": pa.array(_REASONS).take(pa.array(because)).take(of_event),
        }
    )


def _changes(column: pa.ChunkedArray) -> Booleans:
    """Whether each value differs from the one before it."""
    values = column.cast(pa.large_string()).combine_chunks() if is_text(column.type) else column.combine_chunks()
    differs = np.ones(len(values), bool)
    differs[1:] = pc.not_equal(values.slice(1), values.slice(0, max(len(values) - 1, 0))).to_numpy(zero_copy_only=False)
    return differs


def _before(values: Integers) -> Integers:
    """The value one row before each; that of the first row is its own."""
    return np.concatenate((values[:1], values[:-1]))


def _latest(is_one: Booleans) -> Integers:
    """For each row, the last row up to it that is one; the first where there is none."""
    return np.maximum.accumulate(np.where(is_one, np.arange(len(is_one)), 0))


def _began(
    events: pa.Table, times: Integers, is_first: Booleans, settings: OrganizationSettings
) -> npt.NDArray[np.int8]:
    """Why each event begins a session; a stronger reason overwrites a weaker one."""
    reasons = np.full(len(times), _GOES_ON, np.int8)
    if settings.session_policy != "ga4":
        unit, reason = ("D", _MIDNIGHT) if settings.session_policy == "matomo" else ("M", _MONTH)
        periods = events["local_day"].to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)
        reasons[_is_later(periods, is_first)] = reason
    reasons[times - _before(times) > settings.session_gap_minutes * _MINUTE] = _PAUSE
    reasons[is_first] = _FIRST_VISIT
    if settings.session_policy == "matomo":
        goes_on = reasons == _GOES_ON
        reasons[goes_on & _is_campaign(events, times, is_first, ~goes_on, settings)] = _CAMPAIGN
    return reasons


def _is_campaign(
    events: pa.Table, times: Integers, is_first: Booleans, begins: Booleans, settings: OrganizationSettings
) -> Booleans:
    """Whether an event shows other tags than the last since the last event that ``begins`` a session.

    If there were none, whether the session has shown a source before, and not only just now. A part of the tags right
    after them, or more of them, is the same campaign.
    """
    *tags, clicks, origins = (events[name].to_numpy() for name in _SHOWN)
    shows_tags = np.any([tag != _NOTHING for tag in tags], axis=0)
    is_return = times - _before(times) <= settings.session_gap_minutes * _MINUTE
    is_return &= (origins == _DETOUR) & (clicks == _NOTHING) & ~is_first
    is_outside = (origins != _OWN) & ~is_return
    starts = _latest(begins)
    last_tags, has_tags = _last(is_outside & shows_tags, starts)
    last_clicks, has_clicks = _last(is_outside & (clicks != _NOTHING), _latest(is_first))
    last_source, has_source = _last(is_outside & (shows_tags | (clicks != _NOTHING) | (origins == _OUTSIDE)), starts)
    is_known = has_clicks & (clicks != _NOTHING) & (clicks[last_clicks] == clicks)
    is_known |= has_tags & np.all([tag[last_tags] == tag for tag in tags], axis=0)
    is_part = np.all(
        [(tag == _NOTHING) | (tag[last_tags] == _NOTHING) | (tag[last_tags] == tag) for tag in tags], axis=0
    )
    is_at_once = times - times[last_source] <= settings.clock_tolerance_seconds * _SECOND
    found: Booleans = is_outside & shows_tags & has_source & ~is_known & ~(is_at_once & (is_part | ~has_tags))
    return found


def _last(is_one: Booleans, starts: Integers) -> tuple[Integers, Booleans]:
    """For each row, the last row before it that is one, and whether that lies at or after its start."""
    last = _before(_latest(is_one))
    is_known = is_one[last] & (last >= starts)
    is_known[:1] = False
    return last, is_known


def _is_later(periods: Integers, is_first: Booleans) -> Booleans:
    """Whether an event's period is later than each one before of its visitor; clocks can go back over midnight."""
    if not len(periods):
        return is_first
    spread = np.cumsum(is_first) * (np.ptp(periods) + 1) + periods
    return spread > _before(np.maximum.accumulate(spread))


def _capped(reasons: npt.NDArray[np.int8], times: Integers, starts: Integers, cap: int) -> npt.NDArray[np.int8]:
    """The reasons with those of the sessions that begin when one has gone on for the cap's time."""
    parts = np.maximum(times - times[starts] - 1, 0) // cap
    is_cut = (reasons == _GOES_ON) & (parts > _before(parts))
    return np.where(is_cut, np.int8(_CAP), reasons)


def _shown(urls: pa.ChunkedArray, referrers: pa.ChunkedArray, ignored: frozenset[str]) -> list[Integers]:
    """A number for each tag of each URL, one for its click ids, and where its referrer lies."""
    url_places, pages = _different(urls)
    referrer_places, sources = _different(referrers)
    landings = [parse_landing(page) for page in pages]
    hosts = [parse_landing(None, source).referrer_host for source in sources]
    domains = _numbered([_domain(landing.host) for landing in landings] + [_domain(host) for host in hosts])
    page_domains, source_domains = domains[: len(pages)][url_places], domains[len(pages) :][referrer_places]
    origins = np.array([_origin(host, ignored) for host in hosts], np.int64)[referrer_places]
    is_own = (page_domains == source_domains) & (page_domains != _NOTHING)
    tags = [_numbered(list(named))[url_places] for named in zip(*map(_tags, landings), strict=True)]
    clicks = _numbered([_click_ids(landing) for landing in landings])[url_places]
    return [*tags, clicks, np.where(is_own, _OWN, origins)]


def _domain(host: str | None) -> str | None:
    return registrable_domain(host) if host else None


def _origin(host: str | None, ignored: frozenset[str]) -> int:
    if not host:
        return _NOWHERE
    return _DETOUR if is_detour(host) or not ignored.isdisjoint((host, _domain(host))) else _OUTSIDE


def _different(texts: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """Each different text, the empty one first, and where in them each text is."""
    filled = pc.fill_null(texts.cast(pa.large_string()), "")
    encoded = pa.chunked_array([pa.array([""], pa.large_string()), *filled.chunks]).combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy()[1:].astype(np.int64), encoded.dictionary.to_pylist()


def _numbered(texts: list[str | None]) -> Integers:
    """A number for each different text, and one that stands for none."""
    numbers: dict[str, int] = {}
    return np.array([_NOTHING if text is None else numbers.setdefault(text, len(numbers)) for text in texts], np.int64)


def _tags(landing: Landing) -> tuple[str | None, ...]:
    """Source, medium and campaign; none of them where they say no more than that nobody sent the visitor."""
    source, medium, campaign = ((landing.utm.get(name) or "").lower() or None for name in _TAGS)
    is_nobody = source in _NO_SOURCES and medium in _NO_MEDIA and campaign is None
    return (None, None, None) if is_nobody else (source, medium, campaign)


def _click_ids(landing: Landing) -> str | None:
    return json.dumps(landing.click_ids, sort_keys=True) if landing.click_ids else None
