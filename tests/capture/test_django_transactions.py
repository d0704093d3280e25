"""Django's own transactions, on both databases: what one asks for is in the outbox if it stands, and not otherwise."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections, router, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from sqlalchemy import Engine, make_url, text

from attribution_campaign_context.integrations.django import DjangoLinks, engine_of
from attribution_campaign_context.linking import Linker, LinkingError
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders.memory import MemoryRecorder
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from tests.capture.framework_laws import RefusedError, browser
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
from django_app import Lead

SOUND = CapturePolicy(record="before")
View = Callable[[HttpRequest], Any]


class Shop:
    """A database of Django's with leads and the recorder's tables, and views that are asked once."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.engine = engine_of(using)
        self.kept = SyncSQLAlchemyRecorder(self.engine)
        self.kept.upgrade()
        key = "integer primary key" if self.engine.dialect.name == "sqlite" else "bigserial primary key"
        with self.engine.begin() as connection:
            connection.execute(text(f"create table leads (id {key}, email text)"))
        self.links = DjangoLinks(Linker(self.kept.in_threads()), database=using)

    def answered(self, view: View) -> int:
        """What somebody is answered who came from somewhere."""
        settings.ROOT_URLCONF = (path("", view),)
        inner = self.links.application(get_asgi_application())
        app = AttributionMiddleware(inner, recorder=self.kept.in_threads(), policy=SOUND)

        async def ask() -> httpx.Response:
            async with browser(app) as client:
                return await client.get("/?utm_source=a")

        return asyncio.run(ask()).status_code

    def lead(self, request: HttpRequest) -> None:
        lead = Lead(email="a@shop.example")
        lead.save()
        self.links.keep_on_commit(request, "lead", lead.pk)

    def counts(self) -> tuple[int, int, int]:
        """Leads, links, and entries that wait, as anybody else sees them."""
        names = ("leads", "attribution_subject_links", "attribution_outbox")
        with self.engine.connect() as connection:
            leads, links, waiting = (connection.scalar(text(f"select count(*) from {name}")) for name in names)
        return leads, links, waiting


def described(url: str) -> dict[str, Any]:
    """A database as Django's settings describe it."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": found.database, "OPTIONS": {"timeout": 30}}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": found.database, "USER": found.username or "",
        "PASSWORD": found.password or "", "HOST": found.host or found.query["host"], "PORT": found.port or "",
    }  # fmt: skip


@pytest.fixture
def databases(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``default`` at the URL, and ``shop``, which is a file."""
    found = {"default": described(url), "shop": described(f"sqlite:///{tmp_path / 'shop.db'}")}
    for alias, one in connections.configure_settings(found).items():
        monkeypatch.setitem(connections.settings, alias, one)
    _forget()
    yield
    connections.close_all()
    _forget()


def _forget() -> None:
    for alias in ("default", "shop"):
        with suppress(AttributeError):
            del connections[alias]


@pytest.fixture
def shop(databases: None) -> Iterator[Shop]:
    found = Shop("default")
    yield found
    found.engine.dispose()


def test_entry_is_of_the_transaction_of_its_order(shop: Shop) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            shop.lead(request)
            with connections["default"].cursor() as cursor:
                cursor.execute("select count(*) from attribution_outbox")
                seen.append(cursor.fetchone()[0])
            elsewhere.append(shop.counts())
        elsewhere.append(shop.counts())
        return HttpResponse()

    seen: list[int] = []
    elsewhere: list[tuple[int, int, int]] = []
    assert shop.answered(view) == 200
    assert (seen, elsewhere) == ([3], [(0, 0, 0), (1, 0, 3)])
    assert shop.counts() == (1, 3, 0)  # linked with the answer, as no lifespan runs


def test_what_is_rolled_back_leaves_nothing(shop: Shop) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with suppress(RefusedError), transaction.atomic():
            with transaction.atomic():
                shop.lead(request)
            raise RefusedError
        with transaction.atomic():
            with suppress(RefusedError), transaction.atomic():  # a savepoint
                shop.lead(request)
                raise RefusedError
            shop.lead(request)
        return HttpResponse()

    assert shop.answered(view) == 200
    assert shop.counts() == (1, 3, 0)


def test_transaction_of_the_whole_request(shop: Shop) -> None:
    def good(request: HttpRequest) -> HttpResponse:
        shop.lead(request)
        return HttpResponse()

    def bad(request: HttpRequest) -> HttpResponse:
        shop.lead(request)
        raise RefusedError

    connections.settings["default"]["ATOMIC_REQUESTS"] = True
    assert shop.answered(bad) == 500
    assert shop.counts() == (0, 0, 0)
    assert shop.answered(good) == 200
    assert shop.counts() == (1, 3, 0)


def test_async_view_has_the_transaction_of_its_thread(shop: Shop) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        def work(is_refused: bool) -> None:
            with transaction.atomic():
                shop.lead(request)
                if is_refused:
                    raise RefusedError

        with suppress(RefusedError):
            await sync_to_async(work)(True)
        await sync_to_async(work)(False)
        seen.append(await asyncio.to_thread(shop.counts))
        return HttpResponse()

    seen: list[tuple[int, int, int]] = []
    assert shop.answered(view) == 200
    assert (seen, shop.counts()) == ([(1, 0, 3)], (1, 3, 0))


def test_broken_outbox_costs_the_link_and_not_the_order(shop: Shop) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            shop.lead(request)
            Lead(email="b@shop.example").save()
        return HttpResponse()

    with shop.engine.begin() as connection:
        connection.execute(text("alter table attribution_outbox rename to gone"))
    assert shop.answered(view) == 200
    with shop.engine.connect() as connection:
        assert connection.scalar(text("select count(*) from leads")) == 2
    assert shop.links.failures.total() == 1


class ToShop:
    """Puts leads into the other database."""

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        return "shop"


def test_orders_of_another_database_have_their_outbox_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def good(request: HttpRequest) -> HttpResponse:
        with transaction.atomic(using=router.db_for_write(Lead)):
            other.lead(request)
        return HttpResponse()

    def bad(request: HttpRequest) -> HttpResponse:
        for using in (None, "shop"):
            with pytest.raises(LinkingError, match="got one of 'shop'"):
                wrong(request, using)
        return HttpResponse()

    def wrong(request: HttpRequest, using: str | None) -> None:
        with transaction.atomic(using="shop"):
            Lead(email="a@shop.example").save()
            shop.links.keep_on_commit(request, "lead", 1, using=using)

    monkeypatch.setattr(router, "routers", [ToShop()])
    other = Shop("shop")
    assert shop.answered(bad) == 200
    assert (shop.counts(), other.counts()) == ((0, 0, 0), (0, 0, 0))
    assert other.answered(good) == 200
    assert (shop.counts(), other.counts()) == ((0, 0, 0), (1, 3, 0))
    other.engine.dispose()


def test_outbox_needs_a_database_that_can_have_one(databases: None) -> None:
    with pytest.raises(LinkingError, match="expected a SQL recorder"):
        DjangoLinks(Linker(MemoryRecorder()), database="default")
    connections.settings["shop"]["NAME"] = ":memory:"
    with pytest.raises(ValueError, match="Expected PostgreSQL or a file of SQLite, but the database 'shop'"):
        engine_of("shop")


def test_engine_is_of_the_database_in_the_settings(databases: None, url: str) -> None:
    found: Engine = engine_of()
    with found.connect() as connection:
        asked = "select file from pragma_database_list" if "sqlite" in url else "select current_database()"
        assert connection.scalar(text(asked)) == make_url(url).database
    found.dispose()
