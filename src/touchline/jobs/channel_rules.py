"""The home's own rules of channels: which are in use, and how others come to be."""

from dataclasses import dataclass
from pathlib import Path

from touchline.channels import ladder, with_own_rules
from touchline.channels.rules import Rule
from touchline.errors import InputError, UnknownError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

_SHOW = "`touchline channels show` prints the rules that are in use."


@dataclass(frozen=True)
class ShownRule:
    """A rule, and where it comes from."""

    rule: str
    channel: str
    file: str
    """The name of the home's own file, or ``touchline.toml``."""


@dataclass(frozen=True)
class RulesInUse:
    """The rules by which the next run names channels."""

    ruleset_version: str
    own_file: str | None
    """The name of the file of the home's own rules."""
    own_rules: str
    """Its text; ``""`` where there is none."""
    changed_at: int | None
    rules: tuple[ShownRule, ...]
    """All of them, in the order in which they are asked."""

    @property
    def own_rule_count(self) -> int:
        """How many rules are the home's own; they come first."""
        return len(self.rules) - len(ladder.RULES)


def rules_in_use(workspace: Workspace) -> RulesInUse:
    """The rules that the next run goes by.

    :raises InputError: if this release cannot read the home's own rules.
    """
    rows = workspace.ledger.rows(schema.CHANNEL_RULES)
    name, text, changed_at = (rows[0]["name"], rows[0]["content"], rows[0]["changed_at"]) if rows else (None, "", None)
    found = with_own_rules(rows)
    own = len(found.rules) - len(ladder.RULES)
    shown = [_shown(rule, name or "") for rule in found.rules[:own]]
    shown += [_shown(rule, "touchline.toml") for rule in found.rules[own:]]
    return RulesInUse(found.version, name, text, changed_at, tuple(shown))


def _shown(rule: Rule, file: str) -> ShownRule:
    return ShownRule(rule.rule_id, rule.channel, file)


def use_rules(workspace: Workspace, file: Path, *, now: int) -> RulesInUse:
    """Have the rules of a file asked before Touchline's, in the place of those that were asked before.

    The ledger keeps the text: a later change of the file does nothing.

    :raises InputError: if it is no file of rules; what is in use stays.
    """
    text = rules_text(file)
    ladder.ruleset("touchline", text, file.name)
    with workspace.ledger.transaction() as entry:
        entry.remove(schema.CHANNEL_RULES)
        entry.put(schema.CHANNEL_RULES, name=file.name, content=text, changed_at=now)
    return rules_in_use(workspace)


def reset_rules(workspace: Workspace) -> RulesInUse:
    """Have no rules asked but Touchline's own.

    :raises UnknownError: if there are no others.
    """
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.CHANNEL_RULES):
            raise UnknownError("There are no rules of your own.", _SHOW)
    return rules_in_use(workspace)


def rules_text(file: Path) -> str:
    """The text of a file of rules.

    :raises InputError: if it cannot be read as text, or is empty.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not UTF-8 text: byte {error.start + 1} cannot be read.") from error
    if not text.strip():
        raise InputError(f"{file.name}: expected one or more tables [[rule]], but it is empty.")
    return text
