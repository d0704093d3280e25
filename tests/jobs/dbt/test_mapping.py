"""The how-to's mappings: a story in four tools' tables makes the events that importing it makes, and a green build."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import settings
from jinja2 import Environment
from sqlglot import exp

from tests.conftest import REPOSITORY
from tests.jobs.dbt.warehouse import Warehouse, differences
from touchline.cli import main
from touchline.engines.answers import python_rows
from touchline.engines.warehouses import DIALECTS
from touchline.jobs.dbt.folder import RECORD
from touchline.jobs.dbt.mapping import GIVEN, mapping_macro
from touchline.jobs.dbt.nodes import made_in_python
from touchline.jobs.dbt.readme import ROUNDS, round_command
from touchline.jobs.workspace import Workspace
from touchline.settings import Home
from touchline.tables import TRACKING_EVENTS

PAGE = REPOSITORY / "docs" / "howto" / "events-in-a-warehouse.md"
_BLOCK = re.compile(r"^<!-- mapping: (\w+) ?(\w*) -->\n```sql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MAPPINGS: dict[str, tuple[str, str]] = {
    name: (dialect or "duckdb", text) for name, dialect, text in _BLOCK.findall(PAGE.read_text("utf-8"))
}
TOOLS = ("ga4", "segment", "snowplow", "posthog")
NOT_COMPARED = {"sequence", "received_at"}
"""They tell when an event came in."""
PAGES = {"ga4": "page_view", "segment": "page", "snowplow": "page_view", "posthog": "$pageview"}
"""What each mapping calls a page view."""
_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
_EPOCH, _BEGIN = datetime(1970, 1, 1), datetime(2026, 3, 2, 10)  # noqa: DTZ001 - in UTC


@dataclass(frozen=True)
class Told:
    """One event of the story."""

    minute: int
    visitor: str
    address: str
    referrer: str | None = None
    user: str | None = None
    order: str | None = None
    value: float | None = None

    @property
    def at(self) -> datetime:
        return _BEGIN + timedelta(minutes=self.minute)

    @property
    def name(self) -> str:
        return "purchase" if self.order else "page_view"


STORY = (
    Told(0, "ann", "/?utm_source=google&utm_medium=cpc&utm_campaign=spring%20sale&gclid=Cj0KCQjw_ab-12&utm_id=77"),
    Told(3, "ann", "/cart", "https://www.SITE.example/"),
    Told(5, "ann", "/thanks", "https://SITE.example/cart", order="1", value=80.0),
    Told(10, "bob", "/shoes", "https://www.bing.com/"),
    Told(14, "bob", "/thanks", "https://SITE.example/shoes", order="2", value=20.55),
    Told(20, "cat", "/?utm_source=news+letter&utm_medium=email", "https://mail.shop.co.uk:8443/inbox"),
    Told(25, "cat", "/account", "https://SITE.example/", user="u1"),
    Told(30, "dan", "/", user="u1"),
    Told(35, "dan", "/thanks", "https://SITE.example/", user="u1", order="3", value=1.0),
    Told(40, "eve", "/?fbclid=IwAR0abcdefg&wbraid=Clabcdefgh#x", "http://m.facebook.com"),
    Told(43, "gil", "/", "http://192.168.0.7/intranet"),
    Told(41, "fay", "/x?campaign_id=9&utm_source=", "android-app://com.google.android.gm/"),
)


def told(tool: str, one: Told) -> dict[str, Any]:
    """An event as all tools know it."""
    site = f"{tool}.example"
    micros = (one.at - _EPOCH) // timedelta(microseconds=1)
    return {
        "id": f"{tool}-{one.minute}" if tool != "ga4" else md5(f"{one.visitor}{micros}{one.name}".encode()).hexdigest(),
        "at": one.at,
        "visitor": one.visitor,
        "user": one.user and f"{tool}-{one.user}",
        "url": f"https://www.{site}{one.address}",
        "referrer": one.referrer and one.referrer.replace("SITE.example", site),
        "agent": None if tool == "ga4" else _AGENT,
        "order": one.order,
        "value": one.value,
        "currency": "EUR" if one.order else None,
        "event": one.name,
    }


SHAPES = {
    "ga4": {
        "ga4.events": """
            select epoch_us(happened) as event_timestamp, event as event_name, visitor as user_pseudo_id,
              "user" as user_id,
              [
                {'key': 'page_location', 'value': {'string_value': url, 'int_value': cast(null as bigint)}},
                {'key': 'ga_session_id', 'value': {'string_value': null, 'int_value': 7}},
                {'key': 'page_referrer', 'value': {'string_value': referrer, 'int_value': null}},
                {'key': 'currency', 'value': {'string_value': currency, 'int_value': null}}
              ] as event_params,
              {'transaction_id': "order", 'purchase_revenue': value} as ecommerce
            from story"""
    },
    "segment": {
        "segment.pages": """
            select id, happened as original_timestamp, visitor as anonymous_id, "user" as user_id,
              url as context_page_url, referrer as context_page_referrer, agent as context_user_agent
            from story where event = 'page_view'""",
        "segment.order_completed": """
            select id, happened as original_timestamp, visitor as anonymous_id, "user" as user_id,
              url as context_page_url, referrer as context_page_referrer, agent as context_user_agent, value as revenue,
              currency,
              "order" as order_id
            from story where event = 'purchase'""",
    },
    "snowplow": {
        "snowplow.events": """
            select id as event_id, case event when 'purchase' then 'transaction' else event end as event_name,
              happened as derived_tstamp, visitor as domain_userid, "user" as user_id, url as page_url,
              referrer as page_referrer, agent as useragent, value as tr_total, currency as tr_currency,
              "order" as tr_orderid
            from story
            union all select 'ping', 'page_ping', happened, visitor, "user", url, referrer, agent, null, null, null
            from story"""
    },
    "posthog": {
        "posthog.events": """
            select id as uuid, case event when 'page_view' then '$pageview' else event end as event,
              happened as "timestamp",
              coalesce("user", visitor) as distinct_id,
              json_object('$device_id', visitor, '$user_id', "user", '$current_url', url, '$referrer',
                coalesce(referrer, '$direct'), '$raw_user_agent', agent, 'revenue', value, 'currency', currency,
                'order_id', "order") as properties
            from story"""
    },
}
"""The tables of each tool, made of a table of the story; one event of Segment and PostHog comes twice, as they do."""


def make_tables(connection: duckdb.DuckDBPyConnection, tool: str) -> None:
    rows = [told(tool, one) for one in STORY]
    connection.execute(f"create schema {tool}")
    connection.execute(
        'create or replace temp table story (id varchar, happened timestamp, visitor varchar, "user" varchar,'
        ' url varchar, referrer varchar, agent varchar, "order" varchar, value double, currency varchar, event varchar)'
    )
    connection.executemany(f"insert into story values ({', '.join('?' * 11)})", [[*row.values()] for row in rows])
    for name, select in SHAPES[tool].items():
        connection.execute(f"create table {name} as {select}")
        if tool in {"segment", "posthog"}:
            connection.execute(f"insert into {name} select * from {name} limit 1")


def model(tool: str) -> str:
    """The model of a tool on the page, with its site, in DuckDB's words."""
    dialect, text = MAPPINGS[tool]
    head, mark, rest = text.partition("select * from ({{")
    if dialect != "duckdb":
        source = re.search(r"\{\{.*?\}\}", head)
        assert source
        (head,) = sqlglot.transpile(
            head.replace(source[0], "the_source").strip() + " select * from events", read=dialect, write="duckdb"
        )
        head = head.replace("the_source", source[0]).removesuffix("SELECT * FROM events")
    return (
        head + mark + rest.replace("'shop-example')", f"'{tool}-example')").replace("'shop-example'", "'ga4-example'")
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a site for each tool, into which the story was imported."""
    folder = tmp_path_factory.mktemp("mapped")
    home = folder / "home"
    assert main(["init", "--domain", "ga4.example", "--currency", "EUR", "--home", str(home)]) == 0
    for tool in TOOLS:
        if tool != "ga4":
            assert main(["site", "add", f"{tool}.example", "--home", str(home)]) == 0
        file = folder / f"{tool}.jsonl"
        file.write_text("".join(json.dumps(wire(told(tool, one), PAGES[tool])) + "\n" for one in STORY))
        assert main(["import", "events", str(file), "--site", f"{tool}-example", "--home", str(home)]) == 0
    assert main(["run", "--home", str(home)]) == 0
    return home


def wire(row: dict[str, Any], page: str) -> dict[str, Any]:
    """An event of the story as the wire has it."""
    kind = "CONVERSION" if row["order"] else "PAGE_VIEW"
    said = {
        "eventId": row["id"], "type": kind, "occurredAt": f"{row['at'].isoformat()}Z", "anonId": row["visitor"],
        "userId": row["user"], "url": row["url"], "referrer": row["referrer"], "userAgent": row["agent"],
        "orderId": row["order"], "value": row["value"], "currency": row["currency"],
        "name": row["event"] if row["order"] else page,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


@pytest.fixture
def mapped(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Where the tools' tables are, each with its mapping as a view."""
    with closing(duckdb.connect(str(tmp_path / "warehouse.duckdb"))) as connection:
        connection.execute("set timezone = 'UTC'")
        for tool in TOOLS:
            make_tables(connection, tool)
            macro = mapping_macro("duckdb")
            text = Environment(autoescape=False).from_string(macro + model(tool)).render(source="{}.{}".format)
            connection.execute(f"create view {tool}_events as {text}")
        yield connection


@pytest.mark.parametrize("tool", TOOLS)
def test_a_mapping_makes_the_events_that_an_import_makes(
    tool: str, home: Path, mapped: duckdb.DuckDBPyConnection
) -> None:
    with Workspace(Home(home), is_read_only=True) as workspace:
        asked = f"select * from tracking_events where site_id = '{tool}-example'"
        expected = python_rows(workspace.engine.select(asked))
    made = mapped.sql(f"select * from {tool}_events").to_arrow_table()
    assert made.column_names == list(TRACKING_EVENTS.column_names)
    assert made.schema == TRACKING_EVENTS.arrow_schema
    rows = {row["occurred_at"]: row for row in made.to_pylist()}
    assert len(rows) == made.num_rows == len(STORY)
    for row in expected:
        found = rows[row["occurred_at"]]
        for column in set(row) - NOT_COMPARED:
            assert found[column] == row[column], (tool, row["url"], column)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_warehouse_that_has_the_events_makes_the_river(home: Path, tmp_path: Path) -> None:
    """The way of the how-to: mappings, the tables that Python makes, and a build that is green.

    Where tests are thorough, Python makes its tables of the warehouse's rows, in rounds; else they are the home's.
    """
    project = tmp_path / "project"
    words = ["export", "dbt", str(project), "--with-sources", "--own", "tracking_events", "--home", str(home)]
    assert main(words) == 0
    warehouse = Warehouse(project, tmp_path / "warehouse.duckdb")
    write_mappings(project / "models" / "own", warehouse)
    if settings().max_examples >= 1_000:
        make_in_rounds(warehouse, words, tmp_path / "asked")
    assert "WARN=0 ERROR=0 SKIP=0" in warehouse.dbt("build")
    with Workspace(Home(home), is_read_only=True) as workspace:
        assert differences(warehouse, workspace.engine) == []


def make_in_rounds(warehouse: Warehouse, words: list[str], asked: Path) -> None:
    """Let Python make its tables of what the warehouse selects; what the home knows of them is taken away before."""
    for table in made_in_python():
        seed = warehouse.project / "seeds" / f"seed_{table.name}.csv"
        seed.write_text(",".join(table.column_names) + "\n", encoding="utf-8")
    forget_changes(warehouse.project)
    for names in ROUNDS:
        warehouse.dbt(*round_command(names).split()[1:])
        warehouse.write(names, asked)
        assert main([*words, "--made-from", str(asked)]) == 0


def forget_changes(project: Path) -> None:
    """Let the record of an export say that it was cut off, so that the next one takes files as they are."""
    record = json.loads((project / RECORD).read_text(encoding="utf-8"))
    (project / RECORD).write_text(json.dumps(record | {"is_whole": False}), encoding="utf-8")


def write_mappings(own: Path, warehouse: Warehouse) -> None:
    """Make the tools' tables, and the models that a person writes over them."""
    own.mkdir()
    with closing(duckdb.connect(str(warehouse.file))) as connection:
        for tool in TOOLS:
            make_tables(connection, tool)
            (own / f"{tool}_events.sql").write_text(model(tool), encoding="utf-8")
    union = "\nunion all\n".join(f"select * from {{{{ ref('{tool}_events') }}}}" for tool in TOOLS)
    (own / "tracking_events.sql").write_text(union, encoding="utf-8")
    tables = "\n".join(f"  - {{name: {tool}, schema: {tool}, tables: {table_list(tool)}}}" for tool in TOOLS)
    (own / "sources.yml").write_text(f"version: 2\nsources:\n{tables}\n", encoding="utf-8")


def table_list(tool: str) -> str:
    return "[" + ", ".join(f"{{name: {name.partition('.')[2]}}}" for name in SHAPES[tool]) + "]"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_macro_parses_in_every_dialect(dialect: str) -> None:
    text = mapping_macro(dialect)
    for name in GIVEN:
        assert f"{name}:" in text
    body = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.DOTALL).replace("{{ events }}", "events")
    tree = sqlglot.parse_one(body, read=dialect)
    assert isinstance(tree, exp.Query)
    assert tuple(tree.named_selects) == TRACKING_EVENTS.column_names


def test_the_page_has_a_mapping_for_each_tool() -> None:
    assert tuple(MAPPINGS) == TOOLS
