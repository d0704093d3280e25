"""Which days of which accounts cost loads have told, and what stands of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, intersect, select, tuple_

from touchline.ledger import schema

LoadedDay = tuple[str, str, date]
"""A platform, an account and a day."""


@dataclass(frozen=True)
class CostDay:
    """A day of a platform's account as the newest load of one source told it."""

    source: str
    platform: str
    account_id: str
    cost_date: date
    load_number: int
    spend_micros: int
    currency: str
    """The first by alphabet, where there are several."""


@dataclass(frozen=True)
class CostLoad:
    """What is to be said of a load."""

    load_number: int
    source: str
    file_name: str
    loaded_at: int
    format: str | None
    level: str | None
    spread: tuple[date, date] | None


class Advertised(NamedTuple):
    """A campaign in an account of a platform, by one of its names; empty where the report did not say."""

    platform: str
    account_id: str
    campaign_id: str
    campaign_name: str


def cost_days(
    connection: Connection, organization_id: str, platforms: Collection[str], first: date, last: date
) -> list[CostDay]:
    """The standing days of the platforms from ``first`` to ``last``, of every source."""
    loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
    key = (loads.c.source, rows.c.platform, rows.c.account_id, rows.c.cost_date)
    told = (
        select(*key, loads.c.load_number, func.sum(rows.c.spend_micros), func.min(rows.c.currency))
        .join(loads, loads.c.load_number == rows.c.load_number)
        .where(
            loads.c.organization_id == organization_id, rows.c.platform.in_(sorted(platforms)),
            rows.c.cost_date.between(first, last),
        )
        .group_by(*key, loads.c.load_number)
        .order_by(loads.c.load_number)
    )  # fmt: skip
    found = (CostDay(*row[:5], int(row[5]), row[6]) for row in connection.execute(told))
    return list({(day.source, day.platform, day.account_id, day.cost_date): day for day in found}.values())


def replaced_days(connection: Connection, load_numbers: Sequence[int]) -> int:
    """How many days of a platform's account these loads of one source replace."""
    loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
    ours = select(loads.c.organization_id, loads.c.source).where(loads.c.load_number.in_(load_numbers)).distinct()
    days = select(rows.c.platform, rows.c.account_id, rows.c.cost_date)
    earlier = days.join(loads, loads.c.load_number == rows.c.load_number).where(
        loads.c.load_number < min(load_numbers), tuple_(loads.c.organization_id, loads.c.source).in_(ours)
    )
    said_again = intersect(days.where(rows.c.load_number.in_(load_numbers)), earlier).subquery()
    return int(connection.execute(select(func.count()).select_from(said_again)).scalar_one())


def known_days(connection: Connection, organization_id: str, source: str) -> set[LoadedDay]:
    """The days of which the source has told the spend."""
    loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
    days = (
        select(rows.c.platform, rows.c.account_id, rows.c.cost_date)
        .distinct()
        .join(loads, loads.c.load_number == rows.c.load_number)
        .where(loads.c.organization_id == organization_id, loads.c.source == source)
    )
    return {(platform, account, day) for platform, account, day in connection.execute(days)}


def has_campaign(connection: Connection, organization_id: str, platform: str, campaign_id: str) -> bool:
    """Whether any load of the organization told a cost of this campaign."""
    loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
    told = (
        select(rows.c.row_number)
        .join(loads, loads.c.load_number == rows.c.load_number)
        .where(
            loads.c.organization_id == organization_id, rows.c.platform == platform, rows.c.campaign_id == campaign_id
        )
        .limit(1)
    )  # fmt: skip
    return connection.execute(told).first() is not None


def advertised(connection: Connection, organization_id: str) -> list[Advertised]:
    """What any load of the organization told a cost of, under every name that it ever had."""
    loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
    columns = (rows.c.platform, rows.c.account_id, rows.c.campaign_id, rows.c.campaign_name)
    told = (
        select(*columns)
        .distinct()
        .join(loads, loads.c.load_number == rows.c.load_number)
        .where(loads.c.organization_id == organization_id)
        .order_by(*columns)
    )
    return [Advertised(*row) for row in connection.execute(told)]


def cost_loads(connection: Connection, numbers: Collection[int]) -> dict[int, CostLoad]:
    """The loads with these numbers."""
    loads = schema.AD_COST_LOADS.c
    columns = (
        loads.load_number, loads.source, loads.file_name, loads.loaded_at, loads.format, loads.level,
        loads.spread_start, loads.spread_end,
    )  # fmt: skip
    found = connection.execute(select(*columns).where(loads.load_number.in_(sorted(numbers))))
    return {row[0]: CostLoad(*row[:6], (row[6], row[7]) if row[6] else None) for row in found}


def campaigns_of(connection: Connection, days: Collection[CostDay]) -> dict[tuple[str, str, date], dict[str, int]]:
    """The spend of each campaign, by the platform, account and date of standing days."""
    standing = {(day.load_number, day.platform, day.account_id, day.cost_date) for day in days}
    rows = schema.AD_COST_ROWS.c
    key = (rows.load_number, rows.platform, rows.account_id, rows.cost_date, rows.campaign_id)
    found: dict[tuple[str, str, date], dict[str, int]] = {}
    if not standing:
        return found
    dates = [day.cost_date for day in days]
    asked = (
        select(*key, func.sum(rows.spend_micros))
        .where(
            rows.load_number.in_(sorted({day.load_number for day in days})),
            rows.cost_date.between(min(dates), max(dates)),
        )
        .group_by(*key)
    )
    for *day, campaign, spend in connection.execute(asked):
        if tuple(day) in standing:
            found.setdefault((day[1], day[2], day[3]), {})[campaign] = int(spend)
    return found


def days_in_other_currencies(connection: Connection, organization_id: str, currency: str) -> dict[int, set[LoadedDay]]:
    """By load, in their order, those of its days that stand and have costs in another currency."""
    rows, loads = schema.AD_COST_ROWS, schema.AD_COST_LOADS
    key = (loads.c.source, rows.c.platform, rows.c.account_id, rows.c.cost_date)
    is_foreign = func.max(case((rows.c.currency != currency, 1), else_=0))
    told = (
        select(*key, rows.c.load_number, is_foreign)
        .join(loads, loads.c.load_number == rows.c.load_number)
        .where(loads.c.organization_id == organization_id)
        .group_by(*key, rows.c.load_number)
        .order_by(rows.c.load_number)
    )
    newest = {tuple(row[:4]): (row[4], row[5]) for row in connection.execute(told)}
    found: dict[int, set[LoadedDay]] = {}
    for (_, platform, account, day), (number, has_other) in sorted(newest.items(), key=lambda one: one[1]):
        if has_other:
            found.setdefault(number, set()).add((platform, account, day))
    return found


def rows_of_load(connection: Connection, load_number: int) -> list[Mapping[str, Any]]:
    """The rows of a load, day by day."""
    rows = schema.AD_COST_ROWS
    asked = (
        select(rows)
        .where(rows.c.load_number == load_number)
        .order_by(rows.c.platform, rows.c.account_id, rows.c.cost_date, rows.c.row_number)
    )
    return [dict(row) for row in connection.execute(asked).mappings()]
