"""``service``: the server as a service of systemd."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from touchline.cli.answer import COMMON, Answer, Options, Switch, Whole
from touchline.cli.terminal import shown
from touchline.errors import TouchlineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from touchline.server.process.installing.machine import Machine
    from touchline.server.process.installing.places import Places
    from touchline.server.process.installing.plan import Plan, PlannedFile
    from touchline.server.process.installing.removal import Removal

    Check = Callable[[Places, Machine, Mapping[str, str]], None]

service = App(name="service", help="Run the server as a service of systemd.")

Printed = Annotated[bool, Parameter(name="--print", negative="")]


@service.command
def install(
    *, user: Switch = False, print_only: Printed = False, host: str | None = None, port: Whole | None = None,
    options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Install the server as a service that systemd starts with the machine and restarts: units, user, folders, options.

    What is there already stays as it is, and an environment file in any case. Neither starts nor restarts the server.

    :param user: install it for the user who gives the command, instead of for the machine.
    :param print_only: show every file and command, and change nothing.
    :param host: the address to listen on; default: TOUCHLINE_HOST, or 127.0.0.1.
    :param port: the port to listen on; default: TOUCHLINE_PORT, or 8484.
    """
    from touchline.server.process.installing import plan as planning
    from touchline.server.process.installing.machine import Machine
    from touchline.server.process.installing.refusals import require_installable
    from touchline.settings import environment

    machine, places = Machine(), _places(options, user, host, port)
    problem = _checked(require_installable, places, machine, is_asking=print_only)
    plan = planning.plan_of(places, machine)
    if print_only:
        return Answer({"is_changed": False, "problem": problem, **vars(plan)}, lambda: shown(_planned(plan, problem)))
    planning.carry_out(plan, places, machine)
    steps = planning.next_steps(plan, places, machine, is_by_sudo="SUDO_USER" in environment())
    document = {"is_changed": not plan.is_done, **vars(plan), "next_steps": steps}
    return Answer(document, lambda: shown(_installed(plan, steps)))


@service.command
def remove(*, user: Switch = False, print_only: Printed = False, options: Options = COMMON) -> Answer:
    """Stop the service and remove its units. Data, options and the system user stay.

    :param user: remove the one of the user who gives the command, instead of the machine's.
    :param print_only: show every file and command, and change nothing.
    """
    from touchline.server.process.installing import removal
    from touchline.server.process.installing.machine import Machine
    from touchline.server.process.installing.refusals import require_manageable

    machine, places = Machine(), _places(options, user, None, None)
    problem = _checked(require_manageable, places, machine, is_asking=print_only)
    found = removal.removal_of(places, machine)
    if print_only:
        return Answer(
            {"is_changed": False, "problem": problem, **vars(found)}, lambda: shown(_to_remove(found, problem))
        )
    removal.carry_out(found, machine)
    return Answer({"is_changed": bool(found.files), **vars(found)}, lambda: shown(_removed(found)))


def _checked(check: "Check", places: "Places", machine: "Machine", *, is_asking: bool) -> str:
    """Check whether it can be done; who only asks what would be done gets the answer with what is in the way."""
    from touchline.settings import environment

    try:
        check(places, machine, environment())
    except TouchlineError as error:
        if not is_asking:
            raise
        return str(error)
    return ""


def _places(options: Options, user: bool, host: str | None, port: int | None) -> "Places":
    from touchline.server.http.options import options_from
    from touchline.server.process.installing.machine import Machine
    from touchline.server.process.installing.places import own_program, places_of
    from touchline.settings import environment

    named = environment().get("TOUCHLINE_HOME", "")
    home = options.home or (Path(named) if named else None)
    asked = options_from(environment(), host=host, port=port)
    return places_of(own_program(), asked, environment(), Machine().account, home, is_user=user)


def _planned(plan: "Plan", problem: str) -> str:
    """Every file as it would be, and every command, as lines of a shell's script."""
    lines = [shlex.join(words) for words in plan.first]
    if plan.is_home_new:
        lines.append(f"install -d -m 0700 -o {plan.account} {shlex.quote(plan.home)}")
    parts = ["\n".join(lines)] if lines else []
    parts += [f"# {_said(file)}\n{file.content.rstrip()}" for file in plan.files]
    parts += ["\n".join(shlex.join(words) for words in plan.commands)] if plan.commands else []
    return "\n\n".join([*parts, _nothing_changed(problem)])


def _said(file: "PlannedFile") -> str:
    state = {"written": "would be written", "unchanged": "is there", "yours": "is there, and stays as it is"}
    return f"{file.path} ({file.owner}:{file.group}, {file.mode}) {state[file.state]}:"


def _nothing_changed(problem: str) -> str:
    return f"Nothing was changed. It cannot be done yet: {problem}" if problem else "Nothing was changed."


def _installed(plan: "Plan", steps: list[str]) -> str:
    if plan.is_done:
        lines = ["It is installed already; nothing was changed."]
    else:
        lines = [f"Written: {file.path}" for file in plan.files if file.state == "written"]
        lines += [f"Unchanged: {file.path}" for file in plan.files if file.state != "written"]
        lines += [f"Made: {plan.home}"] if plan.is_home_new else []
        lines += [f"Done: {shlex.join(words)}" for words in (*plan.first, *plan.commands)]
    return "\n".join([*lines, *(f"Next: {step}" for step in steps)])


def _to_remove(found: "Removal", problem: str) -> str:
    return "\n".join([*_steps_of(found, "Would do"), _nothing_changed(problem)])


def _removed(found: "Removal") -> str:
    return "\n".join(_steps_of(found, "Done"))


def _steps_of(found: "Removal", word: str) -> list[str]:
    steps = [shlex.join(words) for words in found.first]
    steps += [f"rm {shlex.quote(file)}" for file in found.files]
    steps += [shlex.join(words) for words in found.commands]
    lines = [f"{word}: {step}" for step in steps] or ["No service is installed; there is nothing to remove."]
    return [*lines, *(f"Kept; to delete it: {command}" for command in found.kept)]


COMMAND = service
