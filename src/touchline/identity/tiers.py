"""The tiers of evidence that two identifiers are one person's: the only place that lists them."""

from dataclasses import dataclass

UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class Tier:
    """How sure it is that two identifiers are one person's."""

    name: str
    is_proof: bool
    """Whether it shows who used something at a time; what does not, only fills in what no proof says."""
    meaning: str


TIERS = (
    Tier("strong_id", is_proof=True, meaning="An id of your own systems, such as the user id of a login."),
    Tier("email_validated", is_proof=True, meaning="An e-mail address that its owner confirmed."),
    Tier("claimed", is_proof=True, meaning="One of your systems says that both are one person's."),
    Tier("single_candidate", is_proof=False, meaning="Only one known person fits."),
    Tier("email_unvalidated", is_proof=False, meaning="An e-mail address that nobody confirmed."),
    Tier(UNRESOLVED, is_proof=False, meaning="It joins nobody. `unresolved_<source>` names a source."),
)
"""From the surest to none: evidence of a better tier is applied first."""


def rank_of(tier: str) -> int | None:
    """The place of a tier in :data:`TIERS`; ``None`` if there is no such tier.

    >>> rank_of("claimed"), rank_of("unresolved_crm"), rank_of("guess")
    (2, 5, None)
    """
    name = UNRESOLVED if tier.startswith(f"{UNRESOLVED}_") else tier
    return next((rank for rank, known in enumerate(TIERS) if known.name == name), None)
