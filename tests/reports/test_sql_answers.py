"""A question in SQL is answered on every engine, within its limits."""

import pytest

from tests.reports.three_engines import SHOP, Numbers
from touchline.errors import BusyError, UnknownError, UsageError
from touchline.reports.sql_answers import answer_query

ENDLESS = """
    with recursive r as (select 1 as n union all select n + 1 as n from r where n < 900000000) select max(n) as n from r
"""
"""Takes longer than anybody waits."""


def test_views_are_answered_as_the_engine_has_them(numbers: Numbers) -> None:
    sql = "select channel, cast(sum(value_micros) as bigint) as micros from touchline.links group by channel order by 1"
    found = answer_query(numbers.engine, SHOP, sql)
    assert found.columns == ("channel", "micros")
    assert list(found.rows) == [tuple(row) for row in numbers.rows(sql)]
    assert len(found.rows) > 3
    assert not found.is_cut


def test_a_name_without_a_schema_is_the_view_and_main_is_the_table(numbers: Numbers) -> None:
    count = "select count(*) as n from {}"
    views, tables = (answer_query(numbers.engine, SHOP, count.format(f"{where}conversions")) for where in ("", "main."))
    assert views.rows == ((numbers.one("select count(*) as n from touchline.conversions"),),)
    assert views.rows[0][0] < tables.rows[0][0]


def test_nobody_elses_rows_are_read(numbers: Numbers) -> None:
    for relation in ("conversions_all", "touchpoints", "persons", "main.sessions"):
        assert answer_query(numbers.engine, "another", f"select count(*) as n from {relation}").rows == ((0,),)


def test_an_answer_is_cut_and_says_so(numbers: Numbers) -> None:
    sql = "select touch_id from touches order by touch_id"
    whole = answer_query(numbers.engine, SHOP, sql).rows
    cut = answer_query(numbers.engine, SHOP, sql, most_rows=5)
    assert (cut.rows, cut.is_cut) == (whole[:5], True)
    assert not answer_query(numbers.engine, SHOP, f"{sql} limit 5", most_rows=5).is_cut


def test_what_the_engine_refuses_is_said_in_its_words(numbers: Numbers) -> None:
    with pytest.raises(UsageError, match="no_such_column"):
        answer_query(numbers.engine, SHOP, "select no_such_column from touches")
    with pytest.raises(UnknownError, match="There is no relation 'tuches'"):
        answer_query(numbers.engine, SHOP, "select * from tuches")


def test_a_statement_that_takes_too_long_is_stopped(numbers: Numbers) -> None:
    numbers.engine.stop_after(0.3)
    try:
        with pytest.raises(BusyError, match=r"The statement took longer than 0\.3 seconds"):
            answer_query(numbers.engine, SHOP, ENDLESS)
    finally:
        numbers.engine.stop_after(600)
    assert answer_query(numbers.engine, SHOP, "select 1 as n").rows == ((1,),)
