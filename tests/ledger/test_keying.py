"""Rows of an earlier release get the key in slices, and are then as if they had been stored with it."""

from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.ledger.conftest import made
from tests.ledger.events import COLUMNS, event
from tests.ledger.filled import held
from touchline.ingest import Claim, keyed_claim
from touchline.ledger import Ledger, keying, schema
from touchline.ledger.hash_key import HashKey
from touchline.ledger.verdicts import Appended

MAILS = [sha256(f"ann{number}@corp.example".encode()).hexdigest() for number in range(40)]
WITHOUT_ORDER = next(mail for mail in MAILS if mail[14] == "4")
"""An id that looks as if it came in no order."""
SITE = "north.example"
EVENTS = [
    *(event(str(UUID(int=n, version=4)), payload_hash=mail, user_id=mail, identifier=f"u:{mail}",
            received_at=1_700_000_000_000_000 + n % 3 * 31 * 86_400_000_000)
      for n, mail in enumerate(MAILS[:8])),
    *(event(f"order {mail}", payload_hash=mail, email_hash=mail, order_id=mail) for mail in MAILS[8:12]),
    *(event(mail, payload_hash=mail, properties=f'{{"mail":"{mail}"}}', title="Plain") for mail in MAILS[12:]),
    event("plain", payload_hash="1", user_id="42"),
]  # fmt: skip


def told(ledger: Ledger) -> None:
    """Something of each kind that can have a hash in it."""
    pairs = [(f"m:{one}", f"m:{other}") for one, other in pairwise(MAILS[:9])]
    pairs.append(("v:north.example:ada", f"u:{MAILS[0]}"))
    claims = [keyed_claim(Claim(*pair, 5), ledger.keyed) for pair in pairs]
    rows = [{"organization_id": "north", "source": "crm", **claim._asdict()} for claim in claims]
    rejected = {
        "site_id": SITE, "event_id": None, "received_at": 1, "reason": "malformed", "message": "", "source": "f:1",
        "payload": f'{{"emailHash":"{MAILS[3]}"}}',
    }  # fmt: skip
    consents = [(MAILS[4], SITE, "denied", MAILS[5], 1, 1), (MAILS[6], SITE, "granted", "ada", 1, 1)]
    with ledger.transaction() as entry:
        assert entry.add_events(COLUMNS, EVENTS).accepted == len(EVENTS)
        assert entry.add_new(schema.IDENTITY_CLAIMS, rows) == len(rows)
        entry.add_many(schema.REJECTED_EVENTS, tuple(rejected), [tuple(rejected.values())])
        columns = ("consent_id", "site_id", "choice", "visitor_id", "said_at", "received_at")
        entry.add_many(schema.CONSENTS, columns, consents)
        entry.erasing("north").note([ledger.keyed(sha256(b"north u:42").hexdigest()), ""], 7)


@pytest.fixture
def plain(place: Path | str) -> Path | str:
    """A ledger whose rows have plain hashes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HashKey, "keyed", lambda _key, text: text)
        patch.setattr(HashKey, "keyed_digest", lambda _key, text: text)
        with closing(made(place)) as ledger:
            told(ledger)
            with ledger._store.engine.begin() as connection:
                begun = update(schema.SECRETS).where(schema.SECRETS.c.name == "keyed").values(value="[0, null]")
                connection.execute(begun)
    return place


def rows_of(place: Path | str) -> dict[str, list[tuple[object, ...]]]:
    """The rows by table; events without their numbers, for which a SQLite file looks at the form of an id."""
    found: dict[str, list[tuple[object, ...]]] = {**held(place)}
    found["tracking_events"] = [row[1:] for row in found["tracking_events"]]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def test_rows_are_as_if_they_had_been_stored_with_the_key(
    plain: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is one slice or many, and wherever a process is killed."""
    with closing(made(tmp_path / "expected.db")) as ledger:
        told(ledger)
    assert any(mail in repr(rows_of(plain)) for mail in MAILS)
    monkeypatch.setattr(keying, "ROWS_AT_ONCE", 7)
    real, calls = keying._slice, iter(range(100))

    def killed(*given: object) -> int | None:
        if next(calls) in {0, 3, 4, 9}:
            raise KeyboardInterrupt
        return real(*given)  # type: ignore[arg-type] # they are passed on

    monkeypatch.setattr(keying, "_slice", killed)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            Ledger(plain)
    with closing(Ledger(plain)) as ledger:
        assert ledger.damage() == ""
        with ledger.transaction() as entry:  # each id is known, in its plain form as well
            assert entry.add_events(COLUMNS, EVENTS) == Appended(0, len(EVENTS), 0)
    assert rows_of(plain) == rows_of(tmp_path / "expected.db")
    assert not any(mail in repr(rows_of(plain)) for mail in MAILS)
    if isinstance(plain, Path):
        kept = b"".join(file.read_bytes() for file in plain.parent.glob("ledger.db*"))
        assert not any(mail.encode() in kept for mail in MAILS)
    next(calls)
    with closing(Ledger(plain)):
        assert next(calls) == next(calls) - 1  # a ledger that is keyed is not looked at again


def test_one_process_makes_the_key(place: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    made(place).close()
    keys = iter([bytes([1]) * 32, bytes([2]) * 32])
    monkeypatch.setattr("touchline.ledger.hash_key.random_key", lambda: next(keys))
    with closing(Ledger(place)) as one:
        with one._store.engine.begin() as connection:
            connection.execute(schema.SECRETS.delete())
        first, second = (keying._made(one._store, None)["hash_key"] for _ in range(2))
    assert first == second == "01" * 32
