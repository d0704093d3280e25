"""What was told to us and cannot be derived: events, refusals, costs, sites, goals, settings. Acknowledged = committed here."""

from touchline.ledger.ledger import Appended, Ledger

__all__ = ["Appended", "Ledger"]
