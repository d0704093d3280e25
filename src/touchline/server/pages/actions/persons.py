"""One person, looked at or exported: what ``explain person`` and ``export person`` say, for administrators."""

from typing import Any

from touchline.errors import UsageError
from touchline.jobs import auditing
from touchline.reports.person import explain_person
from touchline.reports.person_file import json_chunks
from touchline.server.pages.action import Act, Action, FieldError, Saved, Shown
from touchline.server.pages.screens.persons import Person

KINDS = ("user", "visitor", "email", "email_hash")
MOST_EXPORTED = 20_000_000
"""Bytes that a browser is sent in one piece; the command line has no such bound."""


def look(act: Act) -> Shown:
    """Show the ids of a person, and what says that they are one person's."""
    kind, named = _named(act)
    keyed = act.workspace.ledger.keyed
    found = Person(explain_person(act.workspace.engine, act.organization_id, named, keyed=keyed), kind, named)
    act.note("looked", f"at a person, {auditing.named_by(**{kind: named})}")
    return Shown(found, is_private=True)


def export(act: Act) -> Saved:
    """Everything that is kept of a person, as JSON."""
    from touchline.jobs.exporting import exported  # noqa: PLC0415 - it loads SciPy

    kind, named = _named(act)
    pieces, size = [], 0
    ids: dict[str, Any] = {kind: named}
    with exported(act.workspace, act.organization_id, **ids) as person:
        for piece in json_chunks(person):
            pieces.append(piece.encode())
            size += len(pieces[-1])
            if size > MOST_EXPORTED:
                raise UsageError(
                    f"This person has more than {MOST_EXPORTED:,} bytes.",
                    "Export it on the server: touchline export person",
                )
    act.note("exported", f"a person, {auditing.named_by(**ids)}")
    return Saved("person.json", "application/json", b"".join(pieces))


def _named(act: Act) -> tuple[str, str]:
    kind, named = act.text("kind"), act.text("id")
    if kind not in KINDS:
        raise FieldError("kind", f"This is one of {', '.join(KINDS)}.")
    if not named:
        raise FieldError("id", "Write an id.")
    return kind, named


ACTIONS = (
    Action("persons", "look", "administrator", look, {"id": ""}),
    Action("persons", "export", "administrator", export, {"id": ""}),
)
