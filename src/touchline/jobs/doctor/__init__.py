"""The doctor: what is in order with a home, what is not, and what to do next. It changes no number."""

from collections.abc import Iterator

from touchline.errors import TouchlineError
from touchline.jobs.doctor import derived, told
from touchline.jobs.doctor.check import Check, Status
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

__all__ = ["Check", "Status", "examine"]


def examine(home: Home) -> list[Check]:
    """Look at everything that can be looked at; what cannot be opened is a check of its own."""
    return list(_examined(home))


def _examined(home: Home) -> Iterator[Check]:
    try:
        workspace = Workspace(home, is_read_only=True)
    except TouchlineError as error:
        yield _refused("home", error)
        return
    with workspace:
        yield Check("home", "ok", f"{home.path} is a Touchline home.")
        try:
            yield from told.checks(workspace)
        except TouchlineError as error:
            yield _refused("ledger", error)
            return
        if not home.has_engine:
            yield Check(
                "engine", "warning", "There has been no run yet, so there are no results.", "touchline run", "never_ran"
            )
            return
        try:
            yield from derived.checks(workspace)
        except TouchlineError as error:
            yield _refused("engine", error)


def _refused(name: str, error: TouchlineError) -> Check:
    return Check(name, "problem", error.message, error.hint)
