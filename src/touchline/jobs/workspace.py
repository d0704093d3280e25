"""One home, open: its ledger, and its engine once somebody asks for it."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from touchline.engines import Engine, open_engine
from touchline.errors import HomeError, StorageError, UnknownError, UsageError
from touchline.jobs.owner import Borrowed, Owner, owner_of
from touchline.jobs.whose import require_own
from touchline.ledger import Ledger, schema
from touchline.settings import Home, OrganizationSettings

Row = Mapping[str, Any]


class Workspace:
    """The ledger and the engine of one home; use it in a ``with`` statement.

    :param is_read_only: whether nothing is to be written to the engine, so that several may read it at a time.
    :param is_owner: whether this is the process that owns the engine's file; all others ask it while it runs.
    :param seconds: how long an owner may take to answer all questions, or an engine of this process for one; ``None``:
        as long as it shows signs of life.
    :param keys_rows: as of :class:`touchline.ledger.Ledger`.
    :raises HomeError: if there is no Touchline in the home, or it is another user's.
    """

    def __init__(
        self, home: Home, *, is_read_only: bool = False, is_owner: bool = False, seconds: float | None = None,
        keys_rows: bool = True,
    ) -> None:  # fmt: skip
        if not home.database_url and not home.exists:
            raise HomeError(
                f"There is no Touchline in {home.path}.", "Run `touchline init`, or set TOUCHLINE_HOME to where it is."
            )
        require_own(home)
        self.home = home
        self.ledger = Ledger(home.ledger, keys_rows=keys_rows)
        self._is_read_only = is_read_only
        self._is_owner = is_owner
        self._seconds = seconds

    @cached_property
    def owner(self) -> Owner | None:
        """The process of a running server that owns the files, where it is another than this one.

        :raises BusyError: if it does not answer.
        """
        return None if self._is_owner else owner_of(self.home, self._seconds)

    @cached_property
    def engine(self) -> Engine:
        """The engine, which this process then owns (or shares with other readers).

        :raises HomeError: if it is to be read and there has been no run yet.
        """
        if self._is_read_only and not self.home.has_engine:
            raise HomeError(f"There are no numbers in {self.home.path} yet.", "Run `touchline run`.")
        if self.home.engine_url is None and self.owner is not None:
            return Borrowed(self.owner)
        if not self._is_read_only:
            make_folder(self.home.path)
        engine = open_engine(
            self.home.engine_url, self.home.engine_file, memory=self.home.memory, is_read_only=self._is_read_only
        )
        if not self._is_read_only:  # nobody else has the file: a copy that never took its place is a leftover
            self.home.compact_copy.unlink(missing_ok=True)
        if self._seconds is not None:
            engine.stop_after(self._seconds)
        return engine

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self.let_go_of_engine()
        self.ledger.close()

    def let_go_of_engine(self) -> None:
        """Let go of the engine, and of the process that owns it; both are opened again when they are needed."""
        if "engine" in self.__dict__:
            self.engine.close()
            del self.engine
        if "owner" in self.__dict__:
            if self.owner is not None:
                self.owner.close()
            del self.owner

    def let_go_of_server(self) -> None:
        """Let go of an engine that is a server, whose connection may be lost; it is opened again when it is needed."""
        if self.home.engine_url:
            with suppress(Exception):  # what is lost cannot be closed
                self.let_go_of_engine()
            self.__dict__.pop("engine", None)

    def organization(self, organization_id: str | None = None) -> Row:
        """The named organization, or the only one."""
        return self._one(schema.ORGANIZATIONS, "organization_id", organization_id, "--organization")

    def organization_asked(self, organization_id: str | None, site_id: str | None) -> str:
        """The named organization's id; where none is named, that of the named site, or the only one."""
        if organization_id is None and site_id is not None:
            for row in self.ledger.rows(schema.SITES, site_id=site_id):
                return str(row["organization_id"])
        return str(self.organization(organization_id)["organization_id"])

    def site(self, site_id: str | None = None, organization_id: str | None = None) -> Row:
        """The named site, or the only one; one of the organization's, where that is named, too."""
        if organization_id is None:
            return self._one(schema.SITES, "site_id", site_id, "--site")
        owner = self.organization(organization_id)["organization_id"]
        return self._one(schema.SITES, "site_id", site_id, "--site", organization_id=owner)

    def sites_of(self, organization_id: str) -> list[str]:
        """The ids of the organization's sites."""
        return [row["site_id"] for row in self.ledger.rows(schema.SITES, organization_id=organization_id)]

    def settings(self, organization_id: str) -> OrganizationSettings:
        """What the organization chose, and the defaults for the rest."""
        return organization_settings(self.ledger, organization_id)

    def _one(self, table: Any, column: str, wanted: str | None, option: str, **where: Any) -> Row:
        rows = self.ledger.rows(table, **where)
        names = [row[column] for row in rows]
        if wanted is not None and wanted not in names:
            raise UnknownError(f"There is no {table.name.rstrip('s')} {wanted!r}.", f"There are: {', '.join(names)}.")
        if wanted is None and len(rows) != 1:
            raise UsageError(f"There are {len(rows)} {table.name}: {', '.join(names)}.", f"Name one with {option}.")
        return next(row for row in rows if wanted in {None, row[column]})


def organization_settings(ledger: Ledger, organization_id: str) -> OrganizationSettings:
    """What the organization chose, and the defaults for the rest."""
    settings = OrganizationSettings()
    for row in ledger.rows(schema.SETTINGS, organization_id=organization_id):
        settings = settings.changed(row["name"], row["value"])
    return settings


def make_folder(folder: Path) -> None:
    """A folder that only its owner may look into, where there is none yet."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}.", "Set TOUCHLINE_HOME elsewhere.") from error
