"""A person's own password: by form and by the API, as often as one may sign in, and what becomes of sessions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.cookies import SimpleCookie
from itertools import count

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import NOW, Place, placed
from tests.server.pages.reading import Page
from touchline.errors import UsageError
from touchline.jobs import users
from touchline.jobs.access_keys import hash_of
from touchline.jobs.managing import users as managed
from touchline.jobs.managing.manager import Manager
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api import signing_in
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE, CSRF_HEADER, csrf_of
from touchline.server.api.signing_in import ATTEMPTS_OF_SESSION, ATTEMPTS_PER_MINUTE
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.http.rate_limits import InMemory
from touchline.server.pages.routes import routes

OLD, NEW = "correct horse battery", "another horse battery"
FORM = {"old": OLD, "new": NEW, "again": NEW}
_NUMBERS = count()


@dataclass
class Somebody:
    """A person of one test's own, who is signed in twice."""

    name: str
    place: Place
    client: "TestClient[Litestar]"
    here: str
    elsewhere: str

    def send(self, form: dict[str, str], **fields: str) -> httpx.Response:
        cookie = {"cookie": f"{COOKIE}={self.here}"}
        return self.client.post("/password", data={"csrf": csrf_of(self.here), **form}, headers={**cookie, **fields})

    def ask(self, old: str, new: str, **fields: str) -> httpx.Response:
        said = {"cookie": f"{COOKIE}={self.here}", CSRF_HEADER: csrf_of(self.here), **fields}
        return self.client.post("/api/session/password", json={"password": old, "newPassword": new}, headers=said)

    def is_in(self, token: str) -> bool:
        return self.client.get("/api/session", headers={"cookie": f"{COOKIE}={token}"}).status_code == 200

    def may_enter(self, password: str) -> bool:
        return _log_in(self.client, self.name, password).status_code == 200


def _log_in(client: "TestClient[Litestar]", name: str, password: str) -> httpx.Response:
    answer = client.post("/api/login", json={"name": name, "password": password})
    client.cookies.clear()
    return answer


def token_of(answer: httpx.Response) -> str:
    cookies = [SimpleCookie(said) for said in answer.headers.get_list("set-cookie")]
    return next(one[COOKIE].value for one in cookies if COOKIE in one)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("own") / "home")


@pytest.fixture
def somebody(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Somebody]:
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("touchline.server.api.passwords.PasswordHasher", cheap)
    monkeypatch.setattr("touchline.jobs.users.PasswordHasher", cheap)
    monkeypatch.setattr(signing_in, "InMemory", partial(InMemory, lambda: 1_800_000_000.0))  # no minute ends meanwhile
    name = f"person-{next(_NUMBERS)}"
    with Workspace(place.home) as workspace:
        users.add_user(workspace, name, OLD, organization_id="shop", role="viewer", now=NOW)
    application = Application(place.home, ServerOptions())
    application.keys.refresh()
    with TestClient(litestar(application, place.home, place.home.path / "none.sock", routes)) as client:
        client.follow_redirects = False
        here, elsewhere = (token_of(_log_in(client, name, OLD)) for _ in range(2))
        yield Somebody(name, place, client, here, elsewhere)
    application.ledger.close()


