"""How large a copy of the ledger is, for people."""

from typing import TYPE_CHECKING

from touchline.amounts import counted

if TYPE_CHECKING:
    from touchline.jobs.keeping import Copied


def size_of(copied: "Copied") -> str:
    """Events and megabytes."""
    return f"{counted(copied.events, 'event')}, {copied.size_bytes / 1e6:,.1f} MB"
