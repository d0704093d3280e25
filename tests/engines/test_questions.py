"""Statements that people write: one query is answered, with one organization's rows; nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.engines.questions import question
from touchline.errors import TouchlineError, UnknownError, UsageError

VIEWS = {"orders": "select organization_id, value from orders"}
TABLES = ("orders", "visits")


def asked(text: str, organization_id: str = "ours", most_rows: int = 9) -> str:
    return question(
        text, views=VIEWS, tables=TABLES, organization_id=organization_id, public="touchline", most_rows=most_rows
    )


OURS = "(SELECT * FROM visits WHERE organization_id = 'ours')"
VIEW = "(SELECT * FROM (SELECT organization_id, value FROM orders) AS orders WHERE organization_id = 'ours')"


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("select n from visits", f"SELECT n FROM {OURS} AS visits LIMIT 9"),
        ("select v.n from visits as v;", f"SELECT v.n FROM {OURS} AS v LIMIT 9"),
        ("select n from visits limit 3", f"SELECT n FROM {OURS} AS visits LIMIT 3"),
        ("select n from visits limit 10", f"SELECT n FROM {OURS} AS visits LIMIT 9"),
        ("select value from orders", f"SELECT value FROM {VIEW} AS orders LIMIT 9"),
        ("select value from touchline.orders", f"SELECT value FROM {VIEW} AS orders LIMIT 9"),
        (
            "select value from main.orders",
            "SELECT value FROM (SELECT * FROM orders WHERE organization_id = 'ours') AS orders LIMIT 9",
        ),
        ("with v as (select n from visits) select n from v",
         f"WITH v AS (SELECT n FROM {OURS} AS visits) SELECT n FROM v LIMIT 9"),
        ("select n from visits union all select value from orders",
         f"SELECT n FROM {OURS} AS visits UNION ALL SELECT value FROM {VIEW} AS orders LIMIT 9"),
        ("select (select max(n) from visits) as most", f"SELECT (SELECT MAX(n) FROM {OURS} AS visits) AS most LIMIT 9"),
        ("select n from visits where n in (select n from visits)",
         f"SELECT n FROM {OURS} AS visits WHERE n IN (SELECT n FROM {OURS} AS visits) LIMIT 9"),
    ],
)  # fmt: skip
def test_every_relation_is_read_through_the_organization(text: str, statement: str) -> None:
    assert asked(text) == statement


def test_an_organization_is_a_text_whatever_is_in_it() -> None:
    assert "organization_id = 'a''b'" in asked("select n from visits", organization_id="a'b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delete from visits", "Nothing but a query is answered, and this is DELETE"),
        ("drop table visits", "this is DROP"),
        ("copy visits to 'x'", "this is COPY"),
        ("attach 'x'", "this is ATTACH"),
        ("pragma database_list", "this is PRAGMA"),
        ("set memory_limit = '1GB'", "this is SET"),
        ("explain select 1", "this is COMMAND"),
        ("describe visits", "this is DESCRIBE"),
        ("create table x as select 1", "this is CREATE"),
        ("select 1; select 2", "Found 2 statements"),
        ("", "Found 0 statements"),
        ("select (", "cannot be read"),
        ("select * into x from visits", "is no part of a query"),
        ("select $1", "is no part of a query"),
        ("select n from visits where n = $who", "is no part of a query"),
        ("select * from read_csv('/etc/passwd')", "no function 'ReadCSV'"),
        ("select * from read_text('/etc/passwd')", "no function 'read_text'"),
        ("select * from glob('*')", "no function 'glob'"),
        ("select pg_read_file('/etc/passwd')", "no function 'pg_read_file'"),
        ("select pg_sleep(9)", "no function 'pg_sleep'"),
        ("select query_to_xml('select 1', true, true, '')", "no function 'query_to_xml'"),
        ("select getenv('HOME')", "no function 'getenv'"),
        ("select current_setting('x')", "no function 'current_setting'"),
        ("select current_user", "no function 'CurrentUser'"),
        ("select session_user", "no function 'SessionUser'"),
        ("with visits as (select 1 as n) select n from visits", "visits is the name of a view or table"),
        ("select n from visits limit (select 3)", "A limit is a number"),
        ("select n from visits -- " + "x" * 20_000, "characters"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        asked(text)
    assert said in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "nobody", "information_schema.tables", "pg_catalog.pg_class", "system.users", "'/etc/passwd'", "a.b.visits",
        "touchline.visits", "main.nobody", "range(10)",
    ],
)  # fmt: skip
def test_only_views_and_tables_are_read(name: str) -> None:
    with pytest.raises(UnknownError, match=r"There is no relation") as refused:
        asked(f"select * from {name}")
    assert "the views orders; and the tables orders, visits" in refused.value.hint


_WORDS = st.sampled_from(
    [
        "select",
        "*",
        "n",
        "from",
        "visits",
        "orders",
        "touchline.",
        "main.",
        "where",
        "with",
        "as",
        "(",
        ")",
        ",",
        "union",
        "all",
        "join",
        "on",
        "true",
        "limit",
        "3",
        "order",
        "by",
        "group",
        "'x'",
        "unnest",
        "exists",
        "in",
        "lateral",
        "values",
        "v",
        "distinct",
        "count(*)",
        "over",
        "over()",
        "having",
        "for",
        "update",
        "qualify",
    ]
)


@given(st.lists(_WORDS, max_size=14))
def test_whatever_is_answered_reads_its_own_rows_only(words: list[str]) -> None:
    """Each mention of a relation is inside a subquery of the organization's rows."""
    try:
        statement = asked(" ".join(["select", *words]))
    except TouchlineError:
        return
    rest = statement.replace(OURS, "").replace(VIEW, "")
    rest = rest.replace("(SELECT * FROM orders WHERE organization_id = 'ours')", "")
    for relation in TABLES:
        assert f"FROM {relation}" not in rest
        assert f"JOIN {relation}" not in rest
