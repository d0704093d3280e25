"""Small tables of touches and conversions for the Python API."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

START = datetime.fromisoformat("2026-01-01T00:00:00")
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


def touches(*times: datetime, **columns: Any) -> pa.Table:
    """One touch of ``ada`` at each time, through the channels ``c0``, ``c1`` and so on."""
    made = {
        "person_id": pa.array(["ada"] * len(times), pa.string()),
        "channel": pa.array([f"c{n}" for n in range(len(times))], pa.string()),
        "occurred_at": pa.array(times, pa.timestamp("us")),
    }
    return pa.table(made | columns)


def conversions(*times: datetime, **columns: Any) -> pa.Table:
    """One conversion of ``ada`` at each time: ``k0``, ``k1`` and so on."""
    made = {
        "person_id": pa.array(["ada"] * len(times), pa.string()),
        "conversion_id": pa.array([f"k{n}" for n in range(len(times))], pa.string()),
        "occurred_at": pa.array(times, pa.timestamp("us")),
    }
    return pa.table(made | columns)


def days(*numbers: float) -> list[datetime]:
    """Times so many days after the start."""
    return [START + number * DAY for number in numbers]


def by_position(links: pa.Table, column: str, model: str | None = None) -> list[Any]:
    """A column of one model's links, in the order of the path."""
    rows = [row for row in links.to_pylist() if model in {None, row["model"]}]
    return [row[column] for row in sorted(rows, key=lambda row: row["position"])]
