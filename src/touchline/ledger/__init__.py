"""What was told to us and cannot be derived: events, refusals, costs, settings. Acknowledged = committed here."""

from touchline.ledger.entry import Entry
from touchline.ledger.erasures import Erasing, NamesTogether, Newest, Reading
from touchline.ledger.ledger import Ledger
from touchline.ledger.person_search import PersonSearch, Sought
from touchline.ledger.store import ClashError
from touchline.ledger.verdicts import Appended

__all__ = [
    "Appended", "ClashError", "Entry", "Erasing", "Ledger", "NamesTogether", "Newest", "PersonSearch", "Reading",
    "Sought",
]  # fmt: skip
