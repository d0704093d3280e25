"""Which key opens what, and how seldom the ledger is asked for it, against a ledger that counts its questions."""

import asyncio
from collections.abc import Collection, Mapping
from threading import Event, Thread

import pytest

from tests.server.conftest import Place
from touchline.errors import BusyError
from touchline.jobs import access_keys, setup
from touchline.jobs.access_keys import hash_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.http import keys as keys_module
from touchline.server.http.cross_origin import origins_of
from touchline.server.http.keys import Access, Keys, NotLookedUpError, keys_of

NOW = 1_800_000_000_000_000
SECRET, PUBLISHABLE = f"sk_{'s' * 43}", f"pk_{'p' * 43}"
LOOK_AGAIN_SECONDS = 0.5


def access(key: str, revoked_at: int | None = None) -> Access:
    origins = origins_of(f"{key[:2]}.example", [])
    return Access(key[:4], hash_of(key), key[:2] == "sk", frozenset({"track"}), "s", "o", "EUR", True, origins,
                  revoked_at)  # fmt: skip


class Told:
    """Keys that a ledger has, and what it is asked."""

    def __init__(self, *keys: str) -> None:
        self.has = {hash_of(key): access(key) for key in keys}
        self.asked: list[int] = []
        self.reads = 0
        self.is_away = False
        self.keys = Keys(self.read, self.stand)

    def read(self) -> Mapping[str, Access]:
        self.reads += 1
        return dict(self.has)

    def stand(self, digests: Collection[str]) -> Mapping[str, int | None]:
        self.asked.append(len(digests))
        if self.is_away:
            raise BusyError("It is away.", "")
        return {one: self.has[one].revoked_at for one in digests if one in self.has}

    def revoke(self, key: str, at: int) -> None:
        self.has[hash_of(key)] = access(key, at)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A monotonic clock that only the test moves."""
    now = [100.0]
    monkeypatch.setattr("touchline.server.http.keys.time.monotonic", lambda: now[0])
    return now


def looked_up(told: Told, *keys: str, is_bearer: bool = False) -> list[str | None]:
    """What several requests at a time find."""

    async def one(key: str) -> str | None:
        try:
            looking = told.keys.look_up_bearer(f"Bearer {key}", NOW) if is_bearer else told.keys.look_up(key, NOW)
            found = await looking
        except NotLookedUpError:
            return "not looked up"
        return found.key_id if found else None

    async def run() -> list[str | None]:
        return list(await asyncio.gather(*map(one, keys)))

    return asyncio.run(run())


def invented(number: int) -> str:
    return f"pk_{number:043}"


def test_a_known_key_costs_the_ledger_nothing() -> None:
    told = Told(PUBLISHABLE)
    told.keys.refresh()
    assert looked_up(told, PUBLISHABLE, PUBLISHABLE) == ["pk_p"] * 2
    assert (told.asked, told.reads) == ([], 1)


def test_a_new_key_works_at_once_for_all_that_ask_by_one_question() -> None:
    told = Told(PUBLISHABLE)
    assert looked_up(told, *[PUBLISHABLE] * 9, invented(1)) == ["pk_p"] * 9 + [None]
    assert (told.asked, told.reads) == ([2], 1)


def test_an_invented_key_is_looked_for_again_only_after_a_while(clock: list[float]) -> None:
    told = Told()
    for seconds, questions in ((0.0, 1), (LOOK_AGAIN_SECONDS - 0.01, 1), (0.02, 2), (0.0, 2)):
        clock[0] += seconds
        assert looked_up(told, invented(1)) == [None]
        assert len(told.asked) == questions
    told.has[hash_of(invented(1))] = access(invented(1))
    clock[0] += LOOK_AGAIN_SECONDS
    assert looked_up(told, invented(1)) == ["pk_0"]


@pytest.mark.parametrize("text", ["", "pk_", "pk_short", f"xk_{'p' * 43}", f"pk_{'p' * 44}", f"pk_{'p' * 42}!"])
def test_what_no_key_looks_like_is_not_looked_for(text: str) -> None:
    told = Told()
    assert looked_up(told, text) == [None]
    assert told.keys.bearer(f"Bearer {text}", NOW) is None
    assert told.asked == []


def test_a_revoked_key_that_is_in_memory_is_not_looked_for() -> None:
    told = Told(PUBLISHABLE)
    told.revoke(PUBLISHABLE, NOW)
    told.keys.refresh()
    assert looked_up(told, PUBLISHABLE) == [None]
    assert told.asked == []


def test_no_more_unknown_keys_are_looked_for_at_a_time_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_MOST_WANTED", 3)
    told = Told(PUBLISHABLE)
    found = looked_up(told, *map(invented, range(3)), PUBLISHABLE, invented(2))
    assert found == [None, None, None, "not looked up", None]
    assert told.asked == [3]
    assert looked_up(told, PUBLISHABLE) == ["pk_p"]


def test_a_flood_of_invented_keys_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_MOST_ABSENT", 5)
    told = Told()
    for number in range(50):
        looked_up(told, invented(number))
    assert len(told.keys._absent) <= 6


def test_where_the_ledger_does_not_answer_nobody_is_told_that_the_key_is_none() -> None:
    told = Told(PUBLISHABLE)
    told.is_away = True
    assert looked_up(told, PUBLISHABLE, invented(1)) == ["not looked up"] * 2
    told.is_away = False
    assert looked_up(told, PUBLISHABLE) == ["pk_p"]  # and it is asked again at once


def test_a_publishable_key_is_no_bearers() -> None:
    told = Told(SECRET, PUBLISHABLE)
    assert looked_up(told, SECRET, PUBLISHABLE, is_bearer=True) == ["sk_s", None]
    for key, key_id in ((SECRET, "sk_s"), (PUBLISHABLE, None)):
        for find in (told.keys.known_bearer, told.keys.bearer):
            found = find(f"Bearer {key}", NOW)
            assert (found and found.key_id) == key_id


@pytest.mark.parametrize(
    ("authorization", "is_known"),
    [
        (f"Bearer {SECRET}", True),
        (f"bearer  {SECRET} ", True),
        (f"Basic {SECRET}", False),
        (SECRET, False),
        (f"Bearer {SECRET}{' ' * 600}", False),
        ("Bearer", False),
        ("", False),
    ],
)
def test_a_secret_key_comes_as_a_bearers(authorization: str, is_known: bool) -> None:
    told = Told(SECRET)
    told.keys.refresh()
    assert (told.keys.known_bearer(authorization, NOW) is not None) is is_known
    assert (told.keys.bearer(authorization, NOW) is not None) is is_known


@pytest.mark.parametrize(("revoked_at", "is_good"), [(None, True), (NOW + 1, True), (NOW, False), (NOW - 1, False)])
def test_a_key_ends_when_it_was_revoked(revoked_at: int | None, is_good: bool) -> None:
    """A thread that asks learns of it before what is in memory is read again."""
    told = Told(SECRET)
    told.keys.refresh()
    told.has[hash_of(SECRET)] = access(SECRET, revoked_at)
    assert (told.keys.bearer(f"Bearer {SECRET}", NOW) is not None) is is_good
    assert told.keys.known_bearer(f"Bearer {SECRET}", NOW) is not None
    told.keys.refresh()
    assert (told.keys.known_bearer(f"Bearer {SECRET}", NOW) is not None) is is_good
    assert (told.keys.find(SECRET, NOW) is not None) is is_good
    assert (told.keys.secret_with_id("sk_s", "s", NOW) is not None) is is_good


def test_a_removed_key_opens_nothing_to_a_thread_that_asks() -> None:
    told = Told(SECRET)
    told.keys.refresh()
    told.has.clear()
    assert told.keys.bearer(f"Bearer {SECRET}", NOW) is None


def test_a_preflight_is_held_to_the_origins_of_all_keys() -> None:
    told = Told(SECRET, PUBLISHABLE)
    assert not told.keys.every_origin.allows("https://pk.example")
    told.keys.refresh()
    allowed = [told.keys.every_origin.allows(f"https://{name}.example") for name in ("pk", "sk", "qk")]
    assert allowed == [True, True, False]


def test_signatures_are_of_secret_keys() -> None:
    told = Told(SECRET, PUBLISHABLE)
    told.keys.refresh()
    assert told.keys.secret_with_id("sk_s", "s", NOW) == access(SECRET)
    assert told.keys.secret_with_id("pk_p", "s", NOW) is None
    assert told.keys.secret_with_id("sk_s", "t", NOW) is None


def test_a_key_is_read_with_what_its_own_organization_chose(place: Place) -> None:
    with Workspace(place.home) as workspace:
        with workspace.ledger.transaction() as entry:
            entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="USD", created_at=NOW)
        site = setup.add_site(workspace, "other", name="other", domain="other.example", time_zone="UTC", now=NOW)
        setup.change_setting(workspace, "other", "retention_days", "30", now=NOW)
        other = access_keys.create_key(
            workspace, site, "secret", scopes=["read"], origins=["https://pay.example"], now=NOW
        )  # fmt: skip
        access_keys.revoke_key(workspace, other.key_id, now=NOW + 1)
        found = keys_of(workspace.ledger)
    assert found[hash_of(other.key)] == Access(
        other.key_id, hash_of(other.key), True, frozenset({"read"}), site, "other", "USD", False,
        origins_of("other.example", ["https://pay.example"]), NOW + 1,
    )  # fmt: skip
    own = found[hash_of(place.publishable)]
    assert (own.is_secret, own.organization_id, own.currency, own.keeps_all) == (False, "shop", "EUR", True)
    assert len(found) == 3


def test_what_was_read_before_a_key_was_made_takes_no_place_of_what_was_read_after() -> None:
    """A thread that reads slowly, and another one that reads the new key meanwhile."""
    began, others_ended = Event(), Event()
    told = Told(PUBLISHABLE)

    def read() -> Mapping[str, Access]:
        found = told.read()
        if told.reads == 1:
            began.set()
            others_ended.wait(0.3)  # in vain, as the other has to wait for this one
        return found

    keys = Keys(read, told.stand)
    slow = Thread(target=keys.refresh)
    slow.start()
    assert began.wait(60)
    told.has[hash_of(SECRET)] = access(SECRET)
    keys.refresh()
    others_ended.set()
    slow.join()
    assert keys.find(SECRET, NOW) is not None