def test_a_viewer_changes_the_own_password_and_is_signed_out_everywhere_else(somebody: Somebody) -> None:
    form = somebody.client.get("/password", headers={"cookie": f"{COOKIE}={somebody.here}"})
    page = Page(form.text)
    assert (form.status_code, page.faults, page.accessibility()) == (200, [], [])
    assert {one["name"] for one in page.named("input") if one.get("type") == "password"} == {"old", "new", "again"}
    answer = somebody.send(FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    token = token_of(answer)
    assert [somebody.is_in(one) for one in (somebody.here, somebody.elsewhere, token)] == [False, False, True]
    assert [somebody.may_enter(one) for one in (OLD, NEW)] == [False, True]
    once = next(one.partition(";")[0] for one in answer.headers.get_list("set-cookie") if one.startswith("tl_once"))
    after = somebody.client.get("/password", headers={"cookie": f"{COOKIE}={token}; {once}"})
    assert (after.status_code, after.headers["cache-control"]) == (200, "no-store")
    assert "Your password is changed." in after.text
    with Workspace(somebody.place.home) as workspace:
        noted = workspace.ledger.rows(schema.AUDIT_LOG, actor=f"user: {somebody.name}")
    assert [(one["organization_id"], one["detail"]) for one in noted] == [
        ("shop", f"user {somebody.name}: own password")
    ]


@pytest.mark.parametrize(
    ("changed", "status", "field", "said"),
    [
        ({"old": NEW}, 403, "old", "The old password is wrong."),
        ({"old": ""}, 403, "old", "The old password is wrong."),
        ({"old": "x" * 1_025}, 403, "old", "The old password is wrong."),
        ({"new": "short", "again": "short"}, 400, "new", "12 to 1,024 characters, not 5."),
        ({"new": "x" * 1_025, "again": "x" * 1_025}, 400, "new", "12 to 1,024 characters, not 1025."),
        ({"new": OLD, "again": OLD}, 400, "new", "The new password is the old one."),
        ({"again": OLD}, 400, "again", "not the same both times"),
    ],
)
def test_what_cannot_be_changes_nothing_and_is_said_at_its_field(
    somebody: Somebody, changed: dict[str, str], status: int, field: str, said: str
) -> None:
    answer = somebody.send({**FORM, **changed})
    page = Page(answer.text)
    assert (answer.status_code, page.faults, page.accessibility()) == (status, [], [])
    assert answer.headers["cache-control"] == "no-store"
    assert said in answer.text
    assert [one["name"] for one in page.named("input") if one.get("aria-invalid")] == [field]
    assert {one.get("value") for one in page.named("input") if one.get("type") == "password"} == {None}
    assert [somebody.is_in(one) for one in (somebody.here, somebody.elsewhere)] == [True, True]
    assert [somebody.may_enter(one) for one in (OLD, NEW)] == [True, False]


def test_only_a_form_of_this_session_and_of_our_own_page_changes_it(somebody: Somebody) -> None:
    for csrf in ("", csrf_of("another"), csrf_of(somebody.elsewhere), "\u20ac"):
        assert somebody.send({**FORM, "csrf": csrf}).status_code == 403
        assert somebody.ask(OLD, NEW, **{CSRF_HEADER: csrf.encode().hex()}).status_code == 403
    for fields in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert somebody.send(FORM, **fields).status_code == 403
        assert somebody.ask(OLD, NEW, **fields).status_code == 403
    assert somebody.send(FORM, **{"content-type": "application/json"}).status_code == 415
    assert somebody.ask(OLD, NEW, **{"content-type": "text/plain"}).status_code == 415
    assert somebody.send({**FORM, "org": "rival"}).status_code == 404
    nobody = {"cookie": f"{COOKIE}=forged"}
    for answer in (somebody.send(FORM, **nobody), somebody.client.get("/password", headers=nobody)):
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")
    assert somebody.ask(OLD, NEW, **nobody).status_code == 401
    assert somebody.ask(OLD, NEW, authorization="Bearer sk_unknown").status_code == 401
    assert somebody.may_enter(OLD)


def test_attempts_count_as_those_to_sign_in_do(somebody: Somebody) -> None:
    """Who finds an open browser has no more tries at the password than who finds the form to sign in."""
    tried = [somebody.send({**FORM, "old": f"guess {number}"}).status_code for number in range(4)]
    tried += [somebody.ask(f"guess {number}", NEW).status_code for number in range(ATTEMPTS_PER_MINUTE - 6)]
    assert tried == [403] * (ATTEMPTS_PER_MINUTE - 2)  # two more were to sign in
    refused = somebody.send(FORM)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert "too many attempts" in refused.text
    assert somebody.ask(OLD, NEW).status_code == 429
    assert _log_in(somebody.client, somebody.name, OLD).status_code == 429
    assert somebody.is_in(somebody.here)


def test_a_stolen_session_guesses_no_faster_from_many_networks(
    somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "ATTEMPTS_PER_MINUTE", 10**6)  # as if each came from somewhere else
    monkeypatch.setattr(signing_in, "ATTEMPTS_OF_ADDRESS", 10**6)
    tried = [somebody.ask(f"guess {number}", NEW).status_code for number in range(ATTEMPTS_OF_SESSION + 1)]
    assert tried == [403] * ATTEMPTS_OF_SESSION + [429]
    assert _log_in(somebody.client, somebody.name, OLD).status_code == 200
    assert replace(somebody, here=somebody.elsewhere).ask(OLD, NEW).status_code == 200


def test_the_api_answers_with_the_only_session_that_is_left(somebody: Somebody) -> None:
    assert somebody.ask(NEW, OLD).json()["code"] == "wrong_password"
    assert somebody.ask(OLD, "short").status_code == 400
    answer = somebody.ask(OLD, NEW)
    token = token_of(answer)
    assert (answer.status_code, answer.json()) == (
        200, {"name": somebody.name, "csrfToken": csrf_of(token), "organizationId": "shop", "role": "viewer"},
    )  # fmt: skip
    assert [somebody.is_in(one) for one in (somebody.here, somebody.elsewhere, token)] == [False, False, True]
    assert [somebody.may_enter(one) for one in (OLD, NEW)] == [False, True]


def test_a_password_that_was_changed_meanwhile_stays(somebody: Somebody) -> None:
    with Workspace(somebody.place.home) as workspace:
        (before,) = (one["password_hash"] for one in workspace.ledger.rows(schema.USERS, name=somebody.name))
        users.change_password(workspace, somebody.name, "what an administrator chose")
        with pytest.raises(UsageError, match="changed meanwhile"):
            users.replace_password(workspace, somebody.name, NEW, before=before, session_hash=hash_of("new"), now=NOW)
        assert workspace.ledger.rows(schema.SERVER_SESSIONS, name=somebody.name) == []
    assert somebody.may_enter("what an administrator chose")


def test_the_file_of_the_first_password_goes_with_it(place: Place) -> None:
    file = users.first_password_of(place.home)
    with Workspace(place.home) as workspace:
        for name, is_left in (("bo", True), (users.FIRST_NAME, False)):
            users.add_user(workspace, name, OLD, now=NOW)
            file.write_text(OLD)
            (before,) = (one["password_hash"] for one in workspace.ledger.rows(schema.USERS, name=name))
            manager = Manager(workspace, None, NOW, "a test", sees_all=True, user=name)
            managed.change_own_password(manager, NEW, before=before, session_hash=hash_of(name))
            assert file.exists() is is_left
