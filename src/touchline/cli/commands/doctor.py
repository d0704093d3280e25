"""``doctor``: what is in order, what is not, and what to do next."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.terminal import visible
from touchline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.doctor.check import Check


_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def doctor(
    *, deployment: Switch = False, organization: str | None = None, options: Options = COMMON
) -> Answer:  # fmt: skip
    """Check the home, and print problems with their next steps; exit code 1 if there is a problem.

    :param deployment: also check that the server is ready for the public internet.
    :param organization: the id of the only organization to check; by default all of them.
    """
    if deployment and organization is not None:
        raise UsageError("The deployment checklist is of the whole server.", "Leave --organization out.")
    checks = _checklist(options) if deployment else _checks(options, organization)
    is_well = all(check.status != "problem" for check in checks)
    document = {"is_well": is_well, "checks": checks}
    return Answer(document, partial(_examined, checks), 0 if is_well else 1)


def _checks(options: Options, organization_id: str | None) -> "Sequence[Check]":
    from touchline.jobs.doctor.examining import examine

    return examine(options.place, organization_id, now=now_micros())


def _checklist(options: Options) -> "Sequence[Check]":
    from touchline.server.http.options import options_from
    from touchline.server.process.deployment import checklist
    from touchline.settings import environment

    return checklist(options.place, options_from(environment()))


def _examined(checks: "Sequence[Check]") -> "RenderableType":
    lines = []
    has_several = len({check.organization_id for check in checks if check.organization_id}) > 1
    for check in checks:
        mark, style = _MARKS[check.status]
        owner = f" {check.organization_id}:" if has_several and check.organization_id else ""
        line = Text.assemble((mark, style), visible(f"{owner} {check.name}: {check.message}"))
        if check.next_step:
            line.append(f"\n  → {visible(check.next_step)}", "dim" if check.status == "ok" else "")
        lines.append(line)
    return Text("\n").join(lines)


COMMAND = doctor
