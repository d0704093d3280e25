"""Signing in and out by forms: whose cookie it is, who may send one, how often, and where one is led afterwards."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import NOW, Place, placed
from tests.server.pages.reading import Page
from touchline.jobs import users
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.app import litestar
from touchline.server.api.asking import csrf_of
from touchline.server.api.signing_in import ATTEMPTS_PER_MINUTE
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.entering import address_after
from touchline.server.pages.routes import routes
from touchline.server.pages.screen import screens

NAME, PASSWORD = "ada", "correct horse battery"
FORM = {"name": NAME, "password": PASSWORD}
OWN = "http://testserver.local"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = placed(tmp_path_factory.mktemp("entering") / "home")
    with Workspace(place.home) as workspace:
        users.add_user(workspace, NAME, PASSWORD, now=NOW)
    return place


@pytest.fixture
def client(home: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator["TestClient[Litestar]"]:
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("touchline.server.api.passwords.PasswordHasher", cheap)
    application = Application(home.home, ServerOptions())
    application.keys.refresh()
    with TestClient(litestar(application, home.home, home.home.path / "none.sock", routes)) as found:
        found.follow_redirects = False
        yield found
    application.ledger.close()


def signed_in(client: "TestClient[Litestar]", **fields: str) -> str:
    """The token of a new session."""
    answer = client.post("/sign-in", data=FORM, headers=fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["set-cookie"].partition(";")[0].partition("=")[2])


def test_the_address_leads_to_the_form_and_then_to_the_overview(client: "TestClient[Litestar]") -> None:
    assert client.get("/").headers["location"] == "/sign-in"
    form = client.get("/sign-in?next=/models%3Fby%3Dsource")
    page = Page(form.text)
    assert (form.status_code, page.faults, page.accessibility()) == (200, [], [])
    (after,) = (one["value"] for one in page.named("input") if one.get("name") == "next")
    answer = client.post("/sign-in", data={**FORM, "next": after})
    assert (answer.status_code, answer.headers["location"]) == (303, "/models?by=source")
    assert client.get("/").headers["location"] == "/overview"
    assert client.get("/sign-in?next=/health").headers["location"] == "/health"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: "TestClient[Litestar]") -> None:
    said = client.post("/sign-in", data=FORM).headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in said.split(";")}


def test_a_wrong_password_is_said_on_the_form_and_keeps_the_name(client: "TestClient[Litestar]") -> None:
    answer = client.post("/sign-in", data={**FORM, "password": "wrong", "next": "/health"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    page = Page(answer.text)
    assert page.faults == []
    assert {one["name"]: one.get("value", "") for one in page.named("input")} == {
        "next": "/health", "name": NAME, "password": "",
    }  # fmt: skip
    unknown = client.post("/sign-in", data={**FORM, "name": "nobody", "next": "/health"})
    assert (unknown.status_code, unknown.text.replace("nobody", NAME)) == (401, answer.text)


@pytest.mark.parametrize(("name", "password"), [("x" * 129, "y"), ("a\0b", "y"), ("ada", "y" * 1025), ("", "")])
def test_what_is_no_name_or_password_is_wrong(client: "TestClient[Litestar]", name: str, password: str) -> None:
    assert client.post("/sign-in", data={"name": name, "password": password}).status_code == 401


def test_attempts_are_limited_for_the_form_and_the_api_together(client: "TestClient[Litestar]") -> None:
    answers = [client.post("/sign-in", data={**FORM, "password": "wrong"}).status_code for _ in range(5)]
    said = {"name": NAME, "password": "wrong"}
    answers += [client.post("/api/login", json=said).status_code for _ in range(ATTEMPTS_PER_MINUTE - 5)]
    assert answers == [401] * ATTEMPTS_PER_MINUTE
    refused = client.post("/sign-in", data=FORM)
    assert refused.status_code == 429
    assert "too many attempts" in refused.text
    assert int(refused.headers["retry-after"]) > 0
    assert client.post("/api/login", json=FORM).status_code == 429


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"origin": "https://evil.example"}, 403), ({"origin": "null"}, 403), ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403), ({"origin": OWN}, 303), ({"sec-fetch-site": "same-origin"}, 303),
        ({"content-type": "application/json"}, 415), ({"content-type": "text/plain"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
    ],
)  # fmt: skip
def test_a_form_comes_from_our_own_page(client: "TestClient[Litestar]", fields: dict[str, str], status: int) -> None:
    client.base_url = OWN
    assert client.post("/sign-in", data=FORM, headers=fields).status_code == status
    client.cookies.clear()
    assert client.post("/sign-out", data={"csrf": ""}, headers=fields).status_code == status


def test_a_session_that_somebody_planted_does_not_become_ones_own(client: "TestClient[Litestar]") -> None:
    planted = signed_in(client)
    token = signed_in(client, cookie=f"tl_session={planted}")
    assert token != planted
    client.cookies.clear()
    assert client.get("/health", headers={"cookie": f"tl_session={planted}"}).status_code == 303
    assert client.get("/health", headers={"cookie": f"tl_session={token}"}).status_code == 200
    invented = signed_in(client, cookie="tl_session=invented")
    assert invented != "invented"


def test_signing_out_ends_the_session_and_wants_its_token(client: "TestClient[Litestar]") -> None:
    token, other = signed_in(client), csrf_of("another")
    client.cookies.clear()
    cookie = {"cookie": f"tl_session={token}"}
    for csrf in ("", other, "\u20ac"):
        assert client.post("/sign-out", data={"csrf": csrf}, headers=cookie).status_code == 403
        assert client.get("/health", headers=cookie).status_code == 200
    answer = client.post("/sign-out", data={"csrf": csrf_of(token)}, headers=cookie)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert client.get("/health", headers=cookie).headers["location"] == "/sign-in?next=%2Fhealth"


def test_the_page_of_a_session_holds_its_token(client: "TestClient[Litestar]") -> None:
    token = signed_in(client)
    page = Page(client.get("/health").text)
    assert [one["value"] for one in page.named("input") if one.get("name") == "csrf"] == [csrf_of(token)]
    assert token not in page.text


KNOWN = {screen.path for screen in screens().values()}


@given(st.text(max_size=40) | st.builds("/{}{}".format, st.sampled_from("/\\.@:%\t\n"), st.text(max_size=20)))
def test_nobody_is_led_elsewhere(wanted: str) -> None:
    assert faults_of(address_after(wanted)) == []


@pytest.mark.parametrize(
    "wanted",
    [
        "", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%2f/evil.example",
        "/overview@evil.example", "/overview.evil.example", "javascript:alert(1)", "/overview/../../x", "/api/logout",
        "/sign-out", "/overview#//evil.example", "/overview?next=https://evil.example",
        "/overview?q=%0d%0aSet-Cookie:x",
    ],
)  # fmt: skip
def test_these_lead_to_a_screen(wanted: str) -> None:
    assert faults_of(address_after(wanted)) == []


def faults_of(address: str) -> list[str]:
    """What of an address is not a screen of ours."""
    parts = urlsplit(address)
    found = [one for one in (parts.scheme, parts.netloc, parts.fragment) if one]
    return found + ([] if parts.path in KNOWN and address.isascii() and address.isprintable() else [address])


def test_a_view_is_kept_on_the_way() -> None:
    assert address_after("/channels?by=platform&path=META%2F1") == "/channels?by=platform&path=META%2F1"


def test_the_form_says_how_the_first_user_comes_in(client: "TestClient[Litestar]", home: Place, tmp_path: Path) -> None:
    assert "An administrator adds users" in client.get("/sign-in").text
    file = users.first_password_of(home.home)
    file.write_text("secret")
    try:
        said = client.get("/sign-in").text
    finally:
        file.unlink()
    assert "first_password" in said
    assert "secret" not in said
    with Workspace(home.home) as workspace, workspace.ledger.transaction() as entry:
        kept = workspace.ledger.rows(schema.USERS)
        entry.remove(schema.SERVER_SESSIONS, name=NAME)
        entry.remove(schema.USERS, name=NAME)
    assert "touchline user add NAME" in client.get("/sign-in").text
    assert "Nobody can sign in yet" in client.get("/sign-in").text
    with Workspace(home.home) as workspace, workspace.ledger.transaction() as entry:
        entry.add(schema.USERS, **kept[0])
