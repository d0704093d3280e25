"""The recorder for tests keeps the laws of the others that need no database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from recorder_laws import LEAD, NOON, Place, link, test_links_are_kept_once, touch

from attribution_campaign_context.linking import Linker
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.recorders.memory import MemoryRecorder
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef

__all__ = ["test_links_are_kept_once"]

OURS = SubjectRef("lead", "7", tenant_id="north")


class InMemory:
    """What the laws ask of a place."""

    def live(self, story: Callable[[Any], Awaitable[None]]) -> None:
        async def told() -> None:
            await story(MemoryRecorder(now=lambda: NOON))

        asyncio.run(told())


@pytest.fixture(params=["memory", "aiosqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """The one for tests, and beside it one of the others, so that they are seen to agree."""
    if request.param == "memory":
        return InMemory()
    return Place(f"sqlite+aiosqlite:///{tmp_path / 'touches.db'}", is_async=True)


def test_both_are_recorders(place: Any) -> None:
    async def story(recorder: MemoryRecorder | SQLAlchemyRecorder) -> None:
        assert isinstance(recorder, Recorder)
        assert await recorder.record_touch(touch("t1"), {}) == touch("t1")
        assert await recorder.record_touch(touch("t1", utm_source="second"), {}) == touch("t1")
        assert await recorder.record_links([link("l1")]) == [link("l1")]
        assert [found.id for found in await recorder.links_of(LEAD)] == ["l1"]
        assert await recorder.for_tenant("other").touches_of("v1") == []

    place.live(story)


def test_order_is_by_time_and_by_id(place: Any) -> None:
    async def story(recorder: MemoryRecorder | SQLAlchemyRecorder) -> None:
        for name, minutes in (("c", 0), ("b", 0), ("a", 9)):
            await recorder.record_touch(touch(name, minutes=minutes), {})
        assert [found.id for found in await recorder.touches_of("v1")] == ["b", "c", "a"]
        await recorder.record_links([link("l2"), link("l1")])
        assert [found.id for found in await recorder.links_of(LEAD)] == ["l1", "l2"]

    place.live(story)


def test_tenants_do_not_meet(place: Any) -> None:
    async def story(recorder: MemoryRecorder | SQLAlchemyRecorder) -> None:
        north, south = recorder.for_tenant("north"), recorder.for_tenant("south")
        await north.record_touch(touch("n"), {})
        await south.record_touch(touch("s"), {})
        await south.record_touch(touch("n"), {})  # the id is taken, and stays the other one's
        assert [found.id for found in await north.touches_of("v1")] == ["n"]
        assert [found.id for found in await south.touches_of("v1")] == ["s"]
        assert await recorder.touches_of("v1") == []
        await north.record_links([link("l1", "n", OURS)])
        for refused in (south.record_links([link("l2", "s", OURS)]), south.links_of(OURS), south.links_of(LEAD)):
            with pytest.raises(ValueError, match="tenant"):
                await refused
        assert [found.id for found in await recorder.links_of(OURS)] == ["l1"]

    place.live(story)


def test_linker_finds_the_touches_of_a_tenant_however_they_were_recorded(place: Any) -> None:
    def tenant_of_touch(found: AttributionTouch) -> str | None:
        return found.utm_source

    async def story(recorder: MemoryRecorder | SQLAlchemyRecorder) -> None:
        await recorder.record_touch(touch("early", minutes=-9, utm_source="north"), {})
        await recorder.record_touch(touch("foreign", minutes=-5, utm_source="south"), {})
        await recorder.for_tenant("north").record_touch(touch("own", utm_source="north"), {})
        linker = Linker(recorder, tenant_of=lambda _request: "north", tenant_of_touch=tenant_of_touch)
        seen = {"type": "http", "state": {"attribution_touch": touch("now", minutes=1, utm_source="north")}}
        linking = linker.post_handler(linker.pre_handler(seen), "lead", "7")
        links = await linker.post_commit(linking, relations={"first_touch", "last_touch", "assist"})
        found = [(each.relation, each.touch_id) for each in links]
        assert found[:2] == [("first_touch", "early"), ("last_touch", "now")]
        assert found[2:] == [("assist", "early"), ("assist", "own"), ("assist", "now")]

    place.live(story)
