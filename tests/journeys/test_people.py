"""Who is who: small worlds whose answers were written by hand."""

from datetime import date

from tests.journeys.journey import journey, order, page, rows, shares
from tests.oracle.world import Tables, at, claim, event


def persons(tables: Tables) -> int:
    return len({row["person_id"] for row in tables["identities"]})


@journey(
    [
        page("ad", "02 10:00", visitor_id="phone", utm_source="google", utm_medium="cpc"),
        event("in1", at("2026-03-02 10:05"), type="IDENTIFY", visitor_id="phone", user_id="ann"),
        page("home", "05 20:00", visitor_id="laptop"),
        event("in2", at("2026-03-05 20:01"), type="IDENTIFY", visitor_id="laptop", user_id="ann"),
        order("buy", "05 20:10", visitor_id="laptop"),
    ]
)
def test_a_login_on_the_second_device_brings_the_first_ones_touch(tables: Tables) -> None:
    assert persons(tables) == 1
    assert shares(tables, "LAST_TOUCH") == {"ad": 1.0}  # the direct visit is no answer while there is another


@journey(
    [
        page("one", "02 10:00", visitor_id="x", user_id="null", utm_source="letter", utm_medium="email"),
        order("buy", "02 11:00", visitor_id="y", user_id="NULL"),
    ]
)
def test_a_user_id_that_names_nobody_joins_nobody(tables: Tables) -> None:
    assert persons(tables) == 2
    assert rows(tables, "identity_edges", "identifier", "linked_identifier", "is_refused") == [
        ("v:s:x", "u:null", True),
        ("v:s:y", "u:NULL", True),
    ]
    assert shares(tables, "LINEAR") == {"": 1.0}


@journey(
    [
        page("ad", "02 10:00", utm_source="facebook", utm_medium="paid_social"),
        event("in", at("2026-03-02 10:02"), type="IDENTIFY", visitor_id="ann", user_id="17"),
        order("buy", "02 10:30", visitor_id=None, user_id="17"),
    ]
)
def test_an_order_from_the_server_belongs_to_the_browser_of_the_same_user(tables: Tables) -> None:
    assert rows(tables, "attribution_links", "touchpoint_id", "channel", model="FIRST_TOUCH") == [
        ("s:ad", "Paid Social")
    ]


@journey([page("one", "02 10:00", visitor_id=None), order("buy", "02 10:01", visitor_id=None)])
def test_events_without_any_id_are_a_person_each(tables: Tables) -> None:
    assert persons(tables) == 2
    assert rows(tables, "health_measures", "numerator", "denominator", measure="no_touch_rate") == [(1, 1)]


@journey(
    [
        page("before", "02 09:00", visitor_id="tablet", utm_source="letter", utm_medium="email"),
        event("in1", at("2026-03-02 10:00"), type="IDENTIFY", visitor_id="tablet", user_id="ann"),
        page("hers", "02 10:05", visitor_id="tablet"),
        event("in2", at("2026-03-02 10:10"), type="IDENTIFY", visitor_id="tablet", user_id="bob"),
        page("his", "03 10:00", visitor_id="tablet", utm_source="google", utm_medium="cpc"),
        order("buy", "03 10:05", visitor_id="tablet", order_id="A"),
        event("in3", at("2026-03-04 10:00"), type="IDENTIFY", visitor_id="tablet", user_id="ann"),
        order("hers too", "04 10:05", visitor_id="tablet", order_id="B"),
    ]
)
def test_a_tablet_belongs_to_each_of_its_users_in_their_own_time(tables: Tables) -> None:
    assert persons(tables) == 2
    ann, bob = (tables["identities"][number]["person_id"] for number in (0, 1))
    assert rows(tables, "identities", "identifier", "period_number", "person_id", "valid_from", "valid_until") == [
        ("u:ann", 0, ann, None, None), ("u:bob", 0, bob, None, None),
        ("v:s:tablet", 0, ann, None, at("2026-03-02 10:10")),
        ("v:s:tablet", 1, bob, at("2026-03-02 10:10"), at("2026-03-04 10:00")),
        ("v:s:tablet", 2, ann, at("2026-03-04 10:00"), None),
    ]  # fmt: skip
    credited = rows(tables, "attribution_links", "conversion_id", "touchpoint_id", model="LAST_TOUCH")
    assert credited == [("s:buy", "s:his"), ("s:hers too", "s:before")]
    assert len({row["session_id"] for row in tables["sessions"]}) == len(tables["sessions"])


PHONE, LAPTOP = "v:s:phone", "v:s:laptop"
AD_AND_ORDER = (
    page("ad", "02 10:00", visitor_id="phone", utm_source="google", utm_medium="cpc"),
    order("buy", "05 20:10", visitor_id="laptop"),
)
CRM = at("2026-03-20 12:00")


@journey(AD_AND_ORDER)
def test_two_visitors_who_never_signed_in_are_two_persons(tables: Tables) -> None:
    assert (persons(tables), shares(tables, "LAST_TOUCH")) == (2, {"": 1.0})


@journey(AD_AND_ORDER, claims=[claim(PHONE, LAPTOP, CRM)])
def test_what_the_crm_claims_joins_two_visitors_who_never_signed_in(tables: Tables) -> None:
    assert (persons(tables), shares(tables, "LAST_TOUCH")) == (1, {"ad": 1.0})
    assert rows(
        tables, "identity_edges", "identifier", "linked_identifier", "reason", "event_count", "claim_count"
    ) == [(LAPTOP, PHONE, "claim", 0, 1)]


