"""Removes personal data and secrets from the stored text of rejected events, and addresses from properties.

URLs of accepted events are scrubbed field by field, by the capture library's rules (:mod:`touchline.ingest.landings`).
A rejected event has no reliable fields, so its text is searched: URLs are scrubbed by the same rules, and e-mail
addresses, tokens and IP addresses are removed anywhere. No pattern can start where an earlier attempt of its own has
passed, so the cost is proportional to the length of the text.
"""

import ipaddress
import re

from attribution_campaign_context.scrub import REDACTED, scrub_url

_ABSOLUTE = r"""(?:https?:)?//[^\s"'<>\\]++"""
_ABSOLUTE_URL = re.compile(_ABSOLUTE)
_URL = re.compile(rf"""{_ABSOLUTE}|(?<![\w./-])[\w./-]*+\?[^\s"'<>\\]++""")
_IPV4 = r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b"
_IPV4_ADDRESS = re.compile(_IPV4)
_PERSONAL = re.compile(
    r"(?<![\w.!#$&*+/=?^`{|}~-])[\w.!#$&*+/=?^`{|}~-]++(?:@|%40)[\w-]++(?:\.[\w-]++)++"  # an e-mail address
    r"|(?<![\w-])ey[JKI][\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?"  # a JSON web token
    rf"|{_IPV4}"
)
_PERHAPS_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*+")
_ADDRESS_PROPERTY = re.compile(
    rb'(?i)("(?:(?:client|user|remote|visitor|customer)?[_-]?ip(?:[_-]?addr(?:ess)?)?|remote[_-]?addr(?:ess)?'
    rb'|x[_-]forwarded[_-]for|x[_-]real[_-]ip)":)"(?:[^"\\]|\\.)*+"'
)
_REDACTED_PROPERTY = rb'\1"' + REDACTED.encode() + b'"'


def scrubbed_text(text: str) -> str:
    """Text for storage, without personal data.

    >>> scrubbed_text('{"url": "https://a.example/?token=x", "emailHash": "ann@b.example", "ip": "192.0.2.7"}')
    '{"url": "https://a.example/?token=redacted", "emailHash": "redacted", "ip": "redacted"}'
    >>> scrubbed_text("at 2026-03-02T09:10:00Z")
    'at 2026-03-02T09:10:00Z'
    """
    if "?" in text or "//" in text or "\\/" in text:
        # A pattern whose every match has some text is not tried where that is not: one text is found far faster.
        pattern = _URL if "?" in text else _ABSOLUTE_URL
        text = pattern.sub(lambda found: scrub_url(found.group()), text.replace("\\/", "/"))
    if ":" in text:
        text = _PERHAPS_IPV6.sub(_without_ipv6, text)
    if "." not in text:
        return text
    is_perhaps_personal = "@" in text or "%40" in text or "eyJ" in text or "eyK" in text or "eyI" in text
    return (_PERSONAL if is_perhaps_personal else _IPV4_ADDRESS).sub(REDACTED, text)


def _without_ipv6(found: re.Match[str]) -> str:
    perhaps = found.group()
    address = perhaps.rstrip(".")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:  # a time of day, mostly
        return perhaps
    return f"{REDACTED}{perhaps[len(address) :]}"


def without_addresses(properties: bytes) -> bytes:
    """Encoded properties without the values that are IP addresses by their names: raw addresses are never stored.

    >>> without_addresses(b'{"ip":"192.0.2.7","os":{"version":"10.0.1.2"}}')
    b'{"ip":"redacted","os":{"version":"10.0.1.2"}}'
    """
    names = properties.lower()
    if b'ip":' not in names and b"addr" not in names and b"forwarded" not in names:
        return properties  # each name that the pattern knows has one of them, and it takes 30 times as long
    return _ADDRESS_PROPERTY.sub(_REDACTED_PROPERTY, properties)
