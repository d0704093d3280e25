"""What a chart shows, in one sentence each."""

from touchline.amounts import amount, counted
from touchline.grains import UNATTRIBUTED
from touchline.reports import figures
from touchline.reports.overview import Overview
from touchline.reports.side_by_side import ComparisonRow
from touchline.reports.waste import WasteReport
from touchline.reports.words import unassigned_in_words


def days_summary(report: Overview) -> str:
    """The days, and which stand out."""
    if not report.days:
        return "There is no day with data yet."
    best = max(report.days, key=lambda day: day.conversions)
    marked = sum(day.is_signal for day in report.days)
    which = "The only day" if report.window.days == 1 else f"The best of {counted(report.window.days or 0, 'day')}"
    said = f"{which} was {figures.day(best.day)} with {counted(best.conversions, 'conversion')}"
    if not marked:
        return f"{said}; no day is marked as unusual."
    days = counted(marked, "day is", "days are")
    return f"{said}; {days} marked, because a health measure left its usual limits."


def models_summary(report: Overview) -> str:
    """The channel that hangs most on the choice of a model."""
    rows = [row for row in report.models.rows if row.key != UNATTRIBUTED]
    if not rows:
        return "There are no conversions to attribute yet."
    most = max(rows, key=_spread)
    low, high = (pick(cell.conversions for cell in most.models) for pick in (min, max))
    return (
        f"The choice of a model matters most to {most.name}, which gets between {figures.conversions(low)} and"
        f" {figures.conversions(high)} conversions; every model shares out the same"
        f" {figures.conversions(report.channels.totals.conversions)} in all."
    )


def _spread(row: ComparisonRow) -> float:
    given = [cell.credit for cell in row.models]
    return max(given) - min(given)


def campaigns_summary(report: Overview) -> str:
    """How much of the spend the findings call wasted."""
    waste = report.waste
    unassigned = unassigned_in_words(waste.unassigned_spend_micros, waste.currency, waste.grain)
    return f"{_waste_found(waste)} {unassigned}".rstrip()


def _waste_found(waste: WasteReport) -> str:
    if not waste.spend_micros:
        return f"There are no costs {'of the site ' if waste.site_id else ''}for the waste window."
    if not waste.count:
        return "No campaign has a waste finding."
    found = counted(waste.count, "campaign has a finding", "campaigns have findings")
    return (
        f"{found}: {waste.currency} {amount(waste.waste_micros, waste.currency)}"
        f" of {amount(waste.spend_micros, waste.currency)} spent"
        f" ({figures.percent(waste.waste_share)}) earned too little in {figures.days(waste.window)}."
    )


def touches_summary(report: Overview) -> str:
    """How many conversions took more than one touch."""
    total = report.journeys.conversions
    if not total:
        return "There is no conversion yet."
    several = sum(count.conversions for count in report.journeys.touches if count.touches > 1)
    return f"{figures.percent(several / total)} of conversions took more than one touch."


def health_summary(report: Overview, site_id: str) -> str:
    """How many signals a site had."""
    signals = sum(signal.site_id == site_id for signal in report.health.signals)
    if not signals:
        return "No measure left its limits."
    return f"{counted(signals, 'signal')}: points outside the dashed limits are marked."
