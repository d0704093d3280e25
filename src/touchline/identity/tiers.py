"""The tiers of evidence that two identifiers are one person's: the only place that lists them."""

from dataclasses import dataclass

UNRESOLVED = "unresolved"
CLAIMED_BY_BROWSER = "claimed_by_browser"


@dataclass(frozen=True)
class Tier:
    """How sure it is that two identifiers are one person's."""

    name: str
    is_proof: bool
    """Whether it shows who used something at a time; what does not, only fills in what no proof says."""
    meaning: str
    also: tuple[str, ...] = ()
    """Other names of it, and beginnings of names that end in ``_``."""


TIERS = (
    Tier("strong_id", is_proof=True, meaning="An id of your own systems, such as the user id of a login."),
    Tier(
        "email_validated",
        is_proof=True,
        meaning="An e-mail address that its owner confirmed.",
        also=("email_validated_",),
    ),
    Tier("claimed", is_proof=True, meaning="One of your systems says that both are one person's."),
    Tier("single_candidate", is_proof=False, meaning="Only one known person fits.", also=("single_id_exists",)),
    Tier("email_unvalidated", is_proof=False, meaning="An e-mail address that nobody confirmed.", also=("email_only",)),
    Tier(
        CLAIMED_BY_BROWSER,
        is_proof=False,
        meaning="A page says so without a signature, and anybody can send what a page sends.",
    ),
    Tier(UNRESOLVED, is_proof=False, meaning="It joins nobody.", also=(f"{UNRESOLVED}_",)),
)
"""From the surest to none: evidence of a better tier is applied first."""


def rank_of(tier: str) -> int | None:
    """The place of a tier in :data:`TIERS`; ``None`` if there is no such tier.

    >>> rank_of("claimed"), rank_of("email_validated_user_id"), rank_of("unresolved_crm"), rank_of("guess")
    (2, 1, 6, None)
    """
    return next((rank for rank, known in enumerate(TIERS) if tier == known.name or _is_also(tier, known)), None)


def _is_also(tier: str, known: Tier) -> bool:
    return any(tier == name or (name.endswith("_") and tier.startswith(name)) for name in known.also)
