"""Lines in parts are the lines one by one."""

import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from touchline.errors import InputError
from touchline.files import lines
from touchline.files.lines import Chunk, Lines, json_line_chunks, json_lines, line_chunks, numbered_lines

PIECES = [
    b"\n",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"\xef\xbb\xbf",
    b"{}",
    b'{"a": 1}',
    b"x" * 9,
    b"x" * 10,
    b"x" * 11,
    b"\xff",
]
contents = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)
Line = tuple[str, Any]


@pytest.fixture(scope="module", autouse=True)
def short_lines() -> Any:
    """Ten bytes are the most."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "MAX_LINE", 10)
        yield


def told_apart(chunk: Chunk) -> list[Line]:
    return [one for part in chunk for one in (part.numbered() if isinstance(part, Lines) else [part])]


@example(content=b"\xef\xbb\xbf \n{}\n" + b"x" * 40 + b"\n\n{}", rows=1)
@given(content=contents, rows=st.integers(1, 5))
def test_chunks_have_the_same_lines_and_all_but_the_last_are_full(content: bytes, rows: int) -> None:
    chunks = [told_apart(chunk) for chunk in line_chunks(io.BufferedReader(io.BytesIO(content)), "f", rows)]
    whole = list(numbered_lines(io.BufferedReader(io.BytesIO(content)), "f"))
    assert [line for chunk in chunks for line in chunk] == whole
    assert {len(chunk) for chunk in chunks[:-1]} <= {rows}
    assert not chunks or 0 < len(chunks[-1]) <= rows


@given(content=contents)
def test_what_is_no_json_is_refused_in_the_same_words(content: bytes) -> None:
    def outcome(read: Any) -> list[Line] | str:
        try:
            return list(read(io.BufferedReader(io.BytesIO(content))))
        except InputError as error:
            return str(error)

    def in_chunks(stream: io.BufferedReader) -> list[Line]:
        return [line for chunk in json_line_chunks(stream, "f", 20) for line in told_apart(chunk)]

    assert outcome(in_chunks) == outcome(lambda stream: json_lines(stream, "f"))
