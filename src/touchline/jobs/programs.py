"""A home in a program of one's own: its reports as Arrow tables, costs in, and runs that count what they changed."""

import inspect
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from touchline.applied import is_whole
from touchline.errors import UnknownError, UsageError
from touchline.jobs import importing, running
from touchline.jobs.importing import ImportReport, Overlap
from touchline.jobs.platforms import declared_platforms
from touchline.jobs.reporting import answer_of
from touchline.jobs.workspace import Workspace
from touchline.reports.arrow_rows import arrow_table
from touchline.reports.catalog import report_named, reports
from touchline.settings import home_from
from touchline.spend import costs_from_rows
from touchline.spend.options import options_of
from touchline.sql import query

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)


class OpenHome:
    """One home; use it in a ``with`` statement, or close it."""

    def __init__(self, folder: Path | None) -> None:
        self._workspace = Workspace(home_from(folder=folder), is_read_only=True)

    @property
    def reports(self) -> tuple[str, ...]:
        """The names of the reports."""
        return tuple(reports())

    def report(self, name: str, *, organization: str | None = None, **choices: Any) -> pa.Table:
        """Return a report's rows, with the columns of its CSV; money is in micros.

        :param name: such as ``attribution``, ``models``, ``journeys``, ``waste`` or ``health``.
        :param organization: its id; needed where there are several.
        :param choices: what the report may be asked, as its command names it: ``by="campaign"``, ``model="LINEAR"``,
            ``start=date(2026, 1, 1)``.
        :raises UnknownError: if there is no such report, organization, model, goal or site.
        :raises UsageError: if the report cannot be asked that.
        """
        found = report_named(name)
        known = {one.name: one for one in found.parameters} | {one.asked_name: one for one in found.parameters}
        for choice in choices:
            if choice not in known:
                raise UsageError(
                    f"The report {name} cannot be asked {choice!r:.80}.", f"It accepts: {', '.join(known)}."
                )
        asked = {
            one.name: one.read(str(value)) if isinstance(value, str) or choice != one.name else value
            for choice, value, one in ((choice, value, known[choice]) for choice, value in choices.items())
        }
        organization_id = self._workspace.organization_asked(organization, asked.get("site"))
        return arrow_table(found.table_of(answer_of(found, self._workspace, organization_id, **asked)))

    def close(self) -> None:
        """Let go of the home."""
        self._workspace.close()

    def __enter__(self) -> "OpenHome":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def open(home: str | PathLike[str] | None = None) -> OpenHome:  # noqa: A001 - as `tl.open` reads
    """Open a home whose reports are wanted as Arrow tables.

    :param home: its folder; ``None``: ``TOUCHLINE_HOME``, else ``~/.touchline``.
    :returns: the home; ``.report("attribution", by="campaign")`` gives a report's rows.
    :raises HomeError: if there is no Touchline in the folder.
    """
    return OpenHome(None if home is None else Path(home))


@dataclass(frozen=True)
class AttributionRun:
    """What a run did to the links of a window."""

    conversions_processed: int
    """Counted conversions of the window; each has credit under every model that is requested."""
    links_created: int
    links_updated: int
    """Links that were there before, with other credit, value or place."""
    links_removed: int
    is_rebuild: bool


@dataclass(frozen=True)
class RollupsRun:
    """What a run did to the daily rollups of a window."""

    rollups_processed: int
    """Rows of the window."""
    rollups_created: int
    rollups_updated: int
    rollups_removed: int
    is_rebuild: bool


def run_attribution(
    home: str | PathLike[str] | Workspace | None = None,
    *,
    organization_id: str | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    model: str | None = None,
) -> AttributionRun:
    """Bring all numbers up to date, and count what that changed in the links of a window.

    A run is always whole: whatever the ledger has that is new goes through every stage. Window, organization and model
    choose what is counted.

    :param home: its folder; ``None``: ``TOUCHLINE_HOME``, else ``~/.touchline``.
    :param organization_id: needed where there are several.
    :param from_date: the first day of the conversions, by the site's clock; ``None``: all.
    :param to_date: the last day, inclusive.
    :param model: ``None``: all models.
    :raises UnknownError: if there is no such organization or model.
    :raises UsageError: if the window ends before it starts.
    """
    counted = _counted(home, "links_of_window", _LINK, (organization_id, from_date, to_date, model))
    processed = len(counted.after["conversion_id"].unique())
    return AttributionRun(processed, counted.created, counted.updated, counted.removed, counted.is_rebuild)


def run_daily_rollups(
    home: str | PathLike[str] | Workspace | None = None,
    *,
    organization_id: str | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    model: str | None = None,
) -> RollupsRun:
    """Bring all numbers up to date, and count what that changed in the daily rollups of a window.

    :param home: as in :func:`run_attribution`, like the other parameters; days are those of the rollups.
    :param organization_id: needed where there are several.
    :param from_date: the first day; ``None``: all.
    :param to_date: the last day, inclusive.
    :param model: rows of costs, which have no model, are counted too; ``None``: all models.
    :raises UnknownError: if there is no such organization or model.
    :raises UsageError: if the window ends before it starts.
    """
    counted = _counted(home, "rollups_of_window", _ROLLUP, (organization_id, from_date, to_date, model))
    return RollupsRun(
        counted.after.num_rows, counted.created, counted.updated, counted.removed, counted.is_rebuild
    )  # fmt: skip


