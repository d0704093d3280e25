"""The Python API: sessions, attribution and waste on any tables, without a server and without a home."""

from touchline.api.attributing import attribute
from touchline.api.finding_waste import find_waste
from touchline.api.given import ArrowTable
from touchline.api.sessionizing import sessionize

__all__ = ["ArrowTable", "attribute", "find_waste", "sessionize"]
