"""Ids of version 7: valid, different, and in the order of time."""

import time
from uuid import UUID

from attribution_campaign_context.ids import uuid7


def test_ids_are_valid_and_different() -> None:
    made = [uuid7() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    for one in made:
        assert str(UUID(one)) == one
        assert (UUID(one).version, UUID(one).variant) == (7, "specified in RFC 4122")
    assert {UUID(one).hex[16] for one in made} == set("89ab")


def test_ids_tell_their_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(uuid7()).int >> 80
    assert before <= made <= time.time_ns() // 1_000_000
