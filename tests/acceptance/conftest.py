"""A real Chromium, a site for it to visit, and a real server that is told of the visits."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import Any, NamedTuple, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.acceptance.pages import STUB, Pages, serving_pages
from tests.server.conftest import NOW, WIDE, Place, placed
from tests.server.serving import AGENT, Server, serving
from touchline.jobs import access_keys
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema

T = TypeVar("T")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP shop.example 127.0.0.1,MAP *.shop.example 127.0.0.1,MAP pay.example 127.0.0.1",
    # For the whole browser: what a context says of itself is forgotten in requests that outlive their page.
    f"--user-agent={AGENT}",
)  # fmt: skip


@pytest.fixture(scope="session")
def site() -> Iterator[Pages]:
    with serving_pages() as pages:
        yield pages


@pytest.fixture(scope="module")
def chromium(site: Pages) -> Iterator[Browser]:
    """One browser with a new profile; a test's own context keeps what it stores apart.

    It ends with the module: while it runs, Playwright keeps an event loop in the thread of the tests.
    """
    # Hashes are for secure pages only: to this browser the site is one. Pages may rest in the back-forward cache.
    secure = f"--unsafely-treat-insecure-origin-as-secure={site.url('')}"
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, secure],
            ignore_default_args=["--disable-back-forward-cache"],
        )  # fmt: skip
        yield browser
        browser.close()


HURRIED = "{const set = setTimeout; setTimeout = (work, time, ...given) => set(work, time / 10, ...given)}"
"""Each second that a page of its own accord lets pass takes a tenth of one."""


class Registered(NamedTuple):
    """A site of one test's own, in an organization of the same name, on the domain that all of them have; its key."""

    site_id: str
    key: str


def registered(workspace: Workspace, pages: Pages) -> Registered:
    """A new one."""
    site_id = f"site-{secrets.token_hex(4)}"
    own = {"organization_id": site_id}
    with workspace.ledger.transaction() as entry:
        entry.add(schema.ORGANIZATIONS, **{**workspace.organization("shop"), **own})
        entry.add(schema.SITES, **{**workspace.site("shop-example"), **own, "site_id": site_id})
    origins = [pages.url("", "pay.example"), f"http://{site_id}.example"]
    return Registered(site_id, access_keys.create_key(workspace, site_id, "publishable", origins=origins, now=NOW).key)


