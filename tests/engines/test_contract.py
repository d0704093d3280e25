"""What every engine does with tables, whichever it is."""

import string
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.engines.visits import MADE, THREE, VISITS, standing, told, visits
from touchline.engines import Engine
from touchline.table import Column, Kind, Table
from touchline.view import View

EVERY_KIND = Table(
    "every_kind",
    tuple(Column(kind.name.lower(), kind, is_nullable=True) for kind in Kind),
    key=("text",),
    unit=("text",),
)


def value(engine: Engine, expression: str, **parameters: Any) -> Any:
    return engine.select(f"select {expression} as answer", parameters=parameters)["answer"][0].as_py()


def test_a_created_table_is_empty_and_creating_it_again_keeps_its_rows(engine: Engine) -> None:
    engine.create(VISITS)
    assert standing(engine) == []
    engine.append(VISITS, visits(THREE))
    engine.create(VISITS)
    assert standing(engine) == THREE


def test_every_kind_of_column_comes_back_as_it_went_in(engine: Engine) -> None:
    engine.create(EVERY_KIND)
    row = {
        "text": "Grüße, 'x' \"y\"\n", "integer": 2**63 - 1, "wide": Decimal(10**38 - 1), "boolean": True, "double": 0.1,
        "timestamp": datetime.fromisoformat("2026-03-29T01:30:00.000001"), "date": date(2024, 2, 29),
    }  # fmt: skip
    empty = dict.fromkeys(row)
    engine.append(EVERY_KIND, pa.Table.from_pylist([row, empty]))
    assert engine.select("select * from every_kind order by text nulls last").to_pylist() == [row, empty]


def test_append_matches_columns_by_name_and_says_how_many(filled: Engine) -> None:
    shuffled = visits([("cyd", "c1", 4)]).select(["pages", "visit_id", "person_id"])
    assert filled.append(VISITS, shuffled) == 1
    assert standing(filled) == [*THREE, ("cyd", "c1", 4)]


@pytest.mark.parametrize("shape", ["table", "batch", "reader"])
def test_append_takes_rows_in_every_arrow_shape(engine: Engine, shape: str) -> None:
    engine.create(VISITS)
    rows = visits(THREE)
    given = {"table": rows, "batch": rows.to_batches()[0], "reader": rows.to_reader(max_chunksize=1)}[shape]
    assert engine.append(VISITS, given) == 3
    assert standing(engine) == THREE


def test_a_column_that_may_not_be_empty_is_not(filled: Engine) -> None:
    with pytest.raises(Exception, match=r"(?i)null"):
        filled.append(VISITS, visits([(None, "x", 1)]))  # type: ignore[list-item]
    assert standing(filled) == THREE


def test_rows_come_in_parts_as_they_come_at_once(filled: Engine) -> None:
    numbers = ", ".join(f"{place} as n{place}, cast({place} as decimal(38, 0)) as w{place}" for place in range(3))
    for where in ("", " where 1 = 0"):
        asked = f"select v.*, {numbers} from visits as v{where}"
        with filled.reader(asked) as rows:
            came = rows.read_all()
        whole = filled.select(asked)
        assert came.schema.names == whole.schema.names
        assert [field.type for field in came.schema] == [field.type for field in whole.schema]
        assert sorted(map(repr, came.to_pylist())) == sorted(map(repr, whole.to_pylist()))


def test_replace_without_a_scope_replaces_everything(filled: Engine) -> None:
    told(filled, [("cyd", "c1", 4)])
    assert filled.replace(VISITS, MADE, {}) == 1
    assert standing(filled) == [("cyd", "c1", 40)]


def test_remove_takes_everything(filled: Engine) -> None:
    filled.remove(VISITS)
    assert standing(filled) == []


def test_what_is_defined_follows_the_table(filled: Engine) -> None:
    filled.define(View("seen", "select * from visits where person_id = 'bob'"))
    assert standing(filled, "seen") == THREE[2:]
    filled.append(VISITS, visits([("bob", "b2", 5)]))
    assert standing(filled, "seen") == [("bob", "b1", 3), ("bob", "b2", 5)]
    filled.define(View("seen", "select * from visits where person_id = 'ada'"))
    assert standing(filled, "seen") == THREE[:2]


@pytest.mark.parametrize(
    "given",
    ["ada", "", "it's", "a\\b\tc\nd", "$other", "'; drop table visits; --", 7, 1.5, True, None, date(2026, 1, 2)],
)
def test_a_parameter_is_a_value_whatever_it_holds(filled: Engine, given: object) -> None:
    rows = filled.select("select $given as given, $other as other", parameters={"given": given, "other": 1})
    assert rows.to_pylist() == [{"given": given, "other": 1}]
    assert standing(filled) == THREE


