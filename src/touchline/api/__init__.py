"""The Python API: persons, sessions, credit, waste and trust on any tables, without a server and without a home."""

from touchline.api.attributing import attribute
from touchline.api.bootstrapping import Bootstrap, bootstrap
from touchline.api.charting import ProcessChart, xmr
from touchline.api.comparing import Comparison, compare
from touchline.api.finding_waste import find_waste
from touchline.api.given import ArrowTable
from touchline.api.path_credit import MarkovModel, credit_paths, markov
from touchline.api.resolving import ResolvedIdentities, resolve_identities
from touchline.api.sessionizing import sessionize
from touchline.api.shapley_values import shapley

__all__ = [
    "ArrowTable",
    "Bootstrap",
    "Comparison",
    "MarkovModel",
    "ProcessChart",
    "ResolvedIdentities",
    "attribute",
    "bootstrap",
    "compare",
    "credit_paths",
    "find_waste",
    "markov",
    "resolve_identities",
    "sessionize",
    "shapley",
    "xmr",
]
