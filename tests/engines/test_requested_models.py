"""The models that no organization has, on every engine: the same integers as their plain definitions."""

from datetime import date, datetime
from fractions import Fraction
from math import lcm

from tests.oracle.chains import SHARES
from tests.oracle.credit import WHOLE, shared_out
from tests.oracle.world import Row
from touchline.engines import Engine
from touchline.models import REQUESTED_MODELS
from touchline.sql import query
from touchline.table import Kind, Table
from touchline.tables import ALL

NOTHING = {
    Kind.TEXT: "", Kind.INTEGER: 0, Kind.WIDE: 0, Kind.BOOLEAN: False, Kind.DOUBLE: 0.0,
    Kind.DATE: date(2026, 1, 1), Kind.TIMESTAMP: datetime.fromisoformat("2026-01-01"),
}  # fmt: skip
JOURNEYS = {
    "one": ["Direct"],
    "two": ["Email", "Direct"],
    "three": ["Direct", "Direct", "Direct"],
    "four": ["Email", "Direct", "Referral", "Direct"],
    "eight": ["Email", *["Direct"] * 3, "Email", "Paid Search", "Referral", "Email"],
    "none": [],
}
VALUE = 1_000_003


def fill(engine: Engine, table: Table, rows: list[Row]) -> None:
    engine.create(table)
    usual = {column.name: NOTHING[column.kind] for column in table.columns}
    engine.append(table, table.arrow([usual | row for row in rows]))


def expected(model: str) -> list[tuple[str, int, int, int]]:
    """Conversion, position, credit and micros of every touch."""
    found = []
    for name, channels in JOURNEYS.items():
        if not channels:
            found.append((name, 0, WHOLE, VALUE))
            continue
        shares: list[Fraction] = SHARES[model](channels)
        common = lcm(*(share.denominator for share in shares))
        weights = [int(share * common) for share in shares]
        parts = zip(shared_out(WHOLE, weights), shared_out(VALUE, weights), strict=True)
        found += [(name, position, *part) for position, part in enumerate(parts, 1)]
    return sorted(found)


def test_the_links_are_those_of_the_definitions_to_the_last_unit(engine: Engine) -> None:
    fill(engine, ALL["models"], [{"model": model} for model in REQUESTED_MODELS])
    fill(engine, ALL["no_touchpoint"], [{}])
    fill(engine, ALL["fits"], [])
    fill(
        engine,
        ALL["conversions"],
        [{"conversion_id": name, "is_counted": True, "value_micros": VALUE} for name in JOURNEYS],
    )
    fill(
        engine,
        ALL["paths"],
        [
            {"conversion_id": name, "touchpoint_id": f"{name}{position}", "channel": channel, "is_eligible": True,
             "position": position, "touchpoint_count": len(channels)}
            for name, channels in JOURNEYS.items()
            for position, channel in enumerate(channels, 1)
        ],
    )  # fmt: skip
    chosen = tuple(model.lower() for model in REQUESTED_MODELS)
    links = engine.select(query("touchline.attribution", "attribution_links", chosen).text).to_pylist()
    assert {row["model"] for row in links} == {"LAST_NON_DIRECT", "J_SHAPED", "INVERSE_J", "SHAPLEY"}
    for model in ("LAST_NON_DIRECT", "J_SHAPED", "INVERSE_J"):
        of_model = [row for row in links if row["model"] == model]
        assert expected(model) == sorted(
            (row["conversion_id"], row["position"], row["credit"], row["value_micros"]) for row in of_model
        )
