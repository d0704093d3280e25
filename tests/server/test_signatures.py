"""Signed bodies, with an attacker's eye."""

from hashlib import sha256

import pytest

from touchline.server import signatures
from touchline.server.cross_origin import origins_of
from touchline.server.keys import Access
from touchline.server.problems import Problem
from touchline.server.signatures import MAX_AGE_SECONDS, Signatures, signature_of

NOW = 1_800_000_000
HASH = sha256(b"sk_1").hexdigest()


def access(*scopes: str) -> Access:
    return Access(
        "key_1", HASH, True, frozenset(scopes), "shop", "shop", "EUR", True, origins_of("shop.example", []), None
    )


def header(time: object, nonce: str) -> str:
    return f"key=key_1,time={time},nonce={nonce},hmac={signature_of(HASH, str(time), nonce, b'{}')}"


def status(kept: Signatures, said: str, now: float, *scopes: str) -> int:
    try:
        kept.check(said, b"{}", lambda _key_id: access(*(scopes or ("track",))), now)
    except Problem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize("late", [-MAX_AGE_SECONDS, 0, MAX_AGE_SECONDS])
def test_a_signature_counts_once_for_as_long_as_its_time_is_good(late: int) -> None:
    kept, said = Signatures(), header(NOW - late, "nonce-01")
    assert status(kept, said, NOW) == 200
    for now in range(NOW, NOW + 3 * MAX_AGE_SECONDS, 7):
        assert status(kept, said, now) == 401


@pytest.mark.parametrize(("time", "nonce"), [(NOW + 301, "nonce-01"), (NOW - 301, "nonce-01"), ("١٨٠٠", "nonce-01")])
def test_times_far_off_and_foreign_digits_are_refused(time: object, nonce: str) -> None:
    assert status(Signatures(), header(time, nonce), NOW) == 401


@pytest.mark.parametrize(("scopes", "expected"), [(("costs",), 401), (("read",), 401), (("admin",), 200)])
def test_a_key_that_may_not_send_events_vouches_for_none(scopes: tuple[str, ...], expected: int) -> None:
    assert status(Signatures(), header(NOW, "nonce-01"), NOW, *scopes) == expected


def test_a_full_memory_forgets_no_nonce_that_could_be_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "MOST_NONCES", 3)
    kept = Signatures()
    assert [status(kept, header(NOW, f"nonce-0{n}"), NOW) for n in range(4)] == [200, 200, 200, 503]
    assert status(kept, header(NOW, "nonce-00"), NOW) == 401
    later = NOW + MAX_AGE_SECONDS + 1
    assert status(kept, header(later, "nonce-05"), later) == 200
