"""The tables of facts in ``data/``, read once. ``data/README.md`` says where each fact comes from."""

import csv
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def rows(path: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a CSV file of this package, without its header; ``path`` starts below ``touchline``.

    >>> ("GOOGLE_ADS", "YouTube", "yes") in rows("channels/data/platforms.csv")
    True
    """
    text = files("touchline").joinpath(path).read_text(encoding="utf-8")
    return tuple(tuple(row) for row in csv.reader(text.splitlines()[1:]))


def source_rows() -> tuple[tuple[str, ...], ...]:
    """``(source, category, name)``: a host, an app's package or a word of ``utm_source``, and what it is."""
    return rows("channels/data/sources.csv")


def platform_rows() -> tuple[tuple[str, ...], ...]:
    """``(platform, source name, sells ads)``; the first row of a platform is what its click ids stand for."""
    return rows("channels/data/platforms.csv")


@lru_cache(maxsize=1)
def payment_domains() -> frozenset[str]:
    """Registrable domains of payment pages: coming back from one is not a visit from there."""
    return frozenset(row[0] for row in rows("sessions/data/payment_hosts.csv"))
