"""``touchline.sessionize``: each event's session, as a slow reading of the rules has it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import touchline as tl
from touchline.api import sessionizing
from touchline.errors import InputError, UsageError

START = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
"""Half an hour before Berlin's midnight, in the night in which its clocks go forward."""
PAUSES = [
    timedelta(minutes=n, microseconds=m)
    for n, m in ((0, 0), (1, 0), (1, 1), (10, 0), (30, 0), (30, 1), (29, 0), (61, 0), (4500, 0))
]
OWN = "https://www.shop.example/"
URLS = [
    None,
    OWN,
    OWN + "?utm_source=a",
    OWN + "?utm_source=A&utm_campaign=x",
    OWN + "?gclid=Cj0",
    OWN + "?gclid=Cj1",
    OWN + "?utm_medium=b",
    OWN + "?utm_medium=b&gclid=Cj0",
    OWN + "?utm_source=(direct)&utm_medium=(none)",
    OWN + "?utm_source=direct",
    OWN + "?utm_medium=None&gclid=Cj0",
]
REFERRERS = [None, "https://shop.example/x", "https://www.google.com/", "https://accounts.google.com/"]
Visit = dict[str, Any]

visits = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(PAUSES), st.sampled_from(URLS), st.sampled_from(REFERRERS)),
    min_size=1, max_size=12,
)  # fmt: skip


def told(drawn: list[tuple[str, timedelta, str | None, str | None]]) -> list[Visit]:
    time, found = START, list[Visit]()
    for number, (visitor, pause, url, referrer) in enumerate(drawn):
        time += pause
        found.append(
            {
                "visitor_id": visitor,
                "event_id": f"e{(number * 7) % 13:02}",
                "occurred_at": time,
                "url": url,
                "referrer": referrer,
            }
        )
    return found


def expected(rows: list[Visit], gap: timedelta, policy: str, zone: str, cap: timedelta) -> list[tuple[str, int, str]]:
    """Event, number of its session and why that began, visitor by visitor."""
    found = []
    for visitor in sorted({row["visitor_id"] for row in rows}):
        mine = sorted(
            (row for row in rows if row["visitor_id"] == visitor), key=lambda r: (r["occurred_at"], r["event_id"])
        )
        whole = START
        sessions: list[tuple[datetime, str]] = []
        before: list[Visit] = []
        placed = []
        for row in mine:
            reason = _reason(row, before, gap, policy, zone)
            whole = row["occurred_at"] if reason else whole
            if not reason and cap and _part(row, whole, cap) > _part(before[-1], whole, cap):
                reason = "cap"
            if reason and (not sessions or sessions[-1][0] != row["occurred_at"]):
                sessions.append((row["occurred_at"], reason))
            elif reason:
                sessions[-1] = (row["occurred_at"], min(reason, sessions[-1][1]))
            placed.append((row["event_id"], len(sessions)))
            before.append(row)
        found += [(event, number, sessions[number - 1][1]) for event, number in placed]
    return found


