"""Which promises the engine in use keeps: what it declares that it can do, and whether its clocks are right."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from touchline.engines import Capabilities, capabilities_of
from touchline.engines.clocks import clocks, clocks_here
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema


class Promise(NamedTuple):
    """What a capability means for the numbers, what its lack means, and what to do then."""

    kept: str
    broken: str
    then: str


PROMISES: Mapping[str, Promise] = {
    "increment": Promise(
        "A run computes what changed.",
        "Every run computes everything again.",
        "Run less often (`touchline serve` cannot: it runs whenever something is new), or keep the numbers on an engine"
        " that computes what changed.",
    ),
    "transactions": Promise(
        "A run is all or nothing for its readers.",
        "A run is not one step: readers may see some tables new and others old, and the run after one that was cut off"
        " computes everything.",
        "Read when no run is on, or keep the numbers in the file or on PostgreSQL if nobody may see half a run.",
    ),
}
"""By the field of :class:`Capabilities`; a test holds that each has one."""

_CLOCKS = "Its time zones are those of this machine."
_UPDATE = (
    "Update the older time zone database: that of the engine (DuckDB, ClickHouse and Sail bring their own,"
    " PostgreSQL has the server's, Spark that of its Java), or this machine's (`tzdata`). Then run"
    " `touchline run --rebuild`."
)


def promise_checks(workspace: Workspace, now: int | None) -> Iterator[Check]:
    """Which promises hold, and then each time zone in which they do not.

    :param now: microseconds since 1970: clocks are compared at the beginning of each month of that year and the next.
    """
    zones = sorted({row["time_zone"] for row in workspace.ledger.rows(schema.SITES)})
    wrong = [check for zone in zones if now is not None and (check := _clock(workspace, zone, now))]
    yield _declared(capabilities_of(workspace.home.engine_url), are_clocks_right=now is not None and not wrong)
    yield from wrong


def _declared(can: Capabilities, *, are_clocks_right: bool) -> Check:
    held = {name: getattr(can, name) for name in PROMISES}
    said = [promise.kept if held[name] else promise.broken for name, promise in PROMISES.items()]
    steps = [promise.then for name, promise in PROMISES.items() if not held[name]]
    message = " ".join([*said, *([_CLOCKS] if are_clocks_right else [])])
    return Check("promises", "ok", message, " ".join(steps), "broken_promises" if steps else "")


def _clock(workspace: Workspace, zone: str, now: int) -> Check | None:
    year = datetime.fromtimestamp(now // 1_000_000, UTC).year
    moments = [datetime(year + number // 12, number % 12 + 1, 1) for number in range(24)]  # noqa: DTZ001 - in UTC
    expected = clocks_here(moments, zone)
    try:
        shown = clocks(workspace.engine, moments, zone)
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own, and what it says is shown
        said = str(error).strip().partition("\n")[0]
        return Check("time zones", "problem", f"The engine cannot tell the time in {zone}: {said}", _UPDATE, "no_zone")
    differing = [one for one in zip(moments, shown, expected, strict=True) if one[1] != one[2]]
    if not differing:
        return None
    moment, there, here = differing[0]
    message = f"At {moment} UTC a clock in {zone} shows {there} by the engine, and {here} by this machine."
    return Check("time zones", "warning", f"{message} Days of that site may begin at the wrong time.", _UPDATE, "zones")
