"""Views under a name, and links to views: who sees them, what they show, and when they end."""

import html
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from tests.cli.conftest import write_costs, write_events
from tests.server.conftest import NOW, placed
from tests.server.pages.reading import Page
from touchline.errors import UsageError
from touchline.jobs import importing, running, saved_views, setup, users
from touchline.jobs.alarming.notes import add_note
from touchline.jobs.roles import Role
from touchline.jobs.saved_views import MOST_DAYS, Kept
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.server.api import signing_in
from touchline.server.api.app import litestar
from touchline.server.api.asking import csrf_of
from touchline.server.api.signing_in import ATTEMPTS_ON_LINK, ATTEMPTS_PER_MINUTE
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.routes import routes
from touchline.server.pages.screen import SHAREABLE, screens
from touchline.settings import Home

PASSWORD = "correct horse battery"
PEOPLE = {"ada": "shop", "ben": "shop", "eve": "rival", "dan": "shop", "vic": "shop"}
ROLES: dict[str, Role] = {"vic": "viewer"}


@dataclass(frozen=True)
class Site:
    """A server, and the sessions of those who may look at it."""

    client: "TestClient[Litestar]"
    ledger: Ledger
    folder: Path
    tokens: dict[str, str]

    def get(self, path: str, name: str = "", **headers: str) -> httpx.Response:
        cookie = {"cookie": f"tl_session={self.tokens[name]}"} if name else {}
        return self.client.get(path, headers={**cookie, **headers})

    def post(self, path: str, who: str, /, **fields: str) -> httpx.Response:
        sent = {"csrf": csrf_of(self.tokens[who]), **fields}
        return self.client.post(path, data=sent, headers={"cookie": f"tl_session={self.tokens[who]}"})

    def link(self, screen: str = "models", query: str = "by=source", password: str = "", name: str = "ada") -> str:
        """The path of a new link."""
        answer = self.post(
            "/views/link", name, screen=screen, query=query, name=f"Link {screen}", days="7", password=password
        )
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store"), answer.text
        (address,) = re.findall(r"<pre[^>]*><code>(.*?)</code>", answer.text)
        return html.unescape(address).removeprefix("http://testserver.local")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sharing")
    home = placed(folder / "home").home
    with Workspace(home) as workspace:
        importing.import_events(workspace, [write_events(folder / "a.jsonl")], site_id=None, mapping=None, now=2 * NOW)
        importing.import_costs(workspace, [write_costs(folder / "c.csv")], organization_id=None, now=2 * NOW)
        setup.add_organization(
            workspace, name="rival", domain="rival.example", currency="USD", time_zone="UTC", now=NOW
        )
        running.run(workspace)
        for name, organization_id in PEOPLE.items():
            users.add_user(
                workspace, name, PASSWORD, organization_id=organization_id, role=ROLES.get(name, "editor"), now=NOW
            )
    with pytest.MonkeyPatch.context() as patch:
        cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("touchline.server.api.passwords.PasswordHasher", cheap)
        patch.setattr("touchline.jobs.saved_views.PasswordHasher", cheap)
        application = Application(home, ServerOptions())
        application.keys.refresh()
        with TestClient(litestar(application, home, folder / "none.sock", routes)) as client:
            client.follow_redirects = False
            tokens = {}
            for name in PEOPLE:
                answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
                tokens[name] = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
                client.cookies.clear()
            yield Site(client, application.ledger, folder, tokens)
        application.ledger.close()


def _names(site: Site, name: str) -> set[str]:
    page = Page(site.get("/views", name).text)
    assert (page.faults, page.accessibility()) == ([], [])
    return {row[0] for table in page.tables for row in table[1:]}


