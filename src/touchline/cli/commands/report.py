"""``report``: the numbers, read."""

from cyclopts import App

from touchline.cli.reading import add_reports

report = App(name="report", help="Report which marketing earned the conversions, and which paths led to them.")
add_reports(report, is_alone=False)

COMMAND = report
