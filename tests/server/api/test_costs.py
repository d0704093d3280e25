"""``POST /api/costs``: who may, what is read, what is answered, and that nobody else's costs change."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import NOW, Place, placed
from tests.server.serving import serving
from touchline.jobs import access_keys, importing, running, setup, users
from touchline.jobs.access_keys import hash_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.app import litestar
from touchline.server.api.asking import COOKIE, CSRF_HEADER, csrf_of
from touchline.server.api.costs import MOST_ROWS, TOLD_ROWS
from touchline.server.api.openapi import document_of
from touchline.server.collect.application import Application
from touchline.server.http.bodies import MAX_BODY
from touchline.server.http.options import ServerOptions

SPENT = 1_772_900_000_000_000
"""In the week after the days of the costs."""
CSV = "date,platform,account_id,campaign_id,cost\n2026-03-02,Google Ads,1,c,12.00\n2026-03-03,Google Ads,1,c,3.5\n"
ROWS = [
    {"date": "2026-03-02", "platform": "Google Ads", "account_id": 1, "campaign_id": "c", "cost": 12.00},
    {"date": "2026-03-03", "platform": "Google Ads", "account_id": 1, "campaign_id": "c", "cost": "3.5"},
]
LINES = "\n".join(map(json.dumps, ROWS))
BODIES = {"text/csv; charset=utf-8": CSV, "application/x-ndjson": LINES, "application/json": json.dumps(ROWS)}
DONE = {
    "success": True, "accepted": 2, "replacedDays": 0, "keptDays": 0, "total": 2, "rejectedByReason": {}, "rejected": []
}  # fmt: skip


class Costs:
    """A client of a home's server, and its ledger."""

    def __init__(self, place: Place, client: TestClient[Litestar], application: Application) -> None:
        self.place = place
        self._client = client
        self._application = application

    def send(
        self, body: str | bytes, kind: str = "text/csv", key: str = "", query: str = "", **fields: str
    ) -> tuple[int, dict[str, Any]]:
        """What a request with a key (the one for costs, if none is named) is answered."""
        headers = {"content-type": kind, "authorization": f"Bearer {key or self.key('costs')}", **fields}
        headers = {name.replace("_", "-"): value for name, value in headers.items() if value}
        answer = self._client.post(f"/api/costs{query}", content=body, headers=headers)
        kinds = {200: "application/json", 207: "application/json"}
        assert answer.headers["content-type"] == kinds.get(answer.status_code, "application/problem+json")
        return answer.status_code, answer.json()

    def key(self, *scopes: str, site: str = "shop-example") -> str:
        with Workspace(self.place.home) as workspace:
            made = access_keys.create_key(workspace, site, "secret", scopes=list(scopes), now=NOW)
        self._application.keys.refresh()
        return made.key

    def spend(self) -> dict[str, int]:
        """Micros by organization, once the river has run."""
        with Workspace(self.place.home) as workspace:
            running.run(workspace)
            select = "select organization_id, sum(spend_micros) as spend from ad_costs group by organization_id"
            rows = workspace.engine.select(select).to_pylist()
        return {row["organization_id"]: int(row["spend"]) for row in rows}

    def loads(self) -> int:
        """How many the ledger has."""
        with Workspace(self.place.home) as workspace:
            return len(workspace.ledger.rows(schema.AD_COST_LOADS))


@contextmanager
def costs_of(place: Place) -> Iterator[Costs]:
    application = Application(place.home, ServerOptions())
    with TestClient(litestar(application, place.home, place.home.path / "serve.sock")) as client:
        yield Costs(place, client, application)
    application.ledger.close()


@pytest.fixture
def costs(place: Place) -> Iterator[Costs]:
    with costs_of(place) as found:
        yield found


@pytest.fixture
def any_costs(any_place: Place) -> Iterator[Costs]:
    """Over a ledger in each database."""
    with costs_of(any_place) as found:
        yield found


@pytest.mark.parametrize("kind", BODIES)
def test_each_form_says_the_same(costs: Costs, kind: str) -> None:
    assert costs.send(BODIES[kind], kind) == (200, DONE)
    assert costs.spend() == {"shop": 15_500_000}


