"""The measures of health that tables of whole days say already: their files add them up when a report asks.

Stored measures are sums over persons; these are of costs and credit, which are stored by day. No day of them is a
signal.

>>> list(DAY_MEASURES)[:2]
['known_campaign_rate', 'unmatched_spend_share']
"""

from touchline.engines import Engine
from touchline.health.measures import MEASURES, Measure, measure_of
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question
from touchline.reports.survey import agrees
from touchline.sql import branches

DAY_MEASURES: dict[str, Measure] = {
    name: measure_of(name, file) for name, file in branches("touchline.reports.queries", "by_day").items()
}
"""By name, in the order in which they are shown."""

ALL_MEASURES = MEASURES | DAY_MEASURES
"""Every rate by name, in the order in which they are shown: the stored ones first."""


def parts_of(goal: str, channel: str) -> tuple[str, ...]:
    """The measures that are known of a goal, or of a channel; ``""``: of all together.

    >>> parts_of("purchase", "")[0], parts_of("", "Email")[:2]
    ('behavioural_coverage', ('unresolved_visit_rate', 'claimed_visit_rate'))
    """
    asked = {name for name, value in (("goal", goal), ("channel", channel)) if value}
    return tuple(name for name, measure in ALL_MEASURES.items() if asked <= {*measure.slices})


def measured_days(engine: Engine, question: Question, channel: str = "") -> list[Row]:
    """Every measure of every site from day to day; ``is_stored`` tells the stored ones from the others.

    :param channel: only this channel; ``""``: all together. A measure that does not part its days so has none.
    """
    stored = rows(engine, "measures_by_day", **question.parameters, channel=channel)
    others = _of_days(engine, question, channel)
    return [{**row, "is_stored": row["measure"] in MEASURES} for row in (*stored, *others)]


def known(measured: list[Row]) -> list[Row]:
    """The days without those of a measure of which a site never had a case: it collects none, rather than 0 %."""
    had = {(row["site_id"], row["measure"]) for row in measured if row["numerator"]}
    return [
        row
        for row in measured
        if not ALL_MEASURES[row["measure"]].needs_case or (row["site_id"], row["measure"]) in had
    ]


def _of_days(engine: Engine, question: Question, channel: str) -> list[Row]:
    parameters = {**question.parameters, "model": question.model}
    asked = {"goal": question.goal, "channel": channel, "site_id": parameters["site_id"]}
    found: dict[tuple[str, str, object], Row] = {}
    for measure in DAY_MEASURES:
        for row in rows(engine, f"by_day.{measure}", **parameters):
            if any(value and row[name] != value for name, value in asked.items()):
                continue
            of = {"site_id": row["site_id"], "measure": measure, "period": row["period"]}
            sums = found.setdefault((row["site_id"], measure, row["period"]), of | {"numerator": 0, "denominator": 0})
            above, below = _counted(row)
            sums["numerator"] += above
            sums["denominator"] += below
    return sorted((row for row in found.values() if row["denominator"]), key=lambda row: row["period"])


def _counted(row: Row) -> tuple[int, int]:
    """Above and below the line; of answers, those that name the channel and all of them."""
    if "answer" not in row:
        return int(row["numerator"]), int(row["denominator"])
    return (row["denominator"] if agrees(row["answer"], row["credited"]) else 0), row["denominator"]
