"""A small home on whose pages things are changed: two organizations, a user of each role, spend that is waste."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.pages.reading import Page
from touchline.jobs import importing, running, setup, users
from touchline.jobs.roles import ROLES
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.app import litestar
from touchline.server.api.asking import csrf_of
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.routes import routes
from touchline.settings import Home

PASSWORD = "correct horse battery"
OWN, OTHER, SITE = "shop", "rival", "shop-example"
ROOT, EVE = "root", "eve"
"""Who sees both organizations, and the administrator of :data:`OTHER`; the others have the names of their roles."""
LAST = datetime(2026, 9, 28, 12, tzinfo=UTC)
_DAYS = 40
CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
NOW = round(datetime(2026, 9, 29, tzinfo=UTC).timestamp() * 1e6)


_TAGS = (
    "utm_source=google&utm_medium=cpc&utm_campaign=spring",
    "utm_source=facebook&utm_medium=paid_social&utm_campaign=spring-sale", "utm_medium=email",
)  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser."""

    client: "TestClient[Litestar]"
    token: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers={"cookie": f"tl_session={self.token}", **headers})

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return read(answer)

    def form(self, org: str = OWN, **fields: str) -> dict[str, str]:
        return {"csrf": csrf_of(self.token), "org": org, "view": "", **fields}

    def post(self, path: str, files: Any = None, org: str = OWN, **fields: str) -> httpx.Response:
        """Send a form as a page of this person does."""
        cookie = {"cookie": f"tl_session={self.token}"}
        is_file = path.startswith("/imports/")
        sent = files or {"nothing": ("", b"")} if is_file else None
        return self.client.post(path, data=self.form(org, **fields), files=sent, headers=cookie)

    def does(self, path: str, files: Any = None, **fields: str) -> str:
        """Send a form that is done; what the page after it says once."""
        answer = self.post(path, files, **fields)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == f"/{path.split('/')[1]}"
        once = answer.headers["set-cookie"].partition(";")[0]
        shown = self.get(answer.headers["location"], cookie=f"tl_session={self.token}; {once}")
        assert shown.headers["cache-control"] == "no-store"
        assert "max-age=0" in shown.headers["set-cookie"].lower()
        read(shown)
        return shown.text


def read(answer: httpx.Response) -> Page:
    """A page that holds nothing that acts."""
    page = Page(answer.text)
    assert (page.faults, page.accessibility()) == ([], []), f"{answer.url}: {page.faults} {page.accessibility()}"
    return page


@dataclass(frozen=True)
class Stand:
    """A server over the home, and people who may use it."""

    home: Home
    client: "TestClient[Litestar]"
    people: dict[str, Visitor]

    def rows(self, table: Any, **where: Any) -> list[Any]:
        with Workspace(self.home) as workspace:
            return list(workspace.ledger.rows(table, **where))


def built(folder: Path) -> Home:
    """A new home."""
    home = Home(folder / "home")
    setup.init(home, name=OWN, domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        setup.add_organization(workspace, name=OTHER, domain="rival.example", currency="EUR", time_zone="UTC", now=NOW)
        setup.set_target(workspace, OWN, target_cpa_micros=20_000_000)
        events, costs = folder / "events.jsonl", folder / "costs.csv"
        events.write_text("".join(json.dumps(one) + "\n" for one in _events()))
        costs.write_text("".join(_costs()))
        importing.import_events(workspace, [events], site_id=SITE, mapping=None, now=NOW)
        importing.import_costs(workspace, [costs], organization_id=OWN, now=NOW)
        running.run(workspace)
        _add_users(workspace)
    return home


def _add_users(workspace: Workspace) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("touchline.jobs.users.PasswordHasher", CHEAP)
        for role in ROLES:
            users.add_user(workspace, role, PASSWORD, organization_id=OWN, role=role, now=NOW)
        users.add_user(workspace, ROOT, PASSWORD, now=NOW)
        users.add_user(workspace, EVE, PASSWORD, organization_id=OTHER, now=NOW)


def _events() -> Iterator[dict[str, str]]:
    for number in range(_DAYS):
        at = LAST - timedelta(days=number)
        for visit in range(4):
            tags = _TAGS[min(visit, 2)]
            who = f"v{number}-{visit}"
            yield {
                "type": "PAGE_VIEW", "anonId": who, "occurredAt": at.isoformat(), "eventId": f"e-{who}",
                "url": f"https://shop.example/?{tags}",
            }  # fmt: skip
        for kind, name in (("CONVERSION", "purchase"), ("CUSTOM", "newsletter_signup")):
            yield {
                "type": kind, "name": name, "anonId": who, "occurredAt": (at + timedelta(minutes=5)).isoformat(),
                "eventId": f"{kind}-{number}", "url": "https://shop.example/thanks",
                **({"orderId": f"A-{number}", "value": "30", "currency": "EUR"} if kind == "CONVERSION" else {}),
            }  # fmt: skip


def _costs() -> Iterator[str]:
    yield "date,platform,account_id,campaign_id,campaign_name,clicks,cost\n"
    for number in range(_DAYS):
        day = (LAST - timedelta(days=number)).date()
        yield f"{day},GOOGLE_ADS,g,111,spring,3,90\n"
        yield f"{day},META,m,222,spring-sales,3,5\n"


@contextmanager
def standing(home: Home) -> Iterator[Stand]:
    """A server over it."""
    application = Application(home, ServerOptions())
    application.keys.refresh()
    with (
        pytest.MonkeyPatch.context() as patch,
        TestClient(litestar(application, home, home.path / "none.sock", routes)) as client,
    ):
        patch.setattr("touchline.server.api.passwords.PasswordHasher", CHEAP)
        client.follow_redirects = False
        people = {}
        for name in (*ROLES, ROOT, EVE):
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303
            people[name] = Visitor(client, answer.headers["set-cookie"].partition(";")[0].partition("=")[2])
            client.cookies.clear()
        yield Stand(home, client, people)
    application.ledger.close()


def sessions(stand: Stand) -> int:
    """How many sessions there are."""
    return len(stand.rows(schema.SERVER_SESSIONS))
