"""What waits is counted as a plain reading of the events counts it, on both databases."""

import pytest

from tests.ledger.events import COLUMNS, event
from touchline.ledger import Ledger

TIMES = {"north.example": (10, 20, 29, 30), "south.example": (9, 10, 40)}
SPANS = {"north.example": (20, 30), "south.example": (10, 41)}
STORED = [(site_id, time) for site_id, times in TIMES.items() for time in times]


@pytest.mark.parametrize("sites", [(), ("north.example",), ("north.example", "south.example"), ("gone.example",)])
@pytest.mark.parametrize("most", [2, 5, 100])
@pytest.mark.parametrize("after", [0, 3])
def test_counts_are_those_of_a_plain_reading(ledger: Ledger, sites: tuple[str, ...], most: int, after: int) -> None:
    rows = [event(f"e{number}", site_id=site_id, occurred_at=time) for number, (site_id, time) in enumerate(STORED)]
    with ledger.transaction() as entry:
        entry.add_events(COLUMNS, rows)
    with ledger.events_after(0) as batches:
        numbers = batches.read_all()["sequence"].to_pylist()
    spans = {site_id: SPANS.get(site_id, (0, 100)) for site_id in sites}
    seen = STORED[after:][:most]
    mine = [(spans[site_id], time) for site_id, time in seen if site_id in spans]
    inside = [time for (begin, end), time in mine if begin <= time < end]
    found = ledger.waiting_after(numbers[after] - 1, spans, most)
    assert tuple(found) == (len(seen), len(mine), len(inside))
