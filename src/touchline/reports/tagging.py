"""The tagging audit: spend whose visits are not found, visits whose campaign is not found, and how to correct it.

A name is never matched because it is similar: what is similar is only suggested, and a person decides.
"""

import shlex
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, asked
from touchline.reports.tally import spend_of_site

_SIMILAR = 0.6
"""How alike two names are from which one is suggested for the other, from 0 to 1."""
_MOST_NAMES = 2_000
"""Names of one platform among which a similar one is looked for."""

Names = Mapping[str, Mapping[str, list[str]]]
"""By platform and name: the campaigns that ever had it."""


@dataclass(frozen=True)
class TaggingRow:
    """A campaign without visits, or a name in links without a campaign. Money is micros of the report's currency."""

    kind: str
    """``no_visits``: the campaign cost money, and no visit names it; ``unknown_name``: visits name a campaign that no
    cost report knows; ``shared_name``: several campaigns had the name; ``no_name``: visits name no campaign."""
    platform: str
    campaign_id: str
    """The campaign that cost money; ``""`` in rows of visits."""
    name: str
    """The campaign's name, or what the links say."""
    spend_micros: int
    """Money at risk: spend that nothing can be set against."""
    visits: int
    conversions: float
    """Conversions by the day of the touch, under the default model, that are credited to these visits."""
    value_micros: int
    likely: str
    """What is probably meant: a name that links say, or the id of a campaign; ``""`` where nothing is similar."""
    command: str
    """The command that makes it so, or ``""``."""
    advice: str


@dataclass(frozen=True)
class TaggingReport:
    """What is not matched, most money first, then most visits."""

    organization_id: str
    site_id: str
    """The site to which the visits came; ``""``: all sites together."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    spend_micros: int
    """Of the listed campaigns without visits."""
    rows: tuple[TaggingRow, ...]
    unassigned_spend_micros: int
    """Spend of the window on campaigns of several sites, or of none that is known: it is in no row of one site."""


def tagging_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    goal: str | None = None, currency: str | None = None, limit: int = 100, site: str | None = None,
) -> TaggingReport:  # fmt: skip
    """Campaigns whose visits are not found, and visits whose campaign is not found.

    Nothing says of which site a campaign without visits is: of one of several sites, its spend is unassigned.

    :param limit: rows of each of the two lists.
    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A report shows at least one row, not {limit}.")
    question = asked(engine, organization_id, goal=goal, start=start, end=end, currency=currency, site=site)
    parameters = {**question.parameters, "model": question.model, "limit": limit}
    unvisited = rows(engine, "spend_without_visits", **parameters)
    unknown = rows(engine, "visits_without_campaign", **{**parameters, "limit": max(limit, _MOST_NAMES)})
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(engine, "campaigns_named", **parameters):
        names[row["platform"]][row["match_key"]].append(row["campaign_id"])
    said: dict[str, list[str]] = defaultdict(list)
    for row in unknown:
        said[row["platform"]].append(row["said"])
    return TaggingReport(
        organization_id=organization_id,
        site_id=question.site_id,
        currency=question.currency,
        other_currencies=question.other_currencies,
        window=question.window,
        spend_micros=sum(row["spend_micros"] for row in unvisited),
        rows=(
            *(_of_spend(row, said[row["platform"]], names[row["platform"]]) for row in unvisited),
            *(_of_visits(row, names) for row in unknown[:limit]),
        ),
        unassigned_spend_micros=spend_of_site(engine, question, "CAMPAIGN", question.window).of_no_one_site,
    )


def _of_spend(row: Row, said: list[str], known: Mapping[str, list[str]]) -> TaggingRow:
    name, platform = row["name"] or row["campaign_id"], row["platform"]
    named = (row["name"] or "").lower()  # ids are not compared: those of two campaigns often look alike
    clear = [one for one in said[:_MOST_NAMES] if len(known.get(one.lower(), ())) < 2]
    likely = next(iter(get_close_matches(named, clear, 1, _SIMILAR)), "") if named else ""
    return TaggingRow(
        kind="no_visits",
        platform=platform,
        campaign_id=row["campaign_id"],
        name=name,
        spend_micros=row["spend_micros"],
        visits=0,
        conversions=0.0,
        value_micros=0,
        likely=likely,
        command=_command(likely, platform, row["campaign_id"]) if likely else "",
        advice=(
            "Links say a similar name: if it is the same campaign, add the alias."
            if likely
            else "Tag its links with utm_id or utm_campaign, or turn on auto-tagging; judge it only then."
        ),
    )


def _of_visits(row: Row, names: Names) -> TaggingRow:
    platform, said = row["platform"], row["said"]
    known, key = names.get(platform, {}), said.lower()
    kind = "no_name" if not said else "shared_name" if len(known.get(key, ())) > 1 else "unknown_name"
    likely = _likely(key, kind, known)
    return TaggingRow(
        kind=kind,
        platform=platform,
        campaign_id="",
        name=said,
        spend_micros=0,
        visits=row["visits"],
        conversions=row["credit"] / CREDIT,
        value_micros=row["value_micros"],
        likely=likely,
        command=_command(said, platform, likely) if likely else "",
        advice=_ADVICE[kind],
    )


_ADVICE = {
    "no_name": "Add utm_campaign and utm_id to the links of this platform.",
    "shared_name": "Several campaigns had this name, so it counts for none: put the id into utm_id, or add an alias.",
    "unknown_name": "No cost report names this campaign: import its costs, or add an alias.",
}


def _likely(key: str, kind: str, known: Mapping[str, list[str]]) -> str:
    if kind != "unknown_name":  # nothing shows which of several campaigns is meant
        return ""
    similar = get_close_matches(key, list(known)[:_MOST_NAMES], 1, _SIMILAR)
    return known[similar[0]][0] if similar and len(known[similar[0]]) == 1 else ""


def _command(said: str, platform: str, campaign_id: str) -> str:
    """The alias as it is typed.

    >>> _command("spring sale", "META", "7")
    "touchline alias add 'spring sale' --platform META --campaign 7"
    """
    words = (said, "--platform", platform, "--campaign", campaign_id)
    return f"touchline alias add {' '.join(map(shlex.quote, words))}"