def test_a_view_is_its_owners_or_everybodys(site: Site) -> None:
    hostile = "<b>Mine & {{ 7 * 7 }}</b>"
    for shared, called in (("", hostile), ("yes", "Ours")):
        answer = site.post("/views", "ada", screen="models", query="limit=5&by=source", name=called, shared=shared)
        assert (answer.status_code, answer.headers["location"]) == (303, "/views")
    assert [_names(site, name) >= {hostile} for name in ("ada", "ben", "eve")] == [True, False, False]
    assert [_names(site, name) >= {"Ours"} for name in ("ada", "ben", "eve")] == [True, True, False]
    links = [one["href"] for one in Page(site.get("/views", "ada").text).named("a")]
    assert "/models?by=source&limit=5" in links
    (ours,) = [one.view_id for one in saved_views.saved_views(site.ledger, "shop", "ben") if one.is_shared]
    (mine,) = [one.view_id for one in saved_views.saved_views(site.ledger, "shop", "ada") if not one.is_shared]
    assert [site.post("/views/remove", "eve", id=one).status_code for one in (ours, mine)] == [404, 404]
    assert site.post("/views/remove", "ben", id=mine).status_code == 404
    assert [site.post("/views/remove", "ada", id=one).status_code for one in (ours, mine)] == [303, 303]
    assert _names(site, "ada") & {hostile, "Ours"} == set()


@pytest.mark.parametrize("fields", [
    {"screen": "nothing"}, {"screen": "persons"}, {"screen": "sites"},
    {"query": "colour=red"}, {"name": " "}, {"name": "x" * 101}, {"org": "rival"},
])  # fmt: skip
def test_what_cannot_be_kept_is_refused(site: Site, fields: dict[str, str]) -> None:
    before = _names(site, "ada")
    for path in ("/views", "/views/link"):
        answer = site.post(path, "ada", **{"screen": "models", "query": "", "name": "A name", "days": "7", **fields})
        assert answer.status_code in {400, 404}, answer.text
        assert "<h1>" in answer.text
    assert _names(site, "ada") == before


def test_no_view_keeps_the_id_of_a_conversion(site: Site) -> None:
    query = "path=order-A-17&after=conversion-9&q=Email"
    assert site.post("/views", "ben", screen="conversions", query=query, name="One").status_code == 303
    (kept,) = [one.kept for one in saved_views.saved_views(site.ledger, "shop", "ben") if one.kept.name == "One"]
    assert kept.query == "q=Email"
    assert site.post("/views", "ben", screen="models", query="path=a", name="Branch").status_code == 303
    queries = {one.kept.name: one.kept.query for one in saved_views.saved_views(site.ledger, "shop", "ben")}
    assert queries["Branch"] == "path=a"


def test_a_viewer_keeps_views_for_nobody_else(site: Site) -> None:
    sent = {"screen": "models", "query": "", "name": "Mine alone", "days": "7"}
    assert site.post("/views", "vic", **sent, shared="yes").status_code == 403
    assert site.post("/views/link", "vic", **sent).status_code == 403
    assert site.post("/views", "vic", **sent).status_code == 303
    assert "Mine alone" in _names(site, "vic")
    link = site.link()
    (found,) = [one.link_id for one in saved_views.share_links(site.ledger, "shop", 0)][-1:]
    assert site.post("/views/link/remove", "vic", id=found).status_code == 403
    assert site.get(link).status_code == 200


def test_only_our_own_form_keeps_and_removes(site: Site) -> None:
    sent = {"screen": "models", "query": "", "name": "Forged", "days": "7"}
    cookie = {"cookie": f"tl_session={site.tokens['ada']}"}
    for path in ("/views", "/views/link", "/views/remove", "/views/link/remove"):
        assert site.client.post(path, data={**sent, "csrf": "0" * 64}, headers=cookie).status_code == 403
        foreign = {**cookie, "origin": "https://evil.example"}
        assert (
            site.client.post(path, data={**sent, "csrf": csrf_of(site.tokens["ada"])}, headers=foreign).status_code
            == 403
        )
        assert site.client.post(path, data=sent).headers["location"].startswith("/sign-in")
    assert "Forged" not in _names(site, "ada")