def test_what_is_sent_again_replaces_and_adds_nothing(any_costs: Costs, tmp_path: Path) -> None:
    assert any_costs.send(CSV)[1] == DONE
    assert any_costs.send(LINES, "application/x-ndjson")[1] == {**DONE, "replacedDays": 2}
    assert any_costs.send(gzip.compress(CSV.encode()), content_encoding="gzip")[1] == {**DONE, "replacedDays": 2}
    (tmp_path / "costs.csv").write_text(CSV)
    with Workspace(any_costs.place.home) as workspace:
        report = importing.import_costs(workspace, [tmp_path / "costs.csv"], organization_id=None, now=SPENT)
    assert report.replaced_days == 2
    assert any_costs.spend() == {"shop": 15_500_000}
    status, document = any_costs.send(CSV, query="?source=another")
    assert (status, document["code"]) == (409, "overlap")
    assert "2026-03-02, 2026-03-03 of GOOGLE_ADS" in document["detail"]
    assert any_costs.spend() == {"shop": 15_500_000}
    assert any_costs.send(CSV, query="?source=another&overlap=add")[1] == DONE
    assert any_costs.spend() == {"shop": 31_000_000}


def test_bad_rows_are_named_and_the_others_are_in(costs: Costs) -> None:
    bad = CSV + "2026-03-04,META,1,c,9 <b>EUR</b>\nyesterday,META,1,c,1\nyesterday,META\n"
    status, document = costs.send(bad)
    assert status == 207
    assert (document["success"], document["accepted"], document["total"]) == (False, 2, 5)
    assert document["rejectedByReason"] == {"malformed": 1, "wrong_type": 2}
    found = [(row["row"], row["code"], row["field"]) for row in document["rejected"]]
    assert found == [(4, "wrong_type", "cost"), (5, "wrong_type", "date"), (6, "malformed", None)]
    assert "9 <b>EUR</b>" in document["rejected"][0]["message"]
    assert costs.spend() == {"shop": 15_500_000}


def test_where_no_row_is_good_it_is_a_problem(costs: Costs) -> None:
    status, document = costs.send(
        json.dumps([{"date": "2026-03-02", "platform": "META"}] * (TOLD_ROWS + 5)), "application/json"
    )
    assert (status, document["code"], document["accepted"]) == (400, "invalid", 0)
    assert document["rejectedByReason"] == {"missing_field": TOLD_ROWS + 5}
    assert len(document["rejected"]) == TOLD_ROWS
    assert document["rejected"][-1]["row"] == TOLD_ROWS


def test_what_cannot_be_taken_is_refused_whole(costs: Costs) -> None:
    for body, kind, status, code in (
        ("day,platform,cost\n", "text/csv", 400, "unreadable"),
        ("", "text/csv", 400, "unreadable"),
        ("date,platform,cost\n".encode("utf-32"), "text/csv", 400, "unreadable"),
        (json.dumps(ROWS[0]), "application/json", 400, "unreadable"),
        ("[" * 60_000, "application/json", 400, "unreadable"),
        (CSV, "text/plain", 415, "unknown_type"),
        (CSV, "", 415, "unknown_type"),
        (CSV, "multipart/form-data; boundary=x", 415, "unknown_type"),
        ("date,platform,cost\n" + "a\n" * (MOST_ROWS + 1), "text/csv", 413, "too_large"),
    ):
        found = costs.send(body, kind)
        assert (found[0], found[1]["code"]) == (status, code), (body[:40], kind)
    assert costs.loads() == 0


def test_what_is_not_as_it_says_is_refused(costs: Costs) -> None:
    assert costs.send(CSV, content_encoding="br")[1]["code"] == "unknown_encoding"
    assert costs.send(CSV, content_encoding="gzip")[1]["code"] == "not_gzip"
    bomb = gzip.compress(b"0" * 40_000_000)
    assert costs.send(bomb, content_encoding="gzip")[0] == 413
    for source in ("", "x" * 65, "a%20b"):
        assert costs.send(CSV, query=f"?source={source}")[0] == 400


def test_only_a_secret_key_for_costs_may(costs: Costs) -> None:
    assert costs.send(CSV, key="sk_nobody")[0] == 401
    assert costs.send(CSV, key=costs.place.publishable)[0] == 401
    assert costs.send(CSV, authorization="")[0] == 401
    assert costs.send(CSV, key=costs.key("track", "read"))[0] == 403
    assert costs.loads() == 0
    assert costs.send(CSV, key=costs.key("admin"))[0] == 200


