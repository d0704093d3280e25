"""What every page says of an organization: its sites, goals and models, and how new its data is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.freshness import Freshness, freshness, local_time
from touchline.reports.queries import Row, rows
from touchline.reports.question import Window, models_of


@dataclass(frozen=True)
class Site:
    """A site that can be chosen."""

    site_id: str
    name: str
    domain: str
    time_zone: str


@dataclass(frozen=True)
class Facts:
    """What can be chosen, and what is chosen where nothing is."""

    organization_id: str
    name: str
    currency: str
    sites: tuple[Site, ...]
    goals: tuple[str, ...]
    models: tuple[str, ...]
    default_model: str
    primary_goal: str
    """``""``: all goals."""
    skips_direct: bool
    """Whether models give nothing to Direct where another channel was."""
    data: Window
    """The first and the last day with data; without any where there is none."""
    freshness: Freshness
    newest_days: Mapping[tuple[str, str], date]
    """The last day with a counted conversion, by goal and site."""
    seen_days: Mapping[str, Window]
    """By site, the first and the last day with a visit or a counted conversion."""

    def tracked(self, site: str = "") -> Window:
        """The first and the last day with a visit or a counted conversion; costs say nothing of these.

        :param site: ``""``: any.
        """
        found = [window for place, window in self.seen_days.items() if site in {"", place}]
        return Window(
            min((one.start for one in found if one.start), default=None),
            max((one.end for one in found if one.end), default=None),
        )

    @property
    def newest(self) -> Window:
        """The days with data up to the last one that is tracked, on which periods end."""
        return Window(self.data.start, self.tracked().end or self.data.end)

    def newest_day(self, goal: str, site: str) -> date | None:
        """The last day with a counted conversion; ``None`` where there is none.

        :param goal: ``""``: any.
        :param site: ``""``: any.
        """
        found = [
            day for (one, place), day in self.newest_days.items() if goal in {"", one} and site in {"", place}
        ]  # fmt: skip
        return max(found, default=None)


def facts(engine: Engine, organization_id: str) -> Facts | None:
    """The facts of an organization; ``None`` where no run has seen it yet."""
    asked = {"organization_id": organization_id}
    chosen = next(iter(rows(engine, "settings_chosen", **asked)), None)
    if chosen is None:
        return None
    span = rows(engine, "span", **asked)[0]
    sites = tuple(Site(**row) for row in rows(engine, "sites_shown", **asked))
    converted = rows(engine, "newest_conversions", **asked)
    return Facts(
        organization_id=organization_id,
        name=chosen["name"],
        currency=chosen["currency"],
        sites=sites,
        goals=tuple(row["goal"] for row in rows(engine, "goals_set", **asked)),
        models=models_of(engine, organization_id),
        default_model=chosen["default_model"],
        primary_goal=chosen["primary_goal"],
        skips_direct=chosen["direct"] == "unless_only",
        data=Window(span["first_day"], span["last_day"]),
        freshness=freshness(engine, organization_id),
        newest_days={(row["goal"], row["site_id"]): row["newest_day"] for row in converted},
        seen_days=_seen_days(rows(engine, "sites_seen", **asked), converted, sites),
    )


def _seen_days(visited: Iterable[Row], converted: Iterable[Row], sites: Iterable[Site]) -> dict[str, Window]:
    """By site, the first and the last day with a visit, by the clock of the site, or with a counted conversion."""
    zones = {site.site_id: site.time_zone for site in sites}
    spans = [(row["site_id"], row["oldest_day"], row["newest_day"]) for row in converted] + [
        (
            row["site_id"],
            *(local_time(row[at], zones.get(row["site_id"], "UTC")).date() for at in ("first_seen_at", "last_seen_at")),
        )
        for row in visited
    ]
    days: dict[str, list[date]] = {}
    for site_id, first, last in spans:
        days.setdefault(site_id, []).extend((first, last))
    return {site_id: Window(min(found), max(found)) for site_id, found in days.items()}
