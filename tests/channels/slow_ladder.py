"""The ladder, slow and obvious: every rule is asked about everything, and the first that holds decides."""

from touchline.channels.evidence import Evidence
from touchline.channels.facts import campaign_in, words_of
from touchline.channels.ladder import Ruleset, ruleset
from touchline.channels.rules import Rule, those_that_may_hold


def holds(rule: Rule, evidence: Evidence, asked: Ruleset | None = None) -> bool:
    """Whether a rule holds for an evidence, whatever other rules do."""
    facts = (asked or ruleset("touchline")).read(words_of(evidence))
    return rule.holds_for(campaign_in(evidence, facts)) and rule in those_that_may_hold([rule], facts)


def decides(asked: Ruleset, evidence: Evidence) -> Rule:
    """The first rule that holds."""
    return next(rule for rule in asked.rules if holds(rule, evidence, asked))
