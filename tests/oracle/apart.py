"""Worlds that were told apart live through one run together, and each finds its own rows again."""

import re

from tests.oracle.world import Row, Tables, World

_SITE_IN_IDENTIFIER = re.compile(r"^([ve]:[^:]+)")
"""Of a visitor or of an event without a name."""


def together(worlds: list[World], first: int = 0) -> list[World]:
    """The worlds, which may all be told of the same organization and site, as other organizations with other sites.

    They are numbered from ``first``.
    """
    return [_marked(world, mark(number)) for number, world in enumerate(worlds, first)]


def own(tables: Tables, number: int) -> Tables:
    """What the tables say of one of the worlds that :func:`together` put there, by the ids with which it was told."""
    mine = rows_of(tables, number)
    return {name: [_unmarked(row, mark(number)) for row in rows] for name, rows in mine.items()}


def rows_of(tables: Tables, number: int) -> Tables:
    """What the tables say of that world, by the ids that it has there."""
    mine = {
        name: [row for row in rows if str(row.get("organization_id")).endswith(mark(number))]
        for name, rows in tables.items()
    }
    for name, column in (("evidence_channels", "evidence_id"), ("agents", "user_agent")):  # these belong to all
        shown = {row[column] for row in mine["touchpoints"]}
        mine[name] = [row for row in tables[name] if row[column] in shown]
    return mine


def moved(rows: list[Row], number: int) -> list[Row]:
    """What is told later, as it is told to the world of that number."""
    return [_marked_row(row, mark(number)) for row in rows]


def owner(organization_id: str, number: int) -> str:
    """The name of that world's organization."""
    return f"{organization_id}{mark(number)}"


def mark(number: int) -> str:
    """What stands at the end of an organization's id and a site's; no text that is told holds it."""
    return f"~{number}~"


def _marked(world: World, mark: str) -> World:
    def rows(told: list[Row]) -> list[Row]:
        return [_marked_row(row, mark) for row in told]

    return World(
        _marked_row(world.organization, mark),
        rows(world.sites),
        rows(world.goals),
        rows(world.targets),
        rows(world.events),
        [rows(load) for load in world.loads],
        rows(world.claims),
        rows(world.fits),
        {f"{site_id}{mark}": hosts for site_id, hosts in world.ignored.items()},
        own_models=world.own_models,
        rates=rows(world.rates),
    )


def _marked_row(row: Row, mark: str) -> Row:
    found = dict(row)
    for name, value in row.items():
        if name in {"organization_id", "site_id"} and value:
            found[name] = f"{value}{mark}"
        elif name in {"identifier", "linked_identifier"}:
            found[name] = _SITE_IN_IDENTIFIER.sub(rf"\1{mark}", value)
        elif name == "fit_id":
            kind, owner, rest = value.split("/", 2)
            found[name] = f"{kind}/{owner}{mark}/{rest}"
        elif name == "values":
            found[name] = [_marked_row(of_fit, mark) for of_fit in value]
    return found


def _unmarked(row: Row, mark: str) -> Row:
    return {name: value.replace(mark, "") if isinstance(value, str) else value for name, value in row.items()}
