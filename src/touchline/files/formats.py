"""What a file's name says of its format."""

from pathlib import Path
from typing import Literal

from touchline.errors import InputError

Format = Literal["jsonl", "csv", "parquet"]

_FORMATS: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip


def format_of(path: Path) -> Format:
    """The format that a file's name claims.

    :raises InputError: if it claims none that can be read.

    >>> format_of(Path("events.csv.gz"))
    'csv'
    """
    form = _FORMATS.get(suffix_of(path))
    if form is None or (is_gzipped(path) and form == "parquet"):
        hint = f"Expected a name that ends in {', '.join(_FORMATS)}; all but .parquet may be followed by .gz."
        raise InputError(f"{path.name}: the file name does not show the format.", hint)
    return form


def suffix_of(path: Path) -> str:
    """The last suffix of a name in lower case, and of a gzipped file's the one before ``.gz``.

    >>> suffix_of(Path("Costs.TSV.gz")), suffix_of(Path("costs"))
    ('.tsv', '')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return "".join(suffixes[:-1][-1:] if is_gzipped(path) else suffixes[-1:])


def is_gzipped(path: Path) -> bool:
    """Whether a name says so.

    >>> is_gzipped(Path("events.csv.GZ"))
    True
    """
    return path.suffix.lower() == ".gz"
