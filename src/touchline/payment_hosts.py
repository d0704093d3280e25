"""The domains of payment providers, read once. ``data/README.md`` says where they come from."""

import csv
from functools import cache
from importlib.resources import files


@cache
def payment_hosts() -> frozenset[str]:
    """Registrable domains of payment pages: coming back from one is not a visit from there.

    >>> "paypal.com" in payment_hosts()
    True
    """
    text = (files("touchline") / "data" / "payment_hosts.csv").read_text(encoding="utf-8")
    return frozenset(row["referrer_domain"] for row in csv.DictReader(text.splitlines()))
