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
    return tuple(tuple(row) for row in csv.reader(text(name).splitlines()[1:]))


def text(name: str) -> str:
    """The content of a file in ``data/``.

    >>> text("seed.toml").startswith("# The source classes")
    True
    """
    return (files("touchline.channels") / "data" / name).read_text(encoding="utf-8")


def source_rows() -> tuple[tuple[str, ...], ...]:
    """``(source, category, name)``: a host, an app's package or a word of ``utm_source``, and what it is."""
    return rows("sources.csv")


def platform_rows() -> tuple[tuple[str, ...], ...]:
    """``(platform, source name, sells ads)``; the first row of a platform is what its click ids stand for."""
    return rows("platforms.csv")


def medium_rows() -> tuple[tuple[str, ...], ...]:
    """``(medium, means, category)``: a word of ``utm_medium`` or, with ``*``, a pattern of words, and what it says."""
    return rows("mediums.csv")


def medium_part_rows() -> tuple[tuple[str, ...], ...]:
    """``(part, means, category)``: what a word says as a part of a medium, as in ``email_newsletter``."""
    return rows("medium_parts.csv")


def qualifier_rows() -> tuple[tuple[str, ...], ...]:
    """``(word, means, category)``: words that people add to a source's name, as in ``google_shopping``."""
    return rows("qualifiers.csv")


def google_category_rows() -> tuple[tuple[str, ...], ...]:
    """``(source, category)``: the list of sources that Google Analytics publishes, whole."""
    return rows("google_categories.csv")
