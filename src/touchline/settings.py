"""Settings: where the data lives, and what an organization may choose about its numbers.

The only place that reads the environment. Everything else receives a :class:`Home` or :class:`OrganizationSettings`.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from touchline.click_freshness import click_freshness_of, click_freshness_text
from touchline.errors import UsageError
from touchline.ignored_referrers import ignored_referrers_of
from touchline.memory import VARIABLE, Memory, available_bytes, memory_from
from touchline.models import FITTED_MODELS, MODELS
from touchline.numerals import decimal_of, whole_of
from touchline.redaction import Redaction, keys_of, redaction_of, rules_of
from touchline.tag_names import tag_names_of
from touchline.visitor_ids import visitor_ids_of

SessionPolicy = Literal["ga4", "matomo", "seed"]
"""What begins a session besides a first visit and a pause: nothing more, a day of the site and a new campaign, or a
month of the site."""

Direct = Literal["unless_only", "include"]
"""Whether Direct touches get credit: only on paths that have nothing else, or like any other touch."""

ClaimedTouches = Literal["count", "leave_out"]
"""Whether touches count that only a page ties to a person whom something better shows."""

UNVERIFIED_NAMES = 3
"""How many user ids, and how many e-mail hashes, unverified events may tie to an identifier; past it they join none."""

UnverifiedHandling = Literal["count", "apart", "leave_out"]
"""What becomes of a goal's unverified conversions.

They count like the others, they count under a goal name of their own (:func:`unverified_goal`), or they do not count.
"""

DoNotTrack = Literal["ignore", "respect"]
"""Whether a browser's ``DNT`` is a refusal of consent, as ``Sec-GPC`` always is."""

Withdrawal = Literal["mark", "erase"]
"""What becomes of events once their visitor takes consent back."""

Kept = Literal["keep", "leave_out"]
"""Whether something is kept of an event."""

PathOwner = Literal["person", "account"]
"""Whose touches lead to a goal: those of the person who reaches it, or of all members of the person's account."""

_UNVERIFIED_SUFFIX = " (unverified)"


def unverified_goal(goal: str) -> str:
    """The name under which unverified conversions of a goal are reported where the goal handles them ``apart``.

    >>> unverified_goal("purchase")
    'purchase (unverified)'
    """
    return goal + _UNVERIFIED_SUFFIX


def is_unverified_goal(name: str) -> bool:
    """Whether a name is one that :func:`unverified_goal` gives, so that no goal may be called so.

    >>> is_unverified_goal("purchase (unverified)"), is_unverified_goal("purchase")
    (True, False)
    """
    return name.endswith(_UNVERIFIED_SUFFIX)


CROWDED_TOUCHES = 2_000
"""A person with more touches than this is crowded: a kiosk, a phone-order browser or a script, not one customer."""

CROWDED_CONVERSIONS = 500
"""A person with more counted conversions than this is crowded, too."""

CROWDED_TOUCHES_PER_PATH = 10
"""The most eligible touches on a path of a crowded person, where ``touches_per_path`` is not smaller still."""


@dataclass(frozen=True)
class Home:
    """The folder of one Touchline: ``ledger.db`` (what was told to us) and ``engine.duckdb`` (derived)."""

    path: Path
    engine_url: str | None = field(default=None, repr=False)
    """The server that holds what is derived, in the place of ``engine.duckdb``; with its password, so never shown."""
    database_url: str = field(default="", repr=False)
    """The PostgreSQL database that holds the ledger instead of the folder; with its password, so it is never shown."""

    memory_setting: str = ""
    """How much memory a run may hold, as ``TOUCHLINE_MEMORY`` says it; empty: half of what this process may use."""

    @property
    def memory(self) -> Memory:
        """How much memory a run may hold.

        :raises UsageError: if the setting is no size, or more than this process may use.
        """
        return memory_from(self.memory_setting, available_bytes())

    @property
    def ledger(self) -> Path | str:
        """Where the ledger is: a file, or a database by its URL."""
        return self.database_url or self.ledger_file

    @property
    def ledger_file(self) -> Path:
        """The ledger, in the embedded default."""
        return self.path / "ledger.db"

    @property
    def engine_file(self) -> Path:
        """The engine, in the embedded default."""
        return self.path / "engine.duckdb"

    @property
    def compact_copy(self) -> Path:
        """A copy of the engine's file that is to take its place."""
        return self.path / "engine.duckdb.compact"

    @property
    def exists(self) -> bool:
        """Whether there is a ledger in the folder; of a database, only the ledger itself can tell."""
        return self.ledger_file.is_file()

    @property
    def has_engine(self) -> bool:
        """Whether there is an engine file, or a server that can be asked."""
        return self.engine_url is not None or self.engine_file.is_file()


