"""The rate limits: events per minute of a site, a key, and a part of the network."""

from touchline.amounts import counted
from touchline.server.collect.problems import limits_of
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.options import name_of
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import CLIENT, KEY, SITE, Limit


async def room(parts: Parts, tracked: Tracked) -> None:
    """Deduct the request's events from each limit."""
    events = len(tracked.posted.events)
    ruling = tracked.ruling = await parts.limits.take(_limits_for(parts, tracked), events)
    if ruling.is_within:
        return
    if not ruling.limit:
        raise Problem(503, "limits_away", "The rate limits cannot be asked.", "Send it again.",
                      headers=[("retry-after", str(ruling.retry_seconds))])  # fmt: skip
    who, option, more = _WHOSE[ruling.name[: len(CLIENT)]]
    taken = counted(ruling.limit, "event a minute is accepted", "events a minute are accepted")
    raise Problem(
        429, "too_many", f"{taken} {who} ({name_of(option)}); {ruling.remaining:,} are left of them.",
        f"Send all {events} of them again in {counted(ruling.retry_seconds, 'second')}: none was counted.{more}",
        headers=[("retry-after", str(ruling.retry_seconds)), *limits_of(ruling)],
    )  # fmt: skip


_WHOSE = {
    SITE: ("for a site", "events_per_minute_of_site", ""),
    KEY: ("with a key", "events_per_minute_of_key", ""),
    CLIENT: (
        "from an address without a secret key", "events_per_minute_of_client",
        " If this address passes on the events of many visitors, send them with a secret key, which has no such limit.",
    ),
}  # fmt: skip
"""By the first word of a limit's name: whom it limits, the option that raises it, and further advice."""


def _limits_for(parts: Parts, tracked: Tracked) -> tuple[Limit, ...]:
    """The limits of the key that vouches for the request, or else of the key in it.

    A site's visitors and its own servers are counted separately, so that a flood of one does not block the other.
    """
    options, site_id, is_verified = parts.options, tracked.access.site_id, tracked.is_verified
    name = f"{SITE}{site_id}"
    site = Limit(f"{name}:verified" if is_verified else name, options.events_per_minute_of_site)
    key = Limit(f"{KEY}{tracked.key_ids[-1]}", options.events_per_minute_of_key)
    if is_verified:  # a server with a secret key may send events of many visitors, so its address does not count
        return site, key
    return site, key, Limit(CLIENT + tracked.seen.client_prefix, options.events_per_minute_of_client)
