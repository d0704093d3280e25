"""The flow that links touches to subjects: after the commit, once, of the right tenant, and only what may be linked."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context import (
    AttributionContext,
    AttributionMiddleware,
    AttributionSubjectLink,
    AttributionTouch,
    Linker,
    LinkingError,
    MemoryRecorder,
    Recorder,
    SubjectRef,
    SubjectValidationError,
)
from attribution_campaign_context.linking import Linking, link_id

LEAD = SubjectRef("lead", "7")


class Leads:
    """Knows leads 1 to 9."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def canonical_resource(self, model_or_resource: Any) -> str:
        return str(model_or_resource).lower()

    def canonical_id(self, obj_or_payload: Any) -> str:
        return str(obj_or_payload["id"] if isinstance(obj_or_payload, dict) else obj_or_payload)

    async def exists(self, resource: str, subject_id: str, db: Any) -> bool:
        self.asked.append((resource, subject_id, db))
        return resource == "lead" and subject_id in set("123456789")


@pytest.fixture
def recorder() -> MemoryRecorder:
    seconds = count()
    return MemoryRecorder(now=lambda: datetime.fromtimestamp(next(seconds), UTC))


def touched(recorder: MemoryRecorder, *ids: str, visitor: str = "v1", url: str | None = None) -> list[AttributionTouch]:
    touches = [AttributionTouch(id=one, visitor_id=visitor, landing_url=url) for one in ids]
    return [asyncio.run(recorder.record_touch(touch, {})) for touch in touches]


def scope(touch: AttributionTouch | None = None, visitor: str | None = "v1") -> dict[str, Any]:
    context = AttributionContext(visitor_id=visitor)
    return {"type": "http", "state": {"attribution_context": context, "attribution_touch": touch}}


def linked(links: Collection[AttributionSubjectLink]) -> list[tuple[str, str]]:
    return [(link.relation, link.touch_id) for link in links]


def convert(linker: Linker, request: Mapping[str, Any], subject: Any = 7, **options: Any) -> list[tuple[str, str]]:
    linking = linker.post_handler(linker.pre_handler(request), "lead", subject)
    return linked(asyncio.run(linker.post_commit(linking, **options)))


def test_memory_recorder_is_a_recorder(recorder: MemoryRecorder) -> None:
    assert isinstance(recorder, Recorder)


def test_the_documented_flow_links_behind_the_middleware(recorder: MemoryRecorder) -> None:
    linker, made = Linker(recorder), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        linking = linker.pre_handler(scope)
        linker.post_handler(linking, "lead", 7)
        assert recorder.links == []  # nothing before the commit
        made.extend(await linker.post_commit(linking))

    middleware = AttributionMiddleware(app, record_touch=recorder.record_touch)
    arrival = {"type": "http", "path": "/", "headers": [], "query_string": b"utm_source=news"}
    asyncio.run(middleware(arrival, lambda: asyncio.sleep(0, {}), lambda _: asyncio.sleep(0)))
    [touch] = recorder.touches
    assert linked(made) == [("first_touch", touch.id), ("last_touch", touch.id), ("conversion", touch.id)]
    assert touch.visitor_id
    assert recorder.links == made