def home_from(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Home:
    """The home in ``folder``, or the one named by ``TOUCHLINE_HOME``, or ``~/.touchline``.

    Its engine is the server that ``TOUCHLINE_ENGINE`` names, where it names one.

    Its ledger is in the database that ``DATABASE_URL`` names, where it names one.

    A run holds no more memory than ``TOUCHLINE_MEMORY`` allows.

    :raises UsageError: if ``DATABASE_URL`` is not of PostgreSQL, or ``TOUCHLINE_MEMORY`` no size that there is.

    >>> home_from({"TOUCHLINE_HOME": "/srv/touchline"}).ledger.as_posix()
    '/srv/touchline/ledger.db'
    """
    variables = os.environ if environment is None else environment
    named = folder or (Path(name) if (name := variables.get("TOUCHLINE_HOME", "")) else Path.home() / ".touchline")
    engine_url = variables.get("TOUCHLINE_ENGINE", "").strip() or None
    home = Home(named.expanduser(), engine_url, _database_url(variables), variables.get(VARIABLE, "").strip())
    _ = home.memory  # refused here, whatever the command is
    return home


def _database_url(environment: Mapping[str, str]) -> str:
    """The URL, checked without being shown."""
    url = environment.get("DATABASE_URL", "").strip()
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            "DATABASE_URL is not a PostgreSQL URL.",
            "Set it to postgresql://user:password@host:5432/database, or unset it to keep the ledger in a file"
            " in the home.",
        )
    return url


def environment() -> Mapping[str, str]:
    """The process's environment, for what has many options of its own."""
    return os.environ


def wants_traceback(environment: Mapping[str, str] | None = None) -> bool:
    """Whether ``TOUCHLINE_DEBUG`` asks to see where an unexpected error came from.

    >>> wants_traceback({"TOUCHLINE_DEBUG": "1"}), wants_traceback({})
    (True, False)
    """
    return (os.environ if environment is None else environment).get("TOUCHLINE_DEBUG", "") not in {"", "0"}


