"""What became of the rows of an import."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """Where every row went: ``read = accepted + duplicate + Σ rejected + resumed``; ``conflicting`` are duplicates."""

    accepted: int = 0
    superseding: int = 0
    """Of the accepted rows, verified reports that took the place of an unverified report of the same event id."""
    duplicate: int = 0
    conflicting: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    """Rows that the same import had stored before it was interrupted; what became of each is not counted again."""
    unread: Counter[str] = field(default_factory=Counter)
    """How many events had each field, or column, that nothing reads."""
    files: int = 0
    replaced_days: int = 0
    """Days of an ad account that earlier loads had, and that these files replace."""
    kept_days: int = 0
    """Days of an ad account of which earlier loads' spend stays, as a row of theirs was refused."""
    load_numbers: list[int] = field(default_factory=list)
    """Of files of costs, by which the ledger knows them."""
    repeated: list[tuple[str, str]] = field(default_factory=list)
    """Rows of a file of costs that say what an earlier one says, each with that one, by their sources; both count."""
    without_rate: Counter[str] = field(default_factory=Counter)
    """By currency, rows of costs that have no exchange rate to the organization's; their spend is kept as it is."""
    remarks: list[str] = field(default_factory=list)
    """What else is to be said of files of costs: how each was read, its totals, the days that it lacks."""

    @property
    def read(self) -> int:
        """How many rows there were."""
        return self.accepted + self.duplicate + self.rejected.total() + self.resumed

    def add(self, stored: "ImportReport") -> None:
        """Count the rows of a part that was stored, too."""
        self.accepted += stored.accepted
        self.superseding += stored.superseding
        self.duplicate += stored.duplicate
        self.conflicting += stored.conflicting
        self.rejected += stored.rejected
