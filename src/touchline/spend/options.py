"""What a person says of a file of costs that the file itself does not say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from touchline.ad_platforms import is_platform_code, nearest_platforms, platform_of
from touchline.errors import UsageError
from touchline.numerals import currency_of, date_of, zone_of
from touchline.spend.cost_formats import CostFormat, declared_platforms, parse_format
from touchline.spend.written_dates import Order
from touchline.spend.written_numbers import Mark

MOST_SPREAD_DAYS = 400
_MOST_MAPPING_BYTES = 1 << 20
_MOST_ACCOUNT = 128


@dataclass(frozen=True)
class CostOptions:
    """What holds for every row that does not say otherwise.

    :param spread: the first and the last day over which the file's totals are spread evenly.
    :param time_zone: the ad account's.
    :param mapping: how the file's columns are read, in place of the formats that are known.
    :param order: whether the day or the month is first in dates such as ``02/03/2026``.
    :param decimal: the decimal mark of the file's numbers.
    """

    day: date | None = None
    spread: tuple[date, date] | None = None
    currency: str = ""
    time_zone: ZoneInfo | None = None
    platform: str = ""
    account: str = ""
    mapping: CostFormat | None = None
    order: Order | None = None
    decimal: Mark | None = None


def options_of(  # noqa: PLR0913 - each is an option
    platforms: Collection[str], *, date: str | None = None, spread: str | None = None, currency: str | None = None,
    time_zone: str | None = None, platform: str | None = None, account: str = "", mapping: Path | None = None,
    order: Order | None = None, decimal: Mark | None = None,
) -> CostOptions:  # fmt: skip
    """What a person says, as words.

    :param platforms: codes of platforms that are known besides the common ones.
    :raises UsageError: if one of them says nothing that is known.
    """
    if date is not None and spread is not None:
        raise UsageError("--date and --spread exclude each other.", "Give one of them.")
    if len(account) > _MOST_ACCOUNT:
        raise UsageError(f"--account has at most {_MOST_ACCOUNT} characters.")
    return CostOptions(
        day=None if date is None else day_option(date),
        spread=None if spread is None else spread_option(spread),
        currency="" if currency is None else currency_option(currency),
        time_zone=None if time_zone is None else time_zone_option(time_zone),
        platform="" if platform is None else platform_option(platform, platforms),
        account=account.strip(),
        mapping=None if mapping is None else mapping_option(mapping),
        order=order,
        decimal=decimal,
    )


def day_option(text: str) -> date:
    """The day of ``--date``.

    :raises UsageError: if it is none.
    """
    if (day := date_of(text)) is None:
        raise UsageError(f"--date is a day such as 2026-03-02, not {text!r:.80}.")
    return day


def spread_option(text: str) -> tuple[date, date]:
    """The days of ``--spread``.

    >>> spread_option("2026-03-01..2026-03-31")
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))

    :raises UsageError: if it names no days, or too many.
    """
    start, dots, end = text.partition("..")
    first, last = date_of(start), date_of(end)
    if not dots or first is None or last is None:
        raise UsageError(f"--spread is two days such as 2026-03-01..2026-03-31, not {text!r:.80}.")
    if not first <= last < first + timedelta(days=MOST_SPREAD_DAYS):
        raise UsageError(
            f"--spread {text} is not from 1 to {MOST_SPREAD_DAYS} days.", "Name the first day, then the last."
        )
    return first, last


def currency_option(text: str) -> str:
    """The code of ``--currency``.

    :raises UsageError: if it is none.
    """
    if (code := currency_of(text)) is None:
        raise UsageError(f"--currency is three letters such as EUR, not {text!r:.80}.")
    return code


def time_zone_option(text: str) -> ZoneInfo:
    """The zone of ``--time-zone``.

    :raises UsageError: if there is none of that name.
    """
    if (zone := zone_of(text)) is None:
        raise UsageError(f"There is no time zone {text!r:.80}.", "Name one such as Europe/Berlin or UTC.")
    return zone


def platform_option(text: str, platforms: Collection[str]) -> str:
    """The code of a platform that a person names.

    :param platforms: codes that are known besides the common ones.
    :raises UsageError: if it is unknown.

    >>> platform_option("adwords", ())
    'GOOGLE_ADS'
    """
    code = platform_of(text, {*platforms, *declared_platforms()})
    if code is None:
        near = " or ".join(nearest_platforms(text, platforms))
        hint = f"Did you mean {near}?" if near else "Make it known with `touchline platform add NAME`."
        raise UsageError(f"There is no ad platform {text!r:.80}.", hint)
    return code


def declared_platform(text: str) -> str:
    """The code under which a person makes a platform known.

    :raises UsageError: if it is no code, or already the name of a platform.
    """
    if not is_platform_code(text):
        raise UsageError(
            f"A platform's code is capitals, digits and underscores, at most 64, such as PODCASTS, not {text!r:.80}."
        )
    if (known := platform_of(text)) is not None:
        raise UsageError(f"{text} is already a name of the platform {known}.", "Use that.")
    return text


def mapping_option(path: Path) -> CostFormat:
    """The mapping of ``--mapping``: a file like those of ``spend/formats``, of which only ``[columns]`` is needed.

    :raises UsageError: if it cannot be read as one.
    """
    try:
        content = path.read_bytes()
        if len(content) > _MOST_MAPPING_BYTES:
            raise ValueError(f"{path} has more than {_MOST_MAPPING_BYTES:,} bytes")
        return parse_format(content.decode(), str(path), is_mapping=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path of --mapping.") from error
    except ValueError as error:
        raise UsageError(
            f"{path} is no mapping of costs: {error}.", 'Expected lines such as cost = "Spent" under [columns].'
        ) from error
