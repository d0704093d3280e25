"""What a touch is classified by, and nothing else: two touches with equal evidence are in the same channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one touch: a row of ``evidence_channels`` before it is answered.

    Text that is absent is ``None``.
    """

    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    click_id_names: str | None = None
    """Registry names of the click ids, sorted and joined by commas, e.g. ``gbraid,gclid``."""
    referrer_host: str | None = None
    """Host or Android package of the referrer; ``None`` also where that is the site itself or a payment page."""
    has_past_click: bool = False
    """Whether the person came through a Google ad click (``gclid``) before."""
    app: str | None = None
    """Source of the app whose in-app browser made the visit, e.g. ``instagram.com``; only where nothing else tells."""


def folded(text: str | None) -> str:
    """Text as it is compared: without case, trimmed, each run of white space one space; ``""`` for ``None``.

    >>> folded("  E  Mail ")
    'e mail'
    """
    return " ".join(text.casefold().split()) if text else ""
