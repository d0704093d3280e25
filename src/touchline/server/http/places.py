"""Where an address is, by a MaxMind file of cities that the owner provides; optional, and the last to be asked."""

from pathlib import Path
from typing import Any

from touchline.errors import UsageError


class Places:
    """A file in MaxMind's format (GeoLite2-City, DB-IP City, …), kept in memory.

    :raises UsageError: if it cannot be read, or ``maxminddb`` is not installed.
    """

    def __init__(self, file: Path) -> None:
        try:
            import maxminddb  # noqa: PLC0415 — an extra
        except ImportError:
            raise UsageError("A places file needs maxminddb.", "Install touchline[geo].") from None
        try:
            self._reader: Any = maxminddb.open_database(file, maxminddb.MODE_AUTO)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise UsageError(
                f"{file} cannot be read as a places file: {error}.", "Expected a .mmdb file of cities."
            ) from None

    def city_of(self, address: str) -> str | None:
        """The city's English name, or ``None`` where the file has none."""
        found = self._reader.get(address)
        city = found.get("city") if isinstance(found, dict) else None
        names = city.get("names") if isinstance(city, dict) else None
        name = names.get("en") if isinstance(names, dict) else None
        return name[:128] if isinstance(name, str) and name else None
