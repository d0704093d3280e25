"""What a run changed since the last one, and why: conversions whose links differ, and the credit that moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.grains import UNATTRIBUTED
from touchline.sql import query

REASONS: Mapping[str, str] = {
    "new": "new conversions",
    "late_events": "touches that came late",
    "persons": "persons that were joined or separated",
    "restated": "refunds, cancellations and corrections of orders",
    "erased": "conversions or touches that were erased or superseded",
    "evidence": "what is known of touches: their channel or their time",
    "first": "the first run, or one after an interrupted run",
    "fits": "new fits",
    "rules": "a changed rule, goal, setting or release, or the first fit of a model",
    "asked": "a rebuild on request",
    "always": "an engine that rebuilds everything",
}
"""Why links changed, in words."""
ALL_CHANNELS = "(all)"
"""Stands for all channels together."""

MOST_CONVERSIONS = 500
"""Of an organization, how many conversions are listed for one run."""

Credits = Mapping[tuple[str, str], int]
"""Credit by organization and channel, in billionths."""


@dataclass(frozen=True)
class Change:
    """What a run changed for one reason in one channel of an organization, under its default model."""

    organization_id: str
    reason: str
    """One of :data:`REASONS`."""
    channel: str
    """:data:`ALL_CHANNELS`, or a channel whose credit changed."""
    conversions: int | None
    """Of all channels: how many conversions have other links than before; ``None`` of one channel, and in a rebuild,
    which does not compare them one by one."""
    credit_before: int
    """What these conversions gave the channel before (billionths); in a rebuild, what all of them gave."""
    credit_after: int


@dataclass(frozen=True)
class Moved:
    """What one conversion gives a channel, before and after a run that made its links again."""

    organization_id: str
    conversion_id: str
    reason: str
    """One of :data:`REASONS`."""
    channel: str
    credit_before: int
    """Under the organization's default model (billionths), as is ``credit_after``."""
    credit_after: int


def conversions_of_run(engine: Engine) -> list[Moved]:
    """The conversions that have other links than before the run, up to :data:`MOST_CONVERSIONS` of an organization.

    To be asked as :func:`changes_of_run` is; those whose credit moved most come first.
    """
    asked = query(__package__, "conversions_changed").text
    found = python_rows(engine.select(asked, parameters={"most": MOST_CONVERSIONS}))
    return [Moved(**{**row, "channel": row["channel"] or UNATTRIBUTED}) for row in found]


def moved_since(engine: Engine, since: int) -> list[dict[str, Any]]:
    """What is listed of runs from ``since`` on (microseconds since 1970), of conversions that stand."""
    return python_rows(engine.select(query(__package__, "moved_since").text, parameters={"since": since}))


def changes_of_run(engine: Engine) -> list[Change]:
    """What a run that is not a rebuild changed, while the engine still holds what was before."""
    rows = python_rows(engine.select(query(__package__, "links_changed").text))
    named = ({**row, "channel": row["channel"] or UNATTRIBUTED} for row in rows)
    found = [
        Change(**row if row["channel"] == ALL_CHANNELS else {**row, "conversions": None})
        for row in named
        if row["channel"] == ALL_CHANNELS or row["credit_before"] != row["credit_after"]
    ]
    return sorted(found, key=lambda one: (one.organization_id, one.reason, one.channel))


def credits_of(engine: Engine) -> Credits:
    """What each channel has under the default model of its organization."""
    rows = python_rows(engine.select(query(__package__, "channels_credited").text))
    return {(row["organization_id"], row["channel"]): row["credit"] for row in rows}


def changes_of_rebuild(before: Credits, after: Credits, reason: str) -> list[Change]:
    """What a rebuild changed: channels with other credit, and all of them together.

    >>> [
    ...     (one.channel, one.credit_after)
    ...     for one in changes_of_rebuild({("o", "Email"): 1}, {("o", "Direct"): 1}, "rules")
    ... ]
    [('(all)', 1), ('Direct', 1), ('Email', 0)]
    """
    return [one for name in sorted({name for name, _ in (*before, *after)}) for one in _of(name, before, after, reason)]


def _of(organization_id: str, before: Credits, after: Credits, reason: str) -> Iterator[Change]:
    keys = sorted(key for key in {*before, *after} if key[0] == organization_id)
    changed = [key for key in keys if before.get(key, 0) != after.get(key, 0)]
    if changed:
        sums = (sum(credit.get(key, 0) for key in keys) for credit in (before, after))
        yield Change(organization_id, reason, ALL_CHANNELS, None, *sums)
    for key in changed:
        yield Change(organization_id, reason, key[1], None, before.get(key, 0), after.get(key, 0))
