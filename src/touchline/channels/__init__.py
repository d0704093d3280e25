"""Channels: where each touch came from.

Every distinct evidence (source, medium, campaign, click ids, referrer) is classified once, by one ladder of rules: a
source class, a channel and an ad platform, with the reason and the version of the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import pyarrow as pa

from touchline.channels import ladder
from touchline.channels.devices import device_type
from touchline.channels.evidence import Evidence
from touchline.stage import River, Stage
from touchline.tables import AGENTS, EVIDENCE_CHANNELS

_SEVERAL = frozenset({"ignored", "contradictions"})
"""Fields of an answer with several marks, which the table keeps as one text, and as null where there is none."""


def _run(river: River) -> None:
    rules = with_own_rules(river.read(__name__, "own_rules", EVIDENCE_CHANNELS).to_pylist())
    river.put(EVIDENCE_CHANNELS, _classified(river.read(__name__, "evidence", EVIDENCE_CHANNELS), rules))
    river.put(AGENTS, _recognized(river.read(__name__, "user_agents", AGENTS)))


def with_own_rules(rows: Sequence[Mapping[str, Any]]) -> ladder.Ruleset:
    """Touchline's rules, after those of the home.

    :param rows: the rows of ``channel_rules``: one, or none.
    :raises InputError: if this release cannot read the home's rules.
    """
    return ladder.ruleset("touchline", rows[0]["content"], rows[0]["name"]) if rows else ladder.ruleset("touchline")


def _classified(evidence: pa.Table, rules: ladder.Ruleset) -> pa.Table:
    """The distinct evidence with its classification: hundreds or thousands of rows, however many touches there are."""
    shown = zip(*(evidence[field.name].to_pylist() for field in fields(Evidence)), strict=True)
    answers = [ladder.classify(Evidence(*row), rules) for row in shown]
    for column in EVIDENCE_CHANNELS.columns[evidence.num_columns :]:
        values = list(map(attrgetter(column.name), answers))
        if column.name in _SEVERAL:
            values = [" ".join(marks) or None for marks in values]
        evidence = evidence.append_column(column.name, pa.array(values, column.kind.arrow))
    return evidence


def _recognized(agents: pa.Table) -> pa.Table:
    devices = [device_type(agent) for agent in agents["user_agent"].to_pylist()]
    return agents.append_column("device_type", pa.array(devices, pa.string()))


STAGE = Stage("channels", (EVIDENCE_CHANNELS, AGENTS), _run)
