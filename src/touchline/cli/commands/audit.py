"""``audit``: who looked at a person, asked in SQL, exported or erased a person, or changed settings or access."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from touchline.cli.answer import Answer, Whole
from touchline.cli.reading import READING, Reading
from touchline.cli.terminal import table, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType


def audit(*, limit: Whole = 50, reading: Reading = READING) -> Answer:
    """List who looked at a person, asked in SQL, exported or erased a person, or changed settings or access.

    The newest entries come first. Entries are kept for two years, and hold no id of a visitor or a customer.

    :param limit: how many entries, at most.
    """
    from touchline.jobs import auditing
    from touchline.reports.csv_text import csv_of_query

    reading.require_one_format("The audit log")
    with reading.opened() as workspace:
        organization_id = workspace.organization(reading.organization)["organization_id"]
        found = auditing.entries(workspace.ledger, organization_id, limit=limit)
    rows = [{**row, "at": _moment(row["at"])} for row in found]
    text = csv_of_query(auditing.COLUMNS, [[row[name] for name in auditing.COLUMNS] for row in rows])
    return Answer({"entries": rows}, partial(_shown, rows), csv=text if reading.csv else None)


def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(rows: "Sequence[dict[str, Any]]") -> "RenderableType":
    columns = ("at", "actor", "action", "detail")
    return table("Audit log", columns, [[visible(str(row[name])) for name in columns] for row in rows])


COMMAND = audit
