"""Factors of lift tests change no number but those of their own columns."""

from contextlib import closing
from typing import Any

from tests.oracle.engine import told
from tests.oracle.world import Row, World, goal, organization, site
from tests.reports.test_money_reports import COSTS, EVENTS, LIFTS
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.reports.attribution import model_comparison
from touchline.reports.performance import performance_report
from touchline.reports.report import document


def answers(lifts: list[Row]) -> list[Any]:
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], EVENTS, [COSTS], lifts=lifts)
    with closing(DuckDB()) as engine:
        pipeline.run(told([world]).feed, engine)
        return [document(report(engine, "o")) for report in (model_comparison, performance_report)]


def without(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: without(one) for key, one in answer.items() if not key.startswith("calibrated")}
    return [without(one) for one in answer] if isinstance(answer, list) else answer


def test_no_other_number_knows_of_factors() -> None:
    factored, plain = answers(LIFTS), answers([])
    assert factored != plain
    assert without(factored) == without(plain)
