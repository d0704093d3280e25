"""The commands of the reports, each made of its report when it is used."""

from collections.abc import Callable
from datetime import date
from functools import partial
from inspect import Parameter as Argument
from inspect import Signature
from typing import TYPE_CHECKING, Any

from rich.text import Text

from touchline.cli import completeness_shown, funnel_shown, models_shown, shown
from touchline.cli.amounts import micros
from touchline.cli.answer import Amount, Answer, Day, Whole
from touchline.cli.plain_report import plain
from touchline.cli.reading import REPORT_READING, ReportReading, read_home
from touchline.cli.terminal import stacked, visible
from touchline.reports.catalog import report_named, reports

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.workspace import Workspace
    from touchline.reports.report import Parameter as Asked
    from touchline.reports.report import Report


_VIEWS: "dict[str, Callable[[Any], RenderableType]]" = {
    "attribution": shown.attribution,
    "models": models_shown.comparison,
    "journeys": shown.journeys,
    "waste": shown.waste,
    "health": shown.health,
    "funnel": funnel_shown.funnel,
    "completeness": completeness_shown.completeness,
}
"""How a report looks on a terminal, where it is more than its table."""


def __getattr__(name: str) -> Callable[..., Answer]:
    if name not in reports():
        raise AttributeError(name)
    return _command(name)


def _command(name: str) -> Callable[..., Answer]:
    """The command of a report: an option for each parameter."""
    found = report_named(name)

    def command(*, reading: ReportReading = REPORT_READING, **options: Any) -> Answer:
        choices = {
            one.name: _choice(one, options[one.asked_name]) for one in found.parameters if one.asked_name in options
        }
        return _reported(found, reading, choices)

    arguments = [
        Argument(one.asked_name, Argument.KEYWORD_ONLY, default=one.default, annotation=_annotation(one))
        for one in found.parameters
    ]
    arguments.append(Argument("reading", Argument.KEYWORD_ONLY, default=REPORT_READING, annotation=ReportReading))
    command.__signature__ = Signature(arguments, return_annotation=Answer)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in arguments} | {"return": Answer}
    command.__name__ = found.name
    said = "\n".join(f":param {one.asked_name}: {one.says}" for one in found.parameters)
    command.__doc__ = f"{found.question}\n\n{said}\n"
    return command


def _annotation(asked: "Asked") -> Any:
    kind: Any = Amount if asked.is_money else {int: Whole, date: Day}.get(asked.kind, str)
    return kind if asked.default is not None else kind | None


def _choice(asked: "Asked", value: Any) -> Any:
    if asked.choices:
        return asked.read(value)
    return micros(value, f"--{asked.asked_name.replace('_', '-')}") if asked.is_money else value


def _reported(found: "Report", reading: ReportReading, choices: dict[str, Any]) -> Answer:
    from touchline.cli.written import place_named, written
    from touchline.jobs import publishing
    from touchline.reports.csv_text import csv_text

    reading.require_one_format()
    place = None if reading.to is None else place_named(reading, reading.to)
    trusted: list[str] = []
    show = partial(_with_trust, _VIEWS.get(found.name) or partial(_plain, found), trusted)
    ask = partial(_asked, found, trusted, **choices)
    answered = read_home(reading, show, ask, choices.get("site"))
    if place is not None:
        return written(publishing.export_report(found.name, found.table_of(answered.document), place))
    if not reading.csv:
        return answered
    return Answer(answered.document, answered.shown, csv=csv_text(found.table_of(answered.document)))


def _asked(found: "Report", trusted: list[str], workspace: "Workspace", organization_id: str, **choices: Any) -> Any:
    """The report's answer; what is to be said of the trust in its own numbers is added to ``trusted``."""
    from touchline.jobs.reporting import answer_of
    from touchline.reports.trust import trust_of_answer

    answer = answer_of(found, workspace, organization_id, **choices)
    trust = trust_of_answer(workspace.engine, answer)
    if trust is not None:
        trusted.append(trust.verdict)
    return answer


def _with_trust(show: "Callable[[Any], RenderableType]", trusted: list[str], answer: Any) -> "RenderableType":
    """The report, and below it whether its numbers can be trusted."""
    shown_report = show(answer)
    return stacked(shown_report, *(Text(visible(f"Trust: {verdict}"), "dim") for verdict in trusted))


def _plain(found: "Report", answer: Any) -> "RenderableType":
    return plain(found.name, answer, found.table_of(answer))
