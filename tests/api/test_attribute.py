"""``touchline.attribute``: what it takes, what it gives back, and what it refuses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.api.tables import DAY, MICROSECOND, START, by_position, conversions, days, touches
from touchline import attribute
from touchline.errors import InputError, TouchlineError, UsageError
from touchline.models import MODELS

PATH = touches(*days(0, 1, 2))
BOUGHT = conversions(*days(3), value_micros=[90])
LINEAR = {"models": ["LINEAR"]}


class Stream:
    """No table of any library, only the protocol."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def links(path: Any = PATH, bought: Any = BOUGHT, **options: Any) -> list[dict[str, Any]]:
    rows = attribute(path, bought, **{**LINEAR, **options}).to_pylist()
    return sorted(rows, key=lambda row: (row["conversion_id"], row["model"], row["position"]))


def touched(path: pa.Table, bought: pa.Table = BOUGHT, **options: Any) -> list[Any]:
    return [row["touchpoint_id"] for row in links(path, bought, **options)]


def test_the_result_has_the_documented_columns_and_types() -> None:
    assert attribute(PATH, BOUGHT).schema == pa.schema(
        {
            "conversion_id": pa.string(), "touchpoint_id": pa.int64(), "position": pa.int64(),
            "touchpoint_count": pa.int64(), "channel": pa.string(), "model": pa.string(), "weight": pa.float64(),
            "value_micros": pa.int64(),
        }
    )  # fmt: skip


def test_a_row_is_one_touch_of_one_conversion_under_one_model() -> None:
    assert links()[1] == {
        "conversion_id": "k0", "touchpoint_id": 1, "position": 2, "touchpoint_count": 3, "channel": "c1",
        "model": "LINEAR", "weight": 0.333333334, "value_micros": 30,
    }  # fmt: skip
    assert len(links(models=MODELS)) == 3 * len(MODELS)


def test_rows_of_no_credit_are_there() -> None:
    assert [row["weight"] for row in links(models=["LAST_TOUCH"])] == [0, 0, 1]


def test_only_the_asked_models_are_given() -> None:
    assert {row["model"] for row in links(models=("TIME_DECAY", "FIRST_TOUCH"))} == {"TIME_DECAY", "FIRST_TOUCH"}


@pytest.mark.parametrize("models", ["linear", " Linear ", ["LINEAR"], ("lineaR",)])
def test_models_are_named_in_any_case_and_one_without_a_list(models: Any) -> None:
    assert links(models=models) == links()


