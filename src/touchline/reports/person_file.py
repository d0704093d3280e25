"""Everything that is kept of one person, as a JSON document and as a page that one can send; neither is held whole."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from touchline.errors import StorageError
from touchline.reports.style_sheet import add_style

Kept = Mapping[str, Any]
"""One row: its columns by name."""


@dataclass(frozen=True)
class Section:
    """Rows of one kind."""

    name: str
    """In the document."""
    title: str
    about: str
    """What one of them is, for the person."""
    rows: Callable[[], Iterable[Kept]]
    """Reads them, a part at a time."""


@dataclass(frozen=True)
class PersonFile:
    """What is kept of one person."""

    organization: str
    identifiers: tuple[str, ...]
    sections: tuple[Section, ...]
    is_derived: bool
    """Whether what was derived of the person is among it."""


def json_chunks(person: PersonFile) -> Iterator[str]:
    """The document, one row on a line."""
    head = {"organization": person.organization, "identifiers": person.identifiers, "is_derived": person.is_derived}
    yield msgspec.json.encode(head).decode()[:-1]
    for section in person.sections:
        yield f',\n"{section.name}": ['
        ending = "\n"
        for row in section.rows():
            yield ending + msgspec.json.encode(row).decode()
            ending = ",\n"
        yield "]"
    yield "}"


def counts(person: PersonFile) -> dict[str, int]:
    """How many rows there are of each kind, by title."""
    return {section.title: sum(1 for _ in section.rows()) for section in person.sections}


def write_page(person: PersonFile, file: Path) -> None:
    """Write the page to ``file``, which only its owner may read.

    :raises StorageError: if the file cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("touchline.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    add_style(environment)
    template = environment.get_template("person.html.j2")
    try:
        with open(file, "w", encoding="utf-8", opener=_for_its_owner) as page:
            page.writelines(template.generate(person=person, filled=filled))
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Name a file in another folder.") from error


def readable(row: Kept) -> dict[str, Any]:
    """A row with its times as texts in UTC; one of the ledger has them in microseconds.

    >>> readable({"received_at": 1_772_323_200_000_000, "value_micros": 5})
    {'received_at': '2026-03-01T00:00:00Z', 'value_micros': 5}
    """
    return {name: _readable(name, value) for name, value in row.items()}


def filled(row: Kept) -> list[tuple[str, str]]:
    """The columns of a row that say something."""
    return [(name, str(value)) for name, value in row.items() if value is not None and value != ""]


def _readable(name: str, value: Any) -> Any:
    if name.endswith("_at") and isinstance(value, int):
        seconds, micros = divmod(value, 1_000_000)
        return _text_of(datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros))
    if isinstance(value, datetime):
        return _text_of(value.replace(tzinfo=UTC))
    return str(value) if isinstance(value, date | Decimal) else value


def _text_of(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _for_its_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
