"""The first design's examples of ``GET /api/waste``, against ``touchline serve``; and who sees the answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli.conftest import write_costs, write_events
from tests.server.conftest import NOW
from tests.server.serving import Server
from tests.server.whole import whole
from touchline.jobs import access_keys, importing, running, setup, users
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

LATER = 2 * NOW
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Asking:
    """A server of two organizations: who may ask it, and how."""

    server: Server
    shop: str
    """A secret key of the organization that has findings."""
    other: str

    def answer(self, path: str, **fields: str) -> Any:
        answer = self.server.send(b"", method="GET", path=path, timeout=60, **fields)
        assert answer.status == 200, answer.body
        return answer.document


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("served")
    home = Home(folder / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        setup.add_organization(
            workspace, name="other", domain="other.example", currency="EUR", time_zone="UTC", now=NOW
        )
        events = write_events(folder / "a.jsonl")
        importing.import_events(workspace, [events], site_id="shop-example", mapping=None, now=LATER)
        importing.import_costs(workspace, [write_costs(folder / "c.csv")], organization_id="shop", now=LATER)
        users.add_user(workspace, "ada", PASSWORD, organization_id="shop", now=NOW)
        keys = [access_keys.create_key(workspace, f"{name}-example", "secret", now=NOW) for name in ("shop", "other")]
        running.run(workspace)
    with whole(home.path) as server:
        yield Asking(server, *(one.key for one in keys))


def test_the_examples_of_the_first_design_answer(asking: Asking) -> None:
    login = asking.server.send({"name": "ada", "password": PASSWORD}, path="/api/login")
    cookie = login.headers["set-cookie"].partition(";")[0]
    every = asking.answer("/api/waste", cookie=cookie)
    assert (every["success"], every["summary"]["totalWasteEntities"]) == (True, len(every["entities"]))
    assert every["entities"]
    january = asking.answer("/api/waste?dateRange=2026-01-01,2026-01-31&severity=high", cookie=cookie)
    assert january["dateRange"] == {"startDate": "2026-01-01", "endDate": "2026-01-31"}
    assert {one["explanation"]["severity"] for one in january["entities"]} <= {"high"}
    dear = asking.answer("/api/waste?grain=CAMPAIGN&minWasteSpend=100", cookie=cookie)
    assert dear["entities"] == [one for one in every["entities"] if one["wasteSpend"] > 100]
    assert asking.answer("/api/waste?dateRange=2024-01-01,2024-01-31", cookie=cookie)["entities"] == []
    by_key = asking.answer("/api/waste", authorization=f"Bearer {asking.shop}")
    assert by_key["entities"] == every["entities"]


def test_another_organizations_key_sees_nothing(asking: Asking) -> None:
    bearer = f"Bearer {asking.other}"
    for path in ("/api/waste", "/api/waste?mode=simple", "/api/waste?dateRange=2026-01-01,2026-01-31"):
        found = asking.answer(path, authorization=bearer)
        assert (found["entities"], found["summary"]["totalWasteSpend"]) == ([], 0)
    named = asking.server.send(method="GET", path="/api/waste?organization=shop", authorization=bearer)
    assert named.status in {403, 404}
    assert b"EUR" not in named.body
    assert asking.server.send(method="GET", path="/api/waste").status == 401