def test_a_transaction_commits_at_its_end(filled: Engine) -> None:
    with filled.transaction():
        filled.remove(VISITS)
    assert standing(filled) == []


def _no_way_back(engine: Engine) -> None:
    """Where there are no transactions, what was done stands, nothing of what failed does, and the engine still works.

    So a run first takes the mark of a finished one away, and the run after one that failed makes all anew
    (``test_cut_off``).
    """
    assert standing(engine) == []
    assert engine.select("select * from every_kind").num_rows == 0
    with engine.transaction():
        told(engine, [("cyd", "c1", 4)])
        assert engine.replace(VISITS, MADE, {}) == 1
    assert standing(engine) == [("cyd", "c1", 40)]


def _nothing(_engine: Engine) -> None:
    raise KeyboardInterrupt


def _wrong_select(engine: Engine) -> None:
    engine.select("select nothing from visits")


def _wrong_rows(engine: Engine) -> None:
    engine.append(VISITS, visits([(None, "x", 1)]))  # type: ignore[list-item]


def _wrong_replace(engine: Engine) -> None:
    engine.replace(VISITS, "select person_id from visits", {})


def _change_and_fail(engine: Engine, failure: Any) -> None:
    with engine.transaction():
        engine.append(VISITS, visits([("cyd", "c1", 4)]))
        engine.create(EVERY_KIND)
        engine.remove(VISITS)
        assert standing(engine) == []
        failure(engine)


@pytest.mark.parametrize(
    ("failure", "expected", "words"),
    [
        (_nothing, KeyboardInterrupt, None), (_wrong_select, Exception, "nothing"),
        (_wrong_rows, Exception, "(?i)null"), (_wrong_replace, Exception, "visit_id"),
    ],
)  # fmt: skip
def test_a_failure_in_a_transaction_leaves_everything_as_it_was(
    filled: Engine, failure: Any, expected: type[BaseException], words: str | None
) -> None:
    with pytest.raises(expected, match=words):
        _change_and_fail(filled, failure)
    if not filled.can.transactions:
        _no_way_back(filled)
        return
    assert standing(filled) == THREE
    with pytest.raises(Exception, match="every_kind"):
        filled.select("select * from every_kind")
    with filled.transaction():  # and the engine still works
        filled.append(VISITS, visits([("cyd", "c1", 4)]))
    assert standing(filled) == [*THREE, ("cyd", "c1", 4)]


def test_micros_count_from_1970(engine: Engine) -> None:
    assert value(engine, "micros(timestamp '1970-01-02 00:00:00.000001')") == 86_400_000_001
    assert value(engine, "micros(timestamp '1969-12-31 23:59:59.999999')") == -1


def test_micros_between_count_from_the_second_time_to_the_first(engine: Engine) -> None:
    noon = "timestamp '2026-01-01 12:00:00'"
    assert value(engine, f"micros_between({noon}, timestamp '2026-01-01 11:59:59.999999')") == 1
    assert value(engine, f"micros_between(timestamp '2026-01-01', {noon})") == -43_200_000_000


def test_a_total_holds_what_64_bits_do_not_and_what_is_bounded_is_the_nearest_number(engine: Engine) -> None:
    many = f"(select cast({2**63 - 1} as bigint) as n union all select cast({2**63 - 1} as bigint) as n) as many"
    for sign in ("", "-"):
        found = engine.select(
            f"select total({sign}n) as sum, bounded(total({sign}n)) as held, bounded(min({sign}n)) as one,"
            f" total(nullif(n, {2**63 - 1})) as none, bounded(total(nullif(n, {2**63 - 1}))) as nothing from {many}"
        )
        most = int(f"{sign}{2**63 - 1}")
        assert found.to_pylist() == [{"sum": 2 * most, "held": most, "one": most, "none": None, "nothing": None}]
        assert [str(found.schema.field(name).type) for name in ("sum", "held")] == ["decimal128(38, 0)", "int64"]


def test_a_fragment_is_one_value_in_arithmetic_and_in_another_fragment(engine: Engine) -> None:
    ten = "micros_between(timestamp '2026-01-01 00:00:10', timestamp '2026-01-01')"
    assert value(engine, f"{ten} / 2") == 5_000_000
    assert value(engine, f"1 - {ten} * 2") == -19_999_999
    assert value(engine, f"-{ten}") == -10_000_000
    midnight = "cast(local_date(timestamp '2026-01-01 12:00:00', 'UTC') as timestamp)"
    assert value(engine, f"micros_between({midnight}, timestamp '2025-12-31 23:59:59')") == 1_000_000


