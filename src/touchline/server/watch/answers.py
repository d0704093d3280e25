"""How the answers of one worker went, by route: a client chooses the paths, so those of no route count together."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from touchline.server.watch.durations import Durations

NO_ROUTE = "(none)"
"""Stands for the paths that no route serves."""
_PARAMETER = re.compile(r"\{[^}]*\}")


class Answers:
    """Counts answers by route and status, and how long they took by route.

    >>> answers = Answers(["/readyz", "/api/cron/{job}"])
    >>> for path in ("/readyz", "/api/cron/retention", "/wp-login.php", "/.env"):
    ...     answers.note(path, 200, 0.1)
    >>> answers.counts["/api/cron/{job} 200"], answers.counts["(none) 200"]
    (1, 2)
    """

    def __init__(self, routes: Iterable[str] = ()) -> None:
        self.counts = Counter[str]()
        """By route and status, with a space between them."""
        self.seconds: dict[str, Durations] = {}
        self._exact: frozenset[str] = frozenset()
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        self.serve(routes)

    def serve(self, routes: Iterable[str]) -> None:
        """Count each of these routes by its name, which has ``{…}`` where the path has a part of any text."""
        listed = [*routes]
        self._exact = frozenset(name for name in listed if "{" not in name)
        self._patterns = [(_pattern(name), name) for name in listed if "{" in name]

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count one answer."""
        route = self._route_of(path)
        self.counts[f"{route} {status}"] += 1
        self.seconds.setdefault(route, Durations()).add(seconds)

    def _route_of(self, path: str) -> str:
        if path in self._exact:
            return path
        return next((name for pattern, name in self._patterns if pattern.fullmatch(path)), NO_ROUTE)


class Noted:
    """A protocol of RSGI that knows the status of its answer."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self.status = 0
        """Of the answer; 0: there is none yet."""

    def __getattr__(self, name: str) -> Any:
        """What answers takes the status first; everything else is the protocol's own."""
        found = getattr(self._protocol, name)
        if not name.startswith("response_"):
            return found

        def answer(status: int, *rest: Any) -> Any:
            self.status = status
            return found(status, *rest)

        return answer

    def __aiter__(self) -> Any:
        """The pieces of the body."""
        return self._protocol.__aiter__()

    def __call__(self) -> Any:
        """The whole body."""
        return self._protocol()


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(route))))
