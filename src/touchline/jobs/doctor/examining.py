"""All checks of a home, one after another."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from touchline.errors import TouchlineError, UnknownError
from touchline.jobs.doctor import derived, steps, told
from touchline.jobs.doctor.backups import backup_checks
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.promises import promise_checks
from touchline.jobs.doctor.silence import silence_checks
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home


def examine(home: Home, organization_id: str | None = None, *, now: int | None = None) -> list[Check]:
    """Look at everything that can be looked at; what cannot be opened is a check of its own.

    :param organization_id: the only organization to look at; ``None``: all of the home, one after another.
    :param now: microseconds since 1970, by which it is judged for how long nothing has arrived; ``None``: it is not.
    :raises UnknownError: if the home has no such organization.
    """
    return list(_examined(home, organization_id, now))


def _examined(home: Home, organization_id: str | None, now: int | None) -> Iterator[Check]:
    try:
        workspace = Workspace(home, is_read_only=True)
    except TouchlineError as error:
        yield _refused("home", error)
        return
    with workspace:
        yield Check("home", "ok", f"{home.path} is a Touchline home.")
        try:
            of: dict[str, Any] = {} if organization_id is None else {"organization_id": organization_id}
            asked = [row["organization_id"] for row in workspace.ledger.rows(schema.ORGANIZATIONS, **of)]
            if not asked:
                workspace.organization(organization_id)
            yield told.file_check(workspace)
            has_several = len(workspace.ledger.rows(schema.ORGANIZATIONS, limit=2)) > 1
            for name in asked:
                yield from _of(name, told.checks(workspace, name), has_several=has_several)
            yield told.run_check(workspace, tells_all=organization_id is None)
            yield from backup_checks(workspace, tells_all=organization_id is None)
        except UnknownError:
            raise
        except TouchlineError as error:
            yield _refused("ledger", error)
            return
        if not home.has_engine:
            yield Check(
                "engine", "warning", "There has been no run yet, so there are no results.", "touchline run", "never_ran"
            )
            return
        try:
            yield derived.engine_check(workspace)
            yield from promise_checks(workspace, now)
            for name in asked:
                yield from _of(name, derived.checks(workspace, name), has_several=has_several)
                if now is not None:
                    yield from _of(name, silence_checks(workspace, name, now), has_several=has_several)
        except TouchlineError as error:
            yield _refused("engine", error)


def _of(organization_id: str, checks: Iterable[Check], *, has_several: bool) -> Iterator[Check]:
    for check in checks:
        step = steps.named(check.next_step, organization_id) if has_several else check.next_step
        yield replace(check, next_step=step, organization_id=organization_id)


def _refused(name: str, error: TouchlineError) -> Check:
    return Check(name, "problem", error.message, error.hint)