@dataclass(frozen=True)
class OrganizationSettings:
    """What an organization may choose; each field is one name of ``touchline settings``."""

    lookback_days: int = 30
    """How many days before a conversion a touch may lie and still get credit (inclusive), 1–3650."""
    touches_per_path: int = 200
    """The most touches that share the credit of one conversion, the first and those nearest to it, 2–1000."""
    half_life_days: float = 7.0
    """Days in which the TIME_DECAY weight of a touch halves, 0.01–3650."""
    direct: Direct = "unless_only"
    """``unless_only``: Direct gets credit only where the path has nothing else. ``include``: like any other channel."""
    default_model: str = "LAST_TOUCH"
    """The model that reports and the waste list use where none is named."""
    primary_goal: str = ""
    """The goal that reports count where none is named; empty means all goals together."""
    waste_window_days: int = 30
    """How many days, up to the newest day with data, the waste list looks at, 1–3650."""
    retention_days: int = 0
    """How many days an event is kept after it happened, 1–36500; 0 keeps events until somebody erases them."""
    unverified_links: int = 100
    """How many browsers unverified events may tie to one user id or e-mail hash, 1–100000; past it they join none."""
    verified_links: int = 20_000
    """How many browsers verified events and claims may tie to one user id or e-mail hash, 1–1000000; past it they join
    none."""
    verified_links_per_week: int = 12_000
    """How many of these browsers may be new within any seven days, 1–1000000; past it they join none."""
    verified_names: int = 100
    """How many user ids, and how many e-mail hashes, verified events and claims may tie to one browser, 1–100000; past
    it they join none."""
    largest_group: int = 10_000
    """How many ids may hang together where names conflict, 10–1000000; in a larger group, what only browsers say joins
    nobody."""
    claimed_touches: ClaimedTouches = "count"
    """Whether touches count of browsers that only a page ties to a person of whom servers, files or claims know other
    ids: ``count`` or ``leave_out``."""
    clock_tolerance_seconds: int = 60
    """How many seconds after a conversion a touch of its session may be stamped and still count as before it, 0–1800.
    A page view that comes so soon after a session's first event is the landing, and hits of one page that follow one
    another so soon are one click."""
    session_gap_minutes: int = 30
    """Minutes without a visit after which the next one begins a session, if the pause is longer, 1–480."""
    session_policy: SessionPolicy = "ga4"
    """``ga4``: only a pause begins a session. ``matomo``: also midnight by the site's clock, and a new campaign.
    ``seed``: also a new month by the site's clock."""
    session_cap_hours: int = 0
    """Hours after which a session ends even if its visitor goes on, 1–168; 0 sets no limit."""
    ignored_referrers: str = ""
    """Hosts that bring nobody, such as ``pay.bank.example``, or ``shop=pay.bank.example`` for one site: coming back
    from there is no evidence of a source. They are added to the known pages of payment and sign-in."""
    tag_names: str = ""
    """Your own names of UTM parameters in links, such as ``kampagne=utm_campaign, quelle=utm_source``; they hold for
    events that are received from then on."""
    redacted_keys: str = ""
    """Further names of fields, properties and parameters whose values are not kept, such as ``member_no, nick``. This
    and the next five hold for what is received from then on."""
    kept_keys: str = ""
    """Names such as ``name`` or ``q`` whose values are kept although the list of personal data has them; an e-mail
    address, a phone number or the like in them is still taken out."""
    redaction_rules: str = ""
    """Patterns of your own for what is not kept, one in each line: ``customer_number: K-[0-9]{6}`` leaves
    ``[customer_number]``. They are RE2's, and hold for every text and address, and not for ids and click ids."""
    titles: Kept = "keep"
    """Whether titles of pages are kept: ``keep`` or ``leave_out``."""
    queries: Kept = "keep"
    """Whether addresses of pages and referrers are kept with what follows ``?`` and ``#``, once tags and click ids are
    read: ``keep`` or ``leave_out``."""
    user_agents: Kept = "keep"
    """Whether user agents are kept once bots are recognized: ``keep`` or ``leave_out``; without them, a device is known
    only where client hints say it."""
    visitor_ids: str = "cookies"
    """By what browsers are recognized: ``cookies``; ``cookieless``, by a hash of address and user agent with a key of
    the day; ``anonymous``, by nothing, so that only a visit holds together. ``cookies, blog=anonymous``: other choices
    for a site. This and the next two hold for what is received from then on."""
    do_not_track: DoNotTrack = "ignore"
    """Whether a browser that sends ``DNT`` refuses consent, as one with Global Privacy Control does: ``ignore`` or
    ``respect``."""
    withdrawal: Withdrawal = "mark"
    """What a visitor's withdrawal of consent does to the events that were kept: ``mark`` keeps them, with the record of
    the withdrawal; ``erase`` erases what is kept of the visitor's id."""
    fresh_click_days: str = "90"
    """How many days a person's first click on a platform stays the one that answers for the person there; after that,
    the newest does. ``90, META=28``: other days for a platform."""

    @property
    def crowded_touches_per_path(self) -> int:
        """The bound of a path of a crowded person, which is never above that of everybody else."""
        return min(CROWDED_TOUCHES_PER_PATH, self.touches_per_path)

    @property
    def redaction(self) -> Redaction:
        """What is redacted, and what is not kept at all."""
        return redaction_of(
            self.redacted_keys, self.kept_keys, self.redaction_rules, self.titles, self.queries, self.user_agents,
            self.tag_names,
        )  # fmt: skip

    def changed(self, name: str, text: str) -> "OrganizationSettings":
        """These settings with one of them set from text.

        :raises UsageError: if there is no such setting or the text is not a value of it.

        >>> OrganizationSettings().changed("lookback_days", "90").lookback_days
        90
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if name not in values:
            raise UsageError(f"There is no setting {name!r}.", f"Settings are: {', '.join(values)}.")
        values[name] = _checked(name, text)
        return OrganizationSettings(**values)


@dataclass(frozen=True)
class Range:
    """The numbers that a setting may be, both ends inclusive.

    >>> 3650 in RANGES["lookback_days"], f"a number {RANGES['half_life_days']}"
    (True, 'a number from 0.01 to 3650')
    """

    kind: type
    low: float
    high: float

    def __contains__(self, number: float) -> bool:
        """Whether it is neither too small nor too large."""
        return self.low <= number <= self.high

    def __str__(self) -> str:
        """Both ends, in words."""
        return f"from {self.low:g} to {self.high:g}"


RANGES: Mapping[str, Range] = {
    "lookback_days": Range(int, 1, 3650),
    "touches_per_path": Range(int, 2, 1000),
    "half_life_days": Range(float, 0.01, 3650),
    "waste_window_days": Range(int, 1, 3650),
    "retention_days": Range(int, 0, 36_500),
    "unverified_links": Range(int, 1, 100_000),
    "verified_links": Range(int, 1, 1_000_000),
    "verified_links_per_week": Range(int, 1, 1_000_000),
    "verified_names": Range(int, 1, 100_000),
    "largest_group": Range(int, 10, 1_000_000),
    "clock_tolerance_seconds": Range(int, 0, 1800),
    "session_gap_minutes": Range(int, 1, 480),
    "session_cap_hours": Range(int, 0, 168),
}
"""By setting, the numbers that it may be."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "direct": ("unless_only", "include"),
    "claimed_touches": ("count", "leave_out"),
    "session_policy": ("ga4", "matomo", "seed"),
    "do_not_track": ("ignore", "respect"),
    "withdrawal": ("mark", "erase"),
    **dict.fromkeys(("titles", "queries", "user_agents"), ("keep", "leave_out")),
}
"""By setting that is a choice, what it may be."""


