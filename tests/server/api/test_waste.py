"""What ``GET /api/waste`` says about the days that were asked for, and under which models it can be asked."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from litestar import Litestar, Request, Response
from litestar.testing import TestClient

from tests.cli.conftest import write_costs, write_events
from tests.server.conftest import NOW
from touchline.errors import UsageError
from touchline.jobs import fitting, importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.models import FITTED_MODELS, MODELS
from touchline.reports.waste import waste_report
from touchline.server.api import waste
from touchline.server.api.asking import Asker, Door
from touchline.server.api.river_reads import RiverReads
from touchline.server.process.ticking import River
from touchline.server.watch.counts import Counts
from touchline.server.watch.metrics import exposition
from touchline.settings import Home

LATER = 2 * NOW
SIMPLE = [("2026-01-02", 11.5, 100.0), ("2026-01-01", 10.0, 100.0)]


class OpenDoor:
    """Lets everybody in."""

    def asker(self, _request: Request[Any, Any, Any], _scope: str) -> Asker:
        return Asker("ada", None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Its newest day is 2026-01-27, with costs that earned nothing."""
    folder = tmp_path_factory.mktemp("waste")
    home = Home(folder / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        importing.import_events(
            workspace, [write_events(folder / "a.jsonl")], site_id=None, mapping=None, now=LATER
        )  # fmt: skip
        importing.import_costs(workspace, [write_costs(folder / "c.csv")], organization_id=None, now=LATER)
        running.run(workspace)
        fitting.make_fit(workspace, "shop", now=LATER)
        running.run(workspace)
    return home


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[TestClient[Litestar]]:
    handlers = waste.routes(home, cast("Door", OpenDoor()), RiverReads(60))
    with TestClient(Litestar(handlers, exception_handlers={UsageError: _refused})) as made:
        yield made


def _refused(_request: Request[Any, Any, Any], error: UsageError) -> Response[dict[str, str]]:
    """As the whole application answers it."""
    return Response({"detail": error.message}, status_code=400)


def asked(client: TestClient[Litestar], **query: str) -> dict[str, Any]:
    answer = client.get("/api/waste", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_an_account_is_refused_with_the_reason(client: TestClient[Litestar]) -> None:
    answer = client.get("/api/waste", params={"account": "acme"})
    assert answer.status_code == 400
    assert "no spend is of an account" in answer.json()["detail"]


def test_without_days_it_tells_the_window(client: TestClient[Litestar]) -> None:
    found = asked(client)
    assert found["dateRange"] == {"startDate": "2025-12-29", "endDate": "2026-01-27"}
    assert (found["coverage"], found["message"], len(found["entities"])) == ("all", "", 1)


@pytest.mark.parametrize(
    ("days", "coverage", "spend"),
    [
        ("2026-01-01,2026-01-02", "all", [21.5]),
        ("2026-01-02,2026-01-02", "all", [11.5]),
        ("2026-01-01,2026-01-31", "part", [21.5]),
        ("2026-01-27,2026-01-27", "all", []),
        ("2026-01-28,2026-02-01", "none", []),
        ("2025-01-01,2025-12-28", "none", []),
        ("0001-01-01,9999-12-31", "part", [21.5]),
    ],
)
def test_the_days_asked_for_are_those_that_are_judged(
    client: TestClient[Litestar], days: str, coverage: str, spend: list[float]
) -> None:
    found = asked(client, dateRange=days)
    first, last = days.split(",")
    assert found["dateRange"] == {"startDate": first, "endDate": last}
    assert (found["coverage"], [one["totalSpend"] for one in found["entities"]]) == (coverage, spend)
    assert found["summary"]["totalWasteEntities"] == len(spend)
    assert (found["message"] == "") is (coverage == "all")
    for entity in found["entities"]:
        period = entity["explanation"]["period"]
        assert first <= period["startDate"] <= period["endDate"] <= last


def test_pages_follow_each_other_and_hold_each_finding_once(client: TestClient[Litestar]) -> None:
    every = asked(client, mode="simple")
    pages: list[Any] = []
    cursor = ""
    while not pages or cursor:
        page = asked(client, mode="simple", limit="1", **({"cursor": cursor} if cursor else {}))
        assert page["summary"] == every["summary"]
        pages += page["entities"]
        cursor = page["nextCursor"]
    assert pages == every["entities"]
    assert every["nextCursor"] == ""


def test_the_simple_rule_calls_each_day_without_a_conversion_waste(client: TestClient[Litestar]) -> None:
    """As the first version of this answer did: the spend of the day, whole, with a score of amounts as severity."""
    found = asked(client, mode="simple")
    assert [(one["date"], one["wasteSpend"], one["wastePct"]) for one in found["entities"]] == SIMPLE
    assert {one["explanation"]["reason"] for one in found["entities"]} == {"no_conversions"}
    assert found["summary"]["bySeverity"]["medium"] == len(SIMPLE)
    assert asked(client, mode="simple", severity="high")["entities"] == []


def test_the_organization_is_one_finding_at_most(client: TestClient[Litestar]) -> None:
    assert len(asked(client, grain="ORGANIZATION")["entities"]) <= 1


@pytest.mark.parametrize("model", MODELS + FITTED_MODELS)
def test_every_model_can_be_asked_for(client: TestClient[Litestar], model: str) -> None:
    assert asked(client, attributionModel=model)["attributionModel"] == model


def test_the_least_waste_is_among_what_is_shown(client: TestClient[Litestar]) -> None:
    """As `touchline waste --min-waste` has it; this little spend is not called waste."""
    [entity] = asked(client)["entities"]
    counts = [len(asked(client, minWasteSpend=f"{least:.6f}")["entities"]) for least in (0, 0.000001)]
    assert (entity["wasteSpend"], entity["explanation"]["reason"], counts) == (0, "untagged", [1, 0])


def test_a_site_can_be_asked_about(client: TestClient[Litestar]) -> None:
    """What is said of one of several sites: see tests/reports/test_spend_of_sites.py."""
    found = asked(client, site="shop-example")
    assert (found["site"], found["unassignedSpend"]) == ("shop-example", 0.0)
    assert found["entities"] == asked(client)["entities"] != []


def test_no_other_model_can(client: TestClient[Litestar]) -> None:
    assert client.get("/api/waste", params={"attributionModel": "NONE"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"minWasteSpend": "nan"}, {"minWasteSpend": "1_000"}, {"minWasteSpend": "٣"}, {"limit": "1_0"},
        {"dateRange": "٢٠٢٦-01-01,2026-01-31"}, {"cursor": "w_1"}, {"cursor": "1.2.w_3"},
        {"mode": "naive"},
    ],
)  # fmt: skip
def test_what_is_no_number_or_day_is_refused(client: TestClient[Litestar], query: dict[str, str]) -> None:
    assert client.get("/api/waste", params=query).status_code == 400


def test_the_metric_counts_what_the_answers_list(client: TestClient[Litestar], home: Home) -> None:
    with Workspace(home, is_owner=True) as workspace:
        river = River(workspace)
        river.run()
        status = river.status()
        shares = {
            one["model"]: waste_report(workspace.engine, "shop", model=one["model"]).waste_share
            for one in status["wasteShares"]
        }
    counts = {(one["model"], one["severity"]): one["findings"] for one in status["wasteFindings"]}
    assert len({model for model, _ in counts}) > 1
    for (model, severity), count in counts.items():
        assert len(asked(client, attributionModel=model, severity=severity)["entities"]) == count
    text = exposition(Counts(others={"/readyz 503": 2}), status, None)
    for (model, severity), count in counts.items():
        assert f'touchline_waste_findings{{model="{model}",severity="{severity}"}} {count:.1f}\n' in text
    assert 'touchline_http_requests_total{path="/readyz",status="503"} 2.0\n' in text
    assert shares
    assert {one["model"]: one["share"] for one in status["wasteShares"]} == pytest.approx(shares)
    disagreed = {one["model"]: one["share"] for one in status["modelDisagreements"]}
    assert disagreed.keys() == {model for model, _ in counts} - {"LAST_TOUCH"}
    for model, share in disagreed.items():
        assert f'touchline_model_disagreement{{model="{model}"}} {share}\n' in text
