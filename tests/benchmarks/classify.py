"""How many visits a second are classified: ``python -m tests.benchmarks.classify``.

Prints evidence a second of :func:`touchline.channels.ladder.classify` and rows a second of
:func:`touchline.classify_columns`, each on one core, with the ratio to a loop over ``urllib.parse`` in the same run.
"""

import argparse
import random
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

import touchline as tl
from touchline.channels import ladder
from touchline.channels.evidence import Evidence

_SOURCES = ["google", "facebook", "newsletter", "acme", "ig", "bing"]
_MEDIUMS = ["cpc", "email", "social", "organic", "referral"]
_REFERRERS = ["https://www.google.com/", "https://l.facebook.com/", "https://blog{}.example.org/", "", ""]


def main() -> None:
    """Measure, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=100_000)
    given = parser.parse_args()
    chance = random.Random(1)
    visits = [_visit(chance, number) for number in range(given.distinct)]
    evidences = [_evidence(chance, number) for number in range(given.distinct)]
    seconds = _cpu(lambda: [ladder.classify(evidence) for evidence in evidences])
    print(f"ladder: {given.distinct / seconds:,.0f} distinct evidence a second")
    rows = [visits[chance.randrange(given.distinct)] for _ in range(given.rows)]
    columns = {name: pa.array([row[n] for row in rows]) for n, name in enumerate(("url", "referrer", "user_agent"))}
    seconds = _cpu(lambda: tl.classify_columns(columns))
    floor = _cpu(lambda: [parse_qs(urlsplit(row[0]).query) for row in rows])
    print(f"columns: {given.rows / seconds:,.0f} rows a second; {seconds / floor:.2f} of parsing each URL with urllib")


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _visit(chance: random.Random, number: int) -> tuple[str, str, str]:
    referrer = chance.choice(_REFERRERS).format(number % 1000)
    agent = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{number}.0 Safari/537.36"
    if number % 10 < 3:
        return f"https://shop.example/p/{number}", referrer, agent
    if number % 10 < 6:
        tags = f"utm_source={chance.choice(_SOURCES)}&utm_medium={chance.choice(_MEDIUMS)}&utm_campaign=c{number}"
        return f"https://shop.example/p/{number % 50}?{tags}", referrer, agent
    return f"https://shop.example/?gclid=Cj0KCQ{number}", referrer, agent


def _evidence(chance: random.Random, number: int) -> Evidence:
    clicks = chance.choice([None, None, "gclid", "fbclid", "gad_source,gclid"])
    host = chance.choice([None, "google.com", "x.com", f"blog{number}.example.org"])
    return Evidence(chance.choice(_SOURCES), chance.choice(_MEDIUMS), f"campaign {number}", clicks, host)


if __name__ == "__main__":
    main()
