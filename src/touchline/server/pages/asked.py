"""A view with nothing left open: what the reports of a page are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from touchline.errors import UnknownError
from touchline.reports.catalog import report_named
from touchline.reports.figures import day
from touchline.reports.periods import days_before
from touchline.reports.question import Window
from touchline.reports.report import camel
from touchline.server.pages.facts import Facts
from touchline.server.pages.view import View
from touchline.server.pages.windows import window_of


@dataclass(frozen=True)
class Asked:
    """What a screen is asked."""

    view: View
    facts: Facts
    window: Window
    goal: str
    model: str
    compare: str | None
    """``None``: with nothing, because nobody wants it, or because not all of the days are tracked."""
    untracked: str
    """Why nothing is compared although somebody wants it; else ``""``."""

    def choices(self, report: str, **more: Any) -> dict[str, Any]:
        """The arguments of a report of the catalog: those that it has of what the view says, and ``more``.

        :param more: arguments that are not of the view; ``None`` leaves one of the view's out.
        """
        said = {
            "goal": self.goal, "model": self.model, "start": self.window.start, "end": self.window.end,
            "site": self.view.site or None, "compare": self.compare, "match": self.view.match, **more,
        }  # fmt: skip
        if said["compare"] is None:
            said["match"] = None
        known = {one.name for one in report_named(report).parameters}
        return {name: value for name, value in said.items() if name in known and value is not None}

    def answer_address(self, report: str, answer_format: str = "", **more: Any) -> str:
        """Where the API gives the same answer.

        :param answer_format: ``csv``; ``""``: JSON.
        """
        names = {one.name: camel(one.asked_name) for one in report_named(report).parameters}
        query = {names[name]: str(value) for name, value in self.choices(report, **more).items()}
        own = {"organization": self.facts.organization_id}
        return f"/api/reports/{report}?" + urlencode(query | own | ({"format": answer_format} if answer_format else {}))

    def command(self, report: str, **more: Any) -> str:
        """The command that shows the same."""
        found = report_named(report)
        names = {one.name: one.asked_name.replace("_", "-") for one in found.parameters}
        said = [_option(names[name], str(value)) for name, value in self.choices(report, **more).items()]
        return " ".join([found.command, *said])

    @property
    def newest_days(self) -> Window:
        """The last 28 days with data, whatever the period of the view."""
        return window_of(View(), self.facts.newest)

    @property
    def last_period(self) -> Window | None:
        """The 28 days up to the last conversion of the goal and the site; ``None`` where there never was one."""
        newest = self.facts.newest_day(self.goal, self.view.site)
        return None if newest is None else Window(newest - timedelta(days=27), newest)

    @property
    def site_name(self) -> str:
        """The site, or the words for all of them."""
        names = {site.site_id: site.name or site.domain for site in self.facts.sites}
        return names.get(self.view.site, "All sites")


def _option(name: str, value: str) -> str:
    """An option of a command; a value that looks like an option is joined to its name."""
    return f"--{name}={quote(value)}" if value.startswith("-") else f"--{name} {quote(value)}"


def asked_of(view: View, facts: Facts) -> Asked:
    """What a view asks.

    :raises UnknownError: if there is no such site, goal or model.
    """
    goal = facts.primary_goal if view.goal is None else view.goal
    model = view.model or facts.default_model
    known: Mapping[str, tuple[str, tuple[str, ...]]] = {
        "site": (view.site, ("", *(site.site_id for site in facts.sites))),
        "goal": (goal, ("", *facts.goals)),
        "model": (model, facts.models),
        "model to compare with": (view.versus, ("", *facts.models)),
    }
    for what, (value, values) in known.items():
        if value not in values:
            raise UnknownError(f"There is no {what} {value!r:.80}.", f"Choose another {what}.")
    window = window_of(view, facts.newest)
    untracked = "" if view.compare == "none" else _untracked(view, window, facts.tracked(view.site))
    compare = None if view.compare == "none" or untracked else view.compare
    return Asked(view, facts, window, goal, model, compare, untracked)


def _untracked(view: View, window: Window, tracked: Window) -> str:
    """Why a window cannot be compared: before and after what is tracked, nothing is known, which is not zero."""
    if window.start is None or window.end is None or tracked.start is None or tracked.end is None:
        return "nothing was tracked yet"
    if window.end > tracked.end:
        return f"the last tracked day is {day(tracked.end)}"
    try:
        first, _ = days_before(window.start, window.end, view.compare, view.match)
    except (OverflowError, ValueError):  # the year 1 has no year before it
        first = window.start.min
    return f"tracking begins on {day(tracked.start)}" if first < tracked.start else ""
