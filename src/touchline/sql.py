"""Set logic lives in ``.sql`` files; this finds them and reads their headers.

A file defines one table::

    -- writes: sessions
    -- reads: session_events, sites
    -- grain: one session of one visitor
    -- A sentence that says what a row means.
    select …
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_HEADER = ("writes", "reads", "grain")


@dataclass(frozen=True)
class Query:
    """One ``.sql`` file: the table it defines, the tables it reads, what a row is, and the ``SELECT``."""

    writes: str
    reads: tuple[str, ...]
    grain: str
    sentence: str
    text: str


@cache
def query(package: str, name: str) -> Query:
    """The query in ``name.sql`` beside the modules of ``package``."""
    return parsed((files(package) / f"{name}.sql").read_text(encoding="utf-8"))


def queries(package: str) -> dict[str, Query]:
    """All the queries beside the modules of ``package``, by name.

    >>> list(queries("touchline.attribution"))
    ['attribution_links', 'crowded_persons', 'paths']
    """
    names = sorted(f.name.removesuffix(".sql") for f in files(package).iterdir() if f.name.endswith(".sql"))
    return {name: query(package, name) for name in names}


def definitions(package: str) -> str:
    """The text of all the queries beside the modules of ``package``: what its tables are made by."""
    return "\n".join(found.text for found in queries(package).values())


def parsed(text: str) -> Query:
    r"""A query from the text of its file.

    >>> parsed("-- writes: a\n-- reads: b, c\n-- grain: one b\n-- Says it.\nselect 1 as x").reads
    ('b', 'c')
    """
    comments = [line[2:].strip() for line in text.splitlines() if line.startswith("--")]
    named = [(name, said.strip()) for name, _, said in (line.partition(":") for line in comments)]
    header = {name: said for name, said in named if name in _HEADER}
    prose = [line for line, (name, _) in zip(comments, named, strict=True) if name not in _HEADER]
    reads = tuple(name.strip() for name in header.get("reads", "").split(",") if name.strip())
    return Query(header.get("writes", ""), reads, header.get("grain", ""), " ".join(prose), text)
