"""The tables of facts are in good order, and hosts are looked up by their labels."""

import re
from collections import defaultdict
from importlib.resources import files

from hypothesis import assume, given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from touchline.channels.hosts import brand_domain, names_of
from touchline.channels.reference import platform_rows, source_rows
from touchline.channels.sources import UNKNOWN, Source, is_google, source_of_host, source_of_word
from touchline.detours import payment_hosts
from touchline.domains import registrable_domain


def test_keys_are_unique_lower_case_and_sorted() -> None:
    keys = [key for key, _, _ in source_rows()]
    assert keys == [key.casefold().strip() for key in keys]
    assert len(keys) == len(set(keys))
    assert [",".join(row) for row in source_rows()] == sorted(",".join(row) for row in source_rows())


def test_hosts_are_hosts_without_www() -> None:
    for key, _, _ in source_rows():
        if "." in key:
            assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.([a-z0-9-]+|\*)", key), key
            assert not key.startswith("www."), key


def test_a_name_that_stands_for_several_categories_has_a_row_that_decides() -> None:
    categories = defaultdict(set)
    keys = {key for key, _, _ in source_rows()}
    for _, category, name in source_rows():
        categories[name.casefold()].add(category)
    assert {name for name, found in categories.items() if len(found) > 1} <= keys


def test_one_spelling_per_name() -> None:
    spellings = defaultdict(set)
    for _, _, name in source_rows():
        spellings[name.casefold()].add(name)
    assert [found for found in spellings.values() if len(found) > 1] == []


def test_no_row_says_what_its_parent_already_says() -> None:
    known = {key: (category, name) for key, category, name in source_rows()}
    for key, *fact in source_rows():
        if "." in key and "*" not in key:
            parents = [known[name] for name in names_of(key) if name in known and name != key]
            assert not parents or parents[0] != tuple(fact), key


def test_platforms_name_one_platform_per_source() -> None:
    sold = [name for _, name, sells_ads in platform_rows() if sells_ads == "yes"]
    assert len(sold) == len(set(sold))


def test_sign_in_hosts_are_in_order_and_none_is_a_source_as_a_whole() -> None:
    hosts = (files("touchline") / "data" / "sign_in_hosts.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert hosts == sorted(set(hosts))
    assert {"google.com", "apple.com", "microsoft.com", "live.com", "facebook.com"}.isdisjoint(hosts)
    assert {"accounts.google.com", "appleid.apple.com", "login.microsoftonline.com", "okta.com"} <= set(hosts)


def test_payment_hosts_are_registrable_domains_in_order() -> None:
    domains = (files("touchline") / "data" / "payment_hosts.csv").read_text(encoding="utf-8").splitlines()[1:]
    suffixes = PublicSuffixList()
    assert domains == sorted(set(domains))
    assert [domain for domain in domains if suffixes.privatesuffix(domain) != domain] == []
    assert {"paypal.com", "stripe.com", "klarna.com", "adyen.com", "shop.app"} <= payment_hosts()


_KNOWN = {key: Source(category, name) for key, category, name in source_rows()}
_HOSTS = st.lists(st.sampled_from(["www", "mail", "google", "x", "t", "co", "uk", "com", "evil", "bing"]), max_size=5)


@given(_HOSTS.map(".".join) | st.sampled_from(sorted(_KNOWN)) | st.text(max_size=300))
def test_a_host_is_the_source_of_its_longest_end_that_is_listed(host: str) -> None:
    labels = host.split(".")
    assume(not any(f"{label}.*" in _KNOWN or "mail" in label for label in labels))
    ends = [".".join(labels[start:]) for start in range(len(labels))]
    listed = [_KNOWN[end] for end in ends if end in _KNOWN and ("." in end or end == host)]
    assert source_of_host(host) == (listed or [UNKNOWN])[0]


@given(st.text(max_size=300))
def test_what_nobody_listed_is_unknown_and_no_google(text: str) -> None:
    nobody = f"{text.lower()}-of-nobody.example"
    assert source_of_host(nobody) == source_of_word(nobody)[0] == UNKNOWN
    assert not is_google(nobody)
    assert registrable_domain(text) in text.casefold()


def test_a_very_long_host_is_unknown_and_costs_little() -> None:
    assert source_of_host("a." * 100_000 + "google.com").name == ""
    assert not is_google("a." * 100_000 + "google.com")
    assert source_of_word("a." * 100_000 + "google.com")[0].name == ""


def test_words_that_only_look_like_ads() -> None:
    assert source_of_word("threads") == (source_of_host("threads.net"), False)
    assert source_of_word("leads")[0].name == ""
    assert source_of_word("acme-ads") == (source_of_host("nobody.example"), False)
    assert source_of_word("facebook_ads") == (source_of_host("facebook.com"), True)


def test_brand_domain_of_what_is_no_host() -> None:
    assert [brand_domain(host) for host in ("", "localhost", "com", "co.uk", "google.nosuchsuffix")] == [""] * 5
