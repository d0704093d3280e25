"""The tables of facts in ``data/``, read once. ``data/README.md`` says where each fact comes from."""

import csv
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a file in ``data/``, without its header.

    >>> ("GOOGLE_ADS", "YouTube", "yes") in rows("platforms.csv")
    True
    """
    text = (files("touchline.channels") / "data" / name).read_text(encoding="utf-8")
    return tuple(tuple(row) for row in csv.reader(text.splitlines()[1:]))


def source_rows() -> tuple[tuple[str, ...], ...]:
    """``(source, category, name)``: a host, an app's package or a word of ``utm_source``, and what it is."""
    return rows("sources.csv")


def platform_rows() -> tuple[tuple[str, ...], ...]:
    """``(platform, source name, sells ads)``; the first row of a platform is what its click ids stand for."""
    return rows("platforms.csv")
