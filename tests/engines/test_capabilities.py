"""What is asked of an engine that cannot do everything: it does less, and the tables come out the same."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import World, at, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Capabilities, DuckDB, Engine
from touchline.engines.protocol import Workbench
from touchline.tables import APPLIED_RULES

_BENCH = {name for name in vars(Workbench) if not name.startswith("_")}
DIGESTS = 4
"""How many a run notes: of the rules, of the fits (a new one makes the links alone again), of the reference rows and of
the tables' columns."""


class _TablesAlone(DuckDB):
    """An engine without a workbench; whoever asks for one all the same is told so."""

    __module__ = DuckDB.__module__  # of whose source the digest of what decides is made
    can = Capabilities(increment=False, transactions=True)

    def __getattribute__(self, name: str) -> Any:
        if name in _BENCH:
            raise AssertionError(f"{name} is asked of an engine that has no workbench")
        return super().__getattribute__(name)


class _NoWayBack(DuckDB):
    """An engine whose transactions keep what was done before a failure."""

    __module__ = DuckDB.__module__
    can = Capabilities(increment=True, transactions=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


def _bought(name: str, day: int) -> list[dict[str, object]]:
    said = {"visitor_id": name, "page_domain": "shop.example"}
    return [
        event(f"p{name}", at(f"2026-03-{day:02} 10:00"), **said, utm_source="google", utm_medium="cpc"),
        event(f"o{name}", at(f"2026-03-{day:02} 10:01"), **said, type="CONVERSION", value_micros=7, order_id=name),
    ]


def _known() -> ListFeed:
    return told([World(organization(), [site()], [goal()], events=_bought("ann", 2))])


def _digests(engine: Engine) -> int:
    return int(engine.select(f"select * from {APPLIED_RULES.name}").num_rows)


def test_the_verbs_of_a_workbench_are_known() -> None:
    assert {"keep", "hold", "narrow", "bind"} == _BENCH


def test_without_a_workbench_every_run_is_a_rebuild_and_ends_with_the_same_tables() -> None:
    ledger = _known()
    with closing(_TablesAlone()) as engine:
        assert pipeline.run(ledger.feed, engine).is_rebuild
        ledger.tell(_bought("bob", 3))
        ledger.erase("pann")
        report = pipeline.run(ledger.feed, engine)
        assert (report.is_rebuild, report.is_always_rebuilt, report.events) == (True, True, 3)
        assert changes(rebuilt(ledger), snapshot(engine)) == ""
        assert not pipeline.run(ledger.feed, engine).is_rebuild  # nothing is new
        ledger.tell(_bought("carl", 4))
        assert pipeline.run(ledger.feed, engine).is_rebuild
        assert changes(rebuilt(ledger), snapshot(engine)) == ""


@pytest.mark.parametrize("kind", [_TablesAlone, _NoWayBack])
def test_what_a_run_has_followed_is_no_news_to_the_next_one(
    kind: type[DuckDB], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = _known()
    ledger.tell(_bought("bob", 3))
    ledger.erase("pann")
    with closing(kind()) as engine:
        pipeline.run(ledger.feed, engine)
        for verb in ("append", "replace", "remove"):
            monkeypatch.setattr(engine, verb, _fails)
        assert pipeline.run(ledger.feed, engine).events == 0
        assert _digests(engine) == DIGESTS


@pytest.mark.parametrize(("kind", "left"), [(DuckDB, DIGESTS), (_NoWayBack, 0)])
def test_only_without_transactions_a_run_takes_the_digests_away_first(
    kind: type[DuckDB], left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = _known()
    with closing(kind()) as engine:
        pipeline.run(ledger.feed, engine)
        assert _digests(engine) == DIGESTS
        ledger.tell(_bought("bob", 3))
        monkeypatch.setattr(pipeline, "follow", _fails)
        with pytest.raises(KeyboardInterrupt):
            pipeline.run(ledger.feed, engine)
        assert _digests(engine) == left


def _fails(*_asked: object, **_options: object) -> None:
    raise KeyboardInterrupt
