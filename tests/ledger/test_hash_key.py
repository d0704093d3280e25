"""The key of stored hashes: what it does to a text, and where it comes from."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import HomeError, UsageError
from touchline.ledger import hash_key
from touchline.ledger.hash_key import HashKey, given_key, key_of, new_value
from touchline.placeholders import names_somebody

KEY, OTHER = HashKey(bytes(32)), HashKey(bytes([1]) * 32)
ANN = sha256(b"ann@corp.example").hexdigest()
NOTHING = sha256(b"").hexdigest()
DIGESTS = st.binary(max_size=8).map(lambda said: sha256(b"x" + said).hexdigest())
TEXTS = st.lists(st.one_of(st.text(max_size=6), DIGESTS, DIGESTS.map(str.upper)), max_size=6).map("".join)


@given(TEXTS)
def test_keyed_again_changes_nothing_and_no_hash_is_left(text: str) -> None:
    kept = KEY.keyed(text)
    assert KEY.keyed(kept) == kept
    assert [digest for digest in hash_key._DIGEST.findall(kept) if names_somebody(digest)] == []


@given(st.sets(st.one_of(TEXTS, DIGESTS), max_size=9))
def test_different_texts_stay_different(texts: set[str]) -> None:
    assert len({KEY.keyed(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (ANN, 2), (f"m:{ANN}", 2), (f"user_{ANN}", 2), (f'"{ANN}","{ANN}"', 3),
        (f"https://a.example/?to=https%3A%2F%2Fb.example%2F%3Fof%3D{ANN}%26x", 2), (f"%2520{ANN}", 2),
        (f"%25253d{ANN}", 2), (f"\\u003d{ANN}", 2), (f"\\\\u003D{ANN}", 2), (f"\\x20{ANN}", 2), (f"%3{ANN}", 1),
        (ANN + "0", 1), (ANN[1:], 1), (NOTHING, 1), ("0" * 64, 1), (f"k1_00000000_{'a' * 48}", 1),
    ],
)  # fmt: skip
def test_what_is_a_hash(text: str, parts: int) -> None:
    assert len(KEY.keyed(text).split(KEY.keyed(ANN))) == parts
    assert (KEY.keyed(text) == text) == (parts == 1)


def test_the_form_is_one_word_that_says_its_key() -> None:
    kept = KEY.keyed(ANN)
    assert (len(kept), kept.replace("_", "").isalnum(), kept) == (60, True, KEY.keyed_digest(ANN))
    assert kept != OTHER.keyed(ANN)
    assert (KEY.foreign_in(f"u:{kept}"), OTHER.foreign_in(f"u:{kept}")) == (None, KEY.key_id)
    assert KEY.hexadecimal not in kept


def test_the_key_of_the_environment_is_not_in_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (given_key(), new_value(KEY)) == (None, KEY.hexadecimal)
    assert key_of(KEY.hexadecimal).key_id == KEY.key_id
    (tmp_path / "key").write_text(f"{OTHER.hexadecimal}\n")
    monkeypatch.setenv(hash_key.FILE_VARIABLE, str(tmp_path / "key"))
    value = new_value(KEY)
    assert OTHER.hexadecimal not in value
    assert (key_of(value).keyed(ANN), hash_key.is_inside(value)) == (OTHER.keyed(ANN), False)
    with pytest.raises(HomeError, match=f"the key {KEY.key_id}.* gives {OTHER.key_id}"):
        key_of(KEY.hexadecimal)
    monkeypatch.delenv(hash_key.FILE_VARIABLE)
    with pytest.raises(HomeError, match=f"{OTHER.key_id} of this ledger's hashes is not in the ledger"):
        key_of(value)
    monkeypatch.setenv(hash_key.VARIABLE, OTHER.hexadecimal.upper())
    assert key_of(value).key_id == key_of(OTHER.hexadecimal).key_id == OTHER.key_id


@pytest.mark.parametrize("said", ["secret", "0" * 63, "g" * 64, "0" * 65])
def test_what_is_no_key_is_refused_and_not_shown(said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="64 hexadecimal digits") as refused:
        given_key({hash_key.VARIABLE: said})
    assert said not in str(refused.value)
    with pytest.raises(UsageError, match="cannot be read"):
        given_key({hash_key.FILE_VARIABLE: str(tmp_path / "none")})
