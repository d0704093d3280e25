"""More of what other products' documentation says of persons: guests, forwarded links, bad values, shared numbers."""

from tests.api.test_resolve_identities import edge
from tests.api.vendor_stories import Story, logins
from tests.oracle.who import Seen

UNSURE = "email_unvalidated"


def carts(browser: str, cart: str, day: float) -> Seen:
    """A server says which browser a cart is of."""
    return edge(browser, cart, day, "claimed")


PUBLISHED = {
    "an address as a second name of a user": Story(
        "PostHog docs, alias: identify a user by the address, too",
        [edge("user:ann", "email:a", 1, "claimed"), edge("visitor:v", "email:a", 3, "email_validated")],
        {("visitor:v", 0): "user:ann", ("email:a", 9): "user:ann"},
    ),
    "a server knows the user, a page does later": Story(
        "PostHog docs, identifying users: events of the server bear the id from the beginning",
        [edge("user:ann", None, 0), edge("visitor:v", None, 1), edge("visitor:v", "user:ann", 2)],
        {("visitor:v", 1): "user:ann", ("user:ann", 0): "user:ann"},
    ),
    "rendered on the server, all pages have one anonymous id": Story(
        "PostHog docs, bootstrapping: one distinct id for every visitor",
        [edge("visitor:ssr", f"user:u{n}", n / 50) for n in range(150)],
        {("visitor:ssr", 2): "visitor:ssr", ("user:u0", 1): "user:u0", ("user:u149", 9): "user:u149"},
        {"over_limit"},
    ),
    "a sign-up on a browser where somebody else just signed out": Story(
        "PostHog docs, reset after logout",
        [edge("visitor:v", "user:old", 1), edge("visitor:v", "user:new", 5), edge("phone:p", "user:new", 6)],
        {("visitor:v", 0): "user:old", ("visitor:v", 5): "user:new", ("phone:p", 0): "user:new"},
    ),
    "two customers with one telephone number": Story(
        "Segment docs, identity rules: a limit of one phone number each",
        [
            edge("user:ann", "phone:49", 1), edge("user:bob", "phone:49", 4), edge("visitor:a", "user:ann", 1),
            edge("visitor:b", "user:bob", 1),
        ],
        {("visitor:a", 5): "user:ann", ("visitor:b", 5): "user:bob", ("phone:49", 5): "user:ann"},
        {"two_unique_ids"},
    ),
    "an anonymous id of zeros": Story(
        "Segment docs, blocked values: ^[0-]*$",
        [edge("visitor:00000000-0000-0000-0000-000000000000", f"user:u{n}", n) for n in range(3)],
        {(f"user:u{n}", 5): f"user:u{n}" for n in range(3)},
        {"blocked_value"},
    ),
    "a customer changes the address, and the old one is entered by another": Story(
        "Segment docs, merge protection: an address that was used before",
        [
            edge("user:ann", "email:old", 1, "email_validated"), edge("user:ann", "email:new", 20, "email_validated"),
            edge("user:kim", "email:old", 30, UNSURE), edge("visitor:k", "user:kim", 30),
        ],
        {("email:old", 40): "user:ann", ("email:new", 40): "user:ann", ("visitor:k", 40): "user:kim"},
        {"two_unique_ids"},
    ),
    "a visit, a newsletter, and an order by telephone": Story(
        "RudderStack docs, how profiles work: six months between a visit and an order",
        [
            edge("visitor:laptop", None, 0), edge("visitor:laptop", "email:e", 90, UNSURE),
            edge("visitor:phone", None, 120), edge("visitor:phone", "email:e", 120.1, UNSURE),
        ],
        {("visitor:laptop", 0): "email:e", ("visitor:phone", 120): "email:e"},
    ),
    "the address of the test team": Story(
        "RudderStack docs, ID graph exclusions",
        [edge(f"visitor:v{n}", "email:qa", n, UNSURE) for n in range(4)],
        {(f"visitor:v{n}", 9): f"visitor:v{n}" for n in range(4)},
        {"blocked_value"},
        {"blocked": ["qa"]},
    ),
    "one cookie on three domains": Story(
        "Snowplow discourse, identifying users: network_userid",
        [
            edge("shop:a", "network:n", 1, "claimed"), edge("blog:b", "network:n", 2, "claimed"),
            edge("help:c", "network:n", 3, "claimed"), edge("help:c", "user:ann", 4),
        ],
        {("shop:a", 1): "user:ann", ("blog:b", 2): "user:ann", ("help:c", 3): "user:ann"},
    ),
    "a cookie that expires between two logins": Story(
        "Snowplow docs, user mapping: cookies expire, the user id stays",
        [edge("domain:c1", "user:ann", 1), edge("domain:c2", None, 40), edge("domain:c2", "user:ann", 41)],
        {("domain:c1", 0): "user:ann", ("domain:c2", 40): "user:ann"},
    ),
    "a guest orders, then opens an account": Story(
        "mParticle docs, IDSync: guest checkout and sign-up",
        [
            edge("device:d", "email:g", 1, UNSURE), edge("device:d", "user:gus", 3),
            edge("user:gus", "email:g", 3, "email_validated"),
        ],
        {("device:d", 0): "user:gus", ("email:g", 1): "user:gus"},
    ),
    "a known customer signs out, looks around, and signs in again": Story(
        "mParticle docs, IDSync: the default strategy keeps the known user",
        [edge("device:d", "user:ann", 1), edge("device:d", None, 2), edge("device:d", "user:ann", 3)],
        {("device:d", 2): "user:ann"},
    ),
    "two apps of one vendor on a telephone that changes hands": Story(
        "mParticle docs, IDSync: the device id of a vendor outlives the installation",
        [
            edge("install:i1", "vendor:idfv", 1, "claimed"), edge("install:i1", "user:ann", 1),
            edge("install:i2", "vendor:idfv", 50, "claimed"), edge("install:i2", "user:bob", 50),
        ],
        {
            ("install:i1", 2): "user:ann", ("install:i2", 51): "user:bob", ("vendor:idfv", 2): "user:ann",
            ("vendor:idfv", 51): "user:bob",
        },
    ),
    "a lead by address becomes a customer by number": Story(
        "Customer.io docs, how to identify people: lead, then id",
        [edge("visitor:v", "email:lead", 1, UNSURE), edge("user:7", "email:lead", 9, "email_validated")],
        {("visitor:v", 0): "user:7", ("email:lead", 1): "user:7"},
    ),
    "a link of a message is opened on another device": Story(
        "Customer.io docs, cio_id in links",
        [edge("cio:x", "user:7", 1, "claimed"), edge("visitor:phone", "cio:x", 2, "claimed")],
        {("visitor:phone", 2): "user:7"},
    ),
    "the message is forwarded to a friend who is signed in": Story(
        "Klaviyo community, _kx: a forwarded link identifies the wrong person",
        [
            edge("cio:x", "user:7", 1, "claimed"), edge("visitor:friend", "user:9", 2),
            edge("visitor:friend", "cio:x", 3, "claimed"),
        ],
        {("visitor:friend", 1): "user:9", ("visitor:friend", 2.5): "user:9", ("cio:x", 1): "user:7"},
        {"two_unique_ids"},
    ),
    "customers without a number are all user_null": Story(
        "Adobe docs, troubleshooting linking rules: null CRMID values",
        [edge(f"ecid:e{n}", f"user:{value}", n) for n, value in enumerate(("user_null", "USER_NULL", "crm-undefined"))],
        {(f"ecid:e{n}", 5): f"ecid:e{n}" for n in range(3)},
        {"blocked_value"},
    ),
    "a telephone number that staff enter for everybody": Story(
        "Adobe docs, identity data: default phone numbers collapse a graph",
        [edge(f"user:u{n}", "phone:15550000", n / 9) for n in range(150)],
        {("user:u0", 1): "user:u0", ("user:u149", 99): "user:u149", ("phone:15550000", 9): "phone:15550000"},
        {"over_limit"},
    ),
    "a card of the household": Story(
        "Adobe docs, graph configurations: one loyalty id of two customers",
        [edge("loyalty:55", "user:ann", 1, "claimed"), edge("loyalty:55", "user:bob", 9, "claimed")],
        {("user:ann", 9): "user:ann", ("user:bob", 9): "user:bob", ("loyalty:55", 2): "user:ann"},
    ),
    "an order in the store is of the one who signed in on the web": Story(
        "Adobe docs, graph configurations: a CRM record ties a card to a login",
        [edge("loyalty:1", "user:ann", 1, "claimed"), edge("loyalty:1", None, 0), edge("ecid:e", "user:ann", 5)],
        {("loyalty:1", 0): "user:ann", ("ecid:e", 4): "user:ann"},
    ),
    "a visitor's id is a test value": Story(
        "Tealium docs, visitor stitching guidelines: undefined, unknown, not set",
        [
            edge(f"visitor:v{n}", f"user:{value}", n)
            for n, value in enumerate(("undefined", "unknown", "not set", "unset"))
        ],
        {(f"visitor:v{n}", 9): f"visitor:v{n}" for n in range(4)},
        {"blocked_value"},
    ),
    "two customers of one app, switched by the kit": Story(
        "Tealium docs, visitor switching on a shared device",
        logins("app:a", "ann", "bob", "ann"),
        {("app:a", 1.5): "user:ann", ("app:a", 2.5): "user:bob", ("app:a", 3.5): "user:ann"},
    ),
    "a chain that takes three rounds": Story(
        "Treasure Data docs, ID unification: merge iterations",
        [
            edge("td:c1", "email:a", 1, "email_validated"), edge("td:c2", "email:a", 2, "email_validated"),
            edge("td:c2", "phone:49", 3), edge("td:c3", "phone:49", 4), edge("td:c3", "user:ann", 5),
        ],
        {(f"td:c{n}", 9): "user:ann" for n in (1, 2, 3)},
    ),
    "guests of the shop system": Story(
        "Treasure Data skills, ID stitching: exclude what is no id",
        [edge(f"td:c{n}", f"user:{value}", n) for n, value in enumerate(("guest", "0", "NOT LOGGED IN"))],
        {(f"td:c{n}", 9): f"td:c{n}" for n in range(3)},
        {"blocked_value"},
    ),
    "a cart that is paid for on another device": Story(
        "RudderStack docs, id stitching: cart token of a guest",
        [carts("visitor:a", "cart:t", 1), carts("visitor:b", "cart:t", 1.2), edge("visitor:b", "email:e", 1.3, UNSURE)],
        {("visitor:a", 1): "email:e", ("visitor:b", 1): "email:e"},
    ),
    "a couple orders with one address, each with an account": Story(
        "Salesforce docs, match rules: members of a household share address and number",
        [
            edge("user:ann", "email:home", 1, "email_validated"), edge("user:ann", "phone:1", 1),
            edge("user:bob", "email:home", 2, "email_validated"), edge("user:bob", "phone:1", 2),
            edge("visitor:b", "user:bob", 2),
        ],
        {("user:bob", 3): "user:bob", ("visitor:b", 3): "user:bob", ("email:home", 3): "user:ann"},
        {"two_unique_ids"},
    ),
    "a unique number speaks against an equal address": Story(
        "WSO2 docs, unification rules: a disagreeing unique id blocks a merge",
        [
            edge("visitor:a", "user:1", 1), edge("visitor:a", "email:e", 1, UNSURE), edge("visitor:b", "user:2", 2),
            edge("visitor:b", "email:e", 2, UNSURE),
        ],
        {("visitor:a", 3): "user:1", ("visitor:b", 3): "user:2", ("email:e", 3): "user:1"},
        {"two_unique_ids"},
    ),
    "first and last name of nobody": Story(
        "Mixpanel docs, distinct ids: values of a template that was not filled in",
        [
            edge(f"device:d{n}", f"user:{value}", n)
            for n, value in enumerate(("undefined undefined", "null-null", "id_none"))
        ],
        {(f"device:d{n}", 9): f"device:d{n}" for n in range(3)},
        {"blocked_value"},
    ),
}  # fmt: skip
