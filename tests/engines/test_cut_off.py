"""A run that was cut off half-way, on every engine: where there is no transaction, the next run makes all anew."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import pytest

from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Tables, World, at, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Engine
from touchline.table import Table
from touchline.tables import ALL


def _bought(name: str, day: int) -> list[dict[str, object]]:
    said = {"visitor_id": name, "page_domain": "shop.example"}
    return [
        event(f"p{name}", at(f"2026-03-{day:02} 10:00"), **said, utm_source="google", utm_medium="cpc"),
        event(f"o{name}", at(f"2026-03-{day:02} 10:01"), **said, type="CONVERSION", value_micros=7, order_id=name),
    ]


class _CutOffError(Exception):
    """The process ends here."""


def _known() -> ListFeed:
    return told([World(organization(), [site()], [goal()], events=_bought("ann", 2))])


def _goes_on(ledger: ListFeed, day: int) -> None:
    ledger.tell(_bought(f"bob{day}", day))
    # Settings are loaded where they changed.
    target = {"organization_id": "o", "platform": "", "campaign_id": "", "target_cpa_micros": day, "target_roas": None}
    ledger.reference["targets"] = [target]


@cache
def _history() -> list[tuple[ListFeed, Tables]]:
    """What is known after each cut, and what a rebuild makes of it: the same for all engines."""
    ledger, found = _known(), []
    for day in range(3, 3 + len(CUTS)):
        _goes_on(ledger, day)
        found.append((deepcopy(ledger), rebuilt(ledger)))
    assert [len(tables["conversions"]) for _, tables in found] == [*range(2, 2 + len(CUTS))]
    return found


CUTS = ("sessions", "tracking_events", "cost_rows", "organizations", "sessions", "waste_findings")
"""The tables after which runs are cut off, one after the other; the first of them is an engine's first run."""


@pytest.mark.slow
def test_the_run_after_one_that_was_cut_off_leaves_nothing_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (at_table, (ledger, expected)) in enumerate(zip(CUTS, _history(), strict=True)):
        with monkeypatch.context() as patched:
            for verb in ("append", "replace"):
                patched.setattr(engine, verb, _until(at_table, getattr(engine, verb)))
            with pytest.raises(_CutOffError):
                pipeline.run(ledger.feed, engine)
        report = pipeline.run(ledger.feed, engine)
        keeps_the_last = engine.can.increment and engine.can.transactions
        assert report.is_rebuild == (number == 0 or not keeps_the_last), (number, at_table)
        assert changes(expected, snapshot(engine)) == "", (number, at_table)
        assert not pipeline.run(ledger.feed, engine).is_rebuild, (number, at_table)


def _until(name: str, work: Callable[..., object]) -> Callable[..., object]:
    def cut(table: Table, *rest: object, **more: object) -> object:
        made = work(table, *rest, **more)
        if table == ALL[name]:
            raise _CutOffError
        return made

    return cut
