"""What a landing says: each rule of ``parsing`` by example, and the laws by property."""

import doctest
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context import CLICK_ID_KEYS, CLICK_IDS, UTM_KEYS, parse_landing, parsing, registry

VALUES = st.text("abcXYZ019-_.", min_size=1, max_size=20).filter(lambda v: v.lower() not in parsing.PLACEHOLDERS)


@pytest.mark.parametrize("module", [parsing, registry])
def test_the_examples_run(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


def test_the_public_sets_are_exact() -> None:
    assert len(UTM_KEYS) == 6
    assert len(CLICK_ID_KEYS) == 7
    assert CLICK_IDS.keys() >= CLICK_ID_KEYS
    assert [name for name in CLICK_IDS if name != name.lower().strip() or not name] == []


@pytest.mark.parametrize(
    ("name", "kind", "is_paid"),
    [
        ("gclid", "ad", True), ("gad_campaignid", "ad", True), ("irclickid", "affiliate", True),
        ("mc_cid", "email", False), ("srsltid", "organic", False), ("ysclid", "organic", False),
        ("fbclid", "ambiguous", False), ("epik", "ambiguous", False),
    ],
)  # fmt: skip
def test_what_a_click_id_proves(name: str, kind: str, is_paid: bool) -> None:
    assert (CLICK_IDS[name].kind, CLICK_IDS[name].is_paid) == (kind, is_paid)


@pytest.mark.parametrize(
    ("url", "utm"),
    [
        ("https://a.com/?utm_source=Google&UTM_MEDIUM=CPC&utm_campaign=Spring+Sale", "google cpc Spring_Sale"),
        ("https://a.com/#utm_source=x", "x"),
        ("https://a.com/#?utm_source=x", "x"),
        ("https://a.com/#/route?utm_source=x", "x"),
        ("https://a.com/?utm_source=q#utm_source=f", "q"),
        ("https://a.com/?utm_source=q#utm_source=", "q"),
        ("https://a.com/?utm_source=q#utm_source={x}", "q"),
        ("/relative?utm_source=x", "x"),
        ("a.com/page?utm_source=x", "x"),
        ("https://a.com/?utm_source=&utm_source=null&utm_source=first&utm_source=second", "first"),
        ("https://a.com/?a=1&amp;utm_source=x", "x"),
        ("https://a.com/?utm%5Fsource=x", "x"),
        ("https://a.com/?utm_source=caf%E9", "caf\N{REPLACEMENT CHARACTER}"),
        ("https://a.com/?utm_source=%20x%20", "x"),
        ("https://a.com/?utm_source=a%3Db%26c", "a=b&c"),
        ("https://a.com/?xutm_source=x", ""),
    ],
)
def test_utm_values(url: str, utm: str) -> None:
    assert " ".join(value.replace(" ", "_") for value in parse_landing(url).utm.values()) == utm


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("utm_source={source}", "template"), ("utm_source=%7B%7Bcampaign.name%7D%7D", "template"),
        ("utm_source=%257Bkeyword%257D", "template"), ("utm_source=[%25x%25]", "template"),
        ("utm_source=__CAMPAIGN_NAME__", "template"), ("utm_source=*|LIST|*", "template"),
        ("utm_source=(not%20set)", "placeholder"), ("utm_source=NULL", "placeholder"),
        ("utm_source=undefined", "placeholder"), ("utm_source=None", "placeholder"),
        ("utm_source=n/a", "placeholder"), ("utm_source=Unknown", "placeholder"),
        ("utm_source=a%00b", "control_character"), ("utm_source=a%0Ab", "control_character"),
        ("utm_source=" + "x" * 257, "too_long"), ("gclid=" + "x" * 513, "too_long"),
        ("gclid={gclid}", "template"), ("gclid=%E9", "bad_encoding"), ("gclid=null", "placeholder"),
    ],
)  # fmt: skip
def test_refused_values_have_a_reason(query: str, reason: str) -> None:
    landing = parse_landing("https://a.com/?" + query)
    assert landing.refused == {query.partition("=")[0]: reason}
    assert not landing.utm
    assert not landing.click_ids


def test_a_refused_value_followed_by_a_valid_one_is_not_refused() -> None:
    landing = parse_landing("https://a.com/?gclid={gclid}&gclid=A1B115")
    assert landing.click_ids == {"gclid": "A1B115"}
    assert landing.refused == {}


