"""An organization's own word about personal data: names of fields, patterns, and what is not kept at all."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from attribution_campaign_context.personal_kinds import plain_name
from touchline.errors import UsageError
from touchline.tag_names import tag_names_of

MOST_KEYS = 200
MOST_RULES = 50
LONGEST_PATTERN = 500
"""Characters of one pattern."""
_RULE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_EXAMPLE = "Write a line for each, such as customer_number: K-[0-9]{6}"
_KEYS_EXAMPLE = "Write it as member_no, nick."
KEPT, LEFT_OUT = "keep", "leave_out"
"""What becomes of titles, queries and user agents."""


@dataclass(frozen=True, eq=False)
class Redaction:
    """What an organization redacts besides the known kinds. Equal only to itself, so that caches find it at once."""

    keys: frozenset[str] = frozenset()
    """Further names of fields and parameters whose values are redacted, in lower case, letters and digits only."""
    kept_keys: frozenset[str] = frozenset()
    """Names whose values stay, unless something personal is in them."""
    rules: tuple[tuple[str, str], ...] = ()
    """Names and patterns."""
    keeps_titles: bool = True
    keeps_queries: bool = True
    keeps_user_agents: bool = True

    def ruled(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with the rule's name, such as ``[customer_number]``, for each match, and the rules that matched.

        >>> redaction_of(rules="customer_number: K-[0-9]{6}").ruled("Order of K-123456")
        ('Order of [customer_number]', ('customer_number',))
        """
        return _ruled(text, self.rules) if self.rules else (text, ())


@lru_cache(maxsize=4_096)
def _ruled(text: str, rules: tuple[tuple[str, str], ...]) -> tuple[str, tuple[str, ...]]:
    matched = []
    for name, pattern in rules:
        after = _replaced(text, pattern, f"[{name}]")
        if after != text:
            matched.append(name)
        text = after
    return text, tuple(matched)


def _replaced(text: str, pattern: str, mark: str) -> str:
    """RE2 takes time proportional to the text, whatever the pattern is."""
    import pyarrow as pa  # noqa: PLC0415 - few organizations have rules, and every import's worker would load it
    import pyarrow.compute as pc  # noqa: PLC0415

    replaced = pc.replace_substring_regex(pa.scalar(text), pattern=pattern, replacement=mark)
    return str(replaced.as_py())


@lru_cache(maxsize=256)
def without_traces(redaction: Redaction) -> Redaction:
    """The same, without queries and user agents, by which one browser could be found on two days.

    >>> without_traces(EVERYTHING).keeps_queries
    False
    """
    return replace(redaction, keeps_queries=False, keeps_user_agents=False)


EVERYTHING = Redaction()
"""That of an organization without settings of its own."""


@lru_cache(maxsize=256)
def redaction_of(
    keys: str = "", kept_keys: str = "", rules: str = "", titles: str = KEPT, queries: str = KEPT,
    user_agents: str = KEPT, tag_names: str = "",
) -> Redaction:  # fmt: skip
    """What the settings of these names say; the organization's own names of UTM parameters are kept.

    :raises UsageError: as :func:`keys_of` and :func:`rules_of`.

    >>> redaction_of(keys="Member-No", tag_names="name=utm_campaign").kept_keys
    frozenset({'name'})
    """
    tags = (name for name, _ in tag_names_of(tag_names))
    said = (
        frozenset(map(plain_name, keys_of("redacted_keys", keys))),
        frozenset(map(plain_name, (*keys_of("kept_keys", kept_keys), *tags))),
        rules_of(rules), titles == KEPT, queries == KEPT, user_agents == KEPT,
    )  # fmt: skip
    return EVERYTHING if said == tuple(vars(EVERYTHING).values()) else Redaction(*said)


def keys_of(setting: str, text: str) -> tuple[str, ...]:
    """The names in the setting ``redacted_keys`` or ``kept_keys``.

    :raises UsageError: if one has no letter or digit, or there are too many.

    >>> keys_of("kept_keys", " name,product_name ")
    ('name', 'product_name')
    """
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in text.split(",")))))
    wrong = next((name for name in names if not plain_name(name) or len(name) > LONGEST_PATTERN), None)
    if wrong is not None:
        raise UsageError(f"{setting}: {wrong[:80]!r} is not the name of a field.", _KEYS_EXAMPLE)
    if len(names) > MOST_KEYS:
        raise UsageError(f"{setting}: More than {MOST_KEYS}.", _KEYS_EXAMPLE)
    return names


def rules_of(text: str) -> tuple[tuple[str, str], ...]:
    """The names and patterns in the setting ``redaction_rules``, one in each line.

    Patterns are RE2's: they have no back-references and no look-around, and none of them can take long.

    :raises UsageError: if a line is no rule, or its pattern matches nothing or everything.

    >>> rules_of("customer_number: K-[0-9]{6}")
    (('customer_number', 'K-[0-9]{6}'),)
    """
    rules = dict[str, str]()
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, pattern = (part.strip() for part in line.partition(":"))
        if not colon or not _RULE_NAME.fullmatch(name) or not pattern:
            raise UsageError(f"redaction_rules: {line[:80]!r} is not a name, a colon and a pattern.", _EXAMPLE)
        if len(pattern) > LONGEST_PATTERN:
            raise UsageError(f"redaction_rules: {name} is longer than {LONGEST_PATTERN} characters.", _EXAMPLE)
        if rules.setdefault(name, pattern) != pattern:
            raise UsageError(f"redaction_rules: {name} is there twice.", "Give each rule a name of its own.")
        _check_pattern(name, pattern)
    if len(rules) > MOST_RULES:
        raise UsageError(f"redaction_rules: More than {MOST_RULES}.", _EXAMPLE)
    return tuple(rules.items())


def _check_pattern(name: str, pattern: str) -> None:
    try:
        is_of_nothing = _replaced("", pattern, "x") != ""
    except ValueError as error:
        raise UsageError(
            f"redaction_rules: {name} has a pattern that RE2 does not take: {error}.",
            "Write it without back-references and look-around.",
        ) from error
    if is_of_nothing:
        raise UsageError(f"redaction_rules: {name} matches where there is nothing.", "Let it match one sign at least.")