def import_costs(
    rows: object,
    *,
    source: str,
    home: str | PathLike[str] | Workspace | None = None,
    organization_id: str | None = None,
    overlap: Overlap = "refuse",
    now: datetime | None = None,
    **said: Any,
) -> ImportReport:
    """Bring in daily ad costs from a program: judged as those of a file, and stored whole or not at all.

    :param rows: a table (Arrow, pandas, polars, DuckDB), or an iterable of mappings, lists of mappings, and tables,
        such as a resource or a source of dlt. Columns are ours or those of a known export.
    :param source: a name for where they come from: what it says of a day replaces what it said of that day before.
    :param home: as in :func:`run_attribution`.
    :param organization_id: needed where there are several.
    :param overlap: what becomes of days that another source reported: ``refuse``, ``replace`` or ``add``.
    :param now: the present; days after tomorrow are refused. ``None``: the clock's.
    :param said: what the rows do not say, as the options of ``touchline import costs`` name it: ``date``, ``spread``,
        ``currency``, ``time_zone``, ``platform``, ``account``, ``mapping``, ``order``, ``decimal``.
    :returns: how many rows were accepted, and why others were rejected; numbers follow with the next run.
    :raises InputError: if the rows cannot be read as costs, or state money that another source stated.
    :raises UsageError: if an option is none, or says nothing that is known.
    """
    options = _cost_options_said(said)
    with _opened(home) as workspace:
        owner = workspace.organization(organization_id)["organization_id"]
        present = (now or datetime.now(UTC)).timestamp()
        return importing.import_from(
            workspace, costs_from_rows(rows, name=source), organization_id=owner, now=round(present * 1_000_000),
            options=options_of(declared_platforms(workspace, owner), **options), overlap=overlap,
        )  # fmt: skip


_COST_OPTIONS = tuple(inspect.signature(options_of).parameters)[1:]


def _cost_options_said(said: dict[str, Any]) -> dict[str, Any]:
    for name in said:
        if name not in _COST_OPTIONS:
            raise UsageError(f"Costs have no option {name!r:.80}.", f"Options are: {', '.join(_COST_OPTIONS)}.")
    return {name: str(value) if isinstance(value, date) else value for name, value in said.items()}


_LINK = ("conversion_id", "touchpoint_id", "model")
_ROLLUP = ("row_key",)
_Asked = tuple[str | None, date | None, date | None, str | None]


@dataclass(frozen=True)
class _Counted:
    """The rows of a window before and after a run; ``content`` says all that they hold besides their key."""

    before: pa.Table
    after: pa.Table
    key: Sequence[str]
    is_rebuild: bool

    @property
    def created(self) -> int:
        return int(self.after.join(self.before, list(self.key), join_type="left anti").num_rows)

    @property
    def removed(self) -> int:
        return int(self.before.join(self.after, list(self.key), join_type="left anti").num_rows)

    @property
    def updated(self) -> int:
        both = self.after.join(self.before, list(self.key), join_type="inner", right_suffix="_before")
        return int(pc.sum(pc.not_equal(both["content"], both["content_before"])).as_py() or 0)


def _counted(home: str | PathLike[str] | Workspace | None, name: str, key: Sequence[str], asked: _Asked) -> _Counted:
    organization, first, last, model = asked
    if first and last and first > last:
        raise UsageError(f"The window ends on {last}, before it starts on {first}.")
    with _opened(home) as workspace:
        organization_id = workspace.organization(organization)["organization_id"]
        _require_model(workspace, organization_id, model)
        parameters = {
            "organization_id": organization_id, "start": first or _FIRST_DAY, "end": last or _LAST_DAY,
            "model": model or "",
        }  # fmt: skip
        had_numbers = is_whole(workspace.engine)
        before = _rows(workspace, name, parameters) if had_numbers else None
        report = running.run(workspace)
        after = _rows(workspace, name, parameters)
        return _Counted(after.slice(0, 0) if before is None else before, after, key, report.is_rebuild)


def _opened(home: str | PathLike[str] | Workspace | None) -> AbstractContextManager[Workspace]:
    if isinstance(home, Workspace):
        return nullcontext(home)
    return Workspace(home_from(folder=None if home is None else Path(home)))


def _require_model(workspace: Workspace, organization_id: str, model: str | None) -> None:
    known = [one["model"] for one in running.models_of_organization(workspace, organization_id)]
    if model is not None and model not in known:
        raise UnknownError(f"There is no model {model!r:.80}.", f"Models are: {', '.join(known)}.")


def _rows(workspace: Workspace, name: str, parameters: dict[str, Any]) -> pa.Table:
    return workspace.engine.select(query(__package__, name).text, parameters=parameters)
