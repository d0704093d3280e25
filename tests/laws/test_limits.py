"""What must hold whatever the data: at the edges of settings, and when one of them moves."""

from collections import Counter
from dataclasses import replace
from random import Random

from tests.oracle.engine import tables_of, unnumbered
from tests.oracle.world import Tables, World

PARTS = {"behavioural_coverage", "direct_only_rate", "no_touch_rate"}
"""The rates that divide all conversions among themselves."""


def _with(world: World, **settings: object) -> World:
    return replace(world, organization=world.organization | settings)


def _covered(tables: Tables) -> set[str]:
    return {row["conversion_id"] for row in tables["paths"] if row["channel"] != "Direct"}


def _whole(tables: Tables) -> set[str]:
    """The conversions of whose path nothing is cut: a longer lookback may cut what a shorter one keeps."""
    kept = Counter(row["conversion_id"] for row in tables["paths"])
    return {
        row["conversion_id"]
        for row in tables["paths"]
        if kept[row["conversion_id"]] == row["eligible_count"] + row["idle_count"]
    }


def test_coverage_never_falls_when_the_lookback_grows(worlds: list[World], chance: Random) -> None:
    days = [chance.randint(1, 40) for _ in worlds]
    more = [number + chance.randint(0, 300) for number in days]
    short, long = (
        tables_of([_with(world, lookback_days=number) for world, number in zip(worlds, numbers, strict=True)])
        for numbers in (days, more)
    )
    whole = _whole(long)
    assert _covered(short) & whole <= _covered(long)
    before = {(row["conversion_id"], row["touchpoint_id"]) for row in short["paths"] if row["conversion_id"] in whole}
    assert before <= {(row["conversion_id"], row["touchpoint_id"]) for row in long["paths"]}


def test_covered_direct_only_and_untouched_conversions_are_all_conversions(worlds: list[World]) -> None:
    days: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for row in tables_of(worlds)["health_measures"]:
        if row["measure"] in PARTS:
            key = row["organization_id"], row["site_id"], row["period"], row["goal"]
            days.setdefault(key, []).append((row["numerator"], row["denominator"]))
    for rates in days.values():
        assert len(rates) == len(PARTS)
        assert {sum(numerator for numerator, _ in rates)} == {denominator for _, denominator in rates}


def test_direct_gets_credit_only_where_nothing_else_is_there(worlds: list[World]) -> None:
    tables = tables_of([_with(world, direct="unless_only") for world in worlds])
    credited: dict[str, set[str]] = {}
    for row in tables["attribution_links"]:
        credited.setdefault(row["conversion_id"], set()).add(row["channel"])
    assert [channels for channels in credited.values() if "Direct" in channels and len(channels) > 1] == []


def test_one_organization_never_changes_anothers_numbers(worlds: list[World]) -> None:
    together = unnumbered(tables_of(worlds))
    for world in worlds[:10]:
        for name, rows in unnumbered(tables_of([world])).items():
            if name not in {"evidence_channels", "agents"}:  # these belong to all
                assert [row for row in together[name] if row["organization_id"] == world.name] == rows, name
