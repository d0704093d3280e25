"""How alarms are sent: the operator's mail server, and the private hosts that webhooks may reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from touchline.errors import UsageError
from touchline.jobs.alarming.checked_addresses import ALLOWED
from touchline.numerals import whole_of

Security = Literal["starttls", "tls", "none"]
SECURITIES: tuple[str, ...] = get_args(Security)
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class DeliverySettings:
    """What the environment says; the password is never shown."""

    smtp_host: str = ""
    """``TOUCHLINE_SMTP_HOST``: the mail server; without one, no mail is sent."""
    smtp_port: int = 587
    """``TOUCHLINE_SMTP_PORT``: 587, with ``tls`` 465, with ``none`` 25, where it is not set."""
    smtp_user: str = ""
    """``TOUCHLINE_SMTP_USER``: who logs in; without one, nobody does."""
    smtp_password: str = field(default="", repr=False)
    """``TOUCHLINE_SMTP_PASSWORD``."""
    smtp_from: str = ""
    """``TOUCHLINE_SMTP_FROM``: the sender's address."""
    smtp_security: str = "starttls"
    """``TOUCHLINE_SMTP_SECURITY``: ``starttls``, ``tls``, or ``none``, with which nobody can log in."""
    webhook_hosts: tuple[str, ...] = ()
    """``TOUCHLINE_WEBHOOK_HOSTS``: hosts (``hooks.lan, 127.0.0.1:9000``) that may be private, and without TLS."""


def delivery_settings(environment: Mapping[str, str]) -> DeliverySettings:
    """What the environment says about sending.

    :raises UsageError: if the port, the security or the sender is none, or a password would go without TLS.

    >>> delivery_settings({"TOUCHLINE_WEBHOOK_HOSTS": "hooks.lan, 127.0.0.1:9000"}).webhook_hosts
    ('hooks.lan', '127.0.0.1:9000')
    """

    def said(name: str) -> str:
        return environment.get(f"TOUCHLINE_SMTP_{name}", "").strip()

    security = said("SECURITY").lower() or "starttls"
    if security not in SECURITIES:
        raise UsageError(f"TOUCHLINE_SMTP_SECURITY is one of {', '.join(SECURITIES)}, not {security!r:.80}.")
    port = whole_of(said("PORT")) if said("PORT") else _PORTS[security]
    if port is None or not 0 < port < 65_536:
        raise UsageError(f"TOUCHLINE_SMTP_PORT is a number from 1 to 65535, not {said('PORT')!r:.80}.")
    if said("USER") and security == "none":
        raise UsageError(
            "TOUCHLINE_SMTP_USER would send its password without TLS.",
            "Set TOUCHLINE_SMTP_SECURITY to starttls or tls.",
        )
    if said("HOST") and not said("FROM"):
        raise UsageError("TOUCHLINE_SMTP_HOST needs a sender.", "Set TOUCHLINE_SMTP_FROM to an address.")
    hosts = environment.get(ALLOWED, "").replace(",", " ").split()
    return DeliverySettings(
        said("HOST"), port, said("USER"), said("PASSWORD"), said("FROM"), security, tuple(hosts)
    )  # fmt: skip
