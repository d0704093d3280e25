"""Hosts of an organization's own choice that bring nobody, as its setting names them."""

import re

from attribution_campaign_context.parsing import host_of
from touchline.errors import UsageError

MOST_IGNORED_REFERRERS = 200
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_LONGEST_HOST = 253
_EXAMPLE = "Write it as pay.bank.example, or as shop=pay.bank.example for the site shop alone."


def ignored_referrers_of(text: str) -> tuple[tuple[str, str], ...]:
    """The hosts in the setting ``ignored_referrers``, each after the id of its site, which is empty for every site.

    :raises UsageError: if it is anything but hosts, each alone or after the id of a site.

    >>> ignored_referrers_of("https://www.Bank.example/pay, shop = acs.card.example")
    (('', 'bank.example'), ('shop', 'acs.card.example'))
    """
    found: dict[tuple[str, str], None] = {}
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        site, equals, named = (part.strip() for part in entry.rpartition("="))
        host = host_of(named if "//" in named else f"//{named}") or ""
        if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
            raise UsageError(f"ignored_referrers: {named[:80]!r} is not a host.", _EXAMPLE)
        if equals and not site:
            raise UsageError(f"ignored_referrers: {entry[:80]!r} names no site before the equals sign.", _EXAMPLE)
        found[site, host] = None
    if len(found) > MOST_IGNORED_REFERRERS:
        raise UsageError(f"ignored_referrers: More than {MOST_IGNORED_REFERRERS} hosts.", _EXAMPLE)
    return tuple(found)