def test_click_ids_keep_every_byte() -> None:
    value = "Cj0KCQjw-" + "aB3_" * 120 + "+/="
    landing = parse_landing(f"https://a.com/?GCLID={value}&ScCid=Q&ranSiteID=r.X")
    assert landing.click_ids == {"gclid": value, "sccid": "Q", "ransiteid": "r.X"}


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("utm_id=u&gad_campaignid=7&campaign_id=8", ("7", None, None)),
        ("campaign_id=8&utm_id=u", ("u", None, None)),
        ("CampaignID=8&adgroupid=9&creative=10", ("8", "9", "10")),
        ("campaign_id={campaignid}&adset_id=5&ad_id=6", (None, "5", "6")),
    ],
)
def test_platform_ids(query: str, refs: tuple[str | None, ...]) -> None:
    landing = parse_landing("https://a.com/?" + query)
    assert (landing.campaign_ref, landing.adset_ref, landing.ad_ref) == refs


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://WWW.Google.com:443/search?q=x", "google.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://user:secret@m.facebook.com/", "m.facebook.com"),
        ("https://x.com/i/grok", "grok.x.com"), ("https://www.X.com/I/Grok/share/1?x=2", "grok.x.com"),
        ("https://x.com/i/groker", "x.com"), ("https://x.com/", "x.com"), ("https://a.x.com/i/grok", "a.x.com"),
        ("https://example.com./", "example.com"),
        ("//cdn.example.com/x", "cdn.example.com"),
        ("www.example.com/page", "example.com"),
        ("https://www.com/", "www.com"),
        ("http://[::1]:3000/", "::1"),
        ("http://localhost:3000/", "localhost"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("", None), ("about:blank", None), ("$direct", None), ("/path", None), ("https://", None),
        ("https://a b.com/", None), ("https://exa\x00mple.com/", None), ("https://a..b/", None), ("http://a:x/", None),
    ],
)  # fmt: skip
def test_referrer_host(referrer: str, host: str | None) -> None:
    assert parse_landing(None, referrer).referrer_host == host


def test_host_and_path_of_the_page() -> None:
    landing = parse_landing("https://www.shop.example:8443/a/b?size=1")
    assert (landing.host, landing.path, landing.utm, landing.refused) == ("shop.example", "/a/b", {}, {})


@given(st.text(), st.text())
def test_never_raises(url: str, referrer: str) -> None:
    for landing in (parse_landing(url, referrer), parse_landing("https://a.com/?" + url + "#" + referrer)):
        assert landing.utm.keys() <= UTM_KEYS
        assert landing.click_ids.keys() <= CLICK_IDS.keys()


@given(
    st.lists(st.sampled_from(["utm_source", "gclid", "%", "=", "&", "#", "?", "+", ";", "[", "@", ":", "//", "\ud800"]))
)
def test_never_raises_on_broken_urls(parts: list[str]) -> None:
    landing = parse_landing("https:" + "".join(parts))
    values = [*landing.utm.values(), *landing.click_ids.values()]
    assert [value for value in values if value != value.encode(errors="replace").decode()] == []


@given(st.sampled_from(sorted(UTM_KEYS | CLICK_IDS.keys())), VALUES, st.randoms())
def test_keys_have_no_case(name: str, value: str, random: object) -> None:
    mixed = "".join(c.upper() if random.random() < 0.5 else c for c in name)  # type: ignore[attr-defined]
    assert parse_landing(f"https://a.com/?{mixed}={value}") == parse_landing(f"https://a.com/?{name}={value}")


@given(st.sampled_from(sorted(CLICK_IDS)), VALUES)
def test_click_id_values_come_through_unchanged(name: str, value: str) -> None:
    landing = parse_landing(f"https://a.com/?{name}={value}")
    assert landing.click_ids == ({name: value} if not parsing.checked_value(name, value)[1] else {})


@given(st.dictionaries(st.sampled_from(sorted(UTM_KEYS)), VALUES))
def test_foreign_parameters_change_nothing(values: dict[str, str]) -> None:
    pairs = [f"{name}={value}" for name, value in values.items()]
    with_others = "&".join(["size=1", *pairs, "color=%F0", "x"])
    assert parse_landing("https://a.com/?" + with_others).utm == parse_landing("https://a.com/?" + "&".join(pairs)).utm


def test_importing_the_package_imports_no_pydantic() -> None:
    code = "import sys, attribution_campaign_context; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