@pytest.mark.parametrize("screen", SHAREABLE)
def test_a_link_shows_one_view_and_leads_nowhere(site: Site, screen: str) -> None:
    path = site.link(screen, "period=all")
    answer = site.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = Page(answer.text)
    assert (page.faults, page.accessibility()) == ([], [])
    assert {tag for tag, _ in page.tags} & {"a", "form", "input", "button", "select", "nav"} == set()
    assert "rail" not in {found.get("class") for _, found in page.tags}
    own = Page(site.get(f"/{screen}?period=all", "ada").text)
    assert page.tables == own.tables
    said = " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())
    assert [one for one in ("Skip to", "/api/", "touchline ", "select ", "Query:", "Same numbers") if one in said] == []
    assert "shop · All sites · All goals · Last touch" in said
    conversions = site.ledger.rows(schema.TRACKING_EVENTS)
    private = {row[name] for row in conversions for name in ("order_id", "user_id", "visitor_id", "email_hash")} - {
        None,
        "",
    }
    assert [one for one in private if f">{one}<" in answer.text] == []
    assert "ada" not in re.sub(r"<[^>]*>", " ", answer.text).split()


def test_links_made_and_removed_are_in_the_audit_log(site: Site) -> None:
    site.link("waste", "", name="ben")
    (made,) = [one.link_id for one in saved_views.share_links(site.ledger, "shop", 0) if one.kept.owner == "ben"]
    site.post("/views/link/remove", "ada", id=made)
    said = [(row["actor"], row["action"], row["detail"]) for row in site.ledger.rows(schema.AUDIT_LOG)]
    assert said[-2:] == [
        ("user: ben", "changed", f"share link {made} to waste: made"),
        ("user: ada", "changed", f"share link {made}: removed"),
    ]


def test_a_link_shows_no_note(site: Site) -> None:
    """Notes are for colleagues, and may name people."""
    with Workspace(Home(site.folder / "home"), is_read_only=True) as workspace:
        add_note(workspace, "shop", date(2026, 3, 2), "Eve from billing was ill", now=NOW)
    assert "from billing" in site.get("/health?period=all", "ada").text
    assert "from billing" not in site.get(site.link("health", "period=all")).text


