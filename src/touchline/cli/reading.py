"""Reports as commands, and how a command asks the numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cyclopts import App, Parameter

from touchline.cli.answer import Answer, Scope, Switch
from touchline.errors import UsageError
from touchline.reports.catalog import reports

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.workspace import Workspace


@Parameter(name="*")
@dataclass(frozen=True)
class Reading(Scope):
    """What every command that prints rows may be told."""

    csv: Switch = False
    """Print the report's rows as CSV on standard output, money in currency units."""

    def require_one_format(self, what: str = "A report") -> None:
        """Raise :class:`UsageError` for JSON and CSV together."""
        if self.json and self.csv:
            raise UsageError(f"{what} is printed as JSON or as CSV.", "Choose --json or --csv.")


READING = Reading()
"""Nothing said."""


@Parameter(name="*")
@dataclass(frozen=True)
class ReportReading(Reading):
    """What every report of the registry may be told."""

    to: str | None = None
    """Write the rows to a file (.csv, .parquet, .xlsx, .duckdb, .sqlite), or to a table of a database
    (postgresql://…, sqlite:///…, duckdb:///…)."""


REPORT_READING = ReportReading()
"""Nothing said."""

_MODULES = {"health": "touchline.cli.health_commands"}
"""Where the command of a report is that has commands below it."""


def add_reports(app: App, *, is_alone: bool) -> None:
    """Add each report's command: those that are commands of their own, or those that stand under ``report``."""
    for found in reports().values():
        if found.is_alone == is_alone:
            module = _MODULES.get(found.name, "touchline.cli.report_commands")
            app.command(f"{module}:{found.name}", name=found.name, help=found.question)


def read(
    scope: Scope, show: "Callable[[Any], RenderableType]", ask: "Callable[..., Any]", *words: object, **choices: object
) -> Answer:
    """Ask the engine, which others may read meanwhile."""

    def asked(workspace: "Workspace", organization_id: str) -> Any:
        return ask(workspace.engine, organization_id, *words, **choices)

    return read_home(scope, show, asked, choices.get("site"))


def read_home(
    scope: Scope, show: "Callable[[Any], RenderableType]", ask: "Callable[[Workspace, str], Any]", site: object = None
) -> Answer:
    """Ask the home about an organization, which is that of the site where none is named."""
    with scope.opened(is_reading=True) as workspace:
        found = ask(workspace, workspace.organization_asked(scope.organization, None if site is None else str(site)))
    return Answer(found, partial(show, found))
