"""Accounts: the companies that people act for, through which channels they came, and what they bought."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate


@dataclass(frozen=True)
class AccountRow:
    """One account. Money is micros of the report's currency; dates are those of the sites."""

    account_id: str
    """By the name that all accounts have that are one with it."""
    merged_from: str
    """The other names, with commas between them; ``""``: it has none."""
    members: int
    """Persons who act for it: the verified ones, where there are any."""
    touches: int
    """Of its members, in the window, but for those that name another account."""
    first_channel: str | None
    """Of the first of all kept touches, whichever member had it; ``None`` where there is none."""
    first_touch_date: date | None
    last_channel: str | None
    """Of the last touch until the window's end."""
    last_touch_date: date | None
    conversions: int
    """In the window, of the report's goal, currency and site, each whole."""
    converting_persons: int
    """How many of its members they are of."""
    orders: int
    """How many of the conversions have an order id."""
    value_micros: int
    is_new: bool
    """Whether one of these conversions is its first of the goal within the kept history."""
    first_conversion_date: date | None
    """Within the kept history, of the goal; the four that follow are of any goal of the kind."""
    first_lead_date: date | None
    first_signup_date: date | None
    first_use_date: date | None
    first_payment_date: date | None


@dataclass(frozen=True)
class AccountsReport:
    """Accounts with touches or conversions in the window, with the totals of all of them."""

    organization_id: str
    goal: str
    site_id: str
    """The site whose conversions are counted; ``""``: all sites together."""
    account_id: str
    """The account that is listed; ``""``: all."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    rows: tuple[AccountRow, ...]
    """Most value first."""
    accounts: int
    """How many there are, listed or not."""
    converting_accounts: int
    """Accounts with a conversion in the window. Accounts of several days or goals do not add up."""
    new_accounts: int
    """Accounts whose first conversion of the goal is in the window: these add up over days."""
    conversions: int
    """Of these accounts."""
    conversions_without_account: int
    spend_micros: int | None
    """Of the window; ``None`` where no cost was reported, and for one account or one of several sites, of which it is
    not known."""
    account_cpa: float | None
    """Spend per converting account, in units of the currency."""
    account_cac: float | None
    """Spend per new account, in units of the currency."""


def accounts_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, start: date | None = None, end: date | None = None,
    goal: str | None = None, limit: int = 100, currency: str | None = None, site: str | None = None,
    account: str | None = None,
) -> AccountsReport:  # fmt: skip
    """The ``limit`` accounts with the most value, and what all accounts come to.

    A conversion is of the account that it names, where its person acts for that one, else of its person's only one.
    Arguments as for :func:`touchline.reports.attribution.attribution_report`.

    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A report shows at least one account, not {limit}.")
    question = asked(
        engine, organization_id, goal=goal, start=start, end=end, currency=currency, site=site, account=account
    )
    found = rows(engine, "accounts", **question.parameters, limit=limit)
    names = _names(engine, question)
    totals = found[0] if found else dict.fromkeys(("all_accounts", "all_converting", "all_new", "all_conversions"), 0)
    counted = rows(engine, "unverified", **question.parameters, unverified_goal="")[0]["conversions"]
    spend = _spend(engine, question)
    units = None if spend is None else spend / 1e6
    return AccountsReport(
        **question.answered,
        rows=tuple(_row(row, names) for row in found),
        accounts=totals["all_accounts"],
        converting_accounts=totals["all_converting"],
        new_accounts=totals["all_new"],
        conversions=totals["all_conversions"],
        conversions_without_account=int(counted) - totals["all_conversions"],
        spend_micros=spend,
        account_cpa=rate(units, totals["all_converting"]),
        account_cac=rate(units, totals["all_new"]),
    )


def _names(engine: Engine, question: Question) -> dict[str, list[str]]:
    """The other names of accounts that are one with others."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in rows(engine, "names_of_accounts", **question.parameters):
        names[row["account_id"]].append(row["name"])
    return names


def _spend(engine: Engine, question: Question) -> int | None:
    if question.account_id:
        return None
    days = rows(engine, "performance", **question.parameters, basis="CONVERSION", model="")
    costs = [day["spend_micros"] for day in days if day["spend_micros"] is not None]
    return sum(costs) if costs else None


def _row(row: Row, names: dict[str, list[str]]) -> AccountRow:
    shown = {one.name: row[one.name] for one in fields(AccountRow) if one.name in row}
    shown["value_micros"] = row["value_micros"] or 0  # one that never bought has none
    return AccountRow(**shown, merged_from=", ".join(names[row["account_id"]]))
