"""Identity claims in, and out again: files are read to their end first, and stored in short transactions then."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from touchline.characters import cleaned
from touchline.errors import UsageError
from touchline.ingest import Claim, Reason, Rejection, keyed_claim, names_erased, read_claims
from touchline.jobs.importing.named_files import named_files
from touchline.jobs.naming import check_name
from touchline.jobs.pace import Pace
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.entry import Entry

SEPARATED = "separated"
"""The source of claims that say the opposite: that two ids are not one person's, whatever shows them together."""
_FIRST_ROWS, _MOST_ROWS = 500, 5_000
"""That one transaction takes."""
Told = tuple[str, list[Claim] | Rejection]


@dataclass
class ClaimsReport:
    """What became of the rows of some files, and of the claims that they made."""

    read: int = 0
    accepted: int = 0
    """Claims that are new: a row of two ids makes one, each further id one more."""
    duplicate: int = 0
    """Claims that this source had made already."""
    withdrawn: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """Rows that were refused, by reason."""
    files: int = 0


def import_claims(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, site_id: str | None, source: str,
    now: int,
) -> ClaimsReport:  # fmt: skip
    """Read which ids the system ``source`` says are one person's; a claim that it made before is not made again.

    :param site_id: the site whose visitors are meant; the organization's only one where none is named.
    :param now: when the claims are made that do not say, in microseconds since 1970.
    What is stored stays: a command that is interrupted is finished by the same command.

    :raises InputError: if a file cannot be read as claims; then nothing of any file is kept.
    :raises UsageError: if the source has the name that separations have.
    """
    if source == SEPARATED:
        raise UsageError(
            f"No system is called {SEPARATED!r}: that is the source of what `touchline claims separate` says.",
            "Name the source otherwise, or run touchline claims separate FILE.",
        )
    return _taken(workspace, files, organization_id, site_id, source, now)


def separate(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, site_id: str | None, now: int
) -> ClaimsReport:
    """Note that the two ids of each row are not one person's: no event and no claim of both joins anybody.

    A row of more than two ids, or of a person and an account, is rejected: it would have no effect, or half of one.
    The next run solves the persons again who had such a pair. :func:`withdraw_claims` with the source
    :data:`SEPARATED` takes it back.

    :raises InputError: if a file cannot be read as claims; then nothing of any file is kept.
    """
    return _taken(workspace, files, organization_id, site_id, SEPARATED, now)


def _taken(
    workspace: Workspace, files: Sequence[Path], organization_id: str | None, site_id: str | None, source: str, now: int
) -> ClaimsReport:
    check_name("A source", source, 64)
    name, report = workspace.organization(organization_id)["organization_id"], ClaimsReport(files=len(files))
    is_separating = source == SEPARATED
    for part, pace in _parts(workspace, lambda: _told(workspace, files, name, site_id, now, is_separating)):
        with pace.transaction(), workspace.ledger.transaction() as entry:
            erased = entry.erasing(name, is_alone=False).known()
            judged = [(source_of, _screened(told, name, erased, workspace.ledger.keyed)) for source_of, told in part]
            _keep(entry, report, judged, organization_id=name, source=source, now=now)
    return report


def withdraw_claims(
    workspace: Workspace, files: Sequence[Path], *, organization_id: str | None, site_id: str | None, source: str
) -> ClaimsReport:
    """Take back the claims of these files that ``source`` made; the next run updates the numbers.

    :raises InputError: if a file cannot be read as claims; then nothing is withdrawn.
    """
    check_name("A source", source, 64)
    name, report = workspace.organization(organization_id)["organization_id"], ClaimsReport(files=len(files))
    for part, pace in _parts(workspace, lambda: _told(workspace, files, name, site_id)):
        report.read += len(part)
        report.rejected.update(told.reason.value for _, told in part if isinstance(told, Rejection))
        claims = (claim for _, told in part if not isinstance(told, Rejection) for claim in told)
        pairs = [keyed_claim(claim, workspace.ledger.keyed)[:2] for claim in claims]
        with pace.transaction(), workspace.ledger.transaction() as entry:
            report.withdrawn += entry.erasing(name, is_alone=False).withdraw(pairs, source)
    return report


def _parts(workspace: Workspace, read: Callable[[], Iterator[Told]]) -> Iterator[tuple[list[Told], Pace]]:
    """The rows in parts, each for one transaction, once all of them could be read.

    They are read twice: a file that turns out to be none at its end leaves nothing, and no file is held in memory.
    """
    deque(read(), maxlen=0)
    rows, pace = read(), Pace(workspace.home, first=_FIRST_ROWS, most=_MOST_ROWS)
    while part := list(islice(rows, pace.size)):
        yield part, pace


def _told(
    workspace: Workspace, files: Sequence[Path], organization_id: str, site_id: str | None, now: int | None = None,
    is_separating: bool = False,
) -> Iterator[Told]:  # fmt: skip
    site = _site(workspace, organization_id, site_id)
    for file in named_files(files):
        yield from read_claims(file, site_id=site, received_at=now, is_separating=is_separating)


def _site(workspace: Workspace, organization_id: str, site_id: str | None) -> str | None:
    """The named site, which has to be the organization's; its only one; or none."""
    sites = [row["site_id"] for row in workspace.ledger.rows(schema.SITES, organization_id=organization_id)]
    if site_id is not None and site_id not in sites:
        raise UsageError(f"{organization_id} has no site {site_id!r}.", f"There are: {', '.join(sites)}.")
    return site_id or (sites[0] if len(sites) == 1 else None)


def _screened(
    told: list[Claim] | Rejection, organization_id: str, erased: Mapping[str, int], keyed: Callable[[str], str]
) -> list[Claim] | Rejection:
    """The claims as they are stored, unless one names an erased person."""
    if isinstance(told, Rejection):
        return told
    if not any(names_erased(claim, organization_id, erased, keyed) for claim in told):
        return [keyed_claim(claim, keyed) for claim in told]
    return Rejection(Reason.ERASED, None, "It names an erased person, and has no later claimed_at.")


def _keep(
    entry: Entry, report: ClaimsReport, part: Sequence[Told], *, organization_id: str, source: str, now: int
) -> None:
    claims = sorted(
        {claim[:2]: claim for _, told in part if not isinstance(told, Rejection) for claim in told}.values()
    )
    refused = [(place, told) for place, told in part if isinstance(told, Rejection)]
    rows = [
        {
            "organization_id": organization_id, "identifier": claim.identifier, "source": source,
            "linked_identifier": claim.linked_identifier,
            "claimed_at": now if claim.claimed_at is None else claim.claimed_at,
        }
        for claim in claims
    ]  # fmt: skip
    kept = [(told.reason.value, told.field, cleaned(told.message), cleaned(place)) for place, told in refused]
    entry.add_many(
        schema.REJECTED_CLAIMS, ("organization_id", "received_at", "reason", "field", "message", "source"),
        [(organization_id, now, *row) for row in kept],
    )  # fmt: skip
    accepted = entry.add_new(schema.IDENTITY_CLAIMS, rows)
    report.read += len(part)
    report.accepted += accepted
    report.duplicate += sum(len(told) for _, told in part if not isinstance(told, Rejection)) - accepted
    report.rejected.update(told.reason.value for _, told in refused)