def _part(row: Visit, whole: datetime, cap: timedelta) -> int:
    """How many full hours of the cap a visit is later than the start of the whole; what is just as old is not later."""
    age: timedelta = row["occurred_at"] - whole - timedelta(microseconds=1)
    return max(age // cap, 0)


def _reason(row: Visit, before: list[Visit], gap: timedelta, policy: str, zone: str) -> str | None:
    is_campaign = policy == "matomo" and bool(before) and _is_new_campaign(row, before, gap, zone)
    return _paused(row, before, gap, policy, zone) or ("campaign" if is_campaign else None)


def _paused(row: Visit, before: list[Visit], gap: timedelta, policy: str, zone: str) -> str | None:
    if not before:
        return "first_visit"
    if row["occurred_at"] - before[-1]["occurred_at"] > gap:
        return "pause"
    letters = {"ga4": 0, "matomo": 10, "seed": 7}[policy]
    day, last = (str(one["occurred_at"].astimezone(ZoneInfo(zone)).date())[:letters] for one in (row, before[-1]))
    return ("month" if policy == "seed" else "midnight") if day > last else None


def _is_new_campaign(row: Visit, before: list[Visit], gap: timedelta, zone: str) -> bool:
    """Other tags than the session's last; or the first, if the session has shown a source more than a minute ago."""
    starts = [n for n, one in enumerate(before) if _paused(one, before[:n], gap, "matomo", zone)]
    outside = [one for n, one in enumerate(before) if _is_from_outside(one, before[:n], gap)]
    clicks = [_click_id(one) for one in outside if _click_id(one)]
    inside = [one for one in before[starts[-1] :] if one in outside]
    sources = [one for one in inside if _tags(one) or _click_id(one) or "www.google" in (one["referrer"] or "")]
    tags = [_tags(one) for one in sources if _tags(one)]
    if not sources or not _tags(row) or not _is_from_outside(row, before, gap):
        return False
    if clicks and clicks[-1] == _click_id(row):
        return False
    is_at_once: bool = row["occurred_at"] - sources[-1]["occurred_at"] <= timedelta(minutes=1)
    if not tags:
        return not is_at_once
    said, mine = ({tag.partition("=")[0]: tag for tag in shown} for shown in (tags[-1], _tags(row)))
    is_part = all(said[name] == mine[name] for name in said.keys() & mine.keys())
    return said != mine and not (is_at_once and is_part)


def _is_from_outside(row: Visit, before: list[Visit], gap: timedelta) -> bool:
    is_going_on = bool(before) and row["occurred_at"] - before[-1]["occurred_at"] <= gap
    is_return = is_going_on and "accounts.google" in (row["referrer"] or "") and not _click_id(row)
    return not _is_own(row) and not is_return


def _query(row: Visit) -> list[str]:
    return (row["url"] or "").partition("?")[2].lower().split("&")


def _tags(row: Visit) -> list[str]:
    said = [said for said in _query(row) if said.startswith("utm_")]
    nobody = {"utm_source=(direct)", "utm_source=direct", "utm_medium=(none)", "utm_medium=none"}
    return [] if nobody.issuperset(said) else said


def _click_id(row: Visit) -> str:
    return next((said for said in _query(row) if said.startswith("gclid=")), "")


def _is_own(row: Visit) -> bool:
    return row["url"] is not None and "shop.example" in (row["referrer"] or "")


@given(
    visits,
    st.sampled_from([10, 30, 60]),
    st.sampled_from(["ga4", "matomo", "seed"]),
    st.sampled_from(["UTC", "Europe/Berlin"]),
    st.sampled_from([0, 0, 1]),
)
def test_events_are_in_the_sessions_of_a_slow_reading(
    drawn: list[tuple[str, timedelta, str | None, str | None]], minutes: int, policy: str, zone: str, hours: int
) -> None:
    rows = told(drawn)
    answer = tl.sessionize(
        pa.Table.from_pylist(rows), gap_minutes=minutes, policy=policy, time_zone=zone, cap_hours=hours
    ).to_pylist()
    found = [(row["event_id"], row["session_number"], row["started_because"]) for row in answer]
    assert found == expected(rows, timedelta(minutes=minutes), policy, zone, timedelta(hours=hours))
    of_session: dict[str, set[int]] = {}
    for row in answer:
        of_session.setdefault(row["session_id"], set()).add(row["session_number"])
    assert {len(numbers) for numbers in of_session.values()} == {1}


def test_parts_of_whole_visitors_give_the_sessions_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"visitor_id": f"v{n % 7}", "event_id": n, "occurred_at": START + n * timedelta(minutes=3),
         "url": URLS[n % 8], "referrer": REFERRERS[n % 3]}
        for n in range(90)
    ]  # fmt: skip
    whole = tl.sessionize(pa.Table.from_pylist(rows), policy="matomo", cap_hours=1)
    for size in (1, 2, 20, 89):
        monkeypatch.setattr(sessionizing, "_PART_ROWS", size)
        assert tl.sessionize(pa.Table.from_pylist(rows), policy="matomo", cap_hours=1).equals(whole)
    assert len(set(whole["started_because"].to_pylist())) > 2


