"""One person of very many names, as a run leaves them: a user id that events and claims tie to browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.oracle.engine import arrow
from tests.oracle.world import Row, at, claim
from touchline.engines import DuckDB
from touchline.table import Table
from touchline.tables import ALL, IDENTITIES, IDENTITY_CLAIMS, IDENTITY_EDGES

START = at("2026-03-02 10:00")


def browser(number: int) -> str:
    """The identifier of the browser that was seen as this one, counted from 0."""
    return f"v:s:{number:06}"


@contextmanager
def crowd(ids: int, file: Path | None = None) -> Iterator[DuckDB]:
    """An engine with the person ``u:42`` of so many names, one second apart, and with somebody else."""
    engine = DuckDB(file)
    try:
        for table, rows in _tables(ids):
            engine.create(table)
            engine.append(table, arrow(table, rows))
        yield engine
    finally:
        engine.close()


def _tables(ids: int) -> Iterator[tuple[Table, list[Row]]]:
    browsers = [browser(number) for number in range(ids - 1)]
    seen = {name: START + timedelta(seconds=number) for number, name in enumerate(browsers)}
    last = START + timedelta(seconds=ids)
    always = {"period_number": 0, "valid_from": None, "valid_until": None, "tier": "strong_id"}
    person = {"organization_id": "o", "person_id": "p", **always}
    names = [{**person, "identifier": name, "first_seen_at": since} for name, since in seen.items()]
    names.append({**person, "identifier": "u:42", "first_seen_at": last})
    names.append({**person, "person_id": "q", "identifier": "v:s:bob", "first_seen_at": START})
    # Written in another order than they are asked for.
    yield IDENTITIES, names[::-1]
    edge = {
        "organization_id": "o", "linked_identifier": "u:42", "event_count": 1, "claim_count": 1,
        "is_verified": True, "is_refused": False, "tier": "strong_id", "source": "s", "reason": "same_event",
    }  # fmt: skip
    yield IDENTITY_EDGES, [{**edge, "identifier": name, "first_seen_at": since} for name, since in seen.items()][::-1]
    made = [claim(name, "u:42", last) | {"claim": number} for number, name in enumerate(browsers, 1)]
    yield IDENTITY_CLAIMS, made[::-1]
    for name in ("touchpoints", "evidence_channels", "sessions", "conversions", "click_freshness", "account_members"):
        yield ALL[name], []