BERLIN, ANGELES, KATHMANDU = "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("utc", "zone", "shown"),
    [
        ("2026-03-28 22:59:59.999999", BERLIN, date(2026, 3, 28)),
        ("2026-03-28 23:00:00", BERLIN, date(2026, 3, 29)),  # still an hour ahead of UTC
        ("2026-03-29 21:59:59.999999", BERLIN, date(2026, 3, 29)),
        ("2026-03-29 22:00:00", BERLIN, date(2026, 3, 30)),  # two hours ahead: the day had 23 hours
        ("2026-10-24 22:00:00", BERLIN, date(2026, 10, 25)),
        ("2026-10-25 22:59:59.999999", BERLIN, date(2026, 10, 25)),  # and this one 25
        ("2026-10-25 23:00:00", BERLIN, date(2026, 10, 26)),
        ("2026-03-08 07:59:59", ANGELES, date(2026, 3, 7)),
        ("2026-03-08 08:00:00", ANGELES, date(2026, 3, 8)),
        ("2026-03-09 06:59:59", ANGELES, date(2026, 3, 8)),
        ("2026-03-09 07:00:00", ANGELES, date(2026, 3, 9)),
        ("2026-11-02 07:59:59", ANGELES, date(2026, 11, 1)),
        ("2026-11-02 08:00:00", ANGELES, date(2026, 11, 2)),
        ("2026-01-01 18:14:59.999999", KATHMANDU, date(2026, 1, 1)),
        ("2026-01-01 18:15:00", KATHMANDU, date(2026, 1, 2)),  # five hours and three quarters ahead
        ("2024-02-29 23:59:59", "UTC", date(2024, 2, 29)),
    ],
)
def test_the_local_date_is_what_a_clock_in_the_zone_shows(engine: Engine, utc: str, zone: str, shown: date) -> None:
    assert value(engine, f"local_date(timestamp '{utc}', $zone)", zone=zone) == shown


@pytest.mark.parametrize(("expression", "expected"), [("7 / 2", 3.5), ("1 / 4", 0.25), ("-7 / 2", -3.5)])
def test_integers_are_never_divided_without_a_rest(engine: Engine, expression: str, expected: float) -> None:
    assert value(engine, expression) == expected


def test_a_share_of_nothing_is_null_not_an_error(engine: Engine) -> None:
    assert value(engine, "1 / nullif(0, 0)") is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("pages nulls first", [None, 1, 3]),
        ("pages nulls last", [1, 3, None]),
        ("pages desc nulls first", [None, 3, 1]),
        ("pages desc nulls last", [3, 1, None]),
    ],
)
def test_null_stands_where_the_order_says(filled: Engine, order: str, expected: list[int | None]) -> None:
    assert filled.select(f"select pages from visits order by {order}")["pages"].to_pylist() == expected


def test_text_is_ordered_by_code_point(engine: Engine) -> None:
    words = ["Z", "a", "ab", "ä", "ﬀ", "😀"]
    listed = " union all ".join(f"select '{word}' as word" for word in reversed(words))
    assert engine.select(f"select word from ({listed}) as words order by word")["word"].to_pylist() == words


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("'Null'", "null"), ("[User ID]", "userid"), ("{{user_id}}", ""), ("x{{user_id}}", "xuserid"),
        ("%7B%7Bvisitor.key7%7d%7D", ""), ("%2524%257Blead%257D", ""), ("<%= who %>", ""), ("{{a}}{{b}}", "ab"),
        ("{3F25-4f}", "3f254f"), ("user%5Fid%20", "userid"), ("100%25", "100"), ("%%41", "41"),
        ("0000-0000", "00000000"), ("", ""),
        (string.punctuation + " ", ""), ("Ada\tß\n–€", "ada\tß\n–€"), ("a\\b", "ab"), ("$1 %20", "1"),
        ("$1 % 20", "120"), ("“Null”", "null"), ("„«na»", "na"),
    ],
)  # fmt: skip
def test_letters_are_what_punctuation_leaves(engine: Engine, text: str, letters: str) -> None:
    assert value(engine, "letters_of($text)", text=text) == letters


def test_a_size_is_of_what_is_on_a_disk(filled: Engine, request: pytest.FixtureRequest) -> None:
    is_unknown = request.node.callspec.params["engine"] in {"duckdb-memory", "spark"}  # Sail does not say it
    assert (filled.size_bytes() > 0) is not is_unknown
