"""The figure on sites that recognize nobody is of what the server keeps there."""

from tests.benchmarks.anonymous_shares import Shares, seen_so

EVENT = {
    "eventId": "1", "type": "PAGE_VIEW", "anonId": "ann", "sessionId": "s", "userId": "u-1", "userAgent": "Firefox",
    "occurredAt": "2026-03-02T10:00:00Z",
}  # fmt: skip


def test_a_browser_is_seen_as_the_choice_says() -> None:
    assert seen_so("cookies", EVENT) is EVENT
    bare, kept = seen_so("anonymous", EVENT), seen_so("cookieless", EVENT)
    assert ("anonId" in bare, "userId" in bare, kept["anonId"], kept["userId"]) == (
        False,
        False,
        bare["sessionId"],
        "u-1",
    )
    assert seen_so("anonymous", {**EVENT, "sessionId": "t"})["sessionId"] == bare["sessionId"]
    for other in ({"occurredAt": "2026-03-03T10:00:00Z"}, {"anonId": "ben"}, {"userAgent": "Safari"}):
        assert seen_so("anonymous", {**EVENT, **other})["sessionId"] != bare["sessionId"]


def test_the_farthest_share_is_in_points() -> None:
    assert Shares({"Email": 0.5, "Direct": 0.5}, 2).farthest(Shares({"Email": 0.25, "SMS": 0.75}, 4)) == 75
