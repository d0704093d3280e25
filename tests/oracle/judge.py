"""Every table of the river as the plain definitions have it, and what the engine says otherwise."""

from collections import Counter
from collections.abc import Callable, Iterable

from tests.oracle import accounts, credit, money, orders, people, touches, trust, visits
from tests.oracle.world import Row, Tables, World
from touchline.tables import ALL

DEFINITIONS: dict[str, Callable[[World], list[Row]]] = {
    definition.__name__: definition
    for definition in (
        people.identity_pairs, people.identifiers, people.identity_edges, people.identities,
        accounts.merged_accounts, accounts.account_members,
        orders.corrections, visits.session_events, visits.sessions, orders.conversions, touches.source_hits,
        touches.touchpoints,
        credit.crowded_persons, credit.first_reaches, credit.paths, credit.attribution_links, money.ad_costs,
        money.campaigns, money.campaign_names, money.campaign_clicks, money.channel_spend, money.daily_rollups,
        money.account_rollups,
        trust.health_measures, trust.health_volumes, trust.health_blocks, trust.health_limits, trust.health_signals,
        trust.waste_findings,
    )
}  # fmt: skip
"""By table, what one organization's rows are. The tables of evidence and agents belong to all of them together."""

_SHARED = {"evidence_channels": credit.evidence_channels, "agents": credit.agents}


def judged(worlds: list[World]) -> Tables:
    """The tables of all the worlds by the plain definitions."""
    tables = {name: [row for world in worlds for row in define(world)] for name, define in DEFINITIONS.items()}
    for name, define in _SHARED.items():
        tables[name] = list({repr(row): row for world in worlds for row in define(world)}.values())
    return tables


def disagreements(engine: Tables, worlds: list[World]) -> str:
    """The first rows in which the engine and the definitions differ, with their world; ``""`` where they agree."""
    expected = judged(worlds)
    spelled = {row["evidence_id"]: _evidence(row) for row in engine["evidence_channels"]}
    for name, rows in expected.items():
        columns = sorted({*ALL[name].column_names, "evidence"} & {*(rows[0] if rows else ())})
        came = [
            row | {"evidence": spelled[row["evidence_id"]]} if "evidence_id" in row else row for row in engine[name]
        ]
        said = _told(name, _lines(came, columns), _lines(rows, columns))
        if said or len(rows) != len(came):
            guilty = [world for world in worlds if any(f"={world.name!r}" in line for line in said)]
            return "\n".join([*said, "", *(repr(world) for world in (guilty or worlds)[:1])])
    return ""


def differences(engine: Tables, worlds: list[World], definitions: Iterable[Callable[[World], list[Row]]]) -> str:
    """The same for the tables of these definitions alone, which show no evidence."""
    for define in definitions:
        name = define.__name__
        columns = sorted(ALL[name].column_names)
        said = _told(name, _lines(engine[name], columns), _lines((r for w in worlds for r in define(w)), columns))
        if said:
            guilty = [world for world in worlds if any(f"={world.name!r}" in line for line in said)]
            return "\n".join([*said, "", *(repr(world) for world in guilty[:1])])
    return ""


def _evidence(row: Row) -> tuple[object, ...]:
    names = ("utm_source", "utm_medium", "utm_campaign", "click_id_names", "referrer_host", "has_past_click", "app")
    return tuple(row[name] for name in names)


def _lines(rows: Iterable[Row], columns: list[str]) -> list[str]:
    return sorted(" ".join(f"{name}={row.get(name)!r}" for name in columns) for row in rows)


def _told(name: str, came: list[str], expected: list[str]) -> list[str]:
    more, fewer = _beyond(came, expected), _beyond(expected, came)
    if not more and not fewer:
        return []
    return [f"{name}: the engine has", *more[:4], "and the definitions have", *fewer[:4]]


def _beyond(some: list[str], others: list[str]) -> list[str]:
    return list((Counter(some) - Counter(others)).elements())
