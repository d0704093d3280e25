"""The landing URLs: the marks that a source leaves on the first page view of a visit."""

import numpy as np

from touchline.demo.journeys import Visits
from touchline.demo.names import click_names
from touchline.demo.sources import SOURCES


def landing_marks(chance: np.random.Generator, visits: Visits) -> tuple[list[str], list[str | None]]:
    """For each visit the query of its landing URL, with its ``?`` or empty, and its referrer."""
    clicks = click_names(chance, len(visits.source))
    arrivals = [
        SOURCES[source].arrivals[number]
        for source, number in zip(visits.source.tolist(), visits.arrival.tolist(), strict=True)
    ]
    queries = [
        f"?{arrival.query.replace('{click}', click)}" if arrival.query else ""
        for arrival, click in zip(arrivals, clicks, strict=True)
    ]
    return queries, [arrival.referrer or None for arrival in arrivals]
