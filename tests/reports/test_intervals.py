"""Intervals around what models give: the numbers are those of the comparison, and the ends those of a slow recount."""

from collections import defaultdict
from typing import get_args

import numpy as np
import pytest

from tests.reports.conftest import ORGANIZATION
from tests.reports.three_engines import SHOP
from touchline.attribution.resampling import BUCKETS, FEWEST_CONVERSIONS
from touchline.engines import Engine
from touchline.grains import UNATTRIBUTED
from touchline.reports import intervals
from touchline.reports.attribution import model_comparison
from touchline.reports.dimensions import OTHER
from touchline.reports.intervals import IntervalRow, Sure, intervals_report

BYS: tuple[Sure, ...] = get_args(Sure)


def given(engine: Engine, by: Sure) -> dict[tuple[str, str], tuple[str, float]]:
    """By key and model, the name and the conversions of the comparison of models, of rows with any credit."""
    found = model_comparison(engine, SHOP, by=by, goal="purchase")
    rows = [row for row in found.rows if any(cell.credit for cell in row.models)]
    return {(row.key, cell.model): (row.name, cell.conversions) for row in rows for cell in row.models}


@pytest.mark.parametrize("by", BYS)
def test_the_numbers_are_those_of_the_comparison_of_models(demo_engine: Engine, by: Sure) -> None:
    found = intervals_report(demo_engine, SHOP, by=by, goal="purchase")
    assert {(row.key, row.model): (row.name, row.conversions) for row in found.rows} == given(demo_engine, by)
    for row in found.rows:
        assert 0 <= row.conversions_low <= row.conversions_high
        assert 0 <= row.share_low <= row.share_high <= 1
        assert row.has_few_conversions == (row.credited_conversions < FEWEST_CONVERSIONS)
    first = found.rows[0]
    assert first.conversions_low < first.conversions < first.conversions_high


def recounted(engine: Engine, model: str) -> dict[str, tuple[float, float]]:
    """The ends of the intervals of channels, one resample after the other and one person after the other."""
    links = engine.select(
        "select l.person_id as person, l.channel as channel, l.touchpoint_id = '' as is_none, l.model as model,"
        " l.credit as credit from attribution_links as l join conversions as c on c.conversion_id = l.conversion_id"
        " where c.goal = 'purchase' and c.currency = 'EUR'"
    ).to_pylist()
    persons = sorted({link["person"] for link in links})
    group = {person: (place + 1) % BUCKETS for place, person in enumerate(persons)}
    sums: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for link in links:
        if link["model"] == model:
            sums[UNATTRIBUTED if link["is_none"] else link["channel"]][group[link["person"]]] += link["credit"]
    chance, drawn = np.random.default_rng(0), defaultdict(list)
    for often in chance.multinomial(BUCKETS, np.full(BUCKETS, 1 / BUCKETS), size=1_000):
        for channel, of_groups in sums.items():
            drawn[channel].append(sum(int(often[part]) * credit for part, credit in of_groups.items()) / 1e9)
    return {channel: (float(np.quantile(one, 0.05)), float(np.quantile(one, 0.95))) for channel, one in drawn.items()}


def test_the_ends_are_those_of_a_recount(demo_engine: Engine) -> None:
    found = intervals_report(demo_engine, SHOP, goal="purchase").rows
    for model in ("LINEAR", "LAST_TOUCH"):
        expected = recounted(demo_engine, model)
        ends = {row.key: (row.conversions_low, row.conversions_high) for row in found if row.model == model}
        assert {key: ends[key] for key in expected} == {
            key: pytest.approx(one, rel=1e-9) for key, one in expected.items()
        }


def test_rows_after_the_first_ones_share_an_interval(demo_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for by in BYS:
        every = intervals_report(demo_engine, SHOP, by=by, goal="purchase").rows
        with monkeypatch.context() as patch:
            patch.setattr(intervals, "MOST_INTERVALS", 2)
            few = intervals_report(demo_engine, SHOP, by=by, goal="purchase").rows
        keys = list(dict.fromkeys(row.key for row in every))
        assert list(dict.fromkeys(row.key for row in few)) == (keys if len(keys) < 3 else [*keys[:2], OTHER])
        assert _totals(few) == pytest.approx(_totals(every))
        assert _totals(few, "share") == pytest.approx(dict.fromkeys(_totals(few), 1.0))


def _totals(rows: tuple[IntervalRow, ...], measure: str = "conversions") -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for row in rows:
        found[row.model] += getattr(row, measure)
    return dict(found)


def test_nothing_has_no_intervals_and_little_has_too_few(engine: Engine, empty: Engine, demo_engine: Engine) -> None:
    much = intervals_report(demo_engine, SHOP, by="city", goal="").rows
    assert not any(row.has_few_conversions for row in much)
    for by in BYS:
        assert intervals_report(empty, ORGANIZATION, by=by).rows == ()
        assert {row.has_few_conversions for row in intervals_report(engine, ORGANIZATION, by=by).rows} == {True}
