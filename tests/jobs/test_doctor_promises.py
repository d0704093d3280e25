"""The doctor says which promises the engine in use keeps, from what it declares, and looks at its clocks."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.engines.spark_server import sail
from tests.jobs.conftest import NOW, Tell
from touchline.engines import Capabilities, Engine, capabilities_of
from touchline.engines.clocks import clocks, clocks_here
from touchline.errors import UsageError
from touchline.jobs import running
from touchline.jobs.doctor import promises
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.examining import examine
from touchline.jobs.doctor.promises import PROMISES
from touchline.jobs.workspace import Workspace

_MOMENTS = [datetime(2026, 1, 1) + timedelta(hours=30 * number) for number in range(600)]  # noqa: DTZ001 - in UTC


ENGINES: dict[str, Callable[[], Engine]] = {**FRESH, "spark": lambda: sail().empty("clocks")}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_every_engine_shows_the_clocks_of_this_machine(engine: str, zone: str) -> None:
    with closing(ENGINES[engine]()) as opened:
        for number in range(0, len(_MOMENTS), 200):
            moments = _MOMENTS[number : number + 200]
            assert clocks(opened, moments, zone) == clocks_here(moments, zone)


def test_each_capability_has_words() -> None:
    assert [*PROMISES] == [field.name for field in fields(Capabilities)]


@pytest.mark.parametrize(
    ("url", "said", "then"),
    [
        (None, "computes what changed. A run is all or nothing", ""),
        ("postgresql://localhost/x", "computes what changed. A run is all or nothing", ""),
        ("sc://localhost", "computes everything again. A run is all or nothing", "Run less often"),
        ("clickhouse://localhost", "readers may see some tables new and others old", "Read when no run is on"),
    ],
)
def test_what_an_engine_declares_is_said(url: str | None, said: str, then: str) -> None:
    check = promises._declared(capabilities_of(url), are_clocks_right=False)
    assert said in check.message
    assert check.next_step.startswith(then)
    assert (check.next_step == "", check.cause == "") == (then == "", then == "")
    assert "time zones" not in check.message
    assert "time zones" in promises._declared(capabilities_of(url), are_clocks_right=True).message
    nothing = promises._declared(Capabilities(increment=False, transactions=False), are_clocks_right=True)
    assert nothing.message.startswith("Every run computes everything again. A run is not one step")


def test_an_engine_that_is_none_has_no_promises() -> None:
    with pytest.raises(UsageError, match="TOUCHLINE_ENGINE begins with 'oracle'"):
        capabilities_of("oracle://x")


def _checks(workspace: Workspace, tell: Tell) -> dict[str, Check]:
    tell({"eventId": "1", "anonId": "v"})
    running.run(workspace)
    workspace.let_go_of_engine()
    return {check.name: check for check in examine(workspace.home, now=NOW)}


def test_a_home_has_the_check_of_its_engine(workspace: Workspace, tell: Tell) -> None:
    checks = _checks(workspace, tell)
    assert (checks["promises"].status, checks["promises"].next_step) == ("ok", "")
    assert checks["promises"].message.endswith("Its time zones are those of this machine.")
    assert "time zones" not in checks
    assert "time zones" not in {check.name: check for check in examine(workspace.home)}["promises"].message


def test_a_wrong_clock_is_named(workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(_engine: Any, moments: list[datetime], zone: str) -> list[datetime]:
        return [one + timedelta(hours=one.month == 7) for one in clocks_here(moments, zone)]

    monkeypatch.setattr(promises, "clocks", late)
    checks = _checks(workspace, tell)
    assert checks["time zones"].status == "warning"
    expected = (
        "At 2026-07-01 00:00:00 UTC a clock in UTC shows 2026-07-01 01:00:00 by the engine, and 2026-07-01 00:00:00"
    )
    assert checks["time zones"].message.startswith(expected)
    assert "tzdata" in checks["time zones"].next_step
    assert "time zones" not in checks["promises"].message


def test_an_engine_without_the_zone_is_a_problem(
    workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_asked: Any) -> None:
        raise ValueError("unknown time zone\nat line 1")

    monkeypatch.setattr(promises, "clocks", fails)
    check = _checks(workspace, tell)["time zones"]
    assert (check.status, check.message) == ("problem", "The engine cannot tell the time in UTC: unknown time zone")
