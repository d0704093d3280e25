"""Reading a file of daily ad costs, row by row, good rows and bad."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from touchline.errors import InputError

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


class _RowError(ValueError):
    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.field = reason, field


def read_costs(file: Path, *, default_currency: str) -> Iterator[AdCost | RejectedCost]:
    """The rows of a CSV file of daily ad costs, in the file's order.

    The header names the columns: ``date, platform, cost`` must be there; ``account_id, campaign_id, campaign_name,
    adset_id, adset_name, ad_id, ad_name, impressions, clicks, currency`` may. ``cost`` is a decimal number of currency
    units; a credit note is negative.

    :raises InputError: if the file cannot be read, or its header lacks a column or has an unknown one.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_header(file, reader.fieldnames)
            for row in reader:
                yield _row(f"{file.name}:{reader.line_num}", row, default_currency)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{file} cannot be read as a CSV file of costs: {error}.", "Save it as UTF-8 CSV with one header line."
        ) from error


def _check_header(file: Path, names: object) -> None:
    found = list(names) if isinstance(names, (list, tuple)) else []
    missing = [name for name in REQUIRED if name not in found]
    unknown = [str(name) for name in found if name not in {*REQUIRED, *OPTIONAL}]
    repeated = sorted({str(name) for name in found if found.count(name) > 1})
    if missing or unknown or repeated:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has unknown {', '.join(unknown)}"] if unknown else []
        faults += [f"repeats {', '.join(repeated)}"] if repeated else []
        raise InputError(
            f"The header of {file} {' and '.join(faults)}.",
            f"Expected {', '.join(REQUIRED)} and any of {', '.join(OPTIONAL)}.",
        )


def _row(source: str, row: dict[str, str], default_currency: str) -> AdCost | RejectedCost:
    try:
        if None in row or None in row.values():
            raise _RowError("malformed", "", "the row has more or fewer cells than the header")
        return AdCost(
            cost_date=_date(row["date"]),
            platform=_platform(row["platform"]),
            impressions=_count(row, "impressions"),
            clicks=_count(row, "clicks"),
            spend_micros=_micros(row["cost"]),
            currency=_currency(row.get("currency", "") or default_currency),
            **{name: _text(row, name) for name in OPTIONAL if name.endswith(("_id", "_name"))},
        )
    except _RowError as fault:
        return RejectedCost(source, fault.reason, fault.field, str(fault), repr(row)[:8192])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _RowError("wrong_type", "date", f"date is YYYY-MM-DD, not {text!r:.80}") from None


def _platform(text: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", text.strip().upper()).strip("_")
    if not name or len(name) > 64:
        raise _RowError("missing_field", "platform", f"platform is a name such as GOOGLE_ADS, not {text!r:.80}")
    return name


def _micros(text: str) -> int:
    amount = Decimal(text.strip()) if _DECIMAL.fullmatch(text.strip()) else None
    # Compared before it is made whole: 1e999 is a number of a thousand digits.
    micros = int((amount * 1_000_000).to_integral_value()) if amount is not None and abs(amount) < _LARGEST else None
    if micros is None or abs(micros) >= _LARGEST:
        raise _RowError("wrong_type", "cost", f"cost is a decimal number such as 12.34, not {text!r:.80}")
    return micros


def _count(row: dict[str, str], name: str) -> int:
    text = row.get(name, "").strip() or "0"
    if not _COUNT.fullmatch(text) or int(text) >= _LARGEST:
        raise _RowError("wrong_type", name, f"{name} is a whole number from 0 on, not {text!r:.80}")
    return int(text)


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise _RowError("unknown_value", "currency", f"currency is three letters such as EUR, not {text!r:.80}")
    return code


def _text(row: dict[str, str], name: str) -> str:
    text = row.get(name, "").strip()
    if "\0" in text:  # no database keeps it faithfully
        raise _RowError("malformed", name, f"{name} has a NUL character")
    if len(text) > _LONGEST:
        raise _RowError("too_long", name, f"{name} has {len(text)} characters, {_LONGEST} are allowed")
    return text
