"""Rules of channels as data: a TOML file of conditions in, an ordered tuple of rules out."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import partial
from operator import attrgetter
from typing import TypeVar

from touchline.channels.facts import Campaign, Facts
from touchline.channels.hosts import names_of
from touchline.errors import InputError

Test = Callable[[Facts], bool]
CampaignTest = Callable[[Campaign], bool]
T = TypeVar("T")
Place = Callable[[str], str]
"""How an error names a field of a rule; ``""``: the rule itself."""

MOST_RULES = 500
"""Rules that one file may have."""
LONGEST_TEXT = 200
"""Characters of one pattern, rule id or channel."""
LONGEST_FILE = 1_000_000
"""Characters of one file."""
_HEADER = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_FIELD = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")

_WORDS: Mapping[str, Callable[[Facts], str]] = {
    **{name: attrgetter(name) for name in ("medium", "source", "category", "app")},
    "name": lambda facts: facts.name.casefold(),
    "platform": lambda facts: facts.platform.casefold(),
    "referrer_name": lambda facts: facts.referrer_name.casefold(),
}
"""Conditions that compare one word: a list of words, or of patterns with ``*`` for any characters."""

_SETS: Mapping[str, Callable[[Facts], Iterable[str]]] = {
    "referrer": lambda facts: names_of(facts.referrer),
    "medium_means": attrgetter("medium_means"),
    "click": attrgetter("clicks"),
    "click_kind": attrgetter("click_kinds"),
}
"""Conditions that compare several words, of which one has to match."""

_SWITCHES: Mapping[str, Test] = {
    "paid": attrgetter("is_paid"),
    "nothing": attrgetter("is_nothing"),
    "by_referrer": attrgetter("is_by_referrer"),
    "past_click": attrgetter("has_past_click"),
    "google_referrer": attrgetter("is_google_referrer"),
}
"""Conditions that are true or false."""

_CAMPAIGN_SWITCHES: Mapping[str, CampaignTest] = {
    "shop_campaign": attrgetter("is_of_shop"),
    "nothing": attrgetter("is_nothing"),
}
"""Likewise, of the campaign; ``nothing`` is both, as a campaign is something, too."""

_NEGATED = "not_"
_CAMPAIGN_NAME = "campaign"
_LISTS = (*_WORDS, _CAMPAIGN_NAME, *_SETS)
_OF_CAMPAIGN = (_CAMPAIGN_NAME, _NEGATED + _CAMPAIGN_NAME, *_CAMPAIGN_SWITCHES)
CONDITIONS = (*_LISTS, *(_NEGATED + name for name in _LISTS), *dict.fromkeys((*_SWITCHES, *_CAMPAIGN_SWITCHES)))
"""Every condition that a rule may have."""
MARKS = ("click", "medium", "source", "referrer", "campaign", "app", "past_click")
"""What a rule may name in ``uses``."""
_DEFAULT_USES = ("click", "medium", "source")
_ANSWERS = ("id", "channel", "uses", "confidence")


@dataclass(frozen=True)
class Rule:
    """``channel`` is the answer where all ``tests`` and ``campaign_tests`` are true."""

    rule_id: str
    channel: str
    tests: tuple[Test, ...]
    """The conditions on everything but the campaign: they hold with each campaign, or with none."""
    campaign_tests: tuple[CampaignTest, ...]
    uses: frozenset[str]
    """The facts that go into the reason: some of :data:`MARKS`."""
    click_kinds: frozenset[str] = frozenset()
    """The kinds of click ids that it asks for; only those are its reason then."""
    confidence: float | None = None
    """How much the answer may be trusted, where the rule says it itself."""

    def holds_for(self, campaign: Campaign) -> bool:
        """Whether a rule that may hold does so with this campaign."""
        for test in self.campaign_tests:  # noqa: SIM110 - a plain loop takes half the time of all() over a generator
            if not test(campaign):
                return False
        return True


def those_that_may_hold(rules: Iterable[Rule], facts: Facts) -> Iterator[Rule]:
    """The rules that hold for these facts with some campaign."""
    for rule in rules:
        for test in rule.tests:
            if not test(facts):
                break
        else:
            yield rule


def read_rules(text: str, name: str) -> tuple[Rule, ...]:
    r"""The rules of a TOML file.

    :param text: the file's content: tables ``[[rule]]`` with ``id``, ``channel``, and any of :data:`CONDITIONS`.
    :param name: what to call the file in errors.
    :raises InputError: if it is not TOML, or a rule has an unknown key or a value of the wrong type.

    >>> [rule.channel for rule in read_rules('[[rule]]\nid = "tv"\nchannel = "TV"\nmedium = ["tv", "tv-*"]', "mine")]
    ['TV']
    """
    if len(text) > LONGEST_FILE:
        raise InputError(f"{name}: expected at most {LONGEST_FILE:,} characters, but there are {len(text):,}.")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not a TOML file: {error}.") from error
    tables = content.get("rule")
    if not isinstance(tables, list) or not tables or set(content) != {"rule"}:
        raise InputError(f"{name}: expected one or more tables [[rule]] and nothing else.")
    if len(tables) > MOST_RULES:
        raise InputError(f"{name}: expected at most {MOST_RULES} rules, but there are {len(tables)}.")
    places = _places(name, text, len(tables))
    rules: dict[str, Rule] = {}
    for table, place in zip(tables, places, strict=True):
        rule = _rule(table, place)
        if rules.setdefault(rule.rule_id, rule) is not rule:
            raise InputError(f"{place('id')}: expected each id once, but {rule.rule_id!r} is the id of several rules.")
    return tuple(rules.values())


def _places(name: str, text: str, count: int) -> list[Place]:
    """For each rule, how errors name one of its fields: by file, line, rule and field.

    The reader of TOML tells no lines, so they are looked for; in a file that is written in another style (rules within
    one line), an error names the rule and the field alone.
    """
    lines: list[dict[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if _HEADER.match(line):
            lines.append({"": number})
        elif lines and (field := _FIELD.match(line)):
            lines[-1].setdefault(field[1], number)
    known = lines if len(lines) == count else [{} for _ in range(count)]
    return [partial(_place, name, number, found) for number, found in enumerate(known, 1)]


def _place(name: str, number: int, lines: Mapping[str, int], field: str = "") -> str:
    line = lines.get(field) or lines.get("")
    parts = [name, *([f"line {line}"] if line else []), f"rule {number}", *([field] if field else [])]
    return ", ".join(parts)


def _rule(table: object, place: Place) -> Rule:
    if not isinstance(table, dict):
        raise InputError(f"{place('')}: expected a table [[rule]].")
    unknown = sorted(set(table) - {*_ANSWERS, *CONDITIONS})
    if unknown:
        allowed = (*_ANSWERS, *CONDITIONS)
        close = get_close_matches(unknown[0], allowed, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        expected = ", ".join(allowed)
        raise InputError(f"{place(unknown[0])}: there is no such condition.{meant} Expected any of: {expected}.")
    uses = _texts(table.get("uses", list(_DEFAULT_USES)), place("uses"))
    if not set(uses) <= set(MARKS):
        raise InputError(f"{place('uses')}: expected some of: {', '.join(MARKS)}.")
    used = {_mark_of(key) for key in table if key in CONDITIONS} & set(MARKS)
    if "source" in uses:
        used |= {"referrer", "app"}  # they stand for the source where no tag names one
    return Rule(
        rule_id=_text(table.get("id"), place("id")),
        channel=_text(table.get("channel"), place("channel")),
        tests=tuple(_test(key, table[key], place(key)) for key in table if _decides_alone(key, table[key])),
        campaign_tests=tuple(_campaign_test(key, table[key], place(key)) for key in table if key in _OF_CAMPAIGN),
        uses=frozenset(uses) | used,
        click_kinds=frozenset(_texts(table["click_kind"], place("click_kind")))
        if "click_kind" in table
        else frozenset(),
        confidence=_confidence(table.get("confidence"), place("confidence")),
    )


def _decides_alone(key: str, value: object) -> bool:
    """Whether a condition that fails without a campaign fails with each: where anything is there, something is."""
    return (key in CONDITIONS and key not in _OF_CAMPAIGN) or (key == "nothing" and value is True)


def _mark_of(condition: str) -> str:
    return condition.removeprefix(_NEGATED).removesuffix("_kind").removesuffix("_name").removesuffix("_means")


def _test(key: str, value: object, place: str) -> Test:
    if key in _SWITCHES:
        return _switch(_SWITCHES[key], value, place)
    patterns = _texts(value, place)
    name = key.removeprefix(_NEGATED)
    found = _set_test(_SETS[name], patterns) if name in _SETS else _word_test(_WORDS[name], patterns)
    return partial(_is_not, found) if key.startswith(_NEGATED) else found


def _campaign_test(key: str, value: object, place: str) -> CampaignTest:
    if key in _CAMPAIGN_SWITCHES:
        return _switch(_CAMPAIGN_SWITCHES[key], value, place)
    found: CampaignTest = _word_test(attrgetter("name"), _texts(value, place))
    return partial(_is_not, found) if key.startswith(_NEGATED) else found


def _switch(test: Callable[[T], bool], value: object, place: str) -> Callable[[T], bool]:
    if not isinstance(value, bool):
        raise InputError(f"{place}: expected true or false, but it is {value!r}.")
    return test if value else partial(_is_not, test)


def _is_not(test: Callable[[T], bool], asked: T) -> bool:
    return not test(asked)


def _word_test(word: Callable[[T], str], patterns: tuple[str, ...]) -> Callable[[T], bool]:
    matches = _matcher(patterns)
    return lambda asked: matches(word(asked))


def _set_test(words: Callable[[Facts], Iterable[str]], patterns: tuple[str, ...]) -> Test:
    exact = frozenset(pattern.casefold() for pattern in patterns)
    if not any("*" in pattern for pattern in exact):
        return lambda facts: not exact.isdisjoint(words(facts))
    matches = _matcher(patterns)
    return lambda facts: any(matches(word) for word in words(facts))


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """A test of one word: exact ones are looked up, those with ``*`` are one regular expression."""
    folded = [pattern.casefold() for pattern in patterns]
    exact = frozenset(one for one in folded if "*" not in one)
    stars = [one for one in folded if "*" in one]
    if not stars:
        return exact.__contains__
    expression = re.compile("|".join(_translated(one) for one in stars), re.DOTALL)
    return lambda word: word in exact or expression.match(word) is not None


def _translated(pattern: str) -> str:
    """A pattern in which only the star is special; ``fnmatch`` writes it so that it cannot backtrack for long."""
    return translate("*".join(re.sub(r"([?\[])", r"[\1]", part) for part in pattern.split("*")))


def _texts(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(f'{place}: expected a list of texts such as ["a", "b*"], but it is {value!r}.')
    return tuple(one if one == "" else _text(one, place) for one in value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise InputError(f"{place}: expected text of 1 to {LONGEST_TEXT} characters, but it is {value!r}.")
    return value.strip()


def _confidence(value: object, place: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(f"{place}: expected a number from 0 to 1, but it is {value!r}.")
    return float(value)
