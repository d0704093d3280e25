"""What other products' documentation says of persons, as ids that were seen together; each with where it stands."""

from dataclasses import dataclass, field
from typing import Any

from tests.api.test_resolve_identities import edge
from tests.oracle.who import Seen


@dataclass(frozen=True)
class Story:
    """What was seen, and who used which id on which day."""

    source: str
    edges: list[Seen]
    whose: dict[tuple[str, float], str]
    refused: set[str] = field(default_factory=set)
    options: dict[str, Any] = field(default_factory=dict)


def logins(device: str, *users: str) -> list[Seen]:
    """One user a day, in turn."""
    return [edge(device, f"user:{user}", day) for day, user in enumerate(users, 1)]


VENDORS = {
    "three devices that never sign in": Story(
        "Amplitude docs, how Amplitude assigns ids: no user id exists",
        [edge(f"device:{name}", None, day) for day, name in enumerate("abbcac")],
        {(f"device:{name}", 9): f"device:{name}" for name in "abc"},
    ),
    "a user id follows anonymous events": Story(
        "Amplitude docs, how Amplitude assigns ids: the anonymous events before belong to the user",
        [edge("device:g", None, 0), edge("device:g", None, 1), edge("device:g", "user:john", 2)],
        {("device:g", 0): "user:john", ("device:g", 1): "user:john"},
    ),
    "events after a sign-out belong to the last user": Story(
        "Amplitude docs, how Amplitude assigns ids: several users of one device",
        [*logins("device:h", "jane", "john"), edge("device:h", None, 5), edge("device:j", "user:jane", 6)],
        {("device:h", 1.5): "user:jane", ("device:h", 5): "user:john", ("device:j", 0): "user:jane"},
    ),
    "user ids are case-sensitive": Story(
        "Amplitude docs, identify users: another case is another profile",
        [edge("device:g", "user:Zoe17", 1), edge("device:h", "user:zoe17", 1)],
        {("device:g", 2): "user:Zoe17", ("device:h", 2): "user:zoe17"},
    ),
    "the text None as user id": Story(
        "Amplitude docs, identify users: all events are grouped below None",
        [edge(f"device:d{n}", "user:None", n) for n in range(4)],
        {(f"device:d{n}", 5): f"device:d{n}" for n in range(4)},
        {"blocked_value"},
    ),
    "a user with more than 500 ids": Story(
        "Mixpanel docs, original id merge: at most 500 ids in a cluster",
        [edge(f"device:d{n}", "user:ann", n / 2) for n in range(600)],
        {("device:d0", 0): "user:ann", ("device:d599", 0): "user:ann"},
    ),
    "merges of four anonymous ids, in any order": Story(
        "Mixpanel, $merge: B with C, C with D, A with C",
        [edge(f"device:{one}", "device:c", day, "claimed") for day, one in enumerate("bda")],
        {(f"device:{name}", 0): "device:a" for name in "abcd"},
    ),
    "the server knows the user before any device does": Story(
        "Mixpanel docs, simplified id merge: server-side events with the user id alone",
        [edge("user:ann", None, 0), edge("device:d1", None, 1), edge("device:d1", "user:ann", 2)],
        {("user:ann", 0): "user:ann", ("device:d1", 1): "user:ann"},
    ),
    "a new device id after the logout, and a login again": Story(
        "Mixpanel docs, simplified id merge: reset, anonymous events, and the same user again",
        [edge("device:d1", "user:ann", 1), edge("device:d2", None, 3), edge("device:d2", "user:ann", 4)],
        {("device:d1", 9): "user:ann", ("device:d2", 3): "user:ann"},
    ),
    "an app is used anonymously before its user signs in": Story(
        "Snowplow Identities docs, merges",
        [edge("cookie:c1", "user:alice", 1), edge("app:p1", None, 2), edge("app:p1", "user:alice", 3)],
        {("cookie:c1", 0): "user:alice", ("app:p1", 2): "user:alice"},
    ),
    "a colleague signs in on the phone": Story(
        "Snowplow Identities docs, unique identifiers and merge conflicts",
        [
            edge("cookie:c1", "user:alice", 1), edge("app:p1", "user:alice", 2), edge("app:p1", "user:bob", 5),
            edge("app:p1", "user:alice", 6),
        ],
        {("cookie:c1", 5): "user:alice", ("app:p1", 4): "user:alice", ("app:p1", 5): "user:bob",
         ("app:p1", 7): "user:alice"},
    ),
    "a computer in a library": Story(
        "Snowplow docs, identity stitching: a public device can have no owner",
        [edge("cookie:library", None, day) for day in range(9)],
        {("cookie:library", 4): "cookie:library"},
    ),
    "support signs in as the customer": Story(
        "Heap docs, resetIdentity: masquerading",
        [*logins("visitor:desk", "jane", "john", "jane"), edge("visitor:home", "user:john", 1)],
        {("visitor:desk", 1): "user:jane", ("visitor:desk", 2): "user:john", ("visitor:desk", 4): "user:jane",
         ("visitor:home", 9): "user:john"},
    ),
    "ten visitors with one confirmed address": Story(
        "Heap community, merge users with the same e-mail address",
        [edge(f"visitor:v{n}", "email:m1", n, "email_validated") for n in range(10)],
        {(f"visitor:v{n}", 0): "email:m1" for n in range(10)},
    ),
    "one wrong identify call": Story(
        "a reader of Heap's announcement: one erroneous call merges two users for ever",
        [
            edge("visitor:a", "user:ann", 1), edge("visitor:a2", "user:ann", 1), edge("visitor:b", "user:bob", 1),
            edge("visitor:a", "user:bob", 3), edge("visitor:a", "user:ann", 3.1),
        ],
        {("visitor:a", 2): "user:ann", ("visitor:a", 4): "user:ann", ("visitor:a2", 3): "user:ann",
         ("visitor:b", 3): "user:bob"},
    ),
    "two customers on one browser": Story(
        "Adobe docs, identity graph linking rules: shared device",
        [edge("ecid:111", "user:tom", 1), edge("ecid:111", "user:summer", 2), edge("idfa:a-1", "user:tom", 0)],
        {("ecid:111", 1): "user:tom", ("ecid:111", 3): "user:summer", ("idfa:a-1", 9): "user:tom"},
    ),
    "two customers with one address": Story(
        "Adobe docs, identity graph linking rules: an address that is not unique",
        [
            edge("user:jane", "email:family", 1, "email_validated"), edge("ecid:1", "user:jane", 1),
            edge("user:john", "email:family", 2, "email_validated"), edge("ecid:2", "user:john", 2),
        ],
        {("ecid:1", 9): "user:jane", ("ecid:2", 0): "user:john", ("email:family", 9): "user:jane"},
        {"two_unique_ids"},
    ),
    "a second user id with a known address": Story(
        "Segment docs, merge protection: the id of lower priority is dropped",
        [
            edge("user:abc123", "email:jane", 1, "email_validated"),
            edge("user:abc456", "email:jane", 2, "email_validated"),
            edge("anonymous:a456", "user:abc456", 2),
        ],
        {("email:jane", 3): "user:abc123", ("anonymous:a456", 2): "user:abc456"},
        {"two_unique_ids"},
    ),
    "null after a sign-out": Story(
        "Google Analytics docs, User-ID: null is sent once the user has signed out",
        [edge("client:1", "user:ann", 1), edge("client:1", "user:null", 2), edge("client:2", "user:null", 3)],
        {("client:1", 3): "user:ann", ("client:2", 3): "client:2"},
        {"blocked_value"},
    ),
    "one merge call with an address and a number": Story(
        "RudderStack docs, merge",
        [
            edge("user:alex", "email:alex", 1, "claimed"), edge("user:alex", "phone:0146", 1, "claimed"),
            edge("visitor:v1", "phone:0146", 0, "claimed"),
        ],
        {("email:alex", 2): "user:alex", ("visitor:v1", 0): "user:alex"},
    ),
    "the cart ties the page to the server": Story(
        "RudderStack docs, id stitching for Shopify: the cart token",
        [
            edge("visitor:v1", "cart:c1", 1), edge("cart:c1", "user:ann", 2), edge("visitor:v2", "cart:c2", 1),
            edge("cart:c2", "email:guest1", 2, "email_unvalidated"),
        ],
        {("visitor:v1", 0): "user:ann", ("visitor:v2", 0): "email:guest1"},
    ),
}  # fmt: skip
