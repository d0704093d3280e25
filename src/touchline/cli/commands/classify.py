"""``classify``: where the visits of a file came from, without a home."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.terminal import table
from touchline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.classifying import ClassifiedFiles


def classify(
    *files: Path,
    column: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    own_host: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    ruleset: str = "touchline",
    rules: Path | None = None,
    output: Path | None = None,
    options: Options = COMMON,  # noqa: ARG001 - every command takes them
) -> Answer:
    """Classify the visits of files: channel, source class and platform, each with its reason.

    A file has any of the columns url, referrer, user_agent, source, medium, campaign and past_click_ids.

    :param files: JSON lines, CSV or Parquet.
    :param column: what a column of yours is, such as url=page_url; may be repeated.
    :param own_host: one of your own hosts, which sends nobody; may be repeated.
    :param ruleset: touchline, ga4 (Google Analytics 4's channels), or seed (source classes).
    :param rules: a TOML file of rules that are asked first.
    :param output: a CSV file to write: one line for each row.
    """
    from touchline.jobs.classifying import classify_files

    if not files:
        raise UsageError("Expected one or more files.", "For example: touchline classify visits.csv")
    found = classify_files(
        files, columns=dict(map(_named, column)), own_hosts=own_host, ruleset=ruleset, rules_file=rules, output=output
    )
    return Answer(found, lambda: _shown(found))


def _named(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not equals or not column:
        raise UsageError(f"--column: expected a name such as url=page_url, but got {text!r}.")
    return name.strip(), column.strip()


def _shown(found: "ClassifiedFiles") -> "RenderableType":
    title = f"{counted(found.rows, 'row')} by {found.ruleset_version}"
    if found.unread:
        title += f"; {counted(found.unread, 'row')} could not be read, first {found.first_unread[0].place}:"
        title += f" {found.first_unread[0].message}"
    rows = [
        [one.channel, f"{one.rows:,}", f"{one.paid:,}", f"{one.maybe_paid:,}", f"{one.contradicting:,}"]
        for one in found.channels
    ]
    return table(title, ["channel", ">rows", ">paid", ">maybe paid", ">contradicting"], rows)


COMMAND = classify