def test_the_default_is_the_five_that_every_organization_has() -> None:
    found = dict.fromkeys(attribute(PATH, BOUGHT)["model"].to_pylist())
    assert sorted(found) == ["FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "POSITION_BASED", "TIME_DECAY"]


@pytest.mark.parametrize(
    ("units", "kind", "micros"),
    [
        (["19.99", "0.000001"], pa.decimal128(20, 6), [19_990_000, 1]),
        ([19.99, 0.1], pa.float64(), [19_990_000, 100_000]),
        ([0.5, 3], pa.float32(), [500_000, 3_000_000]),
        ([7, 0], pa.uint8(), [7_000_000, 0]),
        ([0.0000004, 0.0000006], pa.float64(), [0, 1]),
    ],
)
def test_values_may_be_in_currency_units(units: list[Any], kind: pa.DataType, micros: list[int]) -> None:
    values = pa.array([Decimal(unit) for unit in units] if pa.types.is_decimal(kind) else units, kind)
    found = links(touches(START), conversions(*days(1, 2), value=values))
    assert [row["value_micros"] for row in found] == micros


def test_without_values_there_are_none() -> None:
    assert {row["value_micros"] for row in links(bought=conversions(*days(3)))} == {None}


def test_any_arrow_compatible_table_will_do() -> None:
    assert links(Stream(PATH), Stream(BOUGHT)) == links()


def test_a_relation_of_another_duckdb_will_do() -> None:
    with duckdb.connect() as connection:
        assert links(connection.from_arrow(PATH), connection.from_arrow(BOUGHT)) == links()


INTEGERS = [pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64()]
TEXTS = [pa.string(), pa.large_string(), pa.string_view()]


@pytest.mark.parametrize("ids", [INTEGERS, TEXTS], ids=["integers", "texts"])
def test_ids_may_be_integers_or_text_of_any_width(ids: list[pa.DataType]) -> None:
    plain = [1, 2, 3] if pa.types.is_integer(ids[0]) else ["1", "2", "3"]
    for here in ids:
        for there in ids:
            path = touches(
                *days(0, 1, 2), person_id=pa.array(plain, here), touchpoint_id=pa.array(plain, here),
                channel=pa.array(["a", "b", "c"], there if there in TEXTS else pa.string()),
            )  # fmt: skip
            bought = conversions(
                *days(3, 3), person_id=pa.array(plain[:2], there), conversion_id=pa.array(plain[1:], there)
            )
            assert [(row["conversion_id"], row["touchpoint_id"], row["channel"]) for row in links(path, bought)] == [
                (plain[1], plain[0], "a"), (plain[2], plain[1], "b"),
            ]  # fmt: skip


def test_a_number_too_large_for_the_others_column_matches_nobody() -> None:
    path = touches(START, person_id=pa.array([7], pa.int8()))
    assert touched(path, conversions(*days(1), person_id=[2**40])) == [None]


def test_channels_may_be_dictionaries() -> None:
    path = touches(*days(0, 1), channel=pa.array(["Direct", "Email"]).dictionary_encode())
    assert [row["channel"] for row in links(path)] == ["Email"]


def test_times_with_a_zone_mean_the_same_moment() -> None:
    """07:00 in Kathmandu is 01:15 UTC: before the sale at 01:20, though its clock shows later."""
    zoned = pa.array([START + timedelta(hours=1, minutes=15)], pa.timestamp("us", "UTC"))
    path = touches(START, occurred_at=zoned.cast(pa.timestamp("ns", "Asia/Kathmandu")))
    assert touched(path, conversions(START + timedelta(hours=1, minutes=20)), time_zone="UTC") == [0]
    assert touched(path, conversions(START + timedelta(hours=1, minutes=10)), time_zone="UTC") == [None]


def test_times_without_a_zone_are_in_the_zone_that_is_given() -> None:
    """12:30 in Berlin is 11:30 UTC in winter: a sale at 12:00 UTC comes after it, one at 11:00 UTC before."""
    sale = pa.array([START + timedelta(hours=12), START + timedelta(hours=11)], pa.timestamp("us", "UTC"))
    bought = conversions(START, START, occurred_at=sale)
    path = touches(START + timedelta(hours=12, minutes=30))
    assert touched(path, bought, time_zone="Europe/Berlin") == [0, None]
    assert touched(path, bought, time_zone="UTC") == [None, None]


def test_a_zone_moves_both_tables_that_have_none() -> None:
    path, bought = touches(START), conversions(*days(0, 30))
    assert touched(path, bought, time_zone="Asia/Tokyo") == touched(path, bought) == [0, 0]


def test_a_time_that_the_clock_skips_or_repeats_is_not_refused() -> None:
    """Berlin 2026: 02:30 is skipped on March 29, and comes twice on October 25, first at 00:30 UTC."""
    path = touches(datetime.fromisoformat("2026-03-29T02:30"), datetime.fromisoformat("2026-10-25T02:30"))
    sale = ["2026-03-29T00:59:59", "2026-03-29T01:00", "2026-10-25T00:29:59", "2026-10-25T00:30"]
    times = pa.array([datetime.fromisoformat(time) for time in sale], pa.timestamp("us", "UTC"))
    bought = conversions(*days(*range(4)), occurred_at=times)
    assert touched(path, bought, time_zone="Europe/Berlin") == [None, 0, None, 1]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_may_be_of_any_unit(unit: str) -> None:
    path = touches(*days(0, 1), occurred_at=pa.array(days(0, 1), pa.timestamp(unit)))
    assert touched(path) == [0, 1]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates_mean_their_midnight(kind: pa.DataType) -> None:
    path = touches(*days(0, 1), occurred_at=pa.array([date(2026, 1, 4), date(2026, 1, 5)], kind))
    assert touched(path) == [0]


@pytest.mark.parametrize(
    ("age", "is_in"),
    [
        (0 * DAY, True), (7 * DAY, True), (7 * DAY - MICROSECOND, True), (7 * DAY + MICROSECOND, False),
        (-MICROSECOND, False),
    ],
)  # fmt: skip
def test_the_lookback_holds_both_its_ends_to_the_microsecond(age: timedelta, is_in: bool) -> None:
    sale = START + 10 * DAY
    assert touched(touches(sale - age), conversions(sale), lookback_days=7) == ([0] if is_in else [None])


def test_the_longest_lookback_is_ten_years() -> None:
    assert touched(touches(START), conversions(START + 3650 * DAY), lookback_days=3650) == [0]


def test_a_touch_at_the_same_moment_comes_after_by_its_id() -> None:
    path = touches(START, START, START, touchpoint_id=["b", "c", "a"])
    assert touched(path) == ["a", "b", "c"]
    assert [row["touchpoint_id"] for row in links(path, models=["LAST_TOUCH"]) if row["weight"]] == ["c"]


def test_a_touch_without_an_id_is_named_by_its_row() -> None:
    """Of rows 0 to 3 the second is somebody else's; of two at one moment the earlier row comes first."""
    path = touches(*days(1, 0, 1, 0), person_id=["ada", "bob", "ada", "ada"])
    assert touched(path) == [3, 0, 2]


def test_paths_are_of_one_person() -> None:
    path = touches(*days(0, 1), person_id=["ada", "bob"])
    bought = conversions(*days(3, 3), person_id=["bob", "ada"])
    assert touched(path, bought) == [1, 0]


def test_one_touch_may_lead_to_two_conversions() -> None:
    assert touched(touches(START), conversions(*days(1, 2))) == [0, 0]


def path_of(*channels: str) -> pa.Table:
    return touches(*days(*range(len(channels))), channel=list(channels))


@pytest.mark.parametrize(
    ("direct", "channels", "credited"),
    [
        ("unless_only", ["Direct", "Email", "Direct"], ["Email"]),
        ("unless_only", ["Direct", "Direct"], ["Direct", "Direct"]),
        ("unless_only", ["direct", "Email"], ["direct", "Email"]),  # a channel's name is its name
        ("include", ["Direct", "Email", "Direct"], ["Direct", "Email", "Direct"]),
    ],
)
def test_direct_gets_credit_only_where_there_is_nothing_else_or_like_any_other(
    direct: str, channels: list[str], credited: list[str]
) -> None:
    found = links(path_of(*channels), direct=direct)
    assert [row["channel"] for row in found] == credited
    assert [row["position"] for row in found] == list(range(1, len(credited) + 1))
    assert {row["touchpoint_count"] for row in found} == {len(credited)}


def test_direct_outside_the_lookback_does_not_count_as_something_else() -> None:
    path = touches(*days(0, 50), channel=["Email", "Direct"])
    assert [row["channel"] for row in links(path, conversions(*days(51)))] == ["Direct"]


def test_a_conversion_without_a_touch_keeps_its_credit() -> None:
    found = links(PATH, conversions(*days(3), person_id=["bob"], value_micros=[90]), models=MODELS)
    assert [row["model"] for row in found] == sorted(MODELS)
    assert {tuple(row[name] for name in row if name != "model") for row in found} == {("k0", None, 0, 0, None, 1.0, 90)}


def test_no_conversions_give_an_empty_result_of_the_same_shape() -> None:
    made = attribute(PATH, BOUGHT.slice(0, 0))
    assert made.num_rows == 0
    assert made.schema == attribute(PATH, BOUGHT).schema


def test_no_touches_leave_every_conversion_unattributed() -> None:
    assert touched(PATH.slice(0, 0)) == [None]
    assert attribute(PATH.schema.empty_table(), BOUGHT.schema.empty_table()).num_rows == 0


def test_columns_that_nobody_asked_for_do_not_disturb() -> None:
    path = PATH.append_column("model", pa.nulls(3)).append_column("weight", pa.array([[1]] * 3))
    assert links(path.append_column("weight", pa.array([1] * 3))) == links()


REFUSED = [
    ("lacks channel; it has person_id, occurred_at", PATH.drop_columns("channel"), BOUGHT),
    ("lacks person_id, occurred_at", PATH.select(["channel"]), BOUGHT),
    ("conversions lacks conversion_id", PATH, BOUGHT.drop_columns("conversion_id")),
    ("1 of 3 touchpoints have no person_id", touches(*days(0, 1, 2), person_id=["ada", None, "bob"]), BOUGHT),
    ("1 of 1 touchpoints have no channel", touches(START, channel=pa.array([None], pa.string())), BOUGHT),
    ("1 of 1 touchpoints have no occurred_at", touches(None), BOUGHT),  # type: ignore[arg-type]
    ("1 of 1 touchpoints have no touchpoint_id", touches(START, touchpoint_id=pa.array([None], pa.string())), BOUGHT),
    ("1 of 1 conversions have no conversion_id", PATH, conversions(START, conversion_id=pa.array([None], pa.string()))),
    ("1 of 2 conversions have no value_micros", PATH, conversions(*days(1, 2), value_micros=[1, None])),
    ("touchpoint_id is not unique", touches(*days(0, 1), touchpoint_id=["x", "x"]), BOUGHT),
    ("conversion_id is not unique", PATH, conversions(*days(1, 2), conversion_id=["x", "x"])),
    ("occurred_at is a timestamp, not string", touches(START, occurred_at=["2026-01-01"]), BOUGHT),
    ("occurred_at is a timestamp, not int64", PATH, conversions(START, occurred_at=[1_700_000_000])),
    ("person_id is text or an integer, not double", touches(START, person_id=[1.0]), BOUGHT),
    ("conversion_id is text or an integer, not bool", PATH, conversions(START, conversion_id=[True])),
    ("channel is text, not int64", touches(START, channel=[7]), BOUGHT),
    ("channel is text, not dictionary", touches(START, channel=pa.array([7]).dictionary_encode()), BOUGHT),
    ("person_id is string in touchpoints and int64 in conversions", PATH, conversions(START, person_id=[1])),
    (
        "person_id is int64 in touchpoints and uint64 in conversions",
        touches(START, person_id=[1]),
        conversions(START, person_id=pa.array([2**63], pa.uint64())),
    ),
    ("value_micros is money in whole micros", PATH, conversions(START, value_micros=[1.5])),
    ("value_micros lies between -1 and 5", PATH, conversions(*days(1, 2), value_micros=[5, -1])),
    ("expected 0 to below 2\\^53", PATH, conversions(START, value_micros=[2**53])),
    ("more than one column channel", PATH.append_column("channel", PATH["channel"]), BOUGHT),
    ("both value and value_micros", PATH, conversions(START, value=[1.0], value_micros=[1])),
    ("value is an amount in currency units, not string", PATH, conversions(START, value=["1"])),
    ("1 of 2 conversions have no value. Fill", PATH, conversions(*days(1, 2), value=[1.5, None])),
    ("a value such as -0.5; expected 0 to below 9,007,199,255", PATH, conversions(START, value=[-0.5])),
    ("a value such as nan", PATH, conversions(START, value=[float("nan")])),
    ("a value such as 9007199254.8", PATH, conversions(START, value=[9_007_199_254.8])),
    (
        "conversions has a column 'Value_Micro' that nothing reads, and no value_micros",
        PATH,
        conversions(START, Value_Micro=[1]),
    ),
    ("conversions has a column 'VALUE' that nothing reads, and no value", PATH, conversions(START, VALUE=[1])),
    (
        "touchpoints has a column 'touchpointId' that nothing reads, and no touchpoint_id",
        touches(START, touchpointId=[1]),
        BOUGHT,
    ),
    (
        "lacks channel; it has person_id, chanel, occurred_at",
        touches(START).rename_columns(["person_id", "chanel", "occurred_at"]),
        BOUGHT,
    ),
    (
        "touchpoints.occurred_at has a time zone, and conversions.occurred_at has none",
        touches(START, occurred_at=pa.array([START], pa.timestamp("us", "UTC"))),
        BOUGHT,
    ),
    (
        "conversions.occurred_at has a time zone, and touchpoints.occurred_at has none",
        PATH,
        conversions(START, occurred_at=pa.array([START], pa.timestamp("us", "Asia/Tokyo"))),
    ),
    (
        "a time zone, and touchpoints.occurred_at has none",
        touches(START, occurred_at=pa.array([date(2026, 1, 1)])),
        conversions(START, occurred_at=pa.array([START], pa.timestamp("us", "Asia/Tokyo"))),
    ),
    ("touchpoints is a list, which is not an Arrow-compatible table", [1], BOUGHT),
    ("conversions is a int, which is not an Arrow-compatible table", PATH, 7),
]


@pytest.mark.parametrize(("said", "path", "bought"), REFUSED, ids=[said for said, *_ in REFUSED])
def test_what_is_wrong_with_a_table_is_said(said: str, path: Any, bought: Any) -> None:
    with pytest.raises(InputError, match=said) as caught:
        attribute(path, bought)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"models": ["MARKOV"]}, r"out of FIRST_TOUCH, .*, FULL_PATH, .*not \['MARKOV'\]"),
        ({"models": "linearly"}, "not 'linearly'"),
        ({"models": []}, "not .."),
        ({"models": ["LINEAR", "LINEAR"]}, "different names"),
        ({"models": ["LINEAR", "linear"]}, "different names"),
        ({"time_zone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus'"),
        ({"lookback_days": 0}, "lookback_days is a number from 1 to 3650, not '0'"),
        ({"lookback_days": 3651}, "3651"),
        ({"lookback_days": 7.5}, "7.5"),
        ({"half_life_days": 0.0}, r"half_life_days is a number from 0\.01 to 3650"),
        ({"half_life_days": float("nan")}, "nan"),
        ({"direct": "never"}, "direct is one of unless_only, include, not 'never'"),
    ],
)
def test_what_is_out_of_range_is_said(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        attribute(PATH, BOUGHT, **options)


def test_all_errors_can_be_caught_as_one() -> None:
    with pytest.raises(TouchlineError):
        attribute(PATH, BOUGHT, models=[])


def test_the_given_tables_are_left_as_they_are() -> None:
    before = PATH.to_pylist(), BOUGHT.to_pylist()
    attribute(PATH, BOUGHT)
    assert (PATH.to_pylist(), BOUGHT.to_pylist()) == before


def test_positions_follow_time_whatever_the_ids() -> None:
    made = attribute(touches(*days(0, 1, 2), touchpoint_id=["z", "y", "x"]), BOUGHT, models=["LINEAR"])
    assert by_position(made, "touchpoint_id") == ["z", "y", "x"]


def test_a_conversion_with_a_date_follows_the_touches_of_its_day() -> None:
    visits = pa.table({"person_id": ["p"], "occurred_at": [START.replace(hour=10)], "channel": ["Email"]})
    bought = pa.table({"person_id": ["p"], "conversion_id": ["c"], "occurred_at": [START.date()]})
    assert attribute(visits, bought, models="LINEAR")["channel"].to_pylist() == ["Email"]


@pytest.mark.parametrize(
    ("day", "touched", "channel"),
    [
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "Email"),  # 23:30 of a day of 25 hours
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 30, tzinfo=UTC), None),  # 00:30 after a day of 23 hours
    ],
)
def test_a_day_ends_by_its_own_clock(day: date, touched: datetime, channel: str | None) -> None:
    visits = pa.table({"person_id": ["p"], "occurred_at": [touched], "channel": ["Email"]})
    bought = pa.table({"person_id": ["p"], "conversion_id": ["c"], "occurred_at": [day]})
    found = attribute(visits, bought, models="LINEAR", time_zone="Europe/Berlin")
    assert found["channel"].to_pylist() == [channel]


