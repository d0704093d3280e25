"""What holds in every framework; a test module imports the laws beside a fixture ``site`` and its own tests."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

from attribution_campaign_context.integrations.links import AppLinks
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef

T = TypeVar("T")
HOST = "http://shop.example"
BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    "accept": "text/html,application/json;q=0.9,*/*;q=0.8",
}
NAMES = {"compatible": ("tigrbl_vid", "sid"), "sound": ("tl_vid", "tl_sid")}
CONVERTED = ["conversion", "first_touch", "last_touch"]


class RefusedError(Exception):
    """The business does not want this lead."""


def refuse(email: str) -> None:
    """A last word that rolls back what it is asked about."""
    if email.startswith("refused"):
        raise RefusedError(email)


@dataclass(frozen=True)
class Site:
    """An example with a database of its own."""

    create_app: Callable[..., Any]
    database: Path
    mode: str = "sound"
    path: str = "/lead"
    settings: dict[str, Any] = field(default_factory=dict)

    def app(self) -> Any:
        policy = CapturePolicy() if self.mode == "sound" else None
        return self.create_app(str(self.database), policy=policy, last_word=refuse, **self.settings)

    def live(self, story: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        """Run a story with somebody's browser, from the start of the app to its end."""

        async def told() -> None:
            app = self.app()
            async with living(app), browser(app) as client:
                await story(client)

        asyncio.run(told())

    def rows(self, table: str) -> int:
        with sqlite3.connect(self.database) as connection:
            found: int = connection.execute(f"select count(*) from {table}").fetchone()[0]
        connection.close()
        return found

    async def run(self, statement: str) -> None:
        """In a thread: whoever holds the database may need the loop to let go of it."""
        await asyncio.to_thread(self._run, statement)

    def _run(self, statement: str) -> None:
        with sqlite3.connect(self.database) as connection:
            connection.execute(statement)
        connection.close()

    def links_of(self, lead: Any) -> list[AttributionSubjectLink]:
        return self._ask(lambda recorder: recorder.links_of(SubjectRef("lead", str(lead))))

    def touches_of(self, visitor: str) -> list[AttributionTouch]:
        return self._ask(lambda recorder: recorder.touches_of(visitor))

    def sources(self, lead: Any) -> dict[str, str | None]:
        """What each relation of a lead leads back to."""
        found = [(link.relation, link.touch_id) for link in self.links_of(lead)]
        touches = {relation: self._ask(lambda recorder: recorder.touch(name)) for relation, name in found}  # noqa: B023 - asked at once
        return {relation: touch.utm_source for relation, touch in touches.items() if touch}

    def _ask(self, question: Callable[[SyncSQLAlchemyRecorder], T]) -> T:
        return question(SyncSQLAlchemyRecorder(create_engine(f"sqlite:///{self.database}", poolclass=NullPool)))


@asynccontextmanager
async def living(app: Any) -> AsyncIterator[list[str]]:
    """The app between startup and shutdown, as a server would have it; gives what it answers."""
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: list[str] = []

    async def told(expected: str) -> None:
        await asked.put({"type": f"lifespan.{expected}"})
        answer = asyncio.create_task(answers.get())
        await asyncio.wait({answer, serving}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        assert answer.done(), serving
        said.append(answer.result()["type"])
        assert said[-1] == f"lifespan.{expected}.complete", answer.result()

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    serving = asyncio.create_task(app(scope, asked.get, answers.put))
    await told("startup")
    yield said
    await told("shutdown")
    await asyncio.wait_for(serving, 30)


def browser(app: Any, *, raising: bool = False) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=raising)
    return httpx.AsyncClient(transport=transport, base_url=HOST, headers=BROWSER)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that speaks to the app through a real server."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="on", log_level="error"))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=BROWSER) as client:
            yield client
    finally:
        server.should_exit = True
        await serving


async def lead_of(client: httpx.AsyncClient, site: Site, email: str = "a@shop.example") -> Any:
    answer = await client.post(site.path, json={"email": email})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def until(is_there: Callable[[], object]) -> None:
    """Wait for what happens behind the answers."""
    for _ in range(3_000):
        if await asyncio.to_thread(is_there):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("Expected it within ten seconds, but it has not come.")


