"""How a number differs from an earlier one, in words that a page shows next to it."""

from dataclasses import dataclass
from typing import Literal

from touchline.amounts import UNKNOWN

Better = Literal["more", "less", ""]
"""Which direction is good news; ``""``: neither."""
MINUS = "\N{MINUS SIGN}"
_LEAST = 0.0005
"""A change that rounds to zero."""


@dataclass(frozen=True)
class Change:
    """A change."""

    text: str
    """Such as ``+12.3%``."""
    tone: str
    """``good``, ``bad``, or ``even``, where it is neither."""
    words: str
    """The same for people who do not see it, such as ``up 12.3%``."""


def change(now: float | None, before: float | None, better: Better = "more") -> Change | None:
    """The change as a share of what was before; ``None`` where one of the two is not known, or there is no share.

    >>> change(110, 100), change(90, 100, "less").tone, change(5, 0)
    (Change(text='+10.0%', tone='good', words='up 10.0%'), 'good', None)
    """
    if now is None or not before:
        return None
    return _shown((now - before) / abs(before), "%", better)


def points(now: float | None, before: float | None, better: Better = "more") -> Change | None:
    """The change of a share, in percentage points.

    >>> points(0.25, 0.2, "less")
    Change(text='+5.0 pp', tone='bad', words='up 5.0 pp')
    """
    if now is None or before is None:
        return None
    return _shown(now - before, " pp", better)


def signed(number: float | None) -> str:
    """A difference with its sign, to a hundredth; a dash where it is not known.

    >>> signed(1234.5), signed(0.001), signed(None)
    ('+1,234.50', '±0', '—')
    """
    if number is None:
        return UNKNOWN
    size = f"{abs(number):,.2f}"
    return "±0" if not size.strip("0.,") else f"{'+' if number > 0 else MINUS}{size}"


def _shown(share: float, unit: str, better: Better) -> Change:
    if abs(share) < _LEAST:
        return Change(f"±0{unit}", "even", "unchanged")
    size = f"{abs(share) * 100:,.1f}{unit}"
    is_good = (share > 0) == (better == "more")
    tone = "even" if not better else "good" if is_good else "bad"
    return Change(f"{'+' if share > 0 else MINUS}{size}", tone, f"{'up' if share > 0 else 'down'} {size}")
