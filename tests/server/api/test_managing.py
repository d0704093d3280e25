"""Organizations, sites, keys, users, goals, targets and settings over HTTP: who may, what changes, what is said."""

import ast
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import NOW
from touchline.errors import StorageError
from touchline.jobs import access_keys, setup, users
from touchline.jobs.access_keys import SCOPES, hash_of
from touchline.jobs.roles import ROLES, may
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE, CSRF_HEADER, csrf_of
from touchline.server.api.managing import management
from touchline.server.api.managing.hints import in_requests
from touchline.server.api.openapi import document_of
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.routes import routes
from touchline.settings import Home

PASSWORD = "correct horse battery"
OWN, OTHER = "shop", "rival"
SITE, FOREIGN_SITE = "shop-example", "rival-example"
PATH = "/api/manage"
BODIES: dict[str, Any] = {
    "POST /organizations": {"name": "New", "domain": "new.example", "currency": "EUR"},
    "POST /sites": {"domain": "blog.example"},
    "PUT /sites/{site_id}": {"domain": "put.example"},
    "POST /keys": {"siteId": SITE, "kind": "secret", "scopes": ["costs"]},
    "POST /keys/{key_id}/rotate": {},
    "POST /users": {"name": "zoe", "password": PASSWORD, "role": "viewer"},
    "PUT /users/role": {"role": "editor"},
    "PUT /users/password": {"password": f"{PASSWORD} 2"},
    "PUT /goals": {"eventType": "CUSTOM", "eventName": "signup"},
    "PUT /targets": {"targetRoas": 2.5},
    "PUT /settings/{setting}": {"value": "21"},
}
"""By the operation, a body that it takes; operations without one have none."""
ROLE_OF = {
    "viewer": ("GET /organizations", "GET /sites", "GET /sites/{site_id}", "GET /keys", "GET /goals", "GET /targets",
               "GET /settings"),
    "editor": ("PUT /goals", "DELETE /goals", "PUT /targets", "DELETE /targets", "PUT /settings/{setting}"),
    "administrator": (
        "POST /sites", "PUT /sites/{site_id}", "POST /keys", "POST /keys/{key_id}/rotate", "DELETE /keys/{key_id}",
        "GET /users", "POST /users", "PUT /users/role", "PUT /users/password", "DELETE /users",
    ),
    "administrator of all": ("POST /organizations",),
}  # fmt: skip
"""Who is the least that may do each operation: the same table as that of the pages' forms."""


@dataclass(frozen=True)
class Served:
    """The routes over a home with two organizations, and those who ask."""

    home: Home
    client: "TestClient[Litestar]"
    application: Application
    who: dict[str, dict[str, str]]

    def ask(self, who: str, operation: str, body: Any = None, **query: str) -> httpx.Response:
        method, path = operation.split(" ")
        return self.client.request(
            method, PATH + path, json=body, params=query, headers=self.who.get(who, {"authorization": f"Bearer {who}"})
        )

    def rows(self, table: Any, **where: Any) -> list[Any]:
        with Workspace(self.home) as workspace:
            return list(workspace.ledger.rows(table, **where))

    def noted(self, organization: str = OWN) -> list[str]:
        return [f"{row['actor']}: {row['detail']}" for row in self.rows(schema.AUDIT_LOG, organization_id=organization)]


