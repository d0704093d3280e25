"""Factors of lift tests: how many conversions a channel or a campaign caused, per conversion credited to it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from touchline.channels import with_own_rules
from touchline.errors import UnknownError, UsageError
from touchline.jobs.naming import check_name
from touchline.jobs.platforms import platform_named
from touchline.jobs.running import models_of_organization
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Subject:
    """What a factor is of: a channel, or a campaign of a platform; under one model, or under every model (``""``)."""

    channel: str = ""
    platform: str = ""
    campaign_id: str = ""
    model: str = ""

    def __str__(self) -> str:
        of = f"channel {self.channel}" if self.channel else f"campaign {self.campaign_id} of {self.platform}"
        return f"{of} under {self.model}" if self.model else of


@dataclass(frozen=True)
class Lift:
    """What a lift test found, and the days of conversions to which it applies, both inclusive."""

    factor: float
    """Conversions caused per conversion credited; 0 and more."""
    source: str
    """Which test it was, for people."""
    start: date
    end: date | None = None
    """``None``: until another factor is added for later days."""
    low: float | None = None
    """The interval of the factor, as the test states it; both ends or none."""
    high: float | None = None


def add_lift(workspace: Workspace, organization_id: str, subject: Subject, lift: Lift) -> Subject:
    """Keep a factor; returns what it is of, with the platform's code.

    :raises UsageError: if it is of no or of both a channel and a campaign, a number cannot be one, or its days overlap
        those of another factor for the same.
    :raises UnknownError: if there is no such model, no rule in use names the channel, or no cost was reported for the
        campaign.
    """
    of = _checked(workspace, organization_id, subject)
    _check(lift)
    for row in workspace.ledger.rows(schema.LIFT_FACTORS, organization_id=organization_id):
        if _is_same(row, of) and _overlaps(row, lift):
            raise UsageError(
                f"There is a factor of {of} for {row['start_date']} to {row['end_date'] or 'all later days'} already.",
                f"Remove it with `touchline lift remove`, or choose other days; its source is {row['source']}.",
            )
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.LIFT_FACTORS, organization_id=organization_id, **vars(of), start_date=lift.start, end_date=lift.end,
            factor=lift.factor, low=lift.low, high=lift.high, source=lift.source,
        )  # fmt: skip
    return of


def remove_lift(workspace: Workspace, organization_id: str, subject: Subject, start: date) -> None:
    """Forget the factor that begins on a day.

    :raises UnknownError: if there is none.
    """
    of = _named(workspace, organization_id, subject)
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.LIFT_FACTORS, organization_id=organization_id, **vars(of), start_date=start):
            _check_model(workspace, organization_id, of.model)
            raise UnknownError(f"There is no factor of {of} that begins on {start}.", "See `touchline lift list`.")


def _named(workspace: Workspace, organization_id: str, subject: Subject) -> Subject:
    if bool(subject.channel) == bool(subject.platform and subject.campaign_id) or (
        subject.channel and (subject.platform or subject.campaign_id)
    ):
        raise UsageError(
            "A factor is of a channel, or of a campaign and its platform.",
            "Give --channel, or --platform and --campaign.",
        )
    check_name("A channel", subject.channel, _MOST_CHARACTERS, may_be_empty=True)
    code = platform_named(workspace, organization_id, subject.platform) if subject.platform else ""
    return Subject(subject.channel, code, subject.campaign_id, subject.model)


def _checked(workspace: Workspace, organization_id: str, subject: Subject) -> Subject:
    of = _named(workspace, organization_id, subject)
    _check_model(workspace, organization_id, of.model)
    known = with_own_rules(workspace.ledger.rows(schema.CHANNEL_RULES)).channels
    if of.channel and of.channel not in known:
        raise UnknownError(f"There is no channel {of.channel!r:.80}.", f"Channels are: {', '.join(sorted(known))}.")
    if of.campaign_id and not workspace.ledger.has_campaign(organization_id, of.platform, of.campaign_id):
        raise UnknownError(
            f"No cost was reported for a campaign {of.campaign_id!r:.80} of {of.platform}.",
            "See the ids with `touchline report tagging` or in the view campaigns.",
        )
    return of


def _check_model(workspace: Workspace, organization_id: str, model: str) -> None:
    models = [one["model"] for one in models_of_organization(workspace, organization_id)]
    if model and model not in models:
        raise UnknownError(f"There is no model {model!r:.80}.", f"Models are: {', '.join(models)}.")


def _check(lift: Lift) -> None:
    check_name("A source", lift.source, _MOST_CHARACTERS)
    for name, number in (("factor", lift.factor), ("low", lift.low), ("high", lift.high)):
        if number is not None and not 0 <= number < math.inf:
            raise UsageError(f"{name} must be a number from 0 on, not {number}.")
    if (lift.low is None) != (lift.high is None):
        raise UsageError("An interval has two ends.", "Give both --low and --high, or none.")
    if lift.low is not None and lift.high is not None and not lift.low <= lift.factor <= lift.high:
        raise UsageError(f"The factor {lift.factor} is not within its interval, {lift.low} to {lift.high}.")
    if lift.end is not None and lift.end < lift.start:
        raise UsageError(f"The factor's days end on {lift.end}, before they start on {lift.start}.")


def _is_same(row: Mapping[str, Any], of: Subject) -> bool:
    """Whether a row is of the same, under a model that both could be asked with."""
    is_of = all(row[name] == getattr(of, name) for name in ("channel", "platform", "campaign_id"))
    return is_of and (not of.model or row["model"] in {"", of.model})


def _overlaps(row: Mapping[str, Any], lift: Lift) -> bool:
    start, end = row["start_date"] or date.min, row["end_date"] or date.max
    return bool(start <= (lift.end or date.max) and lift.start <= end)
