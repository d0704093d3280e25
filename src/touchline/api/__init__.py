"""The Python API: sessions and attribution on any tables, without a server and without a home."""

from touchline.api.attributing import attribute
from touchline.api.charting import ProcessChart, xmr
from touchline.api.given import ArrowTable
from touchline.api.sessionizing import sessionize

__all__ = ["ArrowTable", "ProcessChart", "attribute", "sessionize", "xmr"]
