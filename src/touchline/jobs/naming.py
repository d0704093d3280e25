"""Names that people give to organizations, sites and goals, held to what every database keeps."""

import re

from touchline.characters import control_in_id
from touchline.domains import registrable_domain
from touchline.errors import UsageError
from touchline.numerals import currency_of, zone_of


class TakenError(UsageError):
    """There is something of this name already, or something else that stands in its way."""


def check_name(what: str, text: str, most: int, *, may_be_empty: bool = False) -> None:
    """Refuse a name that shows nothing, has control characters, or has more than ``most`` characters.

    :param may_be_empty: whether ``""`` has a meaning, such as all of them.
    :raises UsageError: naming ``what`` it is.

    >>> check_name("A goal", "signup", 200)
    """
    fault = control_in_id(text)
    if fault:
        raise UsageError(f"{what} has {fault}.", "Write it without.")
    if not _shows_something(text) and not (may_be_empty and not text):
        raise UsageError(f"{what} needs a character that can be seen, and {text!r:.80} has none.", "Write a name.")
    if len(text) > most:
        raise UsageError(f"{what} has at most {most} characters, not {len(text)}.")


def checked_site_id(text: str) -> str:
    """A site's id that somebody chose.

    :raises UsageError: if it is not one as sites are given.

    >>> checked_site_id("shop-example")
    'shop-example'
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > 64:
        raise UsageError(
            f"A site's id is up to 64 letters a to z, digits and single hyphens between them, not {text!r:.80}."
        )
    return text


def _shows_something(text: str) -> bool:
    """Whether a character is neither white space nor without width."""
    return any(one.isprintable() and not one.isspace() for one in text)


def slug(name: str) -> str:
    """A name as an id.

    >>> slug("Fernwood Home, Ltd.")
    'fernwood-home-ltd'
    """
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not text:
        raise UsageError(f"{name!r} has no letter or digit to build an id from.")
    return text[:64]


def checked_currency(text: str) -> str:
    """An ISO 4217 code in capitals."""
    code = currency_of(text)
    if code is None:
        raise UsageError(f"A currency is three letters such as EUR, not {text!r}.")
    return code


def site_values(domain: str, time_zone: str) -> dict[str, str]:
    """A site's registrable domain and time zone.

    :raises UsageError: if one of them is none.
    """
    host = domain.strip().lower().removeprefix("www.")
    if not re.fullmatch(r"[a-z0-9.-]{1,253}", host):
        raise UsageError(f"A domain is a host name such as shop.example, not {domain!r}.")
    if zone_of(time_zone) is None:
        raise UsageError(f"There is no time zone {time_zone[:80]!r}.", "Give one such as Europe/Berlin.")
    return {"domain": registrable_domain(host), "time_zone": time_zone}
