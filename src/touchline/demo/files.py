"""The event files: what a real collection looks like, with repetitions, late lines and broken ones, in no order."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from touchline.demo.days import Days, Ints
from touchline.demo.names import event_names
from touchline.demo.truth import Lines
from touchline.demo.wire import Batch

_BROKEN = 6
"""How many lines of each broken kind there are."""


@dataclass(frozen=True)
class EventLines:
    """The lines in the order in which they are written, and for each the position of its file's month."""

    lines: list[bytes]
    months: Ints
    truth: Lines


def draw_lines(chance: np.random.Generator, accepted: Batch, crawled: Batch, days: Days) -> EventLines:
    """Writes events as lines, repeats one in a hundred, delays some to the next month's file, and shuffles all."""
    encode = msgspec.json.Encoder().encode
    count = len(accepted.events)
    repeated = chance.choice(count, count // 100, replace=False)
    lines = [encode(event) for event in accepted.events]
    own_month = days.month_numbers(accepted.times)
    is_late = (chance.random(count) < 0.004) & (own_month < len(days.months()) - 1)
    month = own_month + is_late
    broken, broken_months = _broken_lines(chance, accepted, month)
    truth = Lines(
        total=count + len(crawled.events) + len(repeated) + len(broken),
        unique_events=count + len(crawled.events),
        accepted=count,
        by_type=dict(sorted(Counter(str(event.type) for event in accepted.events).items())),
        bots=len(crawled.events),
        duplicates=len(repeated),
        bad_json=len(broken) - len(broken) // 2,
        missing_type=len(broken) // 2,
        late=int(is_late.sum() + is_late[repeated].sum()),
    )
    lines += [encode(event) for event in crawled.events] + [lines[number] for number in repeated.tolist()] + broken
    months = np.concatenate([month, days.month_numbers(crawled.times), month[repeated], broken_months])
    order = chance.permutation(len(lines))
    return EventLines([lines[number] for number in order.tolist()], months[order], truth)


def _broken_lines(chance: np.random.Generator, accepted: Batch, month: Ints) -> tuple[list[bytes], Ints]:
    """Lines that were cut off, then lines without a type, and their months."""
    chosen = chance.choice(len(accepted.events), min(2 * _BROKEN, len(accepted.events)), replace=False)
    half = len(chosen) - len(chosen) // 2
    events = [accepted.events[number] for number in chosen.tolist()]
    # Cut within the id, so that the line neither ends its JSON nor splits a letter.
    cut = [msgspec.json.encode(event)[:30] for event in events[:half]]
    untyped = []
    for event, name in zip(events[half:], event_names(chance, len(events) - half), strict=True):
        fields = msgspec.to_builtins(event) | {"eventId": name}
        del fields["type"]
        untyped.append(msgspec.json.encode(fields))
    return cut + untyped, month[chosen]


def write_month(file: Path, lines: EventLines, month: int) -> None:
    """Writes the file of one month."""
    chosen = np.flatnonzero(lines.months == month).tolist()
    file.write_bytes(b"".join(lines.lines[number] + b"\n" for number in chosen))
