"""``doctor``: what is in order, what is not, and what to do next."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.terminal import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.doctor import Check


_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def doctor(*, deployment: Switch = False, options: Options = COMMON) -> Answer:
    """Check the home, and print problems with their next steps; exit code 1 if there is a problem.

    :param deployment: also check that the server is ready for the public internet.
    """
    checks = _checklist(options) if deployment else _checks(options)
    is_well = all(check.status != "problem" for check in checks)
    document = {"is_well": is_well, "checks": checks}
    return Answer(document, partial(_examined, checks), 0 if is_well else 1)


def _checks(options: Options) -> "Sequence[Check]":
    from touchline.jobs.doctor import examine

    return examine(options.place)


def _checklist(options: Options) -> "Sequence[Check]":
    from touchline.server.http.options import options_from
    from touchline.server.process.deployment import checklist
    from touchline.settings import environment

    return checklist(options.place, options_from(environment()))


def _examined(checks: "Sequence[Check]") -> "RenderableType":
    lines = []
    for check in checks:
        mark, style = _MARKS[check.status]
        line = Text.assemble((mark, style), visible(f" {check.name}: {check.message}"))
        if check.next_step:
            line.append(f"\n  → {visible(check.next_step)}", "dim" if check.status == "ok" else "")
        lines.append(line)
    return Text("\n").join(lines)


COMMAND = doctor
