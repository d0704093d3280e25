"""A row of claims: which ids make which pairs, up to what length, and what an erasure says about them."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from touchline.errors import InputError
from touchline.ingest import Claim, Reason, Rejection, names_erased
from touchline.ingest.claims import COLUMNS, claims_of, read_claims, value_of
from touchline.ingest.erased import entry_of

HASH = "ab" * 32
PAIR = Claim("v:shop:ada", "u:42", 1_000)
SECOND = 1_000_000


def only(row: dict[str, object], site_id: str | None = "shop") -> Claim:
    found = claims_of(row, site_id)
    assert isinstance(found, list)
    (claim,) = found
    return claim


def reason(row: dict[str, object], site_id: str | None = "shop") -> tuple[Reason, str | None]:
    found = claims_of(row, site_id)
    assert isinstance(found, Rejection)
    return found.reason, found.field


@pytest.mark.parametrize(("field", "most"), [("visitor_id", 128), ("user_id", 256)])
def test_an_id_may_be_as_long_as_an_events(field: str, most: int) -> None:
    other = "user_id" if field == "visitor_id" else "visitor_id"
    assert isinstance(claims_of({field: "xy" * (most // 2), other: "1"}, "shop"), list)
    for name in (field, f"linked_{field}"):
        assert reason({name: "x" * (most + 1), other: "1"}) == (Reason.TOO_LONG, name)


@pytest.mark.parametrize("digest", ["ab" * 31, "ab" * 31 + "a", "gh" * 32, "ab" * 31 + "a\n"])
def test_an_address_is_named_by_its_whole_digest(digest: str) -> None:
    assert reason({"email_hash": digest, "user_id": "1"})[0] is Reason.WRONG_TYPE
    assert reason({"email_hash": "ab" * 33, "user_id": "1"}) == (Reason.TOO_LONG, "email_hash")


def test_visitors_stand_before_users_before_addresses_whatever_the_columns_order() -> None:
    row: dict[str, object] = {
        "linked_email_hash": HASH.upper(), "linked_user_id": "9", "user_id": "8", "visitor_id": "z",
        "linked_visitor_id": "a",
    }  # fmt: skip
    expected = ["v:shop:z", "u:8", "u:9", f"m:{HASH}"]
    assert claims_of(row, "shop") == [Claim("v:shop:a", other, None) for other in expected]
    assert claims_of(dict(reversed(row.items())), "shop") == claims_of(row, "shop")


def test_an_id_that_is_empty_or_named_twice_counts_once() -> None:
    row: dict[str, object] = {"visitor_id": " ada ", "linked_visitor_id": "ada", "user_id": "", "linked_user_id": None}
    assert reason(row) == (Reason.MISSING_FIELD, "visitor_id")
    assert claims_of({**row, "user_id": 42}, "shop") == [Claim("v:shop:ada", "u:42", None)]


def test_a_time_without_a_zone_is_utc_and_one_with_a_zone_is_moved() -> None:
    def at(value: object) -> int | None:
        return only({"user_id": "1", "linked_user_id": "2", "claimed_at": value}, None).claimed_at

    expected = 1_767_323_045_000_000
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    plus_two = moment.astimezone(timezone(timedelta(hours=2)))
    said = ["2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00", moment, moment.replace(tzinfo=None), plus_two]
    assert [at(value) for value in said] == [expected] * len(said)
    assert [at(value) for value in (None, "", " ")] == [None] * 3


@pytest.mark.parametrize("identifier", ["v:shop:ada", "u:42"])
@pytest.mark.parametrize(("until", "is_erased"), [(999, False), (1_000, True), (1_001, True)])
def test_either_end_of_a_claim_can_be_somebody_erased(identifier: str, until: int, is_erased: bool) -> None:
    erased = {entry_of("acme", identifier, str): until}
    assert names_erased(PAIR, "acme", erased, str) == is_erased
    assert names_erased(PAIR._replace(claimed_at=None), "acme", erased, str)
    assert not names_erased(PAIR, "other", erased, str)


def test_the_later_erasure_of_the_two_ends_decides() -> None:
    ends = [entry_of("acme", identifier, str) for identifier in PAIR[:2]]
    assert names_erased(PAIR, "acme", dict(zip(ends, (1, 1_000), strict=True)), str)
    assert names_erased(PAIR, "acme", dict(zip(ends, (1_000, 1), strict=True)), str)
    assert not names_erased(PAIR, "acme", dict(zip(ends, (1, 2), strict=True)), str)
    assert not names_erased(PAIR._replace(claimed_at=None), "acme", {}, str)


def test_an_identifier_keeps_the_colons_of_its_id() -> None:
    claim = only({"visitor_id": "a:b:c", "user_id": "x:y"})
    assert [value_of(identifier) for identifier in claim[:2]] == ["a:b:c", "x:y"]


def test_a_file_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("user_id,user_id\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="'user_id' twice"):
        list(read_claims(file, site_id=None))
    file.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    assert list(read_claims(file, site_id=None)) == []


def test_bytes_are_the_id_that_events_make_of_them() -> None:
    """Some writers of Parquet say of no text that it is text."""
    assert only({"user_id": b"42", "visitor_id": b"ada"}) == Claim("v:shop:ada", "u:42", None)
    assert reason({"user_id": b"\xff", "visitor_id": "ada"}) == (Reason.MALFORMED, "user_id")


@pytest.mark.parametrize(
    "said",
    ["0001-01-01", "1999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2062-01-01", datetime(9999, 12, 31)],  # noqa: DTZ001
)
def test_a_claim_of_a_time_far_off_is_refused(said: object) -> None:
    received_at = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
    found = claims_of({"user_id": "42", "visitor_id": "ada", "claimed_at": said}, "shop", received_at)
    assert isinstance(found, Rejection)
    assert (found.reason, found.field) == (Reason.OUT_OF_RANGE, "claimed_at")


def test_a_claim_may_be_of_up_to_a_day_after_it_came_and_withdrawn_at_any_time() -> None:
    received_at = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
    row: dict[str, object] = {"user_id": "42", "visitor_id": "ada", "claimed_at": "2026-03-03T00:00:00Z"}
    assert isinstance(claims_of(row, "shop", received_at), list)
    assert isinstance(claims_of(row, "shop", received_at - 1), Rejection)
    assert only({**row, "claimed_at": "9999-12-31"}).claimed_at is not None
