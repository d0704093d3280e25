"""Which rejected events are stored and which are only counted, so that a flood of bots cannot fill the disk."""

MINUTE = 60_000_000
"""Microseconds."""
KEPT_A_MINUTE = 10
"""The number of rejected events that are stored per site, reason and minute."""


class Sampling:
    """Selects the first rejected events of each site, reason and minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._kept: dict[tuple[str, str], int] = {}

    def keeps(self, site_id: str, reason: str, received_at: int) -> bool:
        """Whether this one is kept; ``received_at`` is in microseconds since 1970.

        >>> sampling = Sampling()
        >>> [sampling.keeps("shop", "bot", 0) for _ in range(12)].count(True)
        10
        """
        minute = minute_of(received_at)
        if minute != self._minute:
            self._minute = minute
            self._kept.clear()
        kept = self._kept.get((site_id, reason), 0)
        if kept >= KEPT_A_MINUTE:
            return False
        self._kept[site_id, reason] = kept + 1
        return True


def minute_of(received_at: int) -> int:
    """The first microsecond of the minute."""
    return received_at - received_at % MINUTE
