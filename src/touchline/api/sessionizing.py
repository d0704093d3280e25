"""Sessions of any table of events: the stage's own query, on the given rows in the place of the river's tables."""

import json
import os
from contextlib import closing
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from attribution_campaign_context.parsing import parse_landing
from touchline.api.given import ArrowTable, is_text, require_filled, require_unique, spilling, table_of
from touchline.domains import registrable_domain
from touchline.engines import DuckDB
from touchline.errors import InputError, UsageError
from touchline.memory import VARIABLE, available_bytes, memory_from
from touchline.settings import OrganizationSettings
from touchline.sql import query
from touchline.tables import SESSION_EVENTS

_STAGE = "touchline.sessions"
_REQUIRED = ("visitor_id", "occurred_at", "event_id")
_OPTIONAL = ("url", "referrer")
_MARKS = ("utm_source", "utm_medium", "utm_campaign")


def sessionize(
    events: ArrowTable, *, gap_minutes: int = 30, policy: str = "ga4", time_zone: str = "UTC", cap_hours: int = 0
) -> pa.Table:
    """The session of each event.

    A visitor's event begins a session if it is the first, or if more than ``gap_minutes`` passed since the one before;
    with ``policy="matomo"`` also if it is the first after midnight or shows a new campaign, with ``policy="seed"`` also
    if it is the first of a month. Events at the same time are ordered by ``event_id``.

    :param events: columns ``visitor_id`` and ``event_id`` (unique), text or integers, ``occurred_at`` (timestamp), and
        optionally ``url`` and ``referrer`` (text), which tell campaigns and the site's own links.
    :param gap_minutes: the longest pause within a session, 1–480 minutes.
    :param policy: ``"ga4"``, ``"matomo"`` or ``"seed"``.
    :param time_zone: whose midnight it is, e.g. ``Europe/Berlin``.
    :param cap_hours: hours after which a session ends even if its visitor goes on, 1–168; 0 sets no limit. The next
        session begins with the first event after that, and ends when as many hours are over again.
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
    _require_zone(time_zone)
    rows = _events(events)
    memory = memory_from(os.environ.get(VARIABLE, ""), available_bytes())
    with spilling() as file, closing(DuckDB(file, memory=memory)) as engine:
        return _sessions(engine, rows, settings, time_zone)


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise UsageError(f"There is no time zone {name!r}.", "Name one such as Europe/Berlin.") from error


def _events(given: ArrowTable) -> pa.Table:
    rows = table_of("events", given, _REQUIRED, _OPTIONAL)
    require_filled(rows.select(_REQUIRED), "events")
    for name in _OPTIONAL:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
        elif not is_text(rows.schema.field(name).type) and not pa.types.is_null(rows.schema.field(name).type):
            raise InputError(f"events.{name} is text, not {rows.schema.field(name).type}.", "Convert it.")
    return rows.select([*_REQUIRED, *_OPTIONAL])


def _sessions(engine: DuckDB, rows: pa.Table, settings: OrganizationSettings, time_zone: str) -> pa.Table:
    engine.register("given_events", rows)
    require_unique(engine, "given_events", "event_id")
    engine.register("pages", _landings(rows["url"]))
    engine.register("referrers", _referrers(rows["referrer"]))
    engine.bind("ignored_referrers", "select '' as site_id, '' as referrer where false")
    engine.bind("detours", "select '' as referrer, '' as kind where false")
    engine.register("sites", pa.table({"site_id": [""], "domain": [""], "time_zone": [time_zone]}))
    engine.bind("organizations", _organization(settings))
    engine.bind("tracking_events", _TRACKING_EVENTS)
    engine.bind(
        "identities",
        "select distinct '' as organization_id, cast(visitor_id as varchar) as identifier,"
        " cast(visitor_id as varchar) as person_id from given_events",
    )
    made = query(_STAGE, SESSION_EVENTS.name).text
    return engine.select(
        "select g.event_id as event_id,"
        " m.identifier || '/' || cast(micros(m.session_started_at) as varchar) as session_id,"
        " dense_rank() over (partition by m.identifier order by m.session_started_at) as session_number,"
        " min(m.started_because) over (partition by m.identifier, m.session_started_at) as started_because"
        f" from ({made}) as m join given_events as g on cast(g.event_id as varchar) = m.event_id"
        " order by m.identifier, m.occurred_at, m.event_id"
    )


_TRACKING_EVENTS = (
    "select '' as organization_id, '' as site_id, cast(g.event_id as varchar) as event_id,"
    " cast(g.visitor_id as varchar) as identifier, 'PAGE_VIEW' as type, g.occurred_at as occurred_at,"
    " true as is_verified, g.url as url, cast(null as varchar) as user_agent, r.host as referrer_host,"
    " r.domain as referrer_domain, p.page_domain as page_domain, p.utm_source as utm_source,"
    " p.utm_medium as utm_medium, p.utm_campaign as utm_campaign, p.click_id_names as click_id_names,"
    " p.click_ids as click_ids, cast(null as varchar) as tags_from"
    " from given_events as g left join pages as p on p.url = g.url"
    " left join referrers as r on r.referrer = g.referrer"
)


def _organization(settings: OrganizationSettings) -> str:
    return (
        f"select '' as organization_id, 0 as clock_tolerance_seconds,"
        f" cast({settings.session_gap_minutes:d} as bigint) as session_gap_minutes,"
        f" cast({settings.session_cap_hours:d} as bigint) as session_cap_hours,"
        f" '{settings.session_policy}' as session_policy"
    )


def _landings(urls: pa.ChunkedArray) -> pa.Table:
    """What each different URL says."""
    rows = []
    for url in _different(urls):
        found = parse_landing(url)
        marks = {name: found.utm.get(name) for name in _MARKS}
        domain = registrable_domain(found.host) if found.host else None
        rows.append(
            {"url": url, "page_domain": domain, **marks,
             "click_id_names": ",".join(sorted(found.click_ids)) or None,
             "click_ids": json.dumps(found.click_ids, sort_keys=True) if found.click_ids else None}
        )  # fmt: skip
    names = ("url", "page_domain", "click_id_names", "click_ids", *_MARKS)
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def _referrers(referrers: pa.ChunkedArray) -> pa.Table:
    """Host and registrable domain of each different referrer."""
    different = _different(referrers)
    hosts = [parse_landing(None, referrer).referrer_host for referrer in different]
    domains = [registrable_domain(host) if host else None for host in hosts]
    columns = {"referrer": different, "host": hosts, "domain": domains}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _different(texts: pa.ChunkedArray) -> list[str]:
    return [text for text in pc.unique(texts).to_pylist() if text]
