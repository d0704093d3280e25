"""The document tells of every path that answers, in words of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import Place, placed
from touchline.reports.catalog import reports
from touchline.server.api.app import litestar
from touchline.server.api.openapi import document_of
from touchline.server.api.report_forms import FORMS
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.tracker import script

CRON_SECRET = "c" * 40


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture(scope="module")
def document(place: Place) -> Iterator[dict[str, Any]]:
    application = Application(place.home, ServerOptions())
    yield document_of(litestar(application, place.home, place.home.path / "serve.sock"))
    application.ledger.close()


@pytest.fixture(scope="module")
def paths(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]
    return found


def test_it_names_what_no_router_serves(paths: dict[str, Any]) -> None:
    assert {"/api/track", script.PATH} < paths.keys()
    assert paths[script.PATH]["get"]["responses"].keys() == {"200", "304", "405"}


def test_every_operation_answer_and_parameter_is_told_of(paths: dict[str, Any]) -> None:
    of_the_library = {status.description for status in HTTPStatus} - {""}
    for path, operations in paths.items():
        for method, operation in operations.items():
            words = {"": operation["summary"]}
            words |= {status: said["description"] for status, said in operation["responses"].items()}
            words |= {one["name"]: one.get("description", "") for one in operation.get("parameters", ())}
            missing = [name for name, said in words.items() if not said or said in of_the_library]
            assert not missing, f"{method} {path}"


def test_what_is_sent_has_an_example(paths: dict[str, Any]) -> None:
    for path in ("/api/track", "/api/costs"):
        for kind, said in paths[path]["post"]["requestBody"]["content"].items():
            assert said.get("example") or said.get("examples"), f"{path} {kind}"


@pytest.mark.parametrize("name", reports())
def test_a_report_is_told_of_with_its_answer(document: dict[str, Any], name: str) -> None:
    operation = document["paths"][f"/api/reports/{name}"]["get"]
    assert {"200", "304", "400", "401", "404", "503"} <= operation["responses"].keys()
    answered = operation["responses"]["200"]
    assert list(answered["content"]) == [form.media_type for form in FORMS.values()]
    assert "ETag" in answered["headers"]
    reference = answered["content"]["application/json"]["schema"]["$ref"]
    schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    assert {"organizationId", "window"} <= schema["properties"].keys()
    assert schema["required"] == list(schema["properties"])


def test_what_is_referred_to_is_there(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', msgspec.json.encode(document).decode()))
    assert named - document["components"]["schemas"].keys() == set()
    assert {"Envelope", "Problem", "reports.WasteFinding"} <= named


@contextmanager
def asking(place: Place) -> Iterator[TestClient[Litestar]]:
    """The routes of a server."""
    application = Application(place.home, ServerOptions(cron_secret=CRON_SECRET))
    with TestClient(litestar(application, place.home, place.home.path / "serve.sock")) as client:
        yield client
    application.ledger.close()


def enumerated(paths: dict[str, Any]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Every parameter with listed values: the method, its path, its name, and the values."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            for one in operation.get("parameters", ()):
                values = [value for value in one["schema"].get("enum", ()) if value is not None]
                if values:
                    yield method, path, one["name"], values


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/api/waste?limit=0&severity=bad",
            "limit: Expected a whole number >= 1, but it is '0'. severity must be one of high, medium, low, not 'bad'.",
        ),
        ("/api/waste?minWasteSpend=x", "minWasteSpend: Expected a number, but it is 'x'."),
        (
            "/api/waste?dateRange=january",
            ("dateRange cannot be 'january'. Expected: First and last day to judge, `2026-01-01,2026-01-31`; "
            "else as many days as the settings say."),
        ),
    ],
)  # fmt: skip
def test_every_parameter_that_is_wrong_is_named_as_it_is_sent(place: Place, path: str, said: str) -> None:
    with asking(place) as client:
        answer = client.get(path, headers={"authorization": f"Bearer {place.secret}"})
        assert (answer.status_code, answer.json()["detail"]) == (400, said)
        assert client.get("/api/nothing").status_code == 404


def test_a_parameter_that_lists_its_values_is_refused_with_them(place: Place, paths: dict[str, Any]) -> None:
    found = [*enumerated(paths)]
    assert {name for _, _, name, _ in found} == {
        "job", "by", "basis", "format", "grain", "layout", "match", "mode", "overlap", "per", "severity"
    }  # fmt: skip
    with asking(place) as client:
        for method, path, name, values in found:
            bearer = CRON_SECRET if path.startswith("/api/cron") else place.secret
            there, query = (
                (path.format(**{name: "nonesuch"}), {}) if f"{{{name}}}" in path else (path, {name: "nonesuch"})
            )
            answer = client.request(method, there, params=query, headers={"authorization": f"Bearer {bearer}"})
            missing = [value for value in values if value not in answer.text]
            assert (answer.status_code in {400, 404}, missing, "nonesuch" in answer.text) == (True, [], True), (
                answer.text
            )
