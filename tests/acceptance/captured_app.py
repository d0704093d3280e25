"""A shop's own app, in Litestar behind the capture middleware, that sends what it captures to Touchline."""

import os
from typing import Any

from litestar import Litestar, MediaType, get, post
from litestar.di import NamedDependency

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker, MemoryRecorder
from attribution_campaign_context.integrations.litestar import LitestarLinks, RequestLinks
from attribution_campaign_context.recorders.http import Sending, TouchlineRecorder


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def page() -> str:
    return "<!doctype html><title>Shop</title>"


@post("/order/{number:str}")
async def order(number: str, attribution: NamedDependency[RequestLinks]) -> dict[str, int]:
    kept = await attribution.keep("order", number, snapshot={"value": "50.00", "currency": "EUR"})
    return {"conversions": sum(link.relation == "conversion" for link in kept)}


def create() -> AttributionMiddleware:
    sending = Sending(flush_after=0.1, send_user_agent=True)
    recorder = TouchlineRecorder(
        os.environ["TOUCHLINE_URL"], os.environ["TOUCHLINE_KEY"], sending=sending, beside=MemoryRecorder()
    )
    links = LitestarLinks(Linker(recorder, allowed_resources={"order"}))
    app: Any = Litestar([page, order], plugins=[links])
    return AttributionMiddleware(app, recorder=recorder, policy=CapturePolicy(cookie_domain="shop.example"))
