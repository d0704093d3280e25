"""The parts of an address, and the host that it names: RFC 3986 as browsers read it."""

import re
from functools import lru_cache
from urllib.parse import unquote

_URL = re.compile(
    r"(?:([a-z][a-z0-9+.-]*):)?(?://([^/?#\\]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_BARE_QUERY = re.compile(r"[\w.%-]{1,64}(?:\[\w*\])?=", re.ASCII)
_SERVICES = {"x.com": ("/i/grok/", "grok.x.com")}
"""By host: the path of a service within it, and the host that stands for it."""
_SIGN_IN_PATHS = re.compile(
    r"\A/(?:(?:v[0-9.]+/)?dialog/oauth|(?:v[0-9.]+/|i/|api/|common/)?oauth2?|(?:users/|accounts?/|auth/|m/|i/flow/)?"
    r"(?:login|log-in|signin|sign-in|sign_in|logon)(?:\.[a-z]{3,4})?|wp-login\.php|users/auth|adfs"
    r"|cdn-cgi|recaptcha|api/v[0-9]+/authorize|v[0-9]/auth|\.auth|__/auth)/"
    r"|\A/(?:auth/)?realms/[^/]{1,100}/(?:protocol|login-actions|broker)/"
    r"|/oauth2?/(?:v[0-9.]+/)?(?:authori[sz]e|authorization|auth|authenticate|login|token|consent|callback)/"
    r"|/(?:openid|openid-connect|saml2?|sso)/(?:login|auth|sso|acs|idp|connect|authn)/|/connect/authorize/"
)
_SIGN_IN_STARTS = {
    "uas": {"linkedin"}, "authwall": {"linkedin"}, "checkpoint": {"linkedin", "facebook"}, "recover": {"facebook"},
    "two_step_verification": {"facebook"}, "challenge": {"instagram"}, "accounts": {"instagram"}, "sorry": {"google"},
    "ap": {"amazon"}, "authentication": {"shopify"}, "connect": {"weixin"},
}  # fmt: skip
"""First segments of paths that sign in on these hosts alone, by the label before their suffix."""
_SHOP_ACCOUNT = re.compile(r"\A/[0-9]{1,20}/(?:account|authentication)/")
"""The customers' account of a shop at Shopify, by the shop's number."""
_PAYMENT_PATHS = re.compile(r"/(?:3ds[0-9]?|3d-?secure|threeds|acspage|acs/(?:auth|challenge|pareq|creq))/")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def host_of(url: str) -> str | None:
    """The host of a URL: lower case, without port, user and leading ``www.``; ``None`` if it has no valid host.

    >>> host_of("https://WWW.Example.com:8443/x"), host_of("about:blank")
    ('example.com', None)
    >>> host_of("android-app://com.google.android.gm/")
    'com.google.android.gm'
    """
    authority = split_address(url)[0]
    return valid_host(authority) if authority else None


def referring_host(referrer: str) -> str | None:
    """The host of a referrer; a service that lives under a path of another is told from it as a sub-domain.

    So are the pages of a site that sign visitors in (``login.``) or confirm a payment (``pay.``). An address that is
    encoded is read as it was meant.

    >>> referring_host("https://x.com/i/grok/share/1"), referring_host("https://x.com/acme/status/1")
    ('grok.x.com', 'x.com')
    >>> referring_host("https://github.com/login/oauth/authorize?x=1"), referring_host("https://bank.example/3ds2/x")
    ('login.github.com', 'pay.bank.example')
    >>> referring_host("http%3A%2F%2Fwww.instagram.com%2F")
    'instagram.com'
    """
    if "%" in referrer[:7]:  # an address that somebody encoded once more
        referrer = unquote(referrer)
    host = host_of(referrer)
    if host is None or (referrer[-1] == "/" and referrer.count("/") < 4):
        return host
    path = split_address(referrer)[1].lower() + "/"
    service = _SERVICES.get(host)
    if service is not None and path.startswith(service[0]):
        return service[1]
    if "." not in host or host[-1].isdigit() or ":" in host or referrer.lstrip()[:4].lower() != "http":
        return host
    hosts = _SIGN_IN_STARTS.get(path[1 : path.find("/", 1)])
    if _SIGN_IN_PATHS.search(path) or (hosts is not None and _site(host).partition(".")[0] in hosts):
        return f"login.{host}"
    if host == "shopify.com" and _SHOP_ACCOUNT.match(path):
        return f"login.{host}"
    return f"pay.{host}" if _PAYMENT_PATHS.search(path) else host


def is_same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts are of one site, as far as their labels tell without a list of public suffixes.

    >>> is_same_site("blog.shop.example", "shop.example"), is_same_site("a.shop.example", "b.shop.example")
    (True, True)
    >>> is_same_site("a.co.uk", "b.co.uk"), is_same_site("shop.example", None)
    (False, False)
    """
    if one is None or other is None:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}") or _site(one) == _site(other)


def _site(host: str) -> str:
    labels = host.split(".")
    is_short = len(labels) > 2 and len(labels[-2]) < 4
    return ".".join(labels[-3:] if is_short else labels[-2:])


def split_address(url: str) -> tuple[str, str, str, str]:
    """Authority, path, query and fragment; a URL without scheme and slashes whose start looks like a host has one.

    A text that begins with a parameter is a query alone.
    """
    match = _URL.match(url.strip())
    scheme, authority, path, query, fragment = match.groups("") if match else ("", "", "", "", "")
    if not scheme and not authority and path[:1] not in ("", "/"):
        if _BARE_QUERY.match(path):
            return "", "", f"{path}?{query}" if query else path, fragment
        start, slash, rest = path.partition("/")
        if "." in start.strip(".") and len(start) <= 260:
            authority, path = start, slash + rest
    return authority, path, query, fragment


@lru_cache(maxsize=4096)
def valid_host(authority: str) -> str | None:
    """The host of an authority in the form of :func:`host_of`."""
    host = authority.rpartition("@")[2].lower()
    if host.startswith("["):
        inside, closing, _ = host[1:].partition("]")
        return inside if closing and ":" in inside and not inside.strip("0123456789abcdef:.") else None
    host, _, port = host.partition(":")
    if port.strip("0123456789"):
        return None
    host = _ascii(host.removesuffix("."))
    if len(host) > 253 or not _HOST.fullmatch(host):
        return None
    return host[4:] if host.startswith("www.") and "." in host[4:] else host


@lru_cache(maxsize=4096)
def page_host(authority: str) -> str | None:
    """The host of a page; a proxy that translates or caches it writes the page's host with hyphens before its own."""
    host = valid_host(authority)
    for proxy in (".translate.goog", ".cdn.ampproject.org"):
        if host is not None and host.endswith(proxy):
            plain = host.removesuffix(proxy).replace("--", "\0").replace("-", ".").replace("\0", "-")
            return valid_host(plain) or host
    return host


def _ascii(host: str) -> str:
    """The host in its ASCII form (``xn--…``), or the empty string if it has none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii") if len(host) <= 253 else ""
    except UnicodeError:
        return ""
