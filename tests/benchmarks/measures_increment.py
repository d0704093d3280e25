"""What a day's update of the measures of health costs, as against computing all of them.

    python -m tests.benchmarks.measures_increment [--sites 100] [--days 730] [--visits 24]

Each site has as many visits a day as asked for, by links with a click id, and every second visit ends in an order. A
rebuild computes every day of every site; then each site gets one more day, and a run brings the tables up to date. What
counts is the processor time of the measures, volumes, limits and signals, before and after: the bar is 2 % of the
rebuild's plus half a second. The whole run is printed as well.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow as pa

from tests.oracle.engine import arrow
from tests.oracle.world import World, event, goal, organization, reference, site
from touchline import health, pipeline
from touchline.engines import DuckDB
from touchline.health.measures import MEASURES
from touchline.reports.day_measures import DAY_MEASURES
from touchline.scope import Rebuild, Run
from touchline.scope.adding import Sums
from touchline.tables import (
    ALL,
    COST_ROWS,
    ERASED_EVENTS,
    HEALTH_MEASURES,
    HEALTH_VOLUMES,
    IDENTITY_CLAIMS,
    REPORTING_RATES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)

SHARE, SECONDS = 0.02, 0.5
FIRST = date(2024, 1, 1)
_MEASURED = (HEALTH_MEASURES, HEALTH_VOLUMES)
_NONE = (COST_ROWS, REPORTING_RATES, ERASED_EVENTS, IDENTITY_CLAIMS, WITHDRAWN_CLAIMS)


def _feed(sites: int, parts: list[pa.Table]) -> pipeline.Feed:
    """A ledger that holds these events and nothing else."""
    places = [site("o", f"s{number}", f"shop{number}.example", time_zone="UTC") for number in range(sites)]
    small = reference([World(organization(), places, [goal()])])
    nothing = {table: table.arrow(()) for table in _NONE}
    return pipeline.Feed(
        reference=lambda name: arrow(ALL[name], small[name]),
        events_after=lambda number: _after(parts, number),
        cost_rows_after=lambda _: nothing[COST_ROWS].to_reader(),
        rates_after=lambda _: nothing[REPORTING_RATES].to_reader(),
        erased_after=lambda _: nothing[ERASED_EVENTS].to_reader(),
        claims_after=lambda _: nothing[IDENTITY_CLAIMS].to_reader(),
        withdrawn_after=lambda _: nothing[WITHDRAWN_CLAIMS].to_reader(),
    )


def _after(parts: list[pa.Table], number: int) -> pa.RecordBatchReader:
    newer = [part for part in parts if part["sequence"][-1].as_py() > number]
    return pa.RecordBatchReader.from_batches(
        TRACKING_EVENTS.arrow_schema, (batch for part in newer for batch in part.to_batches())
    )


def events(sites: int, first: int, days: int, visits: int) -> pa.Table:
    """The visits and orders of some days, numbered from the first one on."""
    start = FIRST + timedelta(days=first)
    midnight = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - the tables' times are UTC without saying so
    plain = TRACKING_EVENTS.arrow([event("", midnight) | {"sequence": 0}])
    before = first * sites * visits * 2
    with closing(duckdb.connect()) as connection:
        connection.register("plain", plain)
        made = connection.sql(f"""
            select p.* replace (
              's' || s || '-' || {first} + d || '-' || n || part as event_id, 's' || s as site_id,
              'v:s' || s || ':' || {first} + d || '-' || n as identifier, {first} + d || '-' || n as visitor_id,
              case part when 'o' then 'CONVERSION' else 'PAGE_VIEW' end as type,
              case part when 'o' then 9000000 + n end as value_micros,
              case part when 'o' then d || '-' || n end as order_id,
              occurred_at + to_days(d::int) + to_seconds(n * 60 + if(part = 'o', 600, 0)) as occurred_at,
              occurred_at + to_days(d::int) + to_seconds(n * 60 + if(part = 'o', 600, 0)) as received_at,
              'https://shop' || s || '.example/' as url, case part when 'p' then 'google' end as utm_source,
              case part when 'p' then 'cpc' end as utm_medium, case part when 'p' then 'campaign' end as utm_campaign,
              case part when 'p' then '{{"gclid":"x"}}' end as click_ids,
              case part when 'p' then 'gclid' end as click_id_names,
              {before} + row_number() over (order by d, s, n, part) as sequence
            )
            from plain as p, range({days}) as days(d), range({sites}) as sites(s), range({visits}) as v(n),
              (values ('p'), ('o')) as parts(part)
            where part = 'p' or n % 2 = 0
            order by sequence
        """).to_arrow_table()
    return made.select(TRACKING_EVENTS.column_names).cast(TRACKING_EVENTS.arrow_schema)


def timed(engine: DuckDB, feed: pipeline.Feed) -> dict[str, float]:
    """The seconds of processor time of a run: in all, of health, and of its measures alone, before and after."""
    spent = dict.fromkeys(("run", "health", "measures"), 0.0)

    def kept(whats: tuple[str, ...], work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)  # a stage's digest follows from the module that its work is in
        def done(*given: Any) -> Any:
            is_counted = whats == ("health",) or given[-1] in _MEASURED
            started = time.process_time()
            result = work(*given)
            for what in whats:
                spent[what] += (time.process_time() - started) * is_counted
            return result

        return done

    started = time.process_time()
    stages = [replace(one, run=kept(("health",), one.run)) if one is health.STAGE else one for one in pipeline.STAGES]
    with (
        patch.object(Rebuild, "write", kept(("measures",), Rebuild.write)),
        patch.object(Run, "write", kept(("measures",), Run.write)),
        patch.object(Sums, "hold", kept(("measures", "health"), Sums.hold)),
        patch.object(pipeline, "STAGES", tuple(stages)),
    ):
        pipeline.run(feed, engine)
    return spent | {"run": time.process_time() - started}


def main() -> None:
    """Compute everything, add a day, print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("sites", 100), ("days", 730), ("visits", 24)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    parts = [events(asked.sites, 0, asked.days, asked.visits)]
    with TemporaryDirectory() as folder, closing(DuckDB(Path(folder) / "engine.duckdb")) as engine:
        feed = _feed(asked.sites, parts)
        full = timed(engine, feed)
        parts.append(events(asked.sites, asked.days, 1, asked.visits))
        update = timed(engine, feed)
        counted = engine.select("select count(*) as n from health_measures").to_pylist()[0]["n"]
    print(f"{asked.sites} sites, {asked.days} days, {len(MEASURES)} stored measures: {counted:,} rows")
    print(f"{len(DAY_MEASURES)} further measures are added up from stored days when a report asks")
    for what in ("measures", "health", "run"):
        print(f"{what:<9} all {full[what]:8.3f} s  a day {update[what]:8.3f} s  {update[what] / full[what]:7.1%}")
    bar = SHARE * full["health"] + SECONDS
    print(f"bar: health of a day at most {bar:.3f} s: {'met' if update['health'] <= bar else 'missed'}")


if __name__ == "__main__":
    main()