def test_tags_that_say_that_nobody_sent_the_visitor_begin_no_session() -> None:
    urls = ["/?utm_source=letter&utm_medium=email", "/?utm_source=(direct)&utm_medium=(none)", "/?utm_source=Direct"]
    urls += ["/?utm_medium=none&utm_campaign=may"]
    times = [START + timedelta(minutes=10 * number) for number in range(4)]
    rows = {"visitor_id": ["a"] * 4, "event_id": [1, 2, 3, 4], "occurred_at": times, "url": urls}
    assert tl.sessionize(pa.table(rows), policy="matomo")["session_number"].to_pylist() == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("ignored", "numbers"),
    [
        ((), [1, 2]),
        (["https://www.partner.example/x"], [1, 1]),
        ("bank.example, blog.partner.example", [1, 1]),
        (["other.partner.example"], [1, 2]),
    ],
)
def test_a_host_that_is_ignored_brings_nobody(ignored: Any, numbers: list[int]) -> None:
    """A session that showed no source takes the campaign that comes later."""
    rows = {
        "visitor_id": ["a", "a"], "event_id": [1, 2], "occurred_at": [START, START + timedelta(minutes=9)],
        "url": ["/", "/?utm_source=letter"], "referrer": ["https://blog.partner.example/", None],
    }  # fmt: skip
    answer = tl.sessionize(pa.table(rows), policy="matomo", ignored_referrers=ignored)
    assert answer["session_number"].to_pylist() == numbers


def test_ids_may_be_integers_and_urls_may_be_missing() -> None:
    rows = {"visitor_id": [2, 1], "event_id": [7, 8], "occurred_at": [START, START]}
    answer = tl.sessionize(pa.table(rows))
    micros = round(START.timestamp()) * 1_000_000
    assert answer.to_pylist() == [
        {"event_id": 8, "session_id": f"1/{micros}", "session_number": 1, "started_because": "first_visit"},
        {"event_id": 7, "session_id": f"2/{micros}", "session_number": 1, "started_because": "first_visit"},
    ]


def test_a_table_without_rows_has_no_sessions() -> None:
    none = {"visitor_id": pa.array([], pa.string()), "event_id": pa.array([], pa.int64())}
    events = pa.table({**none, "occurred_at": pa.array([], pa.timestamp("us"))})
    for policy in ("ga4", "matomo", "seed"):
        answer = tl.sessionize(events, policy=policy, cap_hours=24)
        assert (answer.num_rows, answer.column_names) == (
            0, ["event_id", "session_id", "session_number", "started_because"],
        )  # fmt: skip


@pytest.mark.parametrize("policy", ["ga4", "matomo", "seed"])
@pytest.mark.parametrize(("indices", "values"), [(pa.int8(), pa.large_string()), (pa.uint32(), pa.string_view())])
def test_categoricals_say_what_their_texts_say(policy: str, indices: pa.DataType, values: pa.DataType) -> None:
    """As pandas and polars export them."""
    texts = {"visitor_id": ["a", "b", "a"], "event_id": ["1", "2", "3"], "url": ["/", None, "/?utm_source=x"]}
    times = pa.array([datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (1, 2, 3)])
    encoded = {name: pa.array(column).dictionary_encode() for name, column in texts.items()}
    columns = {
        name: pa.DictionaryArray.from_arrays(column.indices.cast(indices), column.dictionary.cast(values))
        for name, column in encoded.items()
    }
    plain, table = pa.table({**texts, "occurred_at": times}), pa.table({**columns, "occurred_at": times})
    assert tl.sessionize(table, policy=policy).to_pylist() == tl.sessionize(plain, policy=policy).to_pylist()
    assert tl.sessionize(table.slice(0, 0), policy=policy).num_rows == 0


@pytest.mark.parametrize("kind", [pa.null(), pa.float64(), pa.string()])
def test_a_table_without_rows_need_not_know_its_types(kind: pa.DataType) -> None:
    """An empty frame of pandas has numbers, one of polars nulls."""
    names = ("visitor_id", "event_id", "occurred_at", "url")
    assert tl.sessionize(pa.table({name: pa.array([], kind) for name in names}), policy="matomo").num_rows == 0


@pytest.mark.parametrize(
    "empty", [pa.array([float("nan"), None]), pa.nulls(2), pa.nulls(2, pa.bool_()), pa.nulls(2, pa.int64())]
)
def test_a_column_that_says_nothing_is_missing_whatever_its_type(empty: pa.Array) -> None:
    """Pandas has numbers in a column without texts."""
    rows = {"visitor_id": ["a", "a"], "event_id": [1, 2], "occurred_at": [START, START + timedelta(minutes=9)]}
    urls = pa.array(["/?utm_source=a", "/?utm_source=b"])
    for policy, columns in (
        ("matomo", {"url": empty}),
        ("matomo", {"url": urls, "referrer": empty}),
        ("ga4", {"referrer": empty}),
    ):
        answer = tl.sessionize(pa.table({**rows, **columns}), policy=policy)
        assert answer["session_number"].to_pylist() == (
            [1, 2] if "url" in columns and columns["url"] is urls else [1, 1]
        )


