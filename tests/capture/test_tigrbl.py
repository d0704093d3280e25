"""Tigrbl: the example under the laws of all frameworks, and what is special about it."""

import asyncio
import sys
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.routing import Mount

from attribution_campaign_context.integrations.tigrbl import TigrblLinks
from attribution_campaign_context.linking import Linker, LinkingError
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.memory import MemoryRecorder
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef
from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import CONVERTED, Site, browser, lead_of, living
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
with warnings.catch_warnings():
    # Tigrbl 0.4.4 decorates its mixins with what SQLAlchemy 2.1 has no use for any more.
    warnings.filterwarnings("ignore", "The declarative_mixin decorator")
    from tigrbl import TigrblApp
    from tigrbl_app import create_app


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)


def rpc(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def test_json_rpc_links_as_rest_does(site: Site) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.get("/?utm_source=news")
        refused = await client.post("/rpc", json=rpc("Lead.create", email="refused@shop.example"))
        assert "error" in refused.json()
        made = await client.post("/rpc", json=rpc("Lead.create", email="a@shop.example"))
        leads.append(made.json()["result"]["id"])

    leads: list[str] = []
    site.live(story)
    assert site.sources(leads[0]) == dict.fromkeys(CONVERTED, "news")
    assert (site.rows("leads"), site.rows("attribution_subject_links"), site.rows("attribution_outbox")) == (1, 3, 0)


def test_middleware_that_is_added_is_never_called() -> None:
    """Why the app is wrapped; when this fails, Tigrbl has learnt it, and the documentation may say so."""
    app = TigrblApp()
    recorder = MemoryRecorder()
    app.add_middleware(AttributionMiddleware, recorder=recorder)

    async def ask(asked: Any) -> httpx.Response:
        async with browser(asked) as client:
            return await client.get("/?utm_source=a")

    assert dict(asyncio.run(ask(app)).cookies) == {}
    assert recorder.touches == []
    assert len(asyncio.run(ask(AttributionMiddleware(app, recorder=recorder))).cookies) == 2
    assert len(recorder.touches) == 1


@pytest.mark.parametrize("phase", ["PRE_HANDLER", "POST_COMMIT"])
def test_link_in_another_phase_is_refused(phase: str) -> None:
    links = TigrblLinks(Linker(MemoryRecorder()))
    with pytest.raises(LinkingError, match=f"phase POST_HANDLER, got '{phase}'"):
        asyncio.run(links.created({"phase": phase, "result": None, "request": None, "db": None}, "lead"))


def test_row_without_a_single_key_is_refused() -> None:
    links = TigrblLinks(Linker(MemoryRecorder()))
    ctx = {"phase": "POST_HANDLER", "result": {"email": "a"}, "request": {"type": "http"}, "db": None}
    with pytest.raises(LinkingError, match="expected a row with one primary key, got dict with 0"):
        asyncio.run(links.created(ctx, "lead"))


def test_several_rows_are_linked_by_what_the_resolver_says(tmp_path: Path) -> None:
    class ByEmail:
        def canonical_resource(self, model_or_resource: Any) -> str:
            return str(model_or_resource)

        def canonical_id(self, obj_or_payload: Any) -> str:
            return str(obj_or_payload["email"])

        async def exists(self, _resource: str, subject_id: str, _db: Any) -> bool:
            return subject_id != "nobody"

    engine = create_engine(f"sqlite:///{tmp_path / 'app.db'}", poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    links = TigrblLinks.of_sync(recorder, linker={"mode": "validated", "resolver": ByEmail()})
    scope = {"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1", visitor_id="v1")}}
    rows = [{"email": "a"}, {"email": "b"}, {"email": "nobody"}]
    with Session(engine) as session:
        ctx = {"phase": "POST_HANDLER", "result": rows, "request": scope, "db": session}
        assert asyncio.run(links.created(ctx, "lead")) == 6
        session.commit()
    assert recorder.drain().linked == 6
    assert len(recorder.links_of(SubjectRef("lead", "a"))) == 3


def test_app_serves_within_another_one(site: Site) -> None:
    async def story() -> Any:
        app = site.app()
        async with living(app), browser(Starlette(routes=[Mount("", app=app)])) as client:
            await client.get("/?utm_source=news")
            return await lead_of(client, site)

    assert site.sources(asyncio.run(story())) == dict.fromkeys(CONVERTED, "news")
