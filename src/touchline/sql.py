"""Set logic lives in ``.sql`` files; this finds them and reads their headers.

A file defines one table::

    -- writes: sessions
    -- reads: session_events, sites
    -- grain: one session of one visitor
    -- A sentence that says what a row means.
    select …

A table with several sources is a folder of such files, one source each: the folder ``<table>/`` defines the union of
its branches, by column name. A relation of :data:`touchline.included.INCLUDED` is stored nowhere: the statement that
reads it takes it in as a CTE. Joins that several statements have are in a file ``<name>.join`` next to them: a
statement whose header says ``joins`` ends in them. A branch says more in its header, for people and for code; see
:class:`Query`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from touchline.included import INCLUDED
from touchline.tables import ALL

SHARED = "touchline.rollups"
"""The package whose relations others include, too."""

_HEADER = ("writes", "reads", "grain")
_DETAILS = (
    "includes", "joins", "named", "place", "says", "source", "since", "needs", "worse", "offered", "numerator",
    "denominator", "owner", "slices", "judged",
)  # fmt: skip


@dataclass(frozen=True)
class Query:
    """One ``.sql`` file: the table it defines, the tables it reads, what a row is, and the ``SELECT``.

    ``details`` holds the other lines of the header by name: ``includes`` (other statements of the package that are read
    like tables), ``joins`` (the joins that it ends in), ``named`` (what a view is
    called, where the file has another name), ``place`` (a number; where it stands among the branches of
    its folder when they are shown), ``says`` (what it means, in words), ``source`` (who defined it), ``since`` (the
    version of Touchline that brought it), ``offered`` (``on request``: only a caller who names the branch gets it),
    ``needs``, ``worse``, ``numerator``, ``denominator``, ``owner``, ``slices`` and ``judged`` as the folder's stage
    defines them.
    """

    writes: str
    reads: tuple[str, ...]
    grain: str
    sentence: str
    text: str
    details: Mapping[str, str] = field(default_factory=dict)


@cache
def query(package: str, name: str, chosen: tuple[str, ...] = ()) -> Query:
    """The query in ``name.sql``, or in the folder ``name/``, next to the modules of ``package``.

    :param chosen: the branches that a folder unites; where none is named, all but those that are offered on request.
    """
    defined = _defined(package, name, chosen)
    included = dict(_included(package, defined, chosen))
    return _including(defined, included) if included else defined


@cache
def branches(package: str, name: str) -> Mapping[str, Query]:
    """The files of the folder ``name/`` next to the modules of ``package``, by file name, in the order of ``place``.

    >>> list(branches("touchline.health", "health_measures"))[:2]
    ['behavioural_coverage', 'direct_only_rate']
    """
    folder = _folder(package) / name
    found = {file: parsed((folder / f"{file}.sql").read_text(encoding="utf-8")) for file in _names(folder)}
    return dict(sorted(found.items(), key=lambda item: (int(item[1].details.get("place", 0)), item[0])))


def queries(package: str) -> dict[str, Query]:
    """All the queries next to the modules of ``package``, by name.

    >>> list(queries("touchline.attribution"))
    ['account_members', 'attribution_links', 'crowded_persons', 'first_reaches', 'paths', 'weights']
    """
    folder = _folder(package)
    in_folders = [entry.name for entry in folder.iterdir() if entry.name in ALL | INCLUDED and entry.is_dir()]
    return {name: query(package, name) for name in sorted([*_names(folder), *in_folders])}


def definitions(package: str) -> str:
    """The text of all the queries next to the modules of ``package``: what its tables are made by."""
    return "\n".join(found.text for found in queries(package).values())


def parsed(text: str) -> Query:
    r"""A query from the text of its file.

    >>> parsed("-- writes: a\n-- reads: b, c\n-- grain: one b\n-- Says it.\nselect 1 as x").reads
    ('b', 'c')
    """
    comments = [line[2:].strip() for line in text.splitlines() if line.startswith("--")]
    named = [(name, said.strip()) for name, _, said in (line.partition(":") for line in comments)]
    header = {name: said for name, said in named if name in _HEADER}
    details = {name: said for name, said in named if name in _DETAILS}
    prose = [line for line, (name, _) in zip(comments, named, strict=True) if name not in {*_HEADER, *_DETAILS}]
    reads = tuple(name.strip() for name in header.get("reads", "").split(",") if name.strip())
    sentence = " ".join(prose) or details.get("says", "")
    return Query(header.get("writes", ""), reads, header.get("grain", ""), sentence, text, details)


def _folder(package: str) -> Traversable:
    """The folder of a package, which is not imported: the settings, below the stages, ask for the names of models."""
    root, *inner = package.split(".")
    return files(root).joinpath(*inner)


def _names(folder: Traversable) -> list[str]:
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def _defined(package: str, name: str, chosen: tuple[str, ...] = ()) -> Query:
    """What a file or a folder defines, without what it includes."""
    folder = _folder(package)
    if (folder / name).is_dir():
        parts = branches(package, name)
        wanted = chosen or [file for file, part in parts.items() if not part.details.get("offered")]
        return _union(name, {file: parts[file] for file in wanted})
    defined = parsed((folder / f"{name}.sql").read_text(encoding="utf-8"))
    if joins := defined.details.get("joins"):
        shared = (folder / f"{joins}.join").read_text(encoding="utf-8")
        return replace(defined, text=f"{defined.text.rstrip()}\n{shared}")
    return defined


def _union(name: str, parts: Mapping[str, Query]) -> Query:
    """The branches of a folder as one query, with the columns of the relation that they make, in its order."""
    columns = ", ".join((ALL | INCLUDED)[name].column_names)
    selects = (f"select {columns} from (\n{part.text.rstrip()}\n) as {file}" for file, part in parts.items())  # noqa: S608 - files of our own
    grain = next(iter(parts.values())).grain
    sentences = " ".join(part.sentence for part in parts.values())
    return Query(name, _read_by(parts.values()), grain, sentences, "\nunion all\n".join(selects))


def _included(package: str, defined: Query, chosen: tuple[str, ...] = ()) -> Iterator[tuple[str, Query]]:
    """The relations that a statement has to include, each after those that it reads itself.

    One that is not next to the modules of ``package`` is in the package around it, else in :data:`SHARED`.
    """
    own = defined.details.get("includes", "").split(", ")
    for name in filter(None, (*(name for name in defined.reads if name in INCLUDED), *own)):
        around = (one for one in (package, package.rpartition(".")[0]) if _is_defined(one, name))
        part = _defined(next(around, SHARED), name, chosen)
        yield from _included(package, part, chosen)
        yield name, part


def _is_defined(package: str, name: str) -> bool:
    folder = _folder(package)
    return (folder / name).is_dir() or (folder / f"{name}.sql").is_file()


def _including(defined: Query, included: Mapping[str, Query]) -> Query:
    """A query with the relations that it includes as CTEs before its own."""
    lines = defined.text.splitlines()
    size = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    comments, body = lines[:size], "\n".join(lines[size:])
    own = f",\n{body.removeprefix('with ')}" if body.startswith("with ") else f"\n{body}"
    ctes = ",\n".join(f"{name} as (\n{part.text.rstrip()}\n)" for name, part in included.items())
    reads = tuple(name for name in _read_by((defined, *included.values())) if name not in included)
    return replace(defined, reads=reads, text="\n".join([*comments, f"with {ctes}{own}"]))


def _read_by(parts: Iterable[Query]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.reads))