class Frame:
    """A table of pandas whose texts Arrow cannot hold."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns[name]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table(self.columns).__arrow_c_stream__(requested_schema)


def test_half_of_a_surrogate_pair_is_refused_by_its_row() -> None:
    rows = Frame(visitor_id=["a", "b"], event_id=[1, 2], occurred_at=[START] * 2, url=["/", "/\ud800"])
    with pytest.raises(InputError, match=r"events\.url, row 1: '/\\ud800' has half of a surrogate pair"):
        tl.sessionize(rows)
    answers = tl.classify_columns(Frame(url=["/?gclid=Cj0KCQ", "/?utm_medium=email&utm_source=\ud800"]))
    assert answers["channel"].to_pylist()[0] == "Paid Search"
    assert (
        tl.classify_columns({"referrer": ["\ud800", "https://www.google.com/"]})["channel"].to_pylist()[1]
        == "Organic Search"
    )


def test_texts_are_ordered_by_their_letters_and_integers_by_their_size() -> None:
    for ids, order in ((["10", "9", "11"], ["10", "11", "9"]), ([10, 9, 11], [9, 10, 11])):
        one = tl.sessionize(pa.table({"visitor_id": ["x"] * 3, "event_id": ids, "occurred_at": [START] * 3}))
        assert one["event_id"].to_pylist() == order
        each = tl.sessionize(pa.table({"visitor_id": ids, "event_id": ids, "occurred_at": [START] * 3}))
        assert each["session_id"].to_pylist() == [f"{name}/{round(START.timestamp()) * 1_000_000}" for name in order]


@pytest.mark.parametrize(
    ("policy", "zone", "day", "reasons"),
    [
        ("matomo", "Europe/Berlin", 31, ["first_visit", "midnight"]),
        ("matomo", "UTC", 31, ["first_visit", "first_visit"]),
        ("seed", "Europe/Berlin", 31, ["first_visit", "month"]),
        ("seed", "Europe/Berlin", 30, ["first_visit", "first_visit"]),
        ("ga4", "Europe/Berlin", 31, ["first_visit", "first_visit"]),
    ],
)
def test_midnights_and_months_are_those_of_the_time_zone(policy: str, zone: str, day: int, reasons: list[str]) -> None:
    """In Berlin, the day ends at 22:00."""
    times = [datetime(2026, 3, day, 21, 55, tzinfo=UTC), datetime(2026, 3, day, 22, 5, tzinfo=UTC)]
    table = pa.table({"visitor_id": ["a", "a"], "event_id": [1, 2], "occurred_at": times})
    assert tl.sessionize(table, policy=policy, time_zone=zone)["started_because"].to_pylist() == reasons


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"visitor_id": None}, "events lacks visitor_id"),
        ({"event_id": ["e", "e"]}, r"given_events\.event_id is not unique|event_id is not unique"),
        ({"visitor_id": ["a", None]}, "1 of 2 events have no visitor_id"),
        ({"url": [1, 2]}, r"events\.url is text, not int64"),
        ({"occurred_at": ["x", "y"]}, r"events\.occurred_at is a timestamp"),
    ],
)
def test_unusable_tables_are_refused(change: dict[str, Any], message: str) -> None:
    rows = {"visitor_id": ["a", "b"], "event_id": ["1", "2"], "occurred_at": [START, START]} | change
    with pytest.raises(InputError, match=message):
        tl.sessionize(pa.table({name: values for name, values in rows.items() if values is not None}))


def test_arguments_out_of_range_are_refused() -> None:
    table = pa.table({"visitor_id": ["a"], "event_id": ["1"], "occurred_at": [START]})
    with pytest.raises(UsageError, match="session_gap_minutes is a number from 1 to 480"):
        tl.sessionize(table, gap_minutes=0)
    with pytest.raises(UsageError, match="session_policy is one of ga4, matomo, seed"):
        tl.sessionize(table, policy="ga5")
    with pytest.raises(UsageError, match="session_cap_hours is a number from 0 to 168, not '169'"):
        tl.sessionize(table, cap_hours=169)
    with pytest.raises(UsageError, match="ignored_referrers names the site 'shop', but a table has none"):
        tl.sessionize(table, ignored_referrers=["shop=bank.example"])
    with pytest.raises(UsageError, match="There is no time zone 'Mars/Base'"):
        tl.sessionize(table, time_zone="Mars/Base")
