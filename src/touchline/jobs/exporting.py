"""Subject access: everything that is kept of one person, found by the search by which an erasure finds it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from touchline.applied import is_whole
from touchline.engines import Engine
from touchline.errors import UnknownError
from touchline.jobs.deciding import Decision
from touchline.jobs.erasure_work import rejections_meant
from touchline.jobs.named_persons import identifiers_named
from touchline.jobs.own_time import OwnTime
from touchline.jobs.workspace import Workspace
from touchline.ledger import PersonSearch, schema
from touchline.reports.person_file import Kept, PersonFile, Section, readable
from touchline.reports.queries import rows
from touchline.sql import query

_NAMES_AT_ONCE = 250
_ROWS_AT_ONCE = 500
_DERIVED = (
    ("sessions", "Visits", "Events of a browser with no more than 30 minutes between them.", "sessions_of_person"),
    ("touches", "Touches", "Where visits came from.", "touches_of_person"),
    ("conversions", "Conversions", "Goals that were reached, such as orders.", "conversions_of_person"),
    ("corrections", "Refunds and cancellations", "What was taken back of orders.", "corrections_of_person"),
    (
        "credit", "Credit", "How much of the credit for a conversion each touch got (in billionths), under each model.",
        "credit_of_person",
    ),
)  # fmt: skip
"""What a run derives: name, title, what one row is, and the query."""


@contextmanager
def exported(
    workspace: Workspace, organization_id: str, *, visitor: str | None = None, user: str | None = None,
    email_hash: str | None = None, email: str | None = None, is_proven_only: bool = False,
) -> Iterator[PersonFile]:  # fmt: skip
    """What is kept of the person whom one id names; it can be read inside the block.

    It has the rows that :func:`touchline.jobs.erasing.erase` would delete, with the same choices, but of a browser that
    several people use, only what is of the person's own time.

    :raises UsageError: if not exactly one id is given, if only a browser ties an account to it, or if several people
        use the named browser.
    :raises UnknownError: if nothing is kept of such a person.
    """
    named = identifiers_named(workspace, organization_id, visitor, user, email_hash, email)
    decision = Decision(workspace, organization_id, named, is_proven_only=is_proven_only)
    decision.check("export")
    theirs = OwnTime(decision.identifiers, decision.shared)
    theirs.require_one_person(named)
    with (
        workspace.ledger.looking_for(organization_id, decision.identifiers) as search,
        workspace.ledger.looking_for(organization_id, theirs.own) as search_own,
    ):
        search.find_orders()
        search_own.find_orders()
        theirs.learn_orders(search)
        kept = tuple(_kept(workspace, search, search_own, theirs))
        if not any(True for section in kept for _ in section.rows()):
            raise UnknownError(f"Nothing is kept of {named[0]}.", "Check the id, and the organization.")
        engine = _engine(workspace)
        persons = _persons(engine, organization_id, decision.identifiers) if engine else []
        derived = _derived(engine, organization_id, persons) if engine else ()
        (organization,) = workspace.ledger.rows(schema.ORGANIZATIONS, organization_id=organization_id)
        yield PersonFile(organization["name"], tuple(decision.identifiers), (*kept, *derived), bool(persons))


def _kept(workspace: Workspace, search: PersonSearch, search_own: PersonSearch, theirs: OwnTime) -> Iterator[Section]:
    events, claims = schema.TRACKING_EVENTS, schema.IDENTITY_CLAIMS

    def events_of() -> Iterator[Kept]:
        for _, found in search.events_after(0, *events.c):
            yield from (readable(row._mapping) for row in found if theirs.has_event(row._mapping))  # noqa: SLF001

    def claims_of() -> Iterator[Kept]:
        for _, found in search.claims_after(0, *claims.c):
            yield from (readable(row._mapping) for row in found if theirs.has_claim(row._mapping))  # noqa: SLF001

    def rejections_of() -> Iterator[Kept]:
        for _, numbers in rejections_meant(search_own):
            yield from _rejected(workspace, numbers)

    yield Section(
        "events", "Events",
        "What browsers (is_verified: False) and the owner's servers and files (True) sent, as it is kept.", events_of,
    )  # fmt: skip
    yield Section(
        "rejected_events", "Rejected events",
        "What was sent and not accepted, with the reason, and the file or the address where it came in (source).",
        rejections_of,
    )  # fmt: skip
    yield Section(
        "consents", "Consent", "What the person agreed to or took back, by the id of the browser.",
        lambda: _choices(workspace, theirs.own),
    )  # fmt: skip
    yield Section(
        "identity_claims", "Claims about ids", "Which ids a system of the owner's (source) says are one person's.",
        claims_of,
    )  # fmt: skip


def _rejected(workspace: Workspace, numbers: Sequence[int]) -> Iterator[Kept]:
    for start in range(0, len(numbers), _ROWS_AT_ONCE):
        part = numbers[start : start + _ROWS_AT_ONCE]
        found = workspace.ledger.rows_with(schema.REJECTED_EVENTS, "rejection", part)
        yield from (readable(row) for row in sorted(found, key=lambda row: row["rejection"]))


def _choices(workspace: Workspace, identifiers: Iterable[str]) -> Iterator[Kept]:
    for site_id, visitor_id in (name.split(":", 2)[1:] for name in sorted(identifiers) if name.startswith("v:")):
        found = workspace.ledger.rows(schema.CONSENTS, site_id=site_id, visitor_id=visitor_id)
        yield from map(readable, sorted(found, key=lambda row: (row["said_at"], row["consent_id"])))


def _engine(workspace: Workspace) -> Engine | None:
    """The engine, where it has numbers of this release."""
    return workspace.engine if workspace.home.has_engine and is_whole(workspace.engine) else None


def _persons(engine: Engine, organization_id: str, identifiers: Sequence[str]) -> list[str]:
    """The persons of the last run who are known by these identifiers and by no others."""
    known, found = set(identifiers), dict[str, None]()
    text = query(__package__, "persons_of_names").text
    for start in range(0, len(identifiers), _NAMES_AT_ONCE):
        part = identifiers[start : start + _NAMES_AT_ONCE]
        names = {f"name_{number:03}": name for number, name in enumerate(part)}
        asked = text.replace("$names", ", ".join(f"${name}" for name in names))
        persons = engine.select(asked, parameters={**names, "organization_id": organization_id})
        found |= dict.fromkeys(persons["person_id"].to_pylist())
    return [person for person in found if _is_within(engine, organization_id, person, known)]


def _is_within(engine: Engine, organization_id: str, person: str, identifiers: set[str]) -> bool:
    names = _paged(engine, "names_of_person", organization_id, person)
    return all(row["identifier"] in identifiers for row in names)


def _derived(engine: Engine, organization_id: str, persons: Sequence[str]) -> Iterable[Section]:
    for name, title, about, asked in _DERIVED:

        def rows_of(asked: str = asked) -> Iterator[Kept]:
            for person in persons:
                yield from map(readable, _paged(engine, asked, organization_id, person))

        yield Section(name, title, about, rows_of)


def _paged(engine: Engine, name: str, organization_id: str, person: str) -> Iterator[dict[str, Any]]:
    """The rows of a query, a page at a time."""
    after = ""
    while page := rows(engine, name, organization_id=organization_id, person_id=person, after=after):
        after = page[-1]["row_key"]
        for row in page:
            row.pop("row_key")
            yield row