def introduce(workspace: Workspace) -> dict[str, dict[str, str]]:
    """A key of every scope, one that is revoked, a publishable one, and a session of every role."""
    found = {}
    for scope in SCOPES:
        key = access_keys.create_key(workspace, SITE, "secret", scopes=[scope], now=NOW).key
        found[f"key {scope}"] = {"authorization": f"Bearer {key}"}
    revoked = access_keys.create_key(workspace, SITE, "secret", scopes=["manage"], now=NOW)
    access_keys.revoke_key(workspace, revoked.key_id, now=NOW + 1)
    found["key revoked"] = {"authorization": f"Bearer {revoked.key}"}
    public = access_keys.create_key(workspace, SITE, "publishable", now=NOW).key
    found["key publishable"] = {"authorization": f"Bearer {public}"}
    foreign = access_keys.create_key(workspace, FOREIGN_SITE, "secret", scopes=["manage"], now=NOW).key
    found["foreign"] = {"authorization": f"Bearer {foreign}"}
    for name, owner, role in (*((role, OWN, role) for role in ROLES), ("root", None, "administrator")):
        token = secrets.token_urlsafe(32)
        users.add_user(workspace, name, PASSWORD, organization_id=owner, role=role, now=NOW)
        with workspace.ledger.transaction() as entry:
            entry.add(
                schema.SERVER_SESSIONS, session_hash=hash_of(token), name=name, created_at=NOW,
                ends_at=time.time_ns() // 1000 + 3_600_000_000,
            )  # fmt: skip
        found[name] = {"cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_of(token)}
    found["nobody"] = {}
    return found


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "touchline.jobs.users.PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        )
        yield


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    home = Home(tmp_path / "home")
    setup.init(home, name=OWN, domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        setup.add_organization(workspace, name=OTHER, domain="rival.example", currency="EUR", time_zone="UTC", now=NOW)
        who = introduce(workspace)
    application = Application(home, ServerOptions())
    application.keys.refresh()
    with TestClient(litestar(application, home, home.path / "none.sock", routes)) as client:
        client.follow_redirects = False
        yield Served(home, client, application, who)
    application.ledger.close()


def operations(served: Served) -> list[str]:
    """Every operation of the document below the path."""
    paths = document_of(served.client.app)["paths"]
    return [
        f"{method.upper()} {path.removeprefix(PATH)}"
        for path, methods in paths.items() if path.startswith(f"{PATH}/") for method in methods
    ]  # fmt: skip


def filled(operation: str) -> tuple[str, dict[str, str]]:
    """The path with ids that there are not, and the parameters that it needs: it changes nothing where it is let in."""
    path = re.sub(r"\{[^}]*\}", "nonesuch", operation)
    if path.startswith(("GET", "POST")):
        return path, {}
    query = {"goal": "nonesuch"} if "goals" in path else {"name": "nonesuch"} if "users" in path else {}
    return path, query


def expected(who: str, operation: str) -> int:
    """The plain model: 401, 403, or 0 for who is let in."""
    (needed,) = [role for role, those in ROLE_OF.items() if operation in those]
    if who in {"nobody", "key revoked", "key publishable"}:
        return 401
    if who.startswith("key ") or who == "foreign":
        scope = who.removeprefix("key ")
        may_all = scope == "provision"
        return 0 if may_all or (scope in {"manage", "admin", "foreign"} and needed != "administrator of all") else 403
    if needed == "administrator of all":
        return 0 if who == "root" else 403
    return 0 if may("administrator" if who == "root" else who, needed) else 403  # type: ignore[arg-type]


def test_every_role_and_scope_may_what_the_table_says(served: Served) -> None:
    found = operations(served)
    assert sorted(found) == sorted(one for those in ROLE_OF.values() for one in those)
    kept = {table: len(served.rows(table)) for table in (schema.USERS, schema.KEYS, schema.SITES, schema.GOALS)}
    for who, operation in product(served.who, found):
        wanted = expected(who, operation)
        path, query = filled(operation)
        body = BODIES.get(operation) if wanted else {} if operation in BODIES else None
        one = {"organization": OWN} if who in {"key provision", "root"} and not path.endswith("organizations") else {}
        answer = served.ask(who, path, body, **query, **one)
        if wanted:
            assert answer.status_code == wanted, (who, operation, answer.text)
        else:
            assert answer.status_code in {200, 201, 204, 400, 404, 409}, (who, operation, answer.text)
    assert {table: len(served.rows(table)) for table in kept} == kept


def test_a_session_needs_its_token_and_a_form_of_another_page_is_no_json(served: Served) -> None:
    cookie = {"cookie": served.who["administrator"]["cookie"]}
    answer = served.client.put(f"{PATH}/goals?goal=x", json={}, headers=cookie)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_csrf_token")
    assert served.client.get(f"{PATH}/goals", headers=cookie).status_code == 200


def test_ids_and_names_of_another_organization_are_not_there(served: Served) -> None:
    key = served.rows(schema.KEYS, site_id=FOREIGN_SITE)[0]["key_id"]
    users_of_other = {"name": "root"}
    before = {table.name: served.rows(table) for table in (schema.USERS, schema.KEYS, schema.SITES, schema.GOALS)}
    for operation, body, query in (
        (f"GET /sites/{FOREIGN_SITE}", None, {}), (f"PUT /sites/{FOREIGN_SITE}", {"domain": "rival.example"}, {}),
        ("POST /keys", {"siteId": FOREIGN_SITE, "kind": "secret"}, {}), (f"POST /keys/{key}/rotate", {}, {}),
        (f"DELETE /keys/{key}", None, {}), ("PUT /users/role", {"role": "viewer"}, users_of_other),
        ("PUT /users/password", {"password": PASSWORD}, users_of_other), ("DELETE /users", None, users_of_other),
    ):  # fmt: skip
        answer = served.ask("key manage", operation, body, **query)
        nowhere = served.ask("key manage", operation.replace(FOREIGN_SITE, "none").replace(key, "none"), body, **query)
        assert answer.status_code == 404, (operation, answer.text)
        assert nowhere.status_code in {200, 404}
        assert FOREIGN_SITE not in answer.json().get("hint", "")
    for name in (OTHER, "nobody"):
        answer = served.ask("key manage", "GET /sites", organization=name)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_organization")
    after = {table.name: served.rows(table) for table in (schema.USERS, schema.KEYS, schema.GOALS)}
    assert after == {name: before[name] for name in after}
    assert served.ask("key provision", "GET /sites", organization=OTHER).json()["sites"][0]["siteId"] == FOREIGN_SITE
    assert served.ask("key provision", "GET /sites").status_code == 400  # there are two: one has to be named


def test_a_key_that_manages_gives_nothing_of_all_organizations(served: Served) -> None:
    for scope in ("metrics", "provision"):
        answer = served.ask("key manage", "POST /keys", {"siteId": SITE, "kind": "secret", "scopes": [scope]})
        assert (answer.status_code, answer.json()["field"]) == (400, "scopes"), answer.text
        assert served.ask("key provision", "POST /keys", {"siteId": SITE, "kind": "secret", "scopes": [scope]},
                          organization=OWN).status_code == 400  # fmt: skip
        (own,) = [row["key_id"] for row in served.rows(schema.KEYS) if row["scopes"] == scope]
        assert "of all organizations" in served.ask("key manage", f"POST /keys/{own}/rotate", {}).text
    person = {"name": "zoe", "password": PASSWORD, "role": "viewer", "seesAll": True}
    answer = served.ask("key manage", "POST /users", person)
    assert (answer.status_code, answer.json()["field"]) == (400, "seesAll")
    assert served.ask("key provision", "POST /users", person, organization=OWN).json()["organizationId"] is None
    assert any("added as viewer of all organizations" in one for one in served.noted(OTHER))


def test_what_is_set_up_is_there_once_however_often_it_is_asked_for(served: Served) -> None:
    ask = partial(served.ask, "key manage")
    for operation, body, query in (
        ("PUT /sites/blog", {"domain": "blog.example", "timeZone": "Europe/Berlin"}, {}),
        ("PUT /goals", {"eventType": "CUSTOM", "eventName": "signup", "defaultValueMicros": 2_500}, {"goal": "a/b"}),
        ("PUT /targets", {"targetCpaMicros": 9_000_000}, {"platform": "google ads", "campaign": "1/2"}),
        ("PUT /settings/lookback_days", {"value": "21"}, {}),
    ):  # fmt: skip
        answers = [ask(operation, body, **query) for _ in range(3)]
        assert [one.status_code for one in answers] == [200] * 3, answers[0].text
        first, *rest = [one.json() for one in answers]
        assert [one.pop("change") for one in (first, *rest)][1:] == ["same", "same"]
        assert rest == [first, first]
    assert len(served.noted()) == 4
    assert {line.split(": ")[0] for line in served.noted()} == {"key"}
    changed = ask("PUT /goals", {"eventType": "CUSTOM", "eventName": "signup"}, goal="a/b").json()
    assert (changed["change"], changed["defaultValueMicros"]) == ("changed", 0)
    assert [one["goal"] for one in ask("GET /goals").json()["goals"]] == ["a/b", "conversion"]
    assert ask("GET /targets").json()["targets"] == [
        {"platform": "GOOGLE_ADS", "campaignId": "1/2", "targetCpaMicros": 9_000_000, "targetRoas": None}
    ]
    assert ask("GET /settings").json()["settings"]["lookback_days"] == 21
    assert ask("DELETE /targets", platform="GOOGLE_ADS", campaign="1/2").status_code == 204
    assert ask("DELETE /targets", platform="GOOGLE_ADS", campaign="1/2").status_code == 404
    assert ask("DELETE /goals", goal="a/b").status_code == 204
    assert [row["goal"] for row in served.rows(schema.GOALS, organization_id=OWN)] == ["conversion"]


def test_what_is_there_already_is_said_with_409(served: Served) -> None:
    ask = partial(served.ask, "key manage")
    again = ask("POST /sites", {"domain": "www.shop.example"})
    assert (again.status_code, again.json()["existing"]["siteId"]) == (409, SITE)
    other = ask(f"PUT /sites/{SITE}", {"domain": "else.example"})
    assert (other.status_code, other.json()["existing"]["domain"]) == (409, "shop.example")
    taken = ask("PUT /sites/second", {"domain": "shop.example"})
    assert (taken.status_code, taken.json()["existing"]["siteId"]) == (409, SITE)
    goal = ask("PUT /goals", {}, goal="second")
    assert (goal.status_code, goal.json()["existing"]["goal"]) == (409, "conversion")
    user = ask("POST /users", {"name": "editor", "password": PASSWORD, "role": "viewer"})
    assert (user.status_code, user.json()["existing"]) == (
        409, {"name": "editor", "organizationId": OWN, "role": "editor"},
    )  # fmt: skip
    foreign = served.ask("foreign", "POST /users", {"name": "editor", "password": PASSWORD, "role": "viewer"})
    assert (foreign.status_code, "existing" in foreign.json()) == (409, False)
    new = {"name": "Shop", "domain": "x.example", "currency": "EUR"}
    organization = served.ask("key provision", "POST /organizations", new)
    assert (organization.status_code, organization.json()["existing"]["organizationId"]) == (409, OWN)


@pytest.mark.parametrize(
    ("operation", "body", "query", "field"),
    [
        ("POST /sites", {"domain": "no domain"}, {}, "domain"),
        ("POST /sites", {"domain": "a.example", "timeZone": "Mars"}, {}, "timeZone"),
        ("POST /sites", {"domain": "a.example", "name": "\u0000"}, {}, "name"),
        ("POST /sites", {"domain": "a.example", "colour": "red"}, {}, "colour"),
        ("POST /sites", {"domain": 7}, {}, "domain"),
        ("PUT /sites/No--Id", {"domain": "a.example"}, {}, "siteId"),
        ("POST /keys", {"siteId": SITE, "kind": "golden"}, {}, "kind"),
        ("POST /keys", {"siteId": SITE, "kind": "secret", "scopes": ["all"]}, {}, "scopes"),
        ("POST /keys", {"siteId": SITE, "kind": "secret", "origins": ["shop"]}, {}, "origins"),
        ("POST /users", {"name": "zoe", "password": "short", "role": "viewer"}, {}, "password"),
        ("POST /users", {"name": "zoe", "password": PASSWORD, "role": "owner"}, {}, "role"),
        ("POST /users", {"name": " ", "password": PASSWORD, "role": "viewer"}, {}, "name"),
        ("PUT /goals", {"eventType": "MOON"}, {"goal": "x"}, "eventType"),
        ("PUT /goals", {"signalType": "moon"}, {"goal": "x"}, "signalType"),
        ("PUT /goals", {"pathOwner": "moon"}, {"goal": "x"}, "pathOwner"),
        ("PUT /goals", {"unverifiedHandling": "moon"}, {"goal": "x"}, "unverifiedHandling"),
        ("PUT /goals", {"retentionExponent": 7}, {"goal": "x"}, "retentionExponent"),
        ("PUT /goals", {"eventName": "a\u0000"}, {"goal": "x"}, "eventName"),
        ("PUT /goals", {"eventName": "new"}, {"goal": "a\u0000"}, "goal"),
        ("PUT /targets", {}, {}, "targetCpaMicros"),
        ("PUT /targets", {"targetRoas": 2}, {"campaign": "1"}, "campaign"),
        ("PUT /targets", {"targetRoas": 2}, {"platform": "NOPE"}, "platform"),
        ("PUT /targets", {"targetRoas": -2}, {}, "targetRoas"),
        ("PUT /settings/lookback_days", {"value": "0"}, {}, "value"),
        ("PUT /settings/lookback_days", {"value": 0}, {}, "value"),
        ("PUT /settings/lookback_days", {"value": 2.5}, {}, "value"),
        ("PUT /settings/lookback_days", {"value": True}, {}, "value"),
        ("PUT /settings/lookback_days", {"value": 10**400}, {}, "value"),
        ("PUT /settings/lookback_days", {"value": [7]}, {}, "value"),
        ("PUT /settings/lookback_days", {}, {}, "value"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_by_field(
    manages: Served, operation: str, body: Any, query: dict[str, str], field: str
) -> None:
    answer = manages.ask("key manage", operation, body, **query)
    assert answer.status_code == 400, answer.text
    assert answer.json().get("field") == field, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def manages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """As ``served``, for what changes nothing."""
    yield from served.__wrapped__(tmp_path_factory.mktemp("managed"))  # type: ignore[attr-defined]


def test_nothing_secret_is_said_twice(served: Served) -> None:
    ask = partial(served.ask, "key manage")
    made = ask("POST /keys", {"siteId": SITE, "kind": "secret", "scopes": ["read"]})
    replaced = ask(f"POST /keys/{made.json()['keyId']}/rotate", {"overlapHours": 0})
    ask("POST /users", {"name": "zoe", "password": f"{PASSWORD} zoe", "role": "viewer"})
    said = [answer.json()["key"] for answer in (made, replaced)]
    assert [answer.status_code for answer in (made, replaced)] == [201, 201]
    served.application.keys.refresh()
    assert served.client.get("/api/reports", headers={"authorization": f"Bearer {said[1]}"}).status_code == 200
    assert served.client.get("/api/reports", headers={"authorization": f"Bearer {said[0]}"}).status_code == 401
    everything = "".join(ask(f"GET /{part}").text for part in ("organizations", "sites", "keys", "users", "settings"))
    everything += repr(served.noted())
    hashes = [row["key_hash"] for row in served.rows(schema.KEYS)]
    passwords = [row["password_hash"] for row in served.rows(schema.USERS)]
    assert not [secret for secret in (*said, *hashes, *passwords, PASSWORD) if secret in everything]
    key_id = replaced.json()["keyId"]
    assert [ask(f"DELETE /keys/{key_id}").status_code for _ in range(2)] == [204, 204]
    assert sum(one.endswith(f"{key_id}: revoked") for one in served.noted()) == 1


def test_requests_and_bodies_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(management, "REQUESTS_PER_MINUTE", 5)
    statuses = [served.ask("key manage", "GET /sites").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert int(served.ask("key manage", "GET /sites").headers["retry-after"]) >= 1
    assert served.ask("foreign", "GET /sites").status_code == 200
    deep = served.client.post(
        f"{PATH}/sites", content=b'{"domain":' + b"[" * 30_000, headers={
            **served.who["foreign"], "content-type": "application/json"
        },
    )  # fmt: skip
    assert deep.status_code == 400


def test_an_organization_is_added_whole(served: Served) -> None:
    new = {"name": "New One", "domain": "new.example", "currency": "usd"}
    made = served.ask("key provision", "POST /organizations", new).json()
    assert (made["organizationId"], made["siteId"], made["key"][:3]) == ("new-one", "new-example", "pk_")
    listed = {who: served.ask(who, "GET /organizations").json()["organizations"] for who in ("key provision", "viewer")}
    assert [one["organizationId"] for one in listed["key provision"]] == ["new-one", OTHER, OWN]
    assert [one["organizationId"] for one in listed["viewer"]] == [OWN]
    (line,) = served.noted("new-one")
    assert re.fullmatch(r"key: key_\w+: organization new-one: added with site new-example", line)


FORMS: list[tuple[str, dict[str, str], str, Any, dict[str, str]]] = [
    ("/sites/add", {"domain": "two.example", "name": "Two", "zone": "UTC"},
     "POST /sites", {"domain": "two.example", "name": "Two"}, {}),
    ("/sites/create-key", {"key": SITE, "kind": "secret", "scope": "read costs", "origins": "https://a.example"},
     "POST /keys", {"siteId": SITE, "kind": "secret", "scopes": ["read", "costs"], "origins": ["https://a.example"]},
     {}),
    ("/goals/set", {"goal": "lead", "event_type": "CUSTOM", "event_name": "lead", "default_value": "2.5",
                    "milestone": "1", "signal": "lead", "unverified": "apart"},
     "PUT /goals", {"eventType": "CUSTOM", "eventName": "lead", "defaultValueMicros": 2_500_000, "isMilestone": True,
                    "signalType": "lead", "unverifiedHandling": "apart"}, {"goal": "lead"}),
    ("/goals/primary", {"key": "lead"}, "PUT /settings/primary_goal", {"value": "lead"}, {}),
    ("/goals/target", {"platform": "META", "campaign": "7", "cpa": "20", "roas": "3.5"},
     "PUT /targets", {"targetCpaMicros": 20_000_000, "targetRoas": 3.5}, {"platform": "META", "campaign": "7"}),
    ("/goals/remove-target", {"key": "META/7"}, "DELETE /targets", None, {"platform": "META", "campaign": "7"}),
    ("/goals/primary", {"key": "conversion"}, "PUT /settings/primary_goal", {"value": "conversion"}, {}),
    ("/goals/remove", {"key": "lead"}, "DELETE /goals", None, {"goal": "lead"}),
    ("/settings/change", {"key": "titles", "value": "leave_out"}, "PUT /settings/titles", {"value": "leave_out"}, {}),
    ("/users/add", {"name": "zoe", "password": PASSWORD, "role": "viewer"},
     "POST /users", {"name": "zoe", "password": PASSWORD, "role": "viewer"}, {}),
    ("/users/role", {"key": "zoe", "role": "editor"}, "PUT /users/role", {"role": "editor"}, {"name": "zoe"}),
    ("/users/password", {"name": "zoe", "password": f"{PASSWORD} 2"},
     "PUT /users/password", {"password": f"{PASSWORD} 2"}, {"name": "zoe"}),
    ("/users/remove", {"key": "zoe"}, "DELETE /users", None, {"name": "zoe"}),
]  # fmt: skip
"""A form of a page, and the request that does the same, in an order in which each can be done."""
CHANGING = frozenset({"created_at", "changed_at", "key_id", "key_hash", "password_hash", "at", "entry", "actor"})
"""What differs between two that do the same: ids, times, secrets, and who it was."""
TABLES = ("SITES", "KEYS", "GOALS", "TARGETS", "SETTINGS", "USERS", "AUDIT_LOG")


def kept(served: Served, name: str) -> list[list[tuple[str, str]]]:
    """The rows of a table without what differs; ids of keys in texts are left out."""
    rows = [
        sorted((column, re.sub(r"key_\w+", "key", str(value))) for column, value in row.items()
               if column not in CHANGING)
        for row in served.rows(getattr(schema, name))
    ]  # fmt: skip
    return rows if name == "AUDIT_LOG" else sorted(rows)


def test_a_form_and_a_request_change_the_same_rows(served: Served, manages: Served) -> None:
    root = served.who["administrator"]
    token = root["cookie"].partition("=")[2]
    before = len(manages.rows(schema.AUDIT_LOG))
    for path, fields, operation, body, query in FORMS:
        form = {"csrf": csrf_of(token), "org": OWN, "view": "", **fields}
        answer = served.client.post(path, data=form, headers={"cookie": root["cookie"]})
        assert answer.status_code == 303, (path, answer.text)
        done = manages.ask("key manage", operation, body, **query)
        assert done.status_code in {200, 201, 204}, (operation, done.text)
        for table in TABLES:
            skipped = before if table == "AUDIT_LOG" else 0
            assert kept(served, table) == kept(manages, table)[skipped:], (path, table)
    assert len(served.rows(schema.AUDIT_LOG)) == len(FORMS)


def test_a_path_names_its_methods(manages: Served) -> None:
    for path, methods in document_of(manages.client.app)["paths"].items():
        if path.startswith(f"{PATH}/"):
            answer = manages.client.options(re.sub(r"\{[^}]*\}", "x", path))
            assert answer.status_code == 204
            assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", *(one.upper() for one in methods)}


def test_settings_are_numbers_or_text_and_null_is_what_nobody_chose(served: Served) -> None:
    ask = partial(served.ask, "key manage", "PUT /settings/half_life_days")
    said = [ask({"value": value}).json() for value in (3, "3", 3.0, 2.5, None, "7")]
    assert [(one["value"], one["change"]) for one in said] == [
        (3.0, "changed"), (3.0, "same"), (3.0, "same"), (2.5, "changed"), (7.0, "changed"), (7.0, "same"),
    ]  # fmt: skip


def test_an_unknown_setting_is_answered_with_those_there_are(manages: Served) -> None:
    answer = manages.ask("key manage", "PUT /settings/colour", {"value": "red"})
    assert answer.status_code == 404, answer.text
    assert answer.json()["detail"] == "There is no setting 'colour'."
    names = list(manages.ask("key manage", "GET /settings").json()["settings"])
    assert answer.json()["settings"] == names
    assert answer.json()["hint"] == f"There are: {', '.join(names)}."


def test_a_change_and_its_entry_in_the_audit_log_are_there_both_or_neither(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation that changes something, with a log that cannot be written; then each is done."""

    def failing(*_args: Any, **_how: Any) -> None:
        raise StorageError("The disk is full.")

    key, tables = (
        served.rows(schema.KEYS, site_id=SITE, scopes="read")[0]["key_id"],
        [getattr(schema, name) for name in TABLES],
    )
    ways: list[tuple[str, Any, dict[str, str]]] = [
        *((one.replace("{site_id}", "new").replace("{setting}", "lookback_days").replace("{key_id}", key), body, {})
          for one, body in BODIES.items() if "goals" not in one and "users/" not in one),
        ("PUT /goals", {"eventType": "CUSTOM"}, {"goal": "lead"}), ("DELETE /goals", None, {"goal": "lead"}),
        ("DELETE /targets", None, {}), (f"DELETE /keys/{key}", None, {}),
        *((f"PUT /users/{part}", BODIES[f"PUT /users/{part}"], {"name": "zoe"}) for part in ("role", "password")),
        ("DELETE /users", None, {"name": "zoe"}),
    ]  # fmt: skip
    for operation, body, query in ways:
        who = "key provision" if "organizations" in operation else "key manage"
        before = [served.rows(table) for table in tables]
        with monkeypatch.context() as patch:
            patch.setattr("touchline.jobs.auditing.note_in", failing)
            assert served.ask(who, operation, body, **query).status_code == 503, operation
        assert [served.rows(table) for table in tables] == before, operation
        assert served.ask(who, operation, body, **query).status_code < 300, operation
        changed = [table.name for table, rows in zip(tables, before, strict=True) if served.rows(table) != rows]
        assert "audit_log" in changed, operation
        assert len(changed) >= 2, operation


def test_one_key_does_not_make_sites_and_keys_without_end(served: Served) -> None:
    ask = partial(served.ask, "key manage")
    valid = len([row for row in served.rows(schema.KEYS, site_id=SITE) if row["revoked_at"] is None])
    object.__setattr__(served.application.options, "managed_sites", 2)
    object.__setattr__(served.application.options, "managed_keys", valid + 2)
    made = [ask(f"PUT /sites/{name}", {"domain": f"{name}.example"}) for name in ("two", "two", "three")]
    assert [one.status_code for one in made] == [200, 200, 409]
    assert ask("POST /sites", {"domain": "four.example"}).json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "no_room",
        "detail": "The organization has 2 sites, and more than 2 are not made here.",
        "hint": "Raise TOUCHLINE_MANAGED_SITES on the server, or use the command line there.",
    }
    new = {"siteId": SITE, "kind": "publishable"}
    keys = [ask("POST /keys", new) for _ in range(2)]
    assert [one.status_code for one in (*keys, ask("POST /keys", new))] == [201, 201, 409]
    assert ask(f"DELETE /keys/{keys[0].json()['keyId']}").status_code == 204
    assert ask("POST /keys", new).json()["code"] == "no_room"  # one that was revoked today counts
    assert ask(f"POST /keys/{keys[1].json()['keyId']}/rotate", {}).json()["code"] == "no_room"
    with Workspace(served.home) as workspace, workspace.ledger.transaction() as entry:
        entry.change(schema.KEYS, {"key_id": keys[0].json()["keyId"]}, revoked_at=NOW)
    assert ask("POST /keys", new).status_code == 201


SHARED = ("setup", "access_keys", "users", "naming", "platforms", "workspace", "managing/sites", "managing/users",
          "managing/numbers")  # fmt: skip
"""Modules of jobs by whose functions operations change something."""


def hints() -> set[str]:
    """Texts there that tell people to give a command or an option."""
    found = set()
    for name in SHARED:
        tree = ast.parse((Path(setup.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        documents = {id(one.body[0].value) for one in ast.walk(tree) if isinstance(one, ast.Module | ast.FunctionDef)
                     and isinstance(one.body[0], ast.Expr)}  # fmt: skip
        parts = {id(part) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for part in one.values}
        texts = (
            "".join(part.value if isinstance(part, ast.Constant) else "X" for part in one.values)  # type: ignore[misc]
            if isinstance(one, ast.JoinedStr) else one.value
            for one in ast.walk(tree)
            if isinstance(one, ast.JoinedStr | ast.Constant) and id(one) not in documents | parts
        )  # fmt: skip
        found |= {text for text in texts if isinstance(text, str) and re.search(r"touchline [a-z]|--[a-z]", text)}
    return found


def test_hints_name_operations_and_fields_and_no_options(manages: Served) -> None:
    found = hints()
    assert len(found) >= 12
    for hint in found:
        said = in_requests(hint)
        assert not re.search(r"--[a-z]", re.sub(r"`[^`]*` on the server", "", said)), said
        assert "`touchline" not in re.sub(r"`[^`]*` on the server", "", said), said
    ask = partial(manages.ask, "key manage")
    asked = {
        "GET /api/manage/goals": ask("DELETE /goals", goal="none"),
        "GET /api/manage/sites": ask("POST /sites", {"domain": "shop.example"}),
        "GET /api/manage/users": ask("DELETE /users", name="none"),
        "targetCpaMicros or targetRoas": ask("PUT /targets", {}),
        "the parameter organization": manages.ask("root", "GET /goals"),
        "the parameter platform": ask("PUT /targets", {"targetRoas": 2}, campaign="1"),
    }
    assert [said for said, answer in asked.items() if said not in answer.json()["hint"]] == []