@pytest.fixture(params=["compatible", "sound"])
def mode(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_first_visit_gets_both_cookies_and_a_return_keeps_them(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        first = await client.get("/?utm_source=News")
        assert first.status_code == 200, first.text
        ids = dict(first.cookies)
        assert set(ids) == set(NAMES[site.mode])
        again = await client.get("/")
        assert {name: ids[name] for name in again.cookies} == dict(again.cookies)
        assert set(again.cookies) == ({"tl_sid"} if site.mode == "sound" else set())
        visitor.append(ids[NAMES[site.mode][0]])

    visitor: list[str] = []
    site.live(story)
    assert [touch.utm_source for touch in site.touches_of(visitor[0])] == ["news"]


def test_conversion_is_linked_to_the_first_and_the_last_touch(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        await client.get("/?utm_source=ads&utm_medium=cpc")
        leads.append(await lead_of(client, site))
        leads.append(await lead_of(client, site, "b@shop.example"))

    leads: list[Any] = []
    site.live(story)
    for lead in leads:
        assert site.sources(lead) == {"first_touch": "news", "last_touch": "ads", "conversion": "ads"}
    assert (site.rows("leads"), site.rows("attribution_outbox")) == (2, 0)


def test_visitor_who_came_from_nowhere_has_no_links(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/")
        await lead_of(client, site)

    site.live(story)
    assert (site.rows("leads"), site.rows("attribution_subject_links"), site.rows("attribution_outbox")) == (1, 0, 0)


def test_rolled_back_lead_leaves_no_link_and_no_entry(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        refused = await client.post(site.path, json={"email": "refused@shop.example"})
        assert refused.status_code >= 400
        leads.append(await lead_of(client, site))

    leads: list[Any] = []
    site.live(story)
    assert [link.relation for link in sorted(site.links_of(leads[0]), key=lambda link: link.relation)] == CONVERTED
    assert (site.rows("leads"), site.rows("attribution_subject_links"), site.rows("attribution_outbox")) == (1, 3, 0)


def test_page_that_is_not_there_is_a_visit_too(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        answer = await client.get("/nowhere?utm_source=news")
        assert answer.status_code == 404
        assert set(answer.cookies) == set(NAMES[site.mode])

    site.live(story)
    assert site.rows("attribution_touches") == 1


def test_visitors_at_once_do_not_mix(site: Site) -> None:
    async def visit(app: Any, number: int) -> Any:
        async with browser(app) as client:
            await client.get(f"/?utm_source=s{number}")
            await asyncio.sleep(0)
            return await lead_of(client, site, f"{number}@shop.example")

    async def told() -> list[Any]:
        app = site.app()
        async with living(app):
            return await asyncio.gather(*(visit(app, number) for number in range(12)))

    leads = asyncio.run(told())
    assert len(set(leads)) == 12
    for number, lead in enumerate(leads):
        assert site.sources(lead) == dict.fromkeys(CONVERTED, f"s{number}")


def test_real_server_starts_it_serves_it_and_stops_it(site: Site) -> None:
    async def told() -> Any:
        async with served(site.app()) as client:
            await client.get("/?utm_source=news")
            await until(lambda: site.rows("attribution_touches"))  # recorded while a person fills in the form
            return await lead_of(client, site)

    assert site.sources(asyncio.run(told())) == dict.fromkeys(CONVERTED, "news")


def test_broken_recorder_costs_the_link_and_nothing_else(site: Site) -> None:
    """In the compatible mode it costs the visit, as in 0.1.0."""

    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        await site.run("alter table attribution_touches rename to gone")
        try:
            visit = await client.get("/?utm_source=ads")
        except OperationalError:  # which the app's server turns into a 500
            assert site.mode == "compatible"
            return
        assert visit.status_code == (500 if site.mode == "compatible" else 200)
        if site.mode != "compatible":
            assert "tl_sid" in visit.cookies
            await lead_of(client, site)

    site.live(story)
    leads = 0 if site.mode == "compatible" else 1
    assert (site.rows("leads"), site.rows("attribution_subject_links")) == (leads, 0)


def test_broken_store_of_links_costs_the_link_and_nothing_else(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        await site.run("alter table attribution_outbox rename to gone")
        await lead_of(client, site)

    site.live(story)
    assert (site.rows("leads"), site.rows("gone")) == (1, 0)


def test_links_come_while_the_app_runs(site: Site) -> None:
    """Not at its end only: the commit itself has the outbox emptied."""

    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        lead = await lead_of(client, site)
        await until(lambda: site.links_of(lead))

    site.live(story)


def test_next_start_heals_what_was_killed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        leads.append(await lead_of(client, site))

    async def nothing(*_anything: Any) -> None: ...

    leads: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(AppLinks, "drain", nothing)
        site.live(story)
    assert (site.rows("attribution_outbox"), site.rows("attribution_subject_links")) == (3, 0)
    site.live(nothing)
    assert site.sources(leads[0]) == dict.fromkeys(CONVERTED, "news")
