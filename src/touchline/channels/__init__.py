"""Channels: where each touch came from.

Every distinct evidence (source, medium, campaign, click ids, referrer) is classified once, by one ladder of rules: a
source class, a channel and an ad platform, with the reason and the version of the rules.
"""

import pyarrow as pa

from touchline.channels import ladder
from touchline.channels.devices import device_type
from touchline.channels.evidence import Evidence
from touchline.stage import River, Stage
from touchline.tables import AGENTS, EVIDENCE_CHANNELS


def _run(river: River) -> None:
    rules = _rules_in_use(river.read(__name__, "own_rules", EVIDENCE_CHANNELS))
    river.put(EVIDENCE_CHANNELS, _classified(river.read(__name__, "evidence", EVIDENCE_CHANNELS), rules))
    river.put(AGENTS, _recognized(river.read(__name__, "user_agents", AGENTS)))


def _rules_in_use(own: pa.Table) -> ladder.Ruleset:
    """Touchline's rules, after those of the home where it has any."""
    rows = own.to_pylist()
    return ladder.ruleset("touchline", rows[0]["content"], rows[0]["name"]) if rows else ladder.ruleset("touchline")


def _classified(evidence: pa.Table, rules: ladder.Ruleset) -> pa.Table:
    """The distinct evidence with its classification: hundreds or thousands of rows, however many touches there are."""
    rows = evidence.to_pylist()
    answers = [ladder.classify(Evidence(**{k: v for k, v in row.items() if k != "evidence_id"}), rules) for row in rows]
    for column in EVIDENCE_CHANNELS.columns[evidence.num_columns :]:
        values = [_stored(getattr(answer, column.name)) for answer in answers]
        evidence = evidence.append_column(column.name, pa.array(values, column.kind.arrow))
    return evidence


def _stored(value: object) -> object:
    """A field of an answer as the table keeps it: several marks are one text, and none is no text."""
    return (" ".join(value) or None) if isinstance(value, tuple) else value


def _recognized(agents: pa.Table) -> pa.Table:
    devices = [device_type(agent) for agent in agents["user_agent"].to_pylist()]
    return agents.append_column("device_type", pa.array(devices, pa.string()))


STAGE = Stage("channels", (EVIDENCE_CHANNELS, AGENTS), _run)
