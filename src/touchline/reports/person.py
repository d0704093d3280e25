"""One person, explained: the names they are known by, and what says that the names are one person's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from touchline.amounts import counted
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.ingest.scrubbing import kept_id
from touchline.reports.queries import Row, rows

REFUSALS: Mapping[str, str] = {
    "blocked_value": "one of them identifies nobody",
    "too_many_unverified": "unverified events tie one of them to more ids than one person has",
    "too_many_verified": "verified events or claims tie one of them to more ids than one person has",
    "separated": "they were separated by hand",
    "two_users": "one person would have two user ids",
    "two_emails": "unverified events would join two persons who have e-mail hashes",
    "too_large": "more ids hang together than largest_group allows, and only browsers say that these two do",
    "too_many_changes": "the browser changes its user too often to be anybody's",
}
"""Why a pair is refused, in words."""

_PAIR = ("identifier", "linked_identifier")


@dataclass(frozen=True)
class ClaimMade:
    """A system of the owner's own said so."""

    source: str
    claimed_at: datetime


@dataclass(frozen=True)
class Tie:
    """What is known of two identifiers together."""

    identifier: str
    linked_identifier: str
    first_seen_at: datetime
    event_count: int
    """How many events bear both."""
    claims: tuple[ClaimMade, ...]
    tier: str
    """The best of what says so: a name of :data:`touchline.identity.tiers.TIERS`."""
    source: str
    """Who says so in that tier: a site, or a source of claims; the first of several by name."""
    is_verified: bool
    """Whether a claim, an import, or an event with a secret key says so, and not only a browser."""
    is_refused: bool
    """Whether it was not believed, so that it joins nobody."""
    reason: str
    """``same_event``, ``claim``, or why it is refused."""

    @property
    def refusal_in_words(self) -> str:
        """Why it is refused; nothing where it is believed."""
        return REFUSALS[self.reason] if self.is_refused else ""


@dataclass(frozen=True)
class UsedTime:
    """A time in which the person used an identifier that others use, too."""

    identifier: str
    valid_from: datetime | None
    """Since when, including that moment: then an event named this person. ``None``: before everybody else."""
    valid_until: datetime | None
    """Until when, not including that moment: then an event named somebody else. ``None``: nobody came after."""


@dataclass(frozen=True)
class Membership:
    """An account for which the person acts."""

    account_id: str
    first_seen_at: datetime
    event_count: int
    """How many events of the person name it."""
    claim_count: int
    is_verified: bool
    """Whether a claim, an import, or an event with a secret key says so, and not only a browser."""
    is_believed: bool
    """Whether touches of the person are on the account's paths: where others are verified members, a browser alone
    makes none."""


@dataclass(frozen=True)
class ChosenClick:
    """The click that answers for a person on one ad platform."""

    platform: str
    touchpoint_id: str
    occurred_at: datetime
    click_id_names: str
    click_ids: str
    """The ids and their values, as JSON."""
    is_initial: bool
    """Whether it is the person's first click there, which is still fresh; else it is the newest."""
    initial_touchpoint_id: str
    newest_touchpoint_id: str
    as_of: datetime
    """The person's last sign of life, by which freshness is judged."""
    fresh_days: int
    click_count: int

    @property
    def choice_in_words(self) -> str:
        """Why it is this one."""
        if self.click_count == 1:
            return "the only click"
        within = f"within {counted(self.fresh_days, 'day')} of {self.as_of:%F}"
        return f"the first click, {within}" if self.is_initial else f"the newest click: the first one is not {within}"


@dataclass(frozen=True)
class PersonExplanation:
    """Why some identifiers are one person's."""

    organization_id: str
    person_id: str
    identifiers: tuple[str, ...]
    """The first hundred names of the person, the one that was seen first in front."""
    ties: tuple[Tie, ...]
    """The first hundred pairs, by the time at which each was first seen."""
    identifier_count: int
    """How many names the person has in all."""
    tie_count: int
    """How many pairs there are in all."""
    periods: tuple[UsedTime, ...]
    """The first hundred times in which the person used what others use, too."""
    accounts: tuple[Membership, ...]
    """The first hundred accounts for which the person acts."""
    clicks: tuple[ChosenClick, ...]
    """By ad platform, the click that answers for the person."""


