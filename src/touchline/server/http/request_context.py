"""What a request says of who sends it, looked at once a request."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from attribution_campaign_context.cookies import CONSENT_COOKIE, DENIED, keeps_refusal
from touchline.channels.devices import DeviceType, hinted_device
from touchline.characters import cleaned
from touchline.errors import UsageError
from touchline.ingest.bots import LIBRARY, ONLY_ITSELF, Noise, noise_of
from touchline.ingest.event import Reason
from touchline.ingest.steps import INTERNAL_MARK, KEPT_USER_AGENT
from touchline.jobs.daily_keys import DailyKeys
from touchline.server.http.addresses import FORWARDING, Addresses, networks_of, trusted_of
from touchline.server.http.options import ServerOptions
from touchline.server.http.places import Places

CITY_HEADERS = ("cf-ipcity", "x-city", "x-forwarded-city")
"""Where trusted proxies say in which city the client is; the first that says it is believed."""
DISTRICT_HEADERS = ("cf-ipdistrict", "x-district")
KEPT_PLACE = 128
_DENIED = f"{CONSENT_COOKIE}={DENIED}"
_CONSENT = CONSENT_COOKIE.encode()

_TOOLS = ("curl/", "Wget/", "python-", "Go-http-client/", "node", "axios/", "okhttp/", "Java/", "undici")
"""Programs that send on somebody's behalf: they name no browser, and are no crawler of pages either."""
_PREFETCH = Noise(Reason.PREFETCH, "The browser prefetched the page; nobody viewed it.")
_INTERNAL = Noise(Reason.INTERNAL, f"The browser has the cookie {INTERNAL_MARK}.")


class Headers(Protocol):
    """Header fields by their lower-case name."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of a field; where it stands several times, one of them."""

    def get_all(self, key: str) -> Sequence[str]:
        """All values of a field, in the order in which they came."""


class RequestContext(NamedTuple):
    """What the steps take from the request."""

    user_agent: str | None
    """As it is kept: cut, without control characters, and without the client's address."""
    device_class: DeviceType | None
    """As client hints say it; ``None`` where the user agent has to tell."""
    noise: Noise | None
    """Why the one who sends is no visitor, if it is none."""
    city: str | None
    district: str | None
    visit_hash: str | None
    """As :class:`~touchline.server.http.addresses.Client` has it, and ``ip_hash``, too."""
    ip_hash: str | None
    client_prefix: str
    """A hash of the part of the network that the client is in, for rate limits."""
    is_consent_refused: bool
    """By Global Privacy Control, or by the refusal that the browser keeps in a cookie."""
    has_dnt: bool
    """Whether it sends ``DNT``."""
    address: str | None
    """To be found in what was sent, and taken out of it; never to be stored."""

    def without_address(self, body: bytes) -> bytes:
        """What was sent, without the client's address: pages and tags send it along without anybody's asking."""
        if self.address is None:
            return body
        spelled = self.address.encode()
        if spelled not in body:
            return body
        whole = rb"(?<![0-9.])%s(?!\.?[0-9])" if "." in self.address else rb"(?<![0-9a-fA-F])%s(?![0-9a-fA-F])"
        return re.sub(whole % re.escape(spelled), b"redacted", body)


class Sight:
    """Looks at requests as one server is told to."""

    def __init__(self, addresses: Addresses, keys: DailyKeys) -> None:
        self._addresses = addresses
        self._header = addresses.header
        self.keys = keys

    def __call__(self, headers: Headers, peer: str) -> RequestContext:
        """Look at a request's header fields and the address (``host:port``) that it came from."""
        get, host = headers.get, peer.rpartition(":")[0]
        forwarded = headers.get_all(self._header) if self._header else ()
        client = self._addresses.client_of(host, forwarded)
        user_agent, device_class, noise = _agent_of(
            (get("user-agent") or "")[:KEPT_USER_AGENT],
            (get("sec-ch-ua-mobile") or "")[:8],
            (get("sec-ch-ua-platform") or "")[:32],
            (get("sec-ch-ua-form-factors") or "")[:64],
        )
        if user_agent is not None and client.address is not None and client.address in user_agent:
            user_agent = user_agent.replace(client.address, "redacted")[:KEPT_USER_AGENT]
        city, district = client.city, None
        if self._header and self._addresses.is_trusted(host):
            city, district = _place_in(headers, CITY_HEADERS) or city, _place_in(headers, DISTRICT_HEADERS)
        return RequestContext(
            user_agent, device_class, noise or client.noise or _noise_in(headers), city, district,
            client.visit_hash, client.ip_hash, client.prefix, get("sec-gpc") == "1" or refuses(get("cookie")),
            get("dnt") == "1", client.address,
        )  # fmt: skip


def refuses(cookies: str | None) -> bool:
    """Whether the browser keeps a refusal, whichever domain of the site it was said on.

    >>> refuses("a=1; tl_consent=denied"), refuses("tl_consent=granted"), refuses("not_tl_consent=denied")
    (True, False, False)
    """
    return cookies is not None and _DENIED in cookies and keeps_refusal([cookies.encode(errors="replace")], _CONSENT)


def sight_of(home: Path, options: ServerOptions) -> Sight:
    """What looks at the requests of a home's server.

    :raises UsageError: if an option names no networks, no known header, or no file of places.
    """
    if options.forwarding_header not in FORWARDING:
        expected = " or ".join(FORWARDING)
        raise UsageError(f"Proxy headers must be in {expected}, not in {options.forwarding_header!r}.")
    keys = DailyKeys(home, pepper=options.ip_hash_salt)
    addresses = Addresses(
        keys,
        trusted=trusted_of(options.trusted_proxies),
        header=options.forwarding_header,
        internal=networks_of(options.internal_networks),
        datacentres=networks_of(options.datacentre_networks),
        places=Places(Path(options.places_file)) if options.places_file else None,
    )
    return Sight(addresses, keys)


@lru_cache(maxsize=8_192)
def _agent_of(
    user_agent: str, mobile: str, platform: str, form_factors: str
) -> tuple[str | None, DeviceType | None, Noise | None]:
    if not user_agent or user_agent.startswith(_TOOLS):
        return None, None, None
    noise = noise_of(user_agent)
    if noise is ONLY_ITSELF or noise is LIBRARY:  # a backend of the owner's, too, which sends on somebody's behalf
        return None, None, None
    return cleaned(user_agent), hinted_device(mobile, platform, form_factors), noise


def _noise_in(headers: Headers) -> Noise | None:
    get = headers.get
    purpose = get("sec-purpose") or get("purpose") or get("x-moz")
    if purpose is not None and purpose.lower().startswith(("prefetch", "preview")):
        return _PREFETCH
    cookie = get("cookie")
    return _INTERNAL if cookie is not None and INTERNAL_MARK in cookie else None


def _place_in(headers: Headers, names: tuple[str, ...]) -> str | None:
    for name in names:
        said = headers.get(name)
        if said:
            return _place(said)
    return None


@lru_cache(maxsize=4_096)
def _place(said: str) -> str | None:
    """The name of a place; HTTP says header fields in Latin-1, and proxies write UTF-8."""
    with suppress(UnicodeError):
        said = said.encode("latin-1").decode()
    name = "".join(letter for letter in said[:KEPT_PLACE] if letter.isprintable()).strip()
    return name or None
