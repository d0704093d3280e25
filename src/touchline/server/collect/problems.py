"""Problems of a tracked request that several steps raise, and the header fields about rate limits."""

from touchline.server.http.problems import Headers, Problem
from touchline.server.http.rate_limits import Ruling


def unknown_key(where: str) -> Problem:
    """The key is missing or unknown; ``where`` says where one is expected."""
    return Problem(
        401, "unknown_key", f"Expected a valid key: {where}", "See `touchline key list`; make one with `key create`.",
        headers=[("www-authenticate", "Bearer")],
    )  # fmt: skip


def foreign_page() -> Problem:
    """The key does not allow the page's origin."""
    return Problem(
        403, "foreign_origin", "The page's origin is none of the site's.",
        "Send from the site's domain, or make a key that names the origin: touchline key create --origin ORIGIN.",
    )  # fmt: skip


def busy(why: str) -> Problem:
    """A temporary failure of the server."""
    return Problem(503, "busy", why, "Send it again: what is stored already counts once.",
                   headers=[("retry-after", "1")])  # fmt: skip


def limits_of(ruling: Ruling) -> Headers:
    """The header fields that say how many events are left."""
    return [
        ("x-ratelimit-limit", str(ruling.limit)),
        ("x-ratelimit-remaining", str(ruling.remaining)),
        ("x-ratelimit-reset", str(ruling.retry_seconds)),
    ]
