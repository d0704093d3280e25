"""What comes again of an erased person is refused, by whichever id it names the person, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.ingest import EVERYBODY, entry_of, of_browsers
from touchline.ingest.erased import erased_among, standing
from touchline.ingest.event import Happened

_TIMES = st.integers(0, 4)
_EVENTS = st.builds(
    Happened,
    _TIMES,
    st.sampled_from(["v:s:ada", "v:s:bob", "v:t:ada", "u:x", "m:h"]),
    st.sampled_from([None, "x", "y"]),
    st.sampled_from([None, "h", "i"]),
)
_NAMES = st.sampled_from(["v:s:ada", "v:t:ada", "u:x", "u:y", "m:h", "m:i"])
_ERASED = st.dictionaries(st.tuples(st.sampled_from(["o", "p"]), _NAMES), _TIMES, max_size=3)


def is_gone(event: Happened, erased: dict[tuple[str, str], int], kept_until: int | None) -> bool:
    """The plain definition, for an event of organization ``o``."""
    names = [event.identifier, f"u:{event.user_id}", f"m:{event.email_hash}"]
    is_of_erased_person = any(
        organization == "o" and name in names and event.occurred_at <= until
        for (organization, name), until in erased.items()
    )
    return is_of_erased_person or (kept_until is not None and event.occurred_at <= kept_until)


def gone_of(events: list[Happened], erased: dict[tuple[str, str], int], kept_until: int | None) -> list[int]:
    return [place for place, event in enumerate(events) if is_gone(event, erased, kept_until)]


@given(st.lists(_EVENTS, max_size=5), _ERASED, st.none() | _TIMES)
def test_an_event_is_erased_as_the_plain_definition_says(
    events: list[Happened], erased: dict[tuple[str, str], int], kept_until: int | None
) -> None:
    entries = {entry_of(*of, str): until for of, until in erased.items()}
    if kept_until is not None:
        entries[EVERYBODY] = kept_until
    assert erased_among(events, "o", entries, str) == gone_of(events, erased, kept_until)
    assert erased_among(events, "o", standing(entries, keeps_all=True), str) == gone_of(events, erased, None)
    assert erased_among(events, "o", standing(entries, keeps_all=False), str) == gone_of(events, erased, kept_until)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (Happened(5, "v:s:ada"), "v:s:ada"),
        (Happened(5, "v:s:ada", user_id="x"), "u:x"),
        (Happened(5, "v:s:ada", email_hash="h"), "m:h"),
        (Happened(5, "v:s:ada", user_id="x", email_hash="h"), "m:h"),
        (Happened(5, "u:x", user_id="x"), "u:x"),
        (Happened(5, "m:h", email_hash="h"), "m:h"),
    ],
)
def test_one_id_of_an_event_is_enough_up_to_the_time_of_the_erasure(event: Happened, name: str) -> None:
    assert erased_among([event], "o", {entry_of("o", name, str): 5}, str) == [0]
    assert erased_among([event], "o", {entry_of("o", name, str): 4}, str) == []
    assert erased_among([event], "p", {entry_of("o", name, str): 5}, str) == []


def test_of_what_browsers_alone_reported_a_verified_event_is_kept() -> None:
    entries = {entry_of("o", of_browsers("v:s:ada"), str): 5}
    events = [
        Happened(5, "v:s:ada", is_verified=False), Happened(6, "v:s:ada", is_verified=False),
        Happened(5, "v:s:ada", is_verified=True), Happened(5, "v:t:ada", is_verified=False),
    ]  # fmt: skip
    assert erased_among(events, "o", entries, str) == [0]
