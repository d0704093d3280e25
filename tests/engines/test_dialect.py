"""A statement of the subset, rewritten: its tables renamed, its fragments spelled, its sense kept."""

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from touchline.engines.dialect import Words, rendered, shown
from touchline.engines.warehouses import dialect_words
from touchline.pipeline import STAGES
from touchline.sql import queries

WORDS = Words("duckdb", {"age": "x({0}) - x({1})", "seen": "epoch({0})", "day_in": "date_of({0}, {1})"})


def words(select: str, **views: str) -> str:
    return rendered(select, WORDS, views).lower()


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("select t.a from t", "select t.a from u as t"),
        ("select t.a from t as t", "select t.a from u as t"),
        ("select b.a from t as b", "select b.a from u as b"),
        ("select b.a from t as b join t as c on c.a = b.a", "select b.a from u as b join u as c on c.a = b.a"),
        ("select a from (select a from t) as made", "select a from (select a from u as t) as made"),
        ("select 1 from s where exists (select 1 from t)", "select 1 from s where exists(select 1 from u as t)"),
        ("with m as (select a from t) select a from m", "with m as (select a from u as t) select a from m"),
        ("with t as (select 1 as a) select a from t", "with t as (select 1 as a) select a from t"),
        ("select a from t union all select a from t", "select a from u as t union all select a from u as t"),
        ("select 't' as t, t.t from s as t", "select 't' as t, t.t from s as t"),
    ],
    ids=[
        "plain",
        "own alias",
        "alias",
        "self join",
        "subquery",
        "exists",
        "in a cte",
        "cte hides",
        "union",
        "no table",
    ],
)
def test_tables_are_renamed_and_keep_the_name_by_which_they_are_read(select: str, expected: str) -> None:
    assert words(select, t="u") == expected


def test_a_table_that_no_view_names_stands() -> None:
    assert words("select a from t", other="u") == "select a from t"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("seen(a)", "epoch(a)"),
        ("SEEN(a)", "epoch(a)"),
        ("age(a, b)", "(x(a) - x(b))"),
        ("age(a, b) / 2", "(x(a) - x(b)) / 2"),
        ("1 - age(a, b)", "1 - (x(a) - x(b))"),
        ("seen(seen(a))", "epoch(epoch(a))"),
        ("day_in(seen(a), 'Europe/Berlin')", "date_of(epoch(a), 'europe/berlin')"),
        ("age(seen(a), b + c)", "(x(epoch(a)) - x(b + c))"),
        ("seen('{0}')", "epoch('{0}')"),
        ("'seen(a)'", "'seen(a)'"),
        ("unknown_to_us(a)", "unknown_to_us(a)"),
    ],
)
def test_fragments_are_spelled_wherever_they_stand(expression: str, expected: str) -> None:
    assert words(f"select {expression} as v from t") == f"select {expected} as v from t"


def test_a_fragment_in_a_condition_keeps_its_place() -> None:
    assert words("select 1 from t where age(a, b) <= 7 and seen(c) > 0") == (
        "select 1 from t where (x(a) - x(b)) <= 7 and epoch(c) > 0"
    )


def test_comments_are_left_out_and_parameters_stay() -> None:
    assert words("-- says it\nselect $name as v -- here\nfrom t") == "select $name as v from t"


@pytest.mark.parametrize("dialect", ["spark", "databricks"])
def test_inner_ctes_have_names_of_their_own_where_a_dialect_moves_them(dialect: str) -> None:
    """Two branches of a statement may call a part of theirs the same."""
    inner = "select * from (with b as (select {0} as x) select b.x from b) as m"
    written = rendered(f"with b as (select 0 as x) {inner.format(1)} union all {inner.format(2)}", Words(dialect, {}))
    names = [cte.alias for cte in sqlglot.parse_one(written, read=dialect).find_all(exp.CTE)]
    assert len(names) == len(set(names)) == 3
    answered = duckdb.connect().execute(sqlglot.transpile(written, read=dialect, write="duckdb")[0])
    assert sorted(answered.fetchall()) == [(1,), (2,)]


def test_no_model_of_a_dbt_project_has_two_parts_of_one_name() -> None:
    """Of the dialects of projects, Databricks' alone has inner CTEs moved."""
    words = dialect_words("databricks")
    for package in [stage.run.__module__ for stage in STAGES]:
        for name, found in queries(package).items():
            tree = sqlglot.parse_one(shown(found.text, words), read=words.dialect)
            for clause in tree.find_all(exp.With):
                names = [cte.alias for cte in clause.expressions]
                assert len(names) == len(set(names)), (package, name)


def test_a_column_is_named_with_its_table_where_the_names_of_a_select_come_first() -> None:
    first = Words("spark", {}, are_names_first=True)
    assert rendered("select min(a) as a, count(distinct a) as n, b as b from t", first) == (
        "SELECT MIN(t.a) AS a, COUNT(DISTINCT t.a) AS n, b AS b FROM t"
    )
    assert rendered("select u.a as a from t join u on true", first) == "SELECT u.a AS a FROM t JOIN u ON TRUE"
