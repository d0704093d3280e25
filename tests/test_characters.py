"""Characters that text from outside may have: each class at its first and its last, and one beside."""

import pytest

from touchline.characters import (
    binary_kind,
    cleaned,
    control_in_id,
    encoding_of,
    is_longer,
    is_wide,
    marked,
    storable,
    unstorable,
)

NUL, SURROGATE = "a NUL character", "an unpaired surrogate"


def control(code: int) -> str:
    return f"a control character (U+{code:04X})"


@pytest.mark.parametrize(
    ("code", "of_database", "of_id", "is_kept"),
    [
        (0x00, NUL, NUL, False),
        (0x01, None, control(0x01), False),
        (0x08, None, control(0x08), False),
        (0x09, None, control(0x09), True),
        (0x0A, None, control(0x0A), True),
        (0x0B, None, control(0x0B), False),
        (0x0C, None, control(0x0C), False),
        (0x0D, None, control(0x0D), True),
        (0x0E, None, control(0x0E), False),
        (0x1F, None, control(0x1F), False),
        (0x20, None, None, True),
        (0x7E, None, None, True),
        (0x7F, None, control(0x7F), False),
        (0x80, None, None, True),
        (0xA0, None, None, True),
        (0xD7FF, None, None, True),
        (0xD800, SURROGATE, SURROGATE, False),
        (0xDFFF, SURROGATE, SURROGATE, False),
        (0xE000, None, None, True),
        (0x1F600, None, None, True),
    ],
)
def test_a_character_and_what_is_said_of_it(
    code: int, of_database: str | None, of_id: str | None, is_kept: bool
) -> None:
    text = f"a{chr(code)}b"
    assert (unstorable(text), control_in_id(text)) == (of_database, of_id)
    assert storable(text) == ("a\ufffdb" if of_database else text)
    assert cleaned(text) == (text if is_kept else "a\ufffdb")


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [("é" * 4, 8, False), ("é" * 4, 7, True), ("é" * 4, 3, True), ("eeee", 4, False), ("eeee", 3, True), ("", 0, False),
     ("\ud800", 1, False)],
)  # fmt: skip
def test_length_is_that_of_the_bytes(text: str, most: int, expected: bool) -> None:
    assert is_longer(text, most) is expected


LATIN = "Latin-1 or Windows-1252"


@pytest.mark.parametrize(
    ("content", "encoding", "wide"),
    [
        ("Größe".encode("latin-1"), LATIN, False),
        ("Größe".encode("utf-16"), "UTF-16", True),
        (b"\xff\xfea\0", "UTF-16", True),
        (b"\xfe\xff\0a", "UTF-16", True),
        ("größe".encode("utf-32-le"), "UTF-16", False),
        (b"\xff\xfe\0\0a\0\0\0", "UTF-32", True),
        (b"\0\0\xfe\xff\0\0\0a", "UTF-32", True),
        ("a,b".encode("utf-16-le"), "UTF-16", True),
        ("a,b".encode("utf-16-be"), "UTF-16", True),
        (b"a\0bcdefg", LATIN, False),  # one of eight
        (b"a\0b\0defg", LATIN, False),  # a quarter
        (b"a\0b\0d\0fg", "UTF-16", False),
        (b"\0a\0bdefg", LATIN, False),
        (b"\0a\0b\0efg", "UTF-16", False),
        (b"a,b\0\n", LATIN, False),
        (b"a\0", "UTF-16", False),
        (b"", LATIN, False),
        (b"a" * 4_096 + b"\0" * 4_096, LATIN, False),
        (b"a\0" * 256 + b"\xff\xff" * 4_000, LATIN, True),
        (b"a" * 512 + b"a\0" * 256, LATIN, False),
    ],
)
def test_encodings(content: bytes, encoding: str, wide: bool) -> None:
    assert (encoding_of(content), is_wide(content)) == (encoding, wide)


KINDS = {
    b"\x1f\x8b\x08": "a gzip file", b"PK\x03\x04": "an Excel or zip file", b"PAR1\0": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an Excel file of before 2007", b"%PDF-1.7\n\xe2": "a PDF",
    b"SQLite format 3\0": "a SQLite file", b"\xfd7zXZ\0": "an xz file", b"\x28\xb5\x2f\xfd": "a zstd file",
    b"BZh9\x17": "a bzip2 file",
}  # fmt: skip


@pytest.mark.parametrize(("start", "kind"), KINDS.items(), ids=KINDS.values())
def test_a_file_of_another_kind_is_named(start: bytes, kind: str) -> None:
    assert binary_kind(start) == kind
    assert binary_kind(b" " + start) is None


@pytest.mark.parametrize("sign", [b"PAR1", b"BZh", b"%PDF-"])
def test_what_begins_like_one_and_is_text_is_text(sign: bytes) -> None:
    assert binary_kind(sign + b",cost\r\n\t5") is None
    assert binary_kind(sign + b"a" * (1_024 - len(sign) - 1) + b"\x7f") is not None
    assert binary_kind(sign + b"a" * (1_024 - len(sign)) + b"\x7f") is None


HALF, PAIR, MARK = rb"\ud83d", rb"\ud83d\ude00", rb"\uFfFd"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (HALF, MARK), (PAIR, PAIR), (HALF + HALF, MARK + MARK), (HALF + PAIR, MARK + PAIR), (PAIR + HALF, PAIR + MARK),
        (rb"\uDE00", MARK), (rb"\uDE00" + PAIR, MARK + PAIR), (rb"\uDBFF\uDFFF", rb"\uDBFF\uDFFF"),
        (rb"\ud7ff", rb"\ud7ff"),
        (rb"\\ud83d", rb"\\ud83d"), (rb"\\\ud83d", rb"\\" + MARK), (rb"\\\\ud83d", rb"\\\\ud83d"),
        (rb"\\ud83d\ud83d", rb"\\ud83d" + MARK), (b"plain", b"plain"), (b"", b""),
    ],
)  # fmt: skip
def test_halves_that_stand_alone_are_marked(payload: bytes, expected: bytes) -> None:
    assert marked(payload) == expected


def test_a_long_body_and_one_of_very_many_halves_stay_as_they_are() -> None:
    assert marked(HALF * 2_000) == MARK * 2_000
    assert marked(HALF * 2_001) == HALF * 2_001
    long = HALF + b" " * ((1 << 18) - len(HALF))
    assert marked(long).startswith(MARK)
    assert marked(long + b" ") == long + b" "
    assert marked(HALF, len(HALF)) == MARK
    assert marked(HALF, len(HALF) - 1) == HALF
