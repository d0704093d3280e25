"""One row of daily ad costs, good or bad."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from touchline.ad_platforms import nearest_platforms, platform_key, platform_of
from touchline.amounts import counted
from touchline.characters import MAX_AD_ID_BYTES, cleaned, control_in_id, is_longer, unstorable
from touchline.numerals import currency_of, date_of, decimal_of

REQUIRED = ("date", "platform", "cost")
OPTIONAL = (
    "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name", "impressions", "clicks",
    "currency", "country", "region", "platform_conversions", "platform_value",
)  # fmt: skip
_NAMES = tuple(name for name in OPTIONAL if name.endswith(("_id", "_name")))
_LONGEST = 512
_FIRST_DAY = date(2000, 1, 1)
_LARGEST = 2**53
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
    country: str = ""
    region: str = ""
    platform_conversion_micros: int | None = None
    """Conversions as the platform reports them, in millionths; ``None``: the file does not say."""
    platform_value_micros: int | None = None
    """Their value, in millionths of ``currency``."""
    spread_days: int | None = None
    """Over how many days a total was spread evenly, of which this is one; ``None``: the file has the day's own cost."""
    exchange_rate: str | None = None
    """Units of the organization's currency for one of ``currency``; ``None``: they are one, or no rate is known."""
    reporting_micros: int | None = None
    """The spend in the organization's currency at that rate."""
    reporting_value_micros: int | None = None
    """The platform's own value in the organization's currency at that rate."""


@dataclass(frozen=True)
class RejectedCost:
    """One refused row: where it stands, which field is wrong, what was expected and what came."""

    source: str
    reason: str
    field: str
    message: str
    payload: str
    place: "Place" = (None, None, None)
    """Whose spend it would have said."""


Place = tuple[str | None, str | None, date | None]
"""A platform, an account and a day; ``None`` is what a row does not tell."""


class RowError(ValueError):
    """What is wrong with a row: a reason of one word, the field, and what was expected and came."""

    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.field = reason, field


@dataclass(frozen=True)
class Reading:
    """What is known of a file's rows before they are read.

    :param currency: of amounts that name none.
    :param last_day: of which there can be costs already.
    :param platforms: codes of platforms that are known besides the common ones.
    """

    currency: str
    last_day: date = date.max
    platforms: Collection[str] = ()


def cost_of(source: str, row: Mapping[str, str], reading: Reading) -> AdCost | RejectedCost:
    """The costs that one row says, by the names of :data:`REQUIRED` and :data:`OPTIONAL`, or why it says none.

    :param source: where it stands, such as ``costs.csv:6``.
    """
    try:
        texts: dict[str, Any] = {name: _text(row, name) for name in _NAMES}
        return AdCost(
            cost_date=_date(row["date"], reading.last_day),
            platform=_platform(row["platform"], reading.platforms),
            impressions=_count(row, "impressions"),
            clicks=_count(row, "clicks"),
            spend_micros=_micros(row["cost"], "cost"),
            currency=_currency(row.get("currency", "") or reading.currency),
            country=_text(row, "country"),
            region=_text(row, "region"),
            platform_conversion_micros=_micros_or_none(row, "platform_conversions"),
            platform_value_micros=_micros_or_none(row, "platform_value"),
            **texts,
        )
    except RowError as fault:
        return refused(source, fault, row, place_of(row, reading.platforms))


def refused(source: str, fault: RowError, row: object, place: Place = (None, None, None)) -> RejectedCost:
    """A row that says no costs."""
    return RejectedCost(
        cleaned(source), fault.reason, cleaned(fault.field), cleaned(str(fault)), cleaned(repr(row)[:8192]), place
    )


def place_of(row: Mapping[str, object], platforms: Collection[str] = (), *, is_whole: bool = True) -> Place:
    """Whose spend a refused row would have said, as far as it tells.

    :param is_whole: whether each cell stands under its name; where one is missing, only a day is still known for one.

    >>> place_of({"date": "2026-01-31", "platform": "Google Ads", "cost": "€5"})
    ('GOOGLE_ADS', '', datetime.date(2026, 1, 31))
    """
    day = date_of(str(row.get("date", "")))
    if not is_whole:
        return (None, None, day)
    account = str(row.get("account_id") or "").strip()
    is_known = control_in_id(account) is None and not is_longer(account, MAX_AD_ID_BYTES)
    return (platform_of(str(row.get("platform", "")), platforms), account if is_known else None, day)


def _date(text: str, last_day: date) -> date:
    day = date_of(text)
    if day is None:
        raise RowError("wrong_type", "date", f"date is YYYY-MM-DD, not {text!r:.80}")
    if not _FIRST_DAY <= day <= last_day:
        raise RowError("out_of_range", "date", f"date is from {_FIRST_DAY} to a day after today, not {text!r:.80}")
    return day


def _platform(text: str, platforms: Collection[str]) -> str:
    if fault := unstorable(text):
        raise RowError("malformed", "platform", f"platform has {fault}")
    key = platform_key(text)
    if not key or len(key) > 64:
        raise RowError("missing_field", "platform", f"platform is a name such as GOOGLE_ADS, not {text!r:.80}")
    code = platform_of(text, platforms)
    if code is None:
        near = " or ".join(nearest_platforms(text, platforms))
        meant = f"did you mean {near}?" if near else f"`touchline platform add {key}` makes it known"
        raise RowError("unknown_value", "platform", f"there is no platform {text!r:.80}; {meant}")
    return code


def _micros(text: str, name: str) -> int:
    amount = decimal_of(text)
    # Compared before it is made whole: 1e999 is a number of a thousand digits.
    micros = int((amount * 1_000_000).to_integral_value()) if amount is not None and abs(amount) < _LARGEST else None
    if micros is None or abs(micros) >= _LARGEST:
        raise RowError("wrong_type", name, f"{name} is a decimal number such as 12.34, not {text!r:.80}")
    return micros


def _micros_or_none(row: Mapping[str, str], name: str) -> int | None:
    text = row.get(name, "")
    return _micros(text, name) if text.strip() else None


def _count(row: Mapping[str, str], name: str) -> int:
    text = row.get(name, "").strip() or "0"
    if not _COUNT.fullmatch(text) or int(text) >= _LARGEST:
        raise RowError("wrong_type", name, f"{name} is a whole number from 0 on, not {text!r:.80}")
    return int(text)


def _currency(text: str) -> str:
    code = currency_of(text)
    if code is None:
        raise RowError("unknown_value", "currency", f"currency is three letters such as EUR, not {text!r:.80}")
    return code


def _text(row: Mapping[str, str], name: str) -> str:
    text = row.get(name, "").strip()
    is_id = name.endswith("_id")
    if fault := control_in_id(text) if is_id else unstorable(text):
        raise RowError("malformed", name, f"{name} has {fault}")
    if len(text) > _LONGEST:
        raise RowError(
            "too_long", name, f"{name} has {counted(len(text), 'character')}, at most {_LONGEST} are allowed"
        )
    if is_id and is_longer(text, MAX_AD_ID_BYTES):
        raise RowError("too_long", name, f"{name} has more than {MAX_AD_ID_BYTES} bytes in UTF-8")
    return cleaned(text)
