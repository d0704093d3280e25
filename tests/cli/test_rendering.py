"""``sql``: what it prints is what the engines are given."""

import pytest
import sqlglot

from tests.cli.conftest import Command
from touchline.pipeline import STAGES
from touchline.sql import queries

DIALECTS = {"duckdb": "duckdb", "postgresql": "postgres", "clickhouse": "clickhouse"}


@pytest.mark.parametrize("engine", DIALECTS)
@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_each_query_of_a_stage_is_one_statement_of_the_dialect(touchline: Command, stage: str, engine: str) -> None:
    told = touchline("sql", stage, "--engine", engine, "--json").document
    assert [query["name"] for query in told] == list(queries(f"touchline.{stage}"))
    shown = touchline("sql", stage, "--engine", engine).out
    for query in told:
        assert len(sqlglot.parse(query["sql"], read=DIALECTS[engine])) == 1
        assert "micros_between(" not in query["sql"].lower()
        assert query["sql"].splitlines()[0] in shown


def test_one_table_can_be_asked_for(touchline: Command) -> None:
    assert touchline("sql", "sessions", "--table", "touchpoints").out.startswith("-- touchpoints: one row is ")
    assert [
        query["name"] for query in touchline("sql", "channels", "--table", "evidence_channels", "--json").document
    ] == ["evidence", "own_rules"]


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("sql", "nothing"), 8, "There is no stage 'nothing'"),
        (("sql", "waste", "--table", "paths"), 8, "waste has no SQL for 'paths'"),
        (("sql", "waste", "--engine", "oracle"), 2, "There is no engine 'oracle'"),
    ],
)
def test_what_is_not_there_is_said(touchline: Command, words: tuple[str, ...], exit_code: int, said: str) -> None:
    outcome = touchline(*words)
    assert outcome.exit_code == exit_code
    assert said in outcome.err
