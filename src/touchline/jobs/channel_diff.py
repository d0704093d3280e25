"""The past under two sets of rules: which touches move from one channel to another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from touchline.channels import ladder, with_own_rules
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import Ruleset
from touchline.errors import UnknownError
from touchline.jobs.channel_rules import rules_text
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import CREDIT
from touchline.sql import query

RULES = ("current", "defaults", *ladder.RULESETS)
"""The words for rules; anything else is the name of a file."""
_EXAMPLES = 3
_ROWS_AT_ONCE = 50_000
_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "click_id_names", "referrer_host", "app")


@dataclass(frozen=True)
class ChannelMove:
    """What moves from one channel to another, or stays in one."""

    old_channel: str
    new_channel: str
    touches: int
    sessions: int
    """Sessions with such a touch; one with touches of several kinds is in the rows of each."""
    conversions: float
    """The credit that these touches have now under the organization's default model, in conversions."""
    examples: tuple[str, ...]
    """The evidence with the most touches, and the rules that decide."""


@dataclass(frozen=True)
class ChannelDiff:
    """The past of an organization under two sets of rules."""

    old_version: str
    new_version: str
    model: str
    touches: int
    """All touches."""
    moved_touches: int
    moves: tuple[ChannelMove, ...]
    """Those that move, the most touches first."""
    kept: tuple[ChannelMove, ...]
    """What stays, by channel."""


def rules_named(workspace: Workspace, name: str) -> Ruleset:
    """Rules by their word, or by the name of a file whose rules go before Touchline's.

    :param name: one of :data:`RULES`, or a file. ``current`` are the rules that the home uses, ``defaults`` those of
        Touchline alone.
    :raises UnknownError: if there is no such file.
    :raises InputError: if it cannot be read.
    """
    if name == "current":
        return with_own_rules(workspace.ledger.rows(schema.CHANNEL_RULES))
    if name in RULES:
        return ladder.ruleset(name if name in ladder.RULESETS else "touchline")
    file = Path(name)
    if not file.exists():
        raise UnknownError(f"There is no file {name!r}.", f"Name a file of rules, or one of: {', '.join(RULES)}.")
    return ladder.ruleset("touchline", rules_text(file), file.name)


def channel_diff(workspace: Workspace, organization_id: str, old: str, new: str) -> ChannelDiff:
    """What moves if the organization's past is judged by other rules; nothing is written.

    :param old: rules, as in :func:`rules_named`.
    :param new: likewise.
    :raises UnknownError: if there is no file of that name.
    :raises InputError: if the rules cannot be read.
    """
    before, after = rules_named(workspace, old), rules_named(workspace, new)
    cells: dict[tuple[str, str], _Cell] = defaultdict(_Cell)
    for row in _evidence(workspace, organization_id):
        evidence = Evidence(has_past_click=row["has_past_click"], **{name: row[name] for name in _FIELDS})
        old_answer, new_answer = ladder.classify(evidence, before), ladder.classify(evidence, after)
        cells[old_answer.channel, new_answer.channel].add(row, f"{old_answer.rule_id} → {new_answer.rule_id}")
    moves = [cell.move(*names) for names, cell in cells.items()]
    moves.sort(key=lambda move: (-move.touches, move.old_channel, move.new_channel))
    moved = tuple(move for move in moves if move.old_channel != move.new_channel)
    return ChannelDiff(
        old_version=before.version,
        new_version=after.version,
        model=workspace.settings(organization_id).default_model,
        touches=sum(move.touches for move in moves),
        moved_touches=sum(move.touches for move in moved),
        moves=moved,
        kept=tuple(move for move in moves if move.old_channel == move.new_channel),
    )


def _evidence(workspace: Workspace, organization_id: str) -> Iterator[Mapping[str, Any]]:
    text = query(__package__, "evidence_counted").text
    found = workspace.engine.select(text, parameters={"organization_id": organization_id})
    for batch in found.to_batches(_ROWS_AT_ONCE):
        yield from batch.to_pylist()


@dataclass
class _Cell:
    """What has been counted of one move."""

    touches: int = 0
    sessions: int = 0
    credit: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, row: Mapping[str, Any], rules: str) -> None:
        """Count one distinct evidence; they come with the most touches first."""
        self.touches += int(row["touches"])
        self.sessions += int(row["sessions"])
        self.credit += int(row["credit"])
        if len(self.examples) < _EXAMPLES:
            said = " ".join(f"{name}={row[name]}" for name in _FIELDS if row[name]) or "nothing"
            self.examples.append(f"{said} ({rules})")

    def move(self, old_channel: str, new_channel: str) -> ChannelMove:
        """What was counted."""
        conversions = self.credit / CREDIT
        return ChannelMove(old_channel, new_channel, self.touches, self.sessions, conversions, tuple(self.examples))
