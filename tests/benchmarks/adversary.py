"""How long honest requests take while strangers attack, against a quiet life of the same shop.

    python -m tests.benchmarks.adversary [--pairs 5] [--seconds 10] [--store pg]

Two servers run side by side. In each pair the same honest traffic meets the quiet one and then, while strangers attack
it with half of one core, the other; a time is measured from when a request is due. The ratio is the median of the
pairs' ratios. What else runs on the machine slows down both, and the absolute times mean nothing then.

All processes share the benchmark's session, so that the system divides its processors among processes, as it does
within one service, and not among sessions. Strangers have machines of their own: here they run where a processor is
free, and their share of it is printed.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.adversary.battle import OPTIONS, RATE, Honest, attacked, send_honest
from tests.engines.servers import postgresql_url
from tests.ledger.servers import database
from tests.server.conftest import Place, placed
from tests.server.serving import Server
from tests.server.whole import whole

BAR_RATIO = 3.0
BAR_SHARE = 0.999
_WARM_UP_SECONDS = 5
_NICENESS = 19
"""Of the strangers: what they spend here must not keep the server from running, as they have machines of their own."""


@contextmanager
def shop(folder: Path, store: str) -> Iterator[tuple[Server, Place]]:
    """A server over a new home."""
    with ExitStack() as held:
        url = held.enter_context(database(postgresql_url())) if store == "pg" else ""
        place = placed(folder / "home", url)
        environment = {**place.environment, **OPTIONS}
        yield held.enter_context(whole(place.home.path, environment, shares_session=True)), place


class Shop:
    """One server, and how far its honest traffic is."""

    def __init__(self, server: Server, place: Place, orders: int) -> None:
        self.server, self.place, self.orders = server, place, orders
        self.first = 0

    def live(self, seconds: int, *, seed: int | None = None) -> Honest:
        """So many seconds of honest traffic; with the strangers of ``seed``, where there is one."""
        honest = Honest()
        with ExitStack() as held:
            strangers = None
            if seed is not None:
                strangers = held.enter_context(attacked(self.server, self.place, seed, self.orders, niceness=_NICENESS))
            send_honest(self.server, self.place, 0, self.first, seconds * RATE, honest)
        if strangers:
            print(f"  {strangers.sent:,} hostile requests, made with {strangers.share_of_a_core:.0%} of a core")
        self.first += seconds * RATE
        return honest


def compare(options: argparse.Namespace) -> None:
    """Print each pair, and how the median stands to the bar."""
    orders = RATE * (_WARM_UP_SECONDS + options.pairs * options.seconds)
    with TemporaryDirectory() as name, ExitStack() as held:
        quiet, loud = (
            Shop(*held.enter_context(shop(Path(name) / life, options.store)), orders) for life in ("quiet", "attacked")
        )
        for warming in (quiet, loud):
            warming.live(_WARM_UP_SECONDS)
        pairs = [
            _told(quiet.live(options.seconds), loud.live(options.seconds, seed=pair)) for pair in range(options.pairs)
        ]
    share = min(pair[1] for pair in pairs)
    print(f"  median ratio {median(pair[0] for pair in pairs):.2f} (bar: {BAR_RATIO:g});"
          f" least share answered {share:.2%} (bar: {BAR_SHARE:.1%})")  # fmt: skip


def _told(quiet: Honest, loud: Honest) -> tuple[float, float]:
    """The ratio of the two, and the share of the attacked requests that were answered with 200."""
    ratio = loud.percentile(0.99) / quiet.percentile(0.99)
    for life, name in ((quiet, "quiet"), (loud, "attacked")):
        p50, p99 = life.percentile(0.5), life.percentile(0.99)
        print(f"  {name:>8}: p50 {p50:6.1f} ms, p99 {p99:7.1f} ms, {life.share_answered:.2%} answered with 200")
    print(f"     ratio: {ratio:.2f}")
    return ratio, loud.share_answered


def main() -> None:
    """Measure."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--pairs", type=int, default=5)
    reader.add_argument("--seconds", type=int, default=10)
    reader.add_argument("--store", choices=["sqlite", "pg"], default="sqlite")
    compare(reader.parse_args())


if __name__ == "__main__":
    main()
