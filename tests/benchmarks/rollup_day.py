"""What it costs to roll up a day onto a year of history, as against a month: two engines take the same days by turns.

    python -m tests.benchmarks.rollup_day [--months 12] [--month 30] [--links 100000] [--costs 10000] [--days 3]

A day has as many links and cost rows as asked for: every conversion has one touch, and so a link under each model.
A day of the history has as many cost rows, and a part of the links. What counts is the time of the stages ``spend`` and
``rollups``, and the ratio of the pairs; the bar is 1.3. The stages before them are printed, too; those after them are
left out, as they look at the same days whatever the history. A run makes the month that both engines have; the months
before it are copies in the engine, of other visitors: a year is 3.65 million rows of costs. The tables are in files.
"""

import argparse
import statistics
import time
from contextlib import ExitStack, closing
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import duckdb
import pyarrow as pa

from tests.oracle.engine import arrow
from tests.oracle.world import World, cost, event, goal, organization, reference, site
from touchline import pipeline, rollups
from touchline.engines import DuckDB
from touchline.models import MODELS
from touchline.tables import (
    ALL,
    COST_ROWS,
    ERASED_EVENTS,
    IDENTITY_CLAIMS,
    REPORTING_RATES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)

BAR = 1.3
FIRST = date(2025, 1, 1)
CAMPAIGNS = 200
_OF_ONE_VISITOR = frozenset(
    {"event_id", "identifier", "visitor_id", "person_id", "session_id", "touchpoint_id", "conversion_id", "order_id"}
)
_NAMES = {TRACKING_EVENTS: "sequence", COST_ROWS: "load_number"}
_WORLD = World(organization(), [site(time_zone="UTC")], [goal()])


class Days:
    """A ledger to which days are added: visits that lead to an order each, and the costs of ads."""

    def __init__(self) -> None:
        self._told: dict[str, list[pa.Table]] = {TRACKING_EVENTS.name: [], COST_ROWS.name: []}
        self._numbers = dict.fromkeys(self._told, 0)
        self._newest = {name: [0] for name in self._told}

    def add(self, number: int, conversions: int, ads: int) -> None:
        """Tell a day."""
        day = FIRST + timedelta(days=number)
        self._tell(TRACKING_EVENTS.name, _events(day, conversions, self._numbers[TRACKING_EVENTS.name]))
        self._tell(COST_ROWS.name, _costs(day, ads, self._numbers[COST_ROWS.name] + 1))

    def _tell(self, name: str, rows: pa.Table) -> None:
        table = ALL[name]
        number = _NAMES[table]
        self._told[name].append(rows.select(table.column_names).cast(table.arrow_schema))
        self._numbers[name] = rows[number][-1].as_py()
        self._newest[name].append(self._numbers[name])

    def _after(self, name: str, number: int) -> pa.RecordBatchReader:
        parts = [part for part, newest in zip(self._told[name], self._newest[name][1:], strict=True) if newest > number]
        batches = (batch for part in parts for batch in part.to_batches())
        return pa.RecordBatchReader.from_batches(ALL[name].arrow_schema, batches)

    def forget(self) -> None:
        """Let go of what the engine has: a run reads only what is newer."""
        for name in self._told:
            self._told[name].clear()
            del self._newest[name][:-1]

    @property
    def feed(self) -> pipeline.Feed:
        """What the pipeline reads."""
        nothing = {
            table: table.arrow(()) for table in (REPORTING_RATES, ERASED_EVENTS, IDENTITY_CLAIMS, WITHDRAWN_CLAIMS)
        }
        small = reference([_WORLD])
        return pipeline.Feed(
            reference=lambda name: arrow(ALL[name], small[name]),
            events_after=lambda number: self._after(TRACKING_EVENTS.name, number),
            cost_rows_after=lambda number: self._after(COST_ROWS.name, number),
            rates_after=lambda _: nothing[REPORTING_RATES].to_reader(),
            erased_after=lambda _: nothing[ERASED_EVENTS].to_reader(),
            claims_after=lambda _: nothing[IDENTITY_CLAIMS].to_reader(),
            withdrawn_after=lambda _: nothing[WITHDRAWN_CLAIMS].to_reader(),
        )


