"""What several processes see of one PostgreSQL."""

from contextlib import closing, nullcontext

import pyarrow as pa
import pytest

from tests.engines.servers import empty_postgresql, postgresql_url
from touchline.engines.postgresql import PostgreSQL
from touchline.errors import BusyError, HomeError
from touchline.tables import ALL

MODELS = ALL["models"]
IDENTITIES = ALL["identities"]
ONE_IDENTITY = pa.table(
    {
        "organization_id": ["o"],
        "identifier": ["v:1"],
        "person_id": ["p"],
        "period_number": pa.array([0], pa.int64()),
        "valid_from": pa.nulls(1, pa.timestamp("us")),
        "valid_until": pa.nulls(1, pa.timestamp("us")),
        "first_seen_at": pa.array([0], pa.timestamp("us")),
        "tier": ["unresolved"],
    }
)
TWO = pa.table({"organization_id": ["o", "o"], "model": ["LINEAR", "LAST_TOUCH"]})


def test_one_writes_at_a_time_and_readers_see_what_stood_before() -> None:
    with closing(empty_postgresql()) as writer, closing(PostgreSQL(postgresql_url(), is_read_only=True)) as reader:
        writer.create(MODELS)
        writer.append(MODELS, TWO)
        with writer.transaction():
            writer.remove(MODELS)
            assert reader.select("select count(*) as n from models")["n"].to_pylist() == [2]
            second = PostgreSQL(postgresql_url())
            with closing(second), pytest.raises(BusyError, match="Another process"), second.transaction():
                pytest.fail("two wrote at a time")
        assert reader.select("select count(*) as n from models")["n"].to_pylist() == [0]


def test_a_reader_writes_nothing() -> None:
    with closing(empty_postgresql()) as writer:
        writer.create(MODELS)
    with closing(PostgreSQL(postgresql_url(), is_read_only=True)) as reader:
        with pytest.raises(Exception, match="read-only"):
            reader.append(MODELS, TWO)
        with pytest.raises(HomeError, match="no numbers"):
            reader.select("select * from sites")


def test_nested_loops_are_left_to_statements_that_seek_rows() -> None:
    asked = "select distinct current_setting('enable_nestloop') as nested_loops from {}"
    with closing(empty_postgresql()) as engine:
        engine.create(IDENTITIES)
        engine.append(IDENTITIES, ONE_IDENTITY)
        engine.keep("persons", "select 'p' as person_id")
        engine.narrow("sought", IDENTITIES, ("person_id",), "persons")
        found = {}
        for name, relation in {"kept": "persons", "stored": "identities", "a view of rows": "sought"}.items():
            engine.keep("answer", asked.format(relation))
            found[name] = engine.select("select * from answer")["nested_loops"].to_pylist()
        assert found == {"kept": ["off"], "stored": ["on"], "a view of rows": ["on"]}
        assert engine.select(asked.format("persons"))["nested_loops"].to_pylist() == ["on"]


@pytest.mark.parametrize("is_inside", [True, False])
def test_nested_loops_come_back_after_a_statement_that_fails(is_inside: bool) -> None:
    with closing(empty_postgresql()) as engine:
        engine.create(MODELS)
        with (
            pytest.raises(Exception, match="nothing_of_this_name"),
            engine.transaction() if is_inside else nullcontext(),
        ):
            engine.keep("answer", "select nothing_of_this_name from models")
        setting = engine.select("select current_setting('enable_nestloop') as said")
        assert setting["said"].to_pylist() == ["on"]
