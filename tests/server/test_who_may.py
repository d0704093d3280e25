"""Who may ask for what: keys with scopes, revoked keys, sessions that ended, other organizations; by a plain model."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import Headers

from tests.server.conftest import Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of
from touchline.jobs import access_keys, setup, users
from touchline.jobs.access_keys import hash_of
from touchline.jobs.roles import ROLES, may
from touchline.jobs.users import SESSION_SECONDS
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api import signing_in
from touchline.server.api.asking import COOKIE, CSRF_HEADER, Asker, Door, Person, csrf_of
from touchline.server.http.cross_origin import origins_of
from touchline.server.http.keys import Access, Keys
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import InMemory

NOW_SECONDS = 1_800_000_000
NOW = NOW_SECONDS * 1_000_000
SECRET, PUBLISHABLE = f"sk_{'s' * 43}", f"pk_{'p' * 43}"
TOKEN = "a-session"
_SCOPES = ("track", "costs", "read", "admin")


@dataclass
class Asked:
    """A request, as far as the door looks."""

    headers: Headers = field(default_factory=Headers)


@dataclass
class Sessions:
    """A ledger with one session, or none, of a person who sees ``organization_id``, or everything."""

    ends_at: int | None
    organization_id: str | None = None
    role: str = "administrator"

    def rows(self, table: object, *, session_hash: str = "", name: str = "") -> list[dict[str, Any]]:
        if table is schema.USERS:
            return [{"name": name, "organization_id": self.organization_id, "role": self.role}]
        is_there = self.ends_at is not None and session_hash == hash_of(TOKEN)
        return [{"name": "ada", "ends_at": self.ends_at}] if is_there else []


def access(key: str, scopes: frozenset[str], revoked_at: int | None) -> Access:
    origins = origins_of("shop.example", [])
    return Access("k", hash_of(key), key == SECRET, scopes, "s", "o", "EUR", True, origins, revoked_at)


def door_with(
    scopes: frozenset[str], revoked_at: int | None, ends_at: int | None, seen: str | None, role: str
) -> Door:  # fmt: skip
    known = {hash_of(key): access(key, scopes, revoked_at) for key in (SECRET, PUBLISHABLE)}
    keys = Keys(lambda: known, lambda digests: {one: known[one].revoked_at for one in digests if one in known})
    return Door(Sessions(ends_at, seen, role), keys)  # type: ignore[arg-type] # a session is all that is asked for


def answer_of(door: Door, asked: Asked, scope: str, *, is_changing: bool) -> int | Asker:
    try:
        return door.asker(asked, scope, is_changing=is_changing)  # type: ignore[arg-type] # what is looked at
    except Problem as problem:
        return problem.status


@given(
    bearer=st.sampled_from([None, SECRET, PUBLISHABLE, f"sk_{'x' * 43}"]),
    scopes=st.frozensets(st.sampled_from(_SCOPES)),
    wanted=st.sampled_from(_SCOPES),
    revoked=st.sampled_from([None, NOW - 1, NOW, NOW + 1]),
    cookie=st.sampled_from([None, TOKEN, "another"]),
    ends=st.sampled_from([None, NOW - 1, NOW, NOW + 1]),
    csrf=st.sampled_from([None, csrf_of(TOKEN), csrf_of("another")]),
    seen=st.sampled_from([None, "o"]),
    role=st.sampled_from(ROLES),
    is_changing=st.booleans(),
)
def test_who_may_is_as_the_plain_model_says(  # noqa: PLR0917 - Hypothesis names each
    bearer: str | None, scopes: frozenset[str], wanted: str, revoked: int | None, cookie: str | None,
    ends: int | None, csrf: str | None, seen: str | None, role: str, is_changing: bool,
) -> None:  # fmt: skip
    def expected() -> int | Asker:
        if bearer is not None:
            is_valid = revoked is None or revoked > NOW
            if bearer != SECRET or not is_valid:
                return 401
            return Asker("k", "o") if wanted in scopes or "admin" in scopes else 403
        if cookie != TOKEN or ends is None or ends <= NOW:
            return 401
        if is_changing and csrf != csrf_of(TOKEN):
            return 403
        is_enough = may(role, {"read": "viewer", "costs": "editor"}.get(wanted, "administrator"))  # type: ignore[arg-type]
        return Asker("ada", seen, "user") if is_enough else 403

    said = {
        "authorization": bearer and f"Bearer {bearer}", CSRF_HEADER: csrf, "cookie": cookie and f"{COOKIE}={cookie}"
    }  # fmt: skip
    asked = Asked(Headers({name: value for name, value in said.items() if value}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("touchline.server.api.asking.time.time_ns", lambda: NOW * 1_000)
        answer = answer_of(door_with(scopes, revoked, ends, seen, role), asked, wanted, is_changing=is_changing)
    assert answer == expected()


@pytest.mark.parametrize(("own", "named", "expected"), [
    (None, None, None), (None, "p", "p"), ("o", None, "o"), ("o", "o", "o"), ("o", "p", 403),
])  # fmt: skip
def test_a_key_tells_of_its_own_organization_alone(own: str | None, named: str | None, expected: object) -> None:
    try:
        answer: object = Asker("k", own).organization_named(named)
    except Problem as problem:
        answer = problem.status
    assert answer == expected


@given(st.sampled_from(["s", "t"]), st.sampled_from(["k", "other"]), st.sampled_from([None, NOW, NOW + 1]))
def test_a_signature_is_by_a_secret_key_of_its_own_site(site_id: str, key_id: str, revoked_at: int | None) -> None:
    known = {hash_of(SECRET): access(SECRET, frozenset({"track"}), revoked_at)}
    keys = Keys(lambda: known, lambda _digests: {})
    keys.refresh()
    is_good = site_id == "s" and key_id == "k" and (revoked_at is None or revoked_at > NOW)
    assert (keys.secret_with_id(key_id, site_id, NOW) is not None) == is_good


def test_a_session_lasts_a_week_and_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [NOW * 1_000]
    monkeypatch.setattr("touchline.server.api.signing_in.time.time_ns", lambda: now[0])
    with Workspace(place.home) as workspace:
        ledger = workspace.ledger
        for name in ("ada", "eve"):
            users.add_user(workspace, name, "correct horse battery", now=NOW)
        signing_in._begin(SimpleNamespace(ledger=ledger), "ada", TOKEN, "")  # type: ignore[arg-type] # its ledger
        door = Door(ledger, Keys(dict, lambda _digests: {}))
        assert SESSION_SECONDS == 7 * 86_400
        ada = Person("ada", None, "administrator")
        for seconds, person in ((0, ada), (SESSION_SECONDS - 1, ada), (SESSION_SECONDS, None)):
            now[0] = (NOW_SECONDS + seconds) * 1_000_000_000
            assert door.person_of(TOKEN) == person
        now[0] += 1_000_000_000
        signing_in._begin(SimpleNamespace(ledger=ledger), "eve", "later", "")  # type: ignore[arg-type] # its ledger
        assert [row["name"] for row in ledger.rows(schema.SERVER_SESSIONS)] == ["eve"]


def tried(attempts: InMemory, address: str, name: str) -> int:
    """The status of one attempt to log in, as far as the limits answer it."""
    try:
        asyncio.run(signing_in._throttled(attempts, address, name))
    except Problem as problem:
        return problem.status
    return 200


def test_one_name_has_ten_attempts_a_minute_from_one_address_and_thirty_names_together() -> None:
    attempts = InMemory(lambda: 600.0)
    assert [tried(attempts, "a", "ada") for _ in range(11)] == [200] * 10 + [429]
    assert tried(attempts, "b", "ada") == 200  # whoever guesses elsewhere locks nobody out
    assert [tried(attempts, "a", f"name-{number}") for number in range(21)] == [200] * 20 + [429]
    assert tried(attempts, "b", "bob") == 200


PAGES = tuple(
    (scheme, host, port)
    for scheme in ("https", "http", "ftp")
    for host in ("shop.example", "www.shop.example", "notshop.example", "shop.example.evil.example", "pay.example",
                 "www.pay.example", "other.example")
    for port in ("", ":443", ":80", ":8443")
)  # fmt: skip
"""Where a page may stand: the site's domain and what looks like it, an origin that the key names, another site's."""


def may_send(scheme: str, host: str, port: str) -> bool:
    """The plain model: the site's domain and all below it, over the web, at any port; else exactly what a key names."""
    number = int(port[1:]) if port else {"https": 443, "http": 80}.get(scheme, 0)
    is_own = scheme in {"https", "http"} and (host == "shop.example" or host.endswith(".shop.example"))
    return is_own or (scheme, host, number) in {("https", "pay.example", 443), ("http", "pay.example", 8443)}


def test_a_page_may_send_with_a_publishable_key_as_the_plain_model_says(place: Place) -> None:
    """A key of the site with two origins of its own; another site's domain is no origin of this one."""
    with Workspace(place.home) as workspace:
        origins = ["https://pay.example", "http://pay.example:8443"]
        made = access_keys.create_key(workspace, "shop-example", "publishable", origins=origins, now=NOW)
        setup.add_site(workspace, "shop", name="other", domain="other.example", time_zone="UTC", now=NOW)

    async def run() -> dict[tuple[str, str, str], int]:
        found = {}
        async with collecting(place) as application:
            for scheme, host, port in PAGES:
                event = {"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}
                said = batch_of(made.key, [event], origin=f"{scheme}://{host}{port}")
                found[scheme, host, port] = (await answered(application, said)).status
        return found

    assert asyncio.run(run()) == {page: 200 if may_send(*page) else 403 for page in PAGES}
    assert sum(map(may_send, *zip(*PAGES, strict=True))) == 2 * 2 * 4 + 3
