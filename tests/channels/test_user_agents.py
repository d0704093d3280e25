"""User agents of one table: the device, the app within which a page opened, and programs that are no visitors."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context.bots import (
    BOT_MARKS,
    BOT_PATTERNS,
    LIBRARY_MARKS,
    MONITOR_MARKS,
    is_declared_bot,
)
from touchline.app_browsers import READ_LENGTH, AppBrowser, app_browser, app_browsers
from touchline.channels.devices import device_type
from touchline.channels.sources import UNKNOWN, source_of_host
from touchline.ingest.bots import NOT_TAKEN, noise_of


class Row(NamedTuple):
    device: str
    """Empty for programs: nothing hangs on it."""
    noise: str
    app: str
    source: str
    """Where the shape was taken from, or what the row is for."""
    user_agent: str


@cache
def table() -> tuple[Row, ...]:
    text = (Path(__file__).parent / "user_agents.csv").read_text(encoding="utf-8")
    return tuple(Row(**row) for row in csv.DictReader(text.splitlines()))


def in_app(user_agent: str | float | None) -> str:
    found = app_browser(user_agent)
    return "" if found is None else found.app


PEOPLE = tuple(row for row in table() if not row.noise)
PROGRAMS = tuple(row for row in table() if row.noise)


@pytest.mark.parametrize("row", PEOPLE, ids=range(len(PEOPLE)))
def test_a_person_has_a_device_and_perhaps_an_app(row: Row) -> None:
    assert (device_type(row.user_agent), in_app(row.user_agent)) == (row.device, row.app), row.source


@pytest.mark.parametrize("row", PEOPLE, ids=range(len(PEOPLE)))
def test_a_person_is_no_program(row: Row) -> None:
    assert noise_of(row.user_agent) is None, row.source
    assert not is_declared_bot(row.user_agent)


@pytest.mark.parametrize("row", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_is_no_visitor(row: Row) -> None:
    noise = noise_of(row.user_agent)
    assert noise is not None, row.source
    assert (noise.reason.value, noise.field) == (row.noise, "userAgent")
    assert is_declared_bot(row.user_agent)


def test_the_table_is_long_and_repeats_nothing() -> None:
    agents = [row.user_agent for row in table()]
    assert len(agents) >= 190
    assert len(agents) == len(set(agents))
    assert {row.device for row in PEOPLE} == {"desktop", "mobile", "tablet"}


@given(st.text(max_size=700) | st.none() | st.just(float("nan")))
def test_whatever_comes_has_a_device_and_at_most_one_app(agent: str | float | None) -> None:
    assert device_type(agent) in {"desktop", "mobile", "tablet"}
    assert in_app(agent) in {"", *(row.app for row in app_browsers())}


@given(st.text(max_size=700), st.sampled_from([*PEOPLE, *PROGRAMS]))
def test_nothing_beyond_the_length_that_is_read_changes_an_answer(tail: str, row: Row) -> None:
    agent = row.user_agent.ljust(512)[:512]
    assert (device_type(agent + tail), in_app(agent + tail)) == (device_type(agent), in_app(agent))
    assert (noise_of(agent + tail), is_declared_bot(agent + tail)) == (noise_of(agent), is_declared_bot(agent))


def test_text_that_is_no_unicode_has_a_device() -> None:
    assert device_type("iPhone \ud800") == "mobile"
    assert in_app("\ud800 [LinkedInApp]/9") == "LinkedIn"
    assert noise_of("Googlebot/2.1 \ud800") is not None


@given(st.sampled_from(app_browsers()), st.sampled_from(app_browsers()), st.text(max_size=30))
def test_of_two_apps_the_one_with_the_lower_priority_tells(one: AppBrowser, other: AppBrowser, between: str) -> None:
    text = f"{one.pattern}{between}{other.pattern}"
    inside = [row for row in app_browsers() if row.pattern in text]
    assert app_browser(text) == min(inside)


def test_patterns_of_apps_are_literals_for_sql_and_name_known_sources() -> None:
    rows = app_browsers()
    assert [row.pattern for row in rows if set(row.pattern) & set("%_\\'")] == []
    assert len({row.priority for row in rows}) == len({row.pattern for row in rows}) == len(rows)
    assert [row.source for row in rows if source_of_host(row.source) is UNKNOWN] == []


def test_a_pattern_of_an_app_is_matched_with_its_case_and_within_what_is_read() -> None:
    assert in_app("x" * (READ_LENGTH - 11) + "LinkedInApp") == "LinkedIn"
    assert in_app("x" * (READ_LENGTH - 10) + "LinkedInApp") == ""
    assert in_app("linkedinapp") == ""


def test_each_mark_makes_a_program() -> None:
    browser = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/143.0 "
    assert [
        mark for mark in (*BOT_MARKS, *LIBRARY_MARKS, *MONITOR_MARKS) if not is_declared_bot(f"{browser}{mark}")
    ] == []
    reasons = {mark: noise_of(f"{browser}{mark}") for mark in (*BOT_MARKS, *LIBRARY_MARKS, *MONITOR_MARKS)}
    assert [mark for mark, noise in reasons.items() if noise is None] == []
    assert [mark for mark in MONITOR_MARKS if reasons[mark].reason.value != "monitoring"] == []  # type: ignore[union-attr]


def test_marks_are_lower_case_and_said_once() -> None:
    marks = (*BOT_MARKS, *LIBRARY_MARKS, *MONITOR_MARKS)
    assert [mark for mark in marks if mark != mark.lower()] == []
    assert len(marks) == len(set(marks))
    assert [pattern for pattern in BOT_PATTERNS if "(?=" in pattern or "(?<" in pattern or "(?!" in pattern] == []


def test_rules_of_devices_are_in_good_order() -> None:
    text = (files("touchline") / "channels" / "data" / "devices.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["device"] for row in rows} == {"desktop", "mobile", "tablet"}
    assert {row["reads"] for row in rows} == {"agent", "model"}
    assert [row for row in rows if not row["pattern"] or not row["about"]] == []
    assert len({row["pattern"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Linux; Android 16; SM-F966N; wv) Chrome/145.0.7632.120 Mobile Safari/537.36 Viber/27.4.0.0",
        "Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_5_6; en-us) AppleWebKit/528.16 Fluid/0.9.6 Safari/528.16",
        "DESAY TS1008/1.0 Release/07.12.2013 Mozilla/5.0 (Linux; U; Android 4.0.3; zh-cn) Mobile Safari/534.30",
        "Podimo/1.20.1 build 148/Android 29",
        "WhatsApp/2.18.79 Android/5.1 Device/Meizu-MX5",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 11_2_6 like Mac OS X) AppleWebKit/604.5.6 Mobile/15D100 Blackboard/3.6.0",
    ],
)
def test_patterns_that_people_match_are_not_taken(agent: str) -> None:
    assert noise_of(agent) is None
    assert len(NOT_TAKEN) == 9


@pytest.mark.parametrize("agent", ["Desk/1", "Acme backend/2", "Mozilla/5.0", "x", 'a "b" c', ""])
def test_a_name_that_says_nothing_is_left_alone(agent: str) -> None:
    assert noise_of(agent) is None
