"""Whatever an organization's keys, users and sessions can ask of the server is of that organization alone."""

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.organizations.doors import ROUTES
from tests.organizations.homes import ORGANIZATIONS, Homes, opened
from tests.server.conftest import NOW, Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of
from tests.sharing import held_open
from touchline.jobs import access_keys, users
from touchline.jobs.access_keys import hash_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.catalog import reports
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE, CSRF_HEADER, csrf_of
from touchline.server.api.openapi import document_of
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.settings import Home

PASSWORD = "correct horse battery"
ASKED = [
    *(f"/api/reports/{name}" for name in sorted({*reports()} - {"completeness"})),
    "/api/reports/completeness?day=2026-02-10", "/api/reports/attribution?by=campaign&format=csv",
    "/api/waste", "/api/waste?grain=PLATFORM",
]  # fmt: skip
WHO = ("key", "user", "user of all")
COSTS = "date,platform,account_id,campaign_id,cost\n2026-02-01,META,a,111,50\n2026-02-01,META,a,222,5\n"


class Serving:
    """A server's application over a home, and those who ask it."""

    def __init__(self, home: Path, client: "TestClient[Litestar]", application: Application) -> None:
        self.home, self.application = home, application
        self._client = client
        self._fields: dict[tuple[str, str], dict[str, str]] = {}

    def introduce(self, organization: str) -> None:
        """Make a key, and two people with sessions: one of the organization, one of all."""
        with Workspace(Home(self.home)) as workspace:
            site = f"{organization}-example"
            key = access_keys.create_key(workspace, site, "secret", now=NOW).key
            self._fields[organization, "key"] = {"authorization": f"Bearer {key}"}
            for who, owner in (("user", organization), ("user of all", None)):
                name, token = f"{who} {organization}", secrets.token_urlsafe(32)
                users.add_user(workspace, name, PASSWORD, organization_id=owner, now=NOW)
                with workspace.ledger.transaction() as entry:
                    entry.add(
                        schema.SERVER_SESSIONS, session_hash=hash_of(token), name=name, created_at=NOW,
                        ends_at=time.time_ns() // 1000 + 3_600_000_000,
                    )  # fmt: skip
                self._fields[organization, who] = {"cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_of(token)}

    def get(self, organization: str, who: str, path: str) -> httpx.Response:
        named = f"{'&' if '?' in path else '?'}organization={organization}" if who == "user of all" else ""
        return self._client.get(path + named, headers=self._fields[organization, who])

    def ask(self, organization: str, who: str, path: str) -> httpx.Response:
        """Without naming an organization."""
        return self._client.get(path, headers=self._fields[organization, who])

    def post(self, organization: str, who: str, path: str, body: str, kind: str = "text/csv") -> httpx.Response:
        fields = {**self._fields[organization, who], "content-type": kind}
        return self._client.post(path, content=body.encode(), headers=fields)


@contextmanager
def served(home: Path, organizations: tuple[str, ...]) -> Iterator[Serving]:
    application = Application(Home(home), ServerOptions())
    with TestClient(litestar(application, Home(home), home / "none.sock")) as client:
        serving = Serving(home, client, application)
        for organization in organizations:
            serving.introduce(organization)
        application.keys.refresh()
        yield serving
    application.ledger.close()


@pytest.fixture(scope="module")
def servers(homes: Homes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Serving]]:
    """Over copies of the three homes; ``together`` has both organizations."""
    folder = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        found = {"together": copied(stack, homes.together, folder, ORGANIZATIONS)}
        for name, home in homes.alone.items():
            found[name] = copied(stack, home, folder, (name,))
        stack.enter_context(held_open(*(serving.home for serving in found.values())))  # no test makes numbers
        yield found


def copied(stack: ExitStack, home: Path, folder: Path, organizations: tuple[str, ...]) -> Serving:
    return stack.enter_context(served(Path(shutil.copytree(home, folder / home.name)), organizations))


def test_every_route_is_in_one_list(servers: Mapping[str, Serving], homes: Homes) -> None:
    application = litestar(servers["together"].application, Home(homes.together), homes.together / "none.sock")
    routed = {
        f"{method} {route.path}"
        for route in application.routes if not route.path.startswith("/schema")  # the library's own, of the document
        for method in route.methods if method != "OPTIONS"
    }  # fmt: skip
    told_of = {
        f"{method.upper()} {path}"
        for path, operations in document_of(application)["paths"].items() if "{" not in path for method in operations
    }  # fmt: skip
    of_reports = {f"GET /api/reports/{name}" for name in reports()}
    assert routed | told_of == {*ROUTES} | of_reports


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("path", ASKED)
def test_an_answer_is_the_one_of_a_home_with_the_organization_alone(
    servers: Mapping[str, Serving], path: str, who: str
) -> None:
    bodies = []
    for organization in ORGANIZATIONS:
        together, alone = (servers[name].get(organization, who, path) for name in ("together", organization))
        assert (together.status_code, together.text, together.headers.get("etag")) == (
            200, alone.text, alone.headers.get("etag"),
        )  # fmt: skip
        bodies.append(together.text)
    assert bodies[0] != bodies[1]


