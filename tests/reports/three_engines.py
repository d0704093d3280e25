"""One shop on all three engines: the demo's, with what makes careless queries wrong."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import clickhouse_connect
import psycopg

from tests.engines.servers import empty_clickhouse, empty_postgresql, postgresql_url
from touchline import demo
from touchline.demo import DemoShop
from touchline.engines import DuckDB
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

SHOP = "fernwood-home"
NOW = 1_900_000_000_000_000
ENGINES = ("duckdb", "postgresql", "clickhouse")
BORDER = "2026-08-20T22:30:00Z"
"""Half past midnight of the next day in the shop's time zone."""


def prepare(folder: Path, shop: DemoShop) -> Home:
    """A home whose ledger holds the shop, and nothing computed yet."""
    home = Home(folder / "home")
    name, _, _ = setup.init(
        home, name=demo.ORGANIZATION, domain=demo.SITE_DOMAIN, currency=demo.CURRENCY, time_zone=demo.TIME_ZONE, now=NOW
    )
    with Workspace(home) as opened:
        setup.remove_goal(opened, name, setup.DEFAULT_GOAL)
        for goal in demo.GOALS:
            setup.set_goal(
                opened, name,
                setup.Goal(goal.goal, goal.signal_type, goal.event_type, goal.event_name, goal.is_milestone),
            )  # fmt: skip
        setup.set_target(opened, name, target_cpa_micros=demo.TARGET_CPA_MICROS)
        setup.change_setting(opened, name, "primary_goal", "purchase", now=NOW)
        setup.change_setting(opened, name, "waste_window_days", "90", now=NOW)
        importing.import_events(opened, list(shop.event_files), site_id=None, mapping=None, now=NOW)
        importing.import_costs(opened, [shop.cost_file, _dollars(folder)], organization_id=None, now=NOW)
        assert importing.import_events(opened, [_orders(folder)], site_id=None, mapping=None, now=NOW).accepted == 13
    return home


def _dollars(folder: Path) -> Path:
    file = folder / "dollars.csv"
    file.write_text("date,platform,campaign_id,campaign_name,cost,currency\n2026-08-20,META,usd1,Overseas,900,USD\n")
    return file


def _orders(folder: Path) -> Path:
    """Orders by night, in dollars, that are tests, that are paid back, and one of them reported by two touches."""
    file = folder / "more.jsonl"
    file.write_text("\n".join(json.dumps(event) for event in _more()), encoding="utf-8")
    return file


def _more() -> Iterator[dict[str, Any]]:
    page = {"type": "PAGE_VIEW", "userAgent": "Mozilla/5.0 (Windows NT 10.0) Firefox/143.0"}
    for who, at in (
        ("night", "2026-08-20T22:10:00Z"),
        ("usd", "2026-08-19T10:00:00Z"),
        ("test", "2026-08-19T11:00:00Z"),
    ):
        yield page | {
            "eventId": f"{who}-ad", "anonId": who, "occurredAt": at,
            "url": f"https://{demo.SITE_DOMAIN}/?utm_source=google&utm_medium=cpc&utm_campaign=Night",
        }  # fmt: skip
        yield page | {
            "eventId": f"{who}-mail", "anonId": who, "occurredAt": at.replace(":00Z", ":30Z"),
            "url": f"https://{demo.SITE_DOMAIN}/?utm_source=letter&utm_medium=email",
        }  # fmt: skip
    orders: tuple[tuple[str, dict[str, Any]], ...] = (
        ("night", {"value": 100}), ("usd", {"value": 7000, "currency": "USD"}),
        ("test", {"value": 9000, "isTest": True}), ("night", {"value": 40}),
    )  # fmt: skip
    for number, (who, more) in enumerate(orders):
        yield {
            "type": "CONVERSION", "name": "purchase", "eventId": f"order-{number}", "anonId": who,
            "orderId": f"X{number}", "occurredAt": BORDER, "currency": demo.CURRENCY, **more,
        }  # fmt: skip
    yield {
        "type": "CONVERSION", "name": "purchase", "eventId": "order-till", "anonId": "nobody", "orderId": "X9",
        "occurredAt": BORDER, "value": 5, "currency": demo.CURRENCY,
    }  # fmt: skip
    back = {"type": "REFUND", "anonId": "night", "occurredAt": "2026-08-21T10:00:00Z", "currency": demo.CURRENCY}
    yield back | {"eventId": "back-0", "name": "refund", "orderId": "X0", "value": 30}
    yield back | {"eventId": "back-3", "name": "cancellation", "orderId": "X3"}


class Numbers:
    """The shop's numbers on one engine, asked by a client that knows nothing of Touchline."""

    def __init__(self, name: str, workspace: Workspace) -> None:
        self.name = name
        self.workspace = workspace
        self.engine = workspace.engine

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers, as it is."""
        if self.name == "postgresql":
            with psycopg.connect(postgresql_url()) as connection:
                return connection.execute(statement.encode()).fetchall()
        if self.name == "clickhouse":
            client = clickhouse_connect.get_client(interface="chdb")
            try:
                return [tuple(row) for row in client.query(statement).result_rows]
            finally:
                client.close()
        assert isinstance(self.engine, DuckDB)
        with self.engine._connection.cursor() as cursor:  # a file has one configuration in a process
            return cursor.execute(statement).fetchall()

    def one(self, statement: str) -> Any:
        """The only value that a statement answers."""
        ((value,),) = self.rows(statement)
        return value


@contextmanager
def opened(engine: str, prepared: Home, folder: Path) -> Iterator[Numbers]:
    """The shop on one engine, computed."""
    home = Home(folder / "home", _url(engine, folder))
    home.path.mkdir(parents=True)
    for file in prepared.path.glob("ledger.db*"):
        shutil.copy(file, home.path)
    with Workspace(home) as workspace:
        running.run(workspace)
        yield Numbers(engine, workspace)


def _url(engine: str, folder: Path) -> str | None:
    if engine == "postgresql":
        empty_postgresql().close()
        return postgresql_url()
    if engine == "clickhouse":
        with closing(empty_clickhouse()):
            return "chdb://"
    return None
