"""The one-time link of the first administrator: who gets it, how long it is good, and that nothing keeps it."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.conftest import NOW, placed
from tests.server.pages.reading import Page
from tests.server.pages.stand import CHEAP, PASSWORD
from touchline.errors import UsageError
from touchline.jobs import first_links, users
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.app import litestar
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.routes import routes
from touchline.server.process import first_link


class Terminal(io.StringIO):
    """What somebody sees."""

    def isatty(self) -> bool:
        return True


class Beginning(NamedTuple):
    """A home in which nobody may log in yet, and a server over it."""

    workspace: Workspace
    client: "TestClient[Litestar]"

    def link(self) -> str:
        """A new link, as a terminal shows it, without the server's address."""
        terminal = Terminal()
        first_link.show_link(self.workspace, "http://t.example/", now=time.time_ns() // 1000, terminal=terminal)
        (address,) = [word for word in terminal.getvalue().split() if word.startswith("http://t.example/first?link=")]
        return address.removeprefix("http://t.example")


@pytest.fixture
def beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beginning]:
    for used in ("touchline.jobs.users.PasswordHasher", "touchline.server.api.passwords.PasswordHasher"):
        monkeypatch.setattr(used, CHEAP)
    place = placed(tmp_path / "home")
    application = Application(place.home, ServerOptions())
    application.keys.refresh()
    with (
        Workspace(place.home) as workspace,
        TestClient(litestar(application, place.home, place.home.path / "none.sock", routes)) as client,
    ):
        client.follow_redirects = False
        yield Beginning(workspace, client)
    application.ledger.close()


def test_the_link_makes_one_administrator_who_is_signed_in(beginning: Beginning) -> None:
    link = beginning.link()
    token = parse_qs(urlsplit(link).query)["link"][0]
    for _ in range(2):  # opening it spends nothing
        form = beginning.client.get(link)
        assert (form.status_code, form.headers["cache-control"]) == (200, "no-store")
        page = Page(form.text)
        assert (page.faults, page.accessibility()) == ([], [])
    short = beginning.client.post("/first", data={"link": token, "name": "<b>ada</b>", "password": "short"})
    assert (short.status_code, "12 to 1,024 characters" in short.text) == (400, True)
    assert "&lt;b&gt;ada" in short.text
    made = beginning.client.post("/first", data={"link": token, "name": "ada", "password": PASSWORD})
    assert (made.status_code, made.headers["location"]) == (303, "/overview")
    (row,) = beginning.workspace.ledger.rows(schema.USERS)
    assert (row["name"], row["role"], row["organization_id"]) == ("ada", "administrator", None)
    assert beginning.client.get("/api/session").json()["role"] == "administrator"
    assert beginning.workspace.ledger.rows(schema.FIRST_LINKS) == []
    for answer in (
        beginning.client.get(link),
        beginning.client.post("/first", data={"link": token, "name": "eve", "password": PASSWORD}),
    ):
        assert (answer.status_code, "used, or older than an hour" in answer.text) == (400, True)
    assert len(beginning.workspace.ledger.rows(schema.USERS)) == 1
    terminal = Terminal()
    first_link.show_link(beginning.workspace, "http://t.example", now=NOW, terminal=terminal)
    assert terminal.getvalue() == ""


def test_a_link_is_good_for_an_hour_and_the_newest_one_only(beginning: Beginning) -> None:
    former, token = (str(first_links.make_link(beginning.workspace, now=NOW)) for _ in range(2))
    ledger, hour = beginning.workspace.ledger, 3_600_000_000
    assert [first_links.is_good(ledger, token, now=NOW + passed) for passed in (0, hour - 1, hour)] == [
        True,
        True,
        False,
    ]
    assert not first_links.is_good(ledger, former, now=NOW)
    for said, now in ((former, NOW), (token, NOW + hour), ("", NOW), ("\0", NOW)):
        with pytest.raises(UsageError, match="used, or older than an hour"):
            first_links.use_link(beginning.workspace, said, "ada", PASSWORD, now=now)
    users.add_user(beginning.workspace, "eve", PASSWORD, now=NOW)
    assert not first_links.is_good(ledger, token, now=NOW)


def test_two_who_have_the_link_make_one_administrator(beginning: Beginning, monkeypatch: pytest.MonkeyPatch) -> None:
    token = str(first_links.make_link(beginning.workspace, now=NOW))
    monkeypatch.setattr(first_links, "is_good", lambda *_given, **_named: True)  # both looked before one of them acted
    first_links.use_link(beginning.workspace, token, "ada", PASSWORD, now=NOW)
    with pytest.raises(UsageError, match="used"):
        first_links.use_link(beginning.workspace, token, "eve", PASSWORD, now=NOW)
    assert [row["name"] for row in beginning.workspace.ledger.rows(schema.USERS)] == ["ada"]


def test_a_foreign_page_makes_nobody(beginning: Beginning) -> None:
    token = parse_qs(urlsplit(beginning.link()).query)["link"][0]
    fields = {"link": token, "name": "eve", "password": PASSWORD}
    answer = beginning.client.post("/first", data=fields, headers={"origin": "https://evil.example"})
    assert (answer.status_code, beginning.workspace.ledger.rows(schema.USERS)) == (403, [])


def test_a_form_of_too_many_fields_makes_nobody(beginning: Beginning) -> None:
    token = parse_qs(urlsplit(beginning.link()).query)["link"][0]
    fields = {"link": token, "name": "eve", "password": PASSWORD, **{f"field {number}": "" for number in range(500)}}
    answer = beginning.client.post("/first", data=fields)
    assert (answer.status_code, beginning.workspace.ledger.rows(schema.USERS)) == (400, [])


def test_only_a_terminal_shows_it_and_no_file_keeps_it(beginning: Beginning) -> None:
    assert (first_link.is_watched(Terminal()), first_link.is_watched(io.StringIO())) == (True, False)
    token = parse_qs(urlsplit(beginning.link()).query)["link"][0]
    kept = [file for file in beginning.workspace.home.path.iterdir() if file.is_file()]
    assert kept
    assert [file.name for file in kept if token.encode() in file.read_bytes()] == []
