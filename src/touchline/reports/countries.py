"""Spend by country, as far as cost exports name one."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.queries import rows
from touchline.reports.question import Window, asked, rate
from touchline.reports.tally import spend_of_site


@dataclass(frozen=True)
class CountryRow:
    """What one ad platform cost in one country."""

    platform: str
    country: str
    """As the export writes it; ``""`` where it names none."""
    spend_micros: int
    share: float | None
    """Of the spend of all rows."""
    impressions: int
    clicks: int


@dataclass(frozen=True)
class CountriesReport:
    """Rows that add up to all the spend of the window."""

    organization_id: str
    site_id: str
    """The site on whose campaigns it was spent; ``""``: all sites together."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    spend_micros: int
    rows: tuple[CountryRow, ...]
    """Most spend first."""
    unassigned_spend_micros: int
    """Spend of the window on campaigns of several sites, or of none that is known: it is in no row of one site."""


def countries_report(
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    currency: str | None = None, site: str | None = None,
) -> CountriesReport:  # fmt: skip
    """Spend by country and ad platform; arguments as for :func:`touchline.reports.attribution.attribution_report`."""
    question = asked(engine, organization_id, start=start, end=end, currency=currency, site=site)
    found = rows(engine, "spend_by_country", **question.parameters, grain="CAMPAIGN")
    spent = sum(row["spend_micros"] for row in found)
    listed = [CountryRow(share=rate(row["spend_micros"], spent), **row) for row in found]
    return CountriesReport(
        organization_id=organization_id,
        site_id=question.site_id,
        currency=question.currency,
        other_currencies=question.other_currencies,
        window=question.window,
        spend_micros=spent,
        rows=tuple(sorted(listed, key=lambda row: (-row.spend_micros, row.platform, row.country))),
        unassigned_spend_micros=spend_of_site(engine, question, "CAMPAIGN", question.window).of_no_one_site,
    )
