"""``detours.csv`` says which referrers only give visitors back, by host, by what the host is called, or by path."""

import csv
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from attribution_campaign_context.parsing import parse_landing
from touchline.channels.classify import classify
from touchline.channels.reference import source_rows
from touchline.channels.sources import source_of_host
from touchline.data_rows import data_rows
from touchline.detours import detour_kind, detour_patterns, detours, like_patterns, payment_hosts, sign_in_hosts
from touchline.domains import registrable_domain

ROWS = list(csv.DictReader((Path(__file__).parent / "detours.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["referrer"])
def test_a_referrer_is_a_detour_as_its_row_says(row: dict[str, str]) -> None:
    host = parse_landing(None, row["referrer"]).referrer_host
    assert host is not None
    assert (detour_kind(host) or "") == row["kind"]
    answer = classify("https://shop.example.com/", row["referrer"])
    assert (answer.channel == "Direct") == bool(row["kind"]), answer.reason
    dropped = f"detour:{row['kind']}:{host}"
    assert (answer.reason == dropped) == (dropped in answer.ignored) == bool(row["kind"])


def test_sql_tells_detours_by_their_patterns_as_the_function_does() -> None:
    """Every engine has ``like`` for the signs of these patterns."""
    hosts = sorted({parse_landing(None, row["referrer"]).referrer_host or "" for row in ROWS})
    domains = [registrable_domain(host) for host in hosts]
    names = pa.table({"host": hosts, "domain": domains})  # noqa: F841 - DuckDB reads it by its name
    patterns = pa.Table.from_pylist([dict(row) for row in like_patterns()])  # noqa: F841 - likewise
    found = duckdb.execute(
        "select n.host, case when count(*) filter (p.kind = 'none') > 0 then 'none' else min(p.kind) end as kind"
        " from names as n"
        " left join patterns as p on '.' || left(n.host, length(n.host) - length(n.domain)) like p.label"
        " and n.domain like p.domain group by n.host"
    ).fetchall()
    listed = detours()
    told = {}
    for host, kind in found:
        domain = registrable_domain(host)
        by_name = listed.get(host) if host != domain else None
        told[host] = by_name or (None if kind == "none" else listed.get(domain) or kind)
    assert told == {host: detour_kind(host) for host in hosts}


def test_every_row_is_another_and_many_are_real_referrers() -> None:
    assert len({row["referrer"] for row in ROWS}) == len(ROWS) >= 180
    assert sum(not row["kind"] for row in ROWS) >= 30


def test_a_click_id_counts_although_the_visitor_came_back_from_a_detour() -> None:
    answer = classify("https://shop.example.com/?gclid=Cj0abcdef", "https://acs.bank.com/")
    assert (answer.channel, answer.ignored) == ("Paid Search", ("detour:payment:acs.bank.com",))


@pytest.mark.parametrize("path", ["/login", "/oauth/authorize?x=1", "/3ds2/challenge"])
def test_a_site_that_signs_in_or_pays_on_its_own_pages_is_itself(path: str) -> None:
    assert classify("https://shop.example.com/thanks", f"https://www.example.com{path}").reason == "none"
    assert classify("http://127.0.0.1:8000/thanks", f"http://127.0.0.1:8000{path}").reason == "none"


def test_patterns_are_literals_but_for_stars_and_in_words_of_hosts() -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-*")
    assert {row["kind"] for row in data_rows("detour_patterns.csv")} == {"none", "payment", "sign_in"}
    assert len(set(detour_patterns())) == len(detour_patterns())
    for pattern in detour_patterns():
        assert set(pattern.label) <= allowed or pattern.label == ".", pattern
        assert set(pattern.domain) <= allowed | {"."}, pattern
        assert pattern.label or pattern.domain.strip("*."), pattern


def test_every_pattern_matches_a_host_that_there_can_be() -> None:
    """A pattern is held against the registrable domain: ``*.frontegg.com`` would wait in vain."""
    ends = (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8").splitlines()
    hosts = [f"acme.{end.removeprefix('*.')}" for end in ends if end and end.isascii() and end[0] not in "/!"]
    real = {registrable_domain(host) for host in hosts} | {registrable_domain(f"a.{host}") for host in hosts}
    dead = [pattern for pattern in detour_patterns() if not _is_live(pattern.domain, real)]
    assert dead == []
    assert not _is_live("*.frontegg.com", real)


def _is_live(pattern: str, real: set[str]) -> bool:
    if pattern.startswith("*."):
        return any(fnmatchcase(domain, pattern) for domain in real)
    ends = ("com", "de", "pl", "mx", "fr", "jp", "nz", "uy") if pattern.endswith(".*") else ("acme.com",)
    domains = [(pattern[:-1] + end if pattern.endswith("*") else pattern).replace("*", "acme") for end in ends]
    return any(registrable_domain(domain) == domain for domain in domains)


def test_no_pattern_swallows_a_listed_source_but_for_pages_that_sign_in() -> None:
    """A network, a search engine or a mailbox whose own host looked like a payment page would lose all its visits."""
    keys = [key for key, _, _ in source_rows() if "." in key]
    swallowed = {key for key in keys if detour_kind(key.replace("*", "com"))}
    assert {source_of_host(key.replace("*", "com")).category for key in swallowed} <= {"referral", "shopping"}
    assert swallowed <= {
        "accounts.google.*", "login.yahoo.com", "checkout.shopify.com", "shop.app",
    }  # fmt: skip


def test_hosts_are_listed_once() -> None:
    assert sign_in_hosts() & payment_hosts() <= {"cardinalcommerce.com"}
    assert set(detours()) == sign_in_hosts() | payment_hosts()
