"""What must hold whatever the data: at the edges of settings, and when one of them moves."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.engine import tables_of, unnumbered
from tests.oracle.world import Tables, World
from tests.oracle.worlds import SOME, many_worlds


def _with(worlds: list[World], **settings: object) -> list[World]:
    return [replace(world, organization=world.organization | settings) for world in worlds]


def _covered(tables: Tables) -> set[str]:
    return {row["conversion_id"] for row in tables["paths"] if row["channel"] != "Direct"}


@SOME
@given(many_worlds(8), st.integers(1, 40), st.integers(0, 300))
def test_coverage_never_falls_when_the_lookback_grows(worlds: list[World], days: int, more: int) -> None:
    short, long = tables_of(_with(worlds, lookback_days=days)), tables_of(_with(worlds, lookback_days=days + more))
    assert _covered(short) <= _covered(long)
    before = {(row["conversion_id"], row["touchpoint_id"]) for row in short["paths"]}
    assert before <= {(row["conversion_id"], row["touchpoint_id"]) for row in long["paths"]}


@SOME
@given(many_worlds(8))
def test_covered_direct_only_and_untouched_conversions_are_all_conversions(worlds: list[World]) -> None:
    days: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for row in tables_of(worlds)["health_measures"]:
        if row["measure"] != "direct_landing_rate":
            key = row["organization_id"], row["site_id"], row["period"]
            days.setdefault(key, []).append((row["numerator"], row["denominator"]))
    for rates in days.values():
        assert len(rates) == 3
        assert {sum(numerator for numerator, _ in rates)} == {denominator for _, denominator in rates}


@SOME
@given(many_worlds(8))
def test_direct_gets_credit_only_where_nothing_else_is_there(worlds: list[World]) -> None:
    tables = tables_of(_with(worlds, direct="unless_only"))
    credited: dict[str, set[str]] = {}
    for row in tables["attribution_links"]:
        credited.setdefault(row["conversion_id"], set()).add(row["channel"])
    assert all(channels == {"Direct"} for channels in credited.values() if "Direct" in channels)


@SOME
@given(many_worlds(8))
def test_one_organization_never_changes_anothers_numbers(worlds: list[World]) -> None:
    together, alone = unnumbered(tables_of(worlds)), unnumbered(tables_of(worlds[:1]))
    for name, rows in alone.items():
        if name not in {"evidence_channels", "agents"}:  # these belong to all
            own = [row for row in together[name] if row["organization_id"] == worlds[0].name]
            assert own == rows, name
