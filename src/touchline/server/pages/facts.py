"""What every page says of an organization: its sites, goals and models, and how new its data is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.freshness import Freshness, freshness
from touchline.reports.queries import rows
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
    data: Window
    """The first and the last day with data; without any where there is none."""
    freshness: Freshness
    newest_days: Mapping[tuple[str, str], date]
    """The last day with a counted conversion, by goal and site."""

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
    return Facts(
        organization_id=organization_id,
        name=chosen["name"],
        currency=chosen["currency"],
        sites=tuple(Site(**row) for row in rows(engine, "sites_shown", **asked)),
        goals=tuple(row["goal"] for row in rows(engine, "goals_set", **asked)),
        models=models_of(engine, organization_id),
        default_model=chosen["default_model"],
        primary_goal=chosen["primary_goal"],
        data=Window(span["first_day"], span["last_day"]),
        freshness=freshness(engine, organization_id),
        newest_days={
            (row["goal"], row["site_id"]): row["newest_day"] for row in rows(engine, "newest_conversions", **asked)
        },
    )
