"""``report``: the numbers, read."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import SCOPE, Answer, Day, Scope
from touchline.cli.reading import add_reports
from touchline.cli.terminal import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

report = App(name="report", help="Report which marketing earned the conversions, and which paths led to them.")
add_reports(report, is_alone=False)


@report.command
def html(  # noqa: PLR0913 - a report's questions are its arguments
    file: Path = Path("report.html"), /, *, model: str | None = None, goal: str | None = None, start: Day | None = None,
    end: Day | None = None, currency: str | None = None, site: str | None = None, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Write all reports as one HTML page, which needs no server, no script and no network.

    :param file: the page to write; an existing one is replaced.
    :param model: The attribution model. Default: the default_model setting.
    :param goal: The goal whose conversions count; "" is all goals. Default: the primary_goal setting.
    :param start: The first day. Default: the first day with data.
    :param end: The last day. Default: the last day with data.
    :param currency: The currency to report; the organization's currency by default.
    :param site: Only what is of this site. Default: all sites.
    """
    from touchline.extras import needing_charts
    from touchline.reports.overview import overview

    with needing_charts("A page with charts"):
        from touchline.reports.page import write_report
    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization_asked(scope.organization, site)
        found = overview(
            workspace.engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency,
            site=site,
        )  # fmt: skip
    write_report(found, file)
    document = {"file": str(file.resolve()), "organization_id": organization_id, "is_conserved": found.is_conserved}
    return Answer(document, partial(_written, file))


def _written(file: Path) -> "RenderableType":
    return Text(visible(f"The report is in {file.resolve()}: open it in a browser."))


COMMAND = report