@pytest.mark.parametrize("who", ["key", "user"])
@pytest.mark.parametrize("path", [path for path in ASKED if "?" not in path])
def test_another_organization_is_refused_whether_it_is_there_or_not(
    servers: Mapping[str, Serving], path: str, who: str
) -> None:
    there, nowhere = (
        servers["together"].ask("acme", who, f"{path}?organization={name}") for name in ("beta", "nobody")
    )
    assert (there.status_code, there.json()["code"]) == (403, "foreign_organization")
    assert there.json() == nowhere.json()


def test_who_sees_all_has_to_name_one(servers: Mapping[str, Serving]) -> None:
    answer = servers["together"].ask("acme", "user of all", "/api/reports/attribution")
    assert (answer.status_code, "acme, beta" in answer.text) == (400, True)


def test_costs_come_in_as_alone_and_the_other_has_none_of_them(servers: Mapping[str, Serving]) -> None:
    def loads(home: Path, organization: str) -> int:
        with opened(home) as workspace:
            return len(workspace.ledger.rows(schema.AD_COST_LOADS, organization_id=organization))

    together = servers["together"]
    before = {name: loads(together.home, name) for name in ORGANIZATIONS}
    for who in ("key", "user"):
        answers = [servers[name].post("acme", who, "/api/costs", COSTS) for name in ("together", "acme")]
        assert (answers[0].status_code, answers[0].json()) == (200, answers[1].json())
        foreign = together.post("acme", who, "/api/costs?organization=beta", COSTS)
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_organization")
    assert {name: loads(together.home, name) for name in ORGANIZATIONS} == before | {"acme": before["acme"] + 2}


def test_sql_reads_the_rows_of_the_one_organization(servers: Mapping[str, Serving]) -> None:
    def asked(server: str, name: str, who: str, **more: str) -> httpx.Response:
        sql = "select count(*) as n, min(landing_url) as first, max(landing_url) as last from sessions"
        body = json.dumps({"sql": sql, **more})
        return servers[server].post(name, who, "/api/query", body, "application/json")

    answers = {name: asked("together", name, "user") for name in ORGANIZATIONS}
    assert answers["acme"].json() != answers["beta"].json()
    for name, answer in answers.items():
        assert (answer.status_code, answer.json()) == (200, asked(name, name, "user").json())
        assert answer.json()["rows"][0][0] > 0
        assert asked("together", name, "user of all", organization=name).json() == answer.json()
    assert asked("together", "acme", "user", organization="beta").status_code == 403
    assert asked("together", "acme", "user of all").status_code == 400
    assert asked("together", "acme", "key").status_code == 403  # it would have to be for everything


def test_metrics_of_the_whole_server_are_for_who_may_see_everything(servers: Mapping[str, Serving]) -> None:
    together = servers["together"]
    assert [together.ask("acme", who, "/metrics").status_code for who in WHO] == [403, 403, 200]
    assert [servers["acme"].ask("acme", who, "/metrics").status_code for who in WHO] == [200, 200, 200]
    with Workspace(Home(together.home)) as workspace:
        key = access_keys.create_key(workspace, "acme-example", "secret", scopes=["metrics"], now=NOW).key
    together.application.keys.refresh()
    together._fields["acme", "monitor"] = {"authorization": f"Bearer {key}"}
    assert together.ask("acme", "monitor", "/metrics").status_code == 200
    assert together.ask("acme", "monitor", "/api/reports/health").status_code == 403


def test_a_session_says_which_organization_it_sees(servers: Mapping[str, Serving]) -> None:
    seen: list[Any] = [servers["together"].ask("beta", who, "/api/session").json() for who in ("user", "user of all")]
    assert [one["organizationId"] for one in seen] == ["beta", None]


def test_a_change_of_what_a_user_sees_counts_for_sessions_that_have_begun(copies: Homes) -> None:
    with served(copies.together, ORGANIZATIONS) as serving:
        assert serving.get("acme", "user of all", "/api/waste").status_code == 200
        with Workspace(Home(copies.together)) as workspace:
            users.set_organization(workspace, "user of all acme", "beta")
        assert serving.get("acme", "user of all", "/api/waste").status_code == 403
        assert serving.ask("acme", "user of all", "/api/waste").json()["currency"] == "EUR"


def test_equal_event_ids_are_no_duplicates_of_one_another(copies: Homes) -> None:
    with Workspace(Home(copies.together)) as workspace:
        keys = {
            name: access_keys.create_key(workspace, f"{name}-example", "publishable", now=NOW).key
            for name in ORGANIZATIONS
        }

    async def sent() -> list[bytes]:
        async with collecting(Place(Home(copies.together), "", "", "")) as application:
            event = {"eventId": "tracked-1", "type": "PAGE_VIEW", "anonId": "ann"}
            requests = [batch_of(keys[name], [event | {"url": f"https://{name}.example/"}]) for name in ORGANIZATIONS]
            return [(await answered(application, request)).body for request in [*requests, requests[0]]]

    first, second, again = asyncio.run(sent())
    assert first == second != again
    with opened(copies.together) as workspace:
        found = workspace.ledger.rows(schema.TRACKING_EVENTS, event_id="tracked-1")
    assert sorted(row["site_id"] for row in found) == ["acme-example", "beta-example"]
