"""What a server may be told; every option has a default that is safe on the open internet.

Each option is read from the environment as ``TOUCHLINE_`` and its name in capitals, but for :data:`NAMES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from touchline.errors import UsageError
from touchline.numerals import decimal_of, whole_of

NAMES: Mapping[str, str] = {
    "redis_url": "REDIS_URL",
    "ip_hash_salt": "IP_HASH_SALT",
    "cron_secret": "CRON_SECRET",
}
"""Options that go by a name of their own in the environment."""


@dataclass(frozen=True)
class ServerOptions:
    """The options of one server."""

    redis_url: str = ""
    """Where several processes share their rate limits; else each process keeps its own."""
    events_per_minute_of_site: int = 10_000
    """Events that are taken from a site in any sixty seconds."""
    events_per_minute_of_key: int = 10_000
    """Events that are taken with one key, likewise."""
    events_per_minute_of_client: int = 3_000
    """Of one part of the network without a secret key: an office behind one address is one, too, and so is an app that
    sends its visitors' events itself."""
    is_open_without_redis: bool = False
    """Accept events without rate limits while Redis is unavailable; otherwise answer 503 until it is back."""
    needs_origin: bool = False
    """Whether a publishable key is refused where no ``Origin`` says from which page; only browsers send one."""
    commit_wait_seconds: float = 0.003
    """How long a commit waits for more requests to join it, while more are coming."""
    commit_rows: int = 2_000
    """Rows after which a commit waits for no more."""
    waiting_rows: int = 20_000
    """Events that may wait for a commit; beyond, the answer is 503."""
    waiting_bytes: int = 64 * 1024 * 1024
    """Bytes of bodies that may wait for a commit, likewise."""
    answer_seconds: float = 15.0
    """How long a request waits for its commit before it is told to come again."""
    body_seconds: float = 10.0
    """How long a client may take to send its body."""
    trusted_proxies: str = ""
    """Who may say for whom it speaks: how many proxies stand in front, or the networks in which they stand."""
    forwarding_header: str = "x-forwarded-for"
    """The one header in which they say it: ``x-forwarded-for`` or ``forwarded``."""
    ip_hash_salt: str = field(default="", repr=False)
    """Mixed into the random daily key under which addresses are hashed."""
    internal_networks: str = ""
    """Where the site's own people sit: what comes from there is counted as ``internal`` and is no visit."""
    datacentre_networks: str = ""
    """Where programs live: what comes from there is counted as ``datacentre`` and is no visit."""
    places_file: str = ""
    """A MaxMind file of cities, for clients of whom no proxy says where they are."""
    host: str = "127.0.0.1"
    """The address to listen at; ``0.0.0.0`` is every one of IPv4, ``::`` of both."""
    port: int = 8484
    """The port to listen at."""
    workers: int = 1
    """Processes that collect; more than one needs the ledger in PostgreSQL."""
    public_url: str = ""
    """Where people reach the server, such as ``https://data.shop.example``; then cookies are for https alone."""
    stop_seconds: int = 20
    """How long a server that is told to stop may take to commit what waits, and to end the river's last run."""
    river_silent_seconds: float = 15.0
    """How long the river's process may send no heartbeat, and compute nothing, before it is restarted."""
    river_idle_seconds: float = 120.0
    """How long a run in an embedded engine may neither compute, nor move data, nor advance before it is restarted."""
    river_step_seconds: float = 3_600.0
    """How long one step of a run may take before the river is restarted, however busy it is."""
    report_seconds: float = 30.0
    """How long an answer that reads the river's numbers may take; then it is 503."""
    cron_seconds: float = 300.0
    """How long ``/api/cron`` waits for the job that it asked for; then it is 503, and the job goes on."""
    cron_secret: str = field(default="", repr=False)
    """What ``/api/cron`` expects as a bearer; where there is none, it answers 503."""
    backup_folder: str = ""
    """Where the server backs its ledger up on a schedule, as ``touchline backup --into`` does; empty: it does not."""
    backup_hours: float = 24.0
    """Hours between two backups, counted from 02:00 UTC: ``24`` is every night then, ``6`` also at 08, 14 and 20."""
    backup_keep: int = 7
    """How many backups of the home stay in that folder."""
    backup_then: str = field(default="", repr=False)
    """A program and its arguments that take each backup elsewhere, to which its path is added; no shell reads it."""
    managed_sites: int = 1_000
    """Sites of an organization, past which nobody adds one over HTTP by ``/api/manage``."""
    managed_keys: int = 1_000
    """Keys of an organization that are valid, or were within the last day, past which nobody makes one there."""
    metrics_are_open: bool = False
    """Whether ``/metrics`` answers everybody; else a session or a secret key with the scope read."""


def options_from(environment: Mapping[str, str], **given: object) -> ServerOptions:
    """The options that the environment names, and those that were ``given`` before them.

    :raises UsageError: if one is no value of its kind.

    >>> options_from({"TOUCHLINE_PORT": "80", "REDIS_URL": ""}, workers=2).port
    80
    """
    read: dict[str, object] = {}
    for option in fields(ServerOptions):
        text = environment.get(name_of(option.name), "").strip()
        if text:
            read[option.name] = _value(option.name, text)
    return ServerOptions(**{**read, **{name: value for name, value in given.items() if value is not None}})  # type: ignore[arg-type]


_SHOWN_LENGTH = 16
"""Of a secret, no more than this is shown of its length."""


def shown(options: ServerOptions) -> dict[str, Any]:
    """The options as others on the machine may read them: of a secret, that it is set, and whether it is short.

    >>> shown(ServerOptions(cron_secret="short", redis_url="redis://:secret@cache:6379/0"))["redis_url"]
    'redis://…'
    """
    values = {option.name: getattr(options, option.name) for option in fields(ServerOptions)}
    for name in ("cron_secret", "ip_hash_salt", "backup_then"):  # a command may have a password in it
        values[name] = "*" * min(_SHOWN_LENGTH, len(values[name]))
    if options.redis_url:
        values["redis_url"] = f"{options.redis_url.partition(':')[0]}://…"
    return values


def options_shown(values: Mapping[str, Any]) -> ServerOptions:
    """The options of a server from what is :func:`shown` of them, perhaps by another release."""
    known = {option.name for option in fields(ServerOptions)}
    return ServerOptions(**{name: value for name, value in values.items() if name in known})


def name_of(option: str) -> str:
    """The variable that an option is read from.

    >>> name_of("port"), name_of("redis_url")
    ('TOUCHLINE_PORT', 'REDIS_URL')
    """
    return NAMES.get(option, f"TOUCHLINE_{option.upper()}")


_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_MOST = 10**12
_READ: Mapping[type, tuple[Callable[[str], Any], str]] = {
    bool: (lambda text: _TRUTH.get(text.lower()), "1 or 0"),
    int: (whole_of, "a whole number in digits 0 to 9"),
    float: (decimal_of, "a number in digits 0 to 9"),
}
"""By an option's kind, what reads it (``None``: it is no such value), and what is expected."""
_EXAMPLES = {bool: "1", int: "30", float: "2.5"}


def _value(option: str, text: str) -> object:
    kind = type(getattr(ServerOptions, option))
    if kind is str:
        return text
    read, expected = _READ[kind]
    value = read(text)
    if value is None:
        raise UsageError(f"{name_of(option)} is {expected}, not {text!r}.", f"It is {_EXAMPLES[kind]}, for example.")
    if kind is not bool and not 0 <= value < _MOST:
        raise UsageError(f"{name_of(option)} is a number from 0 up, below {_MOST:,}, not {text!r}.")
    return kind(value)
