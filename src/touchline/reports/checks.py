"""The laws of conservation, held against the tables: credit, value and spend add up however they are cut."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from touchline.engines import Engine
from touchline.grains import GRAINS
from touchline.magnitudes import CREDIT
from touchline.reports.queries import Row, rows
from touchline.reports.question import models_of
from touchline.reports.words import model_name


@dataclass(frozen=True)
class Check:
    """One law of conservation, held against the tables."""

    name: str
    """What is checked, in words."""
    unit: str
    """``credit`` (billionths), ``conversions``, or a currency (micros)."""
    expected: int
    found: int
    """Where several sums ought to be the same: the one that is furthest off."""
    is_held: bool
    """Whether both are the same number, exactly."""


def conservation_checks(engine: Engine, organization_id: str) -> tuple[Check, ...]:
    """Every model's credit against the counted conversions and their value, and every grain's spend against the costs.

    Over all that is stored: all days, goals and currencies (each currency separately).
    """
    asked = {"organization_id": organization_id}
    counted = {row["currency"]: row for row in rows(engine, "counted_conversions", **asked)}
    spent = {row["currency"]: row["spend_micros"] for row in rows(engine, "spent", **asked)}
    models = models_of(engine, organization_id)
    credited, rolled_up = rows(engine, "credited", **asked), rows(engine, "rolled_up", **asked)
    found: list[Check] = []
    for currency in sorted({*counted, *spent}):
        conversions = counted.get(currency, {"conversions": 0, "value_micros": 0})
        found += _links(currency, conversions, credited, models)
        found += _rollups(currency, conversions, spent.get(currency, 0), rolled_up, models)
    found += _accounts(rows(engine, "credited_accounts", **asked), counted, models)
    return (*found, *_coverage(rows(engine, "covered", **asked), counted.values()))


def _links(currency: str, conversions: Row, credited: list[Row], models: Sequence[str]) -> Iterable[Check]:
    """Each model gives away what was won, no more and no less."""
    by_model = {row["model"]: row for row in credited if row["currency"] == currency}
    for model in models:
        given = by_model.get(model, {"credit": 0, "value_micros": 0})
        name = f"{model_name(model)}: credit of all links ({currency})"
        yield _check(name, "credit", conversions["conversions"] * CREDIT, [given["credit"]])
        name = f"{model_name(model)}: value of all links ({currency})"
        yield _check(name, currency, conversions["value_micros"], [given["value_micros"]])


def _rollups(
    currency: str, conversions: Row, spent: int, rolled_up: list[Row], models: Sequence[str]
) -> Iterable[Check]:
    """Each grain holds all of it, whichever day it is booked to, and under each model."""
    mine = [row for row in rolled_up if row["currency"] == currency]
    for grain, name in GRAINS.items():
        at_grain = {(row["basis"], row["model"]): row for row in mine if row["grain"] == grain}
        nothing: Row = {"credit": 0, "value_micros": 0, "spend_micros": 0}
        costs = [at_grain.get((basis, ""), nothing) for basis in ("CONVERSION", "TOUCH")]
        given = [at_grain.get((basis, model), nothing) for basis in ("CONVERSION", "TOUCH") for model in models]
        yield _check(f"Spend of {name} ({currency})", currency, spent, [row["spend_micros"] for row in costs])
        yield _check(
            f"Credit of {name} under every model ({currency})", "credit",
            conversions["conversions"] * CREDIT, [row["credit"] for row in given],
        )  # fmt: skip
        yield _check(
            f"Value of {name} under every model ({currency})", currency,
            conversions["value_micros"], [row["value_micros"] for row in given],
        )  # fmt: skip


def _accounts(credited: list[Row], counted: Mapping[str, Row], models: Sequence[str]) -> Iterable[Check]:
    """All accounts together, and conversions of none, hold all of it, on either day and under each model."""
    nothing: Row = {"credit": 0, "value_micros": 0}
    for currency in sorted(counted):
        mine = {(row["basis"], row["model"]): row for row in credited if row["currency"] == currency}
        given = [mine.get((basis, model), nothing) for basis in ("CONVERSION", "TOUCH") for model in models]
        for name, unit, expected in (
            ("credit", "credit", counted[currency]["conversions"] * CREDIT),
            ("value_micros", currency, counted[currency]["value_micros"]),
        ):
            said = "Credit" if name == "credit" else "Value"
            yield _check(
                f"{said} of all accounts under every model ({currency})", unit, expected, [row[name] for row in given]
            )


def _coverage(covered: list[Row], counted: Iterable[Row]) -> Iterable[Check]:
    name = "Covered, direct-only and untouched conversions"
    yield _check(
        name, "conversions", sum(row["conversions"] for row in counted), [sum(row["numerator"] for row in covered)]
    )


def _check(name: str, unit: str, expected: int, sums: list[int]) -> Check:
    found = max(sums, key=lambda value: abs(value - expected))
    return Check(name, unit, expected, found, is_held=found == expected)
