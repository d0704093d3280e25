"""Whether breaks of a shop's real days are signals on their days, and whether quiet days stay quiet.

    python -m tests.benchmarks.real_breaks FOLDER [--weeks 8] [--visitors 0]

FOLDER has the shop's raw events, one CSV a day, as ``examples/puffy-events.toml`` reads them. Later days are made of
them: of a day of the same weekday, as many visitors as it has (or as asked for), drawn at random with all that they
did. On single days something breaks: the column of the id, the referrers, or the tags of links. Prints the days that
are signals, by measure.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.benchmarks._real_days import ORGANIZATION, home_of_days
from touchline.jobs import importing, running
from touchline.jobs.workspace import Workspace
from touchline.reports.health import HealthReport, health_report

Row = dict[str, str]
Break = Callable[[np.random.Generator, Row], Row]


def without_id(rng: np.random.Generator, row: Row) -> Row:
    """Two of five events lose their id."""
    return row | {"client_id": ""} if rng.random() < 0.4 else row


def without_referrer(_: np.random.Generator, row: Row) -> Row:
    """Every event loses its referrer."""
    return row | {"referrer": ""}


def without_tags(_: np.random.Generator, row: Row) -> Row:
    """Every address loses its query, with tags and click ids, and its referrer."""
    return row | {"page_url": row["page_url"].partition("?")[0], "referrer": ""}


BREAKS: Mapping[str, tuple[Break, frozenset[str]]] = {
    "id capture": (without_id, frozenset({"unidentified_visit_rate"})),
    "referrer": (without_referrer, frozenset({"referred_visit_rate"})),
    "direct rate": (without_tags, frozenset({"direct_landing_rate"})),
}
"""By what breaks: how, and the measures that have to say so on that day."""


@dataclass(frozen=True)
class Found:
    """What health says of the real days alone, and with the later ones."""

    first: HealthReport
    later: HealthReport
    broken: Mapping[date, str]

    @property
    def missed(self) -> list[tuple[date, str]]:
        """Breaks whose measures are no signal on their day."""
        signalled = {(one.period, one.measure) for one in self.later.signals}
        wanted = ((day, what, measure) for day, what in self.broken.items() for measure in sorted(BREAKS[what][1]))
        return [(day, what) for day, what, measure in wanted if (day, measure) not in signalled]

    @property
    def false(self) -> list[tuple[date, str]]:
        """Signals of days on which nothing was broken."""
        return sorted((one.period, one.measure) for one in self.later.signals if one.period not in self.broken)


def examined(days: Path, folder: Path, broken: Mapping[int, str], *, later: int, visitors: int = 0) -> Found:
    """Import the real days, then ``later`` ones after them, and look at health after both.

    :param broken: by the number of a later day, from 0, what breaks on it.
    :param visitors: of each later day; 0: as many as its real day has.
    """
    files = sorted(days.glob("*.csv"))
    made, newest = folder / "later", _day_of(files[-1])
    made.mkdir(parents=True)
    rng, week = np.random.default_rng(11), [_visitors_of(file) for file in files]
    for number in range(later):
        day = newest + timedelta(days=number + 1)
        spoil = BREAKS[broken[number]][0] if number in broken else lambda _, row: row
        (source,) = (of for file, of in zip(files, week, strict=True) if _day_of(file).weekday() == day.weekday())
        rows = _drawn(rng, source, visitors or len(source), day, number)
        _write(made / f"events_{day:%Y%m%d}.csv", [spoil(rng, row) for row in rows])
    home, _ = home_of_days(days, folder / "first")
    with closing(Workspace(home)) as workspace:
        first = health_report(workspace.engine, ORGANIZATION)
        mapping, now = folder / "first" / "mapping.toml", time.time_ns() // 1000
        importing.import_events(workspace, sorted(made.glob("*.csv")), site_id=None, mapping=mapping, now=now)
        running.run(workspace)
        report = health_report(workspace.engine, ORGANIZATION)
    return Found(first, report, {newest + timedelta(days=number + 1): what for number, what in broken.items()})


def _day_of(file: Path) -> date:
    return datetime.strptime(file.stem[-8:], "%Y%m%d").date()  # noqa: DTZ007 - a file's name has a day and no zone


def _visitors_of(file: Path) -> list[list[Row]]:
    """The rows of a day by visitor; one without an id is a visitor of its own."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [
            {"client_id": row.pop("clientId", None) or row.get("client_id") or "", **row}
            for row in csv.DictReader(lines)
        ]
    found: dict[str, list[Row]] = {}
    for number, row in enumerate(rows):
        found.setdefault(row["client_id"] or f"#{number}", []).append(row)
    return list(found.values())


def _drawn(rng: np.random.Generator, source: Sequence[list[Row]], visitors: int, day: date, number: int) -> list[Row]:
    """Rows of visitors drawn with replacement, moved to a day, each under an id of its own."""
    rows = []
    for place, drawn in enumerate(rng.integers(0, len(source), visitors).tolist()):
        for row in source[drawn]:
            own = {
                "timestamp": f"{day}{row['timestamp'][10:]}",
                "event_data": _own_order(row["event_data"], number, place),
            }
            rows.append(row | own | {"client_id": row["client_id"] and f"{row['client_id']}-{number}-{place}"})
    return rows


def _own_order(data: str, number: int, place: int) -> str:
    return data.replace('"transaction_id":"', f'"transaction_id":"{number}-{place}-').replace(
        '"transaction_id": "', f'"transaction_id": "{number}-{place}-'
    )


def _write(file: Path, rows: Sequence[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Make the later days, look at them, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--visitors", type=int, default=0)
    asked = parser.parse_args()
    days = 7 * asked.weeks
    broken = {days - 20: "id capture", days - 12: "referrer", days - 4: "direct rate"}
    with tempfile.TemporaryDirectory() as name:
        found = examined(asked.folder, Path(name), broken, later=days, visitors=asked.visitors)
    print(f"the real days alone: {found.first.verdict}")
    for day, what in found.broken.items():
        measures = sorted(one.measure for one in found.later.signals if one.period == day)
        print(f"{day} {what:12} signals: {', '.join(measures)}")
    print(f"missed: {found.missed}\nof days without a break: {[(str(day), measure) for day, measure in found.false]}")


if __name__ == "__main__":
    main()
