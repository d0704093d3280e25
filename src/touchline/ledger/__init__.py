"""What was told to us and cannot be derived: events, refusals, costs, settings. Acknowledged = committed here."""

from touchline.ledger.erasures import Erasing, Theirs
from touchline.ledger.ledger import Appended, Ledger
from touchline.ledger.store import ClashError

__all__ = ["Appended", "ClashError", "Erasing", "Ledger", "Theirs"]
