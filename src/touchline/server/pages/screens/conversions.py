"""The conversions behind a number, and one of them explained: its touches, their evidence, and who got how much."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from touchline.amounts import counted
from touchline.errors import UnknownError, UsageError
from touchline.magnitudes import CREDIT
from touchline.reports import figures
from touchline.reports.conversions import ConversionsReport
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

if TYPE_CHECKING:
    from touchline.reports.explain import ConversionExplanation
    from touchline.reports.person import PersonExplanation, Tie

_KINDS = {"v": "browser", "u": "user id", "m": "e-mail address"}
"""What a name is, by its first letter."""


@dataclass(frozen=True)
class Knot:
    """Two names of the person that belong together; names are numbers, as pages show nobody's."""

    one: str
    other: str
    words: str


@dataclass(frozen=True)
class Otherwise:
    """What another model says: the channel to which it gives most."""

    model: str
    channel: str
    weight: float


@dataclass(frozen=True)
class Conversions:
    """What the screen shows: a list, or one conversion."""

    report: ConversionsReport | None
    choices: Mapping[str, Any]
    """What the report of the list was asked beyond the days."""
    one: "ConversionExplanation | None" = None
    knots: tuple[Knot, ...] = ()
    names: int = 0
    """How many names the person has."""
    otherwise: tuple[Otherwise, ...] = ()
    channels: tuple[str, ...] = ()
    """What the list can be narrowed to."""
    order: str = ""
    """The conversion that is meant, where it is no channel that was looked for."""


def conversions(desk: Desk, asked: Asked) -> Conversions:
    """What the screen shows; ``path`` names one conversion, ``q`` the channel of the list, or an order."""
    if asked.view.path:
        return _explained(desk, asked)
    limit, cursor, wanted = asked.view.limit or SCREEN.rows, asked.view.after, asked.view.q.strip()
    credited = desk.report("attribution", **asked.choices("attribution", by="channel", compare=None)).rows
    channels = tuple(row.key for row in credited if row.credit)
    channel = next((one for one in channels if one.casefold() == wanted.casefold()), wanted)
    choices = {"channel": channel or None, "limit": limit, "cursor": cursor or None}
    found = desk.report("conversions", **asked.choices("conversions", **choices))
    order = _order(desk, wanted) if wanted and channel not in channels else ""
    return Conversions(found, choices, channels=channels, order=order)


def _order(desk: Desk, wanted: str) -> str:
    """The id of the conversion of an order, whatever the days; ``""`` where there is none, or there are several."""
    from touchline.reports.explain import explain_conversion  # noqa: PLC0415 - most pages do without

    try:
        return str(desk.answer(explain_conversion, conversion_id=wanted).conversion_id)
    except (UnknownError, UsageError):
        return ""


def _explained(desk: Desk, asked: Asked) -> Conversions:
    from touchline.reports.explain import explain_conversion  # noqa: PLC0415 - most pages do without
    from touchline.reports.person import explain_person  # noqa: PLC0415

    one = desk.answer(explain_conversion, conversion_id=asked.view.path)
    person = desk.answer(explain_person, named=one.person_id)
    return Conversions(None, {}, one, _knots(person), person.identifier_count, _otherwise(one, asked.model))


def _knots(person: "PersonExplanation") -> tuple[Knot, ...]:
    """What ties the names of the person together, or was not believed to."""
    numbered: dict[str, str] = {}
    for name in sorted({name for tie in person.ties for name in (tie.identifier, tie.linked_identifier)}):
        kind = _KINDS.get(name.partition(":")[0], "name")
        same = sum(one.startswith(f"{kind} ") for one in numbered.values())
        numbered[name] = f"{kind} {same + 1}"
    return tuple(Knot(numbered[tie.identifier], numbered[tie.linked_identifier], _words(tie)) for tie in person.ties)


def _words(tie: "Tie") -> str:
    if tie.is_refused:
        return f"Not believed: {tie.refusal_in_words}."
    seen = counted(tie.event_count, "event names both", "events name both")
    claimed = f"; {counted(len(tie.claims), 'claim says', 'claims say')} so" if tie.claims else ""
    return f"{seen}{claimed}, first on {figures.day(tie.first_seen_at.date())}."


def _otherwise(one: "ConversionExplanation", model: str) -> tuple[Otherwise, ...]:
    """Of each model that gives most to another channel than the chosen one, which that is."""
    sums: dict[str, Counter[str]] = {}
    for touch in one.touches:
        for credit in touch.credits:
            sums.setdefault(credit.model, Counter())[touch.channel] += credit.credit
    tops = {name: channels.most_common(1)[0] for name, channels in sums.items()}
    usual, _ = tops.get(model, ("", 0))
    return tuple(Otherwise(name, top, credit / CREDIT) for name, (top, credit) in tops.items() if top != usual)


SCREEN = Screen(
    name="conversions",
    place=5,
    title="Conversions",
    answer=conversions,
    uses=("goal", "model", "days"),
    names_persons=True,
)
