"""``processing``: the record of processing activities, from the settings in force."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from touchline.cli.answer import Answer
from touchline.cli.reading import READING, Reading
from touchline.cli.terminal import table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.processing import ProcessingRecord


def processing(*, reading: Reading = READING) -> Answer:
    """Show the record of processing activities of an organization: what is kept of persons, why, and how long.

    It is made from the settings in force, and says nothing of what other programs do with the data.
    """
    from touchline.jobs.compacting import backups
    from touchline.ledger import schema
    from touchline.reports.csv_text import csv_of_query
    from touchline.reports.processing import processing_record

    reading.require_one_format("The record")
    with reading.opened() as workspace:
        organization = workspace.organization(reading.organization)
        organization_id, ledger = organization["organization_id"], workspace.ledger
        sites = ledger.rows(schema.SITES, organization_id=organization_id)
        counts = Counter[str]()
        for site in sites:
            counts.update(ledger.counts(schema.CONSENTS, "choice", site_id=site["site_id"]))
        record = processing_record(
            organization["name"], sites, workspace.settings(organization_id), backups=len(backups(workspace)),
            erased=len(ledger.rows(schema.ERASURES, organization_id=organization_id)), consents=counts,
        )  # fmt: skip
    text = csv_of_query(("topic", "answer"), [(row.topic, row.answer) for row in record.activities])
    return Answer(record, partial(_shown, record), csv=text if reading.csv else None)


def _shown(record: "ProcessingRecord") -> "RenderableType":
    rows = [(visible(row.topic), visible(row.answer)) for row in record.activities]
    return table(visible(f"Record of processing: {record.organization}"), ("topic", "answer"), rows)


COMMAND = processing
