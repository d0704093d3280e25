"""Identity claims from files: which ids belong to one person or account, according to the owner's own systems."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from touchline.characters import control_in_id
from touchline.errors import InputError
from touchline.ingest.erased import Keyed, entries_of
from touchline.ingest.event import Reason
from touchline.ingest.mapped import BadCell, iso_time, text_of
from touchline.ingest.readers import read_rows
from touchline.ingest.rejection import Rejection
from touchline.ingest.scrubbing import kept_id
from touchline.ingest.steps import YEAR_2000
from touchline.magnitudes import DAY_MICROS
from touchline.placeholders import names_somebody

IDS = (
    "visitor_id", "user_id", "email_hash", "linked_visitor_id", "linked_user_id", "linked_email_hash", "account_id",
    "linked_account_id",
)  # fmt: skip
COLUMNS = (*IDS, "claimed_at")
"""The ids of a person that a file may have; a row needs at least two. A person's id and an account's make the person a
member of the account; two accounts are the same one."""
_LONGEST = {"visitor_id": 128, "user_id": 256, "email_hash": 64, "account_id": 256}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = "vuma"

Row = Mapping[str, object]


class Claim(NamedTuple):
    """Two identifiers claimed to be of one person, ordered visitor, user, e-mail address.

    An account is second, after one of its members, or after another name of the same account.
    """

    identifier: str
    linked_identifier: str
    claimed_at: int | None
    """Microseconds since 1970; ``None`` if the row does not say."""


def read_claims(
    file: Path, *, site_id: str | None, received_at: int | None = None, is_separating: bool = False
) -> Iterator[tuple[str, list[Claim] | Rejection]]:
    """The rows of a CSV, JSON-lines or Parquet file, each with its source, as claims or as a rejection.

    :param site_id: the site whose visitors the file names; ``None`` rejects rows with a visitor.
    :param received_at: as of :func:`claims_of`.
    :param is_separating: whether each row says that its ids are not one person's, as of :func:`separation_of`.
    :raises InputError: if the file cannot be read, or has a column that is no id of a person.
    """
    for source, row in read_rows(file, _check_columns):
        if isinstance(row, Rejection):
            yield source, row
        else:
            yield source, (separation_of if is_separating else claims_of)(row, site_id, received_at)


def claims_of(row: Row, site_id: str | None, received_at: int | None = None) -> list[Claim] | Rejection:
    """A claim of the first of the row's ids with each of the others.

    :param received_at: microseconds since 1970: as for events, a claim's time must be between 2000 and a day after it.
        ``None`` allows any time, because the claims are withdrawn.

    >>> claims_of({"visitor_id": "ada", "user_id": "42"}, "shop")
    [Claim(identifier='v:shop:ada', linked_identifier='u:42', claimed_at=None)]
    >>> claims_of({"user_id": "42"}, "shop").reason
    <Reason.MISSING_FIELD: 'missing_field'>
    >>> claims_of({"account_id": "acme", "linked_account_id": "acme-inc"}, None)
    [Claim(identifier='a:acme', linked_identifier='a:acme-inc', claimed_at=None)]
    """
    try:
        names = sorted(dict.fromkeys(_identifiers(row, site_id)), key=_in_order)
        if len(names) < 2:
            message = f"Expected two different ids of one person, of {', '.join(IDS)}, but there are {len(names)}."
            raise BadCell(Reason.MISSING_FIELD, IDS[0], message)
        claimed_at = _time(row.get("claimed_at"))
        _check_time(claimed_at, received_at)
    except BadCell as bad:
        return bad.rejection
    return [Claim(names[0], other, claimed_at) for other in names[1:]]


def separation_of(row: Row, site_id: str | None, received_at: int | None = None) -> list[Claim] | Rejection:
    """The one pair of the row, which is to be kept apart.

    A row of three ids does not say which of them are apart from which, and an account joins no persons, so that nothing
    is separated from it.

    :param received_at: as of :func:`claims_of`.

    >>> separation_of({"visitor_id": "ada", "user_id": "42"}, "shop")
    [Claim(identifier='v:shop:ada', linked_identifier='u:42', claimed_at=None)]
    >>> separation_of({"visitor_id": "ada", "user_id": "42", "linked_user_id": "43"}, "shop").field
    'linked_user_id'
    >>> separation_of({"user_id": "42", "account_id": "acme"}, "shop").field
    'account_id'
    """
    found = claims_of(row, site_id, received_at)
    if isinstance(found, Rejection):
        return found
    given = [field for field in IDS if _text(row.get(field))]
    if len(found) > 1:
        message = (
            f"{given[2]}: Expected two ids to keep apart, but there are {len(found) + 1}. Write a row for each pair."
        )
        return Rejection(Reason.CONTRADICTION, given[2], message)
    first, other = (name[0] for name in found[0][:2])
    if (first == "a") != (other == "a"):
        field = next(field for field in given if field.endswith("account_id"))
        message = (
            f"{field}: Expected two ids of persons, or two accounts, but there is one of each. To end a membership, run"
            " touchline claims withdraw with the claims that say so; what events name stays."
        )
        return Rejection(Reason.CONTRADICTION, field, message)
    return found


def value_of(identifier: str) -> str:
    """The id that an identifier is made of, as events carry it.

    >>> value_of("u:42"), value_of("v:shop:ada")
    ('42', 'ada')
    """
    return identifier.split(":", 2 if identifier.startswith("v:") else 1)[-1]


def keyed_claim(claim: Claim, keyed: Keyed) -> Claim:
    """The claim as the ledger stores it, in the order that it has there.

    >>> keyed_claim(Claim("m:1", "m:2", None), {"m:1": "m:b", "m:2": "m:a"}.get)
    Claim(identifier='m:a', linked_identifier='m:b', claimed_at=None)
    """
    first, second = sorted(map(keyed, claim[:2]), key=_in_order)
    return Claim(first, second, claim.claimed_at)


def _in_order(name: str) -> tuple[int, str]:
    return _KINDS.index(name[0]), name


def names_erased(claim: Claim, organization_id: str, erased: Mapping[str, int], keyed: Keyed) -> bool:
    """Whether the claim names an erased person and is not proven to be newer than the erasure.

    :param erased: by entry, the time (microseconds since 1970) up to which everything is erased.
    """
    entries = (entry for name in claim[:2] for entry in entries_of(organization_id, name, keyed))
    until = max(erased.get(entry, -1) for entry in entries)
    return until >= 0 and (claim.claimed_at is None or claim.claimed_at <= until)


def _check_columns(columns: Collection[str]) -> None:
    names = list(columns)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"Claims have the column {', '.join(map(repr, twice))} twice.", "Remove one of them.")
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise InputError(
            f"Claims have no column {', '.join(map(repr, unknown))}.", f"There may be: {', '.join(COLUMNS)}."
        )


def _identifiers(row: Row, site_id: str | None) -> Iterator[str]:
    for field in IDS:
        value, kind = _text(row.get(field)), field.removeprefix("linked_")
        if not value:
            continue
        if len(value) > _LONGEST[kind]:
            message = f"{field}: Expected at most {_LONGEST[kind]} characters, but there are {len(value)}."
            raise BadCell(Reason.TOO_LONG, field, message)
        if fault := control_in_id(value):
            raise BadCell(Reason.MALFORMED, field, f"{field}: Expected text, but there is {fault}.")
        if not names_somebody(value):
            raise BadCell(Reason.UNKNOWN_VALUE, field, f"{field}: Expected an id, but its value names nobody.")
        yield _identifier(field, kind, value, site_id)


def _identifier(field: str, kind: str, value: str, site_id: str | None) -> str:
    if kind == "visitor_id":
        if site_id is None:
            raise BadCell(Reason.MISSING_FIELD, field, f"{field}: Expected the visitor's site: name it with --site.")
        return f"v:{site_id}:{kept_id(value)}"
    if kind == "user_id":
        return f"u:{kept_id(value)}"
    if kind == "account_id":
        return f"a:{kept_id(value)}"
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise BadCell(Reason.WRONG_TYPE, field, f"{field}: Expected the SHA-256 in 64 hexadecimal digits.")
    return f"m:{value.lower()}"


def _text(value: object) -> str:
    return "" if value is None else text_of(value).strip()


def _check_time(claimed_at: int | None, received_at: int | None) -> None:
    if claimed_at is None or received_at is None or YEAR_2000 <= claimed_at <= received_at + DAY_MICROS:
        return
    message = "claimed_at: Expected a time from 2000 to a day after it was received."
    raise BadCell(Reason.OUT_OF_RANGE, "claimed_at", message)


def _time(value: object) -> int | None:
    if not _text(value):
        return None
    try:
        moment = value if isinstance(value, datetime) else iso_time(_text(value))
    except ValueError:
        message = "claimed_at: Expected a time such as 2026-03-02T10:00:00Z."
        raise BadCell(Reason.WRONG_TYPE, "claimed_at", message) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
