"""Erasing a person, and what a retention period has outlived: entries of the ledger, which the engine follows."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from touchline.errors import UnknownError, UsageError
from touchline.ingest import EVERYBODY, entry_of, value_of
from touchline.jobs.belonging import belonging
from touchline.jobs.workspace import Workspace
from touchline.ledger import Erasing, Theirs, schema
from touchline.magnitudes import DAY_MICROS

_SHOWN = 3
"""Accounts that an error names."""
_WORDS_AT_ONCE = 100
"""Words that one statement looks for in rejected events: SQLite takes expressions up to a depth of 1,000."""


@dataclass(frozen=True)
class ErasureReport:
    """What went, or would go: the person's identifiers, and how many rows of the ledger."""

    identifiers: tuple[str, ...]
    events: int
    rejected: int
    """Rejected events in whose kept text one of the identifiers stands."""
    claims: int
    is_dry_run: bool = False
    unproven: tuple[str, ...] = ()
    """Those of the identifiers that only a browser ties to the named one, and that servers or files reported."""
    run_failure: str = ""
    """Why the run after it failed, so that the numbers have not followed yet; empty where none failed."""


@dataclass(frozen=True)
class RetentionReport:
    """What one organization's retention period took: everything before ``before`` (microseconds since 1970)."""

    organization_id: str
    before: int
    events: int
    rejected: int


class _NotMeantError(Exception):
    """A dry run is taken back."""


def erase(  # noqa: PLR0913 - the three ways to name somebody are the command's
    workspace: Workspace, organization_id: str, *, visitor: str | None = None, user: str | None = None,
    email_hash: str | None = None, now: int, is_proven_only: bool = False, is_dry_run: bool = False,
) -> ErasureReport:  # fmt: skip
    """Erase the person whom one id names: the events of all ids that are known to be theirs.

    Needs no run: the ids are those that a run would join now. The numbers follow at the next run. What happened up to
    ``now`` (microseconds since 1970) and comes again is refused as ``erased``; what the same browser does later is
    somebody new.

    A page can claim with its publishable key that its visitor is anybody. So an account that a server or a file of the
    owner's reported is erased only if its id is the named one, or if such a report ties it to that one.

    :param email_hash: the SHA-256 of the e-mail address, in hexadecimal digits.
    :param is_proven_only: leave alone whatever only a browser ties to the named id.
    :raises UsageError: if not exactly one id is given, or if only a browser ties such an account to it.
    :raises UnknownError: if nothing is known of such a person, and nothing was erased.
    """
    named = _named(workspace, organization_id, visitor, user, email_hash)
    report: ErasureReport | None = None
    try:
        with workspace.ledger.transaction() as entry:
            erasing = entry.erasing(organization_id)
            found = belonging(workspace, erasing, organization_id, named)
            identifiers = found.proven if is_proven_only else found.identifiers
            unproven = () if is_proven_only else _accounts(erasing, found.unproven)
            if unproven and not is_dry_run:
                raise _unproven(named[0], unproven)
            is_known = any(entry_of(organization_id, name) in erasing.known() for name in named)
            report = _erased(erasing, organization_id, identifiers, now)
            report = replace(report, is_dry_run=is_dry_run, unproven=unproven)
            if not (is_known or report.events or report.rejected or report.claims):
                raise UnknownError(f"{named[0]} is unknown.", "Check the id, and the organization.")
            if is_dry_run:
                raise _NotMeantError
    except _NotMeantError:
        pass
    workspace.ledger.settle()
    assert report is not None  # noqa: S101 - the block either made it or raised
    return report


def retain(workspace: Workspace, *, now: int) -> list[RetentionReport]:
    """Erase what is older than each organization's ``retention_days``, to the day (UTC).

    :param now: microseconds since 1970.
    """
    reports = []
    for organization in workspace.ledger.rows(schema.ORGANIZATIONS):
        name = organization["organization_id"]
        days = workspace.settings(name).retention_days
        if days:
            before = now - now % DAY_MICROS - days * DAY_MICROS
            with workspace.ledger.transaction() as entry:
                reports += _outlived(entry.erasing(name), name, before)
    if reports:
        workspace.ledger.settle()
    return reports


def _erased(erasing: Erasing, organization_id: str, identifiers: list[str], now: int) -> ErasureReport:
    numbers = [erasing.note(entry_of(organization_id, name), now) for name in identifiers]
    return ErasureReport(
        tuple(identifiers),
        erasing.erase_of(_theirs(identifiers), numbers[0]),
        erasing.erase_rejections(_telling(erasing, identifiers)),
        erasing.erase_claims(identifiers),
    )


def _accounts(erasing: Erasing, identifiers: list[str]) -> tuple[str, ...]:
    """Those of the identifiers that stand on verified events or claims."""
    return tuple(sorted(erasing.verified_names_of(_theirs(identifiers)).intersection(identifiers)))


def _unproven(named: str, accounts: tuple[str, ...]) -> UsageError:
    users = [name for name in accounts if name.startswith("u:")] or list(accounts)
    return UsageError(
        f"Only a browser says that {named} is {' and '.join(users[:_SHOWN])}, whom your servers or files reported.",
        "Anybody can make a browser say so. If it is one person, erase that id, which also erases the browser's"
        " events; "
        f"if not, or if you are not sure, erase {named} with --proven-only.",
    )


def _theirs(identifiers: list[str]) -> Theirs:
    return Theirs(identifiers, *(_values(identifiers, kind) for kind in ("u:", "m:")))


def _outlived(erasing: Erasing, organization_id: str, before: int) -> list[RetentionReport]:
    if not erasing.has_before(before):
        return []
    number = erasing.note(EVERYBODY, before - 1)
    events = erasing.erase_before(before, number)
    return [RetentionReport(organization_id, before, events, erasing.erase_rejections_before(before))]


def _named(
    workspace: Workspace, organization_id: str, visitor: str | None, user: str | None, email_hash: str | None
) -> list[str]:
    """The identifiers that the given id may stand for: a visitor has one on each site."""
    if sum(bool(one) for one in (visitor, user, email_hash)) != 1:
        raise UsageError("A person is named by one id.", "Give one of --visitor, --user and --email-hash.")
    if user:
        return [f"u:{user}"]
    if email_hash:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", email_hash):
            raise UsageError(
                f"An e-mail hash has 64 hexadecimal digits, not {email_hash!r}.",
                "It is the SHA-256 of the lowercase address; Touchline stores no addresses.",
            )
        return [f"m:{email_hash.lower()}"]
    sites = workspace.ledger.rows(schema.SITES, organization_id=organization_id)
    return [f"v:{site['site_id']}:{visitor}" for site in sites]


def _values(identifiers: Iterable[str], kind: str) -> list[str]:
    """The ids of one kind, as events carry them."""
    return sorted({value_of(name) for name in identifiers if name.startswith(kind)})


def _telling(erasing: Erasing, identifiers: list[str]) -> list[int]:
    """The rejected events that mention the person: they contain one of the ids as a separate word."""
    values = [value for kind in ("v:", "u:", "m:") for value in _values(identifiers, kind)]
    words = sorted({form for value in values for form in (value, json.dumps(value)[1:-1])})
    found = []
    for start in range(0, len(words), _WORDS_AT_ONCE):
        part = words[start : start + _WORDS_AT_ONCE]
        as_words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, part))})(?!\w)", re.IGNORECASE)
        found += [number for number, text in erasing.rejections_with(part).items() if as_words.search(text)]
    return sorted(set(found))
