"""Signed bodies, with an attacker's eye."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.server.collect import signatures
from touchline.server.collect.signatures import Signatures
from touchline.server.http.cross_origin import origins_of
from touchline.server.http.keys import Access
from touchline.server.http.problems import Problem
from touchline.signing import signature_of

NOW = 1_800_000_000
FIVE_MINUTES = 300
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


@pytest.mark.parametrize("late", [-FIVE_MINUTES, 0, FIVE_MINUTES])
def test_a_signature_counts_once_for_as_long_as_its_time_is_good(late: int) -> None:
    kept, said = Signatures(), header(NOW - late, "nonce-01")
    assert status(kept, said, NOW) == 200
    for now in range(NOW, NOW + 3 * FIVE_MINUTES, 7):
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
    later = NOW + FIVE_MINUTES + 1
    assert status(kept, header(later, "nonce-05"), later) == 200


_STEPS = st.tuples(
    st.integers(0, 400),  # seconds that pass
    st.sampled_from([-301, -300, -299, 0, 299, 300, 301]),  # how late its time is
    st.sampled_from(["nonce-01", "nonce-02"]),
    st.sampled_from(["nothing", "nothing", "body", "key"]),  # what is wrong with it
)


@given(st.lists(_STEPS, max_size=12))
def test_a_signature_is_good_as_the_plain_model_says(steps: list[tuple[int, int, str, str]]) -> None:
    """Near in time, over this body, by this key, and with a nonce that no good signature of the time had before."""
    kept, now, used = Signatures(), NOW, dict[str, int]()
    for passed, late, nonce, wrong in steps:
        now += passed
        time = now - late
        key_hash = sha256(b"sk_2").hexdigest() if wrong == "key" else HASH
        mac = signature_of(key_hash, str(time), nonce, b"{1}" if wrong == "body" else b"{}")
        is_new = nonce not in used or used[nonce] + FIVE_MINUTES < now
        is_good = abs(late) <= FIVE_MINUTES and wrong == "nothing" and is_new
        assert status(kept, f"key=key_1,time={time},nonce={nonce},hmac={mac}", now) == (200 if is_good else 401)
        if is_good:
            used[nonce] = time


@pytest.mark.parametrize("late", [-FIVE_MINUTES, -1, 0, 1, FIVE_MINUTES])
def test_no_nonce_is_forgotten_while_its_signature_could_be_replayed(late: int) -> None:
    """What others send meanwhile sweeps old nonces away, and never this one."""
    kept, said = Signatures(), header(NOW - late, "nonce-01")
    assert status(kept, said, NOW) == 200
    for now in range(NOW + 1, NOW + 2 * FIVE_MINUTES + 2):
        assert status(kept, header(now, f"nonce-x{now}"), now) == 200
        assert status(kept, said, now) == 401


def test_what_no_signature_can_be_replayed_with_is_forgotten() -> None:
    kept = Signatures()
    for now in range(NOW, NOW + 5 * FIVE_MINUTES, 10):
        assert status(kept, header(now, f"nonce-{now}"), now) == 200
    assert len(kept._nonces["key_1"]) <= 2 * FIVE_MINUTES // 10 + 1
