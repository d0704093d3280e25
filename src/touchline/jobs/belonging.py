"""Which identifiers belong to a person now: the pairs of the last run and those since then, judged as a run does.

It needs no run and changes nothing. Where no run ended well, or claims or events went since, the ledger alone is read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import pyarrow as pa

from touchline.applied import is_whole
from touchline.engines import Engine
from touchline.errors import TouchlineError
from touchline.following import newest_number
from touchline.identity import parts
from touchline.identity.limits import WEEK_MICROS
from touchline.identity.tiers import CLAIMED_BY_BROWSER
from touchline.ingest import value_of
from touchline.jobs.claiming import SEPARATED
from touchline.jobs.workspace import Workspace
from touchline.ledger import NamesTogether, Reading
from touchline.placeholders import names_somebody
from touchline.settings import UNVERIFIED_NAMES, OrganizationSettings
from touchline.sql import query

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the tables' times are UTC without saying so
_ALWAYS = ((None, None),)
_AT_ONCE = 250
"""Identifiers that one statement looks for."""

Pair = tuple[str, str]
Sighting = tuple[int, str]
"""A time in microseconds since 1970, and the tier of what shows a pair then."""
Pairs = dict[Pair, frozenset[Sighting]]
"""Pairs of identifiers, and what shows each."""


Period = tuple[int | None, int | None]
"""From when until when, in microseconds since 1970, without the last moment; ``None``: no bound."""


@dataclass(frozen=True)
class Belonging:
    """The named identifiers and all that belong to the same persons, sorted."""

    identifiers: list[str]
    proven: list[str]
    """The named ones, and those that verified pairs tie to them."""
    shared: Mapping[str, tuple[Period, ...]]
    """Those of the identifiers that are somebody else's at other times, and when they are these persons'."""

    @property
    def unproven(self) -> list[str]:
        """Those that only a browser ties to the named ones."""
        return sorted(set(self.identifiers).difference(self.proven))


class Belongings:
    """Who belongs to the named identifiers, found out without holding anybody up, and kept up with.

    :param happened_by: of events, the time up to which they happened; ``None``: at any time.
    """

    def __init__(
        self, workspace: Workspace, organization_id: str, named: Sequence[str], *, happened_by: int | None = None
    ) -> None:
        self._workspace = workspace
        self._named = named
        self._happened_by = happened_by
        self._limits = _Limits(workspace.settings(organization_id))
        with workspace.ledger.reading(organization_id) as reading:
            engine = _standing_engine(workspace, reading)
        self._begun_at = self._read_to = _newest(engine) if engine else {"event": 0, "claim": 0}
        self._evidence = _Evidence(engine, organization_id)
        self._members: set[str] = set()

    def look(self, reading: Reading) -> Belonging:
        """Read what is new, and judge."""
        pulse = self._workspace.ledger.pulse()
        self._evidence.add_new(self._new(reading))
        self._read_to = {"event": pulse[0], "claim": pulse[3]}
        joining, most = _joining(self._evidence, self._named, self._limits), self._limits.largest_group
        if vague := self._evidence.vague(_in_dispute(joining)):
            self._evidence.refine(vague, self._seen_of(reading, vague))
            joining = _joining(self._evidence, self._named, self._limits)
        found = _members(joining, self._named, most)
        self._members = set(found)
        verified = {pair: _verified(seen) for pair, seen in joining.items() if _verified(seen)}
        proven = _members(verified, self._named, most)
        shared = {name: periods for name, periods in found.items() if periods != _ALWAYS}
        return Belonging(sorted(found), sorted(proven.keys() & found.keys()), shared)

    def has_news(self, reading: Reading) -> bool:
        """Whether something has come since the last look that may make it another person."""
        new = self._new(reading)
        return any(self._evidence.is_news(pair, new[pair]) for pair in new if self._members.intersection(pair))

    def _seen_of(self, reading: Reading, names: Sequence[str]) -> Iterator[tuple[Pair, Sighting]]:
        return _sighted(reading.names_of(names, self._begun_at["event"], happened_by=self._happened_by))

    def _new(self, reading: Reading) -> Pairs:
        return _shown_after(reading, self._read_to["event"], self._read_to["claim"], self._happened_by)


def belonging(workspace: Workspace, organization_id: str, named: Sequence[str]) -> Belonging:
    """Who belongs to the named identifiers now, and how that is known."""
    with workspace.ledger.reading(organization_id) as reading:
        return Belongings(workspace, organization_id, named).look(reading)


class _Limits:
    """How many ids of each kind may be tied to one, as a run counts them."""

    def __init__(self, chosen: OrganizationSettings) -> None:
        self.unverified = {"u": UNVERIFIED_NAMES, "m": UNVERIFIED_NAMES, "v": chosen.unverified_links}
        self.verified = {"u": chosen.verified_names, "m": chosen.verified_names, "v": chosen.verified_links}
        self.browsers_per_week = chosen.verified_links_per_week
        self.largest_group = chosen.largest_group

    def crowded_by(self, unverified: Mapping[str, int], verified: Mapping[str, Sequence[int]]) -> set[str]:
        """The kinds of which there is too much: in small letters of unverified pairs, in large ones of verified pairs.

        :param unverified: by kind, the number of pairs.
        :param verified: by kind, when each pair was seen first.
        """
        found = {kind for kind, most in self.unverified.items() if unverified.get(kind, 0) > most}
        found |= {kind.upper() for kind, most in self.verified.items() if len(verified.get(kind, ())) > most}
        times, most = sorted(verified.get("v", ())), self.browsers_per_week
        if any(last - first < WEEK_MICROS for first, last in zip(times, times[most:], strict=False)):
            found.add("V")
        return found


class _Evidence:
    """The pairs of identifiers that the last run knew and those of the ledger since then, by each of their ends."""

    def __init__(self, engine: Engine | None, organization_id: str) -> None:
        self._engine = engine
        self._organization_id = organization_id
        self._pairs: defaultdict[str, Pairs] = defaultdict(dict)
        self._looked_up: set[str] = set()
        self._showing_more: set[str] = set()
        """The identifiers that showed something since the last run."""

    def add_new(self, pairs: Pairs) -> None:
        """Take over what was shown since then."""
        self._showing_more.update(one for one, _ in pairs)
        self._add(pairs)

    def _add(self, pairs: Pairs) -> None:
        for pair, seen in pairs.items():
            for name in pair:
                self._pairs[name][pair] = self._pairs[name].get(pair, frozenset()) | seen

    def of(self, identifiers: Iterable[str]) -> Pairs:
        """All pairs of which one is among ``identifiers``."""
        wanted = sorted(identifiers)
        unknown = [name for name in wanted if name not in self._looked_up]
        for start in range(0, len(unknown), _AT_ONCE):
            self._add(_together(self._stored("pairs_beside", unknown[start : start + _AT_ONCE])))
        self._looked_up.update(unknown)
        pairs: Pairs = {}
        for name in wanted:
            pairs |= {pair: seen for pair, seen in self._pairs[name].items() if not _is_separated(seen)}
        return pairs

    def vague(self, disputed: Iterable[str]) -> list[str]:
        """Those of the identifiers in dispute that show several others, and something since the last run.

        What repeats the sighting before it is not kept, by a run as by a part of the ledger that is read; where
        something comes late, it may lie between two that were alike, and the second of them counts then.
        """
        return sorted(
            name
            for name in self._showing_more.intersection(disputed)
            if sum(one == name for one, _ in self._pairs[name]) > 1
        )

    def refine(self, names: Sequence[str], new: Iterable[tuple[Pair, Sighting]]) -> None:
        """Take over every sighting of these identifiers: those of the last run, and the ``new`` ones."""
        for start in range(0, len(names), _AT_ONCE):
            new = chain(new, self._stored("sightings_of_names", names[start : start + _AT_ONCE]))
        shown = _together(new)
        self._add({pair: seen for pair, seen in shown.items() if pair in self._pairs[pair[0]]})
        self._showing_more.difference_update(names)

    def is_news(self, pair: Pair, seen: frozenset[Sighting]) -> bool:
        """Whether it is not known of this pair yet, or not on so good an authority."""
        known = self._pairs[pair[0]].get(pair)
        if known is None or _is_separated(seen) > _is_separated(known):
            return True
        return bool(_verified(seen) and not _verified(known))

    def _stored(self, asked: str, names: Sequence[str]) -> Iterator[tuple[Pair, Sighting]]:
        if self._engine is None:
            return
        parameters = {f"name_{number:03}": name for number, name in enumerate(names)}
        text = query(__package__, asked).text.replace("$names", ", ".join(f"${name}" for name in parameters))
        found = self._engine.select(text, parameters={**parameters, "organization_id": self._organization_id})
        for row in found.to_pylist():
            observed_at = (row["observed_at"] - _EPOCH) // timedelta(microseconds=1)
            yield (row["identifier"], row["linked_identifier"]), (observed_at, row["tier"])


def _together(shown: Iterable[tuple[Pair, Sighting]]) -> Pairs:
    pairs: defaultdict[Pair, set[Sighting]] = defaultdict(set)
    for pair, sighting in shown:
        pairs[pair].add(sighting)
    return {pair: frozenset(seen) for pair, seen in pairs.items()}


def _is_separated(seen: frozenset[Sighting]) -> bool:
    return any(tier == SEPARATED for _, tier in seen)


def _verified(seen: frozenset[Sighting]) -> frozenset[Sighting]:
    """What anybody can be held to."""
    return frozenset(sighting for sighting in seen if sighting[1] != CLAIMED_BY_BROWSER)


def _joining(evidence: _Evidence, named: Iterable[str], limits: _Limits) -> Pairs:
    """The pairs that may join, of everything that may hang together with ``named``."""
    found: Pairs = {}
    crowded: dict[str, set[str]] = {}
    waiting = set(named)
    while waiting:
        beside = evidence.of(waiting)
        crowded |= _crowded(waiting, beside, limits)
        found |= beside
        ends = (
            end for pair, seen in beside.items() for end in _reached(pair, crowded, is_verified=bool(_verified(seen)))
        )
        waiting = set(ends) - crowded.keys()
    joining: Pairs = {}
    for (one, other), seen in found.items():
        if one in crowded and other in crowded:
            kinds = {*crowded[one] & {other[0], other[0].upper()}, *crowded[other] & {one[0], one[0].upper()}}
            joining[one, other] = frozenset() if any(map(str.isupper, kinds)) else _verified(seen) if kinds else seen
    return {pair: seen for pair, seen in joining.items() if seen}


def _in_dispute(joining: Pairs) -> set[str]:
    """All identifiers of the pairs, where there are two user ids or e-mail hashes; nothing is cut elsewhere."""
    ends = {end for pair in joining for end in pair}
    kinds = Counter(end[0] for end in ends)
    return ends if kinds["u"] > 1 or kinds["m"] > 1 else set()


def _crowded(names: set[str], pairs: Pairs, limits: _Limits) -> dict[str, set[str]]:
    """Of each name the kinds of which more is tied to it than may join, as :meth:`_Limits.crowded_by` has them."""
    unverified: dict[str, Counter[str]] = {name: Counter() for name in names}
    verified: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in names}
    for pair, seen in pairs.items():
        for name, other in (pair, pair[::-1]):
            if name in names and _verified(seen):
                verified[name][other[0]].append(min(time for time, _ in seen))
            elif name in names:
                unverified[name][other[0]] += 1
    return {name: limits.crowded_by(unverified[name], verified[name]) for name in names}


def _reached(pair: Pair, crowded: Mapping[str, set[str]], *, is_verified: bool) -> Iterator[str]:
    """The ends of a pair that are reached from the other one."""
    for name, other in (pair, pair[::-1]):
        is_within = name in crowded and other[0].upper() not in crowded[name]
        if is_within and (is_verified or other[0] not in crowded[name]):
            yield other


def _members(joining: Pairs, named: Iterable[str], largest_group: int) -> dict[str, tuple[Period, ...]]:
    """The identifiers in one part with one of ``named``, at any time, and when they are.

    A named browser that several people use stands for itself, and is nobody's at any time: nothing says for which of
    them it is named.
    """
    rows = [(*pair, *sighting) for pair, seen in sorted(joining.items()) for sighting in sorted(seen)]
    columns = {
        "identifier": pa.string(),
        "linked_identifier": pa.string(),
        "observed_at": pa.timestamp("us"),
        "tier": pa.string(),
    }
    edges = {
        name: pa.chunked_array([pa.array([row[n] for row in rows], kind)])
        for n, (name, kind) in enumerate(columns.items())
    }
    edges["organization_id"] = pa.chunked_array([pa.array(["" for _ in rows], pa.string())])
    edges["largest_group"] = pa.chunked_array([pa.array([largest_group] * len(rows), pa.int64())])
    periods_of: defaultdict[str, dict[Period, str]] = defaultdict(dict)
    for row in parts(pa.table(edges))[0].to_pylist():
        periods_of[row["identifier"]][_micros(row["valid_from"]), _micros(row["valid_until"])] = row["part"]
    wanted = {part for name in named for part in periods_of[name].values() if len(periods_of[name]) == 1}
    found = {
        name: tuple(period for period, part in periods.items() if part in wanted)
        for name, periods in periods_of.items()
    }
    alone = {name: () if periods_of[name] else _ALWAYS for name in named}
    return {**alone, **{name: periods for name, periods in found.items() if periods}}


def _micros(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // timedelta(microseconds=1)


def _standing_engine(workspace: Workspace, reading: Reading) -> Engine | None:
    """The engine, where it can be read, its last run ended well, and nothing that it knows has gone since."""
    if not workspace.home.has_engine:
        return None
    try:
        engine = workspace.engine
        if not is_whole(engine):
            return None
        events, claims = (newest_number(engine, table, "tombstone") for table in ("erased_events", "withdrawn_claims"))
    except TouchlineError:
        return None
    return None if reading.has_tombstones_after(events, claims) else engine


def _newest(engine: Engine) -> dict[str, int]:
    return {
        "event": newest_number(engine, "tracking_events", "sequence"),
        "claim": newest_number(engine, "identity_claims", "claim"),
    }


def _shown_after(reading: Reading, event: int, claim: int, happened_by: int | None) -> Pairs:
    """The pairs that events after ``event`` and claims after ``claim`` show."""
    return _together(
        (pair, sighting)
        for pair, sighting in chain(
            _claimed(reading, claim), _sighted(reading.names_after(event, happened_by=happened_by))
        )
        if pair[0] != pair[1] and all(names_somebody(value_of(name)) for name in pair)
    )


def _claimed(reading: Reading, claim: int) -> Iterator[tuple[Pair, Sighting]]:
    for one, other, source, claimed_at in reading.claimed_after(claim):
        yield (one, other), (claimed_at, SEPARATED if source == SEPARATED else "claimed")


def _sighted(found: Iterable[NamesTogether]) -> Iterator[tuple[Pair, Sighting]]:
    for shown in found:
        email_tier = "email_validated" if shown.is_email_verified else "email_unvalidated"
        for prefix, value, tier in (("u:", shown.user_id, "strong_id"), ("m:", shown.email_hash, email_tier)):
            for time in {shown.first_at, shown.last_at} if value is not None else ():
                yield (shown.identifier, f"{prefix}{value}"), (time, tier if shown.is_verified else CLAIMED_BY_BROWSER)