def test_a_request_without_a_touch_converts_the_touches_of_its_visitor(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1", "t2", "t3")
    touched(recorder, "x1", visitor="v2")
    assert convert(Linker(recorder), scope()) == [("first_touch", "t1"), ("last_touch", "t3"), ("conversion", "t3")]


def test_all_but_the_conversions_touch_assist(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1", "t2", "t3")
    relations = {"conversion", "assist"}
    assert convert(Linker(recorder), scope(), relations=relations) == [
        ("conversion", "t3"), ("assist", "t1"), ("assist", "t2"),
    ]  # fmt: skip
    assert convert(Linker(recorder), scope(), relations={"assist"}) == [("assist", "t3")]


def test_touches_after_the_request_are_not_its_own(recorder: MemoryRecorder) -> None:
    _, second, _ = touched(recorder, "t1", "t2", "t3")
    assert convert(Linker(recorder), scope(second)) == [
        ("first_touch", "t1"), ("last_touch", "t2"), ("conversion", "t2"),
    ]  # fmt: skip


def test_a_touch_that_is_not_recorded_yet_is_the_last(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1")
    own = AttributionTouch(id="t2", visitor_id="v1")
    assert convert(Linker(recorder), scope(own)) == [("first_touch", "t1"), ("last_touch", "t2"), ("conversion", "t2")]


@pytest.mark.parametrize("request_", [object(), {}, {"type": "http"}, {"state": {}}, scope(visitor=None), scope()])
def test_nothing_is_linked_where_nothing_was_captured(recorder: MemoryRecorder, request_: Any) -> None:
    assert convert(Linker(recorder), request_) == []
    assert recorder.links == []


def test_first_touch_stays_and_later_touches_add(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder)
    touched(recorder, "t1")
    convert(linker, scope())
    touched(recorder, "t2")
    assert convert(linker, scope()) == [("last_touch", "t2"), ("conversion", "t2")]
    touched(recorder, "other", visitor="v2")
    assert convert(linker, scope(visitor="v2")) == [("last_touch", "other"), ("conversion", "other")]


def test_a_first_touch_that_somebody_else_wrote_stays(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1")
    old = AttributionSubjectLink(touch_id="t0", subject_resource="lead", subject_id="7", relation="first_touch")
    asyncio.run(recorder.record_links([old]))
    assert convert(Linker(recorder), scope()) == [("last_touch", "t1"), ("conversion", "t1")]


@given(st.lists(st.sampled_from(["t1", "t2", "t3"]), max_size=12))
def test_whatever_is_repeated_is_kept_once(order: list[str]) -> None:
    recorder = MemoryRecorder()
    linker = Linker(recorder)
    for touch_id in order:
        convert(linker, scope(AttributionTouch(id=touch_id)))
        assert convert(linker, scope(AttributionTouch(id=touch_id))) == []
    kept = linked(recorder.links)
    assert len(kept) == len(set(kept)) == (1 + 2 * len(set(order)) if order else 0)
    assert [touch for relation, touch in kept if relation == "first_touch"] == order[:1]


def test_two_requests_at_once_give_one_first_touch(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder)
    requests = [linker.post_handler(linker.pre_handler(scope(AttributionTouch(id=one))), "lead", 7) for one in "ab"]
    planned = [asyncio.run(linker.plan(linking)) for linking in requests]
    new = [asyncio.run(recorder.record_links(links)) for links in planned]
    assert [len(links) for links in new] == [3, 2]


def test_planning_keeps_nothing(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1")
    linker = Linker(recorder)
    linking = linker.post_handler(linker.pre_handler(scope()), "lead", 7)
    planned = asyncio.run(linker.plan(linking, snapshot={"stage": "won"}))
    assert recorder.links == []
    assert [link.snapshot for link in planned] == [{"stage": "won"}] * 3


def test_one_request_may_be_about_several_subjects(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder)
    linking = linker.pre_handler(scope(AttributionTouch(id="t1")))
    for subject in (("lead", 7), ("order", UUID(int=1)), ("lead", 7)):
        linker.post_handler(linking, *subject, table="t", pk_type="uuid")
    links = asyncio.run(linker.post_commit(linking, relations={"conversion"}))
    assert [(link.subject_resource, link.subject_id) for link in links] == [("lead", "7"), ("order", str(UUID(int=1)))]
    assert {(link.subject_table, link.subject_pk_type) for link in links} == {("t", "uuid")}


@pytest.mark.parametrize("mode", ["validated", "strict"])
def test_a_mode_that_asks_needs_somebody_to_ask(recorder: MemoryRecorder, mode: Any) -> None:
    with pytest.raises(LinkingError, match="expected a resolver"):
        Linker(recorder, mode)


@pytest.mark.parametrize("arguments", [{"mode": "lose"}, {"allowed_resources": "lead"}])
def test_a_linker_refuses_what_it_cannot_mean(recorder: MemoryRecorder, arguments: dict[str, Any]) -> None:
    with pytest.raises(LinkingError, match="expected"):
        Linker(recorder, **arguments)


def test_validated_leaves_out_what_does_not_exist(recorder: MemoryRecorder) -> None:
    resolver = Leads()
    linker = Linker(recorder, "validated", resolver=resolver)
    request = scope(AttributionTouch(id="t1"))
    assert convert(linker, request, {"id": 77}, db="db") == []
    assert len(convert(linker, request, {"id": 7}, db="db")) == 3
    assert resolver.asked == [("lead", "77", "db"), ("lead", "7", "db")]


def test_strict_raises_for_what_does_not_exist(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder, "strict", resolver=Leads())
    with pytest.raises(SubjectValidationError):
        convert(linker, scope(AttributionTouch(id="t1")), 77)
    assert recorder.links == []


def test_loose_asks_nobody(recorder: MemoryRecorder) -> None:
    resolver = Leads()
    assert len(convert(Linker(recorder, resolver=resolver), scope(AttributionTouch(id="t1")), {"id": 77})) == 3
    assert resolver.asked == []


@pytest.mark.parametrize("mode", ["loose", "validated", "strict"])
def test_only_allowed_resources_are_linked(recorder: MemoryRecorder, mode: Any) -> None:
    linker = Linker(recorder, mode, resolver=Leads(), allowed_resources={"lead"})
    linker.post_handler(linker.pre_handler(scope()), "Lead", 7)
    with pytest.raises(LinkingError, match=r"allowed \(lead\), got 'order'"):
        linker.post_handler(linker.pre_handler(scope()), "Order", 7)


@pytest.mark.parametrize(
    ("resource", "subject_id"), [("lead", None), ("lead", ""), (" ", 7), ("lead", True), (Leads, 7)]
)
def test_without_a_resolver_a_subject_is_a_name_and_an_id(
    recorder: MemoryRecorder, resource: Any, subject_id: Any
) -> None:
    linker = Linker(recorder)
    with pytest.raises(LinkingError, match="expected"):
        linker.post_handler(linker.pre_handler(scope()), resource, subject_id)


def tenant_of(request: Any) -> str | None:
    name: str | None = request.get("tenant")
    return name


def of_tenant(name: str | None, touch: AttributionTouch | None = None) -> dict[str, Any]:
    return scope(touch) | {"tenant": name}


def test_tenants_never_meet(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder, tenant_of=tenant_of)
    for tenant, touch_id in (("a", "t1"), ("b", "t2")):
        [own] = touched(recorder, touch_id)
        assert convert(linker, of_tenant(tenant, own)) == [
            ("first_touch", touch_id), ("last_touch", touch_id), ("conversion", touch_id),
        ]  # fmt: skip
        subject = SubjectRef("lead", "7", tenant_id=tenant)
        assert {link.touch_id for link in asyncio.run(recorder.links_of(subject))} == {touch_id}
    assert {link.subject_tenant_id for link in recorder.links} == {"a", "b"}


def test_earlier_touches_count_where_they_say_whose_they_are(recorder: MemoryRecorder) -> None:
    touched(recorder, "a1", url="a")
    touched(recorder, "b1", url="b")
    linker = Linker(recorder, tenant_of=tenant_of, tenant_of_touch=lambda touch: touch.landing_url)
    assert convert(linker, of_tenant("a")) == [("first_touch", "a1"), ("last_touch", "a1"), ("conversion", "a1")]
    assert convert(linker, of_tenant("c")) == []
    own = AttributionTouch(id="b2", visitor_id="v1", landing_url="b")
    assert convert(linker, of_tenant("c", own)) == []


def test_a_recorder_that_keeps_tenants_apart_gives_earlier_touches() -> None:
    recorder = MemoryRecorder()
    touched(recorder, "x1")
    touched(recorder.for_tenant("a"), "a1", "a2")
    linker = Linker(recorder, tenant_of=tenant_of)
    assert convert(linker, of_tenant("a")) == [("first_touch", "a1"), ("last_touch", "a2"), ("conversion", "a2")]
    assert convert(linker, of_tenant("a")) == []
    assert convert(linker, of_tenant("b")) == []
    assert [link.subject_tenant_id for link in recorder.links] == ["a"] * 3


def test_a_subject_of_a_tenant_does_not_take_touches_of_nobody_knows_whom(recorder: MemoryRecorder) -> None:
    touched(recorder, "t1")
    linker = Linker(recorder)
    linking = linker.post_handler(linker.pre_handler(scope()), "lead", 7, tenant_id="a")
    assert asyncio.run(linker.post_commit(linking)) == []


def test_a_subject_of_another_tenant_is_refused(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder, tenant_of=tenant_of)
    linking = linker.pre_handler(of_tenant("a"))
    with pytest.raises(LinkingError, match="tenant 'a', got 'b'"):
        linker.post_handler(linking, "lead", 7, tenant_id="b")
    assert linking.subjects == []


def test_strict_needs_a_tenant_where_there_are_any(recorder: MemoryRecorder) -> None:
    linker = Linker(recorder, "strict", resolver=Leads(), tenant_of=tenant_of)
    with pytest.raises(LinkingError, match="expected a tenant"):
        linker.post_handler(linker.pre_handler(of_tenant(None)), "lead", 7)


def test_ids_tell_everything_apart_that_differs() -> None:
    subjects = [
        SubjectRef("lead", "7"), SubjectRef("lead7", ""), SubjectRef("lead", "7", tenant_id=""),
        SubjectRef("lead", "7", tenant_id="7"), SubjectRef('lead", "7', "x"),
    ]  # fmt: skip
    ids = {link_id(touch, one, "conversion") for one in subjects for touch in ("t1", "t2")}
    assert len(ids) == 10
    assert link_id("t1", LEAD, "conversion") == link_id("t1", SubjectRef("lead", "7", "leads", "uuid"), "conversion")
    assert link_id("t1", LEAD, "conversion") == "3c84e9ce-506f-5491-b751-2701631a72ed"


def test_state_is_what_it_says() -> None:
    assert Linking(None, None, None).subjects == []


def test_memory_recorder_hands_out_copies(recorder: MemoryRecorder) -> None:
    [kept] = touched(recorder, "t1")
    kept.click_ids["gclid"] = "changed"
    recorder.touches[0].click_ids["gclid"] = "changed"
    assert recorder.touches[0].click_ids == {}
    again = asyncio.run(recorder.record_touch(AttributionTouch(id="t1", utm_source="other"), {}))
    assert again.utm_source is None
    assert [touch.id for touch in asyncio.run(recorder.touches_of("v1"))] == ["t1"]
