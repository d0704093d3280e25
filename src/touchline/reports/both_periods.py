"""The rows of a report next to those of earlier days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from touchline.reports.dimensions import OTHER
from touchline.reports.periods import Period, first_at, place_of
from touchline.reports.question import Window, rate
from touchline.reports.tally import Tally


@dataclass(frozen=True)
class Both:
    """Rows and their total, and those of the compared days."""

    rows: Sequence[Tally]
    """Also those of the compared days that are not in the window, without anything."""
    totals: Tally
    rows_before: Mapping[str, Tally] | None
    """By key; ``None``: nothing is compared."""
    totals_before: Tally | None

    def before(self, key: str) -> Tally | None:
        """What a row was; ``None`` where that is not known. The total has no key."""
        if self.rows_before is None or self.totals_before is None or not key:
            return self.totals_before
        is_in_other = key not in self.rows_before and OTHER in self.rows_before
        return None if is_in_other else self.rows_before.get(key, Tally(key, ""))

    def share_before(self, key: str, model: str) -> float | None:
        """The row's share of all credit of the compared days."""
        found = self.before(key)
        return rate(found.credit[model], self.totals_before.credit[model]) if found and self.totals_before else None

    def share_change(self, tally: Tally, model: str) -> float | None:
        """The row's share of all credit less that of the compared days."""
        share, before = rate(tally.credit[model], self.totals.credit[model]), self.share_before(tally.key, model)
        return None if share is None or before is None else share - before

    def moved(self, model: str) -> float | None:
        """How much of all credit lies in other rows than in the compared days, 0–1."""
        if self.totals_before is None or not self.totals.credit[model] or not self.totals_before.credit[model]:
            return None
        return sum(abs(self.share_change(tally, model) or 0.0) for tally in self.rows) / 2


def both_of(found: Sequence[Tally], totals: Tally, before: Sequence[Tally], totals_before: Tally) -> Both:
    """Rows next to those of earlier days; a value that is in ``(other)`` of the window is there on both sides."""
    keys, then = {tally.key for tally in found}, {tally.key: tally for tally in before}
    gone = [tally for tally in before if tally.key not in keys]
    if OTHER in keys:
        rest = Tally(OTHER, OTHER)
        for tally in (*gone, *([then[OTHER]] if OTHER in then else [])):
            rest.merge(tally)
        then = {key: tally for key, tally in then.items() if key in keys} | {OTHER: rest}
        gone = []
    missing = [Tally(tally.key, tally.name, tally.platform) for tally in gone]
    return Both([*found, *missing], totals, then, totals_before)


def at_their_places(before: Sequence[Tally], of: Window, window: Window, by: str) -> list[Tally]:
    """Days, weeks or months under those at the same place of the window; those past its last are with the last."""
    if window.start is None or window.end is None:
        return []
    per, placed = cast("Period", by), dict[str, Tally]()
    last = place_of(window.end, window, per)
    for tally in before:
        place = min(last, place_of(date.fromisoformat(tally.key), of, per))
        key = first_at(max(0, place), window.start, per).isoformat()
        placed.setdefault(key, Tally(key, key)).merge(tally)
    return list(placed.values())
