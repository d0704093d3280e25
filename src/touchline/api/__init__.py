"""The Python API: persons, sessions and attribution on any tables, without a server and without a home."""

from touchline.api.attributing import attribute
from touchline.api.charting import ProcessChart, xmr
from touchline.api.given import ArrowTable
from touchline.api.resolving import ResolvedIdentities, resolve_identities
from touchline.api.sessionizing import sessionize

__all__ = ["ArrowTable", "ProcessChart", "ResolvedIdentities", "attribute", "resolve_identities", "sessionize", "xmr"]
