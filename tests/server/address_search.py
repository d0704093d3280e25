"""Looks for addresses in everything that a home keeps, in every way in which they can be written."""

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import sqlalchemy as sa

from touchline.settings import Home

MANY = 3
"""How often the four bytes of an IPv4 address have to stand in files to be no accident of random bytes."""


def spellings(address: str) -> Mapping[str, bytes]:
    """The address as text (as short and as long as it goes), as bytes in both orders, as hexadecimals, as a number.

    >>> sorted(spellings("192.0.2.7"))
    ['bytes', 'hex', 'number', 'reversed bytes', 'text', 'upper hex']
    """
    parsed = ipaddress.ip_address(address)
    packed = parsed.packed
    texts = {"text": str(parsed)}
    if parsed.version == 6:
        texts |= {
            "long text": parsed.exploded,
            "upper text": str(parsed).upper(),
            "long upper": parsed.exploded.upper(),
        }
    numbers = {"hex": packed.hex(), "upper hex": packed.hex().upper(), "number": str(int(parsed))}
    written = {name: text.encode() for name, text in {**texts, **numbers}.items()}
    return {**written, "bytes": packed, "reversed bytes": packed[::-1]}


def in_bytes(content: bytes, addresses: list[str]) -> Iterator[str]:
    """Which addresses stand in it, and how they are spelled."""
    for address in addresses:
        for name, spelled in spellings(address).items():
            least = MANY if len(spelled) <= 4 else 1
            if content.count(spelled) >= least:
                yield f"{address} as {name}"


def in_files(folder: Path, addresses: list[str]) -> list[str]:
    """The same of every file below a folder, whole and uninterpreted."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [f"{file.name}: {found}" for file in files for found in in_bytes(_content(file), addresses)]


def _content(file: Path) -> bytes:
    """What a file holds; nothing where its server has just taken it away."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def in_ledger(home: Home, addresses: list[str]) -> list[str]:
    """The same of every column of the ledger, by query."""
    url = home.database_url.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{home.ledger_file}"
    engine = sa.create_engine(url)
    found = []
    try:
        tables = sa.MetaData()
        tables.reflect(engine)
        assert "tracking_events" in tables.tables
        with engine.connect() as connection:
            for table in tables.tables.values():
                for row in connection.execute(sa.select(table)).mappings():
                    found += [f"{table.name}.{name}: {one}" for name, one in _in_row(dict(row), addresses)]
    finally:
        engine.dispose()
    return found


def in_engine(file: Path, addresses: list[str]) -> list[str]:
    """The same of every column of DuckDB's file."""
    found = []
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert "tracking_events" in {name for _, name in names}
        for schema, name in names:
            told = connection.execute(f'select * from "{schema}"."{name}"')
            columns = [column[0] for column in told.description or ()]
            for row in told.fetchall():
                found += [
                    f"{name}.{column}: {one}"
                    for column, one in _in_row(dict(zip(columns, row, strict=True)), addresses)
                ]
    return found


def _in_row(row: Mapping[str, object], addresses: list[str]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        content = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        for address in addresses:
            for spelling, spelled in spellings(address).items():
                is_whole = isinstance(value, bytes | int) or len(spelled) > 4
                if spelled in content and is_whole:
                    yield name, f"{address} as {spelling}"
