"""A day is complete only where everything that it needs is known to be there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.reports.conftest import ORGANIZATION, event, order, workspace
from touchline.errors import UnknownError, UsageError
from touchline.jobs import completing, importing, running
from touchline.jobs.completing import completeness
from touchline.jobs.reporting import answer_of
from touchline.jobs.workspace import Workspace
from touchline.reports.catalog import report_named
from touchline.reports.completeness import Completeness, DayPart, completeness_report

DAY = date(2026, 3, 30)
"""A Monday, on the day after the clocks of Berlin went forward."""
_FIRST = date(2026, 2, 16)
_COSTS = "date,platform,account_id,campaign_id,campaign_name,impressions,clicks,cost,currency\n"


def micros(text: str) -> int:
    """A time of Berlin's summer, in microseconds since 1970."""
    return round(datetime.fromisoformat(f"{text}+02:00").astimezone(UTC).timestamp() * 1e6)


AFTER = micros("2026-03-31T11:00")


def visits(day: date, count: int) -> list[dict[str, object]]:
    return [event(f"v{day:%m%d}-{number}", f"{day:%m-%d}T{7 + number:02}:00") for number in range(count)]


def costs(folder: Path, *rows: tuple[date, str, str]) -> Path:
    file = folder / f"costs-{len(list(folder.iterdir()))}.csv"
    file.write_text(
        _COSTS + "".join(f"{day},{platform},{account},c1,Spring,1,1,2.00,EUR\n" for day, platform, account in rows)
    )
    return file


@dataclass(frozen=True)
class Shop:
    """A shop of six weeks with four visits a day, up to the morning after :data:`DAY`."""

    folder: Path
    opened: Workspace

    def asked(self, now: int = AFTER, day: date | None = None, site: str | None = None) -> Completeness:
        return completeness(self.opened, ORGANIZATION, now=now, day=day, site=site)

    def load(self, *rows: tuple[date, str, str], now: int = AFTER) -> None:
        importing.import_costs(self.opened, [costs(self.folder, *rows)], organization_id=None, now=now)
        running.run(self.opened)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("whole-days")
    days = [_FIRST + timedelta(days=number) for number in range((DAY - _FIRST).days + 1)]
    told = [one for day in days if day != date(2026, 3, 23) for one in visits(day, 4)] + visits(DAY + timedelta(1), 1)
    with workspace(folder, events=told, costs="") as opened:
        yield Shop(folder, opened)


def states(found: Completeness) -> dict[str, list[bool | None]]:
    return {
        name: [one.is_complete for one in found.parts if one.part == name] for name in {p.part for p in found.parts}
    }


def part(found: Completeness, name: str) -> DayPart:
    (one,) = (each for each in found.parts if each.part == name)
    return one


def test_a_day_becomes_complete_step_by_step(shop: Shop) -> None:
    found = shop.asked()
    assert (found.day, found.time_zone, found.data_until) == (DAY, "Europe/Berlin", "2026-03-31 09:00")
    assert (found.is_complete, states(found)["costs"]) == (None, [None])
    assert found.verdict == "30 Mar 2026 is not known to be complete: No costs are known of any day."
    shop.load((DAY - timedelta(1), "META", "a1"), (DAY, "GOOGLE_ADS", "g"), (DAY, "META", "a2"))
    found = shop.asked()
    assert (found.is_complete, states(found)["costs"]) == (False, [True, False, True])
    assert found.verdict == "30 Mar 2026 is not complete: Meta a1: costs are known to 29 Mar 2026."
    shop.load((DAY + timedelta(1), "META", "a1"))
    found = shop.asked()
    assert (found.is_complete, states(found)["costs"]) == (None, [True, None, True])
    shop.load((DAY, "META", "a1"), now=micros("2026-03-30T23:59"))
    assert shop.asked().verdict == (
        "30 Mar 2026 is not complete: Meta a1: the costs were imported before the day was over."
    )
    shop.load((DAY, "META", "a1"), now=micros("2026-03-31T00:00"))
    shop.load((date(2026, 1, 5), "TIKTOK", "old"))
    found = shop.asked()
    assert (found.is_complete, found.verdict) == (True, "30 Mar 2026 is complete.")
    by_the_clock = answer_of(report_named("completeness"), shop.opened, ORGANIZATION, day=DAY)
    assert [one for one in by_the_clock.parts if one.part != "today"] == [
        one for one in found.parts if one.part != "today"
    ]
    _volumes_are_those_of_the_same_weekdays(shop)
    _nothing_is_known_of_later_days(shop)
    _what_waits_is_counted(shop)


