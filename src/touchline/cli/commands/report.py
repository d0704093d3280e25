"""``report``: the numbers, read."""

from cyclopts import App

from touchline.cli.reading import add_reports

report = App(name="report", help="Who earned the conversions, and by which paths they came.")
add_reports(report, is_alone=False)

COMMAND = report
