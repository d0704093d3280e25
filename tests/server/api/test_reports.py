"""``GET /api/reports/{name}``: every report of the catalog, who may ask, what may be asked, and what comes back."""

import csv
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlencode

import httpx
import msgspec
import pyarrow.parquet as pq
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.cli.conftest import write_costs, write_events
from tests.server.conftest import NOW, Place, placed
from tests.server.whole import wait_until
from touchline.jobs import access_keys, importing, running, users
from touchline.jobs.reporting import answer_of
from touchline.jobs.workspace import Workspace
from touchline.reports.catalog import reports
from touchline.reports.report import Report, document
from touchline.server.api import reports as answering
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE
from touchline.server.collect.application import Application
from touchline.server.http.keys import Keys
from touchline.server.http.options import ServerOptions

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
    assert [one["name"] for one in listed] == NAMES
    (waste,) = (one for one in listed if one["name"] == "waste")
    assert waste["parameters"] == [
        "model",
        "goal",
        "grain",
        "start",
        "end",
        "severity",
        "minWaste",
        "limit",
        "cursor",
        "currency",
        "site",
        "account",
        "mode",
    ]
    assert waste["question"].startswith("List the spend")


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_what_its_function_answers(asking: Asking, name: str) -> None:
    choices = (
        {"day": date(2026, 3, 1)} if name == "completeness" else {}
    )  # what it says of yesterday, the clock changes
    answer = asking.get(f"/{name}?{urlencode(choices)}")
    with Workspace(asking.place.home, is_read_only=True) as workspace:
        expected = answer_of(reports()[name], workspace, "shop", **choices)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == msgspec.json.decode(msgspec.json.encode(document(expected)))
    assert "organizationId" in answer.json()


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_csv_on_request(asking: Asking, name: str) -> None:
    answer = asking.get(f"/{name}?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert rows or name in {"accounts", "tagging"}  # nobody acts for an account, and links name their campaigns
    assert {len(row) for row in rows} <= {len(header)}
    assert [name for name in header if name.endswith("_micros")] == []


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("text/csv", "", "text/csv; charset=utf-8"),
        ("text/html, text/csv", "", "text/csv; charset=utf-8"),
        ("application/json;q=0.5, Text/CSV;q=0.9", "", "text/csv; charset=utf-8"),
        ("text/csv;q=0.1, application/json", "", "application/json"),
        ("*/*", "", "application/json"),
        ("image/png", "", "application/json"),
        ("text/csv", "?format=json", "application/json"),
    ],
)
def test_the_form_that_is_accepted_best_is_answered(asking: Asking, accept: str, query: str, media_type: str) -> None:
    answer = asking.get(f"/waste{query}", accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_files_have_the_rows_of_the_csv(asking: Asking) -> None:
    header, *rows = csv.reader(io.StringIO(asking.get("/attribution?format=csv").text))
    parquet = asking.get("/attribution?format=parquet")
    found = pq.read_table(io.BytesIO(parquet.content))
    assert (found.column_names, found.num_rows, parquet.headers["content-type"]) == (
        header, len(rows), "application/vnd.apache.parquet"
    )  # fmt: skip
    assert [f"{value:f}" for value in found["value"].to_pylist()] == [
        f"{Decimal(row[header.index('value')]):.6f}" for row in rows
    ]
    workbook = asking.get("/attribution?format=xlsx")
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<row ") == len(rows) + 1
    again = asking.get("/attribution?format=xlsx", **{"if-none-match": workbook.headers["etag"]})
    assert again.status_code == 304


def test_money_is_exact_in_csv(asking: Asking) -> None:
    (finding,) = csv.DictReader(io.StringIO(asking.get("/waste?format=csv&grain=PLATFORM").text))
    found = (finding["reason"], finding["waste"], finding["spend"], finding["platform"])
    assert found == ("untagged", "0.00", "21.50", "META")


def test_what_is_asked_reaches_the_report(asking: Asking) -> None:
    found = asking.get("/attribution?by=platform&model=LINEAR&start=2026-01-02&basis=TOUCH").json()
    assert (found["by"], found["model"], found["basis"], found["window"]["start"]) == (
        "platform", "LINEAR", "TOUCH", "2026-01-02"
    )  # fmt: skip
    assert len(asking.get("/waste?grain=PLATFORM&minWaste=0").json()["findings"]) == 1
    assert asking.get("/waste?grain=PLATFORM&minWaste=0.01").json()["findings"] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (
            "/nothing",
            404,
            "Reports are: accounts, attribution, completeness, conversions, countries",
        ),
        ("/attribution?colour=red", 400, "It accepts: model, by"),
        ("/attribution?by=moon", 400, "one of channel"),
        ("/attribution?start=yesterday", 400, "YYYY-MM-DD"),
        ("/attribution?start=2026-02-02&end=2026-02-01", 400, "before it starts"),
        ("/attribution?model=MARKOV", 400, "no fit yet"),
        ("/attribution?model=NONE", 404, "no model"),
        ("/attribution?goal=none", 404, "no goal"),
        ("/attribution?by=channel&by=ad", 400, "twice"),
        ("/attribution?currency=EURO", 400, "three letters"),
        ("/attribution?currency=%00", 400, "without a NUL"),
        ("/attribution?goal=" + "x" * 1_025, 400, "1024 characters"),
        ("/journeys?limit=0", 400, "at least one"),
        ("/journeys?limit=10001", 400, "up to 10,000"),
        ("/journeys?limit=1_0", 400, "whole number"),
        ("/health?days=0", 400, "one day at least"),
        ("/waste?minWaste=-1", 400, "an amount"),
        ("/waste?minWaste=1e400", 400, "an amount"),
        ("/waste?format=ods", 400, "json, csv, parquet or xlsx"),
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
    for path in ("", "/waste", "/attribution", "/nothing", "/waste?colour=red&colour=red"):
        assert asking.client.get(f"/api/reports{path}").status_code == 401
        assert asking.get(path, key=asking.place.publishable).status_code == 401
        assert asking.get(path, key=sending.key).status_code == 403


def test_names_are_looked_at_once_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing each with each takes a worker seconds for a query as long as servers take."""
    compared = 0

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    names = [Name(number) for number in range(2_000)]
    monkeypatch.setattr(answering, "parse_qsl", lambda *_, **__: [(name, "") for name in names])
    request = SimpleNamespace(scope={"query_string": b""})
    assert len(answering._query(request)) == len(names)  # type: ignore[arg-type] # all that is looked at
    assert compared < len(names)


def test_a_person_who_is_logged_in_is_answered(asking: Asking) -> None:
    with Workspace(asking.place.home) as workspace:
        users.add_user(workspace, "ada", "correct horse battery", now=NOW)
    credentials = {"name": "ada", "password": "correct horse battery"}
    logged_in = asking.client.post("/api/login", json=credentials)
    assert logged_in.status_code == 200, logged_in.text
    cookie = {"cookie": f"{COOKIE}={logged_in.cookies[COOKIE]}"}
    asking.client.cookies.clear()  # other tests share the client, and are nobody
    answer = asking.client.get("/api/reports/waste?organization=shop", headers=cookie)
    assert (answer.status_code, answer.json()["organizationId"]) == (200, "shop"), answer.text
    assert asking.client.get("/api/reports/waste?organization=other", headers=cookie).status_code == 404


def test_a_report_that_takes_too_long_is_asked_for_again_later(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    is_told = threading.Event()
    monkeypatch.setattr(Report, "choices", lambda *_: is_told.wait(20))
    application = Application(place.home, ServerOptions(report_seconds=0.2))
    application.keys.refresh()
    with TestClient(litestar(application, place.home, place.home.path / "none.sock")) as client:
        answer = Asking(client, place, application.keys).get("/waste")
        is_told.set()
        wait_until(lambda: not any("_work" in thread.name for thread in threading.enumerate()), 20)
    application.ledger.close()
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "5")


def test_an_answer_that_is_known_comes_without_its_body(asking: Asking) -> None:
    first = asking.get("/attribution")
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
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