def _nothing_is_known_of_later_days(shop: Shop) -> None:
    going_on = shop.asked(day=DAY + timedelta(1))
    assert going_on.is_complete is False
    assert "the day is not over yet" in going_on.verdict
    later = shop.asked(now=micros("2026-04-01T00:01"))
    assert (later.day, later.is_complete, states(later)["visits"]) == (DAY + timedelta(1), False, [None])
    silent = shop.asked(now=micros("2026-04-02T00:00"))
    assert (silent.day, states(silent)["visits"]) == (date(2026, 4, 1), [False])
    unused = shop.asked(day=date(2026, 7, 1))
    assert [one.says for one in unused.parts if one.part == "costs"] == [
        "No ad account has costs of the day or of the two months before."
    ]
    before = shop.asked(day=_FIRST)
    assert (before.is_complete, part(before, "volume").usual) == (False, None)


def _what_waits_is_counted(shop: Shop) -> None:
    late = shop.folder / "late.jsonl"
    times = ("03-30T21:59", "03-30T22:00", "03-29T21:59")
    told = [order("late", time, f"L{number}", 1.0) for number, time in enumerate(times)]
    late.write_text("\n".join(json.dumps(one) for one in told))
    importing.import_events(shop.opened, [late], site_id=None, mapping=None, now=AFTER)
    waiting = part(shop.asked(), "waiting")
    assert (waiting.counted, waiting.is_complete) == (3, False)
    assert waiting.says == "3 events wait for the next run, 1 of them of the day."
    assert part(shop.asked(day=date(2026, 3, 20)), "waiting").is_complete is True
    with pytest.MonkeyPatch.context() as patch:  # where much waits, not all of it is read
        patch.setattr(completing, "_MOST_READ", 3)
        assert part(shop.asked(day=date(2026, 3, 20)), "waiting").is_complete is None
    importing.import_costs(shop.opened, [costs(shop.folder, (DAY, "META", "a9"))], organization_id=None, now=AFTER)
    assert "1 row of costs" in part(shop.asked(day=date(2026, 3, 20)), "waiting").says
    running.run(shop.opened)
    assert shop.asked().is_complete is True


def _volumes_are_those_of_the_same_weekdays(shop: Shop) -> None:
    found = shop.asked(now=micros("2026-03-31T10:30"))
    volume, today = part(found, "volume"), part(found, "today")
    assert (volume.counted, volume.usual, volume.is_complete) == (4, 3.0, True)  # none on one of four Mondays
    assert (today.counted, today.usual, today.is_complete) == (1, 3.0, None)  # the clocks went forward
    few = part(shop.asked(day=date(2026, 3, 23)), "volume")
    assert (few.counted, few.usual, few.is_complete) == (0, 4.0, None)


def test_the_tables_alone_never_say_that_a_day_is_complete(shop: Shop) -> None:
    found = completeness_report(shop.opened.engine, ORGANIZATION, day=DAY)
    assert part(found, "waiting").is_complete is None
    assert found.is_complete is not True


def test_what_cannot_be_asked_is_refused(shop: Shop) -> None:
    with pytest.raises(UsageError, match="A day is of 1970-01-01"):
        shop.asked(day=date.min)
    with pytest.raises(UnknownError, match="no site"):
        shop.asked(site="none")


def test_before_the_first_visit_nothing_is_complete(tmp_path: Path) -> None:
    with workspace(tmp_path, events=[], costs="") as opened:
        found = completeness(opened, ORGANIZATION, now=AFTER)
    assert (found.is_complete, found.parts) == (None, ())
