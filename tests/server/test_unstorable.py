"""A value that the database refuses costs its own event, not the events that are committed with it."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.conftest import made
from tests.ledger.events import COLUMNS, event
from touchline.ingest import RejectedEvent, Rejection
from touchline.ledger import Ledger, schema
from touchline.ledger.opening import intake_at
from touchline.server.collect import collector as collecting
from touchline.server.collect.collector import COLUMNS as COLLECTED
from touchline.server.collect.collector import Collector, Offer, Outcome
from touchline.server.http.options import ServerOptions

KINDS: list[dict[str, Any]] = [
    {"city": "Bur\0sa"}, {"survey_answer": "\ud800"}, {"properties": '{"a":"\0"}'}, {"value_micros": 2**63},
    {"occurred_at": -(2**63) - 1}, {"order_id": "1\0"}, {"user_id": "\udfff"},
]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    found: Path | str = (
        request.getfixturevalue("database_url") if request.param == "postgres" else tmp_path / "ledger.db"
    )
    return found


@pytest.fixture
def ledger(place: Path | str) -> Any:
    with closing(made(place)) as ledger:
        yield ledger


def offered(*events: tuple[Any, ...], rejected: list[RejectedEvent] | None = None) -> Offer:
    rows = [tuple(row[COLUMNS.index(name)] for name in COLLECTED.events) for row in events]

    def refuse(at: int, rejection: Rejection) -> RejectedEvent:
        return refusal(events[at][COLUMNS.index("event_id")], rejection.reason.value)

    return Offer("north", True, rows, [*(rejected or ())], 100, refuse)


def refusal(event_id: str, reason: str) -> RejectedEvent:
    return RejectedEvent(
        site_id="north.example", event_id=event_id, received_at=1, reason=reason, message="m", source="s", payload="p"
    )


def taken(place: Path | str, *offers: Offer) -> tuple[list[Outcome], dict[str, int]]:
    """What becomes of requests that are committed together."""

    async def all_at_once() -> tuple[list[Outcome], dict[str, int]]:
        collector = Collector(intake_at(place, COLLECTED), ServerOptions())
        collector.start()
        futures = [collector.take(offer) for offer in offers]
        outcomes = await asyncio.gather(*futures)
        await collector.drain()
        return outcomes, dict(collector.tallies)

    return asyncio.run(all_at_once())


def stored(ledger: Ledger) -> set[str]:
    return {row["event_id"] for row in ledger.rows(schema.TRACKING_EVENTS)}


@pytest.mark.parametrize("fields", KINDS, ids=lambda fields: next(iter(fields)))
def test_the_others_are_committed(ledger: Ledger, place: Path | str, fields: dict[str, Any]) -> None:
    bad = event("bad", **fields)
    outcomes, tallies = taken(place, offered(event("a"), event("b")), offered(event("c"), bad), offered(event("d")))
    assert {"a", "b", "c", "d"} <= stored(ledger)
    if "bad" not in stored(ledger):  # SQLite stores NUL
        assert [(one.accepted, list(one.unstorable)) for one in outcomes] == [(2, []), (1, [1]), (1, [])]
        kept = ledger.rows(schema.REJECTED_EVENTS)
        assert [(row["event_id"], row["reason"]) for row in kept] == [("bad", "unstorable")]
        assert (tallies["reason:unstorable"], tallies["rejected"], tallies["accepted"]) == (1, 1, 4)
    assert tallies.get("failures", 0) == 0


def test_a_refused_event_with_such_an_id_is_kept_without_it(ledger: Ledger, place: Path | str) -> None:
    outcomes, _ = taken(place, offered(event("a")), offered(rejected=[refusal("x\0", "bot"), refusal("\ud800", "bot")]))
    assert stored(ledger) == {"a"}
    assert outcomes[0].accepted == 1
    kept = {row["event_id"] for row in ledger.rows(schema.REJECTED_EVENTS)}
    assert "\ufffd" in kept


def test_a_request_of_an_unknown_kind_is_found_by_halving(
    ledger: Ledger, place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "faults", lambda _columns, _row: iter(()))
    offers = [offered(event(f"e{number}", value_micros=2**63 if number in {5, 40} else 1)) for number in range(64)]
    attempts = counting(monkeypatch, place)
    outcomes, _ = taken(place, *offers)
    assert stored(ledger) == {f"e{number}" for number in range(64)} - {"e5", "e40"}
    assert [number for number, one in enumerate(outcomes) if one.unstorable] == [5, 40]
    assert attempts() <= 2 * 2 * 7 + 2


def test_many_of_a_known_kind_cost_one_attempt_more(
    ledger: Ledger, place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = counting(monkeypatch, place)
    outcomes, _ = taken(place, *(offered(event(f"e{n}", value_micros=2**63), event(f"g{n}")) for n in range(200)))
    assert [one.accepted for one in outcomes] == [1] * 200
    assert attempts() == 2


def counting(monkeypatch: pytest.MonkeyPatch, place: Path | str) -> Callable[[], int]:
    """Counts the transactions that an intake begins."""
    kind, count = type(intake_at(place, COLLECTED)), 0
    take = kind.take

    async def counted(self: Any, prepare: Any) -> Any:
        nonlocal count
        count += 1
        return await take(self, prepare)

    monkeypatch.setattr(kind, "take", counted)
    return lambda: count
