"""What is taken out of texts and URLs, and what only looks like it and stays: two tables, and hostile texts."""

import csv
import time
from pathlib import Path

import pytest

from attribution_campaign_context.personal_kinds import KINDS, kind_of_key, kind_of_parameter, plain_name
from attribution_campaign_context.personal_text import kind_in, kind_of_value, marked, scrub_text
from attribution_campaign_context.scrub import kinds_in_url, scrub_url

_HERE = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TEXTS, URLS = _rows("kept_texts.csv"), _rows("kept_urls.csv")


def test_texts_are_kept_as_the_table_says() -> None:
    wrong = {}
    for row in TEXTS:
        expected = row["kept"] or row["text"]
        found = scrub_text(row["text"], row["key"])
        if found != expected or scrub_text(found, row["key"]) != found:
            wrong[row["text"]] = found
        assert (kind_in(row["text"], row["key"]) is not None) == bool(row["kept"])
        assert bool(marked(row["text"], row["key"])[1]) == bool(row["kept"])
    assert wrong == {}
    assert len(TEXTS) + len(URLS) >= 150


def test_urls_are_kept_as_the_table_says() -> None:
    wrong = {}
    for row in URLS:
        expected = row["kept"] or row["url"]
        found = scrub_url(row["url"])
        if found != expected or scrub_url(found) != found or bool(kinds_in_url(row["url"])) != bool(row["kept"]):
            wrong[row["url"]] = found
    assert wrong == {}


@pytest.mark.parametrize("around", ["{}", "before {} after", "({})", '"{}"', "{}, {}", "\n{}\t", "«{}»"])
def test_the_words_around_a_piece_change_nothing(around: str) -> None:
    for piece in ("ann@corp.example", "+49 170 1234567", "203.0.113.9", "2001:db8::7", "4111 1111 1111 1111"):
        found = scrub_text(around.format(piece, piece))
        assert piece not in found
        assert found in {around.format(kind.mark, kind.mark) for kind in KINDS.values()}


KEYS = {
    "email": "email EMAIL user_email contactEmail e-mail mail emailAddress",
    "phone": "phone phone_number billingPhone mobile fax msisdn tel",
    "ip": "ip IP clientIp client_ip ip_address ipAddress remote_addr X-Forwarded-For userIP",
    "card": "card_number cardNumber iban cvc credit_card",
    "secret": "password passwd access_token apiKey newPassword client_secret authorization",
    "name": "name q first_name lastName fullName customer_name username birth_date search_query",
    "address": "address street billing_address shippingAddress address_line_1 streetAddress",
}


@pytest.mark.parametrize("kind", KEYS)
def test_names_of_fields_say_what_they_hold(kind: str) -> None:
    assert {name: kind_of_key(name) for name in KEYS[kind].split()} == dict.fromkeys(KEYS[kind].split(), kind)
    assert {kind_of_parameter(name) for name in KEYS[kind].split()} == {kind}


def test_other_names_say_nothing() -> None:
    names = """
        product_name campaign_name event_name hostname filename tooltip zip shipping ship keyword title color size sku
        order_id plan iphone headphones company_name city page source medium value quantity passenger tokens addressee
    """
    assert [name for name in names.split() if kind_of_key(name)] == []
    assert [name for name in names.split() if kind_of_parameter(name)] == []
    assert kind_of_key("n" * 100) is None
    assert kind_of_key("n" * 100 + "_password") == "secret"
    assert (kind_of_value("note", "ann@corp.example"), kind_of_value("phone", "7")) == ("email", "phone")
    assert plain_name("First%2DName") == "firstname"


HOSTILE = [
    "a", "a@", "1.", "a:", "%40", "%25", "&#64;", "4111 ", "+4", "+1 ", "tel 1", "ey", "eyJ", "DE89 ", "sk-", '"a"@',
    "a@b.", "(", "1 ", "bearer 1", "\\u0040", "&amp;", "f", "AKIA", "SG.", "v1.", '"', "a@a", "é", "call me at ",
    "phone to ", "%2525", "-----BEGIN PRIVATE KEY-----", "x@y.z ", "192.0.2.7 ", "::1 ", "A1", '\\"', "1-", "@", "a.b",
]  # fmt: skip


def _cost(piece: str, length: int) -> float:
    text = (piece * length)[:length]
    began = time.thread_time()
    scrub_text(text)
    scrub_url(f"/?x={text}")
    return time.thread_time() - began


def test_the_cost_grows_with_the_text_and_with_nothing_else() -> None:
    """A quadratic pattern would take minutes for one of them."""
    assert [piece for piece in HOSTILE if _cost(piece, 131_072) > 5] == []
    assert [piece for piece in ("a@a", "%40", "&#64;", "DE89 ", "sk-") if _cost(piece, 1_000_000) > 30] == []
