"""One row of daily ad costs, good or bad."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

REQUIRED = ("date", "platform", "cost")
OPTIONAL = (
    "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name", "impressions", "clicks",
    "currency",
)  # fmt: skip
_LONGEST = 512
_LARGEST = 2**53
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_COUNT = re.compile(r"0*[0-9]{1,16}")


@dataclass(frozen=True)
class AdCost:
    """One row of costs. Ids and names are ``""`` where the file has none; money is micros of ``currency``."""

    cost_date: date
    platform: str
    account_id: str
    campaign_id: str
    campaign_name: str
    adset_id: str
    adset_name: str
    ad_id: str
    ad_name: str
    impressions: int
    clicks: int
    spend_micros: int
    currency: str


@dataclass(frozen=True)
class RejectedCost:
    """One refused row: where it stands, which field is wrong, what was expected and what came."""

    source: str
    reason: str
    field: str
    message: str
    payload: str


class RowError(ValueError):
    """What is wrong with a row: a reason of one word, the field, and what was expected and came."""

    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.field = reason, field


def cost_of(source: str, row: Mapping[str, str], default_currency: str) -> AdCost | RejectedCost:
    """The costs that one row says, by the names of :data:`REQUIRED` and :data:`OPTIONAL`, or why it says none.

    :param source: where it stands, such as ``costs.csv:6``.
    """
    try:
        return AdCost(
            cost_date=_date(row["date"]),
            platform=_platform(row["platform"]),
            impressions=_count(row, "impressions"),
            clicks=_count(row, "clicks"),
            spend_micros=_micros(row["cost"]),
            currency=_currency(row.get("currency", "") or default_currency),
            **{name: _text(row, name) for name in OPTIONAL if name.endswith(("_id", "_name"))},
        )
    except RowError as fault:
        return refused(source, fault, row)


def refused(source: str, fault: RowError, row: object) -> RejectedCost:
    """A row that says no costs."""
    return RejectedCost(source, fault.reason, fault.field, str(fault), repr(row)[:8192])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise RowError("wrong_type", "date", f"date is YYYY-MM-DD, not {text!r:.80}") from None


def _platform(text: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", text.strip().upper()).strip("_")
    if not name or len(name) > 64:
        raise RowError("missing_field", "platform", f"platform is a name such as GOOGLE_ADS, not {text!r:.80}")
    return name


def _micros(text: str) -> int:
    amount = Decimal(text.strip()) if _DECIMAL.fullmatch(text.strip()) else None
    # Compared before it is made whole: 1e999 is a number of a thousand digits.
    micros = int((amount * 1_000_000).to_integral_value()) if amount is not None and abs(amount) < _LARGEST else None
    if micros is None or abs(micros) >= _LARGEST:
        raise RowError("wrong_type", "cost", f"cost is a decimal number such as 12.34, not {text!r:.80}")
    return micros


def _count(row: Mapping[str, str], name: str) -> int:
    text = row.get(name, "").strip() or "0"
    if not _COUNT.fullmatch(text) or int(text) >= _LARGEST:
        raise RowError("wrong_type", name, f"{name} is a whole number from 0 on, not {text!r:.80}")
    return int(text)


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise RowError("unknown_value", "currency", f"currency is three letters such as EUR, not {text!r:.80}")
    return code


def _text(row: Mapping[str, str], name: str) -> str:
    text = row.get(name, "").strip()
    if "\0" in text:  # no database keeps it faithfully
        raise RowError("malformed", name, f"{name} has a NUL character")
    if len(text) > _LONGEST:
        raise RowError("too_long", name, f"{name} has {len(text)} characters, {_LONGEST} are allowed")
    return text
