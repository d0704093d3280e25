"""What customers say of where they came from, next to what was tracked; it changes no credit."""

from collections import Counter
from dataclasses import dataclass, field

from touchline.engines import Engine
from touchline.reports.queries import rows
from touchline.reports.question import Question
from touchline.reports.survey import CODES, agreement, mask_of, named_by

_NAMED = frozenset({"channel", "platform"})
"""Dimensions whose rows an answer can name."""


@dataclass
class SelfReported:
    """How many conversions have an answer that names a row, and how many of these a model credits to what is named."""

    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By dimension and key; of all keys together, the key is empty. An answer may name several."""
    agreed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By model and channel; of all channels together, the channel is empty."""

    def conversions(self, by: str, key: str = "") -> int | None:
        """How many conversions have an answer that names the row; ``None`` where answers cannot name such rows."""
        return self.answered[by, key] if by in _NAMED else None

    def agreement(self, model: str, by: str, channel: str = "") -> float | None:
        """Of the conversions whose answer names the channel, the share with credit in a channel that it names."""
        return agreement(self.agreed[model, channel], self.answered[by, channel]) if by == "channel" else None


def self_reported(engine: Engine, question: Question, by: str) -> SelfReported:
    """The answers of the question's conversions; those that name nothing that tracking can see are in no number.

    :param by: the dimension of the rows; of one whose rows no answer can name, nothing is read.
    """
    found = SelfReported()
    if by not in _NAMED:
        return found
    for row in rows(engine, "answers_credited", **question.parameters, codes=CODES):
        named, conversions, model = named_by(row["answer"]), row["conversions"], row["model"]
        channels = ("", *sorted(named.channels)) if named.channels else ()
        is_agreed = bool(row["channels"] & mask_of(named.channels))
        for channel in channels:
            found.agreed[model, channel] += conversions * is_agreed
        if model == question.models[0]:  # every model credits every conversion
            platforms = ("", *sorted(named.platforms)) if named.platforms else ()
            found.answered.update({("channel", channel): conversions for channel in channels})
            found.answered.update({("platform", platform): conversions for platform in platforms})
    return found