_MODEL_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


def _model(text: str) -> str:
    """The name of a model, which may be one of the organization's own; whether it has that is not known here."""
    if not _MODEL_NAME.fullmatch(text):
        raise UsageError(
            f"default_model is one of {', '.join(MODELS + FITTED_MODELS)}, or a model of your own, not {text!r}."
        )
    return text


_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "tag_names": lambda text: ", ".join(f"{own}={key}" for own, key in tag_names_of(text)),
    "fresh_click_days": lambda text: click_freshness_text(click_freshness_of(text)),
    "ignored_referrers": lambda text: ", ".join(
        f"{site}={host}" if site else host for site, host in ignored_referrers_of(text)
    ),
    "visitor_ids": lambda text: ", ".join(
        f"{site}={choice}" if site else choice for site, choice in visitor_ids_of(text)
    ),
    "redacted_keys": lambda text: ", ".join(keys_of("redacted_keys", text)),
    "kept_keys": lambda text: ", ".join(keys_of("kept_keys", text)),
    "redaction_rules": lambda text: "\n".join(f"{rule}: {pattern}" for rule, pattern in rules_of(text)),
}
"""By setting that is a list, its checked text in the form that is stored."""


def _checked(name: str, text: str) -> object:
    if name in _WRITTEN:
        return _WRITTEN[name](text)
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise UsageError(f"{name} is one of {', '.join(CHOICES[name])}, not {text!r}.")
        return text
    if name not in RANGES:
        return _model(text) if name == "default_model" else text
    within = RANGES[name]
    said = whole_of(text) if within.kind is int else decimal_of(text)
    value = None if said is None else within.kind(said)
    if value is None or value not in within:
        raise UsageError(f"{name} is a number {within}, not {text!r}.")
    return value