def test_conversions_and_what_is_no_screen_have_no_link(site: Site) -> None:
    assert {*screens()} - {*SHAREABLE} >= {"conversions"}
    for screen in {*screens()} - {*SHAREABLE}:
        sent = {"screen": screen, "query": "", "name": "A name", "days": "7"}
        assert site.post("/views/link", "ada", **sent).status_code == 404
    kept = Kept("shop", "Forced", "conversions", "", "ada")
    token = saved_views.make_link(site.ledger, kept, days=1, now=time.time_ns() // 1000).token
    assert site.get(f"/s/{token}").status_code == 404


def test_a_link_ends(site: Site) -> None:
    removed, expired, orphaned = (site.link(name=name) for name in ("ada", "ada", "dan"))
    last = {one.link_id: one for one in saved_views.share_links(site.ledger, "shop", 0) if one.kept.owner == "ada"}
    first, second = [one.link_id for one in last.values() if one.kept.name == "Link models"][-2:]
    assert site.post("/views/link/remove", "eve", id=first).status_code == 404
    paths = {removed, expired}
    assert site.post("/views/link/remove", "ada", id=first).status_code == 303
    (gone,) = [path for path in paths if site.get(path).status_code == 404]
    with site.ledger.transaction() as entry:
        entry.change(schema.SHARE_LINKS, {"link_id": second}, ends_at=NOW)
    with Workspace(Home(site.folder / "home")) as workspace:
        users.remove_user(workspace, "dan")
    answers = [site.get(path) for path in (gone, *(paths - {gone}), orphaned, "/s/nothing", f"{removed}x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_a_password_opens_one_link_and_guesses_are_counted(site: Site) -> None:
    path, other = site.link(password="open sesame"), site.link(password="open sesame")
    asked = site.get(path)
    assert "password" in asked.text
    assert Page(asked.text).tables == []
    assert (Page(asked.text).faults, Page(asked.text).accessibility()) == ([], [])
    opened = site.client.post(path, data={"password": "open sesame"})
    cookie = opened.headers["set-cookie"]
    assert (opened.status_code, opened.headers["location"]) == (303, path)
    assert f"Path={path}" in cookie
    assert "HttpOnly" in cookie
    said = {"cookie": cookie.partition(";")[0]}
    site.client.cookies.clear()
    assert Page(site.get(path, **said).text).tables
    assert Page(site.get(other, **said).text).tables == []
    statuses = [
        site.client.post(other, data={"password": f"guess {n}"}).status_code for n in range(ATTEMPTS_PER_MINUTE + 1)
    ]
    assert (statuses[0], statuses[-1]) == (401, 429)
    foreign = {"origin": "https://evil.example"}
    assert site.client.post(path, data={"password": "open sesame"}, headers=foreign).status_code == 403


def test_guesses_at_one_link_are_counted_wherever_they_come_from(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = site.link(password="open sesame"), site.link(password="open sesame")
    places = iter(f"10.{number}" for number in range(100))

    async def admitted(self: signing_in.SigningIn, *_: object) -> str:
        monkeypatch.setattr(self._attempts, "_clock", lambda: 90.0)  # no minute ends meanwhile
        return next(places)

    monkeypatch.setattr(signing_in.SigningIn, "_admitted", admitted)
    statuses = [site.client.post(path, data={"password": "guess"}).status_code for _ in range(ATTEMPTS_ON_LINK)]
    assert statuses == [401] * ATTEMPTS_ON_LINK
    assert site.client.post(path, data={"password": "open sesame"}).status_code == 429
    assert site.client.post(other, data={"password": "open sesame"}).status_code == 303
    site.client.cookies.clear()


@pytest.mark.parametrize(("days", "password"), [(0, ""), (MOST_DAYS + 1, ""), (1, "short")])
def test_a_link_has_an_end_and_no_short_password(site: Site, days: int, password: str) -> None:
    with pytest.raises(UsageError):
        saved_views.make_link(
            site.ledger, Kept("shop", "A", "models", "", "ada"), days=days, password=password, now=NOW
        )


def test_an_organization_keeps_so_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 0)
    kept = Kept("shop", "A", "models", "", "ada")
    with pytest.raises(UsageError, match="already"):
        saved_views.save_view(site.ledger, kept, is_shared=True, now=NOW)
    with pytest.raises(UsageError, match="already"):
        saved_views.make_link(site.ledger, kept, days=1, now=NOW)


@pytest.mark.parametrize("way", ["role", "organization", "left over"])
def test_a_link_ends_when_its_owner_could_not_make_it_now(site: Site, way: str) -> None:
    name = f"former {way}"
    with Workspace(Home(site.folder / "home")) as workspace:
        users.add_user(workspace, name, PASSWORD, organization_id="shop", role="administrator", now=NOW)
        kept = Kept("shop", "A", "models", "", name)
        path = f"/s/{saved_views.make_link(site.ledger, kept, days=1, now=time.time_ns() // 1000).token}"
        users.set_role(workspace, name, "editor")
        assert site.get(path).status_code == 200
        if way == "role":
            users.set_role(workspace, name, "viewer")
        elif way == "organization":
            users.set_organization(workspace, name, "rival")
        else:  # by a release that let it go on
            with workspace.ledger.transaction() as entry:
                entry.change(schema.USERS, {"name": name}, role="viewer")
        assert site.get(path).status_code == 404
        users.set_role(workspace, name, "editor")
        users.set_organization(workspace, name, "shop")
        assert site.get(path).status_code == (200 if way == "left over" else 404)
        users.remove_user(workspace, name)
