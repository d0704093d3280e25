"""A run that was cut off half-way, on every engine: where there is no transaction, the next run makes all anew."""

from collections.abc import Callable

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


_TARGET = {"organization_id": "o", "platform": "", "campaign_id": "", "target_cpa_micros": 1, "target_roas": None}


class _CutOffError(Exception):
    """The process ends here."""


def _known() -> ListFeed:
    return told([World(organization(), [site()], [goal()], events=_bought("ann", 2))])


def _goes_on(ledger: ListFeed) -> None:
    ledger.tell(_bought("bob", 3))
    ledger.reference["targets"].append(_TARGET)  # settings are loaded where they changed


@pytest.fixture(scope="module")
def expected() -> Tables:
    """What a rebuild of all of it gives."""
    ledger = _known()
    _goes_on(ledger)
    tables = rebuilt(ledger)
    assert len(tables["conversions"]) == 2
    return tables


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at_table", "is_first"),
    [
        ("sessions", True), ("tracking_events", False), ("cost_rows", False), ("organizations", False),
        ("sessions", False), ("waste_findings", False),
    ],
)  # fmt: skip
def test_the_run_after_one_that_was_cut_off_leaves_nothing_out(
    engine: Engine, expected: Tables, monkeypatch: pytest.MonkeyPatch, at_table: str, *, is_first: bool
) -> None:
    ledger = _known()
    if not is_first:
        pipeline.run(ledger.feed, engine)
    _goes_on(ledger)
    with monkeypatch.context() as patched:
        for verb in ("append", "replace"):
            patched.setattr(engine, verb, _until(at_table, getattr(engine, verb)))
        with pytest.raises(_CutOffError):
            pipeline.run(ledger.feed, engine)
    report = pipeline.run(ledger.feed, engine)
    assert report.is_rebuild == (is_first or not engine.can.transactions)
    assert changes(expected, snapshot(engine)) == ""
    assert not pipeline.run(ledger.feed, engine).is_rebuild


def _until(name: str, work: Callable[..., object]) -> Callable[..., object]:
    def cut(table: Table, *rest: object, **more: object) -> object:
        made = work(table, *rest, **more)
        if table == ALL[name]:
            raise _CutOffError
        return made

    return cut
