"""What a recorder lends to a sender, and what the sender says of it afterwards. Needs no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from attribution_campaign_context.bridge import Event


class DueEvent(NamedTuple):
    """One entry that was lent to a sender."""

    id: str
    attempts: int
    """How often it was tried before."""
    event: Event


@dataclass(frozen=True)
class Outcome:
    """What became of entries that were lent."""

    sent: Sequence[str] = ()
    """Ids of entries that Touchline has; they go."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """By id, why Touchline will never take it; the entry is set aside with the reason."""
    postponed: Mapping[str, str] = field(default_factory=dict)
    """By id, why it could not be sent now; it is tried again later."""
