"""The conversions behind a number, and one of them explained: its touches, their evidence, and who got how much."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from touchline.reports.conversions import ConversionsReport
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

if TYPE_CHECKING:
    from touchline.reports.explain import ConversionExplanation


@dataclass(frozen=True)
class Conversions:
    """What the screen shows: a list, or one conversion."""

    report: ConversionsReport | None
    one: "ConversionExplanation | None"


def conversions(desk: Desk, asked: Asked) -> Conversions:
    """What the screen shows; ``path`` names one conversion, ``q`` the channel of the list."""
    if asked.view.path:
        from touchline.reports.explain import explain_conversion  # noqa: PLC0415 - most pages do without

        return Conversions(None, desk.answer(explain_conversion, conversion_id=asked.view.path))
    limit = asked.view.limit or SCREEN.rows
    choices = asked.choices("conversions", channel=asked.view.q or None, limit=limit)
    return Conversions(desk.report("conversions", **choices), None)


SCREEN = Screen(name="conversions", place=5, title="Conversions", answer=conversions)
