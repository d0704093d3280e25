"""The compatible hooks and extraction, where they are better than 0.1.0; tests/compat sees to where they are alike."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from attribution_campaign_context import (
    AttributionContext,
    AttributionRuntimeState,
    AttributionTouch,
    attribution_post_commit,
    attribution_post_handler,
    attribution_pre_handler,
    extract_attribution,
)

MARKED = {"utm_source": "news"}


def request(**state: Any) -> SimpleNamespace:
    scope = {"type": "http", "state": {f"attribution_{name}": value for name, value in state.items()}}
    return SimpleNamespace(query_params=MARKED, scope=scope)


def test_the_documented_flow_links_the_touch_of_the_middleware() -> None:
    context, touch = AttributionContext(visitor_id="v1"), AttributionTouch(id="t1", visitor_id="v1")
    state = attribution_pre_handler(request(context=context, touch=touch))
    assert (state.context, state.touch) == (context, touch)
    link = asyncio.run(attribution_post_commit(attribution_post_handler(state, "lead", 7)))
    assert link is not None
    assert (link.touch_id, link.subject_id) == ("t1", "7")


def test_a_touch_named_by_hand_is_a_copy() -> None:
    touch = AttributionTouch(id="t1", visitor_id="v1")
    state = attribution_pre_handler(request(context=AttributionContext(), touch=touch), touch_id="t2")
    assert state.touch == AttributionTouch(id="t2", visitor_id="v1")
    assert touch.id == "t1"


def test_a_request_that_made_no_touch_has_one_without_an_id() -> None:
    state = attribution_pre_handler(request(context=AttributionContext(visitor_id="v1"), touch=None))
    assert state.touch == AttributionTouch(visitor_id="v1")
    assert asyncio.run(attribution_post_commit(attribution_post_handler(state, "lead", 7))) is None


@pytest.mark.parametrize("scope", [None, {}, {"state": None}, {"state": {}}, {"state": {"attribution_touch": "odd"}}])
def test_without_a_middleware_the_request_is_read(scope: Any) -> None:
    state = attribution_pre_handler(SimpleNamespace(query_params=MARKED, scope=scope))
    assert state.context is not None
    assert state.context.utm == MARKED


def test_a_given_state_is_filled() -> None:
    state = AttributionRuntimeState()
    assert attribution_pre_handler(request(), state=state) is state


@pytest.mark.parametrize("value", ["a\x00b", "a\r\nb", "\x7f", "a\x85b", "\ud800"])
def test_control_characters_come_through_nowhere(value: str) -> None:
    found = extract_attribution(
        SimpleNamespace(
            query_params={"utm_term": value, "gclid": value}, headers={"referer": value}, cookies={"sid": value},
            path="/" + value, url="https://shop.example/" + value,
        )
    )  # fmt: skip
    assert (found.raw_params, found.referer, found.session_id, found.has_signal) == ({}, None, None, False)
    assert found.landing_path is not None
    assert found.landing_path.startswith("/")
    assert found.landing_path.isascii()
    assert found.landing_path.isprintable()


def test_a_click_id_is_whole_or_absent() -> None:
    values = {"gclid": "x" * 257, "fbclid": "y" * 256, "utm_term": "z" * 257}
    found = extract_attribution(SimpleNamespace(query_params=values))
    assert found.raw_params == {"fbclid": "y" * 256, "utm_term": "z" * 256}