def test_a_session_sends_with_its_token_alone(costs: Costs) -> None:
    with Workspace(costs.place.home) as workspace:
        users.add_user(workspace, "ada", "correct horse battery", now=NOW)
        with workspace.ledger.transaction() as entry:
            row = {"session_hash": hash_of("token"), "name": "ada", "created_at": NOW, "ends_at": 2 * NOW}
            entry.add(schema.SERVER_SESSIONS, **row)
    session = {"authorization": "", "cookie": f"{COOKIE}=token"}
    assert costs.send(CSV, **session)[1]["code"] == "no_csrf_token"
    assert costs.send(CSV, **session, **{CSRF_HEADER: csrf_of("token")}) == (200, DONE)


def test_another_organization_is_left_alone(costs: Costs) -> None:
    with Workspace(costs.place.home) as workspace:
        with workspace.ledger.transaction() as entry:
            entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="EUR", created_at=NOW)
        setup.add_site(workspace, "other", name="other", domain="other.example", time_zone="UTC", now=NOW)
    other = costs.key("costs", site="other-example")
    assert costs.send(CSV, key=other) == (200, DONE)
    assert costs.send(CSV.replace("12.00", "10.00"))[1] == DONE  # nothing that it knew is said anew
    status, document = costs.send(CSV, query="?organization=other")
    assert (status, document["code"]) == (403, "foreign_organization")
    assert costs.spend() == {"shop": 13_500_000, "other": 15_500_000}


def test_a_server_takes_a_megabyte_and_no_more(tmp_path: Path) -> None:
    place = placed(tmp_path / "home")
    row = "2026-03-02,META,1,{},1.00\n"
    head = "date,platform,account_id,campaign_id,cost\n"
    body = (head + "".join(row.format(f"{n:030}") for n in range(15_000))).encode()
    assert 800_000 < len(body) < MAX_BODY
    with serving(place.home.path, application="served:whole") as server:
        fields = {"path": "/api/costs", "content_type": "text/csv", "authorization": f"Bearer {place.secret}"}
        answer = server.send(body, **fields)  # type: ignore[arg-type]
        assert (answer.status, answer.document["accepted"]) == (200, 15_000)
        large = server.send(body + b" " * MAX_BODY, **fields)  # type: ignore[arg-type]
        assert (large.status, large.document["code"]) == (413, "too_large")
        assert server.send(b" " * 70_000, path="/api/login").status == 413


def documented(costs: Costs) -> dict[str, Any]:
    """What the document tells of the path."""
    application = costs._application
    said = document_of(litestar(application, costs.place.home, costs.place.home.path / "serve.sock"))
    return dict(said["paths"]["/api/costs"]["post"])


def examples(answer: dict[str, Any]) -> list[Any]:
    return [one["value"] for one in answer["content"]["application/json"]["examples"].values()]


def test_what_the_document_shows_is_what_is_answered(costs: Costs) -> None:
    said = documented(costs)
    content = said["requestBody"]["content"]
    assert set(content) == set(BODIES) - {"text/csv; charset=utf-8"} | {"text/csv"}
    (good,), (partial,) = (examples(said["responses"][status]) for status in ("200", "207"))
    for number, (kind, shown) in enumerate(content.items()):
        text = shown["example"] if isinstance(shown["example"], str) else json.dumps(shown["example"])
        assert costs.send(text, kind, query=f"?source=s{number}&overlap=add") == (200, good), kind
    bad = content["text/csv"]["example"] + "2026-03-02,META,1,c,€5\n"
    assert costs.send(bad, query="?overlap=add") == (207, partial)
    assert costs.spend() == {"shop": 4 * 12_340_000}


def test_the_document_names_the_fields_that_are_read(costs: Costs) -> None:
    schema_of_list = documented(costs)["requestBody"]["content"]["application/json"]["schema"]
    said = schema_of_list["items"]
    assert (schema_of_list["maxItems"], said["required"]) == (20_000, ["date", "platform", "cost"])
    assert set(said["properties"]) == {
        "date", "platform", "cost", "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id",
        "ad_name", "impressions", "clicks", "currency", "country", "region", "platform_conversions", "platform_value",
    }  # fmt: skip
    empty = {name: None for name, one in said["properties"].items() if "null" in one["type"]}
    assert set(empty) == set(said["properties"]) - set(said["required"])
    assert costs.send(json.dumps([ROWS[0] | empty]), "application/json")[0] == 200
    for name in said["required"]:
        row = {key: value for key, value in ROWS[0].items() if key != name}
        assert costs.send(json.dumps([row]), "application/json")[0] == 400, name
    assert said["additionalProperties"] is False
    assert costs.send(json.dumps([ROWS[0] | {"adset": "x"}]), "application/json")[0] == 400
