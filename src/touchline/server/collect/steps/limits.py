"""The limits: how many events a minute a site, a key and a part of the network may send."""

from touchline.amounts import counted
from touchline.server.collect.problems import limits_of
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import CLIENT, Limit


async def room(parts: Parts, tracked: Tracked) -> None:
    """Take as many events as the request has from each limit."""
    events = len(tracked.posted.events)
    ruling = tracked.ruling = await parts.limits.take(_limits_for(parts, tracked), events)
    if ruling.is_within:
        return
    if not ruling.limit:
        raise Problem(503, "limits_away", "The rate limits cannot be asked.", "Send it again.",
                      headers=[("retry-after", str(ruling.retry_seconds))])  # fmt: skip
    taken = counted(ruling.limit, "event a minute is taken", "events a minute are taken")
    raise Problem(
        429, "too_many", f"{taken}; {ruling.remaining:,} are left of them.",
        f"Send all {events} of them again in {counted(ruling.retry_seconds, 'second')}: none was counted.",
        headers=[("retry-after", str(ruling.retry_seconds)), *limits_of(ruling)],
    )  # fmt: skip


def _limits_for(parts: Parts, tracked: Tracked) -> tuple[Limit, ...]:
    """The limits of the key that vouches for a request, or that shows it where none does.

    A site's strangers and its own machines are counted apart: a flood of the ones must not stop the others.
    """
    options, site_id, is_verified = parts.options, tracked.access.site_id, tracked.is_verified
    site = Limit(f"s:{site_id}:verified" if is_verified else f"s:{site_id}", options.events_per_minute_of_site)
    key = Limit(f"k:{tracked.key_ids[-1]}", options.events_per_minute_of_key)
    if is_verified:  # a machine with a secret key may send for everybody: its address says nothing
        return site, key
    return site, key, Limit(CLIENT + tracked.seen.client_prefix, options.events_per_minute_of_client)
