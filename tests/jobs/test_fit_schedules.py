"""A schedule makes each fit once, of weeks or months that have ended, and says what it could not make."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.jobs.conftest import Tell
from touchline.errors import UnknownError, UsageError
from touchline.jobs import fitting, running
from touchline.jobs.fitting.schedules import newest_end
from touchline.jobs.workspace import Workspace
from touchline.magnitudes import DAY_MICROS


def at(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp()) * 1_000_000


def buyer(day: str) -> list[dict[str, object]]:
    said: dict[str, object] = {"anonId": day}
    visit = said | {"eventId": f"p{day}", "url": "https://shop.example/?utm_source=letter&utm_medium=email"}
    bought = said | {"eventId": f"o{day}", "type": "CONVERSION", "orderId": day, "value": 5}
    return [visit | {"occurredAt": f"{day}T09:00:00Z"}, bought | {"occurredAt": f"{day}T10:00:00Z"}]


def fits(workspace: Workspace) -> list[str]:
    return [one.fit_id for one in fitting.list_fits(workspace, "shop")]


def test_each_week_is_fitted_once_and_no_other_fit_is_kept_from_being_made(workspace: Workspace, tell: Tell) -> None:
    tell(*buyer("2026-03-03"), *buyer("2026-03-10"))
    running.run(workspace)
    fitting.set_schedule(workspace, "shop", kind="USUAL_CPA", every="week", days=7)  # there are no costs: too thin
    made = fitting.set_schedule(workspace, "shop", every="week", days=28)
    assert (made.kind, made.every, made.days, made.order, made.tried_at) == ("MARKOV", "week", 28, "1", None)

    now, rounds = at("2026-03-12"), []
    outcomes = fitting.make_due_fits(workspace, now, after_each=lambda: rounds.append(now))
    assert [(one.schedule.kind, one.fit_id) for one in outcomes] == [
        ("MARKOV", "MARKOV/shop/2026-03-08/v1"), ("USUAL_CPA", ""),
    ]  # fmt: skip
    assert len(rounds) == 2
    assert "fewer than 10 conversions" in outcomes[1].refusal
    assert [one.refusal == outcomes[1].refusal for one in fitting.list_schedules(workspace, "shop")] == [False, True]
    assert fitting.make_due_fits(workspace, now + DAY_MICROS - 1) == []
    assert [one.kind for one in fitting.due_schedules(workspace, now + DAY_MICROS)] == ["USUAL_CPA"]

    assert fitting.make_due_fits(workspace, at("2026-03-16"))[0].fit_id == "MARKOV/shop/2026-03-15/v1"
    assert fits(workspace) == ["MARKOV/shop/2026-03-08/v1", "MARKOV/shop/2026-03-15/v1"]
    fitting.remove_schedule(workspace, "shop", "USUAL_CPA")
    assert fitting.make_due_fits(workspace, at("2026-03-20")) == []
    with pytest.raises(UnknownError, match="no schedule of 'USUAL_CPA'"):
        fitting.remove_schedule(workspace, "shop", "USUAL_CPA")
    fitting.set_schedule(workspace, "shop", every="month", days=31)  # in the place of the weekly one
    assert [one.every for one in fitting.list_schedules(workspace, "shop")] == ["month"]
    assert fitting.make_due_fits(workspace, at("2026-03-20")) == []
    assert [one.fit_id for one in fitting.make_due_fits(workspace, at("2026-04-01"))] == ["MARKOV/shop/2026-03-31/v1"]


def test_what_cannot_be_fitted_is_refused_before_it_is_scheduled(workspace: Workspace) -> None:
    for wrong, message in (
        ({"kind": "LINEAR"}, "no fit of 'LINEAR'"), ({"every": "day"}, "every is one of week, month"),
        ({"days": 0}, "1 to 3650 days"), ({"order": "5"}, "order of MARKOV"),
        ({"kind": "USUAL_CPA", "order": "2"}, "order of MARKOV"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=message):
            fitting.set_schedule(workspace, "shop", **wrong)
    assert fitting.list_schedules(workspace, "shop") == []


def test_a_window_ends_with_a_week_or_a_month_that_has_ended() -> None:
    day = date(2026, 1, 1)
    for _ in range(400):
        week, month = newest_end("week", day), newest_end("month", day)
        assert (week.weekday(), day - week < timedelta(days=7), week <= day) == (6, True, True)
        assert (month + timedelta(days=1)).day == 1
        assert day - month < timedelta(days=31)
        assert month <= day
        day += timedelta(days=1)
