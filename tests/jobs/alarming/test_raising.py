"""Which alarms are delivered, and what becomes of them: written before the code, one row for each story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from tests.jobs.alarming.breaking import NOW, broken, day
from touchline.errors import UnknownError, UsageError
from touchline.jobs import setup
from touchline.jobs.alarming import destinations, raising, states
from touchline.jobs.alarming.raising import raise_alarms
from touchline.jobs.alarming.states import acknowledge, alarms_of, mute
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.reports.breaks import Break

Find = Callable[..., None]


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Find:
    """Sets what is broken, and until when there is data; by default, until the last broken day."""

    def set_found(*breaks: Break, newest: date | None = None) -> None:
        last = newest or max((one.until for one in breaks), default=day(0))
        monkeypatch.setattr(raising, "newest_day", lambda *_asked: last)
        for module in (raising, states):
            monkeypatch.setattr(module, "found_breaks", lambda *_asked, **_more: list(breaks))

    set_found()
    return set_found


@dataclass(frozen=True)
class Step:
    """What is found on a day, how many alarms are new, and the states after it."""

    found: tuple[Break, ...]
    new: int
    states: tuple[str, ...]
    act: str = ""
    """What somebody does about the first alarm before."""


STOP = (broken(1, 2),)
LONGER, EARLIER, OVER = (broken(1, 3),), (broken(0, 3),), (broken(1, 3, is_over=True),)
STORIES = {
    "found again and again": [Step(STOP, 1, ("new",)), Step(STOP, 0, ("new",)), Step(LONGER, 0, ("new",))],
    "its first day moves, as limits do": [Step(STOP, 1, ("new",)), Step(EARLIER, 0, ("new",)), Step(STOP, 0, ("new",))],
    "it ends": [Step(STOP, 1, ("new",)), Step(OVER, 0, ("closed",)), Step(OVER, 0, ("closed",))],
    "it comes and goes": [Step(STOP, 1, ("new",)), Step((), 0, ()), Step(LONGER, 0, ("new",))],
    "over when it is found": [Step(OVER, 1, ("closed",))],
    "another goal": [
        Step((broken(1, 2, measure="conversions", goal="a"),), 1, ("new",)),
        Step(tuple(broken(1, 2, measure="conversions", goal=goal) for goal in "ab"), 1, ("new", "new")),
    ],
    "another stop of the same": [Step(OVER, 1, ("closed",)), Step((broken(5, 6), *OVER), 1, ("new", "closed"))],
    "long over": [Step((broken(31, 31), broken(1, 1, measure="x", is_over=True)), 2, ("new", "closed"))],
    "too long over": [Step((broken(32, 32), broken(1, 1, measure="x", is_over=True)), 1, ("new", "closed"))],
    "acknowledged": [Step(STOP, 1, ("new",)), Step(LONGER, 0, ("acknowledged",), "acknowledge")],
    "acknowledged before anybody was notified": [Step(STOP, 0, ("acknowledged",), "acknowledge")],
    "muted": [Step(STOP, 1, ("new",)), Step(LONGER, 0, ("muted",), "mute")],
    "muted before anybody was notified, and later": [
        Step(STOP, 0, ("muted",), "mute"), Step(LONGER, 1, ("new",), "wait"), Step(LONGER, 0, ("new",)),
    ],
    "muted, and another stop of the same": [
        Step(OVER, 1, ("closed",)), Step((broken(5, 6), *OVER), 0, ("muted", "closed"), "mute"),
        Step((broken(5, 9), *OVER), 1, ("new", "closed"), "wait"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_story(workspace: Workspace, find: Find, story: str) -> None:
    now, delivered = NOW, 0
    for step in STORIES[story]:
        find(*step.found)
        now += 30 * DAY_MICROS if step.act == "wait" else 1
        if step.act in {"acknowledge", "mute"}:
            _act(workspace, step.act, now)
        assert len(raise_alarms(workspace, now)) == step.new, step
        assert tuple(one.state for one in alarms_of(workspace, "shop", now)) == step.states, step
        delivered += bool(step.new)
    assert len(workspace.ledger.rows(schema.ALARM_DELIVERIES)) == delivered, "to the log alone: nothing is configured"


@pytest.mark.parametrize(("is_over", "days", "new"), [(True, 30, 1), (True, 31, 0), (False, 400, 1)])
def test_what_was_over_long_before_the_newest_data_is_no_news(
    workspace: Workspace, find: Find, is_over: bool, days: int, new: int
) -> None:
    find(broken(1, 2, is_over=is_over), newest=day(2) + timedelta(days=days))
    assert len(raise_alarms(workspace, NOW)) == new


def _act(workspace: Workspace, act: str, now: int) -> None:
    alarm_id = alarms_of(workspace, "shop", now)[-1].alarm_id
    if act == "mute":
        mute(workspace, "shop", alarm_id, until=states.today_of(now) + timedelta(days=9), now=now)
    else:
        acknowledge(workspace, "shop", alarm_id, by="ann", note="a deploy", now=now)


def test_an_alarm_keeps_its_id_while_its_days_move(workspace: Workspace, find: Find) -> None:
    find(*STOP)
    (first,) = raise_alarms(workspace, NOW)
    find(*EARLIER)
    raise_alarms(workspace, NOW)
    (now,) = alarms_of(workspace, "shop", NOW)
    assert (now.alarm_id, now.since) == (first.alarm_id, day(0))
    assert [(row["since"], row["until"]) for row in workspace.ledger.rows(schema.HEALTH_ALARMS)] == [(day(0), day(3))]
    find()
    raise_alarms(workspace, NOW + 5)
    assert [row["closed_at"] for row in workspace.ledger.rows(schema.HEALTH_ALARMS)] == [NOW + 5]


def test_each_destination_gets_one_delivery_of_all_that_is_new(workspace: Workspace, find: Find) -> None:
    destinations.add_email(workspace, "shop", "ops@shop.example", now=NOW)
    destinations.add_webhook(workspace, "shop", "https://hooks.example/x", allowed=(), now=NOW)
    find(*STOP, broken(1, 2, measure="x"))
    raise_alarms(workspace, NOW)
    rows = workspace.ledger.rows(schema.ALARM_DELIVERIES)
    assert sorted(row["destination"] for row in rows) == ["email-1", "log", "webhook-1"]
    assert {row["document"].count('"alarmId"') for row in rows} == {2}


def test_an_organization_without_numbers_keeps_no_other_from_its_alarms(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"domain": "a.example", "currency": "EUR", "time_zone": "UTC"}
    setup.add_organization(workspace, name="A new one", **place, now=NOW)

    def found(_workspace: Workspace, organization_id: str, *_asked: object) -> list[Break]:
        if organization_id != "shop":
            raise UnknownError(f"There is no organization {organization_id}.")
        return list(STOP)

    monkeypatch.setattr(raising, "found_breaks", found)
    monkeypatch.setattr(raising, "newest_day", lambda *_asked: day(2))
    assert len(raise_alarms(workspace, NOW)) == 1


REFUSED: dict[str, tuple[Callable[[Workspace], Any], type[Exception], str]] = {
    "no id": (lambda w: acknowledge(w, "shop", "w_1", by="ann", now=NOW), UsageError, "a_ and 16"),
    "unknown": (lambda w: acknowledge(w, "shop", "a_" + "0" * 16, by="ann", now=NOW), UnknownError, "no alarm"),
    "nobody": (lambda w: acknowledge(w, "shop", "a_" + "0" * 16, by=" ", now=NOW), UsageError, "name"),
    "huge note": (
        lambda w: acknowledge(w, "shop", "a_" + "0" * 16, by="ann", note="x" * 1_001, now=NOW), UsageError, "1,000"
    ),
    "note with NUL": (
        lambda w: acknowledge(w, "shop", "a_" + "0" * 16, by="ann", note="\0", now=NOW), UsageError, "text"
    ),
    "the past": (lambda w: mute(w, "shop", "a_" + "0" * 16, until=day(7), now=NOW), UsageError, "to come"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_nobody_can_do_is_refused(workspace: Workspace, find: Find, case: str) -> None:
    find(*STOP)
    do, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        do(workspace)
    assert not workspace.ledger.rows(schema.HEALTH_ALARMS)
