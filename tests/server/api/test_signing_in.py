"""Logging in, against a plain model: whose session a cookie is, when it ends, and who may try again."""

import asyncio
import atexit
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Literal

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from litestar import Request
from litestar.testing import TestClient
from structlog.testing import capture_logs

from tests.server.conftest import NOW, Place, placed
from touchline.errors import UnknownError
from touchline.jobs import users
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api import passwords, signing_in
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE, CSRF_HEADER
from touchline.server.api.passwords import Passwords
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import InMemory, InRedis
from touchline.settings import Home

BEGIN = 1_800_000_000
"""Seconds since 1970, at the start of a minute."""
PASSWORDS = ("correct horse battery", "another long password")
NAMES = ("ada", "eve")
ADDRESSES = ("198.51.100.7", "203.0.113.8")
TEN, THIRTY = 10, 30
WEEK = 7 * 86_400


class Clock:
    """What the server takes for the time."""

    seconds = BEGIN

    def time(self) -> float:
        return float(self.seconds)

    def time_ns(self) -> int:
        return self.seconds * 1_000_000_000


@contextmanager
def served(place: Place, clock: Clock, **options: Any) -> Iterator[TestClient[Any]]:
    """What is beside the hot path, in this process, by a clock of the test's; passwords cost little."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("touchline.server.api.passwords.PasswordHasher", cheap)
        patch.setattr("touchline.jobs.users.PasswordHasher", cheap)
        patch.setattr("touchline.server.api.signing_in.time", clock)
        patch.setattr("touchline.server.api.asking.time", clock)
        patch.setattr(signing_in, "InMemory", partial(InMemory, clock.time))
        application = Application(place.home, ServerOptions(trusted_proxies="1", **options))
        try:
            application.keys.refresh()
            with TestClient(litestar(application, place.home, place.home.path / "no.sock")) as client:
                yield client
        finally:
            application.ledger.close()


def log_in(
    client: TestClient[Any], name: str, password: str, address: str = ADDRESSES[0], **fields: str
) -> httpx.Response:
    client.cookies.clear()
    said = json.dumps({"name": name, "password": password})
    headers = {"content-type": "application/json", "x-forwarded-for": address, **fields}
    return client.post("/api/login", content=said, headers=headers)


def ask(client: TestClient[Any], method: str, path: str, token: str, **fields: str) -> httpx.Response:
    client.cookies.clear()
    return client.request(method, path, headers={"cookie": f"{COOKIE}={token}", **fields})


def token_of(answer: httpx.Response) -> str:
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE].value


@cache
def _template() -> Place:
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return placed(folder / "home")


def copied(folder: Path) -> Place:
    """A home that is set up, sooner than setting it up takes."""
    place = _template()
    shutil.copytree(place.home.path, folder)
    return replace(place, home=Home(folder))


class LoggingIn(RuleBasedStateMachine):
    """Two homes, each with a server; people log in, out, and are changed; time passes."""

    @initialize()
    def open(self) -> None:
        self.held = ExitStack()
        folder = Path(self.held.enter_context(TemporaryDirectory()))
        self.clock = Clock()
        places = [copied(folder / "one"), copied(folder / "two")]
        self.clients = [self.held.enter_context(served(place, self.clock)) for place in places]
        self.workspaces = [self.held.enter_context(Workspace(place.home)) for place in places]
        self.passwords: list[dict[str, str]] = [{}, {}]
        self.sessions: list[dict[str, tuple[str, int]]] = [{}, {}]
        """By home and cookie: whose session it is, and when it ends."""
        self.csrf = {"forged": "0" * 64}
        """Every cookie that there ever was, and its token."""
        self.tries: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
        for home in (0, 1):
            for name in NAMES:
                self.add(home, name, PASSWORDS[home])

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()

    def add(self, home: int, name: str, password: str) -> None:
        users.add_user(self.workspaces[home], name, password, now=NOW)
        self.passwords[home][name] = password

    def is_throttled(self, home: int, name: str, address: str) -> bool:
        tries = self.tries[home]
        return tries[address, name] >= TEN or sum(n for (of, _), n in tries.items() if of == address) >= THIRTY

    def cookies(self, home: int) -> list[str]:
        """The newest ones of the home, and what is none of its."""
        return [*list(self.sessions[home])[-2:], *list(self.sessions[1 - home])[-1:], "forged"]

    def standing(self, home: int, token: str) -> str | None:
        name, ends = self.sessions[home].get(token, ("", 0))
        return name if self.clock.seconds < ends else None

    @rule(
        home=st.integers(0, 1), name=st.sampled_from([*NAMES, *NAMES, "nobody"]),
        is_right=st.sampled_from([True, True, False]), address=st.sampled_from(ADDRESSES),
        times=st.sampled_from([1, 1, 1, 11]), data=st.data(),
    )  # fmt: skip
    def log_in(self, home: int, name: str, is_right: bool, address: str, times: int, data: st.DataObject) -> None:
        known = self.passwords[home].get(name, PASSWORDS[0])
        password = known if is_right else next(one for one in PASSWORDS if one != known)
        for _ in range(times):
            former = data.draw(st.sampled_from(["", *self.cookies(home)])) if times == 1 else ""
            is_throttled = self.is_throttled(home, name, address)
            cookie = {"cookie": f"{COOKIE}={former}"} if former else {}
            answer = log_in(self.clients[home], name, password, address, **cookie)
            may_enter = is_right and name in self.passwords[home]
            assert answer.status_code == (429 if is_throttled else 200 if may_enter else 401)
            if not is_throttled:
                self.tries[home][address, name] += 1
            if answer.status_code == 200:
                assert answer.json()["name"] == name
                token = token_of(answer)
                assert token not in self.csrf
                self.csrf[token] = answer.json()["csrfToken"]
                self.sessions[home].pop(former, None)
                self.sessions[home][token] = (name, self.clock.seconds + WEEK)
            else:
                assert "set-cookie" not in answer.headers

    @rule(home=st.integers(0, 1), data=st.data(), is_told=st.booleans())
    def log_out(self, home: int, data: st.DataObject, is_told: bool) -> None:
        token = data.draw(st.sampled_from(self.cookies(home)))
        fields = {CSRF_HEADER: self.csrf[token]} if is_told else {CSRF_HEADER: self.csrf["forged"]}
        answer = ask(self.clients[home], "POST", "/api/logout", token, **fields)
        is_in = self.standing(home, token) is not None
        assert answer.status_code == (401 if not is_in else 204 if is_told else 403)
        if answer.status_code == 204:
            del self.sessions[home][token]

    @rule(home=st.integers(0, 1), name=st.sampled_from(NAMES), password=st.sampled_from(PASSWORDS))
    def change_password(self, home: int, name: str, password: str) -> None:
        if name in self.passwords[home]:
            users.change_password(self.workspaces[home], name, password)
            self.passwords[home][name] = password
            self.forget(home, name)

    @rule(home=st.integers(0, 1), name=st.sampled_from(NAMES), password=st.sampled_from(PASSWORDS))
    def remove_or_add(self, home: int, name: str, password: str) -> None:
        if name in self.passwords[home]:
            users.remove_user(self.workspaces[home], name)
            del self.passwords[home][name]
            self.forget(home, name)
        else:
            self.add(home, name, password)

    def forget(self, home: int, name: str) -> None:
        self.sessions[home] = {token: it for token, it in self.sessions[home].items() if it[0] != name}

    @rule(seconds=st.sampled_from([120, 86_400, WEEK - 120, WEEK]))
    def wait(self, seconds: int) -> None:
        self.clock.seconds += seconds
        self.tries = [Counter(), Counter()]

    @precondition(lambda self: len(self.csrf) > 1)  # before anybody logged in there is nothing to see
    @invariant()
    def each_cookie_opens_the_home_where_it_was_given_for_its_time(self) -> None:
        for home, client in enumerate(self.clients):
            for token, csrf in list(self.csrf.items())[-3:]:
                answer = ask(client, "GET", "/api/session", token)
                name = self.standing(home, token)
                assert answer.status_code == (200 if name else 401)
                if name:
                    assert answer.json() == {
                        "name": name,
                        "csrfToken": csrf,
                        "organizationId": None,
                        "role": "administrator",
                    }


# Fifteen steps are sooner read than shrunk.
LoggingIn.TestCase.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, phases=(Phase.reuse, Phase.generate)
)
test_whose_session_a_cookie_is_is_as_the_plain_model_says = LoggingIn.TestCase


@pytest.mark.parametrize("is_removed", [False, True])
def test_who_is_removed_or_has_another_password_is_out(tmp_path: Path, is_removed: bool) -> None:
    place = copied(tmp_path / "home")
    with served(place, Clock()) as client, Workspace(place.home) as workspace:
        for name in NAMES:
            users.add_user(workspace, name, PASSWORDS[0], now=NOW)
        tokens = [token_of(log_in(client, name, PASSWORDS[0])) for name in NAMES]
        if is_removed:
            users.remove_user(workspace, "ada")
        else:
            users.change_password(workspace, "ada", PASSWORDS[1])
        assert [ask(client, "GET", "/api/session", token).status_code for token in tokens] == [401, 200]
        assert [row["name"] for row in workspace.ledger.rows(schema.SERVER_SESSIONS)] == ["eve"]
        assert log_in(client, "ada", PASSWORDS[0]).status_code == 401
        for act in (users.remove_user, partial(users.change_password, password=PASSWORDS[1])):
            with pytest.raises(UnknownError, match="no user 'bo'"):
                act(workspace, "bo")


@pytest.fixture
def ada(tmp_path: Path) -> Place:
    """A home whose only person is Ada."""
    place = copied(tmp_path / "home")
    with pytest.MonkeyPatch.context() as patch, Workspace(place.home) as workspace:
        patch.setattr(
            "touchline.jobs.users.PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        )
        users.add_user(workspace, "ada", PASSWORDS[0], now=NOW)
    return place


@pytest.mark.parametrize(
    ("public_url", "is_secure"),
    [("", False), ("http://touchline.example", False), ("https://touchline.example", True)],
)
def test_the_cookie_is_for_no_script_and_no_foreign_page_and_for_a_week(
    ada: Place, public_url: str, is_secure: bool
) -> None:
    with served(ada, Clock(), public_url=public_url) as client:
        answer = log_in(client, "ada", PASSWORDS[0])
        cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
        csrf = {CSRF_HEADER: answer.json()["csrfToken"]}
        gone = SimpleCookie(ask(client, "POST", "/api/logout", cookie.value, **csrf).headers["set-cookie"])[COOKIE]
        assert ask(client, "GET", "/api/session", cookie.value).status_code == 401
    for one, value, age in ((cookie, cookie.value, str(WEEK)), (gone, "", "0")):
        assert (one.value, one["max-age"], one["samesite"], one["path"]) == (value, age, "lax", "/")
        assert (bool(one["httponly"]), bool(one["secure"]), one["domain"]) == (True, is_secure, "")
    assert len(cookie.value) >= 43


OWN = "http://testserver.local"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"content-type": "Application/JSON; charset=utf-8"}, 200),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json-seq"}, 415),
        ({"origin": OWN}, 200),
        ({"origin": "https://touchline.example"}, 200),
        ({"origin": "http://touchline.example"}, 403),
        ({"origin": f"{OWN}:81"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://behind.example", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": OWN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": OWN, "sec-fetch-site": "same-site"}, 403),
    ],
)
def test_a_foreign_page_logs_nobody_in(ada: Place, fields: dict[str, str], status: int) -> None:
    with served(ada, Clock(), public_url="https://touchline.example/") as client:
        assert log_in(client, "ada", PASSWORDS[0], **fields).status_code == status


def test_attempts_are_counted_by_the_address_that_the_proxy_saw(ada: Place) -> None:
    """What a client writes before it is not believed."""
    with served(ada, Clock()) as client:
        forged = [f"10.0.0.{n}, 198.51.100.7" for n in range(TEN)]
        assert [log_in(client, "ada", "?", address).status_code for address in forged] == [401] * TEN
        refused = log_in(client, "ada", PASSWORDS[0])
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert refused.headers["retry-after"] in refused.json()["hint"]
        assert log_in(client, "ada", PASSWORDS[0], ADDRESSES[1]).status_code == 200


def test_every_line_of_a_header_counts() -> None:
    """A client sends one, and its proxy adds another."""
    lines = [(b"x-forwarded-for", b"10.1.1.1"), (b"x-forwarded-for", b"198.51.100.7")]
    fields = signing_in._Fields(Request({"type": "http", "headers": lines}))  # type: ignore[arg-type] # as much as is read
    assert fields.get_all("x-forwarded-for") == ["10.1.1.1", "198.51.100.7"]
    assert (fields.get_all("forwarded"), fields.get("forwarded", "none")) == ([], "none")


def test_nobody_guesses_while_what_counts_attempts_is_away(ada: Place) -> None:
    """Even where events are accepted without rate limits then."""
    options = {"redis_url": "redis://127.0.0.1:1/0", "is_open_without_redis": True}
    with served(ada, Clock(), **options) as client:
        answer = log_in(client, "ada", PASSWORDS[0])
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "limits_away", "5")


def test_processes_share_their_counts_and_one_alone_keeps_those_of_pages_apart(ada: Place) -> None:
    for url, kind in (("", InMemory), ("redis://127.0.0.1:1/0", InRedis)):
        application = Application(ada.home, ServerOptions(redis_url=url))
        limits = signing_in.login_limits(application)
        assert isinstance(limits, kind)
        assert (limits is application.limits) is bool(url)
        application.ledger.close()


class _Hasher(PasswordHasher):
    """Checks for as long as it is told to, and counts."""

    may_end = threading.Event()
    checked = 0

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - as Argon2 calls it
        type(self).checked += 1
        assert self.may_end.wait(60)
        return super().verify(hash, password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> type[_Hasher]:
    monkeypatch.setattr(_Hasher, "may_end", threading.Event())
    monkeypatch.setattr(_Hasher, "checked", 0)
    monkeypatch.setattr(passwords, "PasswordHasher", _Hasher)
    return _Hasher


def test_few_of_one_address_wait_and_not_many_of_all(ada: Place, hasher: type[_Hasher]) -> None:
    async def run(workspace: Workspace) -> tuple[list[int], list[int]]:
        checking = Passwords(workspace.ledger)

        async def tried(address: str) -> int:
            try:
                return 200 if await checking.are_right("ada", PASSWORDS[0], address) else 401
            except Problem as problem:
                return problem.status

        async def answered(addresses: list[str]) -> list[int]:
            hasher.may_end.clear()
            tasks = [asyncio.create_task(tried(address)) for address in addresses]
            await asyncio.sleep(0)  # each has its place, or none, before the first is checked
            hasher.may_end.set()
            return await asyncio.gather(*tasks)

        of_one = await answered(["a"] * 6 + ["b"])
        assert not checking._waiting
        return of_one, await answered([f"{n % 9}" for n in range(36)])

    with Workspace(ada.home) as workspace:
        of_one, of_all = asyncio.run(run(workspace))
    assert of_one == [200] * 4 + [503] * 2 + [200]
    assert of_all == [200] * 32 + [503] * 4


def test_nobody_is_found_out_by_how_long_a_check_takes(ada: Place, hasher: type[_Hasher]) -> None:
    hasher.may_end.set()
    with Workspace(ada.home) as workspace:
        checking = Passwords(workspace.ledger)
        found = [asyncio.run(checking.are_right(name, PASSWORDS[0], "a")) for name in ("ada", "nobody")]
    assert (found, hasher.checked) == ([True, False], 2)


def test_a_hash_that_cannot_be_read_opens_nothing_and_is_said(ada: Place) -> None:
    with Workspace(ada.home) as workspace, capture_logs() as logs:
        with workspace.ledger.transaction() as entry:
            entry.change(schema.USERS, {"name": "ada"}, password_hash="plain")
        assert not asyncio.run(Passwords(workspace.ledger).are_right("ada", "plain", "a"))
    assert [line["event"] for line in logs] == ["password_hash_unreadable"]


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"name": ' + b"[" * 50_000, b'{"password": "p", "name": ' + b'{"a":' * 10_000]
)
def test_a_body_that_is_far_too_deep_is_the_senders_fault(tmp_path: Path, body: bytes) -> None:
    with served(copied(tmp_path / "home"), Clock()) as client, capture_logs() as logs:
        answer = client.post("/api/login", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_deep")
    assert logs == []


@pytest.mark.parametrize("name", ["a\0", "\0", "ada\0"])
def test_a_name_that_no_database_keeps_is_nobodys(any_place: Place, name: str) -> None:
    with served(any_place, Clock()) as client:
        answer = log_in(client, name, PASSWORDS[0])
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")


TOSSED = ["forged", "", "forged; tl_session=forged", "x; tl_session=; tl_session=y"]


@pytest.mark.parametrize("tossed", TOSSED)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_cookie_that_another_host_of_the_domain_tosses_locks_nobody_out(
    tmp_path: Path, tossed: str, is_first: bool
) -> None:
    """A browser sends both, in an order that whoever tosses can choose by path and time."""
    place = copied(tmp_path / "home")
    with served(place, Clock()) as client, Workspace(place.home) as workspace:
        users.add_user(workspace, "ada", PASSWORDS[0], now=NOW)
        token = token_of(log_in(client, "ada", PASSWORDS[0]))
        both = f"{tossed}; {COOKIE}={token}" if is_first else f"{token}; {COOKIE}={tossed}"
        asked = ask(client, "GET", "/api/session", both)
        assert (asked.status_code, asked.json().get("name")) == (200, "ada")
        gone = ask(client, "POST", "/api/logout", both, **{CSRF_HEADER: asked.json()["csrfToken"]})
        assert gone.status_code == 204
        assert ask(client, "GET", "/api/session", token).status_code == 401
