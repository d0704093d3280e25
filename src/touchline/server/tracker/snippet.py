"""The few lines of HTML with which a page loads the tracker."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from touchline.errors import UsageError
from touchline.server.tracker.script import PATH
from touchline.visitor_ids import DEFAULT, VisitorIds

NO_KEY = "pk_…"
"""What stands for the key where none was given: only hashes of keys are kept."""

_STUB = "window.touchline=window.touchline||function(){(touchline.q=touchline.q||[]).push(arguments)}"


def snippet(
    server: str, key: str, domains: Sequence[str], *, needs_consent: bool, visitor_ids: VisitorIds = DEFAULT,
    respects_dnt: bool = False,
) -> str:  # fmt: skip
    """The lines for the head of every page.

    :param server: the address at which browsers reach Touchline, such as ``https://t.shop.example``.
    :param key: a publishable key, or :data:`NO_KEY`.
    :param domains: the site's own; links from one to another take the visitor along.
    :param visitor_ids: by what the site recognizes browsers; without cookies, the tracker keeps nothing in them.
    :param respects_dnt: whether a browser's ``DNT`` is a refusal.
    :raises UsageError: if the address is none, or the key is a secret one.

    >>> print(snippet("https://t.shop.example/", "pk_1", ["shop.example"], needs_consent=False).splitlines()[1])
    <script async src="https://t.shop.example/t.js" data-key="pk_1" data-domains="shop.example"></script>
    """
    address = urlsplit(server)
    if address.scheme not in {"http", "https"} or not address.hostname or address.query or address.fragment:
        raise UsageError(f"--server is an address such as https://t.shop.example, not {server}.")
    if not key.startswith("pk_"):
        raise UsageError(
            "A page needs a publishable key, which begins with pk_: anyone can read a secret key in a page.",
            "Create one with `touchline key create`.",
        )
    said = {"src": server.rstrip("/") + PATH, "data-key": key, "data-domains": " ".join(domains)}
    if needs_consent:
        said["data-consent"] = "required"
    if visitor_ids != DEFAULT:
        said["data-ids"] = "none"
    if respects_dnt:
        said["data-dnt"] = "respect"
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in said.items())
    return f"<script>{_STUB}</script>\n<script async {attributes}></script>"
