"""Counts of arrivals: what one transaction adds, against a count of one event after the other."""

from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.servers import database
from touchline.ledger import Ledger
from touchline.ledger.arrivals import COUNTS, adding_arrivals
from touchline.ledger.schema import ARRIVALS
from touchline.ledger.verdicts import Verdict
from touchline.magnitudes import DAY_MICROS

HOUR = DAY_MICROS // 24
COLUMNS = ("event_id", "occurred_at", "site_id", "received_at", "clock_corrected_seconds")
AGES = st.sampled_from((0, 1, HOUR - 1, HOUR, HOUR + 1, DAY_MICROS - 1, DAY_MICROS, 40 * DAY_MICROS))
TIMES = st.sampled_from((3 * DAY_MICROS - 1, 3 * DAY_MICROS, 4 * DAY_MICROS - 1, 4 * DAY_MICROS))
CLOCKS = st.sampled_from(((), (None,), (0,), (90,)))
"""Of an event that is cut where the rest is empty, and of whole ones."""
Said = tuple[str, int, int, tuple[int | None, ...], Verdict]
EVENTS = st.lists(st.tuples(st.sampled_from("ab"), TIMES, AGES, CLOCKS, st.sampled_from(Verdict)), max_size=12)


@given(EVENTS, st.booleans())
def test_counts_are_those_of_each_event(said: list[Said], are_all_new: bool) -> None:
    rows = [("e", received_at - age, site, received_at, *clock) for site, received_at, age, clock, _ in said]
    verdicts = None if are_all_new else [verdict for *_, verdict in said]
    others = {("a", 3 * DAY_MICROS, "robots"): 2}
    _, added = adding_arrivals(COLUMNS, rows, verdicts, others, "?")
    expected = Counter(others)
    for site, received_at, age, clock, verdict in said:
        is_taken = are_all_new or verdict in {Verdict.NEW, Verdict.SUPERSEDING}
        day = received_at // DAY_MICROS * DAY_MICROS
        expected[site, day, "accepted"] += is_taken
        expected[site, day, "clock_corrected"] += is_taken and clock in {(0,), (90,)}
        expected[site, day, "late_hours"] += is_taken and age >= HOUR
        expected[site, day, "late_days"] += is_taken and age >= DAY_MICROS
        expected[site, day, "duplicates"] += not is_taken
        expected[site, day, "conflicting"] += not are_all_new and verdict is Verdict.CONFLICTING
    assert [row[:2] for row in added] == sorted({(site, day) for site, day, _ in expected})
    found = {
        (site, day, name): count
        for site, day, _, *counts in added
        for name, count in zip(COUNTS, counts, strict=True)
        if count
    }
    assert found == {key: count for key, count in expected.items() if count}


def test_the_statement_has_a_parameter_for_each_part_of_a_row() -> None:
    statement, (row,) = adding_arrivals(COLUMNS, [("e", 0, "a", 0)], None, {}, "$")
    assert statement.count("$") == len(row)


@pytest.mark.parametrize("ledger", ["sqlite", "postgres"])
def test_days_that_a_clock_counted_ahead_hide_nothing(
    ledger: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    now = 20_000 * DAY_MICROS + HOUR
    with ExitStack() as stack:
        url = stack.enter_context(database(request.getfixturevalue("postgres"))) if ledger == "postgres" else None
        opened = stack.enter_context(closing(Ledger.create(url or tmp_path / "ledger.db")))
        days = {"ahead": now + DAY_MICROS, "today": now - HOUR, "kept": now - 89 * DAY_MICROS, "old": 0}
        with opened.transaction() as entry:
            for site, at in days.items():
                for slot in range(2):
                    entry.add(ARRIVALS, site_id=site, counted_at=at, slot=slot, **dict.fromkeys(COUNTS, 2))
        found = opened.recent_arrivals(now)
    assert [(row["site_id"], row["rejected"]) for row in found] == [("kept", 4), ("today", 4)]