@journey(
    AD_AND_ORDER,
    claims=[claim(PHONE, "u:4711", CRM), claim(LAPTOP, "m:hash", CRM), claim("u:4711", "m:hash", CRM, source="login")],
)
def test_claims_join_by_way_of_a_customer_who_was_never_seen_on_the_site(tables: Tables) -> None:
    assert shares(tables, "LAST_TOUCH") == {"ad": 1.0}


@journey(
    AD_AND_ORDER,
    claims=[claim(PHONE, "u:null", CRM), claim(LAPTOP, "u:null", CRM), claim("v:s:undefined", LAPTOP, CRM)],
)
def test_a_claim_that_names_nobody_is_kept_and_not_believed(tables: Tables) -> None:
    assert persons(tables) == 2
    assert {row["reason"] for row in tables["identity_edges"]} == {"blocked_value"}


@journey(
    [
        event("a", at("2026-03-02 10:00"), visitor_id="a", email_hash="m1", is_email_verified=False),
        event("b", at("2026-03-03 10:00"), visitor_id="b", email_hash="m1", is_email_verified=False),
        event("B", at("2026-03-04 10:00"), visitor_id="b", email_hash="m1", is_email_verified=True, is_verified=False),
        event("c", at("2026-03-05 10:00"), visitor_id="c", user_id="ann"),
        event("d", at("2026-03-05 10:00"), visitor_id="d", user_id="null"),
    ],
    claims=[
        claim("v:s:a", "m:m1", CRM, source="shop"), claim("v:s:a", "m:m1", CRM, source="crm"),
        claim("v:s:b", "m:m1", CRM), claim("v:s:c", "m:m2", CRM),
    ],
)  # fmt: skip
def test_a_pair_has_the_best_tier_of_what_says_so_and_its_source(tables: Tables) -> None:
    assert rows(tables, "identity_edges", "identifier", "linked_identifier", "tier", "source") == [
        ("v:s:a", "m:m1", "claimed", "crm"), ("v:s:b", "m:m1", "claimed", "crm"),
        ("v:s:c", "m:m2", "claimed", "crm"), ("v:s:c", "u:ann", "strong_id", "s"),
        ("v:s:d", "u:null", "strong_id", "s"),
    ]  # fmt: skip


NOBODY = [
    "0000-0000",
    "'null'",
    "[User ID]",
    "{{user_id}}",
    "---",
    "xxx",
    "XX-xx",
    "111111",
    "distinct_id",
    "-1",
    "%EMAIL%",
    "a\\a|a",
]
SOMEBODY = ["xx", "1111", "100000", "-2", "nullx", "ÄÄÄ", "aaab", "Ω-1", "0x"]


@journey(
    [page(f"{number}{side}", "02 10:00", visitor_id=f"{number}{side}") for number in range(21) for side in "ab"],
    claims=[
        claim(f"v:s:{number}{side}", f"u:{value}", CRM)
        for number, value in enumerate([*NOBODY, *SOMEBODY])
        for side in "ab"
    ],
)
def test_values_that_name_nobody_are_known_by_their_shape(tables: Tables) -> None:
    refused = {row["linked_identifier"] for row in tables["identity_edges"] if row["is_refused"]}
    assert refused == {f"u:{value}" for value in NOBODY}
    assert persons(tables) == 2 * len(NOBODY) + len(SOMEBODY)


@journey(
    [
        event("old", at("2026-03-02 10:00"), visitor_id="0000-0000", user_id="ann") | {"identifier": "v:s:0000-0000"},
        event("in", at("2026-03-02 10:05"), visitor_id="phone", user_id="ann"),
    ]
)
def test_a_browser_id_that_was_accepted_before_its_shape_was_known_joins_nobody_now(tables: Tables) -> None:
    assert rows(tables, "identity_edges", "identifier", "reason") == [
        ("v:s:0000-0000", "blocked_value"), (PHONE, "same_event"),
    ]  # fmt: skip


@journey(
    [*AD_AND_ORDER, event("in", at("2026-03-02 10:05"), type="IDENTIFY", visitor_id="phone", user_id="ann")],
    claims=[claim(PHONE, "u:ann", CRM), claim(PHONE, "u:ann", at("2026-01-01 00:00"), source="login")],
)
def test_a_pair_that_an_event_and_two_systems_tell_is_one_edge(tables: Tables) -> None:
    assert rows(tables, "identity_edges", "reason", "event_count", "claim_count", "first_seen_at") == [
        ("same_event", 1, 2, at("2026-01-01 00:00"))
    ]


@journey(
    [
        page(f"p{day}-{n}", f"{day:02} 10:{n}", visitor_id=f"b{day}-{n}", user_id="7" if day == 14 else f"{day}-{n}")
        for day in range(2, 15)
        for n in range(10, 20)
    ]
)
def test_a_user_id_that_pages_send_for_everybody_is_a_signal_on_its_first_day(tables: Tables) -> None:
    assert persons(tables) == 12 * 10 + 1
    merged = rows(tables, "health_measures", "period", "numerator", "denominator", measure="merged_browsers_rate")
    assert {day: (part, whole) for day, part, whole in merged} == {
        date(2026, 3, day): (9 if day == 14 else 0, 10) for day in range(2, 15)
    }
    found = rows(tables, "health_signals", "measure", "direction", "period")
    for measure in ("further_browsers_rate", "merged_browsers_rate"):
        assert (measure, "above", date(2026, 3, 14)) in found