def _events(day: date, conversions: int, told: int) -> pa.Table:
    """A landing and, ten minutes later, an order of each visitor."""
    plain = TRACKING_EVENTS.arrow([event("", _midnight(day)) | {"sequence": 0}])
    return _made(
        plain,
        f"""select p.* replace (
          '{day}-' || n || part as event_id, 'v:s:{day}-' || n as identifier, '{day}-' || n as visitor_id,
          case part when 'o' then 'CONVERSION' else 'PAGE_VIEW' end as type,
          case part when 'o' then 9000000 + n end as value_micros,
          occurred_at + to_seconds(n % 80000 + case part when 'o' then 600 else 0 end) as occurred_at,
          occurred_at + to_seconds(n % 80000 + case part when 'o' then 600 else 0 end) as received_at,
          'https://shop.example/' as url, case part when 'p' then 'google' end as utm_source,
          case part when 'p' then 'cpc' end as utm_medium,
          case part when 'p' then 'campaign ' || n % {CAMPAIGNS} end as utm_campaign,
          case part when 'p' then 'ad ' || n end as utm_content,
          {told} + 2 * n + case part when 'o' then 2 else 1 end as sequence
        )
        from plain as p, range({conversions}) as r(n), (values ('p'), ('o')) as parts(part)
        order by sequence""",
    )


def _costs(day: date, ads: int, load: int) -> pa.Table:
    return _made(
        COST_ROWS.arrow([cost(day, 0) | {"load_number": load}]),
        f"""select p.* replace (
          'c' || n % {CAMPAIGNS} as campaign_id, 'campaign ' || n % {CAMPAIGNS} as campaign_name,
          'a' || n as ad_id, 'ad ' || n as ad_name, 1000000 + n as spend_micros, 100 as impressions, 3 as clicks
        )
        from plain as p, range({ads}) as r(n)""",
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the tables' times are UTC without saying so


def _made(plain: pa.Table, select: str) -> pa.Table:
    with closing(duckdb.connect()) as connection:
        connection.register("plain", plain)
        return connection.sql(select).to_arrow_table()


def _rolled_up(ledger: Days, engine: DuckDB) -> dict[str, float]:
    """The seconds of each stage up to the rollups."""
    with patch.object(pipeline, "STAGES", pipeline.STAGES[: pipeline.STAGES.index(rollups.STAGE) + 1]):
        seconds = pipeline.run(ledger.feed, engine).seconds
    ledger.forget()
    return seconds


def _copied_back(file: Path, months: int, days: int) -> None:
    """Have the month that is in the file also so many times before, each with visitors of its own."""
    with closing(duckdb.connect(file)) as connection:
        connection.execute("use river")
        standing = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        for table in (one for one in ALL.values() if one.name in standing):
            connection.execute(f"create temp table base_month as select * from {table.name}")
            for month in range(1, months):
                moved = [_moved(column.name, column.kind.value, month, days) for column in table.columns]
                replaced = ", ".join(filter(None, moved))
                if replaced:
                    connection.execute(f"insert into {table.name} select * replace ({replaced}) from base_month")
            connection.execute("drop table base_month")


def _moved(name: str, kind: str, month: int, days: int) -> str:
    """What a column is in a copy, where it differs."""
    if kind in {"DATE", "TIMESTAMP"}:
        return f"{name} - to_days({month * days}) as {name}"
    return f"{name} || '~{month}' as {name}" if name in _OF_ONE_VISITOR else ""


def _history(file: Path, asked: argparse.Namespace, months: int) -> Days:
    """The ledger of a month, and its tables and those of the months before in the file."""
    started, ledger = time.perf_counter(), Days()
    for number in range(asked.month):
        ledger.add(number, asked.history_links // len(MODELS), asked.costs)
    with closing(DuckDB(file)) as engine:
        _rolled_up(ledger, engine)
    _copied_back(file, months, asked.month)
    print(f"{months * asked.month} days of history in {time.perf_counter() - started:.0f} s", flush=True)
    return ledger


def main() -> None:
    """Build both histories, roll up days by turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("months", 12), ("month", 30), ("links", 100_000), ("costs", 10_000), ("days", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--history-links", type=int, default=10_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        files = [Path(folder) / name for name in ("month.duckdb", "year.duckdb")]
        ledgers = [_history(file, asked, months) for file, months in zip(files, (1, asked.months), strict=True)]
        engines = [stack.enter_context(closing(DuckDB(file))) for file in files]
        pairs = []
        for number in range(asked.days + 1):
            for ledger in ledgers:
                ledger.add(asked.month + number, asked.links // len(MODELS), asked.costs)
            pairs.append([_rolled_up(a, e) for a, e in zip(ledgers, engines, strict=True)])
    for name, stages in (("rolling up", ("spend", "rollups")), ("all stages", tuple(pairs[0][0]))):
        print(_line(name, [[sum(one[stage] for stage in stages) for one in pair] for pair in pairs[1:]]))
    for stage in pairs[0][0]:
        print(_line(stage, [[one[stage] for one in pair] for pair in pairs[1:]]))
    print(f"bar: rolling up {BAR}")


def _line(name: str, pairs: list[list[float]]) -> str:
    month, year = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(year / month for month, year in pairs if month)
    return f"{name:<12} month {month:8.3f} s  year {year:8.3f} s  ratio of the pairs {ratio:5.2f}"


if __name__ == "__main__":
    main()
