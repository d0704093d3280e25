"""``GET /api/reports/{name}``: every report of the catalog, who may ask, what may be asked, and what comes back."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.cli.conftest import write_costs, write_events
from tests.server.conftest import NOW, Place, placed
from touchline.jobs import access_keys, importing, running
from touchline.jobs.workspace import Workspace
from touchline.reports.catalog import reports
from touchline.reports.report import document
from touchline.server.application import Application
from touchline.server.beside import litestar
from touchline.server.keys import Keys
from touchline.server.options import ServerOptions

LATER = 2 * NOW
NAMES = sorted(reports())


@dataclass(frozen=True)
class Asking:
    """A client with a key, and whose home it asks."""

    client: "TestClient[Litestar]"
    place: Place
    keys: Keys

    def get(self, path: str, *, key: str | None = None, **headers: str) -> httpx.Response:
        bearer = {"authorization": f"Bearer {key or self.place.secret}"}
        return self.client.get(f"/api/reports{path}", headers={**bearer, **headers})


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("reports")
    place = placed(folder / "home")
    with Workspace(place.home) as workspace:
        importing.import_events(workspace, [write_events(folder / "a.jsonl")], site_id=None, mapping=None, now=LATER)
        importing.import_costs(workspace, [write_costs(folder / "c.csv")], organization_id=None, now=LATER)
        running.run(workspace)
    application = Application(place.home, ServerOptions())
    with TestClient(litestar(application, place.home, folder / "none.sock")) as client:
        yield Asking(client, place, application.keys)
    application.ledger.close()


def test_the_list_names_every_report_and_what_it_may_be_asked(asking: Asking) -> None:
    listed = asking.get("").json()
    assert [one["name"] for one in listed] == ["attribution", "health", "journeys", "models", "waste"]
    assert listed[-1]["parameters"] == ["model", "grain", "severity", "minWaste", "limit", "currency"]
    assert listed[-1]["question"].startswith("List the spend")


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_what_its_function_answers(asking: Asking, name: str) -> None:
    answer = asking.get(f"/{name}")
    with Workspace(asking.place.home, is_read_only=True) as workspace:
        expected = reports()[name].function(workspace.engine, "shop")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == msgspec.json.decode(msgspec.json.encode(document(expected)))
    assert "organizationId" in answer.json()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["format", "accept"])
def test_a_report_is_csv_on_request(asking: Asking, name: str, how: str) -> None:
    answer = asking.get(f"/{name}?format=csv") if how == "format" else asking.get(f"/{name}", accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert len(rows) >= 1
    assert {len(row) for row in rows} == {len(header)}
    assert [name for name in header if name.endswith("_micros")] == []


def test_money_is_exact_in_csv(asking: Asking) -> None:
    (finding,) = csv.DictReader(io.StringIO(asking.get("/waste?format=csv&grain=PLATFORM").text))
    assert (finding["waste"], finding["spend"], finding["platform"]) == ("21.50", "21.50", "META")


def test_what_is_asked_reaches_the_report(asking: Asking) -> None:
    found = asking.get("/attribution?by=platform&model=LINEAR&start=2026-01-02&basis=TOUCH").json()
    assert (found["by"], found["model"], found["basis"], found["window"]["start"]) == (
        "platform", "LINEAR", "TOUCH", "2026-01-02"
    )  # fmt: skip
    assert len(asking.get("/waste?grain=PLATFORM&minWaste=21.5").json()["findings"]) == 1
    assert asking.get("/waste?grain=PLATFORM&minWaste=21.51").json()["findings"] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nothing", 404, ""),
        ("/attribution?colour=red", 400, "It may be asked: model, by"),
        ("/attribution?by=moon", 400, "one of channel"),
        ("/attribution?start=yesterday", 400, "YYYY-MM-DD"),
        ("/attribution?start=2026-02-02&end=2026-02-01", 400, "before it starts"),
        ("/attribution?model=MARKOV", 400, "no fit yet"),
        ("/attribution?model=NONE", 404, "no model"),
        ("/attribution?goal=none", 404, "no goal"),
        ("/attribution?by=channel&by=ad", 400, "twice"),
        ("/attribution?goal=" + "x" * 300, 400, "256 characters"),
        ("/journeys?limit=0", 400, "at least one"),
        ("/journeys?limit=10001", 400, "up to 10,000"),
        ("/journeys?limit=1_0", 400, "whole number"),
        ("/health?days=0", 400, "one day at least"),
        ("/waste?minWaste=-1", 400, "an amount"),
        ("/waste?minWaste=1e400", 400, "an amount"),
        ("/waste?format=xlsx", 400, "csv or json"),
        ("/waste?organization=other", 403, "another organization"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(asking: Asking, path: str, status: int, said: str) -> None:
    answer = asking.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in f"{answer.json()['detail']} {answer.json().get('hint', '')}"


def test_who_has_no_key_or_one_for_something_else_is_not_answered(asking: Asking) -> None:
    with Workspace(asking.place.home) as workspace:
        sending = access_keys.create_key(workspace, "shop-example", "secret", scopes=["track"], now=NOW)
    asking.keys.refresh()
    for path in ("", "/waste", "/attribution"):
        assert asking.client.get(f"/api/reports{path}").status_code == 401
        assert asking.get(path, key=asking.place.publishable).status_code == 401
        assert asking.get(path, key=sending.key).status_code == 403


def test_an_answer_that_is_known_comes_without_its_body(asking: Asking) -> None:
    first = asking.get("/attribution")
    etag = first.headers["etag"]
    again = asking.get("/attribution", **{"if-none-match": f'"other", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert asking.get("/attribution", **{"if-none-match": '"other"'}).status_code == 200
    assert asking.get("/attribution?by=platform").headers["etag"] != etag
    assert asking.get("/attribution?format=csv").headers["etag"] != etag


def test_new_numbers_have_another_etag(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("newer")
    place = placed(folder / "home")
    application = Application(place.home, ServerOptions())
    with TestClient(litestar(application, place.home, folder / "none.sock")) as client:
        asking, seen = Asking(client, place, application.keys), []
        for count in (30, 60):
            with Workspace(place.home) as workspace:
                file = write_events(folder / "a.jsonl", count)
                importing.import_events(workspace, [file], site_id=None, mapping=None, now=LATER)
                running.run(workspace)
            seen.append(asking.get("/attribution").headers["etag"])
    application.ledger.close()
    assert seen[0] != seen[1]