def explain_person(
    engine: Engine, organization_id: str, named: str, *, keyed: Callable[[str], str] = str
) -> PersonExplanation:
    """The person of this id: the person's own, an identifier such as ``u:42``, or the id inside one.

    :param keyed: an id as the ledger stores it, with its key for hashes; by default, it stores ids without one.
    :raises UnknownError: if there is nobody.
    :raises UsageError: if several people bear it; the hint names their identifiers, or who used it and their ids.
    """
    person = {"organization_id": organization_id, "person_id": _person_id(engine, organization_id, named, keyed)}
    claims = rows(engine, "claims_of_person", **person)
    sizes = rows(engine, "sizes_of_person", **person)[0]
    return PersonExplanation(
        **person,
        identifiers=tuple(row["identifier"] for row in rows(engine, "identifiers_of_person", **person)),
        ties=tuple(_tie(row, claims) for row in rows(engine, "edges_of_person", **person)),
        identifier_count=sizes["identifiers"],
        tie_count=sizes["ties"],
        periods=tuple(_used(row) for row in rows(engine, "periods_of_person", **person)),
        accounts=tuple(_membership(row) for row in rows(engine, "accounts_of_person", **person)),
        clicks=tuple(_click(row) for row in rows(engine, "clicks_of_person", **person)),
    )


def _identifiers(engine: Engine, organization_id: str, named: str) -> list[Row]:
    ending = f":{named}"
    asked = {"organization_id": organization_id, "named": named, "ending": ending, "length": len(ending)}
    return rows(engine, "identifiers_named", **asked)


def _person_id(engine: Engine, organization_id: str, named: str, keyed: Callable[[str], str]) -> str:
    found = _identifiers(engine, organization_id, named)
    if not found and (kept := keyed(kept_id(named))) != named:
        named = kept
        found = _identifiers(engine, organization_id, named)
    exact = [row for row in found if named in (row["identifier"], row["person_id"])] or found
    if not exact:
        raise UnknownError(f"There is nobody known as {named!r}.", "Give an anonId, a userId or an e-mail hash.")
    if len({row["person_id"] for row in exact}) > 1:
        is_shared = len({row["identifier"] for row in exact}) == 1
        names = ", ".join(row["person_id" if is_shared else "identifier"] for row in exact[:5])
        if is_shared:
            raise UsageError(
                f"Several people used {exact[0]['identifier']}, each in their own time.", f"Name one of: {names}."
            )
        raise UsageError(f"Several people are known as {named!r}.", f"Name one of: {names}.")
    return str(exact[0]["person_id"])


def _used(row: Row) -> UsedTime:
    bounds = {name: row[name] and row[name].replace(tzinfo=UTC) for name in ("valid_from", "valid_until")}
    return UsedTime(row["identifier"], **bounds)


def _membership(row: Row) -> Membership:
    return Membership(**{**row, "first_seen_at": row["first_seen_at"].replace(tzinfo=UTC)})


def _click(row: Row) -> ChosenClick:
    times = {name: row[name].replace(tzinfo=UTC) for name in ("occurred_at", "as_of")}
    return ChosenClick(**{**row, **times})


def _tie(row: Row, claims: list[Row]) -> Tie:
    said = [claim for claim in claims if all(claim[name] == row[name] for name in _PAIR)]
    return Tie(
        identifier=row["identifier"],
        linked_identifier=row["linked_identifier"],
        first_seen_at=row["first_seen_at"].replace(tzinfo=UTC),
        event_count=row["event_count"],
        claims=tuple(ClaimMade(claim["source"], claim["claimed_at"].replace(tzinfo=UTC)) for claim in said),
        tier=row["tier"],
        source=row["source"],
        is_verified=row["is_verified"],
        is_refused=row["is_refused"],
        reason=row["reason"],
    )
