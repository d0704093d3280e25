"""Clicks: which hits of a session show the same one, and which of them says the most."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.visits import has_marks, shown, tolerance, when
from tests.oracle.world import CLICK_KINDS, Row, World

Marks = tuple[str, str, str, str]
"""Source, medium, campaign and click ids."""
DETAILS = ("utm_term", "utm_content", "utm_id", "campaign_ref", "adset_ref", "ad_ref")
_NOTHING = ("", "", "", "")
_OF_MANY = {"gad", "gad_source", "gad_campaignid", "gclsrc", "hsa_cam"}
"""Parameters that many clicks have alike."""


@dataclass
class Hit:
    """An event that shows where its visitor came from, or the landing.

    ``marks`` are what it shows itself, ``click`` those of the click that it belongs to.
    """

    event: Row
    marks: Marks
    click: Marks
    referrer: str | None
    is_fullest: bool = True
    """Whether it shows itself all ids by which its click is known."""
    is_proved: bool = False
    """Whether the click has an id of a link that somebody paid for or sent."""

    @property
    def order(self) -> tuple[bool, tuple[datetime, str, str]]:
        """The landing is the first, whatever the clocks say."""
        return not self.event["is_landing"], when(self.event)

    @property
    def strength(self) -> int:
        """A click id is stronger than tags, these than a referrer; one of unpaid links, too, is as strong as tags."""
        return 3 if self.is_proved else 2 if any(self.click) else 1 if self.referrer else 0

    @property
    def details(self) -> int:
        """How many more parameters it shows."""
        return sum(self.event[name] is not None for name in DETAILS)


def hits_of(world: World, events: list[Row]) -> list[Hit]:
    """The hits of one session, in order, each with the click that it belongs to."""
    said = [(e, shown(e) if has_marks(e) else _NOTHING) for e in events if e["is_visit"]]
    hits = [
        Hit(e, marks, marks, e["referrer_host"])
        for e, marks in said
        if e["is_landing"] or any(marks) or e["referrer_host"]
    ]
    for hit in hits:
        hit.marks = hit.click = _of_outside(hit, hits)
    _join_sets(hits)
    for view in _views(world, hits):
        _join(view)
    _fill(hits)
    for hit in hits:
        hit.is_proved = bool(hit.click[3]) and any(_has_proof(one) for one in hits if one.click[3] == hit.click[3])
    return sorted(hits, key=lambda hit: hit.order)


def _join_sets(hits: list[Hit]) -> None:
    """Hits with the same value of a click id are of one click, if no other id of theirs differs.

    It is known by the fullest set of ids. That may itself belong to a fuller one, by another id.
    """
    first: dict[str, datetime] = {}
    for hit in hits:
        first[hit.marks[3]] = min(hit.event["occurred_at"], first.get(hit.marks[3], hit.event["occurred_at"]))
    sets = sorted((one for one in first if _ids(one)), key=lambda one: (-len(_ids(one)), first[one], one))
    fuller = {one: _fuller(one, sets) for one in sets}
    for hit in hits:
        shown_ids = hit.marks[3]
        known = fuller.get(shown_ids, shown_ids)
        hit.is_fullest = fuller.get(known, known) == shown_ids
        hit.marks = hit.click = *hit.marks[:3], fuller.get(known, known)


def _fuller(one: str, sets: list[str]) -> str:
    """Of the fullest sets that have an id of this one, the fullest in which nothing differs."""
    ids = _ids(one)
    own = {name for name, value in ids.items() if name not in _OF_MANY and value != "redacted"}
    having = {next(other for other in sets if _ids(other).get(name) == ids[name]) for name in own or ids}
    return next(
        (
            other
            for other in sets
            if other in having and other != one and all(_ids(other).get(n, value) == value for n, value in ids.items())
        ),
        one,
    )


def _ids(clicks: str) -> dict[str, str]:
    """The values of known click ids; of names without values, none."""
    said: dict[str, str] = json.loads(clicks) if clicks.startswith("{") else {}
    return {name: value for name, value in said.items() if name in CLICK_KINDS}


def _has_proof(hit: Hit) -> bool:
    names = (hit.event["click_id_names"] or "").split(",")
    return any(CLICK_KINDS.get(name) in {"ad", "affiliate", "email"} for name in names)


def _of_outside(hit: Hit, hits: list[Hit]) -> Marks:
    """A click id on a link of the site's own is the one that the visitor came with, if that has the same name."""
    if not _is_inner(hit) or not hit.marks[3]:
        return hit.marks
    named = [one for one in hits if one.event["click_id_names"] == hit.event["click_id_names"]]
    came = [one for one in named if not _is_inner(one)]
    return *hit.marks[:3], min(shown(one.event)[3] for one in came or named)


def _is_inner(hit: Hit) -> bool:
    return hit.event["is_inner"] and not hit.event["tags_from"]


def _views(world: World, hits: list[Hit]) -> list[list[Hit]]:
    """Hits of one page that follow one another at once."""
    of_page: dict[str, list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: when(hit.event)):
        if hit.event["url"] is not None:
            of_page[hit.event["url"].partition("#")[0].partition("?")[0]].append(hit)
    views: list[list[Hit]] = []
    for same_page in of_page.values():
        for before, hit in zip([None, *same_page], same_page, strict=False):
            if before and hit.event["occurred_at"] - before.event["occurred_at"] <= tolerance(world):
                views[-1].append(hit)
            else:
                views.append([hit])
    return views


def _join(view: list[Hit]) -> None:
    """The hit with the most marks says what those show that show a part of them; without marks, the referrer does."""
    richest = min(view, key=lambda hit: (-sum(map(bool, hit.marks)), when(hit.event)))
    if not any(richest.marks):
        referrer = min((hit.referrer for hit in view if hit.referrer), default=None)
        for hit in view:
            hit.referrer = hit.referrer or referrer
        return
    for hit in view:
        if all(one in {"", other} for one, other in zip(hit.marks, richest.marks, strict=True)):  # a part of them
            hit.click = richest.marks


def _fill(hits: list[Hit]) -> None:
    """Tags that came with a click id, and the click id that came with tags, are of one click."""
    known = [hit.click for hit in hits]
    for hit in hits:
        tags, click_id = hit.click[:3], hit.click[3]
        if click_id and not any(tags):
            hit.click = min(
                (one for one in known if one[3] == click_id and any(one[:3])), key=_spelled, default=hit.click
            )
        elif any(tags) and not click_id:
            hit.click = min((one for one in known if one[:3] == tags and one[3]), default=hit.click)


def _spelled(marks: Marks) -> str:
    return "|".join(mark.replace("%", "%25").replace("|", "%7C") for mark in marks[:3])