class World:
    """A site with its tag, a browser, and a ledger to look into."""

    def __init__(
        self, place: Place, server: Server, pages: Pages, browser: Browser, ledger: Ledger, site: Registered
    ) -> None:
        self.place = place
        self.server = server
        self.pages = pages
        self.browser = browser
        self.site_id, self.key = site
        self.contexts: list[BrowserContext] = []
        self.page_errors: list[str] = []
        self.marks = 0
        self._ledger = ledger

    def is_known(self) -> bool:
        """Whether the server has read the key, which it does every half second; its last origin is this test's own."""
        return self.server.send(method="OPTIONS", origin=f"http://{self.site_id}.example").status == 204

    @property
    def collector(self) -> str:
        return f"http://t.shop.example:{self.server.port}"

    def tag(self, attributes: Mapping[str, str] | None = None, nonce: str = "") -> str:
        """The tag as the printed snippet has it."""
        said = "".join(f' data-{name}="{value}"' for name, value in (attributes or {}).items())
        number = f' nonce="{nonce}"' if nonce else ""
        return (
            f"<script{number}>{STUB}</script>"
            f'<script async src="{self.collector}/t.js" data-key="{self.key}"{said}></script>'
        )

    def visitor(self, *, is_hurried: bool = True, **options: Any) -> BrowserContext:
        """A browser that nobody has used, with a user agent as people have; :data:`HURRIED`, or as slow as theirs."""
        context = self.browser.new_context(**options)
        if is_hurried:
            context.add_init_script(HURRIED)
        context.on("weberror", lambda error: self.page_errors.append(str(error.error)))
        self.contexts.append(context)
        return context

    def opened(self, path: str = "/", **options: Any) -> Page:
        """A page in a browser that nobody has used."""
        page = self.visitor(**options).new_page()
        page.goto(self.pages.url(path))
        return page

    def opened_in(self, context: BrowserContext) -> Page:
        """The site's page in a browser that the test has prepared."""
        page = context.new_page()
        page.goto(self.pages.url())
        return page

    def events(self) -> list[dict[str, Any]]:
        """What is in the ledger, in the order of time."""
        return sorted(self.rows(schema.TRACKING_EVENTS), key=lambda row: row["occurred_at"])

    def told(self) -> list[tuple[str, str, str]]:
        """The events in short."""
        return [(row["event_id"], row["type"], row["name"] or row["url"]) for row in self.events()]

    def rejected(self) -> list[dict[str, Any]]:
        return self.rows(schema.REJECTED_EVENTS)

    def choose(self, name: str, value: str) -> None:
        """Change a setting of the site's organization, and wait until the server has read it."""
        with self._ledger.transaction() as entry:
            entry.put(
                schema.SETTINGS, organization_id=self.site_id, name=name, value=value, changed_at=NOW
            )  # fmt: skip
        self.marks += 1
        mark = f"http://{self.site_id}-{self.marks}.example"
        with self._ledger.transaction() as entry:  # the server reads settings and keys together
            entry.change(schema.KEYS, {"site_id": self.site_id}, origins=f"{self.pages.url('', 'pay.example')} {mark}")
        self.eventually(lambda: self.server.send(method="OPTIONS", origin=mark).status == 204)

    def wait(self, number: int, seconds: float = 60) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        return self.eventually(lambda: found if len(found := self.events()) >= number else None, seconds)

    def settled(self, number: int) -> list[dict[str, Any]]:
        """The events, which are so many, and stay so many for longer than a batch waits."""
        self.wait(number)
        self.rest(1.5)
        found = self.events()
        assert len(found) == number, self.told()
        return found

    def rows(self, table: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._ledger.rows(table, site_id=self.site_id)]

    def rest(self, seconds: float) -> None:
        """Let time pass as each page counts it, so that what it had set for sooner is done, however busy the machine.

        Then a little more, for what it has sent to arrive.
        """
        for page in self._open_pages():
            page.evaluate("time => new Promise(done => setTimeout(done, time))", seconds * 1_000)
        self._look_away(0.2)

    def _open_pages(self) -> list[Page]:
        return [page for context in self.contexts for page in context.pages]

    def _look_away(self, seconds: float) -> None:
        """Let time pass, in which the browser tells the test what happens."""
        if pages := self._open_pages():
            pages[0].wait_for_timeout(seconds * 1_000)
        else:
            time.sleep(seconds)

    def eventually(self, look: Callable[[], T | None], seconds: float = 60) -> T:
        """What ``look`` finds, as soon as it finds something."""
        until = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < until, self.told()
            self._look_away(0.02)


def kept(page: Page) -> dict[str, str]:
    """What the tracker has stored in the page's ``localStorage``."""
    found: dict[str, str] = json.loads(page.evaluate("JSON.stringify({...localStorage})"))
    return {name: value for name, value in found.items() if name.startswith("tl_")}


def cookies(context: BrowserContext, name: str) -> Sequence[Any]:
    return [cookie for cookie in context.cookies() if cookie["name"] == name]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Server]]:
    """One server for the sites of a file's tests."""
    place = placed(tmp_path_factory.mktemp("served") / "home")
    with serving(place.home.path, WIDE) as server:
        yield place, server


@pytest.fixture(scope="module")
def workspace(served: tuple[Place, Server]) -> Iterator[Workspace]:
    """To look at what the server keeps."""
    with Workspace(served[0].home) as opened:
        yield opened


@pytest.fixture(scope="module")
def sites(workspace: Workspace, site: Pages) -> Iterator[Registered]:
    """Site after site, each registered one test early: the server reads new keys every half second."""
    return (each for each, _ in pairwise(registered(workspace, site) for _ in count()))


@pytest.fixture
def world(
    served: tuple[Place, Server], site: Pages, chromium: Browser, workspace: Workspace, sites: Iterator[Registered]
) -> Iterator[World]:
    made = World(*served, site, chromium, workspace.ledger, next(sites))
    made.eventually(made.is_known)
    site.html.clear()
    site.headers = {}
    site.write(made.tag())
    yield made
    for context in made.contexts:
        context.close()
    assert made.page_errors == []
