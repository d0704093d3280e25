"""Attribution from any request object: the compatible form, which asks nothing of the framework but four attributes.

It takes what an app of 0.1.0 expects: seven click ids, six UTM parameters, values cut to a length. The sound form,
which reads the raw request under a policy and says why it refused a value, is
:mod:`attribution_campaign_context.capture`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from attribution_campaign_context.constants import CLICK_ID_KEYS, NORMALIZED_LOWER_KEYS, UTM_KEYS
from attribution_campaign_context.parsing import CONTROL_CHARACTER

MAX_COOKIE_LENGTH = 256
"""Characters kept of a visitor or session id."""
MAX_PATH_LENGTH = 2048
"""Characters kept of a path, and of a referrer."""
MAX_URL_LENGTH = 4096
"""Characters kept of a landing URL."""


@dataclass(frozen=True)
class AttributionContext:
    """What a request said about where its visitor came from; what it did not say is ``None`` or missing.

    >>> AttributionContext(utm={"utm_source": "news"}).has_signal, AttributionContext(visitor_id="v").has_signal
    (True, False)
    """

    utm: dict[str, str] = field(default_factory=dict)
    click_ids: dict[str, str] = field(default_factory=dict)
    raw_params: dict[str, str] = field(default_factory=dict)
    """All parameters that were taken over: UTM, click ids and the app's extra keys."""
    referer: str | None = None
    landing_path: str | None = None
    landing_url: str | None = None
    visitor_id: str | None = None
    session_id: str | None = None

    @property
    def has_signal(self) -> bool:
        """Whether there is a UTM parameter, a click id or a referrer; extra keys and cookies do not count.

        Any referrer counts, that of the own site too. A policy is stricter.
        """
        return bool(self.utm or self.click_ids or self.referer)


def extract_attribution(
    request: Any,
    *,
    max_value_length: int = 256,
    extra_keys: set[str] | frozenset[str] = frozenset(),
    visitor_cookie: str = "tigrbl_vid",
    session_cookie: str = "sid",
) -> AttributionContext:
    """Reads UTM parameters, click ids, referrer, landing page and ids from a request; never raises for what it holds.

    ``request`` is any object; of it ``query_params``, ``headers``, ``cookies`` (mappings; header names in lower case),
    ``path`` and ``url`` are read where they are there. A repeated parameter counts by its first value. Values are
    trimmed; empty ones and ones with control characters are absent; parameters are cut to ``max_value_length``
    characters, except click ids: one that is longer is left out, because half a click id matches nothing.
    ``extra_keys`` are taken into ``raw_params`` only.

    >>> from types import SimpleNamespace
    >>> request = SimpleNamespace(query_params={"utm_source": " News ", "gclid": "Cj0", "page": "2"}, path="/a")
    >>> context = extract_attribution(request)
    >>> context.raw_params, context.landing_path, context.visitor_id
    ({'gclid': 'Cj0', 'utm_source': 'news'}, '/a', None)
    """
    known = UTM_KEYS | CLICK_ID_KEYS | frozenset(extra_keys)
    params = _parameters(_mapping(request, "query_params"), sorted(known), max_value_length)
    cookies = _mapping(request, "cookies")
    url = getattr(request, "url", None)
    path = getattr(request, "path", None)
    return AttributionContext(
        utm={key: value for key, value in params.items() if key in UTM_KEYS},
        click_ids={key: value for key, value in params.items() if key in CLICK_ID_KEYS},
        raw_params=params,
        referer=value_text(_mapping(request, "headers").get("referer"), MAX_PATH_LENGTH),
        landing_path=address_text(getattr(url, "path", None) if path is None else path, MAX_PATH_LENGTH),
        landing_url=address_text(None if url is None else str(url), MAX_URL_LENGTH),
        visitor_id=value_text(cookies.get(visitor_cookie), MAX_COOKIE_LENGTH),
        session_id=value_text(cookies.get(session_cookie), MAX_COOKIE_LENGTH),
    )


def _mapping(request: Any, name: str) -> Mapping[str, Any]:
    found = getattr(request, name, None)
    return found if isinstance(found, Mapping) else {}


def _parameters(params: Mapping[str, Any], keys: Iterable[str], limit: int) -> dict[str, str]:
    found = ((key, parameter_text(key, _first(params, key), limit)) for key in keys)
    return {key: value for key, value in found if value}


def _first(params: Mapping[str, Any], key: str) -> Any:
    """The first value of a parameter; a mapping that keeps all of them would answer ``get`` with the last."""
    value = params.get(key)
    getlist = getattr(params, "getlist", None)
    return value if value is None or getlist is None else getlist(key)


def parameter_text(key: str, value: Any, limit: int) -> str | None:
    """The text of a parameter within ``limit`` characters; a click id that is longer is none, for half of one is."""
    text = _text(value)
    if text is None or CONTROL_CHARACTER.search(text) or (key in CLICK_ID_KEYS and len(text) > limit):
        return None
    return (text.lower() if key in NORMALIZED_LOWER_KEYS else text)[:limit]


def value_text(value: Any, limit: int) -> str | None:
    """The text of a header or a cookie, cut at ``limit`` characters; one with a control character is none."""
    text = _text(value)
    return None if text is None or CONTROL_CHARACTER.search(text) else text[:limit]


def address_text(value: Any, limit: int) -> str | None:
    """A path or URL; a control character in it is written as a URL has to, in percent."""
    text = _text(value)
    if text is None:
        return None
    return CONTROL_CHARACTER.sub(lambda found: quote(found[0], errors="replace"), text)[:limit]


def _text(value: Any) -> str | None:
    """A value, or the first of several, as trimmed text; ``None`` if nothing is left."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return None if value is None else str(value).strip() or None