def test_participation_is_whole_conversions_and_changes_no_credit() -> None:
    """Two orders over Email, Email and Search, an order over Search alone, and one that no touch led to."""
    path = touches(*days(0, 1, 2), channel=["Email", "Email", "Search"])
    bought = conversions(*days(3, 3, 33, 90), value_micros=[5, 7, 11, 13])
    links = attribute(path, bought, models=["participation", "LINEAR", "influenced"], lookback_days=31)
    sums = links.group_by(["model", "channel"]).aggregate([("weight", "sum"), ("value_micros", "sum")]).to_pylist()
    found = {(row["model"], row["channel"]): (row["weight_sum"], row["value_micros_sum"]) for row in sums}
    for model in ("PARTICIPATION", "INFLUENCED"):
        of_model = {channel: sums for (name, channel), sums in found.items() if name == model}
        assert of_model == {"Email": (2.0, 12), "Search": (3.0, 23), None: (1.0, 13)}
    alone = attribute(path, bought, models="LINEAR", lookback_days=31)
    order = [("conversion_id", "ascending"), ("position", "ascending")]
    assert links.filter(pc.equal(links["model"], "LINEAR")).sort_by(order) == alone.sort_by(order)
    alone = attribute(path, bought, models="INFLUENCED", lookback_days=31, transform="frequency")
    assert set(alone["channel"].to_pylist()) == {"Email(2)", "Search(1)", None}
    assert set(alone["model"].to_pylist()) == {"INFLUENCED"}
