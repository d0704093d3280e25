"""Who the visitors are: their browsers, and what they tell the shop about themselves."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from touchline.demo.days import Flags, Ints
from touchline.demo.journeys import Visits
from touchline.demo.names import hex_names
from touchline.demo.outcomes import Outcomes
from touchline.demo.pages import BROWSERS

_LARGEST_ACCOUNT = 5


@dataclass(frozen=True)
class People:
    """The people, one entry each, and their browsers.

    Only people with a user id have more than one browser, and they log in on each of them, so that a person of the
    demo can be found again in its events.
    """

    user_ids: list[str | None]
    email_hashes: list[str | None]
    account_ids: list[str | None]
    browsers: Ints
    """How many browsers each person uses, 1–3."""
    visitor_of_visit: Ints
    """For each visit, the number of the browser in the two lists below."""
    visitor_ids: list[str]
    user_agents: list[str]
    identifies: Flags
    """For each visit, whether the person says there who they are."""


def draw_people(chance: np.random.Generator, visits: Visits, outcomes: Outcomes) -> People:
    """Draws who is known, by what, and on how many browsers."""
    buys, signs_up = _has(visits, outcomes.bought), _has(visits, outcomes.signed_up)
    is_known = buys | signs_up | (chance.random(visits.people) < 0.09)
    is_registered = signs_up | (is_known & (chance.random(visits.people) < 0.7))
    browsers = _browsers(chance, visits, is_registered)
    visitor_of_visit = (np.cumsum(browsers) - browsers)[visits.person] + visits.index % browsers[visits.person]
    # The last visits, as many as there are browsers, lie on different browsers.
    is_last = visits.index >= (visits.count - browsers)[visits.person]
    identifies = is_known[visits.person] & (is_last | outcomes.bought | outcomes.signed_up)
    return People(
        [f"c-{100_000 + number}" if is_one else None for number, is_one in enumerate(is_registered.tolist())],
        [_email_hash(number) if is_one else None for number, is_one in enumerate(is_known.tolist())],
        _accounts(chance, is_registered),
        browsers,
        visitor_of_visit,
        hex_names(chance, int(browsers.sum()), 20),
        [BROWSERS[number] for number in chance.integers(0, len(BROWSERS), int(browsers.sum()))],
        identifies,
    )


def _has(visits: Visits, flags: Flags) -> Flags:
    """For each person, whether any of their visits is flagged."""
    return np.bincount(visits.person[flags], minlength=visits.people) > 0


def _browsers(chance: np.random.Generator, visits: Visits, is_registered: Flags) -> Ints:
    """How many browsers each person uses; every one of them in at least one visit."""
    wanted = chance.choice(np.array([1, 2, 3]), visits.people, p=[0.6, 0.3, 0.1])
    return np.where(is_registered, np.minimum(wanted, visits.count), 1)


def _accounts(chance: np.random.Generator, is_registered: Flags) -> list[str | None]:
    """The business account of each person; one registered person in twenty shares one with others."""
    members = np.flatnonzero(is_registered & (chance.random(len(is_registered)) < 0.05))
    accounts: list[str | None] = [None] * len(is_registered)
    for place, person in enumerate(chance.permutation(members).tolist()):
        accounts[person] = f"firm-{1_000 + place // _LARGEST_ACCOUNT}"
    return accounts


def _email_hash(number: int) -> str:
    return sha256(f"customer-{number}@mail.example".encode()).hexdigest()
