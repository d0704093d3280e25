"""Who bought in a visit has a touch, and Direct alone have those alone whose visits show nothing."""

from collections import defaultdict
from datetime import timedelta

from tests.oracle.accounts import main_account, owner_accounts
from tests.oracle.engine import tables_of
from tests.oracle.visits import tolerance
from tests.oracle.world import Row, Tables, World


def test_whoever_bought_in_a_visit_has_a_touch(worlds: list[World]) -> None:
    """Unless its session began before the lookback; what a server said outside any visit needs one of another visit.

    An account's path has no touch that names another account, and a path has no claimed touch where the organization
    leaves those out: a visit with no other touches leaves it without one.
    """
    tables = tables_of(worlds)
    touched = {row["conversion_id"] for row in tables["paths"]}
    lookbacks = {world.name: timedelta(days=world.organization["lookback_days"]) for world in worlds}
    starts = {row["session_id"]: row["started_at"] for row in tables["sessions"]}
    untouched = [
        row
        for row in tables["conversions"]
        if row["is_counted"] and row["session_id"] and row["conversion_id"] not in touched
    ]
    recent = [
        row for row in untouched if row["occurred_at"] - starts[row["session_id"]] <= lookbacks[row["organization_id"]]
    ]
    of_name = {world.name: world for world in worlds}
    assert [row for row in recent if not _has_left_out(row, of_name[row["organization_id"]], tables)] == []
    assert touched


def _has_left_out(conversion: Row, world: World, tables: Tables) -> bool:
    """Whether the visit had touches up to the conversion, and each is one that the path leaves out."""
    account = owner_accounts(world)[conversion["conversion_id"]]
    leaves_claimed = world.organization["claimed_touches"] == "leave_out"

    def is_left_out(touch: Row) -> bool:
        of = touch["account_id"]
        is_of_another = account is not None and of is not None and main_account(world, of) != account
        return is_of_another or (leaves_claimed and touch["is_claimed"])

    touches = [
        row
        for row in tables["touchpoints"]
        if row["session_id"] == conversion["session_id"] and row["counted_at"] <= conversion["occurred_at"]
    ]
    return touches != [] and all(map(is_left_out, touches))


def test_direct_alone_has_those_whose_visit_shows_nothing(worlds: list[World]) -> None:
    """No event of the session up to the conversion, or a little later, has tags or a referrer of another site."""
    tables = tables_of(worlds)
    of_session = defaultdict(list)
    for row in tables["session_events"]:
        if row["marks"] is not None or row["referrer_host"] is not None:
            of_session[row["session_id"]].append(row)
    assert of_session
    channels = defaultdict(set)
    for row in tables["paths"]:
        channels[row["conversion_id"]].add(row["channel"])
    spans = {world.name: tolerance(world) for world in worlds if world.organization["direct"] == "unless_only"}
    alone = [
        row
        for row in tables["conversions"]
        if channels[row["conversion_id"]] == {"Direct"} and row["session_id"] and row["organization_id"] in spans
    ]
    assert alone
    assert [(row, shown) for row in alone if (shown := _shown(row, spans, of_session[row["session_id"]]))] == []


def _shown(conversion: Row, spans: dict[str, timedelta], events: list[Row]) -> list[Row]:
    """Of the session's events with evidence those that count as before the conversion."""
    until = conversion["occurred_at"] + spans[conversion["organization_id"]]
    return [row for row in events if row["occurred_at"] <= until]
