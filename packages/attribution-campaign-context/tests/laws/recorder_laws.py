"""What holds for the SQL recorders on every database; a test module imports them beside a fixture ``place``."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from attribution_campaign_context.linking import Linker
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import Recorder, outbox
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.rows import session_rows, touch_row, visitor_rows
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder, SyncSQLAlchemyRecorder
from attribution_campaign_context.recorders.store import SESSION_IDLE
from attribution_campaign_context.subjects import SubjectRef

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = SubjectRef("lead", "7")


def touch(name: str, visitor: str | None = "v1", minutes: float = 0, **more: Any) -> AttributionTouch:
    given = {"visitor_id": visitor, "session_id": "s1", "created_at": NOON + timedelta(minutes=minutes), **more}
    return AttributionTouch(id=name, **given)


def link(name: str, touch_id: str = "t1", subject: SubjectRef = LEAD, **more: Any) -> AttributionSubjectLink:
    return AttributionSubjectLink(
        id=name, touch_id=touch_id, subject_resource=subject.resource, subject_id=subject.subject_id,
        subject_tenant_id=subject.tenant_id, **{"created_at": NOON, **more},
    )  # fmt: skip


class Awaited:
    """The sync recorder with the manners of the async one."""

    def __init__(self, recorder: SyncSQLAlchemyRecorder) -> None:
        self._recorder = recorder

    def for_tenant(self, tenant: str) -> "Awaited":
        return Awaited(self._recorder.for_tenant(tenant))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._recorder, name)
        if not callable(found):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            return found(*arguments, **named)

        return call


@asynccontextmanager
async def async_engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def sync_engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Place:
    """An empty database, and the driver that speaks to it."""

    url: str
    is_async: bool

    @asynccontextmanager
    async def opened(self, **settings: Any) -> AsyncIterator[Any]:
        """A recorder; its tables are not made."""
        if self.is_async:
            async with async_engine(self.url) as engine:
                yield SQLAlchemyRecorder(engine, **settings)
        else:
            with sync_engine(self.url) as plain:
                yield Awaited(SyncSQLAlchemyRecorder(plain, **settings))

    def live(self, story: Callable[[Any], Awaitable[None]], **settings: Any) -> None:
        """Run a story with a recorder whose tables stand."""

        async def told() -> None:
            async with self.opened(**settings) as recorder:
                await recorder.upgrade()
                await story(recorder)

        asyncio.run(told())

    @asynccontextmanager
    async def business(self) -> AsyncIterator[Any]:
        """A session of the app, in a transaction that nobody has ended."""
        if self.is_async:
            async with async_engine(self.url) as engine, AsyncSession(engine) as session:
                yield session
        else:
            with sync_engine(self.url) as plain, Session(plain) as session:
                yield session

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Any]:
        """A connection of the app."""
        if self.is_async:
            async with async_engine(self.url) as engine, engine.connect() as connection:
                yield connection
        else:
            with sync_engine(self.url) as plain, plain.connect() as connection:
                yield connection


async def ended(done: Any) -> None:
    """A commit or a rollback, of whichever colour."""
    if inspect.isawaitable(done):
        await done


async def rows(recorder: Any, name: str) -> list[dict[str, Any]]:
    table = getattr(recorder.tables, name)
    store = recorder._recorder if isinstance(recorder, Awaited) else recorder
    found = store._run(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])
    return sorted(await found if inspect.isawaitable(found) else found, key=str)


def test_touch_comes_back_as_it_was_kept(place: Place) -> None:
    given = touch(
        "t1", utm_source="news", utm_medium="email", utm_campaign="März", utm_term="a", utm_content="b", utm_id="c",
        click_ids={"gclid": "Cj0_x"}, landing_path="/a", landing_url="https://shop.example/a?gclid=Cj0_x",
        referer="https://google.com/", user_agent_hash="u", ip_hash="i", raw_params={"x": "y"},
        expires_at=NOON + timedelta(days=1, microseconds=1),
    )  # fmt: skip
    assert given.model_fields_set == set(AttributionTouch.model_fields)

    async def story(recorder: Any) -> None:
        assert await recorder.record_touch(given, {}) == given
        assert await recorder.touches_of("v1") == [given]
        assert await recorder.touch("t1") == given
        assert await recorder.touch("t2") is None

    place.live(story)


def test_first_write_of_an_id_wins(place: Place) -> None:
    async def story(recorder: Any) -> None:
        await recorder.record_touch(touch("t1", utm_source="first"), {})
        kept = await recorder.record_touch(touch("t1", utm_source="second", minutes=-5), {})
        assert kept.utm_source == "first"
        assert [found.utm_source for found in await recorder.touches_of("v1")] == ["first"]
        assert (await recorder.visitor("v1")).created_at == NOON
        batch = [touch("t2", utm_source="a"), touch("t2", utm_source="b", minutes=9)]
        assert [found.utm_source for found in await recorder.record_touches(batch)] == ["a"]
        assert (await recorder.visitor("v1")).last_seen_at == NOON

    place.live(story)


def test_what_is_missing_is_filled_in(place: Place) -> None:
    async def story(recorder: Any) -> None:
        kept = await recorder.record_touch(AttributionTouch(), {})
        assert len(kept.id) == 32
        assert abs(datetime.now(UTC) - kept.created_at) < timedelta(minutes=1)
        assert kept.expires_at == kept.created_at + timedelta(days=30)
        assert await recorder.touch(kept.id) == kept
        assert await rows(recorder, "visitors") == await rows(recorder, "sessions") == []

    place.live(story, keep_for=timedelta(days=30))


def test_characters_that_no_database_keeps_do_not_lose_the_touch(place: Place) -> None:
    bad = "a\0b\ud800c"

    async def story(recorder: Any) -> None:
        await recorder.record_touch(touch("t1", utm_term=bad, raw_params={bad: bad}, click_ids={"gclid": bad}), {})
        (kept,) = await recorder.touches_of("v1")
        assert kept.utm_term == "a\ufffdb\ufffdc"
        assert kept.raw_params == {"a\ufffdb\ufffdc": "a\ufffdb\ufffdc"}
        snapshot = {"x": bad, "nothing": float("nan"), "when": NOON, "other": SubjectRef}
        await recorder.record_links([link("l1", snapshot=snapshot)])
        (found,) = await recorder.links_of(LEAD)
        assert found.snapshot["x"] == "a\ufffdb\ufffdc"
        assert found.snapshot["nothing"] is None

    place.live(story)


def test_order_of_arrival_does_not_matter(place: Place) -> None:
    async def story(recorder: Any) -> None:
        for order in permutations(range(4)):
            name = "".join(map(str, order))
            touches = [
                touch(f"b{name}", minutes=0),
                touch(f"a{name}", minutes=0),
                touch(f"Z{name}", minutes=9),
                touch(f"ä{name}", "v2", minutes=9),
            ]
            mine = recorder.for_tenant(name)
            for number in order:
                await mine.record_touches([touches[number]])
            kept = [touch_row(found, name) for found in touches]
            (first, second), (session,) = visitor_rows(kept), session_rows(kept, SESSION_IDLE)
            found = [await mine.visitor("v1"), await mine.visitor("v2"), await mine.session("s1")]
            assert [{**each.model_dump(), "tenant_id": name} for each in found] == [first, second, session]
            assert (first["first_touch_id"], first["last_touch_id"]) == (f"a{name}", f"Z{name}")
            assert (session["visitor_id"], session["last_touch_id"]) == ("v1", f"ä{name}")
            assert session["expires_at"] == NOON + timedelta(minutes=39)

    place.live(story)


def test_links_are_kept_once(place: Place) -> None:
    async def story(recorder: Any) -> None:
        first, second = link("l1"), link("l2", relation="first_touch", snapshot={"value": "9.90"})
        assert await recorder.record_links([first, second, first]) == [first, second]
        assert await recorder.record_links([second, link("l3", touch_id="t9")]) == [link("l3", touch_id="t9")]
        assert [found.id for found in await recorder.links_of(LEAD)] == ["l1", "l2", "l3"]
        assert await recorder.links_of(SubjectRef("lead", "8")) == []
        nameless = [AttributionSubjectLink(touch_id="t", subject_resource="r", subject_id="1")] * 2
        assert len(await recorder.record_links(nameless)) == 2

    place.live(story)


def test_tenants_do_not_meet(place: Place) -> None:
    async def story(recorder: Any) -> None:
        north, south = recorder.for_tenant("north"), recorder.for_tenant("south")
        await north.record_touches([touch("n")])
        await south.record_touches([touch("s", minutes=1)])
        assert [found.id for found in await north.touches_of("v1")] == ["n"]
        assert (await south.visitor("v1")).first_touch_id == "s"
        assert await north.touch("s") is None
        ours = SubjectRef("lead", "7", tenant_id="north")
        await north.record_links([link("l1", "n", ours)])
        for refused in (
            south.record_links([link("l2", "s", ours)]), south.links_of(ours), south.erase(subject=ours),
            south.record_links([link("l3", "s")]), south.enqueue(None, [link("l2", "s", ours)]),
        ):  # fmt: skip
            with pytest.raises(ValueError, match="tenant"):
                await refused
        assert await recorder.links_of(LEAD) == []
        assert [found.id for found in await recorder.links_of(ours)] == ["l1"]
        assert await south.erase(visitor_id="v1") == Deleted(touches=1, visitors=1, sessions=1)
        assert [found.id for found in await north.touches_of("v1")] == ["n"]

    place.live(story)


@pytest.mark.parametrize("kind", ["business", "connected"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_links_belong_to_the_callers_transaction(place: Place, kind: str, end: str) -> None:
    async def story(recorder: Any) -> None:
        async with getattr(place, kind)() as db:
            assert len(await recorder.record_links([link("l1")], db)) == 1
            assert await recorder.enqueue(db, [link("l2"), link("l2")]) == 1
            await ended(getattr(db, end)())
        left = 1 if end == "commit" else 0
        assert len(await recorder.links_of(LEAD)) == left
        assert len(await rows(recorder, "outbox")) == left
        assert (await recorder.drain()).linked == left
        assert len(await recorder.links_of(LEAD)) == 2 * left

    place.live(story)


def test_outbox_needs_a_transaction(place: Place) -> None:
    async def story(recorder: Any) -> None:
        for db in (None, object()):
            with pytest.raises(TypeError, match="Expected db to be a session or a connection"):
                await recorder.enqueue(db, [link("l1")])

    place.live(story)


async def put(place: Place, recorder: Any, links: list[AttributionSubjectLink]) -> None:
    async with place.business() as db:
        await recorder.enqueue(db, links)
        await ended(db.commit())


def test_outbox_is_emptied_once(place: Place) -> None:
    async def story(recorder: Any) -> None:
        links = [link(f"l{number:02}", snapshot={"value": number}) for number in range(25)]
        await recorder.record_links(links[:3])
        await put(place, recorder, links)
        done = await recorder.drain(batch=10)
        assert done == outbox.Drained(linked=22, known=3)
        assert await recorder.links_of(LEAD) == links
        assert await rows(recorder, "outbox") == []
        await put(place, recorder, links)
        assert await recorder.drain() == outbox.Drained(known=25)

    place.live(story)


def test_link_says_when_its_business_happened(place: Place) -> None:
    async def story(recorder: Any) -> None:
        await put(place, recorder, [link("l1", created_at=None)])
        (entry,) = await rows(recorder, "outbox")
        await recorder.drain(entry["enqueued_at"] + timedelta(days=3))
        (found,) = await recorder.links_of(LEAD)
        assert found.created_at == entry["enqueued_at"]

    place.live(story)


async def spoil(recorder: Any, name: str) -> None:
    table = recorder.tables.outbox
    store = recorder._recorder if isinstance(recorder, Awaited) else recorder
    spoiled = table.update().where(table.c.id == name).values(payload={"relation": "nonsense"})
    await ended(store._run(lambda c: c.execute(spoiled).rowcount))


def test_entry_that_cannot_be_written_is_set_aside(place: Place) -> None:
    async def story(recorder: Any) -> None:
        await put(place, recorder, [link("good1"), link("bad"), link("good2")])
        await spoil(recorder, "bad")
        now = datetime.now(UTC)
        assert await recorder.drain(now) == outbox.Drained(linked=2, postponed=1)
        assert await recorder.drain(now) == outbox.Drained()
        for _ in range(outbox.ATTEMPTS - 2):
            now += timedelta(hours=1)
            assert await recorder.drain(now) == outbox.Drained(postponed=1)
        assert await recorder.failed_entries() == []
        now += timedelta(hours=1)
        assert await recorder.drain(now) == outbox.Drained(set_aside=1)
        assert await recorder.drain(now + timedelta(days=9)) == outbox.Drained()
        (entry,) = await recorder.failed_entries()
        assert (entry["id"], entry["attempts"], entry["failed_at"]) == ("bad", outbox.ATTEMPTS, now)
        assert "relation" in entry["last_error"]
        assert entry["payload"] == {"relation": "nonsense"}
        assert await recorder.requeue(now) == 1
        assert await recorder.drain(now) == outbox.Drained(postponed=1)

    place.live(story)


def test_expired_touches_go_in_batches_with_what_rests_on_them(place: Place) -> None:
    def kept_until(name: str, minutes: float, **more: Any) -> AttributionTouch:
        return touch(name, minutes=minutes, **{"expires_at": NOON + timedelta(days=1, minutes=minutes), **more})

    async def story(recorder: Any) -> None:
        old = [kept_until(f"old{number}", -90 + number) for number in range(5)]
        gone = [kept_until("gone", -99, visitor="v2", session_id="s2")]
        left = [kept_until("t2", 3), kept_until("t1", 2), touch("for ever", "v3", -999, session_id=None)]
        await recorder.record_touches([*old, *gone, *left])
        await recorder.record_links([link("l1", "old1"), link("l2", "gone"), link("l3", "t1")])
        await put(place, recorder, [link("l4", "gone"), link("l5", "t1")])
        done = await recorder.delete_expired(NOON + timedelta(days=1), batch=2)
        assert done == Deleted(touches=6, links=2, visitors=1, sessions=1, outbox=1)
        rest = [touch_row(found, "") for found in left]
        assert await rows(recorder, "visitors") == sorted(visitor_rows(rest), key=str)
        assert await rows(recorder, "sessions") == sorted(session_rows(rest, SESSION_IDLE), key=str)
        assert [found.id for found in await recorder.links_of(LEAD)] == ["l3"]
        assert await recorder.delete_expired(NOON + timedelta(days=1)) == Deleted()
        done = await recorder.delete_expired(NOON + timedelta(days=1, minutes=2))
        assert done == Deleted(touches=1, links=1, outbox=1)
        with pytest.raises(ValueError, match="batch of 1 to"):
            await recorder.delete_expired(batch=0)

    place.live(story)


async def people(place: Place, recorder: Any) -> None:
    """Ada with two browsers, one of them erased by its visitor id; Bob with one."""
    await recorder.record_touches(
        [
            touch("ada-t1", "ada-v1", raw_params={"q": "ada-x"}, session_id="ada-s1"),
            touch("ada-t2", "ada-v1", 5, session_id="ada-s2"),
            touch("ada-t3", "ada-v2", 6, session_id="ada-s3", landing_url="https://shop.example/?n=ada-y"),
            touch("bob-t1", "bob-v1", session_id="bob-s1"),
        ]
    )
    ada, bob = SubjectRef("user", "ada-u"), SubjectRef("user", "bob-u")
    order = SubjectRef("order", "ada-o")
    await recorder.record_links(
        [link("1", "ada-t1", ada, snapshot={"mail": "ada-m"}), link("2", "ada-t2", order), link("3", "bob-t1", bob)]
    )
    await put(place, recorder, [link("4", "ada-t3", ada), link("5", "ada-t1", order), link("6", "bob-t1", bob)])
    await put(place, recorder, [link("7", "elsewhere", ada), link("8", "ada-t3", order)])
    await spoil(recorder, "8")
    await recorder.drain()
    await put(place, recorder, [link("9", "ada-t3", order), link("10", "bob-t1", bob)])


async def everything(recorder: Any) -> str:
    names = ("touches", "links", "visitors", "sessions", "outbox")
    return "\n".join([f"{name} {row}" for name in names for row in await rows(recorder, name)])


def test_nothing_is_left_of_an_erased_subject(place: Place) -> None:
    async def story(recorder: Any) -> None:
        await people(place, recorder)
        assert "ada-" in await everything(recorder)
        done = await recorder.erase(subject=SubjectRef("user", "ada-u"))
        assert done == Deleted(touches=3, links=5, visitors=2, sessions=3, outbox=2)
        left = await everything(recorder)
        assert "ada-" not in left
        assert [left.count(f"\n{name} ") for name in ("links", "visitors", "sessions", "outbox")] == [2, 1, 1, 1]
        assert await recorder.erase(subject=SubjectRef("user", "ada-u")) == Deleted()

    place.live(story)


def test_nothing_is_left_of_an_erased_visitor(place: Place) -> None:
    async def story(recorder: Any) -> None:
        await people(place, recorder)
        done = await recorder.erase(visitor_id="ada-v1")
        assert done == Deleted(touches=2, links=3, visitors=1, sessions=2, outbox=0)
        left = await everything(recorder)
        words = ("ada-v1", "ada-t1", "ada-t2", "ada-s1", "ada-s2", "ada-x", "ada-m")
        assert [word for word in words if word in left] == []
        assert "ada-v2" in left
        with pytest.raises(ValueError, match="exactly one"):
            await recorder.erase()

    place.live(story)


def test_many_touches_take_few_statements(place: Place) -> None:
    async def story(recorder: Any) -> None:
        seen: list[str] = []
        source = recorder._recorder._engine if isinstance(recorder, Awaited) else recorder._source.sync_engine
        event.listen(source, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: seen.append(statement))
        many = [touch(f"t{number}", f"v{number % 50}", number, session_id=f"s{number % 70}") for number in range(600)]
        assert len(await recorder.record_touches(many)) == 600
        assert len([statement for statement in seen if "attribution_touches" in statement]) <= 4
        assert len(seen) <= 8
        assert len(await recorder.touches_of("v7")) == 12
        assert len(await rows(recorder, "sessions")) == 70

    place.live(story)


def test_recorder_is_one(place: Place) -> None:
    async def story(recorder: Any) -> None:
        own: Any = recorder._recorder.in_threads() if isinstance(recorder, Awaited) else recorder
        assert isinstance(recorder if place.is_async else own, Recorder)
        assert (await own.record_touch(touch("t1"), {})) == touch("t1")
        assert await own.record_links([link("l1")]) == [link("l1")]
        async with place.business() as db:
            assert await own.record_links([link("l2")], db) == [link("l2")]
            await ended(db.rollback())
        assert [found.id for found in await own.links_of(LEAD)] == ["l1"]
        assert [found.id for found in await own.touches_of("v1")] == ["t1"]
        assert await own.for_tenant("other").touches_of("v1") == []

    place.live(story)


def test_recorder_is_made_of_what_an_app_has(place: Place) -> None:
    """A sessionmaker of async sessions, or an engine."""

    async def story(recorder: Any) -> None:
        if place.is_async:
            async with async_engine(place.url) as engine:
                await SQLAlchemyRecorder(async_sessionmaker(engine)).record_touch(touch("t1"), {})
        else:
            with sync_engine(place.url) as engine:
                SyncSQLAlchemyRecorder(engine).record_touch(touch("t1"), {})
        assert [found.id for found in await recorder.touches_of("v1")] == ["t1"]

    place.live(story)


def test_linker_plans_what_the_business_transaction_enqueues(place: Place) -> None:
    async def story(recorder: Any) -> None:
        own = recorder._recorder.in_threads() if isinstance(recorder, Awaited) else recorder
        await recorder.record_touches([touch("t1"), touch("t2", minutes=5)])
        linker = Linker(own)
        scope = {"type": "http", "state": {"attribution_touch": touch("t3", minutes=9)}}
        for times in range(2):
            linking = linker.post_handler(linker.pre_handler(scope), "lead", "7")
            plan = await linker.plan(linking)
            assert bool(plan) is (times == 0)
            await put(place, recorder, plan)
            await recorder.drain()
        found = {(each.relation, each.touch_id) for each in await recorder.links_of(LEAD)}
        assert found == {("first_touch", "t1"), ("last_touch", "t3"), ("conversion", "t3")}

    place.live(story)
